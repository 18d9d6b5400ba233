"""辅助核算: values of postings, movements by them, and postings that lack a required one."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from beanclear.ledger.errors import BooksError, UsageError
from beanclear.ledger.statements import dimensions
from beanclear.ledger.statements.dimensions import lacking, trial_balance_by, value_of
from beanclear.ledger.statements.table import Style, Table
from tests.ledger.statements.trading import AUGUST, ENTRIES, ledger_of


def cells(table: Table) -> list[tuple[object, ...]]:
    return [row.cells for row in table.rows]


def test_the_posting_comes_before_the_entry_and_the_entry_before_the_account() -> None:
    entries = """
2026-08-02 * "X"
  platform: "jd"
  Income:Sales        -2.00 CNY
    platform: "douyin"
  Income:Sales        -3.00 CNY
  Assets:Bank:A        5.00 CNY

2026-08-03 * "X"
  Income:Sales        -4.00 CNY
  Assets:Bank:A        4.00 CNY
"""
    ledger = ledger_of(entries)
    assert [
        value_of(ledger, entry, line, "platform")
        for entry in ledger.entries
        for line in entry.lines
    ] == ["douyin", "jd", "jd", "tmall", ""]


def test_another_word_is_no_dimension() -> None:
    with pytest.raises(UsageError, match="colour is no dimension"):
        dimensions.heading("colour")


def test_trial_balance_by_shop() -> None:
    (table,) = trial_balance_by(ledger_of(ENTRIES), AUGUST, "shop", "zh")
    assert cells(table) == [
        ("1002.01", "银行存款-甲", "", 1000000, 113000, 230000, 883000),
        ("1002.01", "银行存款-甲", "(none)", 1000000, 113000, 200000, 913000),
        ("1002.01", "银行存款-甲", "south", 0, 0, 30000, -30000),
        ("1122.01", "应收账款-甲", "", 50000, 113000, 170000, -7000),
        ("1122.01", "应收账款-甲", "(none)", 50000, 0, 170000, -120000),
        ("1122.01", "应收账款-甲", "north", 0, 113000, 0, 113000),
        ("1122.02", "应收账款-乙", "", 20000, 0, 0, 20000),
        ("2202.01", "应付账款-货款", "", 0, 170000, 200000, -30000),
        ("3001", "实收资本", "", -1070000, 0, 0, -1070000),
        ("5001.01", "主营业务收入-商品", "", 0, 0, 113000, -113000),
        ("5001.01", "主营业务收入-商品", "north", 0, 0, 113000, -113000),
        ("5602.01", "管理费用-房租", "", 0, 30000, 0, 30000),
        ("5602.01", "管理费用-房租", "south", 0, 30000, 0, 30000),
        ("5602.05", "管理费用-差旅费", "", 0, 287000, 0, 287000),
        ("5602.05", "管理费用-差旅费", "(none)", 0, 87000, 0, 87000),
        ("5602.05", "管理费用-差旅费", "north", 0, 200000, 0, 200000),
    ]
    assert table.rows[1].style == Style.PART
    assert table.checks == {"values less the trial balance": 0}


def test_postings_without_a_required_dimension_are_listed() -> None:
    table = lacking(ledger_of(ENTRIES), AUGUST, "zh")
    (row,) = table.rows
    assert row.cells[:-1] == (
        datetime.date(2026, 8, 31), "trips", "5602.05", "管理费用-差旅费", 87000, "CNY", "Project",
    )  # fmt: skip
    assert table.checks == {"postings without a required dimension": 87000}


def test_nothing_lacks_when_all_say_it_or_none_must() -> None:
    said = ENTRIES.replace("  Expenses:Travel          870.00 CNY\n",
                           '  Expenses:Travel  870.00 CNY\n    project: "fair"\n')  # fmt: skip
    assert lacking(ledger_of(said), AUGUST, "zh").checks == {
        "postings without a required dimension": 0
    }
    ledger = ledger_of(ENTRIES)
    free = {name: replace(one, meta={}) for name, one in ledger.accounts.items()}
    table = lacking(replace(ledger, accounts=free), AUGUST, "zh")
    assert (table.rows, table.notes) == ((), ("No account requires a dimension.",))


def test_an_account_cannot_require_what_is_no_dimension() -> None:
    ledger = ledger_of(ENTRIES)
    travel = replace(ledger.accounts["Expenses:Travel"], meta={"dimensions": "project, colour"})
    wrong = replace(ledger, accounts={**ledger.accounts, "Expenses:Travel": travel})
    with pytest.raises(BooksError, match="Expenses:Travel requires colour, which is no dimension"):
        lacking(wrong, AUGUST, "zh")
