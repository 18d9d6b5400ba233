"""One part of the index of traces on disk: rows by chain, and what leads from a key to chains.

    rows.arrow    `trace_rows` in the order of `chain`, in batches that are compressed singly
    starts.npy    the first row of each batch
    chains.npy    the chain of each row
    keys.npy      for each key of each row: 32 bits of its hash, then 32 bits of chain; sorted

Two keys may share a hash, so the rows found are compared with the key. A lookup maps the files
into memory, searches by halving and unpacks the batches that hold its rows. Parquet is avoided for
its footer; also, whatever is called `.parquet` below `records/` is rows of the store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from beanclear.cli.trace_sql import KEYS

if TYPE_CHECKING:
    import duckdb

_BATCH_ROWS: Final = 4096
_HIGH: Final = np.uint64(0xFFFFFFFF00000000)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows of chains, to be asked for a key."""

    rows: pa.ipc.RecordBatchFileReader
    starts: npt.NDArray[np.int64]
    chains: npt.NDArray[np.int64]
    keys: npt.NDArray[np.uint64]

    @classmethod
    def read(cls, folder: Path) -> Part:
        """Map the files of a part.

        Raises:
          OSError, ValueError, pa.ArrowException: when they are not whole.
        """
        starts, chains, keys = (
            np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("starts", "chains", "keys")
        )
        rows = pa.ipc.open_file(pa.memory_map(str(folder / "rows.arrow")))
        return cls(rows=rows, starts=starts, chains=chains, keys=keys)

    def find(self, wanted: Set[str]) -> Iterator[list[Row]]:
        """The rows of each chain that one of these keys names, in the order of chains."""
        for chain in sorted({chain for name in wanted for chain in self._chains(name)}):
            rows = self._rows(chain)
            if any(row[column] in wanted for row in rows for column in KEYS):
                yield rows

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


def write(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
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
