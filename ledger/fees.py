"""What a fee should be, by contracted terms: a rate, a fixed part, a minimum and a maximum.

The terms come from `[[fees]]` and `[[payout_fees]]` of beanclear.toml; rates the platforms publish
are in `beanclear.ledger.shipped`. What is charged on an order is compared with them by
`beanclear.matching.fees`; what a payout loses on its way to the bank is closed by
`beanclear.matching.rests`.

Importing this module imports nothing heavy.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from beanclear.ledger import chart, shipped
from beanclear.ledger.money import parse_minor

if TYPE_CHECKING:
    from beanclear.ledger.config import Config
    from beanclear.ledger.config_money import FeeTermsRule

_PPM = 1_000_000
_PPM_OF_PERCENT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeTerms:
    """How one fee is reckoned, from `first` to `last`.

    Attributes:
      ppm: the rate in millionths.
      fixed_minor, minimum_minor, maximum_minor: minor units of `currency`, for one line.
      currency: none where the terms are a rate alone and hold in any.
    """

    ppm: int
    fixed_minor: int = 0
    minimum_minor: int = 0
    maximum_minor: int | None = None
    currency: str | None = None
    first: datetime.date = datetime.date.min
    last: datetime.date = datetime.date.max

    def fee(self, amount_minor: int) -> int:
        """The fee on a line of `amount_minor`, rounded half up; nothing on nothing."""
        if amount_minor <= 0:
            return 0
        rated = (amount_minor * self.ppm * 2 + _PPM) // (2 * _PPM)
        due = max(rated + self.fixed_minor, self.minimum_minor)
        return due if self.maximum_minor is None else min(due, self.maximum_minor)

    def holds(self, currency: str, day: datetime.date) -> bool:
        """Whether the terms are those of an amount of `currency` on `day`."""
        return self.currency in {None, currency} and self.first <= day <= self.last


def percent(ppm: int) -> str:
    """A rate in millionths as people read it: `0.6 %`."""
    return f"{(Decimal(ppm) / _PPM_OF_PERCENT).normalize():f} %"


def terms_of(rule: FeeTermsRule) -> FeeTerms:
    """The terms of one section of beanclear.toml.

    Raises:
      ValueError: when a sum is finer than the rule's currency.
    """

    def minor(text: str) -> int:
        return parse_minor(text, rule.currency)

    sums = (rule.fixed, rule.minimum, rule.maximum)
    return FeeTerms(
        ppm=int(Decimal(rule.rate_percent) * _PPM_OF_PERCENT),
        fixed_minor=minor(rule.fixed),
        minimum_minor=minor(rule.minimum or "0"),
        maximum_minor=minor(rule.maximum) if rule.maximum is not None else None,
        currency=rule.currency if any(text not in {None, "0"} for text in sums) else None,
        first=rule.start or datetime.date.min,
        last=rule.until or datetime.date.max,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutFee:
    """What payouts on the transit account `transit` lose; it is posted to `account`."""

    transit: str
    account: str
    terms: FeeTerms


def payout_fees(config: Config) -> tuple[PayoutFee, ...]:
    """The payout fees of the books, the one that began last first."""
    found = [
        PayoutFee(
            transit=chart.transit_account(rule.family),
            account=rule.account,
            terms=terms_of(rule),
        )
        for rule in config.payout_fees
    ]
    return tuple(sorted(found, key=lambda fee: fee.terms.first, reverse=True))


def payout_fee(
    fees: Iterable[PayoutFee], transit: str, currency: str, day: datetime.date
) -> PayoutFee | None:
    """The fee of a payout on a transit account; none where no rule says one."""
    for fee in fees:
        if fee.transit == transit and fee.terms.holds(currency, day):
            return fee
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFee:
    """What is agreed for fee lines of `platform` that contain `words`.

    Attributes:
      category: the 类目 that the order or line must carry; none: any.
      refund: `full`, `proportional` or `none`; none: nobody said.
    """

    platform: str
    words: str
    terms: FeeTerms
    category: str | None = None
    refund: str | None = None

    @property
    def name(self) -> str:
        """The rule as an item's reason names it: `基础软件服务费 0.6 %`."""
        terms = self.terms
        parts = [self.words]
        if self.category:
            parts.append(f"({self.category})")
        if terms.ppm:
            parts.append(percent(terms.ppm))
        return " ".join(parts)


def order_fees(config: Config) -> tuple[OrderFee, ...]:
    """All rules in the order in which they are asked; the first that fits a line counts.

    The books' own come first, of a category before any, the one that began last first; then the
    shipped ones.
    """
    own = [
        OrderFee(
            platform=rule.platform,
            words=rule.contains,
            terms=terms_of(rule),
            category=rule.category,
            refund=rule.refund,
        )
        for rule in config.fees
    ]
    own.sort(key=lambda fee: (fee.category is not None, fee.terms.first), reverse=True)
    return (
        *own,
        *(
            OrderFee(platform=rate.platform, words=rate.contains, terms=FeeTerms(ppm=rate.ppm))
            for rate in shipped.FEE_RATES
        ),
    )
