"""所有者权益变动表 of 企业会计准则: what each part of equity was, became, and why, entry by entry.

What an entry does to equity is either between parts of equity (提取盈余公积), then it is known by
the two columns, or against other accounts (a profit, a dividend), then by the equity account. Each
entry's figures add up to what its equity accounts moved, so the rows add up to the closing balance.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping

from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.statements.definition import Definition, FormColumn, FormRow
from beanclear.ledger.statements.general_ledger import Entry, GeneralLedger
from beanclear.ledger.statements.positions import code_of
from beanclear.ledger.statements.standards import Rules, result_of
from beanclear.ledger.statements.table import Cell, Column, Kind, Row, Style, Table

TOTAL = "total"
# Row id → column id → credit positive minor units; `total` is no column here.
Moved = dict[str, dict[str, int]]


def column_of(definition: Definition, code: str) -> FormColumn | None:
    """The column of an equity account; none for other accounts."""
    for column in definition.columns:
        if any(term.holds(code) for term in column.terms):
            return column
    return None


def of_entry(definition: Definition, ledger: GeneralLedger, entry: Entry, rules: Rules) -> Moved:
    """Row id → column id → by how much the entry made it larger.

    Profit and loss, and other comprehensive income, are earned whatever stands on the other side,
    as in the income statement; but for entries that carry them over to undistributed profit.

    Raises:
      BooksError: no row takes a movement; names the entry.
    """
    columns: dict[str, int] = defaultdict(int)
    codes: dict[tuple[str, str], int] = defaultdict(int)
    earned: dict[tuple[str, str], int] = defaultdict(int)
    of_result = result_of(ledger, entry, rules)
    for line in entry.lines:
        code = code_of(ledger, line.account)
        column = column_of(definition, code)
        if column is None:
            continue
        if line in of_result:
            earned[column.id, code] -= line.amount_minor
        else:
            # What is carried over to profit is a movement of profit, and not earned once more.
            carried = code[:4] == rules.comprehensive or (
                code.startswith(rules.result) and code[:4] != rules.prior
            )
            columns[column.id] -= line.amount_minor
            codes[column.id, rules.profit if carried else code] -= line.amount_minor
    found: Moved = defaultdict(lambda: defaultdict(int))
    if any(columns.values()) and sum(columns.values()) == 0:
        row = _within(definition, columns)
        if row is None:
            raise _untaken(definition, entry, sorted(code for _column, code in codes))
        found[row.id].update({name: amount for name, amount in columns.items() if amount})
        codes.clear()
    against = {**earned, **(codes if any(columns.values()) else {})}
    for (name, code), amount in against.items():
        if amount:
            row = _against(definition, code, amount)
            if row is None:
                raise _untaken(definition, entry, [code])
            found[row.id][name] += amount
    return found


def _untaken(definition: Definition, entry: Entry, codes: list[str]) -> BooksError:
    return BooksError(
        _("no row of %(form)s takes %(accounts)s")
        % {"form": definition.name, "accounts": ", ".join(codes)},
        _("add its code to a row of %(file)s") % {"file": f"reports/{definition.name}.toml"},
        where=entry.place,
    )


def _within(definition: Definition, columns: Mapping[str, int]) -> FormRow | None:
    """The row of a movement between columns; one between several is told by the largest two."""
    source = min(columns, key=lambda name: (columns[name], name))
    target = max(columns, key=lambda name: (columns[name], name))
    for wanted in (f"{source} > {target}", "*"):
        for row in definition.rows:
            if wanted in row.within:
                return row
    return None


def _against(definition: Definition, code: str, amount: int) -> FormRow | None:
    direction = "in" if amount > 0 else "out"
    fitting = [
        ((len(term.code.rstrip("*")), len(term.part)), row)
        for row in definition.rows
        for term in row.terms
        if term.part in {"", direction} and term.holds(code)
    ]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def values(
    definition: Definition,
    ledger: GeneralLedger,
    period: tuple[datetime.date, datetime.date],
    rules: Rules,
) -> dict[str, dict[str, int]]:
    """Row id → column id → figure as the form shows it, `total` with all columns.

    Raises:
      BooksError: as `of_entry`.
    """
    first, last = period
    moved: Moved = defaultdict(lambda: defaultdict(int))
    for entry in ledger.between(first, last):
        for name, columns in of_entry(definition, ledger, entry, rules).items():
            for column, amount in columns.items():
                moved[name][column] += amount
    before = balances(definition, ledger, first - datetime.timedelta(days=1))
    found: Moved = {}
    for row in definition.rows:
        if not row.heading:
            found[row.id] = {
                column.id: moved[row.id][column.id]
                + (before[column.id] if row.role == "before" else 0)
                + sum(factor * found[other][column.id] for factor, other in row.adds)
                for column in definition.columns
            }
    return {name: _shown(definition, columns) for name, columns in found.items()}


def balances(definition: Definition, ledger: GeneralLedger, day: datetime.date) -> dict[str, int]:
    """Column id → its balance at the end of a day, credit positive."""
    found = {column.id: 0 for column in definition.columns}
    for account, balance in ledger.balances(day).items():
        if balance:
            column = column_of(definition, code_of(ledger, account))
            if column is not None:
                found[column.id] -= balance
    return found


def _shown(definition: Definition, columns: Mapping[str, int]) -> dict[str, int]:
    return {
        TOTAL: sum(columns.values()),
        **{
            column.id: -columns[column.id] if column.less else columns[column.id]
            for column in definition.columns
        },
    }


def table(
    definition: Definition,
    figures: Mapping[str, Mapping[str, int]],
    accounts: Iterable[str],
    *,
    currency: str,
    language: str,
) -> Table:
    """The form as a table; `accounts` are those of equity, which all its figures come from."""
    chinese = language == "zh"
    names = [column.id for column in definition.columns] + [TOTAL]
    places = {row.id: place for place, row in enumerate(definition.rows) if row.id}
    behind = tuple(sorted(accounts))
    rows = []
    for row in definition.rows:
        cells: list[Cell] = [figures[row.id][name] if row.id else None for name in names]
        rows.append(
            Row(
                cells=(row.zh if chinese else row.en, row.number, *cells),
                style=Style.HEADING if row.heading else Style.TOTAL if row.adds else Style.LINE,
                accounts=behind if row.id else (),
                adds=tuple((factor, places[other]) for factor, other in row.adds),
            )
        )
    return Table(
        name=definition.name,
        title=definition.zh if chinese else definition.en,
        form=definition.form,
        currency=currency,
        columns=(
            Column(name="item", heading=_("Item")),
            Column(name="line", heading=_("Line"), kind=Kind.COUNT),
            *(
                Column(name=column.id, heading=column.zh if chinese else column.en, kind=Kind.MONEY)
                for column in definition.columns
            ),
            Column(name=TOTAL, heading=_("Total equity"), kind=Kind.MONEY),
        ),
        rows=tuple(rows),
    )
