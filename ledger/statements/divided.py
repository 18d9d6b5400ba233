"""Reports divided by a dimension: a form with a column, or another report with a part, a value.

A part has only the postings that say its value, so its debits need not be its credits; what must
hold is that the parts make up the whole, and that is what these reports check.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.statements import cash_flow, forms, statutory
from beanclear.ledger.statements.definition import Definition, load
from beanclear.ledger.statements.dimensions import heading, value_of
from beanclear.ledger.statements.forms import Values
from beanclear.ledger.statements.general_ledger import Entry, GeneralLedger, Line
from beanclear.ledger.statements.names import Names
from beanclear.ledger.statements.positions import Basis, movements, positions
from beanclear.ledger.statements.request import Request, prepared, titled
from beanclear.ledger.statements.standards import check_chart
from beanclear.ledger.statements.table import Style, Table

_OF_CASH: Final = ("opening", "closing")  # roles of rows that no value has a part in
Build = Callable[[GeneralLedger], Iterable[Table]]


def slices(ledger: GeneralLedger, dimension: str) -> dict[str, GeneralLedger]:
    """Value → the books with only the postings that say it; the empty one says none."""
    entries: dict[str, list[Entry]] = defaultdict(list)
    for entry in ledger.entries:
        lines: dict[str, list[Line]] = defaultdict(list)
        for line in entry.lines:
            lines[value_of(ledger, entry, line, dimension)].append(line)
        for value, some in lines.items():
            entries[value].append(replace(entry, lines=tuple(some)))
    return {
        value: replace(ledger, entries=tuple(entries[value]))
        for value in sorted(entries, key=_last_if_empty)
    }


def _last_if_empty(value: str) -> tuple[bool, str]:
    return (not value, value)


def parts(
    ledger: GeneralLedger, dimension: str, names: Names, build: Build, *, sums: Sequence[str]
) -> list[Table]:
    """A report on each part of the books that has figures.

    `sums` are the columns whose totals must add up to those of the whole.
    """
    head = heading(dimension)
    whole = _totals(build(ledger), sums)
    found: list[Table] = []
    for value, part in slices(ledger, dimension).items():
        called = names.value(dimension, value)
        found += [
            replace(
                table,
                name=f"{table.name}-{value or 'none'}",
                title=f"{table.title} {called}",
                header=(*table.header, (head, called)),
                checks={},
            )
            for table in build(part)
            if any(isinstance(cell, int) and cell for row in table.rows for cell in row.cells)
        ]
    if found:
        rest = {name: _totals(found, sums)[name] - whole[name] for name in sums}
        checks = {_("parts less the whole report"): sum(abs(value) for value in rest.values())}
        found[-1] = replace(found[-1], checks=checks)
    return found


def _totals(tables: Iterable[Table], names: Sequence[str]) -> dict[str, int]:
    found = dict.fromkeys(names, 0)
    for table in tables:
        places = {column.name: place for place, column in enumerate(table.columns)}
        for row in table.rows:
            for name in names if row.style == Style.TOTAL else ():
                value = row.cells[places[name]]
                found[name] += value if isinstance(value, int) else 0
    return found


def income_statement(request: Request, dimension: str, names: Names) -> Table:
    """The income statement of the period with a column for each value."""
    check_chart(request.ledger, request.standard)
    request = prepared(request)
    definition = load(request.standard, "income-statement", request.books)
    days = (request.period.first, request.period.last)
    whole = statutory.of_result(request.ledger, days, request.rules)
    forms.check_mapping(definition, whole, f"reports/{definition.name}.toml")
    # Entries that close the year are known by all their lines: they go before the books are cut.
    lines = statutory.result_ledger(request.ledger, days, request.rules)
    found = {
        value: forms.values(definition, movements(part, *days))
        for value, part in slices(lines, dimension).items()
    }
    total = forms.values(definition, whole)
    made = _form(request, definition, (dimension, names), found, total)
    return replace(
        titled(request, made, request.period.name),
        checks={_("values less the whole form"): _rest(definition, found, total)},
    )


def cash_flow_statement(request: Request, dimension: str, names: Names) -> Table:
    """The cash flow of the period with a column for each value, by the other side of cash.

    Cash itself belongs to no value: what there was at the beginning and the end stands in the
    last column alone.
    """
    check_chart(request.ledger, request.standard)
    request = prepared(request)
    ledger = request.ledger
    definition = load(request.standard, "cash-flow", request.books)
    days = (request.period.first, request.period.last)
    received: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entry in ledger.between(*days):
        for row, line, amount in cash_flow.parts_of(definition, ledger, entry):
            received[value_of(ledger, entry, line, dimension)][row.id] += amount
    found = {
        value: cash_flow.as_shown(definition, received[value], 0)
        for value in sorted(received, key=_last_if_empty)
    }
    total = cash_flow.values(definition, ledger, days, request.basis)[0]
    made = _form(request, definition, (dimension, names), found, total, without=_OF_CASH)
    rest = _rest(definition, found, total, without=_OF_CASH)
    return replace(
        titled(request, made, request.period.name),
        checks={_("values less the whole form"): rest},
    )


def balance_sheet(request: Request, dimension: str, names: Names) -> Table:
    """The balance sheet at the period's end with a column for each value.

    What is due to a value and what it owes is told by the sign of each account's balance within
    it, so rows of receivables and payables may be larger than on the form of the whole.
    """
    check_chart(request.ledger, request.standard)
    request = prepared(request)
    definition = load(request.standard, "balance-sheet", request.books)
    plain = Basis(translate=request.basis.translate)
    last = request.period.last
    forms.check_mapping(
        definition, positions(request.ledger, last, plain), f"reports/{definition.name}.toml"
    )
    found = {
        value: forms.values(definition, positions(part, last, plain))
        for value, part in slices(request.ledger, dimension).items()
    }
    total = {
        row.id: sum(values[row.id] for values in found.values())
        for row in definition.rows
        if not row.heading
    }
    assets, funding = (definition.place_of(role) for role in ("assets", "funding"))
    made = _form(request, definition, (dimension, names), found, total)
    return replace(
        titled(request, made, last),
        notes=(
            _("Receivables and payables are set off within each value, transit counts as cash."),
        ),
        checks={
            _("assets less liabilities and equity, all values"): total[assets] - total[funding]
        },
    )


def _form(
    request: Request,
    definition: Definition,
    by: tuple[str, Names],
    found: Mapping[str, Values],
    total: Values,
    *,
    without: Sequence[str] = (),
) -> Table:
    """The form with a column for each value; rows with a role of `without` only have a total."""
    dimension, names = by
    columns: list[tuple[str, str, Values | None]] = [
        (value or "none", names.value(dimension, value), values) for value, values in found.items()
    ]
    made = forms.table(
        definition,
        [*columns, ("total", _("Total"), total)],
        {},
        currency=request.ledger.currency,
        language=request.language,
    )
    whole_only = {row.id for row in definition.rows if row.role in without}
    rows = [
        replace(one, cells=(*one.cells[:2], *(None for _column in columns), one.cells[-1]), adds=())
        if row.id in whole_only
        else one
        for row, one in zip(definition.rows, made.rows, strict=True)
    ]
    return replace(
        made,
        rows=tuple(rows),
        title=_("%(title)s by %(dimension)s")
        % {"title": made.title, "dimension": heading(dimension)},
    )


def _rest(
    definition: Definition, found: Mapping[str, Values], total: Values, without: Sequence[str] = ()
) -> int:
    return sum(
        abs(sum(values[row.id] for values in found.values()) - total[row.id])
        for row in definition.rows
        if not row.heading and row.role not in without
    )
