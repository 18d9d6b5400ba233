"""Taobao and Tmall orders: three exports of the seller's console, all of stage `order`.

No real sample exists in public; headers are those of public importers [CODE].

`taobao-orders`: ExportOrderList<yyyymmddHHMM>, CSV in GBK or xlsx, old and new header; one row per
order. `taobao-qianniu`: 千牛 order export of 19 columns, which has no status column: the status is
read from what else the row says. `taobao-items`: 宝贝明细, one row per sub-order; `order_id` is
子订单编号, `parent_order_id` 主订单编号 (equal for orders of one item), and the record's id begins
with `item:` so that it never meets the order's own.

Amount: what the merchant is to receive = 买家实际支付金额 + what the platform funds (天猫卡券抵扣,
集分宝抵扣, in yuan [?]). 打款商家金额 and 含应开票给个人的个人红包 are not read: what they hold
before completion is not documented [?]. Merchant discounts have no column of their own.
Refunds: 退款金额, positive; none where the header lacks it. In 宝贝明细 it counts unless 退款状态
says that it was refused, closed, or is still asked for [?]. A completion without 确认收货时间 stays
without date. The export speaks for the moment in its name; else for the latest event in it.

买家会员名 becomes a keyed hash (`beanclear.ledger.buyers`); a masked one (`t**1`) is none.
Receivers, phones, addresses and buyers' messages are never read.
"""

from __future__ import annotations

import datetime
import re
from typing import ClassVar

import duckdb

from beanclear.importers.base import Facts, StatementImporter, Steps
from beanclear.importers.columns import Column, Type, column, literal
from beanclear.importers.files import SourceFile
from beanclear.importers.frame import NOTE, Frame
from beanclear.importers.sheet import Sheet
from beanclear.importers.text import CHINA
from beanclear.ledger.records import Kind, OrderStatus, Stage

# Beginning of 订单状态 (commas folded, blanks removed) → status.
STATUSES: tuple[tuple[str, OrderStatus], ...] = (
    ("等待买家付款", OrderStatus.CREATED),
    ("定金已付", OrderStatus.CREATED),
    ("没有创建支付宝交易", OrderStatus.CREATED),
    ("买家已付款", OrderStatus.PAID),
    ("等待卖家发货", OrderStatus.PAID),
    ("卖家部分发货", OrderStatus.PAID),
    ("卖家已发货", OrderStatus.SHIPPED),
    ("等待买家确认", OrderStatus.SHIPPED),
    ("买家已签收", OrderStatus.SHIPPED),
    ("交易成功", OrderStatus.COMPLETED),
    ("交易关闭", OrderStatus.CLOSED),
    ("付款以后用户退款成功", OrderStatus.CLOSED),
    ("付款以前", OrderStatus.CLOSED),
)
_NAMED_MOMENT = re.compile(r"ExportOrder(?:Detail)?List(\d{12})")
_STATE = "replace(replace(state, '，', ','), ' ', '')"
_IS_KNOWN = f"regexp_matches({_STATE}, '^({'|'.join(words for words, _ in STATUSES)})')"
_STATUS = (
    "CASE "
    + " ".join(
        f"WHEN starts_with(plain_state, {literal(words)}) THEN '{status}'"
        for words, status in STATUSES
    )
    + " END"
)
# Without a status column: paid out means completed, all given back means closed.
_GUESSED = (
    f"CASE WHEN paid_out > 0 THEN '{OrderStatus.COMPLETED}' "
    f"WHEN paid_out IS NOT NULL AND paid > 0 AND refunded >= paid THEN '{OrderStatus.CLOSED}' "
    f"WHEN shipped IS NOT NULL THEN '{OrderStatus.SHIPPED}' "
    f"WHEN paid_time IS NOT NULL THEN '{OrderStatus.PAID}' ELSE '{OrderStatus.CREATED}' END"
)
_COLUMNS: dict[str, Column] = {
    "number": column("订单编号", type=Type.ID, required=True),
    "trade": column("支付单号", type=Type.ID),
    "paid": column("买家实际支付金额", "买家实付金额", type=Type.AMOUNT, required=True),
    "goods": column("买家应付货款", type=Type.AMOUNT),
    "freight": column("买家应付邮费", type=Type.AMOUNT),
    "coupon": column("天猫卡券抵扣", type=Type.AMOUNT),
    "points": column("集分宝抵扣", type=Type.AMOUNT),
    "refunded": column("退款金额", type=Type.AMOUNT),
    "paid_out": column("确认收货打款金额", type=Type.AMOUNT),
    "state": column("订单状态"),
    "nickname": column("买家会员名", "买家昵称", "买家会员昵称"),
    "created": column("订单创建时间", type=Type.MOMENT, required=True),
    "paid_time": column("订单付款时间", type=Type.MOMENT),
    "shipped": column("发货时间", type=Type.MOMENT),
    "completed": column("确认收货时间", type=Type.MOMENT),
}
_GIVEN_BACK = "abs(refunded)"
# 退款状态 of what was asked for and did not happen, or not yet: refused, withdrawn, in progress.
_NOT_GIVEN_BACK = (
    "(regexp_matches(coalesce(refund_state, ''), '关闭|拒绝|取消|撤销|失败|等待|申请|处理中|退款中"
    "|CLOSED|REFUSE|WAIT') AND NOT regexp_matches(refund_state, '成功|SUCCESS'))"
)
_PLATFORM_FUNDED = "abs(coalesce(coupon, 0)) + abs(coalesce(points, 0))"


class _TaobaoOrders(StatementImporter):
    """What the three exports share."""

    source = "taobao"
    stage = Stage.ORDER
    frame = Frame(above=NOTE)
    columns: ClassVar[dict[str, Column]] = _COLUMNS
    steps: ClassVar[Steps] = (
        {"plain_state": _STATE},
        {
            "latest": "greatest(created, paid_time, shipped, completed)",
            "status": f"CASE WHEN state IS NULL THEN {_GUESSED} ELSE {_STATUS} END",
        },
        {
            "known": "coalesce(CAST(getvariable('exported_at') AS TIMESTAMP), max(latest) OVER ())",
        },
    )
    fields: ClassVar[dict[str, str]] = {
        "record_id": "number",
        "occurred_at": "latest",
        "booked_on": "CAST(created AS DATE)",
        "kind": f"'{Kind.SALE}'",
        "kind_raw": "coalesce(state, '')",
        # An order nobody paid has its coupon already, but owes nothing.
        "amount_minor": f"CASE WHEN paid = 0 AND paid_time IS NULL THEN 0 "
        f"ELSE paid + {_PLATFORM_FUNDED} END",
        "platform": "'taobao'",
        "order_id": "number",
        "trade_id": "trade",
        "buyer": "nickname",
        "status": "status",
        "ordered_at": "created",
        "paid_at": "paid_time",
        "shipped_at": "shipped",
        "completed_at": "completed",
        "known_at": "known",
        "goods_minor": "goods",
        "shipping_minor": "freight",
        "platform_discount_minor": "CASE WHEN coupon IS NOT NULL OR points IS NOT NULL "
        f"THEN {_PLATFORM_FUNDED} END",
        "refunded_minor": _GIVEN_BACK,
    }
    row_faults = (
        ("unknown-value", f"NOT {_IS_KNOWN}", "订单状态", "state"),
        ("wrong-sign", "paid < 0", "买家实际支付金额", "paid * 0.01"),
    )

    def facts(self, file: SourceFile, sheet: Sheet, connection: duckdb.DuckDBPyConnection) -> Facts:
        """The moment of export, where the file's name has it."""
        del sheet, connection
        return Facts(exported_at=export_moment(file.name))


def export_moment(name: str) -> datetime.datetime | None:
    """When an export with a name like `ExportOrderList202605012359.csv` was made."""
    found = _NAMED_MOMENT.search(name)
    if not found:
        return None
    try:
        return datetime.datetime.strptime(found.group(1), "%Y%m%d%H%M").replace(tzinfo=CHINA)
    except ValueError:
        return None


class TaobaoOrders(_TaobaoOrders):
    """ExportOrderList, old and new header."""

    name = "taobao-orders"
    required = (frozenset({"订单编号", "买家实际支付金额", "订单状态", "订单创建时间"}),)


class TaobaoQianniu(_TaobaoOrders):
    """千牛 order export."""

    name = "taobao-qianniu"
    required = (frozenset({"订单编号", "支付单号", "买家实付金额", "订单创建时间"}),)
    forbidden = frozenset({"子订单编号", "买家实际支付金额"})


class TaobaoItems(_TaobaoOrders):
    """宝贝明细: sub-orders."""

    name = "taobao-items"
    required = (frozenset({"子订单编号", "主订单编号", "买家实付金额", "订单创建时间"}),)
    forbidden = frozenset({"买家实际支付金额"})
    columns: ClassVar[dict[str, Column]] = {
        **_COLUMNS,
        "number": column("子订单编号", type=Type.ID, required=True),
        "parent": column("主订单编号", type=Type.ID, required=True),
        "refund_state": column("退款状态"),
    }
    fields: ClassVar[dict[str, str]] = {
        **_TaobaoOrders.fields,
        "record_id": "'item:' || number",
        "parent_order_id": "parent",
        "refunded_minor": f"CASE WHEN refunded <> 0 AND {_NOT_GIVEN_BACK} THEN 0"
        f" ELSE {_GIVEN_BACK} END",
        "kind_raw": "coalesce(state, refund_state, '')",
    }
