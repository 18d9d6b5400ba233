"""How amounts are written: which mark is decimal, and which parts thousands.

The one place that knows it. `1,234.50` and `1.234,50` tell it themselves, `12,50` does too, and
`1,234` does not: a comma between groups of three may be either. So what a column means is decided
by all its cells together. A mark between thousands stands between groups of three and nowhere
else; no mark is ever merely dropped.

The shapes are regular expressions that Python, RE2 and DuckDB read alike, of figures without
blanks and currency signs around them and with ASCII digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Final

# Blanks part thousands whatever the decimal mark is: a plain, a non-breaking, and a narrow one.
_BLANKS: Final = " \u00a0\u202f"
WIDE: Final = "０１２３４５６７８９．－＋，"
NARROW: Final = "0123456789.-+,"
# What may stand around a figure.
EDGES: Final = " \t`¥￥元"


class Mark(StrEnum):
    """The decimal mark of a column."""

    POINT = "."
    COMMA = ","
    OPEN = "?"  # its cells contradict each other, or do not tell


def _shape(decimal: str, thousands: str) -> str:
    groups = "|".join(rf"({re.escape(one)}\d{{3}})+" for one in (thousands, *_BLANKS))
    return rf"[+-]?(\d+|[1-9]\d{{0,2}}({groups}))({re.escape(decimal)}\d+)?"


SHAPES: Final = {Mark.POINT: _shape(".", ","), Mark.COMMA: _shape(",", ".")}
THOUSANDS: Final = {Mark.POINT: f"[,{_BLANKS}]", Mark.COMMA: rf"[.{_BLANKS}]"}
_NARROWED: Final = str.maketrans(WIDE, NARROW)
_COMPILED: Final = {mark: re.compile(shape) for mark, shape in SHAPES.items()}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What some cells say: that the point is decimal, that the comma is, or `1,234`."""

    point: bool = False
    comma: bool = False
    either: bool = False

    def __or__(self, other: Evidence) -> Evidence:
        """What both say."""
        return Evidence(
            self.point or other.point, self.comma or other.comma, self.either or other.either
        )

    @property
    def mark(self) -> Mark | None:
        """The decimal mark; none where nothing tells."""
        if self.point and self.comma:
            return Mark.OPEN
        if self.comma:
            return Mark.COMMA
        return Mark.POINT if self.point else None


def decided(own: Evidence, beside: Iterable[Evidence], digits: int) -> Mark:
    """The decimal mark of a column by its own cells, else by the amount columns `beside` it.

    Where nothing tells, a figure without any comma is read with a point; so is `1,234` of a
    currency that has no smaller unit (`digits` is 0).
    """
    mark = own.mark or reduce(Evidence.__or__, beside, Evidence()).mark
    if mark is not None:
        return mark
    return Mark.OPEN if own.either and digits else Mark.POINT


def evidence(text: str) -> Evidence:
    """What one figure says."""
    point, comma = (bool(_COMPILED[mark].fullmatch(text)) for mark in (Mark.POINT, Mark.COMMA))
    return Evidence(point and not comma, comma and not point, point and comma and "," in text)


def bare(text: str) -> str:
    """A figure with ASCII digits and marks, and nothing around it."""
    figure = text.translate(_NARROWED).strip(EDGES)
    if figure[:1] in {"+", "-"}:
        return figure[0] + figure[1:].lstrip(EDGES)
    return figure


def plain(text: str, mark: Mark = Mark.POINT) -> str | None:
    """`1.234,50` as `1234.50`; none when it is no figure under that decimal mark.

    Under `Mark.OPEN` only what has no comma, and no point between groups of three, is one.
    """
    figure = bare(text)
    if mark is Mark.OPEN:
        both = all(shape.fullmatch(figure) for shape in _COMPILED.values())
        if "," in figure or ("." in figure and both):
            return None
        mark = Mark.POINT
    if _COMPILED[mark].fullmatch(figure) is None:
        return None
    return re.sub(THOUSANDS[mark], "", figure).replace(str(mark), ".")
