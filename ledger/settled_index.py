"""Which settled order an id belongs to, and where its records lie: sorted arrays on disk.

    ids.npy        hashes of ids, sorted            families.npy   the order of each
    owners.npy     orders, sorted                   parts.npy      a part of the store of each

Orders are numbered; a part is a document and a month. Arrays are mapped and not read, so that a
question costs what it finds and not what is held. A hash that two ids share names one order too
many, which only costs time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int32]
_NAMES = ("ids", "families", "owners", "parts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The ids of settled orders.

    Attributes:
      ids, families: an id's hash and the order it names, sorted.
      owners, parts: an order and a part in which it has records, sorted.
    """

    ids: Ids
    families: Numbers
    owners: Numbers
    parts: Numbers

    @classmethod
    def make(cls, ids: Ids, families: Numbers, owners: Numbers, parts: Numbers) -> Index:
        """Sort pairs in any order."""
        by_id = np.argsort(ids, kind="stable")  # which merges where two sorted runs are joined
        by_owner = np.argsort(owners, kind="stable")
        return cls(
            ids=ids[by_id],
            families=families[by_id],
            owners=owners[by_owner],
            parts=parts[by_owner],
        )

    @classmethod
    def empty(cls) -> Index:
        """Of no order."""
        none = np.empty(0, np.int32)
        return cls(ids=np.empty(0, np.uint64), families=none, owners=none, parts=none)

    @classmethod
    def read(cls, folder: Path) -> Index:
        """What `write` wrote.

        Raises:
          OSError, ValueError: when a file is missing or torn.
        """
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _NAMES}
        if len(arrays["ids"]) != len(arrays["families"]) or len(arrays["owners"]) != len(
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
        """A number from which on no order is numbered."""
        return int(self.owners[-1]) + 1 if len(self.owners) else 1

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
        """The parts in which these orders have records."""
        return sorted({int(part) for part in self.parts[_members(self.owners, orders)]})

    def without(self, orders: Numbers) -> Index:
        """The index of all other orders."""
        kept, held = ~_members(self.families, orders), ~_members(self.owners, orders)
        return Index(
            ids=self.ids[kept],
            families=self.families[kept],
            owners=self.owners[held],
            parts=self.parts[held],
        )

    def joined(self, other: Index) -> Index:
        """Both; no order is in both."""
        if not len(self.owners):
            return other
        return Index.make(
            np.concatenate([self.ids, other.ids]),
            np.concatenate([self.families, other.families]),
            np.concatenate([self.owners, other.owners]),
            np.concatenate([self.parts, other.parts]),
        )


def _members(numbers: Numbers, some: Numbers) -> npt.NDArray[np.bool_]:
    """Which of `numbers` are among the sorted `some`, by one look at each."""
    if not len(numbers):
        return np.zeros(0, np.bool_)
    table = np.zeros(int(max(numbers.max(), some.max(initial=0))) + 1, np.bool_)
    table[some] = True
    found: npt.NDArray[np.bool_] = table[numbers]
    return found
