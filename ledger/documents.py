"""The archive of originals and its tracked index, `documents.index`.

The index is tab-separated text with a header line: one line per booked statement, appended and
never changed. With `documents/` it is all that `run --rebuild` needs.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from beanclear.ledger.books import Books, write_atomically, writing_atomically
from beanclear.ledger.chart import MAIN
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _

_NAME_BYTES = 120
_BLOCK = 1 << 20
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_GRADES = frozenset({"proven", "counted", "contradicted"})
_STAGES = frozenset({"order", "wallet", "bank"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One statement in the index. The order of the fields is the order of the columns.

    Attributes:
      sequence: 1, 2, …: the order in which statements were booked.
      sha256: of the archived file (of the outer one for an archive).
      path: the archived file, relative to the books, with `/`.
      name: the file's name as the user knew it; `member`: the file inside an archive, else empty.
      shop, importer, source, account, stage: as on the `Statement`.
      first, last: its complete days; none when it speaks for no complete day.
      rows: records it gave.
      grade: `proven`, `counted`, `contradicted`.
      accepted_by: who booked a contradicted file by name, else empty.
    """

    sequence: int
    sha256: str
    path: str
    name: str
    member: str
    shop: str
    importer: str
    source: str
    account: str
    stage: str
    first: datetime.date | None
    last: datetime.date | None
    rows: int
    grade: str
    accepted_by: str

    @property
    def file(self) -> str:
        """The file as messages and books name it: `a.zip:member.csv`."""
        return f"{self.name}:{self.member}" if self.member else self.name

    @property
    def source_key(self) -> str:
        """As `Statement.source_key`."""
        return f"{self.source}/{self.account}/{self.stage}"


COLUMNS = tuple(field.name for field in fields(DocumentLine))
HEADER = "\t".join(COLUMNS)


def _clean(text: str) -> str:
    return "".join(
        " " if unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp", "Cs"} else sign
        for sign in text
    ).strip()


def _to_text(line: DocumentLine) -> str:
    values = (getattr(line, name) for name in COLUMNS)
    return "\t".join("" if value is None else _clean(str(value)) for value in values)


def _parse(text: str) -> DocumentLine:
    cells = text.split("\t")
    if len(cells) != len(COLUMNS):
        raise ValueError(
            _("it has %(found)d columns instead of %(expected)d")
            % {"found": len(cells), "expected": len(COLUMNS)}
        )
    row = dict(zip(COLUMNS, cells, strict=True))
    if not _SHA256.fullmatch(row["sha256"]):
        raise ValueError(_("the sha256 is not 64 hexadecimal digits"))
    if row["grade"] not in _GRADES or row["stage"] not in _STAGES:
        raise ValueError(_("the stage or the grade is unknown"))
    parts = row["path"].split("/")
    if parts[0] != "documents" or {"", ".", ".."} & set(parts):
        raise ValueError(_("the path does not lie below documents/"))
    if row["shop"] and row["account"] == MAIN:
        row["account"] = row["shop"]  # as `Statement`; an index from before shops were told apart
    day = datetime.date.fromisoformat
    return DocumentLine(
        sequence=int(row.pop("sequence")),
        rows=int(row.pop("rows")),
        first=day(first) if (first := row.pop("first")) else None,
        last=day(last) if (last := row.pop("last")) else None,
        **row,
    )


def read_index(path: Path) -> list[DocumentLine]:
    """All lines of the index; none when there is no index.

    Raises:
      BooksError: when a line is not as `append` writes it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise BooksError(
            _("the index of documents cannot be read (%(error)s)") % {"error": error},
            _("restore the file from version control"),
            where=path.name,
        ) from None
    lines: list[DocumentLine] = []
    for number, row in enumerate(text.split("\n"), start=1):
        try:
            if number == 1:
                if row != HEADER:
                    raise ValueError(_("the header line is not the expected one"))
            elif row:
                lines.append(_parse(row))
                if lines[-1].sequence != len(lines):
                    raise ValueError(_("the sequence number is not the next one"))
        except ValueError as error:
            raise BooksError(
                _("this line of the index is damaged (%(error)s)") % {"error": error},
                _("restore the file from version control; it is only ever appended to"),
                where=f"{path.name}:{number}",
            ) from None
    return lines


def append(path: Path, lines: Iterable[DocumentLine]) -> None:
    """Append lines to the index, all or none; their `sequence` must continue the file's."""
    new = list(lines)
    if not new:
        return
    old = path.read_text(encoding="utf-8") if path.exists() else HEADER + "\n"
    text = old if old.endswith("\n") else old + "\n"
    write_atomically(path, text + "".join(_to_text(line) + "\n" for line in new))


def plain_name(name: str) -> str:
    """A file's name as messages, books and the index show it: one line, no colon.

    A name that is no UTF-8 is read as GBK, in which Chinese archives write names. The colon parts
    an archive from its member.
    """
    try:
        text = os.fsencode(name).decode("utf-8")
    except UnicodeDecodeError:
        text = os.fsencode(name).decode("gb18030", errors="replace")
    return _clean(text).replace(":", "_") or "file"


def safe_name(name: str) -> str:
    """A file name that is harmless on every system and still says what it said.

    No separators, control or bidi characters, leading dots, trailing dots or blanks, reserved
    device names; at most 120 bytes, the extension kept.
    """
    text = unicodedata.normalize("NFC", _clean(name))
    text = re.sub(r'[/\\:*?"<>|\x00-\x1f]+', "_", text).lstrip(". ").rstrip(". ")
    if not text:
        return "file"
    if _RESERVED.fullmatch(text):
        text = "_" + text
    stem, dot, extension = text.rpartition(".")
    if not dot or len(extension.encode()) > 10:  # noqa: PLR2004 - longer is no extension
        stem, dot, extension = text, "", ""
    room = _NAME_BYTES - len((dot + extension).encode())
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(". ")
    return stem + dot + extension


def hash_file(path: Path) -> str:
    """The SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def place(account: str, date: datetime.date, sha256: str, name: str) -> str:
    """Where an original is kept: `documents/<Account/Parts>/<date>.<sha8>.<name>`, with `/`."""
    folder = "/".join(safe_name(part) for part in account.split(":"))
    return f"documents/{folder}/{date.isoformat()}.{sha256[:8]}.{safe_name(name)}"


def archive(books: Books, source_path: Path, account: str, date: datetime.date, sha256: str) -> str:
    """Copy an original to its `place`.

    A second call finds the copy and does nothing. The copy is verified against `sha256`.

    Returns:
      The path relative to the books, with `/`.

    Raises:
      BooksError: when the file is not (or no longer) the one that was read.
    """
    relative = place(account, date, sha256, source_path.name)
    target = books.path_of(relative)
    if target.is_file() and hash_file(target) == sha256:
        return relative
    digest = hashlib.sha256()
    with source_path.open("rb") as source, writing_atomically(target) as copy:
        while block := source.read(_BLOCK):
            digest.update(block)
            copy.write(block)
        if digest.hexdigest() != sha256:
            raise BooksError(
                _("the file changed while it was read"), _("run again"), where=source_path.name
            )
    return relative


def verify(books: Books, lines: Sequence[DocumentLine]) -> list[str]:
    """Archived paths of the index that are missing or no longer have their hash, sorted."""
    wanted = {line.path: line.sha256 for line in lines}
    return sorted(
        relative
        for relative, sha256 in wanted.items()
        if not books.path_of(relative).is_file() or hash_file(books.path_of(relative)) != sha256
    )
