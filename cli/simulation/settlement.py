"""How an order's money moves through the wallets, faults included, and what must stay open.

One method by shop; what is due when and what the platform takes stands in the constants.
"""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from beanclear.cli.simulation import alipay as alipay_bill
from beanclear.cli.simulation import faults
from beanclear.cli.simulation.alipay import Alipay
from beanclear.cli.simulation.clock import DAY, Clock, known
from beanclear.cli.simulation.orders import (
    GOODS,
    PINDUODUO,
    SHOP,
    TMALL,
    Order,
    fee,
    within_hours,
)
from beanclear.cli.simulation.pinduoduo import Pinduoduo
from beanclear.cli.simulation.tmall_wechat import TmallWeChat
from beanclear.cli.simulation.truth import OpenTruth, RiskTruth
from beanclear.cli.simulation.wechatpay import RATE, WeChatPay

# A wallet line without a date of its order may belong to the cut-over for so many days.
OPENING_DAYS: Final = 15
_RECEIVABLE = {
    TMALL: "Assets:Receivable:Tmall",
    SHOP: "Assets:Receivable:Shop",
    PINDUODUO: "Assets:Receivable:Pinduoduo",
}
# How long after its claim a late order is paid: within the term, so that nothing is overdue.
LATE_DAYS: Final = (6, 12)
FREIGHT_FEN: Final = 600
CAMPAIGN: Final = 50_000  # millionths taken in the week whose fees are unusual
CATEGORY_FEE, CATEGORY_MOST = 50_000, 800  # where it is agreed: millionths, and fen at most
# What each of these faults must be warned of as, beside being open.
RISKS: Final = {
    faults.DUPLICATE: "duplicate-settlement",
    faults.REFUND_ABOVE: "refund-above-payment",
    faults.REFUND_NO_ORDER: "refund-without-order",
    faults.REFUND_NOT_PAID: "refund-not-clawed-back",
    faults.OVERDUE: "completed-without-payment",
}
BASE_FEE = 6000  # 0.6 %, Tmall's and Pinduoduo's, in millionths of the sale line
SETTLES_TOMORROW = 0.2


def settleable_twice(order: Order) -> Order:
    """The order at a price whose fee is the same by line and by sum."""
    while 2 * fee(order.due, BASE_FEE) != fee(2 * order.due, BASE_FEE):
        order = order._replace(merchant_discount=order.merchant_discount + 100)
    return order


def _a_day_later(order: Order) -> Order:
    """The order as its book has it, paid, sent and received a day after it was."""
    paid, shipped, completed = (
        None if moment is None else moment + DAY
        for moment in (order.paid, order.shipped, order.completed)
    )
    return order._replace(paid=paid, shipped=shipped, completed=completed)


class WalletSide(NamedTuple):
    """What the wallet shows of an order: when and how much it paid, what it gave back."""

    moment: int
    paid: int
    refund: int


class Finding(NamedTuple):
    """When something went wrong, what it leaves on the receivable and what is in question."""

    moment: int
    amount: int
    at_stake: int


@dataclass(slots=True, kw_only=True)
class Settlement:
    """Books what each order does to the wallets."""

    rng: random.Random
    clock: Clock
    alipay: Alipay
    tmall_wechat: TmallWeChat
    wechatpay: WeChatPay
    pinduoduo: Pinduoduo
    own_orders: bool
    folder: str = ""
    fee_week: int | None = None  # the first day of a week with unusual fees
    agreed: bool = False  # whether the fee of the category is what the settings say
    _uncapped: str = ""
    lines: dict[str, dict[str, list[tuple[datetime.date, int]]]] | None = None
    open_items: list[OpenTruth] = field(default_factory=list)
    opening: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    risks: list[RiskTruth] = field(default_factory=list)

    def receivable(self, shop: str) -> str:
        """What the buyers of a shop owe, as an account of the books."""
        return _RECEIVABLE[shop] + (f":{self.folder.capitalize()}" if self.folder else "")

    def _note(self, shop: str, order: Order, moment: int, amount: int) -> None:
        """Note a line of the wallet that settles an order."""
        if self.lines is not None and moment // DAY < self.clock.days:
            orders = self.lines.setdefault(self.receivable(shop), {})
            orders.setdefault(order.number, []).append((self.clock.date(moment // DAY), amount))

    def _to_bucket(self, shop: str, order: Order) -> None:
        """The order's lines belong to the cut-over: nothing tells its orders apart."""
        if self.lines is not None:
            orders = self.lines[self.receivable(shop)]
            orders.setdefault(faults.OPENING, []).extend(orders.pop(order.number))

    def _risk(self, check: str, shop: str, order: Order) -> None:
        self.risks.append(
            RiskTruth(check=check, account=self.receivable(shop), order_id=order.number)
        )

    def settle(self, shop: str, order: Order, fault: str) -> Order | None:
        """Book an order's money; the order as the order book has it, none if it has not."""
        if fault == faults.REFUND_NO_ORDER:
            self._refund_without_order(shop, order)
            return None
        order, wallet_refund = self._with_refund(order, fault)
        settled = order.paid if fault == faults.BEFORE_PAYMENT else None
        if settled is not None:
            order = _a_day_later(order)
        kept = None if fault == faults.MISSING_ORDER else order
        claim = order.paid if shop == SHOP else order.completed
        if claim is None or (shop == SHOP and order.paid is None):
            return kept
        if fault == faults.OVERDUE:
            self._open(shop, order, fault, Finding(claim, order.sale, order.sale))
            if shop == SHOP and not self.own_orders:
                self._trade(order, order.due, fee(order.due, RATE))
            return kept
        if settled is not None:
            claim = settled
            self._risk("settled-before-payment", shop, order)
        elif fault == faults.LATE:
            claim += self.rng.randint(*LATE_DAYS) * DAY
            self._risk("late-settlement", shop, order)
        received = order.due if shop == SHOP else order.sale
        paid = self._wrong_amount(received, fault)
        extra = 50 + self.rng.randrange(251) if fault == faults.FEE_VARIANCE else 0
        self._uncapped = order.number if fault == faults.FEE_CAP else ""
        if shop == SHOP:
            moment = self._settle_shop(order, paid, extra, wallet_refund, claim)
        else:
            moment = claim if settled is not None else self._moment(claim)
            freight = FREIGHT_FEN if fault == faults.FREIGHT and order.due > FREIGHT_FEN else 0
            self._settle_escrow(shop, order, moment, paid - freight, extra)
            if freight:
                self.alipay.trade_line(
                    moment, freight, (order.trade, order.number, ""), alipay_bill.FREIGHT
                )
                self._note(shop, order, moment, freight)
            if fault == faults.DUPLICATE:
                self._settle_escrow(shop, order, moment + 7, paid, 0)
            if wallet_refund:
                self._refund(shop, order, known(order.refunded_at), wallet_refund)
        side = WalletSide(moment, paid, wallet_refund)
        self._judge(shop, order, fault, side, extra)
        return kept

    def settle_opening(self, shop: str, order: Order, day: int) -> None:
        """An order of before the first export pays on `day`."""
        moment = within_hours(self.rng, day)
        if self._settle_escrow(shop, order, moment, order.sale, 0):
            self.opening.setdefault(shop, []).append((day, order.sale))
            self._to_bucket(shop, order)

    def _with_refund(self, order: Order, fault: str) -> tuple[Order, int]:
        """The order with the refund its fault needs, and what the wallet gives back."""
        if fault not in {faults.REFUND_TOO_MUCH, faults.REFUND_NOT_PAID, faults.REFUND_ABOVE}:
            late = order.refunded_at is not None and not order.early
            return order, order.refunded if late or order.closed is not None else 0
        refunded = order.due if fault == faults.REFUND_ABOVE else order.due * 3 // 10
        day = known(order.shipped) // DAY + 3
        order = order._replace(
            completed=within_hours(self.rng, day),
            refunded=refunded,
            refunded_at=within_hours(self.rng, day + 2),
            early=False,
        )
        too_much = refunded + order.due * (10 + self.rng.randrange(10)) // 100
        return order, 0 if fault == faults.REFUND_NOT_PAID else too_much

    def _wrong_amount(self, amount: int, fault: str) -> int:
        """What the wallet pays: short or over by a few yuan that are no fee."""
        part = 101 + self.rng.randrange(amount // 5) // 2 * 2
        if fault == faults.SHORT:
            return amount - part
        return amount + part if fault == faults.OVER else amount

    def _moment(self, completed: int) -> int:
        """When a completed order is paid: at once, or the next day."""
        if self.rng.random() < SETTLES_TOMORROW:
            return within_hours(self.rng, completed // DAY + 1)
        return completed + self.rng.randrange(3)

    def _settle_escrow(self, shop: str, order: Order, moment: int, paid: int, extra: int) -> bool:
        if shop == PINDUODUO:
            return self._settle_pinduoduo(order, moment, paid, extra)
        if order.wechat:
            return self._settle_tmall_wechat(order, moment, paid, extra)
        return self._settle_alipay(order, moment, paid, extra)

    def _settle_alipay(self, order: Order, moment: int, paid: int, extra: int) -> bool:
        title, trade = GOODS[order.good][0], order.trade
        parts = order.parts or ((order.number, paid),)
        done = False
        for number, amount in parts:
            order_words = (trade, number, title)
            done = self.alipay.trade_line(moment, amount, order_words, alipay_bill.SALE)
            self._note(TMALL, order, moment, amount)
            charges = {
                "base": fee(amount, BASE_FEE) + extra,
                "category": self._category(order, amount),
            }
            first = self.fee_week
            if first is not None and first <= moment // DAY < first + 7:
                charges["campaign"] = fee(amount, CAMPAIGN)
            if self.rng.random() < 0.1:  # noqa: PLR2004 - promoted
                charges["affiliate"] = fee(amount, 30_000 + 10_000 * (order.serial % 6))
            if self.rng.random() < 0.3:  # noqa: PLR2004 - insured
                charges["insurance"] = 30 + 5 * (order.serial % 11)
            for name, charge in charges.items():
                self.alipay.fee_line(moment, -charge, trade, number, name)
        return done

    def _settle_tmall_wechat(self, order: Order, moment: int, paid: int, extra: int) -> bool:
        account, number = self.tmall_wechat, order.number
        done = account.line(moment, paid, (order.trade, number), ("交易收款", "订单收款"))
        self._note(TMALL, order, moment, paid)
        account.fee_line(moment, -fee(paid, BASE_FEE) - extra, number, "base")
        account.fee_line(moment, -self._category(order, paid), number, "category")
        return done

    def _settle_pinduoduo(self, order: Order, moment: int, paid: int, extra: int) -> bool:
        sale = paid - order.platform_discount
        done = self.pinduoduo.line(moment, sale, order.number, "sale")
        self._note(PINDUODUO, order, moment, sale)
        if order.platform_discount:
            self.pinduoduo.line(moment, order.platform_discount, order.number, "coupon")
            self._note(PINDUODUO, order, moment, order.platform_discount)
        charge = fee(sale, BASE_FEE) + extra
        self.pinduoduo.line(moment, -charge, order.number, "base")
        if self.rng.random() < 0.15:  # noqa: PLR2004 - promoted
            self.pinduoduo.line(moment, -fee(sale, 50_000), order.number, "affiliate")
        return done

    def _settle_shop(self, order: Order, paid: int, extra: int, refund: int, claim: int) -> int:
        """The buyer's payment and its fee; refunds follow on both bills."""
        charge = fee(paid, RATE) + extra
        self._trade(order, paid, charge)
        moment = claim + 3
        if claim == order.paid and not order.early and self.rng.random() < SETTLES_TOMORROW:
            moment = within_hours(self.rng, known(order.paid) // DAY + 1)
        self.wechatpay.sale(moment, paid, charge, order.trade, order.number)
        self._note(SHOP, order, moment, paid)
        if refund:
            self._refund(SHOP, order, known(order.refunded_at), refund)
        return moment

    def _trade(self, order: Order, paid: int, charge: int) -> None:
        title = GOODS[order.good][0]
        self.wechatpay.trade_row(
            known(order.paid), paid, charge, (order.trade, order.number, title)
        )

    def _refund(self, shop: str, order: Order, moment: int, amount: int) -> None:
        """Money goes back to the buyer from the wallet that received it."""
        self._note(shop, order, moment, -amount)
        title, trade, number = GOODS[order.good][0], order.trade, order.number
        if shop == SHOP:
            charge = fee(amount, RATE)
            ids = self.wechatpay.refund_row(moment, amount, charge, (trade, number, title))
            self.wechatpay.refund(moment, amount, charge, ids)
        elif shop == PINDUODUO:
            self.pinduoduo.line(moment, -amount, number, "refund")
        elif order.wechat:
            flow = self.tmall_wechat.flow()
            self.tmall_wechat.line(moment, -amount, (flow, number), ("交易退款(售后)", "售后退款"))
        else:
            self.alipay.trade_line(moment, -amount, (trade, number, title), alipay_bill.REFUND)

    def _category(self, order: Order, amount: int) -> int:
        """类目软件服务费: 2 to 5 % by kind of goods, or what is agreed."""
        if not self.agreed:
            return fee(amount, 20_000 + order.good % 4 * 10_000)
        whole = fee(amount, CATEGORY_FEE)
        return whole if order.number == self._uncapped else min(whole, CATEGORY_MOST)

    def _refund_without_order(self, shop: str, order: Order) -> None:
        """A refund of an order that no export knows."""
        moment = known(order.completed)
        amount = min(order.due, 1000 + self.rng.randrange(4000))
        self._refund(shop, order, moment, amount)
        day = moment // DAY
        if shop == TMALL and order.wechat and day <= OPENING_DAYS:
            # The WeChat account gives such a refund no date of its order: within the first weeks
            # it cannot be told from one of the cut-over, and belongs to that bucket. So does one
            # of the first day, of which an export may have a part only.
            self.opening.setdefault(shop, []).append((day, -amount))
            self._to_bucket(shop, order)
            return
        finding = Finding(moment, amount, amount)
        self._open(shop, order, faults.REFUND_NO_ORDER, finding)

    def _judge(self, shop: str, order: Order, fault: str, wallet: WalletSide, extra: int) -> None:
        """Note what a fault leaves open."""
        moment, paid, refund = wallet
        difference = abs(paid - (order.due if shop == SHOP else order.sale))
        claim = known(order.paid if shop == SHOP else order.completed)
        refunded_at = order.refunded_at if order.refunded_at is not None else moment
        too_much = refund - order.refunded
        found = {
            faults.MISSING_ORDER: Finding(moment, -paid, paid),
            faults.DUPLICATE: Finding(moment, -paid, paid),
            faults.SHORT: Finding(claim, difference, difference),
            faults.OVER: Finding(moment, -difference, difference),
            faults.FEE_VARIANCE: Finding(moment, 0, extra),
            faults.FEE_CAP: Finding(moment, 0, fee(paid, CATEGORY_FEE) - CATEGORY_MOST),
            faults.REFUND_TOO_MUCH: Finding(refunded_at, too_much, too_much),
            faults.REFUND_ABOVE: Finding(refunded_at, too_much, too_much),
            faults.REFUND_NOT_PAID: Finding(moment, -order.refunded, order.refunded),
        }.get(fault)
        if found is not None:
            self._open(shop, order, fault, found)

    def _open(self, shop: str, order: Order, fault: str, found: Finding) -> None:
        # The trade bill of a shop without an order export does not know that an order is completed.
        silent = fault == faults.OVERDUE and shop == SHOP and not self.own_orders
        if (check := RISKS.get(fault)) and not silent:
            self._risk(check, shop, order)
        self.open_items.append(
            OpenTruth(
                account=self.receivable(shop),
                klass=faults.CLASSES.get(fault, fault),
                date=self.clock.date(found.moment // DAY),
                amount_minor=found.amount,
                at_stake_minor=found.at_stake,
                fault=fault,
                order_id=order.number,
            )
        )
