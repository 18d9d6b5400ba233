"""The lines of a text file as batches of cells, in bounded memory, decoded as late as possible.

GB18030 and UTF-8 never use the bytes of line ends, quotes, commas, semicolons and tabs inside of
another character. So bytes are cut into lines and cells first, in blocks of whole lines, and a
cell that stands a thousand times is decoded once. Where that cannot be done (a `|` between cells,
line ends within quotes, rows of another width) a block, or what is left of the file, is decoded
before it is cut: slower, with the same result.

A thread reads and cuts one block ahead of what is worked on.
"""

from __future__ import annotations

import contextvars
import io
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import numpy
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from beanclear.importers.faults import refusal
from beanclear.importers.text import SniffedStream, utf8

BLOCK = 4 * 1024**2
LONGEST_LINE = 16 * 1024**2
_SAMPLE = 1_000
_SEPARATOR = "\x1e"  # stands in no cell that is decoded together with others
_TICKED = "\x1f"  # takes the place of WeChat's ``,` ``


class Ending(io.RawIOBase):
    """A stream that remembers whether what came out of it ends with a line end."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._last = b"\n"

    def readable(self) -> bool:  # noqa: D102 - io.RawIOBase says it
        return True

    def read(self, size: int = -1) -> bytes:  # noqa: D102 - as above
        block = self._stream.read(size)
        self._last = (self._last + block[-2:])[-2:]
        return block

    def close(self) -> None:  # noqa: D102 - as above
        if not self.closed:
            self._stream.close()
        super().close()

    @property
    def unended(self) -> bool:
        """Whether the last sign is part of a line; known when all is read.

        In UTF-16 a line end is two bytes, of which one is zero.
        """
        return self._last.strip(b"\0")[-1:] not in (b"\n", b"\r")


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file's body is cut: its columns, and what stands between cells.

    A `ticked` body has a backtick before each cell, as WeChat writes it, and no quotes.
    """

    names: tuple[str, ...]
    delimiter: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Some lines. `table` holds those of the right width, as strings or dictionaries of strings.

    `strays` are the others: (which line of the batch, from 1; its text). `lines` counts both.
    """

    table: pa.Table
    strays: tuple[tuple[int, str], ...] = ()

    @property
    def lines(self) -> int:
        """All lines of the batch."""
        return int(self.table.num_rows) + len(self.strays)


def batches(stream: SniffedStream, name: str, shape: Shape) -> Generator[Batch]:
    """Everything that is left in `stream`; at least one batch, which may be empty.

    Raises:
      SourceError: `long-cell` for a line that is no line, or what reading the stream raises.
      UnicodeDecodeError, pyarrow.ArrowInvalid: for bytes that are not in the stream's encoding.
    """
    cut = _cut(stream, name, shape)
    context = contextvars.copy_context()  # messages are made in the language of the caller

    def following() -> Cut | None:
        return context.run(lambda: next(cut, None))

    with ThreadPoolExecutor(max_workers=1) as reader:
        ahead = reader.submit(following)
        while (made := ahead.result()) is not None:
            ahead = reader.submit(following)
            table, strays = made
            yield Batch(_as_text(table, stream.encoding), strays)


Cut = tuple[pa.Table, tuple[tuple[int, str], ...]]


def _cut(stream: SniffedStream, name: str, shape: Shape) -> Iterator[Cut]:
    """Tables of bytes, or of strings where the text had to be decoded first."""
    nothing = True
    for block, begun in _blocks(stream, name):
        nothing = False
        if not shape.ticked and not _plainly_cut(block, shape.delimiter):
            yield from _decoded_first(block + begun, stream, name, shape)
            return
        cells = block.replace(b",`", _TICKED.encode()) if shape.ticked else block
        try:
            yield _read(pa.py_buffer(cells), shape, pa.binary()), ()
        except pa.ArrowInvalid:  # a row of another width, whose text only the slow way tells
            strays: list[tuple[int, str]] = []
            text = cells.decode(stream.encoding or "utf-8").encode()
            yield _read(pa.py_buffer(text), shape, pa.string(), strays), tuple(strays)
    if nothing:
        yield pa.table({column: pa.array([], pa.string()) for column in shape.names}), ()


def _blocks(stream: SniffedStream, name: str) -> Iterator[tuple[bytes, bytes]]:
    """Whole lines, about `BLOCK` bytes of them at a time; and what was read of the next line."""
    held = b""
    while block := stream.read(BLOCK):
        if len(block) == BLOCK and not block.strip(b"\r\n"):
            raise refusal("blank-lines", name)
        end = block.rfind(b"\n") + 1
        if end:
            whole, held = held + memoryview(block)[:end], block[end:]
            yield whole, held
        else:
            held += block
        if len(held) > 2 * LONGEST_LINE:
            raise refusal("long-cell", name, column="?", length=f"> {LONGEST_LINE}")
    if held:
        yield held, b""


def _plainly_cut(block: bytes, delimiter: str) -> bool:
    """Whether line ends and delimiters are what they look like, byte by byte.

    Taken in pairs, quotes must stand at both ends of a cell or next to another pair, which is a
    quote within the cell; and no line end between the two.
    """
    if delimiter == "|":
        return False
    if b'"' not in block:
        return True
    data = numpy.frombuffer(block, numpy.uint8)
    quotes = numpy.flatnonzero(data == ord('"'))
    opening, closing = quotes[0::2], quotes[1::2]
    if len(opening) != len(closing):
        return False
    edges = numpy.zeros(256, numpy.bool_)
    edges[list((delimiter + '\n"').encode())] = True
    if not edges[data[opening[opening > 0] - 1]].all():
        return False
    edges[ord("\r")] = True
    if not edges[data[closing[closing < len(data) - 1] + 1]].all():
        return False
    ends = numpy.flatnonzero((data == ord("\n")) | (data == ord("\r")))
    return bool((numpy.searchsorted(ends, opening) == numpy.searchsorted(ends, closing)).all())


def _options(
    shape: Shape, kind: pa.DataType, strays: list[tuple[int, str]] | None
) -> dict[str, Any]:
    def keep(row: pyarrow.csv.InvalidRow) -> str:
        cast(list[tuple[int, str]], strays).append((row.number, row.text))
        return "skip"

    return {
        "parse_options": pyarrow.csv.ParseOptions(
            delimiter=_TICKED if shape.ticked else shape.delimiter,
            quote_char=False if shape.ticked else '"',
            newlines_in_values=not shape.ticked,
            ignore_empty_lines=False,
            invalid_row_handler=None if strays is None else keep,
        ),
        "convert_options": pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(shape.names, kind), strings_can_be_null=False
        ),
    }


def _read(
    block: pa.Buffer,
    shape: Shape,
    kind: pa.DataType,
    strays: list[tuple[int, str]] | None = None,
) -> pa.Table:
    """One block of whole lines, as it is."""
    reading = pyarrow.csv.ReadOptions(
        use_threads=False, column_names=shape.names, block_size=block.size + 1
    )
    options = _options(shape, kind, strays)
    table = pyarrow.csv.read_csv(pa.BufferReader(block), read_options=reading, **options)
    return _unticked(table) if shape.ticked else table


def _unticked(table: pa.Table) -> pa.Table:
    """A table cut at `_TICKED`, without the backtick before the first cell of a line."""
    first = pc.replace_substring_regex(table.column(0), "^`", "")
    return table.set_column(0, table.column_names[0], first)


def _decoded_first(block: bytes, stream: SniffedStream, name: str, shape: Shape) -> Iterator[Cut]:
    """The rest of the file from `block` on, decoded before it is cut."""
    text = utf8(cast(BinaryIO, _Joined(block, stream)), name, stream.encoding)
    strays: list[tuple[int, str]] = []
    reading = pyarrow.csv.ReadOptions(
        use_threads=False, column_names=shape.names, block_size=LONGEST_LINE
    )
    before = 0
    try:
        reader = pyarrow.csv.open_csv(
            text, read_options=reading, **_options(shape, pa.string(), strays)
        )
        for part in reader:
            table = pa.Table.from_batches([part])
            lines = before + table.num_rows + len(strays)
            yield table, tuple((number - before, line) for number, line in strays)
            before = lines
            strays.clear()
        if strays or not before:  # lines after the last batch, or none of the right width
            nothing = pa.table({column: pa.array([], pa.string()) for column in shape.names})
            yield nothing, tuple((number - before, line) for number, line in strays)
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise
        raise refusal("long-cell", name, column="?", length=f"> {LONGEST_LINE}") from error


class _Joined(io.RawIOBase):
    """Bytes that were read already, and the stream they came from."""

    def __init__(self, block: bytes, stream: SniffedStream) -> None:
        super().__init__()
        self._block = io.BytesIO(block)
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._block.read(size) or self._stream.read(size)


# -- decoding -----------------------------------------------------------------------------


def _as_text(table: pa.Table, encoding: str | None) -> pa.Table:
    columns = [_text(column.combine_chunks(), encoding) for column in table.columns]
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def _text(cells: pa.Array, encoding: str | None) -> pa.Array:
    """Bytes as strings; a dictionary of strings where few different ones stand in many rows."""
    if pa.types.is_string(cells.type) or encoding in {None, "utf-8"} or is_ascii(cells):
        return cells.cast(pa.string())
    if not repeats(cells):
        return _decoded(cells, encoding)
    coded = cells.dictionary_encode()
    words = _decoded(coded.dictionary, encoding)
    return pa.DictionaryArray.from_arrays(coded.indices, words)


def _decoded(cells: pa.Array, encoding: str) -> pa.Array:
    """All cells decoded as one text, which is a hundred times as fast as one by one."""
    together = pa.ListArray.from_arrays(pa.array([0, len(cells)], pa.int32()), cells)
    joined = pc.binary_join(together, _SEPARATOR.encode())
    text = pa.array([joined[0].as_py().decode(encoding)], pa.string())
    found = pc.split_pattern(text, _SEPARATOR).flatten()
    if len(found) == len(cells):
        return found
    return pa.array([cell.decode(encoding) for cell in cells.to_pylist()], pa.string())


def repeats(cells: pa.Array) -> bool:
    """Whether a column is worth a dictionary, by its first cells."""
    first = cells.slice(0, _SAMPLE)
    return len(first.unique()) * 2 <= len(first)


def content(cells: pa.Array) -> memoryview:
    """The bytes of all cells of an array of strings, one after the other."""
    _valid, offsets, data = cells.buffers()
    if data is None:
        return memoryview(b"")
    places = numpy.frombuffer(offsets, numpy.int32)
    first, last = places[cells.offset], places[cells.offset + len(cells)]
    return memoryview(data)[first:last]


def is_ascii(cells: pa.Array) -> bool:
    """Whether no cell holds anything beyond ASCII."""
    data = numpy.frombuffer(content(cells), numpy.uint8)
    return not len(data) or bool(data.max() < 128)  # noqa: PLR2004 - that is ASCII
