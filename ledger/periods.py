"""Accounting periods as people write them: `2026-08`, `2026-Q3`, `2026`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from beanclear.ledger.errors import UsageError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.spans import ONE_DAY

_PERIOD = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")
# Those that a file may tell of; the next year and the year before are still dates.
_YEARS = range(1980, 2101)
_MONTHS_OF_QUARTER = 3
_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A month, quarter or year; both days belong to it."""

    name: str
    first: datetime.date
    last: datetime.date


def parse(text: str) -> Period:
    """Read a period.

    Raises:
      UsageError: when the text is none.
    """
    found = _PERIOD.fullmatch(text.strip())
    if found is None or int(found["year"]) not in _YEARS:
        raise UsageError(
            _("%(text)r is not a period") % {"text": text},
            _("write a month 2026-08, a quarter 2026-Q3 or a year 2026"),
        )
    year = int(found["year"])
    if found["month"]:
        first_month = last_month = int(found["month"])
    elif found["quarter"]:
        last_month = int(found["quarter"]) * _MONTHS_OF_QUARTER
        first_month = last_month - _MONTHS_OF_QUARTER + 1
    else:
        first_month, last_month = 1, _MONTHS
    first = datetime.date(year, first_month, 1)
    # The day before the next month begins; 32 days after a month's first lies in the next.
    within_next = datetime.date(year, last_month, 1) + datetime.timedelta(days=32)
    return Period(
        name=found[0], first=first, last=within_next.replace(day=1) - datetime.timedelta(days=1)
    )


def months(period: Period) -> Iterator[tuple[datetime.date, datetime.date]]:
    """First and last day of each month of a period."""
    first = period.first
    while first <= period.last:
        after = (first + datetime.timedelta(days=32)).replace(day=1)
        yield first, after - ONE_DAY
        first = after
