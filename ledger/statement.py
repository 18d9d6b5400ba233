"""A statement: the records of one file of one account, and how the file proves itself (P3)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from beanclear.ledger.errors import Fault
from beanclear.ledger.records import ZONE, Stage
from beanclear.ledger.spans import ONE_DAY, Span

# `opening-items.csv` speaks for no day: it says what was open before the books began.
OPENING_SOURCE = "opening"


class Grade(StrEnum):
    """How far a file proves itself."""

    PROVEN = "proven"  # its own totals, running balance, or both agree with its rows
    COUNTED = "counted"  # the format has neither; rows read = rows used + rows reported
    CONTRADICTED = "contradicted"  # a fault: nothing is booked unless accepted by name


_MINUTE = datetime.timedelta(minutes=1)


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time())


def _of_zone(moment: datetime.datetime) -> datetime.datetime:
    """A moment in the records' zone, without it."""
    return moment.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None) if moment.tzinfo else moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A figure that the file states about itself, beside the figure its rows give.

    `name` is for people (`收入合计`); figures are minor units, or numbers of lines where it
    `counts`, compared exactly.
    """

    name: str
    stated: int
    found: int
    counts: bool = False

    @property
    def agrees(self) -> bool:
        """Whether the file is right about itself."""
        return self.stated == self.found


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One account's lines from one file.

    Attributes:
      importer: the importer's name, such as `alipay-ledger`.
      source, account, stage, shop, currency: as on each of its records.
      file: the file's name as the user knows it (`a.zip:member.csv` inside an archive).
      document: sha-256 of the archived file (of the outer one for an archive).
      records: an Arrow table of `beanclear.ledger.tables.SCHEMA`, in the file's order.
      rows_read: data rows in the file (headers, blank and total rows are not data).
      rows_reported: data rows that became faults.
      rows_left_out: data rows that the mapping of the table leaves out; read = used + reported +
        left out always holds.
      faults: everything wrong with the file.
      controls: what the file states about itself.
      chained: whether its running balance was found to chain (none: it has no balance).
      declared_first, declared_last: the complete days the file says it covers, or that its
        format guarantees; none when it says nothing.
      since, until: where the period it declares begins or ends within a day.
      exported_at: when it was exported, where it says so: days from then on are incomplete.
      opening_minor, closing_minor: balance before its first and after its last line in time.
      open_end: its last line has no line end, and may or may not be whole: it proves nothing.
      owner: the account holder, where stated.
      notes: what a person who asks for more may know; warnings: what everybody is told.
      rank: among formats that cover one account and day the highest rank is booked and the
        others cross-check it (Alipay's 账务明细 1, the web export 0).
    """

    importer: str
    source: str
    account: str
    stage: Stage
    currency: str
    file: str
    document: str
    records: pa.Table
    rows_read: int
    shop: str = ""
    rows_reported: int = 0
    rows_left_out: int = 0
    faults: tuple[Fault, ...] = ()
    controls: tuple[Control, ...] = ()
    chained: bool | None = None
    declared_first: datetime.date | None = None
    declared_last: datetime.date | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    exported_at: datetime.datetime | None = None
    opening_minor: int | None = None
    closing_minor: int | None = None
    open_end: bool = False
    owner: str | None = None
    rank: int = 0
    notes: tuple[str, ...] = field(default=())
    warnings: tuple[str, ...] = field(default=())

    @property
    def rows_used(self) -> int:
        """Data rows that became records."""
        return int(self.records.num_rows)

    @property
    def rows_accounted_for(self) -> int:
        """Data rows of which it is known what became of them."""
        return self.rows_used + self.rows_reported + self.rows_left_out

    @property
    def grade(self) -> Grade:
        """Contradicted when anything is wrong; proven when the file has a proof that holds."""
        wrong = (
            self.faults
            or self.rows_reported
            or self.chained is False
            or any(not control.agrees for control in self.controls)
            or self.rows_read != self.rows_accounted_for
        )
        if wrong:
            return Grade.CONTRADICTED
        proven = (self.controls or self.chained) and not self.open_end
        return Grade.PROVEN if proven else Grade.COUNTED

    @property
    def source_key(self) -> str:
        """`<source>/<account>/<stage>`: statements with one key are joined into coverage.

        Orders of one platform and shop folder form one source whatever file they came in.
        """
        return f"{self.source}/{self.account}/{self.stage}"

    @property
    def span(self) -> Span | None:
        """The complete days it covers; none for a file without rows and without a period.

        A declared period counts, cut before the day of export; else the days from the first
        row up to the day before the last row.
        """
        if self.source == OPENING_SOURCE:
            return None
        booked = pc.min_max(self.records.column("booked_on")).as_py()
        occurred = pc.max(self.records.column("occurred_at")).as_py()
        last_row = occurred.date() if occurred is not None else self.declared_last
        first = self.declared_first or booked["min"]
        if first is None or last_row is None:
            return None
        last = self.declared_last or last_row - ONE_DAY
        if self.exported_at is not None:
            last = min(last, self.exported_at.date() - ONE_DAY)
        if self.since is not None and first == self.since.date() <= last:
            first += ONE_DAY
        return Span(
            first=first,
            last=max(last, first - ONE_DAY),
            last_row=max(last_row, last),
            opening_minor=self.opening_minor,
            closing_minor=self.closing_minor,
            quiet_days=self._quiet_days(),
            since=self.since,
            until=self.until,
            whole=self.declared_first is not None,
        )

    @property
    def whole_first(self) -> datetime.date | None:
        """Its first day that has all its lines: not the first row's, where nothing is declared."""
        span = self.span
        if span is None:
            return None
        return span.first if self.declared_first is not None else span.first + ONE_DAY

    @property
    def moments(self) -> tuple[datetime.datetime, datetime.datetime] | None:
        """The time it speaks for: its first and last row, and what it declares around them.

        To the minute, because a spreadsheet that drops seconds moves a line within it.
        """
        rows = pc.min_max(self.records.column("occurred_at")).as_py()
        begins, ends = [rows["min"]], [rows["max"], self.until]
        span = self.span
        if span is not None and self.declared_first is not None:
            begins.append(self.since or _midnight(span.first))
        if span is not None and span.last >= span.first:
            ends.append(_midnight(span.last + ONE_DAY) - _MINUTE)
        first = min((_of_zone(one) for one in begins if one is not None), default=None)
        last = max((_of_zone(one) for one in ends if one is not None), default=None)
        if first is None or last is None:
            return None
        return first.replace(second=0, microsecond=0), last.replace(second=59, microsecond=999_999)

    def _quiet_days(self) -> int:
        days = sorted(pc.unique(self.records.column("booked_on")).to_pylist())
        return max(((b - a).days - 1 for a, b in pairwise(days)), default=0)

    @property
    def covered_closing_minor(self) -> int | None:
        """The balance at the end of the last complete day, by the file's own figures."""
        span = self.span
        if span is None or self.closing_minor is None:
            return None
        later = pc.greater(self.records.column("booked_on"), pa.scalar(span.last, pa.date32()))
        after = pc.sum(self.records.filter(later).column("amount_minor")).as_py() or 0
        return self.closing_minor - int(after)
