"""The calendars of one set of books: China's, and others that differ from it by named days.

`calendar.file` in beanclear.toml names a text file beside it, a day a line:

    # Spring Festival as the bank announced it
    2027-02-05 holiday
    2027-02-20 workday
    2026-12-31 holiday alipay     # a calendar of that name, for [[matching]] calendar = "alipay"

A line without a name holds for every calendar; one with a name for that calendar only, and goes
before it. Each name is a calendar of its own: China's days, then the lines without a name and
`[calendar]`, then its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from beanclear.ledger.calendar import Calendar
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _

BASE = "china"
_WORDS = {"holiday": False, "workday": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """One line: whether a day is worked; `name` is empty for every calendar."""

    day: datetime.date
    worked: bool
    name: str = ""


class Calendars:
    """Calendars by name; `china` is the one that terms are counted in."""

    def __init__(self, days: Iterable[CalendarDay] = ()) -> None:
        self._days = tuple(days)
        self._made: dict[str, Calendar] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names that may be used."""
        return tuple(sorted({BASE, *(line.name for line in self._days if line.name)}))

    def __getitem__(self, name: str) -> Calendar:
        """The calendar of a name.

        Raises:
          KeyError: when no line bears the name.
        """
        if name not in self.names:
            raise KeyError(name)
        if name not in self._made:
            worked = {line.day: line.worked for line in self._days if not line.name}
            worked |= {line.day: line.worked for line in self._days if line.name == name}
            self._made[name] = Calendar(
                holidays=(day for day, work in worked.items() if not work),
                workdays=(day for day, work in worked.items() if work),
            )
        return self._made[name]

    @property
    def estimated_years(self) -> tuple[int, ...]:
        """Years that were asked for, of which only the weekends are known."""
        return tuple(sorted({y for made in self._made.values() for y in made.estimated_years}))


def read(folder: Path, name: str) -> tuple[CalendarDay, ...]:
    """The days of the file `name` in the books at `folder`.

    Raises:
      BooksError: when the file cannot be read, lies elsewhere, or a line is not understood; the
        first such line with its number.
    """
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts or "\\" in name:
        raise BooksError(
            _("the calendar %(name)r lies outside of the books") % {"name": name},
            _("name a file beside beanclear.toml, such as calendar.txt"),
            where="beanclear.toml",
        )
    try:
        text = (folder / relative).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BooksError(
            _("the calendar cannot be read (%(error)s)")
            % {"error": error.strerror if isinstance(error, OSError) else error},
            _("save it as UTF-8 text beside beanclear.toml, or correct [calendar] file"),
            where=name,
        ) from None
    return tuple(_lines(text, name))


def _lines(text: str, name: str) -> Iterator[CalendarDay]:
    seen: dict[tuple[str, datetime.date], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        found = _line(words)
        if found is None:
            raise BooksError(
                _("%(line)r is no day of a calendar") % {"line": line.strip()},
                _("write a date, holiday or workday, and the calendar's name if it is one's only"),
                where=f"{name}:{number}",
            )
        first = seen.setdefault((found.name, found.day), number)
        if first != number:
            raise BooksError(
                _("line %(first)d says what %(day)s is already")
                % {"first": first, "day": found.day.isoformat()},
                _("keep one of the two"),
                where=f"{name}:{number}",
            )
        yield found


def _line(words: list[str]) -> CalendarDay | None:
    if not 2 <= len(words) <= 3 or words[1] not in _WORDS:  # noqa: PLR2004 - with and without name
        return None
    try:
        day = datetime.date.fromisoformat(words[0])
    except ValueError:
        return None
    return CalendarDay(day=day, worked=_WORDS[words[1]], name=words[2] if words[2:] else "")
