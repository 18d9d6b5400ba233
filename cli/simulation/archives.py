"""Containers as platforms make them, with nothing in them that depends on the clock."""

from __future__ import annotations

import datetime
import gzip
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

import xlsxwriter

_ENCODING = "gb18030"


class GbkZip:
    """A zip whose member names are GBK without the UTF-8 flag, as Alipay's are.

    `zipfile` cannot write such names, so members get ASCII stand-ins of the same length, which
    are replaced in the local headers and the directory once the archive is closed.
    """

    def __init__(self, path: Path, modified: datetime.datetime) -> None:
        self._path = path
        self._modified = modified.timetuple()[:6]
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self._names: list[tuple[zipfile.ZipInfo, bytes]] = []

    def member(self, name: str) -> IO[str]:
        """Open a member for writing text in GB18030; close it before the next."""
        raw = name.encode("gbk")
        stand_in = f"{len(self._names)}".ljust(len(raw), "~")
        info = zipfile.ZipInfo(stand_in, self._modified)
        info.compress_type = zipfile.ZIP_DEFLATED
        self._names.append((info, raw))
        return io.TextIOWrapper(
            self._zip.open(info, "w", force_zip64=True), encoding=_ENCODING, newline=""
        )

    def close(self) -> None:
        """Finish the archive and give the members their names."""
        self._zip.close()
        with self._path.open("r+b") as file:
            for info, raw in self._names:
                file.seek(info.header_offset + 30)  # a local header is 30 bytes before the name
                file.write(raw)
            file.seek(self._zip.start_dir)
            directory = file.read()
            for info, raw in self._names:
                directory = directory.replace(info.filename.encode("ascii"), raw, 1)
            file.seek(self._zip.start_dir)
            file.write(directory)


def open_text(path: Path, encoding: str = _ENCODING) -> IO[str]:
    """A plain text file without newline translation."""
    return path.open("w", encoding=encoding, newline="")


def open_gzip(path: Path, encoding: str) -> IO[str]:
    """A single gzip stream without a time in it."""
    raw = gzip.GzipFile(path, "wb", compresslevel=6, mtime=0)
    return io.TextIOWrapper(raw, encoding=encoding, newline="")


def write_xlsx(
    path: Path, rows: Iterable[Sequence[str]], created: datetime.datetime, sheet: str = "Sheet"
) -> None:
    """A workbook of one sheet; all cells are text, as exports have ids and amounts."""
    book = xlsxwriter.Workbook(str(path), {"in_memory": True, "strings_to_numbers": False})
    book.set_properties({"created": created})
    page = book.add_worksheet(sheet)
    for line, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell:
                page.write_string(line, column, cell)
    book.close()
