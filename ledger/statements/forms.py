"""Balance sheet and income statement: a definition and positions in, a table out.

Every account with a balance must be in exactly one row of the form; one that is in none, or in
two, is an error and never "other". The figures of a row are exact: sums of minor units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.statements.definition import Definition, FormRow
from beanclear.ledger.statements.positions import Position
from beanclear.ledger.statements.table import Cell, Column, Kind, Row, Style, Table

Values = dict[str, int]

_PARTS: Mapping[str, Callable[[Position], int]] = {
    "": lambda position: position.balance,
    "D": lambda position: position.debit,
    "C": lambda position: position.credit,
    "overdue": lambda position: position.overdue,
    "net": lambda position: position.credit - position.vat,
    "vat": lambda position: position.vat,
}


def values(definition: Definition, positions: Iterable[Position]) -> Values:
    """Row id → its figure in minor units, as the form shows it."""
    held = list(positions)
    found: Values = {}
    for row in definition.rows:
        if row.heading:
            continue
        found[row.id] = sum(
            term.factor * _PARTS[term.part](position)
            for term in row.terms
            for position in held
            if term.holds(position.code)
        ) + sum(factor * found[other] for factor, other in row.adds)
    return found


def check_mapping(definition: Definition, positions: Iterable[Position], file: str) -> None:
    """See that every position is in exactly one row of `definition`.

    Raises:
      BooksError: names the accounts and what to do.
    """
    missing, twice = [], []
    for account, code in dict.fromkeys((one.account, one.code) for one in positions):
        parts = [part for row in definition.made for part in _parts_of(row, code)]
        if not parts:
            missing.append(f"{account} ({code})")
        elif sorted(parts) not in ([""], ["C", "D"], ["D", "net", "vat"]):
            twice.append(f"{account} ({code})")
    if missing:
        raise BooksError(
            _("no row of %(form)s takes %(accounts)s")
            % {"form": definition.name, "accounts": ", ".join(missing)},
            _("correct the code in accounts.beancount, or add it to a row of %(file)s")
            % {"file": file},
        )
    if twice:
        raise BooksError(
            _("several rows of %(form)s take %(accounts)s")
            % {"form": definition.name, "accounts": ", ".join(twice)},
            _("take the code out of all rows but one in %(file)s") % {"file": file},
        )


def _parts_of(row: FormRow, code: str) -> list[str]:
    """What a row takes of an account; what it adds and subtracts again (`-2221 + 2221.06`) not."""
    factors: dict[str, int] = {}
    for term in row.terms:
        if term.holds(code) and term.part != "overdue":
            factors[term.part] = factors.get(term.part, 0) + term.factor
    return [part for part, factor in factors.items() for _time in range(abs(factor))]


def table(
    definition: Definition,
    columns: Sequence[tuple[str, str, Values | None]],
    accounts: Mapping[str, tuple[str, ...]],
    *,
    currency: str,
    language: str,
) -> Table:
    """The form as a table.

    Args:
      definition: what rows there are.
      columns: of each figure column its name, its heading and the values of its rows; none for
        a column that stays empty.
      accounts: row id → the accounts its figures come from.
      currency: of all figures.
      language: `zh` or `en`.
    """
    places = {row.id: place for place, row in enumerate(definition.rows) if row.id}
    rows = []
    for row in definition.rows:
        figures: list[Cell] = [
            found[row.id] if row.id and found is not None else None for _n, _h, found in columns
        ]
        rows.append(
            Row(
                cells=(row.zh if language == "zh" else row.en, row.number, *figures),
                style=_style(row),
                accounts=accounts.get(row.id, ()),
                adds=tuple((factor, places[other]) for factor, other in row.adds),
            )
        )
    return Table(
        name=definition.name,
        title=definition.zh if language == "zh" else definition.en,
        form=definition.form,
        currency=currency,
        columns=(
            Column(name="item", heading=_("Item")),
            Column(name="line", heading=_("Line"), kind=Kind.COUNT),
            *(Column(name=name, heading=head, kind=Kind.MONEY) for name, head, _v in columns),
        ),
        rows=tuple(rows),
        split=next((place for place, row in enumerate(definition.rows) if row.right), 0),
    )


def _style(row: FormRow) -> Style:
    if row.heading:
        return Style.HEADING
    if row.part_of is not None:
        return Style.PART
    return Style.TOTAL if row.adds else Style.LINE


def accounts_of(
    definition: Definition, positions: Iterable[Position]
) -> dict[str, tuple[str, ...]]:
    """Row id → the accounts it is made of, sorted."""
    held = list(positions)
    return {
        row.id: tuple(
            sorted({one.account for one in held for term in row.terms if term.holds(one.code)})
        )
        for row in definition.rows
        if row.terms
    }
