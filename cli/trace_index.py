"""The index of traces: `records/trace/`, a cache that answers for one key without the others.

    rows.arrow    `trace_rows` in the order of `chain`, in batches that are compressed singly
    starts.npy    the first row of each batch
    chains.npy    the chain of each row
    keys.npy      for each key of each row: 32 bits of its hash, then 32 bits of chain; sorted
    state.json    what the others were made from; written last

Two keys may share a hash, so the rows found are compared with the key. A lookup maps the files
into memory, searches by halving and unpacks the batches that hold its rows: neither DuckDB nor
the store is opened. Parquet is avoided for its footer; also, whatever is called `.parquet` below
`records/` is rows of the store.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from beanclear.cli.trace_sql import KEYS, STEPS
from beanclear.ledger.books import Books, write_atomically

if TYPE_CHECKING:
    import duckdb

    from beanclear.ledger.reconciliation import Item

_FORMAT: Final = 1
_BATCH_ROWS: Final = 4096
# Folders whose content the fingerprint takes from elsewhere, or that a run derives.
_LEFT_OUT: Final = frozenset({"documents", "inbox", "records", "journal", "reconciliation"})
_HIGH: Final = np.uint64(0xFFFFFFFF00000000)

Row = dict[str, Any]


def fingerprint(books: Books) -> str:
    """What a trace depends on: the store's list of what it holds, and the owner's own files."""
    digest = hashlib.sha256(f"{_FORMAT}".encode())
    own = (
        path
        for top in sorted(books.root.iterdir())
        if top.name not in _LEFT_OUT and not top.name.startswith(".")
        for path in (sorted(top.rglob("*")) if top.is_dir() else [top])
    )
    for path in (books.records / "manifest.json", *own):
        if path.is_file():
            name = path.relative_to(books.root).as_posix()
            digest.update(name.encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The rows of all chains, to be asked for a key.

    Attributes:
      files: document → the name of its file.
      places: where the accountants' words stand, as `beanclear.cli.tracing` names them.
    """

    rows: pa.ipc.RecordBatchFileReader
    starts: npt.NDArray[np.int64]
    chains: npt.NDArray[np.int64]
    keys: npt.NDArray[np.uint64]
    files: Mapping[str, str]
    places: Mapping[str, str]

    def find(self, *names: str) -> list[Row]:
        """All rows of the chains that one of these keys names, in the order of chains."""
        wanted = frozenset(names)
        found: list[Row] = []
        for chain in sorted({chain for name in wanted for chain in self._chains(name)}):
            rows = self._rows(chain)
            if any(row[column] in wanted for row in rows for column in KEYS):
                found += rows
        return found

    def _chains(self, name: str) -> list[int]:
        low = _hashed(name) & int(_HIGH)
        first, last = np.searchsorted(self.keys, np.array([low, low | 0xFFFFFFFF], np.uint64))
        within = self.keys[first : last + 1]
        return [int(one) & 0xFFFFFFFF for one in within if int(one) & int(_HIGH) == low]

    def _rows(self, chain: int) -> list[Row]:
        first = int(np.searchsorted(self.chains, chain))
        last = int(np.searchsorted(self.chains, chain, side="right"))
        rows: list[Row] = []
        while first < last:
            number = int(np.searchsorted(self.starts, first, side="right")) - 1
            start, end = int(self.starts[number]), min(last, int(self.starts[number + 1]))
            rows += self.rows.get_batch(number).slice(first - start, end - first).to_pylist()
            first = end
        return rows


def _hashed(name: str) -> int:
    """The number DuckDB's `md5_number_lower` gives."""
    digest = hashlib.md5(name.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[8:], "little")


def _folder(books: Books) -> Path:
    return books.records / "trace"


def load(books: Books) -> Index | None:
    """The index on disk; none when there is none, or something changed since it was made."""
    folder = _folder(books)
    try:
        state = json.loads((folder / "state.json").read_text("utf-8"))
        return _opened(folder, state) if state["of"] == fingerprint(books) else None
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return None


def _opened(folder: Path, state: Mapping[str, Any]) -> Index:
    starts, chains, keys = (
        np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("starts", "chains", "keys")
    )
    return Index(
        rows=pa.ipc.open_file(pa.memory_map(str(folder / "rows.arrow"))),
        starts=starts,
        chains=chains,
        keys=keys,
        files=state["files"],
        places=state["places"],
    )


def build(
    books: Books,
    con: duckdb.DuckDBPyConnection,
    items: Iterable[Item],
    *,
    files: Mapping[str, str],
    places: Mapping[str, str],
) -> Index:
    """Make the index from what a computation left on its connection, and what it found open.

    The caller holds the books' lock.
    """
    con.register("trace_items", _items(items))
    for step in STEPS:
        con.execute(step)
    folder = _folder(books)
    (folder / "state.json").unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _write_rows(con, folder)
    state = {"of": fingerprint(books), "files": dict(files), "places": dict(places)}
    write_atomically(folder / "state.json", json.dumps(state, ensure_ascii=False))
    return _opened(folder, state)


def _items(items: Iterable[Item]) -> pa.Table:
    """The open items of each group in one cell."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for item in items:
        place = (item.account, item.currency, item.key)
        groups.setdefault(place, []).append(dataclasses.asdict(item))
    texts = [json.dumps(found, ensure_ascii=False, default=str) for found in groups.values()]
    columns = [*zip(*groups, strict=True)] if groups else [(), (), ()]
    names = ("account", "currency", "grp", "items")
    return pa.table(
        {
            name: pa.array(column, pa.string())
            for name, column in zip(names, [*columns, texts], strict=True)
        }
    )


def _write_rows(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """`trace_rows` batch by batch with the first row of each, and what leads to the rows."""
    hashes = ", ".join(
        f"md5_number_lower(CASE WHEN {_first_of(name)} THEN {name} END) & {int(_HIGH)}::UBIGINT"
        f" AS hash_{name}"
        for name in KEYS
    )
    reader = con.sql(f"SELECT *, {hashes} FROM trace_rows ORDER BY chain").to_arrow_reader(
        _BATCH_ROWS
    )
    width = len(reader.schema) - len(KEYS)
    schema = pa.schema(list(reader.schema)[:width])
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    chains, keys, starts = [np.empty(0, np.int64)], [np.empty(0, np.uint64)], [0]
    with pa.ipc.new_file(folder / "rows.arrow", schema, options=options) as writer:
        for batch in reader:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns[:width], schema=schema))
            chains.append(batch.column("chain").to_numpy())
            starts.append(starts[-1] + batch.num_rows)
            for column in batch.columns[width:]:
                there = column.is_valid().to_numpy(zero_copy_only=False)
                packed = column.drop_null().to_numpy() | chains[-1][there].astype(np.uint64)
                keys.append(np.unique(packed))
    np.save(folder / "chains.npy", np.concatenate(chains))
    np.save(folder / "starts.npy", np.array(starts, np.int64))
    np.save(folder / "keys.npy", np.unique(np.concatenate(keys)))


def _first_of(name: str) -> str:
    """SQL: whether the column has a key, and no column of `KEYS` before it has the same."""
    before = KEYS[: KEYS.index(name)]
    return " AND ".join(
        [f"{name} <> ''", *(f"{name} IS DISTINCT FROM {other}" for other in before)]
    )
