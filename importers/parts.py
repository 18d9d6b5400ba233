"""The tables that stand below each other in one file: daily bills that were joined, as a rule.

Lines that hold no record by their shape come here as marks. Each becomes a part of the frame of
its table, begins a further table, or is a fault; so do records that stand where none may.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy
import pyarrow as pa

from beanclear.importers.faults import MOST_FAULTS, fault
from beanclear.importers.frame import Layout, Row
from beanclear.ledger.errors import Fault


@dataclass(frozen=True, slots=True)
class Mark:
    """A line that holds no record.

    A `stray` one has not as many cells as the header; in a `quoted` one quotes are not in pairs.
    """

    row: int
    cells: tuple[str, ...]
    stray: bool
    quoted: bool = False


@dataclass(slots=True, kw_only=True)
class Part:
    """One table of a file, while its lines are told apart.

    Attributes:
      first: the row of its header; `last` the last row that belongs to it.
      preamble, footer: the frame's lines; totals: rows of totals at its end.
      faults: of lines that cannot be used, and `lost` how many lines that are.
      dropped: rows of records that stand where none may, or were cut.
      ended: its list is over.
      cut: it was cut off; open_end: the row of its last record, which has no line end.
    """

    first: int
    preamble: list[Row]
    last: int = 0
    footer: list[Row] = field(default_factory=list)
    totals: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lost: int = 0
    dropped: list[int] = field(default_factory=list)
    ended: bool = False
    cut: bool = False
    open_end: int | None = None

    def note(self, found: Fault) -> None:
        """Keep a fault, unless there are enough."""
        if len(self.faults) <= MOST_FAULTS:
            self.faults.append(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """All lines of a file around and between its records.

    Attributes:
      name: the file's.
      names: the columns of its header.
      preamble: the lines above the first header; `header` its row.
      marks: the lines below it that hold no record, by row.
      rows: the rows that hold one, in order.
      end: the last row of all.
      text: whether it is a text file, and `unended` one that ends without a line end.
    """

    name: str
    names: tuple[str, ...]
    preamble: tuple[Row, ...]
    header: int
    marks: tuple[Mark, ...]
    rows: numpy.ndarray
    end: int
    text: bool
    unended: bool

    def between(self, first: int, last: int) -> list[int]:
        """The rows of records between two rows."""
        start, stop = numpy.searchsorted(self.rows, [first + 1, last])
        return [int(row) for row in self.rows[start:stop]]

    def last_between(self, first: int, last: int) -> int | None:
        """The last row of a record between two rows."""
        start, stop = numpy.searchsorted(self.rows, [first + 1, last])
        return int(self.rows[stop - 1]) if stop > start else None

    def any_between(self, first: int, last: int) -> bool:
        """Whether there is a record between two rows."""
        start, stop = numpy.searchsorted(self.rows, [first + 1, last])
        return bool(stop > start)


def parts_of(lines: Lines, layout: Layout) -> list[Part]:
    """The tables of a file, in order; at least one."""
    found = _Walk(lines, layout).parts()
    for part, following in zip(found, [*found[1:], None], strict=True):
        begins = [row for row, _ in following.preamble] if following is not None else []
        part.last = min([*begins, following.first]) - 1 if following is not None else lines.end
        _end(lines, layout, part, last=following is None)
    return found


class _Walk:
    """Goes through the marks of a file from top to bottom."""

    def __init__(self, lines: Lines, layout: Layout) -> None:
        self._lines = lines
        self._layout = layout
        self._pending: list[Mark] = []  # what may be the lines above a further header
        self._part = Part(first=lines.header, preamble=[])
        self._found = [self._part]

    def parts(self) -> list[Part]:
        """All of them."""
        self._above_first()
        here = self._lines.header
        summary = False
        for mark in self._lines.marks:
            self._records(here, mark.row)
            figures = summary and not self._lines.any_between(here, mark.row)
            summary = False
            if figures:
                self._part.footer.append((mark.row, mark.cells))
            elif not self._part.ended and self._layout.frame.is_summary(mark.cells):
                self._strays()
                self._part.footer.append((mark.row, mark.cells))
                self._part.ended = summary = True
            else:
                self._other(mark)
            here = mark.row
        self._records(here, self._lines.end + 1)
        self._strays()
        return self._found

    def _above_first(self) -> None:
        layout, lines = self._layout, self._lines
        for row, cells in lines.preamble:
            if not any(cell.strip("\ufeff \t\r\n") for cell in cells):
                continue
            known = layout.frame.is_above(cells) or layout.is_free_above(cells, lines.names)
            if known:
                self._part.preamble.append((row, cells))
            else:
                self._part.lost += 1
                self._part.note(fault("stray-line", lines.name, row))

    def _other(self, mark: Mark) -> None:
        layout, names = self._layout, self._lines.names
        if mark.quoted:
            self._lose("open-quote", mark)
        elif layout.is_header(mark.cells, names):
            self._begin(mark.row)
        elif layout.is_other_header(mark.cells):
            self._strays()
            self._lose("second-header", mark)
            self._part.ended = True
        elif layout.frame.is_below(mark.cells):
            self._strays()
            self._part.footer.append((mark.row, mark.cells))
            self._part.ended = True
        elif layout.is_total(mark.cells, names):
            self._part.totals.append((mark.row, mark.cells))
        elif layout.frame.is_above(mark.cells) or (
            mark.stray and layout.is_free_above(mark.cells, names)
        ):
            self._pending.append(mark)
        else:
            self._stray(mark)

    def _begin(self, row: int) -> None:
        """A header: of a further table, or of the same one where nothing tells them apart."""
        part = self._part
        if not (part.ended or part.totals or self._pending):
            return
        above = [(mark.row, mark.cells) for mark in self._pending]
        self._part = Part(first=row, preamble=above)
        self._found.append(self._part)
        self._pending = []

    def _records(self, first: int, last: int) -> None:
        """Records between two marks: what stood as an end above them was none."""
        if not self._lines.any_between(first, last):
            return
        self._strays()
        part = self._part
        if part.ended:
            for row in self._lines.between(first, last):
                part.dropped.append(row)
                part.note(fault("below-end", self._lines.name, row))
            return
        for row, cells in part.totals:
            self._lose("stray-total", Mark(row, cells, stray=False))
        part.totals.clear()

    def _strays(self) -> None:
        for mark in self._pending:
            self._stray(mark)
        self._pending = []

    def _stray(self, mark: Mark) -> None:
        if not mark.stray:
            self._lose("stray-line", mark)
            return
        width = len(self._lines.names)
        last = mark.row == self._lines.end and len(mark.cells) < width
        code = "cut-line" if last else "ragged-row"
        self._lose(code, mark, found=len(mark.cells), expected=width)

    def _lose(self, code: str, mark: Mark, **values: object) -> None:
        self._part.lost += 1
        self._part.note(fault(code, self._lines.name, mark.row, **values))


def _end(lines: Lines, layout: Layout, part: Part, *, last: bool) -> None:
    """Whether a table of a text file was cut off: its last line is none then."""
    if not lines.text:
        return
    row = lines.last_between(part.first, part.last + 1)
    cut_line = any(found.code == "cut-line" for found in part.faults)
    part.cut = cut_line
    if last and lines.unended and row == lines.end:
        part.open_end = row
    if layout.frame.end_is_missing(part.preamble, part.footer):
        code = "cut-file"
    elif part.open_end and layout.frame.line_end:
        code = "open-end"
    else:
        return
    part.cut = True
    if row is None or cut_line or row in part.dropped:
        part.note(fault(code, lines.name))
    else:
        part.dropped.append(row)
        part.note(fault(code, lines.name, row))


def sliced(table: pa.Table, part: Part) -> pa.Table:
    """The records of a table of the file; `table` has those of all, by row."""
    rows = table.column("row").to_numpy()
    start, stop = numpy.searchsorted(rows, [part.first, part.last + 1])
    whole = start == 0 and stop == table.num_rows
    return table if whole else table.slice(int(start), int(stop - start))


def marks_of(rows: Sequence[Row], *, stray: bool, quoted: bool = False) -> Iterator[Mark]:
    """Lines of cells as marks; lines of nothing are none."""
    for row, cells in rows:
        if quoted or any(cell.strip() for cell in cells):
            yield Mark(row, cells, stray, quoted)
