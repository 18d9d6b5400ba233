"""The workbook, opened again and compared cell by cell."""

from __future__ import annotations

import datetime
import io
import zipfile
from dataclasses import replace

import python_calamine

from beanclear.ledger.statements.xlsx import workbook
from tests.ledger.statements.tables import HOSTILE, TABLE


def rows_of(content: bytes, sheet: str) -> list[list[object]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [list(row) for row in book.get_sheet_by_name(sheet).to_python()]


def part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


def test_every_cell_is_what_the_table_says() -> None:
    rows = rows_of(workbook([TABLE]), "资产负债表")
    assert rows == [
        ["资产负债表  会小企01表", "", "", "", ""],
        ["编制单位: 杭州清账商贸有限公司", "", "", "", ""],
        ["单位: 元", "", "", "", ""],
        ["项目", "行次", "期末余额", "费率", "日期"],
        ["流动资产：", "", "", "", ""],
        [HOSTILE, 1.0, 1234.56, 0.006, datetime.date(2026, 8, 31)],
        ["其中：原材料", 2.0, -0.5, "", ""],
        ["日元", 3.0, 1500.0, "", ""],
        ["合计", 4.0, 1234.06, "", ""],
        ["不是合计", 5.0, 0.01, "", ""],
        ["注：按明细科目列报", "", "", "", ""],
    ]


def test_a_total_of_shown_rows_is_a_formula_and_another_figure_is_none() -> None:
    sheet = part(workbook([TABLE]), "xl/worksheets/sheet1.xml")
    assert "<f>C6+C7</f><v>1234.06</v>" in sheet
    assert sheet.count("<f>") == 1


def test_text_from_outside_is_never_a_formula_or_a_link() -> None:
    content = workbook([TABLE])
    assert "HYPERLINK" not in part(content, "xl/worksheets/sheet1.xml")
    assert "=HYPERLINK(" in part(content, "xl/sharedStrings.xml")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not [
            name for name in archive.namelist() if "hyperlink" in name or "rels/sheet" in name
        ]


def test_heads_are_frozen_and_the_sheet_prints_on_a4() -> None:
    sheet = part(workbook([TABLE]), "xl/worksheets/sheet1.xml")
    assert '<pane xSplit="1" ySplit="4" topLeftCell="B5"' in sheet
    assert 'paperSize="9"' in sheet
    assert 'fitToHeight="0"' in sheet
    names = part(workbook([TABLE]), "xl/workbook.xml")
    assert "$A$1:$E$11" in names  # the print area
    assert "$4:$4" in names  # the heading is repeated


def test_amounts_show_thousands_and_all_minor_digits_of_their_currency() -> None:
    styles = part(workbook([TABLE]), "xl/styles.xml")
    assert 'formatCode="#,##0.00"' in styles or 'numFmtId="4"' in styles
    assert 'formatCode="0.00%"' in styles or 'numFmtId="10"' in styles


def test_equal_tables_give_equal_bytes() -> None:
    assert workbook([TABLE]) == workbook([TABLE])


def test_sheets_have_names_that_a_workbook_allows() -> None:
    long = replace(TABLE, title="a/b:c*d?" + "很长的名字" * 10)
    content = workbook([long, long, replace(TABLE, title="")])
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    first, second, third = book.sheet_names
    assert (len(first), len(second), third) == (31, 31, "demo")
    assert first.startswith("a b c d")
    assert second.endswith("(2)")
