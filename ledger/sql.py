"""What the posting and matching SQL needs of an engine: the little that DuckDB and Spark share.

The texts are DuckDB's dialect. A DuckDB connection has this surface as it is;
`beanclear.matching.spark` gives it to a Spark session and translates the texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


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

    def executemany(self, query: str, parameters: Sequence[Sequence[Any]]) -> object:
        """Run one statement for each row of parameters."""

    def register(self, name: str, rows: Any) -> object:  # noqa: ANN401 - pyarrow has no types
        """Make an Arrow table a view."""

    def unregister(self, name: str) -> object:
        """Forget a view; what was made from it stays."""

    def close(self) -> None:
        """Let go of all tables."""
