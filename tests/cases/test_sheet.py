"""What stands in a file is booked or named: joined bills, odd first cells, downloads cut off."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.cases.conftest import Case

FUND = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号\n"
)
TRADE = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,"
    "退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\n"
)
LEDGER = (
    "拼多多店铺账务明细查询\n\n起始时间：2026-07-01 00:00:00  终止时间：2026-07-31 23:59:59\n"
    "----------交易记录明细列表---------\n"
    "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述\n"
)


def fund(day: int, *lines: tuple[str, str, int, int], wrong: int = 0) -> str:
    """A fund bill of a day in July: (类型, 收支, amount, balance) in yuan."""
    rows = [
        f"`2026-07-0{day} 1{n}:00:00,`42000000000{day}{n},`42000000000{day}{n},`{kind},`{kind},"
        f"`{side},`{amount}.00,`{balance}.00,`system,`,`S{day}{n}\n"
        for n, (kind, side, amount, balance) in enumerate(lines)
    ]
    came = [amount for _, side, amount, _ in lines if side == "收入"]
    left = [amount for _, side, amount, _ in lines if side == "支出"]
    figures = (len(lines), len(came), sum(came) + wrong, len(left), sum(left))
    names = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n"
    return FUND + "".join(rows) + names + ",".join(f"`{figure}.00" for figure in figures) + "\n"


def trades(day: int, *amounts: int) -> str:
    """A trade bill of a day in July."""
    rows = [
        f"`2026-07-0{day} 1{n}:00:00,`wx1,`1600000001,`0,`,`42000000000{day}{n},`S{day}{n},`o,"
        f"`JSAPI,`SUCCESS,`OTHERS,`CNY,`{amount}.00,`0.00,`0,`0,`0.00,`0.00,`,`,`茶,`,`0.00000,"
        f"`0.60%,`{amount}.00,`0.00,`\n"
        for n, amount in enumerate(amounts)
    ]
    names = (
        "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,"
        "申请退款总金额\n"
    )
    total = sum(amounts)
    figures = f"`{len(amounts)},`{total}.00,`0.00,`0.00,`0.00,`{total}.00,`0.00\n"
    return TRADE + "".join(rows) + names + figures


FIRST = fund(1, ("交易", "收入", 10, 510))
SECOND = (("交易", "收入", 20, 530), ("提现", "支出", 25, 505))


def orders(*rows: str, header: str = "order_id,ordered_at,paid_at,status,amount,buyer") -> str:
    return "\n".join((header, *rows)) + "\n"


def order(number: str, amount: str) -> str:
    return f"{number},2026-07-01 09:00:00,2026-07-01 09:01:00,paid,{amount},"


def test_orders_named_like_notes_and_totals_are_orders(case: Case) -> None:
    rows = [order("#1001", "100.00"), order("合计", "200.00"), order("M-1003", "50.00")]
    case.put("orders.csv", orders(*rows))
    assert case.run() == 0
    assert case.total("Assets:Receivable") == Decimal("350.00")
    assert case.check() == 0


def test_a_buyer_named_like_a_summary_hides_nothing(case: Case) -> None:
    header = "buyer,order_id,ordered_at,paid_at,status,amount"
    names = ("总交易单数", "#4711", "小计", "buyer")
    rows = [f"{name},A-{n},2026-07-01,2026-07-01,paid,10.00" for n, name in enumerate(names)]
    case.put("orders.csv", orders(*rows, header=header))
    assert case.run() == 0
    assert case.total("Assets:Receivable") == Decimal("40.00")


def test_daily_bills_in_one_file_are_all_booked(case: Case) -> None:
    case.put("fund.csv", FIRST + fund(2, *SECOND))
    case.put("trade.csv", trades(1, 10) + trades(2, 20))
    assert case.run() == 0
    assert case.said.count("proven") == 4
    # 500.00 were there before.
    assert case.total("Assets:Wallet:WeChatPay") == Decimal("505.00")
    assert case.total("Assets:Transit:WeChat") == Decimal("25.00")
    assert case.total("Income") == Decimal("-26.55")
    assert case.check() == 0
    assert case.run("--rebuild") == 0
    assert case.total("Assets:Wallet:WeChatPay") == Decimal("505.00")


def test_a_day_that_contradicts_its_summary_holds_the_file_back(case: Case) -> None:
    case.put("fund.csv", FIRST + fund(2, *SECOND, wrong=1))
    assert case.run() != 0
    assert "收入金额 says 21.00, its rows give 20.00" in case.said
    assert case.inbox() == ["fund.csv"]
    assert case.total("Assets:Wallet") == 0


def test_days_that_were_joined_without_the_header_are_named(case: Case) -> None:
    case.put("fund.csv", FIRST + fund(2, *SECOND).removeprefix(FUND))
    assert case.run() != 0
    assert "fund.csv:5: the row stands below the end of the list" in case.said
    assert case.inbox() == ["fund.csv"]


LINES = (
    "260708-100000000000001,2026-07-08 23:30:00,61.80,0,交易收入,-,0010002|交易收入-订单收入\n",
    "260708-100000000000001,2026-07-08 23:30:01,0,-0.37,技术服务费,-,0030002|技术服务费\n",
    "260709-100000000000002,2026-07-09 10:00:00,100.00,0,交易收入,-,0010002|交易收入-订单收入\n",
)


@pytest.mark.parametrize("cut", [1, 4, 30, 60, 75])
def test_a_download_that_was_cut_off_is_booked_when_it_is_whole(case: Case, cut: int) -> None:
    whole = LEDGER + "".join(LINES)
    case.put("cut.csv", whole[:-cut])
    assert case.run() != 0
    assert "cut.csv:8: " in case.said
    assert case.total("Assets:Wallet") == 0
    (case.root / "inbox" / "cut.csv").unlink()
    case.put("whole.csv", whole)
    case.run()
    assert case.total("Assets:Wallet") == Decimal("161.43")


def test_a_cut_download_that_is_accepted_speaks_for_no_day_it_lost(case: Case) -> None:
    case.put("cut.csv", (LEDGER + "".join(LINES))[:-4])
    case.run("--accept", "cut.csv", "--by", "Li Na")
    assert case.total("Assets:Wallet") == Decimal("61.43")
    assert "2026-07-31" not in case.said
    case.put("whole.csv", LEDGER + "".join(LINES))
    case.run()
    assert case.total("Assets:Wallet") == Decimal("161.43")


def test_a_last_line_that_may_be_cut_is_said(case: Case) -> None:
    case.put("orders.csv", orders(order("A-1", "10.00"), order("A-2", "20.00")).rstrip("\n"))
    assert case.run() == 0
    assert "row 3 is the last one and has no line end" in case.said
    assert "counted" in case.said
