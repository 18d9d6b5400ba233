"""Who decides, where nobody says it: the person whose program it is."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

VARIABLE = "BEANCLEAR_BY"
_SECONDS = 10


def decider(root: Path) -> str:
    """The name that decisions bear: `BEANCLEAR_BY`, else git's user.name; empty when neither is.

    `root` is the folder of the books: git may know another name there.
    """
    return (os.environ.get(VARIABLE) or _git_name(root)).strip()


def _git_name(folder: Path) -> str:
    try:
        done = subprocess.run(
            # No setting of the repository may name a program that git would run for a look.
            ["git", "-c", "core.fsmonitor=false", "config", "user.name"],  # noqa: S607 - on PATH
            cwd=folder,
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout
