"""The index of traces: `records/trace/`, a cache that answers for one key without the others.

    base/         every chain there was when a computation looked at all records
    delta/        the chains that could change since, as they are now
    state.json    what they were made from; written last

A computation that takes up what an earlier one settled (`beanclear.ledger.settled`) sees only what
can change. While that history is the one the base was made beside, the chains it does not see are
those of the base, and a delta is enough; a bucket has chains in both, and how it stands is in the
delta. Neither DuckDB nor the store is opened for a lookup.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from beanclear.cli import trace_part
from beanclear.cli.trace_part import Part, Row
from beanclear.cli.trace_sql import BUCKETS, STANDING, STEPS
from beanclear.ledger.books import Books, write_atomically

if TYPE_CHECKING:
    import duckdb

    from beanclear.ledger.reconciliation import Item

_FORMAT: Final = 2
# Folders whose content the fingerprint takes from elsewhere, or that a run derives.
_LEFT_OUT: Final = frozenset({"documents", "inbox", "records", "journal", "reconciliation"})
_BASE, _DELTA = "base", "delta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a computation knows besides its tables.

    Attributes:
      items: what it found open.
      files: document → the name of its file.
      places: where the accountants' words stand, as `beanclear.cli.trace_words` names them.
      as_of: clearing account → the date at which it was judged.
      history: the name of the history that holds for it; empty without one.
    """

    items: Sequence[Item]
    files: Mapping[str, str]
    places: Mapping[str, str]
    as_of: Mapping[str, datetime.date]
    history: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The chains of the books, to be asked for a key.

    Attributes:
      parts: the later first.
      files, places, as_of: see `Known`.
    """

    parts: Sequence[Part]
    files: Mapping[str, str]
    places: Mapping[str, str]
    as_of: Mapping[str, datetime.date]

    def find(self, *names: str) -> list[list[Row]]:
        """The rows of each chain that one of these keys names."""
        wanted = frozenset(names)
        found: list[list[Row]] = []
        groups: set[tuple[str, ...]] = set()
        lines: set[tuple[str, int, str]] = set()
        for part in self.parts:
            chains = [
                left
                for rows in part.find(wanted)
                if _group(rows[0]) not in groups
                and (left := _untold(rows, lines))
                and (part is self.parts[0] or self._stands(left))
            ]
            found += chains
            groups.update(
                _group(rows[0]) for rows in chains if rows[0]["grp"] not in {None, *BUCKETS}
            )
            lines.update(line_of(row) for rows in chains for row in rows if row["document"])
        return found

    def _stands(self, rows: list[Row]) -> bool:
        """Whether a chain of the base is still in its bucket, which stands as the delta has it."""
        if rows[0]["grp"] not in BUCKETS:
            return True
        delta, group = self.parts[0], _group(rows[0])
        for leg in (row for row in rows if row["posted"] is not None):
            again = (row for found in delta.find({leg["record_id"]}) for row in found)
            if not leg["document"] or any(line_of(row) == line_of(leg) for row in again):
                return False  # decisions are all in the delta
        now = next((some[0] for some in delta.find({group[-1]}) if _group(some[0]) == group), {})
        for row in rows:
            row.update({name: now[name] for name in STANDING if now})
        return True


def _group(row: Row) -> tuple[str, ...]:
    return row["clearing_account"], row["clearing_currency"], row["grp"]


def _untold(rows: list[Row], lines: set[tuple[str, int, str]]) -> list[Row]:
    """What a later part does not tell of a chain; nothing of a group of which it tells a leg."""
    if any(row["posted"] is not None and line_of(row) in lines for row in rows):
        return []
    return [row for row in rows if row["posted"] is not None or line_of(row) not in lines]


def line_of(row: Row) -> tuple[str, int, str]:
    """What tells a line from all others; decisions have no document."""
    return row["document"], row["row"], row["record_id"] or f"{row['day']} {row['leg_key']}"


def fingerprint(books: Books) -> str:
    """What a trace depends on: the store's list of what it holds, and the owner's own files."""
    digest = hashlib.sha256(f"{_FORMAT}".encode())
    own = (
        path
        for top in sorted(books.root.iterdir())
        if top.name not in _LEFT_OUT and not top.name.startswith(".")
        for path in (sorted(top.rglob("*")) if top.is_dir() else [top])
    )
    for path in (books.records / "manifest.json", *own):
        if path.is_file():
            name = path.relative_to(books.root).as_posix()
            digest.update(name.encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _folder(books: Books) -> Path:
    return books.records / "trace"


def _state(books: Books) -> dict[str, Any]:
    try:
        state = json.loads((_folder(books) / "state.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) and state.get("format") == _FORMAT else {}


def load(books: Books) -> Index | None:
    """The index on disk; none when there is none, or something changed since it was made."""
    state = _state(books)
    if not state or state["of"] != fingerprint(books):
        return None
    try:
        return _opened(_folder(books), state)
    except (OSError, ValueError, pa.ArrowException):
        return None


def has_base(books: Books, history: str) -> bool:
    """Whether a delta is enough for a computation that took up `history`."""
    state = _state(books)
    if not history or state.get("history") != history:
        return False
    try:
        Part.read(_folder(books) / _BASE)
    except (OSError, ValueError, pa.ArrowException):
        return False
    return True


def _opened(folder: Path, state: Mapping[str, Any]) -> Index:
    return Index(
        parts=[Part.read(folder / name) for name in state["parts"]],
        files=state["files"],
        places=state["places"],
        as_of={
            account: datetime.date.fromisoformat(day) for account, day in state["as_of"].items()
        },
    )


def build(
    books: Books, con: duckdb.DuckDBPyConnection, known: Known, *, delta: bool = False
) -> Index:
    """Make the index, or its delta, from what a computation left on its connection.

    The caller holds the books' lock.
    """
    con.register("trace_items", _items(known.items))
    for step in STEPS:
        con.execute(step)
    folder = _folder(books)
    (folder / "state.json").unlink(missing_ok=True)
    name = _DELTA if delta else _BASE
    shutil.rmtree(folder / name if delta else folder, ignore_errors=True)
    (folder / name).mkdir(parents=True)
    trace_part.write(con, folder / name)
    state = {
        "format": _FORMAT,
        "of": fingerprint(books),
        "history": known.history,
        "parts": [_DELTA, _BASE] if delta else [_BASE],
        "files": dict(known.files),
        "places": dict(known.places),
        "as_of": {account: day.isoformat() for account, day in known.as_of.items()},
    }
    write_atomically(folder / "state.json", json.dumps(state, ensure_ascii=False))
    return _opened(folder, state)


def _items(items: Iterable[Item]) -> pa.Table:
    """The open items of each group in one cell."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for item in items:
        place = (item.account, item.currency, item.key)
        groups.setdefault(place, []).append(dataclasses.asdict(item))
    texts = [json.dumps(found, ensure_ascii=False, default=str) for found in groups.values()]
    columns = [*zip(*groups, strict=True)] if groups else [(), (), ()]
    names = ("account", "currency", "grp", "items")
    return pa.table(
        {
            name: pa.array(column, pa.string())
            for name, column in zip(names, [*columns, texts], strict=True)
        }
    )
