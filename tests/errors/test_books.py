"""Configuration, chart, decisions, index and archive that cannot be used: exit 3, nothing changes.

A right statement waits in the inbox each time: it must still lie there afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.errors.bad_files import bank, wallet

Run = Callable[..., Result]
Contents = Callable[[Path], dict[str, bytes]]
CJK = re.compile(r"[\u4e00-\u9fff]")
KEY = "correct or remove it; `beanclear init` writes a file that explains every key"
INDEX = "restore the file from version control; it is only ever appended to"
ARCHIVED = "documents/Assets/Wallet/Alipay/1282/2026-05-31.*.wallet.csv"
CCB = "Assets:Bank:CCB:8826"
TWICE = """
[[tables]]
name = "mine"
match = ["账务流水号", "发生时间"]
stage = "wallet"
source = "mine"
columns = { occurred_at = "发生时间", income = "收入金额（+元）", expense = "支出金额（-元）" }
"""


def write(name: str, text: str | bytes) -> Callable[[Path], None]:
    def spoil(books: Path) -> None:
        (books / name).write_bytes(text.encode() if isinstance(text, str) else text)

    return spoil


def append(name: str, text: str) -> Callable[[Path], None]:
    def spoil(books: Path) -> None:
        path = books / name
        path.parent.mkdir(exist_ok=True)
        path.write_text((path.read_text("utf-8") if path.exists() else "") + text, "utf-8")

    return spoil


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def spoil(books: Path) -> None:
        text = (books / name).read_text("utf-8")
        assert old in text
        (books / name).write_text(text.replace(old, new, 1), "utf-8")

    return spoil


def archived(books: Path) -> Path:
    (path,) = books.glob(ARCHIVED)
    return path


# name → how the books are spoiled, and what is said: `{n}` is the line that was added to a file.
CASES: dict[str, tuple[Callable[[Path], None], str]] = {
    "toml syntax": (
        write("beanclear.toml", "[books\n"),
        "beanclear.toml: this is not valid TOML (Expected ']' at the end of a table declaration "
        "(at line 1, column 7)): correct that line",
    ),
    "toml encoding": (
        write("beanclear.toml", b"\xff\xfe[books]"),
        "beanclear.toml: the configuration cannot be read ('utf-8' codec can't decode byte 0xff "
        "in position 0: invalid start byte): save the file as UTF-8 text and make it readable",
    ),
    "unknown key": (
        append("beanclear.toml", "\n[bokks]\na = 1\n"),
        f"beanclear.toml: the key bokks is unknown: {KEY}",
    ),
    "wrong type": (
        write("beanclear.toml", '[books]\nconfirmed = "yes"\n'),
        f"beanclear.toml: the key books.confirmed must be true or false: {KEY}",
    ),
    "wrong language": (
        write("beanclear.toml", '[books]\nlanguage = "de"\n'),
        f"beanclear.toml: the key books.language must be one of 'zh', 'en': {KEY}",
    ),
    "float rate": (
        append("beanclear.toml", "\n[[vat]]\nrate_percent = 13\n"),
        "beanclear.toml: the key vat.1.rate_percent is wrong "
        f'(write the rate in quotes, such as "0.6"): {KEY}',
    ),
    "unknown platform": (
        append("beanclear.toml", '\n[[recognition]]\nplatform = "jd"\npoint = "paid"\n'),
        "beanclear.toml: [[recognition]] names the platform 'jd'; "
        f"known are: pinduoduo, shop, taobao: {KEY}",
    ),
    "unknown family": (
        append("beanclear.toml", '\n[[matching]]\nfamily = "jd"\nafter = "B+1"\n'),
        "beanclear.toml: [[matching]] names the family 'jd'; "
        f"known are: alipay, pinduoduo, wechat: {KEY}",
    ),
    "no account": (
        append("beanclear.toml", '\n[[rules]]\nmemo = "x"\naccount = "Nothing:X"\n'),
        "beanclear.toml: [[rules]] 2: the account Nothing:X is not open: docs/accounts.md lists "
        "the usual ones; `decide --new-account` opens a new one",
    ),
    "account closed": (
        append(
            "accounts.beancount", f"\n1970-01-01 open {CCB} CNY\n2026-01-01 close {CCB}\n"
        ),
        f"accounts.beancount:{{n}}: the account {CCB} is closed, "
        "but documents have lines for it: remove the `close`",
    ),
    "other currency": (
        append("accounts.beancount", f"\n1970-01-01 open {CCB} USD\n"),
        f"accounts.beancount:{{n}}: the account {CCB} is opened without CNY: "
        "add the currency to the `open`",
    ),
    "chart syntax": (
        append("accounts.beancount", "\n1970-01-01 opne Assets:X CNY\n"),
        "accounts.beancount:{n}: Invalid token: 'opne': correct that line",
    ),
    "decision malformed": (
        write(
            "decisions/2026.beancount",
            '2026-05-31 custom "write-off" Assets:Receivable:Tmall\n  by: "Li"\n',
        ),
        'decisions/2026.beancount:1: "write-off" needs an amount as its second value: '
        "correct that directive",
    ),
    "decision syntax": (
        write("decisions/2026.beancount", '2026-05-31 custm "write-off"\n'),
        "decisions/2026.beancount:1: Invalid token: 'custm': correct that line",
    ),
    "manual without key": (
        write(
            "manual/2026.beancount",
            '2026-05-10 * "x"\n  Assets:Receivable:Tmall  5.00 CNY\n  Equity:Opening-Balances\n',
        ),
        "manual/2026.beancount:2: the posting on Assets:Receivable:Tmall has no key: "
        'write `key: "…"` below it: the order, payout or line it belongs to',
    ),
    "index changed": (
        replace("documents.index", "proven", "provn"),
        "documents.index:2: this line of the index is damaged "
        f"(the stage or the grade is unknown): {INDEX}",
    ),
    "index cut": (
        lambda books: write("documents.index", (books / "documents.index").read_bytes()[:-30])(
            books
        ),
        f"documents.index:2: this line of the index is damaged "
        f"(it has 11 columns instead of 15): {INDEX}",
    ),
}  # fmt: skip


def check(run: Run, contents: Contents, books: Path, expected: str, *more: str) -> None:
    """Both languages refuse with exit 3, say where and what, and change nothing."""
    waiting = books / "inbox" / "good.csv"
    waiting.write_bytes(bank())
    before = contents(books)
    english = run("run", books, *more)
    assert (english.exit_code, english.stderr) == (3, expected + "\n")
    chinese = run("run", books, *more, lang="zh")
    assert chinese.exit_code == 3
    assert chinese.stderr != english.stderr
    assert CJK.search(chinese.stderr)
    assert chinese.stderr.partition(": ")[0] == expected.partition(": ")[0]
    assert contents(books) == before
    assert waiting.read_bytes() == bank()


@pytest.mark.parametrize("name", CASES)
def test_books_that_cannot_be_used(name: str, run: Run, contents: Contents, books: Path) -> None:
    spoil, expected = CASES[name]
    spoil(books)
    last = len((books / "accounts.beancount").read_text("utf-8").splitlines())
    check(run, contents, books, expected.replace("{n}", str(last)))


def test_a_lost_original_stops_only_a_rebuild(run: Run, contents: Contents, books: Path) -> None:
    path = archived(books)
    original = path.read_bytes()
    name = path.relative_to(books).as_posix()
    path.write_bytes(b"x")
    changed = f"{name}: the archived document was changed: restore it from your backup"
    check(run, contents, books, changed, "--rebuild")
    path.unlink()
    missing = (
        f"{name}: the archived document is missing: "
        "restore it from your backup, or remove nothing from documents/"
    )
    check(run, contents, books, missing, "--rebuild")
    assert run("run", books).exit_code == 0
    path.write_bytes(original)
    assert run("run", books, "--rebuild").exit_code == 0


def test_a_folder_without_books(run: Run, contents: Contents, books: Path) -> None:
    (books / "main.beancount").unlink()
    expected = (
        f"{books}: there are no books here (no main.beancount): "
        f"make new books with `beanclear init {books}`"
    )
    check(run, contents, books, expected)


def test_a_decision_about_an_unknown_account(run: Run, contents: Contents, books: Path) -> None:
    """The books load and say so at the decision's line; the other accounts are still booked."""
    before = contents(books)
    text = (
        '2026-05-31 custom "write-off" Assets:Receivable:Nowhere 1.00 CNY\n'
        '  by: "Li"\n  key: "1"\n  to: "Expenses:Clearing:Rounding"\n'
    )
    write("decisions/2026.beancount", text)(books)
    done = run("run", books)
    assert done.exit_code == 1
    assert done.stderr.splitlines()[0] == (
        'decisions/2026.beancount:1: "write-off" names Assets:Receivable:Nowhere, '
        "which is no clearing account: name one whose `open` has `clearing`"
    )
    assert {**contents(books), "decisions/2026.beancount": b""} == {
        **before,
        "decisions/2026.beancount": b"",
    }


def test_a_file_that_two_importers_claim(run: Run, contents: Contents, books: Path) -> None:
    append("beanclear.toml", TWICE)(books)
    waiting = books / "inbox" / "again.csv"
    waiting.write_bytes(wallet() + b"\n")
    before = contents(books)
    english = run("-q", "run", books)
    assert (english.exit_code, english.stderr) == (
        1,
        "again.csv: several importers claim the file: alipay-ledger, table-mine: "
        "report this file's header, or remove one mapping from beanclear.toml\n",
    )
    chinese = run("-q", "run", books, lang="zh").stderr
    assert chinese != english.stderr
    assert CJK.search(chinese)
    assert "alipay-ledger, table-mine" in chinese
    assert contents(books) == before
    assert waiting.exists()
