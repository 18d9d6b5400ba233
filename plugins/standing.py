"""What stands on each clearing account by the text: its items in transit and open items, summed.

Books may hold tens of thousands of them and plugins run at every load, so they are read in one
pass that builds nothing for each; what only a message needs is checked when it is made.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from beancount.core import account as accounts
from beancount.core.amount import Amount
from beancount.core.data import Custom

from beanclear.ledger.vocabulary import InTransit, OpenItem, VocabularyError, check
from beanclear.plugins.books import Books, DirectiveError, misplaced, not_well_formed

ZERO = Decimal()


def _sums() -> dict[str, Decimal]:
    return defaultdict(Decimal)


@dataclass(slots=True)
class Standing:
    """The items of one account and as-of date.

    Attributes:
      moving, open: the directives of its items in transit and of its open items.
      in_transit: what the items in transit leave on the account, by currency.
      at_stake: what is in question with the open items, by currency.
      not_posted: of that, what is in question with checks, which leave nothing on the account.
      sizes: the amount at stake of each open item, without sign.
    """

    moving: list[Custom] = field(default_factory=list)
    open: list[Custom] = field(default_factory=list)
    in_transit: dict[str, Decimal] = field(default_factory=_sums)
    at_stake: dict[str, Decimal] = field(default_factory=_sums)
    not_posted: dict[str, Decimal] = field(default_factory=_sums)
    sizes: list[Decimal] = field(default_factory=list)

    @property
    def customs(self) -> list[Custom]:
        """The directives of all items."""
        return self.moving + self.open

    @property
    def sums(self) -> dict[str, Decimal]:
        """What all items leave on the account, by currency."""
        return {
            currency: self.in_transit.get(currency, ZERO)
            + self.at_stake.get(currency, ZERO)
            - self.not_posted.get(currency, ZERO)
            for currency in {**self.in_transit, **self.at_stake}
        }


Standings = Mapping[str, Mapping[datetime.date, Standing]]


def gather(books: Books) -> tuple[Standings, list[DirectiveError]]:
    """The standing of every clearing account at every as-of date; an error for each bad line."""
    found: dict[str, dict[datetime.date, Standing]]
    found = {account: defaultdict(Standing) for account in books.clearing}
    errors = []
    for word in (InTransit.word, OpenItem.word):
        is_open = word == OpenItem.word
        for custom in books.words.get(word, ()):
            meta = custom.meta
            # Nearly every item plainly has what a proof needs; the others are checked in full.
            try:
                (account, kind), (amount, _dtype) = custom.values
                number, currency = amount
                plain = (
                    type(amount) is Amount
                    and number
                    and type(meta["as-of"]) is datetime.date
                    and (not is_open or "key" in meta)
                )
            except (KeyError, TypeError, ValueError):
                plain = False
            if not plain:
                try:
                    check(custom)
                except VocabularyError as error:
                    errors.append(not_well_formed(error, custom, books))
                    continue
                (account, kind), (amount, _dtype) = custom.values[:2]
                number, currency = amount
            days = found.get(account) if kind == accounts.TYPE else None
            if days is None:
                errors += misplaced(custom, books, clearing=True)
                continue
            standing = days[meta["as-of"]]
            if not is_open:
                standing.moving.append(custom)
                standing.in_transit[currency] += number or ZERO
                continue
            if not number:
                number, currency = stake(custom)
                number = number or ZERO
                standing.not_posted[currency] += number
            standing.open.append(custom)
            standing.at_stake[currency] += number
            standing.sizes.append(abs(number))
    return found, errors


def stake(custom: Custom) -> Amount:
    """What is in question: the item's amount, or for a check that leaves none what it is about."""
    amount: Amount = custom.values[1].value
    return amount if amount.number else custom.meta["at-stake"]
