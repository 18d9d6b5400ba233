"""The company's bank account, exported as a monthly workbook in one of four corporate layouts.

The layouts are those of ICBC, CCB, CMBC and Ping An as this project's importers read them. A
bank file declares no period: it speaks for the days before its last row.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from beanclear.cli.simulation.archives import write_xlsx
from beanclear.cli.simulation.clock import DAY, Clock
from beanclear.cli.simulation.ledgers import Ledger, yuan
from beanclear.cli.simulation.options import COMPANY


class Entry(NamedTuple):
    """A bank line; `amount` in fen is positive for money in."""

    reference: str
    stamp: str
    amount: int
    balance: int
    counterparty: str
    account: str
    branch: str
    summary: str
    memo: str

    @property
    def out(self) -> str:
        """The debit column: money out, or empty."""
        return yuan(-self.amount) if self.amount < 0 else ""

    @property
    def into(self) -> str:
        """The credit column: money in, or empty."""
        return yuan(self.amount) if self.amount > 0 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How one bank writes a statement.

    Attributes:
      source, ledger: our names of the bank, in records and in accounts.
      number: the account's number; empty where the file does not hold it.
      prefix: how the bank's serial numbers begin.
      name: file name from the first and last day and the month's count.
      preamble: rows above the header.
      columns: header and how a cell is made of an entry.
    """

    source: str
    ledger: str
    number: str
    prefix: str
    name: Callable[[datetime.date, datetime.date, int], str]
    preamble: tuple[tuple[str, ...], ...]
    columns: tuple[tuple[str, Callable[[Entry], str]], ...]

    @property
    def leaf(self) -> str:
        """The end of the ledger accounts: `CCB:8826`, or `ICBC`."""
        return f"{self.ledger}:{self.number[-4:]}" if self.number else self.ledger


_CCB = "6217000000008826"
_CMBC = "6226000000001122"
_PINGAN = "1100000000000093"
LAYOUTS = {
    "icbc": Layout(
        source="icbc", ledger="ICBC", number="", prefix="ICBC",
        name=lambda first, last, count: f"historydetail{14080 + count}.xlsx",
        preamble=(),
        columns=(
            ("[HISTORYDETAIL]", lambda entry: ""),
            ("凭证号", lambda entry: entry.reference),
            ("交易时间", lambda entry: entry.stamp),
            ("对方单位", lambda entry: entry.counterparty),
            ("对方账号", lambda entry: entry.account),
            ("转入金额", lambda entry: entry.into),
            ("转出金额", lambda entry: entry.out),
            ("余额", lambda entry: yuan(entry.balance)),
            ("摘要", lambda entry: entry.summary),
            ("附言", lambda entry: entry.memo),
        ),
    ),
    "ccb": Layout(
        source="ccb", ledger="CCB", number=_CCB, prefix="CCB",
        name=lambda first, last, count: (
            f"A{58170 + count:06}_ND{last:%m}_CN000_{last:%Y%m%d}235910_{count:04}_resp.xlsx"
        ),
        preamble=(),
        columns=(
            ("账号", lambda entry: _CCB),
            ("账户名称", lambda entry: COMPANY),
            ("交易时间", lambda entry: entry.stamp),
            ("记账日期", lambda entry: entry.stamp[:10]),
            ("借方发生额（支取）", lambda entry: entry.out),
            ("贷方发生额（收入）", lambda entry: entry.into),
            ("余额", lambda entry: yuan(entry.balance)),
            ("对方账号", lambda entry: entry.account),
            ("对方户名", lambda entry: entry.counterparty),
            ("对方开户机构", lambda entry: entry.branch),
            ("摘要", lambda entry: f"{entry.summary} {entry.memo}".strip()),
            ("账户明细编号-交易流水号", lambda entry: entry.reference),
            ("币种", lambda entry: "CNY"),
        ),
    ),
    "cmbc": Layout(
        source="cmbc", ledger="CMBC", number=_CMBC, prefix="CMBC",
        name=lambda first, last, count: f"活期账户交易明细查询{last:%Y%m%d}2359{count:05}.xlsx",
        preamble=((f"账号：{_CMBC}", "", f"账户名称：{COMPANY}", "币种：CNY"),),
        columns=(
            ("交易时间", lambda entry: entry.stamp),
            ("交易流水号", lambda entry: entry.reference),
            ("借方发生额", lambda entry: entry.out),
            ("贷方发生额", lambda entry: entry.into),
            ("账户余额", lambda entry: yuan(entry.balance)),
            ("对方账号", lambda entry: entry.account),
            ("对方账号名称", lambda entry: entry.counterparty),
            ("对方开户行", lambda entry: entry.branch),
            ("客户附言", lambda entry: f"{entry.summary} {entry.memo}".strip()),
        ),
    ),
    "pingan": Layout(
        source="pingan", ledger="PingAn", number=_PINGAN, prefix="PA",
        name=lambda first, last, count: f"{first:%Y-%m-%d}至{last:%Y-%m-%d}交易明细.xlsx",
        preamble=(),
        columns=(
            ("交易时间", lambda entry: entry.stamp),
            ("账号", lambda entry: _PINGAN),
            ("收入", lambda entry: entry.into),
            ("支出", lambda entry: entry.out),
            ("账户余额", lambda entry: yuan(entry.balance)),
            ("对方户名", lambda entry: entry.counterparty),
            ("对方账号", lambda entry: entry.account),
            ("对方账号开户行", lambda entry: entry.branch),
            ("摘要", lambda entry: entry.summary),
            ("交易流水号", lambda entry: entry.reference),
            ("核心唯一流水号", lambda entry: f"C{entry.reference}"),
            ("交易用途", lambda entry: entry.memo),
            ("币种", lambda entry: "CNY"),
        ),
    ),
}  # fmt: skip


class Bank:
    """The account: lines wait in their day, a workbook is written at each month's end."""

    def __init__(self, folder: Path, clock: Clock, name: str, opening: int) -> None:
        self.layout = LAYOUTS[name]
        self.ledger = Ledger(clock.days, opening)
        self._folder = folder
        self._clock = clock
        self._count = 0
        self._months = 0
        self._rows: list[list[str]] = []
        self._start = 0
        self._end = 0

    def line(
        self, moment: int, amount: int, counterparty: str, summary: str, memo: str = ""
    ) -> str | None:
        """Schedule a line; the bank's serial number, or none when it falls after the end."""
        if moment // DAY >= self.ledger.days:
            return None
        self._count += 1
        reference = f"{self.layout.prefix}{self._clock.plain(moment // DAY)}{self._count:07}"
        self.ledger.add(moment, amount, reference, "\t".join((counterparty, summary, memo)))
        return reference

    def open(self, start: int, end: int) -> None:
        """Begin a month's statement."""
        self._start, self._end = start, end
        self._rows = []

    def write_day(self, day: int) -> None:
        """Move a day's lines to the statement."""
        balance = self.ledger.balance
        for line in self.ledger.take(day):
            balance += line.amount
            counterparty, summary, memo = line.tail.split("\t")
            entry = Entry(
                line.head, self._clock.stamp(line.moment), line.amount, balance, counterparty,
                f"3300{sum(map(ord, counterparty)):012}", "中国银行杭州分行", summary, memo,
            )  # fmt: skip
            self._rows.append([cell(entry) for _, cell in self.layout.columns])

    def close(self) -> None:
        """Write the month's workbook, if there is anything to write."""
        first, last = self._clock.date(self._start), self._clock.date(self._end - 1)
        name = self.layout.name(first, last, self._months)
        self._months += 1
        if not self._rows:
            return
        header = [title for title, _ in self.layout.columns]
        made = datetime.datetime.combine(self._clock.date(self._end), datetime.time(8))
        write_xlsx(self._folder / name, [*self.layout.preamble, header, *self._rows], made)
