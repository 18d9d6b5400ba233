"""What several commands need before they can ask a question: a record store that is up to date."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from beanclear.cli import archived, intake, lake, originals
from beanclear.cli.bookkeeping import Bookkeeper, policies_of
from beanclear.cli.progress import Progress, Silent
from beanclear.ledger import accounts as chart_text
from beanclear.ledger import buyers, chart, documents, naming
from beanclear.ledger import config as configuration
from beanclear.ledger.books import Books
from beanclear.ledger.config import Config
from beanclear.ledger.documents import DocumentLine
from beanclear.ledger.i18n import current_language, translator
from beanclear.ledger.posting import words
from beanclear.ledger.posting.reconciliation_text import state_entries
from beanclear.ledger.reconciliation import Reconciliation
from beanclear.ledger.sql import Records
from beanclear.ledger.statement_rows import StatementRow
from beanclear.ledger.store import RecordStore
from beanclear.ledger.vocabulary import OpenItem

LOCK_SECONDS = 10.0
_SCRATCH = "beanclear-"
_ABANDONED_SECONDS = 24 * 3600
# An include whose glob matches nothing is an error in Beancount, so these are never removed.
PLACEHOLDERS = ("journal/_.beancount", "reconciliation/_.beancount")


def bring_up_to(
    store: RecordStore,
    books: Books,
    index: Sequence[DocumentLine],
    config: Config,
    *,
    arrivals: Sequence[intake.Arrival] = (),
    progress: Progress,
) -> None:
    """Make the store hold what the index names; what is staged need not be read twice.

    The caller holds a session of the store.

    Raises:
      OriginalsAbsentError: records are lacking, and no original is here to read them from.
    """
    fresh = {one.sha256: one.staged for one in arrivals if one.staged is not None}
    buyer_key = buyers.ensure_key(books.root)
    if not buyers.is_of_key(books.records, buyer_key):
        store.reset()  # nobody could find a buyer in it
        buyers.stamp(books.records, buyer_key)
    lacking = [line for line in store.missing(index) if line.sha256 not in fresh]
    if lacking and not originals.are_here(books):
        raise originals.absent()
    again = archived.restage(books, lacking, config, store=store, progress=progress)
    store.take([*again, *fresh.values()])


def foresee(books: Books, config: Config, arrivals: Sequence[intake.Arrival]) -> None:
    """Refuse new documents while chart, rules, decisions or manual entries cannot take them.

    The computation would find the same, but only after the files have left the inbox.

    Raises:
      BooksError: as the computation, with file and line.
    """
    needed = {
        (account, statement.currency)
        for arrival in arrivals
        for statement, accounts in zip(arrival.statements, arrival.accounts, strict=True)
        for account in accounts
    }
    if not needed:
        return
    text = books.accounts.read_text("utf-8") if books.accounts.is_file() else ""
    # What they are called matters here, not which code they have.
    wanted = [chart.spec(account, currency) for account, currency in sorted(needed)]
    opened = chart_text.read(chart_text.ensure(text, wanted))
    naming.in_config(config, {name: one.spec for name, one in opened.items()})
    words.read(books, [policy.account for policy in policies_of(opened)])


@contextlib.contextmanager
def temporary_store() -> Iterator[RecordStore]:
    """A record store that is thrown away, for questions that must not touch the books."""
    _remove_abandoned()
    with tempfile.TemporaryDirectory(prefix=f"{_SCRATCH}{os.getpid()}-") as folder:
        yield RecordStore(Books(Path(folder)))


def _remove_abandoned() -> None:
    """Remove temporary stores whose process was killed: they hold buyers' data.

    Only old ones: from within a container processes outside look as if they were gone.
    """
    if os.name != "posix":
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{_SCRATCH}*-*"):
        process = folder.name.removeprefix(_SCRATCH).partition("-")[0]
        with contextlib.suppress(OSError):
            old = time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS
            if old and process.isdecimal() and _is_gone(int(process)):
                shutil.rmtree(folder, ignore_errors=True)


def _is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@contextlib.contextmanager
def keeper(books: Books, *, embedded: bool = False) -> Iterator[Bookkeeper]:
    """The books' records, posted and linked, ready to be reconciled at any date.

    The caller holds the books' lock. `embedded` asks for DuckDB whatever beanclear.toml says.

    Raises:
      BooksError: when DuckDB is asked for and the records lie in a lake.
    """
    config = configuration.load(books.config)
    if embedded:
        lake.refuse_lake(config)
    index = documents.read_index(books.index)
    with (
        records_of(books, config, index) as records,
        Bookkeeper(
            books, records if embedded else lake.on_engine(records, config), config, index
        ) as found,
    ):
        yield found


@contextlib.contextmanager
def records_of(books: Books, config: Config, index: Sequence[DocumentLine]) -> Iterator[Records]:
    """The records that are booked: the store, brought up to the index, or those of a lake."""
    if config.records is not None:
        yield lake.open_lake(config, index)
        return
    store = RecordStore(books)
    with store.session():
        bring_up_to(store, books, index, config, progress=Silent())
        yield store


def open_items(found: Reconciliation, statements: Sequence[StatementRow]) -> tuple[OpenItem, ...]:
    """The open items in the reader's language."""
    files = {row.document: row.file.partition(":")[0] for row in statements}
    say = translator(current_language()).gettext
    entries = state_entries(found, files, say, None)
    return tuple(entry for entry in entries if isinstance(entry, OpenItem))


def refresh(books: Books) -> list[str]:
    """Derive the text again, after a decision; nothing is imported.

    The caller holds the books' lock. Returns the relative paths that changed.
    """
    with keeper(books) as kept:
        computed = kept.compute()
    return books.apply(computed.texts, {*computed.frozen_files, *PLACEHOLDERS})
