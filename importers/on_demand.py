"""All importers as one, for beangulp's commands; loaded when first asked.

`python import.py --help` needs neither pyarrow nor DuckDB nor Pydantic.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import beangulp.importer
from beancount.core import data

if TYPE_CHECKING:
    from beanclear.ledger.statement import Statement


class AnyStatement(beangulp.importer.Importer):
    """Reads every file that `beanclear run` reads, and recognises it by the same rules."""

    name = "beanclear"

    def __init__(self, config: Path) -> None:
        """`config` is the books' beanclear.toml, for mapped tables."""
        self._config = config

    def identify(self, filepath: str) -> bool:
        """Whether one importer reads the file, or a member of the archive. Looks at heads only."""
        from beanclear.importers.files import members, source_file
        from beanclear.importers.registry import recognise
        from beanclear.ledger.config import load
        from beanclear.ledger.errors import SourceError

        config = load(self._config)
        try:
            for member in members(source_file(Path(filepath))):
                try:
                    recognise(member, config)
                except SourceError:
                    continue
                return True
        except SourceError:
            return False
        return False

    def account(self, filepath: str) -> data.Account:
        """The ledger account of the first statement in the file."""
        from beanclear.importers.books import ledger_account

        return ledger_account(self._statements(filepath)[0])

    def date(self, filepath: str) -> datetime.date | None:
        """The day of the file's last row."""
        spans = [found.span for found in self._statements(filepath)]
        return max((span.last_row for span in spans if span is not None), default=None)

    def filename(self, filepath: str) -> str | None:
        """`<importer>.<the file's own name>`."""
        return f"{self._statements(filepath)[0].importer}.{Path(filepath).name}"

    def extract(self, filepath: str, existing: data.Entries) -> data.Entries:
        """What `beanclear.importers.books.entries` makes of each statement.

        Raises:
          SourceError: when the file contradicts itself or holds rows that cannot be used.
        """
        from beanclear.importers.books import entries

        del existing
        return [entry for found in self._statements(filepath) for entry in entries(found, filepath)]

    def deduplicate(self, entries: data.Entries, existing: data.Entries) -> None:
        """Mark entries whose `record_id` is in the books already, by exact comparison only."""
        from beanclear.importers.books import mark_known

        mark_known(entries, existing)

    def _statements(self, filepath: str) -> list[Statement]:
        from beanclear.importers.registry import read_document
        from beanclear.ledger.config import load

        return read_document(Path(filepath), config=load(self._config))
