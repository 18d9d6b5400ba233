"""Sections of beanclear.toml about money: fees, currencies, VAT, and the end of advances.

    [[fees]]                       # what a platform charges on an order
    platform = "taobao"
    contains = "类目软件服务费"      # fee lines whose kind or memo contains it
    category = "女装"               # only orders and lines of this 类目; left out: any
    rate_percent = "5"             # of each sale line
    fixed = "0.30"                 # added for each sale line
    minimum = "1.00"               # of the fee of a sale line
    maximum = "50.00"
    refund = "proportional"        # what comes back with a refund: full, proportional or none
    from = 2026-01-01
    until = 2026-12-31

    [[payout_fees]]                # what a bank deposit lacks although no line says so
    family = "paypal"              # the payouts' family: alipay, wechat, pinduoduo, or your source
    fixed = "2.50"                 # and/or rate_percent, minimum, maximum
    account = "Expenses:Finance:PaymentFees"

    [[rates]]                      # the booked rate: units of the books' currency for one
    currency = "USD"
    rate = "7.1012"
    from = 2026-07-01              # 月初汇率: one entry a month, or one a day

    [[vat]]                        # the VAT contained in prices
    platform = "*"                 # or one platform
    category = "图书"               # only orders of this 类目 (orders.csv); left out: any
    rate_percent = "9"
    from = 2026-01-01

    [[advances]]                   # what becomes of money for orders that never are a sale
    platform = "shop"              # or "*"
    kept = "taxed"                 # what a closed order keeps: income with VAT; untaxed; or open
    longest_days = 90              # an advance that is older is an open item

`beanclear.ledger.fees` and `beanclear.ledger.posting.conversions` say what they do.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from beanclear.ledger.config_base import (
    AccountText,
    Currency,
    Dated,
    ExchangeRate,
    Percent,
    Section,
    Sum,
)
from beanclear.ledger.i18n import gettext as _

RefundPolicy = Literal["full", "proportional", "none"]
KeptPolicy = Literal["taxed", "untaxed", "open"]


class FeeTermsRule(Dated):
    """What both kinds of fees have: a rate, a fixed part, limits, and days.

    Attributes:
      rate_percent: of the amount it is charged on, in quotes.
      fixed: added to the rate's part, once for each line.
      minimum, maximum: limits of the fee of one line, both parts together.
      currency: of `fixed`, `minimum` and `maximum`; with none of them a rule holds in any.
      until: the last day on which it holds.
    """

    rate_percent: Percent = "0"
    fixed: Sum = "0"
    minimum: Sum | None = None
    maximum: Sum | None = None
    currency: Currency = "CNY"
    until: datetime.date | None = None

    @model_validator(mode="after")
    def _says_a_fee(self) -> Self:
        if not {"rate_percent", "fixed", "minimum"} & self.model_fields_set:
            raise ValueError(_("a fee needs rate_percent, fixed or minimum"))
        if self.minimum and self.maximum and Decimal(self.minimum) > Decimal(self.maximum):
            raise ValueError(_("the minimum of a fee is above its maximum"))
        return self


class FeeRule(FeeTermsRule):
    """`[[fees]]`: what is agreed for fee lines of a platform that contain the text.

    Attributes:
      category: the 类目 that an order or line must carry; none: any.
      refund: what of the fee comes back with a refund: `full`, all of it in proportion to the
        refund; `proportional`, the rate's part but not the fixed one; `none`. Left out: nobody
        said, so what comes back is not compared.
    """

    platform: str
    contains: Annotated[str, Field(min_length=1)]
    category: Annotated[str, Field(min_length=1)] | None = None
    refund: RefundPolicy | None = None


class PayoutFeeRule(FeeTermsRule):
    """`[[payout_fees]]`: what a payout of `family` loses on its way to the bank, and to where."""

    family: str
    account: AccountText = "Expenses:Finance:PaymentFees"


class RateRule(Dated):
    """`[[rates]]`: what one unit of `currency` is worth in the books' currency, from a day on."""

    currency: Currency
    rate: ExchangeRate


class VatRule(Dated):
    """`[[vat]]`: the rate contained in a platform's prices; `*` is every platform.

    A rule for a 类目 goes before one for none, for the rate is the goods'; of both kinds one that
    names the platform before `*`. An order that states its own tax needs no rule.
    """

    platform: str = "*"
    category: Annotated[str, Field(min_length=1)] | None = None
    rate_percent: Percent


class AdvanceRule(Section):
    """`[[advances]]`: what ends the advance of an order that is never a sale.

    Attributes:
      kept: what a closed order keeps becomes income of its own kind on the day it was closed,
        with VAT (`taxed`) or without (`untaxed`), or stays and is shown (`open`).
      longest_days: after which an advance is shown as an open item; where it is left out, longer
        than the platforms' terms allow.
    """

    platform: str = "*"
    kept: KeptPolicy = "taxed"
    longest_days: Annotated[int, Field(ge=1)] | None = None
