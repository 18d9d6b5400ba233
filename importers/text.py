"""Text from outside: strict decoding, headers, and cells turned into values.

Bulk work is SQL: `MACROS` defines what a cleaned id, text, amount, moment and rate is, and
`beanclear.importers.columns` applies them to whole columns. A macro gives NULL for an empty
cell and for one that cannot be read; which of the two it was, `is_blank` tells.
"""

from __future__ import annotations

import codecs
import datetime
import io
import re
import unicodedata
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

from beanclear.importers.faults import refusal

LONGEST_CELL = 32_767  # more fits no spreadsheet cell
CHINA = ZoneInfo("Asia/Shanghai")
_BLOCK = 1024**2
_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_DISGUISE = "\t\r\n '`@\u00a0\u3000"

_EDGES = " \t\u3000\u00a0"

# What `ledger.vocabulary.clean` removes, as an RE2 class.
_CONTROL = r"[\x00-\x1f\x7f\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{2069}\x{feff}]+"
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
    "%Y%m%d%H%M",
)

MACROS = (
    # A cell without the disguises that keep spreadsheets from eating ids.
    rf"""CREATE MACRO bare(cell) AS
      CASE WHEN starts_with(cell, '=')
        THEN trim(regexp_extract(cell, '^="?(.*?)"?$', 1), E'{_DISGUISE.replace("'", "''")}')
        ELSE trim(cell, E'{_DISGUISE.replace("'", "''")}') END""",
    "CREATE MACRO is_blank(cell) AS coalesce(bare(cell), '') IN ('', '-', '--')",
    "CREATE MACRO lost_digits(cell) AS regexp_full_match(bare(cell), '\\d(\\.\\d+)?[eE]\\+?\\d+')",
    """CREATE MACRO as_id(cell) AS CASE WHEN is_blank(cell) OR lost_digits(cell) THEN NULL
      WHEN ends_with(bare(cell), '.0') AND regexp_full_match(bare(cell), '\\d+\\.0')
        THEN left(bare(cell), -2)
      ELSE bare(cell) END""",
    rf"""CREATE MACRO cleaned(cell) AS
      trim(translate(regexp_replace(cell, '{_CONTROL}', ' ', 'g'), '<>', '＜＞'), '{_EDGES}')
    """,
    """CREATE MACRO as_text(cell) AS
      CASE WHEN cleaned(cell) IN ('', '-', '--') THEN NULL ELSE cleaned(cell) END""",
    # Thousands separators, currency signs and full-width digits are allowed, nothing else is.
    """CREATE MACRO plain(cell) AS CASE
      WHEN regexp_full_match(bare(cell), '[+-]?\\d{1,12}(\\.\\d{1,6})?') THEN bare(cell)
      ELSE regexp_replace(replace(trim(translate(bare(cell), '０１２３４５６７８９．－＋，', '0123456789.-+,'),
        ' ¥￥元'), ',', ''), '(\\.\\d{6}\\d*?)0+$', '\\1') END""",
    """CREATE MACRO is_amount(cell) AS
      regexp_full_match(plain(cell), '[+-]?\\d{1,12}(\\.\\d{1,6})?')""",
    """CREATE MACRO as_units(cell) AS CASE WHEN is_amount(cell)
      THEN TRY_CAST(plain(cell) AS DECIMAL(18, 6)) END""",
    """CREATE MACRO as_rate_ppm(cell) AS CASE
      WHEN regexp_full_match(bare(cell), '\\d{1,3}(\\.\\d{1,4})?%')
        THEN CAST(CAST(rtrim(bare(cell), '%') AS DECIMAL(18, 6)) * 10000 AS BIGINT)
      WHEN regexp_full_match(bare(cell), '0(\\.\\d{1,6})?')
        THEN CAST(CAST(bare(cell) AS DECIMAL(18, 6)) * 1000000 AS BIGINT) END""",
    rf"""CREATE MACRO as_moment(cell) AS coalesce(
      CASE WHEN regexp_full_match(bare(cell), '\d{{4}}-\d{{2}}-\d{{2}} \d{{2}}:\d{{2}}:\d{{2}}')
        THEN TRY_CAST(bare(cell) AS TIMESTAMP) END,
      CASE WHEN regexp_full_match(bare(cell),
          '\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}([ T]\d{{1,2}}:\d{{1,2}}(:\d{{1,2}}(\.\d{{1,6}})?)?)?')
        THEN TRY_CAST(
          CASE WHEN regexp_full_match(bare(cell), '.*[ T]\d+:\d+')
            THEN replace(bare(cell), '/', '-') || ':00' ELSE replace(bare(cell), '/', '-') END
          AS TIMESTAMP) END,
      CASE WHEN regexp_full_match(bare(cell), '[2-9]\d{{4}}(\.\d+)?')
        THEN TIMESTAMP '1899-12-30' + to_seconds(CAST(round(CAST(bare(cell) AS DOUBLE) * 86400)
          AS BIGINT)) END,
      try_strptime(bare(cell), {list(_MOMENT_SHAPES)!r}))""",
)


def normal_header(text: str) -> str:
    """A header as importers name it: width folded, no blanks, 账 for 帐, `(` for `（`."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).replace("帐", "账")


def bare(text: str) -> str:
    """A single cell without the disguises of ids; the macro of that name for columns."""
    found = re.fullmatch(r'="?(.*?)"?', text.strip(_DISGUISE), re.DOTALL)
    return (found.group(1) if found else text).strip(_DISGUISE)


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
            found.append(datetime.datetime(*(int(part or 0) for part in match.groups())))
        except ValueError:
            continue
    return found


class Utf8Stream(io.RawIOBase):
    """The bytes of a text file as UTF-8, decoded strictly while they are read.

    UTF-8 (with or without a mark) when the first bytes beyond ASCII are that, else GB18030, of
    which GBK and GB2312 are parts. Bytes that are neither raise `mixed-encoding` with their row,
    counted in line ends.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        super().__init__()
        self._stream = stream
        self._name = name
        self._encoding: str | None = None
        self._decoder: Any = codecs.getincrementaldecoder("utf-8")()
        self._lines = 1
        self._pending = b""
        self._first = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._pending:
            block = self._stream.read(_BLOCK)
            self._pending = self._decoded(block)
            if not block:
                break
        size = min(len(buffer), len(self._pending))
        buffer[:size] = self._pending[:size]
        self._pending = self._pending[size:]
        return size

    def close(self) -> None:
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


def utf8(stream: BinaryIO, name: str) -> BinaryIO:
    """`stream` decoded strictly and given as UTF-8."""
    return cast(BinaryIO, io.BufferedReader(Utf8Stream(stream, name), _BLOCK))
