"""银行存款余额调节表: the four kinds of items, ages, and where the bank's balance comes from."""

from __future__ import annotations

import datetime

import pytest

from beanclear.ledger import periods
from beanclear.ledger.statements import general_ledger
from beanclear.ledger.statements.bank_reconciliation import reconciliations
from beanclear.ledger.statements.table import Style, Table
from tests.ledger.statements.trading import AUGUST, CHART, load

# The bank: 10,000.00 opening, +3,000.00 on 3 Aug, -40.00 on 20 Aug and +7.00 on 30 Aug, which came
# after August was closed, +50.00 on 2 Sep: 12,967.00 at the end of August, 13,017.00 on 2 Sep.
# The books: a cheque of 200.00 of May and 500.00 paid in on 31 Aug are not at the bank; 80.00 of
# 5 Aug were taken back on the 6th.
BANK = """
1970-01-01 open Equity:Opening-Balances
1970-01-01 open Assets:Suspense:A
1970-01-01 open Assets:Transit:Alipay

2026-05-01 * "opening"
  source: "opening/ccb/1"
  Assets:Bank:A            10,000.00 CNY
  Equity:Opening-Balances

2026-05-20 * "cheque 7"
  Assets:Bank:A              -200.00 CNY
  Liabilities:Suppliers

2026-08-03 * "X" "paid"
  source: "ccb/1"
  Assets:Bank:A             3,000.00 CNY
  Assets:Suspense:A

2026-08-05 * "booked in error"
  Assets:Bank:A                80.00 CNY
  Income:Sales

2026-08-06 * "taken back"
  Assets:Bank:A               -80.00 CNY
  Income:Sales

2026-08-30 * "payout"
  source: "alipay/1"
  Assets:Transit:Alipay       300.00 CNY
  Income:Sales

2026-08-31 * "till" "paid in"
  Assets:Bank:A               500.00 CNY
  Income:Sales

2026-09-01 * "bank" "fee"
  source: "ccb/1"
  event-date: 2026-08-20
  Assets:Bank:A               -40.00 CNY
  Expenses:Rent

2026-09-01 * "bank" "interest"
  source: "ccb/1"
  event-date: 2026-08-30
  Assets:Bank:A                 7.00 CNY
  Income:Sales

2026-09-02 * "Y" "paid"
  source: "ccb/1"
  Assets:Bank:A                50.00 CNY
  Assets:Suspense:A
"""


def statement(day: str, first: str, last: str, **balances: str) -> str:
    said = "".join(f"  {name}: {amount} CNY\n" for name, amount in balances.items())
    return (
        f'\n{day} custom "statement" Assets:Bank:A\n  source: "ccb/1/bank"\n  first: {first}\n'
        f'  last: {last}\n  rows: 3\n  grade: "proven"\n{said}  file: "bank.xlsx"\n'
    )


AUGUST_STATEMENT = statement("2026-08-30", "2026-08-01", "2026-08-31", closing="12967.00")


def tables(text: str, period: periods.Period = AUGUST) -> list[Table]:
    entries = load(CHART + text)
    return reconciliations(general_ledger.read(entries, "CNY"), entries, period, "zh")


def rows(table: Table) -> list[tuple[object, ...]]:
    return [row.cells for row in table.rows]


def test_the_four_kinds_and_equal_adjusted_balances() -> None:
    (table,) = tables(BANK + AUGUST_STATEMENT)
    day = datetime.date
    old = "older than 90 days"
    assert rows(table) == [
        ("Balance", None, "", None, "", 1330000, 1296700),
        ("Add: received by the bank, not yet booked", None, "", None, "", 700, None),
        ("", day(2026, 8, 30), "bank interest", 1, "", 700, None),
        ("Less: paid by the bank, not yet booked", None, "", None, "", 4000, None),
        ("", day(2026, 8, 20), "bank fee", 11, "", 4000, None),
        ("Add: booked as received, not yet at the bank", None, "", None, "", None, 50000),
        ("", day(2026, 8, 31), "till paid in", 0, "", None, 50000),
        ("Less: booked as paid, not yet at the bank", None, "", None, "", None, 20000),
        ("", day(2026, 5, 20), "cheque 7", 103, old, None, 20000),
        ("Adjusted balance", None, "", None, "", 1326700, 1326700),
    ]
    assert table.rows[-1].adds == ((1, 0), (1, 1), (-1, 3), (1, 5), (-1, 7))
    assert [row.style for row in table.rows[1:3]] == [Style.LINE, Style.PART]
    assert table.checks == {"adjusted book balance less adjusted statement balance": 0}
    assert table.header == (
        ("Account", "1002.01 银行存款-甲"),
        ("At the end of", "2026-08-31"),
        ("Currency", "CNY"),
    )
    assert table.notes == (
        "Statement balance from bank.xlsx.",
        "Booked bank lines that nothing explains yet: -3000.00 CNY (Assets:Suspense:A).",
        "Expected receipts, booked as in transit: 300.00 CNY (Assets:Transit:Alipay).",
    )


def test_the_check_fails_when_the_bank_says_something_else() -> None:
    (table,) = tables(BANK + AUGUST_STATEMENT.replace("12967", "12960"))
    assert table.checks == {"adjusted book balance less adjusted statement balance": 700}


def test_ninety_days_are_not_old_yet() -> None:
    (table,) = tables(BANK.replace("05-20", "06-02") + AUGUST_STATEMENT)
    assert rows(table)[-2][3:5] == (90, "")


@pytest.mark.parametrize(
    ("said", "source"),
    [
        # Beyond the month: the line of 2 September is taken off again.
        (statement("2026-09-02", "2026-07-15", "2026-09-15", closing="13017.00"), "bank.xlsx"),
        ("\n2026-09-01 balance Assets:Bank:A 13,300.00 CNY\n", "balance, <string>"),
        (statement("2026-09-02", "2026-09-01", "2026-09-15", opening="12967.00"), "bank.xlsx"),
    ],
)
def test_where_the_banks_balance_comes_from(said: str, source: str) -> None:
    (table,) = tables(BANK + said)
    assert table.notes[0].startswith(f"Statement balance from {source}")
    # An assertion in the text is of the books' balance, with what is not at the bank yet.
    expected = 1330000 if "balance " in said else 1296700
    assert rows(table)[0][-1] == expected


def test_a_statement_whose_last_day_may_not_be_whole_says_so() -> None:
    (table,) = tables(BANK + AUGUST_STATEMENT.replace("last: 2026-08-31", "last: 2026-08-29"
                      ).replace("2026-08-30 custom", "2026-08-31 custom"))  # fmt: skip
    assert table.notes[1] == "The statement is known to be complete only to 2026-08-29."


def test_a_month_without_a_statement_says_so_and_checks_nothing() -> None:
    found = tables(BANK + AUGUST_STATEMENT, periods.parse("2026-Q2"))
    assert [table.header[1][1] for table in found] == ["2026-05-31", "2026-06-30"]
    assert rows(found[0])[-1][-2:] == (980000, None)
    assert found[0].checks == {}
    assert found[0].notes == (
        "No statement and no balance assertion says the bank's balance at the month's end.",
    )


def test_months_after_the_last_entry_have_no_table() -> None:
    found = tables(BANK + AUGUST_STATEMENT, periods.parse("2026"))
    ends = ["2026-05-31", "2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30"]
    assert [table.header[1][1] for table in found] == ends
    assert tables(BANK, periods.parse("2027-01")) == []
