"""Strings and amounts as Beancount text, outside text made harmless (P10)."""

from __future__ import annotations

import re

from beancount.core.amount import Amount

from beanclear.ledger.money import minor_digits, to_decimal, to_minor

_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]+"
)
_HTML = str.maketrans({"<": "＜", ">": "＞"})


def clean(text: str) -> str:
    """Outside text made harmless (P10): no control or bidi characters, no `<` or `>`."""
    return _CONTROL.sub(" ", text).translate(_HTML).strip()


def quote(text: str) -> str:
    """`text` as a Beancount string, cleaned and escaped."""
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def amount(minor: int, currency: str) -> Amount:
    """Minor units as a Beancount amount with all minor digits."""
    return Amount(to_decimal(minor, currency), currency)


def minor(value: Amount) -> int:
    """A Beancount amount as minor units of its currency."""
    assert value.number is not None  # noqa: S101 - none only while Beancount books
    return to_minor(value.number, value.currency)


def format_amount(value: Amount) -> str:
    """An amount with all its minor digits: `128.00 CNY`."""
    assert value.number is not None  # noqa: S101 - none only while Beancount books
    return f"{value.number:.{minor_digits(value.currency)}f} {value.currency}"
