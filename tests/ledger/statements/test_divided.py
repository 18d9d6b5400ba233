"""Reports divided by a dimension: two shops and the office, every figure worked out by hand.

North sells 1,000.00 (VAT 130.00) and pays a commission of 50.00; south sells 500.00 (VAT 65.00);
the office pays a rent of 300.00 and its bank keeps the money. A year's end follows.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from beanclear.ledger.chart_codes import Standard, code_in
from beanclear.ledger.errors import UsageError
from beanclear.ledger.money import format_minor
from beanclear.ledger.periods import parse
from beanclear.ledger.statements import divided, trial_balance
from beanclear.ledger.statements.general_ledger import GeneralLedger, read
from beanclear.ledger.statements.names import Names
from beanclear.ledger.statements.request import Request
from beanclear.ledger.statements.table import Table
from tests.ledger.statements.trading import load

DECEMBER = parse("2026-12")
NAMES = Names({("", "North"): "北方旗舰店"})
ACCOUNTS = {
    "Assets:Bank": "1002", "Assets:Wallet": "1012", "Assets:Receivable:Tmall:North": "1122.01",
    "Assets:Receivable:Tmall:South": "1122.02", "Income:Sales:Tmall:North": "5001.01",
    "Income:Sales:Tmall:South": "5001.02", "Liabilities:Tax:VAT:Output": "2221.01.02",
    "Expenses:Platform:Commission": "5601.01", "Expenses:Rent": "5602.01",
    "Equity:Profit": "3103", "Equity:Opening-Balances": "3001.99",
}  # fmt: skip
BOOKS = """
2026-11-30 * "Opening"
  Assets:Bank                      5000.00 CNY
  Equity:Opening-Balances         -5000.00 CNY

2026-12-01 * "天猫" "Orders of the day"
  source: "orders/taobao/north"
  Assets:Receivable:Tmall:North    1130.00 CNY
  Income:Sales:Tmall:North        -1000.00 CNY
  Liabilities:Tax:VAT:Output       -130.00 CNY

2026-12-01 * "天猫" "Orders of the day"
  source: "orders/taobao/south"
  Assets:Receivable:Tmall:South     565.00 CNY
  Income:Sales:Tmall:South         -500.00 CNY
  Liabilities:Tax:VAT:Output        -65.00 CNY

2026-12-03 * "支付宝" "Wallet movements of the day"
  source: "alipay/main"
  Assets:Wallet                    1545.00 CNY
  Assets:Receivable:Tmall:North   -1130.00 CNY
  Assets:Receivable:Tmall:South    -465.00 CNY
  Expenses:Platform:Commission       50.00 CNY
    platform: "Tmall"
    shop: "North"

2026-12-20 * "Rent"
  Expenses:Rent                     300.00 CNY
  Assets:Bank                      -300.00 CNY

2026-12-31 * "The year's result"
  Income:Sales:Tmall:North         1000.00 CNY
  Income:Sales:Tmall:South          500.00 CNY
  Expenses:Platform:Commission      -50.00 CNY
  Expenses:Rent                    -300.00 CNY
  Equity:Profit                   -1150.00 CNY
"""


def ledger(standard: Standard = "small") -> GeneralLedger:
    opened = "".join(
        f'1970-01-01 open {name} CNY\n  code: "{code_in(standard, code)}"\n'
        for name, code in ACCOUNTS.items()
    )
    return read(load(opened + BOOKS), "CNY")


def request(standard: Standard = "small") -> Request:
    return Request(ledger=ledger(standard), standard=standard, period=DECEMBER, language="zh")


def lines(table: Table, *numbers: int) -> list[tuple[str, ...]]:
    """Of these lines the figures of all columns, as 元."""
    return [
        tuple(format_minor(one, "CNY") if isinstance(one, int) else "" for one in row.cells[2:])
        for row in table.rows
        if row.cells[1] in numbers
    ]


def test_the_income_statement_has_a_column_for_each_shop() -> None:
    table = divided.income_statement(request(), "shop", NAMES)
    heads = [column.heading for column in table.columns[2:]]
    assert heads == ["北方旗舰店", "South", "(none)", "Total"]
    assert lines(table, 1, 11, 14, 32) == [
        ("1000.00", "500.00", "0.00", "1500.00"),
        ("50.00", "0.00", "0.00", "50.00"),
        ("0.00", "0.00", "300.00", "300.00"),
        ("950.00", "500.00", "-300.00", "1150.00"),
    ]
    assert table.checks == {"values less the whole form": 0}


def test_by_platform_both_shops_are_one() -> None:
    table = divided.income_statement(request("enterprise"), "platform", NAMES)
    assert [column.heading for column in table.columns[2:]] == ["Tmall", "(none)", "Total"]
    assert lines(table, 1, 4, 5, 22) == [
        ("1500.00", "0.00", "1500.00"),
        ("50.00", "0.00", "50.00"),
        ("0.00", "300.00", "300.00"),
        ("1450.00", "-300.00", "1150.00"),
    ]


def test_the_cash_flow_goes_by_the_other_side_of_cash() -> None:
    table = divided.cash_flow_statement(request(), "shop", NAMES)
    assert lines(table, 1, 6, 7, 20, 21, 22) == [
        ("1130.00", "465.00", "0.00", "1595.00"),
        ("50.00", "0.00", "300.00", "350.00"),  # commission; rent
        ("1080.00", "465.00", "-300.00", "1245.00"),
        ("1080.00", "465.00", "-300.00", "1245.00"),
        ("", "", "", "5000.00"),
        ("", "", "", "6245.00"),
    ]
    assert table.checks == {"values less the whole form": 0}


def test_the_balance_sheet_has_what_is_due_to_each_shop() -> None:
    table = divided.balance_sheet(request(), "shop", NAMES)
    # Cash and capital are nobody's. The year's end closes income by its accounts, which are the
    # shops', and the commission by one that says no shop.
    assert lines(table, 1, 4, 36, 48, 51, 53) == [
        ("0.00", "0.00", "6245.00", "6245.00"),
        ("0.00", "100.00", "0.00", "100.00"),
        ("130.00", "65.00", "0.00", "195.00"),
        ("0.00", "0.00", "5000.00", "5000.00"),
        ("-50.00", "0.00", "1200.00", "1150.00"),
        ("80.00", "65.00", "6200.00", "6345.00"),
    ]
    assert table.checks == {"assets less liabilities and equity, all values": 0}


def test_other_reports_have_a_part_for_each_value() -> None:
    def build(part: GeneralLedger) -> list[Table]:
        return [trial_balance.summary_of_accounts(part, DECEMBER, "zh")]

    found = divided.parts(ledger(), "shop", NAMES, build, sums=("debit", "credit"))
    assert [table.header[-1] for table in found] == [
        ("Shop", "北方旗舰店"), ("Shop", "South"), ("Shop", "(none)"),
    ]  # fmt: skip
    assert found[1].rows[0].cells == ("1122", "Assets:Receivable:Tmall:South", 56500, 46500)
    assert [dict(table.checks) for table in found] == [
        {}, {}, {"parts less the whole report": 0},
    ]  # fmt: skip


def test_a_part_that_is_lost_fails_the_check() -> None:
    calls = []

    def build(part: GeneralLedger) -> list[Table]:
        calls.append(part)
        made = trial_balance.summary_of_accounts(part, DECEMBER, "zh")
        return [made] if len(calls) != 3 else [replace(made, rows=())]

    found = divided.parts(ledger(), "shop", NAMES, build, sums=("debit", "credit"))
    # South: 565.00 sold, 465.00 settled, VAT and income; closed at the year's end.
    assert list(found[-1].checks.values()) == [56500 + 50000 + 46500 + 50000 + 6500]


def test_a_word_that_is_no_dimension_is_told() -> None:
    with pytest.raises(UsageError) as raised:
        divided.income_statement(request(), "colour", NAMES)
    assert str(raised.value) == (
        "colour is no dimension: one of: shop, platform, sku, customer, supplier, department,"
        " employee, project"
    )
