"""Text from outside: strict decoding, headers, and cells turned into values.

Bulk work is SQL: `MACROS` defines what a cleaned id, text, amount, moment and rate is, and
`beanclear.importers.columns` applies them to whole columns. A macro gives NULL for an empty
cell and for one that cannot be read; which of the two it was, `is_blank` tells.
"""

from __future__ import annotations

import codecs
import datetime
import functools
import io
import re
import unicodedata
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers.faults import refusal
from beanclear.ledger import figures
from beanclear.ledger.figures import Mark

LONGEST_CELL = 32_767  # more fits no spreadsheet cell
CHINA = ZoneInfo("Asia/Shanghai")
_BLOCK = 1024**2
_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
DISGUISE = "\t\r\n '`@\u00a0\u3000"

_EDGES = " \t\u3000\u00a0"

# What `ledger.beancount_text.clean` removes, as an RE2 class.
_CONTROL = (
    r"[\x00-\x1f\x7f-\x{9f}\x{061c}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{2069}\x{feff}]+"
)
_SQL_EDGES = figures.EDGES.replace("\t", "\\t")
_MOMENT_SHAPES = (
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H时%M分%S秒",
    "%Y年%m月%d日",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%Y%m%d",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d",
    "%Y-%m-%d-%H.%M.%S",
    "%Y-%m-%d-%H.%M.%S.%f",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
    "%Y%m%d%H%M",
)

_POINT, _COMMA = (figures.SHAPES[mark] for mark in (Mark.POINT, Mark.COMMA))

# The macros see cells that `bare_column` (ids, amounts, moments, rates) or `edged_column` (texts)
# has trimmed, which Arrow does faster than SQL.
MACROS = (
    "CREATE MACRO is_blank(cell) AS coalesce(trim(cell, E' \\t`'), '') IN ('', '-', '--')",
    "CREATE MACRO lost_digits(cell) AS regexp_full_match(cell, '\\d([.,]\\d+)?[eE]\\+?\\d+')",
    """CREATE MACRO as_id(cell) AS CASE
      WHEN is_blank(cell) OR (contains(cell, '+') OR contains(lower(cell), 'e'))
        AND lost_digits(cell) THEN NULL
      WHEN ends_with(cell, '.0') AND regexp_full_match(cell, '\\d+\\.0') THEN left(cell, -2)
      ELSE cell END""",
    """CREATE MACRO as_text(cell) AS CASE WHEN is_blank(cell) THEN NULL ELSE cell END""",
    "CREATE MACRO is_plain(cell) AS regexp_full_match(cell, '[+-]?\\d{1,12}(\\.\\d{1,6})?')",
    # `ledger.figures.bare` for columns.
    f"""CREATE MACRO figure(cell) AS regexp_replace(
        trim(translate(cell, '{figures.WIDE}', '{figures.NARROW}'), E'{_SQL_EDGES}'),
        '^([+-])[{figures.EDGES}]+', '\\1')""",
    # What a figure says of its column's decimal mark.
    f"""CREATE MACRO says_point(figure) AS regexp_full_match(figure, '{_POINT}')
        AND NOT regexp_full_match(figure, '{_COMMA}')""",
    f"""CREATE MACRO says_comma(figure) AS regexp_full_match(figure, '{_COMMA}')
        AND NOT regexp_full_match(figure, '{_POINT}')""",
    f"""CREATE MACRO says_either(figure) AS regexp_full_match(figure, '{_POINT}')
        AND regexp_full_match(figure, '{_COMMA}')""",
    # A figure of a column with a decimal comma as one with a point; and one of a column that does
    # not tell, as long as it needs no telling.
    "CREATE MACRO swapped(cell) AS translate(figure(cell), '.,', ',.')",
    """CREATE MACRO told(cell) AS CASE WHEN contains(figure(cell), ',')
        OR (contains(figure(cell), '.') AND says_either(figure(cell))) THEN '?' ELSE cell END""",
    # Thousands separators, currency signs and full-width digits are allowed, nothing else is.
    f"""CREATE MACRO plain(cell) AS CASE WHEN is_plain(cell) THEN cell
        WHEN regexp_full_match(figure(cell), '{_POINT}') THEN regexp_replace(
          regexp_replace(figure(cell), '{figures.THOUSANDS[Mark.POINT]}', '', 'g'),
          '(\\.\\d{{6}}\\d*?)0+$', '\\1') END""",
    "CREATE MACRO is_amount(cell) AS coalesce(is_plain(plain(cell)), false)",
    """CREATE MACRO as_units(cell) AS CASE WHEN is_amount(cell)
      THEN TRY_CAST(plain(cell) AS DECIMAL(18, 6)) END""",
    """CREATE MACRO as_rate_ppm(cell) AS CASE
      WHEN regexp_full_match(cell, '\\d{1,3}(\\.\\d{1,4})?%')
        THEN CAST(CAST(rtrim(cell, '%') AS DECIMAL(18, 6)) * 10000 AS BIGINT)
      WHEN regexp_full_match(cell, '0(\\.\\d{1,6})?')
        THEN CAST(CAST(cell AS DECIMAL(18, 6)) * 1000000 AS BIGINT) END""",
    rf"""CREATE MACRO as_moment(cell) AS coalesce(
      CASE WHEN regexp_full_match(cell, '\d{{4}}-\d{{2}}-\d{{2}} \d{{2}}:\d{{2}}:\d{{2}}')
        THEN TRY_CAST(cell AS TIMESTAMP) END,
      CASE WHEN regexp_full_match(cell,
          '\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}([ T]\d{{1,2}}:\d{{1,2}}:\d{{1,2}}(\.\d{{1,6}})?)?')
        THEN TRY_CAST(replace(cell, '/', '-') AS TIMESTAMP) END,
      CASE WHEN regexp_full_match(cell, '[2-9]\d{{4}}(\.\d+)?')
        THEN TIMESTAMP '1899-12-30' + to_seconds(CAST(round(CAST(cell AS DOUBLE) * 86400)
          AS BIGINT)) END,
      try_strptime(cell, {list(_MOMENT_SHAPES)!r}))""",
)


def bare_column(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells without the disguises that keep spreadsheets from eating ids."""
    trimmed = pc.utf8_trim(cells, DISGUISE)
    wrapped = pc.starts_with(trimmed, "=")
    if pc.any(wrapped).as_py():
        inner = pc.replace_substring_regex(trimmed, '^="?(.*?)"?$', r"\1")
        trimmed = pc.if_else(wrapped, pc.utf8_trim(inner, DISGUISE), trimmed)
    return trimmed


def edged_column(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts made harmless (P10), as `ledger.beancount_text.clean` does it for one text.

    Ids too: a key in the books must be the key in the records, or no decision would find it.
    """
    cells = pc.utf8_trim(cells, _EDGES)  # first, because most cells end in a tab
    if not pc.any(pc.match_substring_regex(cells, f"{_CONTROL}|[<>]")).as_py():
        return cells
    cells = pc.replace_substring_regex(cells, _CONTROL, " ")
    cells = pc.replace_substring(pc.replace_substring(cells, "<", "＜"), ">", "＞")
    return pc.utf8_trim(cells, _EDGES)


@functools.lru_cache(maxsize=8192)
def normal_header(text: str) -> str:
    """A header as importers name it: width folded, no blanks, 账 for 帐, `(` for `（`."""
    if text.isascii():
        return "".join(text.split())
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).replace("帐", "账")


def bare(text: str) -> str:
    """A single cell without the disguises of ids; the macro of that name for columns."""
    found = re.fullmatch(r'="?(.*?)"?', text.strip(DISGUISE), re.DOTALL)
    return (found.group(1) if found else text).strip(DISGUISE)


def moments_in(text: str) -> list[datetime.datetime]:
    """All dates (with time, if there is one) in a line of a preamble, in order; none of them wrong.

    Reads `2026年05月01日 00:00:00`, `2026-05-01 00:00:00`, `2026/5/1` and `20260501`.
    """
    pattern = (
        r"(?<!\d)(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?"
        r"(?:[ T]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2}))?)?"
    )
    found = []
    for match in re.finditer(pattern, text):
        try:
            year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
            found.append(datetime.datetime(year, month, day, hour, minute, second))
        except ValueError:
            continue
    return found


_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class _Usual(io.RawIOBase):
    """The bytes of a text file in the usual way.

    Line ends of old Macs, a bare CR, become those of others where the first block has no other;
    UTF-16 with a mark, which Excel calls Unicode text, becomes UTF-8.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        super().__init__()
        self._stream = stream
        self._name = name
        self._decoder: codecs.IncrementalDecoder | None = None
        self._first = True
        self._bare_ends = False

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size)
        first, self._first = self._first, False
        if first:
            encoding = _UTF16.get(block[:2])
            if encoding is not None and block[2:4] != b"\0\0":  # which would be UTF-32
                self._decoder = codecs.getincrementaldecoder(encoding)()
                block = block[2:]
        if self._decoder is not None:
            block = self._decoded(block)
        if first and b"\r" in block:
            self._bare_ends = b"\n" not in block
        return block.replace(b"\r", b"\n") if self._bare_ends else block

    def _decoded(self, block: bytes) -> bytes:
        decoder = cast(codecs.IncrementalDecoder, self._decoder)
        try:
            text = decoder.decode(block, final=not block)
            while block and not text:  # half a character
                block = self._stream.read(_BLOCK)
                text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise refusal("cut-text", self._name) from error
        return text.encode("utf-8", "replace")

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


class Utf8Stream(io.RawIOBase):
    """The bytes of a text file as UTF-8, decoded strictly while they are read.

    UTF-8 (with or without a mark) when the first bytes beyond ASCII are that, else GB18030, of
    which GBK and GB2312 are parts. Bytes that are neither raise `mixed-encoding` with their row,
    counted in line ends.
    """

    def __init__(self, stream: BinaryIO, name: str, encoding: str | None = None) -> None:
        super().__init__()
        self._stream = _Usual(stream, name)
        self._name = name
        self._encoding = encoding
        self._decoder: Any = codecs.getincrementaldecoder(encoding or "utf-8")()
        self._lines = 1
        self._pending = b""
        self._first = True

    def readable(self) -> bool:  # noqa: D102 - io.RawIOBase says it
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # noqa: D102 - as above
        while not self._pending:
            block = self._stream.read(_BLOCK)
            self._pending = self._decoded(block)
            if not block:
                break
        size = min(len(buffer), len(self._pending))
        buffer[:size] = self._pending[:size]
        self._pending = self._pending[size:]
        return size

    def close(self) -> None:  # noqa: D102 - as above
        if not self.closed:
            self._stream.close()
        super().close()

    def _decoded(self, block: bytes) -> bytes:
        if self._first:
            self._first = False
            block = block.removeprefix(codecs.BOM_UTF8)
        if self._encoding is None:
            if block.isascii():
                self._lines += block.count(b"\n")
                return block
            self._encoding = _sniff(block)
            self._decoder = codecs.getincrementaldecoder(self._encoding)()
        try:
            text = self._decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            row = self._lines + error.object[: error.start].count(b"\n")
            raise refusal("mixed-encoding", self._name, row) from error
        self._lines += block.count(b"\n")
        return cast(str, text).encode()


def _sniff(block: bytes) -> str:
    """UTF-8 or GB18030, by the first stretch beyond ASCII that is wrong in one of the two."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(block)
    except UnicodeDecodeError as error:
        # A file that was UTF-8 for a while is mixed; the strict decoder will say where.
        return "gb18030" if block[: error.start].isascii() else _older(block, error.start)
    return "utf-8"


def _older(block: bytes, start: int) -> str:
    """Which encoding reads further: GBK text can begin with bytes that happen to be UTF-8."""
    try:
        codecs.getincrementaldecoder("gb18030")().decode(block)
    except UnicodeDecodeError as error:
        return "gb18030" if error.start > start else "utf-8"
    return "gb18030"


def utf8(stream: BinaryIO, name: str, encoding: str | None = None) -> BinaryIO:
    """`stream` decoded strictly and given as UTF-8."""
    return cast(BinaryIO, io.BufferedReader(Utf8Stream(stream, name, encoding), _BLOCK))


class _Sniffed(io.RawIOBase):
    """Bytes as they are but for the mark; tells their encoding as `Utf8Stream` does."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        super().__init__()
        self._stream = _Usual(stream, name)
        self._pending = memoryview(b"")
        self._first = True
        self.encoding: str | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._pending:
            block = self._stream.read(_BLOCK)
            if not block:
                return 0
            if self._first:
                self._first = False
                block = block.removeprefix(codecs.BOM_UTF8)
            if self.encoding is None and not block.isascii():
                self.encoding = _sniff(block)
            self._pending = memoryview(block)
        size = min(len(buffer), len(self._pending))
        buffer[:size] = self._pending[:size]
        self._pending = self._pending[size:]
        return size

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


class SniffedStream(io.BufferedReader):
    """The bytes of a text file, undecoded; which encoding they are in shows while reading."""

    def __init__(self, stream: BinaryIO, name: str = "") -> None:
        super().__init__(_Sniffed(stream, name), _BLOCK)

    @property
    def encoding(self) -> str | None:
        """`utf-8` or `gb18030`; none as long as there was nothing beyond ASCII."""
        return cast(_Sniffed, self.raw).encoding


def check_encoding(stream: BinaryIO, name: str) -> None:
    """Read a text file to its end.

    Raises:
      SourceError: `mixed-encoding` with the row at which it is neither UTF-8 nor GB18030.
    """
    with utf8(stream, name) as text:
        while text.read(_BLOCK):
            pass
