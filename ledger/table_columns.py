"""Which header of a mapped table holds what: `[tables.columns]` and `[[tables.fees]]`.

Descriptions and examples of the fields are what docs/tables.md prints.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from beanclear.ledger.i18n import N_
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.records import Kind

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
FeeSign = Literal["signed", "reversed"]

# Read of orders alone, and of wallet and bank lines alone; the rest is read of both.
ORDER_MOMENTS: Final = ("ordered_at", "paid_at", "shipped_at", "completed_at", "closed_at")
ORDER_MONEY: Final = (
    "goods", "shipping", "merchant_discount", "platform_discount", "tax", "refunded",
)  # fmt: skip
OF_ORDERS: Final = (*ORDER_MOMENTS, *ORDER_MONEY, "status", "fee_rate", "buyer", "category")
OF_LINES: Final = (
    "occurred_at", "time", "direction", "income", "expense", "net", "fee", "converted", "balance",
    "paid_out_at", "kind", "counterparty", "payer", "payee",
)  # fmt: skip
REFERENCES: Final = (
    "order_id", "parent_order_id", "trade_id", "refund_id", "settlement_id", "payout_id",
    "bank_ref", "waybill_id",
)  # fmt: skip


def key(description: str, example: str) -> str | None:
    """A key that may be left out; `example` is TOML."""
    found: str | None = Field(default=None, description=description, examples=[example])
    return found


class TableColumns(BaseModel):
    """Which header holds what."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    occurred_at: Name | None = key(
        N_("The date or moment of the line, read with `date_format`. Needed but for orders."),
        'occurred_at = "Date"',
    )
    time: Name | None = key(
        N_(
            "The time of day, where it has a column of its own: date, a blank and time are then "
            "read together with `date_format`."
        ),
        'time = "Time"',
    )
    amount: Name | None = key(
        N_("The amount in one column; which way it goes say `sign` or `direction`."),
        'amount = "Gross"',
    )
    income: Name | None = key(
        N_("Money in; with `expense` instead of `amount`. One of the two is filled."),
        'income = "收入金额"',
    )
    expense: Name | None = key(
        N_("Money out; positive, unless `sign` is `signed`."), 'expense = "支出金额"'
    )
    direction: Name | None = key(
        N_("The column of the words that say which way the amount goes; see `direction` below."),
        'direction = "收支类型"',
    )
    fee: Name | None = key(
        N_(
            "What the provider kept of the line; `fee_sign` says how it is written. It becomes a "
            "line of its own (`payment_fee`, or `payment_fee_refund` where it came back). Several "
            "columns: `[[tables.fees]]`."
        ),
        'fee = "Fee"',
    )
    net: Name | None = key(
        N_("The amount with its fees; only compared, so that a wrong sign of a fee is a fault."),
        'net = "Net"',
    )
    balance: Name | None = key(
        N_("The balance after the line and its fees; where it is given, it must chain."),
        'balance = "Balance"',
    )
    converted: Name | None = key(
        N_(
            "On a payout: what arrives at the bank in `converted_currency` (到账金额). The line "
            "becomes an exchange, and a payout in that currency."
        ),
        'converted = "到账金额"',
    )
    kind: Name | None = key(
        N_("The source's word for the kind of the line, looked up in `kinds`."), 'kind = "Type"'
    )
    record_id: Name | None = key(
        N_("The source's own number of the line, different on each; else `bank_ref`."),
        'record_id = "Transaction ID"',
    )
    order_id: Name | None = key(
        N_("The order's number on `platform`. Needed for orders."), 'order_id = "Invoice Number"'
    )
    parent_order_id: Name | None = key(
        N_("On a sub-order: the number of its order."), 'parent_order_id = "主订单编号"'
    )
    trade_id: Name | None = key(
        N_("The payment's number at the provider."), 'trade_id = "Reference Txn ID"'
    )
    refund_id: Name | None = key(N_("The refund's number."), 'refund_id = "售后单号"')
    settlement_id: Name | None = key(
        N_("The settlement's number; the two sides of a `conversion` share it."),
        'settlement_id = "Batch Number"',
    )
    payout_id: Name | None = key(
        N_("The number of the payout that the line is, or that it went out with (`payouts`)."),
        'payout_id = "Payout ID"',
    )
    paid_out_at: Name | None = key(
        N_(
            'With `payouts = "batches"`: when the batch was paid out; else its last line\'s moment.'
        ),
        'paid_out_at = "Payout Date"',
    )
    bank_ref: Name | None = key(
        N_("The bank's number of the line; a payment and its charge may share it."),
        'bank_ref = "交易流水号"',
    )
    waybill_id: Name | None = key(N_("The parcel's number."), 'waybill_id = "快递单号"')
    counterparty: Name | None = key(
        N_("Who is on the other side of the line."), 'counterparty = "对方户名"'
    )
    payer: Name | None = key(
        N_("With `payee` instead of `counterparty`: who is named when money comes in."),
        'payer = "付款人名称"',
    )
    payee: Name | None = key(N_("Who is named when money goes out."), 'payee = "收款人名称"')
    memo: Name | None = key(N_("Any text; rules look into it."), 'memo = "摘要"')
    ordered_at: Name | None = key(
        N_("Orders only: when it was placed. Needed for orders."), 'ordered_at = "下单时间"'
    )
    paid_at: Name | None = key(
        N_("Orders only: when it was paid. Needed for orders; may be the column of `ordered_at`."),
        'paid_at = "Paid at"',
    )
    shipped_at: Name | None = key(
        N_("Orders only: when it was shipped."), 'shipped_at = "发货时间"'
    )
    completed_at: Name | None = key(
        N_("Orders only: when it was completed."), 'completed_at = "订单完成时间"'
    )
    closed_at: Name | None = key(
        N_("Orders only: when it was cancelled."), 'closed_at = "Cancelled at"'
    )
    status: Name | None = key(
        N_(
            "Orders only: the word for its state, looked up in `statuses`; else the moments say it."
        ),
        'status = "订单状态"',
    )
    goods: Name | None = key(N_("Orders only: price of the goods."), 'goods = "商品总额"')
    shipping: Name | None = key(N_("Orders only: freight in the amount."), 'shipping = "Shipping"')
    merchant_discount: Name | None = key(
        N_("Orders only: what the shop gave off."), 'merchant_discount = "Discount Amount"'
    )
    platform_discount: Name | None = key(
        N_("Orders only: what the platform pays of the amount."), 'platform_discount = "平台优惠"'
    )
    tax: Name | None = key(N_("Orders only: tax in the amount."), 'tax = "Taxes"')
    refunded: Name | None = key(
        N_("Orders only: what was refunded so far, positive; empty: not known."),
        'refunded = "Refunded Amount"',
    )
    fee_rate: Name | None = key(
        N_("Orders only: the agreed rate of the fee, such as `0.60%`."), 'fee_rate = "费率"'
    )
    buyer: Name | None = key(
        N_("Orders only: the buyer's nickname; kept as a keyed hash."), 'buyer = "买家昵称"'
    )
    category: Name | None = key(N_("Orders only: the kind of goods."), 'category = "类目"')

    @model_validator(mode="after")
    def _money_is_stated_once(self) -> Self:
        both = self.income is not None and self.expense is not None
        neither = self.income is None and self.expense is None
        if not ((self.amount is not None and neither) or (self.amount is None and both)):
            raise ValueError(
                _("columns need either amount, or income and expense together: name one of the two")
            )
        return self

    @model_validator(mode="after")
    def _sides_come_together(self) -> Self:
        if (self.payer is None) != (self.payee is None):
            raise ValueError(_("payer and payee need each other: name both, or counterparty"))
        if self.payer is not None and self.counterparty is not None:
            raise ValueError(
                _("counterparty stands beside payer and payee: name either it or the two")
            )
        if self.time is not None and self.occurred_at is None:
            raise ValueError(_("time needs the column occurred_at: name the column of the date"))
        return self

    @property
    def named(self) -> dict[str, str]:
        """The headers that are given, by key."""
        return {name: str(value) for name, value in self if value is not None}


class FeeColumn(BaseModel):
    """`[[tables.fees]]`: a column of what was kept of, or added to, each line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: Name = Field(
        description=N_("The header. The line of the fee bears it as the source's word."),
        examples=['column = "达人佣金"'],
    )
    kind: Kind = Field(
        default=Kind.PAYMENT_FEE,
        description=N_(
            "What it is; `fee` and `payment_fee` become `fee_refund` and `payment_fee_refund` "
            "where they come back."
        ),
        examples=['kind = "affiliate"'],
    )
    sign: FeeSign | None = Field(
        default=None,
        description=N_("As `fee_sign`, for this column alone."),
        examples=['sign = "reversed"'],
    )
