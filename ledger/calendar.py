"""Days, business days of China, and the terms after which an item is due."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.spans import ONE_DAY

_TERM = re.compile(r"(?P<event>[a-z]+) (?P<unit>[TB])\+(?P<days>\d{1,3})")
_DAYS = re.compile(r"(?P<unit>[TB])\+(?P<days>\d{1,3})")
_SATURDAY = 5


class Calendar:
    """China's business days, with the books' own exceptions.

    Official holidays and the weekends worked in exchange for them come from `chinese_calendar`,
    which knows the years the State Council has announced. Outside them weekends alone count as
    free, and `estimated` says so.

    Attributes:
      holidays, workdays: dates of `[calendar]` in beanclear.toml; they overrule the rest.
      estimated_years: years that were asked for and whose holidays are not known here.
    """

    def __init__(
        self, holidays: Iterable[datetime.date] = (), workdays: Iterable[datetime.date] = ()
    ) -> None:
        self.holidays = frozenset(holidays)
        self.workdays = frozenset(workdays)
        self.estimated_years: set[int] = set()
        self._known: dict[datetime.date, bool] = {}

    def is_business_day(self, day: datetime.date) -> bool:
        """Whether banks settle on `day`."""
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._judge(day)
        return known

    def _judge(self, day: datetime.date) -> bool:
        if day in self.workdays:
            return True
        if day in self.holidays:
            return False
        if self.estimated(day):
            self.estimated_years.add(day.year)
            return day.weekday() < _SATURDAY
        import chinese_calendar  # noqa: PLC0415 - plugins load this module and must load fast

        return bool(chinese_calendar.is_workday(day))

    def estimated(self, day: datetime.date) -> bool:
        """Whether the holidays of that year are not known here, so that only weekends count."""
        if day in self.workdays or day in self.holidays:
            return False
        from chinese_calendar.constants import holidays  # noqa: PLC0415 - as above

        return not min(holidays).year <= day.year <= max(holidays).year

    def add_business_days(self, day: datetime.date, count: int) -> datetime.date:
        """The `count`-th business day after `day`; for 0 `day` itself if it is one, else the next.

        Raises:
          ValueError: for a negative count.
        """
        if count < 0:
            raise ValueError("business days are counted forwards")
        if count == 0:
            while not self.is_business_day(day):
                day += ONE_DAY
            return day
        while count:
            day += ONE_DAY
            count -= self.is_business_day(day)
        return day

    def subtract_business_days(self, day: datetime.date, count: int) -> datetime.date:
        """The `count`-th business day before `day`; for 0 `day` itself.

        Raises:
          ValueError: for a negative count.
        """
        if count < 0:
            raise ValueError("business days are counted backwards from 0 on")
        while count:
            day -= ONE_DAY
            count -= self.is_business_day(day)
        return day


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A stretch of time in one kind of days: `T+15` calendar days, `B+5` business days."""

    unit: Literal["T", "B"]
    count: int

    @classmethod
    def parse(cls, text: str) -> Days:
        """Read a stretch.

        Raises:
          ValueError: when it is not of the form above.
        """
        found = _DAYS.fullmatch(text)
        if found is None:
            raise ValueError(_('write days such as "T+3" (calendar) or "B+5" (business)'))
        return cls(unit="B" if found["unit"] == "B" else "T", count=int(found["days"]))

    def __str__(self) -> str:
        return f"{self.unit}+{self.count}"

    def after(self, day: datetime.date, calendar: Calendar) -> datetime.date:
        """The day so long after `day`; `B+0` is the next business day unless `day` is one."""
        if self.unit == "B":
            return calendar.add_business_days(day, self.count)
        return day + datetime.timedelta(days=self.count)

    def before(self, day: datetime.date, calendar: Calendar) -> datetime.date:
        """The day so long before `day`."""
        if self.unit == "B":
            return calendar.subtract_business_days(day, self.count)
        return day - datetime.timedelta(days=self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long after which event an item is due: `completed T+15`, `payout B+5`.

    Attributes:
      event: `completed`, `shipped`, `paid`, `payout`, `line`: the event of the item's life.
      unit: `T` calendar days, `B` business days.
      days: how many; an item is past due when the due day lies before the as-of date.
    """

    event: str
    unit: Literal["T", "B"]
    days: int

    @classmethod
    def parse(cls, text: str, *, where: str = "") -> Term:
        """Read a term.

        Raises:
          BooksError: when it is not of the form above; `where` names the place.
        """
        found = _TERM.fullmatch(" ".join(text.split()))
        if found is None:
            raise BooksError(
                _("the term %(text)r is not understood") % {"text": text},
                _('write an event and days, such as "completed T+15" or "payout B+5"'),
                where=where,
            )
        unit: Literal["T", "B"] = "B" if found["unit"] == "B" else "T"
        return cls(event=found["event"], unit=unit, days=int(found["days"]))

    def __str__(self) -> str:
        return f"{self.event} {self.unit}+{self.days}"

    def due(self, day: datetime.date, calendar: Calendar) -> datetime.date:
        """The day on which an item whose event was on `day` is due."""
        return Days(unit=self.unit, count=self.days).after(day, calendar)
