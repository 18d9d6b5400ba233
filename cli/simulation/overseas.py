"""A marketplace abroad: a wallet that holds dollars and yuan, read through `[[tables]]`.

It sells in dollars, keeps a part of each day's sales back and releases it two weeks later,
exchanges dollars for yuan once a week at a rate of its own, and pays the yuan out through the
treasury like every other wallet. When it has to take money back it collects a negative payout from
the bank. Its tables are nobody's format: `beanclear.toml` beside them says how to read them.
"""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from beanclear.cli.simulation.archives import open_text
from beanclear.cli.simulation.bank import Bank
from beanclear.cli.simulation.clock import DAY, Clock
from beanclear.cli.simulation.ledgers import Ledger, Line, yuan
from beanclear.cli.simulation.options import Options
from beanclear.cli.simulation.treasury import Family
from beanclear.cli.simulation.truth import MatchTruth, OpenTruth, PayoutTruth

SETTINGS = "beanclear.toml"
WALLET = "Assets:Wallet:Globe"
RECEIVABLE = "Assets:Receivable:Globe"
CONVERSION = "Assets:Transit:Conversion:Globe"
GLOBE = Family(name="Globe", payer="环球收付支付有限公司", summary="跨境收款", memo="环球收付提现")
COLUMNS = "Date,Type,Order,Reference,Amount,Currency,Balance,Line"
# The booked rate in millionths of a yuan for a dollar; the marketplace's own lies around it.
BOOKED_RATE = 7_100_000
_SPREAD = 60_000
_FEE_PPM, _FEE_FIXED = 30_000, 30  # 3 % and 0.30 of a sale
_KEPT_PPM, _KEPT_DAYS = 100_000, 14
_SHARE = 40  # one order here for so many in the shops
_SETTLED_DAYS = 20  # what lies further back is past due at the end
SETTINGS_TEXT = """\
# How the tables of the marketplace abroad are read, who pays its yuan out, what a fee may be, and
# the booked rate.
# Append this to the beanclear.toml of the books.

[[tables]]
name = "globe"
match = ["Date", "Type", "Order", "Reference", "Line"]
stage = "wallet"
source = "globe"
platform = "globe"
currency_column = "Currency"
columns = { occurred_at = "Date", kind = "Type", order_id = "Order", trade_id = "Reference", \
amount = "Amount", balance = "Balance", record_id = "Line" }
kinds = { Sale = "sale", Freight = "shipping", Refund = "refund", Fee = "fee", \
Reserve = "reserve", Release = "release", Exchange = "conversion", Payout = "payout", \
"Payout returned" = "payout_return", "Payout fee" = "payment_fee" }
reversals = ["payout"]  # taken from the bank where more was paid back than sold

[[matching]]
family = "globe"
payers = ["环球收付"]

[[fees]]
platform = "taobao"
contains = "类目软件服务费"
rate_percent = "5"
maximum = "8.00"

[[rates]]
currency = "USD"
rate = "7.1"
"""


class Purse:
    """The wallet in one currency, with a table a month."""

    def __init__(self, overseas: Overseas, currency: str, opening: int) -> None:
        self.ledger = Ledger(overseas.clock.days, opening)
        self.currency = currency
        self._overseas = overseas
        self._rows: list[str] = []

    def line(self, moment: int, amount: int, kind: str, order: str = "", ref: str = "") -> str:
        """A movement; its number."""
        number = self._overseas.number()
        head = f"{self._overseas.clock.stamp(moment)},{kind},{order},{ref},"
        self.ledger.add(moment, amount, head, number)
        return number

    def payout(self, moment: int, amount: int) -> str | None:
        """Withdraw a positive amount; there is no id but the line's own."""
        self.line(moment, -amount, "Payout")
        return None

    def returned(self, moment: int, amount: int) -> None:
        """A withdrawal comes back."""
        self.line(moment, amount, "Payout returned")

    def payout_fee(self, moment: int, amount: int) -> bool:
        """A charge for a withdrawal."""
        self.line(moment, -amount, "Payout fee")
        return True

    def write(self, lines: list[Line], balance: int) -> None:
        """Keep a day's lines for the month's table."""
        for line in lines:
            balance += line.amount
            money = f"{yuan(line.amount)},{self.currency},{yuan(balance)}"
            self._rows.append(f"{line.head}{money},{line.tail}\n")

    def close(self, path: Path) -> None:
        """Write the month's table, if anything moved."""
        if self._rows:
            with open_text(path, "utf-8") as file:
                _write(file, self._rows)
        self._rows = []


def _write(file: IO[str], rows: list[str]) -> None:
    file.write(f"{COLUMNS}\n")
    file.writelines(rows)


@dataclass(slots=True, kw_only=True)
class Overseas:
    """The marketplace: what it sells, keeps, exchanges and collects."""

    folder: Path
    clock: Clock
    rng: random.Random
    bank: Bank
    options: Options
    open_items: list[OpenTruth] = field(default_factory=list)
    matches: list[MatchTruth] = field(default_factory=list)
    lines: dict[str, list[tuple[datetime.date, int]]] = field(default_factory=dict)
    dollars: Purse = field(init=False)
    yuan: Purse = field(init=False)
    _count: int = 0
    _start: int = 0
    _lost: bool = False

    def __post_init__(self) -> None:
        """Open both purses, and write the settings."""
        self.dollars = Purse(self, "USD", 0)
        self.yuan = Purse(self, "CNY", 500_000)
        with open_text(self.folder / SETTINGS, "utf-8") as file:
            file.write(SETTINGS_TEXT)

    def number(self) -> str:
        """The next line's number."""
        self._count += 1
        return f"GL{self.options.seed % 1000:03}{self._count:09}"

    def morning(self, day: int) -> None:
        """The sales of a day, and once a week an exchange."""
        per_day = max(2, self.options.orders // _SHARE // self.clock.days)
        sold = sum(self._sell(day, place) for place in range(self.rng.randint(1, 2 * per_day)))
        kept = sold * _KEPT_PPM // 1_000_000
        evening = day * DAY + 23 * 3600
        self.dollars.line(evening, -kept, "Reserve")
        self.dollars.line(evening + _KEPT_DAYS * DAY, kept, "Release")
        if day % 7 == 2:  # noqa: PLR2004 - a weekday
            self._exchange(day)
        if day == self.clock.days - 1:
            # A table speaks for the days before its last row: this is that row, in both.
            self.yuan.line(evening, -1, "Payout fee")
        if day % 30 == 17 and self.options.faulty:  # noqa: PLR2004 - once a month
            self._collect(day)

    def _sell(self, day: int, place: int) -> int:
        """One order, and its refund one time in twenty; what was sold for."""
        moment = day * DAY + 8 * 3600 + place * 120 % 50_000
        order = f"G{self.clock.plain(day)}{place:05}"
        price = 500 + self.rng.randrange(12_000)
        freight = 399 if self.rng.random() < 0.3 else 0  # noqa: PLR2004 - some pay freight
        self._order_line(moment, price, "Sale", order)
        if freight:
            self._order_line(moment, freight, "Freight", order)
        charge = (price * _FEE_PPM + 500_000) // 1_000_000 + _FEE_FIXED
        self.dollars.line(moment, -charge, "Fee", order)
        if self.rng.random() < 0.05:  # noqa: PLR2004 - as said above
            back = moment + self.rng.randint(1, 9) * DAY
            self._order_line(back, -price, "Refund", order)
        return price

    def _order_line(self, moment: int, amount: int, kind: str, order: str) -> None:
        """A line that settles an order, noted for the truth."""
        self.dollars.line(moment, amount, kind, order)
        if moment // DAY < self.clock.days:
            day = self.clock.date(moment // DAY)
            self.lines.setdefault(order, []).append((day, amount))

    def _exchange(self, day: int) -> None:
        """Dollars for yuan, at a rate near the booked one."""
        amount = max(self.dollars.ledger.balance, 0) * 7 // 10
        if not amount:
            return
        rate = BOOKED_RATE + self.rng.randint(-_SPREAD, _SPREAD)
        moment, ref = day * DAY + 6 * 3600, f"EX{self.clock.plain(day)}"
        self.dollars.line(moment, -amount, "Exchange", ref=ref)
        due = day < self.clock.days - _SETTLED_DAYS
        if self.options.faulty and not self._lost and day > _SETTLED_DAYS and due:
            self._lost = True  # what was sold for never came
            self.open_items.append(
                OpenTruth(
                    account=CONVERSION,
                    klass="missing-conversion",
                    date=self.clock.date(day),
                    amount_minor=amount,
                    at_stake_minor=amount,
                    fault="missing-conversion",
                    currency="USD",
                )
            )
            return
        self.yuan.line(moment + 60, amount * rate // 1_000_000, "Exchange", ref=ref)

    def _collect(self, day: int) -> None:
        """The marketplace takes money back: from the bank into its wallet."""
        amount = 3_000 + self.rng.randrange(20_000)
        self.yuan.line(day * DAY + 7 * 3600, amount, "Payout")
        arrives = self.clock.after(day, self.rng.randrange(2))
        moment = arrives * DAY + 11 * 3600
        reference = self.bank.line(moment, -amount, GLOBE.payer, "扣款", "环球收付扣收")
        if reference is not None:
            taken = PayoutTruth(id=None, date=self.clock.date(day), amount_minor=amount)
            self.matches.append(
                MatchTruth(
                    account=GLOBE.account,
                    payouts=(taken,),
                    deposits=(reference,),
                    evidence="negative",
                )
            )

    def open(self, start: int) -> None:
        """Begin a month's tables."""
        self._start = start

    def write_day(self, day: int) -> None:
        """Write a day's lines."""
        for purse in (self.dollars, self.yuan):
            balance = purse.ledger.balance
            purse.write(purse.ledger.take(day), balance)

    def close(self) -> None:
        """End the month's tables."""
        month = self.clock.month(self._start)
        self.dollars.close(self.folder / f"globe-usd-{month}.csv")
        self.yuan.close(self.folder / f"globe-cny-{month}.csv")
