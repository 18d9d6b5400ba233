"""科目余额表 and 科目汇总表, every figure by hand (see `trading`)."""

from __future__ import annotations

from dataclasses import replace

from beanclear.ledger import periods
from beanclear.ledger.statements import trial_balance
from beanclear.ledger.statements.table import Style, Table
from tests.ledger.statements.trading import AUGUST, ENTRIES, ledger_of

USD = """
1970-01-01 open Assets:Bank:D USD
  code: "1002.02"
  name: "银行存款-美元"
  name-en: "Bank D"
1970-01-01 open Income:Foreign USD
  code: "5001.02"
  name: "主营业务收入-国外"
  name-en: "Sales abroad"

2026-08-05 * "abroad"
  Assets:Bank:D        20.50 USD
  Income:Foreign      -20.50 USD
"""


def cells(table: Table) -> list[tuple[object, ...]]:
    return [row.cells for row in table.rows]


def test_every_figure() -> None:
    (table,) = trial_balance.trial_balance(ledger_of(ENTRIES), AUGUST, "zh")
    assert cells(table) == [
        ("1002", "银行存款", 1000000, 0, 113000, 230000, 883000, 0),
        ("1002.01", "银行存款-甲", 1000000, 0, 113000, 230000, 883000, 0),
        # X paid too much: its balance stands on the credit side and is not netted with Y's.
        ("1122", "应收账款", 70000, 0, 113000, 170000, 20000, 7000),
        ("1122.01", "应收账款-甲", 50000, 0, 113000, 170000, 0, 7000),
        ("1122.02", "应收账款-乙", 20000, 0, 0, 0, 20000, 0),
        ("2202", "应付账款", 0, 0, 170000, 200000, 0, 30000),
        ("2202.01", "应付账款-货款", 0, 0, 170000, 200000, 0, 30000),
        ("3001", "实收资本", 0, 1070000, 0, 0, 0, 1070000),
        ("5001", "主营业务收入", 0, 0, 0, 113000, 0, 113000),
        ("5001.01", "主营业务收入-商品", 0, 0, 0, 113000, 0, 113000),
        ("5602", "管理费用", 0, 0, 317000, 0, 317000, 0),
        ("5602.01", "管理费用-房租", 0, 0, 30000, 0, 30000, 0),
        ("5602.05", "管理费用-差旅费", 0, 0, 287000, 0, 287000, 0),
        ("", "Total", 1070000, 1070000, 713000, 713000, 1220000, 1220000),
    ]
    assert table.checks == {
        "debits less credits, opening": 0,
        "debits less credits, period": 0,
        "debits less credits, closing": 0,
    }
    assert table.rows[-1].adds == ((1, 0), (1, 2), (1, 5), (1, 7), (1, 8), (1, 10))
    assert [row.style for row in table.rows[:4]] == [Style.LINE, Style.PART, Style.LINE, Style.PART]


def test_the_next_month_opens_with_what_this_one_closed_with() -> None:
    (table,) = trial_balance.trial_balance(ledger_of(ENTRIES), periods.parse("2026-09"), "zh")
    assert table.column("opening_debit")[-1] == 1220000
    assert table.column("debit")[-1] == 0
    assert table.column("closing_credit")[-1] == 1220000


def test_before_the_books_began_there_is_nothing() -> None:
    (table,) = trial_balance.trial_balance(ledger_of(ENTRIES), periods.parse("2026-07"), "zh")
    assert cells(table) == [("", "Total", 0, 0, 0, 0, 0, 0)]


def test_a_year_has_the_opening_entry_before_it() -> None:
    (table,) = trial_balance.trial_balance(ledger_of(ENTRIES), periods.parse("2026"), "zh")
    assert cells(table)[0] == ("1002", "银行存款", 1000000, 0, 113000, 230000, 883000, 0)


def test_each_currency_has_its_own_table() -> None:
    tables = trial_balance.trial_balance(ledger_of(ENTRIES, USD), AUGUST, "zh")
    assert [(table.name, table.currency) for table in tables] == [
        ("trial-balance", "CNY"),
        ("trial-balance-USD", "USD"),
    ]
    assert cells(tables[0])[-1] == (
        "", "Total", 1070000, 1070000, 713000, 713000, 1220000, 1220000,
    )  # fmt: skip
    assert cells(tables[1]) == [
        ("1002", "银行存款", 0, 0, 2050, 0, 2050, 0),
        ("1002.02", "银行存款-美元", 0, 0, 2050, 0, 2050, 0),
        ("5001", "主营业务收入", 0, 0, 0, 2050, 0, 2050),
        ("5001.02", "主营业务收入-国外", 0, 0, 0, 2050, 0, 2050),
        ("", "Total", 0, 0, 2050, 2050, 2050, 2050),
    ]


def test_money_exchanged_at_a_price_is_no_difference() -> None:
    exchanged = """
2026-08-06 * "bought dollars"
  Assets:Bank:D    10.00 USD @ 7.10 CNY
  Assets:Bank:A   -71.00 CNY
"""
    tables = trial_balance.trial_balance(ledger_of(ENTRIES, USD, exchanged), AUGUST, "zh")
    assert [set(table.checks.values()) for table in tables] == [{0}, {0}]
    assert [table.notes for table in tables] == [
        ("Exchanges at a price move -71.00 CNY against other currencies by the end.",),
        ("Exchanges at a price move 10.00 USD against other currencies by the end.",),
    ]


def test_a_ledger_that_does_not_balance_fails_the_checks() -> None:
    ledger = ledger_of(ENTRIES)
    broken = replace(ledger.entries[1], lines=ledger.entries[1].lines[:1])
    (table,) = trial_balance.trial_balance(
        replace(ledger, entries=(ledger.entries[0], broken)), AUGUST, "zh"
    )
    assert table.checks == {
        "debits less credits, opening": 0,
        "debits less credits, period": 113000,
        "debits less credits, closing": 113000,
    }


def test_english_names_of_level_1_accounts() -> None:
    (table,) = trial_balance.trial_balance(ledger_of(ENTRIES), AUGUST, "en")
    names = [row.cells[1] for row in table.rows if row.style == Style.LINE]
    assert names == [
        "Bank deposits", "Accounts receivable", "Accounts payable", "Paid-in capital",
        "Operating revenue", "Administrative expenses",
    ]  # fmt: skip


def test_summary_of_accounts() -> None:
    table = trial_balance.summary_of_accounts(ledger_of(ENTRIES), AUGUST, "zh")
    assert cells(table) == [
        ("1002", "银行存款", 113000, 230000),
        ("1122", "应收账款", 113000, 170000),
        ("2202", "应付账款", 170000, 200000),
        ("5001", "主营业务收入", 0, 113000),
        ("5602", "管理费用", 317000, 0),
        ("", "Total", 713000, 713000),
    ]
    assert table.checks == {"debits less credits, period": 0}
    assert table.rows[-1].adds == tuple((1, place) for place in range(5))
