"""Where the accountants' own words stand that put something on a clearing account."""

from __future__ import annotations

import json
from collections.abc import Iterator

from beancount.core.data import Custom, Directive, Transaction

from beanclear.ledger.books import Books
from beanclear.ledger.posting.words import parse
from beanclear.ledger.vocabulary import Classify, Match, WriteOff, from_custom


def places(books: Books) -> dict[str, str]:
    """`stage account key day` → file and line, of decisions and of entries in `manual/`.

    Raises:
      BooksError: when one of the files is not well formed.
    """
    found: dict[str, str] = {}
    for folder in (books.decisions, books.manual):
        for path in sorted(folder.glob("**/*.beancount")):
            name = path.relative_to(books.root).as_posix()
            for directive in parse(path, books.root):
                for stage, account, key in _named(directive):
                    place = f"{stage} {account} {key} {directive.date}"
                    found.setdefault(place, f"{name}:{directive.meta['lineno']}")
    return found


def _named(directive: Directive) -> Iterator[tuple[str, str, str]]:
    if isinstance(directive, Custom):
        entry = from_custom(directive)
        if isinstance(entry, WriteOff | Classify):
            yield "decision", entry.account, entry.key
        elif isinstance(entry, Match):
            for key in json.loads(entry.items):
                yield "decision", entry.account, key
    elif isinstance(directive, Transaction):
        for posting in directive.postings:
            key = (posting.meta or {}).get("key", directive.meta.get("key"))
            if isinstance(key, str):
                yield "manual", posting.account, key
