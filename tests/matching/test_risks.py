"""Each risk check by its smallest case, and by the nearest case that is none."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from beanclear.ledger.records import Kind, Stage
from beanclear.matching import risks
from beanclear.matching.risks import CHECKS, Severity

if TYPE_CHECKING:
    from beanclear.matching.risks import Risk
    from tests.conftest import TinyBooks

MONDAY = datetime.date(2026, 7, 6)


def warned(tiny: TinyBooks) -> list[Risk]:
    with tiny.keeper() as kept:
        return risks.warnings(kept.con, kept.files)


def brief(tiny: TinyBooks) -> list[tuple[str, str | None, int]]:
    """(check, order or bank line, amount) of the warnings."""
    return [
        (risk.check, risk.order_id or risk.bank_ref, risk.amount_minor) for risk in warned(tiny)
    ]


def order(
    tiny: TinyBooks,
    key: str = "A",
    amount: int = 10000,
    **more: Any,  # noqa: ANN401 - fields of Record
) -> None:
    days = {"paid": "07-01", "shipped": "07-02", "completed": "07-05"}
    tiny.order(key, amount, "07-01", **{**days, **more})


def later(tiny: TinyBooks, day: str = "09-01") -> None:
    """The wallet speaks until this day."""
    tiny.order("LATER", 1, day, paid=day)
    tiny.wallet(Kind.SALE, 1, day, "LATER")


def day(weeks: int, days: int = 0) -> str:
    return f"{MONDAY + datetime.timedelta(weeks=weeks, days=days):%m-%d}"


def test_an_ordinary_order_is_no_risk(tiny: TinyBooks) -> None:
    order(tiny)
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.wallet(Kind.PAYMENT_FEE, -60, "07-01")
    tiny.wallet(Kind.REFUND, -3000, "07-10", "A")
    later(tiny)
    assert brief(tiny) == []


def test_names_are_unique() -> None:
    names = [check.name for check in CHECKS]
    assert sorted(set(names)) == sorted(names)


def test_all_that_a_warning_says(tiny: TinyBooks) -> None:
    order(tiny)
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.wallet(Kind.SALE, 10000, "07-03", "A")
    assert warned(tiny) == [
        risks.Risk(
            check="duplicate-settlement",
            severity=Severity.HIGH,
            account="Assets:Receivable:Shop",
            platform="shop",
            date=tiny.day("07-03"),
            order_id="A",
            bank_ref=None,
            amount_minor=10000,
            currency="CNY",
            file="wechatpay.csv",
            row=2,
            explanation="the order was paid 100.00 CNY a second time, as on 2026-07-01, and it was"
            " not given back",
        )
    ]


@pytest.mark.parametrize("first", [5000, 5001])
def test_duplicate_is_above_the_order(tiny: TinyBooks, first: int) -> None:
    order(tiny, amount=10000 if first == 5000 else 5001)
    tiny.wallet(Kind.SALE, first, "07-01", "A")
    tiny.wallet(Kind.SALE, first, "07-03", "A")
    expected = [] if first == 5000 else [("duplicate-settlement", "A", 5001)]
    assert brief(tiny) == expected


@pytest.mark.parametrize(("back", "caught"), [(9999, True), (10000, False)])
def test_duplicate_that_was_given_back(tiny: TinyBooks, back: int, caught: bool) -> None:
    order(tiny, refunded_minor=0, known="07-06")
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.wallet(Kind.SALE, 10000, "07-03", "A")
    tiny.wallet(Kind.REFUND, -back, "07-08", "A")
    assert brief(tiny) == ([("duplicate-settlement", "A", 10000)] if caught else [])


def test_duplicate_of_an_order_that_no_export_knows(tiny: TinyBooks) -> None:
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.wallet(Kind.SALE, 10000, "07-03", "A")
    assert brief(tiny) == [("duplicate-settlement", "A", 10000)]


@pytest.mark.parametrize(("refund", "above"), [(10000, 0), (10001, 1)])
def test_refund_above_payment(tiny: TinyBooks, refund: int, above: int) -> None:
    order(tiny, amount=20000)
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.wallet(Kind.REFUND, -5000, "07-03", "A")
    tiny.wallet(Kind.REFUND, 5000 - refund, "07-04", "A")
    assert brief(tiny) == ([("refund-above-payment", "A", above)] if above else [])


@pytest.mark.parametrize(("refund", "above"), [(10000, 0), (10001, 1)])
def test_refund_above_an_order_paid_before_the_first_wallet_file(
    tiny: TinyBooks, refund: int, above: int
) -> None:
    tiny.periods["wechatpay/wallet"] = ("07-20", "12-31")
    order(tiny)
    tiny.wallet(Kind.REFUND, -refund, "07-25", "A")
    assert brief(tiny) == ([("refund-above-payment", "A", above)] if above else [])


def test_refund_without_order(tiny: TinyBooks) -> None:
    later(tiny)
    tiny.wallet(Kind.REFUND, -3000, "08-10", "UNKNOWN")
    assert brief(tiny) == [("refund-without-order", "UNKNOWN", -3000)]


def test_refund_of_a_payment_that_only_the_wallet_knows(tiny: TinyBooks) -> None:
    later(tiny)
    tiny.wallet(Kind.SALE, 3000, "08-01", "UNKNOWN")
    tiny.wallet(Kind.REFUND, -3000, "08-10", "UNKNOWN")
    assert brief(tiny) == []


@pytest.mark.parametrize(("on", "caught"), [("07-15", False), ("07-16", True)])
def test_refund_of_an_order_from_before_the_first_export(
    tiny: TinyBooks, on: str, caught: bool
) -> None:
    later(tiny)
    tiny.wallet(Kind.REFUND, -3000, on, "OLD")
    assert brief(tiny) == ([("refund-without-order", "OLD", -3000)] if caught else [])


def test_refund_that_names_nothing(tiny: TinyBooks) -> None:
    later(tiny)
    tiny.wallet(Kind.REFUND, -3000, "08-10")
    [risk] = warned(tiny)
    assert (risk.check, risk.account, risk.platform, risk.order_id) == (
        "refund-without-order", "Assets:Suspense:WeChatPay", None, None,
    )  # fmt: skip


@pytest.mark.parametrize(("last", "caught"), [("07-25", False), ("07-26", True)])
def test_refund_not_clawed_back_after_the_term(tiny: TinyBooks, last: str, caught: bool) -> None:
    order(tiny, refunded_minor=3000, known="07-10")
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    later(tiny, last)
    assert brief(tiny) == ([("refund-not-clawed-back", "A", 3000)] if caught else [])


@pytest.mark.parametrize("settled", [7000, 7001])
def test_refund_before_settlement_lowers_it(tiny: TinyBooks, settled: int) -> None:
    order(tiny, refunded_minor=3000, known="07-10")
    tiny.wallet(Kind.SALE, settled, "07-01", "A")
    later(tiny)
    assert brief(tiny) == ([("refund-not-clawed-back", "A", 1)] if settled > 7000 else [])


@pytest.mark.parametrize("back", [3000, 2999])
def test_refund_that_the_trade_bill_states(tiny: TinyBooks, back: int) -> None:
    tiny.order("A", 10000, "07-01", source="wechatpay", paid="07-01")
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.add(
        "wechatpay", Stage.ORDER, Kind.REFUND, -3000, "07-10", order_id="A", platform="shop",
    )  # fmt: skip
    tiny.wallet(Kind.REFUND, -back, "07-10", "A")
    tiny.order("LATER", 1, "09-01", source="wechatpay", paid="09-01")
    tiny.wallet(Kind.SALE, 1, "09-01", "LATER")
    assert brief(tiny) == ([("refund-not-clawed-back", "A", 1)] if back < 3000 else [])


def test_refund_partly_clawed_back(tiny: TinyBooks) -> None:
    order(tiny, refunded_minor=3000, known="07-10")
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.wallet(Kind.REFUND, -2000, "07-10", "A")
    later(tiny)
    assert brief(tiny) == [("refund-not-clawed-back", "A", 1000)]


@pytest.mark.parametrize(("last", "caught"), [("07-17", False), ("07-18", True)])
def test_completed_without_payment_after_the_term(tiny: TinyBooks, last: str, caught: bool) -> None:
    order(tiny)  # shipped, and so income, on 2 July
    later(tiny, last)
    assert brief(tiny) == ([("completed-without-payment", "A", 10000)] if caught else [])


@pytest.mark.parametrize(
    "change", [{"completed": None}, {"refunded_minor": 10000, "known": "12-31"}]
)
def test_an_order_on_its_way_or_refunded_is_not_missing(
    tiny: TinyBooks, change: dict[str, Any]
) -> None:
    order(tiny, **change)
    later(tiny)
    assert brief(tiny) == []


def test_an_order_from_before_the_first_wallet_file_is_not_missing(tiny: TinyBooks) -> None:
    tiny.periods["wechatpay/wallet"] = ("07-02", "12-31")
    order(tiny)
    later(tiny)
    assert brief(tiny) == []


@pytest.mark.parametrize(("paid", "caught"), [("07-03", False), ("07-04", True)])
def test_settled_before_payment(tiny: TinyBooks, paid: str, caught: bool) -> None:
    order(tiny, paid=paid)
    tiny.wallet(Kind.SALE, 10000, "07-03", "A")
    assert brief(tiny) == ([("settled-before-payment", "A", 10000)] if caught else [])


@pytest.mark.parametrize(("second", "caught"), [("07-04", True), ("07-05", False)])
def test_repeated_bank_line(tiny: TinyBooks, second: str, caught: bool) -> None:
    tiny.bank(-50000, "07-01", "某供应商", bank_ref="R1")
    tiny.bank(-50000, second, "某供应商", bank_ref="R2")
    assert brief(tiny) == ([("repeated-bank-line", "R2", -50000)] if caught else [])


@pytest.mark.parametrize(
    ("amount", "name"),
    [(-50001, "某供应商"), (50000, "某供应商"), (-50000, "另一供应商")],
)
def test_another_bank_line(tiny: TinyBooks, amount: int, name: str) -> None:
    tiny.bank(-50000, "07-01", "某供应商")
    tiny.bank(amount, "07-01", name)
    assert brief(tiny) == []


def test_bank_lines_without_counterparty_or_from_a_platform_repeat(tiny: TinyBooks) -> None:
    for _time in range(2):
        tiny.bank(-500, "07-01")
        tiny.bank(50000, "07-01", "财付通支付科技有限公司客户备付金")
    assert brief(tiny) == []


def weekly(tiny: TinyBooks, kind: Kind, parts: list[int]) -> None:
    """Sales of 1000.00 a week, and the part of each week; amounts of orders differ."""
    for week, part in enumerate(parts):
        key = f"W{week}"
        tiny.order(key, 100000, day(week), paid=day(week))
        tiny.wallet(Kind.SALE, 100000, day(week), key)
        if part:
            tiny.wallet(kind, -part, day(week, 1), key)


# With an eighth week above them the median is 3.00 % and the MAD 0.75: z is 3.5 at 6.8918 %.
REFUNDS = [1000, 2000, 2500, 3000, 3000, 3500, 4000]


@pytest.mark.parametrize(
    ("kind", "check"), [(Kind.REFUND, "refund-rate"), (Kind.PAYMENT_FEE, "fee-rate")]
)
@pytest.mark.parametrize(("last", "caught"), [(6891, False), (6892, True)])
def test_rate_outlier(tiny: TinyBooks, kind: Kind, check: str, last: int, caught: bool) -> None:
    weekly(tiny, kind, [*REFUNDS, last])
    assert brief(tiny) == ([(check, None, last)] if caught else [])


def test_few_refunds_are_no_risk(tiny: TinyBooks) -> None:
    weekly(tiny, Kind.REFUND, [0, *[part + 10000 for part in REFUNDS]])
    assert brief(tiny) == []


def test_rate_outlier_in_words(tiny: TinyBooks) -> None:
    weekly(tiny, Kind.REFUND, [*REFUNDS, 50000])
    [risk] = warned(tiny)
    assert (risk.date, risk.row, risk.explanation) == (
        tiny.day(day(7)),
        16,
        "in the week from 2026-08-24 refunds were 50.00 % of sales; this shop's median is 3.00 %",
    )


def test_each_shop_has_its_own_median(tiny: TinyBooks) -> None:
    weekly(tiny, Kind.REFUND, [*REFUNDS, 4500])
    for week in range(8):
        key = f"B{week}"
        tiny.order(key, 100000, day(week), paid=day(week), shop="zweig")
        tiny.wallet(Kind.SALE, 100000, day(week), key)
        tiny.wallet(Kind.REFUND, -50000 - week, day(week, 1), key)
    assert brief(tiny) == []


def test_seven_weeks_are_too_few(tiny: TinyBooks) -> None:
    weekly(tiny, Kind.REFUND, [*REFUNDS[1:], 50000])
    assert brief(tiny) == []


@pytest.mark.parametrize(("last", "caught"), [(1100, False), (1101, True), (0, True)])
def test_half_a_point_is_ordinary_even_where_the_rate_never_moved(
    tiny: TinyBooks, last: int, caught: bool
) -> None:
    weekly(tiny, Kind.PAYMENT_FEE, [600] * 8 + [last])
    assert brief(tiny) == ([("fee-rate", None, last)] if caught else [])


# The mean distance of ten weeks is (2 x 2.00 % + rate) / 10: z is 3.5 at a rate of 3.1259 %.
@pytest.mark.parametrize(("last", "caught"), [(3125, False), (3126, True)])
def test_where_most_weeks_are_equal_the_mean_distance_counts(
    tiny: TinyBooks, last: int, caught: bool
) -> None:
    weekly(tiny, Kind.REFUND, [*[0] * 7, 2000, 2000, last])
    assert brief(tiny) == ([("refund-rate", None, last)] if caught else [])


def settle_after(tiny: TinyBooks, days: list[int]) -> None:
    for place, late in enumerate(days):
        tiny.order(f"O{place:03}", 1000, "07-06", paid="07-06")
        tiny.wallet(Kind.SALE, 1000, day(0, late), f"O{place:03}")


@pytest.mark.parametrize(("late", "caught"), [(3, False), (4, True)])
def test_late_settlement(tiny: TinyBooks, late: int, caught: bool) -> None:
    settle_after(tiny, [1] * 98 + [3, late])
    assert brief(tiny) == ([("late-settlement", "O099", 1000)] if caught else [])


def test_on_a_platform_that_holds_the_money_days_run_from_completion(tiny: TinyBooks) -> None:
    for place in range(100):
        completed = "07-08" if place else "07-06"
        key = f"O{place:03}"
        tiny.order(key, 1000, "07-01", paid="07-01", completed=completed, platform="taobao")
        tiny.wallet(Kind.SALE, 1000, "07-10", key, source="alipay", platform="taobao")
    assert brief(tiny) == [("late-settlement", "O000", 1000)]


def test_late_settlement_in_words(tiny: TinyBooks) -> None:
    settle_after(tiny, [1] * 98 + [3, 30])
    [risk] = warned(tiny)
    assert risk.explanation == (
        "settled 30 days after 2026-07-06; 99 % of this platform's orders took at most 3 days"
    )


def test_a_short_history_says_nothing(tiny: TinyBooks) -> None:
    settle_after(tiny, [1] * 97 + [3, 30])
    assert brief(tiny) == []


def test_warnings_leave_the_verdicts_alone(tiny: TinyBooks) -> None:
    order(tiny)
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.wallet(Kind.SALE, 10000, "07-03", "A")
    with tiny.keeper() as kept:
        texts = kept.compute().texts
        risks.warnings(kept.con, kept.files)
        assert kept.compute().texts == texts
