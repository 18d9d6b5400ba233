"""What stands around a table: the lines that a layout has above its header and below its list.

A line of a file is the header, a record, a line that its layout is known to have at this place, or
a fault; none is passed over for its looks. Which lines a layout has is declared by its importer
as a `Frame`. A line that has what a record needs in the columns where it belongs is a record,
whatever its first cell says.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers.columns import Column, Type
from beanclear.importers.sieve import LeftOut
from beanclear.importers.text import bare, moments_in, normal_header

Row = tuple[int, tuple[str, ...]]  # the row in the file, counted from 1, and its cells
TOTAL_WORDS = ("合计", "总计", "总合计", "小计", "本页合计", "合计:", "总计:", "合计：", "总计：")
# A sentence in a single cell, which some people and programs put above a header.
NOTE = r"[^,]*[^\W\d_][^,]*"
LONGEST_HEADER = 200
_AMOUNTS = frozenset({Type.AMOUNT, Type.ROUNDED})
_BLANK = " \t`'"
_PLAIN_AMOUNT = re.compile(r"[+-]?\d{1,3}(,?\d{3})*\.\d{1,2}")
_MOMENT_LIKE = re.compile(r"(?=.*\d)[\d\s:/.+年月日时分秒T-]+")
_AMOUNT_LIKE = re.compile(r"(?=.*\d)[\d\s.,+¥￥$€£'()-]+")
_PLAIN_MOMENT = re.compile(r"\d{4}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?([ T-]*\d{1,2}[:.时].*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The lines around the table of one layout. Patterns see a line's cells joined by commas.

    Attributes:
      above: a pattern of the lines above the header; `""` when there are none.
      free_above: lines of any words may stand there, but none in the shape of a record: banks
        write their name, the account and the period as they like.
      below: a pattern of the lines below the list, which they end.
      below_starts: what the first cell of each of them begins with.
      summary: what the first cell of a summary of two lines, names and figures, begins with. It
        ends the list, and a text file without it was cut off.
      ends: (pattern of a line above, pattern of a line below): a text file that has the first
        and lacks the second was cut off. The first pair whose first one is there counts.
      line_end: real files of the layout end with a line end: a last line without one was cut.
      totals: the layout has total rows of its own, which prove it.
    """

    above: str = ""
    free_above: bool = False
    below: str = ""
    below_starts: tuple[str, ...] = ()
    summary: str = ""
    ends: tuple[tuple[str, str], ...] = ()
    line_end: bool = True
    totals: bool = False

    def is_above(self, cells: Sequence[str]) -> bool:
        """Whether a line may stand above the header, by its words."""
        return bool(self.above) and re.fullmatch(self.above, joined(cells)) is not None

    def is_below(self, cells: Sequence[str]) -> bool:
        """Whether a line may stand below the list, by its words."""
        return bool(self.below) and re.fullmatch(self.below, joined(cells)) is not None

    def is_summary(self, cells: Sequence[str]) -> bool:
        """Whether it is the first line of the summary."""
        return bool(self.summary) and first_filled(cells).startswith(self.summary)

    def end_is_missing(self, above: Sequence[Row], below: Sequence[Row]) -> bool:
        """Whether a text file with these lines around its list lacks the mark of its end."""
        if self.summary:
            pairs = itertools.pairwise([_without_blanks(cells) for _, cells in below])
            return not any(
                self.is_summary(names) and len(figures) >= len(names) for names, figures in pairs
            )
        for begin, end in self.ends:
            if any(re.search(begin, joined(cells)) for _, cells in above):
                return not any(re.search(end, joined(cells)) for _, cells in below)
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What tells the lines of a table apart.

    Attributes:
      frame: the lines around it.
      columns: those that its importer reads, by meaning.
      required: sets of normalised headers of which one is in the header.
      left_out: rules of lines that are counted and not read.
    """

    frame: Frame = Frame()
    columns: Mapping[str, Column] = field(default_factory=dict)
    required: tuple[frozenset[str], ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    _places: dict[tuple[str, ...], list[tuple[int, Column]]] = field(default_factory=dict)

    def places(self, names: Sequence[str]) -> list[tuple[int, Column]]:
        """The columns that a header of these names has, and where."""
        key = tuple(names)
        if key not in self._places:
            found = []
            for one in self.columns.values():
                header = next((header for header in one.headers if header in names), None)
                if header is not None:
                    found.append((names.index(header), one))
            self._places[key] = found
        return self._places[key]

    def records(self, table: pa.Table, names: Sequence[str]) -> pa.ChunkedArray:
        """Which rows have something that may be what a record needs in each of its columns."""
        required = [(place, one) for place, one in self.places(names) if one.required]
        found = pa.chunked_array([pa.repeat(bool(required), table.num_rows)])
        for place, one in required:
            cells = pc.utf8_trim(table.column(place).cast(pa.string()), _BLANK)
            filled = pc.not_equal(cells, "")
            if one.type in {Type.MOMENT, *_AMOUNTS}:
                filled = pc.match_substring_regex(cells, r"\d")
            elif one.type is Type.ID:
                filled = pc.and_(filled, pc.invert(pc.is_in(cells, pa.array(TOTAL_WORDS))))
            found = pc.and_(found, filled)
        return found

    def is_header(self, cells: Sequence[str], names: Sequence[str]) -> bool:
        """Whether a line is the header once more."""
        return _normal(cells) == _plain_names(tuple(names))

    def is_other_header(self, cells: Sequence[str]) -> bool:
        """Whether a line is a header of this kind of table, with whatever other columns."""
        found = set(_normal(cells))
        return any(headers <= found for headers in self.required)

    def is_total(self, cells: Sequence[str], names: Sequence[str]) -> bool:
        """Whether a line has the shape of a total row: the word for it, and no moment."""
        if first_filled(cells) not in TOTAL_WORDS or joined(cells[len(names) :]):
            return False
        moments = [place for place, one in self.places(names) if one.type is Type.MOMENT]
        return not any(re.search(r"\d", cells[place]) for place in moments if place < len(cells))

    def is_free_above(self, cells: Sequence[str], names: Sequence[str]) -> bool:
        """Whether a line of any words may stand above the header: it has no record's shape."""
        if not self.frame.free_above:
            return False
        bared = [bare(cell) for cell in cells]
        if any(cell.endswith((":", "：")) for cell in bared):
            return True  # a label, and what it says
        if any(map(_is_moment, bared)) and any(map(_PLAIN_AMOUNT.fullmatch, bared)):
            return False
        here = [(bared[place], one.type) for place, one in self.places(names) if place < len(cells)]
        moment = any(kind is Type.MOMENT and _MOMENT_LIKE.fullmatch(cell) for cell, kind in here)
        amount = any(kind in _AMOUNTS and _AMOUNT_LIKE.fullmatch(cell) for cell, kind in here)
        return not (moment and amount)


def joined(cells: Sequence[str]) -> str:
    """A line as text: its cells joined by commas, without the empty ones at its end."""
    return ",".join(cells).rstrip(", \t").lstrip("\ufeff")


def first_filled(cells: Sequence[str]) -> str:
    """The first cell that holds something."""
    return next((cell.strip() for cell in cells if cell.strip()), "")


def _without_blanks(cells: Sequence[str]) -> list[str]:
    """The cells without the empty ones at the end."""
    found = [cell.strip(_BLANK) for cell in cells]
    while found and not found[-1]:
        found.pop()
    return found


def _is_moment(cell: str) -> bool:
    return _PLAIN_MOMENT.fullmatch(cell) is not None and bool(moments_in(cell))


def _normal(cells: Sequence[str]) -> list[str]:
    """A line's cells as normalised headers."""
    return _without_blanks([normal_header(cell[:LONGEST_HEADER]) for cell in cells])


@functools.lru_cache(maxsize=64)
def _plain_names(names: tuple[str, ...]) -> list[str]:
    """A table's headers without what tells equal ones apart, or stands for an empty one."""
    return _without_blanks([re.sub(r"#\d+$|^column \d+$", "", name) for name in names])
