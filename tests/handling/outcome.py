"""What the books make of handled files: the same, a fault that names the file, or something else."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from beanclear.cli import intake
from beanclear.cli.bookkeeping import Bookkeeper
from beanclear.cli.progress import Silent
from beanclear.cli.results import RunOptions
from beanclear.ledger import config as configuration
from beanclear.ledger.books import Books
from beanclear.ledger.store import RecordStore


class Outcome(StrEnum):
    """What became of the books.

    same: the figures are those of the untouched file.
    fault: a message names the file, and nothing of it is booked, or what is booked is said.
    item: the file is booked, and an open item says that something is missing or too much.
    earlier: the books say that they end earlier; up to there they are the same.
    other: other figures, and nothing says so.
    """

    SAME = "same"
    FAULT = "fault"
    ITEM = "item"
    EARLIER = "earlier"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Books made of some files: figures by day and account, open items, as-of dates, messages."""

    figures: Counter[tuple[str, str, str, int]]
    items: Counter[tuple[str, str, str]]
    as_of: dict[str, str]
    messages: tuple[str, ...]


def make(root: Path, files: Iterable[tuple[str, bytes]]) -> Made:
    """New books of these files, as a run computes them."""
    books = Books(root)
    books.inbox.mkdir(parents=True)
    books.config.write_text("", encoding="utf-8")
    for name, content in files:
        path = books.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    store = RecordStore(books)
    config = configuration.load(books.config)
    with store.session():
        arrivals = intake.look(books, config, RunOptions(), [], store=store, progress=Silent())
        store.take(one.staged for one in arrivals if one.staged is not None)
        with Bookkeeper(books, store, config, []) as kept:
            computed = kept.compute()
            rows = kept.con.execute(
                "SELECT entry, CAST(day AS VARCHAR), account, currency,"
                " CAST(sum(amount_minor) AS BIGINT) FROM postings GROUP BY ALL"
            ).fetchall()
    figures: Counter[tuple[str, str, str, int]] = Counter()
    for _entry, day, account, currency, amount in rows:
        figures[day, account, currency, amount] += 1
    told = [
        str(fault)
        for arrival in arrivals
        for result in arrival.results
        for fault in (*result.faults, *result.notes)
    ]
    told += [str(fault) for fault in store.conflicts()]
    told += [str(dataclasses.asdict(found)) for found in computed.disagreements]
    return Made(
        figures=figures,
        items=Counter(
            (item.account, str(item.klass), str(item.amount_minor)) for item in computed.found.items
        ),
        as_of={state.account: state.as_of.isoformat() for state in computed.found.states},
        messages=tuple(told),
    )


def judge(base: Made, found: Made, names: Sequence[str]) -> Outcome:
    """How handled files, which are called so, compare with the untouched one."""
    named = [text for text in found.messages if any(name in text for name in names)]
    if found.figures == base.figures and found.as_of == base.as_of:
        return Outcome.SAME
    if named:
        return Outcome.FAULT
    if set(found.items) - set(base.items):
        return Outcome.ITEM
    if _is_earlier(base, found):
        return Outcome.EARLIER
    return Outcome.OTHER


def _is_earlier(base: Made, found: Made) -> bool:
    earlier = [day for account, day in found.as_of.items() if day < base.as_of.get(account, day)]
    if not earlier:
        return False
    end = min(earlier)

    def until(made: Made) -> Counter[tuple[str, str, str, int]]:
        return Counter({key: count for key, count in made.figures.items() if key[0] <= end})

    return until(base) == until(found)
