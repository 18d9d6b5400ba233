"""The little that a proof needs of an `in-transit` or `open-item`: read without building more.

Books may hold tens of thousands of them, and plugins run at every load.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import Custom

from beanclear.ledger.vocabulary import OpenItem, check


class Standing(NamedTuple):
    """What an `in-transit` or `open-item` leaves on its account: all that a proof needs.

    `stake` is what is in question: the amount, or for a check that leaves none what it is about.
    `key` is none for what is in transit. `from_custom` reads the rest.
    """

    account: str
    as_of: datetime.date
    amount: Amount
    stake: Amount
    key: str | None
    custom: Custom


def standing(custom: Custom) -> Standing:
    """Read what a proof needs of an `in-transit` or `open-item`.

    What only a message needs is checked when the message is made: books may hold tens of
    thousands of items, of which fifty are shown.

    Raises:
      VocabularyError: when what a proof needs is missing or of the wrong type.
    """
    values: Sequence[Any] = custom.values or ()
    meta = custom.meta
    key = meta.get("key") if custom.type == OpenItem.word else None
    if (
        len(values) < 2  # noqa: PLR2004 - an account and an amount
        or type(meta.get("as-of")) is not datetime.date
        or type(values[1].value) is not Amount
        or not values[1].value.number
        or (key is None and custom.type == OpenItem.word)
    ):
        check(custom)
    amount = values[1].value
    stake = amount if amount.number else meta.get("at-stake", amount)
    return Standing(values[0].value, meta["as-of"], amount, stake, key, custom)
