"""Exact counts of the sets of amounts that have a given sum (meet in the middle).

All sums of each half of the amounts are formed by size; each sum of the larger list asks the
smaller one for the rest. So sets of ten among fifty are counted from seven million sums a half
instead of twelve thousand million sets. Equal amounts make different sets. Whole numbers only.
"""

from __future__ import annotations

import itertools
import math
from typing import Final

import numpy as np
import numpy.typing as npt

EXACT_BELOW: Final = 2**62
"""Above this a sum or a difference might leave 64 bits."""

Sums = npt.NDArray[np.int64]


class _Half:
    """All sums of one half of the candidates, by size, formed when first asked for.

    The sums of one size stand in colexicographic order: sets without the last item first. So the
    set behind a sum follows from its place, and nothing but the sums is held.
    """

    def __init__(self, amounts: list[int]) -> None:
        self.amounts = amounts
        self.by_size: list[Sums] = [np.zeros(1, dtype=np.int64)]

    def sums(self, size: int) -> Sums:
        """Sums of all sets of `size` items; a set with item i as its last is a smaller one + i."""
        while len(self.by_size) <= size:
            own, smaller = len(self.by_size), self.by_size[-1]
            grown = np.empty(math.comb(len(self.amounts), own), dtype=np.int64)
            for item in range(own - 1, len(self.amounts)):
                np.add(
                    smaller[: math.comb(item, own - 1)],
                    self.amounts[item],
                    out=grown[math.comb(item, own) : math.comb(item + 1, own)],
                )
            self.by_size.append(grown)
        return self.by_size[size]

    def items(self, size: int, place: int) -> tuple[int, ...]:
        """The set whose sum stands at `place` among those of `size` items."""
        found: list[int] = []
        for own in range(size, 0, -1):
            item = own - 1
            while math.comb(item + 1, own) <= place:
                item += 1
            found.append(item)
            place -= math.comb(item, own)
        return tuple(reversed(found))


class Halves:
    """Counts the sets with a given sum over two halves of the candidates.

    Amounts must be small enough that no sum of them and the target reaches 2**62.
    """

    def __init__(self, amounts: list[int], target: int, examples: int) -> None:
        self.middle = len(amounts) // 2
        self.examples = examples
        self.target = target
        self.left = _Half(amounts[: self.middle])
        self.right = _Half(amounts[self.middle :])

    def held(self, size: int) -> int:
        """Sums that stand in memory once `size` is counted."""
        return sum(
            math.comb(len(half.amounts), own)
            for half in (self.left, self.right)
            for own in range(size + 1)
        )

    def cost(self, size: int, on_a_side: int) -> int:
        """Steps of `count`: each sum not formed yet, and the comparisons of sort and search."""
        formed = len(self.left.by_size) - 1  # both halves are asked for the same sizes
        steps = max(self.held(on_a_side) - self.held(formed), 0)
        for own in range(size - on_a_side, on_a_side + 1):
            left = math.comb(len(self.left.amounts), own)
            right = math.comb(len(self.right.amounts), size - own)
            steps += (left + right) * min(left, right).bit_length()
        return steps

    def count(self, size: int, on_a_side: int, found: list[tuple[int, ...]]) -> int:
        """Sets of `size` items with the target's sum, at most `on_a_side` of them in one half.

        All sets of that size when both are equal. Fills `found` up to the examples wanted.
        """
        return sum(
            self._pairs(own, size - own, found) for own in range(size - on_a_side, on_a_side + 1)
        )

    def _pairs(self, on_left: int, on_right: int, found: list[tuple[int, ...]]) -> int:
        left, right = self.left.sums(on_left), self.right.sums(on_right)
        few, many = (left, right) if len(left) <= len(right) else (right, left)
        if not len(few):
            return 0
        few = np.sort(few)
        # Most sums of the larger side are out of reach of the smaller one: cheaper than a search.
        places = np.flatnonzero((many >= self.target - few[-1]) & (many <= self.target - few[0]))
        wanted = self.target - many[places]
        first = np.searchsorted(few, wanted)
        hit = few[first] == wanted
        wanted = wanted[hit]
        solutions = int((np.searchsorted(few, wanted, side="right") - first[hit]).sum())
        other_side = right if many is left else left
        pairs = (
            (int(place), int(other))
            for place in places[hit]
            for other in np.flatnonzero(other_side == self.target - many[place])
        )
        for place, other in itertools.islice(pairs, self.examples - len(found)):
            pair = (place, other) if many is left else (other, place)
            found.append(self._items(on_left, on_right, *pair))
        return solutions

    def _items(self, on_left: int, on_right: int, left: int, right: int) -> tuple[int, ...]:
        return self.left.items(on_left, left) + tuple(
            self.middle + item for item in self.right.items(on_right, right)
        )

    def distances(self, items_max: int, neighbours: int) -> list[int]:
        """How far the nearest sums of sets of at most `items_max` items are, ascending."""
        sums = np.concatenate(
            [
                np.add.outer(self.left.sums(own), self.right.sums(other)).ravel()
                for own in range(items_max + 1)
                for other in range(items_max + 1 - own)
                if own + other
            ]
        )
        distances: list[int] = np.sort(np.abs(sums - self.target))[:neighbours].tolist()
        return distances
