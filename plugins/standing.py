"""What stands on each clearing account by the text: its items in transit and open items, summed.

Books may hold tens of thousands of them and plugins run at every load, so they are read in one
pass that builds nothing for each; what only a message needs is checked when it is made.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from beancount.core import account as accounts
from beancount.core.amount import Amount
from beancount.core.data import Custom

from beanclear.ledger.vocabulary import InTransit, OpenItem, VocabularyError, check
from beanclear.plugins.books import Books, DirectiveError, misplaced, not_well_formed

ZERO = Decimal()


@dataclass(slots=True)
class Standing:
    """The items of one account and as-of date.

    Attributes:
      sums: what they leave on the account, by currency.
      customs: all their directives; `open` are those of the open items.
      sizes: the amount at stake of each open item, without sign.
      at_stake: the amounts at stake of all open items, by currency.
    """

    sums: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    customs: list[Custom] = field(default_factory=list)
    open: list[Custom] = field(default_factory=list)
    sizes: list[Decimal] = field(default_factory=list)
    at_stake: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


Standings = Mapping[str, Mapping[datetime.date, Standing]]


def gather(books: Books) -> tuple[Standings, list[DirectiveError]]:
    """The standing of every clearing account at every as-of date; an error for each bad line."""
    found: dict[str, dict[datetime.date, Standing]]
    found = {account: defaultdict(Standing) for account in books.clearing}
    errors = []
    for word in (InTransit.word, OpenItem.word):
        for custom in books.words.get(word, ()):
            try:
                as_of, amount = _leaves(custom)
            except VocabularyError as error:
                errors.append(not_well_formed(error, custom, books))
                continue
            first = custom.values[0]
            if first.dtype is not accounts.TYPE or first.value not in found:
                errors += misplaced(custom, books, clearing=True)
                continue
            standing = found[first.value][as_of]
            standing.sums[amount.currency] += amount.number or ZERO
            standing.customs.append(custom)
            if word == OpenItem.word:
                number, currency = stake(custom)
                standing.open.append(custom)
                standing.sizes.append(abs(number or ZERO))
                standing.at_stake[currency] += number or ZERO
    return found, errors


def _leaves(custom: Custom) -> tuple[datetime.date, Amount]:
    """The as-of date and the amount of an item.

    Raises:
      VocabularyError: when what a proof needs is missing or of the wrong type.
    """
    values: Sequence[Any] = custom.values or ()
    meta = custom.meta
    as_of = meta.get("as-of")
    if (
        len(values) < 2  # noqa: PLR2004 - an account and an amount
        or type(as_of) is not datetime.date
        or type(values[1].value) is not Amount
        or ("key" not in meta and custom.type == OpenItem.word)
        or not values[1].value.number
    ):
        check(custom)
    return meta["as-of"], values[1].value


def stake(custom: Custom) -> Amount:
    """What is in question: the item's amount, or for a check that leaves none what it is about."""
    amount: Amount = custom.values[1].value
    return amount if amount.number else custom.meta["at-stake"]
