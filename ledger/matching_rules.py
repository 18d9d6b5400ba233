"""What may match on transit accounts: one table of rules, the shipped ones and the books' own.

A rule is a row: for these families, this pair of lines and these passes, from a day until a day, it
says some of the values that a pass asks for. What it leaves out the rows before it say. So the
values in force for one line are what the last row says that fits it: the shipped rows in their
order, then those of `[[matching]]` in beanclear.toml; of these the ones for `*` before those for a
family, the earlier begun before the later, else in the order of the file.

    RuleTable().effective("alipay", Pair.PAYOUT_DEPOSIT, Step.SET, day)

Orders and wallet lines need no row: they share a key, and a key is no matter of days or amounts.
Importing this module imports nothing heavy.
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Final

from beanclear.ledger.calendar import Days
from beanclear.ledger.calendars import BASE


class Pair(StrEnum):
    """Which line comes first, and which may settle or undo it.

    `payout-deposit`: a wallet line of kind `payout`, and a bank line of the family's payer.
    `payout-return`: a payout, and a line of kind `payout_return` of the same wallet.
    `deposit-reversal`: such a bank line, and one that takes it back from the same bank account.
    """

    PAYOUT_DEPOSIT = "payout-deposit"
    PAYOUT_RETURN = "payout-return"
    DEPOSIT_REVERSAL = "deposit-reversal"


class Step(StrEnum):
    """What a pass asks: an id in a text, a return, equal amounts, a pairing, a run, a set."""

    REFERENCE = "reference"
    RETURN = "return"
    AMOUNT = "amount"
    ASSIGNMENT = "assignment"
    RUN = "run"
    SET = "set"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingRule:
    """One row. What is None is left to the rows before.

    Attributes:
      family: the payout family it is for; `*` is every family.
      pair: the lines it is for; None: every pair.
      passes: the passes it is for; empty: every pass.
      first, last: the first and the last day of the earlier line; None: no end.
      allowed: whether those passes may take that pair at all.
      before, after: how long before or after the earlier line the later one may come. The
        reference pass asks for no days.
      calendar: whose business days count.
      tolerance: minor units by currency that amounts may differ by; only for the assignment
        pass, for all others take equal amounts and exact sums. No entry: 0.
      margin: minor units by currency by which every other pairing must be worse. No entry: more
        than the tolerance.
      key: the reference of the wallet line that is looked for in texts of the bank.
      key_length: the fewest characters such a reference has.
      payers: names of bank counterparties whose lines are of the family; they add to the
        names of rows before.
      required: texts of which one must stand in the counterparty or memo of a bank line; a
        pass that asks for amounts or days takes no other.
      items: the most lines that a set may have.
    """

    family: str = "*"
    pair: Pair | None = None
    passes: tuple[Step, ...] = ()
    first: datetime.date | None = None
    last: datetime.date | None = None
    allowed: bool | None = None
    before: Days | None = None
    after: Days | None = None
    calendar: str | None = None
    tolerance: Mapping[str, int] | None = None
    margin: Mapping[str, int] | None = None
    key: str | None = None
    key_length: int | None = None
    payers: tuple[str, ...] = ()
    required: tuple[str, ...] | None = None
    items: int | None = None

    def holds(self, family: str, day: datetime.date) -> bool:
        """Whether it is for the family and for lines of the day."""
        return self.family in {"*", family} and (
            (self.first is None or self.first <= day) and (self.last is None or day <= self.last)
        )


_NONE: Final = Days(unit="T", count=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """The values in force for one family, pair, pass and day: as `MatchingRule`, none left out."""

    allowed: bool = False
    before: Days = _NONE
    after: Days = _NONE
    calendar: str = BASE
    tolerance: Mapping[str, int] = field(default_factory=dict)
    margin: Mapping[str, int] = field(default_factory=dict)
    key: str = "payout_id"
    key_length: int = 8
    required: tuple[str, ...] = ()
    items: int = 10

    def margin_in(self, currency: str) -> int:
        """By how many minor units another pairing must be worse."""
        return self.margin.get(currency, self.tolerance.get(currency, 0) + 1)


_VALUES: Final = tuple(value.name for value in fields(Effective))

# Payouts reach the bank within 5 business days of China, the longest that the platforms' rules
# leave; so do returns. A set of payouts that are no neighbours has less to say for itself, so its
# members must lie closer together.
SHIPPED: Final[tuple[MatchingRule, ...]] = (
    MatchingRule(allowed=True, after=Days(unit="B", count=5)),
    MatchingRule(
        pair=Pair.PAYOUT_DEPOSIT, passes=(Step.SET,), after=Days(unit="B", count=3), items=10
    ),
    MatchingRule(pair=Pair.PAYOUT_DEPOSIT, passes=(Step.REFERENCE,), key="payout_id", key_length=8),
    # Payers: `formats/chinese.md` §8, collected from public reconciliation code; names as banks
    # print them.
    MatchingRule(
        family="alipay",
        payers=(
            "支付宝(中国)网络技术有限公司客户备付金",
            "支付宝(中国)网络技术有限公司",
            "支付宝支付科技有限公司",
        ),
    ),
    MatchingRule(
        family="wechat",
        payers=(
            "财付通支付科技有限公司客户备付金",
            "深圳市财付通支付科技有限公司",
            "财付通支付科技有限公司",
        ),
    ),
    MatchingRule(family="pinduoduo", payers=("上海寻梦信息技术有限公司",)),
)


def _laid(rows: Iterable[MatchingRule]) -> Effective:
    """Rows laid one over the other: the last that says a value decides, by currency for sums."""
    said: dict[str, Any] = {}
    for row in rows:
        for name in _VALUES:
            value = getattr(row, name)
            if isinstance(value, Mapping):
                value = {**said.get(name, {}), **value}
            if value is not None:
                said[name] = value
    return Effective(**said)


class RuleTable:
    """The rows in force, to be asked for one line at a time."""

    def __init__(self, own: Iterable[MatchingRule] = ()) -> None:
        ranked = sorted(own, key=lambda row: (row.family != "*", row.first or datetime.date.min))
        self.own = tuple(ranked)
        self.rows = (*SHIPPED, *ranked)
        self._laid: dict[tuple[int, ...], Effective] = {}

    def effective(self, family: str, pair: Pair, step: Step, day: datetime.date) -> Effective:
        """The values in force for an earlier line of `day`."""
        fitting = tuple(
            place
            for place, row in enumerate(self.rows)
            if (not row.passes or step in row.passes)
            and row.pair in {None, pair}
            and row.holds(family, day)
        )
        if fitting not in self._laid:
            self._laid[fitting] = _laid(self.rows[place] for place in fitting)
        return self._laid[fitting]

    def payer_families(
        self, counterparty: str | None
    ) -> list[tuple[datetime.date, datetime.date, str]]:
        """The payout families of a bank line's counterparty: from a day, until a day, family.

        The longest name contained in it decides; the books' own rows go before shipped ones.
        """
        name = normalised(counterparty or "")
        known = [
            (row in self.own, len(needle), row)
            for row in self.rows
            for payer in row.payers
            if (needle := normalised(payer)) and needle in name
        ]
        if not known:
            return []
        one = datetime.timedelta(days=1)
        begins = {datetime.date.min}
        for _own, _length, row in known:
            begins |= {row.first} if row.first else set()
            begins |= {row.last + one} if row.last and row.last < datetime.date.max else set()
        starts = sorted(begins)
        ends = [*(start - one for start in starts[1:]), datetime.date.max]
        found = []
        for start, end in zip(starts, ends, strict=True):
            holding = [
                (own, length, row.family)
                for own, length, row in known
                if row.holds(row.family, start)
            ]
            if holding:
                found.append((start, end, max(holding)[2]))
        return found


def normalised(text: str) -> str:
    """`text` as payers are compared: full width folded, no blanks, no brackets.

    Banks print 支付宝（中国）… and 支付宝(中国)…, and 客户备付金 in all kinds of brackets.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if not sign.isspace() and sign not in "()[]【】〔〕")
