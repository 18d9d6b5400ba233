"""月结核对: what a month's books still lack.

Evidence that the books do not hold is said to be missing on the face of the table, never taken
for zero: an invoice is recorded by `invoice: "NUMBER"` on an entry or posting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import Period
from beanclear.ledger.reconciliation import ClearingState, Item, Reconciliation
from beanclear.ledger.statements.general_ledger import GeneralLedger
from beanclear.ledger.statements.table import Column, Kind, Row, Table

_STOCK: Final = ("1405", "1403")
# Question (msgid), level-1 codes of it in both standards, sign with which it reads positive.
_INVOICED: Final[tuple[tuple[str, tuple[str, ...], int], ...]] = (
    (N_("Fees against input invoices"), ("5601", "5603", "6601", "6603"), 1),
    (N_("Sales against invoices issued"), ("5001", "5051", "6001", "6051"), -1),
    (N_("Purchases against input invoices"), _STOCK, 1),
)
_COST: Final = ("5401", "6401")
_SALES: Final = ("5001", "6001")


def month_end(
    ledger: GeneralLedger, found: Reconciliation, period: Period, sold_minor: int
) -> list[Table]:
    """One table: the books' figure, the evidence for it, the difference, and what is missing.

    Args:
      ledger: the books.
      found: the clearing accounts at the period's end.
      period: the month, quarter or year.
      sold_minor: sales less refunds, without VAT, that the platforms' records give.
    """
    rows = [_invoiced(ledger, period, *row) for row in _INVOICED]
    revenue = -_moved(ledger, period, _SALES)
    rows.append(_row(_("Sales against the platforms' records"), revenue, sold_minor, ""))
    cost = _moved(ledger, period, _COST)
    missing = _("no cost of sales is booked") if revenue > 0 and not cost else ""
    rows.append(_row(_("Cost of sales"), cost, None, missing))
    rows.append(_open(found.items, ledger.currency))
    late = [state for state in found.states if state.as_of < period.last]
    rows.append(_reach(late, len(found.states)))
    return [
        Table(
            name="month-end",
            title=_("Month-end checks"),
            currency=ledger.currency,
            header=((_("Period"), period.name),),
            columns=(
                Column(name="question", heading=_("Question")),
                Column(name="books", heading=_("Books"), kind=Kind.MONEY),
                Column(name="evidence", heading=_("Evidence"), kind=Kind.MONEY),
                Column(name="difference", heading=_("Difference"), kind=Kind.MONEY),
                Column(name="note", heading=_("Note")),
            ),
            rows=tuple(rows),
        )
    ]


def _row(question: str, books: int, evidence: int | None, note: str) -> Row:
    difference = None if evidence is None else books - evidence
    return Row(cells=(question, books, evidence, difference, note))


def _moved(ledger: GeneralLedger, period: Period, codes: Sequence[str]) -> int:
    return sum(
        debit - credit
        for account, (debit, credit) in ledger.movements(period.first, period.last).items()
        if account in ledger.accounts and ledger.accounts[account].level1 in codes
    )


def _invoiced(
    ledger: GeneralLedger, period: Period, question: str, codes: tuple[str, ...], sign: int
) -> Row:
    recorded = [
        line.amount_minor
        for entry in ledger.between(period.first, period.last)
        for line in entry.lines
        if ("invoice" in entry.meta or "invoice" in line.meta)
        and line.currency == ledger.currency
        and ledger.accounts[line.account].level1 in codes
    ]
    books = sign * _moved(ledger, period, codes)
    if codes == _STOCK:
        books -= _issued(ledger, period)
    if not recorded:
        return _row(gettext(question), books, None, _("no invoice is recorded"))
    return _row(gettext(question), books, sign * sum(recorded), "")


def _issued(ledger: GeneralLedger, period: Period) -> int:
    """What entries that book a cost of sales put on stock (less than zero): no purchase."""
    found = 0
    for entry in ledger.between(period.first, period.last):
        lines = [
            (ledger.accounts[line.account].level1, line.amount_minor)
            for line in entry.lines
            if line.currency == ledger.currency
        ]
        if any(code in _COST for code, _amount in lines):
            found += sum(amount for code, amount in lines if code in _STOCK)
    return found


def _open(items: Sequence[Item], currency: str) -> Row:
    mine = [item for item in items if item.currency == currency]
    amount = sum(item.amount_minor for item in mine)
    return _row(_("Open items"), amount, None, _("%(count)d items") % {"count": len(mine)})


def _reach(late: Sequence[ClearingState], count: int) -> Row:
    behind = ", ".join(sorted({state.account for state in late}))
    note = (
        _("not judged to the period's end: %(accounts)s") % {"accounts": behind}
        if late
        else _("all %(count)d accounts are judged to the period's end") % {"count": count}
    )
    return Row(cells=(_("Clearing accounts"), None, None, None, note))
