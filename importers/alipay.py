"""Alipay 支付宝 merchant wallet: 账务明细 (`alipay-ledger`) and 资金流水 (`alipay-web`).

Both are views of one wallet; where they cover the same days the ledger counts (rank 1) and the
web export cross-checks it (rank 0). All amounts CNY, all times Asia/Shanghai [?].

`alipay-ledger`: member 账务明细 of the API's zip, CSV in GB18030 with a `#` frame, or a workbook.
12 columns (old) [SEEN, template], 13 [SEEN, one row], 16 (adds 业务描述, 业务账单来源,
业务基础订单号, 业务订单号) [SEEN, template], in any order. Signs: 收入金额（+元） positive,
支出金额（-元） NEGATIVE [CODE]. Footer 收入合计, 支出合计 [CODE]: counts and sums are controls;
lines of 0.00 are counted with the income [?]. Without the list's end mark a CSV was cut off.
Period: 终止日期 at midnight is exclusive [SEEN].

`alipay-web`: 19 columns [SEEN], or 22 with 服务费（元）, 支付渠道, 签约产品 [CODE]; newest first.
Signs: 支出（-元） POSITIVE [SEEN]. 支付宝流水号 is the line's id (unique in the sample [?]).
服务费（元） is not subtracted: fees are lines of their own [?]; the running balance would tell.

Order numbers, in this order [CODE]: 业务基础订单号 when it is all digits (10-25); 商户订单号
`T200P<order>` and Taobao's other prefixes; the remark's 订单号 and the like; else the merchant's
own number in 商户订单号 (platform `shop`). A 运单号 of the remark goes to `waybill_id`.

Buyers: 对方账号, 对方名称 and remarks are read only on lines of no order and no sale or refund.
"""

from __future__ import annotations

import datetime
import re
from typing import ClassVar

import duckdb

from beanclear.importers.alipay_kinds import ORDERLESS, REVERSALS, kind_steps
from beanclear.importers.base import Facts, Stated, StatementImporter, Steps
from beanclear.importers.columns import Column, Type, column
from beanclear.importers.faults import fault
from beanclear.importers.files import SourceFile
from beanclear.importers.frame import Frame, Row, joined
from beanclear.importers.rules import Period, period
from beanclear.importers.sheet import Sheet
from beanclear.importers.text import CHINA, moments_in
from beanclear.ledger.errors import Fault
from beanclear.ledger.money import parse_minor
from beanclear.ledger.records import Kind, Stage

_ACCOUNT = re.compile(r"账号[:：].*?(\d{16})(?:0156)?(?!\d)")
_ACCOUNT_IN_NAME = re.compile(r"(?<!\d)(2088\d{12})(?:0156)?_")
_TOTAL = re.compile(r"#?(支出|收入)合计[:：]\s*(\d+)\s*笔[,，]共\s*(-?[\d,.]+)\s*元")
_ORDER_IN_PREFIX = (
    r"'^(?:T\d+P|CAE_(?:[A-Za-z0-9]+_)*|GXFZ_[^_]+_|HJ(?:CAE|COM)==.*==)(\d{10,25})$'"
)
_TAOBAO_PREFIX = r"'^(?:T\d+P|CAE_|GXFZ_|HJCAE|HJCOM)'"
_NAMED_IN_REMARK = r"'(?:订单号|订单编号|交易单号|tradeid)[:：]\s*(\d{10,25})'"
_BRACED_IN_REMARK = r"'[（({\[](\d{10,25})[)）}\]]'"
_WAYBILL_IN_REMARK = r"'运单号[:：]\s*([A-Za-z0-9-]{8,30})'"

_ACCOUNT_COLUMNS: dict[str, Column] = {
    "merchant": column("商户订单号", type=Type.ID),
    "title": column("商品名称"),
    "party": column("对方名称"),
    "party_account": column("对方账号", "对方账户"),
    "memo": column("备注", "付款备注"),
    "description": column("业务描述"),
    "base_order": column("业务基础订单号", type=Type.ID),
}
_QUIET = ", ".join(f"'{kind}'" for kind in (Kind.SALE, Kind.REFUND, Kind.SUBSIDY))
_ORDERLESS = ", ".join(f"'{kind}'" for kind in ORDERLESS)


def _steps(amount: str) -> tuple[dict[str, str], ...]:
    """The layers both layouts share; `amount` is the signed amount over their columns."""
    prefixed = (
        "CASE WHEN NOT starts_with(merchant, 'CAE_POINT_') "
        f"THEN nullif(regexp_extract(merchant, {_ORDER_IN_PREFIX}, 1), '') END"
    )
    return (
        {
            "amount": amount,
            # Of a CASE DuckDB computes nothing that no row needs; of a `coalesce` it may.
            "taobao": f"""CASE WHEN regexp_full_match(base_order, '[0-9]{{10,25}}')
                THEN base_order ELSE coalesce(
                  {prefixed},
                  nullif(regexp_extract(memo, {_NAMED_IN_REMARK}, 1), ''),
                  nullif(regexp_extract(memo, {_BRACED_IN_REMARK}, 1), '')) END""",
            # The title of goods says nothing about the kind; that of a move of money does.
            "remark": """concat_ws(' ', memo, description,
                CASE WHEN merchant IS NULL AND base_order IS NULL THEN concat_ws(' ', title, type,
                party, party_account) END)""",
        },
        {
            "keyed": "CASE WHEN taobao IS NOT NULL THEN true "
            f"ELSE coalesce(NOT regexp_matches(merchant, {_TAOBAO_PREFIX}), false) END",
        },
        *kind_steps(),
        {
            "of_order": f"keyed AND kind NOT IN ({_ORDERLESS}) "
            f"AND (taobao IS NOT NULL OR kind <> '{Kind.OTHER}')",
        },
    )


_FIELDS = {
    "record_id": "line",
    "occurred_at": "moment",
    "amount_minor": "amount",
    "balance_minor": "balance",
    "kind": "kind",
    "kind_raw": "coalesce(nullif(concat_ws(' ', type, description), ''), memo, '')",
    "trade_id": "trade",
    "platform": "CASE WHEN of_order THEN if(taobao IS NULL, 'shop', 'taobao') END",
    "order_id": "CASE WHEN of_order THEN coalesce(taobao, merchant) END",
    "waybill_id": f"nullif(regexp_extract(memo, {_WAYBILL_IN_REMARK}, 1), '')",
    "counterparty": f"CASE WHEN NOT of_order AND kind NOT IN ({_QUIET}) "
    "THEN coalesce(party, party_account) END",
    "memo": f"CASE WHEN kind NOT IN ({_QUIET}) THEN coalesce(memo, title) END",
}


def account_of(file: SourceFile, sheet: Sheet) -> str:
    """The 16-digit merchant number: from the frame, else the sheet's title, else the name."""
    for line in sheet.frame:
        found = _ACCOUNT.search(line)
        if found:
            return found.group(1)
    named = _ACCOUNT_IN_NAME.search(sheet.title) or _ACCOUNT_IN_NAME.search(file.name)
    return named.group(1) if named else "main"


def period_of(lines: tuple[str, ...]) -> Period:
    """What a frame declares: an end at midnight is exclusive."""
    for line in lines:
        moments = moments_in(line) if "起始日期" in line else []
        if len(moments) == 2:  # noqa: PLR2004 - from and to
            return period(*moments, midnight_excluded=True)
    return Period()


def exported_at(lines: tuple[str, ...]) -> datetime.datetime | None:
    """The moment of 导出时间, in China's time."""
    moments = [found for line in lines if "导出时间" in line for found in moments_in(line)]
    return moments[-1].replace(tzinfo=CHINA) if moments else None


# Neither layout has a record whose first cell begins with `#`.
_FRAME = Frame(
    above="#.*",
    below="#.*(列表结束|合计[:：]|导出时间).*",
    below_starts=("#",),
    ends=(("明细列表", "列表结束"), ("查询", "#")),
)


class AlipayLedger(StatementImporter):
    """账务明细, the wallet's ledger."""

    name = "alipay-ledger"
    source = "alipay"
    stage = Stage.WALLET
    reversals = REVERSALS
    rank = 1
    frame = _FRAME
    required = (
        frozenset({"账务流水号", "业务流水号", "发生时间", "收入金额(+元)", "支出金额(-元)"}),
    )
    columns: ClassVar[dict[str, Column]] = {
        "line": column("账务流水号", type=Type.ID, required=True),
        "trade": column("业务流水号", type=Type.ID),
        "moment": column("发生时间", type=Type.MOMENT, required=True),
        "income": column("收入金额(+元)", type=Type.AMOUNT),
        "expense": column("支出金额(-元)", type=Type.AMOUNT),
        "balance": column("账户余额(元)", type=Type.AMOUNT),
        "type": column("业务类型"),
        **_ACCOUNT_COLUMNS,
    }
    steps: ClassVar[Steps] = _steps("coalesce(income, 0) + coalesce(expense, 0)")
    fields: ClassVar[dict[str, str]] = _FIELDS
    row_faults = (
        ("wrong-sign", "income < 0", "收入金额(+元)", "income * 0.01"),
        ("wrong-sign", "expense > 0", "支出金额(-元)", "expense * 0.01"),
        ("missing-cell", "income IS NULL AND expense IS NULL", "收入金额(+元)", "''"),
    )

    def facts(self, file: SourceFile, sheet: Sheet, connection: duckdb.DuckDBPyConnection) -> Facts:
        """The frame: account, period, export, and the totals of the footer."""
        del connection
        declared = period_of(sheet.frame)
        stated, faults = _totals(file.name, sheet.footer)
        return Facts(
            account=account_of(file, sheet),
            declared_first=declared.declared_first,
            declared_last=declared.declared_last,
            since=declared.since,
            until=declared.until,
            exported_at=exported_at(sheet.frame),
            stated=stated,
            faults=faults,
        )


def _totals(file: str, footer: tuple[Row, ...]) -> tuple[tuple[Stated, ...], tuple[Fault, ...]]:
    """The footer's counts and sums: lines of 0.00 are taken as income."""
    stated: list[Stated] = []
    faults: list[Fault] = []
    for row, cells in footer:
        line = joined(cells)
        found = _TOTAL.search(line)
        if not found:
            if "合计" in line:
                faults.append(fault("bad-amount", file, row, column="合计", text=line))
            continue
        side, count, total = found.groups()
        out = side == "支出"
        try:
            minor = parse_minor(total, "CNY")
        except ValueError:
            faults.append(fault("bad-amount", file, row, column=f"{side}合计", text=total))
            continue
        which = "coalesce(expense, 0) <> 0" if out else "coalesce(expense, 0) = 0"
        stated += (
            Stated(name=f"{side}笔数", stated=int(count), sql=f"count(*) FILTER (WHERE {which})"),
            Stated(
                name=f"{side}合计",
                stated=minor,
                sql=f"sum({'expense' if out else 'income'})",
            ),
        )
    return tuple(stated), tuple(faults)


class AlipayWeb(StatementImporter):
    """资金流水, the web export of the same wallet."""

    name = "alipay-web"
    source = "alipay"
    stage = Stage.WALLET
    reversals = REVERSALS
    rank = 0
    frame = _FRAME
    required = (frozenset({"支付宝流水号", "入账时间", "账务类型", "收入(+元)", "支出(-元)"}),)
    columns: ClassVar[dict[str, Column]] = {
        "line": column("支付宝流水号", type=Type.ID, required=True),
        "trade": column("支付宝交易号", type=Type.ID),
        "moment": column("入账时间", type=Type.MOMENT, required=True),
        "income": column("收入(+元)", type=Type.AMOUNT),
        "expense": column("支出(-元)", type=Type.AMOUNT),
        "balance": column("账户余额(元)", type=Type.AMOUNT),
        "type": column("账务类型"),
        "bank_order": column("银行订单号", type=Type.ID),
        **_ACCOUNT_COLUMNS,
    }
    steps: ClassVar[Steps] = _steps("coalesce(income, 0) - coalesce(expense, 0)")
    fields: ClassVar[dict[str, str]] = {
        **_FIELDS,
        # An id space of its own: the two formats may use one number for different things, and
        # where both cover a day they check each other instead of being taken for one.
        "record_id": "'web:' || line",
        "bank_ref": f"CASE WHEN kind IN ('{Kind.PAYOUT}', '{Kind.PAYOUT_RETURN}') "
        "THEN bank_order END",
    }
    row_faults = (
        ("wrong-sign", "income < 0", "收入(+元)", "income * 0.01"),
        ("wrong-sign", "expense < 0", "支出(-元)", "expense * 0.01"),
        ("missing-cell", "income IS NULL AND expense IS NULL", "收入(+元)", "''"),
    )

    def facts(self, file: SourceFile, sheet: Sheet, connection: duckdb.DuckDBPyConnection) -> Facts:
        """The frame: account, period and export; the format states no totals."""
        del connection
        declared = period_of(sheet.frame)
        return Facts(
            account=account_of(file, sheet),
            declared_first=declared.declared_first,
            declared_last=declared.declared_last,
            since=declared.since,
            until=declared.until,
            exported_at=exported_at(sheet.frame),
        )
