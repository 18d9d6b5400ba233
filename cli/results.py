"""What the pipeline tells the commands: plain values, nothing to render."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from pathlib import Path

from beanclear.ledger.errors import Fault
from beanclear.ledger.reconciliation import Item, Matched
from beanclear.ledger.vocabulary import OpenItem


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How to run.

    Attributes:
      files: exports to book besides those in the inbox; they stay where they are.
      accept: names of contradicted files that `by` books all the same.
      covers: ledger account → the day to which its statements are said to be complete.
      rebuild: forget the record store and derive it again from `documents/`.
      dry_run: change nothing; the result's `diff` says what would change.
      as_of: judge no account later than this day.
      rebook: changed settings may correct closed months, in the open one.
      taxpayer: set `general` or `small` in beanclear.toml first.
      engine: run on `duckdb` or `spark`, this time.
      records: set this URI in beanclear.toml first, and book what lies there.
    """

    files: tuple[Path, ...] = ()
    accept: frozenset[str] = frozenset()
    by: str | None = None
    covers: dict[str, datetime.date] = field(default_factory=dict)
    rebuild: bool = False
    dry_run: bool = False
    as_of: datetime.date | None = None
    rebook: bool = False
    taxpayer: str | None = None
    engine: str | None = None
    records: str | None = None
    lock_timeout: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentResult:
    """What became of one statement: `booked`, `known` (booked before) or `refused`.

    `left_out` counts the rows that the table's mapping leaves out.
    """

    file: str
    state: str
    importer: str = ""
    source: str = ""
    account: str = ""
    grade: str = ""
    rows: int = 0
    left_out: int = 0
    first: datetime.date | None = None
    last: datetime.date | None = None
    accepted_by: str | None = None
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """One clearing account at its as-of date; minor units, debit positive."""

    account: str
    as_of: datetime.date
    currency: str
    balance_minor: int
    in_transit_minor: int
    in_transit_count: int
    open_minor: int
    open_count: int
    matched: tuple[Matched, ...] = ()
    awaiting: str | None = None

    @property
    def matched_count(self) -> int:
        """Groups that closed, by whatever pass."""
        return sum(one.count for one in self.matched)


@dataclass(frozen=True, slots=True, kw_only=True)
class TieOut:
    """One tie-out of a statement: by how much it does not hold, in minor units; zero holds."""

    statement: str
    label: str
    difference_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TieOuts:
    """The tie-outs of the statutory statements of one period.

    Attributes:
      failure: why the statements cannot be made, where they cannot; there are no checks then.
      waiting: they can be made as soon as somebody says a rate: no fault of the books.
    """

    period: str
    checks: tuple[TieOut, ...] = ()
    failure: str = ""
    waiting: bool = False

    @property
    def wrong(self) -> tuple[TieOut, ...]:
        """Those that do not hold."""
        return tuple(one for one in self.checks if one.difference_minor)

    @property
    def hold(self) -> bool:
        """Whether all of them do, as far as they can be made."""
        return (self.waiting or not self.failure) and not self.wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run booked, matched and left open.

    Attributes:
      changed: relative paths that were written or removed.
      diff: with `dry_run`, a unified diff.
      check_errors: what Beancount and the plugins say, apart from the open items themselves.
      tie_outs: of the statements of the last month; none of empty books and of a dry run.
      from_text: it is what the text of the books says, in a clone without originals.
    """

    documents: tuple[DocumentResult, ...] = ()
    accounts: tuple[AccountState, ...] = ()
    items: tuple[OpenItem, ...] = ()
    assumptions: tuple[str, ...] = ()
    reminders: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    changed: tuple[str, ...] = ()
    diff: str | None = None
    check_errors: tuple[str, ...] = ()
    tie_outs: TieOuts | None = None
    from_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStep:
    """One line on the way of an order or payout; `matched_by` is the pass that closed it.

    Attributes:
      stage: a `Stage`; `decision`, `manual` or `difference` where no statement has the line.
      posted_minor: what it puts on the clearing account, debit positive; none when nothing.
    """

    stage: str
    source: str
    account: str
    date: datetime.date
    kind: str
    amount_minor: int
    currency: str
    file: str
    row: int
    record_id: str
    clearing_account: str | None
    key: str | None
    matched_by: str | None
    references: dict[str, str]
    posted_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceChain:
    """All lines of one group of a clearing account, or lines that belong to no group.

    Attributes:
      state: `closed`, `transit`, `open`; `later` when all of it happened after the as-of date,
        none when nothing of it stands on a clearing account.
      difference_minor: the sum of what the lines put on the clearing account up to `as_of`, and
        `later_minor` what they put there afterwards.
      rule: what had to agree for the pass `key`: `order`, `payout` or `line`.
      evidence: on what a pass other than `key` rests.
      items: what is open about it.
    """

    clearing_account: str | None
    currency: str
    key: str | None
    steps: tuple[TraceStep, ...]
    state: str | None = None
    as_of: datetime.date | None = None
    due: datetime.date | None = None
    difference_minor: int = 0
    later_minor: int = 0
    matched_by: str | None = None
    rule: str | None = None
    evidence: str | None = None
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseResult:
    """A closed period, the files that were frozen or changed, and what stays open."""

    period: str
    changed: tuple[str, ...]
    open_items: tuple[OpenItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """Errors as (file, line, message), and what `run --rebuild` would change."""

    errors: tuple[tuple[str, int, str], ...]
    stale: str | None
