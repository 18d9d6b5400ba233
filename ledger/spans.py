"""Coverage: which days a source is known to be complete for, and where the gaps are.

Used by `run` and again by the plugins, so that a plugin derives the as-of date itself.
Importing this module imports nothing heavy.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

ONE_DAY = datetime.timedelta(days=1)
_MINUTE = datetime.timedelta(minutes=1)


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Span:
    """The days one statement speaks for.

    Attributes:
      first: its first day.
      last: its last complete day (inclusive); the day before `first` when no day is complete.
      last_row: the day of its last row, which may be an incomplete day after `last`.
      opening_minor, closing_minor: balance before the first and after the last row, if known.
      quiet_days: the longest stretch of days without a row inside it.
      since: the moment before `first` from which on it speaks, where it declares one.
      until: the moment of the day after `last` up to which it speaks, where it declares one.
      whole: whether `first` is complete: it is declared, and not only the day of the first row.
    """

    first: datetime.date
    last: datetime.date
    last_row: datetime.date
    opening_minor: int | None = None
    closing_minor: int | None = None
    quiet_days: int = 0
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Days (inclusive) between two statements that no statement speaks for."""

    first: datetime.date
    last: datetime.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the statements of one source cover together.

    Attributes:
      first: the first covered day.
      last: the last day before the first gap: nothing may be judged after it.
      reach: the last covered day of all, gaps or not.
      gaps: the gaps between `first` and `reach`.
      whole: whether `first` is complete.
    """

    first: datetime.date
    last: datetime.date
    reach: datetime.date
    gaps: tuple[Gap, ...] = ()
    whole: bool = True

    @property
    def first_whole(self) -> datetime.date:
        """The first complete day."""
        return self.first if self.whole else self.first + ONE_DAY


def join(spans: Iterable[Span]) -> Coverage | None:
    """Join the spans of one source; none when there are none.

    Two spans join when the later begins at most one day after the earlier ends. An earlier span
    whose last row lies on an incomplete day also joins a later one that begins at most a day
    after that row (its last day was only cut for caution), and so does one whose closing balance
    is the later one's opening balance (nothing happened between them). A balance of zero shows
    nothing: a wallet that is emptied to the bank every day has it every day. A span that declares
    that it ends or begins within a day was not cut for caution: the rest of that day is a gap
    unless another one has it.
    """
    ordered = sorted(
        spans,
        key=lambda span: (
            *(span.first, span.last, span.last_row, _beginning(span)),
            *(span.closing_minor or 0, span.opening_minor or 0),
        ),
    )
    if not ordered:
        return None
    first = ordered[0].first
    joined = reach = ordered[0].last
    ahead = ordered[0]  # the span that reaches furthest so far
    gaps: list[Gap] = []
    quiet = 2 * max(span.quiet_days for span in ordered) * ONE_DAY
    for span in ordered[1:]:
        bridged = _follows(ahead, span, reach, quiet) or (
            ahead.closing_minor not in {None, 0} and ahead.closing_minor == span.opening_minor
        )
        if not bridged:
            gaps.append(Gap(first=reach + ONE_DAY, last=max(reach + ONE_DAY, span.first - ONE_DAY)))
        reach = max(reach, span.last)
        if not gaps:
            joined = reach
        if (span.last_row, span.last) > (ahead.last_row, ahead.last):
            ahead = span
    whole = any(span.whole for span in ordered if span.first == first)
    return Coverage(first=first, last=joined, reach=reach, gaps=tuple(gaps), whole=whole)


def _beginning(span: Span) -> datetime.datetime:
    return span.since or datetime.datetime.combine(span.first, datetime.time())


def _follows(ahead: Span, span: Span, reach: datetime.date, quiet: datetime.timedelta) -> bool:
    """Whether no time lies between what is covered up to `reach` and a later span."""
    if ahead.until is None and span.since is None:
        return span.first <= max(reach, ahead.last_row) + ONE_DAY + quiet
    covered = datetime.datetime.combine(reach + ONE_DAY, datetime.time())
    if ahead.until is None:
        return _beginning(span) <= covered
    return _beginning(span) <= max(covered, ahead.until + _MINUTE)
