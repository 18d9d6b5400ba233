"""What posting and matching need of an engine and of records: what DuckDB and Spark share.

The texts are DuckDB's dialect. A DuckDB connection has this surface as it is;
`beanclear.matching.spark` gives it to a Spark session and translates the texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import duckdb

if TYPE_CHECKING:
    from beanclear.ledger.errors import Fault
    from beanclear.ledger.statement_rows import StatementRow


class Result(Protocol):
    """The rows of the last query."""

    @property
    def description(self) -> Any:  # noqa: ANN401 - the DB-API leaves its type open
        """One tuple per column; its first element is the name."""

    def fetchall(self) -> list[Any]:
        """All rows that were not read yet, as tuples."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""


class Connection(Protocol):
    """An engine with temporary tables, and a view `records` typed as `ledger.tables.SCHEMA`."""

    def execute(self, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ...) -> Result:
        """Run statements, separated by semicolons; `?`, `$1` or `$name` stand for parameters."""

    def register(self, name: str, rows: Any) -> object:  # noqa: ANN401 - pyarrow has no types
        """Make an Arrow table a view."""

    def unregister(self, name: str) -> object:
        """Forget a view; what was made from it stays."""

    def close(self) -> None:
        """Let go of all tables."""


@cache
def _parsed(text: str) -> list[duckdb.Statement]:
    return duckdb.extract_statements(text)


def run(con: Connection, text: str) -> Result:
    """Execute a constant text: reading one takes DuckDB a quarter of what a small book takes.

    A process reads each text once, however often it computes: the desk does at every page.
    """
    if not isinstance(con, duckdb.DuckDBPyConnection):
        return con.execute(text)
    result: Result = con
    for statement in _parsed(text):
        result = con.execute(statement)
    return result


class Records(Protocol):
    """Records that can be booked: the books' own store, or a lake."""

    def statements(self) -> list[StatementRow]:
        """What is known of each held statement, sorted by content."""

    def conflicts(self) -> tuple[Fault, ...]:
        """One fault for every row that contradicts the booked row of its id."""

    def connect(self) -> Connection:
        """An engine with the view `records` of all rows; the caller closes it."""
