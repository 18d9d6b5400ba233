"""The directions of the kinds: one table, checked for every importer."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beanclear.importers.directions import direction_faults, wrong_way
from beanclear.importers.registry import importers
from beanclear.ledger.records import COMES_IN, GOES_OUT, Kind
from tests.importers.conftest import Faults

LINES = st.lists(st.tuples(st.sampled_from(list(Kind)), st.integers(-(10**12), 10**12)))


def table(lines: list[tuple[Kind, int]]) -> pa.Table:
    return pa.table(
        {
            "row": pa.array(range(2, len(lines) + 2), pa.int32()),
            "kind": pa.array([str(kind) for kind, _amount in lines], pa.string()),
            "amount_minor": pa.array([amount for _kind, amount in lines], pa.int64()),
            "currency": pa.array(["CNY"] * len(lines), pa.string()),
        }
    )


def goes_wrong(kind: Kind, amount: int) -> bool:
    return (kind in COMES_IN and amount < 0) or (kind in GOES_OUT and amount > 0)


@given(LINES, st.sets(st.sampled_from(list(Kind))))
def test_what_goes_the_other_way_is_found(
    lines: list[tuple[Kind, int]], reversals: set[Kind]
) -> None:
    expected = [goes_wrong(kind, amount) and kind not in reversals for kind, amount in lines]
    assert wrong_way(table(lines), reversals).tolist() == expected


def test_no_kind_has_both_directions_as_its_only_one() -> None:
    assert not COMES_IN & GOES_OUT


def test_importers_declare_only_kinds_that_have_a_direction() -> None:
    for importer in importers():
        assert importer.reversals <= COMES_IN | GOES_OUT, importer.name


def test_the_fault_says_which_way_is_right() -> None:
    found = direction_faults(table([(Kind.REFUND, 3000), (Kind.SALE, -5)]), "a.csv")
    assert [str(one).partition(": correct")[0] for one in found] == [
        "a.csv:2: 30.00 as refund would go the wrong way: it only goes out",
        "a.csv:3: -0.05 as sale would go the wrong way: it only comes in",
    ]


PINDUODUO = (
    "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述\n"
    "260701-1,2026-07-01 10:00:00,{income},{expense},{deal},,{code}\n"
)


@pytest.mark.parametrize(
    ("income", "expense", "deal", "code", "wrong"),
    [
        ("10.00", "", "交易收入", "0010002|订单收入", False),
        ("", "-10.00", "交易收入", "0010002|订单收入", True),
        ("", "-3.00", "优惠券结算", "0010005|优惠券结算", False),  # a subsidy clawed back
        ("3.00", "", "交易退款", "0020002|订单退款", False),  # a refund that failed
        ("0.60", "", "技术服务费", "0030002|技术服务费", False),  # a fee that comes back
        ("1.00", "", "营销费用", "0060001|多多进宝", False),
    ],
)
def test_a_built_in_importer(  # noqa: PLR0917 - the line, and what is said of it
    income: str, expense: str, deal: str, code: str, wrong: bool, faults: Faults
) -> None:
    text = PINDUODUO.format(income=income, expense=expense, deal=deal, code=code)
    assert [found[:2] for found in faults(text)] == ([("wrong-direction", 2)] if wrong else [])
