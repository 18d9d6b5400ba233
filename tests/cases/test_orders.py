"""Which order is meant: shop and number, later exports, numbers that were cut, and trades."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beanclear.ledger.records import Kind
from tests.conftest import TinyBooks, examples

if TYPE_CHECKING:
    from tests.cases.conftest import Case

HEADER = "order_id,ordered_at,paid_at,shipped_at,completed_at,status,amount,refunded,trade_id\n"
RECEIVABLE = "Assets:Receivable:Shop"
NORTH, SOUTH = f"{RECEIVABLE}:North", f"{RECEIVABLE}:South"


def order(
    number: str, day: int, amount: str, *, trade: str = "", shipped: int = 0, refunded: str = ""
) -> str:
    """A row of orders.csv, of July 2026."""
    sent = f"2026-07-{shipped or day + 1:02} 09:00:00"
    return (
        f"{number},2026-07-{day:02} 09:00:00,2026-07-{day:02} 09:01:00,{sent},,shipped,{amount},"
        f"{refunded},{trade}\n"
    )


def fund(*lines: tuple[int, str, str, str]) -> str:
    """A fund bill of WeChat Pay: of each sale the day, trade, amount and order number.

    Ends with a payout of 1.00 on the last day of July, so that it covers the month.
    """
    rows = [
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),"
        "账户结余(元),资金变更提交申请人,备注,业务凭证号"
    ]
    balance = Decimal(0)
    for day, trade, amount, number in lines:
        balance += Decimal(amount)
        cells = (
            f"2026-07-{day:02} 09:01:10", trade, trade, "交易", "交易", "收入", amount,
            f"{balance:.2f}", "system", "", number,
        )  # fmt: skip
        rows.append(",".join(f"`{cell}" for cell in cells))
    last = ("2026-07-31 23:59:59", f"9{lines[0][1][1:]}", f"9{lines[0][1][1:]}", "充值/提现",
            "提现", "支出", "1.00", f"{balance - 1:.2f}", "system", "", "W1")  # fmt: skip
    rows.append(",".join(f"`{cell}" for cell in last))
    rows.append("资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额")
    total = (len(lines) + 1, len(lines), f"{balance:.2f}", 1, "1.00")
    rows.append(",".join(f"`{cell}" for cell in total))
    return "\n".join(rows) + "\n"


def trade(day: int, number: int) -> str:
    return f"420000000020260{700 + day}{number:010}"


LATE = order("Z-9", 30, "9.00")  # lets an export reach the end of the month
NORTHERN = HEADER + order("1001", 1, "100.00") + order("1002", 5, "30.00") + LATE
SOUTHERN = HEADER + order("1001", 3, "70.00") + order("1003", 5, "20.00") + LATE


def test_two_shops_may_give_one_number(case: Case) -> None:
    """woocommerce-gateway-amazon-pay #229: two shops of one owner have an order #12345 each."""
    case.put("north/orders.csv", NORTHERN)
    case.put("south/orders.csv", SOUTHERN)
    assert case.run() == 0
    assert case.balances(RECEIVABLE) == {NORTH: Decimal("139.00"), SOUTH: Decimal("99.00")}
    assert case.check() == 0


def test_the_wallet_of_each_shop_pays_its_own(case: Case) -> None:
    """The same, paid: each receivable closes by itself."""
    case.put("north/orders.csv", NORTHERN)
    case.put("south/orders.csv", SOUTHERN)
    case.put("north/fund.csv", fund((1, trade(1, 1), "100.00", "1001"),
                                    (5, trade(5, 2), "30.00", "1002")))  # fmt: skip
    case.put("south/fund.csv", fund((3, trade(3, 11), "70.00", "1001"),
                                    (5, trade(5, 12), "20.00", "1003")))  # fmt: skip
    assert case.run() == 0
    assert case.balances(RECEIVABLE, "2026-07-29") == {}
    assert case.total("Income") == -(Decimal("238.00") / Decimal("1.13")).quantize(Decimal("0.01"))
    assert case.call("trace", "1001") == 0
    assert "100.00" in case.said
    assert "70.00" in case.said


def test_folders_that_cannot_be_one_shop_wait_for_a_word(case: Case) -> None:
    """Nothing says that the folders are shops, and their numbers say that they are."""
    for folder, text, number in (("north", NORTHERN, "1002"), ("south", SOUTHERN, "1003")):
        case.put(f"{folder}/orders.csv", text, shop=False)
        paid = (5, trade(5, int(number)), "20.00", number)
        case.put(f"{folder}/fund.csv", fund(paid), shop=False)
    case.put("8月/orders.csv", HEADER + order("8001", 1, "8.00"), shop=False)
    assert case.run() == 1
    assert "north/orders.csv: the folders north and south tell different things" in case.said
    assert case.inbox() == ["fund.csv", "fund.csv", "orders.csv", "orders.csv"]
    assert case.total(RECEIVABLE) == Decimal("8.00")  # a folder by month is none of theirs
    case.put("north/orders.csv", NORTHERN)
    case.put("south/orders.csv", SOUTHERN)
    assert (case.run(), case.inbox()) == (1, [])
    assert ("short", Decimal("10.00")) in case.items()  # 1002, of which 20.00 came
    assert set(case.balances("Assets:Wallet")) == {
        "Assets:Wallet:WeChatPay-North",
        "Assets:Wallet:WeChatPay-South",
    }


def test_wallets_of_folders_that_cannot_be_one_wait_too(case: Case) -> None:
    case.put("north/fund.csv", fund((1, trade(1, 1), "100.00", "1001")), shop=False)
    case.put("fund.csv", fund((2, trade(2, 2), "70.00", "1002")))
    assert case.run() == 1
    assert case.inbox() == ["fund.csv"]  # that of the inbox itself is booked
    assert "the folders north and inbox tell different things" in case.said
    accepted = case.run("--accept", "fund.csv", "--by", "Li Na")
    assert (accepted, case.inbox()) == (1, [])
    assert "the statement fund.csv and others contradict each other" in case.said


def orders_of(tiny: TinyBooks, **trades: str) -> None:
    """The number 1001 in two shops: 100.00 and 70.00. One wallet has money for both shops."""
    for shop in ("north", "south"):
        tiny.order(shop, 100, "07-01", paid="07-01", shipped="07-02", shop=shop)
        tiny.wallet(Kind.SALE, 100, "07-01", shop)
    tiny.order("1001", 10000, "07-01", paid="07-01", shipped="07-02", shop="north",
               trade_id=trades.get("north"))  # fmt: skip
    tiny.order("1001", 7000, "07-03", paid="07-03", shipped="07-04", shop="south",
               trade_id=trades.get("south"))  # fmt: skip


def test_a_wallet_of_both_shops_that_names_the_number_only(tiny: TinyBooks) -> None:
    """Nothing tells whose it is: shown with both orders and taken for neither."""
    orders_of(tiny)
    tiny.wallet(Kind.SALE, 7000, "07-03", "1001")
    items = {(item.account, item.klass.value): item for item in tiny.found().items}
    unsure = items[RECEIVABLE, "ambiguous"]
    assert (unsure.amount_minor, unsure.candidates) == (-7000, (f"{NORTH}/1001", f"{SOUTH}/1001"))
    assert unsure.note == "shops:2"
    assert {place for place in items if place[1] == "overdue"} == {
        (NORTH, "overdue"), (SOUTH, "overdue"),
    }  # fmt: skip


def test_a_trade_says_whose_it_is(tiny: TinyBooks) -> None:
    orders_of(tiny, north="T1", south="T2")
    tiny.wallet(Kind.SALE, 7000, "07-03", "1001", trade_id="T2")
    assert [(item.account, item.klass.value) for item in tiny.found().items] == [(NORTH, "overdue")]


def test_a_number_of_one_shop_in_the_wallet_of_all(tiny: TinyBooks) -> None:
    orders_of(tiny)
    tiny.order("1002", 500, "07-05", paid="07-05", shipped="07-06", shop="south")
    tiny.wallet(Kind.SALE, 500, "07-05", "1002")
    assert {(item.account, item.key) for item in tiny.found().items} == {
        (NORTH, "1001"), (SOUTH, "1001"),
    }  # fmt: skip


def test_the_folder_of_a_wallet_comes_first(tiny: TinyBooks) -> None:
    """Also where it serves a shop without a wallet of its own."""
    orders_of(tiny)
    tiny.order("1003", 2000, "07-05", paid="07-05", shipped="07-06", shop="south")
    tiny.wallet(Kind.SALE, 10000, "07-01", "1001", shop="north")
    tiny.wallet(Kind.SALE, 2000, "07-05", "1003", shop="north")
    assert [(item.account, item.key) for item in tiny.found().items] == [(SOUTH, "1001")]


def test_the_wallet_of_one_shop_is_not_anothers(tiny: TinyBooks) -> None:
    """Both have their own: a number that the shop does not know is missing, known or not."""
    orders_of(tiny)
    tiny.order("1003", 2000, "08-05", paid="08-05", shipped="08-06", shop="south")
    tiny.wallet(Kind.SALE, 10000, "07-01", "1001", shop="north")
    tiny.wallet(Kind.SALE, 7000, "07-03", "1001", shop="south")
    tiny.wallet(Kind.SALE, 2000, "08-05", "1003", shop="north")
    assert sorted((item.account, item.klass.value) for item in tiny.found().items) == [
        (NORTH, "missing-order"), (SOUTH, "overdue"),
    ]  # fmt: skip


def test_the_platforms_own_numbers_are_of_one_shop(tiny: TinyBooks) -> None:
    """A number that the platform gives once is one order, exported twice."""
    for shop in ("", "north"):
        tiny.order("T", 10000, "07-01", paid="07-01", completed="07-05", platform="taobao",
                   shop=shop)  # fmt: skip
    tiny.wallet(Kind.SALE, 10000, "07-05", "T", platform="taobao", source="alipay")
    assert tiny.open() == []
    assert tiny.postings("Income") == [("07-05", "Income:Sales:Tmall:North", -8850)]


def test_a_part_of_an_order_of_another_folder(tiny: TinyBooks) -> None:
    """The wallet in the inbox names sub-orders; the orders lie in the folders of two shops."""
    for shop in ("north", "south"):
        tiny.order(f"T{shop}", 10000, "07-01", paid="07-01", completed="07-05", platform="taobao",
                   shop=shop)  # fmt: skip
        tiny.order(f"P{shop}", 10000, "07-01", paid="07-01", completed="07-05", platform="taobao",
                   shop=shop, parent_order_id=f"T{shop}")  # fmt: skip
        tiny.wallet(Kind.SALE, 10000, "07-05", f"P{shop}", platform="taobao", source="alipay")
    assert tiny.open() == []
    assert sum(amount for _day, _account, amount in tiny.postings("Assets:Receivable")) == 0


def test_the_platforms_own_number_in_two_shops_is_a_contradiction(tiny: TinyBooks) -> None:
    for shop in ("north", "south"):
        tiny.order("T", 10000, "07-01", paid="07-01", completed="07-05", platform="taobao",
                   shop=shop)  # fmt: skip
    tiny.wallet(Kind.SALE, 10000, "07-05", "T", platform="taobao", source="alipay")
    (item,) = tiny.found().items
    assert (item.klass.value, item.note, item.amount_minor) == ("contradiction", "shops", 0)


Told = tuple[dict[int, int], list[tuple[int, int, str, bool]]]
_STEP = st.tuples(
    st.integers(1, 4), st.integers(1, 3), st.sampled_from(["sale", "refund"]), st.booleans()
)
_SHOP = st.tuples(
    st.dictionaries(st.integers(1, 4), st.integers(1, 3), min_size=1),
    st.lists(_STEP, min_size=1, max_size=6).filter(lambda steps: steps[0][2] == "sale"),
)


def _tell(tiny: TinyBooks, shop: str, told: Told) -> None:
    numbers, steps = told
    for number, amount in numbers.items():
        tiny.order(str(number), 100 * amount, f"07-0{number}", paid=f"07-0{number}",
                   shipped=f"07-1{number}", shop=shop, trade_id=f"{shop}{number}")  # fmt: skip
    for place, (number, amount, kind, by_trade) in enumerate(steps):
        tiny.wallet(
            Kind(kind), (100 if kind == "sale" else -100) * amount, f"08-{place + 1:02}",
            f"P{shop}{place}" if by_trade else str(number), shop=shop,
            trade_id=f"{shop}{number}" if by_trade else None, record_id=f"{shop}{place}",
        )  # fmt: skip


def _seen(tiny: TinyBooks) -> tuple[Counter[tuple[str, str]], list[tuple[Any, ...]]]:
    sums: Counter[tuple[str, str]] = Counter()
    for day, account, amount in tiny.postings():
        sums[day, account] += amount
    items = [
        (item.account, item.klass, item.key, item.amount_minor, item.date)
        for item in tiny.found().items
    ]
    return sums, items


def test_a_shop_without_orders_does_not_pay_anothers(tiny: TinyBooks) -> None:
    """Its numbers are its own, whether they are exported or not."""
    tiny.order("1001", 10000, "08-01", paid="08-01", shipped="08-02", shop="north")
    tiny.wallet(Kind.SALE, 500, "08-01", "1000", shop="north")
    tiny.wallet(Kind.SALE, 10000, "08-03", "1001", shop="south")
    assert sorted((item.account, item.klass.value) for item in tiny.found().items) == [
        (NORTH, "missing-order"), (NORTH, "overdue"), (SOUTH, "missing-order"),
    ]  # fmt: skip


@settings(max_examples=examples(4), deadline=None)
@given(north=_SHOP, south=_SHOP)
def test_two_shops_together_are_two_sets_of_books(
    tmp_path_factory: pytest.TempPathFactory, north: Told, south: Told
) -> None:
    """Whatever numbers they share: postings and open items are those of books made apart."""
    folder = tmp_path_factory.mktemp("shops")
    apart_north, apart_south = TinyBooks(folder / "north"), TinyBooks(folder / "south")
    both = TinyBooks(folder / "both")
    for tiny, shops in (
        (apart_north, {"north": north}),
        (apart_south, {"south": south}),
        (both, {"north": north, "south": south}),
    ):
        for shop, told in shops.items():
            _tell(tiny, shop, told)
    (sums_north, items_north), (sums_south, items_south) = _seen(apart_north), _seen(apart_south)
    sums, items = _seen(both)
    sums_north.update(sums_south)
    assert +sums == +sums_north
    assert -sums == -sums_north
    assert sorted(items) == sorted([*items_north, *items_south])


# -- exports that contradict each other ---------------------------------------------------


@pytest.mark.parametrize("first", ["90.00", "100.00"])
def test_a_corrected_export_is_no_chance(case: Case, first: str) -> None:
    """BCApps PR 7447: order totals corrected after sync; no file says that it is the later one."""
    second = "100.00" if first == "90.00" else "90.00"
    case.put("a.csv", HEADER + order("A-1", 1, first) + LATE)
    assert case.run() == 0
    case.put("b.csv", HEADER + order("A-1", 1, second) + LATE)
    assert case.run() == 1
    told = "a.csv:2" if first == "100.00" else "b.csv:2"
    assert f"{told}: the order A-1 is 100.00 CNY here, but 90.00 CNY in" in case.said
    assert case.items() == [("contradiction", Decimal(0))]
    assert case.item("contradiction")["at_stake"] == "10.00"
    assert case.total(RECEIVABLE) == Decimal("99.00")
    assert case.check() == 1
    key = ("A-1", "--account", RECEIVABLE, "--until", "2026-12-31", "--reason", "90 is right")
    assert case.call("decide", "explain", *key, "--by", "me") == 0
    assert case.run() == 0


def test_a_smaller_corrected_export_is_told_too(case: Case) -> None:
    """Its latest moment is earlier, which does not say that it was made earlier."""
    case.put("a.csv", HEADER + order("A-1", 1, "100.00") + LATE)
    case.put("b.csv", HEADER + order("A-1", 1, "90.00"))
    assert case.run() == 1
    assert ("contradiction", Decimal(0)) in case.items()


def test_the_same_row_again_is_none(case: Case) -> None:
    case.put("a.csv", HEADER + order("A-1", 1, "100.00") + LATE)
    case.put("b.csv", HEADER + order("A-1", 1, "100.00") + order("A-2", 30, "5.00"))
    assert case.run() == 0
    assert case.total(RECEIVABLE) == Decimal("114.00")


def test_what_goes_on_in_an_orders_life_is_none(tiny: TinyBooks) -> None:
    """Another status, another amount: the one further in its life; a later refund: the later."""
    tiny.order("A", 10000, "07-01", paid="07-01", known="07-02")
    tiny.order("A", 9000, "07-01", paid="07-01", shipped="07-03", known="07-04", record_id="A")
    tiny.order("B", 5000, "07-01", paid="07-01", shipped="07-03", known="07-04", refunded_minor=0)
    tiny.order("B", 5000, "07-01", paid="07-01", shipped="07-03", known="07-20",
               refunded_minor=1000)  # fmt: skip
    assert [item for item in tiny.open() if item[0] == "contradiction"] == []


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ({"refunded_minor": 0}, {"refunded_minor": 1000}, "refund"),
        ({"tax_minor": 0}, {"tax_minor": 100}, "tax"),
        ({"shipped": "07-05"}, {"shipped": "07-06"}, "moments"),
        ({}, {"refunded_minor": 1000}, None),
        ({}, {"currency": "USD"}, "amount"),
    ],
)
def test_what_two_files_of_one_time_may_not_say(
    tiny: TinyBooks, one: dict[str, Any], other: dict[str, Any], what: str | None
) -> None:
    """A figure that only one of them has is no contradiction."""
    for more in (one, other):
        tiny.order("A", 10000, "07-01", **{"paid": "07-01", "shipped": "07-05", **more})
    found = [item.note for item in tiny.found().items if item.klass.value == "contradiction"]
    assert found == ([what] if what else [])


def test_parts_of_an_order_that_contradict_each_other(tiny: TinyBooks) -> None:
    tiny.order("A", 10000, "07-01", paid="07-01", completed="07-05", platform="taobao")
    for refunded in (1000, 2000):
        tiny.order("A1", 10000, "07-01", paid="07-01", completed="07-05", platform="taobao",
                   parent_order_id="A", refunded_minor=refunded)  # fmt: skip
    found = [item for item in tiny.found().items if item.klass.value == "contradiction"]
    assert [(item.key, item.note, item.expected_minor) for item in found] == [("A", "refund", 2000)]


# -- numbers that lost digits -------------------------------------------------------------

TMALL = (
    "订单编号,买家会员名,支付单号,买家应付货款,买家应付邮费,买家实际支付金额,订单状态,"
    "订单创建时间,订单付款时间,发货时间,确认收货时间,天猫卡券抵扣,集分宝抵扣,退款金额\n"
)


def tmall(number: str, day: int, amount: str) -> str:
    moments = ",".join(f"2026-07-{day + plus:02} 10:00:00" for plus in (0, 0, 1, 7))
    return f'"=""{number}""",t**1,,{amount},0.00,{amount},交易成功,{moments},,,0.00\n'


def test_numbers_that_a_spreadsheet_cut(case: Case) -> None:
    """CBoard #530: order numbers end in 0000 after the file was saved in a spreadsheet program."""
    rows = tmall("5116032541422000000", 1, "60.00") + tmall("5116032541533000000", 15, "50.00")
    case.put("ExportOrderList202608010031.csv", TMALL + rows)
    assert case.run() == 1
    assert case.said.count("has lost digits") == 2


def test_one_number_with_two_times_of_creation(case: Case) -> None:
    """Where few were cut: two orders on one number are never a later state of one."""
    others = "".join(tmall(f"51160325414{n:02}009320", 3 + n % 5, "5.00") for n in range(20))
    case.put(
        "ExportOrderList202607160031.csv",
        TMALL + tmall("5116032541422000000", 1, "60.00") + others,
    )
    assert case.run() == 0
    case.put(
        "ExportOrderList202608010031.csv",
        TMALL + tmall("5116032541422000000", 16, "50.00") + others,
    )
    assert case.run() == 1
    assert "the order 5116032541422000000 has another time of creation in" in case.said
    assert [item for item in case.items() if item[0] == "contradiction"] == [
        ("contradiction", Decimal(0))
    ]


# -- one payment, several orders ----------------------------------------------------------


def test_a_trade_that_pays_two_orders(case: Case) -> None:
    """WxJava #1839: several orders paid at once; the wallet names the trade."""
    paid = trade(1, 1)
    case.put(
        "orders.csv",
        HEADER + order("A-1", 1, "60.00", trade=paid) + order("A-2", 1, "40.00", trade=paid) + LATE,
    )
    case.put("fund.csv", fund((1, paid, "100.00", "PAY-77")))
    assert case.run() == 0
    assert case.total(RECEIVABLE, "2026-07-29") == 0
    assert case.call("trace", "A-2") == 0
    assert "60.00 + 40.00 = 100.00" in case.said


def test_a_trade_whose_orders_do_not_sum(case: Case) -> None:
    paid = trade(1, 1)
    case.put(
        "orders.csv",
        HEADER + order("A-1", 1, "60.00", trade=paid) + order("A-2", 1, "41.00", trade=paid) + LATE,
    )
    case.put("fund.csv", fund((1, paid, "100.00", "PAY-77")))
    assert case.run() == 1
    item = case.item("ambiguous")
    assert (item["amount"], item["candidates"]) == ("-100.00", ["A-1", "A-2"])
    assert "its trade names 2 orders, which do not sum to the 100.00 CNY" in item["reason"]


def test_several_lines_and_a_refund_of_a_trade(tiny: TinyBooks) -> None:
    """One order is paid by a line of its own, the rest by two lines, and one goes back in part."""
    for number, amount, back in (("A", 6000, 0), ("B", 4000, 1500), ("C", 500, 0)):
        tiny.order(number, amount, "07-01", paid="07-01", shipped="07-02", trade_id="T",
                   refunded_minor=back)  # fmt: skip
    tiny.wallet(Kind.SALE, 500, "07-01", "C", trade_id="T")
    tiny.wallet(Kind.SALE, 7000, "07-01", "P1", trade_id="T")
    tiny.wallet(Kind.SALE, 3000, "07-02", "P2", trade_id="T")
    tiny.wallet(Kind.REFUND, -1500, "07-09", "P3", trade_id="T")
    assert tiny.open() == []
    with tiny.keeper() as kept:
        lines = kept.con.execute(
            "SELECT order_key, amount_minor FROM wallet_lines ORDER BY ALL"
        ).fetchall()
    assert lines == [("A", 6000), ("B", -1500), ("B", 1000), ("B", 3000), ("C", 500)]


def test_a_refund_of_a_trade_that_no_order_knows(tiny: TinyBooks) -> None:
    """The sales are certain, the refund is not."""
    for number, amount in (("A", 6000), ("B", 4000)):
        tiny.order(number, amount, "07-01", paid="07-01", shipped="07-02", trade_id="T",
                   refunded_minor=0)  # fmt: skip
    tiny.wallet(Kind.SALE, 10000, "07-01", "P1", trade_id="T")
    tiny.wallet(Kind.REFUND, -1500, "07-09", "P2", trade_id="T")
    assert tiny.open() == [("ambiguous", "P2", 1500)]
