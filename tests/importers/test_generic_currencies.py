"""Foreign wallets through `[[tables]]`: several currencies in one file, fees in a column."""

from __future__ import annotations

import datetime
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from beanclear.importers.registry import read_document
from beanclear.ledger.config import Config
from beanclear.ledger.statement import Grade, Statement
from beanclear.ledger.table_mapping import TableMapping
from beanclear.ledger.tables import to_records

# The activity report of PayPal: balances run by currency, an exchange is two rows that name
# each other.
PAYPAL: dict[str, Any] = {
    "name": "paypal",
    "match": ["Transaction ID", "Reference Txn ID", "Gross", "Fee", "Net"],
    "stage": "wallet",
    "source": "paypal",
    "platform": "shop",
    "currency_column": "Currency",
    "columns": {
        "occurred_at": "Date",
        "amount": "Gross",
        "fee": "Fee",
        "balance": "Balance",
        "record_id": "Transaction ID",
        "trade_id": "Reference Txn ID",
        "order_id": "Invoice Number",
        "kind": "Type",
    },
    "date_format": "%d/%m/%Y",
    "kinds": {
        "Website Payment": "sale",
        "Payment Refund": "refund",
        "General Currency Conversion": "conversion",
        "General Withdrawal": "payout",
    },
}
HEADER = "Date,Type,Currency,Gross,Fee,Net,Transaction ID,Reference Txn ID,Invoice Number,Balance\n"
TEXT = HEADER + (
    "01/07/2026,Website Payment,USD,100.00,-3.20,96.80,T1,,A-1,96.80\n"
    '02/07/2026,Website Payment,JPY,"12,000",-500,"11,500",T2,,A-2,"11,500"\n'
    "03/07/2026,General Currency Conversion,USD,-96.80,0.00,-96.80,T3,T4,,0.00\n"
    "03/07/2026,General Currency Conversion,CNY,690.00,0.00,690.00,T4,T3,,690.00\n"
    '04/07/2026,Payment Refund,JPY,-600,20,-580,T5,T2,A-2,"10,920"\n'
    "05/07/2026,General Withdrawal,CNY,-690.00,0.00,-690.00,T6,,,0.00\n"
)


def read(tmp_path: Path, text: str, **changes: object) -> dict[str, Statement]:
    path = tmp_path / "activity.csv"
    path.write_text(text, encoding="utf-8")
    config = Config(tables=(TableMapping.model_validate(PAYPAL | changes),))
    found = read_document(path, config=config)
    assert len({one.currency for one in found}) == len(found)
    return {one.currency: one for one in found}


def lines(statement: Statement) -> list[tuple[str, str, int, int | None, str]]:
    return [
        (one.record_id, one.kind.value, one.amount_minor, one.balance_minor, one.currency)
        for one in to_records(statement.records)
    ]


def test_a_statement_for_each_currency_proven_by_itself(tmp_path: Path) -> None:
    found = read(tmp_path, TEXT)
    assert {code: one.grade for code, one in found.items()} == dict.fromkeys(
        ("CNY", "JPY", "USD"), Grade.PROVEN
    )
    assert lines(found["USD"]) == [
        ("T1", "sale", 10000, 10000, "USD"),
        ("T1/fee", "payment_fee", -320, 9680, "USD"),
        ("T3", "conversion", -9680, 0, "USD"),
    ]
    assert lines(found["JPY"]) == [
        ("T2", "sale", 12000, 12000, "JPY"),
        ("T2/fee", "payment_fee", -500, 11500, "JPY"),
        ("T5", "refund", -600, 10900, "JPY"),
        ("T5/fee", "payment_fee_refund", 20, 10920, "JPY"),
    ]
    assert lines(found["CNY"]) == [
        ("T4", "conversion", 69000, 69000, "CNY"),
        ("T6", "payout", -69000, 0, "CNY"),
    ]
    assert {(one.opening_minor, one.closing_minor) for one in found.values()} == {
        (0, 0), (0, 10920),
    }  # fmt: skip


def test_every_currency_speaks_for_the_days_of_the_file(tmp_path: Path) -> None:
    spans = [one.span for one in read(tmp_path, TEXT).values()]
    assert {(str(s.first), str(s.last)) for s in spans if s} == {("2026-07-01", "2026-07-04")}


def test_a_balance_that_does_not_follow_in_its_currency(tmp_path: Path) -> None:
    found = read(tmp_path, TEXT.replace('T5,T2,A-2,"10,920"', 'T5,T2,A-2,"10,921"'))
    assert {code: one.grade.value for code, one in found.items()} == {
        "CNY": "proven", "JPY": "contradicted", "USD": "proven",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (",JPY,", ",Gold,", ("unknown-value", 3, "Currency: 'Gold' is not known here")),
        ('"12,000"', "12000.5", ("fine-amount", 3, "")),
        ("T5,T2", "T2,T2", ("duplicate-id", 6, "the id 'T2' stands on another row too")),
    ],
)
def test_faults(tmp_path: Path, old: str, new: str, expected: tuple[str, int, str]) -> None:
    found = read(tmp_path, TEXT.replace(old, new, 1))
    faults = [fault for one in found.values() for fault in one.faults]
    assert [(fault.code, fault.row) for fault in faults] == [expected[:2]]
    assert faults[0].what.startswith(expected[2])
    assert Grade.CONTRADICTED in {one.grade for one in found.values()}
    for one in found.values():
        assert one.rows_read == one.rows_used + one.rows_reported


def test_two_sides_that_share_a_number(tmp_path: Path) -> None:
    found = read(tmp_path, TEXT.replace("T4,T3", "T3,T3").replace("T3,T4", "T3,T3"))
    ids = {code: [line[0] for line in lines(one)] for code, one in found.items()}
    assert (ids["CNY"], ids["USD"]) == (["T3", "T6"], ["T1", "T1/fee", "T3/2"])


def test_one_currency_is_read_as_before(tmp_path: Path) -> None:
    yen = HEADER + "".join(line for line in TEXT.splitlines(keepends=True) if ",JPY," in line)
    (statement,) = read(tmp_path, yen).values()
    assert statement.currency == "JPY"
    assert lines(statement) == lines(read(tmp_path, TEXT)["JPY"])


# A wallet that exchanges on the way to the bank, as PingPong and WorldFirst do: one row says what
# left in dollars and what arrives in yuan.
ABROAD: dict[str, Any] = {
    "name": "pingpong",
    "match": ["时间", "交易类型", "到账金额"],
    "stage": "wallet",
    "source": "pingpong",
    "currency_column": "币种",
    "columns": {
        "occurred_at": "时间",
        "kind": "交易类型",
        "amount": "金额",
        "fee": "手续费",
        "balance": "余额",
        "converted": "到账金额",
        "record_id": "流水号",
    },
    "kinds": {"收款": "sale", "提现": "payout"},
}
ROWS = "时间,交易类型,币种,金额,手续费,余额,到账金额,流水号\n" + (
    "2026-07-01,收款,USD,1000.00,0,1000.00,,P1\n"
    "2026-07-02,提现,USD,-900.00,-9.00,91.00,6390.45,P2\n"
    "2026-07-03,收款,JPY,120000,0,120000,,P3\n"
    "2026-07-04,提现,JPY,-120000,0,0,5760.00,P4\n"
    "2026-07-05,提现,CNY,-1.00,0,0.00,1.00,P5\n"
)


def test_a_payout_that_is_exchanged_on_its_way(tmp_path: Path) -> None:
    path = tmp_path / "pingpong.csv"
    path.write_text(ROWS, encoding="utf-8")
    config = Config(tables=(TableMapping.model_validate(ABROAD),))
    found = read_document(path, config=config)
    assert [one for statement in found for one in lines(statement)] == [
        ("P2/bought", "conversion", 639045, None, "CNY"),
        ("P2/payout", "payout", -639045, None, "CNY"),
        ("P4/bought", "conversion", 576000, None, "CNY"),
        ("P4/payout", "payout", -576000, None, "CNY"),
        ("P5", "payout", -100, 0, "CNY"),
        ("P3", "sale", 120000, 120000, "JPY"),
        ("P4", "conversion", -120000, 0, "JPY"),
        ("P1", "sale", 100000, 100000, "USD"),
        ("P2", "conversion", -90000, 10000, "USD"),
        ("P2/fee", "payment_fee", -900, 9100, "USD"),
    ]
    ties = {
        one.settlement_id
        for statement in found
        for one in to_records(statement.records)
        if one.kind == "conversion"
    }
    assert ties == {"P2", "P4"}
    assert [one.grade.value for one in found] == ["counted", "proven", "proven"]
    for one in found:
        assert one.rows_read == one.rows_used
    ids = [one.record_id for statement in found for one in to_records(statement.records)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ["formats.md", "formats.zh.md"])
def test_the_documented_table_is_this_one(name: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / name).read_text(encoding="utf-8")
    (block,) = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    config = Config.model_validate(tomllib.loads(block))
    more = {
        "fee_sign": "signed",
        "keep": {"Status": ("Completed",)},
        "leave_out": {"Balance Impact": ("Memo",)},
    }
    assert config.tables == (TableMapping.model_validate(PAYPAL | more),)
    assert config.booked_rate("USD", datetime.date(2026, 7, 1)) == Decimal("7.1012")
    assert config.booked_rate("USD", datetime.date(2026, 6, 30)) is None
