"""Which records are booked, and by which engine: the books' own store, or a lake on Spark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from beanclear.ledger.errors import BooksError, UsageError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.i18n import ngettext
from beanclear.ledger.statement import Grade
from beanclear.ledger.store import RecordStore

if TYPE_CHECKING:
    from beanclear.cli.results import RunOptions
    from beanclear.ledger.books import Books
    from beanclear.ledger.config import Config
    from beanclear.ledger.documents import DocumentLine
    from beanclear.ledger.sql import Records


def on_engine(records: Records, config: Config) -> Records:
    """The same records, read by the engine of the configuration."""
    if config.engine == "spark" and isinstance(records, RecordStore) and records.statements():
        from beanclear.matching.spark_records import SparkRecords  # noqa: PLC0415 - an extra

        return SparkRecords(f"file://{records.root}")
    return records


def open_lake(config: Config, index: Sequence[DocumentLine]) -> Records:
    """The records at the URI of beanclear.toml.

    Raises:
      BooksError: when they cannot be read, when the books hold documents that the lake does not,
        or when the lake holds a contradicted statement that nobody accepted.
    """
    from beanclear.matching.spark_records import SparkRecords  # noqa: PLC0415 - an extra

    uri = config.records or ""
    records = SparkRecords(uri)
    statements = records.statements()
    held = {row.document for row in statements}
    lacking = sorted({line.name for line in index if line.sha256 not in held})
    if lacking:
        raise BooksError(
            ngettext(
                "these books hold %(count)d document that the records do not (%(file)s)",
                "these books hold %(count)d documents that the records do not (%(file)s, …)",
                len(lacking),
            )
            % {"count": len(lacking), "file": lacking[0]},
            _("put its records there too, or begin new books for the lake with `beanclear init`"),
            where=uri,
        )
    accepted = {(line.sha256, line.source_key) for line in index if line.accepted_by}
    for row in statements:
        if row.grade == Grade.CONTRADICTED and (row.document, row.source_key) not in accepted:
            raise BooksError(
                _("the statement %(file)s contradicts itself, and nobody accepted it")
                % {"file": row.file},
                _("take it and its records out; an export without the error can replace it"),
                where=uri,
            )
    return records


def refuse_lake(config: Config) -> None:
    """What only DuckDB can answer.

    Raises:
      BooksError: when the records lie in a lake.
    """
    if config.records is not None:
        raise BooksError(
            _("this command reads only the books' own records, not a lake"),
            _("look the key up in the lake; `beanclear open-items` and the reports do read it"),
            where=config.records,
        )


def refuse_imports(config: Config, options: RunOptions) -> None:
    """What only makes sense where files are imported.

    Raises:
      UsageError: when files are named, accepted, or derived anew.
    """
    if options.files or options.accept or options.rebuild:
        raise UsageError(
            _("the records come from %(uri)s: no file is imported, accepted or read again")
            % {"uri": config.records},
            _("leave out FILES, --accept and --rebuild"),
        )


def waiting(books: Books) -> list[str]:
    """A reminder of files in the inbox, which stay there."""
    count = sum(path.is_file() and not path.name.startswith(".") for path in books.inbox.rglob("*"))
    if not count:
        return []
    return [
        ngettext(
            "%(count)d file waits in the inbox: it is not imported, because the records come"
            " from a lake",
            "%(count)d files wait in the inbox: they are not imported, because the records come"
            " from a lake",
            count,
        )
        % {"count": count}
    ]
