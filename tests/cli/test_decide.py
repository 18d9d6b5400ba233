"""`decide`: what it writes, where, and what it refuses."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from beancount import loader
from click.testing import Result

from beanclear.cli import deciding
from beanclear.ledger.beancount_text import amount
from beanclear.ledger.books import Books
from beanclear.ledger.vocabulary import OpenItem

Run = Callable[..., Result]

TMALL = "Assets:Receivable:Tmall"
CCB = "Assets:Suspense:CCB:8826"


def item(key: str, fen: int, account: str = TMALL, **changes: object) -> OpenItem:
    values: dict[str, Any] = {
        "date": datetime.date(2026, 8, 1), "account": account, "amount": amount(fen, "CNY"),
        "as_of": datetime.date(2026, 8, 31), "klass": "overdue", "key": key,
        "at_stake": amount(abs(fen), "CNY"), "due": datetime.date(2026, 8, 16), "reason": "r",
    }  # fmt: skip
    return OpenItem(**(values | changes))


ITEMS = (
    item("5001", 12800), item("5002", -12800), item("5003", 1),
    item("B77", -100000, CCB, counterparty="物业公司"), item("5001", 5, "Assets:Transit:Alipay"),
)  # fmt: skip


@pytest.fixture
def open_books(pipeline: SimpleNamespace, books: Path) -> Path:
    pipeline.items = ITEMS
    return books


def test_write_off_is_written_and_loads(
    run: Run, pipeline: SimpleNamespace, open_books: Path
) -> None:
    file = open_books / "decisions" / "2026" / "Li-Na.beancount"
    result = run(
        "decide", "write-off", TMALL, "5001", "-C", open_books, "--to", "Expenses:BadDebt",
        "--by", "Li Na", "--reason", "buyer insolvent",
    )  # fmt: skip
    assert (result.exit_code, result.stderr) == (
        0, "Written to decisions/2026/Li-Na.beancount.\n5 items are open now.\n",
    )  # fmt: skip
    directive = (
        '2026-08-31 custom "write-off" Assets:Receivable:Tmall 128.00 CNY\n'
        '  by: "Li Na"\n'
        '  reason: "buyer insolvent"\n'
        '  key: "5001"\n'
        '  to: "Expenses:BadDebt"\n'
    )
    assert file.read_text(encoding="utf-8") == directive
    assert result.stdout == directive + (
        ";   Assets:Receivable:Tmall  -128.00 CNY\n;   Expenses:BadDebt  128.00 CNY\n"
    )
    _entries, errors, _options = loader.load_string(file.read_text(encoding="utf-8"))
    assert errors == []
    assert [type(asked[1]).__name__ for asked in pipeline.asked] == ["NoneType", "dict"]


def test_further_decisions_are_appended(run: Run, open_books: Path) -> None:
    common = ("-C", open_books, "--by", "Li", "--no-run")
    file = open_books / "decisions" / "2026" / "Li.beancount"
    assert run("decide", "match", TMALL, "5001", "5002", *common).exit_code == 0
    first = file.read_text(encoding="utf-8")
    assert 'items: "{\\"5001\\": \\"128.00\\", \\"5002\\": \\"-128.00\\"}"' in first
    result = run("decide", "explain", TMALL, "5003", "--until", "2026-10-01", *common)
    assert result.stderr == "Written to decisions/2026/Li.beancount.\n"
    assert file.read_text(encoding="utf-8") == (
        first + '\n2026-08-31 custom "explain" Assets:Receivable:Tmall\n'
        '  by: "Li"\n  key: "5003"\n  until: 2026-10-01\n  at-stake: 0.01 CNY\n'
    )


def test_several_items_are_decided_at_once_or_not_at_all(run: Run, open_books: Path) -> None:
    common = ("-C", open_books, "--to", "Expenses:BadDebt", "--by", "Li", "--no-run", "--json")
    assert run("decide", "write-off", TMALL, "5001", "5009", *common).exit_code == 2
    assert not (open_books / "decisions" / "2026" / "Li.beancount").exists()
    found = json.loads(run("decide", "write-off", TMALL, "5001", "5002", *common).stdout)
    assert found["text"].count(f";   {TMALL}  ") == len(["5001", "5002"])
    written = (open_books / "decisions" / "2026" / "Li.beancount").read_text(encoding="utf-8")
    assert written.count('custom "write-off"') == len(["5001", "5002"])


def test_dry_run_writes_nothing(run: Run, open_books: Path) -> None:
    before = {path: path.read_bytes() for path in open_books.rglob("*") if path.is_file()}
    result = run(
        "decide", "write-off", TMALL, "5001", "-C", open_books, "--to", "Expenses:BadDebt",
        "--by", "Li", "--amount", "28", "--dry-run",
    )  # fmt: skip
    assert result.exit_code == 0
    assert result.stdout.startswith("--- /dev/null\n+++ b/decisions/2026/Li.beancount\n@@")
    assert '+2026-08-31 custom "write-off" Assets:Receivable:Tmall 28.00 CNY\n' in result.stdout
    after = {path: path.read_bytes() for path in open_books.rglob("*") if path.is_file()}
    assert after == before


def test_classify_offers_the_rule_and_adds_it(run: Run, open_books: Path) -> None:
    arguments = (
        "decide", "classify", CCB, "B77", "-C", open_books, "--to", "Expenses:Office:Rent",
        "--by", "Li", "--no-run", "--new-account",
    )  # fmt: skip
    offered = run(*arguments, "--dry-run")
    rule = (
        '[[rules]]\ncounterparty = "物业公司"\ndirection = "in"\naccount = "Expenses:Office:Rent"\n'
    )
    assert rule in offered.stderr
    configuration = open_books / "beanclear.toml"
    before = configuration.read_text(encoding="utf-8")
    result = run(*arguments, "--add-rule")
    assert result.exit_code == 0, result.stderr
    assert configuration.read_text(encoding="utf-8") == before.rstrip("\n") + "\n\n" + rule
    assert "The account Expenses:Office:Rent was opened.\n" in result.stderr
    chart = (open_books / "accounts.beancount").read_text(encoding="utf-8")
    assert "1970-01-01 open Expenses:Office:Rent CNY\n" in chart


def test_a_rule_needs_a_counterparty(run: Run, open_books: Path) -> None:
    result = run(
        "decide", "classify", TMALL, "5001", "-C", open_books, "--to", "Expenses:BadDebt",
        "--by", "Li", "--add-rule",
    )  # fmt: skip
    assert result.exit_code == 2
    assert result.stderr.startswith("no rule can be made")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((TMALL, "5009"), "5009 is no open item of Assets:Receivable:Tmall: similar keys: 5003, 5"),
        ((CCB, "5002"), "5002 is no open item of Assets:Suspense:CCB:8826: it is open on Assets:R"),
        (("5001",), "5001 does not say which account is meant: write ACCOUNT KEY; accounts: "
         "Assets:Receivable:Tmall, Assets:Transit:Alipay"),
        (("5009",), "no open item has the key 5009: similar keys: 5003, 5"),
        ((TMALL,), "this decision takes one key: write ACCOUNT KEY"),
        ((TMALL, "5001", "5002", "--amount", "5"), "this decision takes one key: write ACCOUNT"),
        ((TMALL, "5001", "5009"), "5009 is no open item of Assets:Receivable:Tmall: similar keys:"),
    ],
)  # fmt: skip
def test_refused_keys(run: Run, open_books: Path, arguments: list[str], message: str) -> None:
    result = run(
        "decide", "write-off", *arguments, "-C", open_books, "--to", "Expenses:BadDebt",
        "--by", "Li",
    )  # fmt: skip
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(message)


def test_the_account_may_stand_anywhere(run: Run, open_books: Path) -> None:
    common = ("-C", open_books, "--by", "Li", "--no-run", "-n", "--to", "Expenses:BadDebt")
    first = run("decide", "write-off", TMALL, "5001", *common)
    assert first.exit_code == 0
    assert run("decide", "write-off", "5001", "--account", TMALL, *common).stdout == first.stdout
    assert f"{TMALL} -128.00" in run("decide", "write-off", "5002", *common).stdout


@pytest.mark.parametrize(
    ("account", "message"),
    [
        ("bad debt", "the account bad debt is not open: docs/accounts.md lists the usual ones; "),
        ("Expenses:BadDept", "the account Expenses:BadDept is not open: did you mean Expenses:Ba"),
    ],
)
def test_refused_accounts(run: Run, open_books: Path, account: str, message: str) -> None:
    result = run(
        "decide", "write-off", TMALL, "5001", "-C", open_books, "--to", account, "--by", "L"
    )
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(message)


def test_never_in_a_closed_period(run: Run, open_books: Path) -> None:
    (open_books / "decisions" / "2026.beancount").write_text(
        '2026-08-31 custom "close" Equity:Closed\n  by: "Li"\n  period: "2026-08"\n  files: "{}"\n',
        encoding="utf-8",
    )
    common = ("-C", open_books, "--by", "Li", "--until", "2026-10-01", "--no-run")
    assert run("decide", "explain", TMALL, "5001", *common).stdout.startswith("2026-09-01 custom")
    result = run("decide", "explain", TMALL, "5001", *common, "--date", "2026-08-31")
    assert result.exit_code == 2
    assert result.stderr == ("2026-08-31 lies in a closed period: choose 2026-09-01 or later\n")


def test_json(run: Run, open_books: Path) -> None:
    result = run(
        "decide", "explain", TMALL, "5001", "-C", open_books, "--by", "Li", "--until", "2026-10-01",
        "--no-run", "--json",
    )  # fmt: skip
    found = json.loads(result.stdout)
    assert {key: found[key] for key in ("schema", "version", "decision", "account", "file")} == {
        "schema": "beanclear.decide", "version": 1, "decision": "explain", "account": TMALL,
        "file": "decisions/2026/Li.beancount",
    }  # fmt: skip


def test_a_decision_made_meanwhile_is_not_overwritten(open_books: Path) -> None:
    books = Books(open_books)
    texts = deciding.read_texts(books)
    texts.after["decisions/2026.beancount"] = "mine"
    (open_books / "decisions" / "2026.beancount").write_text("theirs", encoding="utf-8")
    with pytest.raises(Exception, match="the books were changed meanwhile"):
        deciding.write(books, texts)
    assert (open_books / "decisions" / "2026.beancount").read_text(encoding="utf-8") == "theirs"


def test_who_decides(
    run: Run, open_books: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    arguments = (
        "decide", "explain", TMALL, "5001", "-C", open_books, "--until", "2026-10-01", "-n",
    )  # fmt: skip
    nobody = run(*arguments)
    assert (nobody.exit_code, nobody.stderr) == (2, "nobody is named who decides: add --by NAME\n")
    (tmp_path / "gitconfig").write_text("[user]\n\tname = 李娜\n", encoding="utf-8")
    assert '+  by: "李娜"\n' in run(*arguments).stdout
