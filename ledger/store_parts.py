"""The parts of a record store: one document's rows of one stage, source and month, as Parquet.

    <stage>/<source>/<YYYY-MM>/<sha-256 of the document>.parquet
    <stage>/<source>/<YYYY-MM>/_<sha-256 of the document>.ids

Rows stand by day, then as in the document; lines that another document tells better are left out.
Beside wallet and bank lines the sorted hashes of the ids of all the document's lines lie, 8 bytes
a line, so that what a new document has in common with a long history is found without reading the
history, and what a document lacks that others have. (A lake's readers skip names that begin with
`_`.)
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from beanclear.ledger.books import replace_atomically
from beanclear.ledger.hashing import Hashes, hashes_of
from beanclear.ledger.statement_rows import StatementRow
from beanclear.ledger.tables import SCHEMA

STAGES = ("bank", "order", "wallet")
LINE_STAGES = ("bank", "wallet")
LINE = "account, shop, record_id"

# Nearly every value of these differs, so a dictionary of them would be made in vain.
_PLAIN = frozenset({
    "record_id", "occurred_at", "row", "balance_minor", "order_id", "trade_id",
    "refund_id", "settlement_id", "payout_id", "bank_ref", "waybill_id", "ordered_at", "paid_at",
    "shipped_at", "completed_at",
})  # fmt: skip
_CODED = [name for name in SCHEMA.names if name not in _PLAIN]


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the store: its name there, where its content lies now, and that one's SHA-256."""

    name: str
    path: Path
    sha256: str

    def put(self, root: Path) -> None:
        """Move the content to its place."""
        target = root / self.name
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_atomically(self.path, target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """One document's rows, written but not yet held.

    Attributes:
      document: its SHA-256.
      rows: what is known of its statements.
      parts: the files, names sorted.
    """

    document: str
    rows: tuple[StatementRow, ...]
    parts: tuple[Part, ...]


def folder_of(stage: str, source: str) -> str:
    """The folder of a stage and source below `records/`, one to one for any source name."""
    return f"{stage}/{quote(source, safe='').replace('.', '%2E')}"


def document_of(name: str) -> str:
    """The document whose rows a file of the store holds."""
    return name.rpartition("/")[2].partition(".")[0].removeprefix("_")


def month_of(name: str) -> str:
    """The month whose rows a file of the store holds."""
    return name.split("/")[2]


def ids_of(name: str) -> str:
    """The name of the hashes beside a Parquet file."""
    folder, _slash, file = name.rpartition("/")
    return f"{folder}/_{file.removesuffix('.parquet')}.ids"


def by_day(table: pa.Table) -> pa.Table:
    """Rows by day, else in their order."""
    days = table.column("booked_on").to_numpy()
    if not (days[1:] < days[:-1]).any():
        return table
    return table.take(pa.array(np.argsort(days, kind="stable")))


def by_month(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """A table in the order of days, cut into its months."""
    months = table.column("booked_on").to_numpy().astype("datetime64[M]")
    names, starts = np.unique(months, return_index=True)
    for name, start, end in zip(names, starts, [*starts[1:], table.num_rows], strict=True):
        yield str(name), table.slice(start, end - start)


def write_part(folder: Path, name: str, table: pa.Table) -> Iterator[Part]:
    """Write rows below `folder` for the place `name`, and for lines the hashes of their ids."""
    yield write_rows(folder, name, table)
    if name.startswith(LINE_STAGES):
        yield _write(folder, ids_of(name), np.sort(line_hashes(table)).tobytes())


def write_rows(folder: Path, name: str, table: pa.Table) -> Part:
    """Write the rows alone."""
    return _write(folder, name, _parquet(table))


def line_hashes(table: pa.Table) -> Hashes:
    """A number for each line; different lines may, rarely, share one."""
    return hashes_of([table.column(name) for name in LINE.split(", ")])


def read_hashes(path: Path) -> Hashes:
    """The sorted hashes that `write_part` wrote."""
    found: Hashes = np.fromfile(path, "<u8")
    return found


def several(hashes: Hashes) -> Hashes:
    """Of sorted hashes those that stand more than once."""
    found: Hashes = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    return found


def both(some: Hashes, others: Hashes) -> Hashes:
    """Of two sorted lists what is in both."""
    small, large = sorted((some, others), key=len)
    if not len(small):
        return small
    places = np.minimum(np.searchsorted(large, small), len(large) - 1)
    found: Hashes = small[large[places] == small]
    return found


def _write(folder: Path, name: str, content: pa.Buffer | bytes) -> Part:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Part(name, path, hashlib.sha256(content).hexdigest())


def _parquet(table: pa.Table) -> pa.Buffer:
    """A table as Parquet with fixed settings: equal rows give equal bytes."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        table.combine_chunks(),
        sink,
        compression="zstd",
        compression_level=1,
        version="2.6",
        row_group_size=1 << 18,
        use_dictionary=_CODED,
        write_statistics=_CODED,
    )
    return sink.getvalue()
