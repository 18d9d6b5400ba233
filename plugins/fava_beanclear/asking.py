"""beanclear's own commands, asked from a page: at once, or beside it when they take their time.

Commands run in a process of their own: it has the lock, the checks and the messages, and whatever
happens to it cannot take Fava down.
"""

from __future__ import annotations

import contextvars
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from pathlib import Path
from typing import Any

from beanclear.ledger.i18n import current_language, gettext

COMMAND_SECONDS = 600.0
# How long after a command was begun a page waits for it; then it is shown without the answer.
PATIENCE_SECONDS = 1.0
# Reports are made one after the other: each holds the books' lock, and waits for it only a few
# seconds. Searches need it only where the index is stale.
_reports = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beanclear-reports")
_searches = ThreadPoolExecutor(max_workers=4, thread_name_prefix="beanclear-searches")


class CommandError(Exception):
    """A command of beanclear refused; its text says why and what to do."""


class PendingError(Exception):
    """A command is not done yet; whoever asks the same again later gets its answer."""


class Questions:
    """What was asked beside the pages of one set of books, until these change."""

    def __init__(self) -> None:
        self._asked: dict[Hashable, tuple[float, Future[Any]]] = {}
        self._lock = threading.Lock()

    def answer(self, key: Hashable, ask: Callable[[], Any], *, quick: bool = False) -> Any:  # noqa: ANN401
        """What `ask` gives, once for each key; it is begun when it is first wanted.

        `quick` asks beside reports instead of after them.

        Raises:
          PendingError: it is not done yet.
          CommandError: it failed; asked once more it begins anew.
        """
        with self._lock:
            if key not in self._asked:
                # Messages are made in the reader's language.
                context = contextvars.copy_context()
                pool = _searches if quick else _reports
                self._asked[key] = time.monotonic(), pool.submit(context.run, ask)
            begun, running = self._asked[key]
        try:
            return running.result(max(begun + PATIENCE_SECONDS - time.monotonic(), 0))
        except NotYetError:
            raise PendingError from None
        except Exception:
            with self._lock:
                self._asked.pop(key, None)
            raise

    def is_done(self, key: Hashable) -> bool:
        """Whether asking again would give an answer, or tell of a failure."""
        asked = self._asked.get(key)
        return asked is None or asked[1].done()

    def are_done(self, keys: Callable[[Any], bool]) -> bool:
        """Whether nothing is being asked whose key `keys` takes."""
        with self._lock:
            asked = list(self._asked.items())
        return all(running.done() for key, (_begun, running) in asked if keys(key))


def asked(root: Path, command: str, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    """What a command answers about the books in `root`; `--json` is among its arguments.

    Raises:
      CommandError: it refused, or took too long.
    """
    done = _run(root, [command, *arguments])
    try:
        return json.loads(done.stdout)
    except ValueError:
        said = done.stderr.strip() or gettext("beanclear gave no answer")
        raise CommandError(said) from None


def written(root: Path, command: str, *arguments: str) -> bytes:
    """What a command writes to the file that its last argument names.

    Raises:
      CommandError: as `asked`.
    """
    done = _run(root, [command, *arguments])
    if done.returncode > 1:
        raise CommandError(done.stderr.strip())
    return Path(arguments[-1]).read_bytes()


def _run(root: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    # `-P`, and no folder of theirs to stand in: a module that lies in the books is not ours.
    command = [sys.executable, "-P", "-m", "beanclear.cli", "--lang", current_language()]
    try:
        return subprocess.run(  # noqa: S603 - our own program; arguments are no shell text
            [*command, *arguments],
            cwd=sys.prefix,
            env={**os.environ, "BEANCLEAR_BOOKS": str(root)},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=COMMAND_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise CommandError(gettext("beanclear took too long; run it in a terminal")) from None
