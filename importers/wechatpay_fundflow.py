"""WeChat Pay merchant fund bill (fundflowbill, BASIC account): the wallet of an own shop.

Layout (formats, WeChat Pay §2.2) [SEEN as header, DOC]: 11 columns, CSV with a backtick before
each cell, or the same header saved as a workbook. Two summary rows end the file and prove it,
and 账户结余 must chain. A bill holds complete days: its first and last row's days are covered.

Signs: 收支金额 is always positive, 收支类型 says which way.

References: on a trade and its fee 业务凭证号 is the merchant's order number and
微信支付业务单号 the transaction (42…). On a refund 业务凭证号 is the merchant's REFUND number and
微信支付业务单号 WeChat's refund number (50…): it becomes `refund_id`, as on the trade bill's
refund rows, which know the order. On a withdrawal or a top-up 业务凭证号, where it is filled,
becomes `payout_id`. A top-up (充值) is money that comes from the bank: a payout the other way. A
refund that failed comes back under the same number.

Purses: a merchant has up to three (BASIC, OPERATION, FEES), and only a file's name says which it is
of; without a word for it the bill is of the basic one.

Unsure: the file names no merchant, so two merchants need two shop folders. 资金流水单号
may repeat on a trade and its fee [?]: a line's id is that number and a hash of 业务类型,
收支类型, amount and day. Profit sharing (分账), payments to people (企业付款) and coupons
have no meaning that holds for every shop: they are `other`, as is any word that is not in the
table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

import duckdb

from beanclear.importers.base import Facts, StatementImporter
from beanclear.importers.columns import Column, Type, column, literal
from beanclear.importers.files import SourceFile
from beanclear.importers.frame import Frame
from beanclear.importers.rules import case, days_of
from beanclear.importers.sheet import Sheet
from beanclear.importers.wechatpay import stated, summary_of
from beanclear.ledger.chart import MAIN
from beanclear.ledger.records import Kind, Stage

# (业务类型, 收支类型) → kind.
_KINDS = {
    ("交易", "收入"): Kind.SALE,
    ("退款", "支出"): Kind.REFUND,
    # A refund that was accepted and failed: WeChat Pay gives the money back to the merchant.
    **{
        (word, "收入"): Kind.REFUND
        for word in ("退款", "退款关闭", "退款异常", "退款失败", "退款退回")
    },
    ("扣除交易手续费", "支出"): Kind.PAYMENT_FEE,
    ("退还交易手续费", "收入"): Kind.PAYMENT_FEE_REFUND,
    ("提现", "支出"): Kind.PAYOUT,
    ("提现", "收入"): Kind.PAYOUT_RETURN,
    ("提现退票", "收入"): Kind.PAYOUT_RETURN,
    ("提现失败", "收入"): Kind.PAYOUT_RETURN,
    ("充值", "收入"): Kind.PAYOUT,  # out of the bank, as 提现 is into it
}
_KIND = case(
    (
        (f"deal = {literal(deal)} AND side = {literal(side)}", literal(kind))
        for (deal, side), kind in _KINDS.items()
    ),
    literal(Kind.OTHER),
)
_TRADE = "(coalesce(scene, deal) = '交易' AND deal IN ('交易', '扣除交易手续费'))"
_REFUND = "(coalesce(scene, deal) = '退款' OR starts_with(deal, '退款') OR deal = '退还交易手续费')"
_PAYOUT = "(starts_with(deal, '提现') OR deal = '充值')"

_SUMMARY_BEGINS = "资金流水总笔数"
_SUMMARY = {
    "资金流水总笔数": "count(*)",
    "收入笔数": "count(*) FILTER (WHERE side = '收入')",
    "收入金额": "sum(money) FILTER (WHERE side = '收入')",
    "支出笔数": "count(*) FILTER (WHERE side = '支出')",
    "支出金额": "sum(money) FILTER (WHERE side = '支出')",
}


# What a bill interface and the merchant platform call a merchant's purses.
_PURSES = {
    "basic": MAIN, "基本账户": MAIN,
    "operation": "operation", "运营账户": "operation",
    "fees": "fees", "手续费账户": "fees",
}  # fmt: skip
_PURSE = re.compile(r"(?i)(?<![a-z])(basic|operation|fees)(?![a-z])|(基本|运营|手续费)账户")


def purse_of(*names: str) -> str:
    """Which purse of the merchant a file is of, by its name or its sheet's; else the basic one.

    A member of an archive is named by itself first.
    """
    for name in names:
        for part in reversed(name.split(":")):
            if found := _PURSE.search(part):
                return _PURSES[found.group().lower()]
    return MAIN


class WeChatPayFundflow(StatementImporter):
    """The fund bill of a WeChat Pay merchant."""

    name = "wechatpay-fundflow"
    source = "wechatpay"
    stage = Stage.WALLET
    reversals = frozenset({Kind.REFUND, Kind.PAYOUT})  # 退款关闭, 充值
    required = (frozenset({"记账时间", "资金流水单号", "业务类型", "收支类型", "收支金额(元)"}),)
    frame = Frame(summary=_SUMMARY_BEGINS)
    columns: ClassVar[Mapping[str, Column]] = {
        "moment": column("记账时间", type=Type.MOMENT, required=True),
        "business_no": column("微信支付业务单号", type=Type.ID),
        "flow": column("资金流水单号", type=Type.ID, required=True),
        "scene": column("业务名称", type=Type.ID),
        "deal": column("业务类型", type=Type.ID, required=True),
        "side": column("收支类型", type=Type.ID, required=True),
        "money": column("收支金额(元)", type=Type.AMOUNT, required=True),
        "balance": column("账户结余(元)", type=Type.AMOUNT, required=True),
        "remark": column("备注"),
        "voucher": column("业务凭证号", type=Type.ID),
    }
    row_faults = (
        ("unknown-value", "side NOT IN ('收入', '支出')", "收支类型", "side"),
        ("wrong-sign", "money < 0", "收支金额(元)", "money * 0.01"),
    )
    fields: ClassVar[Mapping[str, str]] = {
        "record_id": """flow || '-' || left(sha256(concat_ws(chr(31),
            deal, side, CAST(money AS VARCHAR), strftime(moment, '%Y-%m-%d'))), 8)""",
        "kind": _KIND,
        "kind_raw": "concat_ws('/', scene, deal, side)",
        "occurred_at": "moment",
        "amount_minor": "CASE side WHEN '收入' THEN money ELSE -money END",
        "balance_minor": "balance",
        "platform": f"CASE WHEN {_TRADE} OR {_REFUND} THEN 'shop' END",
        "order_id": f"CASE WHEN {_TRADE} THEN voucher END",
        "trade_id": "business_no",
        "refund_id": f"CASE WHEN {_REFUND} THEN business_no END",
        "payout_id": f"CASE WHEN {_PAYOUT} THEN voucher END",
        "memo": "nullif(ltrim(remark, '`'), '')",
    }

    def facts(self, file: SourceFile, sheet: Sheet, connection: duckdb.DuckDBPyConnection) -> Facts:
        """The days and the summary rows."""
        totals, faults = stated(sheet, summary_of(sheet, _SUMMARY_BEGINS), _SUMMARY)
        first, last = days_of(connection, "moment") or (None, None)
        purse = purse_of(file.name, sheet.title)
        return Facts(
            account=purse if purse == MAIN or not file.shop else f"{file.shop}/{purse}",
            declared_first=first,
            declared_last=last,
            stated=totals,
            faults=faults,
        )
