"""A run that is disturbed: another run, a full disk, a spoiled cache, what a killed one left."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from pathlib import Path

import filelock
import pytest
from click.testing import Result

from beanclear.ledger import books as books_on_disk
from tests.errors.bad_files import bank

Run = Callable[..., Result]
Contents = Callable[[Path], dict[str, bytes]]
CJK = re.compile(r"[\u4e00-\u9fff]")


def test_two_runs_at_once(run: Run, contents: Contents, books: Path) -> None:
    (books / "inbox" / "a.csv").write_bytes(bank())
    before = contents(books)
    with filelock.FileLock(books / ".beanclear.lock"):
        (books / ".beanclear.pid").write_text("4711", encoding="ascii")
        done = run("run", books, "--lock-timeout", "0")
        assert (done.exit_code, done.stderr) == (
            1,
            f"{books}: another beanclear (process 4711) is writing these books: "
            "wait until it has ended and run again\n",
        )
        chinese = run("run", books, "--lock-timeout", "0", lang="zh")
        assert CJK.search(chinese.stderr)
        assert "4711" in chinese.stderr
    assert contents(books) == before
    assert run("run", books).exit_code == 0


@pytest.mark.parametrize(
    "name",
    ["wallet/alipay/2026-05/*.parquet", "manifest.json", "statements.json"],
)
def test_a_spoiled_cache_is_made_again(
    run: Run, contents: Contents, books: Path, name: str
) -> None:
    before = contents(books)
    (path,) = (books / "records").glob(name)
    path.write_bytes(b"PAR1 [{")
    done = run("run", books)
    assert done.exit_code == 0
    assert contents(books) == before


def test_leftovers_are_removed(run: Run, contents: Contents, books: Path) -> None:
    before = contents(books)
    for folder in (
        "", "journal/2026/05", "reconciliation", "documents/Assets", "decisions", "records",
        "records/wallet", ".beanclear",
    ):  # fmt: skip
        (books / folder / ".beanclear-tmp-1-abcd").write_text("half", encoding="utf-8")
    assert run("run", books).exit_code == 0
    assert contents(books) == before
    assert not [*books.rglob(".beanclear-tmp*")]


@pytest.mark.parametrize("at", [1, 2, 4, 7])
def test_a_full_disk(
    run: Run,
    contents: Contents,
    copy: Callable[[], Path],
    monkeypatch: pytest.MonkeyPatch,
    at: int,
) -> None:
    """Whatever write fails first: a clear message, and the next run is as if nothing had been."""
    books, undisturbed = copy(), copy()
    for folder in (books, undisturbed):
        (folder / "inbox" / "a.csv").write_bytes(bank())
    assert run("run", undisturbed).exit_code == 0
    writes = 0

    def full(temporary: Path, path: Path) -> None:
        nonlocal writes
        writes += 1
        if writes >= at:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        temporary.replace(path)

    with monkeypatch.context() as patch:
        patch.setattr(books_on_disk, "replace_atomically", full)
        done = run("run", books)
        assert done.exit_code == 1
        assert re.fullmatch(
            r"\S+: the system says No space left on device: "
            r"make room or give permission, then run it again: nothing is lost",
            done.stderr.splitlines()[-1],
        )
        writes = 0
        assert CJK.search(run("run", books, lang="zh").stderr)
    assert run("run", books).exit_code == 0
    assert contents(books) == contents(undisturbed)
