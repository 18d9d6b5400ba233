"""What a run books into open months that concerns closed ones: said, and refused by settings.

Files that arrive late are booked on the first open day; a run says how much that is. A change of
settings (tax, rules, rates) moves what closed months booked already, often all of it: that is
refused before anything is written, until a person says that it is meant.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from beancount.core.data import Transaction
from beancount.parser import parser

from beanclear.ledger.beancount_text import minor
from beanclear.ledger.books import Books, write_atomically
from beanclear.ledger.config import Config
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import format_minor

_SEEN: Final = Path(".beanclear", "settings")
_CLOSE: Final = 'custom "close"'
# What changes no entry.
_IDLE: Final[Mapping[str, bool | set[str]]] = {
    "engine": True, "records": True, "coverage": True, "shops": True, "matching": True,
    "fees": True, "books": {"confirmed", "preparer", "language"},
}  # fmt: skip
# source, key, the day it concerns → (account, currency) → minor units, debit positive
Late = Mapping[tuple[str, str, str], Mapping[tuple[str, str], int]]


def _fingerprint(config: Config) -> str:
    """What entries depend on besides documents and decisions."""
    version = importlib.metadata.version("beanclear")
    told = config.model_dump_json(exclude=dict(_IDLE))
    return hashlib.sha256(f"{version}\n{told}".encode()).hexdigest()


def may_rebook(books: Books, config: Config) -> bool:
    """Whether months are closed, and the settings are not those of the last run."""
    if not any(
        _CLOSE in path.read_text("utf-8", errors="replace")
        for path in books.decisions.rglob("*.beancount")
    ):
        return False
    seen = books.root / _SEEN
    return not seen.is_file() or seen.read_text("utf-8").strip() != _fingerprint(config)


def remember(books: Books, config: Config) -> None:
    """Note the settings of a run that wrote the books."""
    text = _fingerprint(config) + "\n"
    seen = books.root / _SEEN
    if not seen.is_file() or seen.read_text("utf-8") != text:
        write_atomically(seen, text)


def late(texts: Iterable[str]) -> Late:
    """The entries of journal texts that concern a day of a closed month."""
    found: dict[tuple[str, str, str], dict[tuple[str, str], int]] = {}
    for text in texts:
        if "event-date:" not in text:
            continue
        for entry in parser.parse_string(text)[0]:
            if isinstance(entry, Transaction) and "event-date" in entry.meta:
                meta = entry.meta
                place = (str(meta.get("source")), str(meta.get("key", "")), str(meta["event-date"]))
                amounts = found.setdefault(place, defaultdict(int))
                for posting in entry.postings:
                    if posting.units is not None:
                        amounts[posting.account, posting.units.currency] += minor(posting.units)
    return found


def changes(books: Books, texts: Mapping[str, str], frozen: Mapping[str, str]) -> Late:
    """What late entries of `texts` say that the books on disk do not: the difference of each."""
    before = late(
        books.path_of(name).read_text("utf-8")
        for name in books.generated_files()
        if name.startswith("journal/") and name not in frozen
    )
    now = late(
        text for name, text in texts.items() if name.startswith("journal/") and name not in frozen
    )
    found = {}
    for place in sorted({*before, *now}):
        old, new = before.get(place, {}), now.get(place, {})
        rest = {pair: new.get(pair, 0) - old.get(pair, 0) for pair in {*old, *new}}
        if any(rest.values()):
            found[place] = rest
    return found


def summed(found: Late) -> str:
    """What is moved, by currency: `4,712.03 CNY`."""
    sums: dict[str, int] = defaultdict(int)
    for amounts in found.values():
        for (_account, currency), amount in amounts.items():
            sums[currency] += max(amount, 0)
    return ", ".join(f"{format_minor(sums[one], one)} {one}" for one in sorted(sums))


def refuse(books: Books, texts: Mapping[str, str], frozen: Mapping[str, str]) -> None:
    """See that changed settings leave closed months alone.

    Raises:
      BooksError: they would rebook entries of closed months; says how many and how much.
    """
    found = changes(books, texts, frozen)
    if found:
        days = sorted({day for _source, _key, day in found})
        raise BooksError(
            _(
                "the settings changed, and %(count)d entries of closed months (%(first)s to"
                " %(last)s) would be rebooked in the open month: %(sum)s"
            )
            % {"count": len(found), "first": days[0], "last": days[-1], "sum": summed(found)},
            _(
                "give the rule a day from which it holds (`from`, or [[taxpayer]]); if the closed"
                " months are meant to be corrected: beanclear run --rebook"
            ),
            where="beanclear.toml",
        )


def told(found: Late) -> list[str]:
    """What a run says of entries for closed months that it booked; nothing without any."""
    if not found:
        return []
    days = sorted({day for _source, _key, day in found})
    return [
        _(
            "Booked into the open month for closed ones (%(first)s to %(last)s): %(count)d entries,"
            " %(sum)s; each bears its own day as `event-date`"
        )
        % {"first": days[0], "last": days[-1], "count": len(found), "sum": summed(found)}
    ]
