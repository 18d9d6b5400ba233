"""The record store: every booked row as Parquet, by stage, source and month.

    records/<stage>/<source>/<YYYY-MM>.parquet    rows by `booked_on`
    records/statements.json                       what each statement says about itself
    records/conflicts.json                        rows of one id that contradict each other
    records/manifest.json                         what is held; written last

It is a cache of `documents/` in the order of `documents.index`: whatever is stale, torn or
foreign makes `missing` report every document, and the store is built again. Its bytes depend on
the set of statements added, never on the order, the grouping or the number of times.

Wallet and bank lines are held once per (source, account, shop, record_id): the row of the
statement with the highest rank, then of the smallest (document, row). Orders are snapshots and
every one is held.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from beanclear.ledger.books import Books, remove_leftovers, write_atomically
from beanclear.ledger.documents import DocumentLine, hash_file
from beanclear.ledger.errors import Fault
from beanclear.ledger.statement_rows import StatementRow, row_of
from beanclear.ledger.store_merge import Conflict, faults_of, folder_of, merge_lines, merge_orders
from beanclear.ledger.store_state import Manifest, read_json, to_json
from beanclear.ledger.tables import SCHEMA, ZONE

if TYPE_CHECKING:
    from beanclear.ledger.statement import Statement

_THREADS = 4
_NOTES = ("conflicts.json", "statements.json")


class RecordStore:
    """The records of one set of books."""

    def __init__(self, books: Books) -> None:
        self._root = books.records

    def add(self, statements: Iterable[Statement]) -> tuple[Fault, ...]:
        """Hold these statements' records; adding what is held already changes nothing.

        All statements of one document belong into one call. Killed at any point and called
        again with the same statements, the bytes are those of one undisturbed call.

        Returns:
          The faults `conflicting-line` of the whole store, as `conflicts`.
        """
        given = list(statements)
        if not given:
            return self.conflicts()
        remove_leftovers(self._root)
        manifest = self._manifest() or Manifest.empty()
        manifest.settle(self._root)
        documents = {statement.document for statement in given}
        manifest.unfinished_documents |= documents - manifest.documents
        known = {row.key: row for row in self._statement_rows()}
        known.update({row.key: row for row in map(row_of, given)})
        rows = sorted(known.values(), key=lambda row: row.order)
        # The manifest announces the documents before anything of theirs is in the store.
        self._write("manifest.json", manifest.to_text())
        self._write("statements.json", to_json([row.to_json() for row in rows]))
        if not (self._root / "conflicts.json").exists():
            self._write("conflicts.json", to_json([]))
        groups: dict[tuple[str, str], list[pa.Table]] = {}
        for statement in given:
            if statement.rows_used:
                key = (str(statement.stage), statement.source)
                groups.setdefault(key, []).append(statement.records)
        with self._connection() as connection:
            connection.register("ranks", _ranks(rows))
            for (stage, source), tables in sorted(groups.items()):
                self._merge(connection, manifest, stage, source, pa.concat_tables(tables))
        manifest.documents |= documents
        manifest.unfinished.clear()
        manifest.unfinished_documents.clear()
        manifest.notes = {name: hash_file(self._root / name) for name in _NOTES}
        self._write("manifest.json", manifest.to_text())
        return self.conflicts()

    def _merge(
        self,
        connection: duckdb.DuckDBPyConnection,
        manifest: Manifest,
        stage: str,
        source: str,
        new: pa.Table,
    ) -> None:
        """Merge new rows of one stage and source into its months."""
        folder = self._root / folder_of(stage, source)
        there = sorted(folder.glob("*.parquet"))
        if stage == "order":
            months = merge_orders(connection, there, new)
        else:
            held = self._conflict_list()
            mine = [line for line in held if (line.stage, line.source) == (stage, source)]
            months, conflicts = merge_lines(connection, there, new, mine)
            others = [line for line in held if (line.stage, line.source) != (stage, source)]
            self._write(
                "conflicts.json", to_json([line.to_json() for line in sorted(others + conflicts)])
            )
        contents = {
            f"{folder_of(stage, source)}/{month}.parquet": _parquet(table) if table else None
            for month, table in months.items()
        }
        hashes = {
            name: hashlib.sha256(data).hexdigest() if data is not None else None
            for name, data in contents.items()
        }
        changed = sorted(name for name in contents if hashes[name] != manifest.files.get(name))
        if not changed:
            return
        manifest.unfinished.update(changed)
        self._write("manifest.json", manifest.to_text())
        for name in changed:
            data = contents[name]
            if data is None:
                (self._root / name).unlink(missing_ok=True)
                manifest.files.pop(name, None)
            else:
                write_atomically(self._root / name, data)
                manifest.files[name] = hashlib.sha256(data).hexdigest()

    def missing(self, index: Sequence[DocumentLine]) -> list[DocumentLine]:
        """The index lines of documents whose records must be read again, in the index's order.

        A store that is damaged, from another version, or holds a document the index does not
        know is emptied here, and every document is reported.
        """
        manifest = self._manifest()
        indexed = {line.sha256 for line in index}
        if manifest is not None and (
            not manifest.documents | manifest.unfinished_documents <= indexed
            or not manifest.agrees(self._root)
        ):
            manifest = None
        if manifest is None:
            self.reset()
            return list(index)
        held = Counter(
            (row.document, row.source_key, row.shop)
            for row in self._statement_rows()
            if row.document in manifest.documents
        )
        wanted = Counter((line.sha256, line.source_key, line.shop) for line in index)
        lacking = {key[0] for key, count in wanted.items() if held[key] < count}
        return [line for line in index if line.sha256 in lacking]

    def reset(self) -> None:
        """Forget everything; the manifest goes first, so that a crash leaves nothing believed."""
        (self._root / "manifest.json").unlink(missing_ok=True)
        if self._root.exists():
            shutil.rmtree(self._root)

    def statements(self) -> list[StatementRow]:
        """What is known of each held statement, sorted by content."""
        manifest = self._manifest()
        if manifest is None:
            return []
        return [row for row in self._statement_rows() if row.document in manifest.documents]

    def conflicts(self) -> tuple[Fault, ...]:
        """One fault `conflicting-line` for every row that contradicts the booked row of its id."""
        files = {row.document: row.file for row in self._statement_rows()}
        ranks: dict[tuple[str, ...], int] = {
            (row.stage, row.source, row.account, row.shop, row.document): row.rank
            for row in self._statement_rows()
        }
        return faults_of(self._conflict_list(), files, ranks)

    def connect(self, threads: int | None = None) -> duckdb.DuckDBPyConnection:
        """An in-memory DuckDB connection with the view `records` of all rows, typed as `SCHEMA`.

        The caller closes it. Rows come in no order: sort in the query.
        """
        connection = self._connection(threads)
        files = sorted(str(path) for path in self._root.rglob("*.parquet"))
        if files:
            listed = ", ".join("'" + name.replace("'", "''") + "'" for name in files)
            connection.execute(
                "CREATE VIEW records AS SELECT * FROM "
                f"read_parquet([{listed}], hive_partitioning = false)"
            )
        else:
            connection.register("records", SCHEMA.empty_table())
        return connection

    @staticmethod
    def _connection(threads: int | None = None) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(":memory:")
        connection.execute(f"SET threads = {threads or min(_THREADS, os.cpu_count() or 1)}")
        connection.execute(f"SET TimeZone = '{ZONE}'")
        return connection

    def _write(self, name: str, text: str) -> None:
        path = self._root / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_atomically(path, text)

    def _manifest(self) -> Manifest | None:
        return Manifest.read(self._root / "manifest.json")

    def _statement_rows(self) -> list[StatementRow]:
        return [
            StatementRow.from_json(row) for row in read_json(self._root / "statements.json") or []
        ]

    def _conflict_list(self) -> list[Conflict]:
        return [Conflict(**row) for row in read_json(self._root / "conflicts.json") or []]


def _ranks(rows: Sequence[StatementRow]) -> pa.Table:
    """Rank of each statement as a table, for the choice among rows of one id."""
    best: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = (row.stage, row.source, row.account, row.shop, row.document)
        best[key] = max(row.rank, best.get(key, row.rank))
    names = ("stage", "source", "account", "shop", "document")
    columns: dict[str, list[str] | list[int]] = {
        name: [key[place] for key in best] for place, name in enumerate(names)
    }
    columns["rank"] = list(best.values())
    fields = [pa.field(name, pa.string()) for name in names] + [pa.field("rank", pa.int32())]
    return pa.table(columns, schema=pa.schema(fields))


def _parquet(table: pa.Table) -> bytes:
    """A table as Parquet with fixed settings: equal rows give equal bytes."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        table.combine_chunks(),
        sink,
        compression="zstd",
        compression_level=3,
        version="2.6",
        row_group_size=1 << 20,
    )
    return bytes(sink.getvalue())


__all__ = ["RecordStore", "StatementRow"]
