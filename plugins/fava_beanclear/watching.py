"""Whether the books on disk are still those that Fava has loaded.

Fava compares times: it loads anew when a file bears a later time than the last one it saw. Files of
books are replaced as a whole, and such a file bears the time at which it was written, not the one
at which it came to its place: written at 1, Fava loads at 2, put in its place at 3, and the change
is never seen. Fava also begins anew whenever the list of files changes, and two requests may load
at once, of which the one that read first may end last.

So these books are compared by what a file system says of each file (when its entry changed, its
number and its size), one request at a time, and a file that changed while it was loaded is not
believed: the next look loads it once more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from fava.core.watcher import WatcherBase

if TYPE_CHECKING:
    from fava.core import FavaLedger

_SLACK_NS = 100_000_000  # clocks of file systems tick slowly
# Nobody tells when the first load began, before there was a watcher of ours.
_FIRST_LOAD_NS = 60_000_000_000
_INCLUDED = ("journal", "reconciliation", "decisions", "manual")
Look = tuple[int, int, int]


class BooksWatcher(WatcherBase):
    """Takes the place of Fava's watcher for one ledger, and loads it anew by itself.

    `check` answers that nothing changed, because it has loaded the ledger already when it returns;
    pages learn of it by `last_checked`, which grows with every load.
    """

    def __init__(self, ledger: FavaLedger) -> None:
        """Begin with the books that `ledger` has just loaded."""
        self.last_checked = time.time_ns()
        self.last_notified = 0
        self._ledger = ledger
        self._root = Path(ledger.beancount_file_path).parent
        self._lock = threading.RLock()
        self._loading = False
        self._files: frozenset[Path] = frozenset()
        self._folders: tuple[Path, ...] = ()
        self._looks: dict[Path, Look | None] = {}
        self._before: dict[Path, Look] = {}
        self._began = time.time_ns() - _FIRST_LOAD_NS
        self.update(*ledger.paths_to_watch())

    def update(self, files: Iterable[Path], folders: Iterable[Path]) -> None:
        """Note how everything looks that was just loaded.

        Fava calls this at each load before it would run the books' `import.py`: code in the folder
        of the books is not ours, and what Fava's import page makes of a file is not what a run
        books. So the page is not offered.
        """
        self._ledger.fava_options.import_config = None
        self._files = frozenset(Path(path).absolute() for path in files)
        self._folders = tuple(Path(path).absolute() for path in folders)
        until = self._began - _SLACK_NS
        self._looks = {
            # The clock of a network's file system may be behind ours: hence the second test.
            path: look if look[0] < until and self._before.get(path, look) == look else None
            for path, look in self._seen().items()
        }
        self.last_checked = max(time.time_ns(), self.last_checked + 1)

    def check(self) -> bool:
        """Load the ledger anew when it is not what lies on disk; always false."""
        with self._lock:
            if self._loading:
                return False
            began, seen = time.time_ns(), self._seen()
            if self._looks == seen:
                return False
            self._began, self._before = began, seen
            self._loading = True
            try:
                self._ledger.load_file()
            finally:
                self._loading = False
        return False

    def notify(self, path: Path) -> None:
        """Not believe a file that Fava has just written."""
        self._looks[Path(path).absolute()] = None

    def _get_latest_mtime(self) -> int:
        return self.last_checked

    def _seen(self) -> dict[Path, Look]:
        """How the loaded files look, those that an include would add, and the folders."""
        found = set(self._files)
        for name in _INCLUDED:
            found.update((self._root / name).rglob("*.beancount"))
        for folder in self._folders:
            found.add(folder)
            found.update(path for path in folder.rglob("*") if path.is_dir())
        return {path: _look(path) for path in found}


def _look(path: Path) -> Look:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ctime_ns, found.st_ino, found.st_size)
