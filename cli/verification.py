"""What CI asks of books: do they load without error, and is their text what they should say?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from beanclear.cli import loading, originals
from beanclear.cli.archived import restage
from beanclear.cli.bookkeeping import Bookkeeper
from beanclear.cli.loading import PLUGINS, BlindingError, Loaded, place
from beanclear.cli.progress import Progress, Silent
from beanclear.cli.report_tie_outs import tie_outs
from beanclear.cli.results import CheckResult, TieOuts
from beanclear.cli.workspace import LOCK_SECONDS, PLACEHOLDERS, temporary_store
from beanclear.ledger import config as configuration
from beanclear.ledger import documents
from beanclear.ledger.books import Books
from beanclear.ledger.config import Config
from beanclear.ledger.i18n import gettext as _


def load(books: Books) -> Loaded:
    """These books, loaded afresh, with all that bean-check looks at.

    Raises:
      BooksError: as `loading.load`.
    """
    from beancount.ops.validation import HARDCORE_VALIDATIONS  # noqa: PLC0415 - what bean-check adds

    return loading.load(books, HARDCORE_VALIDATIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What Beancount and the plugins say but for open items, and whether statements tie."""

    errors: tuple[str, ...] = ()
    tie_outs: TieOuts | None = None


def verify(books: Books, config: Config, progress: Progress) -> Verified:
    """Look at the books that were written as CI and as an auditor would."""
    from beanclear.plugins.books import OpenItemError  # noqa: PLC0415 - only here

    progress.start(_("Checking with Beancount"), None)
    try:
        loaded = load(books)
    except BlindingError as error:
        progress.done()
        return Verified(errors=tuple(_line(*one) for one in error.found))
    told = [place(books, error) for error in loaded.errors if not isinstance(error, OpenItemError)]
    found = Verified(
        errors=tuple(_line(*one) for one in (*told, *_inactive(loaded.options))),
        tie_outs=tie_outs(books, config, loaded.entries),
    )
    progress.done()
    return found


def _line(file: str, line: int, message: str) -> str:
    return f"{file}:{line}: {message}"


def _inactive(options: dict[str, Any]) -> list[tuple[str, int, str]]:
    """An error when the top file does not name all plugins: included files cannot."""
    active = {name for name, _config in options.get("plugin", ())}
    missing = [name for name in PLUGINS if name not in active]
    if not missing:
        return []
    message = _(
        "the plugins %(names)s are not active: name them in main.beancount itself, not in an"
        " included file"
    ) % {"names": ", ".join(missing)}
    return [("main.beancount", 1, message)]


def check_books(books: Books, *, text_only: bool = False, allow_open: bool = False) -> CheckResult:
    """Load the books without cache, and compare their text with what the documents give.

    The comparison is made where the originals of all indexed documents are present; on a clone
    without them (they hold buyers' data and are not in git) the text itself is what is proven.

    Args:
      books: which.
      text_only: make no comparison, which takes as long as a run.
      allow_open: open items are no errors: a commit may have some, broken books it may not be.
    """
    from beanclear.plugins.books import OpenItemError  # noqa: PLC0415 - only here

    config = configuration.load(books.config)  # what nobody can read proves nothing
    try:
        loaded = load(books)
    except BlindingError as error:
        return CheckResult(errors=error.found, stale=None)
    told = [one for one in loaded.errors if not (allow_open and isinstance(one, OpenItemError))]
    found = [place(books, error) for error in told] + _inactive(loaded.options)
    doubts = []
    if config.records is None and not text_only:
        doubts = originals.examine(books, documents.read_history(books.index))
    found += [(doubt.where, 1, f"{doubt.what}: {doubt.todo}") for doubt in doubts]
    stale = "" if doubts or text_only else _stale(books, config)
    return CheckResult(errors=tuple(found), stale=stale or None)


def _stale(books: Books, config: Config) -> str:
    index = documents.read_index(books.index)
    if not index or not all(books.path_of(line.path).is_file() for line in index):
        return ""
    with books.lock(LOCK_SECONDS), temporary_store() as store:
        store.take(restage(books, index, config, store=store, progress=Silent()))
        with Bookkeeper(books, store, config, index) as kept:
            computed = kept.compute()
        return books.diff(computed.texts, {*computed.frozen_files, *PLACEHOLDERS})
