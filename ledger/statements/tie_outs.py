"""The tie-outs of the statutory statements: differences that are zero in whole books.

1. Assets are liabilities and equity, at the end and at the beginning.
2. Net profit is what undistributed profit grew by, less what was distributed.
3. Cash at the end and at the beginning is that of the balance sheet.
4. The net increase in cash is the difference of the two.
5. Every account with a balance is in exactly one row (`forms.check_mapping` raises the error).
6. The parts (其中) of a row are made of what the row is made of, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.statements.definition import Definition
from beanclear.ledger.statements.forms import Values
from beanclear.ledger.statements.positions import Position, closes, code_of
from beanclear.ledger.statements.table import Table

if TYPE_CHECKING:
    from beanclear.ledger.statements.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A form that was made.

    Attributes:
      values: its figures at the period's end, or of the year to it.
      before: of a balance sheet, those at the year's beginning.
      held: the positions that made `values`; empty for a cash flow statement.
    """

    table: Table
    definition: Definition
    values: Values
    before: Values = field(default_factory=dict)
    held: Sequence[Position] = ()


def of_sheet(sheet: Made) -> dict[str, int]:
    """Both columns balance, and parts are of their rows."""
    assets, funding = (sheet.definition.place_of(role) for role in ("assets", "funding"))
    return {
        _("assets less liabilities and equity, closing"): (
            sheet.values[assets] - sheet.values[funding]
        ),
        _("assets less liabilities and equity, opening"): (
            sheet.before[assets] - sheet.before[funding]
        ),
        **_mapped(),
        **_parts(sheet),
    }


def of_income(request: Request, income: Made, grown: int) -> dict[str, int]:
    """The year's profit is what undistributed profit has `grown` by, but for distributions."""
    profit = income.values[income.definition.place_of("profit")]
    return {
        _("net profit less the change of undistributed profit"): (
            profit - (grown - _not_of_profit(request))
        ),
        **_mapped(),
        **_parts(income),
    }


def of_cash(flow: Made, sheet: Made) -> dict[str, int]:
    """The cash flow statement against the balance sheet's cash, at the end and at the beginning."""
    cash = sheet.definition.place_of("cash")
    closing, opening = sheet.values[cash], sheet.before[cash]

    def moved(role: str) -> int:
        return flow.values[flow.definition.place_of(role)]

    return {
        _("closing cash less cash on the balance sheet"): moved("closing") - closing,
        _("opening cash less cash on the balance sheet"): moved("opening") - opening,
        _("net increase less the change of cash"): moved("increase") - (closing - opening),
    }


def _mapped() -> dict[str, int]:
    """What a form that could be made at all has proven: else its mapping raised an error."""
    return {_("accounts in no row, or in several"): 0}


def _parts(made: Made) -> dict[str, int]:
    """What the parts (其中) of each row hold that is not in it, or twice; one line when none does.

    A part may be more than its row where another part is negative, such as a cost that came back.
    """
    found: dict[str, int] = {}
    rows = {row.id: row for row in made.definition.rows}
    for name in dict.fromkeys(row.part_of for row in rows.values() if row.part_of is not None):
        whole, parts = rows[name], [row for row in rows.values() if row.part_of == name]
        beyond = 0
        for position in made.held:
            times = sum(term.holds(position.code) for row in parts for term in row.terms)
            within = not whole.terms or any(term.holds(position.code) for term in whole.terms)
            beyond += abs(position.balance) * (times - min(times, int(within)))
        if beyond:
            found[_("parts of row %(row)s beyond it") % {"row": name}] = beyond
    return found or {_("parts (of which) beyond their rows"): 0}


def _not_of_profit(request: Request) -> int:
    """By how much undistributed profit grew in the year without being profit of it.

    That is what 利润分配 and corrections of earlier years moved against other accounts, and what
    an entry that closes the year moved against others than profit and loss.
    """
    rules, ledger = request.rules, request.ledger
    found = 0
    for entry in ledger.between(*request.year):
        whole = closes(ledger, entry, rules.profit)
        for line in entry.lines:
            level1 = code_of(ledger, line.account)[:4]
            kept = level1 in rules.retained or level1 == rules.prior
            if kept or (whole and level1.startswith(rules.result)):
                found -= line.amount_minor
    return found
