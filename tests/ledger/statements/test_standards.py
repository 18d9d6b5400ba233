"""The charts of the two standards: whose codes they are, and what our accounts are called."""

from __future__ import annotations

import pytest

from beanclear.ledger import accounts, chart
from beanclear.ledger.chart_codes import code_in, in_standard
from beanclear.ledger.errors import BooksError
from beanclear.ledger.statements.standards import check_chart
from tests.ledger.statements import company


@pytest.mark.parametrize(
    ("code", "enterprise"),
    [
        ("1122.01", "1122.01"), ("2203.01", "2204.01"), ("3001.99", "4001.99"),
        ("3104.98", "4104.98"), ("4001", "5001"), ("5001.01", "6001.01"), ("5601.04", "6601.04"),
        ("5301.08", "6603.07"), ("5301.11", "6301.11"), ("5711.01", "6702.01"), ("5801", "6801"),
    ],
)  # fmt: skip
def test_codes_of_the_full_standards(code: str, enterprise: str) -> None:
    assert code_in("enterprise", code) == enterprise
    assert code_in("small", code) == code


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ("Liabilities:Advances:Tmall", ("2204.01", "合同负债-天猫", "Contract liabilities Tmall")),
        (chart.EXCHANGE_GAIN, ("6603.07", "财务费用-汇兑收益", "Exchange gains")),
        ("Expenses:BadDebt", ("6702.01", "信用减值损失-坏账损失", "Bad debts")),
        ("Income:Sales:Tmall", ("6001.01", "主营业务收入-天猫", "Sales Tmall")),
        ("Assets:Receivable:Tmall", ("1122.01", "应收账款-天猫", "Receivable Tmall")),
    ],
)
def test_names_of_the_full_standards(account: str, expected: tuple[str, str, str]) -> None:
    found = in_standard("enterprise", chart.spec(account))
    assert (found.code, found.chinese, found.english) == expected
    assert in_standard("small", chart.spec(account)) == chart.spec(account)


def test_every_account_we_open_fits_both_charts() -> None:
    names = [
        *chart.FIXED, "Liabilities:Advances:Tmall", "Income:Sales:Shop", "Assets:Wallet:Alipay",
        "Assets:Suspense:CCB:8826",
    ]  # fmt: skip
    for standard in ("small", "enterprise"):
        opened = [in_standard(standard, chart.spec(name)) for name in names]
        ledger = company.read("", standard, {one.name: one.code for one in opened})
        check_chart(ledger, standard)


def test_free_codes_are_found_in_the_full_standards_too() -> None:
    one, two = (
        in_standard("enterprise", chart.spec(f"Liabilities:Advances:Tmall:{shop}"))
        for shop in ("A11", "B11")
    )
    assert one.code == two.code == "2204.01.11"
    text = accounts.ensure("", [two])
    both = accounts.ensure(text, [one])
    assert both == accounts.ensure("", [one, two])
    assert [line for line in both.splitlines() if "code" in line] == [
        '  code: "2204.01.11"',
        '  code: "2204.01.12"',
    ]
    more = accounts.ensure(both, [in_standard("enterprise", chart.spec(one.name, "USD"))])
    assert f"open {one.name} CNY,USD" in more
    assert '"合同负债-天猫-A11"' in more


def test_codes_of_the_other_chart_are_an_error() -> None:
    ledger = company.read("", "small", {"Income:Two": "6001"})
    with pytest.raises(BooksError) as raised:
        check_chart(ledger, "small")
    assert str(raised.value) == (
        "codes that the chart of Accounting Standard for Small Enterprises does not give to such"
        " accounts: Income:Two (6001): correct `code` in accounts.beancount, or `standard` in"
        " beanclear.toml"
    )


def test_a_chart_in_the_wrong_standard_names_its_accounts() -> None:
    with pytest.raises(BooksError) as raised:
        check_chart(company.read("", "small"), "enterprise")
    assert "Equity:Profit (3103)" in raised.value.what
    assert "Expenses:IncomeTax (5801)" not in raised.value.what  # costs have 5 in both
    assert "Income:Sales (5001.01)" in raised.value.what
