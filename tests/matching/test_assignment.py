"""One-to-one pairing: the best pairing and the gap of each pair against all pairings there are."""

from __future__ import annotations

import random
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from beanclear.matching.assignment import Block, Pair, assign

Costs = dict[Pair, int]

edges = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 4)), st.integers(-4, 9), max_size=14
)
alike = st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.just(0), max_size=16)
often = settings(max_examples=200, deadline=None)


def pairings(pairs: list[Pair]) -> Iterator[tuple[Pair, ...]]:
    """Every set of pairs that uses no row and no column twice."""
    if not pairs:
        yield ()
        return
    (row, column), *rest = pairs
    yield from pairings(rest)
    for others in pairings([pair for pair in rest if pair[0] != row and pair[1] != column]):
        yield ((row, column), *others)


def check(block: Block, costs: Costs) -> None:
    """Compare one block with the list of all its pairings."""
    own = {pair: cost for pair, cost in costs.items() if pair[0] in block.rows}
    assert {pair[1] for pair in own} == set(block.columns)
    found = list(pairings(sorted(own)))
    most = max(map(len, found))
    totals = {
        frozenset(pairing): sum(own[pair] for pair in pairing)
        for pairing in found
        if len(pairing) == most
    }
    assert totals[frozenset(block.gaps)] == block.total == min(totals.values())
    for pair, gap in block.gaps.items():
        others = [total for pairing, total in totals.items() if pair not in pairing]
        assert gap == (min(others) - block.total if others else None)


@often
@given(st.one_of(edges, alike))
def test_brute_force_agrees(costs: Costs) -> None:
    blocks = assign(costs)
    assert sorted(row for block in blocks for row in block.rows) == sorted({r for r, _ in costs})
    columns = sorted(column for block in blocks for column in block.columns)
    assert columns == sorted({column for _, column in costs})
    for block in blocks:
        check(block, costs)


def proven(costs: Costs) -> dict[Pair, int | None]:
    """The pairs that no other pairing as good lacks."""
    return {
        pair: gap
        for block in assign(costs)
        for pair, gap in block.gaps.items()
        if gap is None or gap > 0
    }


@often
@given(edges, st.integers(-50, 50), st.integers(1, 9))
def test_shifted_and_scaled_costs_prove_the_same(costs: Costs, shift: int, factor: int) -> None:
    changed = {pair: (cost + shift) * factor for pair, cost in costs.items()}
    assert proven(changed) == {
        pair: None if gap is None else gap * factor for pair, gap in proven(costs).items()
    }


@often
@given(edges, st.permutations(range(4)), st.permutations(range(5)))
def test_numbering_changes_nothing(costs: Costs, rows: list[int], columns: list[int]) -> None:
    renamed = {(rows[row], columns[to]): cost for (row, to), cost in costs.items()}
    assert proven(renamed) == {
        (rows[row], columns[to]): gap for (row, to), gap in proven(costs).items()
    }


@often
@given(edges)
def test_a_block_of_its_own_changes_no_other(costs: Costs) -> None:
    alone = Block(rows=(4,), columns=(5,), gaps={(4, 5): None}, total=1)
    assert [block for block in assign({**costs, (4, 5): 1}) if block != alone] == assign(costs)


def test_the_example_of_the_module() -> None:
    costs = {(0, 0): 0, (0, 1): 2, (1, 0): 3, (1, 1): 1}
    assert assign(costs) == [
        Block(rows=(0, 1), columns=(0, 1), gaps={(0, 0): 4, (1, 1): 4}, total=1)
    ]


def test_more_pairs_are_better_than_cheaper_pairs() -> None:
    (block,) = assign({(0, 0): 0, (0, 1): 1000, (1, 0): 1000})
    assert (block.gaps, block.total) == ({(0, 1): None, (1, 0): None}, 2000)


def test_of_two_rows_for_one_column_neither_is_proven() -> None:
    (block,) = assign({(0, 0): 3, (1, 0): 3})
    assert list(block.gaps.values()) == [0]


def test_a_row_left_alone_may_take_the_place_of_another() -> None:
    # 0–0 and 1–1 are best; without 0–0 row 2, which was alone, takes column 0.
    (block,) = assign({(0, 0): 1, (1, 1): 1, (1, 0): 5, (2, 0): 3})
    assert block.gaps == {(0, 0): 2, (1, 1): None}


def test_costs_beyond_floats_stay_exact() -> None:
    big = 10**30
    (block,) = assign({(0, 0): big, (0, 1): big, (1, 0): big, (1, 1): big + 1})
    assert block.gaps == {(0, 1): 1, (1, 0): 1}


def test_a_block_beyond_the_limit_is_not_searched() -> None:
    costs = {(0, column): column for column in range(4)}
    assert assign(costs, block_max=4)[0].gaps == {(0, 0): 1}
    assert assign(costs, block_max=3) == [Block(rows=(0,), columns=(0, 1, 2, 3), gaps={})]


def test_a_planted_pairing_of_thirty_is_found() -> None:
    chosen = random.Random(3)
    columns = list(range(30))
    chosen.shuffle(columns)
    costs = {(row, to): chosen.randint(5, 50) for row in range(30) for to in range(30)}
    costs |= {(row, columns[row]): chosen.randint(0, 4) for row in range(30)}
    (block,) = assign(costs)
    assert list(block.gaps) == list(enumerate(columns))
