"""A shop that sells abroad: orders in dollars, PayPal, a conversion, and yuan at the bank."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run

SETTINGS = """
[books]
language = "en"
taxpayer = "small"
confirmed = true

[[vat]]
rate_percent = "0"

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
"General Withdrawal" = "payout"
"General Currency Conversion" = "conversion"
[tables.columns]
occurred_at = "Date"
amount = "Gross"
fee = "Fee"
balance = "Balance"
record_id = "Transaction ID"
trade_id = "Reference Txn ID"
order_id = "Invoice Number"
kind = "Type"

[[tables]]
name = "boc"
match = ["交易日期", "交易金额", "交易后余额"]
stage = "bank"
source = "boc"
[tables.columns]
occurred_at = "交易日期"
amount = "交易金额"
balance = "交易后余额"
counterparty = "对方户名"
bank_ref = "流水号"

[[matching]]
family = "paypal"
payers = ["PayPal"]
"""
ORDERS = """order_id,ordered_at,paid_at,shipped_at,completed_at,status,amount,currency,refunded
A-1,2026-07-01,2026-07-01,2026-07-02,,shipped,100.00,USD,
A-2,2026-07-03,2026-07-03,2026-07-04,,shipped,50.00,USD,20.00
A-9,2026-08-20,2026-08-20,,,paid,1.00,USD,
"""
HEADER = "Date,Type,Currency,Gross,Fee,Net,Transaction ID,Reference Txn ID,Invoice Number,Balance"
ACTIVITY = """
01/07/2026,Website Payment,USD,100.00,-3.20,96.80,T1,,A-1,96.80
03/07/2026,Website Payment,USD,50.00,-1.80,48.20,T2,,A-2,145.00
06/07/2026,Payment Refund,USD,-20.00,0.50,-19.50,T3,T2,A-2,125.50
07/07/2026,General Currency Conversion,USD,-100.00,0.00,-100.00,T4,T5,,25.50
07/07/2026,General Currency Conversion,CNY,712.30,0.00,712.30,T5,T4,,712.30
08/07/2026,General Withdrawal,CNY,-712.30,0.00,-712.30,T6,,,0.00
20/08/2026,Website Payment,USD,1.00,-0.30,0.70,T7,,A-9,26.20
"""
BANK = """交易日期,交易金额,交易后余额,对方户名,流水号
2026-07-01,10.00,1010.00,某某公司,B0
2026-07-10,712.30,1722.30,PayPal Payments Ltd,B1
2026-08-20,1.00,1723.30,某某公司,B2
"""
RATE = '\n[[rates]]\ncurrency = "USD"\nrate = "7.10"\n'


def ran(run: Run, books: Path, rates: str, *files: tuple[str, str]) -> str:
    """Run with these files in the inbox; the text of all journals and the state."""
    (books / "beanclear.toml").write_text(SETTINGS + rates, encoding="utf-8")
    for name, text in files:
        (books / "inbox" / name).write_text(text, encoding="utf-8")
    done = run("run", books)
    assert "bean-check" not in done.stderr, done.stderr
    assert done.exit_code == 1, done.stderr  # two lines of 某某公司 are past due
    names = sorted((books / "journal").rglob("*.beancount"))
    names += sorted((books / "reconciliation").glob("*.beancount"))
    return "\n".join(path.read_text(encoding="utf-8") for path in names)


FILES = (("orders.csv", ORDERS), ("paypal.csv", HEADER + ACTIVITY), ("boc.csv", BANK))


def test_the_books_of_a_foreign_wallet_are_proven(run: Run, books: Path) -> None:
    text = ran(run, books, RATE, *FILES)
    items = re.findall(r'custom "open-item" (\S+) (\S+ \S+)', text)
    assert items == [("Assets:Suspense:Boc", "-10.00 CNY")]
    assert 'custom "difference" Assets:Transit:Conversion:Paypal -2.30 CNY' in text
    assert 'class: "fx"' in text
    states = dict(re.findall(r'custom "reconciled" (\S+ \S+ \S+)()', text)).keys()
    assert {
        "Assets:Receivable:Shop 0.00 USD",
        "Assets:Transit:Conversion:Paypal 0.00 CNY",
        "Assets:Transit:Conversion:Paypal 0.00 USD",
        "Assets:Transit:Paypal 0.00 CNY",
    } <= states
    assert "balance Assets:Wallet:Paypal  25.50 ~ 0.00 USD" in text
    assert "balance Assets:Wallet:Paypal  0.00 ~ 0.00 CNY" in text
    chart = (books / "accounts.beancount").read_text(encoding="utf-8")
    assert "open Assets:Wallet:Paypal CNY,USD\n" in chart


@pytest.mark.parametrize("first", range(3))
def test_whatever_comes_first(run: Run, books: Path, tmp_path: Path, first: int) -> None:
    at_once = ran(run, books, RATE, *FILES)
    chart = (books / "accounts.beancount").read_text(encoding="utf-8")
    other = tmp_path / "other"
    assert run("init", other).exit_code == 0
    (other / "beanclear.toml").write_text(SETTINGS + RATE, encoding="utf-8")
    name, text = FILES[first]
    (other / "inbox" / name).write_text(text, encoding="utf-8")
    run("run", other)
    assert ran(run, other, RATE, *(file for file in FILES if file[0] != name)) == at_once
    assert (other / "accounts.beancount").read_text(encoding="utf-8") == chart


def test_without_a_rate_the_run_says_so(run: Run, books: Path) -> None:
    text = ran(run, books, "", *FILES)
    assert 'custom "difference"' not in text
    done = run("run", books)
    assert "USD: there is no booked rate in [[rates]]" in done.stdout + done.stderr


def test_check_agrees(run: Run, books: Path) -> None:
    ran(run, books, RATE, *FILES)
    done = run("check", books)
    assert "differ" not in done.stdout, done.stdout + done.stderr
