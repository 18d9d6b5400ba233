"""The company's bank account, exported as a monthly workbook in one of four corporate layouts.

The layouts are those of ICBC, CCB, CMBC and Ping An as this project's importers read them. A
bank file declares no period: it speaks for the days before its last row.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from beanclear.cli.simulation.archives import write_xlsx
from beanclear.cli.simulation.clock import DAY, Clock
from beanclear.cli.simulation.ledgers import Ledger, yuan
from beanclear.cli.simulation.options import COMPANY


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How one bank writes a statement; texts in braces are filled in by line or by file.

    Attributes:
      source, ledger: our names of the bank, in records and in accounts.
      number: the account's number; empty where the file does not hold it.
      prefix: how the bank's serial numbers begin.
      name: the file's name, from `first` and `last` day and the month's `count`.
      preamble: rows above the header.
      columns: header and cell; 借方 is money out of the account, 贷方 money in.
    """

    source: str
    ledger: str
    number: str
    prefix: str
    name: str
    preamble: tuple[tuple[str, ...], ...] = ()
    columns: tuple[tuple[str, str], ...]

    @property
    def leaf(self) -> str:
        """The end of the ledger accounts: `CCB:8826`, or `ICBC`."""
        return f"{self.ledger}:{self.number[-4:]}" if self.number else self.ledger


_CCB = "6217000000008826"
_CMBC = "6226000000001122"
_PINGAN = "1100000000000093"
LAYOUTS = {
    "icbc": Layout(
        source="icbc",
        ledger="ICBC",
        number="",
        prefix="ICBC",
        name="historydetail{count:05}.xlsx",
        columns=(
            ("[HISTORYDETAIL]", ""),
            ("凭证号", "{reference}"),
            ("交易时间", "{stamp}"),
            ("对方单位", "{counterparty}"),
            ("对方账号", "{account}"),
            ("转入金额", "{into}"),
            ("转出金额", "{out}"),
            ("余额", "{balance}"),
            ("摘要", "{summary}"),
            ("附言", "{memo}"),
        ),
    ),
    "ccb": Layout(
        source="ccb",
        ledger="CCB",
        number=_CCB,
        prefix="CCB",
        name="A{count:06}TB_ND{last:%m}_CN000_{last:%Y%m%d}235910_0001_resp.xlsx",
        columns=(
            ("账号", _CCB),
            ("账户名称", COMPANY),
            ("交易时间", "{stamp}"),
            ("记账日期", "{day}"),
            ("借方发生额（支取）", "{out}"),
            ("贷方发生额（收入）", "{into}"),
            ("余额", "{balance}"),
            ("对方账号", "{account}"),
            ("对方户名", "{counterparty}"),
            ("对方开户机构", "{branch}"),
            ("摘要", "{summary} {memo}"),
            ("账户明细编号-交易流水号", "{reference}"),
            ("币种", "CNY"),
        ),
    ),
    "cmbc": Layout(
        source="cmbc",
        ledger="CMBC",
        number=_CMBC,
        prefix="CMBC",
        name="活期账户交易明细查询{last:%Y%m%d}2359{count:05}.xlsx",
        preamble=((f"账号：{_CMBC}", "", f"账户名称：{COMPANY}", "币种：CNY"),),
        columns=(
            ("交易时间", "{stamp}"),
            ("交易流水号", "{reference}"),
            ("借方发生额", "{out}"),
            ("贷方发生额", "{into}"),
            ("账户余额", "{balance}"),
            ("对方账号", "{account}"),
            ("对方账号名称", "{counterparty}"),
            ("对方开户行", "{branch}"),
            ("客户附言", "{summary} {memo}"),
        ),
    ),
    "pingan": Layout(
        source="pingan",
        ledger="PingAn",
        number=_PINGAN,
        prefix="PA",
        name="{first:%Y-%m-%d}至{last:%Y-%m-%d}交易明细.xlsx",
        columns=(
            ("交易时间", "{stamp}"),
            ("账号", _PINGAN),
            ("收入", "{into}"),
            ("支出", "{out}"),
            ("账户余额", "{balance}"),
            ("对方户名", "{counterparty}"),
            ("对方账号", "{account}"),
            ("对方账号开户行", "{branch}"),
            ("摘要", "{summary}"),
            ("交易流水号", "{reference}"),
            ("核心唯一流水号", "C{reference}"),
            ("交易用途", "{memo}"),
            ("币种", "CNY"),
        ),
    ),
}


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
            stamp = self._clock.stamp(line.moment)
            cells = {
                "reference": line.head,
                "stamp": stamp,
                "day": stamp[:10],
                "out": yuan(-line.amount) if line.amount < 0 else "",
                "into": yuan(line.amount) if line.amount > 0 else "",
                "balance": yuan(balance),
                "counterparty": counterparty,
                "account": f"3300{sum(map(ord, counterparty)):012}" if counterparty else "",
                "branch": "中国银行杭州分行" if counterparty else "",
                "summary": summary,
                "memo": memo,
            }
            self._rows.append([text.format(**cells) for _, text in self.layout.columns])

    def close(self) -> None:
        """Write the month's workbook, if there is anything to write."""
        first, last = self._clock.date(self._start), self._clock.date(self._end - 1)
        name = self.layout.name.format(first=first, last=last, count=14080 + self._months)
        self._months += 1
        if not self._rows:
            return
        header = [title for title, _ in self.layout.columns]
        made = datetime.datetime.combine(self._clock.date(self._end), datetime.time(8))
        write_xlsx(self._folder / name, [*self.layout.preamble, header, *self._rows], made)
