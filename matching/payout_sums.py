"""Pass 7: one deposit for several payouts, or several deposits for one payout.

The only run of neighbours in time that adds up, else the only subset of at most ten inside a
tighter window; either only where so few sums come up by chance that this one is evidence
(`beanclear.matching.sums`). Deposits that add up to one payout come from one payer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Final

from beanclear.ledger.matching_rules import Pair, Step, normalised
from beanclear.matching.payout_legs import (
    CANDIDATES_SHOWN_MAX,
    Link,
    Outcome,
    PayoutLeg,
    Timeline,
    fits,
)
from beanclear.matching.rules import Rulebook
from beanclear.matching.sums import Evidence, Reason, SumResult, Verdict, find_sum

# Neighbours in time are how batches are paid, which is evidence of its own: a run is taken unless
# sums of runs come up by chance so easily (round amounts) that it proves nothing. A set that is no
# run has only its sum for it and needs a chance below one in a thousand (`matching.sums`).
RUN_CHANCE_BELOW: Final = Fraction(1, 50)

Answer = tuple[list[PayoutLeg], SumResult]


def by_sum(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], rules: Rulebook, outcome: Outcome
) -> None:
    """Link the sums that are proven; show the others on both sides."""
    found: list[tuple[PayoutLeg, tuple[PayoutLeg, ...], SumResult]] = []
    for targets, others in ((deposits, payouts), (payouts, deposits)):
        known = Timeline(others, rules)
        for target in targets:
            answers = _answers(target, known.around(target.day), rules)
            _judge(target, answers, found, outcome)
    claims: dict[str, int] = defaultdict(int)
    for target, members, _result in found:
        for leg in (target, *members):
            claims[leg.key] += 1
    for target, members, result in found:
        keys = tuple(leg.key for leg in (target, *members))
        if all(claims[key] == 1 and key not in outcome.ambiguous for key in keys):
            evidence = f"{result.evidence} {len(members)}, {_figure(result.expected_by_chance)}"
            outcome.links.append(Link(keys=keys, matched_by="sum", evidence=evidence))
        else:
            _shown(target, [members], outcome)


def _judge(
    target: PayoutLeg,
    answers: list[Answer],
    found: list[tuple[PayoutLeg, tuple[PayoutLeg, ...], SumResult]],
    outcome: Outcome,
) -> None:
    """One proven answer is found; several answers, or one that is no proof, are shown."""
    sums = [
        (legs, result)
        for legs, result in answers
        if result.verdict in {Verdict.UNIQUE, Verdict.AMBIGUOUS}
    ]
    for _legs, result in answers:
        if result.verdict is Verdict.UNDECIDED:
            outcome.notes[target.key] = f"{Reason.BUDGET}:{result.budget}"
    if len(sums) == 1 and sums[0][1].verdict is Verdict.UNIQUE:
        legs, result = sums[0]
        found.append((target, tuple(legs[place] for place in result.members), result))
    elif sums:
        _shown(
            target,
            [[legs[place] for place in one] for legs, result in sums for one in result.candidates],
            outcome,
        )
        if len(sums) == 1 and sums[0][1].reason is Reason.CHANCE:
            outcome.notes[target.key] = f"{Reason.CHANCE}:{_figure(sums[0][1].expected_by_chance)}"
        else:
            count = sum(result.solutions for _legs, result in sums)
            outcome.notes[target.key] = f"{Reason.SEVERAL}:{count}"


def _figure(chance: Fraction) -> str:
    """Solutions to be expected by chance, in two digits; a number of sets, no money."""
    return f"{float(chance):.1e}"


def _answers(target: PayoutLeg, others: Sequence[PayoutLeg], rules: Rulebook) -> list[Answer]:
    """Ask one payer and one wallet (or bank account) after the other, then its wallets together.

    A batch is made within one wallet, so its payouts are neighbours there although another
    wallet's stand between them. Where one wallet has an answer, sums over several are not asked.
    """
    runs = {leg.key for leg in others if _near(target, leg, rules, Step.RUN)}
    sets = {leg.key for leg in others if _near(target, leg, rules, Step.SET)}
    near = [leg for leg in others if leg.key in runs | sets]
    answers = []
    for legs in _of_one_payer(near):
        own = []
        sources = sorted({leg.source for leg in legs})
        for source in sources:
            some = [leg for leg in legs if leg.source == source]
            own.append((some, _asked(target, some, runs, sets, rules)))
        if len(sources) > 1 and not any(
            result.verdict in {Verdict.UNIQUE, Verdict.AMBIGUOUS} for _some, result in own
        ):
            own = [(legs, _asked(target, legs, runs, sets, rules))]
        answers += own
    return answers


def _of_one_payer(near: list[PayoutLeg]) -> Iterator[list[PayoutLeg]]:
    """The legs by who paid them; what came back to a wallet can stand beside any payer's."""
    payers = {leg.key: normalised(leg.payer) for leg in near}
    names = {payers[leg.key] for leg in near if not leg.returned}
    for name in sorted(names or {""}):
        yield [leg for leg in near if leg.returned or payers[leg.key] == name]


def _near(target: PayoutLeg, leg: PayoutLeg, rules: Rulebook, step: Step) -> bool:
    payout, deposit = (leg, target) if target.amount_minor < 0 else (target, leg)
    return fits(payout, deposit, rules, step)


def _asked(
    target: PayoutLeg, legs: list[PayoutLeg], runs: set[str], sets: set[str], rules: Rulebook
) -> SumResult:
    """Runs of the legs that may be in one, else sets of those that may; by place in `legs`."""
    # An amount of zero belongs to no sum.
    near = [leg.net_minor if leg.key in runs else 0 for leg in legs]
    result = find_sum(near, -target.net_minor, run_chance_below=RUN_CHANCE_BELOW, only=Evidence.RUN)
    if result.verdict is not Verdict.NONE:
        return result
    close = [leg.net_minor if leg.key in sets else 0 for leg in legs]
    items = rules.values(Pair.PAYOUT_DEPOSIT, Step.SET, target.day).items
    return find_sum(close, -target.net_minor, items_max=items, only=Evidence.SUBSET)


def _shown(target: PayoutLeg, solutions: Iterable[Iterable[PayoutLeg]], outcome: Outcome) -> None:
    """A sum that is no proof: both sides show it, neither is taken (P2)."""
    keys = sorted({leg.key for legs in solutions for leg in legs})
    outcome.ambiguous[target.key] = tuple(keys[:CANDIDATES_SHOWN_MAX])
    for key in keys:
        others = (*outcome.ambiguous.get(key, ()), target.key)
        outcome.ambiguous[key] = tuple(dict.fromkeys(others))[:CANDIDATES_SHOWN_MAX]
        outcome.notes.setdefault(key, "part:")
