"""Report postings that do not say a dimension their account requires.

    2026-08-05 open Expenses:Travel CNY
      dimensions: "department project"

    2026-08-09 * "trip"
      department: "sales"
      Expenses:Travel            320.00 CNY
      Assets:Bank:CCB:8826

is one error, at the posting: it lacks a project. A name that is no dimension is an error at the
`open`. `beanclear.plugins.unmatched` asks for these with everything else that postings must say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from beancount.core.data import Directives, Open, Transaction

from beanclear.ledger.chart import OPENING
from beanclear.ledger.dimensions import DIMENSIONS, required, unknown, value_of
from beanclear.plugins.books import Books, PostingError


def lacking(entries: Directives, books: Books) -> Iterator[PostingError]:
    """An error for each `open` that asks for what is no dimension, and each posting that lacks one.

    Postings of nothing, and entries that open the books, need none.
    """
    _ = books.say
    wanted: dict[str, tuple[str, ...]] = {}
    for opened in books.opens.values():
        if not required(opened.meta):
            continue
        wrong = unknown(opened.meta)
        if wrong:
            message = _(
                "%(account)s requires %(names)s, which is no dimension: name some of %(known)s"
            ) % {
                "account": opened.account,
                "names": ", ".join(wrong),
                "known": ", ".join(DIMENSIONS),
            }
            yield PostingError(opened.meta, message, opened)
        wanted[opened.account] = tuple(name for name in required(opened.meta) if name in DIMENSIONS)
    if wanted:
        yield from _postings(entries, wanted, books.opens, books)


def _postings(
    entries: Directives,
    wanted: dict[str, tuple[str, ...]],
    opens: Mapping[str, Open],
    books: Books,
) -> Iterator[PostingError]:
    _ = books.say
    for entry in entries:
        if type(entry) is not Transaction or _brings_openings(entry):
            continue
        for posting in entry.postings:
            names = wanted.get(posting.account)
            if not names or posting.units is None or not posting.units.number:
                continue
            meta, opened = posting.meta or {}, opens[posting.account].meta
            missing = [
                name
                for name in names
                if not value_of(name, posting.account, meta, entry.meta, opened)
            ]
            if missing:
                message = _(
                    "the posting on %(account)s says no %(names)s: write it below the posting or"
                    ' its entry, such as `%(name)s: "…"`'
                ) % {
                    "account": posting.account,
                    "names": ", ".join(missing),
                    "name": missing[0],
                }
                source = meta if "lineno" in meta else entry.meta
                yield PostingError(source, message, entry)


def _brings_openings(entry: Transaction) -> bool:
    return any(posting.account == OPENING for posting in entry.postings)
