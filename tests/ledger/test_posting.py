"""What orders, wallet lines and bank lines post, from a few records by hand."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

import pytest

from beanclear.ledger.posting import reconciliation_text
from beanclear.ledger.records import Kind
from beanclear.ledger.spans import Span
from beanclear.ledger.vocabulary import StatementEntry

if TYPE_CHECKING:
    from tests.conftest import TinyBooks

ALIPAY = {"source": "alipay", "platform": "taobao"}
JULY = datetime.date(2026, 7, 1)
INCOME = "Income:Sales:Shop"
VAT = "Liabilities:Tax:VAT:Output"
PAYER = "财付通支付科技有限公司客户备付金"


def shipped_order(tiny: TinyBooks, amount: int, **more: object) -> None:
    tiny.order("A", amount, "07-01", paid="07-01", shipped="07-03", **more)


@pytest.mark.parametrize(
    ("taxpayer", "amount", "vat"),
    [
        ("general", 11300, 1300),
        ("general", 100, 12),  # 11.504…: up
        ("general", 113, 13),
        ("general", 4, 0),  # 0.46: down
        ("general", 5, 1),  # 0.575: up
        ("small", 10100, 100),
        ("small", 50, 0),  # 0.495
        ("small", 51, 1),  # 0.505
    ],
)
def test_vat_contained_in_a_price_is_rounded_to_the_fen(
    tiny: TinyBooks, taxpayer: str, amount: int, vat: int
) -> None:
    tiny.configure(f'[books]\ntaxpayer = "{taxpayer}"\n')
    shipped_order(tiny, amount)
    account = VAT if taxpayer == "general" else "Liabilities:Tax:VAT"
    expected = [("07-03", INCOME, -(amount - vat)), ("07-03", account, -vat)]
    found = [row for row in tiny.postings() if row[1] in {INCOME, account}]
    assert found == [row for row in expected if row[2]]


@pytest.mark.parametrize("amount", [100, 51, 5, 11300])
def test_a_full_refund_mirrors_the_sale(tiny: TinyBooks, amount: int) -> None:
    shipped_order(tiny, amount, refunded_minor=amount)
    tiny.wallet(Kind.SALE, amount, "07-01", "A")
    tiny.wallet(Kind.REFUND, -amount, "08-05", "A")
    by_account: dict[str, list[tuple[str, int]]] = {}
    for day, account, value in tiny.postings():
        by_account.setdefault(account, []).append((day, value))
    assert [day for day, _value in by_account[INCOME]] == ["07-03", "08-05"]
    assert sum(value for _day, value in by_account[INCOME]) == 0
    assert sum(value for _day, value in by_account.get(VAT, [])) == 0


def test_vat_rates_by_platform_and_day(tiny: TinyBooks) -> None:
    tiny.configure(
        '[[vat]]\nrate_percent = "6"\n[[vat]]\nplatform = "shop"\nfrom = 2026-07-10\n'
        'rate_percent = "9"\n'
    )
    tiny.order("A", 10600, "07-01", paid="07-01", shipped="07-09")
    tiny.order("B", 10900, "07-01", paid="07-01", shipped="07-10")
    assert tiny.postings(VAT) == [("07-09", VAT, -600), ("07-10", VAT, -900)]


@pytest.mark.parametrize(
    ("platform", "point", "day"),
    [
        ("shop", None, "07-03"),
        ("shop", "paid", "07-01"),
        ("shop", "completed", "07-09"),
        ("taobao", None, "07-09"),
        ("taobao", "shipped", "07-03"),
    ],
)
def test_a_sale_is_income_at_its_platforms_point(
    tiny: TinyBooks, platform: str, point: str | None, day: str
) -> None:
    if point:
        tiny.configure(f'[[recognition]]\nplatform = "{platform}"\npoint = "{point}"\n')
    tiny.order(
        "A", 113, "07-01", paid="07-01", shipped="07-03", completed="07-09", platform=platform
    )
    assert [row[0] for row in tiny.postings("Income:")] == [day]


def test_the_point_may_change_from_a_day_of_order_on(tiny: TinyBooks) -> None:
    tiny.configure('[[recognition]]\nplatform = "shop"\npoint = "paid"\nfrom = 2026-08-01\n')
    for key, ordered, shipped in (("A", "07-31", "08-05"), ("B", "08-01", "08-06")):
        tiny.order(key, 113, ordered, paid=ordered, shipped=shipped)
    assert tiny.postings(INCOME) == [("08-01", INCOME, -100), ("08-05", INCOME, -100)]


def test_an_own_shop_without_shipping_dates_sells_when_paid(tiny: TinyBooks) -> None:
    tiny.order("A", 113, "07-01", source="wechatpay", paid="07-02")
    assert tiny.postings(INCOME) == [("07-02", INCOME, -100)]


def test_vat_due_apart_from_income_is_deferred(tiny: TinyBooks) -> None:
    tiny.configure(
        '[[recognition]]\nplatform = "shop"\npoint = "shipped"\nvat_point = "completed"\n'
    )
    tiny.order("A", 113, "07-01", paid="07-01", shipped="07-03", completed="07-09")
    assert tiny.postings("Liabilities:Tax") == [
        ("07-03", "Liabilities:Tax:VAT:Deferred", -13),
        ("07-09", "Liabilities:Tax:VAT:Deferred", 13),
        ("07-09", VAT, -13),
    ]


def test_vat_due_before_income(tiny: TinyBooks) -> None:
    tiny.configure('[[recognition]]\nplatform = "shop"\npoint = "shipped"\nvat_point = "paid"\n')
    tiny.order("A", 113, "07-01", paid="07-01", shipped="07-03")
    found = tiny.postings("Liabilities:Tax")
    assert found == [
        ("07-01", "Liabilities:Tax:VAT:Deferred", 13),
        ("07-01", VAT, -13),
        ("07-03", "Liabilities:Tax:VAT:Deferred", -13),
    ]


def test_money_before_the_sale_is_an_advance(tiny: TinyBooks) -> None:
    shipped_order(tiny, 113)
    tiny.wallet(Kind.SALE, 113, "07-01", "A")
    assert tiny.postings() == [
        ("07-01", "Assets:Wallet:WeChatPay", 113),
        ("07-01", "Liabilities:Advances:Shop", -113),
        ("07-03", INCOME, -100),
        ("07-03", "Liabilities:Advances:Shop", 113),
        ("07-03", VAT, -13),
    ]


def test_escrow_money_before_completion_is_an_advance(tiny: TinyBooks) -> None:
    tiny.order("A", 113, "07-01", paid="07-01", shipped="07-03", platform="taobao")
    tiny.wallet(Kind.SALE, 113, "07-05", "A", **ALIPAY)
    assert tiny.postings("Liabilities") == [("07-05", "Liabilities:Advances:Tmall", -113)]
    assert tiny.postings("Income") == []


def test_escrow_claims_nothing_before_completion_or_money(tiny: TinyBooks) -> None:
    tiny.order("A", 113, "07-01", paid="07-01", shipped="07-03", platform="taobao")
    assert tiny.postings() == []


def test_refund_before_the_sale_lowers_it(tiny: TinyBooks) -> None:
    shipped_order(tiny, 226, refunded_minor=113)
    tiny.wallet(Kind.SALE, 226, "07-01", "A")
    tiny.wallet(Kind.REFUND, -113, "07-02", "A")
    assert tiny.postings("Liabilities:Advances") == [
        ("07-01", "Liabilities:Advances:Shop", -226),
        ("07-02", "Liabilities:Advances:Shop", 113),
        ("07-03", "Liabilities:Advances:Shop", 113),
    ]
    assert tiny.postings(INCOME) == [("07-03", INCOME, -100)]


def test_refund_after_the_sale_reverses_it_in_its_own_month(tiny: TinyBooks) -> None:
    shipped_order(tiny, 226, refunded_minor=113)
    tiny.wallet(Kind.SALE, 226, "07-01", "A")
    tiny.wallet(Kind.REFUND, -113, "09-02", "A")
    assert tiny.postings(INCOME) == [("07-03", INCOME, -200), ("09-02", INCOME, 100)]
    assert tiny.postings(VAT) == [("07-03", VAT, -26), ("09-02", VAT, 13)]
    assert tiny.open() == []


def test_escrow_refund_before_completion_never_reaches_the_wallet(tiny: TinyBooks) -> None:
    tiny.order(
        "A", 226, "07-01", paid="07-01", completed="07-09", platform="taobao", refunded_minor=113
    )
    tiny.wallet(Kind.SALE, 113, "07-09", "A", **ALIPAY)
    assert tiny.postings("Income") == [("07-09", "Income:Sales:Tmall", -100)]
    assert tiny.open() == []


def test_without_any_order_source_the_wallet_line_is_the_sale(tiny: TinyBooks) -> None:
    tiny.wallet(Kind.SALE, 113, "07-05", "A", **ALIPAY)
    tiny.wallet(Kind.REFUND, -113, "08-05", "A", **ALIPAY)
    assert tiny.postings("Income") == [
        ("07-05", "Income:Sales:Tmall", -100),
        ("08-05", "Income:Sales:Tmall", 100),
    ]
    with tiny.keeper() as kept:
        assert kept.compute().wallet_only == ("taobao",)
    assert tiny.open() == []


def test_an_orders_own_id_counts_where_a_line_gives_it_as_the_trades(tiny: TinyBooks) -> None:
    shipped_order(tiny, 113, shop="north")
    tiny.wallet(Kind.SALE, 113, "07-02", platform="shop", trade_id="A")
    receivable = "Assets:Receivable:Shop:North"
    assert tiny.postings(receivable) == [("07-01", receivable, 113), ("07-02", receivable, -113)]
    assert tiny.open() == []


def test_wallet_lines_by_kind(tiny: TinyBooks) -> None:
    where = {
        Kind.FEE: "Expenses:Platform:Commission",
        Kind.PREPAYMENT: "Assets:Prepaid:Advertising:Alipay",
        Kind.DEPOSIT: "Assets:Deposits:Alipay",
        Kind.RESERVE: "Assets:Reserved:Alipay",
        Kind.TRANSFER: "Assets:Internal:Alipay",
        Kind.OTHER: "Assets:Suspense:Alipay",
        Kind.PAYOUT: "Assets:Transit:Alipay",
    }
    for number, kind in enumerate(where, 1):
        tiny.wallet(kind, -100 * number, f"07-{number:02d}", source="alipay", platform=None)
    other = [row for row in tiny.postings() if row[1] != "Assets:Wallet:Alipay"]
    assert other == [
        (f"07-{number:02d}", account, 100 * number)
        for number, account in enumerate(where.values(), 1)
    ]


def test_an_unknown_wallet_line_waits_in_suspense_until_a_rule_names_it(tiny: TinyBooks) -> None:
    tiny.wallet(Kind.OTHER, -70, "07-01", memo="某活动报名费", record_id="W")
    assert tiny.open() == [("uncategorised", "W", 70)]
    tiny.configure('[[rules]]\nmemo = "报名费"\naccount = "Expenses:Platform:Advertising"\n')
    assert tiny.open() == []
    assert tiny.postings("Expenses") == [("07-01", "Expenses:Platform:Advertising", 70)]


def test_bank_rules_go_before_known_payers(tiny: TinyBooks) -> None:
    tiny.configure(
        '[[rules]]\ncounterparty = "物业"\ndirection = "out"\naccount = "Expenses:Office:Rent"\n'
        '[[rules]]\nmemo = "保证金退回"\naccount = "Assets:Deposits:WeChatPay"\n'
    )
    tiny.bank(-500, "07-01", "云谷物业管理", "房租")
    tiny.bank(500, "07-02", "云谷物业管理", "退款")
    tiny.bank(900, "07-03", PAYER, "保证金退回")
    tiny.bank(800, "07-04", PAYER, "提现")
    assert [row for row in tiny.postings() if row[1] != "Assets:Bank:CCB"] == [
        ("07-01", "Expenses:Office:Rent", 500),
        ("07-02", "Assets:Suspense:CCB", -500),
        ("07-03", "Assets:Deposits:WeChatPay", -900),
        ("07-04", "Assets:Transit:WeChat", -800),
    ]


def test_coverage_that_is_said_moves_the_as_of_date(tiny: TinyBooks) -> None:
    tiny.periods = {"ccb/bank": ("07-01", "07-31")}
    tiny.bank(-500, "07-10", "某某", record_id="L")
    (state,) = tiny.found().states
    assert (state.as_of, tiny.open()) == (tiny.day("07-31"), [("uncategorised", "L", 500)])
    tiny.configure('[coverage]\n"ccb/main/bank" = 2026-08-15\n')
    (state,) = tiny.found().states
    assert (state.as_of, tiny.open()) == (tiny.day("08-15"), [("uncategorised", "L", 500)])
    text = tiny.texts()["reconciliation/2026-08.beancount"]
    assert 'grade: "declared"' in text


def test_opening_balances_stand_before_the_earliest_statement(tiny: TinyBooks) -> None:
    tiny.balances = {"ccb/bank": (10000, 9500)}
    tiny.bank(-500, "07-10", "某某")
    july = tiny.texts()
    opening = july["journal/2026/06/opening-ccb-main.beancount"]
    assert opening.startswith('2026-06-30 * "')
    assert re.search(r"Assets:Bank:CCB +100\.00 CNY", opening)
    assert re.search(r"Equity:Opening-Balances +-100\.00 CNY", opening)
    # An earlier statement of another source moves the day, the amount stays.
    tiny.periods = {"wechatpay/wallet": ("05-01", "12-31")}
    tiny.wallet(Kind.FEE, -1, "05-02")
    moved = tiny.texts()
    assert "journal/2026/06/opening-ccb-main.beancount" not in moved
    assert moved["journal/2026/04/opening-ccb-main.beancount"] == opening.replace(
        "2026-06-30", "2026-04-30"
    )


def test_balances_are_asserted_to_the_fen_at_the_end_of_coverage(tiny: TinyBooks) -> None:
    tiny.balances = {"ccb/bank": (10000, 9500)}
    tiny.periods = {"ccb/bank": ("07-01", "07-31")}
    tiny.bank(-500, "07-10", "某某")
    text = tiny.texts()["journal/2026/07/ccb-main.beancount"]
    assert text.endswith("\n2026-08-01 balance Assets:Bank:CCB  95.00 ~ 0.00 CNY\n")


def test_every_entry_sums_to_zero(tiny: TinyBooks) -> None:
    test_bank_rules_go_before_known_payers(tiny)
    shipped_order(tiny, 226, refunded_minor=113)
    tiny.wallet(Kind.SALE, 226, "07-01", "A")
    tiny.wallet(Kind.REFUND, -113, "09-02", "A")
    tiny.wallet(Kind.SALE, 55, "09-02", "Z")
    for kind in Kind:
        tiny.wallet(kind, -7, "09-03")
    with tiny.keeper() as kept:
        sums = kept.con.execute(
            "SELECT entry, day, sum(amount_minor) FROM postings GROUP BY ALL"
            " HAVING sum(amount_minor) <> 0"
        ).fetchall()
    assert sums == []


def test_bank_lines_are_booked_one_by_one_and_days_of_orders_as_one(tiny: TinyBooks) -> None:
    for number in range(3):
        tiny.order(f"A{number}", 113, "07-01", paid="07-01", shipped="07-01")
        tiny.bank(-1, "07-01", "某某")
    texts = tiny.texts()
    assert texts["journal/2026/07/orders-shop.beancount"].count(" * ") == 1
    assert "records: " in texts["journal/2026/07/orders-shop.beancount"]
    assert texts["journal/2026/07/ccb-main.beancount"].count(" * ") == 3


def test_days_declared_after_a_close_are_written_beside_the_frozen_ones() -> None:
    def declared(first: int, last: int) -> StatementEntry:
        (entry,) = reconciliation_text.declared_entries(
            {"ccb/main/bank": Span(first=JULY.replace(day=first), last=JULY.replace(month=last),
                                   last_row=JULY.replace(month=last))},
            {"ccb/main/bank#": "Assets:Bank:CCB"},
            {},
        )  # fmt: skip
        return entry

    frozen = declared(2, 8)
    closed = frozen.date
    files = reconciliation_text.monthly_files
    assert files([frozen], closed, [frozen]) == {}
    assert files([declared(3, 9)], closed, [frozen]) == {
        "reconciliation/2026-09.beancount": reconciliation_text.text([declared(3, 9)])
    }


def part(tiny: TinyBooks, key: str, amount: int, **more: object) -> None:
    """A part of order A, paid on the first of July."""
    tiny.order(key, amount, "07-01", paid="07-01", parent_order_id="A", **more)


@pytest.mark.parametrize(
    ("again", "shipped_on"), [({}, "07-05"), ({"shipped": "07-09", "known": "07-31"}, "07-09")]
)
def test_an_order_of_which_only_the_parts_are_known_is_sold_when_the_last_part_is_shipped(
    tiny: TinyBooks, again: dict[str, str], shipped_on: str
) -> None:
    part(tiny, "A-1", 7300, shipped="07-03", known="07-10")
    part(tiny, "A-2", 4000, shipped="07-05", known="07-10")
    if again:  # the same part, exported once more
        part(tiny, "A-2", 4000, **again)
    assert tiny.postings() == [
        ("07-01", "Assets:Receivable:Shop", 11300),
        ("07-01", "Liabilities:Advances:Shop", -11300),
        (shipped_on, INCOME, -10000),
        (shipped_on, "Liabilities:Advances:Shop", 11300),
        (shipped_on, VAT, -1300),
    ]


def test_an_order_with_a_part_that_was_not_shipped_is_an_advance(tiny: TinyBooks) -> None:
    part(tiny, "A-1", 7300, shipped="07-03")
    part(tiny, "A-2", 4000)
    assert tiny.postings() == [
        ("07-01", "Assets:Receivable:Shop", 11300),
        ("07-01", "Liabilities:Advances:Shop", -11300),
    ]


def test_a_part_that_was_closed_is_given_back(tiny: TinyBooks) -> None:
    part(tiny, "A-1", 9040, shipped="07-03", completed="07-09")
    part(tiny, "A-2", 2260, closed="07-05")
    tiny.wallet(Kind.SALE, 11300, "07-01", "A")
    tiny.wallet(Kind.REFUND, -2260, "07-05", "A")
    income = [row for row in tiny.postings() if row[1] == INCOME]
    assert income == [("07-03", INCOME, -10000), ("07-05", INCOME, 2000)]


@pytest.mark.parametrize("whole", [False, True])
def test_refunds_of_parts_are_the_orders(tiny: TinyBooks, whole: bool) -> None:
    if whole:  # its own export says nothing of refunds
        shipped_order(tiny, 11300)
    part(tiny, "A-1", 7300, shipped="07-03")
    part(tiny, "A-2", 4000, shipped="07-03", refunded_minor=2260, known="07-31")
    tiny.wallet(Kind.SALE, 11300, "07-01", "A")
    tiny.wallet(Kind.REFUND, -2260, "08-05", "A")
    assert [row for row in tiny.postings() if row[0] == "08-05" and row[1] in {INCOME, VAT}] == [
        ("08-05", INCOME, 2000),
        ("08-05", VAT, 260),
    ]
