"""The accountants' words on disk: decisions, closed periods, and their own entries.

`decisions/*.beancount` holds directives of `beanclear.ledger.vocabulary`; `manual/*.beancount`
holds transactions, of which every posting on a clearing account is a record too and needs `key`.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import Custom, Directives, Transaction
from beancount.parser import parser

from beanclear.ledger.beancount_text import minor
from beanclear.ledger.books import Books
from beanclear.ledger.decision_texts import doubled_keys, flaw, unfit_target
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import LINES_OF_MOST, ceiling, parse_minor, to_decimal
from beanclear.ledger.posting.journal import FrozenJournal, frozen_journal
from beanclear.ledger.reconciliation import ExtraLeg
from beanclear.ledger.vocabulary import (
    Classify,
    Close,
    Entry,
    Explain,
    Match,
    VocabularyError,
    Void,
    WriteOff,
    from_custom,
    mark,
)

SUSPENSE = "Assets:Suspense:"
TRANSIT = "Assets:Transit:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything the accountants said.

    Attributes:
      entries: their directives, in order of date and place, each once.
      manual: what manual entries put on clearing accounts.
      void: the decisions among `entries` that concern nothing; they move no money.
      frozen_files: relative path → sha-256 of every file of a closed period.
      journal: what frozen journal text says; `journal.closed` is the last closed day.
      frozen: directives of frozen reconciliation text.
    """

    entries: tuple[Entry, ...]
    manual: tuple[ExtraLeg, ...]
    frozen_files: Mapping[str, str]
    journal: FrozenJournal
    frozen: tuple[Entry, ...]
    void: tuple[Void, ...] = ()

    @property
    def valid(self) -> tuple[Entry, ...]:
        """The entries without those that are void."""
        void = {one.decision for one in self.void}
        return tuple(one for one in self.entries if mark(one) not in void) if void else self.entries

    @property
    def legs(self) -> tuple[ExtraLeg, ...]:
        """What decisions and manual entries put on clearing accounts."""
        return (*(leg for entry in self.valid for leg in _decision_legs(entry)), *self.manual)

    @property
    def groups(self) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """(account, currency, keys) an accountant matched."""
        return tuple(
            (entry.account, entry.currency, tuple(json.loads(entry.items)))
            for entry in self.valid
            if isinstance(entry, Match)
        )

    @property
    def targets(self) -> tuple[tuple[str, str], ...]:
        """(account, currency) that decisions move money to."""
        return tuple(
            (entry.to, entry.currency if isinstance(entry, Match) else entry.amount.currency)
            for entry in self.valid
            if isinstance(entry, Match | WriteOff | Classify) and entry.to
        )

    @property
    def named(self) -> frozenset[str]:
        """Every key that a decision or a manual entry names."""
        explained = (entry.key for entry in self.entries if isinstance(entry, Explain))
        return frozenset([*(leg.key for leg in self.legs), *explained])


def parse(path: Path, root: Path) -> Directives:
    """The directives of one file, without booking or plugins.

    Raises:
      BooksError: when it is no Beancount text; names file and line.
    """
    entries, errors, _options = parser.parse_file(str(path))
    if errors:
        where = f"{path.relative_to(root).as_posix()}:{errors[0].source['lineno']}"
        raise BooksError(errors[0].message.strip(), _("correct that line"), where=where)
    return list(entries)


def _directives(path: Path, root: Path) -> list[Entry]:
    found: list[Entry] = []
    for custom in parse(path, root):
        if isinstance(custom, Custom):
            try:
                entry = from_custom(custom)
            except VocabularyError as error:
                where = f"{path.relative_to(root).as_posix()}:{custom.meta['lineno']}"
                raise BooksError(str(error), _("correct that directive"), where=where) from None
            if entry is not None:
                amount = getattr(entry, "amount", None)
                if isinstance(amount, Amount):
                    _check_size(amount, path, root, custom.meta["lineno"])
                found.append(entry)
    return found


def _check_size(amount: Amount, path: Path, root: Path, line: int) -> None:
    """Refuse what no sum of the books could hold.

    Raises:
      BooksError: with file and line.
    """
    limit = to_decimal(ceiling(amount.currency), amount.currency) * LINES_OF_MOST
    if amount.number is not None and abs(amount.number) >= limit:
        raise BooksError(
            _("%(amount)s is more than the books can hold") % {"amount": amount},
            _("correct the amount"),
            where=f"{path.relative_to(root).as_posix()}:{line}",
        )


def _decisions(path: Path, root: Path) -> list[tuple[Entry, str]]:
    """The directives of a file of decisions, each with its `file:line`.

    Raises:
      BooksError: one is none of ours, or says a thing twice.
    """
    name = path.relative_to(root).as_posix()
    customs = [one for one in parse(path, root) if isinstance(one, Custom)]
    flaws = list(doubled_keys(path.read_bytes()))
    flaws += [(one.meta["lineno"], found) for one in customs if (found := flaw(one))]
    for line, found in flaws:
        raise BooksError(str(found), _("correct that directive"), where=f"{name}:{line}")
    return [
        (entry, f"{name}:{custom.meta['lineno']}")
        for custom, entry in zip(customs, _directives(path, root), strict=True)
    ]


def _decision_legs(entry: Entry) -> list[ExtraLeg]:
    if isinstance(entry, WriteOff | Classify):
        return [
            ExtraLeg(
                account=entry.account,
                currency=entry.amount.currency,
                key=entry.key,
                day=entry.date,
                amount_minor=-minor(entry.amount),
                side="decision",
            )
        ]
    if isinstance(entry, Match):
        return [
            ExtraLeg(
                account=entry.account,
                currency=entry.currency,
                key=key,
                day=entry.date,
                amount_minor=-parse_minor(text, entry.currency),
                side="decision",
            )
            for key, text in json.loads(entry.items).items()
        ]
    return []


class _Posting(NamedTuple):
    """One posting of a manual entry; `key` and `units` are none where it has none."""

    account: str
    key: str | None
    day: datetime.date
    units: Amount | None
    line: int


# What each manual file said when it was last parsed, by its content. A run asks three times, and
# parsing is the dear part: 30,000 entries take a second.
_PARSED: dict[Path, tuple[bytes, tuple[_Posting, ...]]] = {}


def _manual_postings(path: Path, root: Path) -> tuple[_Posting, ...]:
    """All postings of one file of manual entries, in order.

    Raises:
      BooksError: when it is no Beancount text; names file and line.
    """
    content = hashlib.sha256(path.read_bytes()).digest()
    known = _PARSED.get(path)
    if known is not None and known[0] == content:
        return known[1]
    postings = []
    for entry in parse(path, root):
        for posting in entry.postings if isinstance(entry, Transaction) else ():
            meta: Mapping[str, Any] = posting.meta or {}
            key = meta.get("key", entry.meta.get("key"))
            units = posting.units
            whole = isinstance(units, Amount) and units.number is not None
            postings.append(
                _Posting(
                    account=posting.account,
                    key=key if isinstance(key, str) else None,
                    day=entry.date,
                    units=units if whole else None,
                    line=meta.get("lineno", entry.meta["lineno"]),
                )
            )
    _PARSED[path] = content, tuple(postings)
    return _PARSED[path][1]


def _manual_legs(path: Path, root: Path, clearing: Container[str]) -> list[ExtraLeg]:
    legs = []
    for posting in _manual_postings(path, root):
        if posting.account not in clearing:
            continue
        if posting.key is None or posting.units is None:
            raise _unusable(posting, f"{path.relative_to(root).as_posix()}:{posting.line}")
        _check_size(posting.units, path, root, posting.line)
        legs.append(
            ExtraLeg(
                account=posting.account,
                currency=posting.units.currency,
                key=posting.key,
                day=posting.day,
                amount_minor=minor(posting.units),
                side="manual",
            )
        )
    return legs


def _unusable(posting: _Posting, where: str) -> BooksError:
    """What is wrong with a manual posting on a clearing account."""
    if posting.key is None:
        return BooksError(
            _("the posting on %(account)s has no key") % {"account": posting.account},
            _('write `key: "…"` below it: the order, payout or line it belongs to'),
            where=where,
        )
    return BooksError(
        _("the posting on %(account)s has no amount") % {"account": posting.account},
        _("write its amount"),
        where=where,
    )


class _Lines:
    """Stands for all accounts on which bank and wallet lines wait for their other side."""

    def __contains__(self, account: object) -> bool:
        return isinstance(account, str) and account.startswith((SUSPENSE, TRANSIT))


def settled_lines(books: Books) -> list[tuple[str, str]]:
    """(suspense or transit account, key) of what an accountant decided on; no rule moves it too.

    Raises:
      BooksError: when a file of decisions or manual entries is not well formed.
    """
    lines = _Lines()
    legs = [
        leg
        for path in sorted(books.decisions.glob("**/*.beancount"))
        for entry, _where in _decisions(path, books.root)
        for leg in _decision_legs(entry)
    ]
    for path in sorted(books.manual.glob("**/*.beancount")):
        legs += _manual_legs(path, books.root, lines)
    return sorted({(leg.account, leg.key) for leg in legs if leg.account in lines})


def read(books: Books, clearing: Iterable[str]) -> Words:
    """Read decisions, manual entries and frozen text; `clearing` names the clearing accounts.

    Raises:
      BooksError: when one of the files is not well formed, or a decision moves money to where it
        would not be proven; names file and line.
    """
    root = books.root
    accounts = frozenset(clearing)
    # A decision that stands there twice, word for word, is one.
    entries: dict[Entry, None] = {}
    for path in sorted(books.decisions.glob("**/*.beancount")):
        for entry, where in _decisions(path, root):
            _check_target(entry, accounts, where)
            entries.setdefault(entry)
    manual = [
        leg
        for path in sorted(books.manual.glob("**/*.beancount"))
        for leg in _manual_legs(path, root, accounts)
    ]
    closes = [entry for entry in entries if isinstance(entry, Close)]
    frozen_files: dict[str, str] = {}
    for close in closes:
        frozen_files.update(json.loads(close.files))
    return Words(
        entries=tuple(entries),
        manual=tuple(manual),
        frozen_files=frozen_files,
        journal=_frozen_journal(books, frozen_files, closes),
        frozen=tuple(
            entry
            for name in sorted(frozen_files)
            if name.startswith("reconciliation/")
            and name.endswith(".beancount")
            and books.path_of(name).is_file()
            for entry in _directives(books.path_of(name), root)
        ),
    )


def _check_target(entry: Entry, clearing: Container[str], where: str) -> None:
    if isinstance(entry, Match | WriteOff | Classify) and entry.to is not None:
        wrong = unfit_target(entry.word, entry.account, entry.to, clearing)
        if wrong is not None:
            raise BooksError(str(wrong), _("name another account in `to`"), where=where)


def _frozen_journal(
    books: Books, files: Mapping[str, str], closes: Iterable[Close]
) -> FrozenJournal:
    closed: datetime.date | None = max((close.date for close in closes), default=None)
    return frozen_journal(
        closed,
        (
            entry
            for name in sorted(files)
            if name.startswith("journal/") and books.path_of(name).is_file()
            for entry in parse(books.path_of(name), books.root)
            if isinstance(entry, Transaction)
        ),
    )


def place_of(books: Books, target: str) -> str:
    """Where a decision names an account that money moves to: `file:line`."""
    for path in sorted(books.decisions.glob("**/*.beancount")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if line.strip() == f'to: "{target}"':
                return f"{path.relative_to(books.root).as_posix()}:{number}"
    return "decisions"
