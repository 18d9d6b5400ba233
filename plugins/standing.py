"""The little that a proof needs of an `in-transit` or `open-item`: read without building more.

Books may hold tens of thousands of them, and plugins run at every load.
"""

from __future__ import annotations

import datetime
from typing import NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import Custom

from beanclear.ledger.vocabulary import check


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
    """Read an `in-transit` or `open-item`.

    Raises:
      VocabularyError: when it is not well formed.
    """
    check(custom)
    meta = custom.meta
    value = custom.values[1].value
    stake = value if value.number else meta.get("at-stake", value)
    return Standing(custom.values[0].value, meta["as-of"], value, stake, meta.get("key"), custom)
