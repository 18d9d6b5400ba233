"""Typed columns from cells in their usual form, without SQL.

Each function here gives what the SQL of `beanclear.importers.columns` gives, or nothing at all
when a single cell of the batch is written in another way; then the SQL is asked. So the SQL alone
says what a cell means, and this module only how to be fast in the common case.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers.lines import content, is_ascii, repeats
from beanclear.importers.text import DISGUISE, bare_column, edged_column
from beanclear.ledger.figures import Evidence

_PRINTABLE = bytes(range(0x20, 0x7F)).translate(None, b"<>")
_NOTHING = pa.array(["", "-", "--"])
_LONGEST_NOTHING = 2
_LOST_DIGITS = r"^\d([.,]\d+)?[eE]\+?\d+$"
_MOMENT_LENGTH = 19
_FIRST_MOMENT = datetime.datetime(1900, 1, 1)
_LONGEST_AMOUNT = 15 + 1  # with the point, before what is behind it


class Type(StrEnum):
    """What a column holds."""

    ID = "id"  # VARCHAR without disguises; lost digits are a fault
    TEXT = "text"  # VARCHAR, made harmless (P10)
    AMOUNT = "amount"  # BIGINT minor units; finer than the minor unit is a fault
    ROUNDED = "rounded"  # the same, rounded half away from zero where the format is finer
    MOMENT = "moment"  # TIMESTAMP without zone, the source's own clock
    RATE = "rate"  # BIGINT millionths: `0.60%` is 6000
    RAW = "raw"  # VARCHAR as it stands


MONEY: Final = frozenset({Type.AMOUNT, Type.ROUNDED})


def value_type(kind: Type) -> pa.DataType:
    """What a typed cell is."""
    if kind in {Type.AMOUNT, Type.ROUNDED, Type.RATE}:
        return pa.int64()
    return pa.timestamp("us") if kind is Type.MOMENT else pa.string()


def arrow_type(kind: Type) -> pa.DataType:
    """What a typed column is."""
    values = value_type(kind)
    return pa.dictionary(pa.int32(), values) if kind in {Type.TEXT, Type.RAW} else values


@dataclass(frozen=True, slots=True)
class Cells:
    """A column: `values`, and where there are `indices` the value of each row."""

    values: pa.Array
    indices: pa.Array | None

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Cells:
        """A column of a batch, be it strings or a dictionary of strings."""
        cells = _one(column)
        if pa.types.is_dictionary(cells.type):
            return cls(cells.dictionary, cells.indices)
        return cls(cells, None)

    @classmethod
    def coded(cls, values: pa.Array) -> Cells:
        """Each different value once."""
        coded = values.dictionary_encode()
        return cls(coded.dictionary, coded.indices)

    def put(self, values: pa.Array, *, keep: bool) -> pa.Array:
        """`values`, which came of `self.values`, row by row; as a dictionary to `keep` it small."""
        if not keep:
            return values if self.indices is None else values.take(self.indices)
        places = pa.array(numpy.arange(len(values), dtype=numpy.int32))
        places = pc.if_else(values.is_valid(), places, pa.scalar(None, pa.int32()))
        places = places if self.indices is None else places.take(self.indices)
        filled = pc.fill_null(values, "") if values.null_count else values
        return pa.DictionaryArray.from_arrays(places, filled)


def trimmed(kind: Type, cells: Cells) -> Cells:
    """Cells without disguises or harm, each as its kind needs it."""
    values = cells.values
    # Short ids are trimmed sooner than they are told apart.
    if cells.indices is None and (kind is not Type.ID or not is_ascii(values)) and repeats(values):
        cells = Cells.coded(values)
        values = cells.values
    if kind not in {Type.TEXT, Type.RAW}:
        values = _bare(values)
    if kind is Type.TEXT or (kind is Type.ID and not _harmless(values)):
        values = _one(edged_column(pa.chunked_array([values])))
    return Cells(values, cells.indices)


def _one(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.unify_dictionaries().chunks or [pa.array([], column.type)])


def _bare(values: pa.Array) -> pa.Array:
    if not is_ascii(values):
        return _one(bare_column(pa.chunked_array([values])))
    plain = pc.ascii_trim(values, _ASCII_DISGUISE)
    data = bytes(content(plain))
    if b"=" not in data:
        return plain
    wrapped = data.count(b"=")
    # Where all signs and quotes of a column are those of cells written `="…"`, they stand at ends.
    if data.count(b'"') == 2 * wrapped and _wrapped(plain) == wrapped:
        return pc.ascii_trim(pc.ascii_trim(plain, '="'), _ASCII_DISGUISE)
    return _one(bare_column(pa.chunked_array([values])))


def _wrapped(values: pa.Array) -> int:
    """How many cells are `="…"`, both quotes included."""
    ends = pc.and_(pc.starts_with(values, '="'), pc.ends_with(values, '"'))
    whole = pc.and_(ends, pc.greater(pc.binary_length(values), 2))
    return int(pc.sum(whole).as_py() or 0)


_ASCII_DISGUISE = "".join(character for character in DISGUISE if character.isascii())


def _harmless(values: pa.Array) -> bool:
    """Whether trimmed cells hold nothing that could need cleaning."""
    return not bytes(content(values)).translate(None, _PRINTABLE)


def quickly(kind: Type, values: pa.Array, digits: int) -> pa.Array | None:
    """Trimmed cells as values of `kind`; none when a cell is not in its usual form."""
    if kind is Type.RAW:
        return values
    if kind is Type.TEXT:
        blank = pc.is_in(pc.utf8_trim(values, " \t`"), _NOTHING)
        return pc.if_else(blank, pa.scalar(None, pa.string()), values)
    if values.null_count:
        return None
    if kind is Type.ID:
        return _ids(values)
    if not is_ascii(values):
        return None
    match kind:
        case Type.MOMENT:
            return _moments(values)
        case Type.AMOUNT if digits:
            return _amounts(values, digits)
    return None


def _ids(values: pa.Array) -> pa.Array | None:
    data = bytes(content(values))
    if b"`" in data:  # which may hide a blank
        return None
    if any(sign in data for sign in (b"e", b"E", b"+")) and (
        pc.any(pc.match_substring_regex(values, _LOST_DIGITS)).as_py()
    ):
        return None
    if b"." in data and pc.any(pc.ends_with(values, ".0")).as_py():
        return None
    if len(values) and pc.min(pc.binary_length(values)).as_py() > _LONGEST_NOTHING:
        return values
    blank = pc.is_in(values, _NOTHING)
    return pc.if_else(blank, pa.scalar(None, pa.string()), values)


def _filled(values: pa.Array, instead: str) -> tuple[pa.Array, pa.Array | None]:
    """`values` with something in place of empty cells, and which those are, if any."""
    blank = pc.equal(values, "")
    if not pc.any(blank).as_py():
        return values, None
    return pc.if_else(blank, pa.scalar(instead), values), blank


def _emptied(found: pa.Array, blank: pa.Array | None) -> pa.Array:
    return found if blank is None else pc.if_else(blank, pa.scalar(None, found.type), found)


def _moments(values: pa.Array) -> pa.Array | None:
    """`2026-05-01 09:00:00`; Arrow checks that there is such a moment."""
    filled, blank = _filled(values, "2000-01-01 00:00:00")
    lengths = pc.binary_length(filled)
    if not pc.all(pc.equal(lengths, _MOMENT_LENGTH)).as_py():
        return None
    shape = numpy.frombuffer(content(filled), numpy.uint8).reshape(-1, _MOMENT_LENGTH)
    if not all((shape[:, at] == ord(sign)).all() for at, sign in ((10, " "), (13, ":"), (16, ":"))):
        return None
    try:
        found = filled.cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        return None
    if len(found) and pc.min(found).as_py() < _FIRST_MOMENT:
        return None
    return _emptied(found, blank)


def _amounts(values: pa.Array, digits: int) -> pa.Array | None:
    """`-12.30` or `12`: digits, and all those of the currency's smallest unit, or no point."""
    filled, blank = _filled(values, "0")
    data = bytes(content(filled))
    if data.translate(None, b"0123456789.-"):
        return None
    if data.count(b".") != len(filled):
        pointed = pc.binary_join_element_wise(filled, "." + "0" * digits, "")
        filled = pc.if_else(pc.match_substring(filled, "."), filled, pointed)
        data = bytes(content(filled))
        if data.count(b".") != len(filled):
            return None
    if not len(filled):
        return pa.array([], pa.int64())
    _valid, offsets, _data = filled.buffers()
    places = numpy.frombuffer(offsets, numpy.int32)[filled.offset :][: len(filled) + 1]
    places = places - places[0]
    lengths = numpy.diff(places)
    if lengths.min() < digits + 2 or lengths.max() > _LONGEST_AMOUNT + digits:
        return None
    signs = numpy.frombuffer(data, numpy.uint8)
    points = places[1:] - digits - 1
    # With one point a cell, and one at that place in each, the rest is a sign and digits.
    if not (signs[points] == ord(".")).all() or (signs[points - 1] == ord("-")).any():
        return None
    without = (places - numpy.arange(len(places), dtype=numpy.int32)).astype(numpy.int32)
    joined = data.replace(b".", b"")
    plain = pa.StringArray.from_buffers(
        len(filled), pa.py_buffer(without.tobytes()), pa.py_buffer(joined)
    )
    try:
        return _emptied(plain.cast(pa.int64()), blank)
    except pa.ArrowInvalid:
        return None


# With nothing but digits and one point, all that is open is what stands before three digits.
_SAYS_POINT = r"^[+-]?(\d+\.(\d{1,2}|\d{4,})|(0\d*|\d{4,})\.\d{3})$"


def plain_evidence(values: pa.Array, known: Evidence) -> Evidence | None:
    """What cells without a comma say of the decimal mark; none when they are written otherwise."""
    if bytes(content(values)).translate(None, b"0123456789.+-"):
        return None
    if (pc.max(pc.count_substring(values, ".")).as_py() or 0) > 1:
        return None
    if known.point:
        return known
    return Evidence(point=bool(pc.any(pc.match_substring_regex(values, _SAYS_POINT)).as_py()))
