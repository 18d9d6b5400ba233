"""The simulation itself: day by day, month by month, into one folder."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from beanclear.cli.simulation import faults, own_shop, pinduoduo, tmall, treasury
from beanclear.cli.simulation.alipay import Alipay
from beanclear.cli.simulation.bank import Bank
from beanclear.cli.simulation.clock import Clock
from beanclear.cli.simulation.company import Company
from beanclear.cli.simulation.ledgers import Ledger, Line
from beanclear.cli.simulation.options import ALIPAY_PID, LOOKBACK, Options
from beanclear.cli.simulation.orders import (
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
from beanclear.cli.simulation.settlement import RECEIVABLE, Settlement, settleable_twice
from beanclear.cli.simulation.tmall_wechat import TmallWeChat
from beanclear.cli.simulation.treasury import Purse, Treasury
from beanclear.cli.simulation.truth import OpenTruth, Truth
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
class World:
    """All parts of one run."""

    options: Options
    folder: Path
    rng: random.Random
    clock: Clock
    ids: Ids
    settlement: Settlement
    treasury: Treasury
    company: Company
    bank: Bank
    counts: dict[str, list[int]]
    plan: dict[tuple[str, int], list[str]]
    books: dict[str, dict[int, list[Order]]]

    def run(self) -> None:
        """Simulate every day and write every file but `truth.json`."""
        if not self.options.clean:
            self._cut_over()
        start = 0
        for end in self.clock.month_ends():
            for bill in self._bills():
                bill.open(start, end)
            self.bank.open(start, end)
            for day in range(start, end):
                self._day(day)
            for bill in self._bills():
                bill.close()
            self.bank.close()
            self._export_orders(end)
            start = end

    def _bills(self) -> tuple[Bill, ...]:
        wallets = self.settlement
        return wallets.alipay, wallets.tmall_wechat, wallets.wechatpay, wallets.pinduoduo

    def _cut_over(self) -> None:
        for shop in (TMALL, PINDUODUO):
            total = max(3, sum(self.counts[shop]) * 6 // self.clock.days)
            for _ in range(total if sum(self.counts[shop]) else 0):
                created = within_hours(self.rng, -1 - self.rng.randrange(CUT_OVER_DAYS))
                order = draw_order(self.rng, shop, created, self.ids, plain=True)
                self.settlement.settle_opening(shop, order, self.rng.randrange(CUT_OVER_DAYS))

    def _day(self, day: int) -> None:
        self.treasury.morning(day)
        self.company.morning(day)
        for shop in SHOPS:
            self._new_orders(shop, day)
        for bill in self._bills():
            balance = bill.ledger.balance
            bill.write(bill.ledger.take(day), balance)
        self.settlement.wechatpay.write_trades(day)
        self.bank.write_day(day)

    def _new_orders(self, shop: str, day: int) -> None:
        rng, book = self.rng, self.books[shop].setdefault(day, [])
        faulty = self.plan.get((shop, day), [])
        moments = sorted(within_hours(rng, day) for _ in range(self.counts[shop][day]))
        for place, created in enumerate(moments):
            fault = faulty[place] if place < len(faulty) else ""
            order = draw_order(
                rng, shop, created, self.ids, plain=bool(fault), alipay=fault == faults.DUPLICATE
            )
            if fault == faults.DUPLICATE:
                order = settleable_twice(order)
            kept = self.settlement.settle(shop, order, fault)
            if kept is not None:
                book.append(kept)

    def _export_orders(self, end: int) -> None:
        """Order exports look back over the months' ends, so they overlap."""
        for shop in SHOPS:
            book = self.books[shop]
            for day in [day for day in book if day < end - LOOKBACK]:
                del book[day]
            orders = [order for day in sorted(book) for order in book[day]]
            if not orders:
                continue
            if shop == TMALL:
                old = end == self.clock.month_ends()[0]
                tmall.write_orders(self.folder, self.clock, end, orders, old=old)
                tmall.write_items(self.folder, self.clock, end, orders)
            elif shop == PINDUODUO:
                pinduoduo.write_orders(self.folder, self.clock, end, orders)
            elif self.options.own_orders:
                own_shop.write_orders(self.folder, self.clock, end, orders)


def build(folder: Path, options: Options) -> World:
    """Put the parts together."""
    rng = random.Random(options.seed)
    clock = Clock(options.first_day, options.days)
    totals = {shop: round(options.orders * share) for shop, share in SHARES.items()}
    totals[TMALL] = options.orders - totals[SHOP] - totals[PINDUODUO]
    counts = {shop: spread(rng, totals[shop], options.days) for shop in SHOPS}
    settlement = Settlement(
        rng=rng,
        clock=clock,
        alipay=Alipay(folder, clock, 1_000_000 + rng.randrange(500_000)),
        tmall_wechat=TmallWeChat(folder, clock),
        wechatpay=WeChatPay(folder, clock, 100_000 + rng.randrange(100_000)),
        pinduoduo=pinduoduo.Pinduoduo(folder, clock),
        own_orders=options.own_orders,
    )
    # What the company pays is a share of this: rent and wages that such a shop can bear.
    opening = 3_000_000 + options.orders * 10_000 + rng.randrange(1_000_000)
    bank = Bank(folder, clock, options.bank, opening)
    purses = [
        Purse(family=treasury.ALIPAY, wallet=settlement.alipay),
        Purse(family=treasury.WECHAT, wallet=settlement.tmall_wechat, to_the_end=True),
        Purse(family=treasury.WECHAT, wallet=settlement.wechatpay, memo_has_id=True),
        Purse(family=treasury.PINDUODUO, wallet=settlement.pinduoduo),
    ]
    plan = faults.plan_payout_faults(options, clock, rng)
    return World(
        options=options,
        folder=folder,
        rng=rng,
        clock=clock,
        ids=Ids(clock.plain, options.seed),
        settlement=settlement,
        treasury=Treasury(rng=rng, clock=clock, bank=bank, purses=purses, plan=plan),
        company=Company(
            options=options,
            clock=clock,
            rng=rng,
            bank=bank,
            alipay=settlement.alipay,
            pinduoduo=settlement.pinduoduo,
        ),
        bank=bank,
        counts=counts,
        plan=faults.plan_order_faults(options, clock, rng, counts),
        books={shop: {} for shop in SHOPS},
    )


def _opening_items(world: World) -> list[OpenTruth]:
    """Receipts of orders from before the first export: one bucket by receivable."""
    return [
        OpenTruth(
            account=RECEIVABLE[shop],
            klass=faults.OPENING,
            date=world.clock.date(min(day for day, _ in receipts)),
            amount_minor=-sum(amount for _, amount in receipts),
            at_stake_minor=sum(amount for _, amount in receipts),
            fault=faults.OPENING,
            count=len(receipts),
        )
        for shop, receipts in world.settlement.opening.items()
    ]


def truth_of(world: World) -> Truth:
    """What must come out, once the world has run."""
    wallets, bank, last = world.settlement, world.bank, world.options.last_day
    items = [
        *wallets.open_items,
        *world.treasury.open_items,
        *world.company.open_items,
        *_opening_items(world),
    ]
    items.sort(
        key=lambda item: (
            item.account, item.klass, item.date,
            item.order_id or "", item.payout_id or "", item.bank_ref or "", item.amount_minor,
        )
    )  # fmt: skip
    ledgers = {
        f"Assets:Wallet:Alipay:{ALIPAY_PID[-4:]}": wallets.alipay.ledger,
        "Assets:Wallet:WeChatPay": wallets.wechatpay.ledger,
        "Assets:Wallet:TmallWeChat": wallets.tmall_wechat.ledger,
        "Assets:Wallet:Pinduoduo": wallets.pinduoduo.ledger,
        f"Assets:Bank:{bank.layout.leaf}": bank.ledger,
    }
    counts = {f"orders:{shop}": sum(world.counts[shop]) for shop in SHOPS}
    counts |= {f"lines:{account}": ledger.written for account, ledger in ledgers.items()}
    counts |= {"payouts": world.treasury.payouts, "matches": len(world.treasury.matches)}
    for item in items:
        counts[f"open:{item.klass}"] = counts.get(f"open:{item.klass}", 0) + 1
        counts[f"fault:{item.fault}"] = counts.get(f"fault:{item.fault}", 0) + 1
    number = bank.layout.number or "main"
    before_last = last - datetime.timedelta(days=1)
    as_of = {
        f"alipay/{ALIPAY_PID}/wallet": last,
        "wechatpay/main/wallet": last,
        "taobao-wechat/main/wallet": before_last,
        "pinduoduo/main/wallet": last,
        "taobao/main/order": last,
        f"{bank.layout.source}/{number}/bank": before_last,
    }
    return Truth(
        options=world.options,
        as_of=as_of,
        open_items=tuple(items),
        matches=tuple(world.treasury.matches),
        balances={account: ledger.balance for account, ledger in ledgers.items()},
        counts=counts,
    )
