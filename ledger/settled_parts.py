"""Parts of the record store as they were: what a better row of the same line has taken out.

A line that two documents hold stands once in the store. When a new document has the better row,
the part of the old one is written again without it. The parts of lines that a history was made
from are therefore kept beside it, as second names of the same files: that costs nothing until the
store writes such a part anew, and then no more than that part.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from beanclear.ledger.database import listed
from beanclear.ledger.documents import hash_file

_FOLDER: Final = "parts"
_KEY: Final = ("stage", "source", "account", "shop", "record_id", "document", '"row"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How the parts of a store differ from those of a history.

    Attributes:
      fresh: files of new parts.
      before: old parts that were written anew or taken away, as they were.
      after: the same as they are, where they are.
    """

    fresh: tuple[Path, ...]
    before: tuple[Path, ...]
    after: tuple[Path, ...]


def keep(home: Path, root: Path, names: Iterable[str]) -> None:
    """Give these parts of the store at `root` a second name below `home`, where that goes."""
    folder = home / _FOLDER
    folder.mkdir()
    for name in names:
        if not name.startswith("order/"):  # snapshots stay as they are
            try:
                os.link(root / name, folder / _kept(name))
            except OSError:
                return


def _kept(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest() + ".kept"


def old_file(home: Path, root: Path, name: str, *, same: bool) -> Path:
    """Where the rows lie that a part had when the history was made."""
    return root / name if same else home / _FOLDER / _kept(name)


def compare(
    home: Path, root: Path, old: Mapping[str, str], new: Mapping[str, str]
) -> Change | None:
    """What changed since `old`; none when a part is gone whose rows nobody kept whole."""
    changed = sorted(name for name, sha in old.items() if new.get(name) != sha)
    before = [old_file(home, root, name, same=False) for name in changed]
    for name, path in zip(changed, before, strict=True):
        if not path.is_file() or hash_file(path) != old[name]:
            return None
    return Change(
        fresh=tuple(root / name for name in sorted(new.keys() - old.keys())),
        before=tuple(before),
        after=tuple(root / name for name in changed if name in new),
    )


def outdated(con: duckdb.DuckDBPyConnection, change: Change, live: Path) -> bool:
    """Make `gone`, the rows that stand no more, and `gone_settled`, those that were not live.

    False when a part has a row that it did not have: then nobody knows what else is new.
    """
    con.execute(f"CREATE TEMP TABLE before AS SELECT * FROM {_rows(change.before)}")
    join = " AND ".join(f"a.{name} = b.{name}" for name in _KEY)
    if change.after:
        con.execute(f"CREATE TEMP TABLE after AS SELECT * FROM {_rows(change.after)}")
    else:
        con.execute("CREATE TEMP TABLE after AS SELECT * FROM before WHERE false")
    con.execute(f"CREATE TEMP TABLE gone AS SELECT b.* FROM before b ANTI JOIN after a ON {join}")
    con.execute(
        "CREATE TEMP TABLE gone_settled AS SELECT b.* FROM gone b"
        f" ANTI JOIN {_rows([live])} a ON {join}"
    )
    more = con.execute(f"SELECT count(*) FROM after a ANTI JOIN before b ON {join}").fetchall()
    con.execute("DROP TABLE before; DROP TABLE after")
    return not more[0][0]


def without_gone(table: str) -> str:
    """A query for the rows of `table` that still stand."""
    join = " AND ".join(f"g.{name} = t.{name}" for name in _KEY)
    return f"SELECT t.* FROM {table} t ANTI JOIN gone g ON {join}"


def with_settled(query: str) -> str:
    """The rows of `query` and of `gone_settled`, each once."""
    join = " AND ".join(f"q.{name} = g.{name}" for name in _KEY)
    return (
        f"WITH q AS ({query}) SELECT * FROM q"
        f" UNION ALL BY NAME SELECT g.* FROM gone_settled g ANTI JOIN q ON {join}"
    )


def _rows(files: Iterable[Path]) -> str:
    return f"read_parquet({listed(list(files))}, hive_partitioning = false)"
