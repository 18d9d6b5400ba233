"""What the passes on payouts share: legs, links, what was found, and which legs may match."""

from __future__ import annotations

import datetime
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from beanclear.ledger.matching_rules import Pair, Step
from beanclear.matching.rules import Rulebook

CANDIDATES_SHOWN_MAX: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutLeg:
    """One leg on a transit account.

    Attributes:
      day: the day it belongs to.
      moment: when on that day, as text that sorts by time; empty where nobody says.
      key: its own key, unique on the account.
      amount_minor: as posted, debit positive: a payout or a reversal is +, a deposit or a
        return −.
      source: the wallet it left or the bank account it reached: batches are made within one.
      reference: the payout's id, where the wallet gives one.
      text: the deposit's memo and reference, where ids are looked for.
      payer: the deposit's counterparty.
      returned: it undoes an earlier leg of its own source and can settle nothing else: a
        payout's return, or a bank's reversal of a deposit.
      collected: a payout below zero: the platform takes money from the bank account.
      left_bank: a bank line that leaves the account and does not say that it is a reversal; only
        such a line settles a payout below zero.
      fee_minor: what the payout loses on its way to the bank by `[[payout_fees]]`.
    """

    day: datetime.date
    key: str
    amount_minor: int
    source: str = ""
    reference: str | None = None
    text: str = ""
    payer: str = ""
    returned: bool = False
    collected: bool = False
    left_bank: bool = False
    fee_minor: int = 0
    moment: str = ""

    @property
    def place(self) -> tuple[datetime.date, str, int, str]:
        """Its place in time. Of those at one moment the amount decides: names say nothing."""
        return self.day, self.moment, self.amount_minor, self.key

    @property
    def net_minor(self) -> int:
        """What is expected at the bank; of any other leg its amount."""
        return self.amount_minor - self.fee_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Legs that belong together, with the pass and the evidence that say so."""

    keys: tuple[str, ...]
    matched_by: str
    evidence: str


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What the passes found on one account.

    Attributes:
      links: the groups.
      ambiguous: the candidates of each leg that fits several ways.
      notes: what else is known of a leg that no pass took: `chance:2.0e-02` or `several:3` of
        sums that are no proof, `part:` of a leg in such a sum, `budget:140000000` of a search
        for sums that was given up.
    """

    links: list[Link] = field(default_factory=list)
    ambiguous: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


class Timeline:
    """Legs in order of time, to be asked for those that are not too far from a day."""

    def __init__(self, legs: Sequence[PayoutLeg], rules: Rulebook) -> None:
        self.legs = legs
        self.reach = rules.reach
        self.days = [leg.day for leg in legs]

    def around(self, day: datetime.date) -> Sequence[PayoutLeg]:
        """The legs within reach of the day, in order."""
        first = bisect_left(self.days, day - self.reach)
        return self.legs[first : bisect_right(self.days, day + self.reach)]


def in_order(payout: PayoutLeg, deposit: PayoutLeg) -> tuple[Pair, PayoutLeg, PayoutLeg]:
    """What pair a leg of either side are, the earlier leg, and what settles or undoes it."""
    if deposit.collected:
        # Some platforms show the money before the bank does, some after.
        first, then = (deposit, payout) if deposit.day <= payout.day else (payout, deposit)
        return Pair.PAYOUT_DEPOSIT, first, then
    if payout.returned:
        return Pair.DEPOSIT_REVERSAL, deposit, payout
    return Pair.PAYOUT_RETURN if deposit.returned else Pair.PAYOUT_DEPOSIT, payout, deposit


def fits(payout: PayoutLeg, deposit: PayoutLeg, rules: Rulebook, step: Step) -> bool:
    """Whether the one may settle the other in a pass, by source, day and text."""
    if deposit.collected and not payout.left_bank:
        return False
    pair, first, then = in_order(payout, deposit)
    if then.returned and (first.returned or first.source != then.source):
        return False
    opens, ends = rules.window(pair, step, first.day)
    if not opens <= then.day <= ends:
        return False
    line = payout if deposit.collected else then  # the bank's
    said = f"{line.payer} {line.text}" if pair is not Pair.PAYOUT_RETURN else None
    return rules.may(pair, step, first.day, said)
