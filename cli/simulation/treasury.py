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
from beanclear.cli.simulation.truth import MatchTruth, OpenTruth, PayoutTruth

_SMALLEST = 10_000  # fen: below this nobody withdraws
_KEPT = 20_000  # fen: left in a wallet for what may be given back
_MEMORY = 20  # days in which payouts of a family must not be confused
_RETURNS_AFTER = 4  # days a batch waits for its second payout at most


class Wallet(Protocol):
    """What the treasury needs of a wallet."""

    ledger: Ledger

    def payout(self, moment: int, amount: int) -> str | None:
        """Withdraw; the payout's id where the platform gives one."""


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


@dataclass(slots=True, kw_only=True)
class Treasury:
    """Decides each morning what is withdrawn, and when it arrives."""

    rng: random.Random
    clock: Clock
    bank: Bank
    purses: list[Purse]
    plan: dict[str, list[tuple[int, int]]]
    open_items: list[OpenTruth] = field(default_factory=list)
    matches: list[MatchTruth] = field(default_factory=list)
    payouts: int = 0
    _recent: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def morning(self, day: int) -> None:
        """All withdrawals of a day, before its first sale."""
        for place, purse in enumerate(self.purses):
            if purse.twin is not None:
                self._second_twin(purse, purse.twin, day)
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
        payout = self._pay(purse, day, amount)
        if purse.held is not None:
            self._arrive(purse, (purse.held, payout), day, self.rng.randrange(2))
            purse.held = None
        elif self._due(faults.MISSING_DEPOSIT, place, day):
            self._open(purse, faults.MISSING_DEPOSIT, payout)
        elif self.rng.random() < 0.12:  # noqa: PLR2004 - one payout in eight waits for the next
            purse.held, purse.held_day = payout, day
            purse.next_day = day + self.rng.choice((2, 3))
        elif self.rng.random() < 0.12:  # noqa: PLR2004 - and as many come in two parts
            self._arrive_in_parts(purse, payout, day)
        else:
            self._arrive(purse, (payout,), day, self.rng.randrange(3))

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
        return PayoutTruth(id=number, date=self.clock.date(day), amount_minor=amount)

    def _distinct(self, family: Family, day: int, amount: int) -> int:
        """Lower `amount` by fen until no few payouts of late add up to the same as others."""
        recent = [known for known in self._recent.get(family.name, ()) if known[0] > day - _MEMORY]
        sums = {
            sum(chosen)
            for size in range(4)
            for chosen in itertools.combinations([known[1] for known in recent], size)
        }
        while any(one + amount in sums for one in sums):
            amount -= 1
        self._recent[family.name] = [*recent, (day, amount)]
        return amount

    def _deposit(self, family: Family, day: int, amount: int, memo: str) -> str | None:
        moment = day * DAY + 10 * 3600 + self.rng.randrange(7 * 3600)
        return self.bank.line(moment, amount, family.payer, family.summary, memo)

    def _arrive(self, purse: Purse, payouts: tuple[PayoutTruth, ...], day: int, lag: int) -> None:
        """One deposit for one or several payouts, `lag` business days later."""
        family = purse.family
        memo = family.memo
        if purse.memo_has_id and len(payouts) == 1 and self.rng.random() < 0.5:  # noqa: PLR2004 - about half
            memo = f"{memo} {payouts[0].id}"
        amount = sum(payout.amount_minor for payout in payouts)
        reference = self._deposit(family, self.clock.after(day, lag), amount, memo)
        if reference is not None:
            self._match(family, payouts, (reference,))

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
            self._match(family, (payout,), known)

    def _match(
        self, family: Family, payouts: tuple[PayoutTruth, ...], deposits: tuple[str, ...]
    ) -> None:
        self.matches.append(MatchTruth(account=family.account, payouts=payouts, deposits=deposits))

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
