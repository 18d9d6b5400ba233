"""Tax over the lives of orders: what is given back whole bears none, what failed never was."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from beanclear.ledger.records import Kind, Stage
from tests.conftest import TinyBooks, examples

LIVES = settings(
    max_examples=examples(4),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.generate),  # an example takes a second
)
PARTS = st.lists(st.integers(1, 4_000), min_size=1, max_size=5)
RATES = '[[vat]]\nrate_percent = "3"\n[[vat]]\nfrom = 2026-08-01\nrate_percent = "13"\n'
PAID = "42000000002026070100000{place:05d}"


def books() -> TinyBooks:
    return TinyBooks(Path(tempfile.mkdtemp()) / "books")


def sums(tiny: TinyBooks, until: str = "12-31") -> dict[str, int]:
    """What each account but clearing accounts and wallets holds in the end."""
    found: dict[str, int] = defaultdict(int)
    for day, account, amount in tiny.postings():
        if day <= until:
            found[account] += amount
    return {account: amount for account, amount in found.items() if amount}


def day(place: int) -> str:
    return f"{8 + place // 20:02d}-{1 + place % 20:02d}"


@LIVES
@given(parts=PARTS, tax=st.none() | st.integers(0, 300), wallet_only=st.booleans())
def test_an_order_that_is_given_back_whole_bears_no_tax(
    parts: list[int], tax: int | None, wallet_only: bool
) -> None:
    tiny = books()
    tiny.configure(RATES)
    amount = sum(parts)
    stated = None if tax is None else min(tax, amount)
    if not wallet_only:
        tiny.order("A", amount, "07-01", paid="07-01", shipped="07-03", refunded_minor=amount,
                   tax_minor=stated)  # fmt: skip
    tiny.wallet(Kind.SALE, amount, "07-01", "A")
    for place, part in enumerate(parts):
        tiny.wallet(Kind.REFUND, -part, day(place), "A")
    assert sums(tiny) == {}
    if stated is not None and not wallet_only:
        assert sums(tiny, "07-31").get("Liabilities:Tax:VAT:Output", 0) == -stated


@LIVES
@given(
    parts=PARTS,
    failing=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4_000), st.integers(0, 9)),
                     min_size=1, max_size=3),
    kept=st.integers(0, 500),
    knows=st.booleans(),
)  # fmt: skip
def test_a_refund_that_fails_leaves_the_books_as_if_it_never_was(
    parts: list[int], failing: list[tuple[int, int, int]], kept: int, knows: bool
) -> None:
    found = []
    for failed in ((), failing):
        tiny = books()
        amount = sum(parts) + kept
        tiny.order("A", amount, "07-01", paid="07-01", shipped="07-03",
                   refunded_minor=sum(parts) if knows else None)  # fmt: skip
        tiny.wallet(Kind.SALE, amount, "07-01", "A")
        for place, part in enumerate(parts):
            tiny.wallet(Kind.REFUND, -part, day(place * 4), "A")
        for place, part, later in failed:
            tiny.wallet(Kind.REFUND, -part, day(place), "A")
            tiny.wallet(Kind.REFUND, part, day(place + later), "A")
        found.append((sums(tiny), tiny.open()))
    assert found[0] == found[1]
    assert found[0][1] == []


@LIVES
@given(parts=PARTS, fails=st.lists(st.booleans(), min_size=5, max_size=5))
def test_a_refund_of_a_bill_that_fails_leaves_the_books_as_if_it_never_was(
    parts: list[int], fails: list[bool]
) -> None:
    tiny, amount = books(), sum(parts)
    tiny.order("A", amount, "07-01", source="wechatpay", paid="07-01",
               trade_id=PAID.format(place=1))  # fmt: skip
    tiny.wallet(Kind.SALE, amount, "07-01", "A")
    for place, part in enumerate(parts):
        number = f"50{place}"
        tiny.add("wechatpay", Stage.ORDER, Kind.REFUND, -part, day(place), platform="shop",
                 order_id="A", refund_id=number, record_id=number)  # fmt: skip
        tiny.wallet(Kind.REFUND, -part, day(place), platform="shop", refund_id=number,
                    trade_id=number)  # fmt: skip
        if fails[place]:
            tiny.wallet(Kind.REFUND, part, day(place + 3), platform="shop", refund_id=number,
                        trade_id=number)  # fmt: skip
    left = sum(part for part, failed in zip(parts, fails, strict=False) if failed)
    found = sums(tiny)
    assert found.get("Assets:Wallet:WeChatPay", 0) == left
    assert found.get("Assets:Receivable:Shop", 0) == 0
    assert tiny.open() == []
    vat = -found.get("Liabilities:Tax:VAT:Output", 0)
    assert abs(vat - left * 13 / 113) < len(parts) + 1
    assert (vat == 0) or left


@pytest.mark.parametrize(
    ("amount", "tax", "vat"),
    [
        (10_000, 0, 0),
        (10_900, 900, 900),
        (3, 1, 1),
        # Products of such amounts need more than 64 bits.
        (800_000_000_000, 92_035_398_230, 92_035_398_230),
        (800_000_000_001, None, 92_035_398_230),
    ],
)
def test_tax_of_any_size_is_exact(amount: int, tax: int | None, vat: int) -> None:
    tiny = books()
    tiny.order("A", amount, "07-01", paid="07-01", shipped="07-03", tax_minor=tax)
    assert sums(tiny).get("Liabilities:Tax:VAT:Output", 0) == -vat


def test_a_stated_tax_is_of_the_amount_it_is_stated_for() -> None:
    """The platform's own export counts, an ERP's states the tax; half is given back before."""
    tiny = books()
    tiny.order("A", 10_900, "07-01", paid="07-01", shipped="07-03", completed="07-09",
               platform="taobao", refunded_minor=5_450)  # fmt: skip
    tiny.order("A", 10_900, "07-01", paid="07-01", shipped="07-03", completed="07-09",
               platform="taobao", source="shop", tax_minor=900)  # fmt: skip
    tiny.wallet(Kind.SALE, 5_450, "07-09", "A", source="alipay", platform="taobao")
    assert sums(tiny)["Liabilities:Tax:VAT:Output"] == -450


def test_the_tax_of_a_refund_is_given_back_in_its_own_period() -> None:
    """VAT that was due on the payment is not taken off the day of the payment."""
    tiny = books()
    tiny.configure('[[recognition]]\nplatform = "shop"\npoint = "shipped"\nvat_point = "paid"\n')
    tiny.order("A", 11_300, "07-01", paid="07-01", shipped="07-03", refunded_minor=11_300)
    tiny.wallet(Kind.SALE, 11_300, "07-01", "A")
    tiny.wallet(Kind.REFUND, -11_300, "08-05", "A")
    assert tiny.postings("Liabilities:Tax:VAT:Output") == [
        ("07-01", "Liabilities:Tax:VAT:Output", -1_300),
        ("08-05", "Liabilities:Tax:VAT:Output", 1_300),
    ]
