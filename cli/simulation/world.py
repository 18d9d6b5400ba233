"""The simulation itself: day by day, month by month, into one folder."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from beanclear.cli.simulation import faults, own_shop, pinduoduo, tmall, treasury
from beanclear.cli.simulation.alipay import Alipay
from beanclear.cli.simulation.bank import Bank
from beanclear.cli.simulation.clock import DAY, Clock
from beanclear.cli.simulation.company import Company
from beanclear.cli.simulation.ledgers import Ledger, Line
from beanclear.cli.simulation.options import LOOKBACK, MOST_LINES_FOR, Options
from beanclear.cli.simulation.orders import (
    DEAR,
    PINDUODUO,
    SHARES,
    SHOP,
    SHOPS,
    TMALL,
    Ids,
    Order,
    draw_order,
    within_hours,
)
from beanclear.cli.simulation.overseas import GLOBE, Overseas
from beanclear.cli.simulation.settlement import Settlement, settleable_twice
from beanclear.cli.simulation.tmall_wechat import TmallWeChat
from beanclear.cli.simulation.treasury import Purse, Treasury
from beanclear.cli.simulation.wechatpay import WeChatPay

CUT_OVER_DAYS = 13  # orders of that many days before the first still pay, for as long


class Bill(Protocol):
    """A wallet that writes a file a month."""

    ledger: Ledger

    def open(self, start: int, end: int) -> None:
        """Begin the file of the days from `start` to before `end`."""

    def write(self, lines: list[Line], balance: int) -> None:
        """Write a day's lines."""

    def close(self) -> None:
        """End the file."""


def spread(rng: random.Random, total: int, days: int) -> list[int]:
    """`total` orders over `days`, busier and calmer, with at least one on the first if any."""
    weights = [0.6 + rng.random() for _ in range(days)]
    scale = total / sum(weights)
    counts, given, reached = [], 0, 0.0
    for weight in weights:
        reached += weight * scale
        counts.append(max(round(reached), 1 if total else 0) - given)
        given += counts[-1]
    counts[-1] += total - given
    return counts


@dataclass(slots=True, kw_only=True)
class Branch:
    """One shop on each platform, with wallets of its own and a folder for their files.

    Attributes:
      name: the folder below the inbox; empty for the first.
      counts: orders created by shop and day.
      plan: faults by shop and day.
      books: the orders of the last weeks by shop and day of creation.
      refund_week: the first day of a week in which far more is given back than in others.
    """

    name: str
    folder: Path
    settlement: Settlement
    counts: dict[str, list[int]]
    plan: dict[tuple[str, int], list[str]]
    books: dict[str, dict[int, list[Order]]]
    refund_week: int | None = None

    @property
    def bills(self) -> tuple[Bill, ...]:
        """The wallets."""
        wallets = self.settlement
        return wallets.alipay, wallets.tmall_wechat, wallets.wechatpay, wallets.pinduoduo

    def accounts(self) -> dict[str, Ledger]:
        """The wallets' accounts of the books, and their movements."""
        wallets = self.settlement
        leaf = f"-{self.name.capitalize()}" if self.name else ""
        return {
            f"Assets:Wallet:Alipay{leaf}:{wallets.alipay.pid[-4:]}": wallets.alipay.ledger,
            f"Assets:Wallet:WeChatPay{leaf}": wallets.wechatpay.ledger,
            f"Assets:Wallet:TmallWeChat{leaf}": wallets.tmall_wechat.ledger,
            f"Assets:Wallet:Pinduoduo{leaf}": wallets.pinduoduo.ledger,
        }


@dataclass(slots=True, kw_only=True)
class World:
    """All parts of one run."""

    options: Options
    folder: Path
    rng: random.Random
    luck: random.Random
    clock: Clock
    ids: Ids
    branches: list[Branch]
    treasury: Treasury
    company: Company
    bank: Bank
    overseas: Overseas | None = None

    def run(self) -> None:
        """Simulate every day and write every file but `truth.json`."""
        for branch in self.branches:
            if not self.options.clean:
                self._cut_over(branch)
        start = 0
        for end in self.clock.month_ends():
            bills = [bill for branch in self.branches for bill in branch.bills]
            for bill in bills:
                bill.open(start, end)
            self.bank.open(start, end)
            if self.overseas is not None:
                self.overseas.open(start)
            for day in range(start, end):
                self._day(day)
            for bill in bills:
                bill.close()
            self.bank.close()
            if self.overseas is not None:
                self.overseas.close()
            for branch in self.branches:
                self._export_orders(branch, end)
            start = end

    def _cut_over(self, branch: Branch) -> None:
        for shop in (TMALL, PINDUODUO):
            total = max(3, sum(branch.counts[shop]) * 6 // self.clock.days)
            for _ in range(total if sum(branch.counts[shop]) else 0):
                created = within_hours(self.rng, -1 - self.rng.randrange(CUT_OVER_DAYS))
                order = draw_order(self.rng, shop, created, self.ids, plain=True)
                day = self.rng.randrange(CUT_OVER_DAYS)
                branch.settlement.settle_opening(shop, order, day)

    def _day(self, day: int) -> None:
        self.treasury.morning(day)
        self.company.morning(day)
        if self.overseas is not None:
            self.overseas.morning(day)
        for branch in self.branches:
            for shop in SHOPS:
                self._new_orders(branch, shop, day)
            for bill in branch.bills:
                balance = bill.ledger.balance
                bill.write(bill.ledger.take(day), balance)
            branch.settlement.wechatpay.write_trades(day)
        if self.overseas is not None:
            self.overseas.write_day(day)
        self.bank.write_day(day)

    def _new_orders(self, branch: Branch, shop: str, day: int) -> None:
        rng, book = self.rng, branch.books[shop].setdefault(day, [])
        faulty = branch.plan.get((shop, day), [])
        moments = sorted(within_hours(rng, day) for _ in range(branch.counts[shop][day]))
        for place, created in enumerate(moments):
            fault = faulty[place] if place < len(faulty) else ""
            by_alipay = fault in {faults.DUPLICATE, faults.FREIGHT, faults.FEE_CAP}
            order = draw_order(rng, shop, created, self.ids, plain=bool(fault), alipay=by_alipay)
            if fault == faults.DUPLICATE:
                order = settleable_twice(order)
            elif fault == faults.FEE_CAP:
                order = order._replace(good=DEAR)
            elif not fault and branch.refund_week is not None:
                order = self._given_back(order, branch.refund_week)
            kept = branch.settlement.settle(shop, order, fault)
            if kept is not None:
                book.append(kept)

    def _given_back(self, order: Order, week: int) -> Order:
        """A Tmall order that is refunded in a week of many refunds, one in four."""
        done = order.completed
        if (
            done is None
            or order.refunded
            or order.parts
            or order.platform_discount
            or not week - 10 <= done // DAY < week
            or self.luck.random() >= 0.25  # noqa: PLR2004 - as said above
        ):
            return order
        when = within_hours(self.luck, week + self.luck.randrange(7))
        return order._replace(refunded=order.due, refunded_at=when, early=False)

    def _export_orders(self, branch: Branch, end: int) -> None:
        """Order exports look back over the months' ends, so they overlap."""
        for shop in SHOPS:
            book = branch.books[shop]
            for day in [day for day in book if day < end - LOOKBACK]:
                del book[day]
            orders = [order for day in sorted(book) for order in book[day]]
            if not orders:
                continue
            if shop == TMALL:
                old = end == self.clock.month_ends()[0]
                tmall.write_orders(branch.folder, self.clock, end, orders, old=old)
                tmall.write_items(branch.folder, self.clock, end, orders)
            elif shop == PINDUODUO:
                pinduoduo.write_orders(branch.folder, self.clock, end, orders)
            elif self.options.own_orders:
                own_shop.write_orders(branch.folder, self.clock, end, orders)


def _unusual_week(options: Options, clock: Clock, luck: random.Random, case: str) -> int | None:
    """The first day of a week, a Monday, that differs from the others; well inside."""
    if not options.rate(case):
        return None
    mondays = [day for day in range(35, clock.days - 28) if clock.date(day).weekday() == 0]
    return luck.choice(mondays) if mondays else None


def _branch(place: int, folder: Path, options: Options, clock: Clock, rng: random.Random) -> Branch:
    """The shops of one place with their wallets; the first keeps the numbers it always had."""
    name = f"shop{place + 1}" if place else ""
    own = folder / name if name else folder
    own.mkdir(exist_ok=True)
    least, rest = divmod(options.orders, options.shops)
    orders = least + (place < rest)
    totals = {shop: round(orders * share) for shop, share in SHARES.items()}
    totals[TMALL] = orders - totals[SHOP] - totals[PINDUODUO]
    counts = {shop: spread(rng, totals[shop], options.days) for shop in SHOPS}
    settlement = Settlement(
        rng=rng,
        clock=clock,
        alipay=Alipay(own, clock, 1_000_000 + rng.randrange(500_000), place),
        tmall_wechat=TmallWeChat(own, clock, place),
        wechatpay=WeChatPay(own, clock, 100_000 + rng.randrange(100_000), place),
        pinduoduo=pinduoduo.Pinduoduo(own, clock),
        own_orders=options.own_orders,
        folder=name,
        agreed=options.overseas,
        lines={} if options.orders <= MOST_LINES_FOR else None,
    )
    return Branch(
        name=name,
        folder=own,
        settlement=settlement,
        counts=counts,
        plan={},
        books={shop: {} for shop in SHOPS},
    )


def build(folder: Path, options: Options) -> World:
    """Put the parts together."""
    rng = random.Random(options.seed)
    # What has a rate of its own draws from here, so that it changes nothing else.
    luck = random.Random(f"{options.seed} rates")
    clock = Clock(options.first_day, options.days)
    branches = [_branch(place, folder, options, clock, rng) for place in range(options.shops)]
    # What the company pays is a share of this: rent and wages that such a shop can bear.
    opening = 3_000_000 + options.orders * 10_000 + rng.randrange(1_000_000)
    bank = Bank(folder, clock, options.bank, opening)
    purses = [
        purse
        for branch in branches
        for wallets in (branch.settlement,)
        for purse in (
            Purse(family=treasury.ALIPAY, wallet=wallets.alipay),
            Purse(family=treasury.WECHAT, wallet=wallets.tmall_wechat, to_the_end=True),
            Purse(family=treasury.WECHAT, wallet=wallets.wechatpay, memo_has_id=True),
            Purse(family=treasury.PINDUODUO, wallet=wallets.pinduoduo),
        )
    ]
    overseas = None
    if options.overseas:
        overseas = Overseas(folder=folder, clock=clock, rng=luck, bank=bank, options=options)
        purses.append(Purse(family=GLOBE, wallet=overseas.yuan))
    plan = faults.plan_payout_faults(options, clock, rng)
    for branch in branches:
        branch.plan = faults.plan_order_faults(options, clock, rng, branch.counts)
    first = branches[0]
    first.refund_week = _unusual_week(options, clock, luck, "refund-week")
    first.settlement.fee_week = _unusual_week(options, clock, luck, "fee-week")
    return World(
        options=options,
        folder=folder,
        rng=rng,
        luck=luck,
        clock=clock,
        ids=Ids(clock.plain, options.seed),
        branches=branches,
        treasury=Treasury(
            rng=rng, clock=clock, bank=bank, options=options, luck=luck, purses=purses, plan=plan
        ),
        company=Company(
            options=options,
            clock=clock,
            rng=rng,
            luck=luck,
            bank=bank,
            alipay=first.settlement.alipay,
            pinduoduo=first.settlement.pinduoduo,
        ),
        bank=bank,
        overseas=overseas,
    )
