"""The engine of the importers: a declaration and a sheet in, a `Statement` out."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers import chain
from beanclear.importers.body import Keep
from beanclear.importers.columns import Typing, quoted
from beanclear.importers.cut_ids import cut_ids
from beanclear.importers.directions import direction_faults, wrong_way
from beanclear.importers.endings import covered, open_end
from beanclear.importers.faults import MOST_FAULTS, fault
from beanclear.importers.files import SourceFile
from beanclear.importers.ids import all_differ, identity_hash, renamed, with_ordinals
from beanclear.importers.limits import huge_sum
from beanclear.importers.sheet import Sheet
from beanclear.importers.totals import compared
from beanclear.ledger.buyers import pseudonyms
from beanclear.ledger.chart import MAIN
from beanclear.ledger.errors import Fault
from beanclear.ledger.figures import Mark
from beanclear.ledger.records import ZONE
from beanclear.ledger.statement import Control, Statement
from beanclear.ledger.tables import SCHEMA

if TYPE_CHECKING:
    from beanclear.importers.base import Facts, StatementImporter, Steps

_ONE_TIME_SINCE = datetime.datetime(1992, 1, 1)  # the last summer time of `ZONE` was in 1991
_AHEAD = datetime.timedelta(hours=8)
_LIKE_A_FIGURE = re.compile(r"(?=.*\d)[-+\d.,\s]+")
_SHARED_ROWS = 65_536
_PART_ROWS = 131_072


def run(
    importer: StatementImporter,
    file: SourceFile,
    read: Callable[[Keep], list[Sheet]],
    connection: duckdb.DuckDBPyConnection,
) -> list[Statement]:
    """Read a sheet as `importer` declares it: a statement for each table in it.

    `read` gives the tables, keeping of each batch what is asked.
    """
    reading = _Reading(importer, file, read, connection)
    typing = Typing(connection, file.name, importer.columns)
    sheets = read(typing.take)
    found: list[Statement] = []
    for place in range(len(sheets)):
        row = sheets[0].header_row
        # Its table is large: nothing here may hold it while its lines are made.
        statement = _statement(reading, place, sheets.pop(0), typing)
        found.append(_unlike(statement, found, row))
    return found


def _unlike(statement: Statement, before: Sequence[Statement], row: int) -> Statement:
    """The statement; with a fault when it holds the lines of one that stands above it."""
    ids = statement.records.column("record_id")
    if len(ids) and any(ids.equals(one.records.column("record_id")) for one in before):
        twice = fault("duplicate-table", statement.file, row)
        return replace(statement, faults=(twice, *statement.faults))
    return statement


@dataclass(frozen=True, slots=True)
class _Reading:
    """One sheet of a file while it is read."""

    importer: StatementImporter
    file: SourceFile
    read: Callable[[Keep], list[Sheet]]
    connection: duckdb.DuckDBPyConnection

    def again(
        self, place: int, currency: str, marks: Mapping[str, Mark]
    ) -> tuple[pa.Table, Typing]:
        """One of its tables with amounts typed as those of a currency, by their decimal marks."""
        typing = Typing(self.connection, self.file.name, self.importer.columns, currency, marks)
        return self.read(typing.take)[place].table, typing


def _statement(reading: _Reading, place: int, sheet: Sheet, typing: Typing) -> Statement:
    """The table that stands at `place` in its sheet as a statement."""
    importer, file, connection = reading.importer, reading.file, reading.connection
    cells = Relation(connection, sheet.table)
    cells.drop(sheet.dropped)
    facts = importer.facts(file, sheet, connection)
    if file.shop and facts.account == MAIN:
        # Two shops of one platform are two sources: what one file covers says nothing of the other.
        facts = replace(facts, account=file.shop)
    marks = typing.marks(facts.currency)
    if facts.currency != "CNY" or marks:
        table, typing = reading.again(place, facts.currency, marks)
        cells.replace(table)
        cells.drop(sheet.dropped)
        del table
    sheet = replace(sheet, table=None)  # it is large; from here on `cells` holds it
    faults, bad_rows = _of(sheet, typing)
    _own_faults(importer, sheet, connection, faults, bad_rows)
    for name, row, text in cut_ids(cells.table, importer.columns):
        if row not in bad_rows:
            if len(faults) <= MOST_FAULTS:
                header = typing.found[name]
                faults.append(fault("lost-digits", file.name, row, column=header, text=text))
            bad_rows.add(row)
    cells.drop(bad_rows)
    moment = facts.exported_at.replace(tzinfo=None) if facts.exported_at else None
    connection.execute("SET VARIABLE exported_at = CAST($1 AS TIMESTAMP)", [moment])
    more, twice, lines, names = _told_apart(importer, sheet, connection, cells)
    totals = compared(importer, sheet, connection, typing, facts.currency)
    controls = [
        *(_control(connection, name=s.name, stated=s.stated, sql=s.sql) for s in facts.stated),
        *totals.controls,
        *importer.controls(sheet, connection),
    ]
    if lines is None:
        lines = renamed(_by_parts(importer, connection, cells), names)
    plain = _records(importer, file, facts, lines)
    records, wrong = _one_way(importer, importer.divided(plain, lines), sheet.name)
    del lines
    added = len(records) - (len(plain) - len(wrong.rows))
    reported = len(bad_rows | twice | sheet.dropped) + len(wrong.rows)
    reported += sheet.rows_lost + totals.lost
    faults = [
        *(*sheet.faults, *_doubled(sheet, typing.found), *facts.faults, *faults, *more),
        *(*wrong.faults, *totals.faults, *huge_sum(file.name, facts.currency, records)),
    ]
    proof = chain.prove(records) if not reported else chain.Proof()
    first, last = covered(sheet, facts, records)
    return Statement(
        importer=importer.name,
        source=importer.source,
        account=facts.account,
        stage=importer.stage,
        currency=facts.currency,
        file=file.name,
        document=file.document,
        records=records,
        rows_read=sheet.rows_kept + sheet.rows_lost + sheet.rows_left_out + totals.lost + added,
        rows_left_out=sheet.rows_left_out,
        shop=file.shop,
        rows_reported=reported,
        faults=_capped(faults, file.name, reported),
        controls=tuple(controls),
        chained=proof.chained,
        declared_first=first,
        declared_last=last,
        since=facts.since,
        until=None if sheet.cut else facts.until,
        exported_at=facts.exported_at,
        opening_minor=proof.opening_minor,
        closing_minor=proof.closing_minor,
        owner=facts.owner,
        rank=importer.rank,
        notes=(*sheet.left_out, *facts.notes),
        warnings=(*totals.warnings, *open_end(sheet)),
        open_end=sheet.open_end is not None and not sheet.cut,
    )


def _of(sheet: Sheet, typing: Typing) -> tuple[list[Fault], set[int]]:
    """What was wrong with cells of one table of the file."""
    rows = range(sheet.header_row, sheet.last_row + 1)
    faults = [
        found for found in typing.faults if found.row in rows and found.row not in sheet.dropped
    ]
    return faults, {row for row in typing.bad_rows if row in rows} - sheet.dropped


def _doubled(sheet: Sheet, found: Mapping[str, str | None]) -> list[Fault]:
    """Columns that are read and stand twice: which one is right nobody knows."""
    twice = sorted({name for name in found.values() if name and f"{name}#2" in sheet.headers})
    return [fault("doubled-column", sheet.name, sheet.header_row, column=name) for name in twice]


@dataclass(frozen=True, slots=True)
class _Wrong:
    """Rows whose money goes another way than its kind, and their faults."""

    rows: frozenset[int] = frozenset()
    faults: tuple[Fault, ...] = ()


def _one_way(importer: StatementImporter, records: pa.Table, name: str) -> tuple[pa.Table, _Wrong]:
    """The records without the rows of which one goes the wrong way."""
    mask = wrong_way(records, importer.reversals)
    if not mask.any():
        return records, _Wrong()
    found = records.filter(pa.array(mask))
    rows = found.column("row").unique()
    code, named = importer.direction_fault
    faults = direction_faults(found, name, code, **named)
    kept = records.filter(pc.invert(pc.is_in(records.column("row"), rows)))
    return kept, _Wrong(frozenset(rows.to_pylist()), tuple(faults))


class Relation:
    """The table `cells` of a connection: Arrow's memory, which DuckDB reads where it is."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
        self._connection = connection
        self.replace(table)

    @property
    def rows(self) -> int:
        """How many `cells` has."""
        return int(self._table.num_rows)

    @property
    def table(self) -> pa.Table:
        """All of it."""
        return self._table

    def replace(self, table: pa.Table) -> None:
        """Let another table be `cells`."""
        self._table = table
        self._connection.execute("SELECT 0").fetchall()  # lets go of a result read in part only
        self._connection.register("cells", table)

    def drop(self, rows: Iterable[int]) -> None:
        """Take rows out: they are reported, not used."""
        array = _rows_array(rows)
        if len(array):
            bad = pc.is_in(self._table.column("row"), array)
            self.replace(self._table.filter(pc.invert(bad)))

    def parts(self) -> Iterator[None]:
        """Let `cells` be one part of itself after the other, each gone when it is done with."""
        batches = self._table.to_batches()
        schema = self._table.schema
        self.replace(self._table.slice(0, 0))
        batches.reverse()
        nothing = True
        while batches:
            some = [batches.pop()]
            while batches and sum(one.num_rows for one in some) < _PART_ROWS:
                some.append(batches.pop())
            self.replace(pa.Table.from_batches(some, schema))
            del some
            nothing = False
            yield
        if nothing:
            yield


def _rows_array(rows: Iterable[int]) -> pa.Array:
    return pa.array(sorted(rows), pa.int32())


def _capped(faults: list[Fault], file: str, reported: int) -> tuple[Fault, ...]:
    """Faults by row, the first ones and of how many more rows; `reported` is that of all."""
    ordered = sorted(faults, key=lambda found: (found.row or 0, found.code))
    if len(ordered) <= MOST_FAULTS and (ordered or not reported):
        return tuple(ordered)
    first = ordered[:MOST_FAULTS]
    rows = {found.row for found in first if found.row is not None}
    return (*first, fault("more-faults", file, count=max(reported - len(rows), 1)))


def _own_faults(
    importer: StatementImporter,
    sheet: Sheet,
    connection: duckdb.DuckDBPyConnection,
    faults: list[Fault],
    bad_rows: set[int],
) -> None:
    conditions = " OR ".join(f"({condition})" for _, condition, _, _ in importer.row_faults)
    if (
        not conditions
        or not connection.execute(f"SELECT 1 FROM cells WHERE {conditions} LIMIT 1").fetchall()
    ):
        return
    for code, condition, header, text in importer.row_faults:
        for row, shown in connection.execute(
            f"SELECT row, CAST({text} AS VARCHAR) FROM cells WHERE {condition} ORDER BY row"
        ).fetchall():
            if row not in bad_rows:
                if len(faults) <= MOST_FAULTS:
                    faults.append(fault(code, sheet.name, row, column=header, text=shown or ""))
                bad_rows.add(row)


def _told_apart(
    importer: StatementImporter,
    sheet: Sheet,
    connection: duckdb.DuckDBPyConnection,
    cells: Relation,
) -> tuple[list[Fault], set[int], pa.Table | None, pa.Table | None]:
    """Rows that stand twice: their faults, and the rows, which leave `cells`.

    The third is all lines without them, where they are few, or one depends on others and they had
    to be made at once; else none. The fourth has the ids of lines that share a number.
    """
    by_parts = _alone(importer) and cells.rows > _PART_ROWS
    lines = _lines(importer, connection, only=("record_id",) if by_parts else None)
    names = _names(importer, connection, lines)
    lines = renamed(lines, names)
    more, twice = _duplicates(importer, sheet, connection, lines)
    if twice:
        cells.drop(twice)
        lines = lines.filter(pc.invert(pc.is_in(lines.column("row"), _rows_array(twice))))
    return more, twice, None if by_parts else lines, names


def _names(
    importer: StatementImporter, connection: duckdb.DuckDBPyConnection, lines: pa.Table
) -> pa.Table | None:
    """The ids of lines that share a number, as (row, record_id)."""
    if importer.nth is None or all_differ(lines.column("record_id")):
        return None
    connection.register("ids", lines.select(["row", "record_id"]))
    # A mapped table may have a column of that name.
    others = "cells.* EXCLUDE (record_id)" if "record_id" in importer.columns else "cells.*"
    shared = (
        f"SELECT {others}, ids.record_id FROM cells JOIN ids USING (row) WHERE ids.record_id IN "
        "(SELECT record_id FROM ids GROUP BY record_id HAVING count(*) > 1)"
    )
    source = _layered(f"({shared})", _needed(importer.steps, importer.nth.place))
    place = f"CASE WHEN nth = 1 THEN '' ELSE '{importer.nth.mark}' || nth END"
    return connection.sql(
        f"SELECT row, record_id || {place} AS record_id"
        f" FROM (SELECT row, record_id, {importer.nth.place} AS nth FROM {source}) ORDER BY row"
    ).to_arrow_table()


def _alone(importer: StatementImporter) -> bool:
    """Whether each line is made of its own row, so that rows can be worked on part by part."""
    layers = (importer.fields, *importer.steps)
    text = " ".join(sql for layer in layers for sql in layer.values()).upper()
    return "record_id" in importer.fields and not re.search(r"\b(OVER|SELECT)\b", text)


def _by_parts(
    importer: StatementImporter, connection: duckdb.DuckDBPyConnection, cells: Relation
) -> pa.Table:
    """All lines, made part by part; `cells` is used up."""
    return pa.concat_tables([_lines(importer, connection) for _part in cells.parts()])


def _lines(
    importer: StatementImporter,
    connection: duckdb.DuckDBPyConnection,
    only: Sequence[str] | None = None,
) -> pa.Table:
    """The declared fields of the schema by row, moments still without zone."""
    fields = dict(importer.fields)
    fields.setdefault("booked_on", f"CAST({fields['occurred_at']} AS DATE)")
    fields.setdefault("record_id", identity_hash(fields, importer.identity))
    parts = [
        f"({sql}) AS {quoted(name)}" for name, sql in fields.items() if name in (only or fields)
    ]
    source = _layered("cells", _needed(importer.steps, " ".join(parts)))
    lines = connection.sql(f"SELECT row, {', '.join(parts)} FROM {source}").to_arrow_table()
    rows = lines.column("row").combine_chunks().to_numpy()
    lines = lines if (rows[1:] > rows[:-1]).all() else lines.sort_by("row")
    return lines if "record_id" in importer.fields else with_ordinals(lines)


def _layered(source: str, steps: Iterable[Mapping[str, str]]) -> str:
    """`source` with the columns of each step, one layer upon the other."""
    for step in steps:
        more = ", ".join(f"({sql}) AS {quoted(name)}" for name, sql in step.items())
        source = f"(SELECT *, {more} FROM {source})"
    return source


def _needed(steps: Steps, text: str) -> list[dict[str, str]]:
    """The steps that `text` is made of; DuckDB does not leave out those that hold an `IN`."""
    needed: list[dict[str, str]] = []
    for step in reversed(steps):
        words = set(re.findall(r"\w+", text))
        layer = {name: sql for name, sql in step.items() if name in words}
        if layer:
            needed.insert(0, layer)
            text = " ".join((text, *layer.values()))
    return needed


def _content_hash(importer: StatementImporter) -> str:
    """All that a row says, to tell one that stands twice from two of one id."""
    parts = ", ".join(
        f"coalesce(CAST({quoted(name)} AS VARCHAR), '')" for name in sorted(importer.columns)
    )
    return f"left(sha256(concat_ws(chr(31), {parts})), 32)"


def _duplicates(
    importer: StatementImporter,
    sheet: Sheet,
    connection: duckdb.DuckDBPyConnection,
    lines: pa.Table,
) -> tuple[list[Fault], set[int]]:
    """Rows whose id an earlier row has; with hashed ids equal rows are told apart instead."""
    ids = lines.column("record_id")
    if "record_id" not in importer.fields or all_differ(ids):
        return [], set()
    connection.register("ids", lines.select(["row", "record_id"]))
    rows = connection.execute(
        f"""SELECT ids.row, record_id, count(*) OVER same = count(*) OVER twice
            FROM ids JOIN (SELECT row, {_content_hash(importer)} AS content FROM cells
              WHERE row IN (SELECT row FROM ids WHERE record_id IN (
                SELECT record_id FROM ids GROUP BY record_id HAVING count(*) > 1))) USING (row)
            WINDOW same AS (PARTITION BY record_id),
                   twice AS (PARTITION BY record_id, content)
            QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY ids.row) > 1
            ORDER BY ids.row"""
    ).fetchall()
    faults = [
        fault("duplicate-row" if equal else "duplicate-id", sheet.name, row, text=record_id)
        for row, record_id, equal in rows
    ]
    return faults, {row for row, _, _ in rows}


def _records(
    importer: StatementImporter, file: SourceFile, facts: Facts, lines: pa.Table
) -> pa.Table:
    """`lines` as a table of `SCHEMA`, in the file's order."""
    same: dict[str, Any] = {
        "source": importer.source,
        "account": facts.account,
        "stage": str(importer.stage),
        "currency": facts.currency,
        "document": file.document,
        "shop": file.shop,
    }
    columns = []
    for wanted in SCHEMA:
        if wanted.name == "buyer":
            columns.append(_buyers(importer, lines))
        elif wanted.name in lines.column_names:
            columns.append(_cast(lines.column(wanted.name), wanted.type))
        elif wanted.name in same:
            columns.append(_constant(same[wanted.name], len(lines), wanted.type))
        else:
            columns.append(_constant(None, len(lines), wanted.type))
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _buyers(importer: StatementImporter, lines: pa.Table) -> pa.ChunkedArray:
    """Nicknames as keyed hashes, each different one hashed once; nothing without a key."""
    if importer.buyer_key is None or "buyer" not in lines.column_names:
        return _constant(None, len(lines), pa.string())
    coded = lines.column("buyer").combine_chunks().dictionary_encode()
    hashes = pseudonyms(coded.dictionary.to_pylist(), importer.buyer_key)
    return pa.chunked_array([pa.array(hashes, pa.string()).take(coded.indices)])


def _constant(value: str | None, count: int, kind: pa.DataType) -> pa.ChunkedArray:
    """One value in every row; the chunks share one buffer."""
    chunk = pa.repeat(pa.scalar(value, kind), min(count, _SHARED_ROWS))
    whole, rest = divmod(count, _SHARED_ROWS)
    return pa.chunked_array([chunk] * whole + ([chunk.slice(0, rest)] if rest else []), kind)


def _cast(values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_timestamp(kind) and pa.types.is_timestamp(values.type) and not values.type.tz:
        return _in_zone(values.cast(pa.timestamp("us")))
    return values.cast(kind)


def _in_zone(moments: pa.ChunkedArray) -> pa.ChunkedArray:
    """Moments without zone as those of `ZONE`, which has kept one time for decades."""
    first = pc.min(moments).as_py()
    if first is not None and first >= _ONE_TIME_SINCE:
        ahead = pa.scalar(_AHEAD, pa.duration("us"))
        return pc.subtract(moments, ahead).cast(pa.int64()).cast(pa.timestamp("us", ZONE))
    return pc.assume_timezone(moments, ZONE, ambiguous="earliest", nonexistent="earliest")


def _control(connection: duckdb.DuckDBPyConnection, *, name: str, stated: int, sql: str) -> Control:
    row = connection.execute(f"SELECT coalesce({sql}, 0) FROM cells").fetchone()
    found = int(row[0]) if row else 0
    return Control(name=name, stated=stated, found=found, counts=sql.startswith("count("))
