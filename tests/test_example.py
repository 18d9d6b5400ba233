"""The example in `books/`: its story can be told again, and what its README says is so.

The README says how the books came about, command by command. Run as a program, this file makes
them anew from that (after a change of what is written into books):

    .venv/bin/python tests/test_example.py
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from beancount.loader import load_file
from click.testing import CliRunner, Result

from beanclear.cli.application import beanclear as application
from beanclear.ledger.documents import read_index

ROOT = Path(__file__).parents[1]
BOOKS = ROOT / "books"
READMES = ("README.md", "README.zh.md")
GENERATED = ("journal", "reconciliation", "decisions")
PLACEHOLDER = "_.beancount"
# A monthly export is named after its month, an order export after the first of the next one.
_MONTH = re.compile(r"2026-?(\d\d)(-?01(?=\d{4}|-\d\d-))?")
_MONTH_ARRIVES = re.compile(r"# 2026-(\d\d)")


def beanclear(*arguments: str | Path) -> Result:
    """One call; in this process, because starting Python for each takes minutes."""
    return CliRunner(env={"BEANCLEAR_LANG": "en", "BEANCLEAR_BY": "王芳"}).invoke(
        application, [str(argument) for argument in arguments]
    )


def document(*arguments: str | Path, code: int) -> dict[str, Any]:
    done = beanclear(*arguments, "--json")
    assert done.exit_code == code, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def blocks(readme: str) -> list[list[str]]:
    """The indented blocks of commands in a README of the example that have a `beanclear` line."""
    text = (BOOKS / readme).read_text("utf-8")
    found = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    lines = [[line.strip() for line in block.splitlines()] for block in found]
    return [block for block in lines if any(line.startswith("beanclear ") for line in block)]


def story() -> list[str]:
    """How the books came about."""
    return next(block for block in blocks(READMES[0]) if "simulate" in block[0])


def decisions_left() -> list[str]:
    """What the README proposes to decide about the items that are open."""
    return [
        line
        for block in blocks(READMES[0])
        for line in block
        if line.startswith("beanclear decide ") and line not in story()
    ]


def call(line: str, books: Path) -> Result:
    """One line of the README, in these books."""
    words = shlex.split(line)[1:]
    # The runs between decisions change nothing of what comes out, and take minutes.
    quick = ("--no-run",) if words[0] == "decide" else ()
    return beanclear(*words, "-C", books, *quick)


def arrives_in(name: str) -> str:
    """The month (`06`) at whose end the shop had this export."""
    found = _MONTH.search(name)
    assert found is not None, name
    return f"{int(found[1]) - (found[2] is not None):02d}"


def simulate(folder: Path) -> None:
    words = shlex.split(story()[0])
    assert words[:3] == ["beanclear", "simulate", "exports"]
    assert beanclear("simulate", folder, *words[3:]).exit_code == 0


def own_files(target: Path) -> None:
    """Copy what people wrote in these books: all but documents and generated text."""
    shutil.copytree(
        BOOKS,
        target,
        ignore=shutil.ignore_patterns("records", "documents", "documents.index", "*.picklecache"),
        dirs_exist_ok=True,
    )
    for name in GENERATED:
        for path in sorted((target / name).rglob("*"), reverse=True):
            if path.is_dir():
                path.rmdir()
            elif path.name != PLACEHOLDER:
                path.unlink()


def tell(books: Path, exports: Path) -> None:
    """Make the books of the story: import month by month, decide, close."""
    simulate(exports)
    own_files(books)
    for line in story()[1:]:
        month = _MONTH_ARRIVES.match(line)
        if month is None:
            done = call(line, books)
            assert done.exit_code == (1 if line == "beanclear run" else 0), (line, done.stderr)
            continue
        for path in sorted(exports.iterdir()):
            if path.name != "truth.json" and arrives_in(path.name) == month[1]:
                shutil.copy(path, books / "inbox")


def contents(folder: Path, *names: str) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for name in names
        for path in sorted((folder / name).rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def errors(books: Path) -> list[str]:
    """What bean-check says."""
    _entries, found, _options = load_file(str(books / "main.beancount"))
    return [error.message for error in found]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("records", "*.picklecache")
    return Path(shutil.copytree(BOOKS, tmp_path / "books", ignore=ignored))


def test_the_story_makes_these_books(tmp_path: Path) -> None:
    tell(tmp_path / "books", tmp_path / "exports")
    assert contents(tmp_path / "books", *GENERATED, "documents") == contents(
        BOOKS, *GENERATED, "documents"
    )
    for name in ("documents.index", "accounts.beancount", "beanclear.toml"):
        assert (tmp_path / "books" / name).read_bytes() == (BOOKS / name).read_bytes(), name


def test_the_archive_holds_what_was_simulated(tmp_path: Path) -> None:
    simulate(tmp_path)
    lines = read_index(BOOKS / "documents.index")
    archived = {line.name: (BOOKS / line.path).read_bytes() for line in lines}
    (tmp_path / "truth.json").unlink()
    assert archived == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {line.name: hashlib.sha256(archived[line.name]).hexdigest() for line in lines} == {
        line.name: line.sha256 for line in lines
    }


def test_make_run_books_the_raw_exports_the_same_way(tmp_path: Path) -> None:
    target = tmp_path / "run" / "books"
    done = subprocess.run(
        ["make", "-s", "-o", ".venv/.installed", "run", f"RUN={target}",
         f"BIN={Path(sys.executable).parent}"],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names = (*GENERATED, "documents", "manual", "accounts.beancount", "beanclear.toml")
    assert contents(target, *names) == contents(BOOKS, *names)
    assert [path.name for path in (target / "inbox").iterdir()] == [".gitkeep"]
    assert "make serve" in done.stdout


def test_each_error_is_an_open_item_that_the_readme_explains(copy: Path) -> None:
    items = [
        item
        for item in document("open-items", copy, code=1)["items"]
        if item["explained_until"] is None
    ]
    assert 5 <= len(items) <= 7
    assert len({item["class"] for item in items}) == len(items)
    checked = document("check", copy, code=1)
    # It compares the text with what `run --rebuild` makes of the archived documents.
    assert checked["stale"] is None
    keys = [item["key"] for item in items]
    for messages in ([error["message"] for error in checked["errors"]], errors(copy)):
        named = [[key for key in keys if key in message] for message in messages]
        assert sorted(named) == sorted([key] for key in keys)
    for readme in READMES:
        text = (BOOKS / readme).read_text("utf-8")
        assert [key for key in keys if key not in text] == []


def test_the_closed_month_has_its_hashes(copy: Path) -> None:
    text = (BOOKS / "decisions" / "2026" / "李娜.beancount").read_text("utf-8")
    (found,) = re.findall(r'^  files: "(.*)"$', text, re.MULTILINE)
    frozen = json.loads(found.replace('\\"', '"'))
    assert {name.partition("/")[0] for name in frozen} == {"journal", "reconciliation"}
    assert frozen == {
        name: hashlib.sha256((BOOKS / name).read_bytes()).hexdigest() for name in frozen
    }
    name = next(name for name in frozen if name.startswith("journal/2026/06/"))
    (copy / name).write_text((copy / name).read_text("utf-8") + "; touched\n", encoding="utf-8")
    assert [message for message in errors(copy) if Path(name).name in message] != []


def test_with_the_proposed_decisions_everything_passes(copy: Path) -> None:
    for line in decisions_left():
        assert call(line, copy).exit_code == 0, line
    assert beanclear("run", copy).exit_code == 0
    passed = document("check", copy, code=0)
    assert (passed["errors"], passed["stale"]) == ([], None)


def test_both_readmes_say_the_same_commands() -> None:
    first, second = (
        [line for block in blocks(readme) for line in block if line.startswith("beanclear ")]
        for readme in READMES
    )
    assert first == second


def remake() -> None:
    """Replace the generated part of `books/` by what the story gives now."""
    import tempfile  # noqa: PLC0415 - only here

    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "books"
        tell(made, Path(folder) / "exports")
        shutil.rmtree(made / "records")
        for name in (*GENERATED, "documents"):
            shutil.rmtree(BOOKS / name, ignore_errors=True)
        shutil.copytree(made, BOOKS, dirs_exist_ok=True)


if __name__ == "__main__":
    remake()
