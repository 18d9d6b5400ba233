"""Tmall's seller console: ExportOrderList (old and new header) and 宝贝明细, CSV in GBK."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from beanclear.cli.simulation.archives import open_text
from beanclear.cli.simulation.clock import DAY, Clock
from beanclear.cli.simulation.ledgers import yuan
from beanclear.cli.simulation.options import SHOP_NAME
from beanclear.cli.simulation.orders import GOODS, Order

# The trailing blanks in some headers are the platform's.
OLD_COLUMNS = [
    "订单编号",
    "买家会员名",
    "买家支付宝账号",
    "买家应付货款",
    "买家应付邮费",
    "买家支付积分",
    "总金额",
    "返点积分",
    "买家实际支付金额",
    "买家实际支付积分",
    "订单状态",
    "买家留言",
    "收货人姓名",
    "收货地址 ",
    "运送方式",
    "联系电话 ",
    "联系手机",
    "订单创建时间",
    "订单付款时间 ",
    "宝贝标题 ",
    "宝贝种类 ",
    "物流单号 ",
    "物流公司",
    "订单备注",
    "宝贝总数量",
    "店铺Id",
    "店铺名称",
    "订单关闭原因",
    "卖家服务费",
    "买家服务费",
    "发票抬头",
    "是否手机订单",
    "分阶段订单信息",
    "特权订金订单id",
    "是否上传合同照片",
    "是否上传小票",
    "是否代付",
    "定金排名",
    "修改后的sku",
    "修改后的收货地址",
    "异常信息",
    "天猫卡券抵扣",
    "集分宝抵扣",
    "是否是O2O交易",
    "新零售交易类型",
    "新零售导购门店名称",
    "新零售导购门店id",
    "新零售发货门店名称",
    "新零售发货门店id",
    "退款金额",
    "预约门店",
    "确认收货时间",
    "打款商家金额",
    "含应开票给个人的个人红包",
]
NEW_COLUMNS = [
    *OLD_COLUMNS[:3], "支付单号", "支付详情", *OLD_COLUMNS[3:],
    "是否信用购", "体验期结束时间", "前N有礼", "配送类型", "发货时间", "主订单编号",
]  # fmt: skip
ITEM_COLUMNS = (
    "子订单编号,主订单编号,买家实付金额,退款金额,退款状态,订单创建时间,订单付款时间,商品ID,物流单号"
)
_WAITS_FOR_PAYMENT = "等待买家付款"
_PAID = '"买家已付款,等待卖家发货"'
_SHIPPED = '"卖家已发货,等待买家确认"'
_DONE = "交易成功"
_CLOSED = "交易关闭"


def _state(order: Order, now: int) -> str:
    """The order's state at a moment, as a CSV cell."""
    if order.closed is not None and order.closed < now:
        return _CLOSED
    if order.completed is not None and order.completed < now:
        return _DONE
    if order.shipped is not None and order.shipped < now:
        return _SHIPPED
    return _PAID if order.paid is not None and order.paid < now else _WAITS_FOR_PAYMENT


def refunded(order: Order, now: int) -> int:
    """What the order book says was given back, at a moment."""
    if order.refunded_at is None or order.refunded_at >= now:
        return 0
    return order.refunded


def _cells(order: Order, clock: Clock, now: int) -> dict[str, str]:
    """The cells that are not empty, by column."""
    state = _state(order, now)
    paid = order.paid is not None and order.paid < now
    shipped = order.shipped if order.shipped is not None and order.shipped < now else None
    done = order.completed if state == _DONE else None
    payable = order.goods - order.merchant_discount
    return {
        "订单编号": f'"=""{order.number}"""',
        "买家会员名": f"t{order.serial % 9973}***",
        "买家支付宝账号": "***@example.com",
        "支付单号": f"{order.trade}\t",
        "支付详情": f"支付{yuan(order.buyer_pays)}元" if paid else "",
        "买家应付货款": yuan(payable),
        "买家应付邮费": yuan(order.shipping),
        "买家支付积分": "0",
        "总金额": yuan(order.due),
        "返点积分": "0",
        "买家实际支付金额": yuan(order.buyer_pays) if paid else "0.00",
        "买家实际支付积分": "0",
        "订单状态": state,
        "收货人姓名": "王**",
        "收货地址 ": "浙江省 杭州市 ***",
        "运送方式": "快递",
        "联系电话 ": "'null",
        "联系手机": "'138****0000",
        "订单创建时间": clock.stamp(order.created),
        "订单付款时间 ": clock.stamp(order.paid) if paid else "",
        "宝贝标题 ": GOODS[order.good][0],
        "宝贝种类 ": str(len(order.parts) or 1),
        "物流单号 ": f"No:YT{order.serial:013}" if shipped is not None else "",
        "物流公司": "圆通速递" if shipped is not None else "",
        "宝贝总数量": str(order.quantity),
        "店铺Id": "0",
        "店铺名称": SHOP_NAME,
        "订单关闭原因": _why_closed(order) if state == _CLOSED else "订单未关闭",
        "卖家服务费": "0",
        "买家服务费": "0元",
        "是否手机订单": "手机订单",
        "是否代付": "否",
        "天猫卡券抵扣": yuan(order.platform_discount),
        "集分宝抵扣": "0",
        "退款金额": yuan(refunded(order, now)),
        "确认收货时间": clock.stamp(done),
        "打款商家金额": f"{yuan(order.sale)}元" if done is not None else "0.00元",
        "含应开票给个人的个人红包": "0",
        "发货时间": clock.stamp(shipped),
        "主订单编号": f"{order.number}\t",
    }


def _why_closed(order: Order) -> str:
    return "退款" if order.paid is not None else "买家未付款"


def write_orders(
    folder: Path, clock: Clock, end: int, orders: Iterable[Order], *, old: bool
) -> None:
    """Write the order list made in the night that ends day `end - 1`."""
    now = end * DAY
    columns = OLD_COLUMNS if old else NEW_COLUMNS
    with open_text(folder / f"ExportOrderList{clock.plain(end)}0031.csv") as file:
        file.write(",".join(f'"{column}"' for column in columns) + "\r\n")
        for order in orders:
            cells = _cells(order, clock, now)
            file.write(",".join([cells.get(column, "") for column in columns]) + "\r\n")


def write_items(folder: Path, clock: Clock, end: int, orders: Iterable[Order]) -> None:
    """Write 宝贝明细 of the same orders: one row by sub-order, alone ones have their own number."""
    now = end * DAY
    with open_text(folder / f"宝贝明细{clock.plain(end)}0033.csv") as file:
        file.write(f"{ITEM_COLUMNS}\r\n")
        for order in orders:
            if order.paid is None or order.paid >= now:
                continue
            back = refunded(order, now)
            state = "退款成功" if back else "没有申请退款"
            shipped = order.shipped is not None and order.shipped < now
            waybill = f"YT{order.serial:013}" if shipped else ""
            parts = order.parts or ((order.number, order.buyer_pays),)
            discount = order.platform_discount if order.parts else 0
            for number, amount in parts:
                buyer_pays = amount - discount
                discount = 0
                file.write(
                    f"{number}\t,{order.number}\t,{yuan(buyer_pays)},{yuan(back)},{state},"
                    f"{clock.stamp(order.created)},{clock.stamp(order.paid)},"
                    f"{688812340000 + order.good}\t,{waybill}\r\n"
                )
