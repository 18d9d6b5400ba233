"""Alipay's 账务明细 of a Tmall shop: a zip of CSV in GB18030 with totals and a balance.

Layout: the API bill `signcustomer` with 16 columns; see the formats of this project's importers.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import IO

from beanclear.cli.simulation.archives import GbkZip
from beanclear.cli.simulation.clock import Clock
from beanclear.cli.simulation.ledgers import Ledger, Line, yuan
from beanclear.cli.simulation.options import ALIPAY_PID

COLUMNS = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,交易渠道,业务类型,备注,业务描述,业务账单来源,业务基础订单号,业务订单号"
)
SALE = ("交易付款", "订单收款", "0010001|交易收款-交易收款")
REFUND = ("交易退款", "售后退款", "0020001|交易退款-余额退款")
FREIGHT = ("其它", "邮费补贴", "0010027|交易收款-邮费补贴")
# What the platform takes at settlement: (business type, remark, description).
FEES = {
    "base": ("其它", "基础软件服务费{{{}}}扣款", "0030130|软件服务费-基础软件服务费"),
    "category": (
        "其它",
        "类目软件服务费（原天猫佣金）{{{}}}扣款",
        "0030003|软件服务费-类目软件服务费（原天猫佣金）",
    ),
    "campaign": ("其它", "聚划算佣金{{{}}}扣款", "0030005|软件服务费-聚划算佣金"),
    "affiliate": (
        "其它",
        "代扣款（扣款用途：淘宝客佣金代扣款[{}]）",
        "0060011|营销支出-淘宝客佣金",
    ),
    "insurance": ("其它", "保险承保-卖家版运费险保费收取{{{}}}", "0050005|保险支出-卖家版运费险"),
}
# Movements of no order: (business type, remark, description, counterparty).
OTHERS = {
    "payout": ("提现", "提现", "", "招商银行"),
    "payout-fee": ("收费", "提现手续费", "", "支付宝"),
    "payout-return": ("提现退回", "提现退票", "", "招商银行"),
    "advertising": ("其它", "万相台充值", "", "alimama_wxt@alibaba-inc.com"),
    "deposit": (
        "其它",
        "天猫保证金-充值（代扣）",
        "0080002000|保证金-保证金缴存",
        "tmall_bond@alibaba-inc.com",
    ),
    "fund-in": ("转账", "余利宝-基金申购", "", "余利宝"),
    "fund-out": ("转账", "余利宝-基金赎回，转账到支付宝", "", "余利宝"),
}


class Alipay:
    """The wallet and its monthly bills."""

    def __init__(self, folder: Path, clock: Clock, opening: int, place: int = 0) -> None:
        self.ledger = Ledger(clock.days, opening)
        self.pid = str(int(ALIPAY_PID) + place * 1_234_567)
        self._folder = folder
        self._clock = clock
        self._count = place * 1_000_000_007  # numbers are unique among all accounts
        self._zip: GbkZip
        self._file: IO[str]
        self._stem = ""
        self._month_end = 0
        self._totals = [0, 0, 0, 0]  # count and sum out, count and sum in

    def _next_id(self) -> str:
        self._count += 1
        return f"{1_570_757_242_000_000_000 + self._count * 7919}"

    def trade_line(
        self, moment: int, amount: int, order: tuple[str, str, str], words: tuple[str, str, str]
    ) -> bool:
        """A sale (+) or refund (-) of an order: its trade number, (sub-)order number and title."""
        trade, number, title = order
        kind, remark, description = words
        head = (
            f"{self._next_id()}\t,{trade}\t,T200P{number}\t,{title}\t,"
            f"{self._clock.stamp(moment)},buy***@example.com\t,"
        )
        tail = f",支付宝\t,{kind}\t,{remark}\t,{description}\t,天猫\t,{number}\t,{number}\t"
        return self.ledger.add(moment, amount, head, tail, reserve=amount < 0)

    def fee_line(self, moment: int, amount: int, trade: str, number: str, name: str) -> bool:
        """A fee (negative) charged for an order."""
        kind, remark, description = FEES[name]
        head = (
            f"{self._next_id()}\t,{trade}\t,CAE_CHARITY_{number}\t,\t,"
            f"{self._clock.stamp(moment)},tmall_fee@alibaba-inc.com\t,"
        )
        tail = (
            f",支付宝\t,{kind}\t,{remark.format(number)}\t,{description}\t,天猫\t,"
            f"{number}\t,{number}\t"
        )
        return self.ledger.add(moment, amount, head, tail)

    def other_line(self, moment: int, amount: int, name: str) -> str:
        """A movement of no order; its id."""
        kind, remark, description, counterparty = OTHERS[name]
        number = self._next_id()
        business = f"{self._clock.plain(moment // 86_400)}110{self._count % 1_000_000_007:017}"
        head = f"{number}\t,{business}\t,\t,\t,{self._clock.stamp(moment)},{counterparty}\t,"
        tail = f",支付宝\t,{kind}\t,{remark}\t,{description}\t,\t,\t,\t"
        self.ledger.add(moment, amount, head, tail)
        return number

    def payout(self, moment: int, amount: int) -> str:
        """Withdraw a positive amount; the line's id."""
        return self.other_line(moment, -amount, "payout")

    def returned(self, moment: int, amount: int) -> None:
        """A withdrawal comes back."""
        self.other_line(moment, amount, "payout-return")

    def payout_fee(self, moment: int, amount: int) -> bool:
        """A charge for a withdrawal; whether this wallet has such."""
        self.other_line(moment, -amount, "payout-fee")
        return True

    def open(self, start: int, end: int) -> None:
        """Begin the bill of the days from `start` to before `end`."""
        clock = self._clock
        month = clock.month(start)
        made = datetime.datetime.combine(clock.date(end), datetime.time(9, 12, 40))
        self._month_end = end
        self._stem = f"{self.pid}0156_{month}"
        self._zip = GbkZip(self._folder / f"{self._stem}.csv.zip", made)
        self._file = self._zip.member(f"{self._stem}_账务明细.csv")
        self._totals = [0, 0, 0, 0]
        self._period = (
            f"#起始日期：[{clock.date(start):%Y年%m月%d日} 00:00:00]"
            f"   终止日期：[{clock.date(end):%Y年%m月%d日} 00:00:00]"
        )
        self._file.write(
            f"#支付宝账务明细查询\r\n#账号：[{self.pid}0156]\r\n{self._period}\r\n"
            f"#-----------------------------------------账务明细列表----------------------------------------\r\n"
            f"{COLUMNS}\r\n"
        )

    def write(self, lines: list[Line], balance: int) -> None:
        """Write a day's lines; `balance` is what stood before them."""
        rows = []
        totals = self._totals
        for line in lines:
            amount = line.amount
            balance += amount
            if amount < 0:
                totals[0] += 1
                totals[1] += amount
                money = f"0.00,{yuan(amount)},{yuan(balance)}"
            else:
                totals[2] += 1
                totals[3] += amount
                money = f"{yuan(amount)},0.00,{yuan(balance)}"
            rows.append(f"{line.head}{money}{line.tail}\r\n")
        self._file.write("".join(rows))

    def close(self) -> None:
        """End the bill with its totals, and add the summary."""
        out_count, out_sum, in_count, in_sum = self._totals
        made = f"#导出时间：[{self._clock.date(self._month_end):%Y年%m月%d日} 09:12:40]\r\n"
        self._file.write(
            f"#-----------------------------------------账务明细列表结束------------------------------------\r\n"
            f"#支出合计：{out_count}笔，共{yuan(out_sum)}元\r\n"
            f"#收入合计：{in_count}笔，共{yuan(in_sum)}元\r\n{made}"
        )
        self._file.close()
        with self._zip.member(f"{self._stem}_账务明细(汇总).csv") as file:
            file.write(
                f"#支付宝账务汇总查询\r\n#账号：[{self.pid}0156]\r\n{self._period}\r\n"
                f"#-----------------------------------------账务汇总列表----------------------------------------\r\n"
                "类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）\r\n"
                f"合计,{in_count},{yuan(in_sum)},{out_count},{yuan(out_sum)},"
                f"{yuan(in_sum + out_sum)}\r\n"
                f"#-----------------------------------------账务汇总列表结束------------------------------------\r\n"
                f"{made}"
            )
        self._zip.close()
