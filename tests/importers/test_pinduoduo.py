"""Pinduoduo: order export and 账务明细."""

from __future__ import annotations

from pathlib import Path

import pytest

from beanclear.importers.registry import read_document
from beanclear.ledger.errors import SourceError
from beanclear.ledger.statement import Grade, Statement
from beanclear.ledger.tables import to_records
from tests.importers.conftest import FIXTURES, Faults, Golden, ReadText

ORDERS = (FIXTURES / "pinduoduo" / "orders.csv").read_text(encoding="utf-8-sig")
LEDGER = (FIXTURES / "pinduoduo" / "ledger.csv").read_text(encoding="gb18030")


def one(path: Path) -> Statement:
    (statement,) = read_document(path)
    return statement


@pytest.mark.parametrize("name", ["orders", "ledger"])
def test_golden(name: str, golden: Golden) -> None:
    golden(f"pinduoduo/{name}.csv")


@pytest.mark.parametrize(
    ("state", "after_sale", "status"),
    [
        ("待付款", "", "created"),
        ("待发货", "无售后或售后取消", "paid"),
        ("未发货", "售后处理中", "paid"),
        ("已发货，待签收", "", "shipped"),
        ("已签收", "部分退款成功", "shipped"),
        ("已收货", "退款成功", "completed"),
        ("未发货，退款成功", "退款成功", "closed"),
        ("已签收，退款成功", "退款成功", "closed"),
        ("已取消，退款成功", "", "closed"),
    ],
)
def test_status(state: str, after_sale: str, status: str, read_text: ReadText) -> None:
    header = "订单号,订单状态,商家实收金额(元),售后状态"
    statement = read_text(f"{header}\n260620-1,{state},8.00,{after_sale}\n")
    assert statement.records.column("status").to_pylist() == [status]


def test_buyers_are_not_read() -> None:
    text = str(one(FIXTURES / "pinduoduo" / "orders.csv").records.to_pylist())
    assert "张三" not in text
    assert "13800000000" not in text


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("待发货", "飞走了", ("unknown-value", 6, "订单状态: '飞走了' is not known here")),
        (",27.5,27.5,", ",27.5,-27.5,", ("wrong-sign", 3, "商家实收金额(元): '-27.50' has a sign")),
        (",27.5,27.5,", ",27.5,,", ("missing-cell", 3, "商家实收金额(元) is empty")),
        ("260621-1", "X-1", ("missing-cell", 3, "订单成交时间 is empty")),
        ("260621-100000000000002", "2.6E+14", ("lost-digits", 3, "订单号: the id '2.6E+14'")),
    ],
)
def test_order_faults(old: str, new: str, expected: tuple[str, int, str], faults: Faults) -> None:
    assert old in ORDERS
    ((code, row, message),) = faults(ORDERS.replace(old, new, 1))
    assert (code, row) == expected[:2]
    assert message.startswith(expected[2])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("61.80,0,", ",,", ("missing-cell", 6, "收入金额(+元) is empty")),
        ("61.80,0,", "-61.80,0,", ("wrong-sign", 6, "收入金额(+元): '-61.80' has a sign")),
        ("0,-0.38,", "0,0.38,", ("wrong-sign", 8, "支出金额(-元): '0.38' has a sign")),
        ("2026-06-20 23:30:43", "昨天", ("bad-moment", 6, "发生时间: '昨天' is no date")),
    ],
)
def test_ledger_faults(old: str, new: str, expected: tuple[str, int, str], faults: Faults) -> None:
    assert old in LEDGER
    ((code, row, message),) = faults(LEDGER.replace(old, new, 1).encode("gb18030"))
    assert (code, row) == expected[:2]
    assert message.startswith(expected[2])


def test_equal_rows_are_told_apart_and_keep_their_ids(read_text: ReadText) -> None:
    whole = read_text(LEDGER).records.column("record_id").to_pylist()
    lines = LEDGER.splitlines()
    later = read_text("\n".join([lines[4], *lines[10:]]) + "\n", "later.csv")
    assert len(set(whole)) == len(whole) == 14
    assert later.records.column("record_id").to_pylist() == whole[5:]


def test_period_that_ends_at_midnight_ends_the_day_before(read_text: ReadText) -> None:
    text = LEDGER.replace("2026-06-30 23:59:59", "2026-07-01 00:00:00")
    span = read_text(text).span
    assert span is not None
    assert (str(span.first), str(span.last)) == ("2026-06-01", "2026-06-30")


def test_samples(samples: Path) -> None:
    folder = samples / "cn" / "pdd"
    orders = one(folder / "inline_frankford824_pdd_订单导出.xlsx")
    assert [(r.status, str(r.booked_on), r.completed_at) for r in to_records(orders.records)] == [
        ("completed", "2026-05-17", None),
        ("completed", "2026-05-01", None),
        ("completed", "2026-06-01", None),
    ]
    ledger = one(folder / "inline_frankford824_pdd_账务明细_rows.xlsx")
    assert [(r.kind, r.amount_minor) for r in to_records(ledger.records)] == [
        ("sale", 14692),
        ("fee_refund", 9),
        ("refund", -2750),
        ("other", -814),
    ]
    raw = one(folder / "inline_frankford824_pdd_账务明细_原始preamble_GB18030.csv")
    assert raw.span is not None
    assert (raw.grade, str(raw.span.first), str(raw.span.last)) == (
        Grade.COUNTED,
        "2026-06-01",
        "2026-06-30",
    )
    assert one(folder / "shopex-oms_pdd_ledger_header-template.xlsx").rows_used == 0


def test_advertising_export_is_no_statement(samples: Path) -> None:
    """It shows what was spent by day and item, not what moved in an account."""
    with pytest.raises(SourceError) as caught:
        read_document(samples / "cn" / "pdd" / "inline_frankford824_pdd_推广_总计行.xlsx")
    assert [fault.code for fault in caught.value.faults] == ["unknown-header"]
