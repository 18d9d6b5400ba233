"""Taobao's order exports and the WeChat account: statements beside their goldens."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from beanclear.importers.taobao import export_moment
from beanclear.importers.text import CHINA
from beanclear.ledger.statement import Statement

FIXTURES = Path(__file__).parent / "fixtures" / "taobao"
Read = Callable[..., list[Statement]]


@pytest.mark.parametrize(
    "name",
    [
        "ExportOrderList202605020031.csv",
        "orders_new.csv",
        "qianniu.csv",
        "items.csv",
        "wechat_14.csv",
        "wechat_8.csv",
    ],
)
def test_a_statement_gives_its_golden(name: str, golden: Callable[[str], None]) -> None:
    golden(f"taobao/{name}")


def test_the_name_tells_the_moment_of_export() -> None:
    assert export_moment("x/ExportOrderList202605020031 (1).csv") == datetime.datetime(
        2026, 5, 2, 0, 31, tzinfo=CHINA
    )
    assert export_moment("ExportOrderList202613020031.csv") is None
    assert export_moment("orders.csv") is None


def test_a_workbook_gives_the_same_orders_as_the_text(
    read: Read, workbook: Callable[..., Path]
) -> None:
    header = ["订单编号", "买家实际支付金额", "订单状态", "订单创建时间", "收货人姓名"]
    moment = datetime.datetime(2026, 4, 20, 10, 0)
    path = workbook(
        [
            ["导出说明：请勿修改"],
            header,
            ["5116032541422009305", 96, "交易成功", moment, "张三"],
            ["5116032541422009306", 0.1, "等待买家付款", moment, "李四"],
        ]
    )
    (one,) = read(path)
    assert one.importer == "taobao-orders"
    assert one.faults == ()
    assert one.records.column("order_id").to_pylist() == [
        "5116032541422009305",
        "5116032541422009306",
    ]
    assert one.records.column("amount_minor").to_pylist() == [9600, 10]
    assert one.records.column("row").to_pylist() == [3, 4]
    assert one.records.column("refunded_minor").to_pylist() == [None, None]
    assert [value.isoformat() for value in one.records.column("ordered_at").to_pylist()] == [
        "2026-04-20T10:00:00+08:00"
    ] * 2


def test_an_id_that_a_spreadsheet_kept_as_a_number_is_read(
    read: Read, tmp_path: Path, workbook: Callable[..., Path]
) -> None:
    header = ["订单编号", "买家实际支付金额", "订单状态", "订单创建时间"]
    path = workbook([header, [260501123456789, 1.5, "交易成功", "2026-04-20 10:00:00"]])
    (one,) = read(path)
    assert one.records.column("order_id").to_pylist() == ["260501123456789"]
    text = ",".join(header) + "\n260501123456789.0,1.50,交易成功,2026-04-20 10:00:00\n"
    (tmp_path / "a.csv").write_text(text)
    (other,) = read(tmp_path / "a.csv")
    assert other.records.column("order_id").to_pylist() == ["260501123456789"]


def test_receivers_and_buyers_never_reach_a_record(read: Read) -> None:
    (one,) = read(FIXTURES / "ExportOrderList202605020031.csv")
    text = str(one.records.to_pylist())
    assert [word for word in ("张三", "浙江", "13800000000", "t***", "留言") if word in text] == []


def test_a_snapshot_keeps_one_id_and_a_sub_order_never_meets_its_order(read: Read) -> None:
    orders = {
        number
        for name in ("ExportOrderList202605020031.csv", "orders_new.csv", "qianniu.csv")
        for number in read(FIXTURES / name)[0].records.column("record_id").to_pylist()
    }
    items = set(read(FIXTURES / "items.csv")[0].records.column("record_id").to_pylist())
    assert len(orders) == 6
    assert orders & items == set()
