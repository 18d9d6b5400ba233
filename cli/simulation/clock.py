"""Simulated time: seconds since midnight of the first day, and Chinese business days.

Time is a plain integer because millions of lines are sorted by it and printed.
"""

from __future__ import annotations

import datetime

import chinese_calendar

DAY = 86_400
_BEFORE = 60  # the cut-over's orders and their trade numbers lie before the first day
_AFTER = 40  # lives of the last orders are drawn, though never written
_CLOCK = [
    f"{hour:02}:{minute:02}:{second:02}"
    for hour in range(24)
    for minute in range(60)
    for second in range(60)
]


def is_business_day(day: datetime.date) -> bool:
    """Whether Chinese banks work on `day`; only weekends are known in far years."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5  # noqa: PLR2004 - Saturday


def known(moment: int | None) -> int:
    """A moment that the caller knows to have come.

    Raises:
      ValueError: when it never comes, which is an error of the simulation.
    """
    if moment is None:
        raise ValueError("this never happens in the order's life")
    return moment


class Clock:
    """Prints moments as the exports do. A moment is seconds since the first day's midnight."""

    def __init__(self, first_day: datetime.date, days: int) -> None:
        self.first_day = first_day
        self.days = days
        dates = [
            first_day + datetime.timedelta(days=offset - _BEFORE)
            for offset in range(_BEFORE + days + _AFTER)
        ]
        self._dates = dates
        self._dashed = [day.isoformat() for day in dates]
        self._plain = [day.strftime("%Y%m%d") for day in dates]
        self._business = [is_business_day(day) for day in dates]

    def date(self, day: int) -> datetime.date:
        """The date of a day, counted from 0."""
        return self._dates[day + _BEFORE]

    def dashed(self, day: int) -> str:
        """`2026-06-01`."""
        return self._dashed[day + _BEFORE]

    def plain(self, day: int) -> str:
        """`20260601`."""
        return self._plain[day + _BEFORE]

    def time(self, moment: int) -> str:
        """`10:11:12`."""
        return _CLOCK[moment % DAY]

    def stamp(self, moment: int | None) -> str:
        """`2026-06-01 10:11:12`, or nothing for none."""
        if moment is None:
            return ""
        day, second = divmod(moment, DAY)
        return f"{self._dashed[day + _BEFORE]} {_CLOCK[second]}"

    def business(self, day: int) -> bool:
        """Whether banks work on a day."""
        return self._business[day + _BEFORE]

    def after(self, day: int, business_days: int) -> int:
        """The business day on `day` or the next one, and `business_days` business days on."""
        while not self.business(day):
            day += 1
        for _ in range(business_days):
            day += 1
            while not self.business(day):
                day += 1
        return day

    def month(self, day: int) -> str:
        """`202606`: what the monthly files are named by."""
        return self.plain(day)[:6]

    def month_ends(self) -> list[int]:
        """The days (exclusive ends) at which a month's files are cut, the last at the end."""
        ends = [day for day in range(1, self.days) if self.date(day).day == 1]
        return [*ends, self.days]
