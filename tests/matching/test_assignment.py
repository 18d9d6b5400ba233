"""One-to-one pairing: the best and the second best against all pairings there are."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beanclear.matching.assignment import BlockResult, Pair, assign
from beanclear.matching.sums import Verdict

Costs = dict[Pair, int]

edges = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 4)), st.integers(-4, 9), max_size=14
)
often = settings(max_examples=150, deadline=None)


def pairings(pairs: list[Pair]) -> Iterator[tuple[Pair, ...]]:
    """Every set of pairs that uses no row and no column twice."""
    if not pairs:
        yield ()
        return
    (row, column), *rest = pairs
    yield from pairings(rest)
    for others in pairings([pair for pair in rest if pair[0] != row and pair[1] != column]):
        yield ((row, column), *others)


def check(block: BlockResult, costs: Costs, margin: int) -> None:
    """Compare one block with the list of all its pairings."""
    own = {pair: cost for pair, cost in costs.items() if pair[0] in block.rows}
    assert all(pair[1] in block.columns for pair in own)
    found = list(pairings(sorted(own)))
    most = max(map(len, found))
    ranked = sorted(
        (sum(own[pair] for pair in pairing), pairing)
        for pairing in found
        if len(pairing) == most and most
    )
    if not ranked:
        assert block == BlockResult(verdict=Verdict.NONE, rows=block.rows, columns=block.columns)
        return
    assert block.total == ranked[0][0]
    assert block.gap == (ranked[1][0] - ranked[0][0] if len(ranked) > 1 else None)
    unique = block.gap is None or block.gap >= margin
    assert block.verdict is (Verdict.UNIQUE if unique else Verdict.AMBIGUOUS)
    assert block.pairs == (ranked[0][1] if unique else ())
    totals = [sum(own[pair] for pair in pairing) for pairing in block.candidates]
    assert totals == [total for total, _ in ranked[:2]]
    assert len(set(block.candidates)) == len(block.candidates)


@often
@given(edges, st.integers(1, 4))
def test_brute_force_agrees(costs: Costs, margin: int) -> None:
    blocks = assign(4, 5, costs, margin=margin)
    assert sorted(row for block in blocks for row in block.rows) == list(range(4))
    assert sorted(column for block in blocks for column in block.columns) == list(range(5))
    for block in blocks:
        check(block, costs, margin)


@often
@given(edges, st.integers(-50, 50), st.integers(1, 9))
def test_shifted_and_scaled_costs_prove_the_same(costs: Costs, shift: int, factor: int) -> None:
    before = assign(4, 5, costs, margin=2)
    after = assign(
        4,
        5,
        {pair: (cost + shift) * factor for pair, cost in costs.items()},
        margin=2 * factor,
    )
    assert [(block.verdict, block.pairs) for block in after] == [
        (block.verdict, block.pairs) for block in before
    ]
    assert [block.gap for block in after] == [
        None if block.gap is None else block.gap * factor for block in before
    ]


@often
@given(edges, st.permutations(range(4)), st.permutations(range(5)))
def test_numbering_changes_nothing(costs: Costs, rows: list[int], columns: list[int]) -> None:
    renamed = assign(4, 5, {(rows[row], columns[to]): cost for (row, to), cost in costs.items()})
    proven = {pair for block in renamed for pair in block.pairs}
    expected = {pair for block in assign(4, 5, costs) for pair in block.pairs}
    assert proven == {(rows[row], columns[to]) for row, to in expected}


@often
@given(edges)
def test_a_block_of_its_own_changes_no_other(costs: Costs) -> None:
    blocks = assign(5, 6, {**costs, (4, 5): 1})
    alone = BlockResult(
        verdict=Verdict.UNIQUE,
        rows=(4,),
        columns=(5,),
        pairs=((4, 5),),
        total=1,
        candidates=(((4, 5),),),
    )
    assert [block for block in blocks if block != alone] == assign(4, 5, costs)


@pytest.mark.parametrize(
    ("margin", "verdict", "pairs"),
    [(4, Verdict.UNIQUE, ((0, 0), (1, 1))), (5, Verdict.AMBIGUOUS, ())],
)
def test_the_example_of_the_module(margin: int, verdict: Verdict, pairs: tuple[Pair, ...]) -> None:
    costs = {(0, 0): 0, (0, 1): 2, (1, 0): 3, (1, 1): 1}
    assert assign(2, 2, costs, margin=margin) == [
        BlockResult(
            verdict=verdict,
            rows=(0, 1),
            columns=(0, 1),
            pairs=pairs,
            total=1,
            gap=4,
            candidates=(((0, 0), (1, 1)), ((0, 1), (1, 0))),
        )
    ]


def test_more_pairs_are_better_than_cheaper_pairs() -> None:
    (block,) = assign(2, 2, {(0, 0): 0, (0, 1): 1000, (1, 0): 1000})
    assert (block.pairs, block.total, block.gap) == (((0, 1), (1, 0)), 2000, None)


def test_two_payouts_for_one_deposit_at_the_same_cost_are_ambiguous() -> None:
    (block,) = assign(2, 1, {(0, 0): 3, (1, 0): 3})
    assert (block.verdict, block.gap, block.candidates) == (
        Verdict.AMBIGUOUS,
        0,
        (((0, 0),), ((1, 0),)),
    )


def test_costs_beyond_floats_stay_exact() -> None:
    big = 10**30
    (block,) = assign(2, 2, {(0, 0): big, (0, 1): big, (1, 0): big, (1, 1): big + 1})
    assert (block.pairs, block.gap) == (((0, 1), (1, 0)), 1)


def test_a_block_beyond_the_limit_is_undecided() -> None:
    costs = {(0, column): column for column in range(4)}
    assert [block.verdict for block in assign(1, 4, costs, block_max=4)] == [Verdict.UNIQUE]
    (block,) = assign(1, 4, costs, block_max=3)
    assert (block.verdict, block.columns, block.candidates) == (
        Verdict.UNDECIDED,
        (0, 1, 2, 3),
        (),
    )


def test_a_planted_pairing_of_thirty_is_found() -> None:
    chosen = random.Random(3)
    columns = list(range(30))
    chosen.shuffle(columns)
    costs = {(row, to): chosen.randint(5, 50) for row in range(30) for to in range(30)}
    costs |= {(row, columns[row]): chosen.randint(0, 4) for row in range(30)}
    (block,) = assign(30, 30, costs)
    assert block.pairs == tuple(enumerate(columns))


@pytest.mark.parametrize(
    ("costs", "margin", "message"),
    [
        ({(0, 0): 1}, 0, "margin must be at least 1"),
        ({(1, 0): 1}, 1, "a pair lies outside of the rows and columns"),
        ({(0, 1): 1}, 1, "a pair lies outside of the rows and columns"),
        ({(-1, 0): 1}, 1, "a pair lies outside of the rows and columns"),
    ],
)
def test_questions_must_make_sense(costs: Costs, margin: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        assign(1, 1, costs, margin=margin)
