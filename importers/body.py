"""The lines of a table batch by batch: records to those who keep them, all others as marks."""

from __future__ import annotations

import collections
from collections.abc import Callable, Sequence

import numpy
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers.faults import MOST_FAULTS, fault
from beanclear.importers.frame import TOTAL_WORDS, Layout, Row
from beanclear.importers.parts import Lines, Mark, marks_of
from beanclear.importers.sieve import Sieve
from beanclear.importers.text import LONGEST_CELL, normal_header
from beanclear.ledger.errors import Fault

Keep = Callable[[pa.Table], pa.Table]


def names_of(cells: Sequence[str]) -> list[str]:
    """Unique column names for normalised headers."""
    names: list[str] = []
    times = collections.Counter({"row": 1})
    for position, cell in enumerate(cells, 1):
        name = cell or f"column {position}"
        times[name] += 1
        names.append(name if times[name] == 1 else f"{name}#{times[name]}")
    return names


class Body:
    """Takes blank lines and those that hold no record out of the data, batch by batch.

    What is kept of a batch is what `keep` makes of it, so that cells nobody reads are let go.
    """

    def __init__(self, name: str, header: Sequence[str], keep: Keep, layout: Layout) -> None:
        names = names_of([normal_header(cell) for cell in header])
        self._name = name
        self.names = names
        self._keep = keep
        self._layout = layout
        self._kept: list[pa.Table] = []
        self._marks: list[Mark] = []
        self._long: dict[str, list[Fault]] = {name: [] for name in names}
        self.sieve = Sieve(layout.left_out)
        self._figures = False  # the next line is the second one of a summary
        self._end = 0
        begins = {cell.strip() for cell in header} | {normal_header(cell) for cell in header}
        begins |= {f"\ufeff{cell}" for cell in begins}
        self._words = pa.array(sorted({*TOTAL_WORDS, *begins} - {""}))

    def take(self, table: pa.Table, loose: Sequence[Row], *, text: bool) -> None:
        """Sort the next lines out: those of the right width, and the others as cells."""
        self._measure(table)
        first_cell = _first_filled(table, self.names)
        kept = pc.not_equal(first_cell, "")
        out = self.sieve.mask(table, kept)
        if out is not None:
            kept = pc.and_(kept, pc.invert(out))
            first_cell = pc.if_else(out, "", first_cell)
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
        none = places[~self._layout.records(some, self.names).to_numpy(zero_copy_only=False)]
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
            or layout.is_total(cells, self.names)
            or layout.is_header(cells, self.names)
            or layout.is_other_header(cells)
        )

    def _measure(self, table: pa.Table) -> None:
        """Note cells that are longer than any spreadsheet's."""
        for name in self.names:
            cells = table.column(name)
            if all(_longest(chunk) <= LONGEST_CELL for chunk in cells.chunks):
                continue
            lengths = pc.utf8_length(cells.cast(pa.string()))
            long = table.select(["row"]).append_column("length", lengths)
            for line in long.filter(pc.greater(lengths, LONGEST_CELL)).to_pylist():
                if len(self._long[name]) < MOST_FAULTS:
                    values = {"column": name, "length": line["length"]}
                    self._long[name].append(fault("long-cell", self._name, line["row"], **values))

    def table(self) -> pa.Table:
        """Everything that was kept; once."""
        table = pa.concat_tables(self._kept)
        self._kept.clear()
        return table

    def lines(
        self, rows: numpy.ndarray, preamble: tuple[Row, ...], *, text: bool, unended: bool
    ) -> Lines:
        """All lines, where `rows` are those of records."""
        header = len(preamble) + 1
        return Lines(
            name=self._name,
            names=tuple(self.names),
            preamble=preamble,
            header=header,
            marks=tuple(sorted(self._marks, key=lambda mark: mark.row)),
            rows=rows,
            end=max(self._end, header),
            text=text,
            unended=unended,
        )

    def long_cells(self, first: int, last: int) -> list[Fault]:
        """Cells between two rows that are longer than any spreadsheet's."""
        return [
            one
            for name in self.names
            for one in self._long[name]
            if first <= (one.row or 0) <= last
        ]


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
