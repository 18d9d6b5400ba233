"""A books folder: written whole or not at all, by one process at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from beanclear.ledger.books import Books, remove_leftovers, write_atomically
from beanclear.ledger.errors import BooksError, BusyError

OLD = {"journal/2026/07/a.beancount": "old\n", "accounts.beancount": "chart\n"}
NEW = {
    "journal/2026/07/b.beancount": "b\n",
    "journal/2026/08/c.beancount": "c\n",
    "reconciliation/open.beancount": "o\n",
    "accounts.beancount": "chart 2\n",
}


@pytest.fixture
def books(tmp_path: Path) -> Books:
    (tmp_path / "main.beancount").write_text("")
    return Books(tmp_path)


def tree(books: Books) -> dict[str, str]:
    return {
        path.relative_to(books.root).as_posix(): path.read_text()
        for path in sorted(books.root.rglob("*"))
        if path.is_file() and path != books.main
    }


def test_books_are_found_from_below(books: Books) -> None:
    below = books.root / "journal" / "2026"
    below.mkdir(parents=True)
    assert Books.find(below) == Books(books.root.resolve())


def test_no_books(tmp_path: Path) -> None:
    with pytest.raises(BooksError, match=r"there are no books here .* `beanclear init DIR`"):
        Books.find(tmp_path)


def test_apply_writes_what_differs_and_removes_what_is_not_wanted(books: Books) -> None:
    assert books.apply(OLD) == sorted(OLD)
    assert books.apply(OLD) == []
    assert books.apply(NEW) == sorted({*OLD, *NEW})
    assert tree(books) == NEW
    assert books.generated_files() == sorted(set(NEW) - {"accounts.beancount"})


def test_apply_never_touches_frozen_files(books: Books) -> None:
    books.apply(OLD)
    frozen = {"journal/2026/07/a.beancount"}
    changed = {**NEW, "journal/2026/07/a.beancount": "other\n"}
    assert "journal/2026/07/a.beancount" not in books.diff(changed, frozen)
    assert books.apply(changed, frozen) == sorted(NEW)
    assert tree(books) == {**NEW, "journal/2026/07/a.beancount": "old\n"}
    assert books.apply(NEW, frozen) == []


def test_diff_shows_what_apply_would_do(books: Books) -> None:
    books.apply(OLD)
    assert books.diff(OLD) == ""
    assert books.diff({"accounts.beancount": "chart"}) == (
        "--- a/accounts.beancount\n+++ b/accounts.beancount\n@@ -1 +1 @@\n-chart\n+chart\n"
        "\\ No newline at end of file\n"
        "--- a/journal/2026/07/a.beancount\n+++ /dev/null\n@@ -1 +0,0 @@\n-old\n"
    )
    assert tree(books) == OLD


@pytest.mark.parametrize("name", ["../x", "/x", "journal/../../x", "", "a\\b", "link/x", "a\0b"])
def test_names_cannot_leave_the_books(books: Books, name: str) -> None:
    (books.root / "link").symlink_to(books.root.parent)
    with pytest.raises(ValueError, match="books"):
        books.apply({name: "x"})


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("function", ["replace", "fsync"])
def test_killed_at_any_write_and_applied_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    real = getattr(os, function)
    for allowed in range(20):
        books = Books(tmp_path / str(allowed))
        books.apply(OLD)
        left = [allowed]

        def dying(*arguments: object, left: list[int] = left) -> None:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            real(*arguments)

        with monkeypatch.context() as patched:
            patched.setattr(os, function, dying)
            try:
                books.apply(NEW)
            except Killed:
                completed = False
            else:
                completed = True
        assert set(tree(books).values()) <= {*OLD.values(), *NEW.values()}
        books.apply(NEW)
        assert tree(books) == NEW
        if completed:
            return
    pytest.fail("apply needed more than 20 writes")


def test_leftovers_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".beanclear-tmp-1-ff").write_text("half")
    remove_leftovers(tmp_path)
    assert list((tmp_path / "a").iterdir()) == []


def test_write_atomically_makes_folders(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "b", "文")
    assert (tmp_path / "a" / "b").read_bytes() == "文".encode()


HOLDER = """
import sys, pathlib
from beanclear.ledger.books import Books
with Books(pathlib.Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_holds_the_books(books: Books) -> None:
    command = [sys.executable, "-c", HOLDER, str(books.root)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(BusyError, match=rf"process {other.pid}\) is writing these books"),
            books.lock(timeout=0.1),
        ):
            pass
    with books.lock(timeout=5):
        pass
    with books.lock():
        pass
