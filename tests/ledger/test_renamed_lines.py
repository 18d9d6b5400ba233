"""A frozen bank line that is known by another key now is the same line."""

from __future__ import annotations

import datetime

from beanclear.ledger.posting.journal import FrozenJournal, JournalEntry, Posting, with_late

DAY = datetime.date(2026, 7, 4)
CLOSED = datetime.date(2026, 7, 31)


def line(key: str, amount: int = 100, counter: str = "Assets:Suspense:CCB:0001") -> JournalEntry:
    return JournalEntry(
        day=DAY,
        source="ccb/0001",
        payee="",
        narration="",
        records=1,
        key=key,
        postings=(
            Posting(account="Assets:Bank:CCB:0001", amount_minor=amount, currency="CNY"),
            Posting(account=counter, amount_minor=-amount, currency="CNY"),
        ),
    )


def frozen(*entries: JournalEntry) -> FrozenJournal:
    return FrozenJournal(
        CLOSED,
        {
            entry.identity: {
                (one.account, one.currency, one.owner): one.amount_minor for one in entry.postings
            }
            for entry in entries
        },
    )


def test_another_key_alone_books_nothing() -> None:
    before = frozen(line("00001"), line("00002"))
    now = [line("00001@20260704"), line("00002@20260704")]
    assert with_late(now, before, str) == []


def test_another_amount_is_another_line() -> None:
    late = with_late([line("00001@20260704", 90)], frozen(line("00001")), str)
    assert [entry.postings[0].amount_minor for entry in late] == [90, -100]


def test_a_line_that_stands_under_its_own_key_is_not_taken_for_another() -> None:
    late = with_late([line("1"), line("2")], frozen(line("1")), str)
    assert [(entry.key, entry.postings[0].amount_minor) for entry in late] == [("2", 100)]
