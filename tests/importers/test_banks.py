"""Corporate bank statements."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from beanclear.importers.registry import read_document
from beanclear.ledger.statement import Grade, Statement
from beanclear.ledger.tables import to_records
from tests.importers.conftest import FIXTURES, Faults, Golden, ReadText

NAMES = [
    "icbc",
    "icbc_debit_credit",
    "ccb",
    "ccb_17",
    "ccb_preamble",
    "cmbc",
    "pingan",
    "pingan_date",
]
CCB = (FIXTURES / "banks" / "ccb.csv").read_text(encoding="utf-8")
CMBC = (FIXTURES / "banks" / "cmbc.csv").read_text(encoding="utf-8")
ICBC = (FIXTURES / "banks" / "icbc.csv").read_text(encoding="utf-8")


def one(path: Path) -> Statement:
    (statement,) = read_document(path)
    return statement


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str, golden: Golden) -> None:
    golden(f"banks/{name}.csv")


def test_newest_first_gives_the_same_lines_and_balances() -> None:
    ledger, reverse = (one(FIXTURES / "banks" / f"{n}.csv") for n in ("ccb", "ccb_preamble"))
    assert sorted(ledger.records.column("record_id").to_pylist()) == sorted(
        reverse.records.column("record_id").to_pylist()
    )
    for found in (ledger, reverse):
        assert (found.opening_minor, found.closing_minor) == (1000000, 1240050)


def test_equal_icbc_lines_are_told_apart() -> None:
    ids = one(FIXTURES / "banks" / "icbc.csv").records.column("record_id").to_pylist()
    assert len(set(ids)) == len(ids)


def test_transfer_and_charge_share_a_serial(read_text: ReadText) -> None:
    statement = read_text(CCB.replace("CCB-002", "CCB-001"))
    assert statement.records.column("record_id").to_pylist() == [
        "CCB-001@20260704",
        "CCB-001@20260704/2",
    ]
    assert statement.grade is Grade.PROVEN


def test_line_that_stands_twice_is_a_fault(faults: Faults) -> None:
    ((code, row, message),) = faults(CCB + CCB.splitlines()[-1] + "\n")
    assert (code, row) == ("duplicate-row", 4)
    assert message.startswith("the row with id 'CCB-002@20260704' stands in the file twice")


def test_owner_and_account_above_the_header(read_text: ReadText) -> None:
    text = "查询账号:,6226000000001122,户  名:,杭州茶具有限公司\n" + CMBC.split("\n", 1)[1]
    statement = read_text(text)
    assert (statement.account, statement.owner) == ("6226000000001122", "杭州茶具有限公司")


@pytest.mark.parametrize("number", ["6.217E+15", '"6,217E+15"'])
def test_an_account_that_a_spreadsheet_cut_is_no_account(number: str, faults: Faults) -> None:
    above = (FIXTURES / "banks" / "ccb_preamble.csv").read_text(encoding="utf-8-sig")
    found = faults(above.replace("6217000000008826", number))
    assert [(code, row) for code, row, _message in found] == [("lost-digits", 2)]
    assert {code for code, _row, _message in faults(CCB.replace("6217000000008826", number))} == {
        "lost-digits"
    }


def test_a_number_of_sixteen_digits_in_a_workbook_may_be_cut(
    workbook: Callable[..., Path], codes: Callable[[Path], list[tuple[str, int | None]]]
) -> None:
    header, first, *_rest = csv.reader(CCB.splitlines())

    def of(account: float) -> Path:
        cells: list[object] = list(first)
        cells[header.index("账号")] = account
        return workbook([header, cells])

    assert codes(of(6217000000008830.0)) == [("lost-digits", 2)]
    assert codes(of(6217000000008826.0)) == []  # no spreadsheet kept so many digits


def test_reversal_keeps_its_sign(read_text: ReadText) -> None:
    text = CMBC.replace(",,300.00,10100.00", ",-200.00,,10000.00")
    statement = read_text(text)
    assert statement.records.column("amount_minor").to_pylist() == [-20000, 20000]
    assert statement.chained


def test_dollar_account(read_text: ReadText) -> None:
    statement = read_text(CCB.replace("人民币", "美元"))
    assert statement.currency == "USD"


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        (CCB, "人民币,合同", "贝壳,合同", ("unknown-value", 2, "币种: '贝壳' is not known here")),
        (CCB, "人民币,\n", "美元,\n", ("wrong-currency", 3, "币种: the currency '美元'")),
        (CMBC, "币种：CNY", "币种：贝壳", ("unknown-value", 1, "币种: '贝壳' is not known here")),
        (CMBC, ",200.00,,", ",,,", ("missing-cell", 3, "借方/贷方 is empty")),
        (CMBC, ",200.00,,", ",200.00,5.00,", ("both-sides", 3, "借方/贷方: both sides")),
        (CMBC, "CMBC-001", "", ("missing-cell", 3, "交易流水号 is empty")),
        (CMBC, ",200.00,,", ",2OO.00,,", ("bad-amount", 3, "借方发生额: '2OO.00' is no amount")),
        (
            ICBC,
            "ICBC-002,1200000000000043",
            "ICBC-002,1200000000000044",
            ("mixed-accounts", None, "the file holds more than one account"),
        ),
    ],
)
def test_faults(
    text: str, old: str, new: str, expected: tuple[str, int | None, str], faults: Faults
) -> None:
    assert old in text
    ((code, row, message),) = faults(text.replace(old, new, 1))
    assert (code, row) == expected[:2]
    assert message.startswith(expected[2])


def test_wrong_balance_contradicts(read_text: ReadText) -> None:
    statement = read_text(CMBC.replace("10100.00", "10100.01"))
    assert (statement.chained, statement.grade) == (False, Grade.CONTRADICTED)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "Yhuir_icbc_historydetail14080.xlsx",
            ("icbc-bank", "main", None, "ICBC-001", -618000, 1200000),
        ),
        (
            "Yhuir_ccb_A058171TB_resp.xlsx",
            ("ccb-bank", "6217000000008826", "云南溯源科技有限公司", "CCB-001", -10000, 990000),
        ),
        (
            "Yhuir_cmbc_活期账户交易明细查询20260424114738585.xlsx",
            ("cmbc-bank", "6226000000001122", "云南溯源科技有限公司", "CMBC-001", -20000, 980000),
        ),
        (
            "Yhuir_pingan_2026-01-01至2026-01-31交易明细.xlsx",
            ("pingan-bank", "1100000000000093", None, "PINGAN-001", -618000, 1200000),
        ),
    ],
)
def test_samples(name: str, expected: tuple[object, ...], samples: Path) -> None:
    found = one(samples / "cn" / "banks-corporate" / name)
    (line,) = to_records(found.records)
    assert found.faults == ()
    assert expected == (
        found.importer,
        found.account,
        found.owner,
        line.bank_ref,
        line.amount_minor,
        line.balance_minor,
    )
