"""Cases from public reports in which the books were always right."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cases.conftest import Case

HEADER = "order_id,ordered_at,paid_at,shipped_at,completed_at,status,amount\n"


def test_an_order_of_nothing_claims_nothing(case: Case) -> None:
    """frappe/ecommerce_integrations #162: an order of 0.00 (a gift) stops the import."""
    case.put(
        "orders.csv",
        HEADER
        + "A-1,2026-07-01 10:00:00,2026-07-01 10:01:00,2026-07-02 09:00:00,,shipped,0.00\n"
        + "A-2,2026-07-01 11:00:00,2026-07-01 11:01:00,2026-07-02 09:00:00,,shipped,100.00\n",
    )
    assert case.run() == 0
    assert case.total("Assets:Receivable") == Decimal("100.00")


FUND = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号\n"
)
TRADE = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\n"
)
PAID = "4200000000202802290000000071"
BACK = ("50000000002028022900000000071", "50000000002028030100000000072")
JULY_1 = "4200000000202607010000000071"
JULY_30 = "4200000000202607300000000072"
LAST = "4200000000202803310000000079"


def moved(when: str, number: str, kind: str, money: str, key: str) -> str:
    """A line of the fund bill: amount (below zero it goes out) and balance in `money`."""
    amount, balance = money.split()
    way = "支出" if amount.startswith("-") else "收入"
    cells = (when, number, number, kind, kind, way, amount.lstrip("-"), balance, "system", "", key)
    return ",".join(f"`{cell}" for cell in cells) + "\n"


def traded(when: str, number: str, order: str, paid: str, back: tuple[str, str] | None) -> str:
    """A row of the trade bill: a payment, or what of it was given `back` (number and amount)."""
    refund, sum_ = back or ("0", "0.00")
    state = ("REFUND", "ORIGINAL", "SUCCESS") if back else ("SUCCESS", "", "")
    cells = (
        when, "wx01", "1600000071", "0", "", number, order, "oX", "JSAPI", state[0], "OTHERS",
        "CNY", paid, "0.00", refund, refund, sum_, "0.00", state[1], state[2], "杯子,红,大", "",
        "0", "0.60%", paid, sum_, "",
    )  # fmt: skip
    return ",".join(f"`{cell}" for cell in cells) + "\n"


def test_two_refunds_of_an_order_fall_on_their_days(case: Case) -> None:
    """WooPayments #3795, and a comma in a cell: around midnight of a leap day, and of a month."""
    case.put(
        "fund.csv",
        FUND
        + moved("2028-03-01 00:00:03", PAID, "交易", "90.00 90.00", "B-1")
        + moved("2028-03-01 00:00:04", BACK[0], "退款", "-41.00 49.00", "R1")
        + moved("2028-03-01 10:00:10", BACK[1], "退款", "-33.00 16.00", "R2")
        + moved("2028-03-31 10:00:10", LAST, "交易", "2.00 18.00", "B-9")
        + "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n`4,`2,`92.00,`2,`74.00\n",
    )
    case.put(
        "trade.csv",
        TRADE
        + traded("2028-02-29 23:59:58", PAID, "B-1", "90.00", None)
        + traded("2028-02-29 23:59:59", PAID, "B-1", "0.00", (BACK[0], "41.00"))
        + traded("2028-03-01 10:00:00", PAID, "B-1", "0.00", (BACK[1], "33.00"))
        + traded("2028-03-31 10:00:00", LAST, "B-9", "2.00", None)
        + "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,"
        + "申请退款总金额\n"
        + "`4,`92.00,`74.00,`0.00,`0.00,`92.00,`74.00\n",
    )
    assert case.run() == 0, case.said
    sold = case.total("Income", "2028-02-29") + case.total("Liabilities:Tax", "2028-02-29")
    assert sold == Decimal("-49.00")
    assert case.total("Income") + case.total("Liabilities:Tax") == Decimal("-18.00")
    assert case.total("Assets:Wallet") == Decimal("18.00")


ALIPAY = (
    "#支付宝账务明细查询\n#账号：[20880000000000710156]\n"
    "#起始日期：[2026年07月01日 00:00:00]   终止日期：[{until} 00:00:00]\n"
    "#-----------------------------------------账务明细列表-----------------------------------------\n"
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,交易渠道,业务类型,备注,业务描述,业务账单来源,业务基础订单号,业务订单号\n"
    "{lines}"
    "#---------------------------------------账务明细列表结束---------------------------------------\n"
    "#支出合计：{out}\n#收入合计：{into}\n#导出时间：[{exported}]\n"
)


def alipay_line(serial: int, order: str, when: str, money: str, kind: str) -> str:
    trade = f"2026070122001100000000000{serial:03}"
    head = f"157000{serial:03}\t,{trade}\t,{order}\t,商品,{when}"
    return f"{head},x***,{money},支付宝,{kind}\t,,,天猫,\t,\t\n"


def test_an_order_that_was_paid_twice_and_given_back_once(case: Case) -> None:
    """重复支付: by WeChat Pay and by Alipay, of which Alipay gives back its payment."""
    case.put(
        "orders.csv",
        HEADER.replace("amount", "amount,refunded")
        + "C-1,2026-07-01 09:00:00,2026-07-01 09:01:00,2026-07-02 09:00:00,,shipped,70.00,0.00\n"
        + "C-2,2026-07-30 09:00:00,2026-07-30 09:01:00,2026-07-31 09:00:00,,shipped,20.00,0.00\n",
    )
    case.put(
        "fund.csv",
        FUND
        + moved("2026-07-01 09:01:10", JULY_1, "交易", "70.00 70.00", "C-1")
        + moved("2026-07-30 09:01:10", JULY_30, "交易", "20.00 90.00", "C-2")
        + "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n`2,`2,`90.00,`0,`0.00\n",
    )
    lines = alipay_line(1, "C-1", "2026-07-01 09:02:00", "70.00,0.00,70.00", "在线支付")
    lines += alipay_line(1, "C-1", "2026-07-03 09:02:00", "0.00,-70.00,0.00", "退款").replace(
        "157000001", "157000002", 1
    )
    text = ALIPAY.format(
        until="2026年08月01日", lines=lines, out="1笔，共-70.00元", into="1笔，共70.00元",
        exported="2026年09月01日 10:00:00",
    )  # fmt: skip
    case.put("alipay.csv", text.encode("gb18030"))
    assert case.run() == 0, case.said
    assert case.items() == []
    assert case.total("Assets:Receivable") == 0
    assert case.total("Income") + case.total("Liabilities:Tax") == Decimal("-90.00")


def test_a_file_says_nothing_of_the_time_after_its_export(case: Case) -> None:
    """double-entry-generator #84: a declared end that lies behind the moment of the export."""
    lines = alipay_line(1, "D-1", "2026-07-02 10:00:00", "60.00,0.00,60.00", "在线支付")
    lines += alipay_line(2, "D-2", "2026-07-16 08:00:00", "25.00,0.00,85.00", "在线支付")
    text = ALIPAY.format(
        until="2026年07月31日", lines=lines, out="0笔，共0.00元", into="2笔，共85.00元",
        exported="2026年07月16日 09:12:52",
    )  # fmt: skip
    case.put("alipay.csv", text.encode("gb18030"))
    assert case.run() == 0, case.said
    assert "2026-07-01  2026-07-15" in case.said
