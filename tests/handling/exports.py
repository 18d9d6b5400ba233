"""An export as people handle it: lines, cells, where its table begins and ends."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import python_calamine
import xlsxwriter

from beanclear.importers.files import SourceFile
from beanclear.importers.registry import recognise
from beanclear.importers.sheet import heads
from beanclear.ledger.config import Config
from beanclear.ledger.statement import Statement

_FOOT = ("#", "总交易单数", "资金流水总笔数", "`")
Rows = tuple[tuple[str, ...], ...]
Cells = Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One table with what stands above and below it.

    Attributes:
      name: of the file, with the suffix of what it is now.
      encoding, newline: of a text; `is_book`: it is a workbook instead.
      above, header, data, below: its rows of cells, as a spreadsheet program splits them.
      raw: the file itself; `config`: the settings of the books that read it;
        `beside`: the file of its kind of another company.
    """

    name: str
    encoding: str
    newline: str
    above: Rows
    header: tuple[str, ...]
    data: Rows
    below: Rows
    is_book: bool = False
    delimiter: str = ","
    raw: bytes = b""
    config: Config | None = None
    beside: Path | None = None

    @property
    def rows(self) -> Rows:
        """All of it from the first line to the last."""
        return (*self.above, self.header, *self.data, *self.below)

    def with_data(self, data: Rows) -> Export:
        """The same with other rows in the table."""
        return replace(self, data=data)

    def column(self, *names: str) -> int | None:
        """The place of the first of these headers that it has."""
        cells = [cell.strip() for cell in self.header]
        return next((cells.index(name) for name in names if name in cells), None)

    def to_bytes(self) -> bytes:
        """The file."""
        return to_book(self.rows) if self.is_book else to_text(self)

    def mapped(self, change: Callable[[str], str]) -> Export:
        """The same with each cell changed."""

        def rows(some: Rows) -> Rows:
            return tuple(tuple(map(change, row)) for row in some)

        (header,) = rows((self.header,))
        return replace(
            self,
            above=rows(self.above),
            header=header,
            data=rows(self.data),
            below=rows(self.below),
        )


def statement_of(export: Export) -> Statement:
    """What the importer reads of it."""
    file = SourceFile(name=export.name, data=export.to_bytes())
    importer, looked = recognise(file, export.config)
    return importer.read(file, looked)[0]


def read_export(path: Path, config: Config | None = None) -> Export:
    """The one table of a file; of a zip or gzip that of its detail member."""
    content, name = path.read_bytes(), path.name
    if name.endswith(".gz"):
        content, name = gzip.decompress(content), name.removesuffix(".gz")
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            member = next(
                info for info in archive.infolist() if "账务明细" in _gbk(info.filename)
                and "汇总" not in _gbk(info.filename)
            )  # fmt: skip
            content, name = archive.read(member), name.removesuffix(".zip")
    return parse(name, content, config)


def _gbk(name: str) -> str:
    return name.encode("cp437", "replace").decode("gb18030", "replace")


def parse(name: str, content: bytes, config: Config | None = None) -> Export:
    """A file as rows; the header is found as the importer that claims it finds it."""
    file = SourceFile(name=name, data=content)
    looked = heads(file)
    importer, _looked = recognise(file, config)
    at = next(row for head in looked if (row := importer.matches(head)) is not None)
    if content[:2] == b"PK":
        sheet = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0)
        rows = [[_shown(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
        encoding = newline = ""
    else:
        encoding = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "gb18030"
        try:
            content.decode("utf-8")
            encoding = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8"
        except UnicodeDecodeError:
            pass
        text = content.decode(encoding)
        newline = "\r\n" if "\r\n" in text else "\n"
        rows = list(csv.reader(io.StringIO(text, newline="")))
    below = len(rows)
    while below > at + 1 and _is_foot(rows[below - 1], rows[below - 2]):
        below -= 1
    return Export(
        name=name,
        encoding=encoding,
        newline=newline,
        above=tuple(map(tuple, rows[:at])),
        header=tuple(rows[at]),
        data=tuple(map(tuple, rows[at + 1 : below])),
        below=tuple(map(tuple, rows[below:])),
        is_book=content[:2] == b"PK",
        raw=content,
        config=config,
    )


def _is_foot(row: list[str], before: list[str]) -> bool:
    first = row[0] if row else ""
    summed = bool(before) and before[0].startswith(_FOOT[1:3])
    return not any(row) or first.startswith(_FOOT[:3]) or summed


def _shown(cell: object) -> str:
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def to_text(export: Export) -> bytes:
    """A CSV as spreadsheet programs write it: quoted where it must be."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=export.delimiter, lineterminator=export.newline).writerows(
        export.rows
    )
    return buffer.getvalue().encode(export.encoding, "replace")


def to_book(rows: Cells, hidden: frozenset[int] = frozenset()) -> bytes:
    """A workbook; cells that a program took for numbers or dates are such."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, datetime.datetime):
                sheet.write_datetime(number, place, cell, moment)
            elif isinstance(cell, float):
                sheet.write_number(number, place, cell)
            elif cell:
                sheet.write_string(number, place, str(cell))
        if number in hidden:
            sheet.set_row(number, None, None, {"hidden": True})
    book.close()
    return buffer.getvalue()
