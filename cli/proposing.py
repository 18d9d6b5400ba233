"""What accountants decided, gathered for `beanclear.matching.learning`. Nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from beancount.core.data import Transaction

from beanclear.cli.workspace import LOCK_SECONDS, keeper
from beanclear.ledger import chart
from beanclear.ledger.posting.words import SUSPENSE, parse
from beanclear.ledger.vocabulary import Classify, Match, WriteOff
from beanclear.matching.learning import Line, Proposal, propose

if TYPE_CHECKING:
    from beanclear.cli.bookkeeping import Bookkeeper
    from beanclear.ledger.books import Books
    from beanclear.ledger.config import Config

# Every line that a rule of the books may book: key, suspense account, texts, amount, and where
# it is booked as long as no person says otherwise.
_LINES: Final = """
SELECT b.record_id, k.suspense, coalesce(b.counterparty, ''), coalesce(b.memo, ''), b.amount_minor,
       b.counter
FROM bank_lines b
JOIN banks k ON k.source = b.source AND k.account = b.account AND k.shop = b.shop
UNION ALL
SELECT w.record_id, t.suspense, coalesce(w.counterparty, ''), coalesce(w.memo, ''), w.amount_minor,
       coalesce(u.target, t.suspense)
FROM wallet_lines w
JOIN wallets t ON t.source = w.source AND t.account = w.account AND t.shop = w.shop
LEFT JOIN ruled_lines u ON u.stage = 'wallet' AND u.source = w.source AND u.account = w.account
 AND u.shop = w.shop AND u.record_id = w.record_id
WHERE NOT w.settles AND w.kind = 'other'
ORDER BY ALL
"""


def proposals(books: Books, *, support: int) -> tuple[list[Proposal], dict[str, str]]:
    """Rules that the decisions speak for, and the payout family of each transit account."""
    with books.lock(LOCK_SECONDS), keeper(books) as kept:
        families = {chart.transit_account(family): family for family in kept.config.families}
        lines = list(_lines(kept))
        clearing = {policy.account for policy in kept.policies} - set(families)
    found = [
        one
        for one in propose(lines, support=support)
        # A clearing account is settled by keys, not by texts; a payer's name makes a payout.
        if one.account not in clearing
        and (one.account not in families or not one.memo)
        # All payouts of a platform bear its payer's name; alone it says nothing of a line.
        and (one.memo or one.account in families or not _is_payer(kept.config, one.counterparty))
    ]
    return found, families


def _is_payer(config: Config, counterparty: str | None) -> bool:
    return bool(config.rule_table.payer_families(counterparty))


def _lines(kept: Bookkeeper) -> Iterator[Line]:
    decided = dict(_decided(kept))
    for key, suspense, counterparty, memo, amount, counter in kept.con.execute(_LINES).fetchall():
        target = decided.get((suspense, key))
        # What the rules in force say of a decided line needs no proposal.
        said = target == _in_force(kept.config, counterparty, memo, amount)
        booked = counter if counter != suspense else None
        yield Line(
            key=key,
            counterparty=counterparty,
            memo=memo,
            direction="in" if amount >= 0 else "out",
            target=target or booked,
            decided=target is not None and not said,
        )


def _in_force(config: Config, counterparty: str, memo: str, amount: int) -> str | None:
    ruled = config.rule_account(counterparty, memo, amount)
    families = config.rule_table.payer_families(counterparty)
    return ruled or (chart.transit_account(families[-1][2]) if families else None)


def _decided(kept: Bookkeeper) -> Iterator[tuple[tuple[str, str], str]]:
    """(suspense account, key) of each line that a person moved on, and where to."""
    for path in sorted(kept.books.manual.glob("**/*.beancount")):
        for entry in parse(path, kept.books.root):
            if isinstance(entry, Transaction):
                yield from _moved(entry)
    for word in kept.words.entries:
        if not word.account.startswith(SUSPENSE):
            continue
        if isinstance(word, WriteOff | Classify):
            yield (word.account, word.key), word.to
        elif isinstance(word, Match) and word.to:
            for key in json.loads(word.items):
                yield (word.account, key), word.to


def _moved(entry: Transaction) -> Iterator[tuple[tuple[str, str], str]]:
    """What a manual entry says of suspense lines, where only one other account takes part."""
    others = {one.account for one in entry.postings if not one.account.startswith(SUSPENSE)}
    if len(others) != 1:
        return
    (target,) = others
    for posting in entry.postings:
        key = (posting.meta or {}).get("key", entry.meta.get("key"))
        if posting.account.startswith(SUSPENSE) and isinstance(key, str):
            yield (posting.account, key), target
