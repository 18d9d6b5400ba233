"""Files from outside: plain, zip, gzip and workbooks, opened within limits.

What a file is, is told by its first bytes, never by its suffix. A file from outside is hostile
(P10): an archive is never unpacked to disk, its member names are only labels, and how much may
come out of it is limited while reading, not by what its headers promise.

Chinese platforms write member names in GBK without the UTF-8 flag, so names without that flag
are read as GBK (formats: Alipay §1.1).
"""

from __future__ import annotations

import gzip
import io
import lzma
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, cast

from beanclear.importers.faults import refusal
from beanclear.ledger.errors import SourceError
from beanclear.ledger.i18n import gettext as _

MOST_MEMBERS = 1_000
_LONGEST_DIRECTORY = 2 * 1024**2
_LONGEST_END = 22 + 65_535 + 20 + 56  # what stands at an archive's end, its comment included
MOST_BYTES = 4 * 1024**3
MOST_RATIO = 200
_RATIO_COUNTS_FROM = 32 * 1024**2  # small files of equal rows compress absurdly well
_CHUNK = 1024**2
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
# What reading an archive that is damaged, or made to do harm, may raise.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    gzip.BadGzipFile,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,  # a seek to where no byte can be
    struct.error,
    MemoryError,
    OverflowError,
)
_UNSAFE = re.compile(r"^[\\/]|^[A-Za-z]:|(^|[\\/])\.\.([\\/]|$)|\x00")
_CLUTTER = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")


class Format(StrEnum):
    """What a file is by its first bytes."""

    EMPTY = "empty"
    TEXT = "text"
    ZIP = "zip"
    GZIP = "gzip"
    XLSX = "xlsx"
    XLS = "xls"
    OTHER = "other"  # PDF, pictures, rar, 7z: nothing here reads them


_MAGIC = (
    (b"PK\x03\x04", Format.ZIP),
    (b"PK\x05\x06", Format.ZIP),
    (b"\x1f\x8b", Format.GZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format.XLS),
    (b"%PDF", Format.OTHER),
    (b"\x89PNG", Format.OTHER),
    (b"\xff\xd8\xff", Format.OTHER),
    (b"Rar!", Format.OTHER),
    (b"7z\xbc\xaf\x27\x1c", Format.OTHER),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file from outside, or one member of an archive.

    Attributes:
      name: as the user knows it; a member of an archive is `a.zip:member.csv`.
      document: sha-256 of the archived file (of the outer one for a member), `""` when unknown.
      shop: the folder below `inbox/` it lay in.
      path, data, opener: where its bytes are; exactly one is set.
    """

    name: str
    document: str = ""
    shop: str = ""
    path: Path | None = None
    data: bytes | None = None
    opener: Callable[[], BinaryIO] | None = None

    def open(self) -> BinaryIO:
        """Its bytes as a stream; the caller closes it.

        Raises:
          SourceError: `unreadable-file`, `cut-archive`.
        """
        if self.data is not None:
            return io.BytesIO(self.data)
        if self.opener is not None:
            return self.opener()
        try:
            return cast(Path, self.path).open("rb")
        except OSError as error:
            raise refusal("unreadable-file", self.name) from error

    def read(self) -> bytes:
        """All its bytes, within the limits."""
        with self.open() as stream:
            return stream.read()

    @property
    def format(self) -> Format:
        """What it is by its first bytes."""
        with self.open() as stream:
            first = stream.read(16)
        if not first:
            return Format.EMPTY
        found = next((kind for magic, kind in _MAGIC if first.startswith(magic)), Format.TEXT)
        return Format.XLSX if found is Format.ZIP and self._is_workbook() else found

    def _is_workbook(self) -> bool:
        with self.open() as stream:
            try:
                whole = _seekable(stream)
                check_directory(self.name, whole)
                with zipfile.ZipFile(whole) as archive:
                    return "[Content_Types].xml" in archive.namelist()
            except DAMAGE as error:
                raise refusal("cut-archive", self.name) from error


def source_file(path: Path, *, name: str = "", shop: str = "", document: str = "") -> SourceFile:
    """A file on disk under its own name."""
    return SourceFile(name=name or path.name, path=path, shop=shop, document=document)


def members(file: SourceFile) -> Iterator[SourceFile]:
    """What is in an archive, in its order; the file itself when it is none.

    Raises:
      SourceError: `empty-file`, `cut-archive`, `encrypted`, `unsafe-name`, `archive-bomb`,
        `nested-archive`. Reading a member may raise the same.
    """
    kind = file.format
    if kind is Format.EMPTY:
        raise refusal("empty-file", file.name)
    if kind is Format.GZIP:
        yield from _unpacked_gzip(file)
    elif kind is Format.ZIP:
        yield from _unpacked_zip(file)
    else:
        yield file


def _unpacked_gzip(file: SourceFile) -> Iterator[SourceFile]:
    with file.open() as stream:
        packed = stream.seek(0, os.SEEK_END)

    def open_member() -> BinaryIO:
        outer = file.open()  # which GzipFile does not close
        inner = gzip.GzipFile(fileobj=outer)
        return _limited(cast(BinaryIO, inner), file.name, packed, outer)

    yield _not_nested(replace(file, path=None, data=None, opener=open_member), file.name)


def _unpacked_zip(file: SourceFile) -> Iterator[SourceFile]:
    with file.open() as stream:
        try:
            with zipfile.ZipFile(_seekable(stream)) as archive:
                infos = archive.infolist()
        except DAMAGE as error:
            raise refusal("cut-archive", file.name) from error
    check_sizes(file.name, infos)
    for info in infos:
        label = _member_name(info)
        if _UNSAFE.search(label):
            raise refusal("unsafe-name", file.name, member=label)
        if info.is_dir() or _CLUTTER.search(label):
            continue
        if info.flag_bits & _ENCRYPTED:
            raise refusal("encrypted", file.name)
        name = f"{file.name}:{label}"
        member = SourceFile(
            name=name,
            document=file.document,
            shop=file.shop,
            opener=_member_opener(file, info, name),
        )
        yield _not_nested(member, file.name)


def check_directory(name: str, stream: BinaryIO) -> None:
    """Refuse an archive whose list of members is long, before it is read into memory.

    Raises:
      SourceError: `archive-bomb`.
    """
    stream.seek(0, os.SEEK_END)
    stream.seek(max(0, stream.tell() - _LONGEST_END))
    end = stream.read(_LONGEST_END)
    at = end.rfind(b"PK\x05\x06")
    size = int.from_bytes(end[at + 12 : at + 16], "little") if at >= 0 else 0
    wide = end.rfind(b"PK\x06\x06")  # of an archive of 64 bits, right before
    if wide >= 0:
        size = max(size % 0xFFFFFFFF, int.from_bytes(end[wide + 40 : wide + 48], "little"))
    stream.seek(0)
    if size > _LONGEST_DIRECTORY:
        raise refusal("archive-bomb", name, limit=_("%(count)d members") % {"count": MOST_MEMBERS})


def check_sizes(name: str, infos: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive that promises too much; what it delivers is limited by its streams.

    Raises:
      SourceError: `archive-bomb`.
    """
    if len(infos) > MOST_MEMBERS:
        raise refusal("archive-bomb", name, limit=_("%(count)d members") % {"count": MOST_MEMBERS})
    total = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    _check_amount(name, total, packed)


def _check_amount(name: str, total: int, packed: int) -> None:
    if total > MOST_BYTES:
        raise refusal("archive-bomb", name, limit=f"{MOST_BYTES >> 30} GiB")
    if total > _RATIO_COUNTS_FROM and total > MOST_RATIO * max(packed, 1):
        raise refusal("archive-bomb", name, limit=f"{MOST_RATIO} : 1")


def _member_name(info: zipfile.ZipInfo) -> str:
    raw = info.orig_filename
    if info.flag_bits & _UTF8_NAME:
        return raw
    try:
        return raw.encode("cp437").decode("gbk")
    except UnicodeError:
        return raw


def _member_opener(file: SourceFile, info: zipfile.ZipInfo, name: str) -> Callable[[], BinaryIO]:
    def open_member() -> BinaryIO:
        outer = file.open()
        try:
            archive = zipfile.ZipFile(_seekable(outer))
            inner = archive.open(info)
        except DAMAGE as error:
            outer.close()
            raise refusal("cut-archive", file.name) from error
        return _limited(cast(BinaryIO, inner), name, info.compress_size, archive, outer)

    return open_member


def _not_nested(member: SourceFile, outer: str) -> SourceFile:
    if member.format in {Format.ZIP, Format.GZIP}:
        raise refusal("nested-archive", outer)
    return member


def _seekable(stream: BinaryIO) -> BinaryIO:
    return stream if stream.seekable() else io.BytesIO(stream.read())


class _Limited(io.RawIOBase):
    """A stream that counts what comes out and turns damage into faults."""

    def __init__(self, inner: BinaryIO, name: str, packed: int, *owned: object) -> None:
        super().__init__()
        self._inner = inner
        self._name = name
        self._packed = packed
        self._owned = owned
        self._total = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            block = self._inner.read(len(buffer))
        except SourceError:
            raise
        except DAMAGE as error:
            raise refusal("cut-archive", self._name) from error
        self._total += len(block)
        _check_amount(self._name, self._total, self._packed)
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        if not self.closed:
            for stream in (self._inner, *self._owned):
                stream.close()  # type: ignore[attr-defined]
        super().close()


def _limited(inner: BinaryIO, name: str, packed: int, *owned: object) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Limited(inner, name, packed, *owned), _CHUNK))
