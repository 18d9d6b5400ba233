"""A sheet: the text cells of one table of a file, whatever container it came in.

CSV is read by Arrow, workbooks by calamine; both give one Arrow table of strings under
normalised headers, and the row each line has in the file. The header is found by content, so
explanation rows on top do no harm; rows that are no data (preamble, footer, totals) stand apart.
Dates of a workbook become ISO text, whole numbers lose their `.0`, so both ways look the same.
"""

from __future__ import annotations

import collections
import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from beanclear.importers.faults import MOST_FAULTS, fault, refusal
from beanclear.importers.files import Format, SourceFile
from beanclear.importers.text import LONGEST_CELL, normal_header, utf8
from beanclear.importers.workbook import workbook
from beanclear.ledger.errors import Fault

Row = tuple[int, tuple[str, ...]]  # the row in the file, counted from 1, and its cells
HEADER_WITHIN = 60
_LONGEST_LINE = 16 * 1024**2
_MOST_EXTRA = 8
_HEAD_BYTES = 256 * 1024
_SUMMARY_WORDS = ("总交易单数", "资金流水总笔数")
_TOTAL_WORDS = ("合计", "总计", "总合计", "小计", "本页合计", "合计:", "总计:", "合计：", "总计：")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The first rows of one table: enough to tell what it is.

    Attributes:
      rows: their cells as in the file; `normal` the same as normalised headers.
      delimiter: of a text file; `""` for a sheet of a workbook.
      title: the sheet's name in a workbook, else `""`.
    """

    rows: tuple[tuple[str, ...], ...]
    normal: tuple[tuple[str, ...], ...]
    delimiter: str = ","
    title: str = ""

    def header_row(self, required: Iterable[str]) -> int | None:
        """Index of the first row that holds all the required headers; none when no row does."""
        wanted = frozenset(required)
        return next((i for i, cells in enumerate(self.normal) if wanted <= set(cells)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table of a file.

    Attributes:
      table: Arrow strings by normalised header, in the file's order, and `row` (int32). A header
        that stands twice gets `#2`, an empty one is called `column 5`.
      preamble: rows above the header; footer: rows below that are no data (`#` lines, notes).
      totals: rows with 合计 or 总计 in them, padded to the table's columns.
      faults: rows that could not be read at all.
    """

    name: str
    title: str
    table: pa.Table
    preamble: tuple[Row, ...]
    footer: tuple[Row, ...] = ()
    totals: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = field(default=())
    text: bool = False
    rows_lost: int = 0

    @property
    def headers(self) -> tuple[str, ...]:
        """The normalised headers, without `row`."""
        return tuple(name for name in self.table.column_names if name != "row")

    @property
    def frame(self) -> tuple[str, ...]:
        """Every line around the table as text, cells joined by a comma: preamble, then footer."""
        rows = itertools.chain(self.preamble, self.footer)
        return tuple(",".join(cells).rstrip(",") for _, cells in rows)


def heads(file: SourceFile) -> list[Head]:
    """The tables of a file by their first rows: one per delimiter, or one per sheet.

    Raises:
      SourceError: `empty-file`, `mixed-encoding`, `unreadable-workbook`, `unsafe-workbook`,
        `archive-bomb`.
    """
    kind = file.format
    if kind is Format.EMPTY:
        raise refusal("empty-file", file.name)
    if kind in {Format.XLSX, Format.XLS}:
        return [_head(rows[:HEADER_WITHIN], "", title) for title, rows in workbook(file)]
    if kind is not Format.TEXT:
        return []
    with utf8(file.open(), file.name) as stream:
        text = stream.read(_HEAD_BYTES).decode(errors="ignore")
    return [
        _head(list(itertools.islice(_split(text, delimiter), HEADER_WITHIN)), delimiter)
        for delimiter in (",", "\t", ";", "|")
        if delimiter in text
    ]


def read_sheet(file: SourceFile, head: Head, header: int) -> Sheet:
    """Read the table whose header is row `header` (from 0) of `head`."""
    if head.delimiter:
        return _read_text(file, head, header)
    cells = dict(workbook(file))[head.title]
    return _read_cells(file, head, header, cells)


def _head(rows: Sequence[Sequence[str]], delimiter: str, title: str = "") -> Head:
    return Head(
        rows=tuple(tuple(row) for row in rows),
        normal=tuple(tuple(normal_header(cell[:200]) for cell in row) for row in rows),
        delimiter=delimiter,
        title=title,
    )


def _split(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_HEAD_BYTES * 4)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _names(cells: Sequence[str]) -> list[str]:
    """Unique column names for normalised headers."""
    names: list[str] = []
    times = collections.Counter({"row": 1})
    for position, cell in enumerate(cells, 1):
        name = cell or f"column {position}"
        times[name] += 1
        names.append(name if times[name] == 1 else f"{name}#{times[name]}")
    return names


# -- text ---------------------------------------------------------------------------------


class _Backticks(io.RawIOBase):
    """Turns ``,` `` into a separator of its own: WeChat writes a backtick before each cell."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._held = b"\n"
        self._pending = b""
        self._start = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._pending:
            block = self._stream.read(1024**2)
            joined = self._held + block
            self._held = b""
            if block and joined[-1:] in b",\n":
                joined, self._held = joined[:-1], joined[-1:]
            self._pending = joined.replace(b",`", b"\x1f").replace(b"\n`", b"\n")
            if self._start and self._pending:
                self._pending, self._start = self._pending[1:], False
            if not block:
                break
        size = min(len(buffer), len(self._pending))
        buffer[:size] = self._pending[:size]
        self._pending = self._pending[size:]
        return size


def _read_text(file: SourceFile, head: Head, header: int) -> Sheet:
    with utf8(file.open(), file.name) as stream:
        preamble, cells, first_line = _skip_to_body(stream, head.delimiter, header)
        extra = max(0, len(first_line) - len(cells))
        if 0 < extra <= _MOST_EXTRA and not any(cell.strip() for cell in first_line[len(cells) :]):
            cells += [""] * extra  # each line ends in a delimiter that the header lacks
        names = _names([normal_header(cell) for cell in cells])
        ticks = sum(cell.startswith("`") for cell in first_line)
        ticked = first_line[:1] != [] and first_line[0][:1] == "`" and ticks * 2 > len(first_line)
        body: Any = io.BufferedReader(_Backticks(stream)) if ticked else stream
        table, bad = _arrow(
            body, names, "\x1f" if ticked else head.delimiter, file.name, quoted=not ticked
        )
    first = header + 2
    table = _numbered(table, first, [number for number, _ in bad])
    strays = [(first - 1 + number, text) for number, text in bad]
    split = csv.reader((text for _, text in strays), delimiter=head.delimiter)
    loose: list[Row] = [
        (
            row,
            tuple(
                cell.strip("` \t")
                for cell in (text.replace("\x1f", ",").split(",") if ticked else next(split))
            ),
        )
        for row, text in strays
    ]
    return _sorted_out(file, head, table, preamble, loose)


def _skip_to_body(
    stream: BinaryIO, delimiter: str, header: int
) -> tuple[tuple[Row, ...], list[str], list[str]]:
    """Read up to and with the header row; what is above, its cells, and the next line's cells."""
    reader = csv.reader((line.decode() for line in stream), delimiter=delimiter)
    rows = list(itertools.islice(reader, header + 1))
    preamble = tuple((number, tuple(row)) for number, row in enumerate(rows[:-1], 1))
    ahead = stream.peek(1)[: 64 * 1024] if hasattr(stream, "peek") else b""
    line = ahead.split(b"\n", 1)[0].decode(errors="ignore").rstrip("\r")
    return preamble, rows[-1], next(csv.reader([line], delimiter=delimiter), [])


def _arrow(
    stream: BinaryIO, names: list[str], delimiter: str, name: str, *, quoted: bool
) -> tuple[pa.Table, list[tuple[int, str]]]:
    """All lines as strings, and those with another number of cells: (line from 1, text)."""
    bad: list[tuple[int, str]] = []

    def keep(row: pyarrow.csv.InvalidRow) -> str:
        bad.append((row.number, row.text))
        return "skip"

    try:
        table = pyarrow.csv.read_csv(
            stream,
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, column_names=names, block_size=_LONGEST_LINE
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if quoted else False,
                newlines_in_values=quoted,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):  # a line longer than a block
            raise refusal("long-cell", name, column="?", length=f"> {_LONGEST_LINE}") from error
        table = pa.table({name: pa.array([], pa.string()) for name in names})
    return table, bad


def _numbered(table: pa.Table, first: int, skipped: list[int]) -> pa.Table:
    """`table` with the row each line has in the file."""
    lines = numpy.arange(1, table.num_rows + len(skipped) + 1, dtype=numpy.int32)
    lines = numpy.delete(lines, numpy.asarray(skipped, dtype=numpy.int64) - 1)
    return table.append_column("row", pa.array(lines + numpy.int32(first - 1)))


def _read_cells(file: SourceFile, head: Head, header: int, cells: list[list[str]]) -> Sheet:
    names = _names([normal_header(cell) for cell in cells[header]])
    body = cells[header + 1 :]
    columns = list(zip(*body, strict=True)) or [()] * len(names)
    table = pa.table(
        {name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}
    )
    preamble = tuple((number, tuple(row)) for number, row in enumerate(cells[:header], 1))
    return _sorted_out(file, head, _numbered(table, header + 2, []), preamble, [])


# -- both ---------------------------------------------------------------------------------


def _sorted_out(
    file: SourceFile, head: Head, table: pa.Table, preamble: tuple[Row, ...], loose: list[Row]
) -> Sheet:
    """Take blank rows, notes and totals out of the data, and say which rows are ragged."""
    names = [name for name in table.column_names if name != "row"]
    width = len(names)
    faults = _long_cells(file, table, names)
    first_cell = _first_filled(table, names)
    note = pc.or_(pc.starts_with(first_cell, "#"), _after_summary(table, first_cell, loose))
    total = pc.is_in(pc.utf8_trim_whitespace(first_cell), pa.array(_TOTAL_WORDS))
    keep = pc.and_(pc.not_equal(first_cell, ""), pc.invert(pc.or_(note, total)))
    footer, totals = _rows(table.filter(note)), _rows(table.filter(total))
    last_row = max(
        [
            *(row for row, _ in loose),
            *table.column("row").slice(max(0, len(table) - 1)).to_pylist(),
            0,
        ]
    )
    lost = 0
    for row, cells in loose:
        word = next((cell.strip() for cell in cells if cell.strip()), "")
        if not word or word.startswith("#") or len(cells) == 1:
            footer += ((row, cells),) if word else ()
        elif word in _TOTAL_WORDS:
            totals += ((row, (*cells, *[""] * width)[:width]),)
        elif row >= _summary_from(loose):
            footer += ((row, cells),)
        else:
            lost += 1
            code = "cut-line" if row == last_row and len(cells) < width else "ragged-row"
            faults.append(fault(code, file.name, row, found=len(cells), expected=width))
    return Sheet(
        name=file.name,
        title=head.title,
        table=_kept(table, keep),
        preamble=preamble,
        footer=tuple(sorted(footer)),
        totals=totals,
        faults=tuple(faults),
        rows_lost=lost,
        text=bool(head.delimiter),
    )


def _first_filled(table: pa.Table, names: Sequence[str]) -> pa.ChunkedArray:
    """Each row's first cell that is not blank, `""` for a blank row."""
    found = pc.utf8_trim_whitespace(table.column(names[0]))
    for name in names[1:]:
        blank = pc.equal(found, "")
        if not pc.any(blank).as_py():
            break
        found = pc.if_else(blank, pc.utf8_trim_whitespace(table.column(name)), found)
    return found


def _rows(table: pa.Table) -> tuple[Row, ...]:
    return tuple(
        (line["row"], tuple(value for name, value in line.items() if name != "row"))
        for line in table.to_pylist()
    )


def _summary_from(loose: Iterable[Row]) -> float:
    """The row from which on a summary stands below the lines (WeChat Pay); infinity: nowhere."""
    rows = (row for row, cells in loose if cells and cells[0].startswith(_SUMMARY_WORDS))
    return min(rows, default=float("inf"))


def _after_summary(
    table: pa.Table, first_cell: pa.ChunkedArray, loose: Iterable[Row]
) -> pa.ChunkedArray:
    starts = pc.starts_with(first_cell, _SUMMARY_WORDS[0])
    for word in _SUMMARY_WORDS[1:]:
        starts = pc.or_(starts, pc.starts_with(first_cell, word))
    from_row = min(
        pc.min(table.column("row").filter(starts)).as_py() or float("inf"), _summary_from(loose)
    )
    return pc.greater_equal(table.column("row"), pa.scalar(from_row, pa.float64()))


def _long_cells(file: SourceFile, table: pa.Table, names: Sequence[str]) -> list[Fault]:
    faults: list[Fault] = []
    for name in names:
        lengths = pc.utf8_length(table.column(name))
        if (pc.max(lengths).as_py() or 0) > LONGEST_CELL:
            for line in (
                table.select(["row"])
                .append_column("length", lengths)
                .filter(pc.greater(lengths, LONGEST_CELL))
                .slice(0, MOST_FAULTS)
                .to_pylist()
            ):
                faults.append(
                    fault("long-cell", file.name, line["row"], column=name, length=line["length"])
                )
    return faults


def _kept(table: pa.Table, keep: pa.ChunkedArray) -> pa.Table:
    """The data rows; not copied where what is dropped stands at the end, as it mostly does."""
    count = pc.sum(keep).as_py() or 0
    return table.slice(0, count) if pc.all(keep.slice(0, count)).as_py() else table.filter(keep)
