"""A sheet: the text cells of one table of a file, whatever container it came in.

CSV is read by Arrow, workbooks by calamine; both give one Arrow table of strings under
normalised headers, and the row each line has in the file. The header is found by content, so
explanation rows on top do no harm; rows that are no data (preamble, footer, totals) stand apart.
Dates of a workbook become ISO text, whole numbers lose their `.0`, so both ways look the same.
"""

from __future__ import annotations

import collections
import contextlib
import csv
import io
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers.faults import MOST_FAULTS, fault, refusal
from beanclear.importers.files import Format, SourceFile
from beanclear.importers.lines import Shape, batches
from beanclear.importers.text import (
    LONGEST_CELL,
    SniffedStream,
    check_encoding,
    normal_header,
    utf8,
)
from beanclear.importers.workbook import workbook
from beanclear.ledger.errors import Fault, SourceError

Keep = Callable[[pa.Table], pa.Table]
Row = tuple[int, tuple[str, ...]]  # the row in the file, counted from 1, and its cells
HEADER_WITHIN = 60
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
      preamble: rows above the header; footer: rows below that are no data (`#` lines, notes).
      totals: rows with 合计 or 总计 in them, padded to the table's columns.
      faults: rows that could not be read at all.
      rows_kept, rows_lost: data rows that could be cut into cells, and those that could not.
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
    rows_kept: int = 0
    rows_lost: int = 0

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


def read_sheet(file: SourceFile, head: Head, header: int, keep: Keep = plain) -> Sheet:
    """Read the table whose header is row `header` (from 0) of `head`.

    A large file comes in batches: each is handed to `keep`, and the sheet holds what it gives
    back. Cells are strings or dictionaries of strings there; there is at least one batch.
    """
    if head.delimiter:
        return _read_text(file, head, header, keep)
    return _read_cells(file, head, header, keep)


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


def _read_text(file: SourceFile, head: Head, header: int, keep: Keep) -> Sheet:
    try:
        with SniffedStream(file.open()) as stream:
            preamble, cells, first_line = _skip_to_body(stream, head.delimiter, header)
            extra = max(0, len(first_line) - len(cells))
            ends = first_line[len(cells) :]
            if 0 < extra <= _MOST_EXTRA and not any(cell.strip() for cell in ends):
                cells += [""] * extra  # each line ends in a delimiter that the header lacks
            if len(first_line) < len(cells) and not any(map(str.strip, cells[len(first_line) :])):
                cells = cells[: len(first_line)]  # the header ends in delimiters that no line has
            names = _names([normal_header(cell) for cell in cells])
            ticks = sum(cell.startswith("`") for cell in first_line)
            ticked = first_line[:1] != [] and first_line[0][:1] == "`"
            shape = Shape(tuple(names), head.delimiter, ticked and ticks * 2 > len(first_line))
            body = _Body(file.name, names, keep)
            line = header + 1
            with contextlib.closing(batches(stream, file.name, shape)) as parts:
                for part in parts:
                    strays = [(line + number, text) for number, text in part.strays]
                    loose = _loose(strays, shape)
                    body.take(_numbered(part.table, line + 1, [n for n, _ in part.strays]), loose)
                    line += part.lines
            return body.sheet(head, preamble)
    except (UnicodeDecodeError, pa.ArrowInvalid, SourceError) as error:
        codes = {found.code for found in getattr(error, "faults", ())}
        if not codes or "mixed-encoding" in codes:
            check_encoding(file.open(), file.name)  # which tells the row
        raise


def _loose(strays: Iterable[tuple[int, str]], shape: Shape) -> list[Row]:
    """Lines of another width as rows of cells."""
    rows = []
    for row, text in strays:
        if shape.ticked:
            cells = text.replace("\x1f", ",").split(",")
        else:
            cells = next(csv.reader([text], delimiter=shape.delimiter), [])
        rows.append((row, tuple(cell.strip("` \t") for cell in cells)))
    return rows


def _skip_to_body(
    stream: SniffedStream, delimiter: str, header: int
) -> tuple[tuple[Row, ...], list[str], list[str]]:
    """Read up to and with the header row; what is above, its cells, and the next line's cells."""
    lines = (line.decode(stream.encoding or "utf-8") for line in stream)
    reader = csv.reader(lines, delimiter=delimiter)
    rows = list(itertools.islice(reader, header + 1))
    preamble = tuple((number, tuple(row)) for number, row in enumerate(rows[:-1], 1))
    ahead = stream.peek(1)[: 64 * 1024].split(b"\n", 1)[0]
    line = ahead.decode(stream.encoding or "utf-8", errors="ignore").rstrip("\r")
    return preamble, rows[-1], next(csv.reader([line], delimiter=delimiter), [])


def _numbered(table: pa.Table, first: int, skipped: list[int]) -> pa.Table:
    """`table` with the row each line has in the file."""
    lines = numpy.arange(1, table.num_rows + len(skipped) + 1, dtype=numpy.int32)
    lines = numpy.delete(lines, numpy.asarray(skipped, dtype=numpy.int64) - 1)
    return table.append_column("row", pa.array(lines + numpy.int32(first - 1)))


def _read_cells(file: SourceFile, head: Head, header: int, keep: Keep) -> Sheet:
    cells = head.cells
    names = _names([normal_header(cell) for cell in cells[header]])
    lines = cells[header + 1 :]
    columns = list(zip(*lines, strict=True)) or [()] * len(names)
    table = pa.table(
        {name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}
    )
    preamble = tuple((number, tuple(row)) for number, row in enumerate(cells[:header], 1))
    body = _Body(file.name, names, keep)
    body.take(_numbered(table, header + 2, []), [])
    return body.sheet(head, preamble)


# -- both ---------------------------------------------------------------------------------


class _Body:
    """Takes blank rows, notes and totals out of the data, batch by batch.

    What is kept of a batch is what `keep` makes of it, so that cells nobody reads are let go.
    """

    def __init__(self, name: str, names: Sequence[str], keep: Keep) -> None:
        self._name = name
        self._names = names
        self._keep = keep
        self._kept: list[pa.Table] = []
        self._footer: list[Row] = []
        self._loose_footer: list[Row] = []
        self._totals: list[Row] = []
        self._loose_totals: list[Row] = []
        self._lost: list[Row] = []
        self._long: dict[str, list[Fault]] = {name: [] for name in names}
        self._summary = float("inf")  # the row from which on a summary stands (WeChat Pay)
        self._last_row = 0
        self._rows = 0

    def take(self, table: pa.Table, loose: Sequence[Row]) -> None:
        """Sort the next lines out: those of the right width, and the others as cells."""
        self._measure(table)
        first_cell = _first_filled(table, self._names)
        self._find_summary(table, first_cell, loose)
        note = pc.starts_with(first_cell, "#")
        if self._summary < float("inf"):
            below = pc.greater_equal(table.column("row"), pa.scalar(self._summary, pa.float64()))
            note = pc.or_(note, below)
        total = pc.is_in(pc.utf8_trim_whitespace(first_cell), pa.array(_TOTAL_WORDS))
        kept = pc.and_(pc.not_equal(first_cell, ""), pc.invert(pc.or_(note, total)))
        self._footer += _rows(table, note)
        self._totals += _rows(table, total)
        last = table.column("row").slice(max(0, len(table) - 1)).to_pylist()
        self._last_row = max([self._last_row, *(row for row, _ in loose), *last])
        for row, cells in loose:
            self._take_loose(row, cells)
        table = table if pc.all(kept).as_py() else table.filter(kept)
        self._rows += table.num_rows
        self._kept.append(self._keep(table))

    def _take_loose(self, row: int, cells: tuple[str, ...]) -> None:
        word = next((cell.strip() for cell in cells if cell.strip()), "")
        if not word or word.startswith("#") or len(cells) == 1:
            self._loose_footer += ((row, cells),) if word else ()
        elif word in _TOTAL_WORDS:
            width = len(self._names)
            self._loose_totals.append((row, (*cells, *[""] * width)[:width]))
        elif row >= self._summary:
            self._loose_footer.append((row, cells))
        else:
            self._lost.append((row, cells))

    def _find_summary(
        self, table: pa.Table, first_cell: pa.ChunkedArray, loose: Sequence[Row]
    ) -> None:
        if self._summary < float("inf"):
            return
        starts = pc.starts_with(first_cell, _SUMMARY_WORDS[0])
        for word in _SUMMARY_WORDS[1:]:
            starts = pc.or_(starts, pc.starts_with(first_cell, word))
        rows = [row for row, cells in loose if cells and cells[0].startswith(_SUMMARY_WORDS)]
        if pc.any(starts).as_py():
            rows.append(pc.min(table.column("row").filter(starts)).as_py())
        self._summary = min(rows, default=self._summary)

    def _measure(self, table: pa.Table) -> None:
        """Note cells that are longer than any spreadsheet's."""
        for name in self._names:
            cells = table.column(name)
            if all(_longest(chunk) <= LONGEST_CELL for chunk in cells.chunks):
                continue
            lengths = pc.utf8_length(cells.cast(pa.string()))
            long = table.select(["row"]).append_column("length", lengths)
            for line in long.filter(pc.greater(lengths, LONGEST_CELL)).to_pylist():
                if len(self._long[name]) < MOST_FAULTS:
                    values = {"column": name, "length": line["length"]}
                    self._long[name].append(fault("long-cell", self._name, line["row"], **values))

    def sheet(self, head: Head, preamble: tuple[Row, ...]) -> Sheet:
        """All that was taken."""
        faults = [found for name in self._names for found in self._long[name]]
        width = len(self._names)
        for row, cells in self._lost:
            code = "cut-line" if row == self._last_row and len(cells) < width else "ragged-row"
            faults.append(fault(code, self._name, row, found=len(cells), expected=width))
        return Sheet(
            name=self._name,
            title=head.title,
            headers=tuple(self._names),
            table=pa.concat_tables(self._kept),
            preamble=preamble,
            footer=tuple(sorted((*self._footer, *self._loose_footer))),
            totals=(*self._totals, *self._loose_totals),
            faults=tuple(faults),
            rows_kept=self._rows,
            rows_lost=len(self._lost),
            text=bool(head.delimiter),
        )


def _longest(cells: pa.Array) -> int:
    """The bytes of the longest cell: never fewer than its characters."""
    words = cells.dictionary if pa.types.is_dictionary(cells.type) else cells
    return int(pc.max(pc.binary_length(words)).as_py() or 0)


def _first_filled(table: pa.Table, names: Sequence[str]) -> pa.ChunkedArray:
    """Each row's first cell that is not blank, `""` for a blank row."""
    found = pc.utf8_trim_whitespace(table.column(names[0]).cast(pa.string()))
    for name in names[1:]:
        blank = pc.equal(found, "")
        if not pc.any(blank).as_py():
            break
        cells = pc.utf8_trim_whitespace(table.column(name).cast(pa.string()))
        found = pc.if_else(blank, cells, found)
    return found


def _rows(table: pa.Table, which: pa.ChunkedArray) -> tuple[Row, ...]:
    if not pc.any(which).as_py():
        return ()
    return tuple(
        (line["row"], tuple(value for name, value in line.items() if name != "row"))
        for line in table.filter(which).to_pylist()
    )
