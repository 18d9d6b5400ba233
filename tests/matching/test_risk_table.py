"""The risk checks with all their edges in a few sets of books: each order is a case of its own.

`make mutants` asks this first: one run judges many cases, to the day and the fen.
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

from beanclear.ledger.records import Kind, Stage
from beanclear.matching import risks

if TYPE_CHECKING:
    from tests.conftest import TinyBooks

MONDAY = datetime.date(2026, 7, 6)
# check, day, amount, file and row, the figures and days of the explanation
Seen = tuple[str, str, int, str, str]


def warned(tiny: TinyBooks) -> dict[str, list[Seen]]:
    """Order, bank line or account → its warnings."""
    found: dict[str, list[Seen]] = {}
    with tiny.keeper() as kept:
        for risk in risks.warnings(kept.con, kept.files):
            key = risk.order_id or risk.bank_ref or risk.account
            where = f"{risk.file.removesuffix('.csv')}:{risk.row}"
            facts = " ".join(re.findall(r"-?[0-9][0-9.-]*", risk.explanation))
            seen = (risk.check, f"{risk.date:%m-%d}", risk.amount_minor, where, facts)
            found.setdefault(key, []).append(seen)
    return found


def by_currency(tiny: TinyBooks) -> dict[str, list[tuple[str, str, int, str]]]:
    """Currency → the warnings about its weeks, with the rate and the median in words."""
    found: dict[str, list[tuple[str, str, int, str]]] = {}
    with tiny.keeper() as kept:
        for risk in risks.warnings(kept.con, kept.files):
            rates = " / ".join(re.findall(r"-?[0-9.]+ %", risk.explanation))
            seen = (risk.check, f"{risk.date:%m-%d}", risk.amount_minor, rates)
            found.setdefault(risk.currency, []).append(seen)
    return found


def sold(
    tiny: TinyBooks,
    key: str,
    amount: int,
    *lines: tuple[int, str],
    source: str = "wechatpay",
    **more: Any,  # noqa: ANN401 - fields of Record
) -> None:
    """An order of the own shop, and its wallet lines."""
    days = {"paid": "07-01", "shipped": "07-02", "completed": "07-05"} | more
    tiny.order(key, amount, "07-01", **days)
    money(tiny, key, *lines, source=source, currency=days.get("currency", "CNY"))


def money(
    tiny: TinyBooks,
    key: str,
    *lines: tuple[int, str],
    source: str = "wechatpay",
    **more: Any,  # noqa: ANN401 - fields of Record
) -> None:
    for value, day in lines:
        kind = Kind.REFUND if value < 0 else Kind.SALE
        tiny.wallet(kind, value, day, key, source=source, **more)


def test_orders(tiny: TinyBooks) -> None:
    """Seven weeks, so that no rate is judged; the wallets speak until 12 August."""
    # A second settlement: above the order, not given back, dated by the line before it in time.
    sold(tiny, "twice", 10000, (10000, "07-01"), (10000, "07-03"))
    sold(tiny, "twice-out-of-order", 10000, (10000, "07-05"), (10000, "07-03"), (10000, "07-04"))
    sold(tiny, "parts", 10000, (5000, "07-01"), (5000, "07-03"))
    sold(tiny, "parts-above", 9999, (5000, "07-01"), (5000, "07-03"))
    sold(tiny, "given-back", 10000, (10000, "07-01"), (10000, "07-03"), (-10000, "07-08"),
         refunded_minor=0, known="07-06")  # fmt: skip
    sold(tiny, "not-all-back", 10000, (10000, "07-01"), (10000, "07-03"), (-9999, "07-08"),
         refunded_minor=0, known="07-06")  # fmt: skip
    sold(tiny, "known-back", 10000, (10000, "07-01"), (10000, "07-03"), (-10000, "07-05"),
         refunded_minor=10000, known="07-06")  # fmt: skip
    sold(tiny, "lines-of-nothing", 10000, (9500, "07-01"), (700, "07-02"), (0, "07-03"),
         (0, "07-04"), refunded_minor=500, known="07-06")  # fmt: skip
    money(tiny, "twice-unknown", (9000, "07-01"), (9000, "07-03"))
    # A refund above what was paid.
    sold(tiny, "back", 20000, (10000, "07-01"), (-5000, "07-03"), (-5000, "07-04"))
    sold(tiny, "above", 20000, (10000, "07-01"), (-5000, "07-04"), (-5002, "07-03"))
    sold(tiny, "above-one-day", 20000, (10000, "07-01"), (-5001, "07-03"), (-5002, "07-03"))
    sold(tiny, "above-two-wallets", 20000, (10000, "07-01"))
    for source in ("wechatpay", "alipay"):
        money(tiny, "above-two-wallets", (-5003, "07-03"), source=source, record_id="same")
    sold(tiny, "above-order", 10000, (-10001, "07-04"))
    sold(tiny, "all-back", 10000, (-10000, "07-04"))
    # A refund without an order: neither it nor a payment is known, and it is none from before.
    money(tiny, "unknown", (-3000, "08-10"))
    money(tiny, "unknown-paid", (3000, "08-01"), (-3000, "08-10"))
    money(tiny, "before", (-3000, "07-15"))
    money(tiny, "not-before", (-3000, "07-16"))
    tiny.add("opening", Stage.ORDER, Kind.SALE, 1, "07-01", order_id="opened", platform="shop")
    money(tiny, "opened", (-3000, "08-10"))
    tiny.wallet(Kind.REFUND, -3100, "08-09")
    # A refund that the order knows and the wallet did not give back in 15 days.
    sold(tiny, "kept", 10000, (10000, "07-01"), refunded_minor=3000, known="07-27")
    sold(tiny, "not-kept-yet", 10000, (10000, "07-01"), refunded_minor=3000, known="07-28")
    sold(tiny, "kept-in-part", 10000, (10000, "07-01"), (-2000, "07-10"), refunded_minor=3000,
         known="07-27")  # fmt: skip
    sold(tiny, "lowered", 10000, (7000, "07-01"), refunded_minor=3000, known="07-27")
    sold(tiny, "lowered-too-little", 10000, (7001, "07-01"), refunded_minor=3000, known="07-27")
    sold(tiny, "lowered-and-back", 10000, (9001, "07-01"), (-1500, "07-10"), refunded_minor=3000,
         known="07-27")  # fmt: skip
    sold(tiny, "lowered-and-all-back", 10000, (8000, "07-01"), (-1000, "07-10"),
         refunded_minor=3000, known="07-27")  # fmt: skip
    sold(tiny, "kept-of-too-much", 10000, (10500, "07-01"), (-2000, "07-10"),
         refunded_minor=3000, known="07-27")  # fmt: skip
    sold(tiny, "settled-that-day", 10000, (10000, "07-27"), refunded_minor=3000, known="07-27")
    sold(tiny, "settled-after", 10000, (10000, "07-28"), refunded_minor=3000, known="07-27")
    # An order that is completed, and no money 15 days after it was shipped.
    sold(tiny, "unpaid", 10000, shipped="07-27", completed="07-28")
    sold(tiny, "not-unpaid-yet", 10000, shipped="07-28", completed="07-28")
    sold(tiny, "unpaid-in-part", 10000, shipped="07-27", completed="07-28", refunded_minor=4000,
         known="07-29")  # fmt: skip
    sold(tiny, "refunded-unpaid", 10000, shipped="07-27", completed="07-28", refunded_minor=10000,
         known="07-29")  # fmt: skip
    sold(tiny, "only-shipped", 10000, shipped="07-27", completed=None)
    # Money from before it was paid.
    sold(tiny, "early", 10000, (10000, "07-03"), paid="07-04")
    sold(tiny, "same-day", 10000, (10000, "07-04"), paid="07-04")
    tiny.order("early-ordered", 10000, "07-04")
    money(tiny, "early-ordered", (10000, "07-03"))
    tiny.order("last", 1, "08-12", paid="08-12")
    money(tiny, "last", (1, "08-12"))
    assert warned(tiny) == {
        "known-back": [
            ("duplicate-settlement", "07-03", 10000, "wechatpay:17", "100.00 2026-07-01")
        ],
        "not-all-back": [
            ("duplicate-settlement", "07-03", 10000, "wechatpay:14", "100.00 2026-07-01")
        ],
        "parts-above": [("duplicate-settlement", "07-03", 5000, "wechatpay:9", "50.00 2026-07-01")],
        "twice": [("duplicate-settlement", "07-03", 10000, "wechatpay:2", "100.00 2026-07-01")],
        "twice-unknown": [
            ("duplicate-settlement", "07-03", 9000, "wechatpay:24", "90.00 2026-07-01")
        ],
        "twice-out-of-order": [
            ("duplicate-settlement", "07-04", 10000, "wechatpay:5", "100.00 2026-07-03"),
            ("duplicate-settlement", "07-05", 10000, "wechatpay:3", "100.00 2026-07-04"),
        ],
        "above-one-day": [("refund-above-payment", "07-03", 3, "wechatpay:33", "100.03 100.00")],
        "above-two-wallets": [
            ("refund-above-payment", "07-03", 6, "wechatpay:35", "100.06 100.00")
        ],
        "above": [("refund-above-payment", "07-04", 2, "wechatpay:29", "100.02 100.00")],
        "above-order": [("refund-above-payment", "07-04", 1, "wechatpay:36", "100.01 100.00")],
        "not-before": [("refund-without-order", "07-16", -3000, "wechatpay:42", "30.00")],
        "unknown": [("refund-without-order", "08-10", -3000, "wechatpay:38", "30.00")],
        "Assets:Suspense:WeChatPay": [
            ("refund-without-order", "08-09", -3100, "wechatpay:44", "31.00")
        ],
        "lines-of-nothing": [
            ("refund-not-clawed-back", "07-06", 500, "shop:8", "5.00 2026-07-06 0.00")
        ],
        "kept": [("refund-not-clawed-back", "07-27", 3000, "shop:15", "30.00 2026-07-27 0.00")],
        "kept-in-part": [
            ("refund-not-clawed-back", "07-27", 1000, "shop:17", "30.00 2026-07-27 20.00")
        ],
        "kept-of-too-much": [
            ("refund-not-clawed-back", "07-27", 1000, "shop:22", "30.00 2026-07-27 20.00")
        ],
        "lowered-and-back": [
            ("refund-not-clawed-back", "07-27", 501, "shop:20", "30.00 2026-07-27 15.00")
        ],
        "lowered-too-little": [
            ("refund-not-clawed-back", "07-27", 1, "shop:19", "30.00 2026-07-27 0.00")
        ],
        "settled-that-day": [
            ("refund-not-clawed-back", "07-27", 3000, "shop:23", "30.00 2026-07-27 0.00")
        ],
        "unpaid": [("completed-without-payment", "07-27", 10000, "shop:25", "100.00")],
        "unpaid-in-part": [("completed-without-payment", "07-27", 6000, "shop:27", "60.00")],
        "early": [("settled-before-payment", "07-03", 10000, "wechatpay:59", "100.00 2026-07-04")],
        "early-ordered": [
            ("settled-before-payment", "07-03", 10000, "wechatpay:61", "100.00 2026-07-04")
        ],
    }


def test_refunds_that_the_trade_bill_states(tiny: TinyBooks) -> None:
    """They are lines of the bill; the last one says since when."""

    def bill(key: str, *refunds: tuple[int, str], currency: str = "CNY") -> None:
        tiny.order(key, 10000, "07-01", source="wechatpay", paid="07-01", currency=currency)
        for amount, day in refunds:
            tiny.add("wechatpay", Stage.ORDER, Kind.REFUND, amount, day, order_id=key,
                     platform="shop", currency=currency)  # fmt: skip

    bill("kept", (-1000, "07-26"), (-2000, "07-27"))
    money(tiny, "kept", (10000, "07-01"), (-2999, "07-27"))
    bill("given", (-1000, "07-27"), (-2000, "07-10"))
    money(tiny, "given", (10000, "07-01"), (-3000, "07-27"))
    bill("not-yet", (-1000, "07-10"), (-2000, "07-28"))
    money(tiny, "not-yet", (10000, "07-01"))
    bill("dollars", (-3000, "07-10"), currency="USD")
    money(tiny, "dollars", (10000, "07-01"), currency="USD")
    bill("last")
    money(tiny, "last", (10000, "08-12"))
    assert warned(tiny) == {
        "dollars": [
            ("refund-not-clawed-back", "07-10", 3000, "wechatpay:10", "30.00 2026-07-10 0.00")
        ],
        "kept": [("refund-not-clawed-back", "07-27", 1, "wechatpay:1", "30.00 2026-07-27 29.99")],
    }


def test_an_order_from_before_the_first_wallet_file_is_not_missing(tiny: TinyBooks) -> None:
    tiny.periods["wechatpay/wallet"] = ("07-02", "12-31")
    sold(tiny, "before", 10000, paid="07-01")
    sold(tiny, "from-then-on", 10000, paid="07-02")
    money(tiny, "last", (1, "08-12"))
    assert warned(tiny) == {
        "from-then-on": [("completed-without-payment", "07-02", 10000, "shop:2", "100.00")]
    }


def test_bank_lines(tiny: TinyBooks) -> None:
    def line(key: str, amount: int, day: str, name: str, **more: Any) -> None:  # noqa: ANN401 - fields of Record
        tiny.bank(amount, day, name, bank_ref=key, record_id=key, **more)

    line("three-days-later", -50000, "07-04", "甲")
    line("first", -50000, "07-01", "甲")
    line("four-days-later", -60000, "07-05", "乙")
    line("first-too", -60000, "07-01", "乙")
    line("another-amount", -50001, "07-04", "甲")
    line("another-name", -50000, "07-04", "丙")
    line("another-currency", -50000, "07-04", "甲", currency="USD")
    for key in ("nobody-1", "nobody-2"):
        line(key, -500, "07-01", "")
    for key in ("platform-1", "platform-2"):
        line(key, 50000, "07-01", "财付通支付科技有限公司客户备付金")
    assert warned(tiny) == {
        "three-days-later": [("repeated-bank-line", "07-04", -50000, "ccb:1", "-500.00 2026-07-01")]
    }


BOTH = (Kind.REFUND, Kind.PAYMENT_FEE)


def weekly(
    tiny: TinyBooks,
    currency: str,
    parts: list[int],
    *,
    sale: int = 100_000,
    kinds: tuple[Kind, ...] = BOTH,
) -> None:
    """A sale a week in one currency; of each week this part is refunded, and a fee."""
    for week, part in enumerate(parts):
        key = f"{currency}-{week}"
        day = f"{MONDAY + datetime.timedelta(weeks=week, days=week % 7):%m-%d}"
        tiny.order(key, sale, day, paid=day, currency=currency)
        tiny.wallet(Kind.SALE, sale, day, key, currency=currency)
        if part:
            for kind in kinds:
                tiny.wallet(kind, -part, day, key, currency=currency)


# With an eighth week above them the median is 3.00 % and the MAD 0.75: z is 3.5 at 6.8918 %.
EIGHT = [1000, 2000, 2500, 3000, 3000, 3500, 4000]
# Of nine the median is 3.00 % and the MAD 1.00: z is 3.5 at 8.189 %.
NINE = [1000, 2000, 2000, 3000, 3000, 4000, 4000, 4500]


def test_weekly_rates(tiny: TinyBooks) -> None:
    """A currency is judged by itself."""
    cases = {
        "CNY": [*EIGHT, 6891],
        "USD": [*EIGHT, 6892],
        "EUR": [6892, *reversed(EIGHT)],
        "GBP": [*NINE, 8189],
        "HKD": [*NINE, 8190],
        "SGD": [*EIGHT[1:], 50000],
        # Few refunds are no risk, few fees are.
        "AUD": [9000, 9500, 9600, 9700, 9700, 9800, 10000, 1000],
        "CAD": [600] * 8 + [1100],
        "CHF": [600] * 8 + [1101],
        # The mean distance of ten weeks is (2 x 2.00 % + rate) / 10: z is 3.5 at 3.1259 %.
        "SEK": [*[0] * 7, 2000, 2000, 3125],
        "NOK": [*[0] * 7, 2000, 2000, 3126],
    }
    for currency, parts in cases.items():
        weekly(tiny, currency, parts)
    # More fees came back than were taken.
    weekly(tiny, "THB", [1000] * 8, kinds=(Kind.PAYMENT_FEE,))
    tiny.wallet(Kind.PAYMENT_FEE_REFUND, 6789, "08-24", "THB-7", currency="THB")
    # Sales of 10,000.00: a fen is a millionth. The MAD is 1349, and 3.5 of it / 0.6745 are 7000.
    for currency, last in (("DKK", 37_000), ("NZD", 37_001)):
        eight = [30_100, 30_300, 31_400, 29_800, 28_651, 28_500, 28_400, 30_000]
        weekly(tiny, currency, [*eight, last], sale=1_000_000)
    # Of ten weeks six without a fee, the mean distance is 1, and 3.5 x 1.253314 of it 4.386599.
    for currency, last in (("PLN", 4_386_599), ("CZK", 4_386_601)):
        parts = [*[0] * 6, 1_871_133, 1_871_134, 1_871_134, last]
        weekly(tiny, currency, parts, sale=1_000_000, kinds=(Kind.PAYMENT_FEE,))
    assert by_currency(tiny) == {
        "EUR": [
            ("refund-rate", "07-06", 6892, "6.89 % / 3.00 %"),
            ("fee-rate", "07-06", 6892, "6.89 % / 3.00 %"),
        ],
        "USD": [
            ("refund-rate", "08-24", 6892, "6.89 % / 3.00 %"),
            ("fee-rate", "08-24", 6892, "6.89 % / 3.00 %"),
        ],
        "CHF": [
            ("refund-rate", "08-31", 1101, "1.10 % / 0.60 %"),
            ("fee-rate", "08-31", 1101, "1.10 % / 0.60 %"),
        ],
        "HKD": [
            ("refund-rate", "08-31", 8190, "8.19 % / 3.00 %"),
            ("fee-rate", "08-31", 8190, "8.19 % / 3.00 %"),
        ],
        "NZD": [
            ("refund-rate", "08-31", 37001, "3.70 % / 3.00 %"),
            ("fee-rate", "08-31", 37001, "3.70 % / 3.00 %"),
        ],
        "NOK": [
            ("refund-rate", "09-07", 3126, "3.12 % / 0.00 %"),
            ("fee-rate", "09-07", 3126, "3.12 % / 0.00 %"),
        ],
        "AUD": [("fee-rate", "08-24", 1000, "1.00 % / 9.65 %")],
        "THB": [("fee-rate", "08-24", -5789, "-5.78 % / 1.00 %")],
        "CZK": [("fee-rate", "09-07", 4386601, "438.66 % / 0.00 %")],
    }


def test_each_shop_is_judged_by_itself(tiny: TinyBooks) -> None:
    """One wallet for two shops, and lines of refunds do not say whose they are."""
    for week, part in enumerate([*EIGHT, 6891]):
        on = f"{MONDAY + datetime.timedelta(weeks=week):%m-%d}"
        for shop, refund in (("", part), ("zweig", part + (week == 7))):
            key = f"{shop}{week}"
            tiny.order(key, 100000, on, paid=on, shop=shop)
            money(tiny, key, (100000, on), (-refund, on))
    assert warned(tiny) == {
        "Assets:Receivable:Shop:Zweig": [
            ("refund-rate", "08-24", 6892, "wechatpay:32", "2026-08-24 6.89 3.00")
        ]
    }


def test_the_largest_line_of_a_week_is_shown(tiny: TinyBooks) -> None:
    """Weeks without sales have no rate."""
    weekly(tiny, "CNY", EIGHT)
    sold(tiny, "many", 50000, (50000, "08-25"), paid="08-25")
    for amount in (10000, 20000, 15000):
        tiny.wallet(Kind.REFUND, -amount, "08-26", "many")
        tiny.wallet(Kind.PAYMENT_FEE, -amount, "08-26", "many")
    sold(tiny, "more", 50000, (50000, "08-27"), paid="08-27")
    for kind in BOTH:
        tiny.wallet(kind, -10, "09-01", "more")
    # Of lines without a part the largest sale: fees came back.
    weekly(tiny, "USD", [10000] * 8)
    sold(tiny, "free", 70000, (70000, "09-01"), paid="09-01", currency="USD")
    sold(tiny, "free-too", 80000, (80000, "09-02"), paid="09-02", currency="USD")
    assert warned(tiny) == {
        "Assets:Receivable:Shop": [
            ("refund-rate", "08-24", 45000, "wechatpay:25", "2026-08-24 45.00 3.00")
        ],
        "Assets:Wallet:WeChatPay": [
            ("fee-rate", "08-24", 45000, "wechatpay:26", "2026-08-24 45.00 3.00"),
            ("fee-rate", "08-31", 0, "wechatpay:57", "2026-08-31 0.00 10.00"),
        ],
    }


def test_late_settlements(tiny: TinyBooks) -> None:
    """A hundred orders a platform: all but one took at most three days."""
    for place, days in enumerate([1] * 98 + [3, 4]):
        key = f"own-{place:03}"
        tiny.order(key, 1000, "07-06", paid="07-06")
        tiny.wallet(Kind.SALE, 1000, f"07-{6 + days:02}", key)
        key = f"held-{place:03}"
        tiny.order(key, 1000, "07-01", paid="07-01", completed="07-06", platform="taobao")
        tiny.wallet(Kind.SALE, 1000, f"07-{6 + days:02}", key, source="alipay", platform="taobao")
        if place:
            key = f"few-{place:03}"
            tiny.order(key, 1000, "07-06", paid="07-06", completed="07-06", platform="pinduoduo")
            tiny.wallet(Kind.SALE, 1000, f"07-{6 + days:02}", key, source="pinduoduo",
                        platform="pinduoduo")  # fmt: skip
    tiny.order("no-money", 1000, "07-06", paid="07-06")
    tiny.order("no-day", 1000, "07-06")
    tiny.wallet(Kind.SALE, 1000, "07-06", "no-day")
    assert warned(tiny) == {
        "own-099": [("late-settlement", "07-10", 1000, "shop:100", "4 2026-07-06 99 3")],
        "held-099": [("late-settlement", "07-10", 1000, "taobao:100", "4 2026-07-06 99 3")],
    }
