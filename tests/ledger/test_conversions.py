"""Exchanges of currencies: the entry at the booked rate, its difference, and the missing side."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beanclear.ledger import vocabulary
from beanclear.ledger.posting.conversions import Side, exchanged
from beanclear.ledger.records import Kind, Stage

if TYPE_CHECKING:
    from tests.conftest import TinyBooks

CONVERSION = "Assets:Transit:Conversion:Paypal"
RATE = '[[rates]]\ncurrency = "USD"\nrate = "7.10"\n'
PAYPAL = {"source": "paypal", "platform": None}


def exchange(tiny: TinyBooks, *, ref: str = "X1", sold: int = -10000, bought: int = 71230) -> None:
    tiny.wallet(Kind.CONVERSION, sold, "07-05", currency="USD", trade_id=ref, **PAYPAL)
    tiny.wallet(Kind.CONVERSION, bought, "07-05", trade_id=ref, **PAYPAL)


def rests(tiny: TinyBooks) -> list[tuple[str, str, str, int, str]]:
    return [(r.klass, r.key, r.currency, r.amount_minor, r.to) for r in tiny.found().rests]


def entry(tiny: TinyBooks) -> str:
    return tiny.texts()["journal/2026/07/conversions-paypal.beancount"]


@pytest.mark.parametrize(
    ("bought", "difference"),
    [
        (71230, [("fx", "X1", "CNY", -230, "Income:Finance:ExchangeGain")]),
        (70930, [("fx", "X1", "CNY", 70, "Expenses:Finance:ExchangeLoss")]),
        (71000, []),
    ],
)
def test_the_difference_at_the_booked_rate(
    tiny: TinyBooks, bought: int, difference: list[tuple[str, str, str, int, str]]
) -> None:
    tiny.configure(RATE + '[books]\nlanguage = "en"\n')
    exchange(tiny, bought=bought)
    found = tiny.found()
    assert found.items == ()
    assert [(s.currency, s.balance_minor) for s in found.states] == [("CNY", 0), ("USD", 0)]
    assert rests(tiny) == difference
    assert entry(tiny) == (
        '2026-07-05 * "Currency conversion" "Conversions of the day"\n'
        '  source: "conversions/paypal"\n'
        "  records: 1\n"
        "  Assets:Transit:Conversion:Paypal          710.00 CNY\n"
        "  Assets:Transit:Conversion:Paypal         -100.00 USD\n"
        "  Equity:Conversion                        -710.00 CNY\n"
        "  Equity:Conversion                         100.00 USD\n"
    )


def test_buying_foreign_money_dear_is_a_loss(tiny: TinyBooks) -> None:
    tiny.configure(RATE)
    exchange(tiny, sold=10000, bought=-71230)
    assert rests(tiny) == [("fx", "X1", "CNY", 230, "Expenses:Finance:ExchangeLoss")]
    assert tiny.open() == []


def test_without_a_rate_its_own_counts_and_is_said(tiny: TinyBooks) -> None:
    exchange(tiny)
    with tiny.keeper() as kept:
        computed = kept.compute()
    assert (computed.unrated, computed.found.items, computed.found.rests) == (("USD",), (), ())
    tiny.configure(RATE)
    with tiny.keeper() as kept:
        assert kept.compute().unrated == ()


def test_the_rate_is_that_of_the_day(tiny: TinyBooks) -> None:
    tiny.configure(
        RATE
        + '[[rates]]\ncurrency = "USD"\nrate = "7.12"\nfrom = 2026-07-05\n'
        + '[[rates]]\ncurrency = "USD"\nrate = "7.20"\nfrom = 2026-07-06\n'
    )
    exchange(tiny)
    assert rests(tiny) == [("fx", "X1", "CNY", -30, "Income:Finance:ExchangeGain")]


@pytest.mark.parametrize("amount", [-10000, 71230])
def test_one_side_alone_is_open_with_its_own_reason(tiny: TinyBooks, amount: int) -> None:
    tiny.configure('[books]\nlanguage = "en"\n')
    currency = "USD" if amount < 0 else "CNY"
    tiny.wallet(Kind.CONVERSION, amount, "07-05", currency=currency, trade_id="X1", **PAYPAL)
    assert tiny.open("07-10") == []  # five business days for the other side
    assert tiny.open("07-13") == [("missing-conversion", "X1", -amount)]
    text = tiny.texts()["reconciliation/current.beancount"]
    assert "one side of an exchange of currencies" in text


def test_two_currencies_never_net(tiny: TinyBooks) -> None:
    tiny.wallet(Kind.CONVERSION, -10000, "07-05", currency="USD", trade_id="X1", **PAYPAL)
    tiny.wallet(Kind.CONVERSION, 10000, "07-05", currency="CNY", trade_id="X2", **PAYPAL)
    assert tiny.open() == [
        ("missing-conversion", "X2", -10000), ("missing-conversion", "X1", 10000),
    ]  # fmt: skip


def test_three_currencies_under_one_key_say_nothing(tiny: TinyBooks) -> None:
    exchange(tiny)
    tiny.wallet(Kind.CONVERSION, 500, "07-05", currency="EUR", trade_id="X1", **PAYPAL)
    assert sorted(item.currency for item in tiny.found().items) == ["CNY", "EUR", "USD"]


def test_lines_that_name_each_other(tiny: TinyBooks) -> None:
    names = {"currency": "USD", "record_id": "T2", "trade_id": "T1"}
    tiny.wallet(Kind.CONVERSION, -10000, "07-05", **names, **PAYPAL)
    tiny.wallet(Kind.CONVERSION, 71230, "07-05", record_id="T1", trade_id="T2", **PAYPAL)
    assert tiny.open() == []
    assert {key for _class, key, *_rest in rests(tiny)} == set()


def test_a_line_that_names_the_other_alone(tiny: TinyBooks) -> None:
    names = {"currency": "USD", "record_id": "T2", "trade_id": "T1"}
    tiny.wallet(Kind.CONVERSION, -10000, "07-05", **names, **PAYPAL)
    tiny.wallet(Kind.CONVERSION, 71230, "07-05", record_id="T1", **PAYPAL)
    assert tiny.open() == []


def test_two_accounts_of_a_bank(tiny: TinyBooks) -> None:
    tiny.configure(RATE)
    for account, amount, currency in (("0001", -10000, "USD"), ("0002", 71230, "CNY")):
        tiny.add(
            "boc", Stage.BANK, Kind.CONVERSION, amount, "07-05",
            account=account, currency=currency, bank_ref="JH1", record_id=account,
        )  # fmt: skip
    assert tiny.open() == []
    assert rests(tiny) == [("fx", "JH1", "CNY", -230, "Income:Finance:ExchangeGain")]
    transit = (
        "Assets:Transit:Conversion:Boc"  # what the difference takes off stands in its directive
    )
    assert tiny.postings("Assets:Transit") == [("07-05", transit, -230)]


def test_income_is_that_of_the_sale_alone(tiny: TinyBooks) -> None:
    tiny.configure(RATE + '[[vat]]\nrate_percent = "0"\n')
    tiny.wallet(Kind.SALE, 10000, "07-01", "A", source="paypal", platform="paypal", currency="USD")
    exchange(tiny)
    assert tiny.postings("Income:Sales") == [("07-01", "Income:Sales:Paypal", -10000)]
    assert tiny.open() == []


def test_the_books_balance_and_open_accounts_in_both(tiny: TinyBooks) -> None:
    tiny.configure(RATE)
    exchange(tiny)
    chart = tiny.texts()["accounts.beancount"]
    for account in (CONVERSION, "Assets:Wallet:Paypal", "Equity:Conversion"):
        assert re.search(rf"^1970-01-01 open {account} CNY,USD$", chart, re.MULTILINE)


AMOUNTS = st.integers(min_value=1, max_value=10**14)
RATES = st.decimals(min_value="0.00000001", max_value="99999", places=8)


@given(
    sold=AMOUNTS,
    bought=AMOUNTS,
    one=st.sampled_from(["CNY", "USD", "JPY", "KWD"]),
    other=st.sampled_from(["EUR", "VND"]),
    rate=RATES,
    rate_of_other=RATES,
)
def test_every_entry_and_difference_adds_up(
    *, sold: int, bought: int, one: str, other: str, rate: Decimal, rate_of_other: Decimal
) -> None:
    sides = [Side(currency=one, amount_minor=-sold), Side(currency=other, amount_minor=bought)]
    found = exchanged(sides, "CNY", {one: rate, other: rate_of_other})
    assert found is not None
    legs = {leg.currency: leg.amount_minor for leg in found.legs}
    clearing = {one: sold, other: -bought}
    for currency in {*legs, *clearing}:
        rest = clearing.get(currency, 0) + legs.get(currency, 0)
        assert rest == (-found.gain_minor if currency == "CNY" else 0)
    mirrored = exchanged(
        [Side(currency=side.currency, amount_minor=-side.amount_minor) for side in sides],
        "CNY",
        {one: rate, other: rate_of_other},
    )
    assert mirrored is not None
    assert mirrored.gain_minor == -found.gain_minor


@pytest.mark.parametrize("sides", [[-1], [-1, -2], [1, 2], [-1, 2, 3]])
def test_what_is_no_exchange(sides: list[int]) -> None:
    currencies = ("CNY", "USD", "EUR")
    given_sides = [
        Side(currency=currency, amount_minor=amount)
        for currency, amount in zip(currencies, sides, strict=False)
    ]
    assert exchanged(given_sides, "CNY", {}) is None


def test_a_rate_that_is_set_after_its_month_was_closed_is_booked_late(tiny: TinyBooks) -> None:
    exchange(tiny)
    texts = tiny.texts()
    frozen = {name: text for name, text in texts.items() if name.startswith("journal/2026/07/")}
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in frozen.items()}
    for name, text in texts.items():
        tiny.write(name, text)
    close = vocabulary.Close(
        date=tiny.day("07-31"), account=vocabulary.CLOSING_ACCOUNT, by="Li", period="2026-07",
        files=json.dumps(hashes),
    )  # fmt: skip
    tiny.write("decisions/2026.beancount", vocabulary.to_text(close))
    tiny.configure(RATE)
    later = tiny.texts()
    text = later["journal/2026/08/conversions-paypal.beancount"]
    assert "event-date: 2026-07-05" in text
    assert re.findall(r"^  (\S+) +(\S+ CNY)$", text, re.MULTILINE) == [
        (CONVERSION, "-2.30 CNY"),
        ("Equity:Conversion", "2.30 CNY"),
    ]
    difference = later["reconciliation/2026-08.beancount"]
    assert f'2026-08-01 custom "difference" {CONVERSION} -2.30 CNY' in difference
    assert 'class: "fx"' in difference
