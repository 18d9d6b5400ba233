"""A sheet: the text cells of one table of a file, whatever container it came in.

CSV is read by Arrow, workbooks by calamine; both give one Arrow table of strings under
normalised headers, and the row each line has in the file. The header is found by content; what
else is no record is told by its place and shape (`beanclear.importers.parts`). A file of several
tables below each other gives a sheet for each. Dates of a workbook become ISO text, whole numbers
lose their `.0`, so both ways look the same.
"""

from __future__ import annotations

import collections
import contextlib
import csv
import io
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO, cast

import numpy
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers.faults import MOST_FAULTS, fault, refusal
from beanclear.importers.files import Format, SourceFile
from beanclear.importers.frame import TOTAL_WORDS, Layout, Row
from beanclear.importers.lines import Ending, Shape, batches
from beanclear.importers.parts import Lines, Mark, Part, marks_of, parts_of, sliced
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


def _read_text(
    file: SourceFile, head: Head, header: int, keep: Keep, layout: Layout
) -> list[Sheet]:
    try:
        with (
            contextlib.closing(Ending(file.open())) as ending,
            SniffedStream(cast(BinaryIO, ending)) as stream,
        ):
            preamble, cells, first_line = _skip_to_body(stream, head.delimiter, header)
            extra = max(0, len(first_line) - len(cells))
            ends = first_line[len(cells) :]
            if 0 < extra <= _MOST_EXTRA and not any(cell.strip() for cell in ends):
                cells += [""] * extra  # each line ends in a delimiter that the header lacks
            names = _names([normal_header(cell) for cell in cells])
            ticks = sum(cell.startswith("`") for cell in first_line)
            ticked = first_line[:1] != [] and first_line[0][:1] == "`"
            shape = Shape(tuple(names), head.delimiter, ticked and ticks * 2 > len(first_line))
            body = _Body(file.name, cells, keep, layout)
            line = header + 1
            with contextlib.closing(batches(stream, file.name, shape)) as parts:
                for part in parts:
                    strays = [(line + number, text) for number, text in part.strays]
                    loose = _loose(strays, shape)
                    skipped = [number for number, _ in part.strays]
                    body.take(_numbered(part.table, line + 1, skipped), loose, text=True)
                    line += part.lines
            return body.sheets(head, preamble, unended=ending.unended)
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


def _read_cells(
    file: SourceFile, head: Head, header: int, keep: Keep, layout: Layout
) -> list[Sheet]:
    cells = head.cells
    names = _names([normal_header(cell) for cell in cells[header]])
    lines = cells[header + 1 :]
    columns = list(zip(*lines, strict=True)) or [()] * len(names)
    table = pa.table(
        {name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}
    )
    preamble = tuple((number, tuple(row)) for number, row in enumerate(cells[:header], 1))
    body = _Body(file.name, cells[header], keep, layout)
    body.take(_numbered(table, header + 2, []), [], text=False)
    return body.sheets(head, preamble, unended=False)


# -- both ---------------------------------------------------------------------------------


class _Body:
    """Takes blank lines and those that hold no record out of the data, batch by batch.

    What is kept of a batch is what `keep` makes of it, so that cells nobody reads are let go.
    """

    def __init__(self, name: str, header: Sequence[str], keep: Keep, layout: Layout) -> None:
        names = _names([normal_header(cell) for cell in header])
        self._name = name
        self._names = names
        self._keep = keep
        self._layout = layout
        self._kept: list[pa.Table] = []
        self._marks: list[Mark] = []
        self._long: dict[str, list[Fault]] = {name: [] for name in names}
        self._figures = False  # the next line is the second one of a summary
        self._end = 0
        begins = {cell.strip() for cell in header} | {normal_header(cell) for cell in header}
        begins |= {f"\ufeff{cell}" for cell in begins}
        self._words = pa.array(sorted({*TOTAL_WORDS, *begins} - {""}))

    def take(self, table: pa.Table, loose: Sequence[Row], *, text: bool) -> None:
        """Sort the next lines out: those of the right width, and the others as cells."""
        self._measure(table)
        first_cell = _first_filled(table, self._names)
        kept = pc.not_equal(first_cell, "")
        quoted = _quoted(table) if text else []
        if quoted:
            self._marks += marks_of(_rows(table.take(quoted)), stray=False, quoted=True)
            kept = pc.and_(kept, pc.invert(_at(quoted, len(table))))
        marked = [one for one in self._marked(table, first_cell) if one not in quoted]
        if marked:
            self._marks += marks_of(_rows(table.take(marked)), stray=False)
            kept = pc.and_(kept, pc.invert(_at(marked, len(table))))
        self._marks += marks_of([one for one in loose if one[1]], stray=True)
        self._marks += marks_of([one for one in loose if not one[1]], stray=True, quoted=True)
        last = table.column("row").slice(max(0, len(table) - 1)).to_pylist()
        self._end = max([self._end, *(row for row, _ in loose), *last])
        table = table if pc.all(kept).as_py() else table.filter(kept)
        self._kept.append(self._keep(table))

    def _marked(self, table: pa.Table, first_cell: pa.ChunkedArray) -> list[int]:
        """Which rows of a batch hold no record, by their place in it."""
        frame = self._layout.frame
        suspect = pc.is_in(first_cell, self._words)
        for word in (*frame.below_starts, *((frame.summary,) if frame.summary else ())):
            suspect = pc.or_(suspect, pc.starts_with(first_cell, word))
        if not (pc.any(suspect).as_py() or self._figures):
            return []
        places = numpy.flatnonzero(suspect.to_numpy())
        some = table.take(places)
        none = places[~self._layout.records(some, self._names).to_numpy(zero_copy_only=False)]
        found = []
        following = [0] if self._figures else []
        for place, (_, cells) in zip(none, _rows(table.take(none)), strict=True):
            if self._is_mark(cells):
                found.append(int(place))
            if frame.is_summary(cells):
                following.append(int(place) + 1)
        filled = pc.not_equal(first_cell, "").to_numpy(zero_copy_only=False)
        figures = [_next(filled, place) for place in following]
        self._figures = None in figures
        return sorted({*found, *(place for place in figures if place is not None)})

    def _is_mark(self, cells: Sequence[str]) -> bool:
        layout = self._layout
        return (
            layout.frame.is_summary(cells)
            or layout.frame.is_below(cells)
            or layout.is_total(cells, self._names)
            or layout.is_header(cells, self._names)
            or layout.is_other_header(cells)
        )

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

    def sheets(self, head: Head, preamble: tuple[Row, ...], *, unended: bool) -> list[Sheet]:
        """All that was taken, table by table."""
        table = pa.concat_tables(self._kept)
        self._kept.clear()
        header = len(preamble) + 1
        lines = Lines(
            name=self._name,
            names=tuple(self._names),
            preamble=preamble,
            header=header,
            marks=tuple(sorted(self._marks, key=lambda mark: mark.row)),
            rows=table.column("row").to_numpy(),
            end=max(self._end, header),
            text=bool(head.delimiter),
            unended=unended,
        )
        found = parts_of(lines, self._layout)
        return [self._sheet(head, table, part) for part in found]

    def _sheet(self, head: Head, table: pa.Table, part: Part) -> Sheet:
        own = sliced(table, part)
        width = len(self._names)
        long = [
            one
            for name in self._names
            for one in self._long[name]
            if part.first <= (one.row or 0) <= part.last
        ]
        return Sheet(
            name=self._name,
            title=head.title,
            headers=tuple(self._names),
            table=own,
            preamble=tuple(part.preamble),
            footer=tuple(part.footer),
            totals=tuple((row, (*cells, *[""] * width)[:width]) for row, cells in part.totals),
            faults=(*long, *part.faults),
            text=bool(head.delimiter),
            header_row=part.first,
            last_row=part.last,
            rows_kept=own.num_rows,
            rows_lost=part.lost,
            dropped=frozenset(part.dropped),
            cut=part.cut,
            open_end=part.open_end,
        )


def _quoted(table: pa.Table) -> list[int]:
    """Which rows begin with a line of a quotation mark alone, which swallows its own end."""
    cells = table.column(0).cast(pa.string())
    begun = pc.or_(pc.starts_with(cells, "\n"), pc.starts_with(cells, "\r\n"))
    return numpy.flatnonzero(begun.to_numpy()).tolist() if pc.any(begun).as_py() else []


def _at(places: Sequence[int], count: int) -> pa.Array:
    """True at these places of so many."""
    found = numpy.zeros(count, numpy.bool_)
    found[list(places)] = True
    return pa.array(found)


def _next(filled: numpy.ndarray, place: int) -> int | None:
    """The first place from `place` on that is filled."""
    found = numpy.flatnonzero(filled[place:])
    return place + int(found[0]) if len(found) else None


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


def _rows(table: pa.Table) -> list[Row]:
    """A few rows as cells."""
    return [
        (line["row"], tuple(value for name, value in line.items() if name != "row"))
        for line in table.to_pylist()
    ]
