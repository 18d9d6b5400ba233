"""Reading what waits: in order whatever ends first, few documents at a time, nothing left over."""

from __future__ import annotations

import gc
import shutil
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from beanclear.cli import ahead as working_ahead
from beanclear.cli import intake, skeleton
from beanclear.cli.ahead import AT_ONCE, ahead
from beanclear.cli.pipeline import RunOptions, RunResult, run_books
from beanclear.cli.progress import Silent
from beanclear.cli.simulation import Options, simulate
from beanclear.importers import registry
from beanclear.ledger.books import Books, write_atomically
from beanclear.ledger.statement import Statement
from beanclear.ledger.store import RecordStore
from beanclear.ledger.store_parts import STAGES


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    simulate(folder, Options(orders=40, days=70, seed=5))
    (folder / "truth.json").unlink()
    return folder


@pytest.fixture
def shop(tmp_path: Path, exports: Path) -> Books:
    """New books with exports in their inbox."""
    books = new_books(tmp_path / "shop")
    shutil.copytree(exports, books.inbox, dirs_exist_ok=True)
    return books


def new_books(folder: Path) -> Books:
    for name, text in skeleton.files("Shop", "en", "general").items():
        write_atomically(folder / name, text)
    return Books(folder)


def run(books: Books) -> RunResult:
    return run_books(books, RunOptions(), Silent())


def texts(books: Books) -> dict[str, bytes]:
    return {
        path.relative_to(books.root).as_posix(): path.read_bytes()
        for path in books.root.rglob("*.beancount")
    }


def rows(books: Books) -> dict[str, bytes]:
    return {
        path.relative_to(books.records).as_posix(): path.read_bytes()
        for stage in STAGES
        for path in (books.records / stage).rglob("*.parquet")
    }


def in_progress(books: Books) -> list[Path]:
    return [path for name in ("incoming", "scratch") for path in [books.records / name]
            if path.exists()]  # fmt: skip


def test_results_come_in_order_whatever_ends_first() -> None:
    at_work, most = 0, 0
    lock = threading.Lock()

    def work(number: int) -> int:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.02 if number % 2 else 0.001)
        with lock:
            at_work -= 1
        return number

    assert list(ahead(work, range(12), 3)) == list(range(12))
    assert most <= 3


def test_nothing_is_begun_that_is_not_waited_for() -> None:
    begun: list[int] = []
    working = ahead(begun.append, range(10), 2)
    next(working)
    next(working)
    assert len(begun) <= 4
    working.close()
    assert len(begun) <= 4


def test_an_error_is_raised_at_its_place() -> None:
    def work(number: int) -> int:
        if number == 2:
            raise ValueError(number)
        return number

    working = ahead(work, range(5), 2)
    assert [next(working), next(working)] == [0, 1]
    with pytest.raises(ValueError, match="2"):
        next(working)


def test_no_more_documents_are_alive_than_are_worked_on(
    shop: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[weakref.ref[pa.Table]] = []
    most = 0

    def living() -> int:
        return sum(one() is not None for one in begun)

    def reading(*given: Any, **named: Any) -> list[Statement]:  # noqa: ANN401 - as read_document
        nonlocal most
        statements = registry.read_document(*given, **named)
        begun.extend(weakref.ref(one.records) for one in statements)
        most = max(most, living())
        return statements

    monkeypatch.setattr(intake, "read_document", reading)
    result = run(shop)
    assert len(begun) == len(result.documents) > 10  # each has one statement
    assert 0 < most <= AT_ONCE
    gc.collect()
    assert living() == 0


def test_one_at_a_time_gives_the_same_books(
    shop: Books, exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(shop)
    other = new_books(tmp_path / "other")
    shutil.copytree(exports, other.inbox, dirs_exist_ok=True)
    monkeypatch.setattr(intake, "ahead", lambda work, given: working_ahead.ahead(work, given, 1))
    assert run(other).documents == first.documents
    assert texts(other) == texts(shop)
    assert rows(other) == rows(shop)
    assert (other.index).read_bytes() == shop.index.read_bytes()
    assert in_progress(shop) == []


@pytest.mark.parametrize("at", ["archive", "clear_inbox"])
def test_killed_between_stage_and_store(
    shop: Books, exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    whole = new_books(tmp_path / "whole")
    shutil.copytree(exports, whole.inbox, dirs_exist_ok=True)
    run(whole)

    def die(*_arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(intake, at, die)
        patch.setattr(RecordStore, "_clear", lambda _store: None)  # nobody clears up
        with pytest.raises(Killed):
            run(shop)
    assert (shop.records / "incoming").is_dir()
    assert shop.index.exists() == (at == "clear_inbox")
    run(shop)
    assert in_progress(shop) == []
    assert texts(shop) == texts(whole)
    assert rows(shop) == rows(whole)
    assert list(shop.inbox.glob("*.csv")) == []


def test_a_copy_in_the_inbox_is_known(shop: Books) -> None:
    file = next(iter(sorted(shop.inbox.glob("orders-*.csv"))))
    (shop.inbox / "zz").mkdir()
    shutil.copy(file, shop.inbox / "zz" / "copy.csv")
    states = [(one.file, one.state) for one in run(shop).documents]
    assert (file.name, "booked") in states
    assert ("copy.csv", "known") in states
