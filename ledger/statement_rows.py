"""What is remembered of a statement when its records are in the store: no rows, all figures."""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beanclear.ledger.spans import Span
from beanclear.ledger.statement import Grade

if TYPE_CHECKING:
    from beanclear.ledger.statement import Statement

_DAYS = ("first", "last", "last_row", "whole_first")
_MOMENTS = ("begins", "ends", "since", "until", "exported_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """One statement without its records; the fields are those of `Statement`.

    Attributes:
      source_key: `<source>/<account>/<stage>`.
      first, last, last_row: its span; all none for a file that speaks for no day.
      rows: records it gave; rows_read: data rows in the file.
      whole_first: its first day that has all its lines.
      begins, ends: the time it speaks for, to the minute, in the records' zone.
      since, until: where the period it declares begins or ends within a day.
      opening_minor, closing_minor: balances around its lines, where known.
      quiet_days: the longest stretch of days without a row inside it.
      whole: whether `first` is a complete day.
      covered_closing_minor: the balance at the end of `last`, where known.
      exported_at: when it was exported, where it says so.
      chained: whether its running balance chains; none where it has no balance.
    """

    source_key: str
    source: str
    account: str
    stage: str
    shop: str
    currency: str
    document: str
    file: str
    importer: str
    rank: int
    rows: int
    rows_read: int
    grade: str
    first: datetime.date | None = None
    last: datetime.date | None = None
    last_row: datetime.date | None = None
    whole_first: datetime.date | None = None
    begins: datetime.datetime | None = None
    ends: datetime.datetime | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    opening_minor: int | None = None
    closing_minor: int | None = None
    covered_closing_minor: int | None = None
    quiet_days: int = 0
    whole: bool = True
    exported_at: datetime.datetime | None = None
    chained: bool | None = None
    owner: str | None = None

    @property
    def span(self) -> Span | None:
        """Its days, for `spans.join`."""
        if self.first is None or self.last is None or self.last_row is None:
            return None
        return Span(
            first=self.first,
            last=self.last,
            last_row=self.last_row,
            opening_minor=self.opening_minor,
            closing_minor=self.closing_minor,
            quiet_days=self.quiet_days,
            since=self.since,
            until=self.until,
            whole=self.whole,
        )

    def to_json(self) -> dict[str, Any]:
        """As JSON values; what is none is left out."""
        values = dataclasses.asdict(self)
        for name in (*_DAYS, *_MOMENTS):
            if values[name] is not None:
                values[name] = values[name].isoformat()
        return {name: value for name, value in values.items() if value is not None}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> StatementRow:
        """The reverse of `to_json`."""
        known = dict(values)
        for name in _DAYS:
            if name in known:
                known[name] = datetime.date.fromisoformat(known[name])
        for name in _MOMENTS:
            if name in known:
                known[name] = datetime.datetime.fromisoformat(known[name])
        return cls(**known)

    @property
    def order(self) -> tuple[Any, ...]:
        """Statements are sorted by what they say, never by when they came."""
        return (
            self.source_key,
            self.shop,
            self.first or datetime.date.min,
            self.last or datetime.date.min,
            self.last_row or datetime.date.min,
            -self.rank,
            self.document,
            self.file,
        )


def row_of(statement: Statement) -> StatementRow:
    """A statement without its records."""
    span = statement.span
    moments = statement.moments
    grade: Grade = statement.grade
    return StatementRow(
        source_key=statement.source_key,
        source=statement.source,
        account=statement.account,
        stage=str(statement.stage),
        shop=statement.shop,
        currency=statement.currency,
        document=statement.document,
        file=statement.file,
        importer=statement.importer,
        rank=statement.rank,
        rows=statement.rows_used,
        rows_read=statement.rows_read,
        grade=str(grade),
        first=span.first if span else None,
        last=span.last if span else None,
        last_row=span.last_row if span else None,
        whole_first=statement.whole_first,
        begins=moments[0] if moments else None,
        ends=moments[1] if moments else None,
        since=statement.since,
        until=statement.until,
        opening_minor=statement.opening_minor,
        closing_minor=statement.closing_minor,
        covered_closing_minor=statement.covered_closing_minor,
        quiet_days=span.quiet_days if span else 0,
        whole=span.whole if span else True,
        exported_at=statement.exported_at,
        chained=statement.chained,
        owner=statement.owner,
    )
