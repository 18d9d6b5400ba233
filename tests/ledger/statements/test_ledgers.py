"""明细账 and 总账, every figure by hand (see `trading`)."""

from __future__ import annotations

import datetime

import pytest

from beanclear.ledger import periods
from beanclear.ledger.errors import UsageError
from beanclear.ledger.statements import ledgers
from beanclear.ledger.statements.table import Table
from tests.ledger.statements.trading import AUGUST, ENTRIES, ledger_of


def day(number: int, month: int = 8) -> datetime.date:
    return datetime.date(2026, month, number)


def cells(table: Table) -> list[tuple[object, ...]]:
    return [row.cells for row in table.rows]


def test_chosen_by_code_and_by_name() -> None:
    ledger = ledger_of(ENTRIES)
    both = ["Assets:Receivable:X", "Assets:Receivable:Y"]
    assert ledgers.chosen(ledger, "1122") == both
    assert ledgers.chosen(ledger, "1122.02") == both[1:]
    assert ledgers.chosen(ledger, "Assets:Receivable") == both
    assert ledgers.chosen(ledger, "3001") == ["Equity:Capital"]
    with pytest.raises(UsageError, match=r"there is no account 112:"):
        ledgers.chosen(ledger, "112")


def test_an_account_entry_by_entry() -> None:
    ledger = ledger_of(ENTRIES)
    (table,) = ledgers.detailed(ledger, AUGUST, ["Assets:Receivable:X"], "zh", {1: "记-202608-001"})
    assert table.title == "1122.01 应收账款-甲"
    assert cells(table) == [
        (day(1), "", "Brought forward", None, None, "Dr", 50000),
        (day(3), "记-202608-001", "X sale", 113000, None, "Dr", 163000),
        (day(10), "", "X paid", None, 113000, "Dr", 50000),
        (day(20), "", "X paid to the supplier", None, 57000, "Cr", 7000),
        (day(31), "", "Month's total", 113000, 170000, "Cr", 7000),
        (day(31), "", "Year to date", 113000, 170000, "Cr", 7000),
    ]


def test_each_month_with_entries_ends_in_its_sums_and_those_of_the_year() -> None:
    september = """
2026-09-02 * "Y" "sale"
  Assets:Receivable:X     10.00 CNY
  Income:Sales           -10.00 CNY
2026-10-02 * "Y" "sale"
  Assets:Receivable:X      1.00 CNY
  Income:Sales            -1.00 CNY
"""
    ledger = ledger_of(ENTRIES, september)
    quarter, october = periods.parse("2026-Q3"), periods.parse("2026-10")
    (table,) = ledgers.detailed(ledger, quarter, ["Assets:Receivable:X"], "zh")
    assert cells(table)[4:] == [
        (day(31), "", "Month's total", 113000, 170000, "Cr", 7000),
        (day(31), "", "Year to date", 113000, 170000, "Cr", 7000),
        (day(2, 9), "", "Y sale", 1000, None, "Cr", 6000),
        (day(30, 9), "", "Month's total", 1000, 0, "Cr", 6000),
        (day(30, 9), "", "Year to date", 114000, 170000, "Cr", 6000),
        (day(30, 9), "", "Total", 114000, 170000, "Cr", 6000),
    ]
    (table,) = ledgers.detailed(ledger, october, ["Assets:Receivable:X"], "zh")
    assert cells(table)[-1] == (day(31, 10), "", "Year to date", 114100, 170000, "Cr", 5900)


def test_a_balance_without_entries_is_shown_and_an_empty_account_is_not() -> None:
    ledger = ledger_of(ENTRIES)
    (table,) = ledgers.detailed(ledger, AUGUST, ["Assets:Receivable:Y"], "zh")
    assert cells(table) == [
        (day(1), "", "Brought forward", None, None, "Dr", 20000),
        (day(31), "", "Month's total", 0, 0, "Dr", 20000),
        (day(31), "", "Year to date", 0, 0, "Dr", 20000),
    ]
    july = periods.parse("2026-07")
    assert ledgers.detailed(ledger, july, sorted(ledger.accounts), "zh") == []


def test_two_currencies_of_one_account_are_two_ledgers() -> None:
    foreign = """
2026-08-02 * "dollars"
  Assets:Bank:A       5.00 USD
  Income:Sales       -5.00 USD
"""
    tables = ledgers.detailed(ledger_of(ENTRIES, foreign), AUGUST, ["Assets:Bank:A"], "zh")
    assert [(table.currency, table.rows[-1].cells[3:]) for table in tables] == [
        ("CNY", (113000, 230000, "Dr", 883000)),
        ("USD", (500, 0, "Dr", 500)),
    ]


def test_level_1_accounts_month_by_month() -> None:
    tables = ledgers.general(ledger_of(ENTRIES), periods.parse("2026-Q3"), "zh")
    assert [table.title for table in tables] == [
        "1002 银行存款", "1122 应收账款", "2202 应付账款", "3001 实收资本",
        "5001 主营业务收入", "5602 管理费用",
    ]  # fmt: skip
    assert cells(tables[1]) == [
        (day(1, 7), "", "Brought forward", None, None, "Dr", 70000),
        (day(31, 7), "", "Month's total", 0, 0, "Dr", 70000),
        (day(31, 7), "", "Year to date", 0, 0, "Dr", 70000),
        (day(31), "", "Month's total", 113000, 170000, "Dr", 13000),
        (day(31), "", "Year to date", 113000, 170000, "Dr", 13000),
        (day(30, 9), "", "Month's total", 0, 0, "Dr", 13000),
        (day(30, 9), "", "Year to date", 113000, 170000, "Dr", 13000),
        (day(30, 9), "", "Total", 113000, 170000, "Dr", 13000),
    ]
    assert tables[0].rows[-1].cells[-2:] == ("Dr", 883000)


def test_sides() -> None:
    assert [ledgers.side(balance) for balance in (1, -1, 0)] == ["Dr", "Cr", "nil"]
