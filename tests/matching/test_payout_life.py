"""The life of payouts: whatever happens to one, no hand work is needed and income stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from beanclear.ledger.records import Kind

if TYPE_CHECKING:
    from tests.conftest import TinyBooks

PAYER = "财付通支付科技有限公司客户备付金"
WALLET = "Assets:Wallet:WeChatPay"
TRANSIT = "Assets:Transit:WeChat"
BANK = "Assets:Bank:CCB"
FEES = "Expenses:Finance:PaymentFees"


def balances(tiny: TinyBooks, *accounts: str) -> dict[str, int]:
    found: dict[str, int] = dict.fromkeys(accounts, 0)
    for _day, account, amount in tiny.postings():
        if account in found:
            found[account] += amount
    return found


@pytest.fixture
def sold(tiny: TinyBooks) -> TinyBooks:
    """An own shop that sold for 113.00 and was paid in the wallet."""
    tiny.order("A", 11300, "07-01", paid="07-01", shipped="07-01")
    tiny.wallet(Kind.SALE, 11300, "07-01", "A")
    tiny.covering("ccb/bank")
    return tiny


def income(tiny: TinyBooks) -> list[tuple[str, str, int]]:
    return tiny.postings("Income:")


ONCE = [("07-01", "Income:Sales:Shop", -10000)]


def test_a_cancelled_payout_leaves_nothing(sold: TinyBooks) -> None:
    sold.wallet(Kind.PAYOUT, -10000, "07-02", payout_id="TX20260702")
    sold.wallet(Kind.PAYOUT_RETURN, 10000, "07-02", payout_id="TX20260702")
    assert sold.open() == []
    assert balances(sold, WALLET, TRANSIT) == {WALLET: 11300, TRANSIT: 0}
    assert income(sold) == ONCE


def test_a_cancelled_payout_and_its_retry(sold: TinyBooks) -> None:
    sold.wallet(Kind.PAYOUT, -10000, "07-02")
    sold.wallet(Kind.PAYOUT_RETURN, 10000, "07-03")
    sold.wallet(Kind.PAYOUT, -10000, "07-03")
    sold.bank(10000, "07-06", PAYER)
    assert sold.open() == []
    assert balances(sold, WALLET, TRANSIT, BANK) == {WALLET: 1300, TRANSIT: 0, BANK: 10000}
    assert income(sold) == ONCE


@pytest.mark.parametrize(("taken", "paid"), [("07-03", "07-06"), ("07-06", "07-03")])
def test_a_negative_settlement_is_taken_from_the_bank(
    sold: TinyBooks, taken: str, paid: str
) -> None:
    # A refund of an order from before leaves the wallet below zero; the platform collects it.
    sold.wallet(Kind.FEE, -15000, "07-02")
    sold.wallet(Kind.PAYOUT, 3700, taken)
    sold.bank(-3700, paid, PAYER)
    assert sold.open() == []
    assert balances(sold, WALLET, TRANSIT, BANK) == {WALLET: 0, TRANSIT: 0, BANK: -3700}
    assert income(sold) == ONCE


def test_a_negative_settlement_that_no_bank_paid(sold: TinyBooks) -> None:
    sold.wallet(Kind.FEE, -15000, "07-02")
    sold.wallet(Kind.PAYOUT, 3700, "07-03", record_id="N")
    assert sold.open() == [("missing-deposit", "N", -3700)]
    text = sold.texts()["reconciliation/current.beancount"]
    assert "平台应收取 37.00 CNY" in text or "was to take 37.00 CNY" in text


def test_money_that_leaves_the_bank_too_late_is_not_what_was_collected(sold: TinyBooks) -> None:
    sold.wallet(Kind.PAYOUT, 3700, "07-03", record_id="N")
    sold.bank(-3700, "07-31", PAYER, record_id="D")
    assert sold.open() == [("missing-deposit", "N", -3700), ("unidentified", "D", 3700)]


def test_a_deposit_does_not_pay_what_was_collected(sold: TinyBooks) -> None:
    sold.wallet(Kind.PAYOUT, -3700, "07-03", record_id="P")
    sold.wallet(Kind.PAYOUT, 3700, "07-03", record_id="N")
    assert sold.open() == [("missing-deposit", "N", -3700), ("missing-deposit", "P", 3700)]


def test_a_negative_balance_is_carried_to_the_next_payout(sold: TinyBooks) -> None:
    sold.wallet(Kind.FEE, -15000, "07-02")  # the wallet stands at -37.00
    sold.order("B", 11300, "08-01", paid="08-01", shipped="08-01")
    sold.wallet(Kind.SALE, 11300, "08-01", "B")
    sold.wallet(Kind.PAYOUT, -7600, "08-03")
    sold.bank(7600, "08-04", PAYER)
    assert sold.open() == []
    assert balances(sold, WALLET, TRANSIT, BANK) == {WALLET: 0, TRANSIT: 0, BANK: 7600}
    assert income(sold) == [*ONCE, ("08-01", "Income:Sales:Shop", -10000)]


def test_a_withdrawal_that_leaves_a_rest_and_the_next_one_that_takes_it(sold: TinyBooks) -> None:
    sold.wallet(Kind.PAYOUT, -10000, "07-02")
    sold.bank(10000, "07-03", PAYER)
    assert balances(sold, WALLET, TRANSIT) == {WALLET: 1300, TRANSIT: 0}
    sold.wallet(Kind.PAYOUT, -1300, "07-09")
    sold.bank(1300, "07-10", PAYER)
    assert sold.open() == []
    assert balances(sold, WALLET, TRANSIT, BANK) == {WALLET: 0, TRANSIT: 0, BANK: 11300}
    assert income(sold) == ONCE


def test_a_reserve_is_held_and_released(sold: TinyBooks) -> None:
    # Amazon's Current Reserve Amount and, in the next period, Previous Reserve Amount Balance.
    held = "Assets:Reserved:WeChatPay"
    sold.wallet(Kind.RESERVE, -5000, "07-14")
    sold.wallet(Kind.PAYOUT, -6300, "07-14")
    sold.bank(6300, "07-15", PAYER)
    assert balances(sold, WALLET, TRANSIT, held) == {WALLET: 0, TRANSIT: 0, held: 5000}
    sold.wallet(Kind.RELEASE, 5000, "07-28")
    sold.wallet(Kind.PAYOUT, -5000, "07-28")
    sold.bank(5000, "07-29", PAYER)
    assert sold.open() == []
    assert balances(sold, WALLET, TRANSIT, held) == {WALLET: 0, TRANSIT: 0, held: 0}
    assert income(sold) == ONCE


def test_a_payout_fee_that_the_wallet_lists(sold: TinyBooks) -> None:
    sold.wallet(Kind.PAYOUT, -11200, "07-02")
    sold.wallet(Kind.PAYMENT_FEE, -100, "07-02")
    sold.bank(11200, "07-03", PAYER)
    assert sold.open() == []
    assert balances(sold, WALLET, TRANSIT, FEES) == {WALLET: 0, TRANSIT: 0, FEES: 100}
    assert income(sold) == ONCE


def test_a_payout_fee_that_nobody_lists_is_shown(sold: TinyBooks) -> None:
    sold.wallet(Kind.PAYOUT, -11300, "07-02", record_id="P", payout_id="TX20260702")
    sold.bank(11200, "07-03", PAYER, "提现 TX20260702")
    assert sold.open() == [("short", "TX20260702", 100)]


RULES = {
    "fixed": 'fixed = "1.00"',
    "rate": 'rate_percent = "0.885"',  # 1.00005: rounded to the fen
    "minimum": 'rate_percent = "0.1"\nminimum = "1.00"',
    "maximum": 'rate_percent = "2"\nmaximum = "1.00"',
}


@pytest.mark.parametrize("terms", RULES.values(), ids=RULES)
@pytest.mark.parametrize("memo", ["", "提现 TX20260702"])
def test_a_payout_fee_that_a_rule_names(sold: TinyBooks, terms: str, memo: str) -> None:
    sold.configure(f'[[payout_fees]]\nfamily = "wechat"\n{terms}\n')
    sold.wallet(Kind.PAYOUT, -11300, "07-02", payout_id="TX20260702")
    sold.bank(11200, "07-03", PAYER, memo)
    found = sold.found()
    assert found.items == ()
    assert [(rest.klass, rest.key, rest.amount_minor, rest.to) for rest in found.rests] == [
        ("payout-fee", "TX20260702", 100, FEES)
    ]
    assert 'class: "payout-fee"' in sold.texts()["reconciliation/2026-07.beancount"]
    assert income(sold) == ONCE


def test_a_payout_fee_is_exact_or_an_exception(sold: TinyBooks) -> None:
    sold.configure('[[payout_fees]]\nfamily = "wechat"\nfixed = "1.00"\n')
    sold.wallet(Kind.PAYOUT, -11300, "07-02", payout_id="TX20260702")
    sold.bank(11199, "07-03", PAYER, "提现 TX20260702")
    assert sold.open() == [("short", "TX20260702", 101)]


@pytest.mark.parametrize(
    ("rule", "closed"),
    [
        ("until = 2026-07-01", False),
        ("until = 2026-07-02", True),
        ("from = 2026-07-03", False),
        ("from = 2026-07-02", True),
        ('currency = "USD"', False),
    ],
)
def test_a_payout_fee_has_its_days_and_currency(
    sold: TinyBooks, rule: str, *, closed: bool
) -> None:
    sold.configure(f'[[payout_fees]]\nfamily = "wechat"\nfixed = "1.00"\n{rule}\n')
    sold.wallet(Kind.PAYOUT, -11300, "07-02", record_id="P")
    sold.bank(11200, "07-03", PAYER, record_id="D")
    expected = [("missing-deposit", "P", 11300), ("unidentified", "D", -11200)]
    assert sold.open() == ([] if closed else expected)


def test_two_payouts_in_one_deposit_lose_a_fee_each(sold: TinyBooks) -> None:
    sold.configure('[[payout_fees]]\nfamily = "wechat"\nfixed = "1.00"\n')
    sold.wallet(Kind.PAYOUT, -6234, "07-02")
    sold.wallet(Kind.PAYOUT, -4917, "07-02")
    sold.bank(6234 + 4917 - 200, "07-03", PAYER)
    found = sold.found()
    assert found.items == ()
    assert [rest.amount_minor for rest in found.rests] == [200]


def test_a_returned_payout_comes_back_without_a_fee(sold: TinyBooks) -> None:
    sold.configure('[[payout_fees]]\nfamily = "wechat"\nfixed = "1.00"\n')
    sold.wallet(Kind.PAYOUT, -10000, "07-02")
    sold.wallet(Kind.PAYOUT_RETURN, 10000, "07-03")
    found = sold.found()
    assert (found.items, found.rests) == ((), ())


def test_a_payout_in_two_currencies_is_two_groups(sold: TinyBooks) -> None:
    sold.wallet(Kind.PAYOUT, -10000, "07-02", payout_id="TX20260702")
    sold.wallet(Kind.PAYOUT, -10000, "07-02", payout_id="TX20260702", currency="USD")
    sold.bank(10000, "07-03", PAYER)
    found = sold.found()
    (item,) = found.items
    assert (item.klass, item.key, item.currency) == ("missing-deposit", "TX20260702", "USD")
    states = [(s.currency, s.balance_minor) for s in found.states if s.account == TRANSIT]
    assert states == [("CNY", 0), ("USD", 10000)]
    sold.bank(10000, "07-03", PAYER, currency="USD")
    assert sold.open() == []


def test_what_is_known_of_one_currency_says_nothing_of_another(sold: TinyBooks) -> None:
    # In USD the two payouts and one deposit are ambiguous; in CNY each has its own.
    for number in ("1", "2"):
        for currency, amount in (("USD", 10000), ("CNY", 5000 + int(number))):
            sold.wallet(
                Kind.PAYOUT, -amount, "07-02", payout_id=f"TX2026070{number}", currency=currency
            )
        sold.bank(5000 + int(number), "07-03", PAYER)
    sold.bank(10000, "07-03", PAYER, currency="USD", record_id="D")
    found = [(item.klass.value, item.currency, item.key) for item in sold.found().items]
    assert found == [
        ("ambiguous", "USD", "TX20260701"),
        ("ambiguous", "USD", "TX20260702"),
        ("ambiguous", "USD", "D"),
    ]


def test_a_tolerance_is_of_one_currency(sold: TinyBooks) -> None:
    for currency in ("CNY", "USD"):
        key = f"TX20260702{currency}"
        sold.wallet(Kind.PAYOUT, -10000, "07-02", payout_id=key, currency=currency)
        sold.bank(9999, "07-03", PAYER, key, currency=currency)
    chart = sold.texts()["accounts.beancount"]
    assert f"open {TRANSIT} CNY,USD\n" in chart
    sold.write("accounts.beancount", chart.replace("tolerance: 0.00 CNY", "tolerance: 0.01 CNY"))
    assert sold.open() == [("short", "TX20260702USD", 1)]
