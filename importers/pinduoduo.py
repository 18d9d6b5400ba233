"""Pinduoduo: the shop's order export, and 账务明细, its wallet (formats, Pinduoduo §5).

Orders [SEEN header and rows, CODE]: columns are chosen by the user and come in any order; one row
per order. `amount` is 商家实收金额 (whether it holds 平台优惠折扣 is not known [?]; it is
what the shop gets either way). The export does not say how much was refunded: an order whose
after-sale says 退款成功 and that was never received is closed; a received one stays completed
with `refunded` not known, and the wallet tells. 订单成交时间 may be blank: the order number
begins yymmdd (one day off near midnight). A received order without 确认收货时间 is completed
without a date.

Ledger [SEEN header, CODE rows and preamble]: CSV GB18030 with a preamble that states the period,
or a workbook without. 支出金额 is negative. No line id and no balance: a line is its minute,
amount, 商户订单号 and 账务类型 with an ordinal among equals, and the file can only be counted.
Kinds go by the code in 业务描述, then by 账务类型; unknown words are `other`. Alipay's bill has
similar headers, and 账务流水号 besides.

Names, phones and addresses of receivers are never read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import duckdb

from beanclear.importers.base import Facts, StatementImporter
from beanclear.importers.columns import Column, Type, column, literal
from beanclear.importers.files import SourceFile
from beanclear.importers.frame import Frame
from beanclear.importers.rules import Period, case, period
from beanclear.importers.sheet import Sheet
from beanclear.importers.text import moments_in
from beanclear.ledger.records import Kind, OrderStatus, Stage

_ORDER_NO = r"regexp_full_match({}, '\d{{6}}-\d+')"
_REFUNDED = (
    "(concat_ws(' ', state, after_sale) LIKE '%退款成功%'"
    " AND concat_ws(' ', state, after_sale) NOT LIKE '%部分退款%')"
)
# The first that fits; a status that fits none is a fault.
_STATUSES = (
    ("regexp_matches(state, '已取消|未成交|交易关闭|已关闭')", OrderStatus.CLOSED),
    ("received IS NOT NULL", OrderStatus.COMPLETED),
    ("regexp_matches(state, '^(已收货|交易成功|已完成)')", OrderStatus.COMPLETED),
    (_REFUNDED, OrderStatus.CLOSED),
    ("regexp_matches(state, '^(已发货|待收货|待签收|已签收|运输中)')", OrderStatus.SHIPPED),
    ("regexp_matches(state, '^(待发货|未发货|待成团|待分享|已成团|已付款)')", OrderStatus.PAID),
    ("regexp_matches(state, '^(待付款|待支付|未付款)')", OrderStatus.CREATED),
)
_STATUS = case((condition, literal(status)) for condition, status in _STATUSES)
_ORDERED = "coalesce(deal_at, paid, try_strptime(left(order_no, 6), '%y%m%d'))"
_AMOUNTS = {
    "due": "商家实收金额(元)",
    "goods": "商品总价(元)",
    "freight": "邮费(元)",
    "shop_discount": "店铺优惠折扣(元)",
    "platform_discount": "平台优惠折扣(元)",
    "instant_discount": "多多支付立减金额(元)",
}


class PinduoduoOrders(StatementImporter):
    """The order export of a Pinduoduo shop."""

    name = "pinduoduo-orders"
    source = "pinduoduo"
    stage = Stage.ORDER
    required = (frozenset({"订单号", "订单状态", "商家实收金额(元)"}),)
    columns: ClassVar[Mapping[str, Column]] = {
        "order_no": column("订单号", type=Type.ID, required=True),
        "state": column("订单状态", required=True),
        "after_sale": column("售后状态"),
        "deal_at": column("订单成交时间", "成交时间", type=Type.MOMENT),
        "paid": column("支付时间", type=Type.MOMENT),
        "shipped": column("发货时间", type=Type.MOMENT),
        "received": column("确认收货时间", type=Type.MOMENT),
        "waybill": column("快递单号", type=Type.ID),
        "item": column("商品", "商品名称"),
        **{
            name: column(header, type=Type.AMOUNT, required=name == "due")
            for name, header in _AMOUNTS.items()
        },
    }
    row_faults = (
        ("unknown-value", f"({_STATUS}) IS NULL", "订单状态", "state"),
        ("missing-cell", f"{_ORDERED} IS NULL", "订单成交时间", "''"),
        *(
            ("wrong-sign", f"{name} < 0", header, f"{name} * 0.01")
            for name, header in _AMOUNTS.items()
        ),
    )
    steps = ({"ordered": _ORDERED, "life": _STATUS},)
    fields: ClassVar[Mapping[str, str]] = {
        "record_id": "order_no",
        "kind": "'sale'",
        "kind_raw": "concat_ws(' / ', state, after_sale)",
        "occurred_at": "greatest(ordered, deal_at, paid, shipped, received)",
        "booked_on": "CAST(ordered AS DATE)",
        "amount_minor": "due",
        "platform": "'pinduoduo'",
        "order_id": "order_no",
        "waybill_id": "waybill",
        "memo": "item",
        "status": "life",
        "ordered_at": "ordered",
        "paid_at": "CASE WHEN life <> 'created' THEN coalesce(paid, deal_at) END",
        "shipped_at": "shipped",
        "completed_at": "CASE WHEN life = 'completed' THEN received END",
        "known_at": "max(greatest(ordered, deal_at, paid, shipped, received)) OVER ()",
        "goods_minor": "goods",
        "shipping_minor": "freight",
        "merchant_discount_minor": "shop_discount",
        "platform_discount_minor": """CASE WHEN coalesce(platform_discount, instant_discount)
            IS NOT NULL THEN coalesce(platform_discount, 0) + coalesce(instant_discount, 0) END""",
    }


_TEXT = "words"
_CODE = "code"
# Code of 业务描述, or 账务类型 where no code fits → kind; the first that fits.
_RULES = (
    (f"{_CODE} = '0010002'", Kind.SALE),
    (f"{_CODE} IN ('0010005', '0020005')", Kind.SUBSIDY),
    (f"{_CODE} = '0020002'", Kind.REFUND),
    (f"starts_with({_CODE}, '0030') AND amount > 0", Kind.FEE_REFUND),
    (f"starts_with({_CODE}, '0030')", Kind.FEE),
    (
        f"starts_with({_CODE}, '0040') AND regexp_matches({_TEXT}, '延迟|虚假|缺货|欺诈|发票')",
        Kind.PENALTY,
    ),
    (f"starts_with({_CODE}, '0040')", Kind.COMPENSATION),
    (f"{_CODE} = '0050002'", Kind.PENALTY),
    (f"{_CODE} = '0060001'", Kind.AFFILIATE),
    (f"{_CODE} IN ('0070001', '0070002')", Kind.DEPOSIT),
    (f"{_CODE} = '0070004'", Kind.PREPAYMENT),
    (f"{_CODE} = '0080001' AND amount > 0", Kind.PAYOUT_RETURN),
    (f"{_CODE} = '0080001'", Kind.PAYOUT),
    (f"{_CODE} = '0110001'", Kind.FEE),
    (f"{_CODE} = '0120001'", Kind.FEE_REFUND),
    ("deal = '交易收入'", Kind.SALE),
    ("deal = '优惠券结算'", Kind.SUBSIDY),
    ("deal = '交易退款'", Kind.REFUND),
    ("deal = '技术服务费' AND amount > 0", Kind.FEE_REFUND),
    ("deal = '技术服务费'", Kind.FEE),
    ("deal = '售后费用'", Kind.COMPENSATION),
    ("deal = '服务支出' AND amount < 0", Kind.FEE),
    (f"deal = '营销费用' AND {_TEXT} LIKE '%多多进宝%'", Kind.AFFILIATE),
    (f"deal = '转账' AND {_TEXT} LIKE '%保证金%'", Kind.DEPOSIT),
    (f"deal = '转账' AND {_TEXT} LIKE '%广告%'", Kind.PREPAYMENT),
    ("deal = '提现' AND amount > 0", Kind.PAYOUT_RETURN),
    ("deal = '提现'", Kind.PAYOUT),
)
_KIND = case(((rule, literal(kind)) for rule, kind in _RULES), literal(Kind.OTHER))
_IS_ORDER = _ORDER_NO.format("order_no")


class PinduoduoLedger(StatementImporter):
    """账务明细 of a Pinduoduo shop."""

    name = "pinduoduo-ledger"
    source = "pinduoduo"
    stage = Stage.WALLET
    # A refund that failed, 多多进宝 of an order that was returned, a fine that was lifted.
    reversals = frozenset({Kind.REFUND, Kind.AFFILIATE, Kind.PENALTY})
    required = (
        frozenset({"商户订单号", "发生时间", "收入金额(+元)", "支出金额(-元)", "账务类型"}),
    )
    forbidden = frozenset({"账务流水号", "业务流水号", "账户余额(元)"})
    frame = Frame(above="拼多多店铺账务明细查询|(起始|终止)时间[:：].*|-+交易记录明细列表-+")
    columns: ClassVar[Mapping[str, Column]] = {
        "order_no": column("商户订单号", type=Type.ID),
        "moment": column("发生时间", type=Type.MOMENT, required=True),
        "income": column("收入金额(+元)", type=Type.AMOUNT),
        "expense": column("支出金额(-元)", type=Type.AMOUNT),
        "deal": column("账务类型", required=True),
        "remark": column("备注"),
        "detail": column("业务描述"),
    }
    row_faults = (
        ("missing-cell", "income IS NULL AND expense IS NULL", "收入金额(+元)", "''"),
        ("wrong-sign", "income < 0", "收入金额(+元)", "income * 0.01"),
        ("wrong-sign", "expense > 0", "支出金额(-元)", "expense * 0.01"),
    )
    steps = (
        {
            "amount": "coalesce(income, 0) + coalesce(expense, 0)",
            "code": r"regexp_extract(coalesce(detail, ''), '^\d{7}')",
            "words": "concat_ws(' ', detail, remark)",
            "of_order": _IS_ORDER,
        },
    )
    identity = ("order_no", "deal")
    fields: ClassVar[Mapping[str, str]] = {
        "kind": _KIND,
        "kind_raw": "concat_ws(' ', deal, detail)",
        "occurred_at": "moment",
        "amount_minor": "amount",
        "platform": "CASE WHEN of_order THEN 'pinduoduo' END",
        "order_id": "CASE WHEN of_order THEN order_no END",
        "trade_id": "CASE WHEN NOT of_order THEN order_no END",
        "memo": "remark",
    }

    def facts(self, file: SourceFile, sheet: Sheet, connection: duckdb.DuckDBPyConnection) -> Facts:
        """The period the preamble states."""
        del file, connection
        declared = _period(sheet)
        return Facts(
            declared_first=declared.declared_first,
            declared_last=declared.declared_last,
            since=declared.since,
            until=declared.until,
        )


def _period(sheet: Sheet) -> Period:
    """What `起始时间：… 终止时间：…` declares."""
    for line in sheet.frame:
        if "起始时间" not in line and "终止时间" not in line:
            continue
        moments = moments_in(line)
        if len(moments) == 2:  # noqa: PLR2004 - a period has two ends
            return period(*moments, midnight_excluded=True)
    return Period()
