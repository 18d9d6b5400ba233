"""What else the company pays and earns: rent, salaries, suppliers, advertising, deposits."""

from __future__ import annotations

import random

from beanclear.cli.simulation.alipay import Alipay
from beanclear.cli.simulation.bank import Bank
from beanclear.cli.simulation.clock import DAY, Clock
from beanclear.cli.simulation.faults import UNCATEGORISED
from beanclear.cli.simulation.ledgers import Ledger
from beanclear.cli.simulation.options import Options
from beanclear.cli.simulation.pinduoduo import Pinduoduo
from beanclear.cli.simulation.truth import OpenTruth, RiskTruth

# A month before the end come a few days without any of this.
_QUIET = range(28, 33)
# Day of the month: (counterparty, summary, memo, share of the balance in millionths, sign).
MONTHLY = {
    5: ("杭州云谷物业管理有限公司", "房租", "{month}月房租", 18_000, -1),
    10: ("代发工资", "工资", "{month}月工资", 60_000, -1),
    15: ("国家税务总局杭州市税务局", "税款", "增值税及附加", 9_000, -1),
    21: ("", "结息", "存款利息", 45, 1),
    25: ("杭州市社会保险管理服务中心", "社保", "{month}月社保", 14_000, -1),
}
# (counterparty, summary, memo, how many times less than for goods is paid)
SUPPLIERS = (
    ("义乌市优织家纺有限公司", "货款", "采购货款", 1),
    ("德化县白瓷工艺厂", "货款", "采购货款", 1),
    ("圆通速递有限公司", "快递费", "{month}月快递费", 8),
    ("杭州印包纸业有限公司", "货款", "包装材料款", 4),
)


class Company:
    """Books the movements that no order explains."""

    def __init__(
        self,
        *,
        options: Options,
        clock: Clock,
        rng: random.Random,
        luck: random.Random,
        bank: Bank,
        alipay: Alipay,
        pinduoduo: Pinduoduo,
    ) -> None:
        self.open_items: list[OpenTruth] = []
        self.risks: list[RiskTruth] = []
        self._luck = luck
        self._options = options
        self._clock = clock
        self._rng = rng
        self._bank = bank
        self._alipay = alipay
        self._pinduoduo = pinduoduo
        self._invested = 0
        self._as_of = clock.days - 2  # the bank's last complete day, counted from 0

    def morning(self, day: int) -> None:
        """All movements of a day, decided by what is there in the morning."""
        self._wallets(day)
        if day == self._clock.days - 1:
            # The bank's file speaks for the days before its last row: the fee is that row.
            self._bank.line(day * DAY + 64_000, -2000, "", "手续费", "账户管理费")
        if not self._options.clean:
            self._bank_lines(day)

    def _bank_lines(self, day: int) -> None:
        if self._as_of - day in _QUIET:
            return
        month_day = self._clock.date(day).day
        if month_day in MONTHLY:
            *texts, share, sign = MONTHLY[month_day]
            # Holidays move most of these; interest comes on its day.
            when = day if sign > 0 else self._clock.after(day, 0)
            amount = sign * max(self._bank.ledger.balance * share // 1_000_000, 100)
            self._book(when, amount, texts)
        if self._clock.business(day) and self._rng.random() < 0.22:  # noqa: PLR2004 - weekly
            amount = -int(self._bank.ledger.balance * (0.02 + 0.1 * self._rng.random()))
            *texts, less = self._rng.choice(SUPPLIERS)
            booked = self._book(day, amount // less, texts)
            rate = self._options.rate("repeated-line")
            if booked and rate and self._luck.random() < rate / 1000:
                self._again(day + self._luck.randint(1, 2), amount // less, texts)

    def _again(self, day: int, amount: int, texts: list[str]) -> None:
        """The same payment to the same supplier once more."""
        if (reference := self._book(day, amount, texts)) is not None:
            account = f"Assets:Bank:{self._bank.layout.leaf}"
            risk = RiskTruth(check="repeated-bank-line", account=account, bank_ref=reference)
            self.risks.append(risk)

    def _book(self, day: int, amount: int, texts: list[str]) -> str | None:
        """A line of the bank and the open item that it is at once; its number."""
        if self._as_of - day in _QUIET:
            return None
        moment = day * DAY + 9 * 3600 + self._rng.randrange(3600)
        counterparty, summary, memo = texts
        text = memo.format(month=self._clock.date(day).month)
        reference = self._bank.line(moment, amount, counterparty, summary, text)
        if reference is None or day > self._as_of:
            return reference
        self.open_items.append(
            OpenTruth(
                account=f"Assets:Suspense:{self._bank.layout.leaf}",
                klass=UNCATEGORISED,
                date=self._clock.date(day),
                amount_minor=-amount,
                at_stake_minor=abs(amount),
                fault=UNCATEGORISED,
                bank_ref=reference,
            )
        )
        return reference

    def _wallets(self, day: int) -> None:
        moment = day * DAY + 6 * 3600 + 2400 + self._rng.randrange(1000)
        spare = _spare(self._alipay.ledger)
        if day % 7 == 3 and spare > 0:  # noqa: PLR2004 - a weekday for each
            self._alipay.other_line(moment, -spare // 1000 * 100, "advertising")
        if day % 21 == 6 and spare > 0:  # noqa: PLR2004 - a rhythm in days
            self._invested = spare // 500 * 100
            self._alipay.other_line(moment, -self._invested, "fund-in")
        if day % 21 == 10 and self._invested:  # noqa: PLR2004 - a rhythm in days
            self._alipay.other_line(moment, self._invested, "fund-out")
            self._invested = 0
        if day % 40 == 12 and spare > 0:  # noqa: PLR2004 - a rhythm in days
            self._alipay.other_line(moment, -min(spare // 1000 * 100, 100_000), "deposit")
        spare = _spare(self._pinduoduo.ledger)
        if day % 7 == 5 and spare > 0:  # noqa: PLR2004 - a rhythm in days
            self._pinduoduo.line(moment, -spare // 1000 * 100, "", "advertising")
        if day % 40 == 20 and spare > 0:  # noqa: PLR2004 - a rhythm in days
            self._pinduoduo.line(moment, -min(spare // 1000 * 100, 50_000), "", "deposit")


def _spare(ledger: Ledger) -> int:
    """What a small payment may be taken from beside the morning's payout; 0 for too little."""
    spare = (ledger.balance - max(ledger.reserved, 0)) // 5
    return spare if spare >= 5000 else 0  # noqa: PLR2004 - fen
