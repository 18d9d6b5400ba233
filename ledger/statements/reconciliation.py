"""The reconciliation report: how each clearing account's balance is explained (P1).

    balance = in transit + open items, by class and age

Tables only; `beanclear.cli` renders them. Amounts are minor units, debit positive.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from beanclear.ledger.beancount_text import minor
from beanclear.ledger.reconciliation import Matched
from beanclear.ledger.vocabulary import ItemClass, OpenItem

# Age in days since the event, at the account's as-of date: first and last day of each bucket.
AGES: tuple[tuple[int, int | None], ...] = ((0, 30), (31, 60), (61, 90), (91, None))
_ORDER = {str(klass): index for index, klass in enumerate(ItemClass)}


class AccountFigures(Protocol):
    """What the pipeline knows about one clearing account."""

    @property
    def account(self) -> str:
        """The clearing account."""

    @property
    def as_of(self) -> datetime.date | None:
        """The date it is judged at; none when nothing can be judged yet."""

    @property
    def balance_minor(self) -> int:
        """Its balance at that date."""

    @property
    def currency(self) -> str:
        """The currency of all its figures."""

    @property
    def in_transit_minor(self) -> int:
        """The sum of items that are not due yet."""

    @property
    def in_transit_count(self) -> int:
        """How many these are."""

    @property
    def matched(self) -> tuple[Matched, ...]:
        """What each pass of matching closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """Open items of one class and one age bucket."""

    klass: str
    age: str
    count: int
    amount_minor: int
    at_stake_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReport:
    """One clearing account; `difference_minor` is what nothing explains and must be zero."""

    account: str
    as_of: datetime.date | None
    currency: str
    balance_minor: int
    matched: tuple[Matched, ...]
    in_transit_minor: int
    in_transit_count: int
    open: tuple[OpenLine, ...]
    open_minor: int
    open_count: int

    @property
    def difference_minor(self) -> int:
        """Balance less what explains it."""
        return self.balance_minor - self.in_transit_minor - self.open_minor


def age_days(item: OpenItem) -> int:
    """Days from the event to the date the item was judged at."""
    return (item.as_of - item.date).days


def age_bucket(days: int) -> str:
    """The bucket of an age: `0-30`, ..., `91+`."""
    for first, last in reversed(AGES):
        if days >= first:
            return f"{first}+" if last is None else f"{first}-{last}"
    return f"{AGES[0][0]}-{AGES[0][1]}"


def report(accounts: Iterable[AccountFigures], items: Iterable[OpenItem]) -> list[AccountReport]:
    """One report per clearing account, in the order of their names."""
    by_account: dict[tuple[str, str], list[OpenItem]] = defaultdict(list)
    for item in items:
        by_account[item.account, item.amount.currency].append(item)
    return [
        _account(state, by_account[state.account, state.currency])
        for state in sorted(accounts, key=lambda state: (state.account, state.currency))
    ]


def _account(state: AccountFigures, items: list[OpenItem]) -> AccountReport:
    return AccountReport(
        account=state.account,
        as_of=state.as_of,
        currency=state.currency,
        balance_minor=state.balance_minor,
        matched=state.matched,
        in_transit_minor=state.in_transit_minor,
        in_transit_count=state.in_transit_count,
        open=_open_lines(items),
        open_minor=sum(minor(item.amount) for item in items),
        open_count=len(items),
    )


def _open_lines(items: list[OpenItem]) -> tuple[OpenLine, ...]:
    groups: dict[tuple[str, str], list[OpenItem]] = defaultdict(list)
    for item in items:
        groups[item.klass, age_bucket(age_days(item))].append(item)
    return tuple(
        OpenLine(
            klass=klass,
            age=age,
            count=len(group),
            amount_minor=sum(minor(item.amount) for item in group),
            at_stake_minor=sum(minor(item.at_stake) for item in group),
        )
        for (klass, age), group in sorted(groups.items(), key=_class_then_age)
    )


def _class_then_age(entry: tuple[tuple[str, str], list[OpenItem]]) -> tuple[int, int]:
    (klass, _age), group = entry
    return _ORDER.get(klass, len(_ORDER)), min(age_days(item) for item in group)
