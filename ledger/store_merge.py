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
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.ledger.errors import Fault
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import format_minor
from beanclear.ledger.tables import SCHEMA

_COLUMNS = ", ".join(f'"{name}"' for name in SCHEMA.names)
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
_NAMES = ", ".join(_VARIANTS.names)
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


def _month(table: pa.Table) -> pa.ChunkedArray:
    return pc.strftime(table.column("booked_on"), format="%Y-%m")


def _by_month(table: pa.Table, touched: Iterable[str]) -> Months:
    """A table sorted by day in its months; none for a touched month without rows."""
    months: Months = dict.fromkeys(touched)
    start = 0
    for month, rows in groupby(_month(table).to_pylist()):
        count = sum(1 for _row in rows)
        months[month] = table.slice(start, count)
        start += count
    return months


def _in_schema(table: pa.Table) -> pa.Table:
    """DuckDB's result with our nullability."""
    columns = [table.column(field.name).cast(field.type) for field in SCHEMA]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _read(connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path]) -> None:
    """A view `name` of Parquet files; of none an empty one."""
    if not files:
        connection.register("nothing", SCHEMA.empty_table())
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM nothing")
        return
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM "
        f"read_parquet([{listed}], hive_partitioning = false)"
    )


def merge_orders(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], new: pa.Table
) -> Months:
    """The months that new snapshots fall in, whole: every snapshot once."""
    touched = set(pc.unique(_month(new)).to_pylist())
    _read(connection, "held", [path for path in files if path.stem in touched])
    connection.register("fresh", new)
    table = connection.sql(
        f"SELECT {_COLUMNS} FROM (SELECT * FROM held UNION ALL BY NAME SELECT * FROM fresh) "
        "QUALIFY row_number() OVER (PARTITION BY account, shop, record_id, document, row "
        f"ORDER BY occurred_at, amount_minor) = 1 ORDER BY {_ORDER}"
    ).to_arrow_table()
    return _by_month(_in_schema(table), touched)


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
    connection.register("fresh", new)
    _read(connection, "held", files)
    elsewhere = connection.execute(
        "SELECT DISTINCT strftime(booked_on, '%Y-%m') FROM held "
        "SEMI JOIN fresh USING (account, shop, record_id)"
    ).fetchall()
    touched = {month for (month,) in elsewhere} | set(pc.unique(_month(new)).to_pylist())
    _read(connection, "held", [path for path in files if path.stem in touched])
    pool = connection.sql(
        "SELECT * FROM (SELECT * FROM held UNION ALL BY NAME SELECT * FROM fresh) " + _RANKED
    ).to_arrow_table()
    connection.register("pool", pool)
    connection.register("versions", _versions(conflicts))
    found = connection.execute(
        f"""
        WITH candidates AS (
            SELECT {_NAMES}, rank FROM pool
            UNION ALL SELECT {_NAMES}, rank FROM versions {_RANKED}
        ), best AS (
            SELECT * FROM candidates QUALIFY row_number() OVER (
                PARTITION BY account, shop, record_id, booked_on, amount_minor, currency
                ORDER BY {_BEST}
            ) = 1
        )
        SELECT {_NAMES} FROM best
        QUALIFY count(*) OVER (PARTITION BY account, shop, record_id) > 1
        """
    ).fetchall()
    table = connection.sql(
        f"SELECT {_COLUMNS} FROM pool QUALIFY row_number() OVER "
        f"(PARTITION BY account, shop, record_id ORDER BY {_BEST}) = 1 ORDER BY {_ORDER}"
    ).to_arrow_table()
    return _by_month(_in_schema(table), touched), [_conflict(row) for row in found]


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
