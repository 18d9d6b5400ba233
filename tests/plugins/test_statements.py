from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from beanclear.ledger.vocabulary import Close, StatementEntry, read
from beanclear.plugins.proof import as_of_dates
from beanclear.plugins.statements import changed_files

Load = Callable[..., SimpleNamespace]


def statement(
    first: str,
    last: str,
    balances: str = "",
    *,
    row: str | None = None,
    grade: str = "proven",
    more: str = "",
    account: str = "Assets:Wallet:Alipay",
) -> str:
    """A statement of August 2026, its days as `dd`, its balances as `opening closing`."""
    lines = [
        f'2026-08-{row or last} custom "statement" {account}',
        '  source: "alipay/main/wallet"',
        f"  first: 2026-08-{first}",
        f"  last: 2026-08-{last}",
        "  rows: 3",
        f'  grade: "{grade}"',
    ]
    for name, number in zip(("opening", "closing"), balances.split(), strict=False):
        lines.append(f"  {name}: {number} CNY")
    return "\n" + "\n".join(lines) + f"\n{more}"


FOLLOW = (
    "StatementError: alipay/main/wallet ends a statement with 10.00 CNY and begins the next one "
    "with 10.01 CNY: lines are missing between them; import what is missing"
)
BEGIN = (
    "StatementError: two statements of alipay/main/wallet begin on the same day, one with 1.00 "
    "CNY, the other with 2.00 CNY: export the wrong one again; if they are of two accounts or "
    "purses, give each a folder below the inbox, named in [[shops]]"
)
END = (
    "StatementError: two statements of alipay/main/wallet end on the same day, one with 10.00 "
    "CNY, the other with 11.00 CNY: export the wrong one again"
)


def test_two_currencies_of_one_wallet_have_balances_of_their_own(load: Load) -> None:
    dollars = [
        statement(first, last, balances).replace(" CNY", " USD")
        for first, last, balances in (("01", "10", "7.00 8.00"), ("11", "20", "8.00 9.00"))
    ]
    yuan = statement("01", "10", "0.00 10.00") + statement("11", "20", "10.00 12.00")
    assert load(yuan + "".join(dollars)).errors == []
    wrong = statement("11", "20", "10.01 12.00")
    text = "".join(dollars) + statement("01", "10", "0.00 10.00") + wrong
    assert load(text).errors == [FOLLOW]


def test_statements_that_join_are_in_order(load: Load) -> None:
    text = statement("01", "10", "0.00 10.00") + statement("11", "20", "10.00 12.00")
    assert load(text).errors == []


def test_a_gap_is_an_error_at_the_later_statement(load: Load) -> None:
    loaded = load(statement("01", "10", "0.00 10.00") + statement("13", "20", "9.00 12.00"))
    assert loaded.errors == [
        "StatementError: no statement of alipay/main/wallet covers 2026-08-11 to 2026-08-12: "
        "import the one that does, or run `beanclear run --covers ACCOUNT=DATE` if nothing "
        "happened on these days"
    ]
    assert loaded.places == ['main.beancount: 2026-08-20 custom "statement" Assets:Wallet:Alipay']


@pytest.mark.parametrize(
    ("texts", "errors"),
    [
        # One follows the other on the next day.
        ((statement("01", "10", "0.00 10.00"), statement("11", "20", "10.01 12.00")), [FOLLOW]),
        # The first one's last day was incomplete, and the next one does not begin on it.
        (
            (
                statement("01", "09", "0.00 10.00", row="10"),
                statement("11", "20", "10.01 12.00"),
            ),
            [FOLLOW],
        ),
        # The next one holds the incomplete day again: the balances are of different moments.
        (
            (statement("01", "09", "0.00 10.00", row="10"), statement("10", "20", "9.00 12.00")),
            [],
        ),
        # They overlap and begin or end together.
        ((statement("01", "10", "1.00 10.00"), statement("01", "20", "2.00 12.00")), [BEGIN]),
        ((statement("01", "10", "1.00 10.00"), statement("05", "10", "2.00 11.00")), [END]),
        ((statement("01", "10", "1.00 10.00"), statement("05", "12", "2.00 11.00")), []),
        # The one that reaches furthest counts, not the one before.
        (
            (
                statement("01", "10", "1.00 10.00"),
                statement("05", "06", "2.00 3.00"),
                statement("11", "12", "10.00 9.00"),
            ),
            [],
        ),
        # Without balances there is nothing to compare.
        ((statement("01", "10"), statement("11", "20", "5.00 6.00")), []),
    ],
)
def test_balances_of_neighbours(load: Load, texts: tuple[str, ...], errors: list[str]) -> None:
    assert load("".join(texts)).errors == errors
    assert load("".join(reversed(texts))).errors == errors


def test_an_accepted_contradiction_is_not_held_against_its_neighbours(load: Load) -> None:
    texts = [
        statement("01", "10", "0.00 10.00"),
        statement("11", "20", "10.01 12.00", grade="contradicted", more='  accepted-by: "Li"\n'),
        statement("21", "30", "13.00 14.00"),
    ]
    assert load("".join(texts)).errors == []


def test_a_contradiction_that_nobody_accepted_is_an_error(load: Load) -> None:
    more = '  file: "a.csv"\n'
    assert load(statement("01", "10", grade="contradicted", more=more)).errors == [
        "StatementError: the statement a.csv contradicts itself and nobody accepted it: export it "
        "again, or book it by name with `beanclear run --accept a.csv`"
    ]


def test_one_document_booked_twice_is_an_error_at_the_second(load: Load) -> None:
    more = '  sha256: "abc"\n  file: "a.csv"\n'
    loaded = load(statement("01", "10", more=more) + statement("01", "10", row="11", more=more))
    assert loaded.errors == [
        "StatementError: the document a.csv of alipay/main/wallet is booked twice: run "
        "`beanclear run`, or remove this directive"
    ]
    assert loaded.places == ['main.beancount: 2026-08-11 custom "statement" Assets:Wallet:Alipay']


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            statement("01", "10", grade="fine"),
            'the grade "fine" is none of proven, counted and contradicted: run `beanclear run`',
        ),
        (
            statement("01", "10", account="Assets:Unheard"),
            '"statement" names Assets:Unheard, which no `open` opens: open it in '
            "accounts.beancount, or run `beanclear run`",
        ),
        (
            statement("01", "10", more='  feeds: "Assets:Transit:Alipay Assets:Wallet:Alipay"\n'),
            "`feeds` names Assets:Wallet:Alipay, which is no clearing account: name one whose "
            "`open` has `clearing`",
        ),
        (
            statement("01", "10").replace("  rows: 3\n", ""),
            'the directive is not as beanclear writes it ("statement" needs `rows`): correct this '
            "line, or run `beanclear run` when it is generated text",
        ),
    ],
)
def test_a_statement_that_is_not_as_written_is_an_error(load: Load, text: str, error: str) -> None:
    assert load(text).errors == [f"DirectiveError: {error}"]


def test_the_as_of_date_is_the_earliest_end_of_the_sources_that_feed_an_account(
    doc: SimpleNamespace,
) -> None:
    """
    2026-08-20 custom "statement" Assets:Wallet:Alipay
      source: "alipay/main/wallet"
      first: 2026-08-01
      last: 2026-08-20
      rows: 3
      grade: "proven"
      feeds: "Assets:Receivable:Tmall Assets:Transit:Alipay"

    2026-08-31 custom "statement" Assets:Wallet:Alipay
      source: "alipay/main/wallet"
      first: 2026-08-25
      last: 2026-08-31
      rows: 3
      grade: "proven"
      feeds: "Assets:Receivable:Tmall"

    2026-08-15 custom "statement" Assets:Wallet:Alipay
      source: "icbc/main/bank"
      first: 2026-08-01
      last: 2026-08-15
      rows: 3
      grade: "proven"
      feeds: "Assets:Transit:Alipay"
    """
    found = as_of_dates(one.entry for one in read(doc.entries, StatementEntry))
    assert {account: str(day) for account, day in found.items()} == {
        "Assets:Receivable:Tmall": "2026-08-20",
        "Assets:Transit:Alipay": "2026-08-15",
    }


# -- frozen text ---------------------------------------------------------------------------------


def close(files: object) -> str:
    text = (files if isinstance(files, str) else json.dumps(files)).replace('"', '\\"')
    return f"""
2026-07-31 custom "close" Equity:Closed
  by: "Li"
  period: "2026-07"
  files: "{text}"
"""


def freeze(root: Path, name: str = "frozen.beancount", text: str = "; July\n") -> dict[str, str]:
    (root / name).write_text(text, encoding="utf-8")
    return {name: hashlib.sha256(text.encode()).hexdigest()}


def test_frozen_files_are_watched_and_in_order(load: Load, tmp_path: Path) -> None:
    loaded = load(close(freeze(tmp_path)))
    assert loaded.errors == []
    assert loaded.options["include"].count(str(tmp_path / "frozen.beancount")) == 1


def test_a_frozen_file_that_is_included_is_not_added_again(load: Load, tmp_path: Path) -> None:
    files = freeze(tmp_path)
    loaded = load(close(files) + "\n=== frozen.beancount\n; July\n")
    assert loaded.options["include"].count(str(tmp_path / "frozen.beancount")) == 1
    assert loaded.errors == []


def test_a_frozen_file_that_changed_is_an_error(load: Load, tmp_path: Path) -> None:
    files = freeze(tmp_path)
    freeze(tmp_path, text="; july\n")
    loaded = load(close(files))
    assert loaded.errors == [
        "ClosedError: the frozen file frozen.beancount changed after 2026-07 was closed: "
        "restore it from version control and book the correction on an open day"
    ]
    assert loaded.places == ['main.beancount: 2026-07-31 custom "close" Equity:Closed']
    (found,) = changed_files(read(loaded.entries, Close)[0].entry, str(tmp_path))
    assert found.path == "frozen.beancount"


def test_a_frozen_file_that_is_gone_is_an_error(load: Load) -> None:
    assert load(close({"frozen.beancount": "abc"})).errors == [
        "ClosedError: the frozen file frozen.beancount is gone: restore it from version control"
    ]


@pytest.mark.parametrize(
    "files", ["no JSON", "[]", {"a": 3}, {"../outside": "abc"}, {"/etc/passwd": "abc"}]
)
def test_files_that_are_no_hashes_of_the_books_are_refused(load: Load, files: object) -> None:
    assert load(close(files)).errors == [
        "DirectiveError: `files` is no JSON object from paths inside the books to sha-256: "
        "restore the directive as `beanclear close` wrote it"
    ]
