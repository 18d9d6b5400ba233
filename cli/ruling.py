"""What a rule for bank and wallet lines would move, before it is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from beanclear.cli.workspace import LOCK_SECONDS, keeper
from beanclear.ledger.beancount_text import minor
from beanclear.ledger.config import AccountRule
from beanclear.ledger.decisions import rule_text

if TYPE_CHECKING:
    from beanclear.cli.bookkeeping import Bookkeeper
    from beanclear.ledger.books import Books
    from beanclear.ledger.vocabulary import OpenItem

# Every line that a rule may book: its key, where its other side is booked now, its texts and
# amount, and whether somebody decided on it, for then no rule moves it.
_LINES: Final = """
SELECT b.record_id, b.counter AS account, coalesce(b.counterparty, '') AS counterparty,
       coalesce(b.memo, '') AS memo, b.amount_minor, b.currency, s.key IS NOT NULL AS decided
FROM bank_lines b
LEFT JOIN settled_lines s ON s.account = b.counter AND s.key = b.record_id
UNION ALL
SELECT w.record_id, coalesce(u.target, t.suspense) AS account,
       coalesce(w.counterparty, '') AS counterparty, coalesce(w.memo, '') AS memo,
       w.amount_minor, w.currency, s.key IS NOT NULL AS decided
FROM wallet_lines w
JOIN wallets t ON t.source = w.source AND t.account = w.account AND t.shop = w.shop
LEFT JOIN ruled_lines u ON u.stage = 'wallet' AND u.source = w.source AND u.account = w.account
 AND u.shop = w.shop AND u.record_id = w.record_id
LEFT JOIN settled_lines s ON s.account = t.suspense AND s.key = w.record_id
WHERE NOT w.settles AND w.kind = 'other'
ORDER BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Lines of one currency that a rule takes from an account; amounts as the bank has them."""

    account: str
    currency: str
    amount_minor: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A rule that would book lines like an item's, and the lines that it would move.

    Attributes:
      text: the `[[rules]]` entry of beanclear.toml.
      moves: by the account where those lines are booked now; the item's own is not among them.
    """

    text: str
    moves: tuple[Moved, ...]

    @property
    def count(self) -> int:
        """How many lines it moves."""
        return sum(len(one.keys) for one in self.moves)


def propose(books: Books, item: OpenItem, to: str) -> Proposed | None:
    """The rule that says `to` of lines like the item's; none when no text tells them from others.

    The name of a platform's payer tells nothing, because all its payouts bear it: then the memo
    of the line does, where it has one.
    """
    if not item.counterparty:
        return None
    with books.lock(LOCK_SECONDS), keeper(books) as kept:
        lines = kept.con.execute(_LINES).fetchall()
        said: dict[str, str] = {"counterparty": item.counterparty}
        if kept.config.rule_table.payer_families(item.counterparty):
            memo = next((line[3] for line in lines if line[0] == item.key), "")
            if not memo:
                return None
            said = {"memo": memo}
        # What came in stands as a credit on the account that the item waits on.
        values = {**said, "direction": "out" if minor(item.amount) > 0 else "in", "account": to}
        moved: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
        rule = AccountRule.model_validate(values)
        for account, currency, key, amount in _moved(kept, lines, rule):
            if key != item.key:
                moved[account, currency].append((key, amount))
    return Proposed(
        text=rule_text(values),
        moves=tuple(
            Moved(
                account=account,
                currency=currency,
                amount_minor=sum(amount for _key, amount in found),
                keys=tuple(key for key, _amount in found),
            )
            for (account, currency), found in sorted(moved.items())
        ),
    )


def _moved(
    kept: Bookkeeper, lines: list[tuple[str, str, str, str, int, str, bool]], rule: AccountRule
) -> Iterator[tuple[str, str, str, int]]:
    """Account, currency, key and amount of each line that the rule takes from where it is."""
    after = kept.config.model_copy(update={"rules": (*kept.config.rules, rule)})
    for key, account, counterparty, memo, amount, currency, decided in lines:
        if decided or account == rule.account:
            continue
        before = kept.config.rule_account(counterparty, memo, amount)
        if before is None and after.rule_account(counterparty, memo, amount) is not None:
            yield account, currency, key, amount
