"""Cases about tax, reversals, the end of advances, and which day and account money belongs to."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cases.conftest import Case

ORDERS = (
    "order_id,ordered_at,paid_at,shipped_at,completed_at,status,amount,tax,refunded,category,"
    "trade_id"
)
FUND = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
TRADES = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
ALIPAY = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,交易渠道,业务类型,备注,业务描述,业务账单来源,业务基础订单号,业务订单号"
)
VAT = "Liabilities:Tax:VAT:Output"
SALES = "Income:Sales"
KEPT = "Income:Other"


def orders(*rows: str) -> str:
    """orders.csv: `A-1,07-01,07-02,completed,100.00,9.00,0.00,图书`; days of order and shipping.

    What completed did so eight days after it was shipped; a shipping day may be left out.
    """
    lines = [ORDERS]
    for row in rows:
        number, ordered, shipped, status, amount, tax, refunded, *category = row.split(",")
        begun = f"2026-{ordered} 09:00:00,2026-{ordered} 09:01:00"
        sent = f"2026-{shipped} 09:00:00" if shipped else ""
        done = f"2026-{shipped[:3]}{int(shipped[3:]) + 8:02d} 09:00:00" if shipped else ""
        ended = done if status == "completed" else ""
        kind = category[0] if category else ""
        lines.append(f"{number},{begun},{sent},{ended},{status},{amount},{tax},{refunded},{kind},")
    return "\n".join(lines) + "\n"


def paid(number: str, day: str) -> str:
    """A payment's number at WeChat Pay: it begins with the day."""
    return f"4200000000{day.replace('-', '')}{sum(map(ord, number)):010d}"


def fund(*rows: str) -> str:
    """A fund bill: `2026-07-01,交易,A-1,100.00`; of a refund the number R1 names 50…R1."""
    lines, balance = [FUND], Decimal(0)
    sums: dict[str, tuple[int, Decimal]] = {"收入": (0, Decimal(0)), "支出": (0, Decimal(0))}
    for place, row in enumerate(rows, 1):
        day, deal, number, text = row.split(",")
        amount = Decimal(text)
        balance += amount
        side = "收入" if amount > 0 else "支出"
        sums[side] = sums[side][0] + 1, sums[side][1] + abs(amount)
        scene = {"交易": "交易"}.get(deal, "退款" if deal.startswith("退款") else "充值/提现")
        known = {"交易": paid(number, day), "退款": refund(number)}
        business = known.get(scene, f"1000{place:08d}")
        cells = (
            f"{day} 09:01:{place:02d}", business, f"9{place:020d}", scene, deal, side,
            f"{abs(amount):.2f}", f"{balance:.2f}", "system", "", number,
        )  # fmt: skip
        lines.append(",".join(f"`{cell}" for cell in cells))
    lines.append("资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额")
    (ins, earned), (outs, spent) = sums["收入"], sums["支出"]
    lines.append(f"`{len(rows)},`{ins},`{earned:.2f},`{outs},`{spent:.2f}")
    return "\n".join(lines) + "\n"


def refund(number: str) -> str:
    """A refund's number at WeChat Pay, which tells no order and no day of one."""
    return f"50300000{sum(map(ord, number)):020d}"


def trades(*rows: str, sub: str = "0") -> str:
    """A trade bill: `2026-07-01,A-1,100.00`, or a refund `2026-07-05,A-1,-30.00,R1,SUCCESS`.

    A sixth cell is the day of the payment, a seventh the sub-merchant.
    """
    lines, sold, back = [TRADES], Decimal(0), Decimal(0)
    for row in rows:
        day, order, text, number, state, begun, owner = [*row.split(","), *[""] * 7][:7]
        amount = Decimal(text)
        sold, back = sold + max(amount, Decimal(0)), back + max(-amount, Decimal(0))
        due, given = f"{max(amount, Decimal(0)):.2f}", f"{max(-amount, Decimal(0)):.2f}"
        cells = (
            f"{day} 09:01:00", "wx01", "1600000001", owner or sub, "", paid(order, begun or day),
            order, "oX", "JSAPI", "REFUND" if amount < 0 else "SUCCESS", "OTHERS", "CNY", due,
            "0.00", refund(number) if amount < 0 else "0", number or "0", given, "0.00",
            "ORIGINAL" if amount < 0 else "", state, "杯子", "", "0", "0.60%", due, given, "",
        )  # fmt: skip
        lines.append(",".join(f"`{cell}" for cell in cells))
    lines.append(
        "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
    )
    lines.append(f"`{len(rows)},`{sold:.2f},`{back:.2f},`0.00,`0.00,`{sold:.2f},`{back:.2f}")
    return "\n".join(lines) + "\n"


def alipay(*rows: str, first: str = "20260701", end: str = "20260901") -> bytes:
    """An Alipay ledger: `2026-07-08,5116032541422009320,100.00,0010001`, and a remark."""
    name = f"#起始日期：[{first[:4]}年{first[4:6]}月{first[6:]}日 00:00:00]"
    last = f"   终止日期：[{end[:4]}年{end[4:6]}月{end[6:]}日 00:00:00]"
    lines = [
        "#支付宝账务明细查询", "#账号：[20880000000000010156]", name + last,
        "#-----------------------------------------账务明细列表----------------------------",
        ALIPAY,
    ]  # fmt: skip
    balance = Decimal(0)
    ins: list[Decimal] = []
    outs: list[Decimal] = []
    for place, row in enumerate(rows, 1):
        day, order, text, code, remark = [*row.split(","), ""][:5]
        amount = Decimal(text)
        balance += amount
        (ins if amount > 0 else outs).append(amount)
        income, expense = max(amount, Decimal(0)), min(amount, Decimal(0))
        kind = {"0010001": "交易付款", "0020001": "交易退款"}.get(code, code)
        merchant = f"T200P{order}" if order else ""
        lines.append(
            f"15700000{place},20260701220011{place:014d},{merchant},杯子,{day} 10:00:{place:02d},"
            f"x***,{income:.2f},{expense:.2f},{balance:.2f},支付宝,{kind},{remark},"
            f"{code if code.isdigit() else ''},天猫,{order},{order}"
        )
    lines += [
        "#-----------------------------------------账务明细列表结束------------------------",
        f"#支出合计：{len(outs)}笔，共{sum(outs, Decimal(0)):.2f}元",
        f"#收入合计：{len(ins)}笔，共{sum(ins, Decimal(0)):.2f}元",
    ]
    return ("\n".join(lines) + "\n").encode("gb18030")


def tmall(*rows: str, dated: bool = True) -> bytes:
    """An order export: `5116…,2026-07-01,2026-07-08,100.00,30.00`; no refund: an empty cell."""
    ends = "发货时间,确认收货时间," if dated else ""
    lines = [
        "订单编号,买家会员名,支付单号,买家应付货款,买家应付邮费,买家实际支付金额,订单状态,"
        f"订单创建时间,订单付款时间,{ends}天猫卡券抵扣,集分宝抵扣,退款金额"
    ]
    for row in rows:
        number, ordered, completed, amount, refunded = row.split(",")
        moments = f"{completed} 08:00:00,{completed} 10:00:00," if dated else ""
        lines.append(
            f"{number},t**1,,{amount},0.00,{amount},交易成功,{ordered} 10:00:00,"
            f"{ordered} 10:00:10,{moments},,{refunded}"
        )
    return ("\n".join(lines) + "\n").encode("gb18030")


# A tax that orders.csv states.


def test_the_tax_of_an_order_is_the_tax_that_is_booked(case: Case) -> None:
    """taxjar-woocommerce-plugin #51: a zero-rated sale is taxed at the standard rate."""
    case.put(
        "orders.csv",
        orders(
            "A-1,07-01,07-02,shipped,100.00,0.00,0.00",
            "A-2,07-01,07-02,shipped,109.00,9.00,0.00",
            "A-3,07-01,07-02,shipped,113.00,,0.00",
        ),
    )
    assert case.run() == 0
    assert case.total(SALES) == Decimal("-300.00")
    assert case.total(VAT) == Decimal("-22.00")
    assert "1 order states a tax of 0.00 and is booked without VAT" in case.said


def test_a_refund_gives_back_its_share_of_a_stated_tax(case: Case) -> None:
    case.put(
        "orders.csv",
        orders(
            "A-1,07-01,07-02,completed,100.00,0.00,30.00",
            "A-2,07-01,07-02,completed,109.00,9.00,54.50",
        ),
    )
    case.put("fund.csv", fund("2026-07-01,交易,A-1,100.00", "2026-07-01,交易,A-2,109.00",
                              "2026-07-09,退款,R1,-30.00",
                              "2026-07-09,退款,R2,-54.50"))  # fmt: skip
    case.put("trade.csv", trades("2026-07-01,A-1,100.00", "2026-07-01,A-2,109.00",
                                 "2026-07-09,A-1,-30.00,R1,SUCCESS,2026-07-01",
                                 "2026-07-09,A-2,-54.50,R2,SUCCESS,2026-07-01"))  # fmt: skip
    assert case.run() == 0
    assert case.total(VAT, "2026-07-08") == Decimal("-9.00")
    assert case.total(VAT) == Decimal("-4.50")
    assert case.total(SALES) == Decimal("-120.00")


def test_rates_go_by_category_in_one_shop(case: Case) -> None:
    case.configure(
        '[[vat]]\nrate_percent = "13"\n'
        '[[vat]]\ncategory = "图书"\nrate_percent = "9"\n'
        '[[vat]]\nplatform = "shop"\ncategory = "蔬菜"\nrate_percent = "0"\n'
    )
    case.put(
        "orders.csv",
        orders(
            "A-1,07-01,07-02,shipped,113.00,,0.00,家居",
            "A-2,07-01,07-02,shipped,109.00,,0.00,图书",
            "A-3,07-01,07-02,shipped,50.00,,0.00,蔬菜",
            "A-4,07-01,07-02,shipped,106.00,6.00,0.00,图书",
        ),
    )
    assert case.run() == 0
    assert case.total(VAT) == Decimal("-28.00")  # 13 + 9 + 0 + 6
    assert "prices of 图书 on shop contain 9 % VAT" in case.said


@pytest.mark.parametrize(("tax", "code"), [("101.00", "tax"), ("-1.00", "tax")])
def test_a_tax_that_cannot_be_is_a_fault(case: Case, tax: str, code: str) -> None:
    case.put("orders.csv", orders(f"A-1,07-01,07-02,shipped,100.00,{tax},0.00"))
    assert case.run() == 1
    assert f"orders.csv:2: {code}: '{tax}'" in case.said
    assert case.inbox() == ["orders.csv"]


# A reversal takes after what it reverses.

RATES = (
    '[[vat]]\nrate_percent = "1"\nfrom = 2026-01-01\n'
    '[[vat]]\nrate_percent = "13"\nfrom = 2026-08-01\n'
)


def test_a_refund_after_a_change_of_rate_gives_back_the_rate_of_its_sale(case: Case) -> None:
    """shoulders/qwcrm #2072: a credit note carries the rate of the supply."""
    case.configure(RATES)
    case.put(
        "orders.csv",
        orders(
            "A-1,07-01,07-02,completed,101.00,,101.00",
            "A-2,08-20,08-21,completed,113.00,,0.00",
        ),
    )
    case.put("fund.csv", fund("2026-07-01,交易,A-1,101.00", "2026-08-03,退款,R1,-101.00",
                              "2026-08-20,交易,A-2,113.00"))  # fmt: skip
    case.put("trade.csv", trades("2026-07-01,A-1,101.00",
                                 "2026-08-03,A-1,-101.00,R1,SUCCESS,2026-07-01",
                                 "2026-08-20,A-2,113.00"))  # fmt: skip
    assert case.run() == 0
    assert case.total(VAT, "2026-07-31") == Decimal("-1.00")
    assert case.total(VAT, "2026-08-10") == 0
    assert case.total(SALES, "2026-08-10") == 0
    assert case.total(VAT) == Decimal("-13.00")


def test_a_bill_that_gives_back_an_older_order_gives_back_the_rate_of_its_day(case: Case) -> None:
    case.configure(RATES)
    case.put("fund.csv", fund("2026-08-03,退款,R1,-101.00", "2026-08-20,交易,A-2,113.00"))
    case.put("trade.csv", trades("2026-08-03,A-1,-101.00,R1,SUCCESS,2026-07-20",
                                 "2026-08-20,A-2,113.00"))  # fmt: skip
    case.run()
    assert case.total(VAT, "2026-08-10") == Decimal("1.00")


def test_a_wallet_alone_gives_back_the_rate_of_the_sale_it_shows(case: Case) -> None:
    case.configure(RATES)
    case.put("alipay.csv", alipay("2026-07-08,5116032541422009320,101.00,0010001",
                                  "2026-08-10,5116032541422009320,-101.00,0020001",
                                  "2026-08-31,5116032541422009330,113.00,0010001"))  # fmt: skip
    assert case.run() == 0
    assert case.total(VAT, "2026-08-20") == 0
    assert case.total(VAT) == Decimal("-13.00")


def test_a_refund_that_failed_and_is_made_again_is_one_refund(case: Case) -> None:
    """ruoyi-vue-pro #1031: the money of a failed refund comes back, and goes out again."""
    case.put("ExportOrderList202609010031.csv", tmall(
        "5116032541422009320,2026-07-01,2026-07-08,100.00,30.00",
        "5116032541422009330,2026-08-15,2026-08-31,50.00,0.00"))  # fmt: skip
    case.put("alipay.csv", alipay("2026-07-08,5116032541422009320,100.00,0010001",
                                  "2026-07-10,5116032541422009320,-30.00,0020001",
                                  "2026-07-12,5116032541422009320,30.00,0020001,退款失败退回",
                                  "2026-07-15,5116032541422009320,-30.00,0020001",
                                  "2026-08-31,5116032541422009330,50.00,0010001"))  # fmt: skip
    assert case.run() == 0
    assert case.total(SALES, "2026-07-31") == Decimal("-61.95")
    assert case.total(VAT, "2026-07-31") == Decimal("-8.05")
    assert case.total(SALES, "2026-07-13") == Decimal("-88.50")


@pytest.mark.parametrize("again", [True, False])
def test_a_refund_that_the_wallet_takes_back_did_not_happen(case: Case, again: bool) -> None:
    """WxJava #2737: 退款关闭 gives the money back; the bill shows the refund all the same."""
    lines = [
        "2026-07-01,交易,A-1,100.00",
        "2026-07-05,退款,R1,-30.00",
        "2026-07-07,退款关闭,R1,30.00",
    ]
    bills = ["2026-07-01,A-1,100.00", "2026-07-05,A-1,-30.00,R1,PROCESSING,2026-07-01"]
    if again:
        lines.append("2026-07-08,退款,R2,-30.00")
        bills.append("2026-07-08,A-1,-30.00,R2,SUCCESS,2026-07-01")
    case.put("fund.csv", fund(*lines, "2026-08-30,交易,A-2,50.00"))
    case.put("trade.csv", trades(*bills, "2026-08-30,A-2,50.00"))
    assert case.run() == 0
    kept = Decimal("61.95") if again else Decimal("88.50")
    assert case.total(SALES, "2026-07-31") == -kept


@pytest.mark.parametrize(
    ("state", "sales"),
    [("退款关闭", "88.50"), ("卖家拒绝退款", "88.50"), ("退款成功", "61.95"), ("", "61.95")],
)
def test_a_refund_that_was_refused_lowers_no_sale(case: Case, state: str, sales: str) -> None:
    """bububa/opentaobao Refund.go: an amount stands beside the state CLOSED."""
    number, other = "5116032541422009320", "5116032541422009330"
    header = "子订单编号,主订单编号,买家实付金额,退款金额,退款状态,订单创建时间,订单付款时间,商品ID"
    case.put("items.csv", (
        f"{header}\n"
        f"{number},{number},100.00,30.00,{state},2026-07-01 10:00:00,2026-07-01 10:00:10,1\n"
        f"{other},{other},50.00,0.00,没有退款,2026-08-15 10:00:00,2026-08-15 10:00:10,2\n"
    ).encode("gb18030"))  # fmt: skip
    case.put("ExportOrderList202609010031.csv", tmall(
        f"{number},2026-07-01,2026-07-08,100.00,",
        f"{other},2026-08-15,2026-08-31,50.00,"))  # fmt: skip
    money = "100.00" if sales == "88.50" else "70.00"
    case.put("alipay.csv", alipay(f"2026-07-08,{number},{money},0010001",
                                  f"2026-08-31,{other},50.00,0010001"))  # fmt: skip
    assert case.run() == 0
    assert case.total(SALES, "2026-07-31") == -Decimal(sales)


# An advance ends.


def closed_order(case: Case) -> None:
    case.put(
        "orders.csv",
        orders(
            "A-1,07-01,,closed,100.00,,80.00",
            "A-2,07-01,,closed,60.00,,60.00",
            "A-3,08-20,08-21,completed,50.00,,0.00",
        ),
    )
    case.put("fund.csv", fund("2026-07-01,交易,A-1,100.00", "2026-07-01,交易,A-2,60.00",
                              "2026-07-03,退款,R1,-80.00", "2026-07-03,退款,R2,-60.00",
                              "2026-08-30,交易,A-3,50.00"))  # fmt: skip
    case.put("trade.csv", trades("2026-07-01,A-1,100.00", "2026-07-01,A-2,60.00",
                                 "2026-07-03,A-1,-80.00,R1,SUCCESS,2026-07-01",
                                 "2026-07-03,A-2,-60.00,R2,SUCCESS,2026-07-01",
                                 "2026-08-30,A-3,50.00"))  # fmt: skip


def test_what_a_closed_order_keeps_is_income_of_its_own_kind(case: Case) -> None:
    """pretix #1240: a cancellation fee is kept; the money stayed in advances for ever."""
    closed_order(case)
    assert case.run() == 0
    assert case.balances(KEPT, "2026-07-03") == {"Income:Other:Forfeited": Decimal("-17.70")}
    assert case.total(VAT, "2026-07-31") == Decimal("-2.30")
    assert case.total("Liabilities:Advances", "2026-07-31") == 0
    assert case.total(SALES, "2026-07-31") == 0
    assert "what closed orders of taobao, pinduoduo, shop keep is income with VAT" in case.said


def test_what_a_closed_order_keeps_may_bear_no_vat(case: Case) -> None:
    case.configure('[[advances]]\nplatform = "shop"\nkept = "untaxed"\n')
    closed_order(case)
    assert case.run() == 0
    assert case.total(KEPT) == Decimal("-20.00")
    assert case.total(VAT, "2026-07-31") == 0


def test_what_a_closed_order_keeps_may_stay_open(case: Case) -> None:
    case.configure('[[advances]]\nkept = "open"\n')
    closed_order(case)
    assert case.run() == 1
    item = case.item("advance")
    assert (item["order_id"], item["at_stake"]) == ("A-1", "20.00")
    assert "keeps 20.00 CNY of what was paid for it" in item["reason"]
    assert case.total("Liabilities:Advances", "2026-07-31") == Decimal("-20.00")


def test_an_advance_that_grows_old_is_an_open_item(case: Case) -> None:
    """woocommerce-paypal-payments #3959: deposits; nothing aged what was paid in advance."""
    case.put(
        "orders.csv",
        orders("A-1,07-01,,paid,100.00,,0.00", "A-2,10-20,10-21,completed,50.00,,0.00"),
    )
    case.put("fund.csv", fund("2026-07-01,交易,A-1,100.00", "2026-10-30,交易,A-2,50.00"))
    assert case.run() == 1
    item = case.item("advance")
    assert (item["key"], item["amount"], item["at_stake"]) == ("A-1", "0.00", "100.00")
    assert case.call("report", "ageing", "--period", "2026-10") == 0
    assert "Liabilities:Advances:Shop" in case.said
    assert case.call("decide", "explain", "A-1", "--account", "Assets:Receivable:Shop",
                     "--until", "2026-12-31", "--by", "Li") == 0  # fmt: skip
    assert case.check() == 0


# Days.


def test_money_for_an_order_of_an_undeclared_first_day_is_an_opening(case: Case) -> None:
    case.put("ExportOrderList202609010031.csv", tmall(
        "5116032541422009320,2026-07-01,2026-07-08,100.00,0.00",
        "5116032541422009330,2026-08-15,2026-08-31,50.00,0.00"))  # fmt: skip
    lines = ("2026-07-08,5116032541422009320,100.00,0010001",
             "2026-07-09,5116032541422009999,40.00,0010001",
             "2026-08-31,5116032541422009330,50.00,0010001")  # fmt: skip
    # The trade's number begins with the day of the order: that on which the export begins.
    case.put("alipay.csv", alipay(*lines))
    assert case.run() == 1
    assert case.items() == [("opening", Decimal("-40.00"))]


def test_the_wallet_dates_a_completion_that_no_export_dates(case: Case) -> None:
    """ZJHCOFI/get-taobao-order #4: the newer export has no completion date."""
    case.put("ExportOrderList202608010031.csv", tmall(
        "5116032541422009320,2026-07-01,,100.00,0.00",
        "5116032541422009330,2026-07-02,,50.00,0.00",
        "5116032541422009340,2026-07-30,,70.00,0.00", dated=False))  # fmt: skip
    case.put("alipay.csv", alipay("2026-07-08,5116032541422009320,100.00,0010001",
                                  "2026-07-30,5116032541422009330,50.00,0010001",
                                  end="20260801"))  # fmt: skip
    case.run()
    assert case.total(SALES, "2026-07-08") == Decimal("-88.50")
    assert case.total(SALES, "2026-07-31") == Decimal("-132.75")
    assert case.total(SALES, "2026-08-01") == Decimal("-194.70")
    assert "2 completed orders have no completion date; they took the day on which" in case.said
    assert "1 completed order has no completion date; it took that of the first" in case.said


ZONED = """
[[tables]]
name = "acme"
match = ["When", "What", "Sum", "Id"]
stage = "wallet"
source = "acme"
columns = { occurred_at = "When", kind = "What", amount = "Sum", record_id = "Id" }
date_format = "%Y-%m-%d %H:%M:%S %z"
kinds = { Fee = "fee" }
"""


def test_days_do_not_depend_on_the_machine(tmp_path: Path) -> None:
    """elizaOS/eliza #22063: the same file gives another day in another time zone."""
    from tests.cases.conftest import Case  # noqa: PLC0415 - a class, here not only a type

    texts = []
    for zone in ("Asia/Shanghai", "America/New_York", "UTC"):
        case = Case(tmp_path / zone.replace("/", "-"))
        case.configure(ZONED)
        case.put("acme.csv", "When,What,Sum,Id\n2026-08-01 01:00:00 +0800,Fee,-50.00,1\n"
                             "2026-08-31 23:30:00 +0800,Fee,-1.00,2\n")  # fmt: skip
        case.put("orders.csv", orders("A-1,07-01,07-02,completed,100.00,,0.00"))
        case.put("fund.csv", fund("2026-07-01,交易,A-1,100.00", "2026-07-31,交易,A-1,1.00"))
        case.put("alipay.csv", alipay("2026-08-31,5116032541422009330,113.00,0010001"))
        environment = {**os.environ, "TZ": zone, "BEANCLEAR_LANG": "en"}
        subprocess.run(
            [sys.executable, "-m", "beanclear.cli", "run", str(case.root)],
            env=environment, check=False, capture_output=True,
        )  # fmt: skip
        texts.append({
            path.relative_to(case.root): path.read_bytes()
            for folder in ("journal", "reconciliation")
            for path in sorted((case.root / folder).rglob("*.beancount"))
        })  # fmt: skip
        assert case.total("Expenses:", "2026-07-31") == 0
        assert case.total("Expenses:", "2026-08-01") == Decimal("50.00")
    assert texts[0] == texts[1] == texts[2]
    assert texts[0]


# Which account.


def test_a_top_up_from_the_bank_passes_through_transit(case: Case) -> None:
    """WxJava #716: the basic account is topped up from the bank."""
    header = (
        "账号,账户名称,交易时间,记账日期,借方发生额（支取）,贷方发生额（收入）,余额,对方账号,对方户名,"
        "对方开户机构,摘要,账户明细编号-交易流水号,币种,备注"
    )
    own = "6217000000000001,杭州示例家居有限公司"
    case.put("ccb.csv", (
        f"{header}\n"
        f"{own},20260703 10:00:00,20260703,,5000.00,5000.00,,股东投资,,投资款,S1,人民币,\n"
        f"{own},20260706 09:00:00,20260706,1000.00,,4000.00,,财付通支付科技有限公司,,商户充值,S2,"
        f"人民币,\n{own},20260731 10:00:00,20260731,,10.00,4010.00,,银行,,利息,S3,人民币,\n"
    ).encode("gb18030"))  # fmt: skip
    case.put("fund.csv", fund("2026-07-01,交易,A-1,100.00", "2026-07-06,充值,C1,1000.00",
                              "2026-07-31,交易,Z-9,1.00"))  # fmt: skip
    case.run()
    assert {klass for klass, _amount in case.items()} == {"uncategorised"}  # 投资款, 利息
    assert case.total("Assets:Transit") == 0
    assert case.total("Assets:Internal") == 0
    assert case.total("Assets:Wallet") == Decimal("1101.00")


def test_a_top_up_of_alipay_is_transit_too(case: Case) -> None:
    case.put("alipay.csv", alipay("2026-07-08,,500.00,充值", "2026-08-31,,-500.00,提现"))
    case.run()
    assert case.balances("Assets:Transit", "2026-07-31") == {
        "Assets:Transit:Alipay": Decimal("-500.00")
    }


def test_a_bill_of_several_sub_merchants_is_refused(case: Case) -> None:
    """WxJava #569: a service provider's bill holds the orders of all its merchants."""
    case.put("bill.csv", trades("2026-07-01,A-1,10.00,,,,1900000011",
                                "2026-07-01,B-1,10.00,,,,1900000022"))  # fmt: skip
    assert case.run() == 1
    assert "several sub-merchants (特约商户号): 1900000011, 1900000022" in case.said
    assert case.total("Income:") == 0
    assert case.inbox() == ["bill.csv"]


def test_the_bill_of_one_sub_merchant_is_its_own(case: Case) -> None:
    case.put("bill.csv", trades("2026-07-01,A-1,10.00", sub="1900000011"))
    assert case.run() == 0
    assert "1900000011" in case.said
    assert case.total(SALES) == Decimal("-8.85")


def test_a_refund_whose_order_only_the_trade_bill_names_says_so(case: Case) -> None:
    """WooPayments #3795: the refund was booked against capital as an opening balance."""
    case.put(
        "orders.csv",
        orders("A-1,07-01,07-02,completed,100.00,,30.00", "A-2,07-20,07-21,completed,50.00,,0.00"),
    )
    case.put("fund.csv", fund("2026-07-01,交易,A-1,100.00", "2026-07-05,退款,R1,-30.00",
                              "2026-07-28,交易,A-2,50.00"))  # fmt: skip
    assert case.run() == 1
    item = case.item("missing-order")
    assert item["amount"] == "30.00"
    assert "only WeChat Pay's trade bill names: import the trade bill" in item["reason"]
    case.put("trade.csv", trades("2026-07-01,A-1,100.00",
                                 "2026-07-05,A-1,-30.00,R1,SUCCESS,2026-07-01",
                                 "2026-07-28,A-2,50.00"))  # fmt: skip
    assert case.run() == 0
    assert case.total("Assets:Receivable") == 0


def test_a_refund_of_an_order_from_before_the_first_export_is_an_opening(case: Case) -> None:
    case.put("orders.csv", orders("A-2,07-20,07-21,completed,50.00,,0.00"))
    case.put("fund.csv", fund("2026-07-25,退款,R1,-30.00", "2026-07-28,交易,A-2,50.00"))
    case.put("trade.csv", trades("2026-07-25,A-0,-30.00,R1,SUCCESS,2026-06-20",
                                 "2026-07-28,A-2,50.00"))  # fmt: skip
    case.run()
    assert "missing-order" not in {klass for klass, _amount in case.items()}
