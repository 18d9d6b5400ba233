"""Corporate bank statements: ICBC, CCB, CMBC, Ping An (formats, banks §8).

One class per bank, its layouts as data: each column lists the headers it goes by. Confidence: the
ICBC historydetail, CCB, CMBC and Ping An layouts are [mock] of real exports; the ICBC 借方/贷方
layout, the CCB preamble layout and the Ping An 借/贷 layout are known by header names only
[CODE].

Signs: 借方 (支出, 转出) is money out, 贷方 (收入, 转入) money in, both as positive numbers; a
negative number is a reversal and keeps its sign. Where there is a balance it must chain.

Own account, holder, currency and period stand in columns or in lines above the header
(`账号：…`, `户名：…`, `币种：…`, `起止日期：…`). The currency is CNY where the file names none; a
word for it that is not known is a fault. Where the file names no account (ICBC without 本方账号)
its name may, with a number of 16 to 20 digits that stands by itself; else it is `main`: put such
files of several accounts into shop folders.

Ids: the bank's serial number and the day, for serials begin again; lines of one serial and day (a
transfer and its charge) have a rank. ICBC has no serial, and its 凭证号 may repeat: a line there is
its day, amount and balance with an ordinal among equals, 凭证号 is only `bank_ref`. Texts may
differ by who exports and when; they are no part of an id. 对方账号 is not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

import duckdb

from beanclear.importers.base import Facts, StatementImporter
from beanclear.importers.columns import Column, Type, column
from beanclear.importers.faults import fault
from beanclear.importers.files import SourceFile
from beanclear.importers.frame import Frame
from beanclear.importers.ids import Nth, by_time, serial_id
from beanclear.importers.rules import (
    CURRENCY_WORDS,
    Period,
    currency_faults,
    one_account,
    period,
    values_of,
)
from beanclear.importers.sheet import Head, Sheet
from beanclear.importers.text import bare, moments_in, normal_header
from beanclear.ledger.chart import MAIN
from beanclear.ledger.errors import Fault
from beanclear.ledger.records import Stage

# Labels of the lines above a header; longest first, because one may begin another.
_LABELS = {
    "account": ("银行账号", "查询账号", "本方账号", "账户号", "账号", "卡号"),
    "owner": ("账户名称", "账号名称", "公司名称", "单位名称", "户名"),
    "currency": ("币种",),
    "period": ("起止日期", "查询日期", "交易日期", "起始日期", "日期范围", "查询时间"),
}
# A bank's name in the rows above the header -> its source, `""` for those that nothing here reads.
# Layouts of different banks share their words, so a name that stands there counts.
_NAMES: Mapping[str, str] = {
    "工商银行": "icbc",
    "建设银行": "ccb",
    "民生银行": "cmbc",
    "平安银行": "pingan",
    **dict.fromkeys(
        (
            "农业银行", "中国银行", "招商银行", "交通银行", "中信银行", "兴业银行", "浦发银行",
            "浦东发展银行", "光大银行", "华夏银行", "广发银行", "邮政储蓄银行", "浙商银行",
            "渤海银行", "恒丰银行", "上海银行", "北京银行", "宁波银行", "江苏银行", "南京银行",
            "杭州银行", "网商银行", "微众银行", "农村商业银行", "农商银行",
        ),
        "",
    ),
}  # fmt: skip
_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_CLOCK = (
    r"CASE WHEN regexp_full_match(clock, '\d{1,2}:\d{2}(:\d{2})?') "
    "THEN TRY_CAST(clock AS INTERVAL) END"
)
_LOST = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")  # 6.217E+15, of a spreadsheet
_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{16,20}(?![0-9A-Za-z])")
_MOMENT = re.compile(r"20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])[0-5]\d")
_AMOUNT = "coalesce(credit, 0) - coalesce(debit, 0)"


def columns_of(**changes: Column) -> Mapping[str, Column]:
    """The columns all banks share; a bank replaces those whose headers are its own."""
    shared = {
        "moment": column("交易时间", "交易日期", "记账日期", type=Type.MOMENT, required=True),
        "own_account": column("本方账号", "账号", type=Type.ID),
        "holder": column("账户名称", "本方户名"),
        "debit": column("借方发生额", type=Type.AMOUNT),
        "credit": column("贷方发生额", type=Type.AMOUNT),
        "balance": column("余额", "账户余额", type=Type.AMOUNT),
        "serial": column("交易流水号", type=Type.ID, required=True),
        "other_side": column("对方户名"),
        "summary": column("摘要"),
        "purpose": column("用途", "交易用途"),
        "postscript": column("附言", "客户附言", "备注"),
        "money": column("币种"),
    }
    return shared | changes


class BankStatement(StatementImporter):
    """What the statements of all banks share."""

    stage = Stage.BANK
    # Real files were workbooks; how a bank's text file ends is not known.
    frame = Frame(free_above=True, line_end=False, totals=True)
    columns: ClassVar[Mapping[str, Column]] = columns_of()
    row_faults = (
        (
            "missing-cell",
            "debit IS NULL AND credit IS NULL",
            "借方/贷方",
            "''",
        ),
        ("both-sides", "debit <> 0 AND credit <> 0", "借方/贷方", "debit * 0.01"),
        *currency_faults("money", "币种"),
    )
    nth: ClassVar[Nth | None] = by_time("moment", _AMOUNT, "balance")
    fields: ClassVar[Mapping[str, str]] = {
        "record_id": serial_id("serial", "moment"),
        "kind": "'bank_line'",
        "kind_raw": "coalesce(summary, '')",
        "occurred_at": "moment",
        "amount_minor": _AMOUNT,
        "balance_minor": "balance",
        "bank_ref": "serial",
        "counterparty": "other_side",
        "memo": "nullif(concat_ws(' ', summary, purpose, postscript), '')",
    }

    def matches(self, head: Head) -> int | None:
        """As all importers, unless the rows above the header name other banks only."""
        row = super().matches(head)
        if row is None:
            return None
        above = "".join(cell for cells in head.normal[:row] for cell in cells)
        named = {source for name, source in _NAMES.items() if name in above}
        return row if not named or self.source in named else None

    def facts(self, file: SourceFile, sheet: Sheet, connection: duckdb.DuckDBPyConnection) -> Facts:
        """Own account, holder, currency and period, from columns or from the lines above."""
        above = _labelled(sheet)
        account, faults = one_account(connection, sheet, "own_account")
        row, number = above.get("account", (0, ""))
        number = _number(number)
        if account is None and _LOST.fullmatch(number):
            cut = fault("lost-digits", sheet.name, row, column="账号", text=number)
            faults = (*faults, cut)
        currency, wrong = _currency(sheet, connection, above.get("currency"))
        declared = _period(above.get("period"))
        holders = values_of(connection, "holder")
        return Facts(
            account=account or number or _named(file.name) or MAIN,
            currency=currency,
            owner=holders[0] if holders else above.get("owner", (0, ""))[1] or None,
            declared_first=declared.declared_first,
            declared_last=declared.declared_last,
            since=declared.since,
            until=declared.until,
            faults=(*faults, *wrong),
        )


class Icbc(BankStatement):
    """Industrial and Commercial Bank of China: historydetail, and the 借方/贷方 layout."""

    name = "icbc-bank"
    source = "icbc"
    required = (
        frozenset({"凭证号", "交易时间", "转入金额", "转出金额"}),
        frozenset({"凭证号", "本方账号", "交易时间", "借方发生额", "贷方发生额"}),
    )
    forbidden = frozenset({"企业流水号"})  # CCB's, in a layout that has all of these
    columns: ClassVar[Mapping[str, Column]] = columns_of(
        debit=column("转出金额", "借方发生额", type=Type.AMOUNT),
        credit=column("转入金额", "贷方发生额", type=Type.AMOUNT),
        serial=column("凭证号", type=Type.ID),
        other_side=column("对方单位", "对方单位名称", "对方户名"),
        postscript=column("附言", "个性化信息"),
    )
    nth = None
    fields: ClassVar[Mapping[str, str]] = {
        name: sql for name, sql in BankStatement.fields.items() if name != "record_id"
    } | {"bank_ref": "CASE WHEN NOT regexp_full_match(serial, '0+') THEN serial END"}


class Ccb(BankStatement):
    """China Construction Bank."""

    name = "ccb-bank"
    source = "ccb"
    required = (
        frozenset({"交易时间", "借方发生额(支取)", "贷方发生额(收入)", "账户明细编号-交易流水号"}),
        frozenset(
            {"交易时间", "借方发生额/元(支取)", "贷方发生额/元(收入)", "账户明细编号-交易流水号"}
        ),
    )
    columns: ClassVar[Mapping[str, Column]] = columns_of(
        debit=column("借方发生额(支取)", "借方发生额/元(支取)", type=Type.AMOUNT),
        credit=column("贷方发生额(收入)", "贷方发生额/元(收入)", type=Type.AMOUNT),
        serial=column("账户明细编号-交易流水号", type=Type.ID, required=True),
    )


class CcbLong(BankStatement):
    """China Construction Bank, the layout of 17 columns with 日期 beside 交易时间 [CODE].

    Whether 交易时间 holds a time or a whole moment is not known: both are read.
    """

    name = "ccb-bank-long"
    source = "ccb"
    required = (
        frozenset(
            {"日期", "交易时间", "借方发生额", "贷方发生额", "交易流水号", "企业流水号", "本方账号"}
        ),
    )
    columns: ClassVar[Mapping[str, Column]] = columns_of(
        moment=column("日期", type=Type.MOMENT, required=True),
        clock=column("交易时间", type=Type.ID),
    )
    row_faults = (
        *BankStatement.row_faults,
        (
            "bad-moment",
            f"clock IS NOT NULL AND {_CLOCK} IS NULL AND as_moment(clock) IS NULL",
            "交易时间",
            "clock",
        ),
    )
    steps = (
        {"at_once": f"coalesce(as_moment(clock), date_trunc('day', moment) + {_CLOCK}, moment)"},
    )
    fields: ClassVar[Mapping[str, str]] = {
        **BankStatement.fields,
        "record_id": serial_id("serial", "at_once"),
        "occurred_at": "at_once",
    }
    nth = by_time("at_once", BankStatement.fields["amount_minor"], "balance")


class Cmbc(BankStatement):
    """China Minsheng Bank."""

    name = "cmbc-bank"
    source = "cmbc"
    required = (frozenset({"交易时间", "交易流水号", "借方发生额", "贷方发生额", "对方账号名称"}),)
    columns: ClassVar[Mapping[str, Column]] = columns_of(other_side=column("对方账号名称"))


class PingAn(BankStatement):
    """Ping An Bank: 收入/支出, and the 借/贷 layout."""

    name = "pingan-bank"
    source = "pingan"
    required = (
        frozenset({"交易时间", "账号", "收入", "支出", "账户余额", "交易流水号"}),
        frozenset({"交易日期", "账号", "借", "贷", "账户余额", "交易流水号"}),
    )
    columns: ClassVar[Mapping[str, Column]] = columns_of(
        debit=column("支出", "借", type=Type.AMOUNT),
        credit=column("收入", "贷", type=Type.AMOUNT),
        other_side=column("对方户名", "对方账户名称"),
    )


def _named(name: str) -> str:
    """The account number in a file's name; a moment, however long, is none."""
    for part in reversed(name.split(":")):
        for found in _NUMBER.findall(part):
            if not _MOMENT.match(found):
                return str(found)
    return ""


def _labelled(sheet: Sheet) -> dict[str, tuple[int, str]]:
    """What the lines above the header say: label → (row, text); the value may be the next cell."""
    found: dict[str, tuple[int, str]] = {}
    for row, cells in sheet.preamble:
        for name, text in _pairs(cells):
            found.setdefault(name, (row, text))
    return found


def _pairs(cells: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    filled = [cell.strip() for cell in cells if cell.strip()]
    for position, cell in enumerate(filled):
        for name, labels in _LABELS.items():
            pattern = rf"[\[【]?({'|'.join(labels)})[\]】]?[:：]\s*(.*)"
            label, colon, value = _labelled_cell(cell)
            match = re.fullmatch(pattern, f"{label}{colon}{value}")
            following = filled[position + 1 : position + 2]
            if match is not None:
                yield name, match.group(2).strip() or "".join(following)
            elif name == "account" and not colon and label in labels and following:
                yield name, following[0]


def _labelled_cell(cell: str) -> tuple[str, str, str]:
    """`账　　号：1202` as label, colon and value; blanks that stretch a label are none of it."""
    parts = re.split("([:：])", cell, maxsplit=1)
    label, colon, value = (*parts, "", "")[:3]
    return re.sub(r"\s+", "", label), colon, value


def _number(text: str) -> str:
    """An account number without disguises, and without the blanks that part its digits."""
    return re.sub(r"(?<=[\d*])\s+(?=[\d*])", "", bare(text))


def _currency(
    sheet: Sheet, connection: duckdb.DuckDBPyConnection, above: tuple[int, str] | None
) -> tuple[str, tuple[Fault, ...]]:
    """The file's currency: of the column, else of the lines above, else CNY."""
    for word in values_of(connection, "money"):
        return CURRENCY_WORDS.get(word.upper(), "CNY"), ()  # an unknown one is a fault of its row
    if above is None or not above[1]:
        return "CNY", ()
    row, word = above
    known = CURRENCY_WORDS.get(normal_header(word).upper())
    if known is None:
        return "CNY", (fault("unknown-value", sheet.name, row, column="币种", text=word),)
    return known, ()


def _period(above: tuple[int, str] | None) -> Period:
    """A period with two ends; one without times is of complete days."""
    moments = moments_in(above[1]) if above is not None else []
    known = [moment for moment in moments if _FIRST_YEAR <= moment.year <= _LAST_YEAR]
    if len(known) != 2 or known[0] > known[1]:  # noqa: PLR2004 - a period has two ends
        return Period()
    return period(*known)
