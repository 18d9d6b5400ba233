"""WeChat Pay merchant trade bill (tradebill): the order side of an own shop.

Layouts (formats, WeChat Pay §2.1): ALL 27 columns [SEEN], SUCCESS 20, REFUND 29 [DOC], the v2
layouts with 总金额 and 企业红包 or 代金券或立减优惠 [DOC]; CSV with a backtick before
each cell, or the same header saved as a workbook. Two summary rows end the file and prove it; a
CSV without them was cut off. A bill holds complete days, so its first and last row's days are
covered; a bill of refunds alone covers no day, because it says nothing about sales.

Signs: SUCCESS rows are sales of 应结订单金额 (what the merchant receives: the order less coupons
the merchant settles himself); REFUND rows are refunds of minus 退款金额. A refund whose 退款状态 is
FAIL or CLOSED moved no money and has amount zero.

Unsure: REVOKED rows were never seen. One with a refund amount is taken as a refund, one without
as an order that was closed; beside a SUCCESS row of its order the latter is a `duplicate-id`
fault, because nobody knows which of the two counts. The fee total of the summary is rounded: it
may differ by less than one fen from the sum of the rows' five-decimal fees. Whether PROCESSING,
ABNORMAL and CHANGE refunds left the account is taken as yes, until the fund bill shows that they
came back. 用户标识 is never read.

A service provider's bill (服务商) has 特约商户号: that of one sub-merchant is this sub-merchant's
account, one of several is refused, because their orders are different owners'.
"""

from __future__ import annotations

import datetime
import functools
import itertools
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import ClassVar

import duckdb

from beanclear.importers.base import Facts, Stated, StatementImporter
from beanclear.importers.columns import Column, Type, column
from beanclear.importers.faults import fault
from beanclear.importers.files import SourceFile
from beanclear.importers.frame import Frame
from beanclear.importers.rules import (
    CURRENCY_WORDS,
    currency_faults,
    days_of,
    minor_of,
    one_account,
    values_of,
)
from beanclear.importers.sheet import Sheet
from beanclear.ledger import figures
from beanclear.ledger.errors import Fault
from beanclear.ledger.figures import Evidence, Mark
from beanclear.ledger.records import Stage
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.statement import Control

_REFUND = "(state = 'REFUND' OR (state = 'REVOKED' AND coalesce(refund, 0) <> 0))"
_NO_MONEY = "coalesce(refund_state, '') IN ('FAIL', 'CLOSED')"

# Summary header → what its rows must give; amounts in fen.
_SUMMARY = {
    "总交易单数": "count(*)",
    "应结订单总金额": "sum(due)",
    "总交易额": "sum(due)",
    "退款总金额": "sum(refund)",
    "总退款金额": "sum(refund)",
    "充值券退款总金额": "sum(refund_coupon)",
    "总企业红包退款金额": "sum(refund_coupon)",
    "总代金券或立减优惠退款金额": "sum(refund_coupon)",
    "订单总金额": "sum(total)",
    "申请退款总金额": "sum(applied)",
}
_SUMMARY_BEGINS = "总交易单数"
_SHOWN = 5
_COUNTS = {"总交易单数", "资金流水总笔数", "收入笔数", "支出笔数"}


def summary_of(sheet: Sheet, first_header: str) -> dict[str, str]:
    """The two summary rows at the end of a bill, by header; empty when they are not there."""
    rows = [cells for _, cells in sheet.footer]
    for above, below in itertools.pairwise(rows):
        names = [cell.strip(" `\t") for cell in above]
        if names and names[0] == first_header:
            values = [cell.strip(" `\t") for cell in below]
            return {name: value for name, value in zip(names, values, strict=False) if name}
    return {}


def stated(
    sheet: Sheet, summary: dict[str, str], sums: dict[str, str]
) -> tuple[tuple[Stated, ...], tuple[Fault, ...]]:
    """The figures of a summary, beside the sums they must equal, and those that are none."""
    mark = _mark(summary)
    found: list[Stated] = []
    faults: list[Fault] = []
    row = sheet.footer[-1][0] if sheet.footer else None
    for name, text in summary.items():
        minor = minor_of(text, mark=mark)
        if minor is None:
            faults.append(fault("bad-amount", sheet.name, row, column=name, text=text))
        elif name in sums:
            figure = minor // 100 if name in _COUNTS else minor
            found.append(Stated(name=name, stated=figure, sql=sums[name]))
    return tuple(found), tuple(faults)


def _mark(summary: dict[str, str]) -> Mark:
    """The decimal mark of a summary, by all its figures."""
    said = [figures.evidence(figures.bare(text)) for text in summary.values()]
    return figures.decided(functools.reduce(Evidence.__or__, said, Evidence()), (), 2)


class WeChatPayTrades(StatementImporter):
    """The trade bill of a WeChat Pay merchant."""

    name = "wechatpay-trades"
    source = "wechatpay"
    stage = Stage.ORDER
    required = (
        frozenset({"交易时间", "商户号", "微信订单号", "商户订单号", "交易状态", "应结订单金额"}),
        frozenset({"交易时间", "商户号", "微信订单号", "商户订单号", "交易状态", "总金额"}),
    )
    frame = Frame(summary=_SUMMARY_BEGINS)
    columns: ClassVar[Mapping[str, Column]] = {
        "moment": column("交易时间", type=Type.MOMENT, required=True),
        "merchant": column("商户号", type=Type.ID, required=True),
        "sub_merchant": column("特约商户号", "子商户号", type=Type.ID),
        "trade": column("微信订单号", type=Type.ID, required=True),
        "order_no": column("商户订单号", type=Type.ID, required=True),
        "deal": column("交易类型", type=Type.ID),
        "state": column("交易状态", type=Type.ID, required=True),
        "money": column("货币种类", type=Type.ID),
        "due": column("应结订单金额", "总金额", type=Type.AMOUNT, required=True),
        "coupon": column("代金券金额", "企业红包金额", "代金券或立减优惠金额", type=Type.AMOUNT),
        "refund_no": column("微信退款单号", type=Type.ID),
        "refund": column("退款金额", type=Type.AMOUNT),
        "refund_coupon": column(
            "充值券退款金额",
            "企业红包退款金额",
            "代金券或立减优惠退款金额",
            type=Type.AMOUNT,
        ),
        "refund_state": column("退款状态", type=Type.ID),
        "goods": column("商品名称"),
        "fee": column("手续费", type=Type.RAW),
        "rate": column("费率", type=Type.RATE),
        "total": column("订单金额", type=Type.AMOUNT),
        "applied": column("申请退款金额", type=Type.AMOUNT),
    }
    row_faults = (
        ("unknown-value", "state NOT IN ('SUCCESS', 'REFUND', 'REVOKED')", "交易状态", "state"),
        ("missing-cell", f"{_REFUND} AND nullif(refund_no, '0') IS NULL", "微信退款单号", "''"),
        ("missing-cell", f"{_REFUND} AND refund IS NULL", "退款金额", "''"),
        ("wrong-sign", "refund < 0", "退款金额", "refund * 0.01"),
        ("wrong-sign", "due < 0", "应结订单金额", "due * 0.01"),
        ("bad-amount", "NOT is_blank(fee) AND NOT is_amount(fee)", "手续费", "fee"),
        ("open-amount", "contains(fee, ',') AND says_either(figure(fee))", "手续费", "fee"),
        *currency_faults("money", "货币种类"),
    )
    fields: ClassVar[Mapping[str, str]] = {
        "record_id": f"CASE WHEN {_REFUND} THEN refund_no ELSE order_no END",
        "kind": f"CASE WHEN {_REFUND} THEN 'refund' ELSE 'sale' END",
        "kind_raw": "concat_ws(' ', state, deal, refund_state)",
        "occurred_at": "moment",
        "amount_minor": f"""CASE WHEN {_REFUND}
            THEN CASE WHEN {_NO_MONEY} THEN 0 ELSE -refund END ELSE due END""",
        "platform": "'shop'",
        "order_id": "order_no",
        "trade_id": "trade",
        "refund_id": f"CASE WHEN {_REFUND} THEN refund_no END",
        "memo": "nullif(ltrim(goods, '`'), '')",
        "status": f"""CASE WHEN {_REFUND} THEN NULL
            WHEN state = 'REVOKED' THEN 'closed' ELSE 'paid' END""",
        "ordered_at": f"CASE WHEN NOT {_REFUND} THEN moment END",
        "paid_at": "CASE WHEN state = 'SUCCESS' THEN moment END",
        "closed_at": f"CASE WHEN state = 'REVOKED' AND NOT {_REFUND} THEN moment END",
        "known_at": "date_trunc('day', moment) + INTERVAL 1 DAY - INTERVAL 1 SECOND",
        "goods_minor": f"CASE WHEN NOT {_REFUND} THEN total END",
        "merchant_discount_minor": f"CASE WHEN NOT {_REFUND} THEN total - due END",
        "platform_discount_minor": f"CASE WHEN NOT {_REFUND} THEN coupon END",
        "fee_rate_ppm": f"CASE WHEN NOT {_REFUND} THEN rate END",
    }

    def facts(self, file: SourceFile, sheet: Sheet, connection: duckdb.DuckDBPyConnection) -> Facts:
        """The merchant, the days, and the summary rows."""
        del file
        merchant, faults = _merchant(connection, sheet)
        totals, wrong = stated(sheet, summary_of(sheet, _SUMMARY_BEGINS), _SUMMARY)
        first, last = days_of(connection, "moment") or (None, None)
        words = [
            CURRENCY_WORDS[w.upper()]
            for w in values_of(connection, "money")
            if w.upper() in CURRENCY_WORDS
        ]
        return Facts(
            account=merchant or "main",
            currency=words[0] if words else "CNY",
            declared_first=first,
            declared_last=_covered_until(sheet, first, last),
            stated=totals,
            faults=(*faults, *wrong),
        )

    def controls(self, sheet: Sheet, connection: duckdb.DuckDBPyConnection) -> Iterable[Control]:
        """The fee total, which the bill rounds: less than one fen apart is equal."""
        summary = summary_of(sheet, _SUMMARY_BEGINS)
        total = minor_of(summary.get("手续费总金额", ""), mark=_mark(summary))
        if total is None:
            return
        row = connection.execute("SELECT coalesce(sum(as_units(fee)), 0) FROM cells").fetchone()
        exact = Decimal(row[0] if row is not None else 0) * 100
        found = total if abs(exact - total) < 1 else int(exact.to_integral_value())
        yield Control(name="手续费总金额", stated=total, found=found)


def _merchant(
    connection: duckdb.DuckDBPyConnection, sheet: Sheet
) -> tuple[str | None, tuple[Fault, ...]]:
    """Whose bill it is: the one sub-merchant's where a service provider downloaded it.

    `0` and an empty cell say that the row is the merchant's own.
    """
    merchant, faults = one_account(connection, sheet, "merchant")
    rows = connection.execute(
        "SELECT coalesce(nullif(sub_merchant, '0'), '') FROM cells GROUP BY ALL ORDER BY min(row)"
    ).fetchall()
    subs = [str(sub) for (sub,) in rows]
    if len(subs) > 1:
        named = ", ".join(sub or (merchant or "0") for sub in subs[:_SHOWN])
        return merchant, (*faults, fault("several-merchants", sheet.name, text=named))
    return (subs[0] if subs and subs[0] else merchant), faults


def _covered_until(
    sheet: Sheet, first: datetime.date | None, last: datetime.date | None
) -> datetime.date | None:
    """The last complete day; the day before the first for a bill of refunds alone."""
    refunds_alone = "退款申请时间" in sheet.headers
    return first - ONE_DAY if refunds_alone and first is not None else last
