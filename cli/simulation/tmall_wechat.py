"""A Tmall shop's WeChat account (微信账户账单), 14 columns, GBK CSV; outflows are positive."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from beanclear.cli.simulation.archives import open_text
from beanclear.cli.simulation.clock import DAY, Clock
from beanclear.cli.simulation.ledgers import Ledger, Line, yuan
from beanclear.cli.simulation.options import SHOP_NAME

COLUMNS = (
    "商家昵称,入帐日期,入帐时间,支付流水号,主订单id,子订单id,入帐类型,收入金额(元),支出金额(元),"
    "业务描述,备注,收/付渠道,数据创建时间,数据修改时间"
)
# (entry type, description) of what the platform takes at settlement.
FEES = {
    "base": ("服务费", "基础软件服务费"),
    "category": ("服务费", "类目软件服务费"),
}


class TmallWeChat:
    """The wallet and its monthly bills; it declares no period and has no balance."""

    def __init__(self, folder: Path, clock: Clock, place: int = 0) -> None:
        self.ledger = Ledger(clock.days, 0)
        self._folder = folder
        self._clock = clock
        self._count = place * 100_000_007  # numbers are unique among all accounts
        self._file: IO[str] | None = None

    def line(self, moment: int, amount: int, ids: tuple[str, str], words: tuple[str, str]) -> bool:
        """A movement: the line's unique number and the order's, entry type and description."""
        flow, number = ids
        kind, description = words
        stamp = self._clock.stamp(moment)
        identity = f"{number}\t" if number else ""
        head = (
            f"{SHOP_NAME},{self._clock.dashed(moment // DAY)},{stamp[11:]},{flow}\t,"
            f"{identity},{identity},{kind},"
        )
        tail = f",{description},,微信支付,{stamp},{stamp}"
        return self.ledger.add(moment, amount, head, tail, reserve=kind == "交易退款(售后)")

    def flow(self) -> str:
        """A number for a line that is no buyer's payment."""
        self._count += 1
        return f"5330000{self._count * 7919:021}"

    def fee_line(self, moment: int, amount: int, number: str, name: str) -> bool:
        """A fee (negative) charged for an order."""
        return self.line(moment, amount, (self.flow(), number), FEES[name])

    def payout(self, moment: int, amount: int) -> str:
        """Withdraw a positive amount; the line's number."""
        flow = self.flow()
        self.line(moment, -amount, (flow, ""), ("提现", "提现到银行卡"))
        return flow

    def returned(self, moment: int, amount: int) -> None:
        """A withdrawal comes back."""
        self.line(moment, amount, (self.flow(), ""), ("提现", "提现退回"))

    def payout_fee(self, moment: int, amount: int) -> bool:
        """Withdrawals are free here."""
        del moment, amount
        return False

    def open(self, start: int, end: int) -> None:
        """Begin the bill of a month; a month without a line has none."""
        del end
        self._path = self._folder / f"微信账户账单_{self._clock.month(start)}.csv"
        self._file = None

    def write(self, lines: list[Line], balance: int) -> None:
        """Write a day's lines."""
        del balance
        for line in lines:
            if self._file is None:
                self._file = open_text(self._path)
                self._file.write(f"{COLUMNS}\r\n")
            money = f"{yuan(line.amount)}," if line.amount > 0 else f",{yuan(-line.amount)}"
            self._file.write(f"{line.head}{money}{line.tail}\r\n")

    def close(self) -> None:
        """End the bill."""
        if self._file is not None:
            self._file.close()
