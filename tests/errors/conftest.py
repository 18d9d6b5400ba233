"""What the catalogue of bad input shares: small books, files that are right, and the command."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from beanclear.cli import language
from beanclear.cli.application import beanclear
from tests.errors.bad_files import wallet

Run = Callable[..., Result]


def contents_of(books: Path) -> dict[str, bytes]:
    """Everything in the books but what waits in the inbox, the lock, and what runs remember.

    Times of change, and what an earlier run settled, depend on what happened and when.
    """
    return {
        path.relative_to(books).as_posix(): path.read_bytes()
        for path in sorted(books.rglob("*"))
        if path.is_file()
        and path.relative_to(books).parts[0] != "inbox"
        and path.suffix not in {".lock", ".pid"}
        and path.name not in {"trusted.json", "trusted-originals.json", "runs.tsv", "settings"}
        and path.relative_to(books).parts[:2] not in {("records", "settled"), ("records", "trace")}
    }


@pytest.fixture(scope="session", autouse=True)
def _alike_everywhere() -> Iterator[None]:
    """No environment chooses the language."""
    patch = pytest.MonkeyPatch()
    patch.setenv("BEANCOUNT_DISABLE_LOAD_CACHE", "1")
    for name in ("BEANCLEAR_LANG", "BEANCLEAR_BOOKS", "BEANCLEAR_BY"):
        patch.delenv(name, raising=False)
    yield
    patch.undo()
    language.use("en")


def invoke(*arguments: str | Path, lang: str = "en") -> Result:
    """The real command, in this process; it must never show a traceback."""
    done = CliRunner().invoke(beanclear, ["--lang", lang, *(str(one) for one in arguments)])
    assert "Traceback" not in done.output
    assert "unexpected error" not in done.output
    assert "意外" not in done.stderr
    return done


@pytest.fixture(scope="session")
def run() -> Run:
    """`run(...)`: the real command."""
    return invoke


@pytest.fixture(scope="session")
def contents() -> Callable[[Path], dict[str, bytes]]:
    """`contents(books)`: everything but what waits in the inbox."""
    return contents_of


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books with one wallet statement booked."""
    folder = tmp_path_factory.mktemp("errors") / "shop"
    assert invoke("init", folder).exit_code == 0
    with (folder / "beanclear.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[rules]]\ncounterparty = "某供应商"\naccount = "Expenses:BadDebt"\n')
    (folder / "inbox" / "wallet.csv").write_bytes(wallet())
    done = invoke("run", folder)
    assert done.exit_code == 0, done.stderr
    assert not (folder / "inbox" / "wallet.csv").exists()
    return folder


@pytest.fixture(scope="session")
def copy(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """`copy()`: the template again, to be spoiled."""
    return lambda: Path(shutil.copytree(template, tmp_path_factory.mktemp("copy") / "shop"))


@pytest.fixture
def books(copy: Callable[[], Path]) -> Path:
    """A copy of the template that a test may spoil."""
    return copy()
