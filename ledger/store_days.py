"""Documents of one account that speak for the same days: whether they say the same.

A day that two documents have wholly must have the same lines in both; of a day that one has in part
it must have those of its time. Two that both have a day's beginning, or both its end, differ in
how far they go: one of them has all lines of the other. Whatever else is found is a `Difference`.

Lines are compared by their ids, which say what a line is and not how it is written; only the lines
that differ are read. Formats of different rank tell one wallet in ids of their own and are compared
by `beanclear.matching.crosschecks` instead.

Booked is what any of the documents has: a line that one lacks is more likely lost there than made
up elsewhere. But where each has lines of a day that the other lacks, they are two versions of one
story, and only those of the better document (`store_merge.weights`) are booked.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from beanclear.ledger.errors import Fault
from beanclear.ledger.hashing import Hashes
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.i18n import ngettext
from beanclear.ledger.money import format_minor
from beanclear.ledger.statement_rows import StatementRow
from beanclear.ledger.store_merge import weights
from beanclear.ledger.store_parts import (
    LINE_STAGES,
    Part,
    folder_of,
    ids_of,
    line_hashes,
    read_hashes,
)

_COLUMNS: Final = (
    "account", "shop", "record_id", "booked_on", "occurred_at", "amount_minor", "currency", "row",
)  # fmt: skip
_SAID: Final = ("row", "record_id", "amount_minor", "currency")
_ONE_MINUTE: Final = datetime.time(0, 1)
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Difference:
    """A line of one document that another one, which speaks for its day too, lacks.

    Attributes:
      document, row: where it stands.
      lacking: the document that lacks it.
      booked: whether it is booked all the same.
    """

    document: str
    lacking: str
    booked_on: str
    row: int
    record_id: str
    amount_minor: int
    currency: str
    booked: bool

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return dataclasses.asdict(self)


class Line(NamedTuple):
    """One line of a held document; its moment is of the records' zone, without it."""

    day: datetime.date
    moment: datetime.datetime
    row: int
    record_id: str
    amount_minor: int
    currency: str


class _Owner(NamedTuple):
    """Whose statements may be compared with each other."""

    stage: str
    source: str
    account: str
    shop: str
    rank: int


@dataclass(frozen=True, slots=True)
class _Time:
    """What one document speaks for, of one owner: whole days, and the time of all its lines.

    Attributes:
      whole_first, whole_last: its complete days.
      begins, ends: its first and last minute, which it may have in part only.
      currencies: what it has lines in. A table of the dollars says nothing of the yuan.
    """

    document: str
    whole_first: datetime.date
    whole_last: datetime.date
    begins: datetime.datetime
    ends: datetime.datetime
    currencies: frozenset[str]

    def is_whole(self, day: datetime.date) -> bool:
        """Whether it has all lines of the day."""
        return self.whole_first <= day <= self.whole_last

    def has_beginning(self, day: datetime.date) -> bool:
        """Whether it has the day's first line, if not its last."""
        return self.is_whole(day) or self.begins.date() < day <= self.ends.date()

    def has_end(self, day: datetime.date) -> bool:
        """Whether it has the day's last line, if not its first."""
        return self.is_whole(day) or self.begins.date() <= day < self.ends.date()

    def may_have(self, line: Line) -> bool:
        """Whether the line lies in its time. A last line at midnight has a day and no time."""
        if line.currency not in self.currencies:
            return False
        ends = self.ends
        if ends.time() < _ONE_MINUTE:
            ends += datetime.timedelta(days=1)
        return self.is_whole(line.day) or self.begins <= line.moment <= ends

    def must_have(self, line: Line) -> bool:
        """Whether it would have the line: a first and a last minute may be cut."""
        begins = self.begins + datetime.timedelta(minutes=1)
        if self.has_beginning(line.day):
            begins = self.begins
        within = begins <= line.moment < self.ends.replace(second=0, microsecond=0)
        return self.is_whole(line.day) or within

    def with_(self, other: _Time) -> _Time:
        """Both statements of one document, as of two currencies."""
        return _Time(
            self.document,
            min(self.whole_first, other.whole_first),
            max(self.whole_last, other.whole_last),
            min(self.begins, other.begins),
            max(self.ends, other.ends),
            self.currencies | other.currencies,
        )


@dataclass(slots=True)
class _Lines:
    """The rows of held parts and the hashes of documents, each read once."""

    parts: Mapping[str, Part]
    tables: dict[str, pa.Table] = field(default_factory=dict)
    ids: dict[str, Hashes] = field(default_factory=dict)

    def only(self, owner: _Owner, one: _Time, other: _Time) -> dict[datetime.date, list[Line]]:
        """What `one` holds in the time of `other`, and `other` has not, by day."""
        first = max(one.begins, other.begins).date()
        last = min(one.ends, other.ends).date()
        lacking = self._hashes(owner, other.document, first, last)
        found: dict[datetime.date, list[Line]] = defaultdict(list)
        for name in self._names(owner, one.document, first, last):
            table = self._table(name)
            here = np.isin(table.column("hash").to_numpy(), lacking, invert=True)
            mine = pc.and_(
                pc.equal(table.column("account"), owner.account),
                pc.equal(table.column("shop"), owner.shop),
            )
            for row in table.filter(pc.and_(mine, pa.array(here))).to_pylist():
                moment = row["occurred_at"].replace(tzinfo=None)
                line = Line(row["booked_on"], moment, *(row[key] for key in _SAID))
                if other.may_have(line):
                    found[line.day].append(line)
        return found

    def _table(self, name: str) -> pa.Table:
        if name not in self.tables:
            table = pq.read_table(self.parts[name].path, columns=list(_COLUMNS))
            hashes = pa.array(line_hashes(table), pa.uint64())
            self.tables[name] = table.append_column("hash", hashes)
        return self.tables[name]

    def _hashes(
        self, owner: _Owner, document: str, first: datetime.date, last: datetime.date
    ) -> Hashes:
        """The hashes of all lines that the document has in these months."""
        found: list[Hashes] = [np.empty(0, "<u8")]
        for name in self._names(owner, document, first, last, ids=True):
            if name not in self.ids:
                self.ids[name] = read_hashes(self.parts[name].path)
            found.append(self.ids[name])
        return np.concatenate(found)

    def _names(
        self,
        owner: _Owner,
        document: str,
        first: datetime.date,
        last: datetime.date,
        *,
        ids: bool = False,
    ) -> list[str]:
        place = folder_of(owner.stage, owner.source)
        rows = [f"{place}/{month}/{document}.parquet" for month in _months(first, last)]
        names = [ids_of(name) if ids else name for name in rows]
        return [name for name in names if name in self.parts]


def _months(first: datetime.date, last: datetime.date) -> list[str]:
    """Names of the months of these days."""
    count = (last.year - first.year) * 12 + last.month - first.month
    places = (first.year * 12 + first.month - 1 + number for number in range(count + 1))
    return [f"{place // 12:04d}-{place % 12 + 1:02d}" for place in places]


def differences(statements: Sequence[StatementRow], held: Iterable[Part]) -> list[Difference]:
    """All differences among the held documents, sorted."""
    lines = _Lines({part.name: part for part in held if part.name.startswith(LINE_STAGES)})
    better = weights(statements)
    found: set[Difference] = set()
    for owner, documents in sorted(_by_owner(statements).items()):
        for pair in _overlapping(documents):
            one, other = sorted(
                pair, key=lambda time: (-better[*owner[:4], time.document], time.document)
            )
            mine, theirs = lines.only(owner, one, other), lines.only(owner, other, one)
            for day in {*mine, *theirs}:
                found.update(_of_day(one, other, mine.get(day, []), theirs.get(day, [])))
    return sorted(found)


def _by_owner(statements: Iterable[StatementRow]) -> dict[_Owner, list[_Time]]:
    found: dict[_Owner, dict[str, _Time]] = defaultdict(dict)
    for row in statements:
        if row.whole_first is None or row.last is None or row.begins is None or row.ends is None:
            continue
        if row.stage in LINE_STAGES:
            owner = _Owner(row.stage, row.source, row.account, row.shop, row.rank)
            currencies = frozenset({row.currency})
            time = _Time(row.document, row.whole_first, row.last, row.begins, row.ends, currencies)
            before = found[owner].get(row.document)
            found[owner][row.document] = time if before is None else before.with_(time)
    return {owner: list(documents.values()) for owner, documents in found.items()}


def _overlapping(documents: Iterable[_Time]) -> Iterator[tuple[_Time, _Time]]:
    """Pairs that speak for the same day."""
    earlier: list[_Time] = []
    for one in sorted(documents, key=lambda time: (time.begins, time.document)):
        earlier = [other for other in earlier if other.ends.date() >= one.begins.date()]
        yield from ((other, one) for other in earlier)
        earlier.append(one)


def _of_day(
    better: _Time, other: _Time, mine: Sequence[Line], theirs: Sequence[Line]
) -> Iterator[Difference]:
    """What differs on one day: `mine` has only the better document, `theirs` only the other."""
    wrong = [line for line in mine if other.must_have(line)]
    wrong_theirs = [line for line in theirs if better.must_have(line)]
    day = (*mine, *theirs)[0].day
    same_side = (better.has_beginning(day) and other.has_beginning(day)) or (
        better.has_end(day) and other.has_end(day)
    )
    clash = bool(mine and theirs and (wrong or wrong_theirs or same_side))
    for document, lacking, found in (
        (better, other, mine if clash else wrong),
        (other, better, theirs if clash else wrong_theirs),
    ):
        for line in found:
            yield Difference(
                document=document.document,
                lacking=lacking.document,
                booked_on=line.day.isoformat(),
                row=line.row,
                record_id=line.record_id,
                amount_minor=line.amount_minor,
                currency=line.currency,
                booked=not clash or document is better,
            )


def faults_of(found: Iterable[Difference], files: Mapping[str, str]) -> tuple[Fault, ...]:
    """The first differences of each two documents, and how many more there are.

    `files` gives the name of each document's file as the user knows it.
    """
    faults: list[Fault] = []
    pairs = sorted(found, key=lambda one: (one.document, one.lacking, one.booked_on, one.row))
    for (document, lacking), group in groupby(pairs, key=lambda one: (one.document, one.lacking)):
        some = list(group)
        faults += [_fault(one, files) for one in some[:_SHOWN]]
        if len(some) > _SHOWN:
            names = {
                "count": len(some) - _SHOWN,
                "file": files.get(document, document),
                "other": files.get(lacking, lacking),
            }
            faults.append(
                Fault(
                    code="more-faults",
                    file=names["file"],
                    what=ngettext(
                        "%(count)d more line of it is not in %(other)s",
                        "%(count)d more lines of it are not in %(other)s",
                        len(some) - _SHOWN,
                    )
                    % names,
                    todo=_("see the first ones"),
                    other=names["other"],
                )
            )
    return tuple(faults)


def _fault(one: Difference, files: Mapping[str, str]) -> Fault:
    names = {
        "amount": f"{format_minor(one.amount_minor, one.currency)} {one.currency}",
        "day": one.booked_on,
        "other": files.get(one.lacking, one.lacking),
    }
    if one.booked:
        what = _("%(other)s covers %(day)s too and lacks this line of %(amount)s, which is booked")
    else:
        what = _(
            "%(other)s covers %(day)s too and has other lines instead of this one of %(amount)s,"
            " which is not booked"
        )
    return Fault(
        code="missing-line",
        file=files.get(one.document, one.document),
        row=one.row,
        what=what % names,
        todo=_(
            "export that day again, and take the wrong file out:"
            " beanclear documents remove NAME --reason WHY"
        ),
        other=names["other"],
    )
