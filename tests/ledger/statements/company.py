"""A small company of half a year, small enough to work out every figure by hand.

Its books begin on 2026-06-30. The tests say of each figure which entries it is made of.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from pathlib import Path

from beancount import loader

from beanclear.ledger.chart_codes import Standard, code_in
from beanclear.ledger.money import format_minor
from beanclear.ledger.periods import parse
from beanclear.ledger.statements import general_ledger
from beanclear.ledger.statements.general_ledger import GeneralLedger
from beanclear.ledger.statements.positions import Basis, Split
from beanclear.ledger.statements.statutory import Request
from beanclear.ledger.statements.table import Table

YEAR_END = datetime.date(2026, 12, 31)
ACCOUNTS = {
    "Assets:Bank": "1002.01", "Assets:Wallet": "1012.01", "Assets:Transit": "1012.91",
    "Assets:Receivable": "1122.01", "Assets:Reserved": "1221.02", "Assets:Goods": "1405.01",
    "Assets:Computers": "1601.01", "Assets:Depreciation": "1602.01",
    "Liabilities:Loan": "2001.01", "Liabilities:SupplierA": "2202.01",
    "Liabilities:SupplierB": "2202.02", "Liabilities:Advances": "2203.01",
    "Liabilities:Payroll": "2211.01", "Liabilities:VAT:Input": "2221.01.01",
    "Liabilities:VAT:Output": "2221.01.02", "Liabilities:VAT:Unpaid": "2221.02",
    "Liabilities:IncomeTax": "2221.11", "Liabilities:Dividend": "2232.01",
    "Equity:Opening-Balances": "3001.99", "Equity:Surplus": "3101.01", "Equity:Profit": "3103",
    "Equity:Distribution": "3104.01", "Income:Sales": "5001.01", "Income:Other": "5301.01",
    "Expenses:Cost": "5401.01", "Expenses:Commission": "5601.01", "Expenses:Ads": "5601.04",
    "Expenses:Salaries": "5602.02", "Expenses:Depreciation": "5602.21",
    "Expenses:Fees": "5603.01", "Expenses:Interest": "5603.02", "Expenses:IncomeTax": "5801",
}  # fmt: skip

# Opening balances in the middle of the year: 年初余额, and no movement of the year.
OPENING = """
2026-06-30 * "Opening"
  Assets:Bank               100000.00 CNY
  Assets:Wallet               5000.00 CNY
  Assets:Goods               20000.00 CNY
  Equity:Opening-Balances  -125000.00 CNY
"""

JULY = """
2026-07-01 * "Loan"
  Assets:Bank                60000.00 CNY
  Liabilities:Loan          -60000.00 CNY

2026-07-05 * "Computers, VAT 13 %"
  Assets:Computers           10000.00 CNY
  Liabilities:VAT:Input       1300.00 CNY
  Assets:Bank               -11300.00 CNY

2026-07-10 * "Orders"
  Assets:Receivable          22600.00 CNY
  Income:Sales              -20000.00 CNY
  Liabilities:VAT:Output     -2600.00 CNY
  Expenses:Cost               9000.00 CNY
  Assets:Goods               -9000.00 CNY

2026-07-12 * "Settled net of fees, a part of it frozen"
  Assets:Wallet              16385.00 CNY
  Expenses:Commission          339.00 CNY
  Expenses:Fees                226.00 CNY
  Assets:Reserved              500.00 CNY
  Assets:Receivable         -17450.00 CNY

2026-07-31 * "Payout, on its way over the month's end"
  Assets:Transit             15000.00 CNY
  Assets:Wallet             -15000.00 CNY

2026-07-31 * "Salaries"
  Expenses:Salaries           4000.00 CNY
  Liabilities:Payroll        -4000.00 CNY
"""

AUGUST = """
2026-08-02 * "Payout in the bank, less its fee"
  Assets:Bank                14998.00 CNY
  Expenses:Fees                  2.00 CNY
  Assets:Transit            -15000.00 CNY

2026-08-03 * "An order of July comes back"
  Income:Sales                2000.00 CNY
  Liabilities:VAT:Output       260.00 CNY
  Assets:Receivable          -2260.00 CNY
  Assets:Goods                 900.00 CNY
  Expenses:Cost               -900.00 CNY

2026-08-04 * "Its refund"
  Assets:Receivable           2260.00 CNY
  Assets:Wallet              -2260.00 CNY

2026-08-10 * "Salaries paid"
  Liabilities:Payroll         4000.00 CNY
  Assets:Bank                -4000.00 CNY

2026-08-20 * "Frozen money is free again"
  Assets:Wallet                500.00 CNY
  Assets:Reserved             -500.00 CNY

2026-08-25 * "Paid before it is a sale"
  Assets:Wallet               1130.00 CNY
  Liabilities:Advances       -1130.00 CNY

2026-08-28 * "Advertising, VAT 6 %"
  Expenses:Ads                 283.02 CNY
  Liabilities:VAT:Input         16.98 CNY
  Assets:Wallet               -300.00 CNY
"""

AUTUMN = """
2026-09-05 * "Now it is a sale"
  Liabilities:Advances        1130.00 CNY
  Income:Sales               -1000.00 CNY
  Liabilities:VAT:Output      -130.00 CNY
  Expenses:Cost                400.00 CNY
  Assets:Goods                -400.00 CNY

2026-09-30 * "Interest paid"
  Expenses:Interest            600.00 CNY
  Assets:Bank                 -600.00 CNY

2026-09-30 * "Interest received"
  Assets:Bank                   15.00 CNY
  Expenses:Interest            -15.00 CNY

2026-10-08 * "Goods on credit"
  Assets:Goods                8000.00 CNY
  Liabilities:VAT:Input       1040.00 CNY
  Liabilities:SupplierA      -9040.00 CNY

2026-10-20 * "Suppliers paid, one of them before it delivered"
  Liabilities:SupplierA       5000.00 CNY
  Liabilities:SupplierB        700.00 CNY
  Assets:Bank                -5700.00 CNY

2026-10-25 * "VAT paid"
  Liabilities:VAT:Unpaid       500.00 CNY
  Assets:Bank                 -500.00 CNY

2026-11-10 * "Dividend"
  Equity:Distribution         3000.00 CNY
  Liabilities:Dividend       -3000.00 CNY

2026-11-20 * "Dividend paid"
  Liabilities:Dividend        3000.00 CNY
  Assets:Bank                -3000.00 CNY

2026-12-05 * "Compensation by the platform"
  Assets:Wallet                 80.00 CNY
  Income:Other                 -80.00 CNY

2026-12-20 * "A part of the loan, with interest"
  Liabilities:Loan           10000.00 CNY
  Expenses:Interest            250.00 CNY
  Assets:Bank               -10250.00 CNY

2026-12-31 * "Depreciation of five months"
  Expenses:Depreciation       1000.00 CNY
  Assets:Depreciation        -1000.00 CNY

2026-12-31 * "Income tax"
  Expenses:IncomeTax           500.00 CNY
  Liabilities:IncomeTax       -500.00 CNY
"""

CLOSING = """
2026-12-31 * "The year's result"
  Income:Sales               19000.00 CNY
  Income:Other                  80.00 CNY
  Expenses:Cost              -8500.00 CNY
  Expenses:Commission         -339.00 CNY
  Expenses:Ads                -283.02 CNY
  Expenses:Salaries          -4000.00 CNY
  Expenses:Depreciation      -1000.00 CNY
  Expenses:Fees               -228.00 CNY
  Expenses:Interest           -835.00 CNY
  Expenses:IncomeTax          -500.00 CNY
  Equity:Profit              -3394.98 CNY

2026-12-31 * "The result is profit that can be distributed"
  Equity:Profit               3394.98 CNY
  Equity:Distribution        -3394.98 CNY

2026-12-31 * "A tenth of it stays"
  Equity:Distribution          339.50 CNY
  Equity:Surplus              -339.50 CNY
"""

BOOKS = OPENING + JULY + AUGUST + AUTUMN + CLOSING
# At the year's end one order is 5,400.00 short, and another was paid 250.00 twice.
SPLITS = {
    YEAR_END: {"Assets:Receivable": Split(debit_minor=540000, credit_minor=25000, overdue_minor=0)}
}


def read(
    text: str, standard: Standard = "small", more: Mapping[str, str] | None = None
) -> GeneralLedger:
    """The general ledger of entries as text; `more` accounts are opened with these very codes."""
    codes = {name: code_in(standard, code) for name, code in ACCOUNTS.items()} | dict(more or {})
    opened = "".join(
        f"1970-01-01 open {name}\n" + (f'  code: "{code}"\n' if code else "")
        for name, code in codes.items()
    )
    entries, errors, _options = loader.load_string(opened + text)
    assert errors == []
    return general_ledger.read(entries, "CNY")


def request(
    text: str = BOOKS,
    period: str = "2026-12",
    *,
    standard: Standard = "small",
    basis: Basis | None = None,
    books: Path | None = None,
    more: Mapping[str, str] | None = None,
) -> Request:
    return Request(
        ledger=read(text, standard, more),
        standard=standard,
        period=parse(period),
        basis=Basis(splits=SPLITS) if basis is None else basis,
        language="zh",
        books=books,
    )


def figures(table: Table, column: str, *, key: str = "line") -> dict[str, str]:
    """Line number (or label) → what stands there as 元, of lines that are not zero."""
    names = table.column(key)
    return {
        str(name): format_minor(value, "CNY")
        for name, value in zip(names, table.column(column), strict=True)
        if isinstance(value, int) and value
    }


def yuan(text: str) -> dict[str, str]:
    """`1 105000.00 | 9 20000.00` as figures."""
    return dict(re.findall(r"([^\s|]+) (-?\d+\.\d\d)", text))


# The level-1 accounts of 小企业会计准则 (财会〔2011〕17号, appendix).
SMALL = """
    1001 1002 1012 1101 1121 1122 1123 1131 1132 1221 1401 1402 1403 1404 1405 1407 1408 1411
    1421 1501 1511 1601 1602 1604 1605 1606 1621 1622 1701 1702 1801 1901 2001 2201 2202 2203
    2211 2221 2231 2232 2241 2401 2501 2701 3001 3002 3101 3103 3104 4001 4101 4301 4401 4403
    5001 5051 5111 5301 5401 5402 5403 5601 5602 5603 5711 5801
"""
# Those of 企业会计准则 that a trading company can have. 1231 is read by its sub-accounts.
ENTERPRISE = """
    1001 1002 1012 1021 1031 1101 1121 1122 1123 1124 1131 1132 1221 1231.01 1231.02 1401 1402
    1403 1404 1405 1406 1407 1408 1411 1421 1471 1481 1482 1501 1502 1503 1511 1512 1513 1514
    1521 1522 1523 1531 1532 1601 1602 1603 1604 1605 1606 1641 1642 1643 1701 1702 1703 1711
    1801 1811 1901 2001 2101 2201 2202 2203 2204 2211 2221 2221.06 2231 2232 2241 2245 2401
    2501 2502 2510 2701 2702 2711 2801 2901 3101 4001 4002 4003 4101 4103 4104 4201 4301 4401
    5001 5101 5201 5301 5401 5402 5403 6001 6051 6101 6103 6111 6115 6117 6301 6401 6402 6403
    6601 6602 6602.13 6603 6701 6702 6711 6801
"""
CHARTS: list[tuple[Standard, list[str]]] = [
    ("small", SMALL.split()),
    ("enterprise", ENTERPRISE.split()),
]
# Never on the other side of money: 资产减值损失 is between accounts.
NO_CASH = {"6701"}
