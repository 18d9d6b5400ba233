"""Which orders and payouts are faulty: planned before the first day is simulated."""

from __future__ import annotations

import random
from typing import Final

from beanclear.cli.simulation.clock import Clock
from beanclear.cli.simulation.options import (
    CLAIM_MARGIN,
    LONGEST_LIFE,
    LOOKBACK,
    PAYOUT_MARGIN,
    Options,
)
from beanclear.cli.simulation.orders import PINDUODUO, SHOP, TMALL

OVERDUE: Final = "overdue"
MISSING_ORDER: Final = "missing-order"
DUPLICATE: Final = "duplicate"
SHORT: Final = "short"
OVER: Final = "over"
REFUND_TOO_MUCH: Final = "refund-too-much"
REFUND_NOT_PAID: Final = "refund-not-paid"
REFUND_NO_ORDER: Final = "refund-no-order"
FEE_VARIANCE: Final = "fee-variance"
FEE_CAP: Final = "fee-cap"
REFUND_ABOVE: Final = "refund-above"
BEFORE_PAYMENT: Final = "before-payment"
LATE: Final = "late"
FREIGHT: Final = "freight"
MISSING_DEPOSIT: Final = "missing-deposit"
UNIDENTIFIED: Final = "unidentified"
AMBIGUOUS: Final = "ambiguous"
OPENING: Final = "opening"
UNCATEGORISED: Final = "uncategorised"

# Where each fault of an order can happen.
ORDER_FAULTS: Final = {
    OVERDUE: (TMALL, PINDUODUO, SHOP),
    MISSING_ORDER: (TMALL, PINDUODUO, SHOP),
    DUPLICATE: (TMALL, PINDUODUO),
    SHORT: (TMALL, PINDUODUO, SHOP),
    OVER: (TMALL, PINDUODUO, SHOP),
    REFUND_TOO_MUCH: (TMALL, SHOP),
    REFUND_NOT_PAID: (TMALL, SHOP),
    REFUND_NO_ORDER: (TMALL, PINDUODUO),
    FEE_VARIANCE: (TMALL, PINDUODUO, SHOP),
}
# Only where they have a rate of their own. The last three are settled in full: they leave nothing
# open, but the first two of them are risks.
RATED_FAULTS: Final = {
    FEE_CAP: (TMALL,),
    REFUND_ABOVE: (TMALL, SHOP),
    BEFORE_PAYMENT: (TMALL, PINDUODUO, SHOP),
    LATE: (TMALL, PINDUODUO, SHOP),
    FREIGHT: (TMALL,),
}
# What the treasury can do with a payout beside paying it out.
PAYOUT_SHAPES: Final = ("batch", "split", "run", "subset", "returned", "cancelled", "pair")
# Without orders.csv the trade bill is the order side, which agrees with the wallet but for these.
_WITHOUT_OWN_ORDERS: Final = (OVERDUE, FEE_VARIANCE)
# Faults that share a class; the others are one by themselves.
CLASSES: Final = {
    **dict.fromkeys(
        (REFUND_TOO_MUCH, REFUND_NOT_PAID, REFUND_NO_ORDER, REFUND_ABOVE), "refund-mismatch"
    ),
    FEE_CAP: FEE_VARIANCE,
}
# The order book must show these refunds in an export made soon after them.
_SEEN_LATER: Final = (REFUND_TOO_MUCH, REFUND_NOT_PAID, REFUND_ABOVE)
_LATEST_REFUND: Final = 10  # days from creation
_SEEN_MARGIN: Final = 20  # days from that export to the end: a refund known later is not due
_FIRST_DAY: Final = 5
PAYOUT_FAULTS: Final = (MISSING_DEPOSIT, UNIDENTIFIED, AMBIGUOUS)
ENOUGH_FOR_ALL: Final = 400
DAYS_BETWEEN_PAYOUTS: Final = 4


def _possible_days(clock: Clock, kind: str) -> list[int]:
    last = clock.days - CLAIM_MARGIN - LONGEST_LIFE
    days = list(range(_FIRST_DAY, last + 1))
    if kind not in _SEEN_LATER:
        return days
    ends = clock.month_ends()
    # An export gives such a refund no date: its term runs from the export that shows it.
    return [
        day
        for day in days
        if any(
            day + _LATEST_REFUND <= end <= min(day + LOOKBACK, clock.days - _SEEN_MARGIN)
            for end in ends
        )
    ]


def _wanted(options: Options, orders: int) -> list[str]:
    """The kinds to be planned, in turns, then those that have a rate of their own."""
    own = dict(options.rates)
    kinds = [kind for kind in ORDER_FAULTS if kind not in own]
    total = round(orders * options.faults)
    if orders >= ENOUGH_FOR_ALL and options.faults > 0:
        total = max(total, len(ORDER_FAULTS))
    turns = [kinds[turn % len(kinds)] for turn in range(total)] if kinds else []
    for kind in (*ORDER_FAULTS, *RATED_FAULTS):
        # The most that a fee may be is agreed in the settings that come with the marketplace.
        if (rate := own.get(kind, 0)) and (kind != FEE_CAP or options.overseas):
            turns += [kind] * max(1, round(orders * rate / 1000))
    return turns


def plan_order_faults(
    options: Options, clock: Clock, rng: random.Random, counts: dict[str, list[int]]
) -> dict[tuple[str, int], list[str]]:
    """Faults of one company's shops by shop and day; never more on a day than it has orders.

    Kinds take turns, so with `ENOUGH_FOR_ALL` orders each occurs at least once.
    """
    if not options.faulty:
        return {}
    planned: dict[tuple[str, int], list[str]] = {}
    for kind in _wanted(options, sum(map(sum, counts.values()))):
        shops = [
            shop
            for shop in (ORDER_FAULTS | RATED_FAULTS)[kind]
            if shop != SHOP or options.own_orders or kind in _WITHOUT_OWN_ORDERS
        ]
        free = [
            (shop, day)
            for shop in (rng.choice(shops),)
            for day in _possible_days(clock, kind)
            if len(planned.get((shop, day), ())) < counts[shop][day]
        ]
        if free:
            planned.setdefault(rng.choice(free), []).append(kind)
    return planned


def plan_payout_faults(
    options: Options, clock: Clock, rng: random.Random
) -> dict[str, list[tuple[int, int]]]:
    """For each kind of payout fault: (day from which on it happens, which wallet)."""
    planned: dict[str, list[tuple[int, int]]] = {kind: [] for kind in PAYOUT_FAULTS}
    if not options.faulty or options.orders < ENOUGH_FOR_ALL:
        return planned
    own = dict(options.rates)
    each = max(1, min(3, round(options.faults * 100)))
    wallets = 4 * options.shops
    first, last = 12, clock.days - PAYOUT_MARGIN - 18
    step = max(1, (last - first) // (each * len(PAYOUT_FAULTS)))
    for turn in range(each):
        for place, kind in enumerate(PAYOUT_FAULTS):
            if kind not in own and options.faults > 0:
                day = first + step * (turn * len(PAYOUT_FAULTS) + place)
                planned[kind].append((day, rng.randrange(wallets)))
    expected = wallets * clock.days // DAYS_BETWEEN_PAYOUTS
    for kind in PAYOUT_FAULTS:
        for _ in range(round(expected * own.get(kind, 0) / 1000)):
            planned[kind].append((rng.randrange(first, last + 1), rng.randrange(wallets)))
        planned[kind].sort()
    return planned
