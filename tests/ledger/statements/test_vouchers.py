"""Voucher numbers: order, gaplessness, what closing fixes and what it finds later."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import pytest
from beancount.core.data import Directives

from beanclear.ledger import periods
from beanclear.ledger.books import Books
from beanclear.ledger.errors import BooksError
from beanclear.ledger.statements import shown, voucher_files, vouchers
from beanclear.ledger.statements.general_ledger import Entry, GeneralLedger
from beanclear.ledger.vocabulary import CLOSING_ACCOUNT, Close, to_text
from tests.ledger.statements.trading import AUGUST, ENTRIES, ledger_of, load

ROOT = PurePath("/books")
FILE = "reconciliation/vouchers-2026-08.tsv"


def numbered(ledger: GeneralLedger, text: str | None = None) -> vouchers.Month:
    (month,) = vouchers.numbered(ledger, AUGUST, ROOT, {} if text is None else {FILE: text})
    return month


def placed(ledger: GeneralLedger, places: Sequence[tuple[str, int]]) -> GeneralLedger:
    """The ledger with its entries in these files and lines."""
    entries = [
        replace(entry, meta={**entry.meta, "filename": f"/books/{file}", "lineno": line})
        for entry, (file, line) in zip(ledger.entries, places, strict=True)
    ]
    return replace(ledger, entries=tuple(entries))


def without(ledger: GeneralLedger, place: int) -> GeneralLedger:
    return replace(ledger, entries=ledger.entries[:place] + ledger.entries[place + 1 :])


def test_numbers_are_gapless_in_the_order_of_day_file_and_line() -> None:
    # Entries: opening, sale (3rd), paid and rent (10th), two of the 20th, trips (31st).
    places = [("a", 1), ("b", 9), ("b", 2), ("a", 7), ("c", 30), ("c", 4), ("a", 1)]
    month = numbered(placed(ledger_of(ENTRIES), places))
    assert [(one.number, one.place) for one in month.vouchers] == [
        ("记-202608-001", 1),
        ("记-202608-002", 3),  # a:7 before b:2
        ("记-202608-003", 2),
        ("记-202608-004", 5),  # c:4 before c:30
        ("记-202608-005", 4),
        ("记-202608-006", 6),
    ]
    assert not month.fixed
    assert vouchers.state([month])[1] == "provisional until the month is closed"
    assert vouchers.numbers([month])[3] == "记-202608-002"


def test_each_month_begins_anew_and_what_moves_nothing_is_no_voucher() -> None:
    more = """
2026-09-01 * "nothing"
  Assets:Bank:A    0.00 CNY

2026-09-02 * "X" "paid"
  Assets:Bank:A    1.00 CNY
  Assets:Receivable:X
"""
    found = vouchers.numbered(ledger_of(ENTRIES, more), periods.parse("2026-Q3"), ROOT, {})
    assert [[one.number for one in month.vouchers[-1:]] for month in found] == [
        [],
        ["记-202608-006"],
        ["记-202609-001"],
    ]


def test_a_digest_knows_meaning_not_form() -> None:
    def digest(text: str) -> str:
        return vouchers.digest(ledger_of(text).entries[0])

    text = '2026-08-02 * "X" "paid"\n  Assets:Bank:A  5.00 CNY\n  Assets:Receivable:X  -5.00 CNY\n'
    first = digest(text)
    assert digest(f";; a remark\n\n{text}") == first
    turned = text.replace("  Assets:Bank:A  5.00 CNY\n", "") + "  Assets:Bank:A  5.00 CNY\n"
    assert digest(turned) == first
    changed = [
        text.replace("08-02", "08-03"),
        text.replace("paid", "repaid"),
        text.replace("5.00", "5.01"),
        text.replace("Receivable:X", "Receivable:Y"),
        text.replace("5.00 CNY\n", '5.00 CNY\n    shop: "north"\n', 1),
    ]
    assert len({first, *map(digest, changed)}) == 6
    # What a plugin made of a directive means that directive, whatever the language of its words.
    made = text.replace('"paid"', '"paid" ^bc-12')
    assert digest(made) == digest(made.replace("paid", "已付"))


def test_fixed_numbers_stay_when_files_and_lines_change() -> None:
    ledger = ledger_of(ENTRIES)
    text = vouchers.as_text(numbered(ledger).vouchers)
    assert text.splitlines()[0] == "number\tday\tsha256"
    assert text.splitlines()[1].startswith("记-202608-001\t2026-08-03\t")
    places = [("x", 100 - place) for place in range(7)]
    month = numbered(placed(ledger, places), text)
    assert month.fixed
    assert [(one.number, one.place) for one in month.vouchers] == [
        (f"记-202608-{place:03d}", place) for place in range(1, 7)
    ]
    assert vouchers.state([month])[1] == "fixed at close"


def test_an_entry_gone_added_or_changed_after_the_close_is_an_error() -> None:
    ledger = ledger_of(ENTRIES)
    text = vouchers.as_text(numbered(ledger).vouchers)
    with pytest.raises(BooksError, match="gone 记-202608-003; new –") as gone:
        numbered(without(ledger, 3), text)
    assert gone.value.where == FILE
    fewer = vouchers.as_text(numbered(without(ledger, 3)).vouchers)
    with pytest.raises(BooksError, match=r"gone –; new manual/2026\.beancount:7"):
        numbered(placed(ledger, [("manual/2026.beancount", 7)] * 7), fewer)
    changed = ledger_of(ENTRIES.replace("1,130.00", "1,131.00"))
    with pytest.raises(BooksError, match=r"gone 记-202608-001, 记-202608-002, 记-202608-005; new"):
        numbered(changed, text)


def test_two_equal_entries_are_two_vouchers() -> None:
    twice = """
2026-08-05 * "coffee"
  Expenses:Rent    3.00 CNY
  Assets:Bank:A
2026-08-05 * "coffee"
  Expenses:Rent    3.00 CNY
  Assets:Bank:A
"""
    ledger = ledger_of(twice)
    text = vouchers.as_text(numbered(ledger).vouchers)
    assert [one.number for one in numbered(ledger, text).vouchers] == [
        "记-202608-001",
        "记-202608-002",
    ]
    with pytest.raises(BooksError, match="gone 记-202608-002"):
        numbered(without(ledger, 0), text)


def test_the_table_ties_to_the_summary_of_accounts() -> None:
    ledger = ledger_of(ENTRIES)
    table = vouchers.journal(ledger, [numbered(ledger)], AUGUST, "zh")
    day = datetime.date(2026, 8, 3)
    head = (day, "记-202608-001", "X sale")
    assert [row.cells for row in table.rows[:2]] == [
        # The name of the receivable says the platform.
        (*head, "1122.01", "应收账款-甲", "north, X", "CNY", 113000, None),
        (*head, "5001.01", "主营业务收入-商品", "north, tmall", "CNY", None, 113000),
    ]
    assert table.rows[-1].cells == (None, "", "Total", "", "", "", "CNY", 713000, 713000)
    assert len(table.rows) == 15
    assert table.checks == {
        "debits less credits, CNY": 0,
        "debits less those of the summary of accounts, CNY": 0,
    }


def test_the_checks_fail_when_they_must() -> None:
    ledger = ledger_of(ENTRIES)
    month = numbered(ledger)
    fewer = replace(month, vouchers=month.vouchers[1:])
    assert vouchers.journal(ledger, [fewer], AUGUST, "zh").checks == {
        "debits less credits, CNY": 0,
        "debits less those of the summary of accounts, CNY": -113000,
    }
    first: Entry = ledger.entries[1]
    broken = replace(ledger, entries=(ledger.entries[0], replace(first, lines=first.lines[:1])))
    found = vouchers.journal(broken, [numbered(broken)], AUGUST, "zh")
    assert found.checks["debits less credits, CNY"] == 113000


def test_a_block_for_each_voucher_to_be_signed() -> None:
    ledger = ledger_of(ENTRIES)
    tables = vouchers.blocks(ledger, [numbered(ledger)], "zh", "李娜")
    assert len(tables) == 6
    assert tables[0].header == (
        ("Date", "2026-08-03"),
        ("Number", "记-202608-001"),
        ("Voucher numbers", "provisional until the month is closed"),
    )
    assert tables[0].rows[-1].cells == ("Total", "", "", "", "CNY", 113000, 113000)
    assert tables[0].notes == ("Prepared by 李娜   Reviewed by ________   Posted by ________",)
    page = shown.as_html(tables, "zh")
    assert page.count('class="several"') == 6


def closed(**files: str) -> Directives:
    close = Close(
        date=datetime.date(2026, 8, 31),
        account=CLOSING_ACCOUNT,
        by="Li",
        period="2026-08",
        files=json.dumps(files),
    )
    return load(f"1970-01-01 open {CLOSING_ACCOUNT}\n{to_text(close)}")


def test_files_of_numbers_are_made_for_all_months_not_frozen_yet(tmp_path: Path) -> None:
    ledger, books = ledger_of(ENTRIES), Books(tmp_path)
    end = datetime.date(2026, 9, 30)
    made = voucher_files.texts_to_fix(ledger, books, end, {})
    assert [(name, len(text.splitlines())) for name, text in made.items()] == [
        (FILE, 7),
        ("reconciliation/vouchers-2026-09.tsv", 1),
    ]
    again = voucher_files.texts_to_fix(ledger, books, end, {FILE: ""})
    assert list(again) == ["reconciliation/vouchers-2026-09.tsv"]
    none: dict[str, Any] = voucher_files.texts_to_fix(replace(ledger, entries=()), books, end, {})
    assert none == {}


def test_files_that_a_close_names_are_read_or_missed(tmp_path: Path) -> None:
    books = Books(tmp_path)
    directives = closed(**{FILE: "0", "journal/2026/08/a.beancount": "1"})
    with pytest.raises(BooksError, match="the voucher numbers of a closed month are gone"):
        voucher_files.fixed_numbers(books, directives)
    (tmp_path / "reconciliation").mkdir()
    (tmp_path / FILE).write_text("number\tday\tsha256\n")
    assert voucher_files.fixed_numbers(books, directives) == {FILE: "number\tday\tsha256\n"}
