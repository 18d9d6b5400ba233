"""Whether index, archive and text of the books still belong together.

The index says what counts. Were it shortened, a run would take back what the lost lines had
booked and call the rest reconciled; so it is held against the text, which names every document
that it was made of, and against the archive, whose files no run ever deletes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from beanclear.cli.archived import changed_original, missing_original
from beanclear.ledger import documents
from beanclear.ledger.books import Books
from beanclear.ledger.documents import DocumentLine, IndexLine
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.store_state import Trust

_SHOWN = 3
_LOOKS = "trusted-originals.json"
# As `beanclear.ledger.vocabulary` writes a `statement`; reading it so spares loading the books.
_NAMED = re.compile(r'^  file: "(?P<file>[^\n]*)"\n  sha256: "(?P<sha256>[0-9a-f]{64})"', re.M)


class OriginalsAbsentError(BooksError):
    """Something needs the originals, and this is a clone that has none."""


def absent() -> OriginalsAbsentError:
    """The error, with what to do."""
    return OriginalsAbsentError(
        _("the originals are not on this machine"),
        _(
            "copy documents/ from where the books are kept; open-items, decide --no-run, check, "
            "trial-balance and the statements at as-of dates need none"
        ),
        where="documents",
    )


def are_here(books: Books) -> bool:
    """Whether originals lie on this machine at all; a clone of the repository has none."""
    return any(documents.digits_of(path.name) for path in books.documents.rglob("*"))


def examine(
    books: Books,
    history: Sequence[IndexLine],
    *,
    arriving: Collection[str] = (),
    trusting: bool = False,
) -> list[BooksError]:
    """Everything in which index, text and archive disagree, worst first.

    Originals are judged where there are any. Every one is hashed, and nothing is written.

    `arriving` are hashes of files in the inbox: a killed run may have left copies of them that no
    line names yet. `trusting`: an original that looks as `note` found it is not hashed again.
    """
    wrong = [*_lost_lines(books, history, arriving)]
    if are_here(books):
        wrong += _unnamed(books, history, arriving)
        wrong += _missing(books, documents.counting(history), trusting=trusting)
    return wrong


def require(books: Books, history: Sequence[IndexLine], arriving: Collection[str]) -> None:
    """As `examine`, trusting, before a run writes what rests on it.

    Raises:
      BooksError: the first of what it finds.
    """
    for error in examine(books, history, arriving=arriving, trusting=True):
        raise error


def require_whole(books: Books, history: Sequence[IndexLine]) -> None:
    """See that every original is on this machine and has its hash, as what is frozen needs it.

    Raises:
      BooksError: the first of what `examine` finds, or that there are no originals at all.
    """
    lines = documents.counting(history)
    if lines and not are_here(books):
        raise absent()
    for error in examine(books, history):
        raise error


def note(books: Books, lines: Iterable[DocumentLine]) -> None:
    """Note how the originals look that this run has found whole, or has copied."""
    wanted = {line.path: line.sha256 for line in lines if books.path_of(line.path).is_file()}
    if wanted:
        _trust(books).remember(wanted)


def _trust(books: Books) -> Trust:
    return Trust(books.root, books.records / _LOOKS)


def _lost_lines(
    books: Books, history: Iterable[IndexLine], arriving: Collection[str]
) -> Iterable[BooksError]:
    known = {line.sha256 for line in history}.union(arriving)
    named: dict[str, str] = {}
    for path in sorted(books.reconciliation.glob("*.beancount")):
        for found in _NAMED.finditer(path.read_text("utf-8", errors="replace")):
            named.setdefault(found["sha256"], found["file"])
    lost = {sha256: file for sha256, file in named.items() if sha256 not in known}
    if lost:
        yield BooksError(
            _("it does not name documents that the books were made of: %(files)s")
            % {"files": _some(lost.values())},
            _(
                "restore it from version control; to take a document out: "
                "beanclear documents remove NAME"
            ),
            where=books.index.name,
        )


def _unnamed(
    books: Books, history: Sequence[IndexLine], arriving: Collection[str]
) -> Iterable[BooksError]:
    coming = {sha256[:8] for sha256 in arriving}
    names = [
        name
        for name in documents.unnamed(books, history)
        if documents.digits_of(name) not in coming
    ]
    if names:
        yield BooksError(
            _("it does not name originals that are in the archive: %(files)s")
            % {"files": _some(names)},
            _(
                "restore it from version control; an original that does not belong to these books "
                "is moved out of documents/"
            ),
            where=books.index.name,
        )


def _missing(
    books: Books, lines: Sequence[DocumentLine], *, trusting: bool
) -> Iterable[BooksError]:
    wanted = {line.path: line.sha256 for line in lines}
    missing = [name for name in wanted if not books.path_of(name).is_file()]
    if trusting:
        changed = _trust(books).changed(
            {name: sha256 for name, sha256 in wanted.items() if name not in missing}
        )
    else:
        changed = sorted({*documents.verify(books, lines)} - {*missing})
    yield from (missing_original(path) for path in sorted(missing))
    yield from (changed_original(path) for path in changed)


def _some(names: Iterable[str]) -> str:
    found = sorted(names)
    more = len(found) - _SHOWN
    return ", ".join(found[:_SHOWN]) + (f", +{more}" if more > 0 else "")
