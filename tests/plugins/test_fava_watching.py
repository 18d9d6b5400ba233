"""Books that change while Fava shows them: seen in every order of events."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from fava.core import FavaLedger

from beanclear.ledger.books import write_atomically
from beanclear.plugins.fava_beanclear import watching

MAIN = """
option "operating_currency" "CNY"
1970-01-01 custom "fava-extension" "beanclear.plugins.fava_beanclear"
1970-01-01 custom "fava-option" "import-config" "import.py"
1970-01-01 open Assets:Bank CNY
1970-01-01 open Equity:Opening CNY
include "journal/**/*.beancount"
include "decisions/**/*.beancount"
"""


def entry(amount: str) -> str:
    return f'2026-07-01 * "x"\n  Assets:Bank  {amount} CNY\n  Equity:Opening\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("journal", "decisions"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "_.beancount").write_text("")
    (tmp_path / "main.beancount").write_text(MAIN)
    (tmp_path / "journal" / "a.beancount").write_text(entry("1.00"))
    for path in tmp_path.rglob("*.beancount"):
        os.utime(path, (0, 0))
    return tmp_path


@pytest.fixture
def ledger(root: Path) -> FavaLedger:
    opened = FavaLedger(str(root / "main.beancount"))
    opened.changed()  # nobody knows when the first load began
    return opened


def shown(ledger: FavaLedger) -> list[str]:
    """The amounts of the bank account as Fava would show them after asking for changes."""
    ledger.changed()
    return [
        str(posting.units.number)
        for found in ledger.all_entries_by_type.Transaction
        for posting in found.postings
        if posting.account == "Assets:Bank"
    ]


def loads(ledger: FavaLedger, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows with each load."""
    counted: list[int] = []
    load = FavaLedger.load_file

    def counting(self: FavaLedger) -> None:
        counted.append(1)
        load(self)

    monkeypatch.setattr(FavaLedger, "load_file", counting)
    del ledger
    return counted


def test_written_then_loaded_then_put_in_place(ledger: FavaLedger, root: Path) -> None:
    """The file bears a time from before the load: comparing times never shows it."""
    target = root / "journal" / "a.beancount"
    temporary = root / "temporary"
    temporary.write_text(entry("2.00"))
    os.utime(temporary, (1, 1))
    ledger.load_file()
    assert shown(ledger) == ["1.00"]
    temporary.replace(target)
    assert shown(ledger) == ["2.00"]


def test_changed_while_it_is_loaded(
    ledger: FavaLedger, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is put in place after Fava has read it, but before it has looked, is seen next."""
    target = root / "journal" / "a.beancount"
    update = watching.BooksWatcher.update
    once = [entry("3.00")]

    def late(self: watching.BooksWatcher, *paths: object) -> None:
        if once:
            write_atomically(target, once.pop())
        update(self, *paths)  # type: ignore[arg-type]

    write_atomically(target, entry("2.00"))
    monkeypatch.setattr(watching.BooksWatcher, "update", late)
    assert shown(ledger) == ["2.00"]
    assert shown(ledger) == ["3.00"]


@pytest.mark.parametrize("name", ["journal/2026/b.beancount", "decisions/2026.beancount"])
def test_a_file_that_an_include_adds(ledger: FavaLedger, root: Path, name: str) -> None:
    write_atomically(root / name, entry("5.00"))
    assert sorted(shown(ledger)) == ["1.00", "5.00"]
    (root / name).unlink()
    assert shown(ledger) == ["1.00"]


def test_one_of_equal_size_and_time(ledger: FavaLedger, root: Path) -> None:
    target = root / "journal" / "a.beancount"
    times = target.stat()
    write_atomically(target, entry("9.00"))
    os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert shown(ledger) == ["9.00"]


def test_books_that_rest_are_not_loaded_again(
    ledger: FavaLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_SLACK_NS", 0)
    ledger.changed()
    counted = loads(ledger, monkeypatch)
    for _time in range(5):
        ledger.changed()
    assert len(counted) <= 1


def test_pages_learn_of_every_load(ledger: FavaLedger, root: Path) -> None:
    before = ledger.mtime
    write_atomically(root / "journal" / "a.beancount", entry("2.00"))
    ledger.changed()
    assert ledger.mtime > before


def test_many_requests_at_once_end_with_the_last_books(ledger: FavaLedger, root: Path) -> None:
    """Two loads at a time could end in the wrong order."""
    target = root / "journal" / "a.beancount"
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            ledger.changed()

    threads = [threading.Thread(target=ask) for _number in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 30):
        write_atomically(target, entry(f"{number}.00"))
    stop.set()
    for thread in threads:
        thread.join()
    assert shown(ledger) == ["29.00"]


def test_code_in_the_books_folder_is_not_run(root: Path) -> None:
    (root / "import.py").write_text("raise SystemExit('run')\nCONFIG = []\n")
    opened = FavaLedger(str(root / "main.beancount"))
    assert opened.ingest.module_path is None
    opened.load_file()
    assert opened.ingest.module_path is None
    assert not opened.ingest.errors


def test_favas_own_watchers_end(root: Path) -> None:
    before = set(threading.enumerate())
    opened = [FavaLedger(str(root / "main.beancount")) for _ in range(3)]
    assert set(threading.enumerate()) <= before
    assert all(isinstance(one.watcher, watching.BooksWatcher) for one in opened)
