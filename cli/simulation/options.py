"""What a simulated company is made of: the options, their bounds and the fixed facts."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

from beanclear.cli.simulated_cases import CASES, USUAL
from beanclear.ledger.i18n import gettext as _

BANKS: Final = ("icbc", "ccb", "cmbc", "pingan")

# An order lives at most this many days from creation to completion; order exports look back
# far enough that each order is seen once in its final state.
LONGEST_LIFE: Final = 17
LOOKBACK: Final = 50
# Faults are past due at the end: claims this many days, payouts more than ten business days.
CLAIM_MARGIN: Final = 25
PAYOUT_MARGIN: Final = 18
SHORTEST_WITH_FAULTS: Final = 65

ALIPAY_PID: Final = "2088051240251282"
WECHAT_MERCHANT: Final = "1618203915"
WECHAT_APP: Final = "wx8f3a1c0b7d2e4f69"
COMPANY: Final = "杭州清账商贸有限公司"
SHOP_NAME: Final = "清账家居旗舰店"
MOST_SHOPS: Final = 9
# With more orders than this `truth.json` names no single wallet lines: it would be very large.
MOST_LINES_FOR: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to simulate; equal options give the same bytes.

    Attributes:
      orders: orders created within the period, over all shops.
      days: length of the period in days, from `first_day`.
      seed: of the one random generator.
      faults: share of orders that are faulty; with 400 orders or more every kind of fault
        occurs at least once, with 0 none does.
      first_day: first day of the exports; older orders are the cut-over.
      bank: layout of the bank statements: `icbc`, `ccb`, `cmbc` or `pingan`.
      own_orders: whether the own shop exports `orders.csv`; without it the trade bill is the
        order side.
      clean: nothing is open at the end: no faults, no cut-over, no unexplained bank lines.
      shops: how many shops there are on each platform. The second and further ones have wallets
        of their own and lie in the folders `shop2`, `shop3`, …; all use one bank account.
      overseas: whether there is a marketplace abroad too, whose wallet holds dollars and yuan;
        its tables are read by the `beanclear.toml` that is written beside them.
      rates: (case of `CASES`, thousandths); what is not named happens as `faults` says, or never.
    """

    orders: int = 2000
    days: int = 90
    seed: int = 1
    faults: float = 0.01
    first_day: datetime.date = datetime.date(2026, 6, 1)
    bank: str = "ccb"
    own_orders: bool = True
    clean: bool = False
    shops: int = 1
    overseas: bool = False
    rates: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated.

        Raises:
          ValueError: naming the option that is out of its bounds.
        """
        if self.orders < 0:
            raise ValueError(_("orders: %(value)s is negative") % {"value": self.orders})
        if self.days < 1:
            raise ValueError(_("days: %(value)s is not at least one") % {"value": self.days})
        if not 0 <= self.faults <= 0.1:  # noqa: PLR2004 - more would not be a shop
            raise ValueError(
                _("faults: %(value)s is not between 0 and 0.1") % {"value": self.faults}
            )
        if self.faulty and self.days < SHORTEST_WITH_FAULTS:
            raise ValueError(
                _(
                    "days: %(value)s is too short for faults to be past due; "
                    "take at least %(least)d, or faults=0"
                )
                % {"value": self.days, "least": SHORTEST_WITH_FAULTS}
            )
        if self.bank not in BANKS:
            raise ValueError(
                _("bank: %(value)r is none of %(banks)s")
                % {"value": self.bank, "banks": ", ".join(BANKS)}
            )
        if not 1 <= self.shops <= MOST_SHOPS:
            raise ValueError(
                _("shops: %(value)s is not between 1 and %(most)s")
                % {"value": self.shops, "most": MOST_SHOPS}
            )
        for name, rate in self.rates:
            if name not in CASES:
                raise ValueError(
                    _("rate: %(name)r is none of %(cases)s")
                    % {"name": name, "cases": ", ".join(CASES)}
                )
            if not 0 <= rate <= 1000:  # noqa: PLR2004 - thousandths
                raise ValueError(
                    _("rate: %(name)s=%(value)s is not between 0 and 1000")
                    % {"name": name, "value": rate}
                )

    @property
    def faulty(self) -> bool:
        """Whether faults are put in at all."""
        return (self.faults > 0 or bool(self.rates)) and not self.clean and self.orders > 0

    def rate(self, case: str) -> int:
        """How many of a thousand have the case, where it has a rate of its own; else as usual."""
        return dict(self.rates).get(case, USUAL.get(case, 0))

    @property
    def last_day(self) -> datetime.date:
        """The last simulated day."""
        return self.first_day + datetime.timedelta(days=self.days - 1)
