"""How old open items are: days from the event to the as-of date, in buckets."""

from __future__ import annotations

from typing import Final

from beanclear.ledger.vocabulary import OpenItem

# First and last day of each bucket.
AGES: Final[tuple[tuple[int, int | None], ...]] = ((0, 30), (31, 60), (61, 90), (91, None))


def age_days(item: OpenItem) -> int:
    """Days from the event to the date the item was judged at."""
    return (item.as_of - item.date).days


def age_bucket(days: int) -> str:
    """The bucket of an age: `0-30`, ..., `91+`."""
    for first, last in reversed(AGES):
        if days >= first:
            return f"{first}+" if last is None else f"{first}-{last}"
    return f"{AGES[0][0]}-{AGES[0][1]}"
