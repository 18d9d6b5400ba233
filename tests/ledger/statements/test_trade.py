"""Reports on trade: hand-made rows in, every figure worked out by hand."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from beancount.parser import parser

from beanclear.ledger.config import ShopSection
from beanclear.ledger.periods import parse
from beanclear.ledger.reconciliation import ClearingState, Item, Matched, Reconciliation
from beanclear.ledger.records import Kind
from beanclear.ledger.statements import (
    ageing,
    commerce,
    month_end,
    payout_bridge,
    shop,
    trade_tables,
    trends,
)
from beanclear.ledger.statements.commerce import Delay, FeeLine, ShopMonth, WalletMove
from beanclear.ledger.statements.general_ledger import GeneralLedger, read
from beanclear.ledger.statements.names import names_of
from beanclear.ledger.vocabulary import ItemClass

if TYPE_CHECKING:
    from tests.conftest import TinyBooks

AUGUST = parse("2026-08")
QUARTER = parse("2026-Q3")
WALLET = "Assets:Wallet:Alipay"
CHART = """\
1970-01-01 open Assets:Wallet:Alipay CNY
  code: "1012.01"
1970-01-01 open Assets:Receivable:Tmall CNY
  code: "1122.01"
1970-01-01 open Assets:Transit:Alipay CNY
  code: "1012.91"
1970-01-01 open Equity:Opening-Balances CNY
  code: "3001.99"
1970-01-01 open Income:Sales:Tmall CNY
  code: "5001.01"
1970-01-01 open Liabilities:Tax:VAT:Output CNY
  code: "2221.01.02"
1970-01-01 open Expenses:Platform:Commission CNY
  code: "5601.01"
"""


def ledger(text: str) -> GeneralLedger:
    entries, errors, _options = parser.parse_string(CHART + text)
    assert errors == []
    return read(entries, "CNY")


def day(number: int, month: int = 8) -> datetime.date:
    return datetime.date(2026, month, number)


# -- profit and loss of a shop --------------------------------------------------------------------

SALE = """
2026-08-03 * "sales"
  source: "orders/taobao"
  records: 2
  Assets:Receivable:Tmall   226.00 CNY
  Income:Sales:Tmall       -200.00 CNY
  Liabilities:Tax:VAT:Output -26.00 CNY
2026-08-20 * "refund"
  source: "orders/taobao"
  records: 1
  Assets:Receivable:Tmall   -11.30 CNY
  Income:Sales:Tmall         10.00 CNY
  Liabilities:Tax:VAT:Output  1.30 CNY
2026-08-21 * "by hand, another matter"
  Assets:Receivable:Tmall   5.00 CNY
  Income:Sales:Tmall       -5.00 CNY
"""


def figures(**named: int) -> list[ShopMonth]:
    return [
        ShopMonth(
            platform="taobao", shop="", currency="CNY", month=(2026, 8), name=name,
            amount_minor=amount,
        )
        for name, amount in named.items()
    ]  # fmt: skip


def test_profit_and_loss_of_a_shop() -> None:
    found = figures(
        sales=22600, refunds=1130, vat=2470, platform_discount=500, fee=-136, fee_refund=7,
        affiliate=-300, payout=-9999, deposit=-100,
    )  # fmt: skip
    (table,) = shop.profit_and_loss(found, ledger(SALE), QUARTER)
    rows = {row.cells[0]: row.cells[1:] for row in table.rows}
    assert [column.name for column in table.columns] == [
        "item", "2026-07", "2026-08", "2026-09", "total",
    ]  # fmt: skip
    assert rows["Sales with tax"] == (0, 22600, 0, 22600)
    assert rows["of which funded by the platform"] == (0, 500, 0, 500)
    assert rows["Refunds"] == (0, 1130, 0, 1130)
    assert rows["Net revenue"] == (0, 19000, 0, 19000)
    assert rows["Platform fees"] == (0, 129, 0, 129)
    assert rows["Affiliate commission"] == (0, 300, 0, 300)
    assert rows["Charges"] == (0, 429, 0, 429)  # neither the payout nor the deposit
    assert rows["Margin before cost of goods"] == (0, 18571, 0, 18571)
    # 429 / (22600 − 1130) = 1.998…%
    assert table.notes == ("Take rate: -, 2.00%, -; of the whole period 2.00%.",)
    assert list(table.checks.values()) == [0]


def test_a_kind_of_charge_without_a_row_of_its_own_is_not_lost() -> None:
    (table,) = shop.profit_and_loss(
        figures(sales=22600, refunds=1130, vat=2470, novelty=-50), ledger(SALE), AUGUST
    )
    rows = {row.cells[0]: row.cells[1] for row in table.rows}
    assert (rows["Other charges"], rows["Charges"]) == (50, 50)


def test_net_revenue_that_the_books_do_not_have_fails_the_check() -> None:
    (table,) = shop.profit_and_loss(figures(sales=22600, vat=2600), ledger(SALE), AUGUST)
    assert list(table.checks.values()) == [1000]


# -- payouts --------------------------------------------------------------------------------------

WALLET_BOOKS = """
2026-07-31 * "opening"
  source: "opening/alipay/main"
  Assets:Wallet:Alipay  50.00 CNY
  Equity:Opening-Balances  -50.00 CNY
2026-08-02 * "day"
  Assets:Wallet:Alipay  94.00 CNY
  Assets:Receivable:Tmall  -100.00 CNY
  Expenses:Platform:Commission  6.00 CNY
2026-08-03 * "payout"
  Assets:Wallet:Alipay  -120.00 CNY
  Assets:Transit:Alipay  120.00 CNY
2026-08-05 * "more, and a payout that leaves a rest"
  Assets:Wallet:Alipay  -24.00 CNY
  Assets:Transit:Alipay  44.00 CNY
  Assets:Receivable:Tmall  -20.00 CNY
"""


def moved(number: int, kind: str, amount: int, turn: int = 0) -> WalletMove:
    return WalletMove(
        wallet=WALLET, currency="CNY", day=day(number), kind=kind, amount_minor=amount,
        turn=turn, reference=f"TX{number}-{turn}" if kind == "payout" else "",
    )  # fmt: skip


MOVES = [
    moved(2, "sale", 10000), moved(2, "fee", -600), moved(3, "payout", -12000),
    moved(5, "sale", 3000), moved(5, "refund", -700), moved(5, "reserve", -500),
    moved(5, "surprise", 200), moved(5, "payout", -4400),
]  # fmt: skip


def test_a_payout_follows_from_what_came_before_it() -> None:
    (table,) = payout_bridge.bridges(MOVES, ledger(WALLET_BOOKS), AUGUST, "en")
    assert [column.name for column in table.columns] == [
        "date", "reference", "opening", "sales", "refunds", "fees", "ads", "reserve", "other",
        "payout", "closing", "residual",
    ]  # fmt: skip
    assert table.rows[0].cells == (day(3), "TX3-0", 5000, 10000, 0, -600, 0, 0, 0, 12000, 2400, 0)
    assert table.rows[1].cells == (day(5), "TX5-0", 2400, 3000, -700, 0, 0, -500, 200, 4400, 0, 0)
    assert table.rows[2].cells == (
        None, None, None, 13000, -700, -600, 0, -500, 200, 16400, None, None,
    )  # fmt: skip
    assert table.checks == {"residuals of all payouts": 0}


def test_of_two_payouts_on_a_day_each_takes_what_came_before_it() -> None:
    moves = [
        *MOVES[:3], moved(5, "sale", 3000), moved(5, "payout", -4000), moved(5, "refund", -700, 1),
        moved(5, "surprise", 200, 1), moved(5, "payout", -400, 1), moved(5, "reserve", -500, 2),
    ]  # fmt: skip
    (table,) = payout_bridge.bridges(moves, ledger(WALLET_BOOKS), AUGUST, "en")
    assert table.rows[1].cells == (day(5), "TX5-0", 2400, 3000, 0, 0, 0, 0, 0, 4000, 1400, 0)
    assert table.rows[2].cells == (day(5), "TX5-1", 1400, 0, -700, 0, 0, -500, 200, 400, 0, 0)
    (wrong,) = payout_bridge.bridges(
        [*moves, moved(5, "sale", 1)], ledger(WALLET_BOOKS), AUGUST, "en"
    )
    assert wrong.column("residual") == (0, 0, 1, None)


def test_a_line_that_the_books_lack_is_a_residual() -> None:
    (table,) = payout_bridge.bridges(
        [*MOVES, moved(2, "sale", 1)], ledger(WALLET_BOOKS), AUGUST, "en"
    )
    assert table.column("residual") == (1, 0, None)
    assert table.checks == {"residuals of all payouts": 1}


# -- ageing, trends, month-end -------------------------------------------------------------------


def item(amount: int, event: datetime.date, account: str = "Assets:Receivable:Tmall") -> Item:
    return Item(
        account=account, currency="CNY", key=f"{event}", klass=ItemClass.OVERDUE,
        amount_minor=amount, at_stake_minor=abs(amount), date=event, due=event,
        document="d", row=1,
    )  # fmt: skip


def reconciled(balance: int = 22300) -> Reconciliation:
    items = (item(10000, day(30)), item(-200, day(1, 7)), item(12000, day(20, 4)))
    state = ClearingState(
        account="Assets:Receivable:Tmall", currency="CNY", as_of=day(30), balance_minor=balance,
        in_transit_minor=500, in_transit_count=2, open_minor=21800, open_count=3,
        matched=(Matched(name="key", count=97, amount_minor=1),),
    )  # fmt: skip
    return Reconciliation(states=(state,), transits=(), items=items, rests=())


def test_ageing_ties_to_the_balance() -> None:
    (table,) = ageing.ageing(reconciled(), ledger(""), "en")
    assert table.rows[0].cells == (
        "Assets:Receivable:Tmall", "Assets:Receivable:Tmall", day(30), 500, 10000, -200, 0, 12000,
        22300,
    )  # fmt: skip
    assert table.rows[1].cells[3:] == (500, 10000, -200, 0, 12000, 22300)
    assert table.checks == {"items less balances": 0}
    (wrong,) = ageing.ageing(reconciled(balance=22400), ledger(""), "en")
    assert wrong.checks == {"items less balances": 100}


def test_trends_judge_each_month() -> None:
    asked = []

    def judge(period: object) -> Reconciliation:
        asked.append(period)
        return reconciled()

    (table,) = trends.month_by_month(judge, [AUGUST])
    assert asked == [AUGUST]
    # 97 of 100 matched; ages 0, 60 and 132 days.
    assert table.rows[0].cells == ("2026-08", 97, 2, 3, 970_000, 30_000, 64, 22200)


def test_month_end_says_what_is_missing() -> None:
    (table,) = month_end.month_end(ledger(SALE), reconciled(), AUGUST, 19000)
    rows = {row.cells[0]: row.cells[1:] for row in table.rows}
    assert rows["Fees against input invoices"] == (0, None, None, "no invoice is recorded")
    assert rows["Sales against the platforms' records"] == (19500, 19000, 500, "")
    assert rows["Cost of sales"] == (0, None, None, "no cost of sales is booked")
    assert rows["Open items"] == (21800, None, None, "3 items")
    assert rows["Clearing accounts"][3] == (
        "not judged to the period's end: Assets:Receivable:Tmall"
    )


def test_month_end_compares_recorded_invoices() -> None:
    text = """
2026-08-31 * "commission with its invoice"
  invoice: "25442000000123"
  Expenses:Platform:Commission  6.00 CNY
  Assets:Wallet:Alipay  -6.00 CNY
2026-08-31 * "commission without"
  Expenses:Platform:Commission  4.00 CNY
  Assets:Wallet:Alipay  -4.00 CNY
"""
    (table,) = month_end.month_end(ledger(text), reconciled(), AUGUST, 0)
    rows = {row.cells[0]: row.cells[1:] for row in table.rows}
    assert rows["Fees against input invoices"] == (1000, 600, 400, "")


def test_goods_that_were_sold_are_no_purchases() -> None:
    text = """
1970-01-01 open Assets:Inventory CNY
  code: "1405.01"
1970-01-01 open Expenses:CostOfSales CNY
  code: "5401.01"
2026-08-05 * "bought"
  Assets:Inventory  50.00 CNY
  Assets:Wallet:Alipay  -50.00 CNY
2026-08-31 * "sold"
  Expenses:CostOfSales  80.00 CNY
  Assets:Inventory  -80.00 CNY
"""
    (table,) = month_end.month_end(ledger(text), reconciled(), AUGUST, 0)
    rows = {row.cells[0]: row.cells[1:] for row in table.rows}
    assert rows["Purchases against input invoices"][0] == 5000
    assert rows["Cost of sales"][0] == 8000


# -- fees, delays, VAT ---------------------------------------------------------------------------


def test_the_fee_audit_shows_both_figures() -> None:
    line = FeeLine(
        platform="taobao", shop="north", currency="CNY", rule="0.6 %", ppm=6000, orders=3,
        sold_minor=100000, charged_minor=700, expected_minor=600, variances=1,
    )  # fmt: skip
    (table,) = trade_tables.fee_audit([line], AUGUST)
    assert table.rows[0].cells == ("Tmall north", "0.6 %", 6000, 3, 100000, 600, 700, 100, 1)


@pytest.mark.parametrize(
    ("days", "label"),
    [
        (-2, "< 0"), (0, "0"), (1, "1"), (2, "2-3"), (7, "4-7"), (15, "8-15"), (30, "16-30"),
        (31, "31+"),
    ],
)  # fmt: skip
def test_delays_fall_into_classes(days: int, label: str) -> None:
    one = Delay(platform="taobao", shop="", currency="CNY", days=days, orders=4, amount_minor=900)
    (table,) = trade_tables.delay_table([one], AUGUST)
    assert table.rows[0].cells == ("Tmall", label, 4, 1_000_000, 900)


def test_vat_by_rate_ties_to_the_account() -> None:
    (table,) = trade_tables.vat_summary(ledger(SALE), AUGUST, [130_000, 10_000])
    assert [row.cells for row in table.rows] == [
        ("", 130_000, 19000, 2470),
        ("at no known rate, or no sale", None, 500, 0),
        ("Total", None, 19500, 2470),
    ]
    assert list(table.checks.values()) == [0]


def test_output_vat_on_an_account_that_posting_does_not_use_fails_the_tie() -> None:
    text = """
1970-01-01 open Liabilities:OtherVAT CNY
  code: "2221.01.02"
2026-08-09 * "by hand"
  Assets:Receivable:Tmall   1.13 CNY
  Liabilities:OtherVAT     -1.13 CNY
"""
    (table,) = trade_tables.vat_summary(ledger(SALE + text), AUGUST, [130_000])
    assert list(table.checks.values()) == [-113]


def test_taxes_payable_by_account() -> None:
    text = """
1970-01-01 open Liabilities:Tax:VAT:Input CNY
  code: "2221.01.01"
  name-en: "Input VAT"
2026-07-31 * "bought"
  Liabilities:Tax:VAT:Input    6.00 CNY
  Assets:Wallet:Alipay        -6.00 CNY
2026-08-31 * "bought"
  Liabilities:Tax:VAT:Input    4.00 CNY
  Assets:Wallet:Alipay        -4.00 CNY
"""
    table = trade_tables.tax_accounts(ledger(SALE + text), AUGUST, "en")
    # Output: 26.00 of the sales less 1.30 of the refund.
    assert [row.cells for row in table.rows] == [
        ("2221.01.01", "Input VAT", -600, 400, 0, -1000),
        ("2221.01.02", "Liabilities:Tax:VAT:Output", 0, 130, 2600, 2470),
        ("", "Total", -600, 530, 2600, 1470),
    ]
    assert list(table.checks.values()) == [0]


# -- names of shops ------------------------------------------------------------------------------


def test_reports_call_shops_what_their_owner_calls_them() -> None:
    sections = (
        ShopSection(name="北方旗舰店", folder="north"),
        ShopSection(name="清账家居", platform="taobao"),
        ShopSection(name="清账北方店", folder="north", platform="pinduoduo"),
    )
    called = names_of(sections)
    assert [
        called.shop(platform, folder)
        for platform, folder in (
            ("taobao", ""), ("taobao", "north"), ("pinduoduo", "north"), ("shop", ""),
            ("shop", "south"),
        )
    ] == ["清账家居", "Tmall 北方旗舰店", "清账北方店", "Own shop", "Own shop south"]  # fmt: skip
    assert called.value("shop", "North") == "北方旗舰店"
    assert called.value("platform", "Tmall") == "Tmall"
    assert called.value("platform", "Jd") == "Jd"
    assert called.value("project", "fair") == "fair"
    assert called.value("shop", "") == "(none)"
    line = FeeLine(
        platform="taobao", shop="", currency="CNY", rule="", ppm=6000, orders=3,
        sold_minor=100000, charged_minor=600, expected_minor=600, variances=0,
    )  # fmt: skip
    (table,) = trade_tables.fee_audit([line], AUGUST, called)
    assert table.rows[0].cells[:2] == ("清账家居", "the rate on the bill")
    one = Delay(platform="taobao", shop="north", currency="CNY", days=0, orders=1, amount_minor=1)
    (table,) = trade_tables.delay_table([one], AUGUST, called)
    assert table.rows[0].cells[0] == "Tmall 北方旗舰店"
    figures_of = figures(sales=22600, refunds=1130, vat=2470)
    (table,) = shop.profit_and_loss(figures_of, ledger(SALE), AUGUST, called)
    assert table.title == "Profit and loss of 清账家居"


def test_a_shop_says_which_it_is() -> None:
    with pytest.raises(ValueError, match="name the `folder` or the `platform` whose shop this is"):
        ShopSection(name="x")
    with pytest.raises(ValueError, match="at least 1 character"):
        ShopSection(name="", folder="north")


def test_lines_of_a_day_are_told_apart_by_its_payouts(tiny: TinyBooks) -> None:
    at = datetime.datetime(2026, 8, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
    for kind, hour, amount, number in (
        (Kind.PAYOUT, 18, -400, None), (Kind.REFUND, 12, -700, None), (Kind.SALE, 8, 3000, None),
        (Kind.PAYOUT, 9, -2000, "TX1"), (Kind.SALE, 20, 500, None),
    ):  # fmt: skip
        tiny.wallet(
            kind, amount, "08-05", None if number else "OR1", occurred_at=at.replace(hour=hour),
            payout_id=number,
        )  # fmt: skip
    tiny.wallet(Kind.SALE, 100, "08-06", "OR2")
    with tiny.keeper() as kept:
        moves = commerce.wallet_moves(kept.con, AUGUST)
    rows = [(one.day.day, one.turn, one.kind, one.amount_minor, one.reference) for one in moves]
    assert rows == [
        (5, 0, "payout", -2000, "TX1"), (5, 0, "sale", 3000, ""),
        (5, 1, "payout", -400, "wechatpay-wallet-1"), (5, 1, "refund", -700, ""),
        (5, 2, "sale", 500, ""), (6, 0, "sale", 100, ""),
    ]  # fmt: skip
