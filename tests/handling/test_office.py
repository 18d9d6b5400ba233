"""Files that a real LibreOffice opened and saved: as XLSX, as XLS, and as CSV again."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.handling.catalogue import Files
from tests.handling.layouts import layout
from tests.handling.matrix import Tried
from tests.handling.outcome import Outcome, judge

pytestmark = pytest.mark.office
_LAYOUTS = ("wechatpay-fundflow", "alipay-ledger", "taobao-orders", "shop-orders", "ccb-17")
_CHARSETS = {"utf-8": 76, "utf-8-sig": 76, "gb18030": 85}  # LibreOffice's numbers
_AS_TEXT = "csv:Text - txt - csv (StarCalc):44,34,76,1"
_SECONDS = 120


@pytest.fixture(scope="module")
def soffice() -> str:
    """The program."""
    found = shutil.which("soffice")
    if found is None:
        pytest.skip("soffice was not found: install the Debian package libreoffice-calc")
    return found


def _converted(soffice: str, path: Path, form: str, *filters: str) -> Path:
    """What LibreOffice saves of a file, in a folder of its own."""
    folder = path.parent / form[:4].strip(":")
    profile = (path.parent.parent / "profile").as_uri()
    subprocess.run(
        [
            soffice, f"-env:UserInstallation={profile}", "--headless", *filters, "--convert-to",
            form, "--outdir", str(folder), str(path),
        ],
        check=True,
        capture_output=True,
        timeout=_SECONDS,
    )  # fmt: skip
    (found,) = folder.iterdir()
    return found


@pytest.mark.parametrize("name", _LAYOUTS)
def test_books_of_files_that_libreoffice_saved_are_the_same_or_say_so(
    name: str, soffice: str, tmp_path: Path
) -> None:
    tried = Tried(layout(name), tmp_path / "books")
    export = tried.export
    folder = tmp_path / "files"
    folder.mkdir()
    path = folder / export.name
    path.write_bytes(export.raw)
    as_text = f"--infilter=CSV:44,34,{_CHARSETS[export.encoding]},1"
    book = _converted(soffice, path, "xlsx", as_text)
    saved = [book, _converted(soffice, path, "xls", as_text), _converted(soffice, book, _AS_TEXT)]
    outcomes = {}
    for one in saved:
        files: Files = [(one.name, one.read_bytes())]
        found = tried.quick(files) or judge(tried.base, tried.desk.make(files))[0]
        outcomes[one.suffix] = found
    print(outcomes)
    assert Outcome.OTHER not in outcomes.values(), outcomes
