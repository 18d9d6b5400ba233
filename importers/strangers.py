"""What a file is that holds no table: bank messages, documents, answers of an interface.

Nothing here reads them; a person is told what the file is, and what to ask for instead.
"""

from __future__ import annotations

import re

from beanclear.importers.files import SourceFile

_LOOKED_AT = 64 * 1024
# Fault code -> what such a file looks like in its first bytes; the first that fits counts.
_LOOKS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("pdf", re.compile(rb"%PDF-")),
    ("camt-message", re.compile(rb"\s*<.{0,4000}\bcamt\.05[234]\.", re.DOTALL)),
    ("ofx-message", re.compile(rb"\s*OFXHEADER\s*:|\s*<.{0,4000}<(OFX|\?OFX)\b", re.DOTALL)),
    ("web-page", re.compile(rb"\s*<(!doctype html|html|table|meta|head)\b", re.IGNORECASE)),
    ("mt940-message", re.compile(rb"(?s)\{1:F01|(?m:.{0,400}?^:20:.{0,2000}^:(25P?|60[FM]):)")),
    ("bai2-message", re.compile(rb"01,[^\r\n]*/?\s*\r?\n02,[^\r\n]*\r?\n0[23],")),
    ("json", re.compile(rb"\s*[\[{]\s*([\"\[{\]}]|-?\d|true|false|null)")),
)  # fmt: skip


def stranger(file: SourceFile) -> str | None:
    """The code of the fault that names what the file is; none when that is not known."""
    with file.open() as stream:
        first = stream.read(_LOOKED_AT)
    first = first.removeprefix(b"\xef\xbb\xbf")
    return next((code for code, look in _LOOKS if look.match(first)), None)
