"""What a computation leaves for the next: the records that can still change, and sums of the rest.

    records/settled/state.json            what it was made from; written last
    records/settled/<name>/_live.parquet  the records that can still change
    records/settled/<name>/<table>.arrow  the sums of `beanclear.ledger.posting.carried`
    records/settled/<name>/*.npy          the ids of settled orders (`settled_index`)
    records/settled/<name>/parts/         parts of the store as they were (`settled_parts`)

A cache of `documents/`, as the records are: whoever finds it stale computes in full. It speaks for
the next run only while all of these are what they were when it was made:

| what | because |
|---|---|
| version of the program and of its libraries, its code | they say what an order posts |
| beanclear.toml as it is in force, options of the command included | rules, rates, recognition |
| accounts.beancount | clearing accounts and their policy |
| parts of the record store, but for lines that gave way to a better one | no record comes back |
| platforms, the first day of each order source and wallet, the opening day | openings |
| one format for each wallet | of two, the better one of each day is booked |
| the first line of each bucket of old orders, matches of buckets | of a bucket a sum is kept |
| no as-of date earlier than it was, none that waits for a side | settled was said of that day |

New records and decisions that name a settled order do not make it stale: the order is read again.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from beanclear.ledger.books import write_atomically
from beanclear.ledger.documents import hash_file
from beanclear.ledger.posting import carried
from beanclear.ledger.settled_index import Index
from beanclear.ledger.store_state import Manifest, to_json, version

_FORMAT: Final = 2
_STATE: Final = "state.json"
LIVE: Final = "_live.parquet"  # readers of a lake skip such names


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the sums of settled orders hold for.

    Attributes:
      program: hash of everything that says how records are booked.
      parts: file of the record store → its SHA-256.
      facts: what posting reads of all records at once, as JSON values.
    """

    program: str
    parts: Mapping[str, str]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The settled orders of earlier runs.

    Attributes:
      basis: what it was made from.
      home: the folder it lies in.
      as_of: clearing account → the date at which its orders were settled.
      places: of each part that `index` numbers the document and the month.
      live: the Parquet file of records that can still change; `live_rows`: how many.
      sums: the tables of `beanclear.ledger.posting.carried`.
    """

    basis: Basis
    home: Path
    as_of: Mapping[str, datetime.date]
    places: tuple[tuple[str, str], ...]
    live: Path
    live_rows: int
    sums: Mapping[str, Any]
    index: Index


def program(folders: Iterable[Path], *texts: str) -> str:
    """A hash of this version, of the code in `folders` and of `texts`: how records are booked."""
    found = hashlib.sha256(f"{_FORMAT}/{version()}".encode())
    for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
        found.update(b"\0" + path.read_bytes())
    for text in texts:
        found.update(b"\0" + text.encode())
    return found.hexdigest()


def parts_of(records: Path) -> dict[str, str]:
    """The Parquet files of a record store with their hashes."""
    manifest = Manifest.read(records / "manifest.json")
    if manifest is None:
        return {}
    return {name: sha for name, sha in manifest.files.items() if name.endswith(".parquet")}


def read(records: Path) -> History | None:
    """What the last computation left; none when there is nothing whole."""
    folder = records / "settled"
    try:
        state = json.loads((folder / _STATE).read_text("utf-8"))
        home = folder / state["name"]
        if state["hashes"] != _hashes(home):
            return None
        return History(
            basis=Basis(program=state["program"], parts=state["parts"], facts=state["facts"]),
            home=home,
            as_of={
                account: datetime.date.fromisoformat(day) for account, day in state["as_of"].items()
            },
            places=tuple((document, month) for document, month in state["places"]),
            live=home / LIVE,
            live_rows=state["live_rows"],
            sums={name: _load(home / f"{name}.arrow") for name in carried.NAMES},
            index=Index.read(home),
        )
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return None


def begin(records: Path) -> Path:
    """A new empty folder for `write`; the live records go into it first."""
    folder = records / "settled" / secrets.token_hex(8)
    folder.mkdir(parents=True)
    return folder


def write(home: Path, history: History) -> None:
    """Keep `history`, whose live records lie in `home` already, and forget every other."""
    for name, table in history.sums.items():
        _save(home / f"{name}.arrow", table)
    history.index.write(home)
    state = {
        "name": home.name,
        "program": history.basis.program,
        "parts": dict(history.basis.parts),
        "facts": dict(history.basis.facts),
        "as_of": {account: day.isoformat() for account, day in history.as_of.items()},
        "places": [list(place) for place in history.places],
        "live_rows": history.live_rows,
        "hashes": _hashes(home),
    }
    write_atomically(home.parent / _STATE, to_json(state))
    tidy(home.parent, keep=home.name)


def forget(records: Path) -> None:
    """Let the next computation be a full one."""
    shutil.rmtree(records / "settled", ignore_errors=True)


def tidy(folder: Path, keep: str) -> None:
    """Remove what no state names."""
    for path in folder.iterdir():
        if path.is_dir() and path.name != keep:
            shutil.rmtree(path, ignore_errors=True)


def _hashes(home: Path) -> dict[str, str]:
    """The SHA-256 of each file: a bit that flips would be a wrong sum, or end the process."""
    return {path.name: hash_file(path) for path in sorted(home.iterdir()) if path.is_file()}


def damaged(records: Path) -> bool:
    """Whether there is a history that is not what was written."""
    return (records / "settled" / _STATE).exists() and read(records) is None


def _save(path: Path, table: pa.Table) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _load(path: Path) -> pa.Table:
    with pa.OSFile(str(path), "rb") as source:
        return pa.ipc.open_file(source).read_all()
