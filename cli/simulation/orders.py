"""Orders and their lives: what buyers do, drawn once when the order is created."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from beanclear.cli.simulation.clock import DAY

TMALL, SHOP, PINDUODUO = "tmall", "shop", "pinduoduo"
SHOPS = (TMALL, SHOP, PINDUODUO)
SHARES = {TMALL: 0.5, SHOP: 0.2, PINDUODUO: 0.3}

# (title, price in fen, weight): few price points, so equal amounts abound as in real shops.
GOODS = (
    ("棉麻抱枕套45*45", 1990, 9),
    ("陶瓷马克杯350ml", 2990, 10),
    ("竹制收纳盒三件套", 3990, 8),
    ("加厚珊瑚绒毛毯", 6800, 6),
    ("不锈钢保温杯500ml", 7900, 7),
    ("北欧风台灯", 9900, 5),
    ("全棉四件套1.5m", 19900, 4),
    ("乳胶枕一对", 25900, 2),
    ("羽绒被200*230", 59900, 1),
    ("厨房清洁抹布10条", 990, 8),
    ("香薰蜡烛礼盒", 5900, 5),
    ("实木衣架20只", 4590, 5),
)
DEAR = 6  # goods dear enough for the most that a fee may be
# Shares of orders, cumulated where a life has one of several fates.
UNPAID = 0.03
GIVEN_UP = 0.045  # before the parcel leaves
SENT_BACK = 0.06  # after it has left
PARTLY_EARLY = 0.08  # a part is given back on the way
PARTLY_LATE = 0.095  # or after completion
REFUNDED = 0.11  # or all of it
PAID_BY_WECHAT = 0.15  # of a Tmall shop's orders
TWO_PIECES = 0.15
PAYS_SHIPPING = 0.25
MERCHANT_COUPON = 0.15
PLATFORM_COUPON = (0.1, 0.25)  # overlaps: some orders have both
SEVERAL_PARTS = 0.03
CHEAPEST_IN_PARTS = 1500  # fen
_WEIGHTS = [weight for _, _, weight in GOODS]
_INDEXES = range(len(GOODS))
_OPENS, _CLOSES = 7 * 3600, 23 * 3600 + 40 * 60  # no event falls between exports and midnight


class Order(NamedTuple):
    """An order with its whole life, also what has not happened at the time of an export.

    Money is fen, moments are those of `clock`; none is never. `refunded` is what the order
    book says was given back; `early` tells that it was before completion (lowers the sale).
    """

    number: str
    serial: int
    created: int
    paid: int | None
    shipped: int | None
    completed: int | None
    closed: int | None
    good: int
    quantity: int
    shipping: int
    merchant_discount: int
    platform_discount: int
    refunded: int
    refunded_at: int | None
    early: bool
    trade: str
    wechat: bool
    parts: tuple[tuple[str, int], ...]

    @property
    def goods(self) -> int:
        """List price of the goods."""
        return GOODS[self.good][1] * self.quantity

    @property
    def due(self) -> int:
        """What the merchant is to receive before refunds, what the platform funds included."""
        return self.goods + self.shipping - self.merchant_discount

    @property
    def buyer_pays(self) -> int:
        """What the buyer pays."""
        return self.due - self.platform_discount

    @property
    def sale(self) -> int:
        """What is settled at completion: an early refund has lowered it."""
        return self.due - (self.refunded if self.early else 0)


class Life(NamedTuple):
    """The moments of an order's life, and what is refunded when."""

    paid: int | None
    shipped: int | None
    completed: int | None
    closed: int | None
    refund: str  # "", "partial" or "full"
    refunded_at: int | None
    early: bool


def within_hours(rng: random.Random, day: int) -> int:
    """A moment of the day at which people shop."""
    return day * DAY + _OPENS + int(rng.random() * (_CLOSES - _OPENS))


def business_hours(rng: random.Random, day: int) -> int:
    """A moment of the day at which parcels and banks move."""
    return day * DAY + 9 * 3600 + int(rng.random() * 9 * 3600)


def fee(amount: int, ppm: int) -> int:
    """A share in millionths of `amount`, rounded half up to the fen."""
    return (amount * ppm + 500_000) // 1_000_000


def draw_life(rng: random.Random, shop: str, created: int, *, plain: bool) -> Life:
    """Draw a life; a `plain` one is paid and completed without refunds."""
    day = created // DAY
    luck = 1.0 if plain else rng.random()
    if luck < UNPAID and shop != PINDUODUO:
        return Life(None, None, None, created + 1800, "", None, early=False)
    paid = created + 20 + int(rng.random() * 800)
    shipped_day = day + int(rng.random() * (3 if shop == SHOP else 4))
    shipped = max(business_hours(rng, shipped_day), paid + 1200)
    shipped = min(shipped, shipped_day * DAY + _CLOSES + 1190)
    completed = within_hours(rng, shipped_day + 3 + int(rng.random() * 10))
    if luck < GIVEN_UP:
        refunded_at = min(paid + 600 + int(rng.random() * 3600), day * DAY + DAY - 2)
        if refunded_at < shipped:
            return Life(paid, None, None, refunded_at, "full", refunded_at, early=True)
    if luck < SENT_BACK:
        refunded_at = within_hours(rng, shipped_day + 1 + int(rng.random() * 2))
        return Life(paid, shipped, None, refunded_at, "full", refunded_at, early=True)
    if luck < PARTLY_EARLY and shop == TMALL:
        refunded_at = within_hours(rng, shipped_day + 1 + int(rng.random() * 2))
        return Life(paid, shipped, completed, None, "partial", refunded_at, early=True)
    if luck < REFUNDED:
        refund = "partial" if luck < PARTLY_LATE else "full"
        refunded_at = within_hours(rng, completed // DAY + 2 + int(rng.random() * 18))
        return Life(paid, shipped, completed, None, refund, refunded_at, early=False)
    return Life(paid, shipped, completed, None, "", None, early=False)


def draw_order(
    rng: random.Random,
    shop: str,
    created: int,
    ids: Ids,
    *,
    plain: bool = False,
    alipay: bool = False,
) -> Order:
    """Draw a whole order of a shop; a `plain` one has no refunds, coupons or parts.

    `alipay`: not paid by WeChat.
    """
    life = draw_life(rng, shop, created, plain=plain)
    good = rng.choices(_INDEXES, _WEIGHTS)[0]
    quantity = 1 if rng.random() >= TWO_PIECES else 2
    goods = GOODS[good][1] * quantity
    shipping = 600 if rng.random() < PAYS_SHIPPING else 0
    coupon = rng.random()
    merchant = platform = 0
    if not plain and coupon < MERCHANT_COUPON:
        merchant = min(1000 if goods > GOODS[3][1] else 500, goods // 3)
    wechat = shop == TMALL and not alipay and rng.random() < PAID_BY_WECHAT
    if (
        not plain
        and PLATFORM_COUPON[0] < coupon < PLATFORM_COUPON[1]
        and shop != SHOP
        and not wechat
    ):
        # Clawing a platform's share back is another flow: those orders go without one.
        late = life.refunded_at is not None and not life.early
        platform = 0 if late else min(300 + goods // 20, goods // 4)
    number, index, trade = ids.next(shop, created, life.paid, wechat=wechat)
    due = goods + shipping - merchant
    refunded = 0
    if life.refund == "full":
        refunded = due - platform
    elif life.refund == "partial":
        refunded = max(100, int((due - platform) * (0.1 + 0.5 * rng.random())))
    order = Order(
        number, index, created, life.paid, life.shipped, life.completed, life.closed,
        good, quantity, shipping, merchant, platform, refunded, life.refunded_at, life.early,
        trade, wechat, (),
    )  # fmt: skip
    if shop == TMALL and not plain and not refunded and not wechat:
        return _with_parts(rng, order)
    return order


def _with_parts(rng: random.Random, order: Order) -> Order:
    """Three in a hundred orders hold several sub-orders, settled one by one.

    All parts but the first are multiples of 5.00, whose fee of 0.6 % has no rounding, so the
    fee is the same counted by part or by order.
    """
    if rng.random() >= SEVERAL_PARTS or order.due < CHEAPEST_IN_PARTS:
        return order
    second = order.due // 2 // 500 * 500
    first = str(int(order.number) + 1)
    return order._replace(parts=((first, order.due - second), (str(int(first) + 1), second)))


class Ids:
    """Numbers the platforms give; unique, and dated where theirs are."""

    def __init__(self, plain: Callable[[int], str], seed: int) -> None:
        self._plain = plain
        self._count = 0
        self._base = 2_600_000_000_000 + (seed % 1000) * 1_000_000_000

    def next(
        self, shop: str, created: int, paid: int | None, *, wechat: bool
    ) -> tuple[str, int, str]:
        """An order number, its count, and the number of the payment (empty when unpaid)."""
        self._count += 1
        count = self._count
        day = self._plain(created // DAY)
        if shop == TMALL:
            number = f"{self._base + count * 37}{(count * 7919) % 90000 + 10000}0"
        elif shop == PINDUODUO:
            number = f"{day[2:]}-{100_000_000_000_000 + count * 7_777_777}"
        else:
            number = f"QZ{day}{count:08}"
        if paid is None:
            return number, count, ""
        day = self._plain(paid // DAY)
        if shop == SHOP or wechat:
            return number, count, f"4200002689{day}{count:010}"
        return number, count, f"{day}2200{count:016}"
