"""Lines that several documents tell: which one is held, which lose, which contradict it."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from beanclear.ledger.errors import Fault
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import format_minor
from beanclear.ledger.statement_rows import StatementRow
from beanclear.ledger.store_parts import LINE

_BEST = "coalesce(weight, 0) DESC, told DESC, document, row"
_RANKED = "LEFT JOIN ranks USING (stage, source, account, shop, document)"
VARIANTS = pa.schema(
    [
        ("account", pa.string()), ("shop", pa.string()), ("record_id", pa.string()),
        ("document", pa.string()), ("row", pa.int32()), ("booked_on", pa.date32()),
        ("amount_minor", pa.int64()), ("currency", pa.string()),
        ("stage", pa.string()), ("source", pa.string()), ("told", pa.int32()),
    ]
)  # fmt: skip
_NAMES = ", ".join(VARIANTS.names)
Losers = dict[Path, list[int]]
_WORTH = {"proven": 2, "counted": 1}


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Conflict:
    """The best row of one of the contradicting versions of a line; `told` counts its texts."""

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
    told: int

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return dataclasses.asdict(self)

    @property
    def line(self) -> tuple[str, ...]:
        """Which line it is a version of."""
        return (self.stage, self.source, self.account, self.shop, self.record_id)


def weights(statements: Iterable[StatementRow]) -> dict[tuple[str, ...], int]:
    """Whose word counts where documents contradict each other: the larger one's.

    A format of higher rank, then a file that proves itself, then a later export. By (stage, source,
    account, shop, document); where weights are equal no file says which is right, and the smaller
    hash counts until somebody takes one out.
    """
    best: dict[tuple[str, ...], tuple[int, int, str]] = {}
    for row in statements:
        key = (row.stage, row.source, row.account, row.shop, row.document)
        exported = row.exported_at.isoformat() if row.exported_at is not None else ""
        worth = (row.rank, _WORTH.get(row.grade, 0), exported)
        best[key] = max(worth, best.get(key, worth))
    places = {worth: place for place, worth in enumerate(sorted(set(best.values())))}
    return {key: places[worth] for key, worth in best.items()}


def merge_lines(
    connection: duckdb.DuckDBPyConnection, pool: pa.Table, conflicts: Sequence[Conflict]
) -> tuple[Losers, list[Conflict]]:
    """Of each line the best row stays; those that lose by their place in their file, and conflicts.

    Args:
      connection: has the table `ranks`.
      pool: every row, new or held, of the lines that may stand more than once, as `VARIANTS` with
        `path` and `place`.
      conflicts: those of this stage and source so far. Of each version the best row is
        remembered, so the result does not depend on which version came first.
    """
    connection.register("rows", pool)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE pool AS SELECT * FROM rows {_RANKED}")
    connection.register("versions", _versions(conflicts))
    found = connection.execute(
        f"""
        WITH several AS (
            SELECT {LINE} FROM pool GROUP BY ALL HAVING count(*) > 1
            UNION SELECT {LINE} FROM versions
        ), candidates AS (
            SELECT {_NAMES}, weight FROM pool SEMI JOIN several USING ({LINE})
            UNION ALL SELECT {_NAMES}, weight FROM versions {_RANKED}
        ), best AS (
            SELECT * FROM candidates QUALIFY row_number() OVER (
                PARTITION BY {LINE}, booked_on, amount_minor, currency ORDER BY {_BEST}
            ) = 1
        )
        SELECT {_NAMES} FROM best QUALIFY count(*) OVER (PARTITION BY {LINE}) > 1
        """
    ).fetchall()
    losers: Losers = {}
    for path, place in connection.execute(
        f"""SELECT path, place FROM pool QUALIFY row_number() OVER (
            PARTITION BY {LINE} ORDER BY {_BEST}, path, place) > 1"""
    ).fetchall():
        losers.setdefault(Path(path), []).append(place)
    return losers, [_conflict(row) for row in found]


def _conflict(row: tuple[Any, ...]) -> Conflict:
    values = dict(zip(VARIANTS.names, row, strict=True))
    return Conflict(**{**values, "booked_on": values["booked_on"].isoformat()})


def _versions(conflicts: Iterable[Conflict]) -> pa.Table:
    rows = [
        {**line.to_json(), "booked_on": datetime.date.fromisoformat(line.booked_on)}
        for line in conflicts
    ]
    return pa.Table.from_pylist(rows, schema=VARIANTS)


def faults_of(
    conflicts: Iterable[Conflict],
    files: Mapping[str, str],
    better: Mapping[tuple[str, ...], int],
) -> tuple[Fault, ...]:
    """Each losing version beside the one that is booked.

    Args:
      conflicts: all versions of the lines in conflict.
      files: document → the file's name as the user knows it.
      better: as `weights`.
    """
    faults = []
    for _line, versions in groupby(sorted(conflicts), key=lambda version: version.line):
        booked, *others = sorted(
            versions,
            key=lambda version: (
                -better.get((*version.line[:4], version.document), 0),
                -version.told,
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
                todo=_(
                    "the other one is booked: export the period again, and take the wrong file out:"
                    " beanclear documents remove NAME --reason WHY"
                ),
                other=files.get(booked.document, booked.document),
            )
            for other in others
        ]
    return tuple(faults)


def _worth(line: Conflict) -> str:
    amount = format_minor(line.amount_minor, line.currency)
    return f"{amount} {line.currency} ({line.booked_on})"
