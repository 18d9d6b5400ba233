"""Passes 3 to 7 on every transit account: legs out of tables, rows of `links` and `hints` back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from beanclear.ledger.fees import PayoutFee, payout_fee
from beanclear.ledger.matching_rules import Pair, Step
from beanclear.ledger.sql import Connection
from beanclear.ledger.vocabulary import ItemClass
from beanclear.matching.payout_legs import PayoutLeg
from beanclear.matching.payouts import match
from beanclear.matching.rules import Rulebook, Rulebooks

# How banks say that a line takes back an earlier one. Only a line that
# leaves the bank is read so: these words in the memo of a deposit say nothing of the kind.
_REVERSAL_WORDS: Final = ("冲正", "冲销", "冲账", "抹账", "反交易")
# The references of a wallet line that a rule may look for in texts of the bank.
_REFERENCES: Final = ("payout_id", "trade_id", "order_id", "record_id")


def payout_links(
    con: Connection,
    decided: Mapping[tuple[str, str, str], str],
    rulebooks: Rulebooks,
    fees: Sequence[PayoutFee] = (),
) -> tuple[list[tuple[str, ...]], list[tuple[str | None, ...]]]:
    """Passes 3 to 7 for every transit account and currency: rows of `links` and `hints`."""
    rows = con.execute(
        "SELECT l.account, l.currency, l.key, min(l.day), CAST(sum(l.amount_minor) AS BIGINT),"
        " coalesce(min(r.moment), ''), max(l.payout_id), max(l.trade_id), max(l.order_id),"
        " min(l.record_id),"
        " min(coalesce(l.memo, '') || ' ' || coalesce(l.bank_ref, '')),"
        " min(coalesce(l.counterparty, '')),"
        " min(l.entry), bool_and(l.kind = 'payout_return'),"
        " bool_and(l.side = 'bank' AND l.amount_minor > 0), bool_and(l.kind = 'payout')"
        " FROM legs l JOIN policies p ON p.account = l.account AND p.clearing = 'payout'"
        ' LEFT JOIN (SELECT document, "row", min(CAST(occurred_at AS VARCHAR)) AS moment'
        " FROM records WHERE stage = 'bank' OR kind IN ('payout', 'payout_return')"
        ' GROUP BY document, "row") r ON r.document = l.document AND r."row" = l."row"'
        " GROUP BY l.account, l.currency, l.key HAVING sum(l.amount_minor) <> 0 ORDER BY ALL"
    ).fetchall()
    settled = con.execute("SELECT DISTINCT account, currency, key FROM extra_legs").fetchall()
    busy = {*decided, *settled}
    by_account: dict[tuple[str, str], list[PayoutLeg]] = defaultdict(list)
    books: dict[tuple[str, str], Rulebook] = {}
    for (
        account,
        currency,
        key,
        day,
        amount,
        moment,
        *references,
        text,
        payer,
        entry,
        back,
        left,
        paid,
    ) in rows:
        if (account, currency, key) not in busy:
            book = books.setdefault((account, currency), rulebooks.of(account, currency))
            named = book.values(Pair.PAYOUT_DEPOSIT, Step.REFERENCE, day).key
            lost = paid and amount > 0  # on the way to the bank, not out of it
            fee = payout_fee(fees, account, currency, day) if lost else None
            reversed_ = left and any(word in text for word in _REVERSAL_WORDS)
            by_account[account, currency].append(
                PayoutLeg(
                    day=day,
                    moment=moment,
                    key=key,
                    amount_minor=amount,
                    source=entry.partition("#")[0],
                    reference=references[_REFERENCES.index(named)],
                    text=text,
                    payer=payer,
                    returned=back or reversed_,
                    collected=paid and amount < 0,
                    left_bank=left and not reversed_,
                    fee_minor=fee.terms.fee(amount) if fee else 0,
                )
            )
    links: list[tuple[str, ...]] = []
    hints: list[tuple[str | None, ...]] = []
    for (account, currency), legs in sorted(by_account.items()):
        outcome = match(legs, books[account, currency])
        for found in outcome.links:
            grp = found.keys[0]
            links += [
                (account, currency, key, grp, found.matched_by, found.evidence)
                for key in found.keys
            ]
        hints += [
            (
                account,
                currency,
                key,
                ItemClass.AMBIGUOUS.value if key in outcome.ambiguous else None,
                " ".join(outcome.ambiguous.get(key, ())),
                outcome.notes.get(key),
            )
            for key in sorted({*outcome.ambiguous, *outcome.notes})
        ]
    return links, hints
