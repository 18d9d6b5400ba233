"""Files that only a mapping reads: amounts, signs, days and currencies as the file says."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cases.conftest import Case

BOOKS = '[books]\nlanguage = "en"\nconfirmed = true\n'
RATES = "".join(
    f'[[rates]]\ncurrency = "{code}"\nrate = "{rate}"\nfrom = 2026-01-01\n'
    for code, rate in (("USD", "7.1000"), ("EUR", "8.0000"))
)
PAYPAL = """
[[tables]]
name = "paypal"
match = ["Transaction ID", "Reference Txn ID", "Gross", "Fee", "Net"]
stage = "wallet"
source = "paypal"
platform = "shop"
currency_column = "Currency"
date_format = "%d/%m/%Y"
[tables.kinds]
"Website Payment" = "sale"
"Payment Refund" = "refund"
"General Currency Conversion" = "conversion"
"General Withdrawal" = "payout"
[tables.columns]
occurred_at = "Date"
amount = "Gross"
fee = "Fee"
balance = "Balance"
record_id = "Transaction ID"
trade_id = "Reference Txn ID"
order_id = "Invoice Number"
kind = "Type"
"""
LEAVE_OUT = '[tables.leave_out]\n"Balance Impact" = ["Memo"]\n'
HEADER = (
    "Date,Type,Status,Currency,Gross,Fee,Net,Transaction ID,Reference Txn ID,Invoice Number,"
    "Balance,Balance Impact\n"
)


def row(day: str, kind: str, money: str, ids: str, balance: str) -> str:
    impact = "Memo" if kind == "Authorization" else "Credit"
    return f"{day}/07/2026,{kind},Completed,{money},{ids},{balance},{impact}\n"


TWO = HEADER + (
    row("01", "Website Payment", "EUR,100.00,-3.90,96.10", "E1,,O-1", "96.10")
    + row("01", "General Currency Conversion", "EUR,-96.10,0.00,-96.10", "E2,E1,", "0.00")
    + row("01", "General Currency Conversion", "USD,104.00,0.00,104.00", "E3,E1,", "104.00")
    + row("05", "Payment Refund", "EUR,-100.00,3.50,-96.50", "E4,E1,O-1", "-96.50")
    + row("05", "General Currency Conversion", "USD,-106.00,0.00,-106.00", "E5,E4,", "-2.00")
    + row("05", "General Currency Conversion", "EUR,96.50,0.00,96.50", "E6,E4,", "0.00")
    + row("31", "Website Payment", "USD,10.00,-0.50,9.50", "E7,,O-9", "7.50")
)


def test_a_file_in_two_currencies_passes_check(case: Case) -> None:
    """robvankeilegom/firefly-III-paypal-importer #14: a sale in euros, kept in dollars."""
    case.configure(BOOKS + PAYPAL + RATES)
    case.put("paypal.csv", TWO)
    assert case.run() == 0, case.said
    assert case.check() == 0, case.said
    assert case.balances("Assets:Wallet") == {"Assets:Wallet:Paypal": Decimal("7.50")}


def test_a_file_for_each_currency_is_compared_with_none_of_another(case: Case) -> None:
    case.configure(BOOKS + PAYPAL + RATES)
    for code in ("EUR", "USD"):
        lines = [line for line in TWO.splitlines(keepends=True)[1:] if f",{code}," in line]
        case.put(f"{code}.csv", HEADER + "".join(lines))
    assert case.run() == 0, case.said
    assert case.balances("Assets:Wallet") == {"Assets:Wallet:Paypal": Decimal("7.50")}
    assert len(lines) == 3
    case.put("part.csv", HEADER + lines[0] + lines[2])
    assert case.run("--accept", "part.csv", "--by", "Li Na") == 1
    assert "part.csv covers 2026-07-05 too and lacks this line of -106.00 USD" in case.said


def test_a_closed_month_keeps_both_currencies(case: Case) -> None:
    """Each statement of the file is the one that was frozen, and is not written again."""
    case.configure(BOOKS + PAYPAL + RATES)
    case.put("paypal.csv", TWO + row("31", "Website Payment", "EUR,1.00,0,1.00", "E8,,O-8", "1.00"))
    case.put(
        "august.csv",
        HEADER
        + row("31", "Website Payment", "USD,2.00,0,2.00", "E9,,O-7", "9.50").replace(
            "/07/", "/08/"
        ),
    )
    assert case.run() == 0, case.said
    assert case.call("close", "2026-07", "--by", "Li Na") == 0, case.said
    assert case.run() == 0, case.said
    assert case.check() == 0, case.said
    text = "".join(path.read_text() for path in case.root.glob("reconciliation/*.beancount"))
    assert text.count('file: "paypal.csv"') == 2


def test_an_opening_balance_in_another_currency(case: Case) -> None:
    """OCA/bank-statement-import 257: the first balance is not what the first line brought."""
    case.configure(BOOKS + PAYPAL + RATES)
    case.put(
        "paypal.csv",
        HEADER
        + row("01", "Website Payment", "USD,100.00,-3.90,96.10", "T2,,O-1", "596.10")
        + row("02", "Website Payment", "USD,50.00,-2.20,47.80", "T3,,O-2", "643.90"),
    )
    assert case.run() == 0, case.said
    assert case.check() == 0, case.said
    assert case.balances("Equity:Opening-Balances") == {"Equity:Opening-Balances": Decimal(-500)}


MEMO = HEADER + (
    row("01", "Authorization", "USD,100.00,0.00,100.00", "T1,,O-1", "0.00")
    + row("01", "Website Payment", "USD,100.00,-3.90,96.10", "T2,T1,O-1", "96.10")
    + row("02", "Website Payment", "USD,50.00,-2.20,47.80", "T3,,O-2", "143.90")
)


@pytest.mark.parametrize("balance", [True, False])
def test_memo_lines_are_left_out_and_told(case: Case, balance: bool) -> None:
    """whisper-money PR 840: a pending copy was counted, and made up an opening balance."""
    table = PAYPAL if balance else PAYPAL.replace('balance = "Balance"\n', "")
    case.configure(BOOKS + table + LEAVE_OUT + RATES)
    case.put("paypal.csv", MEMO)
    assert case.run() == 0, case.said
    assert "paypal.csv: left out 1 row: Balance Impact = Memo" in case.said
    assert case.total("Assets:Wallet:Paypal") == Decimal("143.90")
    assert case.total("Equity:Opening-Balances") == 0


SHOPIFY = """
[[tables]]
name = "shopify"
match = ["Transaction Date", "Type", "Order", "Amount", "Fee", "Net"]
stage = "wallet"
source = "shopify"
platform = "shop"
currency_column = "Currency"
date_format = "%Y-%m-%d %H:%M:%S"
[tables.kinds]
charge = "sale"
refund = "refund"
[tables.columns]
occurred_at = "Transaction Date"
amount = "Amount"
fee = "Fee"
order_id = "Order"
kind = "Type"
"""
PAYMENTS = (
    "Transaction Date,Type,Order,Amount,Fee,Net,Currency\n"
    "2026-07-01 20:30:00,charge,1001,100.00,3.20,96.80,CNY\n"
    "2026-07-31 23:30:00,charge,1002,50.00,1.70,48.30,CNY\n"
)


def test_a_fee_of_which_nobody_says_which_way_it_goes(case: Case) -> None:
    """woocommerce-payments #3657: a positive fee was booked as income."""
    case.configure(BOOKS + SHOPIFY)
    case.put("payments.csv", PAYMENTS)
    assert case.run() == 1
    assert "payments.csv:2: fee (Fee): whether a charge is positive" in case.said
    assert case.inbox() == ["payments.csv"]
    assert not case.balances("Assets")


@pytest.mark.parametrize("proof", ['net = "Net"\n', 'fee_sign = "reversed"'])
def test_a_positive_fee(case: Case, proof: str) -> None:
    """The same, with its sign declared, or a net amount that proves it."""
    table = (
        SHOPIFY + proof
        if proof.startswith("net")
        else SHOPIFY.replace("[[tables]]", "[[tables]]\n" + proof)
    )
    case.configure(BOOKS + table)
    case.put("payments.csv", PAYMENTS)
    assert case.run() == 0, case.said
    assert case.balances("Assets:Wallet") == {"Assets:Wallet:Shopify": Decimal("145.10")}
    assert case.balances("Expenses:Finance") == {"Expenses:Finance:PaymentFees": Decimal("4.90")}


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Shanghai"])
def test_a_day_with_an_offset_is_the_same_on_every_machine(
    case: Case, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """elizaOS/eliza #22063: the same file gave another day on another machine."""
    monkeypatch.setenv("TZ", zone)
    case.configure(BOOKS + SHOPIFY.replace('%S"', '%S %z"').replace('fee = "Fee"\n', ""))
    case.put("payments.csv", PAYMENTS.replace(":00,charge,1001", ":00 +0800,charge,1001").replace(
        "2026-07-31 23:30:00,", "2026-08-01 01:00:00 +0800,"
    ))  # fmt: skip
    assert case.run() == 0, case.said
    assert case.total("Assets:Wallet", "2026-07-31") == Decimal(100)
    assert case.total("Assets:Wallet", "2026-08-01") == Decimal(150)


CHANNELS = """
[[tables]]
name = "channels"
match = ["流水单号", "记账时间", "动账类型", "收支类型", "收支金额"]
stage = "wallet"
source = "channels"
platform = "shop"
[tables.kinds]
"订单支付" = "sale"
"订单退款" = "refund"
"技术服务费" = "fee"
"提现" = "payout"
[tables.columns]
occurred_at = "记账时间"
amount = "收支金额"
record_id = "流水单号"
order_id = "关联订单号"
kind = "动账类型"
"""
FLOW = (
    "流水单号,记账时间,动帐类型,收支类型,收支金额,账户余额,关联订单号\n"
    "C1,2026-07-01 10:00:00,订单支付,收入,100.00,100.00,O-1\n"
    "C2,2026-07-01 10:00:01,技术服务费,支出,1.00,99.00,O-1\n"
    "C3,2026-07-05 10:00:00,订单退款,支出,30.00,69.00,O-1\n"
    "C4,2026-07-31 10:00:00,提现,支出,69.00,0.00,\n"
)
DIRECTION = 'direction = "收支类型"\nbalance = "账户余额"\n'
WAYS = '[tables.direction]\n"收入" = "in"\n"支出" = "out"\n'


def test_a_refund_that_would_come_in_is_refused(case: Case) -> None:
    """firefly-iii #2835: amounts without a sign, their direction in a column nobody reads."""
    case.configure(BOOKS + CHANNELS)
    case.put("channels.csv", FLOW)
    assert case.run() == 1
    assert "channels.csv:4: 30.00 as refund would go the wrong way" in case.said
    assert case.inbox() == ["channels.csv"]


def test_a_direction_column(case: Case) -> None:
    """The same with the direction declared."""
    case.configure(BOOKS + CHANNELS + DIRECTION + WAYS)
    case.put("channels.csv", FLOW)
    case.run()
    assert case.inbox() == []
    assert case.total("Assets:Wallet") == 0
    assert case.total("Expenses:Platform") == Decimal("1.00")
    assert case.total("Assets:Transit") == Decimal("69.00")
    # 70.00 stays sold: 61.95 is income, 8.05 VAT.
    assert case.total("Income") == Decimal("-61.95")
