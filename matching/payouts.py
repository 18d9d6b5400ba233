"""Passes 3 to 7: payouts, their returns and bank deposits, which share no key.

A payout leaves a wallet; a deposit reaches a bank account; both stand on one transit account. A
payout that failed or was cancelled comes back to its wallet as a return (退票), and a bank may
take a deposit back (冲正): such a leg undoes an earlier one of its own wallet or bank account.
They are few (some a day), so this is plain Python over sorted lists. Each pass takes only what
the passes before it left, and returns groups: sets of legs that net to zero together (or, by
reference or within a tolerance, belong together with a rest). What fits several ways is never
taken: it comes back as ambiguous, with its candidates. Which legs may match, on which days and
within which tolerance, is a table (`beanclear.ledger.matching_rules`).

3. Reference: a payout's id stands in the deposit's memo, or a return gives it.
4. Return: a return and a payout that left the same wallet before it, or a bank's reversal and a
   deposit that reached the same account before it; equal amounts, within the window. Taken when
   every return and deposit among its mutual candidates can have a partner of its own, but not
   without this pair.
5. Amount and window: equal amounts whose days lie in the window. Legs of one amount form blocks
   of mutual candidates. A block closes when every payout in it can be given a deposit (or a
   return) of its own and the other way round: whichever way the equal amounts are paired,
   nothing is left. Pairs that every such pairing has are linked one by one, the rest as a set.
6. Assignment, for all other blocks, and for amounts that differ within a tolerance: every deposit
   must find a payout, and a pair is taken when every other pairing has fewer pairs, or amounts
   that differ more by the margin (`beanclear.matching.assignment`). What is left of a block with
   both sides is ambiguous.
7. Sum: several payouts in one deposit or the reverse (`beanclear.matching.payout_sums`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from beanclear.ledger.matching_rules import Pair, Step
from beanclear.matching.assignment import assign
from beanclear.matching.payout_assignment import by_assignment, last_unseen
from beanclear.matching.payout_legs import (
    Link,
    Outcome,
    PayoutLeg,
    Timeline,
    fits,
    in_order,
)
from beanclear.matching.payout_sums import by_sum
from beanclear.matching.rules import Rulebook


def match(legs: Iterable[PayoutLeg], rules: Rulebook) -> Outcome:
    """Run passes 3 to 7 over the legs of one account in one currency."""
    ordered = sorted(legs, key=lambda leg: leg.place)
    payouts = [leg for leg in ordered if leg.amount_minor > 0]
    deposits = [leg for leg in ordered if leg.amount_minor < 0]
    rules.measure(leg.day for leg in ordered)
    outcome = Outcome()
    assignment = partial(by_assignment, unseen=last_unseen(payouts, rules))
    for run in (_by_reference, _by_return, _by_amount, assignment, by_sum):
        run(payouts, deposits, rules, outcome)
        taken = {key for link in outcome.links for key in link.keys} | outcome.ambiguous.keys()
        payouts = [leg for leg in payouts if leg.key not in taken]
        deposits = [leg for leg in deposits if leg.key not in taken]
    for key in {key for link in outcome.links for key in link.keys}:
        outcome.notes.pop(key, None)
    return outcome


def _by_reference(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], rules: Rulebook, outcome: Outcome
) -> None:
    named: dict[str, list[str]] = defaultdict(list)
    references = {
        payout.reference: payout
        for payout in payouts
        if payout.reference
        and len(payout.reference)
        >= rules.values(Pair.PAYOUT_DEPOSIT, Step.REFERENCE, payout.day).key_length
    }
    for leg in (*deposits, *(payout for payout in payouts if payout.returned)):
        found = {
            payout.key
            for reference, payout in references.items()
            if (leg.reference == reference or _names(leg.text, reference))
            and _may_name(payout, leg, rules)
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


def _may_name(payout: PayoutLeg, leg: PayoutLeg, rules: Rulebook) -> bool:
    """Whether a leg may be taken by the id it gives; its day and amount play no part."""
    pair = Pair.PAYOUT_RETURN if leg.amount_minor < 0 and leg.returned else Pair.PAYOUT_DEPOSIT
    if leg.amount_minor > 0:
        pair = Pair.DEPOSIT_REVERSAL
    return rules.may(pair, Step.REFERENCE, payout.day)


def _names(text: str, reference: str) -> bool:
    """Whether the reference stands in the text by itself, not as a part of a longer number."""
    return reference in text and bool(
        re.search(rf"(?<![0-9A-Za-z]){re.escape(reference)}(?![0-9A-Za-z])", text)
    )


def _by_return(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], rules: Rulebook, outcome: Outcome
) -> None:
    """Take a return with the leg it undoes where no other pairing leaves room for the rest."""
    for amount, block_payouts, block_deposits in _blocks(payouts, deposits, rules, Step.RETURN):
        if not any(leg.returned for leg in (*block_payouts, *block_deposits)):
            continue
        pairs = _forced_pairs(block_payouts, block_deposits, rules)
        returned = {leg.key for leg in (*block_payouts, *block_deposits) if leg.returned}
        outcome.links += [
            Link(keys=pair, matched_by="return", evidence=str(amount))
            for pair in sorted(pairs)
            if not returned.isdisjoint(pair)
        ]


def _by_amount(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], rules: Rulebook, outcome: Outcome
) -> None:
    """Close blocks of equal amounts in which every leg can have a partner of its own."""
    for amount, block_payouts, block_deposits in _blocks(payouts, deposits, rules, Step.AMOUNT):
        fitting = _fitting(block_payouts, block_deposits, rules, Step.AMOUNT)
        whole = len(block_payouts) == len(block_deposits)
        if not whole or _placed_all(fitting, fitting) is None:
            continue
        proven = _always_paired(fitting)
        taken = {key for pair in proven for key in pair}
        rest = (
            [leg for leg in block_payouts if leg.key not in taken],
            [leg for leg in block_deposits if leg.key not in taken],
        )
        sets = [
            tuple(leg.key for leg in (*some_payouts, *some_deposits))
            for some_payouts, some_deposits in _connected(*rest, rules, Step.AMOUNT)
        ]
        outcome.links += [
            Link(keys=keys, matched_by="amount", evidence=str(amount))
            for keys in (*sorted(proven), *sets)
        ]


Fitting = dict[str, list[str]]


def _always_paired(fitting: Fitting) -> list[tuple[str, str]]:
    """The pairs that every pairing of all these legs has."""
    deposits = sorted({deposit for found in fitting.values() for deposit in found})
    places = {key: place for place, key in enumerate(deposits)}
    owners = list(fitting)
    costs = {
        (row, places[deposit]): 0
        for row, payout in enumerate(owners)
        for deposit in fitting[payout]
    }
    return [
        (owners[row], deposits[column])
        for block in assign(costs)
        for (row, column), gap in block.gaps.items()
        if gap is None
    ]


def _blocks(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], rules: Rulebook, step: Step
) -> Iterator[tuple[int, list[PayoutLeg], list[PayoutLeg]]]:
    """Connected blocks of mutual candidates that have both sides, by amount.

    What comes back is what was paid out; what arrives is less what is lost on the way.
    """
    by_amount: dict[int, tuple[list[PayoutLeg], list[PayoutLeg]]] = defaultdict(lambda: ([], []))
    for payout in payouts:
        own = payout.amount_minor if step is Step.RETURN else payout.net_minor
        by_amount[own][0].append(payout)
    for deposit in deposits:
        by_amount[-deposit.amount_minor][1].append(deposit)
    for amount in sorted(by_amount):
        for block_payouts, block_deposits in _connected(*by_amount[amount], rules, step):
            yield amount, block_payouts, block_deposits


def _connected(
    payouts: list[PayoutLeg], deposits: list[PayoutLeg], rules: Rulebook, step: Step
) -> Iterator[tuple[list[PayoutLeg], list[PayoutLeg]]]:
    block: dict[str, str] = {}

    def root(key: str) -> str:
        while block.setdefault(key, key) != key:
            key = block[key]
        return key

    known = Timeline(deposits, rules)
    for payout in payouts:
        for deposit in known.around(payout.day):
            if _may_pair(payout, deposit, rules, step):
                block[root(deposit.key)] = root(payout.key)
    members: dict[str, tuple[list[PayoutLeg], list[PayoutLeg]]] = defaultdict(lambda: ([], []))
    for side, legs in enumerate((payouts, deposits)):
        for leg in legs:
            members[root(leg.key)][side].append(leg)
    for found in members.values():
        if found[0] and found[1]:
            yield found


def _may_pair(payout: PayoutLeg, deposit: PayoutLeg, rules: Rulebook, step: Step) -> bool:
    """As `fits`; a payout and a deposit compete in the return pass as they do by amount."""
    if step is Step.RETURN and in_order(payout, deposit)[0] is Pair.PAYOUT_DEPOSIT:
        step = Step.AMOUNT
    return fits(payout, deposit, rules, step)


def _forced_pairs(
    payouts: list[PayoutLeg], deposits: list[PayoutLeg], rules: Rulebook
) -> set[tuple[str, str]]:
    """Pairs without which not each deposit and each returned leg has a partner of its own.

    A payout may still be on its way, so it needs none. The two sides can be asked one after the
    other: where each side's legs can be paired, one pairing does it for both (Mendelsohn and
    Dulmage). Nothing is forced where even all pairs together leave one without a partner.
    """
    fitting = _fitting(payouts, deposits, rules, Step.RETURN)
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


def _fitting(
    payouts: list[PayoutLeg], deposits: list[PayoutLeg], rules: Rulebook, step: Step
) -> Fitting:
    known = Timeline(deposits, rules)
    return {
        payout.key: [
            deposit.key
            for deposit in known.around(payout.day)
            if _may_pair(payout, deposit, rules, step)
        ]
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
