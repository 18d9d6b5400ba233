"""Which payout belongs to which deposit, one to one, and is the best pairing proven?

Each possible pair has a cost, an exact integer the caller makes from evidence (days apart, payer,
memo; less is better). Payouts and deposits that are linked by possible pairs, directly or through
others, form a block; blocks do not touch each other and are judged alone.

The best pairing of a block has the most pairs, and among those the least total cost. It is
`unique` when every other pairing with as many pairs costs at least `margin` more. That is proven,
not sampled: another pairing with as many pairs must lack at least one pair of the best, so the
best is searched again with each of its pairs forbidden in turn; the least total of these is the
second best.

A worked example. Payouts A and B, deposits x and y, costs in days:

    A–x 0, A–y 2, B–x 3, B–y 1

    best: A–x, B–y = 1.  A–x forbidden: A–y, B–x = 5.  B–y forbidden: the same, 5.
    gap = 5 − 1 = 4.  With a margin of 4 or less: unique. With a margin of 5: ambiguous.

The search is the Hungarian method in whole numbers: each row in turn takes the column to which
the cheapest chain of exchanges leads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from beanclear.matching.sums import Verdict

BLOCK_MAX: Final = 64
"""The longer side of a block; its work grows with the third power."""

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockResult:
    """What is known about one block.

    Attributes:
      verdict: unique; ambiguous (the gap is below the margin); none (no possible pair);
        undecided (the block is larger than allowed, nothing was searched).
      rows, columns: the members of the block, ascending.
      pairs: the proven pairing as (row, column), ascending; empty unless unique.
      total: cost of the best pairing; 0 when none was searched.
      gap: how much more the second-best pairing with as many pairs costs; None without a second.
      candidates: the best and the second-best pairing, for a person to choose from.
    """

    verdict: Verdict
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    pairs: tuple[Pair, ...] = ()
    total: int = 0
    gap: int | None = None
    candidates: tuple[tuple[Pair, ...], ...] = ()


def assign(
    rows: int,
    columns: int,
    costs: Mapping[Pair, int],
    *,
    margin: int = 1,
    block_max: int = BLOCK_MAX,
) -> list[BlockResult]:
    """Pair rows with columns, block by block, in order of the blocks' first members.

    Args:
      rows: how many payouts there are; they are numbered from 0.
      columns: how many deposits there are; they are numbered from 0.
      costs: cost of each possible (row, column), any sign; a missing pair is impossible.
      margin: by how much the second best must be worse, at least 1.
      block_max: blocks with more rows or columns than this are undecided.

    Raises:
      ValueError: when the margin is below 1 or a pair lies outside of the rows and columns.
    """
    if margin < 1:
        raise ValueError("margin must be at least 1")
    if any(not (0 <= row < rows and 0 <= column < columns) for row, column in costs):
        raise ValueError("a pair lies outside of the rows and columns")
    return [_judge(block, costs, margin, block_max) for block in _blocks(rows, columns, costs)]


def _blocks(
    rows: int, columns: int, costs: Mapping[Pair, int]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Rows and columns that hang together; columns are nodes after the rows."""
    linked: dict[int, list[int]] = defaultdict(list)
    for row, column in costs:
        linked[row].append(rows + column)
        linked[rows + column].append(row)
    seen: set[int] = set()
    for start in range(rows + columns):
        if start in seen:
            continue
        seen.add(start)
        block = [start]
        for node in block:
            fresh = set(linked[node]) - seen
            seen |= fresh
            block += fresh
        yield (
            tuple(sorted(node for node in block if node < rows)),
            tuple(sorted(node - rows for node in block if node >= rows)),
        )


def _judge(
    block: tuple[tuple[int, ...], tuple[int, ...]],
    costs: Mapping[Pair, int],
    margin: int,
    block_max: int,
) -> BlockResult:
    rows, columns = block
    if not rows or not columns:
        return BlockResult(verdict=Verdict.NONE, rows=rows, columns=columns)
    if max(len(rows), len(columns)) > block_max:
        return BlockResult(verdict=Verdict.UNDECIDED, rows=rows, columns=columns)
    matching = _Matching(rows, columns, costs)
    best = matching.pairs()
    total = sum(costs[pair] for pair in best)
    others = [
        (sum(costs[pair] for pair in other), other)
        for other in map(matching.without, best)
        if len(other) == len(best)
    ]
    second = min(others) if others else None
    gap = second[0] - total if second else None
    unique = gap is None or gap >= margin
    return BlockResult(
        verdict=Verdict.UNIQUE if unique else Verdict.AMBIGUOUS,
        rows=rows,
        columns=columns,
        pairs=best if unique else (),
        total=total,
        gap=gap,
        candidates=(best, second[1]) if second else (best,),
    )


class _Matching:
    """The best pairing of one block, on a square table of costs.

    The shorter side is filled up with members that cost nothing. Costs are counted from the least
    one, and an impossible pair costs more than all possible ones together, so more pairs are
    always better than cheaper pairs.

    `row_price` and `column_price` prove the pairing: their sum never exceeds a pair's cost, and
    equals it for the pairs taken.
    """

    def __init__(
        self, rows: tuple[int, ...], columns: tuple[int, ...], costs: Mapping[Pair, int]
    ) -> None:
        self.rows = rows
        self.columns = columns
        self.costs = costs
        size = max(len(rows), len(columns))
        own = [costs[row, column] for row in rows for column in columns if (row, column) in costs]
        least = min(own)
        self.impossible = size * (max(own) - least) + 1
        self.table = [[0] * size for _ in range(size)]
        for at, row in enumerate(rows):
            for to, column in enumerate(columns):
                cost = costs.get((row, column))
                self.table[at][to] = self.impossible if cost is None else cost - least
        self.row_price = [0] * size
        self.column_price = [0] * size
        self.taken_by = [-1] * size
        for at in range(size):
            self._place(at)

    def pairs(self) -> tuple[Pair, ...]:
        """The possible pairs taken, ascending."""
        size = len(self.rows)
        return tuple(
            sorted(
                (self.rows[at], self.columns[to])
                for to, at in enumerate(self.taken_by[: len(self.columns)])
                if at < size and self.table[at][to] < self.impossible
            )
        )

    def without(self, pair: Pair) -> tuple[Pair, ...]:
        """The best pairing with one pair of the best forbidden; leaves everything as it was.

        A cost that rises keeps the prices valid, so only the freed row is placed anew.
        """
        at, to = self.rows.index(pair[0]), self.columns.index(pair[1])
        kept = self.table[at][to], self.row_price[:], self.column_price[:], self.taken_by[:]
        self.table[at][to] = self.impossible
        self.taken_by[to] = -1
        self._place(at)
        found = self.pairs()
        self.table[at][to], self.row_price, self.column_price, self.taken_by = kept
        return found

    def _place(self, at: int) -> None:
        """Give row `at` a column by the cheapest chain of exchanges, and adjust the prices."""
        size = len(self.table)
        distance: list[int | None] = [None] * size
        before = [-1] * size
        done: list[int] = []
        waiting = set(range(size))
        row, column, reached = at, -1, 0
        while True:
            for to in waiting:
                rest = self.table[row][to] - self.row_price[row] - self.column_price[to]
                known = distance[to]
                if known is None or reached + rest < known:
                    distance[to], before[to] = reached + rest, column
            reached, column = min(
                (found, to) for to in waiting if (found := distance[to]) is not None
            )
            waiting.remove(column)
            if self.taken_by[column] < 0:
                break
            done.append(column)
            row = self.taken_by[column]
        self.row_price[at] += reached
        for to in done:
            gain = reached - (distance[to] or 0)
            self.row_price[self.taken_by[to]] += gain
            self.column_price[to] -= gain
        while column >= 0:
            previous = before[column]
            self.taken_by[column] = at if previous < 0 else self.taken_by[previous]
            column = previous
