"""Two engines held against each other: the same tables, columns, rows and text."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beanclear.cli.bookkeeping import Bookkeeper
from beanclear.ledger import config as configuration
from beanclear.ledger import documents
from beanclear.ledger.books import Books
from beanclear.ledger.store import RecordStore

if TYPE_CHECKING:
    from beanclear.ledger.sql import Connection
    from beanclear.matching.spark_records import SparkRecords

Lake = Callable[[Path], "SparkRecords"]
Table = tuple[list[str], Counter[tuple[Any, ...]]]
# Each step that the issue names must be among what is compared.
STEPS = {
    "order_states", "order_aliases", "wallet_lines", "order_money", "claims", "order_events",
    "recognitions", "unknown_orders", "legs", "counters", "postings", "bank_lines", "all_legs",
    "groups", "bases", "repeats", "standings", "fees_charged", "variances", "links", "hints",
    "policies", "dues",
}  # fmt: skip
# The records themselves, and which of them the store does not book: a lake has that its own way.
OF_THE_STORE = {"records", "held_records", "not_booked"}


@contextmanager
def both(books: Books, lake: Lake) -> Iterator[tuple[Bookkeeper, Bookkeeper]]:
    """The store of these books, posted and linked by DuckDB and by Spark."""
    config = configuration.load(books.config)
    index = documents.read_index(books.index)
    with (
        Bookkeeper(books, RecordStore(books), config, index) as duckdb,
        Bookkeeper(books, lake(books.records), config, index) as spark,
    ):
        yield duckdb, spark


def names(con: Connection) -> set[str]:
    """All tables and views of a DuckDB connection but what its store has."""
    rows = con.execute("SELECT table_name FROM information_schema.tables").fetchall()
    return {name for (name,) in rows} - OF_THE_STORE


def contents(con: Connection, name: str) -> Table:
    """The columns of a table, and how often each row is in it."""
    found = con.execute(f'SELECT * FROM "{name}"')
    columns = [column[0] for column in found.description]
    return columns, Counter(tuple(map(_value, row)) for row in found.fetchall())


def _value(value: object) -> object:
    """Engines name the same zone differently."""
    return value.timestamp() if isinstance(value, datetime.datetime) else value


def different(duckdb: Bookkeeper, spark: Bookkeeper) -> dict[str, Any]:
    """Table → what only one of them has; empty when all rows are equal."""
    found = {}
    for name in sorted(names(duckdb.con)):
        columns, rows = contents(duckdb.con, name)
        other_columns, other_rows = contents(spark.con, name)
        if (columns, rows) != (other_columns, other_rows):
            only, other = list(rows - other_rows), list(other_rows - rows)
            found[name] = (columns, other_columns, only[:3], other[:3])
    return found
