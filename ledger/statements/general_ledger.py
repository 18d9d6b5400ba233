"""The books as reports read them: journal entries and the chart, out of loaded directives.

The only reader of Beancount's entries for all statements and reports: they see accounts with
their codes and signed minor units, whatever host loaded the books.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from beancount.core.data import Directives, Open, Transaction

from beanclear.ledger.beancount_text import minor
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of the chart.

    Attributes:
      name: the Beancount account.
      code: its number in the chart of the standard, 4-2-2: `1122.01`; empty when it has none.
      chinese, english: its name for people; the Beancount name where the chart gives none.
      clearing: what closes its items (`order`, `payout`, …); none for other accounts.
      meta: everything its `open` says.
    """

    name: str
    code: str
    chinese: str
    english: str
    clearing: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def level1(self) -> str:
        """The four digits of its level-1 account."""
        return self.code.partition(".")[0]

    def label(self, language: str) -> str:
        """Its name in a language, `zh` or `en`."""
        return self.chinese if language == "zh" else self.english


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One posting; `amount_minor` is debit positive, in minor units of `currency`."""

    account: str
    amount_minor: int
    currency: str
    meta: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One journal entry; its lines sum to zero in the books' currency."""

    day: datetime.date
    payee: str
    narration: str
    lines: tuple[Line, ...]
    meta: Mapping[str, Any]
    source: Transaction

    @property
    def place(self) -> str:
        """Where it stands: `file:line`."""
        return f"{self.meta.get('filename', '')}:{self.meta.get('lineno', 0)}"


@dataclass(frozen=True)
class GeneralLedger:
    """All journal entries in the order of days, with the chart.

    Attributes:
      entries: in the order of the loaded books.
      accounts: the chart by Beancount name.
      currency: the books' currency.
    """

    entries: tuple[Entry, ...]
    accounts: Mapping[str, Account]
    currency: str

    @cached_property
    def daily(self) -> Mapping[tuple[str, str], tuple[tuple[datetime.date, int], ...]]:
        """Account and currency → the net movement of each day, in order."""
        found: dict[tuple[str, str], dict[datetime.date, int]] = defaultdict(
            lambda: defaultdict(int)
        )
        for entry in self.entries:
            for line in entry.lines:
                found[line.account, line.currency][entry.day] += line.amount_minor
        return {pair: tuple(sorted(days.items())) for pair, days in found.items()}

    def balances(self, day: datetime.date, currency: str | None = None) -> dict[str, int]:
        """Account → its balance at the end of `day`, in `currency` (default: the books')."""
        wanted = currency or self.currency
        return {
            account: sum(amount for when, amount in days if when <= day)
            for (account, money), days in self.daily.items()
            if money == wanted
        }

    def between(self, first: datetime.date, last: datetime.date) -> Iterator[Entry]:
        """The entries of these days, both included."""
        return (entry for entry in self.entries if first <= entry.day <= last)

    def movements(
        self, first: datetime.date, last: datetime.date, currency: str | None = None
    ) -> dict[str, tuple[int, int]]:
        """Account → (debits, credits) of these days, both positive."""
        wanted = currency or self.currency
        found: dict[str, tuple[int, int]] = {}
        for entry in self.between(first, last):
            for line in entry.lines:
                if line.currency == wanted:
                    debit, credit = found.get(line.account, (0, 0))
                    amount = line.amount_minor
                    found[line.account] = (debit + max(amount, 0), credit + max(-amount, 0))
        return found


def all_open(ledger: GeneralLedger, root: Path) -> GeneralLedger:
    """The ledger, when every account it has entries on is open; `root` is the books' folder.

    Raises:
      BooksError: one is not open; names the first entry on it.
    """
    for entry in ledger.entries:
        for line in entry.lines:
            if line.account not in ledger.accounts:
                raise BooksError(
                    _("the account %(account)s is not open") % {"account": line.account},
                    _("correct the name, or write its `open` into accounts.beancount"),
                    where=entry.place.removeprefix(f"{root}/"),
                )
    return ledger


def label_of(ledger: GeneralLedger, account: str, language: str) -> str:
    """What an account is called; its Beancount name when the chart does not have it."""
    found = ledger.accounts.get(account)
    return found.label(language) if found else account


def read(entries: Directives, currency: str) -> GeneralLedger:
    """The general ledger of loaded directives; `currency` is that of the books."""
    return GeneralLedger(
        entries=tuple(_entries(entries)),
        accounts={entry.account: _account(entry) for entry in entries if isinstance(entry, Open)},
        currency=currency,
    )


def _entries(entries: Iterable[Any]) -> Iterator[Entry]:
    for entry in entries:
        if isinstance(entry, Transaction):
            yield Entry(
                day=entry.date,
                payee=entry.payee or "",
                narration=entry.narration or "",
                lines=tuple(
                    Line(
                        account=posting.account,
                        amount_minor=minor(posting.units),
                        currency=posting.units.currency,
                        meta=posting.meta or {},
                    )
                    for posting in entry.postings
                    if posting.units is not None
                ),
                meta=entry.meta,
                source=entry,
            )


def _account(entry: Open) -> Account:
    def text(key: str) -> str:
        value = entry.meta.get(key)
        return value if isinstance(value, str) else ""

    return Account(
        name=entry.account,
        code=text("code"),
        chinese=text("name") or entry.account,
        english=text("name-en") or entry.account,
        clearing=text("clearing") or None,
        meta=entry.meta,
    )
