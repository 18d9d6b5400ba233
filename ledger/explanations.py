"""Open items that somebody explained until a day: they fail no check up to then.

An explanation is of what was in question when it was given. Of an item that grew since, or whose
sign turned, only so much is explained, and it is open again; so is one whose day has passed.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from beancount.core.amount import Amount

from beanclear.ledger.vocabulary import Explain, OpenItem


def stake_of(item: OpenItem) -> Amount:
    """What is in question, with its sign: what the item leaves, or for a check what it is about."""
    return item.amount if item.amount.number else item.at_stake


class Explanations:
    """What people explained, by account and key."""

    def __init__(self, words: Iterable[Explain] = ()) -> None:
        found: dict[tuple[str, str], list[Explain]] = defaultdict(list)
        for word in words:
            found[word.account, word.key].append(word)
        self._words: Mapping[tuple[str, str], list[Explain]] = found

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._words)

    def of(
        self, account: str, key: str, stake: Amount, as_of: datetime.date
    ) -> datetime.date | None:
        """The last day to which an item of that stake is explained; none when it is open."""
        return max(
            (
                word.until
                for word in self._words.get((account, key), ())
                if word.until >= as_of and _covers(word.at_stake, stake)
            ),
            default=None,
        )

    def until(self, item: OpenItem) -> datetime.date | None:
        """The last day to which an open item is explained; none when it is open."""
        return self.of(item.account, item.key, stake_of(item), item.as_of)

    def named(self, account: str, key: str, as_of: datetime.date) -> bool:
        """Whether somebody explained anything of a key until that day or later."""
        return any(word.until >= as_of for word in self._words.get((account, key), ()))

    def covered(self, item: OpenItem) -> Amount | None:
        """What of an item that is open was explained when it was smaller; none when nothing."""
        stake = stake_of(item)
        sizes = [
            word.at_stake
            for word in self._words.get((item.account, item.key), ())
            if word.until >= item.as_of
            and word.at_stake is not None
            and _alike(word.at_stake, stake)
        ]
        return max(sizes, key=_size, default=None)


def _size(amount: Amount) -> Decimal:
    return abs(amount.number or Decimal())


def _alike(one: Amount, other: Amount) -> bool:
    """Whether two amounts are of one currency and sign."""
    return one.currency == other.currency and ((one.number or 0) < 0) == ((other.number or 0) < 0)


def _covers(explained: Amount | None, stake: Amount) -> bool:
    return explained is None or (_alike(explained, stake) and _size(stake) <= _size(explained))
