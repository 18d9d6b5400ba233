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
        is_open = word == OpenItem.word
        for custom in books.words.get(word, ()):
            if not _is_usual(custom, is_open):
                try:
                    check(custom)
                except VocabularyError as error:
                    errors.append(not_well_formed(error, custom, books))
                    continue
            account, value = custom.values[:2]
            days = found.get(account.value) if account.dtype == accounts.TYPE else None
            if days is None:
                errors += misplaced(custom, books, clearing=True)
                continue
            standing, amount = days[custom.meta["as-of"]], value.value
            standing.sums[amount.currency] += amount.number
            standing.customs.append(custom)
            if is_open:
                staked = amount if amount.number else stake(custom)
                standing.open.append(custom)
                number = staked.number or ZERO
                standing.sizes.append(abs(number))
                standing.at_stake[staked.currency] += number
    return found, errors


def _is_usual(custom: Custom, is_open: bool) -> bool:
    """Whether an item certainly has what a proof needs; others are checked word by word."""
    values, meta = custom.values or (), custom.meta
    return (
        len(values) == 2  # noqa: PLR2004 - an account and an amount
        and type(values[1].value) is Amount
        and bool(values[1].value.number)
        and type(meta.get("as-of")) is datetime.date
        and (not is_open or "key" in meta)
    )


def stake(custom: Custom) -> Amount:
    """What is in question: the item's amount, or for a check that leaves none what it is about."""
    amount: Amount = custom.values[1].value
    return amount if amount.number else custom.meta["at-stake"]
