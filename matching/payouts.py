"""Passes 3 to 5: payouts and bank deposits, which share no key.

A payout leaves a wallet; a deposit reaches a bank account; both stand on one transit account.
They are few (some a day), so this is plain Python over sorted lists. Each pass takes only what
the passes before it left, and returns groups: sets of legs that net to zero together (or, by
reference, belong together with a rest). What fits several ways is never taken: it comes back as
ambiguous, with its candidates.

3. Reference: a payout's id stands in the deposit's memo.
4. Amount and window: equal amounts whose days lie in the window. Legs of one amount form blocks
   of mutual candidates. A block closes when every payout in it can be given a deposit of its
   own and the other way round: whichever way the equal amounts are paired, nothing is left.
   Any other block with both sides is ambiguous.
5. Sum: one deposit for several payouts, or several deposits for one payout: the only run of
   neighbours in time that adds up, else the only subset of at most four within the window.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

SUBSET_ITEMS_MAX: Final = 4
SUBSET_CANDIDATES_MAX: Final = 24
CANDIDATES_SHOWN_MAX: Final = 5
REFERENCE_LENGTH_MIN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PayoutLeg:
    """One leg on a transit account.

    Attributes:
      day: the day it belongs to.
      key: its own key, unique on the account.
      amount_minor: as posted, debit positive: a payout is +, a deposit −.
      reference: the payout's id, where the wallet gives one.
      text: the deposit's memo and reference, where ids are looked for.
    """

    day: datetime.date
    key: str
    amount_minor: int
    reference: str | None = None
    text: str = ""


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
    """Run passes 3 to 5 over the legs of one account in one currency.

    `last_day` gives the last day on which a payout of a given day may reach the bank.
    """
    ordered = sorted(legs)
    payouts = [leg for leg in ordered if leg.amount_minor > 0]
    deposits = [leg for leg in ordered if leg.amount_minor < 0]
    outcome = Outcome()
    for run in (_by_reference, _by_amount, _by_sum):
        run(payouts, deposits, last_day, outcome)
        taken = {key for link in outcome.links for key in link.keys} | outcome.ambiguous.keys()
        payouts = [leg for leg in payouts if leg.key not in taken]
        deposits = [leg for leg in deposits if leg.key not in taken]
    return outcome


def _by_reference(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], _last: Window, outcome: Outcome
) -> None:
    named: dict[str, list[str]] = defaultdict(list)
    references = {
        payout.reference: payout
        for payout in payouts
        if payout.reference and len(payout.reference) >= REFERENCE_LENGTH_MIN
    }
    for deposit in deposits:
        found = {
            payout.key
            for reference, payout in references.items()
            if _names(deposit.text, reference)
        }
        if len(found) == 1:
            named[found.pop()].append(deposit.key)
    for payout_key, deposit_keys in sorted(named.items()):
        outcome.links.append(
            Link(
                keys=(payout_key, *sorted(deposit_keys)),
                matched_by="reference",
                evidence=payout_key,
            )
        )


def _names(text: str, reference: str) -> bool:
    """Whether the reference stands in the text by itself, not as a part of a longer number."""
    return reference in text and bool(
        re.search(rf"(?<![0-9A-Za-z]){re.escape(reference)}(?![0-9A-Za-z])", text)
    )


def _by_amount(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], last_day: Window, outcome: Outcome
) -> None:
    by_amount: dict[int, tuple[list[PayoutLeg], list[PayoutLeg]]] = defaultdict(lambda: ([], []))
    for payout in payouts:
        by_amount[payout.amount_minor][0].append(payout)
    for deposit in deposits:
        by_amount[-deposit.amount_minor][1].append(deposit)
    for amount in sorted(by_amount):
        for block_payouts, block_deposits in _blocks(*by_amount[amount], last_day):
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
    return payout.day <= deposit.day <= last_day(payout.day)


def _blocks(
    payouts: list[PayoutLeg], deposits: list[PayoutLeg], last_day: Window
) -> Iterator[tuple[list[PayoutLeg], list[PayoutLeg]]]:
    """Connected blocks of mutual candidates that have both sides."""
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
    """Whether each payout can be given a deposit of its own, none left on either side.

    Windows all have the same shape and both lists are in order of days, so the first payout
    takes the first deposit: if any assignment exists, this one does.
    """
    return len(payouts) == len(deposits) and all(
        _fits(payout, deposit, last_day) for payout, deposit in zip(payouts, deposits, strict=True)
    )


def _by_sum(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], last_day: Window, outcome: Outcome
) -> None:
    taken: set[str] = set()
    targets = [(deposit, payouts, True) for deposit in deposits]
    targets += [(payout, deposits, False) for payout in payouts]
    proposals: list[tuple[PayoutLeg, list[tuple[PayoutLeg, ...]], str]] = []
    for target, others, target_is_deposit in targets:
        near = [
            other
            for other in others
            if (
                _fits(other, target, last_day)
                if target_is_deposit
                else _fits(target, other, last_day)
            )
        ]
        found, how = _sums(near, -target.amount_minor)
        if found:
            proposals.append((target, found, how))
    claims: dict[str, int] = defaultdict(int)
    for target, found, _how in proposals:
        for key in {leg.key for legs in found for leg in legs} | {target.key}:
            claims[key] += 1
    for target, found, how in proposals:
        keys = (target.key, *(leg.key for leg in found[0]))
        if len(found) == 1 and all(claims[key] == 1 for key in keys) and not taken & set(keys):
            taken |= set(keys)
            outcome.links.append(Link(keys=keys, matched_by="sum", evidence=how))
        else:
            outcome.ambiguous[target.key] = tuple(
                sorted({leg.key for legs in found for leg in legs})[:CANDIDATES_SHOWN_MAX]
            )


def _sums(near: Sequence[PayoutLeg], wanted: int) -> tuple[list[tuple[PayoutLeg, ...]], str]:
    """Runs of neighbours that add up to `wanted`; without any, subsets of at most four."""
    runs = []
    for first in range(len(near)):
        total = near[first].amount_minor
        for last in range(first + 1, len(near)):
            total += near[last].amount_minor
            if total == wanted:
                runs.append(tuple(near[first : last + 1]))
    if runs:
        return runs, "run"
    if len(near) > SUBSET_CANDIDATES_MAX:
        return [], ""
    subsets = [
        legs
        for size in range(2, SUBSET_ITEMS_MAX + 1)
        for legs in combinations(near, size)
        if sum(leg.amount_minor for leg in legs) == wanted
    ]
    return subsets, "subset"
