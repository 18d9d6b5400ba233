"""Tables as a workbook: one sheet each, as accountants like it, and inert against injection.

Totals whose rows stand in the same table are real formulas with their value beside them, so the
sheet can be checked and edited; everything that came from outside is written as text, never as
a formula. Printed on A4, one page wide, with the heading row repeated.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from beanclear.ledger.money import minor_digits, to_decimal
from beanclear.ledger.statements.shown import BLANK, told
from beanclear.ledger.statements.table import Cell, Column, Kind, Row, Style, Table

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

_Any: TypeAlias = Any  # what xlsxwriter, which is untyped, takes and gives
_A4 = 9
_RANGE = 3  # so many lines in a row are summed as a range
_LONGEST = 8000  # signs; Excel takes a formula of 8192
_SHEET_SIGNS = re.compile(r"[\[\]:*?/\\']")
_SHEET_NAME = 31  # signs, Excel's limit
_WIDTHS = {Kind.TEXT: 24, Kind.MONEY: 18, Kind.COUNT: 10, Kind.RATE: 10, Kind.DATE: 12}
_FIRST_WIDTH = 44


def workbook(tables: Sequence[Table]) -> bytes:
    """The tables as the bytes of an XLSX file, a sheet each in their order.

    Equal tables give equal bytes: the file carries no time of its making.
    """
    import xlsxwriter  # noqa: PLC0415 - only who asks for a workbook pays for it

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": datetime.datetime(2000, 1, 1)})
    formats = _Formats(book)
    names: set[str] = set()
    for table in tables:
        _sheet(book, formats, table, _sheet_name(table, names))
    book.close()
    return buffer.getvalue()


def _sheet_name(table: Table, taken: set[str]) -> str:
    """By Excel's rules: at most 31 signs, none of its separators, no name twice."""
    base = _SHEET_SIGNS.sub(" ", table.title).strip()[:_SHEET_NAME] or table.name
    name, number = base, 2
    while name.lower() in taken:
        name = f"{base[: _SHEET_NAME - 4]} ({number})"
        number += 1
    taken.add(name.lower())
    return name


class _Formats:
    """The cell formats of one workbook, made when first used."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, _Any], ...], _Any] = {}

    def get(self, **properties: _Any) -> _Any:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"font_name": "SimSun", **properties})
        return self._made[key]

    def cell(self, column: Column, row: Row, currency: str) -> _Any:
        properties: dict[str, _Any] = {"border": 1, "valign": "top"}
        if row.style in {Style.TOTAL, Style.HEADING}:
            properties["bold"] = True
        match column.kind:
            case Kind.MONEY:
                digits = minor_digits(currency)
                properties["num_format"] = "#,##0" + ("." + "0" * digits if digits else "")
            case Kind.COUNT:
                properties["num_format"] = "#,##0"
            case Kind.RATE:
                properties["num_format"] = "0.00%"
            case Kind.DATE:
                properties["num_format"] = "yyyy-mm-dd"
            case Kind.TEXT:
                properties["text_wrap"] = True
                if row.style == Style.PART:
                    properties["indent"] = 2
        return self.get(**properties)


def _sheet(book: Workbook, formats: _Formats, table: Table, name: str) -> None:
    sheet = book.add_worksheet(name)
    wide = len(table.columns) * len(table.sides)
    title = table.title + (f"  {table.form}" if table.form else "")
    line = 0
    if not table.bare:
        sheet.write_string(0, 0, title, formats.get(bold=True, font_size=14))
        line = 1
    for label, value in () if table.bare else table.header:
        sheet.write_string(line, 0, f"{label}: {value or BLANK}", formats.get())
        line += 1
    heading = line
    _heads(sheet, formats, table, heading)
    first = heading + 1
    for side, indexes in enumerate(table.sides):
        lines = {index: first + at for at, index in enumerate(indexes) if index is not None}
        for index in lines:
            _row(sheet, formats, table, index, _Grid(side * len(table.columns), lines))
    line = first + len(table.sides[0])
    for note in () if table.bare else (*table.notes, *told(table)):
        sheet.write_string(line, 0, note, formats.get(italic=True))
        line += 1
    sheet.freeze_panes(first, 1)
    # Title, company, period and preparer stand on every page.
    sheet.repeat_rows(0, heading)
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, max(line - 1, heading), max(wide - 1, 0))
    widths = sum(_WIDTHS[column.kind] for column in table.columns) * len(table.sides)
    if widths > 6 * _WIDTHS[Kind.MONEY]:
        sheet.set_landscape()
    sheet.set_footer("&C&P / &N")


def _heads(sheet: _Any, formats: _Formats, table: Table, line: int) -> None:
    head = formats.get(bold=True, border=1, align="center", bg_color="#E8EEF4", text_wrap=True)
    for at in range(len(table.columns) * len(table.sides)):
        place = at % len(table.columns)
        column = table.columns[place]
        sheet.write_string(line, at, column.heading, head)
        width = _FIRST_WIDTH if place == 0 and column.kind == Kind.TEXT else _WIDTHS[column.kind]
        sheet.set_column(at, at, width)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the rows of one side stand: its first column, and the line of each row it has."""

    column: int
    lines: Mapping[int, int]


def _row(sheet: _Any, formats: _Formats, table: Table, index: int, grid: _Grid) -> None:
    row = table.rows[index]
    currency = row.currency or table.currency
    for place, column in enumerate(table.columns):
        style = formats.cell(column, row, currency)
        shown = _shown(row.cells[place], column, currency)
        at = (grid.lines[index], grid.column + place)
        formula = (
            _formula(table, row, place, grid)
            if row.adds and column.kind in {Kind.MONEY, Kind.COUNT}
            else None
        )
        if formula is None:
            _write(sheet, at, shown, style)
        else:
            sheet.write_formula(*at, formula, style, shown)


def _shown(value: Cell, column: Column, currency: str) -> Cell | float:
    """The number a spreadsheet holds; exact for up to fifteen digits, as every spreadsheet is."""
    if not isinstance(value, int):
        return value
    if column.kind == Kind.MONEY:
        return float(to_decimal(value, currency))
    return value / 1_000_000 if column.kind == Kind.RATE else float(value)


def _write(sheet: _Any, place: tuple[int, int], value: Cell | float, style: _Any) -> None:
    match value:
        case None:
            sheet.write_blank(*place, None, style)
        case int() | float():
            sheet.write_number(*place, value, style)
        case datetime.date():
            sheet.write_datetime(*place, value, style)
        case _:
            sheet.write_string(*place, value, style)


def _formula(table: Table, row: Row, place: int, grid: _Grid) -> str | None:
    """A total as the sum of its rows, where that is what its figure is; none elsewhere."""
    figure = row.cells[place]
    parts = [(factor, of, table.rows[of].cells[place]) for factor, of in row.adds]
    if (
        not isinstance(figure, int)
        or any(of not in grid.lines for _factor, of, _value in parts)
        or figure != sum(factor * value for factor, _of, value in parts if isinstance(value, int))
    ):
        return None
    letters = _letters(grid.column + place)
    text = ""
    for factor, lines in _runs([(factor, grid.lines[of] + 1) for factor, of, _value in parts]):
        sign = "+" if factor > 0 else "-"
        if len(lines) >= _RANGE:
            text += f"{sign}SUM({letters}{lines[0]}:{letters}{lines[-1]})"
        else:
            text += "".join(f"{sign}{letters}{line}" for line in lines)
    return "=" + text.lstrip("+") if len(text) < _LONGEST else None


def _runs(parts: Iterable[tuple[int, int]]) -> list[tuple[int, list[int]]]:
    """Lines that follow each other and have the same sign, together."""
    found: list[tuple[int, list[int]]] = []
    for factor, line in parts:
        if found and found[-1][0] == factor and found[-1][1][-1] == line - 1:
            found[-1][1].append(line)
        else:
            found.append((factor, [line]))
    return found


def _letters(column: int) -> str:
    """A column's letters: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
