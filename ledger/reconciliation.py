"""What matching finds: the state of every clearing account at its as-of date.

Amounts are minor units on the clearing account, debit positive. Importing this module imports
nothing heavy.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import NamedTuple

from beanclear.ledger.calendar import Term
from beanclear.ledger.vocabulary import ItemClass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearingPolicy:
    """Policy of one clearing account, from its `open` directive.

    Attributes:
      clearing: what closes an item: `order`, `payout`, `conversion` or `line`.
      term: from which event an item is due, and when.
      grace_days: days after that in which it is not yet an exception.
      tolerance_minor: a rest of `currency` up to it is closed as a difference.
      difference: the account that takes such a rest.
    """

    account: str
    clearing: str
    term: Term
    grace_days: int
    tolerance_minor: int
    difference: str | None
    currency: str = "CNY"


class ExtraLeg(NamedTuple):
    """A leg from outside the records: a decision's, or a manual entry's posting.

    A tuple, because manual entries can be many. `side` is `decision` or `manual`; amount in minor
    units, debit positive.
    """

    account: str
    currency: str
    key: str
    day: datetime.date
    amount_minor: int
    side: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One exception that is past due, or one bucket of receipts from before the first export.

    Attributes:
      amount_minor: what it leaves on the account; zero for a check such as a fee variance.
      at_stake_minor: what is in question, positive.
      date: the event it stems from; `due`: when its other side was due.
      count: the lines of a bucket; none for a single item.
      expected_minor, found_minor: the two figures that differ, where two were compared.
      candidates: keys that fit equally well; neither was taken.
      note: what else matching found out: `chance:2.0e-02`, `several:3`, `budget:140000000`
        (`beanclear.matching.payout_legs.Outcome`), `trade-bill` of a refund without an order,
        `aged` or `kept` of an advance.
      rule: what was agreed, of a fee: `基础软件服务费 0.6 %`.
    """

    account: str
    currency: str
    key: str
    klass: ItemClass
    amount_minor: int
    at_stake_minor: int
    date: datetime.date
    due: datetime.date
    order_id: str | None = None
    trade_id: str | None = None
    payout_id: str | None = None
    bank_ref: str | None = None
    counterparty: str | None = None
    document: str | None = None
    row: int | None = None
    count: int | None = None
    expected_minor: int | None = None
    found_minor: int | None = None
    candidates: tuple[str, ...] = ()
    note: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transit:
    """Items of one event day that are not yet due, or that a later leg closes."""

    account: str
    currency: str
    day: datetime.date
    due: datetime.date | None
    amount_minor: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """Advances of the orders that began on one day, on their own account, at the end of `as_of`."""

    account: str
    currency: str
    as_of: datetime.date
    day: datetime.date
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A rest that policy closes as a difference on `day`, moved to the account `to`.

    `klass` says why: `rounding` within tolerance, `fx` of a conversion, `payout-fee`.
    """

    account: str
    currency: str
    key: str
    day: datetime.date
    amount_minor: int
    to: str
    klass: str = "rounding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Groups that one pass closed.

    Attributes:
      name: `decision`, `key`, `reference`, `return`, `amount`, `assignment` or `sum`.
      count: how many groups.
      amount_minor: what was expected and came, minor units: the debits of the closed groups.
    """

    name: str
    count: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearingState:
    """One clearing account in one currency at the end of its as-of date.

    `matched` has the closed groups by the pass that closed them; P1 holds:
    `balance_minor == in_transit_minor + open_minor`.
    """

    account: str
    currency: str
    as_of: datetime.date
    balance_minor: int
    in_transit_minor: int
    in_transit_count: int
    open_minor: int
    open_count: int
    matched: tuple[Matched, ...] = ()
    awaiting: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """The state of all clearing accounts, each sorted so that equal inputs give equal text."""

    states: tuple[ClearingState, ...]
    transits: tuple[Transit, ...]
    items: tuple[Item, ...]
    rests: tuple[Rest, ...]
    advances: tuple[Advance, ...] = ()
