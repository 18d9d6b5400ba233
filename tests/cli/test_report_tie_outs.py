"""What each run says of the statements: one line when all tie, else what does not, in full."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
ENTRIES = """
1970-01-01 open Assets:Till CNY
  code: "{code}"
  name: "库存现金"

2026-08-31 * "Brought in"
  Assets:Till                  100.00 CNY
  Equity:Opening-Balances     -100.00 CNY

2026-09-02 * "A sale over the counter"
  Assets:Till                   20.00 CNY
  Expenses:Finance:Interest    -20.00 CNY
"""


@pytest.fixture
def till(books: Path) -> Callable[[str], Path]:
    """Books whose only asset is a till of this code, with two entries by hand."""

    def made(code: str) -> Path:
        (books / "manual" / "2026.beancount").write_text(ENTRIES.format(code=code), "utf-8")
        return books

    return made


def test_one_line_says_that_all_tie(run: Run, till: Callable[[str], Path]) -> None:
    done = run("run", till("1001"))
    assert done.exit_code == 0, done.stderr
    assert "The statements of 2026-09 tie: all 10 tie-outs hold.\n" in done.stderr


def test_json_has_each_tie_out(run: Run, till: Callable[[str], Path]) -> None:
    found = json.loads(run("run", till("1001"), "--json").stdout)["tie_outs"]
    assert (found["period"], found["failure"], len(found["checks"])) == ("2026-09", None, 10)
    assert found["checks"][0] == {
        "statement": "Balance sheet",
        "label": "assets less liabilities and equity, closing",
        "difference": "0.00",
    }


def test_an_account_that_no_row_takes_is_named(run: Run, till: Callable[[str], Path]) -> None:
    done = run("run", till("1998"))
    assert done.exit_code == 1
    assert (
        "The statements of 2026-09 cannot be made: no row of balance-sheet takes Assets:Till"
        " (1998): correct the code in accounts.beancount, or add it to a row of"
        " reports/balance-sheet.toml"
    ) in done.stderr


def test_an_account_without_a_code_is_named(run: Run, till: Callable[[str], Path]) -> None:
    books = till("1001")
    text = (books / "manual" / "2026.beancount").read_text("utf-8")
    (books / "manual" / "2026.beancount").write_text(text.replace('  code: "1001"\n', ""), "utf-8")
    done = run("run", books)
    assert done.exit_code == 1
    assert (
        'Assets:Till has no account code: add `code: "…"` to its `open` in accounts.beancount'
    ) in done.stderr


def test_a_rate_that_nobody_said_is_no_fault_of_the_books(
    run: Run, till: Callable[[str], Path]
) -> None:
    books = till("1001")
    text = (books / "manual" / "2026.beancount").read_text("utf-8")
    foreign = (
        text.replace("100.00 CNY", "100.00 USD")
        .replace("Assets:Till CNY", "Assets:Till")
        .replace("Equity:Opening-Balances", "Equity:Owner")
    )
    owner = '1970-01-01 open Equity:Owner\n  code: "3001"\n  name: "实收资本"\n'
    (books / "manual" / "2026.beancount").write_text(owner + foreign, "utf-8")
    done = run("run", books)
    assert done.exit_code == 0
    assert (
        "The statements of 2026-09 cannot be made: Assets:Till holds USD, and no rate says what it"
        " is worth: add a [[rates]] entry to beanclear.toml"
    ) in done.stderr


def test_what_does_not_tie_is_told_in_full(run: Run, till: Callable[[str], Path]) -> None:
    books = till("1001")
    shipped = resources.files("beanclear.ledger.statements") / "definitions" / "small"
    text = (shipped / "balance-sheet.toml").read_text("utf-8")
    (books / "reports").mkdir()
    # The books' own form forgets 未分配利润, in which the 20.00 stand.
    (books / "reports" / "balance-sheet.toml").write_text(
        text.replace('sum = "48 + 49 + 50 + 51"', 'sum = "48 + 49 + 50"'), "utf-8"
    )
    done = run("run", books)
    assert done.exit_code == 1
    assert (
        "Balance sheet of 2026-09: assets less liabilities and equity, closing: 20.00 instead of 0"
    ) in done.stderr
    assert "tie-outs hold" not in done.stderr
    assert "Reconciled" not in done.stderr


def test_empty_books_have_nothing_to_tie(run: Run, books: Path) -> None:
    done = run("run", books)
    assert done.exit_code == 0
    assert "tie-out" not in done.stderr
