"""Open items that somebody explained until a day: they fail no check up to then."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from beanclear.ledger.vocabulary import Explain


def explained_until(words: Iterable[Explain]) -> dict[tuple[str, str], datetime.date]:
    """Account and key → the last day to which the item is explained: the latest of several."""
    until: dict[tuple[str, str], datetime.date] = {}
    for word in words:
        place = word.account, word.key
        until[place] = max(word.until, until.get(place, word.until))
    return until
