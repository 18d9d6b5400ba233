"""DuckDB as books use it: in memory up to a limit, beyond it on disk inside the books."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import duckdb

from beanclear.ledger.errors import UsageError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.records import ZONE

# How much one computation may hold before it spills; `BEANCLEAR_MEMORY` sets another, as `2GiB`.
MEMORY_LIMIT = "1GiB"
_MEMORY = "BEANCLEAR_MEMORY"
_THREADS = 4


def open_database(spill: Path, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """An empty database in memory; the caller closes it.

    Args:
      spill: the folder for what exceeds the limit. DuckDB makes it when it is needed, and
        removes its files when the connection closes.
      threads: at most so many; by default one a core, four at most.
    """
    connection = duckdb.connect(":memory:")
    connection.execute(f"SET threads = {threads or min(_THREADS, os.cpu_count() or 1)}")
    connection.execute(f"SET TimeZone = '{ZONE}'")
    connection.execute("SET enable_progress_bar = false")
    # A join keeps in memory what stands on its right, as the queries are written: of Parquet under
    # a filter DuckDB guesses wrong which side is small, and then holds millions of wide rows.
    connection.execute("SET disabled_optimizers = 'build_side_probe_side'")
    # A dozen statements read the same files of records, of which books have one a month and more.
    connection.execute("SET parquet_metadata_cache = true")
    _limit(connection, os.environ.get(_MEMORY) or MEMORY_LIMIT)
    connection.execute("SET temp_directory = $1", [str(spill)])
    return connection


def _limit(connection: duckdb.DuckDBPyConnection, size: str) -> None:
    try:
        connection.execute("SET memory_limit = $1", [size])
    except duckdb.Error as error:
        raise UsageError(
            _("%(variable)s is %(size)r, which is no size") % {"variable": _MEMORY, "size": size},
            _("write it as 2GiB, or unset it"),
        ) from error


def listed(files: Iterable[Path | str]) -> str:
    """Files, or texts, as a list in SQL."""
    return "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in files) + "]"
