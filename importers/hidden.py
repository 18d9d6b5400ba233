"""What a workbook holds and does not show: hidden sheets and rows, and formulas behind values.

All of it is read as if it were shown, because a filter that was left on hides rows of a sound
export. It is said, though; and a hidden sheet that would be booked is a fault, because whoever
looks at the workbook never sees it. Of the old `.xls` none of this is known here.
"""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

from beanclear.importers.files import Format, SourceFile
from beanclear.ledger.i18n import gettext as _

_CHUNK = 1024**2
_MOST_LIST = 4 * 1024**2  # the list of a workbook's sheets is a few hundred bytes
_SAID = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_NUMBER = re.compile(rb"\br=[\"'](\d+)[\"']")
_HIDDEN = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']")
_DAMAGE = (zipfile.BadZipFile, KeyError, OSError, EOFError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """What a sheet does not show: whether it is hidden, which rows are, how many formulas."""

    sheet: bool = False
    rows: tuple[int, ...] = ()
    formulas: int = 0

    def warnings(self, header: int) -> list[str]:
        """What to say of it; `header` is the row of the table's header."""
        said = []
        rows = [row for row in self.rows if row > header]
        if rows:
            said.append(
                _("%(count)d hidden rows, the first of them row %(row)d, are read like the others")
                % {"count": len(rows), "row": rows[0]}
            )
        if self.formulas:
            said.append(
                _("%(count)d cells hold formulas: their values are read as they were saved")
                % {"count": self.formulas}
            )
        return said


def unseen(file: SourceFile) -> dict[str, Unseen]:
    """What the sheets of a workbook do not show, by their names; nothing of other files."""
    if file.format is not Format.XLSX:
        return {}
    found = {}
    try:
        with zipfile.ZipFile(io.BytesIO(file.read())) as archive:
            for title, hidden, member in _sheets(archive):
                with archive.open(member) as stream:
                    rows, formulas = _within(cast(BinaryIO, stream))
                found[title] = Unseen(sheet=hidden, rows=tuple(rows), formulas=formulas)
    except _DAMAGE:  # what matters of it was read, and is a fault where it could not be
        return found
    return found


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, bool, str]]:
    """Each sheet's name, whether it is hidden, and where its cells are."""
    targets = {
        found["Id"]: found.get("Target", "")
        for found in _attributes(archive, "xl/_rels/workbook.xml.rels", "Relationship")
        if "Id" in found
    }
    for found in _attributes(archive, "xl/workbook.xml", "sheet"):
        link = next((value for name, value in found.items() if name.endswith(":id")), "")
        target = targets.get(link, "")
        member = target[1:] if target.startswith("/") else posixpath.join("xl", target)
        if member in archive.namelist():
            yield found.get("name", ""), found.get("state", "visible") != "visible", member


def _attributes(archive: zipfile.ZipFile, member: str, tag: str) -> list[dict[str, str]]:
    """What each element of a name says; read without a parser, which a hostile file could tire."""
    with archive.open(member) as stream:
        text = stream.read(_MOST_LIST).decode(errors="replace")
    return [
        {name: html.unescape(double or single) for name, double, single in _SAID.findall(found)}
        for found in re.findall(rf"<(?:\w+:)?{tag}\b([^>]*)>", text)
    ]


def _within(stream: BinaryIO) -> tuple[list[int], int]:
    """The hidden rows of a sheet, and how many of its cells hold a formula."""
    rows: list[int] = []
    formulas, held, last = 0, b"", 0
    while block := stream.read(_CHUNK):
        text, separator, rest = (held + block).rpartition(b"<")
        held = separator + rest
        formulas += len(_FORMULA.findall(text))
        if b"hidden" not in text:
            continue
        for tag in _ROW.finditer(text):
            number = _NUMBER.search(tag.group())
            last = int(number.group(1)) if number else last + 1
            if _HIDDEN.search(tag.group()):
                rows.append(last)
    return rows, formulas + len(_FORMULA.findall(held))
