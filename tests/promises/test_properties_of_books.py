"""4.2, continued: P3 on files, P6 on what comes late, P7 on the size of the text."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beancount.core.data import Transaction
from beancount.parser import parser
from hypothesis import given
from hypothesis import strategies as st

from beanclear.cli.bookkeeping import Bookkeeper
from beanclear.importers.registry import read_document
from beanclear.ledger import vocabulary
from beanclear.ledger.books import Books
from beanclear.ledger.records import Stage
from tests.promises.stories import SOURCES, Sale, Story, Teller, tell
from tests.promises.tellings import sales, statements, stories
from tests.promises.test_properties import tried
from tests.promises.verdicts import MemoryStore, decisions, every_day_works, write_decisions

if TYPE_CHECKING:
    from beanclear.ledger.statement import Statement

HEADER = ("order_id", "ordered_at", "status", "amount", "refunded")
CELLS = st.tuples(
    st.sampled_from(("A1", "A2", "A3", "B 4", "订单5", "", "=1+1")),
    st.sampled_from(("2026-07-01", "2026/7/2 9:05", "2026-02-30", "yesterday", "")),
    st.sampled_from(("created", "paid", "completed", "closed", "lost", "")),
    st.sampled_from(("10.00", "1.5", "-3.00", "1,234.50", "0.005", "abc", "")),
    st.sampled_from(("", "0.00", "5.00", "-1.00")),
)


def read(rows: list[tuple[str, ...]]) -> Statement:
    """The statement of an orders.csv of these rows."""
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    with tempfile.TemporaryDirectory(prefix="rows-") as folder:
        path = Path(folder) / "orders.csv"
        path.write_text(text.getvalue(), encoding="utf-8")
        (statement,) = read_document(path)
    return statement


def contents(statement: Statement) -> list[dict[str, Any]]:
    """The records without the place they stand in."""
    return list(statement.records.drop_columns(["document", "row", "known_at"]).to_pylist())


@tried
@given(st.lists(CELLS, min_size=1, max_size=12))
def test_p3_each_row_becomes_a_record_or_a_fault(rows: list[tuple[str, ...]]) -> None:
    statement = read(rows)
    wrong = {fault.row for fault in statement.faults}
    booked = statement.records.column("row").to_pylist()
    filled = {line for line, row in enumerate(rows, 2) if any(row)}
    assert statement.rows_read == len(filled)
    assert statement.rows_used + statement.rows_reported == statement.rows_read
    assert len(booked) == len(set(booked)) == statement.rows_used
    assert set(booked) | wrong >= filled


@tried
@given(st.lists(CELLS, min_size=2, max_size=12, unique_by=lambda row: row[0]), st.data())
def test_p3_p5_a_file_cut_in_two_gives_the_same_records(
    rows: list[tuple[str, ...]], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(rows) - 1))
    whole, first, second = read(rows), read(rows[:cut]), read(rows[cut:])
    assert contents(whole) == contents(first) + contents(second)
    assert whole.rows_reported == first.rows_reported + second.rows_reported


def texts(books: Books, given_files: list[Statement]) -> dict[str, str]:
    """What a run writes, written."""
    with Bookkeeper(books, MemoryStore(books, given_files), every_day_works(), []) as kept:
        computed = kept.compute()
    found = computed.texts
    for path in books.root.rglob("journal/**/*.beancount"):
        if path.relative_to(books.root).as_posix() not in {*found, *computed.frozen_files}:
            path.unlink()
    for name, text in found.items():
        path = books.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return found


def balances(books: Books) -> dict[tuple[str, str], Decimal]:
    """What all journals in the books put on each account."""
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for path in sorted(books.root.rglob("journal/**/*.beancount")):
        for entry in parser.parse_file(str(path))[0]:
            for posting in entry.postings if isinstance(entry, Transaction) else ():
                units = posting.units
                assert units is not None
                assert units.number is not None
                found[posting.account, units.currency] += units.number
    return {place: amount for place, amount in found.items() if amount}


def close_july(books: Books, written: dict[str, str]) -> dict[str, str]:
    """Freeze the journal of July, as `beanclear close` does."""
    frozen = {name: text for name, text in written.items() if name.startswith("journal/2026/07/")}
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in frozen.items()}
    said = vocabulary.Close(
        date=tell(Story(sales=())).frame.day(30),
        account=vocabulary.CLOSING_ACCOUNT,
        by="Li",
        period="2026-07",
        files=json.dumps(hashes),
    )
    write_decisions(books, vocabulary.texts([said]), "decisions/2026-07.beancount")
    return frozen


def without(teller: Teller, every: int) -> Teller:
    """All facts but each so manieth wallet and bank line."""
    kept = Teller(teller.frame)
    lines = [fact for fact in teller.facts if fact.stage is not Stage.ORDER]
    late = {id(fact) for fact in lines[::every]}
    kept.facts = [fact for fact in teller.facts if id(fact) not in late]
    return kept


@tried
@given(stories(), st.integers(2, 7))
def test_p6_what_comes_late_is_booked_on_open_days(story: Story, every: int) -> None:
    teller = tell(story)
    said = decisions(story, teller)
    with tempfile.TemporaryDirectory(prefix="closed-") as one, tempfile.TemporaryDirectory() as two:
        closed, plain = Books(Path(one)), Books(Path(two))
        for books in (closed, plain):
            if said:
                write_decisions(books, said)
        frozen = close_july(closed, texts(closed, statements(story, without(teller, every))))
        written = texts(closed, statements(story, teller))
        texts(plain, statements(story, teller))
        assert not frozen.keys() & written.keys()
        assert {name: (closed.root / name).read_text("utf-8") for name in frozen} == frozen
        assert balances(closed) == balances(plain)


@tried
@given(st.lists(sales(("paid", "parts", "freight", "refunded")), min_size=1, max_size=12))
def test_p7_more_orders_on_the_same_days_make_no_more_text(sold: list[Sale]) -> None:
    sold += [Sale(platform, 1, 2, "paid") for platform in sorted(SOURCES)]
    sizes = []
    for times in (1, 3):
        story = Story(sales=tuple(sale for sale in sold for _ in range(times)))
        with tempfile.TemporaryDirectory(prefix="many-") as folder:
            found = texts(Books(Path(folder)), statements(story, tell(story)))
        sizes.append({name: text.count("\n") for name, text in found.items()})
    assert sizes[0] == sizes[1]
