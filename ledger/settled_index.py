"""Which settled order an id belongs to, and where its records lie: sorted arrays on disk.

    ids.npy        hashes of ids, sorted            families.npy   the order of each
    blocks.npy     blocks of orders, sorted         parts.npy      a part of the store of each

Orders are numbered by platform, id and shop: ids grow with time, so that the orders of a block of
numbers mostly lie in the same few parts. A part is a document and a month. Arrays are mapped and
not read, so that a question costs what it finds and not what is held. A hash that two ids share
names one order too many, and a block may name a part too many, which only costs time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int32]
_NAMES = ("ids", "families", "blocks", "parts")
# So many orders share their parts: to know them of each takes longer than to read a part in vain.
BLOCK: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The ids of settled orders.

    Attributes:
      ids, families: an id's hash and the order it names, sorted.
      blocks, parts: `BLOCK` orders and a part in which one of them has records, sorted.
    """

    ids: Ids
    families: Numbers
    blocks: Numbers
    parts: Numbers

    @classmethod
    def make(cls, ids: Ids, families: Numbers, blocks: Numbers, parts: Numbers) -> Index:
        """Sort pairs in any order."""
        by_id = np.argsort(ids, kind="stable")  # which merges where two sorted runs are joined
        by_block = np.argsort(blocks, kind="stable")
        return cls(
            ids=ids[by_id],
            families=families[by_id],
            blocks=blocks[by_block],
            parts=parts[by_block],
        )

    @classmethod
    def empty(cls) -> Index:
        """Of no order."""
        none = np.empty(0, np.int32)
        return cls(ids=np.empty(0, np.uint64), families=none, blocks=none, parts=none)

    @classmethod
    def read(cls, folder: Path) -> Index:
        """What `write` wrote.

        Raises:
          OSError, ValueError: when a file is missing or torn.
        """
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _NAMES}
        if len(arrays["ids"]) != len(arrays["families"]) or len(arrays["blocks"]) != len(
            arrays["parts"]
        ):
            raise ValueError(folder)
        return cls(**arrays)

    def write(self, folder: Path) -> None:
        """Write the four arrays."""
        for name in _NAMES:
            np.save(folder / f"{name}.npy", getattr(self, name))

    @property
    def next_family(self) -> int:
        """The first number of a block from which on no order is numbered."""
        return (int(self.blocks[-1]) + 1) * BLOCK if len(self.blocks) else 0

    def touched(self, ids: Ids) -> tuple[Numbers, Ids]:
        """The orders that any of the sorted `ids` names, or an id of theirs; and all their ids."""
        orders = np.empty(0, np.int32)
        fresh = np.unique(self._families_of(ids))
        found = np.empty(0, np.uint64)
        while len(fresh):
            orders = np.union1d(orders, fresh)
            found = np.unique(self.ids[_members(self.families, orders)])
            fresh = np.setdiff1d(self._families_of(found), orders)
        return orders, found

    def _families_of(self, ids: Ids) -> Numbers:
        first = np.searchsorted(self.ids, ids, side="left")
        last = np.searchsorted(self.ids, ids, side="right")
        hit = np.flatnonzero(last > first)
        places = [np.arange(first[one], last[one]) for one in hit]
        if not places:
            return np.empty(0, np.int32)
        return np.asarray(self.families[np.concatenate(places)])

    def parts_of(self, orders: Numbers) -> list[int]:
        """The parts in which these orders have records, and maybe some in which they have none."""
        found = self.parts[_members(self.blocks, np.unique(orders // BLOCK))]
        return [int(part) for part in np.unique(found)]

    def without(self, orders: Numbers) -> Index:
        """The index of all other orders."""
        kept = ~_members(self.families, orders)
        families = self.families[kept]
        held = _members(self.blocks, families // BLOCK)
        return Index(
            ids=self.ids[kept], families=families, blocks=self.blocks[held], parts=self.parts[held]
        )

    def joined(self, other: Index) -> Index:
        """Both; no order is in both."""
        if not len(self.blocks):
            return other
        return Index.make(
            np.concatenate([self.ids, other.ids]),
            np.concatenate([self.families, other.families]),
            np.concatenate([self.blocks, other.blocks]),
            np.concatenate([self.parts, other.parts]),
        )


def _members(numbers: Numbers, some: Numbers) -> npt.NDArray[np.bool_]:
    """Which of `numbers` are among `some`, by one look at each."""
    if not len(numbers):
        return np.zeros(0, np.bool_)
    table = np.zeros(int(max(numbers.max(), some.max(initial=0))) + 1, np.bool_)
    table[some] = True
    found: npt.NDArray[np.bool_] = table[numbers]
    return found
