"""提现对账: how the money of a wallet becomes each payout, with nothing left unexplained.

    balance before + sales − refunds − fees − ads ± reserves ± other = payout + balance after

The balance after each day with a payout is not computed from the lines but read from the general
ledger's wallet account, so that the residual proves that lines and books agree: it is 0.00.
"""

from __future__ import annotations

import datetime
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import Period
from beanclear.ledger.statements.commerce import WalletMove
from beanclear.ledger.statements.general_ledger import GeneralLedger, label_of
from beanclear.ledger.statements.positions import opens
from beanclear.ledger.statements.table import Column, Kind, Row, Style, Table

# Column name, heading (msgid), kinds; what is in none stands in `other`.
STEPS: Final[tuple[tuple[str, str, frozenset[str]], ...]] = (
    ("sales", N_("Sales"), frozenset({"sale", "subsidy", "shipping", "tax"})),
    ("refunds", N_("Refunds"), frozenset({"refund", "chargeback"})),
    (
        "fees",
        N_("Fees"),
        frozenset(
            {"fee", "fee_refund", "payment_fee", "payment_fee_refund", "affiliate", "insurance",
             "logistics", "penalty", "compensation"}
        ),
    ),
    ("ads", N_("Ads"), frozenset({"advertising", "prepayment"})),
    ("reserve", N_("Reserves and deposits"), frozenset({"reserve", "release", "deposit"})),
)  # fmt: skip
_PAYOUT: Final = "payout"


def bridges(
    moves: Iterable[WalletMove], ledger: GeneralLedger, period: Period, language: str
) -> list[Table]:
    """One table for each wallet and currency with payouts in the period, a row a payout."""
    wallets: dict[tuple[str, str], list[WalletMove]] = defaultdict(list)
    for one in moves:
        wallets[one.wallet, one.currency].append(one)
    tables = []
    for (wallet, currency), moved in sorted(wallets.items()):
        rows = _rows(moved, ledger, (wallet, currency), period)
        if rows:
            called = label_of(ledger, wallet, language)
            tables.append(_table((wallet, currency), called, rows, period))
    return tables


def _rows(
    moved: Sequence[WalletMove], ledger: GeneralLedger, account: tuple[str, str], period: Period
) -> list[Row]:
    """From one payout to the next; what a day brings after its last payout belongs to that one.

    A day with one payout begins and ends with the balance of the books. Where a day has several,
    the books know the balance after the last of them only: those before it end with their sum.
    """
    booked = ledger.daily.get(account, ())
    payouts = sorted({(one.day, one.turn, one.reference) for one in moved if one.kind == _PAYOUT})
    rows: list[Row] = []
    before, closing = (datetime.date.min, 0), 0
    for place, (day, turn, reference) in enumerate(payouts):
        is_last = place + 1 == len(payouts) or payouts[place + 1][0] > day
        upto = (day, sys.maxsize if is_last else turn)
        if period.first <= day <= period.last:
            between = [one for one in moved if before < (one.day, one.turn) <= upto]
            opening = closing
            if before[0] < day:
                opening = sum(amount for when, amount in booked if when <= before[0])
                opening += _opened(ledger, account, before[0], day)
            closing = opening + sum(one.amount_minor for one in between)
            if is_last:
                closing = sum(amount for when, amount in booked if when <= day)
            rows.append(_row((day, reference), between, opening, closing, account[0]))
        before = upto
    return rows


def _opened(
    ledger: GeneralLedger, account: tuple[str, str], before: datetime.date, day: datetime.date
) -> int:
    """What opening entries between two payouts brought: it was there before the first line."""
    return sum(
        line.amount_minor
        for entry in ledger.entries
        if before < entry.day <= day and opens(entry)
        for line in entry.lines
        if (line.account, line.currency) == account
    )


def _row(
    payout_of: tuple[datetime.date, str],
    between: Sequence[WalletMove],
    opening: int,
    closing: int,
    wallet: str,
) -> Row:
    known = frozenset().union(*(kinds for _n, _h, kinds in STEPS), {_PAYOUT})
    steps = [
        sum(one.amount_minor for one in between if one.kind in kinds) for _n, _h, kinds in STEPS
    ]
    other = sum(one.amount_minor for one in between if one.kind not in known)
    payout = -sum(one.amount_minor for one in between if one.kind == _PAYOUT)
    residual = opening + sum(steps) + other - payout - closing
    return Row(
        cells=(*payout_of, opening, *steps, other, payout, closing, residual), accounts=(wallet,)
    )


def _table(account: tuple[str, str], called: str, rows: list[Row], period: Period) -> Table:
    wallet, currency = account
    names = ("opening", *(name for name, _h, _k in STEPS), "other", "payout", "closing", "residual")
    heads = (
        _("Balance before"), *(gettext(head) for _n, head, _k in STEPS), _("Other"), _("Payout"),
        _("Balance after"), _("Residual"),
    )  # fmt: skip
    moved = range(3, 3 + len(STEPS) + 2)  # the columns that add up over payouts
    sums = [
        sum(value for row in rows if isinstance(value := row.cells[place], int))
        if place in moved
        else None
        for place in range(2, len(names) + 2)
    ]
    residual = sum(abs(value) for row in rows if isinstance(value := row.cells[-1], int))
    return Table(
        name=f"payouts-{wallet}-{currency}",
        title=_("Payouts of %(wallet)s") % {"wallet": called},
        currency=currency,
        header=((_("Period"), period.name),),
        columns=(
            Column(name="date", heading=_("Payout on"), kind=Kind.DATE),
            Column(name="reference", heading=_("Payout number")),
            *(
                Column(name=name, heading=head, kind=Kind.MONEY)
                for name, head in zip(names, heads, strict=True)
            ),
        ),
        rows=(*rows, Row(cells=(None, None, *sums), style=Style.TOTAL)),
        checks={_("residuals of all payouts"): residual},
    )
