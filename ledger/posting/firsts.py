"""From which day on something is known, shop by shop."""

from __future__ import annotations

import datetime
from collections.abc import Sequence


class Firsts:
    """The first complete day by key and shop."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, ...], dict[str, datetime.date]] = {}

    def add(self, key: tuple[str, ...], shop: str, day: datetime.date) -> None:
        """A source of the shop begins on `day`."""
        days = self._days.setdefault(key, {})
        days[shop] = min(day, days.get(shop, day))

    def rows(self, shops: Sequence[str]) -> list[tuple[tuple[str, ...], str, datetime.date]]:
        """A row for each key and shop; one without a source of its own has the earliest day."""
        return [
            (key, shop, days.get(shop, min(days.values())))
            for key, days in sorted(self._days.items())
            for shop in shops
        ]
