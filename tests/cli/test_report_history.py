"""The history of runs: what a run adds, and what `report trends` makes of it."""

from __future__ import annotations

import datetime
from pathlib import Path

from beanclear.cli import report_history
from beanclear.ledger.books import Books
from beanclear.ledger.reconciliation import ClearingState, Item, Matched, Reconciliation
from beanclear.ledger.statements import trends
from beanclear.ledger.vocabulary import ItemClass

ACCOUNT = "Assets:Receivable:Tmall"


def day(month: int, number: int) -> datetime.date:
    return datetime.date(2026, month, number)


def found(as_of: datetime.date, matched: int, *open_since: datetime.date) -> Reconciliation:
    """One account with an open item of 10.00 for each of these days."""
    items = tuple(
        Item(
            account=ACCOUNT, currency="CNY", key=f"order of {event}", klass=ItemClass.OVERDUE,
            amount_minor=1000, at_stake_minor=1000, date=event, due=event,
        )
        for event in open_since
    )  # fmt: skip
    state = ClearingState(
        account=ACCOUNT, currency="CNY", as_of=as_of, balance_minor=1000 * len(items),
        in_transit_minor=0, in_transit_count=2, open_minor=1000 * len(items),
        open_count=len(items), matched=(Matched(name="key", count=matched, amount_minor=1),),
    )  # fmt: skip
    return Reconciliation(states=(state,), transits=(), items=items, rests=())


def at(hour: int) -> datetime.datetime:
    return datetime.datetime(2026, 9, 1, hour, 30, 5, tzinfo=datetime.UTC)


def test_a_run_knows_what_came_and_what_was_cleared_since_the_run_before(tmp_path: Path) -> None:
    books = Books(tmp_path)
    report_history.remember(books, found(day(7, 31), 7, day(7, 1), day(7, 11), day(7, 21)), at(8))
    # Those of July 1 and 21 are gone on August 10: after 40 and 20 days. One of August 2 is new.
    report_history.remember(books, found(day(8, 10), 96, day(7, 11), day(8, 2)), at(9))
    first, second = report_history.history(books)
    assert (first.new, first.cleared, first.days) == (3, 0, 0)
    assert (second.new, second.cleared, second.days) == (1, 2, 60)
    table = trends.run_by_run([first, second], "CNY")
    assert [row.cells for row in table.rows] == [
        ("2026-09-01 08:30", day(7, 31), 7, 2, 3, 700_000, 300_000, 3, 0, None, 3000),
        # 96 of 98 that were judged; two items in 30 days on average.
        ("2026-09-01 09:30", day(8, 10), 96, 2, 2, 979_591, 20_408, 1, 2, 30, 2000),
    ]
    assert table.notes == ()


def test_a_run_that_finds_nothing_else_is_not_noted(tmp_path: Path) -> None:
    books = Books(tmp_path)
    for hour in (8, 9, 10):
        report_history.remember(books, found(day(7, 31), 7, day(7, 1)), at(hour))
    (run,) = report_history.history(books)
    assert run.at == at(8)
    report_history.remember(books, found(day(7, 31), 8, day(7, 1)), at(11))
    assert [one.at.hour for one in report_history.history(books)] == [8, 11]


def test_without_a_run_the_table_says_so() -> None:
    table = trends.run_by_run([], "CNY")
    assert table.notes == ("No run with an as-of date in this period is noted on this machine.",)


def test_a_line_that_a_crash_cut_off_counts_for_nothing(tmp_path: Path) -> None:
    books = Books(tmp_path)
    report_history.remember(books, found(day(7, 31), 7, day(7, 1)), at(8))
    with (tmp_path / ".beanclear" / "runs.tsv").open("a", encoding="utf-8") as file:
        file.write("2026-09-01T09:30:05+00:00\t2026-0")
    assert len(report_history.history(books)) == 1


def test_books_without_clearing_accounts_have_no_history(tmp_path: Path) -> None:
    books = Books(tmp_path)
    report_history.remember(
        books, Reconciliation(states=(), transits=(), items=(), rests=()), at(8)
    )
    assert report_history.history(books) == []
