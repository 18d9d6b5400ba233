"""Lines around tables, tables below each other, files that were cut, and what a workbook hides."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from beanclear.importers.registry import read_document
from beanclear.ledger.statement import Grade, Statement
from tests.importers.conftest import FIXTURES, Faults, ReadText
from tests.importers.every_line import lines_of, read_bytes

ORDERS = "order_id,ordered_at,status,amount\n"
PDD = (FIXTURES / "pinduoduo" / "ledger.csv").read_text(encoding="gb18030")
ALIPAY = (FIXTURES / "alipay" / "ledger_16.csv").read_text(encoding="gb18030")
CCB = (FIXTURES / "banks" / "ccb.csv").read_text(encoding="utf-8")


def order(number: str, amount: str = "10.00") -> str:
    return f"{number},2026-07-01 09:00:00,created,{amount}\n"


def named(told: list[tuple[str, int | None, str]]) -> list[tuple[str, int | None]]:
    return [(code, row) for code, row, _message in told]


@pytest.mark.parametrize("number", ["#1001", "合计", "总计:", "#N/A", "总交易单数", "order_id"])
def test_a_record_is_one_whatever_its_first_cell_says(number: str, read_text: ReadText) -> None:
    found = read_text(ORDERS + order(number) + order("A-2"))
    assert found.records.column("order_id").to_pylist() == [number, "A-2"]
    assert (found.rows_read, found.grade) == (2, Grade.COUNTED)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("#1001\n", "ragged-row"),
        ("合计\n", "stray-total"),
        ("合计,,,\n", "stray-total"),
        ("合计,,,10.00\n", "stray-total"),  # rows follow it
        ("#,,,\n", "missing-cell"),
        ('"\n', "open-quote"),
    ],
)
def test_a_line_that_holds_no_record_is_named(line: str, code: str, faults: Faults) -> None:
    assert (code, 3) in named(faults(ORDERS + order("A-1") + line + order("A-2")))


def test_a_line_above_the_header_is_named(faults: Faults) -> None:
    assert named(faults("orders of July\n" + ORDERS + order("A-1"))) == [("stray-line", 1)]
    assert named(faults(order("A-0") + ORDERS + order("A-1"))) == [("stray-line", 1)]


def test_a_header_once_more_is_no_line(read_text: ReadText) -> None:
    found = read_text(ORDERS + order("A-1") + "\ufeff" + ORDERS + order("A-2"))
    assert (found.rows_read, found.rows_used, found.faults) == (2, 2, ())


def test_another_header_ends_what_can_be_read(faults: Faults) -> None:
    other = "ordered_at,order_id,status,amount\n2026-07-01 09:00:00,A-2,created,5.00\n"
    told = faults(ORDERS + order("A-1") + other)
    assert named(told) == [("second-header", 3), ("below-end", 4)]


def test_a_total_row_that_agrees_is_said_and_proves_nothing(read_text: ReadText) -> None:
    found = read_text(ORDERS + order("A-1") + order("A-2", "5.50") + "合计,,,15.50\n")
    assert (found.rows_read, found.grade, found.controls) == (2, Grade.COUNTED, ())
    assert found.warnings == (
        "a total row that agrees with the rows above it is not booked: row 4",
    )


@pytest.mark.parametrize(
    ("figure", "code"),
    [("15.51", "wrong-total"), ("15.5O", "bad-amount"), ("0.00", "wrong-total")],
)
def test_a_total_row_that_does_not_agree_is_named(figure: str, code: str, faults: Faults) -> None:
    text = ORDERS + order("A-1") + order("A-2", "5.50") + f"合计,,,{figure}\n"
    assert named(faults(text)) == [(code, 4)]


def test_total_rows_of_a_bank_are_controls(read_text: ReadText, faults: Faults) -> None:
    def total(debit: str) -> str:
        return f"{CCB}合计,,,,{debit},2500.50,,,,,,,,\n"

    found = read_text(total("100.00"))
    assert {control.name for control in found.controls if control.agrees} == {
        "合计 借方发生额(支取)",
        "合计 贷方发生额(收入)",
    }
    assert found.grade is Grade.PROVEN
    assert read_text(total("100.01")).grade is Grade.CONTRADICTED
    assert named(faults(total("1OO.00"))) == [("bad-amount", 4)]


def test_twenty_thousand_total_rows_are_quick(read_text: ReadText) -> None:
    began = time.process_time()
    found = read_text(CCB + "合计,,,,100.00,2500.50,,,,,,,,\n" * 20_000)
    assert found.grade is Grade.PROVEN
    assert time.process_time() - began < 10


@pytest.mark.parametrize("name", ["wechatpay/all.csv", "wechatpay/fundflow.csv"])
def test_joined_bills_are_statements_of_their_own(name: str, tmp_path: Path) -> None:
    lines, encoding = lines_of(name)
    whole = "".join(lines)
    later = whole.replace("2026-07-01", "2026-07-03").replace("20260701", "20260703")
    one = read_bytes(tmp_path, whole.encode(encoding))
    both = read_bytes(tmp_path, (whole + later).encode(encoding))
    assert both.bookable
    assert [found.grade for found in both.statements] == [Grade.PROVEN] * 2
    assert [str(span.first) for found in both.statements if (span := found.span)] == [
        "2026-07-01",
        "2026-07-03",
    ]
    assert both.money == 2 * one.money
    wrong = read_bytes(tmp_path, (whole + later.replace("`128.00,", "`129.00,", 1)).encode())
    assert [found.grade for found in wrong.statements] == [Grade.PROVEN, Grade.CONTRADICTED]
    twice = read_bytes(tmp_path, (whole + whole).encode(encoding))
    assert [(found.code, found.row) for found in twice.faults] == [
        ("duplicate-table", len(lines) + 1)
    ]
    bare = "".join(later.splitlines(keepends=True)[1:])
    headless = read_bytes(tmp_path, (whole + bare).encode(encoding))
    assert {found.code for found in headless.faults} >= {"below-end"}


def test_joined_alipay_bills_have_each_their_own_frame(tmp_path: Path) -> None:
    later = ALIPAY.replace("2026年06月01日", "2026年07月01日")
    later = later.replace("2026年05月01日", "2026年06月01日").replace("年06月02日", "年07月02日")
    later = later.replace("2026-05-", "2026-06-").replace("15707572421190", "15807572421190")
    told = read_bytes(tmp_path, (ALIPAY + later).encode("gb18030"))
    assert told.bookable
    assert [str(span.last) for one in told.statements if (span := one.span)] == [
        "2026-05-31",
        "2026-06-30",
    ]
    assert [len(one.controls) for one in told.statements] == [4, 4]


def test_rows_below_the_end_are_named(faults: Faults) -> None:
    lines = ALIPAY.splitlines(keepends=True)
    told = faults((ALIPAY + lines[5]).encode("gb18030"))
    assert named(told)[-1] == ("below-end", len(lines) + 1)


def test_a_total_of_the_frame_that_is_none_is_named(faults: Faults) -> None:
    text = ALIPAY.replace("共239.13元", "共239.1", 1)
    assert text != ALIPAY
    assert [code for code, _ in named(faults(text.encode("gb18030")))] == ["bad-amount"]


@pytest.mark.parametrize(("old", "new"), [("`1237.17", "`1237.1 7"), ("`11.0,`5.0", "`11.0,`")])
def test_a_figure_of_a_summary_that_is_none_is_named(old: str, new: str, faults: Faults) -> None:
    text = (FIXTURES / "wechatpay" / "fundflow.csv").read_text(encoding="utf-8")
    assert old in text
    assert named(faults(text.replace(old, new))) == [("bad-amount", len(text.splitlines()))]


def test_a_last_line_without_its_end_was_cut(read_text: ReadText) -> None:
    cut = read_text(PDD.rstrip("\r\n"))
    rows = len(PDD.splitlines())
    assert [(found.code, found.row) for found in cut.faults] == [("open-end", rows)]
    assert (cut.rows_read, cut.rows_used, cut.rows_reported) == (14, 13, 1)
    whole = read_text(PDD)
    assert cut.span is not None
    assert whole.span is not None
    assert cut.span.last < cut.span.last_row < whole.span.last
    assert (whole.grade, whole.rows_used) == (Grade.COUNTED, 14)


def test_a_cut_list_newest_first_loses_its_first_days(read_text: ReadText) -> None:
    web = (FIXTURES / "alipay" / "web_19.csv").read_text(encoding="gb18030")
    lines = web.splitlines(keepends=True)
    whole = read_text(web)
    cut = read_text("".join(lines[:8]))
    assert [found.code for found in cut.faults] == ["cut-file"]
    assert cut.span is not None
    assert whole.span is not None
    assert cut.span.first > whole.span.first
    assert cut.span.last == whole.span.last


def test_where_nothing_is_known_an_open_end_is_said(read_text: ReadText) -> None:
    found = read_text(CCB.rstrip("\n"))
    assert found.rows_used == 2
    assert found.grade is Grade.COUNTED  # although its balance follows
    assert found.warnings == (
        "row 3 is the last one and has no line end: it is booked, but a download that was cut off "
        "looks the same: compare it",
    )
    assert read_text(CCB).grade is Grade.PROVEN


@pytest.mark.parametrize("line", ["order_id", ","])
def test_lines_of_one_width_alone_are_named(line: str, faults: Faults) -> None:
    told = faults(ORDERS + "only,three,cells\n" * 3 + line + "\n")
    assert named(told)[:3] == [("ragged-row", row) for row in (2, 3, 4)]


def test_two_columns_of_a_name_that_is_read(faults: Faults) -> None:
    header = ORDERS.replace("\n", ",note,amount,note\n")
    line = order("A-1").replace("\n", ",x,11.00,y\n")
    assert named(faults(header + line)) == [("doubled-column", 1)]


def book(path: Path, *, hidden_sheet: bool = False, hidden_row: bool = False) -> Path:
    with xlsxwriter.Workbook(path) as made:
        front = made.add_worksheet("说明")
        front.write_string(0, 0, "read me")
        sheet = made.add_worksheet("orders")
        for row, line in enumerate((ORDERS, order("A-1"), order("A-2"), order("A-3", "4.00"))):
            for column, cell in enumerate(line.strip().split(",")):
                sheet.write_string(row, column, cell)
        sheet.write_formula(3, 3, "=2+2", None, "4")
        if hidden_row:
            sheet.set_row(2, None, None, {"hidden": True})
        if hidden_sheet:
            sheet.hide()
    return path


def test_hidden_rows_and_formulas_are_read_and_said(tmp_path: Path) -> None:
    (found,) = read_document(book(tmp_path / "a.xlsx", hidden_row=True))
    assert (found.rows_used, found.faults) == (3, ())
    assert found.warnings == (
        "1 hidden rows, the first of them row 3, are read like the others",
        "1 cells hold formulas: their values are read as they were saved",
        "the sheet 说明 holds no table of this kind and is not read",
    )


def test_a_hidden_sheet_is_not_booked_unseen(tmp_path: Path) -> None:
    (found,) = read_document(book(tmp_path / "a.xlsx", hidden_sheet=True))
    assert [one.code for one in found.faults] == ["hidden-sheet"]
    assert found.grade is Grade.CONTRADICTED


def test_a_workbook_without_what_it_should_have_is_read_all_the_same(tmp_path: Path) -> None:
    plain = book(tmp_path / "a.xlsx")
    odd = tmp_path / "b.xlsx"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(odd, "w") as new:
        for info in old.infolist():
            data = old.read(info).replace(b'state="visible"', b"")
            new.writestr(info.filename, data)
    read: Callable[[Path], list[Statement]] = read_document
    assert [one.rows_used for one in read(odd)] == [3]
