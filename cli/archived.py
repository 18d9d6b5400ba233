"""The archived originals again: whether they are there, and their records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from beanclear.cli.ahead import ahead
from beanclear.cli.progress import Progress
from beanclear.importers.registry import read_document
from beanclear.ledger import buyers
from beanclear.ledger.books import Books
from beanclear.ledger.config import Config
from beanclear.ledger.documents import DocumentLine, hash_file
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.store import RecordStore, Staged


def restage(
    books: Books,
    lines: Sequence[DocumentLine],
    config: Config,
    *,
    store: RecordStore,
    progress: Progress,
) -> list[Staged]:
    """Stage archived documents again, in the order of the index.

    Raises:
      BooksError: when a document is missing or changed.
      SourceError: when one can no longer be read.
    """
    by_document: dict[str, DocumentLine] = {}
    for line in lines:
        by_document.setdefault(line.sha256, line)
    buyer_key = buyers.read_key(books.root)

    def again(line: DocumentLine) -> Staged:
        statements = read_document(
            _archived(books, line),
            name=line.name,
            document=line.sha256,
            shop=line.shop,
            config=config,
            buyer_key=buyer_key,
        )
        return store.stage(statements)

    staged = []
    progress.start(_("Reading archived documents"), len(by_document))
    for one in ahead(again, by_document.values()):
        staged.append(one)
        progress.advance()
    progress.done()
    return staged


def check_archive(books: Books, lines: Iterable[DocumentLine]) -> None:
    """See that every archived document is there, before what was derived from it is forgotten.

    Raises:
      BooksError: when one is missing or changed.
    """
    for line in {line.sha256: line for line in lines}.values():
        _archived(books, line)


def _archived(books: Books, line: DocumentLine) -> Path:
    path = books.path_of(line.path)
    if not path.is_file():
        raise missing_original(line.path)
    if hash_file(path) != line.sha256:
        raise changed_original(line.path)
    return path


def missing_original(path: str) -> BooksError:
    """The error of an original that is not where the index says."""
    return BooksError(
        _("the archived document is missing"),
        _("restore it from your backup, or remove nothing from documents/"),
        where=path,
    )


def changed_original(path: str) -> BooksError:
    """The error of an original that no longer has its hash."""
    return BooksError(
        _("the archived document was changed"), _("restore it from your backup"), where=path
    )
