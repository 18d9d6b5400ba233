"""Pinduoduo: 账务明细 (CSV, no line ids, no balance) and the order export."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from beanclear.cli.simulation.archives import open_text, write_xlsx
from beanclear.cli.simulation.clock import DAY, Clock
from beanclear.cli.simulation.ledgers import Ledger, Line, yuan
from beanclear.cli.simulation.orders import GOODS, Order

COLUMNS = "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述"
# Line name: (type, remark, description).
LINES = {
    "sale": ("交易收入", "-", "0010002|交易收入-订单收入"),
    "coupon": ("优惠券结算", "-", "0010005|优惠券结算-优惠券结算"),
    "refund": ("交易退款", "-", "0020002|交易退款-订单退款"),
    "base": ("技术服务费", "基础技术服务费", "0030002|技术服务费-基础技术服务费"),
    "affiliate": ("营销费用", "多多进宝推广服务费", "0060001|营销费用-多多进宝"),
    "advertising": ("转账", "推广账户充值", "0070004|转账-广告账户"),
    "deposit": ("转账", "店铺保证金充值", "0070001|转账-保证金"),
    "payout-return": ("提现", "提现退回", "0080001|提现-提现失败退回"),
    "payout": ("提现", "-", "0080001|提现-提现申请"),
}
ORDER_COLUMNS = (
    "商品,订单号,订单状态,商品总价(元),邮费(元),店铺优惠折扣(元),平台优惠折扣(元),多多支付立减金额(元),"
    "用户实付金额(元),商家实收金额(元),商品数量(件),发货时间,确认收货时间,商品id,商品规格,样式ID,"
    "商家编码-规格维度,商家编码-商品维度,商家备注,售后状态,快递单号,快递公司,订单成交时间,是否分期,分期期数,"
    "手续费承担方,分期方式"
)
# An export with more orders than this is a CSV: workbooks of that size are slow to write.
LARGEST_WORKBOOK = 20_000


class Pinduoduo:
    """The wallet and its monthly bills, which declare their period."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.ledger = Ledger(clock.days, 0)
        self._folder = folder
        self._clock = clock
        self._file: IO[str]

    def line(self, moment: int, amount: int, number: str, name: str) -> bool:
        """A movement; `number` is empty for those of no order."""
        kind, remark, description = LINES[name]
        head = f"{number},{self._clock.stamp(moment)},"
        tail = f",{kind},{remark},{description}"
        return self.ledger.add(moment, amount, head, tail, reserve=name == "refund")

    def payout(self, moment: int, amount: int) -> str | None:
        """Withdraw a positive amount; the platform gives no id."""
        self.line(moment, -amount, "", "payout")
        return None

    def returned(self, moment: int, amount: int) -> None:
        """A withdrawal comes back."""
        self.line(moment, amount, "", "payout-return")

    def payout_fee(self, moment: int, amount: int) -> bool:
        """Withdrawals are free here."""
        del moment, amount
        return False

    def open(self, start: int, end: int) -> None:
        """Begin the bill of a month."""
        clock = self._clock
        self._file = open_text(self._folder / f"拼多多账务明细_{clock.month(start)}.csv")
        self._file.write(
            "拼多多店铺账务明细查询\r\n\r\n"
            f"起始时间：{clock.dashed(start)} 00:00:00  "
            f"终止时间：{clock.dashed(end - 1)} 23:59:59\r\n"
            f"----------交易记录明细列表---------\r\n{COLUMNS}\r\n"
        )

    def write(self, lines: list[Line], balance: int) -> None:
        """Write a day's lines."""
        del balance
        for line in lines:
            money = f"{yuan(line.amount)},0" if line.amount > 0 else f"0,{yuan(line.amount)}"
            self._file.write(f"{line.head}{money}{line.tail}\r\n")

    def close(self) -> None:
        """End the bill."""
        self._file.close()


def _state(order: Order, now: int) -> tuple[str, str]:
    """Order state and after-sales state at a moment."""
    if order.closed is not None and order.closed < now:
        shipped = order.shipped is not None and order.shipped < order.closed
        return ("已发货，退款成功" if shipped else "未发货，退款成功"), "退款成功"
    if order.completed is not None and order.completed < now:
        return "已收货", "无售后或售后取消"
    if order.shipped is not None and order.shipped < now:
        return "已发货，待收货", "无售后或售后取消"
    return "待发货", "无售后或售后取消"


def _row(order: Order, clock: Clock, now: int) -> list[str]:
    title = GOODS[order.good][0]
    state, after_sales = _state(order, now)
    shipped = order.shipped if order.shipped is not None and order.shipped < now else None
    done = order.completed if order.completed is not None and order.completed < now else None
    return [
        title, f"{order.number}\t", state, yuan(order.goods), yuan(order.shipping),
        yuan(order.merchant_discount), yuan(order.platform_discount), "0.00",
        yuan(order.buyer_pays), yuan(order.due), str(order.quantity),
        f"{clock.stamp(shipped)}\t", f"{clock.stamp(done)}\t", f"{754299529400 + order.good}\t",
        "默认规格", "", "", f"SKU{order.good:03}", "", after_sales,
        f"YT{order.serial:013}\t" if shipped is not None else "",
        "圆通快递" if shipped is not None else "",
        f"{clock.stamp(order.paid)}\t", "否", "", "", "",
    ]  # fmt: skip


def write_orders(folder: Path, clock: Clock, end: int, orders: Iterable[Order]) -> None:
    """Write the order export made in the night that ends day `end - 1`.

    The first export comes as a workbook when it is small enough, the others as CSV.
    """
    now = end * DAY
    rows = [_row(order, clock, now) for order in orders if (order.paid or 0) < now]
    name = f"orders_export{clock.dashed(end)}-00-35-12"
    if end == clock.month_ends()[0] and len(rows) <= LARGEST_WORKBOOK:
        made = datetime.datetime.combine(clock.date(end), datetime.time(0, 35, 12))
        cells = [ORDER_COLUMNS.split(","), *([cell.strip() for cell in row] for row in rows)]
        write_xlsx(folder / f"{name}.xlsx", cells, made)
        return
    with open_text(folder / f"{name}.csv") as file:
        file.write(f"{ORDER_COLUMNS}\r\n")
        file.writelines(_joined(rows))


def _joined(rows: list[list[str]]) -> Iterator[str]:
    for row in rows:
        yield ",".join(row) + "\r\n"
