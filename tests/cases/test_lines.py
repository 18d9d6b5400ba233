"""What a line is: not how it is written, and not the same one for having the same number."""

from __future__ import annotations

import io
import re
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cases.conftest import Case

# -- 微信账户账单 --------------------------------------------------------------------------------

ORDERS = (
    "订单编号,买家会员名,支付单号,买家应付货款,买家应付邮费,买家实际支付金额,订单状态,"
    "订单创建时间,订单付款时间,发货时间,确认收货时间,天猫卡券抵扣,集分宝抵扣,退款金额\n"
    '"=""2609000000000000320""",t**1,,60.00,0.00,60.00,交易成功,2026-07-01 10:00:00,'
    "2026-07-01 10:00:10,2026-07-02 10:00:00,2026-07-08 10:00:00,,,0.00\n"
    '"=""2609000000000000330""",t**1,,50.00,0.00,50.00,交易成功,2026-07-15 10:00:00,'
    "2026-07-15 10:00:10,2026-07-16 10:00:00,2026-07-20 10:00:00,,,0.00\n"
)
WIDE = (
    "商家昵称,入帐日期,入帐时间,支付流水号,主订单id,子订单id,入帐类型,收入金额(元),"
    "支出金额(元),业务描述,备注,收/付渠道,数据创建时间,数据修改时间\n"
)
PART = (
    "示例店,2026-07-08,10:00:00,4200000000202607010000000001,2609000000000000320,{part},"
    "交易收款,30.00,,{text},,微信支付,2026-07-08 10:00:00,2026-07-08 10:00:00\n"
)
OTHER = (
    "示例店,2026-07-20,10:00:00,4200000000202607150000000002,2609000000000000330,"
    "2609000000000000330,交易收款,50.00,,订单收款,,微信支付,2026-07-20 10:00:00,"
    "2026-07-20 10:00:00\n"
)
TWO_PARTS = (
    PART.format(part="2609000000000000321", text="订单收款")
    + PART.format(part="2609000000000000322", text="订单收款")
    + OTHER
)
NARROW = (
    "入账时间,支付流水号,淘宝订单编号,入账类型,收入金额（元）,支出金额,业务描述,备注\n"
    + "2026-07-08 10:00:00,4200000000202607010000000001,2609000000000000320,交易收款,30.00,,收款,\n"
    * 2
    + "2026-07-20 10:00:00,4200000000202607150000000002,2609000000000000330,交易收款,50.00,,收款,\n"
)


@pytest.mark.parametrize("text", [WIDE + TWO_PARTS, NARROW])
def test_equal_sub_orders_of_one_second_are_two_lines(case: Case, text: str) -> None:
    """firefly-iii #2353: valid equal rows are taken for one."""
    case.put("ExportOrderList202608010031.csv", ORDERS)
    case.put("wx.csv", text)
    assert case.run() == 0, case.said
    assert case.total("Assets:Wallet") == Decimal("110.00")
    assert case.total("Assets:Receivable") == 0


def test_both_layouts_tell_the_same_lines(case: Case) -> None:
    case.put("ExportOrderList202608010031.csv", ORDERS)
    case.put("wx.csv", WIDE + TWO_PARTS)
    case.put("narrow.csv", NARROW)
    assert case.run() == 0, case.said
    assert case.total("Assets:Wallet") == Decimal("110.00")


def test_a_sub_order_that_stands_twice_is_a_fault(case: Case) -> None:
    part = PART.format(part="2609000000000000321", text="订单收款")
    case.put("wx.csv", WIDE + part * 2 + OTHER)
    assert case.run() == 1
    assert "wx.csv:3: the row with id" in case.said


# -- Pinduoduo: no ids, no balance ---------------------------------------------------------------

DEALS = (
    "商品,订单号,订单状态,商品总价(元),邮费(元),店铺优惠折扣(元),平台优惠折扣(元),"
    "多多支付立减金额(元),用户实付金额(元),商家实收金额(元),商品数量(件),发货时间,"
    "确认收货时间,商品id,售后状态,快递单号,快递公司,订单成交时间\n"
    "杯,260701-100000000000001\t,已收货,61.80,0,0,0,0,61.80,61.80,1,2026-07-02 10:00:00,"
    "2026-07-08 23:00:00,7,无售后或售后取消,,,2026-07-01 10:00:00\n"
    "杯,260731-100000000000003\t,已收货,1.00,0,0,0,0,1.00,1.00,1,2026-07-31 10:00:00,"
    "2026-08-01 10:00:00,7,无售后或售后取消,,,2026-07-31 10:00:00\n"
)
LEDGER = (
    "拼多多店铺账务明细查询\n\n"
    "起始时间：2026-07-01 00:00:00  终止时间：2026-07-31 23:59:59\n"
    "----------交易记录明细列表---------\n"
    "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述\n"
    "260701-100000000000001\t,2026-07-08 23:30:43,61.80,0,交易收入,-,0010002|交易收入\n"
    "\t,2026-07-08 23:30:43,0,-0.37,技术服务费,-,0030002|技术服务费\n"
    "\t,2026-07-08 23:30:51,0,-0.37,技术服务费,-,0030002|技术服务费\n"
    "\t,2026-07-21 09:00:09,0,-50.00,提现,-,0080001|提现申请\n"
)


def saved_again(text: str) -> str:
    """As a spreadsheet writes the file: no seconds, months without zeros, other remarks."""
    return re.sub(r"2026-0(\d)-0?(\d+) (\d\d:\d\d):\d\d,", r"2026/\1/\2 \3,", text).replace(
        ",-,", ",,"
    )


@pytest.mark.parametrize("closed", [False, True])
def test_a_ledger_that_a_spreadsheet_saved_tells_nothing_new(case: Case, closed: bool) -> None:
    """deb-sig #35: a spreadsheet drops the seconds."""
    case.put("orders.csv", DEALS)
    case.put("账务明细.csv", LEDGER.encode("gb18030"))
    assert case.run() == 0, case.said
    before = case.balances("")
    if closed:
        assert case.call("close", "2026-07", "--by", "李娜", "--reason", "核对") == 0, case.said
    case.put("账务明细-另存.csv", saved_again(LEDGER).encode("gb18030"))
    assert case.run() == 0, case.said
    assert case.balances("") == before
    assert before["Expenses:Platform:Commission"] == Decimal("0.74")


def test_a_day_that_two_exports_tell_otherwise_names_both(case: Case) -> None:
    """One row is edited in the second file: its version is not booked beside the first."""
    case.put("a.csv", LEDGER.encode("gb18030"))
    assert case.run() == 0, case.said
    case.put("b.csv", LEDGER.replace("-50.00", "-40.00").encode("gb18030"))
    assert case.run() == 1
    assert "covers 2026-07-21 too and has other lines instead of this one of" in case.said
    assert "a.csv:9: b.csv covers" in case.said
    assert "b.csv:9: a.csv covers" in case.said
    assert "which is not booked" in case.said
    assert case.total("Assets:Transit") in {Decimal("50.00"), Decimal("40.00")}
    assert case.check() == 1
    assert "contradict each other in" in case.said


def test_a_row_that_the_later_export_lacks_stays_booked_and_is_said(case: Case) -> None:
    case.put("a.csv", LEDGER.encode("gb18030"))
    lacking = "".join(line for line in LEDGER.splitlines(True) if "提现申请" not in line)
    case.put("b.csv", lacking.encode("gb18030"))
    assert case.run() == 1
    assert "a.csv:9: b.csv covers 2026-07-21 too and lacks this line of -50.00 CNY" in case.said
    assert case.total("Assets:Transit") == Decimal("50.00")


@pytest.mark.parametrize("first", ["noon", "whole"])
def test_an_export_of_half_a_day_is_a_part(case: Case, first: str) -> None:
    """What came after noon is in the whole export only, and that is no contradiction."""
    noon = "".join(line for line in LEDGER.splitlines(True) if "提现申请" not in line)
    texts = {"whole": LEDGER, "noon": noon.replace("2026-07-31 23:59:59", "2026-07-21 08:30:00")}
    for name in (first, *(other for other in texts if other != first)):
        case.put(f"{name}.csv", texts[name].encode("gb18030"))
        assert case.run() == 0, case.said
    assert case.total("Assets:Transit") == Decimal("50.00")


def test_without_times_the_lines_are_not_booked_twice(case: Case) -> None:
    days_only = re.sub(r"(2026-07-\d\d) \d\d:\d\d:\d\d,", r"\1,", LEDGER)
    case.put("a.csv", LEDGER.encode("gb18030"))
    case.put("b.csv", days_only.encode("gb18030"))
    assert case.run() == 1
    assert case.total("Assets:Transit") == Decimal("50.00")
    assert case.total("Expenses:Platform") == Decimal("0.74")


# -- banks ---------------------------------------------------------------------------------------

CCB = (
    "账号,账户名称,交易时间,记账日期,借方发生额（支取）,贷方发生额（收入）,余额,对方账号,"
    "对方户名,对方开户机构,摘要,账户明细编号-交易流水号,币种,备注\n"
)
JULY = (
    "6217000000000001,示例公司,20260704 10:00:00,20260704,,100.00,100.00,,甲,,货款,00001,人民币,\n"
    "6217000000000001,示例公司,20260720 10:00:00,20260720,,50.00,150.00,,甲,,货款,00002,人民币,\n"
)
AUGUST = (
    "6217000000000001,示例公司,20260804 10:00:00,20260804,,70.00,220.00,,乙,,货款,00001,人民币,\n"
    "6217000000000001,示例公司,20260820 10:00:00,20260820,20.00,,200.00,,丙,,货款,00002,人民币,\n"
)


def booked(case: Case) -> None:
    """Run; lines of a bank that no rule knows are open at once, and nothing else is."""
    assert case.run() in {0, 1}, case.said
    assert {klass for klass, _amount in case.items()} <= {"uncategorised"}, case.said


def test_serial_numbers_that_begin_again_each_month(case: Case) -> None:
    """securo #911: banks use their numbers again, and lines are dropped."""
    case.put("july.csv", CCB + JULY)
    booked(case)
    case.put("aug.csv", CCB + AUGUST)
    booked(case)
    assert case.total("Assets:Bank") == Decimal("200.00")
    assert "conflicting" not in case.said
    assert "contradict" not in case.said
    lines = sorted(amount for _class, amount in case.items())
    # The last day of the export is not complete, and not judged.
    assert lines == [Decimal(amount) for amount in ("-100.00", "-70.00", "-50.00")]


def test_a_charge_keeps_its_rank_in_a_file_that_ends_before_it(case: Case) -> None:
    transfer = JULY.splitlines(True)[0]
    charge = transfer.replace("10:00:00", "15:00:00").replace(",,100.00,100.00", ",1.00,,99.00")
    case.put("noon.csv", CCB + transfer)
    booked(case)
    case.put("night.csv", CCB + transfer + charge)
    booked(case)
    assert case.total("Assets:Bank") == Decimal("99.00")


ICBC = (
    "[HISTORYDETAIL],凭证号,本方账号,交易时间,对方单位,对方账号,转入金额,转出金额,余额,摘要,"
    "附言,用途\n"
)
PAID = ",0,1200000000000043,2026-07-03 09:12:00,供应商,5000,,100.00,900.00,转账,货款,货款\n"
BARE = ',0,1200000000000043,2026-07-10 10:00:00,,,250.00,,"1,150.00",汇入,,\n'
TOLD = ',7,1200000000000043,2026-07-10 10:00:00,某公司,6000,250.00,,"1,150.00",汇入,合同款,\n'
REST = ',0,1200000000000043,2026-07-20 10:00:00,供应商,5000,,50.00,"1,100.00",转账,补款,货款\n'


@pytest.mark.parametrize("first", ["early.csv", "late.csv"])
def test_a_bank_line_that_gets_its_text_later_is_one(case: Case, first: str) -> None:
    """nemiah/phpFinTS #359: reference and purpose differ by login, or change after posting."""
    texts = {"early.csv": ICBC + PAID + BARE, "late.csv": ICBC + PAID + TOLD + REST}
    for name in (first, *(other for other in texts if other != first)):
        case.put(name, texts[name])
        booked(case)
    assert case.total("Assets:Bank") == Decimal("1100.00")
    text = (case.root / "journal/2026/07/icbc-1200000000000043.beancount").read_text()
    assert text.count("某公司") == 1  # the row that says more is the one that is kept


# -- two formats of one wallet -------------------------------------------------------------------

FRAME = (
    "#支付宝账务明细查询\n#账号：[20880000000000010156]\n"
    "#起始日期：[2026年07月01日 00:00:00]   终止日期：[{end}]\n"
    "#-----------------------------------------账务明细列表-------------------------------------\n"
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,交易渠道,业务类型,备注,业务描述,业务账单来源,业务基础订单号,业务订单号\n"
    "{rows}"
    "#-----------------------------------------账务明细列表结束---------------------------------\n"
    "#支出合计：0笔，共0.00元\n#收入合计：2笔，共120.00元\n"
    "#导出时间：[2026年09月01日 10:00:00]\n"
)
PRECISE = (
    "157000001\t,2026070122001100000000000001\t,S-1\t,商品,2026-07-01 10:00:00,x,100.00,0.00,"
    "100.00,支付宝,在线支付\t,,,天猫,\t,\t\n"
    "157000002\t,2026070522001100000000000002\t,S-2\t,商品,2026-07-05 10:00:00,x,20.00,0.00,"
    "120.00,支付宝,在线支付\t,,,天猫,\t,\t\n"
)
WEB = (
    "##账号：demo@example.com[2088000000000001]\n"
    "#查询起始日期：2026-07-05 00:00:00查询终止日期：2026-07-31 23:59:59\n"
    "序号,入账时间,支付宝交易号,支付宝流水号,商户订单号,账务类型,收入（+元）,支出（-元）,"
    "账户余额（元）,对方账户,对方名称,银行订单号,商品名称,备注,业务基础订单号,业务订单号,"
    "业务账单来源,业务描述,付款备注\n"
    "3,2026-07-06 18:00:00,2026070622001100000000000004,157000004,S-4,在线支付,40.00, ,190.00,"
    "x, , ,杯子, , , , , , \n"
    "2,2026-07-05 18:00:00,2026070522001100000000000003,157000003,S-3,在线支付,30.00, ,150.00,"
    "x, , ,杯子, , , , , , \n"
    "1,2026-07-05 10:00:00,2026070522001100000000000002,157000002,S-2,在线支付,20.00, ,120.00,"
    "x, , ,杯子, , , , , , \n"
    "#导出时间：2026-08-01 10:00:00\n"
)


def formats(end: str) -> dict[str, bytes]:
    ledger = FRAME.format(end=end, rows=PRECISE)
    return {"ledger.csv": ledger.encode("gb18030"), "web.csv": WEB.encode("gb18030")}


def test_the_better_format_takes_only_the_time_it_covers(case: Case) -> None:
    """zsxsoft #17: a person changes from one export to the other within a day."""
    for name, content in formats("2026年07月05日 12:00:00").items():
        case.put(name, content)
    assert case.run() == 0, case.said
    assert case.total("Assets:Wallet") == Decimal("190.00")


def test_within_that_time_the_formats_must_agree(case: Case) -> None:
    for name, content in formats("2026年07月05日 19:00:00").items():
        case.put(name, content)
    assert case.run() == 1
    assert "2026-07-05: the booked source says 20.00 CNY, this one 50.00" in case.said


@pytest.mark.parametrize(("begins", "gap"), [("2026-07-05 12:00:00", 0), ("2026-07-06", 1)])
def test_a_period_that_ends_at_noon_leaves_the_rest_of_the_day(
    case: Case, begins: str, gap: int
) -> None:
    rows = LEDGER.partition("业务描述\n")[0] + "业务描述\n"
    early = rows.replace("2026-07-31 23:59:59", "2026-07-05 12:00:00") + (
        "\t,2026-07-04 09:00:09,0,-50.00,提现,-,0080001|提现申请\n"
        "\t,2026-07-05 09:00:09,0,-50.00,提现,-,0080001|提现申请\n"
    )
    late = rows.replace("2026-07-01 00:00:00", f"{begins} 00:00:00"[:19]) + (
        "\t,2026-07-06 09:00:09,0,-50.00,提现,-,0080001|提现申请\n"
    )
    case.put("early.csv", early.encode("gb18030"))
    case.put("late.csv", late.encode("gb18030"))
    assert case.run() == gap, case.said
    assert ("covers 2026-07-05 to 2026-07-05" in case.said) == bool(gap)


# -- purses --------------------------------------------------------------------------------------

FUNDS = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),"
    "账户结余(元),资金变更提交申请人,备注,业务凭证号\n"
)
BASIC = (
    "`2026-07-01 09:01:10,`4200000000202607010000000001,`42001,`交易,`交易,`收入,`10.00,"
    "`510.00,`system,`,`A-1\n资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n"
    "`1,`1,`10.00,`0,`0.00\n"
)
OPERATION = (
    "`2026-07-01 12:01:10,`10000002,`10000002,`企业付款,`企业付款到零钱,`支出,`300.00,"
    "`700.00,`system,`,`T1\n资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n"
    "`1,`0,`0.00,`1,`300.00\n"
)


def test_purses_of_one_merchant_are_told_apart_by_name(case: Case) -> None:
    """Bills of BASIC and OPERATION have one layout, and only their names say which is which."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("1600000001Operation2026-07-01.csv", FUNDS + OPERATION)
    case.put("1600000001Basic2026-07-01.csv", FUNDS + BASIC)
    case.put("bills.zip", packed.getvalue())
    booked(case)
    assert case.balances("Assets:Wallet") == {
        "Assets:Wallet:WeChatPay": Decimal("510.00"),
        "Assets:Wallet:WeChatPayOperation": Decimal("700.00"),
    }
    assert case.call("check", "--allow-open") == 0, case.said


def test_where_no_name_tells_purses_apart_the_way_out_is_named(case: Case) -> None:
    case.put("one.csv", FUNDS + BASIC)
    case.put("two.csv", FUNDS + OPERATION)
    assert case.run() == 1
    assert "give each a folder below the inbox, named in [[shops]]" in case.said


def test_an_account_that_only_the_name_of_a_file_names(case: Case) -> None:
    rest = REST.replace('"1,100.00"', "850.00")
    text = (ICBC + PAID + rest).replace(",本方账号", "").replace(",1200000000000043", "")
    case.put("1200000000000043-20260731235910.csv", text)
    case.run()
    assert list(case.balances("Assets:Bank")) == ["Assets:Bank:ICBC:0043"]
