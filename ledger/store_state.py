"""What the record store says of itself: the manifest, and JSON that is the same every time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from beanclear.ledger.documents import hash_file
from beanclear.ledger.tables import SCHEMA

_FORMAT = 1


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
    """What the bytes of a store depend on besides documents: its format and the importers."""
    return f"{_FORMAT}/{metadata.version('beanclear')}/pyarrow {pa.__version__}"


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
        """Whether the Parquet files on disk are the ones that were written."""
        there = {path.relative_to(root).as_posix() for path in root.rglob("*.parquet")}
        sure = {name: sha for name, sha in self.files.items() if name not in self.unfinished}
        if not sure.keys() <= there <= sure.keys() | self.unfinished:
            return False
        if not self.unfinished_documents and any(
            not (root / name).exists() or hash_file(root / name) != sha
            for name, sha in self.notes.items()
        ):
            return False
        return all(hash_file(root / name) == sha for name, sha in sure.items()) and all(
            _readable(root / name) for name in there & self.unfinished
        )


def _readable(path: Path) -> bool:
    try:
        return bool(pq.read_schema(path).equals(SCHEMA))
    except (OSError, pa.ArrowException):
        return False
