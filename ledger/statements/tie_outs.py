"""The tie-outs of the statutory statements: differences that are zero in whole books.

1. Assets are liabilities and equity, at the end and at the beginning.
2. Net profit is what undistributed profit grew by, less what was distributed.
3. Cash at the end and at the beginning is that of the balance sheet.
4. The net increase in cash is the difference of the two.
5. Every account with a balance is in exactly one row (`forms.check_mapping` raises the error).
6. No row is less than its parts (其中).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.statements import cash_flow
from beanclear.ledger.statements.definition import Definition
from beanclear.ledger.statements.forms import Values
from beanclear.ledger.statements.positions import closes, code_of, positions

if TYPE_CHECKING:
    from beanclear.ledger.statements.request import Request


def of_sheet(definition: Definition, closing: Values, opening: Values) -> dict[str, int]:
    """Both columns balance, and no part is more than its row."""
    assets, funding = definition.place_of("assets"), definition.place_of("funding")
    return {
        _("assets less liabilities and equity, closing"): closing[assets] - closing[funding],
        _("assets less liabilities and equity, opening"): opening[assets] - opening[funding],
        **_mapped(),
        **_parts(definition, closing),
    }


def of_income(
    request: Request, definition: Definition, to_date: Values, retained: int
) -> dict[str, int]:
    """The year's profit is the growth `retained` of undistributed profit, but for distributions."""
    profit = to_date[definition.place_of("profit")]
    earned = retained - _not_of_profit(request)
    return {
        _("net profit less the change of undistributed profit"): profit - earned,
        **_mapped(),
        **_parts(definition, to_date),
    }


def of_cash(
    request: Request,
    definition: Definition,
    moved: Values,
    sheet: Definition,
    figures: tuple[Values, Values],
) -> dict[str, int]:
    """The cash flow statement against the balance sheet's cash, at the end and at the beginning.

    Transit that is overdue is no cash on the balance sheet, but it did not flow either.
    """
    before, last = request.days
    overdue = [
        sum(
            position.overdue
            for position in positions(request.ledger, day, request.basis)
            if cash_flow.is_cash(definition, position.code)
        )
        for day in (last, before)
    ]
    cash = sheet.place_of("cash")
    closing, opening = (found[cash] + late for found, late in zip(figures, overdue, strict=True))
    return {
        _("closing cash less cash and overdue transit on the balance sheet"): (
            moved[definition.place_of("closing")] - closing
        ),
        _("opening cash less cash and overdue transit on the balance sheet"): (
            moved[definition.place_of("opening")] - opening
        ),
        _("net increase less the change of cash"): (
            moved[definition.place_of("increase")] - (closing - opening)
        ),
    }


def _mapped() -> dict[str, int]:
    """What a form that could be made at all has proven: else its mapping raised an error."""
    return {_("accounts in no row, or in several"): 0}


def _parts(definition: Definition, found: Values) -> dict[str, int]:
    """By how much the parts (其中) of each row exceed it; one line when none does."""
    sums: dict[str, int] = {}
    for row in definition.rows:
        if row.part_of is not None:
            sums[row.part_of] = sums.get(row.part_of, 0) + max(found[row.id], 0)
    beyond = {
        _("parts of row %(row)s beyond it") % {"row": name}: total - max(found[name], 0)
        for name, total in sums.items()
        if total > max(found[name], 0)
    }
    return beyond or {_("parts (of which) beyond their rows"): 0}


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
