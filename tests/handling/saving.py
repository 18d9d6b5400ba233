"""Exports that a program opened and saved again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from tests.handling.catalogue import Files, Handled, Why, handling, one
from tests.handling.exports import Export, Rows, to_book
from tests.handling.spreadsheet import shown, typed

_LONG = re.compile(r"\d{16,}")
_WRAPPING = "\t`'= \""


def _csv(export: Export, **changes: object) -> Files:
    name = export.name.rpartition(".")[0] + ".csv"
    encoding = export.encoding or "gb18030"
    plain = replace(export, is_book=False, name=name, encoding=encoding, newline="\r\n")
    return one(plain, **changes)


def each(export: Export, change: Callable[[str], str]) -> dict[str, Rows | tuple[str, ...]]:
    """Every cell as a program shows it, each row as wide as the table."""
    width = max(len(row) for row in export.rows)

    def rows(some: Rows) -> Rows:
        return tuple(
            tuple(change(cell) for cell in row) + ("",) * (width - len(row)) for row in some
        )

    (header,) = rows((export.header,))
    return {
        "above": rows(export.above),
        "header": header,
        "data": rows(export.data),
        "below": rows(export.below),
    }


@handling("opened in Excel or WPS and saved as CSV", "用 Excel 或 WPS 打开后另存为 CSV")
def _excel(export: Export) -> Handled:
    return excel(export)


def excel(export: Export) -> Files:
    """What a Chinese Excel writes."""
    return _csv(export, encoding="gb18030", **each(export, lambda cell: shown(typed(cell))))


@handling("opened in Excel and saved as CSV UTF-8", "用 Excel 打开后另存为 CSV UTF-8")
def _excel_utf8(export: Export) -> Handled:
    return _csv(export, encoding="utf-8-sig", **each(export, lambda cell: shown(typed(cell))))


@handling("opened in LibreOffice and saved as CSV", "用 LibreOffice 打开后另存为 CSV")
def _libreoffice(export: Export) -> Handled:
    cells = each(export, lambda cell: shown(typed(cell), seconds=True))
    return _csv(export, encoding="utf-8", newline="\n", **cells)


@handling("saved by an Excel with `;` and decimal commas", "用分号分隔、逗号作小数点的 Excel 另存")
def _excel_german(export: Export) -> Handled:
    cells = each(export, lambda cell: shown(typed(cell), comma=True))
    return _csv(export, encoding="utf-8-sig", delimiter=";", **cells)


@handling("dates in the form of another place (31.07.2026)", "日期变成其他地区格式（31.07.2026）")
def _dates_german(export: Export) -> Handled:
    return _csv(export, **each(export, lambda cell: shown(typed(cell), day="{2:02}.{1:02}.{0}")))


@handling("dates in the American form (7/31/2026)", "日期变成美式格式（7/31/2026）")
def _dates_american(export: Export) -> Handled:
    return _csv(export, **each(export, lambda cell: shown(typed(cell), day="{1}/{2}/{0}")))


@handling("saved as Unicode text (UTF-16, tabs)", "另存为 Unicode 文本（UTF-16，制表符）")
def _unicode_text(export: Export) -> Handled:
    cells = each(export, lambda cell: shown(typed(cell)))
    return _csv(export, encoding="utf-16", delimiter="\t", **cells)


@handling("opened in a program and saved as XLSX", "打开后另存为 XLSX")
def _as_workbook(export: Export) -> Handled:
    if export.is_book:
        return Why.BOOK
    rows = tuple(tuple(typed(cell) for cell in row) for row in export.rows)
    return [(export.name.rpartition(".")[0] + ".xlsx", to_book(rows))]


@handling("the text imported as text, saved as XLSX", "按文本导入后另存为 XLSX")
def _as_text_workbook(export: Export) -> Handled:
    if export.is_book:
        return Why.BOOK
    return [(export.name.rpartition(".")[0] + ".xlsx", to_book(export.rows))]


@handling("the workbook saved as CSV", "工作簿另存为 CSV")
def _workbook_as_csv(export: Export) -> Handled:
    return _csv(export) if export.is_book else Why.TEXT


@handling("the byte order mark added or lost", "加上或去掉 BOM")
def _other_mark(export: Export) -> Handled:
    if export.is_book:
        return Why.BOOK
    if export.encoding == "gb18030":
        return Why.NO_MARK
    return one(export, encoding="utf-8" if export.encoding == "utf-8-sig" else "utf-8-sig")


@handling("saved in the other encoding (GBK, UTF-8)", "换成另一种编码保存（GBK、UTF-8）")
def _other_encoding(export: Export) -> Handled:
    if export.is_book:
        return Why.BOOK
    return one(export, encoding="utf-8" if export.encoding == "gb18030" else "gb18030")


@handling("other line ends", "换行符改变")
def _other_lines(export: Export) -> Handled:
    if export.is_book:
        return Why.BOOK
    return one(export, newline="\n" if export.newline == "\r\n" else "\r\n")


def _long_changed(export: Export, write: Callable[[str], str]) -> Handled:
    def change(cell: str) -> str:
        text = cell.strip(_WRAPPING)
        return write(text) if _LONG.fullmatch(text) else cell

    changed = each(export, change)
    return Why.NO_LONG if changed == each(export, str) else one(export, **changed)


@handling("long numbers written as 2.605E+18", "长编号变成 2.605E+18")
def _exponents(export: Export) -> Handled:
    return _long_changed(export, lambda text: f"{float(text):.5E}")


@handling("long numbers cut to fifteen digits", "长编号只剩十五位有效数字")
def _cut_numbers(export: Export) -> Handled:
    return _long_changed(export, lambda text: text[:15] + "0" * (len(text) - 15))


@handling("leading zeros lost", "前导零丢失")
def _lost_zeros(export: Export) -> Handled:
    def change(cell: str) -> str:
        text = cell.strip(_WRAPPING)
        return text.lstrip("0") if re.fullmatch(r"0\d{5,}", text) else cell

    changed = each(export, change)
    return Why.NO_ZEROS if changed["data"] == each(export, str)["data"] else one(export, **changed)
