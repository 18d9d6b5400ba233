"""The shipped chart: which account is which 科目 under either standard, and nothing else.

`catalogue.toml` has the accounts that people use, `beanclear.ledger.chart` those that posting
uses itself. An account of neither has no code until somebody says it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from beanclear.ledger import chart
from beanclear.ledger.chart import AccountSpec
from beanclear.ledger.chart_codes import Standard, in_standard


@dataclass(frozen=True, slots=True)
class Row:
    """One account of the catalogue: its code and names under one standard."""

    name: str
    code: str
    chinese: str
    english: str


@cache
def rows(standard: Standard) -> Mapping[str, Row]:
    """The usual accounts of a standard by name, those that posting uses included."""
    text = resources.files("beanclear.ledger").joinpath("catalogue.toml").read_text("utf-8")
    tables: Mapping[str, Mapping[str, tuple[str, str, str]]] = tomllib.loads(text)
    shared = {
        **{name: chart.spec(name) for name in chart.FIXED},
        **{name: _spec(name, *told) for name, told in tables["both"].items()},
    }
    found = [in_standard(standard, one) for one in shared.values()]
    own = {name: Row(name, *told) for name, told in tables[standard].items()}
    return {one.name: Row(one.name, one.code, one.chinese, one.english) for one in found} | own


def _spec(name: str, code: str, chinese: str, english: str, currency: str = "CNY") -> AccountSpec:
    return AccountSpec(name=name, code=code, chinese=chinese, english=english, currency=currency)


def codes(standard: Standard) -> frozenset[str]:
    """The codes that the catalogue gives away."""
    return frozenset(row.code for row in rows(standard).values())


def known(account: str, currency: str, standard: Standard) -> AccountSpec | None:
    """How an account is opened whose code is certain; none for all others.

    Certain are the accounts of the catalogue, and those that posting makes for a wallet, bank,
    platform or shop.
    """
    row = rows(standard).get(account)
    if row is not None:
        return _spec(row.name, row.code, row.chinese, row.english, currency)
    own = in_standard(standard, chart.spec(account, currency))
    return own if own.code else None
