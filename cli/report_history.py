"""How reconciliation stood at each run: kept beside the books, for `report trends`.

The books are a function of documents and decisions; when somebody ran is neither, so it is no part
of them. Each run adds a line to `.beanclear/runs.tsv`, a folder that git ignores, and leaves what
was open in `.beanclear/open.tsv`, so that the next run knows which items are gone and how long
they had been open. A run costs the same however many there were. Without the files (another
machine, a fresh clone) the history begins anew.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Final

from beanclear.ledger.books import Books, write_atomically
from beanclear.ledger.reconciliation import Reconciliation
from beanclear.ledger.statements.trends import Run

_FOLDER: Final = ".beanclear"
_RUNS: Final = "runs.tsv"
_OPEN: Final = "open.tsv"
_LONGEST_LINE: Final = 1000  # bytes; two dates and seven numbers are far shorter
# Account, currency, key of an open item → the day of its event.
_Open = dict[tuple[str, str, str], datetime.date]


def remember(books: Books, found: Reconciliation, now: datetime.datetime) -> None:
    """Add a run to the history, unless it found what the run before it did.

    Nothing is noted either when no account can be judged yet.
    """
    if not found.states:
        return
    folder = books.root / _FOLDER
    before = _read_open(folder / _OPEN)
    as_of = {(state.account, state.currency): state.as_of for state in found.states}
    open_now = {(item.account, item.currency, item.key): item.date for item in found.items}
    latest = max(as_of.values())
    gone = {key: day for key, day in before.items() if key not in open_now}
    run = Run(
        at=now.replace(microsecond=0),
        as_of=latest,
        matched=sum(one.count for state in found.states for one in state.matched),
        in_transit=sum(state.in_transit_count for state in found.states),
        open_items=len(found.items),
        at_stake_minor=sum(item.at_stake_minor for item in found.items),
        new=sum(1 for key in open_now if key not in before),
        cleared=len(gone),
        days=sum((as_of.get(key[:2], latest) - day).days for key, day in gone.items()),
    )
    last = _run(_last_line(folder / _RUNS))
    if last is not None and run == replace(last, at=run.at, new=0, cleared=0, days=0):
        return
    folder.mkdir(exist_ok=True)
    with (folder / _RUNS).open("a", encoding="utf-8") as file:
        file.write("\t".join(_text(getattr(run, field.name)) for field in fields(Run)) + "\n")
    lines = ("\t".join((*key, day.isoformat())) for key, day in sorted(open_now.items()))
    write_atomically(folder / _OPEN, "".join(f"{line}\n" for line in lines))


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def _read_open(path: Path) -> _Open:
    found: _Open = {}
    for line in _lines(path):
        *key, day = line.split("\t")
        if len(key) == len(("account", "currency", "key")):
            found[key[0], key[1], key[2]] = datetime.date.fromisoformat(day)
    return found


def _lines(path: Path) -> Iterable[str]:
    try:
        return [line for line in path.read_text("utf-8").split("\n") if line]
    except FileNotFoundError:
        return ()


def _last_line(path: Path) -> str:
    """Read from the end, so that it costs the same however long the history is."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(file.tell() - _LONGEST_LINE, 0))
            return file.read().decode("utf-8", "replace").rstrip("\n").rpartition("\n")[2]
    except FileNotFoundError:
        return ""


def _run(line: str) -> Run | None:
    """The run of a line; none of one that a crash cut off."""
    values = line.split("\t")
    if len(values) != len(fields(Run)):
        return None
    at, as_of, *counts = values
    numbers = dict(zip((one.name for one in fields(Run)[2:]), map(int, counts), strict=True))
    return Run(
        at=datetime.datetime.fromisoformat(at),
        as_of=datetime.date.fromisoformat(as_of),
        **numbers,
    )


def history(books: Books) -> list[Run]:
    """The runs that are known, first to last; a line that a crash cut off is left out."""
    found = (_run(line) for line in _lines(books.root / _FOLDER / _RUNS))
    return [run for run in found if run is not None]
