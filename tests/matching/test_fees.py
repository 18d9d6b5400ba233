"""Fees against what is agreed, and money that a fee, coupon, refund or freight line explains."""

from __future__ import annotations

import datetime
import tomllib
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from beanclear.ledger.config import Config
from beanclear.ledger.config_money import FeeRule
from beanclear.ledger.fees import FeeTerms, terms_of
from beanclear.ledger.records import Kind

if TYPE_CHECKING:
    from tests.conftest import TinyBooks

TMALL = {"source": "alipay", "platform": "taobao"}
WORDS = "类目软件服务费"


def rule(*more: str, words: str = WORDS) -> str:
    lines = ("[[fees]]", 'platform = "taobao"', f'contains = "{words}"', *more)
    return "\n".join(lines) + "\n"


def completed(tiny: TinyBooks, *sales: int, key: str = "A", **more: object) -> None:
    tiny.order(key, sum(sales), "07-01", paid="07-01", completed="07-05", platform="taobao", **more)
    for amount in sales:
        tiny.wallet(Kind.SALE, amount, "07-05", key, **TMALL)


def fee(
    tiny: TinyBooks, amount: int, day: str = "07-05", key: str = "A", memo: str = WORDS
) -> None:
    kind = Kind.FEE if amount < 0 else Kind.FEE_REFUND
    tiny.wallet(kind, amount, day, key, memo=memo, **TMALL)


def variances(tiny: TinyBooks, as_of: str = "12-31") -> list[tuple[int, int, str]]:
    """(expected, charged, rule) of the fee variances; nothing else may be open."""
    items = tiny.found(as_of).items
    assert {item.klass.value for item in items} <= {"fee-variance"}
    return [(item.expected_minor or 0, item.found_minor or 0, item.rule or "") for item in items]


TERMS = {
    "rate": ('rate_percent = "5"', "5 %", 500, 500),
    "rate of two lines": ('rate_percent = "2.5"', "2.5 %", 250, 250),
    "fixed": ('fixed = "0.30"', "", 60, 60),
    "rate and fixed": ('rate_percent = "1"\nfixed = "0.30"', "1 %", 160, 160),
    "minimum": ('rate_percent = "1"\nminimum = "0.80"', "1 %", 160, 160),
    "maximum": ('rate_percent = "5"\nmaximum = "2.00"', "5 %", 400, 400),
    "another currency": ('fixed = "0.30"\ncurrency = "USD"', None, 0, 999),
    "not yet": ('rate_percent = "5"\nfrom = 2026-07-06', None, 0, 999),
    "no more": ('rate_percent = "5"\nuntil = 2026-07-04', None, 0, 999),
}


@pytest.mark.parametrize(("terms", "name", "due", "charged"), TERMS.values(), ids=TERMS)
def test_a_fee_by_its_terms(
    tiny: TinyBooks, terms: str, name: str | None, due: int, charged: int
) -> None:
    tiny.configure(rule(terms))
    completed(tiny, 5000, 5000)
    fee(tiny, -charged)
    assert variances(tiny) == []
    if name is not None:  # two lines of sale: two minor units are rounding, three are not
        for more, shown in ((2, False), (3, True), (-3, True)):
            tiny.records.clear()
            completed(tiny, 5000, 5000)
            fee(tiny, -charged - more)
            named = f"{WORDS} {name}".strip()
            assert variances(tiny) == ([(due, charged + more, named)] if shown else [])


def test_the_reason_has_both_figures_and_the_rule(tiny: TinyBooks) -> None:
    tiny.configure('[books]\nlanguage = "en"\n' + rule('rate_percent = "5"'))
    completed(tiny, 10000)
    fee(tiny, -800)
    said = 'reason: "a fee of 8.00 CNY was charged where 5.00 CNY was agreed (类目软件服务费 5 %)"'
    assert said in tiny.texts()["reconciliation/current.beancount"]


@pytest.mark.parametrize(
    ("category", "memo", "due"),
    [("女装", WORDS, 500), ("男装", WORDS, 200), (None, WORDS, 200), (None, WORDS + "女装", 500)],
)
def test_a_rate_of_a_category(tiny: TinyBooks, category: str | None, memo: str, due: int) -> None:
    tiny.configure(rule('rate_percent = "2"') + rule('rate_percent = "5"', 'category = "女装"'))
    completed(tiny, 10000, category=category)
    fee(tiny, -due, memo=memo)
    assert variances(tiny) == []
    fee(tiny, -100, memo=memo)
    ((expected, charged, _rule),) = variances(tiny)
    assert (expected, charged) == (due, due + 100)


REFUNDS = {
    "full": ("full", 5000, 250, []),
    "full and kept": ("full", 5000, 0, [(265, 530)]),
    "full of all": ("full", 10000, 530, []),
    "proportional": ("proportional", 5000, 250, []),
    "proportional of all": ("proportional", 10000, 500, []),
    "proportional and all back": ("proportional", 10000, 530, [(30, 0)]),
    "none": ("none", 5000, 0, []),
    "none and some back": ("none", 5000, 250, [(530, 280)]),
    "nobody said": (None, 5000, 250, []),
}


@pytest.mark.parametrize(("policy", "refund", "back", "found"), REFUNDS.values(), ids=REFUNDS)
def test_what_comes_back_with_a_refund(
    tiny: TinyBooks, policy: str | None, refund: int, back: int, found: list[tuple[int, int]]
) -> None:
    said = (f'refund = "{policy}"',) if policy else ()
    tiny.configure(rule('rate_percent = "5"', 'fixed = "0.30"', *said))
    completed(tiny, 10000, known="07-06")
    fee(tiny, -530)
    tiny.wallet(Kind.REFUND, -refund, "07-20", "A", **TMALL)
    if back:
        # Half of 5.30 is 2.65; the rate's part alone is 2.50.
        fee(tiny, 265 if policy == "full" and back == 250 else back, "07-21")
    assert [(expected, charged) for expected, charged, _rule in variances(tiny)] == found


def test_a_fee_that_does_not_come_back_is_due_like_the_refund(tiny: TinyBooks) -> None:
    tiny.configure(rule('rate_percent = "5"', 'refund = "full"'))
    completed(tiny, 10000, known="07-06")
    fee(tiny, -500)
    tiny.wallet(Kind.REFUND, -10000, "07-20", "A", **TMALL)
    assert variances(tiny, "08-04") == []
    assert variances(tiny, "08-05") == [(0, 500, f"{WORDS} 5 %")]


def test_two_fees_of_one_order_are_compared_each_by_its_rule(tiny: TinyBooks) -> None:
    tiny.configure(rule('rate_percent = "5"') + rule('rate_percent = "1"', words="花呗"))
    completed(tiny, 10000)
    for memo, amount in ((WORDS, 500), ("花呗", 100), ("基础软件服务费", 60)):
        fee(tiny, -amount, memo=memo)
    assert variances(tiny) == []
    fee(tiny, -40, memo="花呗")
    assert variances(tiny) == [(100, 140, "花呗 1 %")]
    fee(tiny, -50)
    assert variances(tiny) == [(600, 690, f"{WORDS} 5 %, 花呗 1 %")]


def test_the_rate_of_the_trade_bill_is_named(tiny: TinyBooks) -> None:
    tiny.order("A", 10000, "07-01", source="wechatpay", paid="07-01", fee_rate_ppm=6000)
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.wallet(Kind.PAYMENT_FEE, -90, "07-01", "A")
    assert variances(tiny) == [(60, 90, "0.6 %")]


@pytest.mark.parametrize("amount", [1, 49, 50, 9999, 10000, 123456789])
@pytest.mark.parametrize(
    "terms",
    [
        FeeTerms(ppm=6000),
        FeeTerms(ppm=33_333, fixed_minor=30, currency="CNY"),
        FeeTerms(ppm=6000, minimum_minor=100, currency="CNY"),
        FeeTerms(ppm=6000, maximum_minor=10, currency="CNY"),
    ],
)
def test_both_readings_of_the_terms_agree(tiny: TinyBooks, terms: FeeTerms, amount: int) -> None:
    """The comparison is SQL, payouts are reckoned in Python: the fee is the same."""
    lines = [f'rate_percent = "{terms.ppm / 10000}"']
    lines += [f'fixed = "{terms.fixed_minor / 100}"'] if terms.fixed_minor else []
    lines += [f'minimum = "{terms.minimum_minor / 100}"'] if terms.minimum_minor else []
    lines += [f'maximum = "{terms.maximum_minor / 100}"'] if terms.maximum_minor else []
    tiny.configure(rule(*lines))
    completed(tiny, amount)
    fee(tiny, -terms.fee(amount) - 1000)
    ((expected, _charged, _rule),) = variances(tiny)
    assert expected == terms.fee(amount)


def test_terms_from_text() -> None:
    found = terms_of(
        FeeRule.model_validate(
            {
                "platform": "taobao",
                "contains": "x",
                "rate_percent": "2.9",
                "fixed": "1,000",
                "maximum": "5000",
                "currency": "JPY",
                "from": datetime.date(2026, 7, 1),
            }
        )
    )
    assert found == FeeTerms(
        ppm=29_000,
        fixed_minor=1000,
        maximum_minor=5000,
        currency="JPY",
        first=datetime.date(2026, 7, 1),
    )
    assert (found.fee(0), found.fee(-5), found.fee(10_000)) == (0, 0, 1290)
    assert found.holds("JPY", datetime.date(2026, 7, 1))
    assert not found.holds("CNY", datetime.date(2026, 7, 1))
    assert not found.holds("JPY", datetime.date(2026, 6, 30))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a fee needs rate_percent, fixed or minimum"),
        ('minimum = "2"\nmaximum = "1"', "the minimum of a fee is above its maximum"),
        ("fixed = 1", 'write the amount in quotes, not negative, such as "0.50"'),
        ('fixed = "-1"', 'write the amount in quotes, not negative, such as "0.50"'),
        ('fixed = "x"', 'write the amount in quotes, not negative, such as "0.50"'),
    ],
)
def test_terms_that_are_wrong(text: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Config.model_validate(tomllib.loads(rule(text)))
    assert [error["msg"] for error in caught.value.errors()] == [f"Value error, {message}"]


# -- money that a line explains is never an exception -------------------------------------


def test_a_platform_coupon_is_settled_as_a_subsidy(tiny: TinyBooks) -> None:
    tiny.order(
        "A", 10000, "07-01", paid="07-01", completed="07-05", platform="taobao",
        platform_discount_minor=1500,
    )  # fmt: skip
    tiny.wallet(Kind.SALE, 8500, "07-05", "A", **TMALL)
    tiny.wallet(Kind.SUBSIDY, 1500, "07-06", "A", **TMALL)
    assert tiny.open() == []
    assert tiny.postings("Income:") == [("07-05", "Income:Sales:Tmall", -8850)]


@pytest.mark.parametrize(
    ("known", "refunded"), [("07-06", 0), ("07-31", 8500), ("07-31", 10000), ("07-31", None)]
)
def test_a_coupon_is_clawed_back_with_the_refund(
    tiny: TinyBooks, known: str, refunded: int | None
) -> None:
    # The export may count the buyer's money alone, all of it, or nothing yet.
    tiny.configure('[[vat]]\nrate_percent = "0"\n')
    tiny.order(
        "A", 10000, "07-01", paid="07-01", completed="07-05", platform="taobao", known=known,
        refunded_minor=refunded,
    )  # fmt: skip
    tiny.wallet(Kind.SALE, 8500, "07-05", "A", **TMALL)
    tiny.wallet(Kind.SUBSIDY, 1500, "07-05", "A", **TMALL)
    tiny.wallet(Kind.REFUND, -8500, "07-20", "A", **TMALL)
    tiny.wallet(Kind.SUBSIDY, -1500, "07-20", "A", **TMALL)
    assert tiny.postings("Assets:Wallet") == [
        ("07-05", "Assets:Wallet:Alipay", 10000), ("07-20", "Assets:Wallet:Alipay", -10000),
    ]  # fmt: skip
    assert tiny.open() == []
    assert sum(amount for _day, _account, amount in tiny.postings("Income:")) == 0


def test_freight_is_settled_apart(tiny: TinyBooks) -> None:
    tiny.order(
        "A", 10800, "07-01", paid="07-01", completed="07-05", platform="taobao", shipping_minor=800
    )
    tiny.wallet(Kind.SALE, 10000, "07-05", "A", **TMALL)
    tiny.wallet(Kind.SHIPPING, 800, "07-08", "A", **TMALL)
    assert tiny.open() == []


def test_a_fee_that_reached_its_cap_is_right(tiny: TinyBooks) -> None:
    tiny.configure(rule('rate_percent = "0.6"', 'maximum = "20.00"', words="基础软件服务费"))
    completed(tiny, 1_000_000)
    fee(tiny, -2000, memo="基础软件服务费")
    assert variances(tiny) == []


@pytest.mark.parametrize(
    "named", [{"trade_id": "T1"}, {"order_id": "A-1", "trade_id": "T9"}], ids=["trade", "sub-order"]
)
def test_a_trade_bill_may_call_the_order_by_another_number(
    tiny: TinyBooks, named: dict[str, str]
) -> None:
    tiny.order("A", 10000, "07-01", paid="07-01", shipped="07-01", trade_id="T1")
    tiny.order("A-1", 10000, "07-01", paid="07-01", parent_order_id="A")
    bill = {"source": "wechatpay", "trade_id": named["trade_id"], "fee_rate_ppm": 6000}
    tiny.order(named.get("order_id", "B"), 10000, "07-01", paid="07-01", **bill)
    tiny.order("C", 10000, "07-01", paid="07-01", shipped="07-01", trade_id="T2")
    for order, trade, fee_ in (("A", "T1", 90), ("C", "T2", 80)):
        tiny.wallet(Kind.SALE, 10000, "07-01", None, platform="shop", trade_id=trade)
        tiny.wallet(Kind.PAYMENT_FEE, -fee_, "07-01", order)
    assert variances(tiny) == [(60, 90, "0.6 %")]
