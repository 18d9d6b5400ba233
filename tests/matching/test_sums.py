"""Sum search: every verdict against brute force, and the chance that a verdict must beat."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beanclear.matching import sums
from beanclear.matching.subsets import Halves
from beanclear.matching.sums import (
    BUDGET,
    EXAMPLES_MAX,
    Evidence,
    Reason,
    SumResult,
    Verdict,
    find_sum,
)

Sets = list[tuple[int, ...]]

signed = st.lists(st.integers(-60, 60), max_size=9)
fen = st.lists(st.integers(1, 2_000_000), min_size=3, max_size=9)
rare = settings(max_examples=80, deadline=None)


def runs(amounts: list[int], target: int) -> Sets:
    """Runs of neighbours, by trying all."""
    ends = range(len(amounts) + 1)
    return [
        tuple(range(start, end))
        for start, end in combinations(ends, 2)
        if sum(amounts[start:end]) == target
    ]


def subsets(amounts: list[int], target: int, items_max: int) -> Sets:
    """Sets of amounts other than zero, by trying all."""
    able = [position for position, amount in enumerate(amounts) if amount]
    return [
        items
        for size in range(1, items_max + 1)
        for items in combinations(able, size)
        if sum(amounts[item] for item in items) == target
    ]


def counted(amounts: list[int], target: int, items_max: int) -> int:
    """Solutions by a table of how many sets of each size have each sum."""
    table = Counter({(0, 0): 1})
    for amount in amounts:
        for (size, total), sets in list(table.items()):
            if size < items_max:
                table[size + 1, total + amount] += sets
    return sum(sets for (size, total), sets in table.items() if size and total == target)


def meaning(result: SumResult) -> tuple[object, ...]:
    """All but the cost and the places."""
    return (
        result.verdict,
        result.evidence,
        result.reason,
        result.solutions,
        result.items_searched,
        result.expected_by_chance,
    )


@rare
@given(signed, st.integers(-100, 100), st.integers(1, 9))
def test_brute_force_agrees(amounts: list[int], target: int, items_max: int) -> None:
    result = find_sum(amounts, target, items_max=items_max)
    dense = [amount for amount in amounts if amount]
    assert result.verdict is not Verdict.UNDECIDED
    assert all(sum(amounts[item] for item in items) == target for items in result.candidates)
    assert len(result.candidates) == min(result.solutions, EXAMPLES_MAX)
    if result.evidence is Evidence.RUN:
        assert (result.verdict is Verdict.UNIQUE) == (result.solutions == 1)
        return
    assert runs(dense, target) == []
    found = subsets(amounts, target, min(items_max, result.items_searched))
    assert result.solutions == len(found)
    assert set(result.candidates) <= set(found)
    if result.verdict is Verdict.NONE:
        assert subsets(amounts, target, items_max) == []
    if result.verdict is Verdict.UNIQUE:
        assert [result.members] == subsets(amounts, target, items_max)
        assert result.expected_by_chance < Fraction(1, 1000)
    else:
        assert result.members == ()


@rare
@given(st.lists(st.integers(0, 40), max_size=9), st.integers(1, 120))
def test_runs_are_counted_as_brute_force_counts_them(amounts: list[int], target: int) -> None:
    expected = runs([amount for amount in amounts if 0 < amount <= target], target)
    result = find_sum(amounts, target)
    assert (result.solutions if result.evidence is Evidence.RUN else 0) == len(expected)


@rare
@given(fen, st.data())
def test_a_planted_set_is_never_denied(amounts: list[int], data: st.DataObject) -> None:
    planted = data.draw(st.sets(st.integers(0, len(amounts) - 1), min_size=1, max_size=5))
    target = sum(amounts[item] for item in planted)
    result = find_sum(amounts, target, items_max=5)
    assert result.verdict in {Verdict.UNIQUE, Verdict.AMBIGUOUS}
    if result.verdict is Verdict.UNIQUE and result.evidence is Evidence.SUBSET:
        assert result.members == tuple(sorted(planted))


@rare
@given(st.lists(st.integers(-5000, 5000), min_size=1, max_size=8), st.integers(-20_000, 20_000))
def test_what_is_no_sum_is_none(amounts: list[int], target: int) -> None:
    if not subsets(amounts, target, 8):
        result = find_sum(amounts, target)
        assert (result.verdict, result.solutions, result.candidates) == (Verdict.NONE, 0, ())


@rare
@given(signed, st.integers(-100, 100), st.randoms(use_true_random=False))
def test_the_order_matters_for_runs_only(
    amounts: list[int], target: int, chosen: random.Random
) -> None:
    order = list(range(len(amounts)))
    chosen.shuffle(order)
    first = find_sum(amounts, target)
    second = find_sum([amounts[item] for item in order], target)
    if Evidence.RUN in {first.evidence, second.evidence}:
        assert Verdict.NONE not in {first.verdict, second.verdict}
        return
    assert meaning(first) == meaning(second)
    assert first.work == second.work
    assert first.members == tuple(sorted(order[item] for item in second.members))


@rare
@given(signed, st.integers(-100, 100), st.integers(1, 1000))
def test_scaling_changes_nothing(amounts: list[int], target: int, factor: int) -> None:
    scaled = find_sum([amount * factor for amount in amounts], target * factor)
    assert scaled == find_sum(amounts, target)


@rare
@given(signed, st.integers(-100, 100), st.integers(0, 9), st.sampled_from([10**9, -(10**9), 0]))
def test_an_unrelated_item_changes_nothing(
    amounts: list[int], target: int, place: int, unrelated: int
) -> None:
    place = min(place, len(amounts))
    before = find_sum(amounts, target)
    after = find_sum([*amounts[:place], unrelated, *amounts[place:]], target)
    assert meaning(after) == meaning(before)
    assert after.candidates == tuple(
        tuple(item + (item >= place) for item in items) for items in before.candidates
    )


def test_the_example_of_the_module() -> None:
    result = find_sum([52317, 8840, 81102, 39999], 133419)
    assert result == SumResult(
        verdict=Verdict.UNIQUE,
        evidence=Evidence.SUBSET,
        members=(0, 2),
        solutions=1,
        items_searched=4,
        candidates=((0, 2),),
        expected_by_chance=Fraction(6, 84581) + Fraction(4, 72263),
        work=result.work,
        budget=BUDGET,
    )


def test_one_large_amount_does_not_hide_the_chance() -> None:
    # Large, and one of three small ones. The three next sums are 3, 5 and 8 off the answer.
    result = find_sum([1_000_000_000, 3, 8, 500], 1_000_000_008)
    assert (result.verdict, result.reason, result.members, result.candidates) == (
        Verdict.AMBIGUOUS,
        Reason.CHANCE,
        (),
        ((0, 2),),
    )
    assert result.expected_by_chance == Fraction(3, 2 * 8 + 1)


def test_a_lone_solution_among_many_near_sums_is_no_proof() -> None:
    amounts = [10**12, *(2**power for power in range(3, 9)), 10**12 + 10**9]
    result = find_sum(amounts, 10**12 + 8 + 32 + 256)
    assert (result.verdict, result.reason, result.solutions) == (
        Verdict.AMBIGUOUS,
        Reason.CHANCE,
        1,
    )
    assert result.candidates == ((0, 1, 3, 6),)
    # All multiples of 8 around it are sums: the 16 nearest are at most eight of them away.
    assert result.expected_by_chance == Fraction(16, 2 * 8 + 1)


def test_round_amounts_meet_by_chance() -> None:
    amounts = [10_000, 8_841, 40_000, 7_777]
    result = find_sum(amounts, 50_000)
    # Two are multiples of 10,000: three sets, and six such amounts from 0 to 50,000.
    assert result.expected_by_chance == Fraction(3, 6)
    assert (result.verdict, result.reason, result.candidates) == (
        Verdict.AMBIGUOUS,
        Reason.CHANCE,
        ((0, 2),),
    )
    amounts[0] += 23
    amounts[2] += 51
    assert find_sum(amounts, 50_074).verdict is Verdict.UNIQUE


def test_round_amounts_count_with_their_sign() -> None:
    result = find_sum([-20_000, 8_841, 70_000, -3, 33_333], 50_000)
    # Three sets of two multiples of 10,000, and ten such amounts from −20,000 to 70,000.
    assert result.expected_by_chance == Fraction(3, 10)


@pytest.mark.parametrize(
    ("amounts", "target", "verdict", "members", "solutions"),
    [
        ([], 0, Verdict.NONE, (), 0),
        ([], 5, Verdict.NONE, (), 0),
        ([0, 0], 0, Verdict.NONE, (), 0),
        ([5], 5, Verdict.UNIQUE, (0,), 1),
        ([5, 0, 7], 12, Verdict.UNIQUE, (0, 2), 1),
        ([5, 100, 7], 12, Verdict.UNIQUE, (0, 2), 1),
        ([5, 5], 5, Verdict.AMBIGUOUS, (), 2),
        ([5, 5], 10, Verdict.UNIQUE, (0, 1), 1),
        ([700, -200, 31], 500, Verdict.UNIQUE, (0, 1), 1),
        ([700, -700, 31], 0, Verdict.UNIQUE, (0, 1), 1),
        ([700, 31, -31], 700, Verdict.AMBIGUOUS, (), 2),
        ([-5, -7], -12, Verdict.UNIQUE, (0, 1), 1),
        ([4, 6], 5, Verdict.NONE, (), 0),
    ],
)
def test_small_questions(
    amounts: list[int], target: int, verdict: Verdict, members: tuple[int, ...], solutions: int
) -> None:
    result = find_sum(amounts, target)
    assert (result.verdict, result.members, result.solutions) == (verdict, members, solutions)


def test_a_run_shows_its_chance() -> None:
    result = find_sum([3, 10, 4, 20], 14)
    # 20 is too large; six runs of the others, prefix sums 0 to 17.
    assert (result.evidence, result.members) == (Evidence.RUN, (1, 2))
    assert result.expected_by_chance == Fraction(6, 18)


def test_round_runs_are_likelier() -> None:
    amounts = [10_000, 40_000, 8_841, 30_000, 2]
    result = find_sum(amounts, 50_000)
    # Multiples of 10,000: two runs of one, one of two, one of one; sums from 0 to 80,000.
    assert result.expected_by_chance == Fraction(4, 9)
    assert (result.verdict, result.members) == (Verdict.UNIQUE, (0, 1))


def test_a_run_that_chance_explains_is_no_proof_when_proof_is_asked() -> None:
    amounts = [3, 10, 4]
    below = find_sum(amounts, 14, run_chance_below=Fraction(1, 3))
    assert (below.verdict, below.reason, below.members, below.candidates) == (
        Verdict.AMBIGUOUS,
        Reason.CHANCE,
        (),
        ((1, 2),),
    )
    above = find_sum(amounts, 14, run_chance_below=Fraction(34, 100))
    assert (above.verdict, above.members) == (Verdict.UNIQUE, (1, 2))


def test_a_run_may_be_longer_than_a_subset() -> None:
    amounts = [101 + 7 * item for item in range(20)]
    assert find_sum(amounts, sum(amounts), items_max=4).members == tuple(range(20))


@pytest.mark.parametrize(("count", "items"), [(24, 8), (40, 5), (60, 4)])
def test_counts_of_larger_questions(count: int, items: int) -> None:
    chosen = random.Random(count)
    amounts = [chosen.randint(100, 3000) for _ in range(count)]
    target = sum(amounts[:: count // items][:items])
    result = find_sum(amounts, target, items_max=items)
    assert result.solutions == counted(amounts, target, result.items_searched) > 0


def test_a_dense_question_is_ambiguous_at_the_first_solution() -> None:
    chosen = random.Random(7)
    amounts = [chosen.randint(10_000, 1_000_000) for _ in range(50)]
    target = sum(chosen.sample(amounts, 10))
    result = find_sum(amounts, target)
    assert (result.verdict, result.reason, result.items_searched) == (
        Verdict.AMBIGUOUS,
        result.reason,
        0,
    )
    assert result.solutions >= len(result.candidates) >= 1
    assert all(sum(amounts[item] for item in items) == target for items in result.candidates)
    assert find_sum(amounts[::-1], target).work == result.work


def test_a_spent_budget_is_said() -> None:
    amounts = [52317, 8840, 81102, 39999]
    result = find_sum(amounts, 133419, budget=0)
    assert (result.verdict, result.reason, result.items_searched, result.budget) == (
        Verdict.UNDECIDED,
        Reason.BUDGET,
        1,
        0,
    )
    enough = find_sum(amounts, 133419).work
    assert find_sum(amounts, 133419, budget=enough).verdict is Verdict.UNIQUE
    short = find_sum(amounts, 133419, budget=enough - 1)
    assert (short.verdict, short.members, short.candidates) == (
        Verdict.UNDECIDED,
        (),
        ((0, 2),),
    )


def test_amounts_beyond_exact_sums_are_undecided() -> None:
    amounts = [2**62 + 1, 2**61, 2**60 + 5, 3]
    result = find_sum(amounts, 2**62 + 2**60 + 6)
    assert (result.verdict, result.reason) == (Verdict.UNDECIDED, Reason.RANGE)


@pytest.mark.parametrize(("items_max", "budget"), [(0, 1), (1, -1)])
def test_limits_must_make_sense(items_max: int, budget: int) -> None:
    with pytest.raises(ValueError, match="items_max must be at least 1 and budget at least 0"):
        find_sum([1], 1, items_max=items_max, budget=budget)


def test_runs_and_subsets_can_be_asked_alone() -> None:
    amounts = [123_457, 88_831, 268_919]
    apart, neighbours = 123_457 + 268_919, 123_457 + 88_831
    run = find_sum(amounts, neighbours, only=Evidence.RUN)
    assert (run.verdict, run.evidence, run.members) == (Verdict.UNIQUE, Evidence.RUN, (0, 1))
    none = find_sum(amounts, apart, only=Evidence.RUN)
    assert (none.verdict, none.evidence, none.reason) == (Verdict.NONE, None, None)
    found = find_sum(amounts, apart, only=Evidence.SUBSET)
    assert (found.verdict, found.evidence, found.members) == (
        Verdict.UNIQUE, Evidence.SUBSET, (0, 2),
    )  # fmt: skip


def test_halves_hold_and_cost_what_is_counted() -> None:
    # Two amounts on the left, three on the right.
    halves = Halves([1, 2, 4, 8, 16], 99, 5)
    assert [halves.held(size) for size in range(4)] == [2, 7, 11, 12]
    # 9 sums to form; 1 + 3 sums in 1 step each, 2 + 3 in 2, 1 + 1 in 1.
    assert halves.cost(2, 2) == 9 + 4 + 10 + 2
    # One of each half: 5 sums to form.
    assert halves.cost(2, 1) == 5 + 10
    halves.count(2, 2, [])
    assert halves.cost(2, 1) == 10
    # One more size: the three on the right.
    assert halves.cost(3, 3) == 1 + (1 + 1) + (2 + 3) * 2 + (1 + 3) + (0 + 1) * 0


def test_examples_are_those_that_come_first() -> None:
    found: list[tuple[int, ...]] = []
    assert Halves([1, 1, 2, 1, 2, 2], 3, 5).count(2, 2, found) == 9
    # None on the left, then one: by the place in the half with more sums, else in the right one.
    assert found == [(3, 4), (3, 5), (2, 3), (0, 4), (1, 4)]
    found = []
    assert Halves([1, 2, 1, 2, 9], 3, 5).count(2, 1, found) == 2
    assert found == [(1, 2), (0, 3)]


def test_the_nearest_sums_of_so_many_items() -> None:
    halves = Halves([3, 5, 7, 11], 9, 5)
    sums = [3, 5, 7, 11, 8, 10, 14, 12, 16, 18]
    assert halves.distances(2, 99) == sorted(abs(total - 9) for total in sums)
    assert halves.distances(2, 3) == [1, 1, 2]


def test_no_more_than_five_solutions_are_shown() -> None:
    result = find_sum([1] * 7, 1)
    assert (result.solutions, result.candidates) == (7, ((0,), (1,), (2,), (3,), (4,)))


@pytest.mark.parametrize(
    ("amounts", "target"),
    [
        # What the amounts and the target are together without their signs: 2**62 and more …
        ([2**61 + 1, 5, -(2**61) - 3], -2),
        ([-(2**61) - 1, -3, -7], -(2**61) - 8),
        # … and just that.
        ([3, 2, 2**61 - 4], 2**61 - 1),
    ],
)
def test_what_may_leave_64_bits_is_not_searched(amounts: list[int], target: int) -> None:
    result = find_sum(amounts, target)
    assert (result.verdict, result.reason, result.candidates) == (
        Verdict.UNDECIDED, Reason.RANGE, (),
    )  # fmt: skip


def test_a_chance_of_one_in_a_thousand_is_no_proof() -> None:
    # Three sets of two, 3,000 sums from 2,501 to 5,500; the first solution settles it.
    result = find_sum([1001, 1500, 4000], 5001)
    assert (result.verdict, result.reason, result.candidates) == (
        Verdict.AMBIGUOUS, Reason.CHANCE, ((0, 2),),
    )  # fmt: skip
    assert (result.expected_by_chance, result.items_searched) == (Fraction(1, 1000), 2)
    assert result.work == 3 + Halves([1, 2, 3], 0, 0).cost(2, 2)
    proof = find_sum([1000, 1500, 4000], 5000 + 1)
    assert proof.verdict is Verdict.NONE
    proof = find_sum([1001, 1500, 4001], 5002)
    assert (proof.verdict, proof.expected_by_chance) == (Verdict.UNIQUE, Fraction(3, 3001))


def test_two_solutions_of_one_size_settle_it() -> None:
    amounts = [123_457, 8, 268_919, 13, 130_458, 17, 261_918]
    result = find_sum(amounts, 123_457 + 268_919)
    assert (result.reason, result.solutions, result.items_searched) == (Reason.SEVERAL, 2, 2)
    assert result.candidates == ((0, 2), (4, 6))


def test_amounts_with_a_common_difference_have_fewer_sums() -> None:
    # 3,006, 4,006, 5,006 and 6,006.
    result = find_sum([1003, 2003, 4003], 5006)
    assert (result.expected_by_chance, result.candidates) == (Fraction(3, 4), ((0, 2),))
    # Equal amounts have one.
    equal = find_sum([5, 5, 5], 10, only=Evidence.SUBSET)
    assert (equal.expected_by_chance, equal.solutions) == (Fraction(3), 3)


def test_the_two_smallest_are_a_set_too() -> None:
    assert find_sum([30, 45, 31], 61).candidates == ((0, 2),)


def test_round_amounts_count_up_to_the_least_sum_and_the_largest_set() -> None:
    # Three sets, six such amounts from −50,000 to 0.
    result = find_sum([-20_000, -8_841, -30_000], -50_000)
    assert result.expected_by_chance == Fraction(3, 6)
    result = find_sum([20_000, 8_841, 30_000], 50_000, items_max=2)
    assert result.expected_by_chance == Fraction(3, 6)


def test_steps_are_counted_one_by_one() -> None:
    result = find_sum([52317, 8840, 81102, 39999], 133419)
    halves, expected = Halves([1, 2, 3, 4], 0, 0), 4
    for size in (2, 3):
        expected += halves.cost(size, size)
        halves.count(size, size, [])
    # To find the nearest, all sets of up to four of four.
    assert result.work == expected + 4 + 6 + 4 + 1


def test_a_budget_may_be_spent_to_the_last_step() -> None:
    amounts = [52317, 8840, 81102, 39999]
    assert find_sum(amounts, 133418).verdict is Verdict.NONE
    enough = find_sum(amounts, 133418).work
    assert find_sum(amounts, 133418, budget=enough).verdict is Verdict.NONE
    assert find_sum(amounts, 133418, budget=enough - 1).reason is Reason.BUDGET


@pytest.mark.parametrize(
    ("limit", "most"), [("HALF_SUMS_MAX", 2 * (1 + 2 + 1)), ("NEAR_SETS_MAX", 4 + 6 + 4 + 1)]
)
def test_memory_may_be_filled_to_the_last_sum(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    amounts = [52317, 8840, 81102, 39999]
    monkeypatch.setattr(sums, limit, most)
    assert find_sum(amounts, 133419).verdict is Verdict.UNIQUE
    monkeypatch.setattr(sums, limit, most - 1)
    assert find_sum(amounts, 133419).reason is Reason.BUDGET


def test_where_chance_explains_a_solution_even_sets_are_tried_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amounts = [1, 2, 3, 4, 5, 6, 7, 9]
    all_ = 2**3 + 2**4  # 9 is too large
    monkeypatch.setattr(sums, "COUNT_ALWAYS_BELOW", all_)
    counted_ = find_sum(amounts, 7, only=Evidence.SUBSET)
    assert (counted_.items_searched, counted_.candidates) == (1, ((6,),))
    monkeypatch.setattr(sums, "COUNT_ALWAYS_BELOW", all_ - 1)
    tried = find_sum(amounts, 7, only=Evidence.SUBSET)
    assert (tried.items_searched, tried.candidates) == (0, ((0, 5), (1, 4), (2, 3)))
