"""A report as PDF: the HTML page, printed by a browser that is installed already.

A library that lays out pages would bring its own fonts and system libraries; a browser of the
Chromium family prints the page that people see, and most machines have one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from beanclear.ledger.errors import UsageError
from beanclear.ledger.i18n import gettext as _

BROWSER = "BEANCLEAR_BROWSER"
_NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge",
    "msedge", "chrome",
)  # fmt: skip
# Where macOS and Windows keep them, which are not on the path.
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
_SECONDS = 120


def browser() -> str:
    """The browser that prints: the one `BEANCLEAR_BROWSER` names, else the first that is there.

    Raises:
      UsageError: there is none.
    """
    named = os.environ.get(BROWSER)
    for name in (named,) if named else (*_NAMES, *_PLACES):
        found = shutil.which(name)
        if found is not None:
            return found
    raise UsageError(
        _("%(name)s is no program") % {"name": named}
        if named
        else _("no browser is there that prints PDF"),
        _("install Chromium, Chrome or Edge, or name one in %(variable)s; or print --format html")
        % {"variable": BROWSER},
    )


def pdf(page: str) -> bytes:
    """`page`, a whole HTML page that needs no other file, as the bytes of a PDF.

    Raises:
      UsageError: there is no browser, or it prints nothing; says why.
    """
    program = browser()
    with tempfile.TemporaryDirectory(prefix="beanclear-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_text(page, "utf-8")
        arguments = [
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={Path(folder) / 'profile'}",
            f"--print-to-pdf={target}",
            source.as_uri(),
        ]
        if sys.platform != "win32" and os.geteuid() == 0:
            arguments.insert(0, "--no-sandbox")  # it refuses to start as root with one
        try:
            done = subprocess.run(  # noqa: S603 - a browser found above, our own arguments
                [program, *arguments], capture_output=True, check=False, timeout=_SECONDS
            )
            why = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        except (OSError, subprocess.TimeoutExpired) as error:
            why = str(error)
        if not target.is_file() or not target.stat().st_size:
            raise UsageError(
                _("%(program)s printed nothing: %(why)s") % {"program": program, "why": why},
                _("name another browser in %(variable)s, or print --format html")
                % {"variable": BROWSER},
            )
        return target.read_bytes()
