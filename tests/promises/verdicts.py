"""What is found for a story, without any file: records in memory, through Bookkeeper."""

from __future__ import annotations

import datetime
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pyarrow as pa

from beanclear.cli.bookkeeping import Bookkeeper
from beanclear.ledger import vocabulary
from beanclear.ledger.beancount_text import amount
from beanclear.ledger.books import Books
from beanclear.ledger.config import BooksSection, CalendarSection, Config
from beanclear.ledger.money import format_minor
from beanclear.ledger.records import ZONE
from beanclear.ledger.statement_rows import StatementRow, row_of
from beanclear.ledger.store import RecordStore
from tests.promises.stories import LENGTH, START, TRANSIT, Frame, Story, Teller, tell
from tests.promises.tellings import statements

if TYPE_CHECKING:
    from beanclear.ledger.reconciliation import Reconciliation
    from beanclear.ledger.statement import Statement

LOSSES = "Expenses:BadDebt"
PLAIN = Frame()


class MemoryStore(RecordStore):
    """A store of statements that are held in memory; each row once, as the true store has it."""

    def __init__(self, books: Books, given: Sequence[Statement]) -> None:
        super().__init__(books)
        self._given = sorted(given, key=lambda one: row_of(one).order)

    def statements(self) -> list[StatementRow]:
        return [row_of(one) for one in self._given]

    def connect(
        self, threads: int | None = None, files: Sequence[Path] | None = None
    ) -> duckdb.DuckDBPyConnection:
        del files
        con = duckdb.connect(":memory:", config={"threads": threads or 1})
        con.execute(f"SET TimeZone = '{ZONE}'")
        con.execute("PRAGMA disable_optimizer")  # few rows: planning is most of the time
        con.register("given", pa.concat_tables([one.records for one in self._given]))
        con.execute(
            "CREATE TEMP TABLE records AS SELECT * FROM given QUALIFY stage = 'order' OR"
            " row_number() OVER (PARTITION BY source, account, shop, stage, record_id"
            ' ORDER BY document, "row") = 1'
        )
        return con


@cache
def every_day_works(shift: int = 0) -> Config:
    """A configuration in which banks work every day, so that dates can be moved by any number."""
    first = START - datetime.timedelta(days=90)
    days = tuple(first + datetime.timedelta(days=one + shift) for one in range(LENGTH + 200))
    return Config(books=BooksSection(language="en"), calendar=CalendarSection(workdays=days))


class Line(NamedTuple):
    """An open item without the rows it stands in."""

    account: str
    klass: str
    key: str
    amount: int
    at_stake: int
    day: int
    due: int
    order: str | None
    payout: str | None
    bank: str | None
    lines: int | None
    figures: tuple[int | None, int | None]
    candidates: tuple[str, ...]


class Found(NamedTuple):
    """What comes out, in the story's own names, days and steps."""

    items: tuple[Line, ...]
    states: tuple[tuple[Any, ...], ...]
    transits: tuple[tuple[Any, ...], ...]

    def of(self, accounts: Iterable[str]) -> Found:
        """The part that concerns these accounts."""
        wanted = set(accounts)
        return Found(
            tuple(item for item in self.items if item.account in wanted),
            tuple(state for state in self.states if state[0] in wanted),
            tuple(transit for transit in self.transits if transit[0] in wanted),
        )

    @property
    def accounts(self) -> set[str]:
        return {state[0] for state in self.states}


def plain(found: Reconciliation, frame: Frame) -> Found:
    """What was found, seen back through the frame it was told in."""

    def day(date: datetime.date | None) -> int:
        return (date - frame.day(0)).days if date else -999

    def money(minor: int | None) -> int | None:
        if minor is None:
            return None
        assert minor % frame.factor == 0
        return minor // frame.factor

    def name(text: str | None) -> str | None:
        return frame.plain(text) if text else text

    items = [
        Line(
            item.account, item.klass.value, frame.plain(item.key),
            item.amount_minor // frame.factor, item.at_stake_minor // frame.factor,
            day(item.date), day(item.due), name(item.order_id), name(item.payout_id),
            name(item.bank_ref), item.count,
            (money(item.expected_minor), money(item.found_minor)),
            tuple(sorted(map(frame.plain, item.candidates))),
        )
        for item in found.items
    ]  # fmt: skip
    states = [
        (
            state.account, day(state.as_of), state.awaiting, money(state.balance_minor),
            money(state.in_transit_minor), state.in_transit_count, money(state.open_minor),
            state.open_count,
            tuple((one.name, one.count, money(one.amount_minor)) for one in state.matched),
        )
        for state in found.states
    ]  # fmt: skip
    transits = [
        (one.account, day(one.day), day(one.due), money(one.amount_minor), one.count)
        for one in found.transits
    ]
    return Found(tuple(sorted(items, key=str)), tuple(states), tuple(transits))


def decisions(story: Story, teller: Teller) -> str:
    """What an accountant writes off and matches, as text."""
    frame = teller.frame
    entries: list[vocabulary.Entry] = [
        vocabulary.WriteOff(
            date=frame.day(LENGTH), account=account, by="Li",
            amount=amount(minor * frame.factor, "CNY"), key=key, to=LOSSES,
        )
        for place in story.given_up
        if (claim := teller.claims.get(place)) is not None
        for account, key, minor in [claim]
    ]  # fmt: skip
    for wallet, account in TRANSIT.items() if story.joined else ():
        items = [teller.alone.get((wallet, fate)) for fate in ("missing", "stranger")]
        if None not in items:
            said = {one[0]: format_minor(one[1] * frame.factor, "CNY") for one in items if one}
            entries.append(
                vocabulary.Match(
                    date=frame.day(LENGTH), account=account, by="Li", items=json.dumps(said),
                    currency="CNY", to=LOSSES,
                )
            )  # fmt: skip
    return vocabulary.texts(entries) if entries else ""


def write_decisions(books: Books, text: str, name: str = "decisions/2026.beancount") -> None:
    path = books.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@contextmanager
def keeper(
    given: Sequence[Statement], said: str = "", config: Config | None = None
) -> Iterator[Bookkeeper]:
    """Statements in memory, posted and linked."""
    with tempfile.TemporaryDirectory(prefix="story-") as folder:
        books = Books(Path(folder))
        if said:
            write_decisions(books, said)
        with Bookkeeper(books, MemoryStore(books, given), config or every_day_works(), []) as kept:
            yield kept


def found(given: Sequence[Statement], frame: Frame, said: str = "", limit: int = LENGTH) -> Found:
    """What is found in statements told in a frame."""
    with keeper(given, said, every_day_works(frame.shift)) as kept:
        return plain(kept.reconcile(kept.as_of(frame.day(limit))), frame)


def verdict(story: Story, frame: Frame = PLAIN, **more: Any) -> Found:  # noqa: ANN401 - of `statements`
    """What is found in a story."""
    teller = tell(story, frame)
    return found(statements(story, teller, **more), frame, decisions(story, teller))
