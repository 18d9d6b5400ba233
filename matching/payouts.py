"""Passes 3 to 6: payouts, their returns and bank deposits, which share no key.

A payout leaves a wallet; a deposit reaches a bank account; both stand on one transit account. A
payout that failed or was cancelled comes back to its wallet as a return (退票), and a bank may
take a deposit back (冲正): such a leg undoes an earlier one of its own wallet or bank account.
They are few (some a day), so this is plain Python over sorted lists. Each pass takes only what
the passes before it left, and returns groups: sets of legs that net to zero together (or, by
reference, belong together with a rest). What fits several ways is never taken: it comes back as
ambiguous, with its candidates.

3. Reference: a payout's id stands in the deposit's memo, or a return gives it.
4. Return: a return and a payout that left the same wallet before it, or a bank's reversal and a
   deposit that reached the same account before it; equal amounts, within the window. Taken when
   every return and deposit among its mutual candidates can have a partner of its own, but not
   without this pair.
5. Amount and window: equal amounts whose days lie in the window. Legs of one amount form blocks
   of mutual candidates. A block closes when every payout in it can be given a deposit (or a
   return) of its own and the other way round: whichever way the equal amounts are paired,
   nothing is left. Any other block with both sides is ambiguous.
6. Sum: one deposit for several payouts, or several deposits for one payout: the only run of
   neighbours in time that adds up, else the only subset of at most ten within the window; either
   only where so few sums come up by chance that this one is evidence (`beanclear.matching.sums`).
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from beanclear.matching.sums import SumResult, Verdict, find_sum

SUM_ITEMS_MAX: Final = 10
# Neighbours in time are how batches are paid, which is evidence of its own: a run is taken unless
# sums of runs come up by chance so easily (round amounts) that it proves nothing. A set that is no
# run has only its sum for it and needs a chance below one in a thousand (`matching.sums`).
RUN_CHANCE_BELOW: Final = Fraction(1, 50)
CANDIDATES_SHOWN_MAX: Final = 5
REFERENCE_LENGTH_MIN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PayoutLeg:
    """One leg on a transit account.

    Attributes:
      day: the day it belongs to.
      key: its own key, unique on the account.
      amount_minor: as posted, debit positive: a payout or a reversal is +, a deposit or a
        return −.
      source: the wallet it left or the bank account it reached: batches are made within one.
      reference: the payout's id, where the wallet gives one.
      text: the deposit's memo and reference, where ids are looked for.
      returned: it undoes an earlier leg of its own source and can settle nothing else: a
        payout's return, or a bank's reversal of a deposit.
      collected: money that the platform takes from the bank (a negative settlement), as the
        wallet receives it; only a line that left the bank settles it, and either may come first.
      left_bank: a line of the bank whose money left.
      fee_minor: what a payout loses on its way, by a rule: the bank receives that much less.
    """

    day: datetime.date
    key: str
    amount_minor: int
    source: str = ""
    reference: str | None = None
    text: str = ""
    returned: bool = False
    collected: bool = False
    left_bank: bool = False
    fee_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Legs that belong together, with the pass and the evidence that say so."""

    keys: tuple[str, ...]
    matched_by: str
    evidence: str


@dataclass(slots=True)
class Outcome:
    """What the passes found on one account: links, and the candidates of ambiguous legs."""

    links: list[Link] = field(default_factory=list)
    ambiguous: dict[str, tuple[str, ...]] = field(default_factory=dict)


Window = Callable[[datetime.date], datetime.date]


def match(legs: Iterable[PayoutLeg], last_day: Window) -> Outcome:
    """Run passes 3 to 6 over the legs of one account in one currency.

    `last_day` gives the last day on which a payout of a given day may reach the bank or come
    back, and on which a bank may take back a deposit of that day.
    """
    ordered = sorted(legs)
    payouts = [leg for leg in ordered if leg.amount_minor > 0]
    deposits = [leg for leg in ordered if leg.amount_minor < 0]
    outcome = Outcome()
    for run in (_by_reference, _by_return, _by_amount, _by_sum):
        if run is _by_amount:  # from here on amounts are compared with what the bank receives
            payouts = [_arriving(leg) for leg in payouts]
        run(payouts, deposits, last_day, outcome)
        taken = {key for link in outcome.links for key in link.keys} | outcome.ambiguous.keys()
        payouts = [leg for leg in payouts if leg.key not in taken]
        deposits = [leg for leg in deposits if leg.key not in taken]
    return outcome


def _arriving(leg: PayoutLeg) -> PayoutLeg:
    return replace(leg, amount_minor=leg.amount_minor - leg.fee_minor)


def _by_reference(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], _last: Window, outcome: Outcome
) -> None:
    named: dict[str, list[str]] = defaultdict(list)
    references = {
        payout.reference: payout
        for payout in payouts
        if payout.reference and len(payout.reference) >= REFERENCE_LENGTH_MIN
    }
    for leg in (*deposits, *(payout for payout in payouts if payout.returned)):
        found = {
            payout.key
            for reference, payout in references.items()
            if leg.reference == reference or _names(leg.text, reference)
        }
        if len(found) == 1:
            named[found.pop()].append(leg.key)
    for payout_key, other_keys in sorted(named.items()):
        outcome.links.append(
            Link(
                keys=(payout_key, *sorted(other_keys)),
                matched_by="reference",
                evidence=payout_key,
            )
        )


def _names(text: str, reference: str) -> bool:
    """Whether the reference stands in the text by itself, not as a part of a longer number."""
    return reference in text and bool(
        re.search(rf"(?<![0-9A-Za-z]){re.escape(reference)}(?![0-9A-Za-z])", text)
    )


def _by_return(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], last_day: Window, outcome: Outcome
) -> None:
    """Take a return with the leg it undoes where no other pairing leaves room for the rest."""
    for amount, block_payouts, block_deposits in _blocks(payouts, deposits, last_day):
        if not any(leg.returned for leg in (*block_payouts, *block_deposits)):
            continue
        pairs = _forced_pairs(block_payouts, block_deposits, last_day)
        returned = {leg.key for leg in (*block_payouts, *block_deposits) if leg.returned}
        outcome.links += [
            Link(keys=pair, matched_by="return", evidence=str(amount))
            for pair in sorted(pairs)
            if not returned.isdisjoint(pair)
        ]


def _by_amount(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], last_day: Window, outcome: Outcome
) -> None:
    for amount, block_payouts, block_deposits in _blocks(payouts, deposits, last_day):
        if _pairs_up(block_payouts, block_deposits, last_day):
            keys = tuple(leg.key for leg in (*block_payouts, *block_deposits))
            outcome.links.append(Link(keys=keys, matched_by="amount", evidence=str(amount)))
            continue
        for own, others in (
            (block_payouts, block_deposits),
            (block_deposits, block_payouts),
        ):
            for leg in own:
                outcome.ambiguous[leg.key] = tuple(
                    other.key for other in others[:CANDIDATES_SHOWN_MAX]
                )


def _fits(payout: PayoutLeg, deposit: PayoutLeg, last_day: Window) -> bool:
    """Whether the one may settle the other; a returned leg comes after what it undoes."""
    if deposit.collected:
        early, late = sorted((payout.day, deposit.day))
        return payout.left_bank and late <= last_day(early)
    first, then = (deposit, payout) if payout.returned else (payout, deposit)
    if then.returned and (first.returned or first.source != then.source):
        return False
    return first.day <= then.day <= last_day(first.day)


def _blocks(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], last_day: Window
) -> Iterator[tuple[int, list[PayoutLeg], list[PayoutLeg]]]:
    """Connected blocks of mutual candidates that have both sides, by amount."""
    by_amount: dict[int, tuple[list[PayoutLeg], list[PayoutLeg]]] = defaultdict(lambda: ([], []))
    for payout in payouts:
        by_amount[payout.amount_minor][0].append(payout)
    for deposit in deposits:
        by_amount[-deposit.amount_minor][1].append(deposit)
    for amount in sorted(by_amount):
        for block_payouts, block_deposits in _connected(*by_amount[amount], last_day):
            yield amount, block_payouts, block_deposits


def _connected(
    payouts: list[PayoutLeg], deposits: list[PayoutLeg], last_day: Window
) -> Iterator[tuple[list[PayoutLeg], list[PayoutLeg]]]:
    block: dict[str, str] = {}

    def root(key: str) -> str:
        while block.setdefault(key, key) != key:
            key = block[key]
        return key

    for payout in payouts:
        for deposit in deposits:
            if _fits(payout, deposit, last_day):
                block[root(deposit.key)] = root(payout.key)
    members: dict[str, tuple[list[PayoutLeg], list[PayoutLeg]]] = defaultdict(lambda: ([], []))
    for side, legs in enumerate((payouts, deposits)):
        for leg in legs:
            members[root(leg.key)][side].append(leg)
    for found in members.values():
        if found[0] and found[1]:
            yield found


def _pairs_up(payouts: list[PayoutLeg], deposits: list[PayoutLeg], last_day: Window) -> bool:
    """Whether each payout can be given a deposit of its own, none left on either side."""
    fitting = _fitting(payouts, deposits, last_day)
    return len(payouts) == len(deposits) and _placed_all(fitting, fitting) is not None


def _forced_pairs(
    payouts: list[PayoutLeg], deposits: list[PayoutLeg], last_day: Window
) -> set[tuple[str, str]]:
    """Pairs without which not each deposit and each returned leg has a partner of its own.

    A payout may still be on its way, so it needs none. The two sides can be asked one after the
    other: where each side's legs can be paired, one pairing does it for both (Mendelsohn and
    Dulmage). Nothing is forced where even all pairs together leave one without a partner.
    """
    fitting = _fitting(payouts, deposits, last_day)
    backwards: Fitting = {deposit.key: [] for deposit in deposits}
    for payout, found in fitting.items():
        for deposit in found:
            backwards[deposit].append(payout)
    reversals = _placed_all(fitting, [leg.key for leg in payouts if leg.returned])
    origins = _placed_all(backwards, backwards)
    if reversals is None or origins is None:
        return set()
    return {
        (payout, deposit)
        for deposit, payout in reversals.items()
        if not _replaceable(payout, deposit, fitting, reversals)
    } | {
        (payout, deposit)
        for payout, deposit in origins.items()
        if not _replaceable(deposit, payout, backwards, origins)
    }


Fitting = dict[str, list[str]]


def _fitting(payouts: list[PayoutLeg], deposits: list[PayoutLeg], last_day: Window) -> Fitting:
    return {
        payout.key: [deposit.key for deposit in deposits if _fits(payout, deposit, last_day)]
        for payout in payouts
    }


def _placed_all(fitting: Fitting, keys: Iterable[str]) -> dict[str, str] | None:
    """A partner of its own for each key, as partner → key; None where one finds none."""
    taken: dict[str, str] = {}
    return taken if all(_place(key, fitting, taken) for key in keys) else None


def _replaceable(key: str, partner: str, fitting: Fitting, taken: dict[str, str]) -> bool:
    """Whether all that have partners could have them without this pair."""
    others = {other: owner for other, owner in taken.items() if other != partner}
    return _place(key, fitting, others, forbidden=partner)


def _place(key: str, fitting: Fitting, taken: dict[str, str], forbidden: str | None = None) -> bool:
    """Give `key` a partner by the shortest chain of exchanges; all others keep having one."""
    asked_by: dict[str, str] = {}
    gave_up: dict[str, str] = {}
    waiting = [key]
    for asking in waiting:
        for partner in fitting[asking]:
            if partner in asked_by or (asking == key and partner == forbidden):
                continue
            asked_by[partner] = asking
            if partner in taken:
                gave_up[taken[partner]] = partner
                waiting.append(taken[partner])
                continue
            last: str | None = partner
            while last is not None:
                taken[last] = asked_by[last]
                last = gave_up.get(taken[last])
            return True
    return False


def _by_sum(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], last_day: Window, outcome: Outcome
) -> None:
    """Several payouts in one deposit, or one payout in several deposits."""
    found: list[tuple[PayoutLeg, tuple[PayoutLeg, ...], SumResult]] = []
    for target, near in _targets(payouts, deposits, last_day):
        legs, result = _sum_of(target, near)
        if result.verdict is Verdict.UNIQUE:
            found.append((target, tuple(legs[place] for place in result.members), result))
        elif result.verdict is Verdict.AMBIGUOUS:
            _shown(target, [[legs[place] for place in one] for one in result.candidates], outcome)
    claims: dict[str, int] = defaultdict(int)
    for target, members, _result in found:
        for leg in (target, *members):
            claims[leg.key] += 1
    for target, members, result in found:
        keys = tuple(leg.key for leg in (target, *members))
        if all(claims[key] == 1 and key not in outcome.ambiguous for key in keys):
            evidence = f"{result.evidence} {len(members)}, {float(result.expected_by_chance):.1e}"
            outcome.links.append(Link(keys=keys, matched_by="sum", evidence=evidence))
        else:
            _shown(target, [members], outcome)


def _sum_of(target: PayoutLeg, near: list[PayoutLeg]) -> tuple[list[PayoutLeg], SumResult]:
    """Ask one wallet (or bank account) after the other, then all together.

    A batch is made within one wallet, so its payouts are neighbours there although another
    wallet's stand between them. An answer of one wallet counts when no other wallet has any.
    """
    answers = []
    for source in sorted({leg.source for leg in near}):
        legs = [leg for leg in near if leg.source == source]
        result = _asked(target, legs)
        if result.verdict in {Verdict.UNIQUE, Verdict.AMBIGUOUS}:
            answers.append((legs, result))
    if len(answers) == 1:
        return answers[0]
    return near, _asked(target, near)


def _asked(target: PayoutLeg, legs: list[PayoutLeg]) -> SumResult:
    return find_sum(
        [leg.amount_minor for leg in legs],
        -target.amount_minor,
        items_max=SUM_ITEMS_MAX,
        run_chance_below=RUN_CHANCE_BELOW,
    )


def _targets(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], last_day: Window
) -> Iterator[tuple[PayoutLeg, list[PayoutLeg]]]:
    """Each leg with the legs of the other side that it may be the sum of, in order of time."""
    for deposit in deposits:
        yield deposit, [payout for payout in payouts if _fits(payout, deposit, last_day)]
    for payout in payouts:
        yield payout, [deposit for deposit in deposits if _fits(payout, deposit, last_day)]


def _shown(target: PayoutLeg, solutions: Iterable[Iterable[PayoutLeg]], outcome: Outcome) -> None:
    """A sum that is no proof: both sides show it, neither is taken (P2)."""
    keys = sorted({leg.key for legs in solutions for leg in legs})
    outcome.ambiguous[target.key] = tuple(keys[:CANDIDATES_SHOWN_MAX])
    for key in keys:
        others = (*outcome.ambiguous.get(key, ()), target.key)
        outcome.ambiguous[key] = tuple(dict.fromkeys(others))[:CANDIDATES_SHOWN_MAX]
