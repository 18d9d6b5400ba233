"""What the record store says of itself: the manifest, and JSON that is the same every time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from beanclear.ledger.books import write_atomically
from beanclear.ledger.documents import hash_file
from beanclear.ledger.store_parts import STAGES
from beanclear.ledger.tables import SCHEMA

_FORMAT = 6
_TRUSTED = "trusted.json"


def to_json(value: object) -> str:
    """JSON with one fixed layout."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read_json(path: Path) -> Any:  # noqa: ANN401 - what JSON holds is checked by the caller
    """The file's content; none when there is none or it is no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def version() -> str:
    """What the bytes of a store depend on besides documents: its format, schema and importers."""
    schema = hashlib.sha256(str(SCHEMA).encode()).hexdigest()[:8]
    return f"{_FORMAT}/{metadata.version('beanclear')}/{schema}/pyarrow {pa.__version__}"


@dataclass(slots=True, kw_only=True)
class Manifest:
    """What the store holds.

    Attributes:
      documents: hashes whose records are all there.
      files: Parquet file (relative to `records/`) → SHA-256 of its bytes.
      notes: SHA-256 of the JSON files beside the manifest.
      unfinished: files that an `add` is writing; after a crash they may be new, old or not there.
      unfinished_documents: what it is adding.
    """

    documents: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)
    unfinished_documents: set[str] = field(default_factory=set)

    @classmethod
    def empty(cls) -> Manifest:
        """Nothing is held."""
        return cls()

    @classmethod
    def read(cls, path: Path) -> Manifest | None:
        """The manifest; none when there is none, or none that this version wrote."""
        found = read_json(path)
        if not isinstance(found, dict) or found.get("version") != version():
            return None
        try:
            return cls(
                documents=set(found["documents"]),
                files=dict(found["files"]),
                notes=dict(found["notes"]),
                unfinished=set(found["unfinished"]),
                unfinished_documents=set(found["unfinished_documents"]),
            )
        except (KeyError, TypeError, ValueError):
            return None

    def to_text(self) -> str:
        """As JSON."""
        return to_json(
            {
                "version": version(),
                "documents": sorted(self.documents),
                "files": self.files,
                "notes": self.notes,
                "unfinished": sorted(self.unfinished),
                "unfinished_documents": sorted(self.unfinished_documents),
            }
        )

    def settle(self, root: Path) -> None:
        """After a crash: take the unfinished files as they are on disk, each is whole."""
        for name in sorted(self.unfinished):
            if (root / name).exists():
                self.files[name] = hash_file(root / name)
            else:
                self.files.pop(name, None)

    def agrees(self, root: Path) -> bool:
        """Whether the files on disk are the ones that were written, as far as `Trust` goes."""
        there = _there(root)
        sure = {name: sha for name, sha in self.files.items() if name not in self.unfinished}
        if not sure.keys() <= there <= sure.keys() | self.unfinished:
            return False
        if not self.unfinished_documents and self._wrong_notes(root):
            return False
        return Trust(root).holds(sure) and all(
            _readable(root / name) for name in there & self.unfinished if name.endswith(".parquet")
        )

    def damaged(self, root: Path) -> list[str]:
        """Names of files that are missing, foreign or not what was written; all are hashed.

        What a killed `take` left unfinished is none of them: the next run does it again.
        """
        wrong = {
            name
            for name, sha in self.files.items()
            if not (root / name).is_file() or hash_file(root / name) != sha
        }
        if not self.unfinished_documents:
            wrong |= {*self._wrong_notes(root)}
        foreign = _there(root) - self.files.keys()
        return sorted((wrong | foreign) - self.unfinished)

    def _wrong_notes(self, root: Path) -> list[str]:
        return [
            name
            for name, sha in self.notes.items()
            if not (root / name).exists() or hash_file(root / name) != sha
        ]


class Trust:
    """How files looked when their hash was last taken: one that looks the same is the same.

    As git's index does it: a file with the size and the time of change that were noted is not
    read again. Whoever sets a time back deceives it; `beanclear doctor` hashes every file.
    """

    def __init__(self, root: Path, notes: Path | None = None) -> None:
        """Files are named below `root`; `notes` is where their looks stand, else a file of it."""
        self._root = root
        self._notes = notes or root / _TRUSTED

    def remember(self, files: Mapping[str, str]) -> None:
        """Note how these files look, which have these hashes."""
        seen = {name: [*self._look(name), sha] for name, sha in files.items()}
        write_atomically(self._notes, to_json(seen))

    def holds(self, files: Mapping[str, str]) -> bool:
        """Whether each file has its hash; what was hashed for that is noted."""
        doubtful = self._doubtful(files)
        if self._wrong(files, doubtful):
            return False
        if doubtful:
            self.remember(files)
        return True

    def changed(self, files: Mapping[str, str]) -> list[str]:
        """Files that do not have their hash, sorted; nothing is noted."""
        return self._wrong(files, self._doubtful(files))

    def _doubtful(self, files: Mapping[str, str]) -> list[str]:
        known = read_json(self._notes)
        known = known if isinstance(known, dict) else {}
        return [name for name, sha in files.items() if known.get(name) != [*self._look(name), sha]]

    def _wrong(self, files: Mapping[str, str], names: Iterable[str]) -> list[str]:
        return sorted(name for name in names if hash_file(self._root / name) != files[name])

    def _look(self, name: str) -> tuple[int, int, int]:
        found = (self._root / name).stat()
        return found.st_size, found.st_mtime_ns, found.st_ino


def _there(root: Path) -> set[str]:
    """Every file in the folders of the stages, but for what is being written."""
    return {
        path.relative_to(root).as_posix()
        for stage in STAGES
        for path in (root / stage).rglob("*")
        if path.suffix in {".parquet", ".ids"}
    }


def _readable(path: Path) -> bool:
    try:
        return bool(pq.read_schema(path).equals(SCHEMA))
    except (OSError, pa.ArrowException):
        return False
