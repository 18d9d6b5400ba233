"""One large Alipay 账务明细 as the platform writes it: GB18030, sixteen columns, in a zip.

Three lines an order, as on Tmall: the buyer's money, a fee, a promoter's commission; a withdrawal
and a refund now and then. Balances follow and the footer's totals are right, so the whole proof
is worked through.
"""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from pathlib import Path

ACCOUNT = "2088051240251282"
FIRST = datetime.datetime(2026, 6, 1)
SECONDS_APART = 2
_HEADER = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,交易渠道,业务类型,备注,业务描述,业务账单来源,业务基础订单号,业务订单号"
)
PREAMBLE = 5  # lines above the first, with the header
COLUMNS = 16
_GOODS = ("玻璃杯", "台灯", "书包", "雨伞", "毛巾", "茶壶", "餐盘")
_BLOCK = 10_000


def _line(number: int) -> tuple[int, str]:
    """The signed amount of a line, and its text with a place for the balance."""
    order = number // 3
    base = f"511603{order:010d}305"
    trade = f"20260601220011{order * 7919 % 10**14:014d}"
    at = FIRST + datetime.timedelta(seconds=number * SECONDS_APART)
    price = 1_000 + order * 37 % 50_000
    part = number % 3
    cells: tuple[str, ...]
    if number % 3_000 == 2:  # noqa: PLR2004 - one line in three thousand
        amount = -100_000
        cells = ("\t", "", "", "支付宝", "提现\t", "提现到银行卡\t", "", "", "\t", "")
    elif part == 0:
        amount, goods = price, _GOODS[order % len(_GOODS)]
        words = "0010001|交易收款-交易收款"
        cells = (f"T200P{base}\t", f"{goods}{order % 997}\t", f"买家{order % 9973}***\t")
        cells += ("支付宝", "交易付款\t", "订单收款\t", words, "天猫", f"{base}\t", base)
    elif part == 1:
        amount = -(price * 6 // 1_000) or -1
        words = "0030130|软件服务费-基础软件服务费"
        cells = (f"CAE_CHARITY_{base}\t", "\t", "tmall_fee\t", "支付宝", "其它\t")
        cells += (f"基础软件服务费{{{base}}}扣款\t", words, "天猫", f"FP301_{order}\t", "")
    else:
        amount = -(price * 2 // 100)
        words = "0060011|营销支出-淘宝客佣金"
        cells = (f"HJCAE==x=={base}\t", "\t", "taoke\t", "支付宝", "其它\t")
        cells += (f"代扣款（扣款用途：淘宝客佣金代扣款[{base}]）\t", words, "天猫", "\t", "")
    merchant, title, party, channel, kind, memo, words, origin, basic, last = cells
    money = f"{yuan(max(amount, 0))},{yuan(min(amount, 0))},%s"
    front = f"{1_570_757_242_000_000_000 + number}\t,{trade}\t,{merchant},{title},{at},{party}"
    return amount, f"{front},{money},{channel},{kind},{memo},{words},{origin},{basic},{last}\n"


def yuan(minor: int) -> str:
    """Minor units as Alipay writes them."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def _blocks(rows: int) -> Iterator[str]:
    end = FIRST + datetime.timedelta(seconds=rows * SECONDS_APART)
    until = f"{(end + datetime.timedelta(days=1)):%Y年%m月%d日} 00:00:00"
    yield (
        f"#支付宝账务明细查询\n#账号：[{ACCOUNT}0156]\n"
        f"#起始日期：[{FIRST:%Y年%m月%d日} 00:00:00]   终止日期：[{until}]\n"
        f"#{'-' * 41}账务明细列表{'-' * 40}\n{_HEADER}\n"
    )
    balance = 10_000_000_000
    counts, totals = [0, 0], [0, 0]
    for start in range(0, rows, _BLOCK):
        lines = []
        for number in range(start, min(start + _BLOCK, rows)):
            amount, text = _line(number)
            balance += amount
            counts[amount < 0] += 1
            totals[amount < 0] += amount
            lines.append(text % yuan(balance))
        yield "".join(lines)
    yield (
        f"#{'-' * 41}账务明细列表结束{'-' * 36}\n"
        f"#支出合计：{counts[1]}笔，共{yuan(totals[1])}元\n"
        f"#收入合计：{counts[0]}笔，共{yuan(totals[0])}元\n"
        f"#导出时间：[{(end + datetime.timedelta(days=2)):%Y年%m月%d日} 10:00:00]\n"
    )


def write(path: Path, rows: int) -> None:
    """Write the zip with a 账务明细 of `rows` lines."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(f"{ACCOUNT}0156_202606_账务明细.csv", "w", force_zip64=True) as member,
    ):
        for block in _blocks(rows):
            member.write(block.encode("gb18030"))
