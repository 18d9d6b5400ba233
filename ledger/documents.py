"""The archive of originals and its tracked index, `documents.index`.

The index is tab-separated text with a header line, appended and never changed: a line per booked
statement, and a line per document that somebody took out again:

    17  removed  <sha256>  <name>  <by>  <reason>

A document counts when it stands below the last line that takes it out. With `documents/` the
index is all that `run --rebuild` needs. Two branches of a repository that both imported are joined
by keeping the lines of both: numbers may begin again at an earlier one, but never skip one, and a
statement that stands twice counts once.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType

from beanclear.ledger.books import Books, make_private, write_atomically, writing_atomically
from beanclear.ledger.chart import MAIN
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _

_NAME_BYTES = 120
_BLOCK = 1 << 20
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_GRADES = frozenset({"proven", "counted", "contradicted"})
_STAGES = frozenset({"order", "wallet", "bank"})
_REMOVED = "removed"
_PRIVATE_FILE = 0o600
_ARCHIVED = re.compile(r"\d{4}-\d{2}-\d{2}\.([0-9a-f]{8})\.")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A line that takes a document out of the books; the original stays in the archive.

    Attributes:
      sequence: as of a `DocumentLine`.
      sha256, name: of the document.
      by, reason: who took it out, and why.
    """

    sequence: int
    sha256: str
    name: str
    by: str
    reason: str


IndexLine = DocumentLine | Removal
COLUMNS = tuple(field.name for field in fields(DocumentLine))
HEADER = "\t".join(COLUMNS)


def _clean(text: str) -> str:
    return "".join(
        " " if unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp", "Cs"} else sign
        for sign in text
    ).strip()


def _to_text(line: IndexLine) -> str:
    values: Iterable[object]
    if isinstance(line, Removal):
        values = (line.sequence, _REMOVED, line.sha256, line.name, line.by, line.reason)
    else:
        values = (getattr(line, name) for name in COLUMNS)
    return "\t".join("" if value is None else _clean(str(value)) for value in values)


def _parse(text: str) -> IndexLine:
    cells = text.split("\t")
    if cells[1:2] == [_REMOVED]:
        return _parse_removal(cells)
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


def _parse_removal(cells: Sequence[str]) -> Removal:
    sequence, _word, sha256, name, by, reason = cells
    if not _SHA256.fullmatch(sha256):
        raise ValueError(_("the sha256 is not 64 hexadecimal digits"))
    return Removal(sequence=int(sequence), sha256=sha256, name=name, by=by, reason=reason)


def read_index(path: Path) -> list[DocumentLine]:
    """The statements that count; none when there is no index.

    Raises:
      BooksError: as `read_history`.
    """
    return counting(read_history(path))


def counting(history: Iterable[IndexLine]) -> list[DocumentLine]:
    """Of all lines of the index those of documents that are booked.

    The lines of one document follow each other; where it comes again, it was booked on two
    branches, or taken out between.
    """
    held: dict[str, list[DocumentLine]] = {}
    before: DocumentLine | None = None
    for line in history:
        if isinstance(line, Removal):
            held.pop(line.sha256, None)
            before = None
            continue
        goes_on = (
            before is not None
            and before.sha256 == line.sha256
            and line.sequence == before.sequence + 1
        )
        if goes_on or line.sha256 not in held:
            held.setdefault(line.sha256, []).append(line)
            before = line
        else:
            before = None
    return [line for lines in held.values() for line in lines]


def taken_out(history: Iterable[IndexLine]) -> dict[str, Removal]:
    """The documents that are not booked any more: sha-256 → the line that took it out."""
    gone: dict[str, Removal] = {}
    for line in history:
        if isinstance(line, Removal):
            gone[line.sha256] = line
        else:
            gone.pop(line.sha256, None)
    return gone


def next_sequence(history: Sequence[IndexLine]) -> int:
    """The number of the next line."""
    return max((line.sequence for line in history), default=0) + 1


def read_history(path: Path) -> list[IndexLine]:
    """All lines of the index in their order; none when there is no index.

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
    lines: list[IndexLine] = []
    for number, row in enumerate(text.split("\n"), start=1):
        try:
            if number == 1:
                if row != HEADER:
                    raise ValueError(_("the header line is not the expected one"))
            elif row:
                line = _parse(row)
                if not 1 <= line.sequence <= next_sequence(lines):
                    raise ValueError(_("the sequence number is not the next one"))
                lines.append(line)
        except ValueError as error:
            raise BooksError(
                _("this line of the index is damaged (%(error)s)") % {"error": error},
                _("restore the file from version control; it is only ever appended to"),
                where=f"{path.name}:{number}",
            ) from None
    return lines


def append(path: Path, lines: Iterable[IndexLine]) -> None:
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


def archive(
    books: Books,
    source_path: Path,
    account: str,
    date: datetime.date,
    sha256: str,
    *,
    taken: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Copy an original to its `place`.

    A second call finds the copy and does nothing. The copy is verified against `sha256`; only its
    owner may read it, for it holds buyers' data. `taken` are the paths of archived documents with
    their hashes: the name has eight digits of one, which two files may share.

    Returns:
      The path relative to the books, with `/`.

    Raises:
      BooksError: when the file is not (or no longer) the one that was read, or another original
        has its place.
    """
    relative = place(account, date, sha256, source_path.name)
    target = books.path_of(relative)
    if taken.get(relative, sha256) != sha256:
        raise BooksError(
            _("another original lies where this file belongs"),
            _("give the new file another name"),
            where=relative,
        )
    if target.is_file() and hash_file(target) == sha256:
        return relative
    for parent in reversed(target.relative_to(books.root).parents[:-1]):
        make_private(books.root / parent)
    digest = hashlib.sha256()
    with source_path.open("rb") as source, writing_atomically(target, _PRIVATE_FILE) as copy:
        while block := source.read(_BLOCK):
            digest.update(block)
            copy.write(block)
        if digest.hexdigest() != sha256:
            raise BooksError(
                _("the file changed while it was read"), _("run again"), where=source_path.name
            )
    return relative


def digits_of(name: str) -> str | None:
    """The digits of its hash in the name of an archived original; none for other files."""
    found = _ARCHIVED.match(name.rpartition("/")[2])
    return found[1] if found else None


def unnamed(books: Books, history: Iterable[IndexLine]) -> list[str]:
    """Archived originals that no line of the index names, sorted; other files are none of ours."""
    known = {line.sha256[:8] for line in history}
    return sorted(
        path.relative_to(books.root).as_posix()
        for path in books.documents.rglob("*")
        if (digits := digits_of(path.name)) is not None and digits not in known and path.is_file()
    )


def verify(books: Books, lines: Sequence[DocumentLine]) -> list[str]:
    """Archived paths of the index that are missing or no longer have their hash, sorted."""
    wanted = {line.path: line.sha256 for line in lines}
    return sorted(
        relative
        for relative, sha256 in wanted.items()
        if not books.path_of(relative).is_file() or hash_file(books.path_of(relative)) != sha256
    )
