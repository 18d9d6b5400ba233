"""Workbooks (xlsx, xls) as text: dates in ISO form, whole numbers without `.0`.

They are read in a process of its own, within limits of memory, time and size: a few kilobytes can
ask the reader for more memory than there is, which ends its process. One process serves all
workbooks of a run, two where two are read at once; one that fails is not used again.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import struct
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from typing import IO, cast

from beanclear.importers import workbook_child
from beanclear.importers.faults import refusal
from beanclear.importers.files import DAMAGE, Format, SourceFile, check_sizes
from beanclear.importers.limits import (
    WORKBOOK_BYTES,
    WORKBOOK_LIMITS,
    WORKBOOK_SECONDS,
)
from beanclear.ledger.errors import SourceError

Sheets = list[tuple[str, list[list[str]]]]
_HEAD = struct.Struct(">cQ")


def workbook(file: SourceFile) -> Sheets:
    """Every sheet of a workbook by its name, all cells as text, in rows of equal width.

    Raises:
      SourceError: `unreadable-workbook`, `encrypted-workbook`, `unsafe-workbook`,
        `huge-workbook`, `killed-reader`, `archive-bomb`.
    """
    with file.open() as stream:
        data = stream.read(WORKBOOK_BYTES + 1)
    if len(data) > WORKBOOK_BYTES:
        raise refusal("huge-workbook", file.name, limit=f"{WORKBOOK_BYTES >> 20} MiB")
    if file.format is Format.XLSX:
        _check_sizes(file.name, data)
    with _reader() as reader:
        return reader.read(file.name, data)


def _check_sizes(name: str, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_sizes(name, archive.infolist())
    except DAMAGE as error:
        raise refusal("unreadable-workbook", name) from error


class _Reader:
    """The process, and what is said to it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            # Isolated: nothing of the folder it stands in, or of the environment, is imported.
            [sys.executable, "-I", workbook_child.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=tempfile.gettempdir(),
        )
        self._say(b"L", json.dumps(WORKBOOK_LIMITS).encode())

    @property
    def _input(self) -> IO[bytes]:
        return cast(IO[bytes], self._process.stdin)

    @property
    def _output(self) -> IO[bytes]:
        return cast(IO[bytes], self._process.stdout)

    def _say(self, kind: bytes, data: bytes) -> None:
        self._input.write(_HEAD.pack(kind, len(data)))
        self._input.write(data)
        self._input.flush()

    def read(self, name: str, data: bytes) -> Sheets:
        """The sheets of one workbook."""
        clock = threading.Timer(WORKBOOK_SECONDS, self._process.kill)
        clock.daemon = True
        clock.start()
        try:
            self._say(b"W", data)
            return self._sheets(name)
        except (OSError, EOFError) as error:
            raise refusal("killed-reader", name) from error
        finally:
            clock.cancel()

    def _sheets(self, name: str) -> Sheets:
        found: Sheets = []
        while True:
            kind, text = self._heard()
            if kind == b".":
                return found
            if kind == b"!":
                code, limit = json.loads(text)
                raise refusal(code, name, **({"limit": limit} if limit else {}))
            if kind == b"S":
                found.append((text, []))
            else:
                found[-1][1].extend(json.loads(text))

    def _heard(self) -> tuple[bytes, str]:
        head = self._output.read(_HEAD.size)
        if len(head) < _HEAD.size:
            raise EOFError
        kind, length = _HEAD.unpack(head)
        data = self._output.read(length)
        if len(data) < length:
            raise EOFError
        return kind, data.decode()

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._input, self._output):
            with contextlib.suppress(OSError):
                pipe.close()


_idle: list[_Reader] = []


@contextlib.contextmanager
def _reader() -> Iterator[_Reader]:
    """A process that waits, or a new one; it waits again unless it failed."""
    try:
        reader = _idle.pop()
    except IndexError:
        reader = _Reader()
    try:
        yield reader
    except SourceError as error:
        codes = {found.code for found in error.faults}
        if "killed-reader" in codes or "huge-workbook" in codes:
            reader.end()
        else:
            _idle.append(reader)
        raise
    except BaseException:
        reader.end()
        raise
    _idle.append(reader)


@atexit.register
def _end_all() -> None:
    while _idle:
        _idle.pop().end()
