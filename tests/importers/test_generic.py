"""Tables that beanclear.toml maps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from beanclear.importers.registry import read_document
from beanclear.ledger.config import Config
from beanclear.ledger.statement import Grade
from beanclear.ledger.table_mapping import TableMapping
from beanclear.ledger.tables import to_records
from tests.importers.conftest import FIXTURES, Faults, Golden, ReadText

BOC: dict[str, Any] = {
    "name": "boc",
    "match": ["交易日期", "交易金额"],
    "stage": "bank",
    "source": "boc",
    "account_column": "账号",
    "currency_column": "币种",
    "columns": {
        "occurred_at": "交易日期",
        "amount": "交易金额",
        "balance": "交易后余额",
        "bank_ref": "交易流水号",
        "counterparty": "收款人名称",
        "memo": "摘要",
        "kind": "类型",
    },
    "date_format": "%d/%m/%Y",
    "decimal": ",",
    "skip_rows": 1,
}
WALLET: dict[str, Any] = {
    "name": "mall",
    "match": ["时间", "流水"],
    "stage": "wallet",
    "source": "mall",
    "account": "M-1",
    "platform": "shop",
    "columns": {
        "occurred_at": "时间",
        "income": "收入",
        "expense": "支出",
        "order_id": "订单",
        "record_id": "流水",
        "kind": "类型",
    },
    "kinds": {"货款": "sale", "佣金": "fee"},
}
BOC_TEXT = (FIXTURES / "generic" / "boc.csv").read_text(encoding="utf-8")
WALLET_TEXT = (FIXTURES / "generic" / "wallet.csv").read_text(encoding="utf-8")


def config(*tables: dict[str, Any]) -> Config:
    return Config(tables=tuple(TableMapping.model_validate(table) for table in tables))


BOTH = config(BOC, WALLET)


@pytest.mark.parametrize("name", ["boc", "wallet"])
def test_golden(name: str, golden: Golden) -> None:
    golden(f"generic/{name}.csv", BOTH)


@pytest.mark.parametrize(
    ("sign", "expected"), [("signed", [-123456, 3456]), ("reversed", [123456, -3456])]
)
def test_sign_of_one_column(sign: str, expected: list[int], read_text: ReadText) -> None:
    statement = read_text(BOC_TEXT, config=config(BOC | {"sign": sign}))
    assert statement.records.column("amount_minor").to_pylist() == expected


def test_negative_expense_as_written(read_text: ReadText) -> None:
    text = WALLET_TEXT.replace(",0.30,", ",-0.30,").replace(",5.00,", ",-5.00,")
    statement = read_text(text, config=config(WALLET | {"sign": "signed"}))
    assert statement.records.column("amount_minor").to_pylist() == [1000, -30, -500]


def test_latin_1(read_text: ReadText) -> None:
    mapping = {
        "name": "sparkasse",
        "match": ["Buchungstag", "Betrag"],
        "stage": "bank",
        "source": "sparkasse",
        "currency": "EUR",
        "columns": {"occurred_at": "Buchungstag", "amount": "Betrag", "memo": "Empfänger"},
        "date_format": "%d.%m.%Y",
        "decimal": ",",
        "encoding": "latin-1",
    }
    text = "Buchungstag;Empfänger;Betrag\n03.07.2026;Bäcker Müller;-1.234,50\n"
    statement = read_text(text.encode("latin-1"), config=config(mapping))
    (record,) = to_records(statement.records)
    assert (record.memo, record.amount_minor, record.currency, str(record.booked_on)) == (
        "Bäcker Müller",
        -123450,
        "EUR",
        "2026-07-03",
    )


def test_real_numbers_and_dates_of_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "boc.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for row, line in enumerate(BOC_TEXT.splitlines()):
        sheet.write_row(row, 0, [cell.strip('"') for cell in line.split(",")] if row < 2 else [])
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_number(2, 0, 46206, day)
    sheet.write_row(2, 1, [-1234.5, 8765.44, "450000000000771", "CNY", "某某", "货款", "B-1", "x"])
    book.close()
    (statement,) = read_document(path, config=BOTH)
    assert statement.faults == ()
    assert [(str(r.booked_on), r.amount_minor) for r in to_records(statement.records)] == [
        ("2026-07-03", -123450)
    ]


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        (
            BOC_TEXT,
            '"34,56"',
            "34.56",
            (
                "table-amount",
                4,
                "amount (交易金额): '34.56' is no amount with decimal ',' and thousands '.'",
            ),
        ),
        (
            BOC_TEXT,
            "04/07/2026",
            "31/02/2026",
            (
                "table-moment",
                4,
                "occurred_at (交易日期): '31/02/2026' does not fit date_format '%d/%m/%Y'",
            ),
        ),
        (BOC_TEXT, "CNY,财", "贝壳,财", ("unknown-value", 4, "币种: '贝壳' is not known here")),
        (BOC_TEXT, "BOC-2", "", ("missing-cell", 4, "交易流水号 is empty")),
        (BOC_TEXT, "771,CNY,财", "772,CNY,财", ("mixed-accounts", None, "the file holds more")),
        (WALLET_TEXT, ",0,0.30,", ",,,", ("missing-cell", 3, "收入/支出 is empty")),
        (WALLET_TEXT, "F-2", "F-1", ("duplicate-id", 3, "the id 'F-1' stands on another row too")),
    ],
)
def test_faults(
    text: str, old: str, new: str, expected: tuple[str, int | None, str], faults: Faults
) -> None:
    assert old in text
    ((code, row, message),) = faults(text.replace(old, new, 1), config=BOTH)
    assert (code, row) == expected[:2]
    assert message.startswith(expected[2])


def test_broken_balance_contradicts(read_text: ReadText) -> None:
    statement = read_text(BOC_TEXT.replace("8.800,00", "8.800,01"), config=BOTH)
    assert statement.grade is Grade.CONTRADICTED


def test_two_mappings_for_one_file_are_an_error(faults: Faults) -> None:
    ((code, _row, message),) = faults(WALLET_TEXT, config=config(WALLET, WALLET | {"name": "two"}))
    assert code == "claimed-twice"
    assert message.startswith("several importers claim the file: table-mall, table-two")
