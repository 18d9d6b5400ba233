"""Texts as numbers: whether any stand twice is seen a hundred times as fast by their hashes.

The numbers are the same on every machine and with every version. They are no proof of sameness:
different texts may, rarely, share one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Hashes = npt.NDArray[np.uint64]

_ROWS = 1 << 16
_LONGEST = 256
_SEPARATOR = b"\x1f"
_WEIGHTS = np.frombuffer(hashlib.shake_256(b"beanclear").digest(_LONGEST + 8), "<u8") | np.uint64(1)


def hashes_of(columns: Sequence[pa.ChunkedArray]) -> Hashes:
    """A number for each row of columns of strings, in their order.

    A row's first bytes are taken eight by eight as words, mixed, and summed with a weight for
    each place; what is behind them makes no difference. A missing text is an empty one.
    """
    names = [str(place) for place in range(len(columns))]
    table = pa.Table.from_arrays(list(columns), names)
    found = [_of_batch(batch) for batch in table.to_batches(max_chunksize=_ROWS) if len(batch)]
    hashes: Hashes = np.concatenate([np.empty(0, "<u8"), *found])
    return hashes


def _of_batch(batch: pa.RecordBatch) -> Hashes:
    cells = [pc.fill_null(column.cast(pa.binary()), b"") for column in batch.columns]
    keys = pc.binary_join_element_wise(*cells, _SEPARATOR) if len(cells) > 1 else cells[0]
    keys = pc.binary_slice(keys, 0, _LONGEST)
    width = max(1, -(-(pc.max(pc.binary_length(keys)).as_py() or 0) // 8))
    text = pc.ascii_rpad(keys.view(pa.string()), width * 8, "\0")
    words = np.frombuffer(text.buffers()[2], "<u8", len(text) * width).reshape(-1, width)
    words = (words ^ words >> np.uint64(32)) * _WEIGHTS[-1]
    words ^= words >> np.uint64(29)
    hashes: Hashes = (words * _WEIGHTS[:width]).sum(axis=1, dtype="<u8")
    return hashes
