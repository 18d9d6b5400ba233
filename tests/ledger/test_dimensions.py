"""What a posting belongs to, and where that is said."""

from __future__ import annotations

from typing import Any

import pytest

from beanclear.ledger.dimensions import required, unknown, value_of

NORTH = "Income:Sales:Tmall:North"


@pytest.mark.parametrize(
    ("dimension", "account", "said", "expected"),
    [
        # The posting's own word, then that of its entry, then that of the account.
        ("shop", NORTH, ({"shop": "a"}, {"shop": "b"}, {"shop": "c"}), "a"),
        ("shop", NORTH, ({"shop": " "}, {"shop": "b"}, {"shop": "c"}), "b"),
        ("shop", NORTH, ({}, {}, {"shop": "c"}), "c"),
        # Then the source of an entry of orders, then the account's name.
        ("shop", "Liabilities:Tax:VAT:Output", ({}, {"source": "orders/taobao/旗舰店"}, {}),
         "S-旗舰店"),
        ("platform", "Liabilities:Tax:VAT:Output", ({}, {"source": "orders/taobao"}, {}), "Tmall"),
        ("shop", "Liabilities:Tax:VAT:Output", ({}, {"source": "orders/taobao"}, {}), ""),
        ("platform", "Assets:Receivable:Pinduoduo", ({}, {"source": "pinduoduo/main"}, {}),
         "Pinduoduo"),
        ("shop", NORTH, ({}, {}, {}), "North"),
        ("shop", "Assets:Wallet:Alipay-North:2512", ({}, {}, {}), "North"),
        ("platform", "Assets:Wallet:Alipay-North:2512", ({}, {}, {}), ""),
        ("shop", "Assets:Bank:My-Bank:8826", ({}, {}, {}), ""),  # no bank of ours, no shop
        # What platforms share is nobody's until the posting says it.
        ("platform", "Expenses:Platform:Commission", ({}, {"source": "alipay/2088"}, {}), ""),
        ("platform", "Expenses:Platform:Commission", ({"platform": "Tmall"}, {}, {}), "Tmall"),
        ("project", NORTH, ({}, {"source": "orders/taobao/north"}, {}), ""),
    ],
)  # fmt: skip
def test_where_a_value_is_said(
    dimension: str,
    account: str,
    said: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
    expected: str,
) -> None:
    """`said` is the metadata of the posting, of its entry and of its account."""
    assert value_of(dimension, account, *said) == expected


def test_what_an_account_requires() -> None:
    assert required({"dimensions": "department, project"}) == ("department", "project")
    assert required({}) == ()
    assert unknown({"dimensions": "shop colour"}) == ("colour",)
