"""What the desk does beside its pages; no browser is needed."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import cast

import pytest
from beancount.core.data import Custom, Note
from fava.core import FavaLedger

from beanclear.plugins.fava_beanclear import asking
from beanclear.plugins.fava_beanclear.crowd import MOST

ACCOUNT = "Assets:Receivable:Tmall"
MORE = 3


def item(number: int, as_of: str) -> str:
    return (
        f'2026-08-01 custom "open-item" {ACCOUNT} {number}.00 CNY\n  as-of: {as_of}\n'
        f'  class: "overdue"\n  key: "{number}"\n  at-stake: {number}.00 CNY\n'
        f'  due: 2026-08-16\n  reason: "none"\n'
    )


def test_fava_shows_the_largest_of_thousands_of_items_and_our_pages_all(tmp_path: Path) -> None:
    main = tmp_path / "main.beancount"
    items = [item(number, "2026-08-31") for number in range(1, MOST + MORE)]
    main.write_text(
        '1970-01-01 custom "fava-extension" "beanclear.plugins.fava_beanclear"\n'
        '1970-01-01 custom "fava-option" "language" "en"\n'
        f"1970-01-01 open {ACCOUNT} CNY\n{''.join(items)}{item(10_000, '2026-07-31')}",
        encoding="utf-8",
    )
    ledger = FavaLedger(str(main))
    shown = [
        str(entry.meta["key"])
        for entry in ledger.all_entries
        if isinstance(entry, Custom) and entry.type == "open-item"
    ]
    # What an older state held goes first, then what is smallest.
    assert sorted(map(int, shown)) == list(range(MORE, MOST + MORE))
    notes = [cast("Note", entry) for entry in ledger.all_entries if isinstance(entry, Note)]
    assert [note.comment for note in notes] == [
        f"{MORE} more open items: the page of open items shows all"
    ]
    customs = [entry for entry in ledger.all_entries_by_type.Custom if entry.type == "open-item"]
    assert len(customs) == MOST + MORE
    before = len(ledger.all_entries)
    ledger.load_file()
    assert len(ledger.all_entries) == before


def test_an_answer_that_takes_its_time_is_asked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.01)
    go_on, asked = threading.Event(), []

    def ask() -> str:
        asked.append("once")
        assert go_on.wait(10)
        return "answer"

    questions = asking.Questions()
    for _turn in range(2):
        with pytest.raises(asking.PendingError):
            questions.answer("key", ask)
    assert not questions.is_done("key")
    assert not questions.are_done(lambda key: key == "key")
    assert questions.are_done(lambda key: key != "key")
    go_on.set()
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 10)
    assert [questions.answer("key", ask), questions.answer("key", ask)] == ["answer", "answer"]
    assert (questions.is_done("key"), asked) == (True, ["once"])


def test_a_failure_is_told_once_and_then_asked_again() -> None:
    turns = iter(["busy", ""])

    def ask() -> str:
        if problem := next(turns):
            raise asking.CommandError(problem)
        return "answer"

    questions = asking.Questions()
    with pytest.raises(asking.CommandError, match="busy"):
        questions.answer("key", ask)
    assert questions.answer("key", ask) == "answer"
