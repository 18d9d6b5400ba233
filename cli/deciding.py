"""Writing an accountant's decision: under the lock, whole files, and never over a newer one."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beanclear.ledger import decisions
from beanclear.ledger.errors import BooksError, BusyError
from beanclear.ledger.explanations import Explanations
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.vocabulary import (
    Classify,
    Close,
    Decision,
    EntryT,
    Explain,
    Match,
    WriteOff,
    read,
)

if TYPE_CHECKING:
    from pathlib import Path

    from beancount.core.data import Directive

    from beanclear.ledger.books import Books
    from beanclear.ledger.chart import AccountSpec
    from beanclear.ledger.config import BooksSection

LOCK_TIMEOUT = 10.0  # seconds


@dataclass(slots=True)
class Texts:
    """The files a decision touches, as they were read and as they shall be.

    Attributes:
      before: relative path → text when it was read; files that are not there have none.
      after: relative path → new text.
    """

    before: dict[str, str]
    after: dict[str, str] = field(default_factory=dict)

    def current(self, relative: str) -> str:
        """The text as it stands after the changes so far."""
        return self.after.get(relative, self.before.get(relative, ""))

    def diff(self) -> str:
        """What changes, as a unified diff."""
        return "".join(
            line
            for relative, text in sorted(self.after.items())
            for line in difflib.unified_diff(
                self.before.get(relative, "").splitlines(keepends=True),
                text.splitlines(keepends=True),
                f"a/{relative}" if relative in self.before else "/dev/null",
                f"b/{relative}",
            )
        )


def read_texts(books: Books) -> Texts:
    """The decisions, the chart, the configuration and the accountants' own files as they stand."""
    paths = [books.main, books.accounts, books.config]
    paths += [*books.decisions.rglob("*.beancount"), *books.manual.rglob("*.beancount")]
    return Texts(
        before={
            path.relative_to(books.root).as_posix(): _text(path) for path in paths if path.is_file()
        }
    )


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise BooksError(
            _("the file is not UTF-8 text"), _("save it as UTF-8"), where=path.name
        ) from None


def add_decision(texts: Texts, decision: Decision) -> str:
    """Append a decision to the file of its year and author; returns its relative path."""
    relative = decisions.file_of(decision)
    texts.after[relative] = decisions.appended(texts.current(relative), decision)
    return relative


def add_rule(texts: Texts, rule: str) -> None:
    """Append a `[[rules]]` entry to the configuration; its comments stay as they are.

    A table of an array may stand anywhere in TOML, so the end of the file is a good place.
    """
    before = texts.current("beanclear.toml").rstrip("\n")
    texts.after["beanclear.toml"] = (before + "\n\n" if before else "") + rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a person says of an account to be opened: whether it may be new, its code, its name."""

    new: bool = False
    code: str | None = None
    name: str | None = None


def ensure_account(
    texts: Texts, account: str, currency: str, asked: Opening, books: BooksSection
) -> tuple[str, bool]:
    """See to it that the account that a person means is open.

    Returns:
      Its Beancount name, and whether it had to be opened.

    Raises:
      UsageError: no account is called so, or nothing says what the new one is.
    """
    from beanclear.ledger import accounts, naming  # noqa: PLC0415 - loads Beancount's parser

    opened = opened_accounts(texts)
    spec = naming.opening(
        account,
        opened,
        books.standard,
        currency=currency,
        language=books.language,
        new=asked.new,
        code=asked.code,
        name=asked.name,
    )
    if spec is None:
        return naming.resolve(account, opened, books.standard), False
    texts.after["accounts.beancount"] = accounts.ensure(texts.current("accounts.beancount"), [spec])
    return spec.name, True


def opened_accounts(texts: Texts) -> dict[str, AccountSpec]:
    """Every account the owner's files open, by name."""
    from beanclear.ledger import accounts  # noqa: PLC0415 - loads Beancount's parser

    return {
        name: one.spec
        for relative, text in sorted(texts.before.items())
        if relative.endswith(".beancount")
        for name, one in accounts.read(text, relative).items()
    }


def refuse_target(texts: Texts, decision: Decision) -> None:
    """See that the money of a decision goes where it can.

    Raises:
      UsageError: it goes to its own account, to another clearing account, or to a closed one.
    """
    from beancount.core.data import Close as Closed  # noqa: PLC0415 - loads Beancount's parser
    from beancount.core.data import Open  # noqa: PLC0415

    from beanclear.ledger import chart  # noqa: PLC0415 - loads Beancount's parser

    clearing: set[str] = set()
    closed: dict[str, datetime.date] = {}
    for entry in _directives(texts):
        if isinstance(entry, Open) and "clearing" in entry.meta:
            clearing.add(entry.account)
        elif isinstance(entry, Closed):
            closed[entry.account] = entry.date
    to = getattr(decision, "to", None)
    if to is not None and chart.spec(to).clearing is not None:
        clearing.add(to)  # it would be one as soon as it is opened
    decisions.refuse_target(decision, clearing, closed)


def _directives(texts: Texts) -> Iterator[Directive]:
    from beancount.parser import parser  # noqa: PLC0415 - loads Beancount's parser

    for text in texts.before.values():
        yield from parser.parse_string(text)[0]


def explanations(texts: Texts) -> Explanations:
    """What is explained in the owner's files."""
    return Explanations(_decided(texts, Explain))


def closed_to(texts: Texts) -> datetime.date | None:
    """The last day of the last closed period; none while nothing is closed."""
    return max((entry.date for entry in _decided(texts, Close)), default=None)


def decided(texts: Texts) -> list[Decision]:
    """Every decision that moves money."""
    return [word for cls in (WriteOff, Classify, Match) for word in _decided(texts, cls)]


def _decided(texts: Texts, cls: type[EntryT]) -> Iterator[EntryT]:
    from beancount.parser import parser  # noqa: PLC0415 - loads Beancount's parser

    for relative, text in texts.before.items():
        if relative.startswith(("decisions/", "manual/")):
            for located in read(parser.parse_string(text)[0], cls):
                yield located.entry


def write(books: Books, texts: Texts) -> None:
    """Write the changed files, each atomically, under the lock.

    Raises:
      BusyError: when somebody changed one of the files since they were read.
    """
    from beanclear.ledger.books import write_atomically  # noqa: PLC0415 - reading needs no lock

    with books.lock(LOCK_TIMEOUT):
        if read_texts(books).before != texts.before:
            raise BusyError(
                _("the books were changed meanwhile"),
                _("nothing was written; decide again"),
                where=str(books.root),
            )
        # The chart first: a decision must not name an account that a crash left unopened.
        for relative in sorted(texts.after):
            write_atomically(books.path_of(relative), texts.after[relative])
