"""Which documents are booked, and taking one out of the books again.

The index gets a line that says who took the document out and why; nothing else is deleted. The
text of open periods is derived anew, and what stood in closed ones is taken back on the first open
day, as anything that is learnt late.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from beanclear.cli import archived, lake
from beanclear.cli.bookkeeping import Bookkeeper
from beanclear.cli.progress import Silent
from beanclear.cli.workspace import LOCK_SECONDS, PLACEHOLDERS, refresh, temporary_store
from beanclear.ledger import config as configuration
from beanclear.ledger import documents
from beanclear.ledger.books import Books, write_atomically
from beanclear.ledger.documents import DocumentLine, IndexLine, Removal
from beanclear.ledger.errors import UsageError
from beanclear.ledger.i18n import gettext as _

_HASH_DIGITS = 8  # as the archive shows them in file names
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """One statement that was booked; `removal` says that it no longer is, and `number` its line."""

    number: int
    name: str
    sha256: str
    path: str
    source: str
    account: str
    stage: str
    first: datetime.date | None
    last: datetime.date | None
    rows: int
    grade: str
    accepted_by: str
    removal: Removal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOut:
    """A document that was taken out; of a dry run `diff` is what would change in the text."""

    name: str
    sha256: str
    rows: int
    changed: tuple[str, ...] = ()
    diff: str | None = None


def booked(books: Books) -> list[Booked]:
    """Every statement the index names, in its order.

    Raises:
      BooksError: when the index is damaged.
    """
    history = documents.read_history(books.index)
    gone = documents.taken_out(history)
    return [
        Booked(
            number=line.sequence,
            name=line.file,
            sha256=line.sha256,
            path=line.path,
            source=line.source,
            account=line.account,
            stage=line.stage,
            first=line.first,
            last=line.last,
            rows=line.rows,
            grade=line.grade,
            accepted_by=line.accepted_by,
            removal=gone.get(line.sha256),
        )
        for line in history
        if isinstance(line, DocumentLine)
    ]


def take_out(books: Books, name: str, *, by: str, reason: str, dry_run: bool) -> TakenOut:
    """Take the document that `name` means out of the books.

    Raises:
      UsageError: when it means none, or several.
      BooksError: when the books cannot be derived without it; they stay as they were.
    """
    with books.lock(LOCK_SECONDS):
        config = configuration.load(books.config)
        lake.refuse_lake(config)
        history = documents.read_history(books.index)
        line = _meant(documents.counting(history), name)
        rows = sum(one.rows for one in documents.counting(history) if one.sha256 == line.sha256)
        removal = Removal(
            sequence=documents.next_sequence(history),
            sha256=line.sha256,
            name=line.name,
            by=by,
            reason=reason,
        )
        if dry_run:
            diff = _diff(books, config, [*history, removal])
            return TakenOut(name=line.name, sha256=line.sha256, rows=rows, diff=diff)
        before = books.index.read_bytes()
        documents.append(books.index, [removal])
        try:
            changed = refresh(books)
        except Exception:
            write_atomically(books.index, before)
            raise
    changed = sorted({*changed, books.index.name})
    return TakenOut(name=line.name, sha256=line.sha256, rows=rows, changed=tuple(changed))


def _diff(books: Books, config: configuration.Config, history: Sequence[IndexLine]) -> str:
    """What the text would be without the document, as a unified diff."""
    index = documents.counting(history)
    with temporary_store() as store:
        store.take(archived.restage(books, index, config, store=store, progress=Silent()))
        with Bookkeeper(books, store, config, index) as kept:
            computed = kept.compute()
    return books.diff(computed.texts, {*computed.frozen_files, *PLACEHOLDERS})


def _meant(lines: Sequence[DocumentLine], name: str) -> DocumentLine:
    """The one document that is called so, has this number, or a hash that begins so."""
    tests = (
        lambda line: line.name == name or line.path.rpartition("/")[2] == name,
        lambda line: str(line.sequence) == name,
        lambda line: len(name) >= _HASH_DIGITS and line.sha256.startswith(name.lower()),
    )
    for test in tests:
        found = {line.sha256: line for line in lines if test(line)}
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            raise UsageError(
                _("several documents are called %(name)s") % {"name": name},
                _("name one by its number (%(numbers)s): beanclear documents lists them")
                % {"numbers": ", ".join(str(line.sequence) for line in found.values())},
            )
    raise UsageError(
        _("no document that is booked is called %(name)s") % {"name": name},
        _("`beanclear documents` lists them; some are: %(names)s")
        % {"names": ", ".join(sorted({line.name for line in lines})[:_SHOWN]) or _("none")},
    )
