"""A books folder on disk: its paths, its lock, and writing that survives a crash."""

from __future__ import annotations

import contextlib
import difflib
import os
import secrets
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from beanclear.ledger.errors import BooksError, BusyError
from beanclear.ledger.i18n import gettext as _

GENERATED = ("journal", "reconciliation")
# Buyers' data is in them: they are made for their owner alone, and nothing widens them later.
PRIVATE = ("inbox", "documents", "records")
_PRIVATE_MODE = 0o700
_LOCK = ".beanclear.lock"
_TEMPORARY = ".beanclear-tmp"


@dataclass(frozen=True, slots=True)
class Books:
    """The folder of one set of books.

    Attributes:
      root: the folder that holds `main.beancount`.
    """

    root: Path

    @classmethod
    def find(cls, start: Path) -> Books:
        """The books that `start` (a folder or file) lies in: the nearest `main.beancount` upwards.

        Raises:
          BooksError: when there are none.
        """
        here = start.resolve()
        for folder in (here, *here.parents):
            if (folder / "main.beancount").is_file():
                return cls(folder)
        raise BooksError(
            _("there are no books here (no main.beancount)"),
            _("name the books folder, or make one with `beanclear init DIR`"),
            where=str(start),
        )

    @property
    def main(self) -> Path:
        """The top file."""
        return self.root / "main.beancount"

    @property
    def accounts(self) -> Path:
        """The chart of accounts."""
        return self.root / "accounts.beancount"

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.root / "beanclear.toml"

    @property
    def inbox(self) -> Path:
        """Where exports are dropped."""
        return self.root / "inbox"

    @property
    def documents(self) -> Path:
        """The archived originals."""
        return self.root / "documents"

    @property
    def index(self) -> Path:
        """The tracked list of archived originals."""
        return self.root / "documents.index"

    @property
    def journal(self) -> Path:
        """Generated transactions, by year and month."""
        return self.root / "journal"

    @property
    def reconciliation(self) -> Path:
        """Generated directives of the reconciliation."""
        return self.root / "reconciliation"

    @property
    def decisions(self) -> Path:
        """The accountants' words, by year."""
        return self.root / "decisions"

    @property
    def manual(self) -> Path:
        """The accountants' own entries."""
        return self.root / "manual"

    @property
    def records(self) -> Path:
        """The record store."""
        return self.root / "records"

    def path_of(self, relative: str) -> Path:
        """The path of a name below the books.

        Raises:
          ValueError: when the name would leave the books, in words or through a link.
        """
        parts = PurePosixPath(relative).parts
        if not parts or "\\" in relative or "\0" in relative or {"..", "/"} & set(parts):
            raise ValueError(f"{relative!r} is not a path below the books")
        path = self.root.joinpath(*parts)
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise ValueError(f"{relative!r} leads out of the books")
        return path

    @contextlib.contextmanager
    def lock(self, timeout: float = 0.0) -> Iterator[None]:
        """Hold the books for this process; wait up to `timeout` seconds for another one.

        Raises:
          BusyError: when another process still holds them; the message names its process id.
        """
        import filelock  # noqa: PLC0415 - commands that only read need no lock

        path = self.root / _LOCK
        held = filelock.FileLock(path, timeout=timeout)
        try:
            held.acquire()
        except filelock.Timeout:
            raise BusyError(
                _("another beanclear (process %(pid)s) is writing these books")
                % {"pid": _holder(path)},
                _("wait until it has ended and run again"),
                where=str(self.root),
            ) from None
        try:
            # The holder's id stands beside the lock: a locked file cannot be read everywhere.
            _pid_file(path).write_text(str(os.getpid()), encoding="ascii")
            yield
        finally:
            _pid_file(path).unlink(missing_ok=True)
            held.release()

    def remove_leftovers(self) -> None:
        """Remove temporary files that a killed run left among what runs write."""
        for path in self.root.glob(f"{_TEMPORARY}-*"):
            path.unlink(missing_ok=True)
        written = (self.journal, self.reconciliation, self.documents, self.records, self.decisions)
        for folder in (*written, self.root / ".beanclear"):
            remove_leftovers(folder)

    def generated_files(self) -> list[str]:
        """Files of earlier runs below `journal/` and `reconciliation/`, sorted."""
        return sorted(
            path.relative_to(self.root).as_posix()
            for folder in GENERATED
            for path in (self.root / folder).rglob("*.beancount")
            if path.is_file()
        )

    def apply(self, texts: Mapping[str, str], frozen: Iterable[str] = ()) -> list[str]:
        """Make the books hold `texts` (relative path → text) and no other generated file.

        Only what differs is written, each file atomically; frozen files are never touched. Killed
        at any point and called again, the result is the same.

        Returns:
          The relative paths that were written or removed, sorted.
        """
        kept = frozenset(frozen)
        changed = []
        for relative in sorted(set(texts) - kept):
            path = self.path_of(relative)
            wanted = texts[relative].encode()
            if _content(path) != wanted:
                write_atomically(path, wanted)
                changed.append(relative)
        for relative in self._unwanted(texts, kept):
            path = self.path_of(relative)
            path.unlink()
            _remove_empty(path.parent, self.root)
            changed.append(relative)
        return sorted(changed)

    def _unwanted(self, texts: Mapping[str, str], kept: frozenset[str]) -> list[str]:
        return [name for name in self.generated_files() if name not in texts and name not in kept]

    def diff(self, texts: Mapping[str, str], frozen: Iterable[str] = ()) -> str:
        """What `apply` would change, as a unified diff; empty when nothing."""
        kept = frozenset(frozen)
        wanted = {name: text for name, text in texts.items() if name not in kept}
        wanted.update(dict.fromkeys(self._unwanted(texts, kept), ""))
        pieces: list[str] = []
        for relative in sorted(wanted):
            old = (_content(self.path_of(relative)) or b"").decode(errors="replace")
            pieces += _diff_lines(relative, old, wanted[relative])
        return "".join(pieces)


def make_private(folder: Path) -> None:
    """Make a folder that holds buyers' data, for its owner alone; one that is there stays."""
    folder.mkdir(mode=_PRIVATE_MODE, parents=True, exist_ok=True)


def _diff_lines(relative: str, old: str, new: str) -> Iterator[str]:
    for line in difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        f"a/{relative}" if old else "/dev/null",
        f"b/{relative}" if new else "/dev/null",
    ):
        yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _pid_file(lock: Path) -> Path:
    return lock.with_suffix(".pid")


def _holder(lock: Path) -> str:
    try:
        return _pid_file(lock).read_text(encoding="ascii").strip() or "?"
    except (OSError, UnicodeDecodeError):
        return "?"


def write_atomically(path: Path, content: bytes | str, mode: int = 0o666) -> None:
    """Write `path` so that after a crash it holds the old content or the new, never a part.

    `mode` are the permissions of a new file, less those that the process takes away; an old one
    keeps its own.
    """
    with writing_atomically(path, mode) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextlib.contextmanager
def writing_atomically(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """As `write_atomically`, for what comes bit by bit; after an error `path` is as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f"{_TEMPORARY}-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            with contextlib.suppress(OSError):  # of a new file, or of a file system without modes
                os.chmod(temporary, stat.S_IMODE(path.stat().st_mode))
            os.fsync(file.fileno())
        replace_atomically(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def replace_atomically(temporary: Path, path: Path) -> None:
    """Move a finished, synced file over `path`, and sync the folder that names it."""
    os.replace(temporary, path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files that a killed process left below `folder`."""
    for path in folder.rglob(f"{_TEMPORARY}-*"):
        path.unlink(missing_ok=True)
