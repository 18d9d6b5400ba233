"""The process that reads workbooks, apart from the program: a hostile one can end only this.

It is a script of its own and imports nothing of beanclear, so that it starts at once. It answers
one request after the other on its standard input and output; `beanclear.importers.workbook` is the
other end. A message is a letter, its length, and that many bytes:

    L  limits as JSON, once                    S  the name of a sheet
    W  a workbook                              R  rows of that sheet as JSON
    .  the workbook is done                    !  [code, limit] as JSON: it cannot be read
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import python_calamine

_EXACT = 10**15  # a spreadsheet keeps 15 digits of a number,
_HELD = 2**53  # a workbook that another program writes holds nearly 16
_ROWS_AT_ONCE = 1_000
_HEAD = struct.Struct(">cQ")


class _RefusedError(Exception):
    """A workbook that is not read, by the fault's code and the limit it exceeds."""


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are none."""
    limits: dict[str, int] = {}
    while head := requests.read(_HEAD.size):
        kind, length = _HEAD.unpack(head)
        data = requests.read(length)
        if kind == b"L":
            limits = json.loads(data)
            _limit_memory(limits["memory"])
            continue
        try:
            for part, text in _read(data, limits):
                _send(answers, part, text)
            _send(answers, b".", "")
        except _RefusedError as refused:
            _send(answers, b"!", json.dumps(refused.args))
        except (Exception, MemoryError):
            _send(answers, b"!", json.dumps(["unreadable-workbook", ""]))
        answers.flush()


def _limit_memory(size: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every system
        import resource  # noqa: PLC0415 - there is none on Windows

        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _send(answers: BinaryIO, kind: bytes, text: str) -> None:
    data = text.encode("utf-8", "replace")
    answers.write(_HEAD.pack(kind, len(data)) + data)


def _read(data: bytes, limits: dict[str, int]) -> Iterator[tuple[bytes, str]]:
    if data[:2] == b"PK":
        _inflate(data)
    elif "EncryptedPackage".encode("utf-16-le") in data:
        raise _RefusedError("encrypted-workbook", "")
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except python_calamine.PasswordError:
        raise _RefusedError("encrypted-workbook", "") from None
    names = book.sheet_names
    if len(names) > limits["sheets"]:
        raise _RefusedError("huge-workbook", f"{limits['sheets']:,} sheets")
    cells = characters = 0
    for name in names:
        sheet = book.get_sheet_by_name(name)
        height, width = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
        cells += height * width
        _check(limits, rows=height, columns=width, cells=cells)
        yield b"S", name
        left = [""] * (sheet.start[1] if sheet.start else 0)
        some: list[list[str]] = []
        for row in sheet.iter_rows():
            made = left + [one if type(one) is str else _text(one) for one in row]
            characters += sum(map(len, made))
            some.append(made)
            if len(some) == _ROWS_AT_ONCE:
                _check(limits, characters=characters)
                yield b"R", json.dumps(some, ensure_ascii=False)
                some = []
        _check(limits, characters=characters)
        yield b"R", json.dumps(some, ensure_ascii=False)


def _check(limits: dict[str, int], **found: int) -> None:
    for what, count in found.items():
        if count > limits[what]:
            raise _RefusedError("huge-workbook", f"{limits[what]:,} {what}")


def _inflate(data: bytes) -> None:
    """Look into every part once: the workbook reader itself knows no document types."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                with archive.open(info) as member:
                    if b"<!DOCTYPE" in member.read(4096):
                        raise _RefusedError("unsafe-workbook", "")
                    while member.read(1024**2):
                        pass
    except (
        zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError,
        NotImplementedError,
    ):  # fmt: skip
        raise _RefusedError("unreadable-workbook", "") from None


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _number(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)


def _number(value: int) -> str:
    """The digits of a number; as `1.10000000000009e+15` where some of them may be lost."""
    if abs(value) < _EXACT or (abs(value) < _HELD and value % 10):
        return str(value)
    return f"{value:.14e}"


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
