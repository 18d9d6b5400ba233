"""Pass 6: the pairs that no other pairing of their block can do without.

Every deposit of a block must find a payout; a payout may still be on its way. The cost of a pair is
how far its amounts are apart, within the tolerance of its rule. A pair is taken when every other
pairing leaves a deposit without a payout, or has amounts further apart by the margin
(`beanclear.matching.assignment`).
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence

from beanclear.ledger.matching_rules import Pair, Step
from beanclear.ledger.spans import ONE_DAY
from beanclear.matching.assignment import assign
from beanclear.matching.payout_legs import (
    CANDIDATES_SHOWN_MAX,
    Link,
    Outcome,
    PayoutLeg,
    Timeline,
    fits,
)
from beanclear.matching.rules import Rulebook


def by_assignment(
    payouts: Sequence[PayoutLeg],
    deposits: Sequence[PayoutLeg],
    rules: Rulebook,
    outcome: Outcome,
    unseen: Mapping[str, datetime.date],
) -> None:
    """Take the pairs that no other pairing of their block can do without; show the rest."""
    costs = _differences(payouts, deposits, rules)
    taken: set[tuple[int, int]] = set()
    for block in assign(_with_unseen(costs, payouts, deposits, unseen)):
        rows = [row for row in block.rows if row < len(payouts)]
        legs = [*(payouts[row] for row in rows), *(deposits[column] for column in block.columns)]
        if len(block.gaps) < len(block.columns) or any(leg.returned for leg in legs):
            continue
        for pair, gap in block.gaps.items():
            if pair[0] >= len(payouts):
                continue
            payout, deposit = payouts[pair[0]], deposits[pair[1]]
            margin = rules.margin(Pair.PAYOUT_DEPOSIT, payout.day)
            if gap is None or gap >= margin:
                taken.add(pair)
                how = "forced" if gap is None else f"margin {gap}"
                evidence = f"{how}, {len(rows)}:{len(block.columns)}, apart {costs[pair]}"
                outcome.links.append(
                    Link(keys=(payout.key, deposit.key), matched_by="assignment", evidence=evidence)
                )
    _show_rest(costs, taken, payouts, deposits, outcome)


def _show_rest(
    costs: Mapping[tuple[int, int], int],
    taken: set[tuple[int, int]],
    payouts: Sequence[PayoutLeg],
    deposits: Sequence[PayoutLeg],
    outcome: Outcome,
) -> None:
    """Whoever still has a candidate that nothing took is ambiguous, and so is that candidate."""
    rows, columns = {row for row, _ in taken}, {column for _, column in taken}
    candidates: dict[str, list[str]] = defaultdict(list)
    for row, column in sorted(costs):
        if row not in rows and column not in columns:
            candidates[payouts[row].key].append(deposits[column].key)
            candidates[deposits[column].key].append(payouts[row].key)
    for key, found in candidates.items():
        outcome.ambiguous[key] = tuple(found[:CANDIDATES_SHOWN_MAX])


def _differences(
    payouts: Sequence[PayoutLeg], deposits: Sequence[PayoutLeg], rules: Rulebook
) -> dict[tuple[int, int], int]:
    """Pairs that may match, with how far their amounts are apart; what undoes is never apart."""
    known = Timeline(deposits, rules)
    places = {deposit.key: column for column, deposit in enumerate(deposits)}
    costs = {}
    for row, payout in enumerate(payouts):
        most = rules.tolerance(Pair.PAYOUT_DEPOSIT, payout.day) if not payout.returned else 0
        for deposit in known.around(payout.day):
            apart = abs(payout.net_minor + deposit.amount_minor)
            near = apart <= most and not (deposit.returned and apart)
            if near and fits(payout, deposit, rules, Step.ASSIGNMENT):
                costs[row, places[deposit.key]] = apart
    return costs


def last_unseen(payouts: Sequence[PayoutLeg], rules: Rulebook) -> dict[str, datetime.date]:
    """For each wallet the last day on which a payout from before its first one could arrive."""
    firsts: dict[str, datetime.date] = {}
    for leg in payouts:
        if not leg.returned and not leg.left_bank:
            firsts.setdefault(leg.source, leg.day)
    return {
        source: rules.window(Pair.PAYOUT_DEPOSIT, Step.ASSIGNMENT, day - ONE_DAY)[1]
        for source, day in firsts.items()
    }


def _with_unseen(
    costs: Mapping[tuple[int, int], int],
    payouts: Sequence[PayoutLeg],
    deposits: Sequence[PayoutLeg],
    unseen: Mapping[str, datetime.date],
) -> dict[tuple[int, int], int]:
    """Add a payout from before the first known one for each deposit that could be of such a one.

    Otherwise the first deposit of a wallet would be given to the payout after it, and all equal
    ones after that to the wrong payouts. Two legs that have nobody else need no counting.
    """
    of_row: dict[int, set[int]] = defaultdict(set)
    of_column: dict[int, set[int]] = defaultdict(set)
    for row, column in costs:
        of_row[row].add(column)
        of_column[column].add(row)
    more = dict(costs)
    for column, rows in of_column.items():
        alone = len(rows) == 1 and all(len(of_row[row]) == 1 for row in rows)
        until = [unseen[source] for row in rows if (source := payouts[row].source) in unseen]
        if not alone and until and deposits[column].day <= max(until):
            more[len(payouts) + column, column] = 0
    return more
