"""What `[[tables]]` of beanclear.toml accepts, and what it says when it does not."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from beanclear.ledger.records import Kind
from beanclear.ledger.table_mapping import TableMapping

GOOD: dict[str, Any] = {
    "name": "boc",
    "match": ["交易日期", "交易金额"],
    "stage": "bank",
    "source": "boc",
    "columns": {"occurred_at": "交易日期", "amount": "交易金额"},
}


def messages(**changes: object) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        TableMapping.model_validate(GOOD | changes)
    return [error["msg"].removeprefix("Value error, ") for error in caught.value.errors()]


def test_defaults() -> None:
    mapping = TableMapping.model_validate(GOOD)
    assert (mapping.account, mapping.currency, mapping.decimal, mapping.thousands) == (
        "main",
        "CNY",
        ".",
        ",",
    )
    assert mapping.effective_sign == "signed"


def test_income_and_expense_default_to_positive_expense() -> None:
    columns = {"occurred_at": "时间", "income": "收入", "expense": "支出"}
    assert TableMapping.model_validate(GOOD | {"columns": columns}).effective_sign == (
        "expense-positive"
    )


def test_decimal_comma_brings_thousands_point() -> None:
    assert TableMapping.model_validate(GOOD | {"decimal": ","}).thousands == "."


def test_kinds_are_of_the_one_list() -> None:
    mapping = TableMapping.model_validate(GOOD | {"kinds": {"货款": "sale"}})
    assert mapping.kinds == {"货款": Kind.SALE}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"columns": {"occurred_at": "a"}},
            "columns need either amount, or income and expense together: name one of the two",
        ),
        (
            {"columns": {"occurred_at": "a", "amount": "b", "income": "c"}},
            "columns need either amount, or income and expense together: name one of the two",
        ),
        (
            {"decimal": ",", "thousands": ","},
            "decimal and thousands are the same mark: change one of them",
        ),
        (
            {"sign": "expense-positive"},
            'sign "expense-positive" needs the columns income and expense: use "reversed"',
        ),
        (
            {
                "sign": "reversed",
                "columns": {"occurred_at": "a", "income": "b", "expense": "c"},
            },
            'sign "reversed" needs the column amount: use "signed" or "expense-positive"',
        ),
        ({"encoding": "klingon"}, "there is no encoding 'klingon': use utf-8 or gb18030"),
        ({"surprise": 1}, "Extra inputs are not permitted"),
        ({"stage": "shop"}, "Input should be 'bank', 'wallet' or 'order'"),
    ],
)
def test_what_it_says(changes: dict[str, Any], message: str) -> None:
    assert messages(**changes) == [message]
