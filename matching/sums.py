"""Which of these amounts add up to that one, and is the answer proven?

With many candidates some set of them adds up to almost any amount by chance, so a sum alone is no
proof. `find_sum` therefore gives a verdict, never a guess, from two kinds of evidence, in order:

1. Run. Batches are paid in order of time, so neighbours in the list of candidates come first.
   Exactly one run of neighbours with that sum is `unique`; several are `ambiguous`.
2. Subset. Without a run, all sets of at most `items_max` candidates are counted, by size, the
   small sizes first. A set is `unique` only when it is the only one of all allowed sizes and
   fewer than 1/1000 such sets were to be expected by chance. Several sets, or one that chance
   explains, are `ambiguous`; no set of any allowed size is `none`; where the budget does not
   reach the last size, the verdict is `undecided`.

Before that, candidates that cannot belong to any answer are set aside: amounts of zero, and
amounts too large for the others to make up for. Neighbours are neighbours among the rest.

How many sets were to be expected by chance is the largest of three counts (`Fraction`s, no money):

- spread: for each size, the sets of that size over the different sums they can have, from the
  sum of the smallest to the sum of the largest in steps of the greatest common divisor of the
  amounts' differences. Sizes that cannot reach the target do not count.
- round: for round amounts meet more often, the sets of those candidates that are as round as the
  target (multiples of 10, of 100, …), over the amounts of that roundness from their least sum to
  their largest, nothing counting as 0; the largest of these.
- near: of the 3, the 4, … the 16 sums nearest to the target, but for the answer itself: their
  number over the amounts as near as the farthest of them; the largest of these. So the chance is
  not hidden by one large amount that widens the spread.

For a run, the chance is the number of runs over the amounts from the least to the largest sum of
any run, or the same for runs of candidates as round as the target, where that is more.

A worked example. Candidates 523.17, 88.40, 811.02 and 399.99, deposit 1334.19, in fen:

    no run: 523.17 + 88.40 = 611.57, … none is 1334.19
    size 1: none; size 2: {523.17, 811.02} = 1334.19; size 3: none (size 4 would be a run)
    spread: size 2: 6 sets between 488.39 and 1334.19, differences of 0.01: 6 / 84,581
            size 3: 4 sets between 1011.56 and 1734.18:                      4 / 72,263
    round:  the target is no multiple of 0.10
    near:   1299.41, 1422.59 and 1211.01 are at most 123.18 off:     3 / 24,637
            (the 4 nearest are at most 322.63 off, 4 / 64,527, and so on: less)
    spread is the largest:
    expected by chance: 6 / 84,581 + 4 / 72,263, about 1/8,000: below 1/1000, so unique

`subsets.py` counts the sets. Where chance explains a solution anyway and a full count is long,
sets that lie evenly in both halves are tried first: one of them settles the verdict. The work is
counted in steps (a sum formed, a comparison), never in seconds, so the same question has the same
verdict on any machine; the order of candidates matters for runs only.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from beanclear.matching.subsets import EXACT_BELOW, Halves

ITEMS_MAX: Final = 10
BUDGET: Final = 140_000_000
HALF_SUMS_MAX: Final = 16_000_000
"""Sums of halves held at once, 8 bytes each."""
COUNT_ALWAYS_BELOW: Final = 200_000
"""Up to so many sums of halves, sets are counted by size even where one would do."""
NEAR_SETS_MAX: Final = 4_000_000
"""Sums of whole sets held at once, to find the nearest."""
EXAMPLES_MAX: Final = 5
CHANCE_BELOW: Final = Fraction(1, 1000)
NEIGHBOURS_MIN: Final = 3
NEIGHBOURS_MAX: Final = 16
_ROUND_UNITS: Final = (10, 100, 1_000, 10_000, 100_000, 1_000_000)


class Verdict(StrEnum):
    """What a search has proven."""

    UNIQUE = "unique"
    AMBIGUOUS = "ambiguous"
    NONE = "none"
    UNDECIDED = "undecided"


class Evidence(StrEnum):
    """What kind of sets the solutions are."""

    RUN = "run"
    SUBSET = "subset"


class Reason(StrEnum):
    """Why a verdict is ambiguous or undecided."""

    SEVERAL = "several"
    """More than one solution."""
    CHANCE = "chance"
    """A solution, but chance alone would make as many."""
    BUDGET = "budget"
    """The next size costs more than the budget has left."""
    RANGE = "range"
    """The amounts are too large for exact 64-bit sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SumResult:
    """What is known about the sets of candidates that add up to a target.

    Attributes:
      verdict: unique, ambiguous, none or undecided.
      evidence: whether the solutions are runs or subsets; None without a solution.
      reason: why the verdict is ambiguous or undecided; None otherwise.
      members: positions of the unique solution in the list of candidates, ascending; else empty.
      solutions: how many were counted: all runs, or all subsets of at most `items_searched`
        candidates. There may be more when `items_searched` is 0.
      items_searched: the largest size up to which all sets were counted. The search stops at the
        first size at which a unique answer has become impossible; 0 when a first solution made
        a count needless.
      candidates: up to five solutions, for a person to choose from.
      expected_by_chance: solutions of that kind to be expected by chance.
      work: steps spent (sums formed and comparisons).
      budget: steps allowed.
    """

    verdict: Verdict
    evidence: Evidence | None = None
    reason: Reason | None = None
    members: tuple[int, ...] = ()
    solutions: int = 0
    items_searched: int = 0
    candidates: tuple[tuple[int, ...], ...] = ()
    expected_by_chance: Fraction
    work: int
    budget: int


def find_sum(
    amounts: Sequence[int],
    target: int,
    *,
    items_max: int = ITEMS_MAX,
    budget: int = BUDGET,
    run_chance_below: Fraction | None = None,
    only: Evidence | None = None,
) -> SumResult:
    """Find the set of candidates that adds up to `target`, and say whether it is proven.

    Args:
      amounts: candidates in minor units of one currency, in order of time, either sign; the
        caller has kept only those in the window and of the same payer.
      target: the sum wanted, in the same unit. The empty set is never a solution.
      items_max: the largest subset looked for. Runs may be longer. More items need more proof:
        each size adds to what is expected by chance.
      budget: steps allowed for the subsets.
      run_chance_below: a unique run is ambiguous when as many runs or more were to be expected
        by chance; None: a unique run is proof, and its chance is only told.
      only: look for runs or for subsets only; None: for runs, and without any for subsets.

    Raises:
      ValueError: when `items_max` is below 1 or `budget` is negative.
    """
    if items_max < 1 or budget < 0:
        raise ValueError("items_max must be at least 1 and budget at least 0")
    positions = _able(amounts, target)
    unit = math.gcd(*(amounts[position] for position in positions))
    if not positions or target % unit:
        return SumResult(
            verdict=Verdict.NONE, expected_by_chance=Fraction(0), work=len(amounts), budget=budget
        )
    scaled = [amounts[position] // unit for position in positions]
    search = _Search(
        scaled,
        target // unit,
        positions,
        items_max=min(items_max, len(scaled)),
        budget=budget,
        run_chance_below=run_chance_below,
    )
    found = None if only is Evidence.SUBSET else search.by_run()
    if found is None and only is Evidence.RUN:
        return search.result(Fraction(0), None, evidence=Evidence.RUN, searched=len(scaled))
    return found or search.by_subset()


def _able(amounts: Sequence[int], target: int) -> list[int]:
    """Positions of the candidates that can be part of some answer of any size.

    An amount above the target is too large unless negative amounts can make up for it; setting
    one aside can make the next impossible, so this is repeated until nothing changes.
    """
    positions = [position for position, amount in enumerate(amounts) if amount]
    while True:
        least = sum(min(amounts[position], 0) for position in positions)
        most = sum(max(amounts[position], 0) for position in positions)
        left = [
            position
            for position in positions
            if max(amounts[position], 0) + least <= target <= min(amounts[position], 0) + most
        ]
        if left == positions:
            return positions
        positions = left


class _Search:
    """One question, after candidates that cannot matter are gone and the unit is divided out."""

    def __init__(
        self,
        amounts: list[int],
        target: int,
        positions: list[int],
        *,
        items_max: int,
        budget: int,
        run_chance_below: Fraction | None,
    ) -> None:
        self.amounts = amounts
        self.target = target
        self.positions = positions
        self.items_max = items_max
        self.budget = budget
        self.run_chance_below = run_chance_below
        self.work = len(amounts)

    def result(
        self,
        chance: Fraction,
        reason: Reason | None,
        *,
        evidence: Evidence,
        solutions: int = 0,
        found: Sequence[tuple[int, ...]] = (),
        searched: int = 0,
    ) -> SumResult:
        """The verdict that follows, with positions in the caller's list."""
        if reason in {Reason.BUDGET, Reason.RANGE}:
            verdict = Verdict.UNDECIDED
        elif reason:
            verdict = Verdict.AMBIGUOUS
        else:
            verdict = Verdict.UNIQUE if solutions else Verdict.NONE
        shown = sorted(tuple(self.positions[item] for item in items) for items in found)
        return SumResult(
            verdict=verdict,
            evidence=evidence if solutions else None,
            reason=reason,
            members=shown[0] if verdict is Verdict.UNIQUE else (),
            solutions=solutions,
            items_searched=searched,
            candidates=tuple(shown),
            expected_by_chance=chance,
            work=self.work,
            budget=self.budget,
        )

    def by_run(self) -> SumResult | None:
        """Runs of neighbours: two prefix sums that differ by the target; None without any."""
        prefixes = [0, *itertools.accumulate(self.amounts)]
        starts: dict[int, list[int]] = {}
        found: list[tuple[int, ...]] = []
        solutions = 0
        for end, prefix in enumerate(prefixes):
            before = starts.get(prefix - self.target, [])
            solutions += len(before)
            for start in before[: EXAMPLES_MAX - len(found)]:
                found.append(tuple(range(start, end)))
            starts.setdefault(prefix, []).append(end)
        if not solutions:
            return None
        chance = _runs(self.amounts, self.target)
        reason = None if solutions == 1 else Reason.SEVERAL
        if not reason and self.run_chance_below is not None and chance >= self.run_chance_below:
            reason = Reason.CHANCE
        return self.result(
            chance,
            reason,
            evidence=Evidence.RUN,
            solutions=solutions,
            found=found,
            searched=len(self.amounts),
        )

    def by_subset(self) -> SumResult:
        """Subsets, size by size, until the verdict is certain or the budget spent."""
        question = self.amounts, self.target, self.items_max
        chance = max(_spread(*question), _round(*question))
        if sum(map(abs, self.amounts)) + abs(self.target) >= EXACT_BELOW:
            return self.result(chance, Reason.RANGE, evidence=Evidence.SUBSET)
        # Where chance explains a solution anyway, the first one found settles the verdict.
        enough = 2 if chance < CHANCE_BELOW else 1
        order = sorted(range(len(self.amounts)), key=self.amounts.__getitem__)
        order = order[::2] + order[1::2]
        halves = Halves([self.amounts[item] for item in order], self.target, EXAMPLES_MAX)
        feasible = [size for size, _, _ in _sizes(*question)]
        plan = [(size, size) for size in feasible]
        if enough == 1 and halves.held(self.items_max) > COUNT_ALWAYS_BELOW:
            plan = [(size, (size + 1) // 2) for size in feasible if size > 1] + plan
        found: list[tuple[int, ...]] = []
        solutions, searched = 0, self.items_max
        reason: Reason | None = None
        for size, on_a_side in plan:
            cost = halves.cost(size, on_a_side)
            dear = self.work + cost > self.budget or halves.held(on_a_side) > HALF_SUMS_MAX
            if dear and on_a_side == size:
                searched, reason = size - 1, Reason.BUDGET
                break
            if not dear:
                self.work += cost
                solutions += halves.count(size, on_a_side, found)
                if solutions >= enough:
                    searched = size if on_a_side == size else 0
                    break
        if solutions == 1 and enough > 1 and not reason:
            cost = sum(math.comb(len(self.amounts), size) for size in range(1, self.items_max + 1))
            if self.work + cost > self.budget or cost > NEAR_SETS_MAX:
                reason = Reason.BUDGET
            else:
                self.work += cost
                chance = max(chance, _near(halves.distances(self.items_max, NEIGHBOURS_MAX + 1)))
        if not reason and solutions > 1:
            reason = Reason.SEVERAL
        elif not reason and solutions and chance >= CHANCE_BELOW:
            reason = Reason.CHANCE
        return self.result(
            chance,
            reason,
            evidence=Evidence.SUBSET,
            solutions=solutions,
            found=[tuple(sorted(order[item] for item in items)) for items in found],
            searched=searched,
        )


def _sizes(amounts: list[int], target: int, items_max: int) -> Iterator[tuple[int, int, int]]:
    """Sizes at which some set can have the target's sum, with their sets and possible sums."""
    ordered = sorted(amounts)
    prefixes = [0, *itertools.accumulate(ordered)]
    step = math.gcd(*(amount - ordered[0] for amount in ordered)) if ordered else 0
    for size in range(1, min(items_max, len(ordered)) + 1):
        least = prefixes[size]
        most = prefixes[-1] - prefixes[len(ordered) - size]
        fits = (target - least) % step == 0 if step else target == least
        if least <= target <= most and fits:
            sums = (most - least) // step + 1 if step else 1
            yield size, math.comb(len(ordered), size), sums


def _spread(amounts: list[int], target: int, items_max: int) -> Fraction:
    """The count `spread`."""
    sizes = _sizes(amounts, target, items_max)
    return sum((Fraction(sets, sums) for _, sets, sums in sizes), Fraction(0))


def _round(amounts: list[int], target: int, items_max: int) -> Fraction:
    """The count `round`."""
    counts = [Fraction(0)]
    for unit in _ROUND_UNITS:
        alike = sorted(amount for amount in amounts if amount % unit == 0)
        least = sum(min(amount, 0) for amount in alike[:items_max])
        most = sum(max(amount, 0) for amount in alike[-items_max:])
        if target % unit == 0 and least <= target <= most:
            sets = sum(math.comb(len(alike), size) for size in range(1, items_max + 1))
            counts.append(Fraction(sets, (most - least) // unit + 1))
    return max(counts)


def _runs(amounts: list[int], target: int) -> Fraction:
    """Runs to be expected by chance: all, or those of round candidates where these meet more."""
    counts = []
    for unit in (1, *_ROUND_UNITS):
        if target % unit == 0:
            runs = length = total = 0
            totals = [0]
            for amount in amounts:
                length = length + 1 if amount % unit == 0 else 0
                runs += length
                total += amount if length else 0
                totals.append(total)
            counts.append(Fraction(runs, (max(totals) - min(totals)) // unit + 1))
    return max(counts)


def _near(distances: list[int]) -> Fraction:
    """The count `near`; the first of the distances is that of the answer, zero."""
    others = distances[1:]
    first = min(NEIGHBOURS_MIN, len(others))
    return max(
        (
            Fraction(near, 2 * others[near - 1] + 1)
            for near in range(first, len(others) + 1)
            if near
        ),
        default=Fraction(0),
    )
