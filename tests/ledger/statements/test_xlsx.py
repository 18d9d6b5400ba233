"""The workbook, opened again and compared cell by cell."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import python_calamine

from beanclear.ledger.statements import statutory
from beanclear.ledger.statements.table import Row, Style
from beanclear.ledger.statements.xlsx import workbook
from tests.ledger.statements import company
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
        ["✓ 资产减负债: 0.00", "", "", "", ""],
    ]


def test_a_total_of_shown_rows_is_a_formula_and_another_figure_is_none() -> None:
    sheet = part(workbook([TABLE]), "xl/worksheets/sheet1.xml")
    assert "<f>C6+C7</f><v>1234.06</v>" in sheet
    assert sheet.count("<f>") == 1


def formulas(content: bytes, sheet: int = 1) -> dict[str, tuple[str, Decimal]]:
    """Cell → its formula, and the value that the file gives beside it."""
    found = re.findall(
        r'<c r="([A-Z]+\d+)"[^>]*><f>([^<]*)</f><v>([^<]*)</v>',
        part(content, f"xl/worksheets/sheet{sheet}.xml"),
    )
    return {cell: (formula, Decimal(value)) for cell, formula, value in found}


def computed(content: bytes, sheet: int = 1) -> dict[str, Decimal]:
    """What a spreadsheet makes of the formulas: sums of cells and of ranges, with signs."""
    text = part(content, f"xl/worksheets/sheet{sheet}.xml")
    values = {
        cell: Decimal(value)
        for cell, kind, value in re.findall(r'<c r="([A-Z]+\d+)"([^>]*)><v>([^<]*)</v>', text)
        if 't="s"' not in kind
    }
    known = formulas(content, sheet)

    def value_of(cell: str) -> Decimal:
        if cell not in known:
            return values.get(cell, Decimal())
        parts = re.findall(r"([+-]?)(?:SUM\((\w+):(\w+)\)|(\w+))", known[cell][0])
        total = Decimal()
        for sign, first, last, single in parts:
            letters = single or first
            column = letters.rstrip("0123456789")
            lines = range(int(letters[len(column) :]), int((single or last)[len(column) :]) + 1)
            total += sum(value_of(f"{column}{line}") for line in lines) * (-1 if sign == "-" else 1)
        return total

    return {cell: value_of(cell) for cell in known}


def test_formulas_give_the_figures_of_the_statements() -> None:
    """Recomputed from the cells they name, all totals of the forms are what the file shows."""
    tables = statutory.statements(company.request())
    content = workbook(tables)
    shown = sum(
        1
        for table in tables
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if row.adds and column.name not in {"item", "line"} and cell is not None
    )
    found = 0
    for sheet in range(1, len(tables) + 1):
        made = {cell: value for cell, (_formula, value) in formulas(content, sheet).items()}
        assert {cell: round(value, 2) for cell, value in computed(content, sheet).items()} == made
        found += len(made)
    assert found == shown
    # 流动资产合计 is rows 1 to 9 and 14, without the parts of inventory between them; on the
    # right side 总计 is 负债合计 and 所有者权益合计.
    sheet_of = formulas(content)
    assert sheet_of["C19"] == ("SUM(C5:C13)+C18", Decimal("170798.0"))
    assert sheet_of["G35"] == ("G22+G28", Decimal("179798.0"))


def test_the_sides_of_a_balance_sheet_end_on_one_line() -> None:
    sheet = statutory.statements(company.request())[0]
    rows = rows_of(workbook([sheet]), "资产负债表")
    (last,) = [row for row in rows if row[0] == "资产总计"]
    assert last == [
        "资产总计", 30.0, 179798.0, 125000.0,
        "负债和所有者权益（或股东权益）总计", 53.0, 179798.0, 125000.0,
    ]  # fmt: skip


def test_a_total_of_many_rows_is_a_range_and_one_that_excel_could_not_read_is_a_number() -> None:
    def long(adds: Iterable[int]) -> str:
        rows = [Row(cells=("x", None, 1, None, None)) for _line in range(4000)]
        total = tuple((1, line) for line in adds)
        rows.append(Row(cells=("y", None, len(total), None, None), style=Style.TOTAL, adds=total))
        return part(workbook([replace(TABLE, rows=tuple(rows))]), "xl/worksheets/sheet1.xml")

    assert "<f>SUM(C5:C4004)</f><v>40.0</v>" in long(range(4000))
    assert "<f>" not in long(range(0, 4000, 2))


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
    assert "$A$1:$E$12" in names  # the print area
    assert "$1:$4" in names  # title, company, unit and heading are repeated


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
