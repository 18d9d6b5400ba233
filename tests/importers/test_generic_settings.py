"""What each setting of a mapped table does to a small file."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from beanclear.importers.registry import read_document
from beanclear.ledger.config import Config
from beanclear.ledger.records import Record
from beanclear.ledger.statement import Grade, Statement
from beanclear.ledger.table_mapping import TableMapping
from beanclear.ledger.tables import to_records

COLUMNS = {"occurred_at": "时间", "amount": "金额", "kind": "类型", "record_id": "号"}
TABLE: dict[str, Any] = {
    "name": "mine",
    "match": ["时间", "金额", "号"],
    "stage": "wallet",
    "source": "mine",
    "platform": "shop",
    "columns": COLUMNS,
    "kinds": {"货款": "sale", "退款": "refund", "服务费": "fee", "提现": "payout"},
}


def table(columns: dict[str, str] | None = None, **changes: object) -> dict[str, Any]:
    return TABLE | {"columns": COLUMNS | (columns or {})} | changes


def read(tmp_path: Path, mapping: dict[str, Any], text: str) -> Statement:
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    config = Config(tables=(TableMapping.model_validate(mapping),))
    (statement,) = read_document(path, config=config)
    assert statement.rows_read == statement.rows_accounted_for
    return statement


def records(tmp_path: Path, mapping: dict[str, Any], text: str) -> list[Record]:
    statement = read(tmp_path, mapping, text)
    assert statement.faults == ()
    return list(to_records(statement.records))


def money(found: list[Record]) -> list[tuple[str, int]]:
    return [(one.kind.value, one.amount_minor) for one in found]


def faults(statement: Statement) -> list[tuple[str, int | None]]:
    assert statement.grade is Grade.CONTRADICTED
    return [(one.code, one.row) for one in statement.faults]


# -- direction ----------------------------------------------------------------------------

WAYS = {"收入": "in", "支出": "out"}
LEDGER = (
    "号,时间,类型,方向,金额\n"
    "1,2026-07-01 10:00:00,货款,收入,100.00\n"
    "2,2026-07-01 10:00:01,服务费,支出,1.00\n"
    "3,2026-07-05 10:00:00,退款,支出,30.00\n"
    "4,2026-07-31 10:00:00,提现,支出,69.00\n"
)
SIGNED = LEDGER.replace("支出,", "支出,-")
DIRECTED = table({"direction": "方向"}, direction=WAYS)
MOVED = [("sale", 10000), ("fee", -100), ("refund", -3000), ("payout", -6900)]


@pytest.mark.parametrize(
    ("changes", "text"), [({}, LEDGER), ({"sign": "signed"}, SIGNED)], ids=["unsigned", "signed"]
)
def test_a_direction_column(tmp_path: Path, changes: dict[str, Any], text: str) -> None:
    assert money(records(tmp_path, DIRECTED | changes, text)) == MOVED


@pytest.mark.parametrize(
    ("changes", "text", "expected"),
    [
        ({}, LEDGER.replace("支出,1.00", "冻结,1.00"), [("unknown-direction", 3)]),
        ({}, SIGNED, [("other-direction", row) for row in (3, 4, 5)]),
        ({"sign": "signed"}, LEDGER, [("other-direction", row) for row in (3, 4, 5)]),
        ({}, LEDGER.replace("退款,支出", "退款,收入"), [("table-direction", 4)]),
    ],
)
def test_a_direction_that_is_none(
    tmp_path: Path, changes: dict[str, Any], text: str, expected: list[tuple[str, int]]
) -> None:
    statement = read(tmp_path, DIRECTED | changes, text)
    assert faults(statement) == expected
    assert statement.rows_used == 4 - len(expected)


@pytest.mark.parametrize("words", [("S", "H"), ("D", "K"), ("out", "in"), ("Debit *", "Credit *")])
def test_words_of_any_language(tmp_path: Path, words: tuple[str, str]) -> None:
    out, come = words
    shown = (out.replace("*", "card"), come.replace("*", "card"))
    text = LEDGER.replace("支出", shown[0]).replace("收入", shown[1])
    assert (
        money(records(tmp_path, DIRECTED | {"direction": {out: "out", come: "in"}}, text)) == MOVED
    )


def test_without_its_direction_the_kinds_refuse_the_file(tmp_path: Path) -> None:
    found = read(tmp_path, TABLE, LEDGER)
    assert faults(found) == [("table-direction", row) for row in (3, 4, 5)]
    assert "30.00 as refund would go the wrong way: it only goes out" in found.faults[1].what
    assert "[[tables]] mine" in found.faults[1].todo


def test_a_reversal_that_is_declared(tmp_path: Path) -> None:
    text = LEDGER + "5,2026-08-01 10:00:00,退款,收入,30.00\n"
    found = records(tmp_path, DIRECTED | {"reversals": ["refund"]}, text)
    assert money(found)[-1] == ("refund", 3000)


# -- fees ---------------------------------------------------------------------------------

FEE = {"fee": "费"}
FEES = (
    "号,时间,类型,金额,费,净额\n"
    "1,2026-07-01,货款,100.00,3.20,96.80\n"
    "2,2026-07-02,货款,50.00,1.70,48.30\n"
)
CHARGED = [("sale", 10000), ("payment_fee", -320), ("sale", 5000), ("payment_fee", -170)]
NEGATIVE = FEES.replace(",3.20", ",-3.20").replace(",1.70", ",-1.70")


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        (table(FEE, fee_sign="reversed"), FEES),
        (table(FEE, fee_sign="signed"), NEGATIVE),
        (table(FEE), NEGATIVE),
        (table(FEE | {"net": "净额"}), FEES),
        (table(FEE | {"net": "净额"}), NEGATIVE),
        (table(fees=[{"column": "费", "sign": "reversed"}]), FEES),
        (table(FEE | {"amount": "净额"}, fee_sign="reversed", after_fees=True), FEES),
    ],
    ids=["reversed", "signed", "all negative", "net", "net, negative", "listed", "after fees"],
)
def test_the_sign_of_a_fee(tmp_path: Path, mapping: dict[str, Any], text: str) -> None:
    assert money(records(tmp_path, mapping, text)) == CHARGED


@pytest.mark.parametrize(
    ("mapping", "text", "expected"),
    [
        (table(FEE), FEES, [("fee-sign", 2)]),
        (table(FEE), NEGATIVE.replace("-1.70", "1.70"), [("fee-sign", 3)]),
        (
            table(FEE | {"net": "净额"}, fee_sign="signed"),
            FEES,
            [("net-differs", 2), ("net-differs", 3)],
        ),
        (table(FEE | {"net": "净额"}), FEES.replace("96.80", "96.81"), [("net-differs", 2)]),
    ],
    ids=["not said", "both", "said wrongly", "net that is none"],
)
def test_a_fee_that_is_not_sure(
    tmp_path: Path, mapping: dict[str, Any], text: str, expected: list[tuple[str, int]]
) -> None:
    found = faults(read(tmp_path, mapping, text))
    assert set(expected) <= set(found)


def test_a_refund_whose_fee_comes_back_beside_charges_that_are_negative(tmp_path: Path) -> None:
    text = NEGATIVE + "3,2026-07-03,退款,-20.00,0.50,-19.50\n"
    assert money(records(tmp_path, table(FEE), text))[-2:] == [
        ("refund", -2000),
        ("payment_fee_refund", 50),
    ]


PARTS = (
    "号,时间,类型,动账,补贴,服务费,佣金,余额\n"
    "1,2026-07-01,货款,48.50,10,-1.50,0,148.50\n"
    "2,2026-07-02,货款,26.00,0,-1.00,-3.00,174.50\n"
    "3,2026-07-03,退款,-40.00,0,0.20,0,134.50\n"
)
PARTED = table(
    {"amount": "动账", "balance": "余额"},
    match=["时间", "动账"],
    fee_sign="signed",
    after_fees=True,
    fees=[
        {"column": "补贴", "kind": "subsidy"},
        {"column": "服务费", "kind": "fee"},
        {"column": "佣金", "kind": "affiliate"},
    ],
)


def test_several_columns_of_fees_each_with_its_kind(tmp_path: Path) -> None:
    found = records(tmp_path, PARTED, PARTS)
    assert [
        (one.record_id, one.kind.value, one.amount_minor, one.balance_minor) for one in found
    ] == [
        ("1", "sale", 4000, 14000),
        ("1/补贴", "subsidy", 1000, 15000),
        ("1/服务费", "fee", -150, 14850),
        ("2", "sale", 3000, 17850),
        ("2/服务费", "fee", -100, 17750),
        ("2/佣金", "affiliate", -300, 17450),
        ("3", "refund", -4020, 13430),
        ("3/服务费", "fee_refund", 20, 13450),
    ]
    assert read(tmp_path, PARTED, PARTS).grade is Grade.PROVEN
    assert found[4].kind_raw == "服务费"


def test_a_fee_that_goes_the_wrong_way(tmp_path: Path) -> None:
    text = PARTS.replace("-3.00,174.50", "3.00,174.50")
    assert faults(read(tmp_path, PARTED, text)) == [("fee-direction", 3)]


# -- kinds --------------------------------------------------------------------------------


def test_kinds_by_part_of_the_text_and_by_sign(tmp_path: Path) -> None:
    text = (
        "号,时间,类型,金额\n"
        "1,2026-07-01,退款-结算后-退用户,-5.00\n"
        "2,2026-07-02,提现,-9.00\n"
        "3,2026-07-03,提现,9.00\n"
        "4,2026-07-04,Radar (2026-07),-0.02\n"
        "5,2026-07-05,Radar refund,0.02\n"
        "6,2026-07-06,别的,1.00\n"
    )
    kinds = {
        "Radar*": "fee",
        "Radar refund": "fee_refund",
        "退款-*": "refund",
        "提现": {"in": "payout_return", "out": "payout"},
    }
    assert [kind for kind, _amount in money(records(tmp_path, table(kinds=kinds), text))] == [
        "refund", "payout", "payout_return", "fee", "fee_refund", "other",
    ]  # fmt: skip


def test_one_kind_for_every_line(tmp_path: Path) -> None:
    text = "号,时间,金额\n1,2026-07-01,5.00\n2,2026-07-02,-2.00\n"
    columns = {name: header for name, header in COLUMNS.items() if name != "kind"}
    by_sign = {"kinds": {}, "columns": columns, "kind": {"in": "sale", "out": "refund"}}
    assert money(records(tmp_path, TABLE | by_sign, text)) == [("sale", 500), ("refund", -200)]


# -- rows left out ------------------------------------------------------------------------

ROWS = (
    "号,时间,类型,状态,金额,余额\n"
    ",,,,收入+支出,\n"
    "0,2026-07-01 09:00:00,授权,Pending,100.00,0.00\n"
    "1,2026-07-01 09:05:00,货款,Completed,96.10,96.10\n"
    "2,2026-07-02 09:05:00,货款,Completed,47.80,143.90\n"
    "3,2026-07-03 09:05:00,授权,Denied,5.00,143.90\n"
    "合计 4 笔,,,,248.90,\n"
)


@pytest.mark.parametrize(
    ("rules", "notes"),
    [
        (
            {"leave_out": {"状态": ["Pending", "Denied"], "时间": [""]}},
            (
                "left out 2 rows: 时间 is empty",
                "left out 1 row: 状态 = Denied",
                "left out 1 row: 状态 = Pending",
            ),
        ),
        (
            {"keep": {"状态": ["Compl*"]}},
            (
                "left out 2 rows: 状态 is empty",
                "left out 1 row: 状态 = Denied",
                "left out 1 row: 状态 = Pending",
            ),
        ),
    ],
)
def test_rows_that_are_left_out_are_counted_and_told(
    tmp_path: Path, rules: dict[str, Any], notes: tuple[str, ...]
) -> None:
    statement = read(tmp_path, table({"balance": "余额"}, **rules), ROWS)
    assert (statement.rows_read, statement.rows_used, statement.rows_left_out) == (6, 2, 4)
    assert statement.notes == notes
    assert (statement.grade, statement.opening_minor) == (Grade.PROVEN, 0)


def test_rows_that_are_not_left_out_are_faults(tmp_path: Path) -> None:
    assert {code for code, _row in faults(read(tmp_path, table({"balance": "余额"}), ROWS))} == {
        "missing-cell", "table-amount",
    }  # fmt: skip


# -- moments ------------------------------------------------------------------------------


def moments(tmp_path: Path, mapping: dict[str, Any], *cells: str) -> list[str]:
    head = "号,时间,钟点,类型,金额\n"
    text = head + "".join(f"{n},{cell},货款,1.00\n" for n, cell in enumerate(cells, 1))
    return [f"{one.occurred_at:%F %T}" for one in records(tmp_path, mapping, text)]


def test_date_and_time_in_two_columns(tmp_path: Path) -> None:
    both = {"time": "钟点"}
    assert moments(tmp_path, table(both), "2026-07-01,09:05:07") == ["2026-07-01 09:05:07"]
    mapping = table(both, date_format="%d/%m/%Y %H:%M:%S")
    assert moments(tmp_path, mapping, "31/07/2026,23:05:07") == ["2026-07-31 23:05:07"]
    zoned = mapping | {"time_zone": "America/Los_Angeles"}
    assert moments(tmp_path, zoned, "31/07/2026,23:05:07") == ["2026-08-01 14:05:07"]


def test_moments_are_those_of_one_zone_on_every_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = table(date_format="%Y-%m-%d %H:%M:%S %z")
    for zone in ("America/New_York", "Asia/Shanghai"):
        monkeypatch.setenv("TZ", zone)
        assert (
            moments(tmp_path, mapping, "2026-08-01 01:00:00 +0800,", "2026-07-31 17:00:00 +0000,")
            == [
                "2026-08-01 01:00:00",
            ]
            * 2
        )


def test_a_zone_without_a_format(tmp_path: Path) -> None:
    mapping = table(time_zone="UTC")
    assert moments(tmp_path, mapping, "2026-07-31 17:00:00,") == ["2026-08-01 01:00:00"]


@pytest.mark.parametrize(
    ("changes", "cell", "message"),
    [
        (
            {"date_format": "%Y-%m-%d"},
            "03/07/2026",
            "occurred_at (时间): '03/07/2026' does not fit date_format '%Y-%m-%d'",
        ),
        (
            {},
            "03/07/2026",
            "occurred_at (时间): '03/07/2026' is no date such as 2026-07-03 or 2026/7/3 09:05:00",
        ),
        # Read by the format alone: an ISO date may be another day than it looks like.
        (
            {"date_format": "%d/%m/%Y"},
            "2026-07-03",
            "occurred_at (时间): '2026-07-03' does not fit date_format '%d/%m/%Y'",
        ),
    ],
)
def test_a_date_that_does_not_fit(
    tmp_path: Path, changes: dict[str, Any], cell: str, message: str
) -> None:
    statement = read(tmp_path, table(**changes), f"号,时间,类型,金额\n1,{cell},货款,1.00\n")
    assert [one.what for one in statement.faults] == [message]
    assert "[[tables]] mine" in statement.faults[0].todo


# -- references and sides -----------------------------------------------------------------


def test_every_reference_and_the_counterparty_by_sign(tmp_path: Path) -> None:
    names = (
        "order_id", "parent_order_id", "trade_id", "refund_id", "settlement_id", "payout_id",
        "bank_ref", "waybill_id",
    )  # fmt: skip
    columns = {name: name for name in names} | {"payer": "付款人", "payee": "收款人"}
    text = (
        f"号,时间,类型,金额,付款人,收款人,{','.join(names)},,\n"
        f"1,2026-07-01,货款,5.00,甲,乙,{','.join(f'{name}-1' for name in names)}\n"
        f"2,2026-07-01,退款,-5.00,甲,乙,{','.join('' for _ in names)}\n"
    )
    first, second = records(tmp_path, table(columns), text)
    assert [getattr(first, name) for name in names] == [f"{name}-1" for name in names]
    assert (first.counterparty, second.counterparty) == ("甲", "乙")


# -- batches ------------------------------------------------------------------------------


def test_a_payout_of_each_batch(tmp_path: Path) -> None:
    text = (
        "号,时间,类型,金额,费,批次,付款日\n"
        "1,2026-07-09 10:00:00,货款,100.00,3.20,9001,2026-07-12\n"
        "2,2026-07-10 10:00:00,退款,-20.00,0.00,9001,2026-07-12\n"
        "3,2026-07-11 10:00:00,货款,50.00,0.00,9002,2026-07-14\n"
        "4,2026-07-12 10:00:00,货款,7.00,0.00,,\n"
    )
    columns = {"fee": "费", "payout_id": "批次", "paid_out_at": "付款日"}
    mapping = table(columns, fee_sign="reversed", payouts="batches")
    found = records(tmp_path, mapping, text)[-2:]
    assert [
        (one.record_id, one.kind.value, one.amount_minor, f"{one.booked_on}", one.payout_id)
        for one in found
    ] == [
        ("payout/9001", "payout", -7680, "2026-07-12", "9001"),
        ("payout/9002", "payout", -5000, "2026-07-14", "9002"),
    ]
    assert found[0].order_id is None


# -- orders -------------------------------------------------------------------------------

ORDERS: dict[str, Any] = {
    "name": "orders",
    "match": ["订单号", "下单时间", "应付金额"],
    "stage": "order",
    "source": "jd",
    "platform": "jd",
    "statuses": {"完成": "completed", "等待*": "paid", "*取消*": "closed"},
    "columns": {
        "order_id": "订单号",
        "ordered_at": "下单时间",
        "paid_at": "付款时间",
        "completed_at": "完成时间",
        "amount": "应付金额",
        "status": "订单状态",
        "merchant_discount": "优惠",
        "refunded": "已退",
        "tax": "税",
    },
}
BOUGHT = (
    "订单号,下单时间,付款时间,完成时间,应付金额,订单状态,优惠,已退,税\n"
    "1,2026-07-01 14:00:00,2026-07-01 14:01:00,2026-07-08 10:00:00,36.80,完成,1.20,0,4.23\n"
    "2,2026-07-02 14:00:00,2026-07-02 14:01:00,,20.00,等待出库,,5.00,\n"
    "3,2026-07-03 14:00:00,,,9.00,(已取消),,,\n"
)


def test_an_export_of_orders(tmp_path: Path) -> None:
    first, second, third = records(tmp_path, ORDERS, BOUGHT)
    assert (first.record_id, first.order_id, first.platform, first.stage.value) == (
        "1", "1", "jd", "order",
    )  # fmt: skip
    assert [str(one.status) for one in (first, second, third)] == ["completed", "paid", "closed"]
    assert (first.amount_minor, first.merchant_discount_minor, first.tax_minor) == (3680, 120, 423)
    assert (first.refunded_minor, second.refunded_minor, third.refunded_minor) == (0, 500, None)
    assert first.booked_on == datetime.date(2026, 7, 1)
    assert f"{first.occurred_at:%F %T}" == f"{third.known_at:%F %T}" == "2026-07-08 10:00:00"


def test_orders_without_a_status_are_what_their_moments_say(tmp_path: Path) -> None:
    columns = {name: header for name, header in ORDERS["columns"].items() if name != "status"}
    found = records(tmp_path, ORDERS | {"columns": columns, "statuses": {}}, BOUGHT)
    assert [str(one.status) for one in found] == ["completed", "paid", "created"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("等待出库", "飞走", ("unknown-status", 3)),
        ("20.00", "-20.00", ("wrong-sign", 3)),
        (",5.00", ",25.00", ("over-refunded", 3)),
        ("2026-07-02 14:01:00", "", ("missing-cell", 3)),
        ("2026-07-02 14:01:00", "2026-07-01 14:01:00", ("early-moment", 3)),
        ("\n2,", "\n1,", ("duplicate-id", 3)),
        ("\n2,", "\n,", ("missing-cell", 3)),
    ],
)
def test_orders_that_are_not_right(
    tmp_path: Path, old: str, new: str, expected: tuple[str, int]
) -> None:
    assert old in BOUGHT
    assert expected in faults(read(tmp_path, ORDERS, BOUGHT.replace(old, new, 1)))
