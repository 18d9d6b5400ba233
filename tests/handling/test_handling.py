"""What people do to files: the whole table (`make test-handling`), and each day what is quick.

`BEANCLEAR_WRITE_DOCS=1 make test-handling` writes both pages, layout by layout.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from beanclear.cli import language
from tests.handling.arguments import ARGUMENTS
from tests.handling.catalogue import Beside, Why
from tests.handling.handlings import HANDLINGS
from tests.handling.layouts import NAMES, layout
from tests.handling.matrix import Tried
from tests.handling.outcome import Outcome
from tests.handling.page import PAGES, Cells, page, read

# Layouts and handlings that every run of the tests tries, as far as no books need be made.
_DAILY_LAYOUTS = ("wechatpay-fundflow", "alipay-ledger", "taobao-orders", "cmbc", "table-bank")
_DAILY_GROUPS = ("saving", "rows", "columns")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("BEANCLEAR_LANG", "BEANCLEAR_BOOKS", "BEANCLEAR_BY", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C")
    monkeypatch.setenv("LANGUAGE", "en")
    language.use("en")
    yield
    language.use("en")


def _written() -> dict[tuple[str, str], Outcome | Why]:
    path = PAGES["en"]
    return read(path.read_text(encoding="utf-8")) if path.exists() else {}


def test_no_cell_is_empty() -> None:
    assert set(_written()) == {(name, handling) for name in NAMES for handling in HANDLINGS}


def test_every_cell_of_other_books_has_one_argument_and_no_other_cell_has() -> None:
    others = sorted(key for key, cell in _written().items() if cell is Outcome.OTHER)
    assert others == sorted(cell for argument in ARGUMENTS for cell in argument.cells)


@pytest.mark.parametrize("language_", ["en", "zh"])
def test_both_pages_say_the_same(language_: str) -> None:
    if os.environ.get("BEANCLEAR_WRITE_DOCS"):
        _write(_written())
    pages = {str(name): path for name, path in PAGES.items()}
    text = {str(name): page(_written(), name) for name in PAGES}[language_]
    assert pages[language_].read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", _DAILY_LAYOUTS)
def test_what_is_read_of_handled_files_is_what_the_page_says(name: str) -> None:
    tried, written = Tried(layout(name)), _written()
    unlike = []
    for handling in HANDLINGS.values():
        handled = tried.handled(handling)
        if handling.group not in _DAILY_GROUPS or isinstance(handled, Beside):
            continue
        cell = written[name, handling.name]
        found = handled if isinstance(handled, Why) else tried.quick(handled)
        if found is not None and found != cell:
            unlike.append((handling.name, cell, found))
    assert unlike == []


@pytest.mark.handling
@pytest.mark.parametrize("name", NAMES)
def test_the_books_of_handled_files_are_what_the_page_says(name: str, tmp_path: Path) -> None:
    tried = Tried(layout(name), tmp_path)
    found: dict[tuple[str, str], Outcome | Why] = {}
    shown: dict[tuple[str, str], str] = {}
    for handling in HANDLINGS.values():
        cell = tried.cell(handling)
        found[name, handling.name] = cell.answer
        shown[name, handling.name] = cell.shown
    if os.environ.get("BEANCLEAR_WRITE_DOCS"):
        _write_some(found)
    written = _written()
    unlike = [
        (key, written.get(key), cell, shown[key])
        for key, cell in found.items()
        if cell != written.get(key)
    ]
    assert unlike == []


def _write_some(cells: Cells) -> None:
    """Change the cells of one layout; several processes may do so at once."""
    with PAGES["zh"].open("a", encoding="utf-8") as locked:
        fcntl.flock(locked, fcntl.LOCK_EX)
        _write({**_written(), **cells})


def _write(cells: Cells) -> None:
    for language_, path in PAGES.items():
        path.write_text(page(cells, language_), encoding="utf-8")
