"""The record store: every booked row as Parquet, by stage, source, month and document.

    records/<stage>/<source>/<YYYY-MM>/…          see `beanclear.ledger.store_parts`
    records/statements.json                       what each statement says about itself
    records/conflicts.json                        rows of one id that contradict each other
    records/differences.json                      rows that another document of their day lacks
    records/manifest.json                         what is held; written last
    records/trusted.json                          how files looked when their hash was taken
    records/incoming/, records/scratch/           work in progress; empty between runs

It is a cache of `documents/` in the order of `documents.index`: whatever is stale, torn or
foreign makes `missing` report every document, and the store is built again. But for
`trusted.json` its bytes depend on the set of statements added, never on the order, the grouping
or the number of times.

Wallet and bank lines are held once per (source, account, shop, record_id): the row of the
statement with the highest weight (`store_merge.weights`), then the one that says with whom and
what for, then of the smallest (document, row).
Orders are snapshots and every one is held.

A document is *staged* when its rows are written, and *held* once they are in their places: so no
more than one document's rows need be in memory, and adding a day to a long history writes a day.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from beanclear.ledger import store_days
from beanclear.ledger.books import Books, remove_leftovers, write_atomically
from beanclear.ledger.database import listed, open_database
from beanclear.ledger.documents import DocumentLine, hash_file
from beanclear.ledger.errors import Fault
from beanclear.ledger.statement_rows import StatementRow, row_of
from beanclear.ledger.store_days import Difference
from beanclear.ledger.store_lines import ToldApart, tell_apart
from beanclear.ledger.store_merge import Conflict, faults_of, weights
from beanclear.ledger.store_parts import (
    STAGES,
    Part,
    Staged,
    by_day,
    by_month,
    document_of,
    folder_of,
    month_of,
    write_part,
)
from beanclear.ledger.store_state import Manifest, Trust, read_json, to_json
from beanclear.ledger.tables import SCHEMA

if TYPE_CHECKING:
    from beanclear.ledger.statement import Statement

_NOTES = ("conflicts.json", "differences.json", "statements.json")
_DERIVED = ("settled", "trace")  # what others keep beside the rows, made from them
# Of records up to this size, about a hundred thousand, opening the files for each statement takes
# longer than reading them: they are read once.
_FEW_BYTES = 4 << 20
# Of so few rows every plan is good: thinking about plans takes longer than all of them.
_FEW_ROWS = 2_000


def typed(source: str) -> str:
    """A query for the records of `source`, typed as on connections of the store."""
    return f"SELECT * REPLACE (CAST(document AS document) AS document) FROM {source}"


class RecordStore:
    """The records of one set of books.

    Attributes:
      added: the documents that this object took, in this process.
    """

    def __init__(self, books: Books) -> None:
        self._root = self.root = books.records
        self._incoming = books.records / "incoming"
        self._scratch = books.records / "scratch"
        self.added: set[str] = set()

    # -- adding ---------------------------------------------------------------------------

    @contextlib.contextmanager
    def session(self) -> Iterator[None]:
        """Clear away what is in progress, now and at the end. The caller holds the books' lock."""
        self._clear()
        try:
            yield
        finally:
            self._clear()

    def _clear(self) -> None:
        for folder in (self._incoming, self._scratch):
            shutil.rmtree(folder, ignore_errors=True)

    def add(self, statements: Iterable[Statement]) -> tuple[Fault, ...]:
        """Hold these statements' records; adding what is held already changes nothing.

        All statements of one document belong into one call. Killed at any point and called
        again with the same statements, the bytes are those of one undisturbed call.

        Returns:
          The faults `conflicting-line` of the whole store, as `conflicts`.
        """
        by_document: dict[str, list[Statement]] = {}
        for statement in {id(one): one for one in statements}.values():
            by_document.setdefault(statement.document, []).append(statement)
        with self.session():
            return self.take([self.stage(some) for some in by_document.values()])

    def stage(self, statements: Sequence[Statement]) -> Staged:
        """Write the records of one document, all of it, to be held later. Threads may do so.

        What is staged is lost when the process ends, or at the next `session`.
        """
        given = sorted(statements, key=lambda one: one.file)
        groups: dict[str, list[pa.Table]] = {}
        for one in given:
            if one.rows_used:
                groups.setdefault(folder_of(one.stage, one.source), []).append(one.records)
        document = statements[0].document
        folder = self._incoming / f"{document[:8]}-{secrets.token_hex(4)}"
        parts: list[Part] = []
        for place, tables in groups.items():
            for month, table in by_month(by_day(pa.concat_tables(tables))):
                parts += write_part(folder, f"{place}/{month}/{document}.parquet", table)
        return Staged(
            document=document,
            rows=tuple(row_of(one) for one in given),
            parts=tuple(sorted(parts, key=lambda part: part.name)),
        )

    def take(self, staged: Iterable[Staged]) -> tuple[Fault, ...]:
        """Hold what was staged.

        Returns:
          The faults `conflicting-line` of the whole store, as `conflicts`.
        """
        given = {one.document: one for one in staged}
        if not given:
            return self.conflicts()
        for stage in STAGES:
            remove_leftovers(self._root / stage)
        manifest = self._manifest() or Manifest.empty()
        manifest.settle(self._root)
        fresh = given.keys() - manifest.documents
        manifest.unfinished_documents |= fresh
        rows = [row for row in self._statement_rows() if row.document not in given]
        rows += [row for one in given.values() for row in one.rows]
        rows.sort(key=lambda row: row.order)
        # The manifest announces the documents before anything of theirs is in the store.
        self._write("manifest.json", manifest.to_text())
        self._write("statements.json", to_json([row.to_json() for row in rows]))
        for name in ("conflicts.json", "differences.json"):
            if not (self._root / name).exists():
                self._write(name, to_json([]))
        held = [Part(name, self._root / name, sha) for name, sha in manifest.files.items()]
        old = [part for part in held if document_of(part.name) in given]
        told = self._told_apart(
            [part for one in given.values() for part in one.parts],
            [part for part in held if document_of(part.name) not in given],
            rows,
        )
        self._put(manifest, {*(part.name for part in old), *told.lost}, told.parts)
        now = [Part(name, self._root / name, sha) for name, sha in manifest.files.items()]
        found = store_days.differences(rows, now)
        self._write("differences.json", to_json([line.to_json() for line in found]))
        manifest.documents |= given.keys()
        self.added |= fresh
        self._finish(manifest)
        return self.conflicts()

    def _told_apart(
        self, new: Iterable[Part], held: Iterable[Part], rows: Iterable[StatementRow]
    ) -> ToldApart:
        """Of each line one row, in staged or rewritten parts; conflicts are remembered."""
        told = tell_apart(
            lambda: open_database(self._scratch),
            self._incoming / "rewritten",
            new=new,
            held=held,
            statements=rows,
            conflicts=self._conflict_list(),
        )
        lines = [line.to_json() for line in told.conflicts]
        self._write("conflicts.json", to_json(lines))
        return told

    def _put(self, manifest: Manifest, old: set[str], new: Iterable[Part]) -> None:
        """Let `new` be in their places, and of `old` nothing else."""
        wanted = {part.name: part for part in new}
        gone = sorted(old - wanted.keys())
        changed = sorted(
            name for name, part in wanted.items() if manifest.files.get(name) != part.sha256
        )
        if not changed and not gone:
            return
        manifest.unfinished.update(changed, gone)
        self._write("manifest.json", manifest.to_text())
        for name in changed:
            wanted[name].put(self._root)
            manifest.files[name] = wanted[name].sha256
        for name in gone:
            (self._root / name).unlink(missing_ok=True)
            manifest.files.pop(name, None)

    def _finish(self, manifest: Manifest) -> None:
        manifest.unfinished.clear()
        manifest.unfinished_documents.clear()
        manifest.notes = {name: hash_file(self._root / name) for name in _NOTES}
        Trust(self._root).remember(manifest.files)
        self._write("manifest.json", manifest.to_text())

    # -- what is held ---------------------------------------------------------------------

    def missing(self, index: Sequence[DocumentLine]) -> list[DocumentLine]:
        """The index lines of documents whose records must be read again, in the index's order.

        A store that is damaged, from another version, or holds a document the index does not
        know is emptied here, and every document is reported. A file that looks as it did when
        its hash was taken is not hashed again; `verify` does.
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

    def verify(self) -> list[str]:
        """Files of the store that are not what was written, every one hashed; sorted names."""
        manifest = self._manifest()
        if manifest is None:
            return []
        return manifest.damaged(self._root)

    def reset(self) -> None:
        """Forget everything; the manifest goes first, so that a crash leaves nothing believed.

        What is staged stays.
        """
        for name in ("manifest.json", *_NOTES, "trusted.json"):
            (self._root / name).unlink(missing_ok=True)
        for folder in (*STAGES, *_DERIVED):
            shutil.rmtree(self._root / folder, ignore_errors=True)
        self.added.clear()

    def statements(self) -> list[StatementRow]:
        """What is known of each held statement, sorted by content."""
        manifest = self._manifest()
        if manifest is None:
            return []
        return [row for row in self._statement_rows() if row.document in manifest.documents]

    def conflicts(self) -> tuple[Fault, ...]:
        """A fault for every row that contradicts the booked row of its id, or that others lack."""
        rows = self._statement_rows()
        files = {row.document: row.file for row in rows}
        return (
            *faults_of(self._conflict_list(), files, weights(rows)),
            *store_days.faults_of(self.differences(), files),
        )

    def differences(self) -> list[Difference]:
        """Rows that another document, which speaks for their day too, lacks."""
        return [Difference(**row) for row in read_json(self._root / "differences.json") or []]

    # -- reading --------------------------------------------------------------------------

    def files(
        self,
        *,
        months: Collection[str] | None = None,
        documents: Collection[str] | None = None,
        stages: Collection[str] = STAGES,
    ) -> list[Path]:
        """The Parquet files with the rows of these months (`2026-07`), documents and stages."""
        manifest = self._manifest()
        names = sorted(manifest.files) if manifest is not None else []
        return [
            self._root / name
            for name in names
            if name.endswith(".parquet")
            and name.partition("/")[0] in stages
            and (months is None or month_of(name) in months)
            and (documents is None or document_of(name) in documents)
        ]

    def connect(
        self, threads: int | None = None, files: Sequence[Path] | None = None
    ) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection with the view `records`, typed as `SCHEMA`; `document` is an enum.

        The caller closes it. Rows come in no order: sort in the query.

        Args:
          threads: at most so many.
          files: some of `files()`; by default all of them.
        """
        connection = open_database(self._scratch, threads)
        wanted = self.files() if files is None else list(files)
        told = self._statement_rows()
        if sum(row.rows for row in told) <= _FEW_ROWS:
            connection.execute("SET enable_optimizer = false")
        if wanted:
            # A hash has 64 characters, and every table carries it on every row: as an enum it is a
            # byte or two, in the same order, and looks like text to every query.
            names = sorted({row.document for row in told})
            connection.execute(f"CREATE TYPE document AS ENUM ({listed(names)[1:-1]})")
            rows = f"read_parquet({listed(wanted)}, hive_partitioning = false)"
            source = typed(self._booked(rows, connection))
            few = sum(path.stat().st_size for path in wanted) <= _FEW_BYTES
            connection.execute(f"CREATE {'TABLE' if few else 'VIEW'} records AS {source}")
        else:
            connection.register("nothing", SCHEMA.empty_table())
            connection.execute("CREATE TABLE records AS FROM nothing")
        return connection

    def _booked(self, rows: str, connection: duckdb.DuckDBPyConnection) -> str:
        """Of rows those that are booked."""
        out = [line.to_json() for line in self.differences() if not line.booked]
        if not out:
            return rows
        keys = pa.Table.from_pylist(out).select(["document", "row", "record_id"])
        connection.register("not_booked", keys)
        return f'(FROM {rows} ANTI JOIN not_booked USING (document, "row", record_id))'

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


__all__ = ["RecordStore", "Staged", "StatementRow"]
