"""Merging new rows into the months of one stage and source: which row is held, which loses."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from beanclear.ledger.errors import Fault
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import format_minor
from beanclear.ledger.tables import SCHEMA

_LINE = "account, shop, record_id"
_SNAPSHOT = "account, shop, record_id, document, row"
_ORDER = "booked_on, occurred_at, account, shop, record_id, document, row"
_BEST = "coalesce(rank, 0) DESC, document, row"
_RANKED = "LEFT JOIN ranks USING (stage, source, account, shop, document)"
_VARIANTS = pa.schema(
    [
        ("account", pa.string()), ("shop", pa.string()), ("record_id", pa.string()),
        ("document", pa.string()), ("row", pa.int32()), ("booked_on", pa.date32()),
        ("amount_minor", pa.int64()), ("currency", pa.string()),
        ("stage", pa.string()), ("source", pa.string()),
    ]
)  # fmt: skip
_NAMES = ", ".join(_VARIANTS.names)
_KEYS = [*_VARIANTS.names, "occurred_at"]
_NAMES = ", ".join(_VARIANTS.names)
_KEYS = [*_VARIANTS.names, "occurred_at"]
Months = dict[str, "pa.Table | None"]


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Conflict:
    """The best row of one of the contradicting versions of a line."""

    stage: str
    source: str
    account: str
    shop: str
    record_id: str
    document: str
    row: int
    booked_on: str
    amount_minor: int
    currency: str

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return dataclasses.asdict(self)

    @property
    def line(self) -> tuple[str, ...]:
        """Which line it is a version of."""
        return (self.stage, self.source, self.account, self.shop, self.record_id)


def folder_of(stage: str, source: str) -> str:
    """The folder of a stage and source below `records/`, one to one for any source name."""
    return f"{stage}/{quote(source, safe='').replace('.', '%2E')}"


def _months(table: pa.Table) -> npt.NDArray[np.datetime64]:
    days: npt.NDArray[np.datetime64] = table.column("booked_on").to_numpy()
    return days.astype("datetime64[M]")


def _touched(table: pa.Table) -> set[str]:
    return {str(month) for month in np.unique(_months(table))}


def _by_month(table: pa.Table, touched: Iterable[str]) -> Months:
    """A table sorted by day in its months; none for a touched month without rows."""
    months: Months = dict.fromkeys(touched)
    names, starts = np.unique(_months(table), return_index=True)
    ends = [*starts[1:], table.num_rows]
    for name, start, end in zip(names, starts, ends, strict=True):
        months[str(name)] = table.slice(start, end - start)
    return months


def _pool(connection: duckdb.DuckDBPyConnection, files: Iterable[Path], new: pa.Table) -> pa.Table:
    """All candidate rows; their keys, rank and place in it become the relation `pool`.

    Only these few columns go through joins and sorts: the others are wide.
    """
    held = [pq.read_table(path, schema=SCHEMA) for path in files]
    rows = pa.concat_tables([*held, new]).combine_chunks()
    places = pa.array(np.arange(rows.num_rows))
    connection.register("narrow", rows.select(_KEYS).append_column("place", places))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE pool AS SELECT * FROM narrow {_RANKED}")
    return rows


def _in_order(
    connection: duckdb.DuckDBPyConnection, rows: pa.Table, key: str, touched: Iterable[str]
) -> Months:
    """Of the rows of each key the best, sorted, in their months."""
    kept = connection.sql(
        f"""
        WITH several AS (SELECT {key} FROM pool GROUP BY ALL HAVING count(*) > 1), losing AS (
            SELECT place FROM pool SEMI JOIN several USING ({key})
            QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {_BEST}, place) > 1
        )
        SELECT place FROM pool ANTI JOIN losing USING (place) ORDER BY {_ORDER}
        """
    ).to_arrow_table()
    return _by_month(rows.take(kept.column("place").combine_chunks()), touched)


def merge_orders(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], new: pa.Table
) -> Months:
    """The months that new snapshots fall in, whole: every snapshot once."""
    touched = _touched(new)
    rows = _pool(connection, [path for path in files if path.stem in touched], new)
    return _in_order(connection, rows, _SNAPSHOT, touched)


def merge_lines(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[Path],
    new: pa.Table,
    conflicts: Sequence[Conflict],
) -> tuple[Months, list[Conflict]]:
    """The months that new lines touch, whole: every line once, its best row; and all conflicts.

    A line whose versions lie in different months touches all of them. `conflicts` are those of
    this stage and source so far; of each version the best row is remembered, so the result does
    not depend on which version came first.
    """
    touched = _touched(new)
    others = [path for path in files if path.stem not in touched]
    if others:
        listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in others)
        connection.register("fresh", new.select(["account", "shop", "record_id"]))
        touched |= {
            month
            for (month,) in connection.execute(
                "SELECT DISTINCT strftime(booked_on, '%Y-%m') FROM "
                f"read_parquet([{listed}], hive_partitioning = false) "
                f"SEMI JOIN fresh USING ({_LINE})"
            ).fetchall()
        }
    rows = _pool(connection, [path for path in files if path.stem in touched], new)
    connection.register("versions", _versions(conflicts))
    found = connection.execute(
        f"""
        WITH several AS (
            SELECT {_LINE} FROM pool GROUP BY ALL HAVING count(*) > 1
            UNION SELECT {_LINE} FROM versions
        ), candidates AS (
            SELECT {_NAMES}, rank FROM pool SEMI JOIN several USING ({_LINE})
            UNION ALL SELECT {_NAMES}, rank FROM versions {_RANKED}
        ), best AS (
            SELECT * FROM candidates QUALIFY row_number() OVER (
                PARTITION BY {_LINE}, booked_on, amount_minor, currency ORDER BY {_BEST}
            ) = 1
        )
        SELECT {_NAMES} FROM best QUALIFY count(*) OVER (PARTITION BY {_LINE}) > 1
        """
    ).fetchall()
    return _in_order(connection, rows, _LINE, touched), [_conflict(row) for row in found]


def _conflict(row: tuple[Any, ...]) -> Conflict:
    values = dict(zip(_VARIANTS.names, row, strict=True))
    return Conflict(**{**values, "booked_on": values["booked_on"].isoformat()})


def _versions(conflicts: Iterable[Conflict]) -> pa.Table:
    rows = [
        {**line.to_json(), "booked_on": datetime.date.fromisoformat(line.booked_on)}
        for line in conflicts
    ]
    return pa.Table.from_pylist(rows, schema=_VARIANTS)


def faults_of(
    conflicts: Iterable[Conflict],
    files: Mapping[str, str],
    ranks: Mapping[tuple[str, ...], int],
) -> tuple[Fault, ...]:
    """Each losing version beside the one that is booked.

    Args:
      conflicts: all versions of the lines in conflict.
      files: document → the file's name as the user knows it.
      ranks: (stage, source, account, shop, document) → rank.
    """
    faults = []
    for _line, versions in groupby(sorted(conflicts), key=lambda version: version.line):
        booked, *others = sorted(
            versions,
            key=lambda version: (
                -ranks.get((*version.line[:4], version.document), 0),
                version.document,
                version.row,
            ),
        )
        faults += [
            Fault(
                code="conflicting-line",
                file=files.get(other.document, other.document),
                row=other.row,
                what=_("the line %(id)s is %(here)s here, but %(there)s in %(file)s:%(row)d")
                % {
                    "id": other.record_id,
                    "here": _worth(other),
                    "there": _worth(booked),
                    "file": files.get(booked.document, booked.document),
                    "row": booked.row,
                },
                todo=_("the other one is booked: export the period again and compare"),
            )
            for other in others
        ]
    return tuple(faults)


def _worth(line: Conflict) -> str:
    amount = format_minor(line.amount_minor, line.currency)
    return f"{amount} {line.currency} ({line.booked_on})"
