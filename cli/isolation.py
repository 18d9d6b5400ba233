"""What keeps a folder of books from running anything: on Python's path, and through git.

Books come from other people, by a clone or a parcel; their folder is data. Importing this module
loads nothing heavy.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_SECONDS = 10
# Settings of the repository that name programs, which git would run for a mere look.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")


def leave_path(root: Path) -> None:
    """Take the folder of the books off the path that modules are looked for in.

    An environment that lies in it, such as `.venv`, stays: it runs already.
    """
    kept = Path(sys.prefix).resolve()

    def is_theirs(name: str) -> bool:
        place = Path(name or ".").resolve()
        return place.is_relative_to(root) and not place.is_relative_to(kept)

    sys.path[:] = [name for name in sys.path if not is_theirs(name)]


def git(root: Path, *words: str) -> bytes:
    """What git answers about the repository that the books lie in; nothing when it has none."""
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            [*_GIT, *words],
            cwd=root,
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return b""
    return done.stdout
