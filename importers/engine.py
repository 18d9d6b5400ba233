"""The engine of the importers: a declaration and a sheet in, a `Statement` out."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers import chain
from beanclear.importers.columns import Type, Typing, quoted
from beanclear.importers.cut_ids import cut_ids
from beanclear.importers.faults import MOST_FAULTS, fault
from beanclear.importers.files import SourceFile
from beanclear.importers.ids import all_differ, with_ordinals
from beanclear.importers.sheet import Keep, Sheet
from beanclear.importers.text import bare, normal_header
from beanclear.ledger.buyers import pseudonyms
from beanclear.ledger.chart import MAIN
from beanclear.ledger.errors import Fault
from beanclear.ledger.money import parse_minor
from beanclear.ledger.records import ZONE
from beanclear.ledger.statement import Control, Statement
from beanclear.ledger.tables import SCHEMA

if TYPE_CHECKING:
    from beanclear.importers.base import Facts, StatementImporter, Steps

_ONE_TIME_SINCE = datetime.datetime(1992, 1, 1)  # the last summer time of `ZONE` was in 1991
_AHEAD = datetime.timedelta(hours=8)
_SHARED_ROWS = 65_536
_PART_ROWS = 131_072


def run(
    importer: StatementImporter,
    file: SourceFile,
    read: Callable[[Keep], Sheet],
    connection: duckdb.DuckDBPyConnection,
) -> Statement:
    """Read one sheet as `importer` declares it; `read` gives it, keeping what is asked."""
    typing = Typing(connection, file.name, importer.columns)
    sheet = read(typing.take)
    cells = Relation(connection, sheet.table)
    facts = importer.facts(file, sheet, connection)
    if file.shop and facts.account == MAIN:
        # Two shops of one platform are two sources: what one file covers says nothing of the other.
        facts = replace(facts, account=file.shop)
    if facts.currency != "CNY":
        typing = Typing(connection, file.name, importer.columns, facts.currency)
        cells.replace(read(typing.take).table)
    sheet = replace(sheet, table=None)  # it is large; from here on `cells` holds it
    faults, bad_rows = typing.faults, typing.bad_rows
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
    more, twice, lines = _told_apart(importer, sheet, connection, cells)
    controls = [
        *(_control(connection, name=s.name, stated=s.stated, sql=s.sql) for s in facts.stated),
        *_total_rows(importer, sheet, connection, typing.found, facts.currency),
        *importer.controls(sheet, connection),
    ]
    records = _records(importer, file, facts, lines or _by_parts(importer, connection, cells))
    reported = len(bad_rows | twice) + sheet.rows_lost
    proof = chain.prove(records) if not reported else chain.Proof()
    return Statement(
        importer=importer.name,
        source=importer.source,
        account=facts.account,
        stage=importer.stage,
        currency=facts.currency,
        file=file.name,
        document=file.document,
        records=records,
        rows_read=sheet.rows_kept + sheet.rows_lost,
        shop=file.shop,
        rows_reported=reported,
        faults=_capped([*sheet.faults, *facts.faults, *faults, *more], file.name, reported),
        controls=tuple(controls),
        chained=proof.chained,
        declared_first=facts.declared_first,
        declared_last=facts.declared_last,
        exported_at=facts.exported_at,
        opening_minor=proof.opening_minor,
        closing_minor=proof.closing_minor,
        owner=facts.owner,
        rank=importer.rank,
        notes=facts.notes,
    )


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
    if len(ordered) <= MOST_FAULTS:
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
) -> tuple[list[Fault], set[int], pa.Table | None]:
    """Rows that stand twice: their faults, and the rows, which leave `cells`.

    The third is all lines without them, where they are few, or one depends on others and they had
    to be made at once; else none.
    """
    if _alone(importer) and cells.rows > _PART_ROWS:
        ids = _lines(importer, connection, only=("record_id",))
        more, twice = _duplicates(importer, sheet, connection, ids)
        cells.drop(twice)
        return more, twice, None
    lines = _lines(importer, connection)
    more, twice = _duplicates(importer, sheet, connection, lines)
    if twice:
        cells.drop(twice)
        lines = lines.filter(pc.invert(pc.is_in(lines.column("row"), _rows_array(twice))))
    return more, twice, lines


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
    fields.setdefault("record_id", _content_hash(importer))
    parts = [
        f"({sql}) AS {quoted(name)}" for name, sql in fields.items() if name in (only or fields)
    ]
    source = "cells"
    for step in _needed(importer.steps, " ".join(parts)):
        more = ", ".join(f"({sql}) AS {quoted(name)}" for name, sql in step.items())
        source = f"(SELECT *, {more} FROM {source})"
    lines = connection.sql(f"SELECT row, {', '.join(parts)} FROM {source}").to_arrow_table()
    rows = lines.column("row").combine_chunks().to_numpy()
    lines = lines if (rows[1:] > rows[:-1]).all() else lines.sort_by("row")
    return lines if "record_id" in importer.fields else with_ordinals(lines)


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
    """The row's meaning, not its looks: the same from CSV and from a workbook."""
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


def _total_rows(
    importer: StatementImporter,
    sheet: Sheet,
    connection: duckdb.DuckDBPyConnection,
    found: dict[str, str | None],
    currency: str,
) -> list[Control]:
    """Compare 合计 rows, amount column by amount column. A 小计 is of a page: not compared."""
    controls = []
    for _, cells in sheet.totals:
        by_header = dict(zip(sheet.headers, cells, strict=False))
        word = next((normal_header(cell) for cell in cells if cell.strip()), "")
        if word.startswith(("小计", "本页")):
            continue
        for name, declared in importer.columns.items():
            text = bare(by_header.get(found[name] or "", ""))
            if (
                declared.type not in {Type.AMOUNT, Type.ROUNDED}
                or not text
                or "余额" in str(found[name])
            ):
                continue
            try:
                stated = parse_minor(text, currency)
            except ValueError:
                continue
            controls.append(
                _control(
                    connection,
                    name=f"{word.rstrip(':')} {found[name]}",
                    stated=stated,
                    sql=f"sum({quoted(name)})",
                )
            )
    return controls
