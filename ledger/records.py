"""The vocabulary of facts: one flat record, the same for every source.

Bulk work happens on Arrow tables of the schema in `beanclear.ledger.tables`, which has one
column per field of `Record` under the same name; `Record` is a single row, at the edges.
Importing this module imports nothing heavy.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum

ZONE = "Asia/Shanghai"  # in which moments are kept, and days begin


class Stage(StrEnum):
    """Which of the three books of the outside world a record stands in."""

    ORDER = "order"
    WALLET = "wallet"
    BANK = "bank"


class Kind(StrEnum):
    """What a record is. The only list of kinds; `ledger.posting` maps each to accounts.

    The sign of a record is always the merchant's: + comes in or is owed to us.
    """

    SALE = "sale"  # order: what the merchant is to receive; wallet: the buyer's money
    REFUND = "refund"  # money back to the buyer
    SUBSIDY = "subsidy"  # a discount the platform funds, paid to the merchant (and clawed back)
    SHIPPING = "shipping"  # freight the buyer pays, settled apart from the goods
    TAX = "tax"  # tax the platform collects or withholds
    CHARGEBACK = "chargeback"  # a disputed payment taken back (-); as a reversal won back (+)

    FEE = "fee"  # commission and service fees of the platform
    FEE_REFUND = "fee_refund"  # the platform gives a fee back
    PAYMENT_FEE = "payment_fee"  # the payment channel's charge
    PAYMENT_FEE_REFUND = "payment_fee_refund"
    AFFILIATE = "affiliate"  # commission of promoters (淘宝客, 多多进宝)
    INSURANCE = "insurance"  # freight insurance and similar premiums
    ADVERTISING = "advertising"  # advertising spent
    COMPENSATION = "compensation"  # paid to a buyer beyond a refund, or received for a loss
    PENALTY = "penalty"  # fines of the platform
    LOGISTICS = "logistics"  # freight and warehousing bought through the platform
    INTEREST = "interest"

    PREPAYMENT = "prepayment"  # a top-up of an advertising account: an asset until spent
    DEPOSIT = "deposit"  # the shop's security deposit, paid in (-) or back (+)
    RESERVE = "reserve"  # money frozen by the platform (-)
    RELEASE = "release"  # and unfrozen (+)
    TRANSFER = "transfer"  # between the owner's balances at the same provider (余额宝, 网商银行)
    PAYOUT = "payout"  # withdrawn to the bank (-); as a reversal taken from the bank (+)
    PAYOUT_RETURN = "payout_return"  # a withdrawal that came back (+)
    # One side of an exchange of currencies: what is sold (-) and what is bought (+) are two lines
    # of one settlement_id, payout_id or trade_id, in a wallet or at a bank.
    CONVERSION = "conversion"

    BANK_LINE = "bank_line"  # a line of a bank account, before rules and matching say more
    OTHER = "other"  # a line whose meaning is not known: goes to suspense, never guessed


# Which way the money of a kind goes; the kinds that are not here may go both ways. Money that goes
# the other way is a fault, or a reversal that the source declares it may write so.
COMES_IN = frozenset({
    Kind.SALE, Kind.SHIPPING, Kind.FEE_REFUND, Kind.PAYMENT_FEE_REFUND, Kind.RELEASE,
    Kind.PAYOUT_RETURN,
})  # fmt: skip
GOES_OUT = frozenset({
    Kind.REFUND, Kind.CHARGEBACK, Kind.FEE, Kind.PAYMENT_FEE, Kind.AFFILIATE, Kind.INSURANCE,
    Kind.ADVERTISING, Kind.PENALTY, Kind.LOGISTICS, Kind.RESERVE, Kind.PAYOUT,
})  # fmt: skip


class OrderStatus(StrEnum):
    """How far an order is in its life; the order of the members is the order of life."""

    CREATED = "created"
    PAID = "paid"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    CLOSED = "closed"  # cancelled or fully refunded before completion


# Of two states of one order the one further in its life counts. Both ends are final.
LIFE_RANK = {
    OrderStatus.CREATED: 0,
    OrderStatus.PAID: 1,
    OrderStatus.SHIPPED: 2,
    OrderStatus.COMPLETED: 3,
    OrderStatus.CLOSED: 3,
}

# What a wallet line of these kinds and an order number settles is the order's receivable.
SETTLES_ORDER = frozenset(
    {Kind.SALE, Kind.REFUND, Kind.SUBSIDY, Kind.SHIPPING, Kind.TAX, Kind.CHARGEBACK}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line of one statement.

    Attributes:
      record_id: stable and unique within (source, account, stage): the source's own id, else a
        hash of the row's text with an ordinal among equal rows.
      source: who exported it: `alipay`, `wechatpay`, `taobao`, `taobao-wechat`, `pinduoduo`,
        `shop` (orders.csv), `icbc`, ...
      account: the merchant number, shop or bank account in it; where files do not say, the shop's
        folder, or `main`.
      shop: the folder below `inbox/` the file lay in, `""` for the inbox itself: how one
        merchant keeps several shops of one platform apart.
      platform: whose order book `order_id` belongs to: `taobao`, `pinduoduo`, `shop`; none for
        bank lines and for wallet lines that concern no order.
      kind_raw: the source's own words for the kind, untouched but cleaned of control characters.
      occurred_at: when it happened, with zone. For orders: the latest event of its life.
      booked_on: the day it belongs to, in the source's zone. For orders: the day it was ordered.
      amount_minor: signed minor units of `currency`. For an order: what the merchant is to
        receive for it before later refunds: what the buyer pays plus what the platform funds.
      balance_minor: the account's balance after the line, where the source gives one.
      order_id: the order as the platform writes it; on a wallet line possibly a sub-order.
      parent_order_id: on a sub-order (宝贝明细): its order.
      trade_id, refund_id, settlement_id, payout_id, bank_ref, waybill_id: further references.
      buyer: a keyed hash of the buyer's nickname on the platform (`beanclear.ledger.buyers`), never
        the nickname itself; none where the export masks it or no key was at hand.
      category: orders only; the 类目 of the goods, where one is named for the whole order.
      counterparty, memo: cleaned text (P10); never a receiver's name, phone or address.
      document, row: sha-256 of the archived file and the row in it, counted from 1.
      status ... refunded_minor: orders only; the life of the order and the split of its price.
      known_at: orders only; the moment the export speaks for.
      refunded_minor: orders only; refunds the export knows, positive; none when it says nothing.
      fee_rate_ppm: the contracted fee rate the line itself states, in millionths.
    """

    record_id: str
    source: str
    account: str
    stage: Stage
    kind: Kind
    kind_raw: str
    occurred_at: datetime.datetime
    booked_on: datetime.date
    amount_minor: int
    currency: str
    document: str
    row: int
    shop: str = ""
    platform: str | None = None
    balance_minor: int | None = None
    order_id: str | None = None
    parent_order_id: str | None = None
    trade_id: str | None = None
    refund_id: str | None = None
    settlement_id: str | None = None
    payout_id: str | None = None
    bank_ref: str | None = None
    waybill_id: str | None = None
    buyer: str | None = None
    category: str | None = None
    counterparty: str | None = None
    memo: str | None = None
    status: OrderStatus | None = None
    ordered_at: datetime.datetime | None = None
    paid_at: datetime.datetime | None = None
    shipped_at: datetime.datetime | None = None
    completed_at: datetime.datetime | None = None
    closed_at: datetime.datetime | None = None
    known_at: datetime.datetime | None = None
    goods_minor: int | None = None
    shipping_minor: int | None = None
    merchant_discount_minor: int | None = None
    platform_discount_minor: int | None = None
    tax_minor: int | None = None
    refunded_minor: int | None = None
    fee_rate_ppm: int | None = None
