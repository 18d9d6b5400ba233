"""微信账户账单: the WeChat side of a Tmall shop's money (千牛, 财务, 微信账户, 导出).

A Tmall shop settles through Alipay and WeChat at once: both ledgers are needed, or orders paid
with WeChat never settle. Two layouts, both from public importers [CODE], no sample:
14 columns (商家昵称, 入帐日期, 入帐时间, 支付流水号, 主订单id, 子订单id, 入帐类型, 收入金额(元),
支出金额(元), 业务描述, 备注, 收/付渠道, 数据创建时间, 数据修改时间) and 8 columns (入账时间,
支付流水号, 淘宝订单编号, 入账类型, 收入金额（元）, 支出金额, 业务描述, 备注).

Signs: 收入 and 支出 both POSITIVE [CODE]. No totals, no running balance, no period.
Ids: 支付流水号 names the payment, and it is not known whether a fee of that payment repeats it [?];
so only a withdrawal's id is that number alone, others carry a hash of order, amount and day behind
it. Sub-orders of one order are paid in one second, often with equal amounts: equal lines have an
ordinal. Where 子订单id stands, one that is there twice is a row that stands twice.
Orders: 主订单id, not 子订单id, so that no sub-order needs a parent.
Unsure: 保证金扣款 without further words is `other`; 扣款 without known words is `other`.
"""

from __future__ import annotations

from typing import ClassVar

from beanclear.importers.alipay_kinds import REVERSALS, WORDS
from beanclear.importers.base import StatementImporter, Steps
from beanclear.importers.columns import Column, Type, any_of, column, literal
from beanclear.importers.ids import by_part
from beanclear.ledger.records import Kind, Stage

# 入账类型 that say it all → kind.
TYPES: tuple[tuple[str, Kind], ...] = (
    ("交易收款", Kind.SALE),
    ("交易退款", Kind.REFUND),  # also 交易退款(售后)
    ("提现", Kind.PAYOUT),
)
_MOMENT = "coalesce(as_moment(strftime(day, '%Y-%m-%d') || ' ' || clock), as_moment(clock))"
_PLAIN = (
    "CASE "
    + " ".join(f"WHEN starts_with(type, {literal(word)}) THEN '{kind}'" for word, kind in TYPES)
    + " "
    + " ".join(f"WHEN {any_of('words', words)} THEN '{kind}'" for words, kind in WORDS)
    + f" WHEN type = '服务费' THEN '{Kind.FEE}' ELSE '{Kind.OTHER}' END"
)


class TaobaoWechat(StatementImporter):
    """The WeChat account of a Tmall shop."""

    name = "taobao-wechat"
    source = "taobao-wechat"
    stage = Stage.WALLET
    reversals = REVERSALS
    required = (
        frozenset({"入账日期", "入账时间", "支付流水号", "主订单id", "入账类型"}),
        frozenset({"入账时间", "支付流水号", "淘宝订单编号", "入账类型"}),
    )
    columns: ClassVar[dict[str, Column]] = {
        "day": column("入账日期", type=Type.MOMENT),
        "clock": column("入账时间", required=True),
        "flow": column("支付流水号", type=Type.ID, required=True),
        "number": column("主订单id", "淘宝订单编号", type=Type.ID),
        "part": column("子订单id", type=Type.ID),
        "type": column("入账类型", required=True),
        "income": column("收入金额(元)", "收入金额", type=Type.AMOUNT),
        "expense": column("支出金额(元)", "支出金额", type=Type.AMOUNT),
        "description": column("业务描述"),
        "memo": column("备注"),
    }
    nth = by_part("part")
    steps: ClassVar[Steps] = (
        {
            "amount": "coalesce(income, 0) - coalesce(expense, 0)",
            "moment": _MOMENT,
            "words": "concat_ws(' ', description, memo)",
        },
        {"plain_kind": _PLAIN},
        {
            "kind": f"CASE WHEN amount > 0 AND plain_kind = '{Kind.FEE}' THEN '{Kind.FEE_REFUND}' "
            f"WHEN amount > 0 AND plain_kind = '{Kind.PAYMENT_FEE}' "
            f"THEN '{Kind.PAYMENT_FEE_REFUND}' "
            f"WHEN amount > 0 AND plain_kind = '{Kind.PAYOUT}' THEN '{Kind.PAYOUT_RETURN}' "
            "ELSE plain_kind END",
        },
        {
            "line": "flow || '.' || left(sha256(concat_ws(chr(31), amount, "
            "CAST(moment AS DATE), number)), 12)",
        },
    )
    fields: ClassVar[dict[str, str]] = {
        "record_id": f"CASE WHEN kind = '{Kind.PAYOUT}' THEN flow ELSE line END",
        "occurred_at": "moment",
        "amount_minor": "amount",
        "kind": "kind",
        "kind_raw": "concat_ws(' ', type, description)",
        "trade_id": "flow",
        "platform": "CASE WHEN number IS NOT NULL THEN 'taobao' END",
        "order_id": "number",
        "memo": f"CASE WHEN kind NOT IN ('{Kind.SALE}', '{Kind.REFUND}') THEN memo END",
    }
    row_faults = (
        ("bad-moment", f"({_MOMENT}) IS NULL", "入账时间", "clock"),
        ("wrong-sign", "income < 0", "收入金额(元)", "income * 0.01"),
        ("wrong-sign", "expense < 0", "支出金额(元)", "expense * 0.01"),
        ("missing-cell", "income IS NULL AND expense IS NULL", "收入金额(元)", "''"),
    )
