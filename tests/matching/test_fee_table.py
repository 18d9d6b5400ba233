"""Fees against what is agreed, every edge in one set of books: each order is a case of its own.

`make mutants` asks this first: one run judges all cases, to the day and the fen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beanclear.ledger.records import Kind, Stage

if TYPE_CHECKING:
    from beanclear.ledger.reconciliation import Reconciliation
    from tests.conftest import TinyBooks

AS_OF = "12-20"
TMALL = {"source": "alipay", "platform": "taobao"}
# expected, charged, day, due, rule, the row and the trade id of what is shown, without the key
Seen = tuple[int | None, int | None, str, str, str, int | None, str]


def variances(found: Reconciliation) -> dict[str, Seen]:
    return {
        item.key: (
            item.expected_minor,
            item.found_minor,
            f"{item.date:%m-%d}",
            f"{item.due:%m-%d}",
            (item.rule or "").replace(f"<{item.key}>", ""),
            item.row,
            (item.trade_id or "").replace(item.key, ""),
        )
        for item in found.items
        if item.klass == "fee-variance"
    }


class Shop:
    """Orders of one platform, each with a rule and fee lines of its own."""

    def __init__(self, tiny: TinyBooks) -> None:
        self.tiny = tiny
        self.rules: list[str] = []

    def case(
        self,
        key: str,
        terms: str,
        *,
        sales: tuple[int, ...] = (10000,),
        fees: tuple[tuple[int, str], ...],
        refunds: tuple[tuple[int, str], ...] = (),
        **more: Any,  # noqa: ANN401 - fields of Record
    ) -> None:
        """An order, its sales on 5 July, its fees and refunds, and the rule of its fees."""
        self.rules.append(f'[[fees]]\nplatform = "taobao"\ncontains = "<{key}>"\n{terms}')
        tiny = self.tiny
        days = {"paid": "07-01", "completed": "07-05", "known": "07-06"}
        tiny.order(key, sum(sales), "07-01", **days, platform="taobao", **more)
        for amount in sales:
            tiny.wallet(Kind.SALE, amount, "07-05", key, **TMALL)
        self.fees(key, *fees)
        for amount, day in refunds:
            tiny.wallet(Kind.REFUND, -amount, day, key, **TMALL)

    def fees(self, key: str, *lines: tuple[int, str], **more: Any) -> None:  # noqa: ANN401 - fields of Record
        for amount, day in lines:
            kind = Kind.FEE_REFUND if amount < 0 else Kind.FEE
            values = {"memo": f"<{key}>", "trade_id": f"{key} {day}", **TMALL, **more}
            self.tiny.wallet(kind, -amount, day, key, **values)

    def found(self) -> Reconciliation:
        self.tiny.configure("\n".join(self.rules))
        return self.tiny.found(AS_OF)


FIVE = 'rate_percent = "5"'


def test_what_is_charged(tiny: TinyBooks) -> None:
    shop = Shop(tiny)
    # One minor unit of rounding for each line.
    shop.case("JUST-OVER", FIVE, fees=((501, "07-05"),))
    shop.case("OVER", FIVE, fees=((502, "07-05"),))
    shop.case("JUST-UNDER", FIVE, fees=((499, "07-05"),))
    shop.case("UNDER", FIVE, fees=((498, "07-05"),))
    shop.case("TWO-SALES", FIVE, sales=(5000, 5000), fees=((502, "07-05"),))
    shop.case("TWO-SALES-OVER", FIVE, sales=(5000, 5000), fees=((503, "07-05"),))
    shop.case("HALF-UP", 'rate_percent = "1"', sales=(50, 50), fees=((5, "07-05"),))
    shop.case("CUT", 'rate_percent = "1"', sales=(49, 49), fees=((5, "07-05"),))
    shop.case("FIXED", 'fixed = "0.30"', sales=(5000, 5000), fees=((99, "07-05"),))
    shop.case("NOTHING-SOLD", FIVE + '\nfixed = "0.30"', sales=(10000, 0), fees=((999, "07-05"),))
    shop.case("AND-FIXED", FIVE + '\nfixed = "0.30"', fees=((999, "07-05"),))
    shop.case("MINIMUM", 'rate_percent = "1"\nfixed = "0.10"\nminimum = "1.11"',
              fees=((999, "07-05"),))  # fmt: skip
    shop.case("ABOVE-MINIMUM", 'rate_percent = "1"\nfixed = "0.10"\nminimum = "1.09"',
              fees=((999, "07-05"),))  # fmt: skip
    shop.case("MAXIMUM", 'rate_percent = "1"\nfixed = "0.10"\nmaximum = "1.09"',
              fees=((999, "07-05"),))  # fmt: skip
    shop.case("BELOW-MAXIMUM", 'rate_percent = "1"\nfixed = "0.10"\nmaximum = "1.11"',
              fees=((999, "07-05"),))  # fmt: skip
    shop.case("FROM", f"{FIVE}\nfrom = 2026-07-05", fees=((999, "07-05"),))
    shop.case("NOT-YET", f"{FIVE}\nfrom = 2026-07-06", fees=((999, "07-05"),))
    shop.case("UNTIL", f"{FIVE}\nuntil = 2026-07-05", fees=((999, "07-05"),))
    shop.case("NO-MORE", f"{FIVE}\nuntil = 2026-07-04", fees=((999, "07-05"),))
    shop.case("DOLLARS", 'fixed = "0.30"\ncurrency = "USD"', fees=((999, "07-05"),))
    # The last charge dates it, the first one is shown; a line of nothing is none.
    shop.case("CHARGES", FIVE, fees=((0, "07-07"), (400, "07-09"), (500, "07-08"), (0, "07-10")))
    shop.case("NOTHING", f'{FIVE}\nrefund = "full"', fees=((0, "07-05"),))
    shop.case("ONLY-BACK", FIVE, fees=((-500, "07-05"),))
    shop.case("BACK-APART", FIVE, fees=((700, "07-05"), (-100, "07-08")))
    # Judged from the day after it is due, like any item; only what happened by then counts.
    shop.case("DUE", FIVE, fees=((999, "12-05"),))
    shop.case("LATE", FIVE, fees=((999, "12-04"),))
    shop.case("LAST-DAY", FIVE, fees=((999, "12-20"),))
    shop.case("DAY-AFTER", FIVE, fees=((999, "12-21"),))
    # What a second fee of the order adds once it is charged.
    for key, day in (("SECOND", "12-20"), ("SECOND-LATER", "12-21")):
        shop.case(key, FIVE, fees=((999, "07-05"),))
        shop.rules.append(f'[[fees]]\nplatform = "taobao"\ncontains = "+{key}"\n{FIVE}')
        shop.fees(key, (888, day), memo=f"+{key}")
    found = shop.found()
    assert variances(found) == {
        "ABOVE-MINIMUM": (110, 999, "07-05", "07-20", " 1 %", 32, " 07-05"),
        "AND-FIXED": (530, 999, "07-05", "07-20", " 5 %", 28, " 07-05"),
        "BACK-APART": (500, 700, "07-05", "07-20", " 5 %", 57, " 07-05"),
        "BELOW-MAXIMUM": (110, 999, "07-05", "07-20", " 1 %", 36, " 07-05"),
        "CUT": (0, 5, "07-05", "07-20", " 1 %", 20, " 07-05"),
        "FIXED": (60, 99, "07-05", "07-20", "", 23, " 07-05"),
        "FROM": (500, 999, "07-05", "07-20", " 5 %", 38, " 07-05"),
        "HALF-UP": (2, 5, "07-05", "07-20", " 1 %", 17, " 07-05"),
        "MAXIMUM": (109, 999, "07-05", "07-20", " 1 %", 34, " 07-05"),
        "MINIMUM": (111, 999, "07-05", "07-20", " 1 %", 30, " 07-05"),
        "NOTHING-SOLD": (530, 999, "07-05", "07-20", " 5 %", 26, " 07-05"),
        "OVER": (500, 502, "07-05", "07-20", " 5 %", 4, " 07-05"),
        "SECOND-LATER": (500, 999, "07-05", "07-20", " 5 %", 71, " 07-05"),
        "TWO-SALES-OVER": (500, 503, "07-05", "07-20", " 5 %", 14, " 07-05"),
        "UNDER": (500, 498, "07-05", "07-20", " 5 %", 8, " 07-05"),
        "UNTIL": (500, 999, "07-05", "07-20", " 5 %", 42, " 07-05"),
        "CHARGES": (500, 900, "07-09", "07-24", " 5 %", 50, " 07-08"),
        "LATE": (500, 999, "12-04", "12-19", " 5 %", 62, " 12-04"),
    }
    assert [(one.account, one.balance_minor, one.open_count) for one in found.states] == [
        ("Assets:Receivable:Tmall", 0, 18)
    ]
    assert {item.at_stake_minor for item in found.items if item.key == "UNDER"} == {2}


def test_what_comes_back_with_a_refund(tiny: TinyBooks) -> None:
    """5.30 of 100.00: 5 % and 0.30; charged much too much, so that each expectation is seen."""
    shop = Shop(tiny)
    both = FIVE + '\nfixed = "0.30"\nrefund = '
    charged = ((1530, "07-05"),)
    for name, part in (("HALF", 5000), ("ODD", 3333), ("ALL", 10000), ("MORE", 12000)):
        for policy in ("full", "proportional", "none"):
            key = f"{policy}-{name}"
            shop.case(key, f'{both}"{policy}"', fees=charged, refunds=((part, "07-20"),))
    shop.case("unsaid", FIVE + '\nfixed = "0.30"', fees=charged, refunds=((5000, "07-20"),))
    shop.case("no-refund", both + '"full"', fees=charged)
    shop.case("two-refunds", both + '"full"', fees=charged,
              refunds=((2500, "07-20"), (2500, "07-21")))  # fmt: skip
    shop.case("nothing-refunded", both + '"full"', fees=charged,
              refunds=((5000, "07-20"), (0, "07-23")))  # fmt: skip
    # The fixed part is more than the maximum leaves.
    shop.case("capped", f'{both}"proportional"\nmaximum = "0.20"', fees=charged,
              refunds=((5000, "07-20"),))  # fmt: skip
    shop.case("capped-all", f'{both}"proportional"\nmaximum = "0.20"', fees=charged,
              refunds=((10000, "07-20"),))  # fmt: skip
    # The fee came back after the refund, and before it.
    shop.case("back-later", both + '"full"', fees=((1530, "07-05"), (-265, "07-22")),
              refunds=((5000, "07-20"),))  # fmt: skip
    shop.case("back-before", both + '"full"', fees=((1530, "07-05"), (-265, "07-19")),
              refunds=((5000, "07-20"),))  # fmt: skip
    # Rounding: a sale, two refunds, three minor units.
    shop.case("rounded", both + '"full"', fees=((533, "07-05"), (-265, "07-22")),
              refunds=((2500, "07-20"), (2500, "07-20")))  # fmt: skip
    shop.case("not-rounded", both + '"full"', fees=((534, "07-05"), (-265, "07-22")),
              refunds=((2500, "07-20"), (2500, "07-20")))  # fmt: skip
    assert variances(shop.found()) == {
        "no-refund": (530, 1530, "07-05", "07-20", " 5 %", 41, " 07-05"),
        "unsaid": (530, 1530, "07-05", "07-20", " 5 %", 38, " 07-05"),
        "back-before": (265, 1265, "07-20", "08-04", " 5 %", 61, " 07-05"),
        "capped": (20, 1530, "07-20", "08-04", " 5 %", 51, " 07-05"),
        "capped-all": (20, 1530, "07-20", "08-04", " 5 %", 54, " 07-05"),
        "full-ALL": (0, 1530, "07-20", "08-04", " 5 %", 20, " 07-05"),
        "full-HALF": (265, 1530, "07-20", "08-04", " 5 %", 2, " 07-05"),
        "full-MORE": (0, 1530, "07-20", "08-04", " 5 %", 29, " 07-05"),
        "full-ODD": (353, 1530, "07-20", "08-04", " 5 %", 11, " 07-05"),
        "none-ALL": (530, 1530, "07-20", "08-04", " 5 %", 26, " 07-05"),
        "none-HALF": (530, 1530, "07-20", "08-04", " 5 %", 8, " 07-05"),
        "none-MORE": (530, 1530, "07-20", "08-04", " 5 %", 35, " 07-05"),
        "none-ODD": (530, 1530, "07-20", "08-04", " 5 %", 17, " 07-05"),
        "nothing-refunded": (265, 1530, "07-20", "08-04", " 5 %", 47, " 07-05"),
        "proportional-ALL": (30, 1530, "07-20", "08-04", " 5 %", 23, " 07-05"),
        "proportional-HALF": (280, 1530, "07-20", "08-04", " 5 %", 5, " 07-05"),
        "proportional-MORE": (30, 1530, "07-20", "08-04", " 5 %", 32, " 07-05"),
        "proportional-ODD": (363, 1530, "07-20", "08-04", " 5 %", 14, " 07-05"),
        "two-refunds": (265, 1530, "07-21", "08-05", " 5 %", 43, " 07-05"),
        "back-later": (265, 1265, "07-22", "08-06", " 5 %", 57, " 07-05"),
        "not-rounded": (265, 269, "07-22", "08-06", " 5 %", 70, " 07-05"),
    }


def test_categories(tiny: TinyBooks) -> None:
    shop = Shop(tiny)
    for key, category, memo in (
        ("ORDER", "女装", ""), ("OTHER", "男装", ""), ("NONE", None, ""), ("MEMO", None, "女装"),
    ):  # fmt: skip
        shop.case(key, 'rate_percent = "2"', fees=(), category=category)
        shop.rules.append(f'[[fees]]\nplatform = "taobao"\ncontains = "<{key}>"\n{FIVE}\n'
                          'category = "女装"')  # fmt: skip
        shop.fees(key, (999, "07-05"), memo=f"<{key}>{memo}")
    shop.fees("NONE", (1, "07-06"), memo="", kind_raw="<NONE>女装")
    assert variances(shop.found()) == {
        "MEMO": (500, 999, "07-05", "07-20", " (女装) 5 %", 8, " 07-05"),
        "ORDER": (500, 999, "07-05", "07-20", " (女装) 5 %", 2, " 07-05"),
        "OTHER": (200, 999, "07-05", "07-20", " 2 %", 4, " 07-05"),
        "NONE": (500, 1000, "07-06", "07-21", " (女装) 5 %", 6, " 07-05"),
    }


def test_the_rate_of_the_trade_bill(tiny: TinyBooks) -> None:
    def order(key: str, rate: int | None, *fees: int, **more: Any) -> None:  # noqa: ANN401 - fields of Record
        tiny.order(key, 10000, "07-01", source="wechatpay", paid="07-01", fee_rate_ppm=rate, **more)
        tiny.wallet(Kind.SALE, 10000, "07-01", key)
        for amount in fees:
            kind = Kind.PAYMENT_FEE if amount > 0 else Kind.PAYMENT_FEE_REFUND
            tiny.wallet(kind, -amount, "07-01", key)

    order("RIGHT", 6000, 61)
    order("WRONG", 6000, 62)
    order("NO-RATE", None, 500)
    order("ONLY-BACK", 6000, -500)
    order("BACK", 6000, 62, -60)
    order("BY-TRADE", 6000, 62, trade_id="420000")
    tiny.order("ALIPAY", 10000, "07-01", source="wechatpay", paid="07-01", fee_rate_ppm=6000)
    tiny.wallet(Kind.SALE, 10000, "07-01", "ALIPAY", source="alipay")
    tiny.wallet(Kind.PAYMENT_FEE, -500, "07-01", "ALIPAY", source="alipay")
    order("FEE", 6000)
    tiny.wallet(Kind.FEE, -500, "07-01", "FEE")
    tiny.add("wechatpay", Stage.ORDER, Kind.REFUND, -1, "07-10", order_id="RIGHT", platform="shop",
             fee_rate_ppm=9000)  # fmt: skip
    assert variances(tiny.found(AS_OF)) == {
        "BACK": (60, 62, "07-01", "07-16", "0.6 %", 10, ""),
        "BY-TRADE": (60, 62, "07-01", "07-16", "0.6 %", 13, ""),
        "WRONG": (60, 62, "07-01", "07-16", "0.6 %", 4, ""),
    }


def test_the_rate_of_a_bill_that_names_the_shops_order_otherwise(tiny: TinyBooks) -> None:
    """Orders of the shop's own export; the bill knows their trade, or has it as the order."""
    for key, trade, billed, bill_trade in (
        ("BY-ORDER", "T1", "T1", "4200001"),
        ("BY-TRADE", "T2", "elsewhere", "T2"),
        ("BY-NOTHING", "T3", "elsewhere-too", "4200003"),
    ):
        tiny.order(key, 10000, "07-01", paid="07-01", trade_id=trade)
        tiny.order(billed, 10000, "07-01", source="wechatpay", platform="shop", paid="07-01",
                   fee_rate_ppm=6000, trade_id=bill_trade)  # fmt: skip
        tiny.wallet(Kind.SALE, 10000, "07-01", key)
        tiny.wallet(Kind.PAYMENT_FEE, -90, "07-01", key)
    # The higher one of two rates.
    for rate in (9000, 6000):
        tiny.order("RATES", 10000, "07-01", source="wechatpay", platform="shop", paid="07-01",
                   fee_rate_ppm=rate, record_id=f"RATES-{rate}")  # fmt: skip
    tiny.order("RATES", 10000, "07-01", paid="07-01")
    tiny.wallet(Kind.SALE, 10000, "07-01", "RATES")
    tiny.wallet(Kind.PAYMENT_FEE, -99, "07-01", "RATES")
    assert variances(tiny.found(AS_OF)) == {
        "BY-ORDER": (60, 90, "07-01", "07-16", "0.6 %", 2, ""),
        "BY-TRADE": (60, 90, "07-01", "07-16", "0.6 %", 4, ""),
        "RATES": (90, 99, "07-01", "07-16", "0.9 %", 8, ""),
    }


def test_the_first_line_that_differs_is_shown(tiny: TinyBooks) -> None:
    """In whatever file it stands: row and file are of one line."""
    shop = Shop(tiny)
    for key in ("A", "B"):
        shop.case(key, FIVE, fees=())
        shop.rules.append(f'[[fees]]\nplatform = "taobao"\ncontains = "+{key}"\n{FIVE}')
        tiny.wallet(Kind.FEE, -1, "07-05", key, memo="no rule", **TMALL)
        shop.fees(key, (700 if key == "A" else 500, "07-06"), account="then", memo=f"+{key}")
        for day, account in (("07-09", "first"), ("07-07", "first"), ("07-06", "then")):
            shop.fees(key, (500, day), account=account)
        shop.fees(key, (-1, "07-05"), account="first")
    # A fee of nothing is none, also beside one that differs.
    shop.case("C", FIVE, fees=((700, "07-06"),))
    shop.rules.append(f'[[fees]]\nplatform = "taobao"\ncontains = "+C"\n{FIVE}\nrefund = "full"')
    shop.fees("C", (0, "07-06"), memo="+C")
    found = shop.found()
    for item in found.items:
        account = "main" if item.key == "C" else "then"
        assert item.document == tiny.document("alipay", account, Stage.WALLET)
    assert variances(found) == {
        "C": (500, 700, "07-06", "07-21", " 5 %", 6, " 07-06"),
        "A": (1000, 2200, "07-09", "07-24", "+A 5 %,  5 %", 1, " 07-06"),
        "B": (500, 1500, "07-09", "07-24", " 5 %", 4, " 07-06"),
    }
