"""A small company, all of it in text, whose figures the tests work out by hand.

Amounts of 2026-08, in yuan (debit positive):

| code | account | opening | debit | credit | closing |
|---|---|---|---|---|---|
| 1002.01 | bank A | 10,000.00 | 1,130.00 | 2,300.00 | 8,830.00 |
| 1122.01 | customers X | 500.00 | 1,130.00 | 1,700.00 | -70.00 |
| 1122.02 | customers Y | 200.00 | 0 | 0 | 200.00 |
| 2202.01 | suppliers | 0 | 1,700.00 | 2,000.00 | -300.00 |
| 3001 | capital | -10,700.00 | 0 | 0 | -10,700.00 |
| 5001.01 | sales | 0 | 0 | 1,130.00 | -1,130.00 |
| 5602.01 | rent | 0 | 300.00 | 0 | 300.00 |
| 5602.05 | travel | 0 | 2,870.00 | 0 | 2,870.00 |

1,130.00 are sold to X and paid; X pays 570.00 more than it owed, to the supplier directly.
"""

from __future__ import annotations

import textwrap
from typing import Any

from beancount.loader import load_string

from beanclear.ledger import periods
from beanclear.ledger.statements import general_ledger
from beanclear.ledger.statements.general_ledger import GeneralLedger

AUGUST = periods.parse("2026-08")

CHART = """
1970-01-01 open Assets:Bank:A
  code: "1002.01"
  name: "银行存款-甲"
  name-en: "Bank A"
1970-01-01 open Assets:Receivable:X
  code: "1122.01"
  name: "应收账款-甲"
  name-en: "Receivable X"
1970-01-01 open Assets:Receivable:Y
  code: "1122.02"
  name: "应收账款-乙"
  name-en: "Receivable Y"
1970-01-01 open Liabilities:Suppliers
  code: "2202.01"
  name: "应付账款-货款"
  name-en: "Payable goods"
1970-01-01 open Equity:Capital
  code: "3001"
  name: "实收资本"
  name-en: "Capital"
1970-01-01 open Income:Sales
  code: "5001.01"
  name: "主营业务收入-商品"
  name-en: "Sales goods"
  platform: "tmall"
1970-01-01 open Expenses:Rent
  code: "5602.01"
  name: "管理费用-房租"
  name-en: "Rent"
1970-01-01 open Expenses:Travel
  code: "5602.05"
  name: "管理费用-差旅费"
  name-en: "Travel"
  dimensions: "department project"
"""

ENTRIES = """
2026-08-01 * "期初" "期初余额"
  source: "opening/bank"
  Assets:Bank:A         10,000.00 CNY
  Assets:Receivable:X      500.00 CNY
  Assets:Receivable:Y      200.00 CNY
  Equity:Capital       -10,700.00 CNY

2026-08-03 * "X" "sale"
  shop: "north"
  Assets:Receivable:X    1,130.00 CNY
  Income:Sales          -1,130.00 CNY

2026-08-10 * "X" "paid"
  Assets:Bank:A          1,130.00 CNY
  Assets:Receivable:X   -1,130.00 CNY

2026-08-10 * "rent"
  shop: "south"
  Expenses:Rent            300.00 CNY
  Assets:Bank:A           -300.00 CNY

2026-08-20 * "X" "paid to the supplier"
  Liabilities:Suppliers    570.00 CNY
  Assets:Receivable:X     -570.00 CNY

2026-08-20 * "supplier" "paid"
  Liabilities:Suppliers  1,130.00 CNY
  Assets:Bank:A         -1,130.00 CNY

2026-08-31 * "trips"
  department: "sales"
  Expenses:Travel        2,000.00 CNY
    project: "fair"
    shop: "north"
  Expenses:Travel          870.00 CNY
  Liabilities:Suppliers -2,000.00 CNY
  Assets:Bank:A           -870.00 CNY
"""


def load(text: str) -> list[Any]:
    """The directives of a ledger text, which must be free of errors."""
    entries, errors, _options = load_string(textwrap.dedent(text))
    assert errors == []
    return list(entries)


def ledger_of(*texts: str) -> GeneralLedger:
    """The general ledger of the chart with these entries, in yuan."""
    return general_ledger.read(load("\n".join([CHART, *texts])), "CNY")
