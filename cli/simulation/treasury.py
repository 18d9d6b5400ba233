"""Payouts from the wallets to the bank, and everything else the company's money does."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from typing import Protocol

from beanclear.cli.simulation import faults
from beanclear.cli.simulation.bank import Bank
from beanclear.cli.simulation.clock import DAY, Clock
from beanclear.cli.simulation.ledgers import Ledger
from beanclear.cli.simulation.options import Options
from beanclear.cli.simulation.truth import MatchTruth, OpenTruth, PayoutTruth

_SMALLEST = 10_000  # fen: below this nobody withdraws
_KEPT = 20_000  # fen: left in a wallet for what may be given back
_FEW = 20  # payouts whose sums of three can be kept apart
_MEMORY = 20  # days in which payouts of a family must not be confused
_RETURNS_AFTER = 4  # days a batch waits for its second payout at most
_PAYOUT_FEE = 1000  # millionths
_SHAPES = ("run", "subset", "returned", "cancelled", "pair")
# Payouts, two a day, of which every other one is in the same deposit. A set that is no run is
# evidence within three business days only.
_SUBSET_OF = 4


class Wallet(Protocol):
    """What the treasury needs of a wallet."""

    ledger: Ledger

    def payout(self, moment: int, amount: int) -> str | None:
        """Withdraw; the payout's id where the platform gives one."""

    def returned(self, moment: int, amount: int) -> None:
        """A withdrawal comes back."""

    def payout_fee(self, moment: int, amount: int) -> bool:
        """A charge for a withdrawal; whether this wallet has such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Wallets that the same payer pays out, sharing one transit account."""

    name: str
    payer: str
    summary: str
    memo: str

    @property
    def account(self) -> str:
        """The clearing account of money in transit."""
        return f"Assets:Transit:{self.name}"


ALIPAY = Family(
    name="Alipay",
    payer="支付宝（中国）网络技术有限公司客户备付金",
    summary="转账",
    memo="支付宝转账",
)
WECHAT = Family(
    name="WeChat", payer="财付通支付科技有限公司客户备付金", summary="转账", memo="微信支付提现"
)
PINDUODUO = Family(
    name="Pinduoduo", payer="上海寻梦信息技术有限公司", summary="转账", memo="拼多多货款"
)


@dataclass(slots=True, kw_only=True)
class Purse:
    """A wallet with the state of its withdrawals."""

    family: Family
    wallet: Wallet
    memo_has_id: bool = False
    to_the_end: bool = False  # its bill declares no period: something must happen on the last day
    next_day: int = 2
    held: PayoutTruth | None = None  # the first payout of a batch
    held_day: int = 0
    twin: PayoutTruth | None = None  # the first of two equal payouts
    shape: str = ""  # what its payouts of now will have been
    group: list[PayoutTruth] = field(default_factory=list)
    goal: int = 0


def _sums(amounts: list[int], most: int) -> set[int]:
    """The sums of none, one, … and at most so many of the amounts."""
    return {
        sum(chosen) for size in range(most + 1) for chosen in itertools.combinations(amounts, size)
    }


@dataclass(slots=True, kw_only=True)
class Treasury:
    """Decides each morning what is withdrawn, and when it arrives."""

    rng: random.Random
    clock: Clock
    bank: Bank
    options: Options
    luck: random.Random
    purses: list[Purse]
    plan: dict[str, list[tuple[int, int]]]
    open_items: list[OpenTruth] = field(default_factory=list)
    matches: list[MatchTruth] = field(default_factory=list)
    returns: list[MatchTruth] = field(default_factory=list)
    payouts: int = 0
    _recent: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def morning(self, day: int) -> None:
        """All withdrawals of a day, before its first sale."""
        for place, purse in enumerate(self.purses):
            if purse.twin is not None:
                self._second_twin(purse, purse.twin, day)
            elif purse.shape and not (purse.to_the_end and day == self.clock.days - 1):
                self._go_on(purse, day)
            elif purse.held is not None and day - purse.held_day > _RETURNS_AFTER:
                self._arrive(purse, (purse.held,), day, 0)
                purse.held = None
            elif purse.to_the_end and day == self.clock.days - 1:
                self._last(purse, day)
            elif day >= purse.next_day:
                self._withdraw(purse, place, day)
        self._strangers(day)

    def _available(self, purse: Purse) -> int:
        ledger = purse.wallet.ledger
        return ledger.balance - max(ledger.reserved, 0) - _KEPT

    def _last(self, purse: Purse, day: int) -> None:
        """A small payout that does not arrive any more."""
        amount = purse.wallet.ledger.balance // 10
        if amount > 0:
            self._pay(purse, day, amount)

    def _withdraw(self, purse: Purse, place: int, day: int) -> None:
        purse.next_day = day + 1
        amount = int(self._available(purse) * (0.7 + 0.2 * self.rng.random()))
        if amount < _SMALLEST:
            return
        purse.next_day = day + self.rng.choice((2, 3, 3, 4, 5))
        if purse.held is None and self._due(faults.AMBIGUOUS, place, day):
            purse.twin = self._pay(purse, day, amount * 2 // 5 // 100 * 100)
            return
        if purse.held is None and (shape := self._shape()):
            self._begin(purse, shape, day, amount)
            return
        payout = self._pay(purse, day, amount)
        if purse.held is not None:
            self._arrive(purse, (purse.held, payout), day, self.rng.randrange(2))
            purse.held = None
        elif self._due(faults.MISSING_DEPOSIT, place, day):
            self._open(purse, faults.MISSING_DEPOSIT, payout)
        elif self.rng.random() < self.options.rate("batch") / 1000:
            purse.held, purse.held_day = payout, day
            purse.next_day = day + self.rng.choice((2, 3))
        elif self.rng.random() < self.options.rate("split") / 1000:
            self._arrive_in_parts(purse, payout, day)
        else:
            self._arrive(purse, (payout,), day, self.rng.randrange(3))

    def _shape(self) -> str:
        """A shape that has a rate and happens now; mostly none."""
        for shape in _SHAPES:
            rate = self.options.rate(shape)
            if rate and self.luck.random() < rate / 1000:
                return shape
        return ""

    def _begin(self, purse: Purse, shape: str, day: int, amount: int) -> None:
        """The first payout of a shape of several lines."""
        purse.goal = 1
        if shape in {"run", "subset"}:
            purse.goal = _SUBSET_OF if shape == "subset" else self.luck.randint(3, 5)
            amount = amount * 3 // 10
        elif shape == "pair":
            purse.goal, amount = 2, amount * 2 // 5
        if amount < _SMALLEST:
            return
        purse.shape, purse.held_day = shape, day
        purse.group = [self._pay(purse, day, amount)]
        if shape == "subset":
            purse.group.append(self._pay(purse, day, amount * 4 // 5))
        if shape in {"returned", "cancelled"}:
            back = self.clock.after(day + 1, self.luck.randrange(2))
            moment = back * DAY + 8 * 3600 + self.luck.randrange(3600)
            amount = purse.group[0].amount_minor
            purse.wallet.returned(moment, amount)
            purse.held_day = back
            if back < self.clock.days:
                came = PayoutTruth(id=None, date=self.clock.date(back), amount_minor=amount)
                self.returns.append(
                    MatchTruth(
                        account=purse.family.account,
                        payouts=(purse.group[0],),
                        returned=(came,),
                        evidence="return",
                    )
                )

    def _go_on(self, purse: Purse, day: int) -> None:
        """The next payout of a shape, and the deposits once all are there."""
        first = purse.group[0].amount_minor
        if purse.shape in {"returned", "cancelled"}:
            if day > purse.held_day:
                if purse.shape == "returned" and purse.wallet.ledger.balance >= first:
                    again = self._pay(purse, day, first, again=True)
                    self._arrive(purse, (again,), day, self.luck.randrange(2))
                self._end(purse, day)
            return
        if purse.shape == "pair":
            if purse.wallet.ledger.balance >= first:
                purse.group.append(self._pay(purse, day, first, again=True))
        elif (amount := self._available(purse) * 3 // 10) >= _SMALLEST:
            purse.group.append(self._pay(purse, day, amount))
            if purse.shape == "subset":
                purse.group.append(self._pay(purse, day, amount * 4 // 5))
        waits = 0 if purse.shape == "subset" else _RETURNS_AFTER
        if len(purse.group) < purse.goal and day - purse.held_day <= waits:
            return
        self._arrive_shaped(purse, tuple(purse.group), day)
        self._end(purse, day)

    def _arrive_shaped(self, purse: Purse, group: tuple[PayoutTruth, ...], day: int) -> None:
        """The deposits of a shape; one that stayed incomplete arrives as one."""
        if purse.shape == "subset" and len(group) == purse.goal:
            for part in (group[::2], group[1::2]):
                self._arrive(purse, part, day, self.luck.randrange(2), evidence="subset")
        elif purse.shape == "pair" and len(group) == purse.goal:
            days = [self.clock.after(day, lag) for lag in (0, self.luck.randrange(2))]
            found = [
                self._deposit(purse.family, arrives, group[0].amount_minor, purse.family.memo)
                for arrives in days
            ]
            deposits = tuple(reference for reference in found if reference is not None)
            # Of one deposit nobody could say which of two equal payouts it is.
            if len(deposits) == len(group):
                self._match(purse.family, group, deposits, "pair")
        else:
            self._arrive(purse, group, day, self.luck.randrange(2))

    def _end(self, purse: Purse, day: int) -> None:
        purse.shape, purse.group = "", []
        purse.next_day = day + self.luck.choice((2, 3, 4))

    def _due(self, kind: str, place: int, day: int) -> bool:
        """Whether a planned fault happens now; after a week any wallet serves."""
        for planned in self.plan[kind]:
            if day >= planned[0] and (place == planned[1] or day >= planned[0] + 5):
                self.plan[kind].remove(planned)
                return True
        return False

    def _pay(self, purse: Purse, day: int, amount: int, *, again: bool = False) -> PayoutTruth:
        if not again:
            amount = self._distinct(purse.family, day, amount)
        moment = day * DAY + 6 * 3600 + self.rng.randrange(2400)
        number = purse.wallet.payout(moment, amount)
        self.payouts += 1
        fee_rate = self.options.rate("payout-fee")
        if fee_rate and self.luck.random() < fee_rate / 1000:
            purse.wallet.payout_fee(moment + 60, max(amount * _PAYOUT_FEE // 1_000_000, 10))
        return PayoutTruth(id=number, date=self.clock.date(day), amount_minor=amount)

    def _distinct(self, family: Family, day: int, amount: int) -> int:
        """Lower `amount` by fen until no few payouts of late add up to the same as others.

        Where many wallets share a family, only single payouts and pairs are kept apart: of three
        and more so many sums exist that there is always one that fits.
        """
        recent = [one for one in self._recent.get(family.name, ()) if one[0] > day - _MEMORY]
        known = [one for _day, one in recent]
        least = amount - amount // 10
        # From the strictest wish to the one that can always be met: another amount than the others.
        for most, beside in ((3, 3), (2, 1), (1, 0)) if len(recent) <= _FEW else ((2, 1), (1, 0)):
            sums, added = _sums(known, most), _sums(known, beside)
            found = amount
            while found > least and any(one + found in sums for one in added):
                found -= 1
            if found > least:
                break
        self._recent[family.name] = [*recent, (day, found)]
        return found

    def _deposit(self, family: Family, day: int, amount: int, memo: str) -> str | None:
        moment = day * DAY + 10 * 3600 + self.rng.randrange(7 * 3600)
        return self.bank.line(moment, amount, family.payer, family.summary, memo)

    def _arrive(
        self,
        purse: Purse,
        payouts: tuple[PayoutTruth, ...],
        day: int,
        lag: int,
        evidence: str = "run",
    ) -> None:
        """One deposit for one or several payouts, `lag` business days later."""
        family = purse.family
        memo = family.memo
        evidence = evidence if len(payouts) > 1 else "amount"
        if purse.memo_has_id and len(payouts) == 1 and self.rng.random() < 0.5:  # noqa: PLR2004 - about half
            memo = f"{memo} {payouts[0].id}"
            evidence = "id"
        amount = sum(payout.amount_minor for payout in payouts)
        reference = self._deposit(family, self.clock.after(day, lag), amount, memo)
        if reference is not None:
            self._match(family, payouts, (reference,), evidence)

    def _arrive_in_parts(self, purse: Purse, payout: PayoutTruth, day: int) -> None:
        family = purse.family
        first = int(payout.amount_minor * (0.3 + 0.35 * self.rng.random()))
        first = self._distinct(family, day, first)
        arrives = self.clock.after(day, self.rng.randrange(3))
        references = [
            self._deposit(family, arrives, amount, family.memo)
            for amount in (first, payout.amount_minor - first)
        ]
        known = tuple(reference for reference in references if reference is not None)
        if known:
            self._match(family, (payout,), known, "run")

    def _match(
        self,
        family: Family,
        payouts: tuple[PayoutTruth, ...],
        deposits: tuple[str, ...],
        evidence: str,
    ) -> None:
        self.matches.append(
            MatchTruth(
                account=family.account, payouts=payouts, deposits=deposits, evidence=evidence
            )
        )

    def _second_twin(self, purse: Purse, first: PayoutTruth, day: int) -> None:
        """The same amount again, and one deposit that could be either's."""
        if purse.wallet.ledger.balance < first.amount_minor:
            raise AssertionError("the first of two equal payouts left too little")
        second = self._pay(purse, day, first.amount_minor, again=True)
        purse.twin = None
        for payout in (first, second):
            self._open(purse, faults.AMBIGUOUS, payout)
        arrives = self.clock.after(day, 1)
        reference = self._deposit(purse.family, arrives, first.amount_minor, purse.family.memo)
        self._open_deposit(purse.family, faults.AMBIGUOUS, arrives, first.amount_minor, reference)

    def _strangers(self, day: int) -> None:
        """A deposit of a platform's payer that no payout explains."""
        if not self.clock.business(day):
            return
        for planned in self.plan[faults.UNIDENTIFIED]:
            if day >= planned[0]:
                self.plan[faults.UNIDENTIFIED].remove(planned)
                family = self.purses[planned[1]].family
                amount = self._distinct(family, day, 5_001 + self.rng.randrange(80_000))
                reference = self._deposit(family, day, amount, family.memo)
                self._open_deposit(family, faults.UNIDENTIFIED, day, amount, reference)
                return

    def _open(self, purse: Purse, kind: str, payout: PayoutTruth) -> None:
        self.open_items.append(
            OpenTruth(
                account=purse.family.account,
                klass=kind,
                date=payout.date,
                amount_minor=payout.amount_minor,
                at_stake_minor=payout.amount_minor,
                fault=kind,
                payout_id=payout.id,
            )
        )

    def _open_deposit(
        self, family: Family, kind: str, day: int, amount: int, reference: str | None
    ) -> None:
        self.open_items.append(
            OpenTruth(
                account=family.account,
                klass=kind,
                date=self.clock.date(day),
                amount_minor=-amount,
                at_stake_minor=amount,
                fault=kind,
                bank_ref=reference,
            )
        )
