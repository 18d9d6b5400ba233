"""Ids that a spreadsheet program cut: it keeps fifteen digits of a number and writes zeros behind.

    5116032541422009320  →  5116032541422000000

One such id may be genuine: of ids with n digits one in 10^(n - 15) ends so by chance. So the
different ids of a column are counted, length by length. With N of a length, K of them cut to
the look, the chance that so many or more are genuine is at most C(N, K) / 10^((n - 15) K). A place
where the other ids have a zero more often than one in ten (all numbers of a platform may end in
one) counts for as much less. Where the chance is less than one in a million (one in ten thousand
in a column that every row must have, for those name the row), the K have lost digits: these rows,
and no others. An id that ends in zeros already before the twelfth digit is a day or a counter and
says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

import numpy
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers.columns import Column, Type
from beanclear.ledger.hashing import hashes_of

_KEPT: Final = 15  # digits of a number in a spreadsheet
_TELLING: Final = 12
_CHANCE: Final = math.log(1e-6)
_KEY_CHANCE: Final = math.log(1e-4)
_TENTH: Final = math.log(0.1)
_LOOKED_AT: Final = 20_000  # ids that tell how often each place is a zero


def cut_ids(table: pa.Table, columns: Mapping[str, Column]) -> Iterator[tuple[str, int, str]]:
    """Column, row and id of every id that has lost digits."""
    for name, declared in columns.items():
        if declared.type is not Type.ID:
            continue
        zeros = pc.fill_null(pc.ends_with(table.column(name), "0"), fill_value=False)
        if not pc.any(zeros).as_py():
            continue
        some = table.select(["row", name]).filter(zeros)
        looks = _looks(some.column(name))
        if not pc.any(looks).as_py():
            continue
        wrong = _beyond_chance(
            table.column(name),
            pc.unique(some.column(name).filter(looks)),
            _KEY_CHANCE if declared.required else _CHANCE,
        )
        if wrong:
            bad = some.filter(
                pc.and_(looks, pc.is_in(pc.utf8_length(some.column(name)), pa.array(wrong)))
            )
            yield from (
                (name, row, text)
                for row, text in zip(
                    bad.column("row").to_pylist(), bad.column(name).to_pylist(), strict=True
                )
            )


def _looks(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """Which are long numbers with nothing but zeros behind the fifteenth digit."""
    long = pc.match_substring_regex(ids, rf"^[1-9][0-9]{{{_KEPT - 1}}}0+$")
    kept = pc.utf8_rtrim(ids, "0")
    return pc.and_(long, pc.greater_equal(pc.utf8_length(kept), _TELLING))


def _beyond_chance(ids: pa.ChunkedArray, cut: pa.Array, chance: float) -> list[int]:
    """The lengths at which so many ids are cut to the look that it is no chance."""
    found = []
    for one in pc.value_counts(pc.utf8_length(cut)):
        length, some = one["values"].as_py(), one["counts"].as_py()
        alike = _numbers(ids, length)
        places = some * (length - _KEPT) * _TENTH
        # The first two are the cheap ones, and all that ids of a whole platform ever need.
        if (
            _ways(_tails(alike), some) + places <= chance
            and _ways(_different(alike), some) + places <= chance
            and _ways(_different(alike), some) + some * _zeros(alike, cut, length) <= chance
        ):
            found.append(length)
    return found


def _ways(every: int, some: int) -> float:
    """The logarithm of the number of ways to take so many of all; a hair less."""
    every = max(every, some)
    ways = math.lgamma(every + 1) - math.lgamma(some + 1) - math.lgamma(every - some + 1)
    return ways - 1e-9


def _numbers(ids: pa.ChunkedArray, length: int) -> pa.ChunkedArray:
    """The numbers of so many digits."""
    ids = ids.filter(pc.equal(pc.binary_length(ids), length))
    return ids.filter(pc.and_not(pc.ascii_is_decimal(ids), pc.starts_with(ids, "0")))


def _tails(alike: pa.ChunkedArray) -> int:
    """How many different last eight digits numbers of one length have: as many ids, at least."""
    texts = alike.combine_chunks()
    if not len(texts):
        return 0
    length = len(texts[0].as_py())
    first = texts.offset * length
    cells = numpy.frombuffer(texts.buffers()[2], numpy.uint8)[first : first + len(texts) * length]
    return _distinct(cells.reshape(-1, length)[:, -8:].copy().view("<u8").ravel())


def _different(alike: pa.ChunkedArray) -> int:
    return _distinct(hashes_of([alike]))


def _distinct(numbers: npt.NDArray[numpy.uint64]) -> int:
    ordered = numpy.sort(numbers)
    return int(numpy.count_nonzero(ordered[1:] != ordered[:-1])) + min(len(ordered), 1)


def _zeros(alike: pa.ChunkedArray, cut: pa.Array, length: int) -> float:
    """The logarithm of the chance that all places behind the fifteenth digit are zeros."""
    some = alike.take(pa.array(range(0, len(alike), -(-len(alike) // _LOOKED_AT))))
    others = pc.unique(some.filter(pc.invert(pc.is_in(some, cut))))
    chance = 0.0
    for place in range(_KEPT, length):
        digits = pc.utf8_slice_codeunits(others, place, place + 1)
        zeros = pc.sum(pc.equal(digits, "0")).as_py() or 0
        chance += max(math.log((zeros + 1) / (len(others) + 10)), _TENTH)
    return chance
