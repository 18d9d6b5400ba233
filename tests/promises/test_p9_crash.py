"""9.4 P9: killed at any point and run again, the books are what one clean run gives."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from beanclear.cli.closing import close_period
from beanclear.cli.pipeline import RunOptions, run_books
from beanclear.cli.progress import Silent
from beanclear.ledger.books import Books
from beanclear.ledger.errors import BusyError

if TYPE_CHECKING:
    from tests.promises.conftest import Exports, Workshop

START = [sys.executable, "-m", "beanclear.cli", "--lang", "en", "run"]


class Killed(BaseException):
    """No code catches it, as none catches SIGKILL."""


@pytest.fixture(scope="module")
def small(workshop: Workshop) -> Exports:
    return workshop.exports(orders=90, days=25, seed=41, faults=0.0)


def start(books: Books) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*START, str(books.root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def leftovers(books: Books) -> list[Path]:
    return [path for path in books.root.rglob(".beanclear-tmp*") if path.is_file()]


@pytest.mark.parametrize("round_", range(4))
def test_9_4_killed_five_times_then_run(
    workshop: Workshop, small: Exports, tmp_path: Path, round_: int
) -> None:
    whole, _expected = workshop.whole(small)
    books = workshop.books(tmp_path / "shop")
    workshop.drop(books, small.files)
    rng = random.Random(round_)
    killed = 0
    for _ in range(5):
        process = start(books)
        # A run of these files takes about two seconds, the first half of which is its start.
        time.sleep(rng.uniform(0.05, 2.2))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
    assert killed > 0
    workshop.run(books)
    assert workshop.text(books) == workshop.text(whole)
    assert leftovers(books) == []
    assert workshop.run(books, rebuild=True).changed == ()


def dying(real: Callable[..., Any], at: int, before: bool) -> Callable[..., Any]:
    """`real`, whose call number `at` is the last thing the process does, or never does."""
    calls = iter(range(1, 1_000_000))

    def call(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - stands for any function
        if (last := next(calls) == at) and before:
            raise Killed
        found = real(*arguments, **named)
        if last:
            raise Killed
        return found

    return call


@pytest.fixture(scope="module")
def after_kill(
    workshop: Workshop, small: Exports, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, int, bool], Books]]:
    folder = tmp_path_factory.mktemp("p9")
    new = workshop.books(folder / "new")
    workshop.drop(new, small.files)

    def die(name: str, at: int, before: bool) -> Books:
        books = workshop.copy(new, folder / f"{name}-{at}-{before}")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, name, dying(getattr(os, name), at, before))
            with pytest.raises(Killed):
                run_books(books, RunOptions(), Silent())
        return books

    yield die
    shutil.rmtree(folder)


# The order of a run: originals, index, inbox, record store, books.
@pytest.mark.parametrize(
    "point",
    [
        ("replace", 1, True),
        ("replace", 7, False),
        ("replace", 11, True),
        ("replace", 14, False),
        ("replace", 22, True),
        ("replace", 30, False),
        ("fsync", 16, True),
        ("fsync", 41, True),
    ],
)
def test_9_4_killed_at_a_known_point(
    workshop: Workshop,
    small: Exports,
    after_kill: Callable[[str, int, bool], Books],
    point: tuple[str, int, bool],
) -> None:
    whole, _expected = workshop.whole(small)
    books = after_kill(*point)
    workshop.run(books)
    assert workshop.text(books) == workshop.text(whole)


def test_9_4_two_runs_at_once(workshop: Workshop, small: Exports, tmp_path: Path) -> None:
    whole, _expected = workshop.whole(small)
    books = workshop.books(tmp_path / "shop")
    workshop.drop(books, small.files)
    processes = [start(books), start(books)]
    errors = [process.communicate()[1] for process in processes]
    for process, error in zip(processes, errors, strict=True):
        # The second waits for the first; both report the items that are open.
        assert process.returncode == 1, error
        assert ("is writing these books" in error) or ("items are open" in error), error
    assert workshop.text(books) == workshop.text(whole)


def test_9_4_the_second_refuses_with_a_message(
    workshop: Workshop, small: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    books, _expected = workshop.whole(small)
    real = Books.lock
    with books.lock():
        with pytest.raises(BusyError, match=rf"process {os.getpid()}\) is writing these books"):
            run_books(books, RunOptions(lock_timeout=0.05), Silent())
        monkeypatch.setattr(Books, "lock", lambda self, _timeout=0.0: real(self, 0.05))
        code, out, err = workshop.call("run", books.root)
        (message,) = err.splitlines()
    assert (code, out) == (1, "")
    assert message.endswith("is writing these books: wait until it has ended and run again")


@pytest.mark.parametrize("at", [1, 2, 3])
def test_p9_a_killed_close_is_a_close_or_none(
    workshop: Workshop, usual: Exports, tmp_path: Path, at: int
) -> None:
    whole, _expected = workshop.whole(usual)
    undisturbed = workshop.copy(whole, tmp_path / "undisturbed")
    close_period(undisturbed, "2026-06", "Li Na", "asked", False)
    books = workshop.copy(whole, tmp_path / "shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", dying(os.replace, at, before=False))
        with contextlib.suppress(Killed):
            close_period(books, "2026-06", "Li Na", "asked", False)
    workshop.run(books)
    if not (books.decisions / "2026.beancount").is_file():
        close_period(books, "2026-06", "Li Na", "asked", False)
    assert workshop.text(books) == workshop.text(undisturbed)
