"""Workbooks (xlsx, xls) as text: dates in ISO form, whole numbers without `.0`."""

from __future__ import annotations

import datetime
import io
import zipfile

import python_calamine

from beanclear.importers.faults import refusal
from beanclear.importers.files import Format, SourceFile, check_sizes

_EXACT = 1e15  # a spreadsheet keeps 15 digits of a number


def workbook(file: SourceFile) -> list[tuple[str, list[list[str]]]]:
    """Every sheet of a workbook by its name, all cells as text.

    Raises:
      SourceError: `unreadable-workbook`, `unsafe-workbook`, `archive-bomb`.
    """
    data = file.read()
    if file.format is Format.XLSX:
        _check_workbook(file.name, data)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        return [
            (
                name,
                [
                    [cell if type(cell) is str else _cell_text(cell) for cell in row]
                    for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                ],
            )
            for name in book.sheet_names
        ]
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise refusal("unreadable-workbook", file.name) from error


def _check_workbook(name: str, data: bytes) -> None:
    """Inflate it once within the limits: the workbook reader itself knows none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_sizes(name, archive.infolist())
            for info in archive.infolist():
                with archive.open(info) as member:
                    if b"<!DOCTYPE" in member.read(4096):
                        raise refusal("unsafe-workbook", name)
                    while member.read(1024**2):
                        pass
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise refusal("unreadable-workbook", name) from error


def _cell_text(cell: object) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)
