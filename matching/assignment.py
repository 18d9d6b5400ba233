"""Which payout belongs to which deposit, one to one, and which pairs are proven?

Each possible pair has a cost, an exact integer that says how far its two lines disagree. Payouts
and deposits that are linked by possible pairs, directly or through others, form a block; blocks do
not touch each other and are judged alone.

The best pairing of a block has the most pairs, and among those the least total cost. A pair of it
is proven by its `gap`: how much more every pairing without that pair costs. That is searched, not
sampled: each pair of the best is forbidden in turn, and the best of what is left is found again.
Where no pairing without it has as many pairs, the gap is None: the pair is forced. A block has a
unique best pairing just when no gap in it is 0.

A worked example. Payouts A and B, deposits x and y, costs in fen:

    A–x 0, A–y 2, B–x 3, B–y 1

    best: A–x, B–y = 1.  Without A–x: A–y, B–x = 5, gap 4.  Without B–y: the same, gap 4.

Days are no cost. Among equal amounts every pairing of all payouts with all deposits waits the
same number of days in all (the days of the deposits less those of the payouts), so waiting says
nothing about who belongs to whom; what the windows forbid is no possible pair at all.

The search takes each row in turn and gives it a column by the cheapest chain of exchanges, in
whole numbers. Prices prove the result: those of a row and a column never exceed the cost of their
pair, and equal it for the pairs taken.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

BLOCK_MAX: Final = 400
"""The longer side of a block that is searched: more equal payouts than a year of days has."""

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What is known about one block.

    Attributes:
      rows, columns: its members, ascending; both sides have some.
      gaps: the pairs of the best pairing, ascending, each with how much more the best pairing
        without it costs; None where that has fewer pairs. Empty when the block is too large.
      total: the cost of the best pairing.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    gaps: Mapping[Pair, int | None]
    total: int = 0


def assign(costs: Mapping[Pair, int], *, block_max: int = BLOCK_MAX) -> list[Block]:
    """Pair rows with columns, block by block, in order of the blocks' first rows.

    `costs` has the cost of each possible (row, column), any sign; a missing pair is impossible.
    """
    found = []
    for rows, columns in _blocks(costs):
        if max(len(rows), len(columns)) > block_max:
            found.append(Block(rows=rows, columns=columns, gaps={}))
            continue
        search = _Search(rows, costs)
        pairs = search.pairs()
        found.append(
            Block(
                rows=rows,
                columns=columns,
                gaps={pair: search.gap(pair) for pair in pairs},
                total=sum(costs[pair] for pair in pairs),
            )
        )
    return found


def _blocks(costs: Mapping[Pair, int]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Rows and columns that hang together."""
    of_row: dict[int, list[int]] = defaultdict(list)
    of_column: dict[int, list[int]] = defaultdict(list)
    for row, column in costs:
        of_row[row].append(column)
        of_column[column].append(row)
    seen: set[int] = set()
    for start in sorted(of_row):
        if start in seen:
            continue
        seen.add(start)
        rows, columns = [start], set[int]()
        for row in rows:
            for column in of_row[row]:
                if column not in columns:
                    columns.add(column)
                    fresh = [other for other in of_column[column] if other not in seen]
                    seen.update(fresh)
                    rows += fresh
        yield tuple(sorted(rows)), tuple(sorted(columns))


class _Search:
    """The best pairing of one block.

    Every row also has a column of its own that means "alone" and costs more than all pairs
    together can differ by, so more pairs are always better than cheaper pairs. Costs are counted
    from the least one. Columns are numbers from 0; row `r` alone is column `-1 - r`.
    """

    def __init__(self, rows: tuple[int, ...], costs: Mapping[Pair, int]) -> None:
        members = set(rows)
        own = {pair: cost for pair, cost in costs.items() if pair[0] in members}
        least = min(own.values())
        self.most = len(rows) * (max(own.values()) - least)
        self.edges: dict[int, list[Pair]] = {row: [(-1 - row, 2 * self.most + 1)] for row in rows}
        for (row, column), cost in own.items():
            self.edges[row].append((column, cost - least))
        self.row_price = dict.fromkeys(rows, 0)
        self.column_price = {column: 0 for found in self.edges.values() for column, _ in found}
        self.holder: dict[int, int] = {}
        self.held: dict[int, int] = {}
        for row in rows:
            self._place(row)

    def pairs(self) -> list[Pair]:
        """The pairs taken, ascending."""
        return sorted((row, column) for column, row in self.holder.items() if column >= 0)

    def _ask(
        self, row: int, reached: int, forbidden: int | None, waiting: list[tuple[int, int, int]]
    ) -> None:
        for column, cost in self.edges[row]:
            if column != forbidden:
                rest = cost - self.row_price[row] - self.column_price[column]
                heapq.heappush(waiting, (reached + rest, column, row))

    def _place(self, start: int) -> None:
        """Give a row a column by the cheapest chain of exchanges, and adjust the prices."""
        waiting: list[tuple[int, int, int]] = []
        asked_by: dict[int, int] = {}
        done: list[tuple[int, int]] = []
        self._ask(start, 0, None, waiting)
        while True:
            reached, column, row = heapq.heappop(waiting)
            if column in asked_by:
                continue
            asked_by[column] = row
            if column not in self.holder:
                break
            done.append((column, reached))
            self._ask(self.holder[column], reached, None, waiting)
        self.row_price[start] += reached
        for passed, distance in done:
            self.row_price[self.holder[passed]] += reached - distance
            self.column_price[passed] -= reached - distance
        last: int | None = column
        while last is not None:
            row = asked_by[last]
            self.holder[last] = row
            self.held[row], last = last, self.held.get(row)

    def gap(self, pair: Pair) -> int | None:
        """How much more the best pairing without the pair costs; None when it has fewer pairs.

        The row looks for another column, and those it displaces too, until the pair's column is
        taken or left over. Columns nobody holds are as if one more row held them at no cost,
        which gives up one of them for any other: so also a row that was alone may come in.
        """
        row, wanted = pair
        waiting: list[tuple[int, int, int]] = []
        seen: set[int] = set()
        spare = False
        self._ask(row, 0, wanted, waiting)
        while True:
            reached, column, _row = heapq.heappop(waiting)
            if column == wanted:
                return reached if reached <= self.most else None
            if column in seen:
                continue
            seen.add(column)
            if column in self.holder:
                self._ask(self.holder[column], reached, None, waiting)
            elif not spare:
                spare = True
                for other, price in self.column_price.items():
                    heapq.heappush(waiting, (reached - price, other, row))
