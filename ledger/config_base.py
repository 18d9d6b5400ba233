"""What the sections of beanclear.toml are made of: strict models, dates, rates and sums as text.

Numbers that are money or rates are written in quotes, so that no float ever holds them.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import parse_minor

_PPM_OF_PERCENT = 10_000
RATE_DIGITS = 8  # digits after the point of an exchange rate


def _rate(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(_('write the rate in quotes, such as "0.6"'))
    try:
        ppm = Decimal(value) * _PPM_OF_PERCENT
    except ArithmeticError:
        raise ValueError(_('write the rate in quotes, such as "0.6"')) from None
    if ppm != ppm.to_integral_value() or not 0 <= ppm < 100 * _PPM_OF_PERCENT:
        raise ValueError(_("a rate is at least 0, below 100, with at most 4 digits"))
    return value


def _sum(value: object) -> object:
    try:
        # Which digits a currency has is known when the sum is used; three is the most of any.
        minor = parse_minor(value, "KWD") if isinstance(value, str) else -1
    except ValueError:
        minor = -1
    if minor < 0:
        raise ValueError(_('write the amount in quotes, not negative, such as "0.50"'))
    return value


def _exchange_rate(value: object) -> object:
    try:
        rate = Decimal(value) if isinstance(value, str) else Decimal(0)
    except ArithmeticError:
        rate = Decimal(0)
    if not rate.is_finite() or rate <= 0 or rate != round(rate, RATE_DIGITS):
        raise ValueError(_('write the exchange rate in quotes, above 0, such as "7.1012"'))
    return value


Percent = Annotated[str, BeforeValidator(_rate)]
Sum = Annotated[str, BeforeValidator(_sum)]
ExchangeRate = Annotated[str, BeforeValidator(_exchange_rate)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
# A Beancount name, a code or a Chinese name; `beanclear.ledger.naming` finds the account.
AccountText = Annotated[str, Field(min_length=1)]


def ppm_of(percent: str) -> int:
    """A percentage such as `0.6` in millionths: 6000."""
    return int(Decimal(percent) * _PPM_OF_PERCENT)


class Section(BaseModel):
    """What all sections share: nothing is converted, nothing unknown passes."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True)


class Dated(Section):
    """A rule that holds from a day on; none: always."""

    start: datetime.date | None = Field(default=None, alias="from")
