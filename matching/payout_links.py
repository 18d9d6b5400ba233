"""Passes 3 to 6 on every transit account: legs out of tables, rows of `links` and `hints` back."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import duckdb

from beanclear.ledger.calendar import Calendar, Term
from beanclear.ledger.fees import PayoutFee, payout_fee
from beanclear.ledger.reconciliation import ClearingPolicy
from beanclear.ledger.vocabulary import ItemClass
from beanclear.matching import payouts

# How banks say that a line takes back an earlier one. Only a line that
# leaves the bank is read so: these words in the memo of a deposit say nothing of the kind.
_REVERSAL_WORDS: Final = ("冲正", "冲销", "冲账", "抹账", "反交易")


def payout_links(
    con: duckdb.DuckDBPyConnection,
    policies: Sequence[ClearingPolicy],
    decided: Mapping[tuple[str, str, str], str],
    calendar: Calendar,
    fees: Sequence[PayoutFee] = (),
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Passes 3 to 6 for every transit account and currency: rows of `links` and `hints`."""
    terms = {p.account: p.term for p in policies if p.clearing == "payout"}
    rows = con.execute(
        "SELECT l.account, l.currency, l.key, min(l.day), CAST(sum(l.amount_minor) AS BIGINT),"
        " max(l.payout_id), min(coalesce(l.memo, '') || ' ' || coalesce(l.bank_ref, '')),"
        " min(l.entry), bool_and(l.kind = 'payout_return'),"
        " bool_and(l.side = 'bank' AND l.amount_minor > 0), bool_and(l.kind = 'payout')"
        " FROM legs l JOIN policies p ON p.account = l.account AND p.clearing = 'payout'"
        " GROUP BY l.account, l.currency, l.key HAVING sum(l.amount_minor) <> 0 ORDER BY ALL"
    ).fetchall()
    settled = con.execute("SELECT DISTINCT account, currency, key FROM extra_legs").fetchall()
    busy = {*decided, *settled}
    by_account: dict[tuple[str, str], list[payouts.PayoutLeg]] = defaultdict(list)
    for account, currency, key, day, amount, payout_id, text, entry, back, left, paid in rows:
        if (account, currency, key) not in busy:
            fee = payout_fee(fees, account, currency, day) if paid else None
            reversed_ = left and any(word in text for word in _REVERSAL_WORDS)
            by_account[account, currency].append(
                payouts.PayoutLeg(
                    day=day,
                    key=key,
                    amount_minor=amount,
                    source=entry.partition("#")[0],
                    reference=payout_id,
                    text=text,
                    returned=back or reversed_,
                    collected=paid and amount < 0,
                    left_bank=left and not reversed_,
                    fee_minor=fee.terms.fee(amount) if fee else 0,
                )
            )
    links: list[tuple[str, ...]] = []
    hints: list[tuple[str, ...]] = []
    for (account, currency), legs in sorted(by_account.items()):
        term = terms[account]
        known: dict[datetime.date, datetime.date] = {}

        def last_day(
            day: datetime.date,
            term: Term = term,
            known: dict[datetime.date, datetime.date] = known,
        ) -> datetime.date:
            if day not in known:
                known[day] = term.due(day, calendar)
            return known[day]

        outcome = payouts.match(legs, last_day)
        for found in outcome.links:
            grp = found.keys[0]
            links += [
                (account, currency, key, grp, found.matched_by, found.evidence)
                for key in found.keys
            ]
        hints += [
            (account, currency, key, ItemClass.AMBIGUOUS.value, " ".join(candidates))
            for key, candidates in sorted(outcome.ambiguous.items())
        ]
    return links, hints
