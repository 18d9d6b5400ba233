"""Statements of whole books: five simulated shops month by month, and the example as text."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from beanclear.cli.application import beanclear as application
from beanclear.cli.reporting import Sources
from beanclear.cli.workspace import keeper
from beanclear.ledger.books import Books
from beanclear.ledger.errors import BooksError
from beanclear.ledger.periods import parse
from beanclear.ledger.statements import statutory
from beanclear.ledger.statements.table import Table

ROOT = Path(__file__).parents[2]
GOLDENS = ROOT / "tests" / "ledger" / "statements" / "goldens"
MONTHS = ("2026-05", "2026-06", "2026-07", "2026-08", "2026-09")
# Seed, standard, further options of `simulate`.
SHOPS = (
    (1, "small", ()),
    (2, "small", ("--shops", "2")),
    (3, "enterprise", ("--bank", "icbc")),
    (4, "small", ("--rate", "all=20")),
    (5, "enterprise", ("--overseas",)),
)


def beanclear(*arguments: str | Path, lang: str = "en") -> Result:
    return CliRunner(env={"BEANCLEAR_LANG": lang}).invoke(
        application, [str(argument) for argument in arguments], catch_exceptions=False
    )


@pytest.fixture(scope="module", params=SHOPS, ids=[f"seed-{shop[0]}" for shop in SHOPS])
def shop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The books of a simulated shop, nothing decided."""
    seed, standard, options = request.param
    folder = tmp_path_factory.mktemp("shop")
    exports, books = folder / "exports", folder / "books"
    common = ("--orders", "60", "--days", "80", "--seed", str(seed), "--faults", "0.05")
    assert beanclear("simulate", exports, *common, *options).exit_code == 0
    assert beanclear("init", books, "--standard", standard).exit_code == 0
    (exports / "truth.json").unlink()
    more = exports / "beanclear.toml"
    if more.exists():
        text = (books / "beanclear.toml").read_text("utf-8") + more.read_text("utf-8")
        (books / "beanclear.toml").write_text(text, "utf-8")
        more.unlink()
    shutil.copytree(exports, books / "inbox", dirs_exist_ok=True)
    assert beanclear("run", books).exit_code == 1  # faults are open
    yield books
    shutil.rmtree(folder)


def months(books: Path) -> Iterator[tuple[str, Table]]:
    opened = Books(books)
    with opened.lock(1.0), keeper(opened) as kept:
        for month in MONTHS:
            sources = Sources(
                books=opened, period=parse(month), language="en", preparer="", account="",
                kept=lambda: kept,
            )  # fmt: skip
            for table in statutory.statements(sources.request):
                yield month, table


def test_all_statements_tie_in_every_month(shop: Path) -> None:
    found = list(months(shop))
    assert len(found) == len(MONTHS) * len({table.name for _month, table in found})
    assert {
        (month, table.name, label): rest
        for month, table in found
        for label, rest in table.checks.items()
        if rest
    } == {}


def test_books_of_the_full_standards_have_its_codes(tmp_path: Path) -> None:
    books = tmp_path / "books"
    assert beanclear("init", books, "--standard", "enterprise").exit_code == 0
    text = (books / "accounts.beancount").read_text("utf-8")
    assert 'code: "6603.01"' in text
    assert 'code: "5603.01"' not in text
    settings = books / "beanclear.toml"
    assert 'standard = "enterprise"' in settings.read_text("utf-8")
    # Who changes the standard afterwards has accounts with the codes of the other chart.
    settings.write_text(settings.read_text("utf-8").replace('"enterprise"', '"small"'), "utf-8")
    manual = '\n2026-07-01 * "Rounding"\n  {}  1.00 CNY\n  {}  -1.00 CNY\n'.format(
        "Expenses:Clearing:Rounding", "Equity:Opening-Balances"
    )
    (books / "manual" / "2026.beancount").write_text(manual, "utf-8")
    done = beanclear("report", "statements", books, "--period", "2026-07")
    assert done.exit_code == BooksError.exit_code
    assert (
        "codes that the chart of Accounting Standard for Small Enterprises does not give to such"
        " accounts: Equity:Closed (4104.99)"
    ) in done.stderr


def test_the_smaller_standard_has_no_changes_in_equity(tmp_path: Path) -> None:
    assert beanclear("init", tmp_path / "books").exit_code == 0
    done = beanclear("report", "equity-changes", tmp_path / "books", "--period", "2026-07")
    assert done.exit_code == BooksError.exit_code
    assert 'only books with standard = "enterprise" have one' in done.stderr


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(ROOT / "books", tmp_path_factory.mktemp("example") / "books"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_examples_statements_are_those_we_read(
    example: Path, tmp_path: Path, lang: str
) -> None:
    """Made anew with BEANCLEAR_WRITE_GOLDENS=1; read what changes before it is committed."""
    made = tmp_path / "statements.txt"
    done = beanclear(
        "report", "statements", example, "--period", "2026-08", "--out", made, lang=lang
    )
    assert done.exit_code == 0, done.output
    golden = GOLDENS / f"example-2026-08.{lang}.txt"
    if os.environ.get("BEANCLEAR_WRITE_GOLDENS"):
        golden.parent.mkdir(exist_ok=True)
        shutil.copy(made, golden)
    assert made.read_text("utf-8") == golden.read_text("utf-8")
