"""A sheet: the text cells of one table of a file, whatever container it came in.

CSV is read by Arrow, workbooks by calamine; both give one Arrow table of strings under
normalised headers, and the row each line has in the file. The header is found by content; what
else is no record is told by its place and shape (`beanclear.importers.parts`). A file of several
tables below each other gives a sheet for each. Dates of a workbook become ISO text, whole numbers
lose their `.0`, so both ways look the same.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO, cast

import numpy
import pyarrow as pa

from beanclear.importers.body import Body, Keep, names_of
from beanclear.importers.faults import refusal
from beanclear.importers.files import Format, SourceFile
from beanclear.importers.frame import LONGEST_HEADER, Layout, Row
from beanclear.importers.limits import check_columns
from beanclear.importers.lines import LONGEST_LINE, Ending, Shape, batches
from beanclear.importers.parts import parts_of, sliced
from beanclear.importers.text import (
    SniffedStream,
    check_encoding,
    normal_header,
    utf8,
)
from beanclear.importers.workbook import workbook
from beanclear.ledger.errors import Fault, SourceError

csv.field_size_limit(2 * LONGEST_LINE)  # a longer line is a fault already
HEADER_WITHIN = 60
_MOST_EXTRA = 8
_HEAD_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The first rows of one table: enough to tell what it is.

    Attributes:
      rows: their cells as in the file; `normal` the same as normalised headers.
      delimiter: of a text file; `""` for a sheet of a workbook.
      title: the sheet's name in a workbook, else `""`.
      cells: all rows of a sheet of a workbook, which cannot be read in part.
    """

    rows: tuple[tuple[str, ...], ...]
    normal: tuple[tuple[str, ...], ...]
    delimiter: str = ","
    title: str = ""
    cells: list[list[str]] = field(default_factory=list, repr=False)

    def header_row(self, required: Iterable[str]) -> int | None:
        """Index of the first row that holds all the required headers; none when no row does."""
        wanted = frozenset(required)
        return next((i for i, cells in enumerate(self.normal) if wanted <= set(cells)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table of a file.

    Attributes:
      headers: the normalised ones. One that stands twice gets `#2`, an empty one is called
        `column 5`.
      table: what was kept of the data rows, in the file's order: unless its reader wanted
        something else, Arrow strings by header, and `row` (int32).
      preamble: the frame's lines above the header, footer: those below.
      totals: total rows at its end, padded to the table's columns.
      faults: lines that could not be used at all, and records at a place where none may stand.
      header_row: the row of the header; last_row the last one that belongs to it.
      rows_kept, rows_lost: lines that could be cut into cells, and those that could not.
      rows_left_out: lines that the layout leaves out, and `left_out` what they were.
      dropped: rows of `table` that are reported in `faults`, and must not be used.
      cut: it was cut off; open_end: the row of its last line, when that has no line end.
    """

    name: str
    title: str
    headers: tuple[str, ...]
    table: pa.Table
    preamble: tuple[Row, ...]
    footer: tuple[Row, ...] = ()
    totals: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = field(default=())
    text: bool = False
    header_row: int = 1
    last_row: int = 1
    rows_kept: int = 0
    rows_lost: int = 0
    rows_left_out: int = 0
    left_out: tuple[str, ...] = ()
    dropped: frozenset[int] = frozenset()
    cut: bool = False
    open_end: int | None = None

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
        return [
            replace(_head(rows[:HEADER_WITHIN], "", title), cells=rows)
            for title, rows in workbook(file)
        ]
    if kind is not Format.TEXT:
        return []
    with utf8(file.open(), file.name) as stream:
        text = stream.read(_HEAD_BYTES).decode(errors="ignore")
    return [
        _head(list(itertools.islice(_split(text, delimiter), HEADER_WITHIN)), delimiter)
        for delimiter in (",", "\t", ";", "|")
        if delimiter in text
    ]


def plain(table: pa.Table) -> pa.Table:
    """A batch as nothing but strings, and `row`."""
    names = [name for name in table.column_names if name != "row"]
    return table.cast(pa.schema([*((name, pa.string()) for name in names), ("row", pa.int32())]))


def read_sheet(
    file: SourceFile, head: Head, header: int, keep: Keep = plain, layout: Layout | None = None
) -> list[Sheet]:
    """Read the table whose header is row `header` (from 0) of `head`, and those below it.

    A large file comes in batches: each is handed to `keep`, and the sheets hold what it gives
    back. Cells are strings or dictionaries of strings there; there is at least one batch.
    """
    read = _read_text if head.delimiter else _read_cells
    return read(file, head, header, keep, layout or Layout())


def _head(rows: Sequence[Sequence[str]], delimiter: str, title: str = "") -> Head:
    return Head(
        rows=tuple(tuple(row) for row in rows),
        normal=tuple(tuple(normal_header(cell[:LONGEST_HEADER]) for cell in row) for row in rows),
        delimiter=delimiter,
        title=title,
    )


def _split(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(_with_usual_ends(text), newline=""), delimiter=delimiter)


def _with_usual_ends(text: str) -> str:
    """Text in which a CR that ends no line is a blank: it would end one here, and not elsewhere."""
    return text.replace("\r\n", "\n").replace("\r", " ") if "\r" in text else text


# -- text ---------------------------------------------------------------------------------


def _read_text(
    file: SourceFile, head: Head, header: int, keep: Keep, layout: Layout
) -> list[Sheet]:
    try:
        with (
            contextlib.closing(Ending(file.open())) as ending,
            SniffedStream(cast(BinaryIO, ending), file.name) as stream,
        ):
            preamble, cells, first_line = _skip_to_body(stream, head.delimiter, header)
            check_columns(file.name, len(cells))
            extra = max(0, len(first_line) - len(cells))
            ends = first_line[len(cells) :]
            if 0 < extra <= _MOST_EXTRA and not any(cell.strip() for cell in ends):
                cells += [""] * extra  # each line ends in a delimiter that the header lacks
            if len(first_line) < len(cells) and not any(map(str.strip, cells[len(first_line) :])):
                cells = cells[: len(first_line)]  # the header ends in delimiters that no line has
            names = names_of([normal_header(cell) for cell in cells])
            ticks = sum(cell.startswith("`") for cell in first_line)
            ticked = first_line[:1] != [] and first_line[0][:1] == "`"
            shape = Shape(tuple(names), head.delimiter, ticked and ticks * 2 > len(first_line))
            body = Body(file.name, cells, keep, layout)
            line = header + 1
            with contextlib.closing(batches(stream, file.name, shape)) as parts:
                for part in parts:
                    strays = [(line + number, text) for number, text in part.strays]
                    loose = _loose(strays, shape)
                    skipped = [number for number, _ in part.strays]
                    body.take(_numbered(part.table, line + 1, skipped), loose, text=True)
                    line += part.lines
            return _sheets(file, head, body, layout, preamble, unended=ending.unended)
    except (UnicodeDecodeError, pa.ArrowInvalid, SourceError) as error:
        codes = {found.code for found in getattr(error, "faults", ())}
        if not codes or "mixed-encoding" in codes:
            check_encoding(file.open(), file.name)  # which tells the row
        raise


def _loose(strays: Iterable[tuple[int, str]], shape: Shape) -> list[Row]:
    """Lines of another width as rows of cells; no cells where a quotation mark is not closed."""
    rows: list[Row] = []
    for row, text in strays:
        if not shape.ticked and text.count('"') % 2:
            cells = []
        elif shape.ticked:
            cells = text.replace("\x1f", ",").split(",")
        else:
            cells = next(csv.reader([text], delimiter=shape.delimiter), [])
        rows.append((row, tuple(cell.strip("` \t") for cell in cells)))
    return rows


def _skip_to_body(
    stream: SniffedStream, delimiter: str, header: int
) -> tuple[tuple[Row, ...], list[str], list[str]]:
    """Read up to and with the header row; what is above, its cells, and the next line's cells."""
    lines = (_with_usual_ends(line.decode(stream.encoding or "utf-8")) for line in stream)
    reader = csv.reader(lines, delimiter=delimiter)
    rows = list(itertools.islice(reader, header + 1))
    preamble = tuple((number, tuple(row)) for number, row in enumerate(rows[:-1], 1))
    ahead = stream.peek(1)[: 64 * 1024].split(b"\n", 1)[0]
    line = _with_usual_ends(ahead.decode(stream.encoding or "utf-8", errors="ignore").rstrip("\r"))
    return preamble, rows[-1], next(csv.reader([line], delimiter=delimiter), [])


def _numbered(table: pa.Table, first: int, skipped: list[int]) -> pa.Table:
    """`table` with the row each line has in the file."""
    lines = numpy.arange(1, table.num_rows + len(skipped) + 1, dtype=numpy.int32)
    lines = numpy.delete(lines, numpy.asarray(skipped, dtype=numpy.int64) - 1)
    return table.append_column("row", pa.array(lines + numpy.int32(first - 1)))


def _read_cells(
    file: SourceFile, head: Head, header: int, keep: Keep, layout: Layout
) -> list[Sheet]:
    cells = head.cells
    names = names_of([normal_header(cell) for cell in cells[header]])
    check_columns(file.name, len(cells[header]))
    lines = cells[header + 1 :]
    columns = list(zip(*lines, strict=True)) or [()] * len(names)
    table = pa.table(
        {name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}
    )
    preamble = tuple((number, tuple(row)) for number, row in enumerate(cells[:header], 1))
    body = Body(file.name, cells[header], keep, layout)
    body.take(_numbered(table, header + 2, []), [], text=False)
    return _sheets(file, head, body, layout, preamble, unended=False)


# -- both ---------------------------------------------------------------------------------


def _sheets(
    file: SourceFile,
    head: Head,
    body: Body,
    layout: Layout,
    preamble: tuple[Row, ...],
    *,
    unended: bool,
) -> list[Sheet]:
    """All that was taken, table by table."""
    table = body.table()
    text = bool(head.delimiter)
    rows = table.column("row").to_numpy()
    lines = body.lines(rows, preamble, text=text, unended=unended)
    width = len(body.names)
    found: list[Sheet] = []
    for part in parts_of(lines, layout):
        own = sliced(table, part)
        totals = ((row, (*cells, *[""] * width)[:width]) for row, cells in part.totals)
        found.append(
            Sheet(
                name=file.name,
                title=head.title,
                headers=tuple(body.names),
                table=own,
                preamble=tuple(part.preamble),
                footer=tuple(part.footer),
                totals=tuple(totals),
                faults=(*body.long_cells(part.first, part.last), *part.faults),
                text=text,
                header_row=part.first,
                last_row=part.last,
                rows_kept=own.num_rows,
                rows_lost=part.lost,
                rows_left_out=body.sieve.count(part.first, part.last),
                left_out=body.sieve.notes if not found else (),
                dropped=frozenset(part.dropped),
                cut=part.cut,
                open_end=part.open_end,
            )
        )
    return found
