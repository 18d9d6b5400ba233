"""Taking lines that stand in several documents out of all but one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from beanclear.ledger.hashing import Hashes
from beanclear.ledger.statement_rows import StatementRow
from beanclear.ledger.store_merge import VARIANTS, Conflict, merge_lines, weights
from beanclear.ledger.store_parts import (
    LINE_STAGES,
    Part,
    both,
    folder_of,
    ids_of,
    line_hashes,
    read_hashes,
    several,
    write_rows,
)
from beanclear.ledger.tables import SCHEMA

_TEXTS = ("counterparty", "memo")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldApart:
    """What the store shall hold.

    Attributes:
      parts: the new ones, without lines that others tell better, and rewritten those that were
        held and lost a line.
      lost: names of held parts that lost a line; one that is not among `parts` is empty now.
      conflicts: all that are known now.
    """

    parts: list[Part]
    lost: list[str]
    conflicts: list[Conflict]


def tell_apart(
    database: Callable[[], duckdb.DuckDBPyConnection],
    folder: Path,
    *,
    new: Iterable[Part],
    held: Iterable[Part],
    statements: Iterable[StatementRow],
    conflicts: Iterable[Conflict],
) -> ToldApart:
    """Let each line of `new` and `held` parts stand once.

    Args:
      database: opens one to work in, if lines may stand twice.
      folder: for rewritten parts.
      new: parts of documents to be held.
      held: parts of others that are.
      statements: all of both.
      conflicts: the known ones.
    """
    parts = {part.name: part for part in new}
    there = {part.name: part for part in held}
    told = list(conflicts)
    lost: list[str] = []
    for place in sorted({_place(name) for name in parts if name.startswith(LINE_STAGES)}):
        candidates, files = _candidates(_concerned(parts, place), _concerned(there, place))
        if not files:
            continue
        known = [one for one in told if folder_of(one.stage, one.source) == place]
        with database() as connection:
            connection.register("ranks", _ranks(statements))
            pool = pa.concat_tables(_pool(path, candidates) for path in sorted(files))
            losers, found = merge_lines(connection, pool, known)
        told = [one for one in told if one not in known] + found
        for path, rows in losers.items():
            name = files[path].name
            if name in there:
                lost.append(name)
            parts.pop(name, None)
            table = pq.read_table(path, schema=SCHEMA)
            kept = table.take(pa.array(np.delete(np.arange(table.num_rows), rows)))
            if kept.num_rows:
                parts[name] = write_rows(folder, name, kept)
    return ToldApart(parts=list(parts.values()), lost=lost, conflicts=sorted(told))


def _pool(path: Path, candidates: Hashes) -> pa.Table:
    """The keys of the candidates' rows in a file, and their places in it."""
    names = [name for name in VARIANTS.names if name != "told"]
    table = pq.read_table(path, columns=[*names, *_TEXTS])
    places = np.flatnonzero(np.isin(line_hashes(table), candidates))
    found = table.take(pa.array(places))
    told = [pc.cast(pc.is_valid(found.column(name)), pa.int32()) for name in _TEXTS]
    found = found.drop_columns(list(_TEXTS)).append_column("told", pc.add(*told))
    found = found.select(VARIANTS.names).cast(VARIANTS)
    found = found.append_column("place", pa.array(places))
    return found.append_column("path", pa.array([str(path)] * len(places), pa.string()))


def _place(name: str) -> str:
    """The stage and source of a part."""
    return "/".join(name.split("/")[:2])


def _concerned(parts: dict[str, Part], place: str) -> list[tuple[Part, Path]]:
    """The Parquet parts of one stage and source, each with the hashes of its document."""
    return [
        (part, parts[ids_of(name)].path)
        for name, part in parts.items()
        if name.endswith(".parquet") and _place(name) == place
    ]


def _candidates(
    new: Sequence[tuple[Part, Path]], held: Sequence[tuple[Part, Path]]
) -> tuple[Hashes, dict[Path, Part]]:
    """Hashes of new lines that may stand more than once, and the files in which they may."""
    fresh = np.sort(np.concatenate([read_hashes(ids) for _part, ids in new]))
    found = [several(fresh), *(both(fresh, read_hashes(ids)) for _part, ids in held)]
    candidates = np.unique(np.concatenate(found))
    files = {
        part.path: part for part, ids in (*new, *held) if len(both(candidates, read_hashes(ids)))
    }
    return candidates, files


def _ranks(rows: Iterable[StatementRow]) -> pa.Table:
    """Weight of each statement as a table, for the choice among rows of one id."""
    best = weights(rows)
    names = ("stage", "source", "account", "shop", "document")
    columns: dict[str, list[str] | list[int]] = {
        name: [key[place] for key in best] for place, name in enumerate(names)
    }
    columns["weight"] = list(best.values())
    fields = [pa.field(name, pa.string()) for name in names] + [pa.field("weight", pa.int32())]
    return pa.table(columns, schema=pa.schema(fields))
