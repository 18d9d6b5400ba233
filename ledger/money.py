"""Money is integer minor units with a currency; text only at the edges. No float, ever."""

from __future__ import annotations

from decimal import Decimal

from beanclear.ledger import figures

# ISO 4217 exponents that differ from two. A currency that is not here has two minor digits.
_DIGITS = {
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "CLP": 0,
    "ISK": 0,
    "KWD": 3,
    "BHD": 3,
    "JOD": 3,
    "OMR": 3,
    "TND": 3,
}
# The most that one line may move or leave, below which no sum of a year can leave 64 bits: ten
# thousand million units, and more of those that are worth little.
_CEILING = 10**12
_SMALL_UNITS = frozenset({"HUF", "IDR", "KRW", "VND"})
_CEILING_OF_SMALL_UNITS = 10**14
# How many of the largest lines the amounts of one file may come to.
LINES_OF_MOST = 1000


def minor_digits(currency: str) -> int:
    """How many digits after the point `currency` has."""
    return _DIGITS.get(currency, 2)


def ceiling(currency: str) -> int:
    """What the amount of a line must stay below, in minor units: more is an id or a slip."""
    return _CEILING_OF_SMALL_UNITS if currency in _SMALL_UNITS else _CEILING


def to_decimal(minor: int, currency: str) -> Decimal:
    """`12345` of CNY is `Decimal('123.45')`: exact, with all minor digits."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def to_minor(number: Decimal, currency: str) -> int:
    """`Decimal('123.45')` of CNY is `12345`.

    Raises:
      ValueError: when the number is finer than the currency's minor unit.
    """
    scaled = number.scaleb(minor_digits(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{number} {currency} is finer than the minor unit")
    return int(scaled)


def parse_minor(text: str, currency: str) -> int:
    """Read a plain decimal such as `1,234.50`, `-3` or `¥8.00元` as minor units.

    Raises:
      ValueError: when the text is no plain decimal, or finer than the minor unit.
    """
    number = figures.plain(text)
    if number is None:
        raise ValueError(f"{text!r} is not an amount")
    return to_minor(Decimal(number), currency)


def format_minor(minor: int, currency: str) -> str:
    """`-12345` of CNY is `-123.45`: all minor digits, no thousands separators."""
    return f"{to_decimal(minor, currency):f}"
