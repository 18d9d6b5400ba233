"""Taking up what the last computation left, and leaving it for the next: see `ledger.settled`.

`resume` gives a connection whose `records` are those that can change: the live ones, the new ones,
and all of settled orders that a new record or decision names. What those orders had posted is
computed from their old records alone and taken off the sums. `remember` splits the records of a
finished computation anew.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from beanclear.ledger import settled_sql
from beanclear.ledger.config import Config
from beanclear.ledger.database import listed
from beanclear.ledger.posting.carried import COUNTS, FEEDS, NAMES, OPENINGS, ORIGINS, SUMS, carry
from beanclear.ledger.posting.inputs import table
from beanclear.ledger.posting.post import post
from beanclear.ledger.settled import LIVE, Basis, History, begin, parts_of, write
from beanclear.ledger.settled_facts import facts
from beanclear.ledger.settled_index import BLOCK, Ids, Index, Numbers
from beanclear.ledger.settled_parts import (
    compare,
    keep,
    old_file,
    outdated,
    with_settled,
    without_gone,
)
from beanclear.ledger.statement_rows import StatementRow
from beanclear.ledger.store import RecordStore, typed
from beanclear.ledger.store_parts import document_of, month_of

_ROUNDS: Final = 20
# A new history is written when so many times what is new is more than what was live, and than the
# part of the index that takes as long to write.
_WORN: Final = 1
_INDEXED: Final = 8


class StaleError(Exception):
    """What was kept does not speak for these books any more: compute in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a computation is made under.

    Attributes:
      statements: of the store.
      moved: lines of suspense and transit accounts that an accountant decided on.
    """

    statements: Sequence[StatementRow]
    config: Config
    moved: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """What an incremental computation begins with.

    Attributes:
      con: a connection whose `records` can change.
      sums: what all other orders posted, for `prepare`.
      touched: the orders that were settled and are not any more.
      fresh_rows: how many records are not live ones of `history`.
    """

    con: duckdb.DuckDBPyConnection
    sums: Mapping[str, Any]
    history: History
    touched: Numbers
    fresh_rows: int


def contested(statements: Iterable[StatementRow]) -> bool:
    """Whether a wallet has two formats, or a statement without days."""
    ranks: dict[tuple[str, str], int] = {}
    for row in statements:
        if row.stage == "wallet" and (
            row.span is None or ranks.setdefault((row.source, row.account), row.rank) != row.rank
        ):
            return True
    return False


def resume(store: RecordStore, history: History, policy: Policy, keys: Sequence[str]) -> Working:
    """Records and sums for an incremental computation; `keys` name what decisions are about.

    Raises:
      StaleError: when only a full computation is right.
    """
    change = compare(history.home, store.root, history.basis.parts, parts_of(store.root))
    if change is None or contested(policy.statements) or store.differences():
        raise StaleError
    files = list(change.fresh)
    con = store.connect(files=[*files, history.live])
    try:
        if change.before and not outdated(con, change, history.live):
            raise StaleError
        ids = _ids(con, files, keys, old=bool(change.before))
        touched, named = history.index.touched(ids)
        rows = _count(con, files)
        sums = history.sums
        if len(touched) or change.before:
            carry(con, sums)
            con.execute(ORIGINS)
            gone = con.sql("SELECT * FROM gone_settled").to_arrow_table() if change.before else None
            again, share = _again(
                store, history, policy, (touched, named), _origins(con), gone=gone
            )
            con.register("again", again)
            con.execute(_working(files, history.live, replaced=bool(change.before)))
            rows += again.num_rows
            sums = {name: less(con, name, sums[name], share[name]) for name in NAMES}
    except BaseException:
        con.close()
        raise
    return Working(con=con, sums=sums, history=history, touched=touched, fresh_rows=rows)


def _working(files: list[Path], live: Path, *, replaced: bool) -> str:
    """The view of what can change: new and live records, and the old ones that can again."""
    parts = [f"read_parquet({listed([live])}, hive_partitioning = false)", "again"]
    queries = [without_gone(part) if replaced else f"SELECT * FROM {part}" for part in parts]
    if files:
        queries.append(f"SELECT * FROM read_parquet({listed(files)}, hive_partitioning = false)")
    source = typed(f"({' UNION ALL BY NAME '.join(queries)})")
    return f"CREATE OR REPLACE TEMP VIEW records AS {source}"


def _ids(
    con: duckdb.DuckDBPyConnection, files: list[Path], keys: Sequence[str], *, old: bool
) -> Ids:
    """Hashes of everything that new records and decisions name, sorted."""
    found = [np.empty(0, np.uint64)]
    if files:
        con.execute(
            "CREATE OR REPLACE TEMP VIEW fresh_records AS SELECT * FROM"
            f" read_parquet({listed(files)}, hive_partitioning = false)"
        )
        found.append(_column(con, settled_sql.ids_of("fresh_records"), "id"))
    if old:
        found.append(_column(con, settled_sql.ids_of("gone"), "id"))
    con.register("named", pa.table({"key": pa.array(list(keys), pa.string())}))
    found.append(_column(con, "SELECT hash(key) AS id FROM named", "id"))
    con.unregister("named")
    return np.unique(np.concatenate(found))


def _count(con: duckdb.DuckDBPyConnection, files: list[Path]) -> int:
    rows = con.execute("SELECT count(*) FROM fresh_records").fetchone() if files else None
    return int(rows[0]) if rows else 0


def _column(con: duckdb.DuckDBPyConnection, query: str, name: str) -> Any:  # noqa: ANN401 - of any type
    return con.sql(query).to_arrow_table().column(name).to_numpy()


def _origins(con: duckdb.DuckDBPyConnection) -> pa.Table:
    return con.sql("SELECT * FROM origins").to_arrow_table()


def _again(
    store: RecordStore,
    history: History,
    policy: Policy,
    touched: tuple[Numbers, Ids],
    origins: pa.Table,
    *,
    gone: pa.Table | None,
) -> tuple[pa.Table, dict[str, pa.Table]]:
    """The old records of settled orders that are settled no more, and what they had posted.

    `gone` are old records of no live order that stand no more.
    """
    orders, ids = touched
    places = {history.places[number] for number in history.index.parts_of(orders)}
    now = parts_of(store.root)
    files = [
        old_file(history.home, store.root, name, same=now.get(name) == sha)
        for name, sha in history.basis.parts.items()
        if (document_of(name), month_of(name)) in places and not name.startswith("bank/")
    ]
    with store.connect(files=files) as side:
        side.register("touched_ids", pa.table({"id": ids}))
        query = settled_sql.records_with("touched_ids")
        if gone is not None:
            side.register("gone_settled", gone)
            query = with_settled(query)
        side.execute(f"CREATE TEMP TABLE again AS {query}")
        side.execute("CREATE OR REPLACE TEMP VIEW records AS SELECT * FROM again")
        again = side.sql("SELECT * FROM again").to_arrow_table()
        return again, share_of(side, policy, origins)


def share_of(
    con: duckdb.DuckDBPyConnection, policy: Policy, origins: pa.Table
) -> dict[str, pa.Table]:
    """What the records of a connection post by themselves; `origins` are those of all records."""
    post(con, policy.statements, policy.config, policy.moved, {"settled_origins": origins})
    con.execute(FEEDS)
    con.execute(COUNTS)
    queries = {
        "settled_origins": "SELECT * FROM own_origins",
        "settled_postings": "SELECT * FROM postings",
        "settled_feeds": "SELECT * FROM wallet_feeds",
        "settled_closed": settled_sql.CLOSED,
        "settled_counts": "SELECT * FROM counts",
        "settled_openings": OPENINGS,
    }
    return {name: con.sql(query).to_arrow_table() for name, query in queries.items()}


def less(con: duckdb.DuckDBPyConnection, name: str, whole: pa.Table, part: pa.Table) -> pa.Table:
    """The sums of `whole` without those of `part`.

    Raises:
      StaleError: when `part` cannot be in it.
    """
    names = [column.split()[0] for column in NAMES[name].split(", ")]
    sums = [column.split()[0] for column in SUMS[name].split(", ")]
    listed_names = ", ".join(names)
    taken = ", ".join(f"CAST(sum({one}) AS BIGINT) AS {one}" for one in sums)
    minus = ", ".join(f"-{one} AS {one}" for one in sums)
    con.register("whole", whole.select([*names, *sums]))
    con.register("part", part.select([*names, *sums]))
    rest = con.sql(
        f"SELECT {listed_names}, {taken} FROM (SELECT * FROM whole"
        f" UNION ALL SELECT {listed_names}, {minus} FROM part)"
        f" GROUP BY {listed_names} HAVING {' OR '.join(f'sum({one}) <> 0' for one in sums)}"
    ).to_arrow_table()
    con.unregister("whole")
    con.unregister("part")
    counts = rest.column(sums[-1]).to_numpy()
    if (counts <= 0).any():
        raise StaleError
    return rest


def worn(working: Working) -> bool:
    """Whether so much has come that a new history is worth writing."""
    history = working.history
    return working.fresh_rows * _WORN > history.live_rows + len(history.index.ids) // _INDEXED


def remember(
    con: duckdb.DuckDBPyConnection,
    store: RecordStore,
    policy: Policy,
    program: str,
    *,
    as_of: Mapping[str, tuple[datetime.date, str | None]],
    disputed: Iterable[str],
    working: Working | None,
) -> bool:
    """Leave a history for the next computation; false when this one allows none.

    `con` has the tables of a computation that was just reconciled at `as_of`; `disputed` are
    trades of which two sources say different things.
    """
    parts = parts_of(store.root)
    if contested(policy.statements) or not _all_booked(con):
        return False
    before = working.history if working else None
    places = list(before.places) if before else []
    known = set(places)
    places += sorted({(document_of(name), month_of(name)) for name in parts} - known)
    if not _split(con, places, disputed):
        return False
    home = begin(store.root)
    target = str(home / LIVE).replace("'", "''")
    con.execute(settled_sql.LIVE)
    con.execute(f"COPY live_records TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    rows = con.execute("SELECT count(*) FROM live_records").fetchall()[0][0]
    con.execute("DROP TABLE live_records")
    with store.connect(files=[home / LIVE]) as side:
        live = share_of(side, policy, _origins(con))
    kept = before.index.without(working.touched) if before and working else Index.empty()
    keep(home, store.root, parts)
    write(
        home,
        History(
            home=home,
            basis=Basis(program=program, parts=parts, facts=facts(con)),
            as_of={
                account: day
                for account, (day, awaiting) in as_of.items()
                if account.startswith("Assets:Receivable:") and awaiting is None
            },
            places=tuple(places),
            live=home / LIVE,
            live_rows=rows,
            sums=_sums(con, live),
            index=kept.joined(_index(con, kept.next_family)),
        ),
    )
    return True


def _all_booked(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether every wallet line is booked: one that is not could be, by a later statement."""
    held, booked = con.execute(
        "SELECT (SELECT coalesce(sum(lines), 0) FROM own_origins WHERE stage = 'wallet'),"
        " (SELECT count(*) FROM wallet_lines)"
        " - (SELECT count(*) FROM split_lines WHERE place > 1)"
    ).fetchall()[0]
    return bool(held == booked)


def _split(
    con: duckdb.DuckDBPyConnection, places: Sequence[tuple[str, str]], disputed: Iterable[str]
) -> bool:
    """Make `settled_keys` and `row_ids`; false when they do not come apart."""
    table(con, "disputed", "trade_id VARCHAR", [(trade,) for trade in disputed])
    table(
        con,
        "old_parts",
        "document VARCHAR, month INTEGER, part INTEGER",
        [
            (document, 12 * int(month[:4]) + int(month[5:]), number)
            for number, (document, month) in enumerate(places)
        ],
    )
    con.execute(settled_sql.UNSETTLED)
    con.execute(settled_sql.KEYS)
    con.execute(settled_sql.ROW_IDS)
    for _round in range(_ROUNDS):
        con.execute(settled_sql.SHARED)
        if not con.execute("SELECT count(*) FROM shared").fetchall()[0][0]:
            return True
        con.execute(settled_sql.UNSETTLE)
    return False


def _sums(con: duckdb.DuckDBPyConnection, live: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """What all orders posted but for the live ones."""
    whole = {
        "settled_origins": "SELECT * FROM origins",
        "settled_postings": "SELECT * FROM postings",
        "settled_feeds": "SELECT * FROM wallet_feeds",
        "settled_counts": "SELECT * FROM counts",
        "settled_openings": f"SELECT * FROM settled_openings UNION ALL {OPENINGS}",
    }
    sums = {
        name: less(con, name, con.sql(query).to_arrow_table(), live[name])
        for name, query in whole.items()
    }
    sums["settled_closed"] = con.sql(
        "SELECT account, currency, CAST(sum(debits) AS BIGINT) AS debits,"
        " CAST(sum(orders) AS BIGINT) AS orders"
        f" FROM (SELECT * FROM settled_closed UNION ALL {settled_sql.CLOSED_NOW})"
        " GROUP BY account, currency"
    ).to_arrow_table()
    return sums


def _index(con: duckdb.DuckDBPyConnection, first: int) -> Index:
    """The ids of the orders that this computation settled, numbered from `first` on."""
    ids = con.sql(
        "SELECT DISTINCT id, family FROM row_ids WHERE family IS NOT NULL"
    ).to_arrow_table()
    parts = con.sql("SELECT block, part FROM block_parts").to_arrow_table()
    return Index.make(
        ids.column("id").to_numpy(),
        ids.column("family").to_numpy() + np.int32(first),
        parts.column("block").to_numpy() + np.int32(first // BLOCK),
        parts.column("part").to_numpy(),
    )
