"""What every importer is: a declaration of columns and fields, run by one engine.

An importer of a source is a subclass of `StatementImporter` that declares

    class AlipayLedger(StatementImporter):
        name, source, stage = "alipay-ledger", "alipay", Stage.WALLET
        required = (frozenset({"账务流水号", "发生时间"}),)  # any one set is enough
        columns = {"line": column("账务流水号", type=Type.ID, required=True), ...}
        fields = {"record_id": "line", "occurred_at": "moment", "amount_minor": "income - expense",
                  "kind": "...", "kind_raw": "..."}

`columns` name the cells by what they mean (no SQL keywords: `at`, `order`); `fields` are SQL
expressions over those names, one per field of `beanclear.ledger.tables.SCHEMA`. The engine reads
the sheet, types the cells, collects what cannot be read, assigns ids, checks the running balance
and the file's own totals, and returns a `Statement`. Nothing here loops over rows.

Fields that the engine fills itself: source, stage, account, shop, currency, document, row;
`booked_on` defaults to the day of `occurred_at`; `record_id` defaults to a hash of what identifies
the line (`beanclear.importers.ids`) with an ordinal among equals, so it is the same in every file
that holds the line, however its cells are written.
All moments are read as Asia/Shanghai time (formats: no source says otherwise).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import beangulp.importer
import duckdb
import pyarrow as pa
from beancount.core import data

from beanclear.importers import books, engine
from beanclear.importers.body import Keep
from beanclear.importers.columns import Column, connect
from beanclear.importers.faults import fault
from beanclear.importers.files import SourceFile, members, source_file
from beanclear.importers.frame import Frame, Layout
from beanclear.importers.hidden import Unseen, unseen
from beanclear.importers.ids import Nth
from beanclear.importers.sheet import Head, Sheet, heads, read_sheet
from beanclear.importers.sieve import LeftOut
from beanclear.ledger.errors import Fault, SourceError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.records import Kind, Stage
from beanclear.ledger.statement import Control, Statement

if TYPE_CHECKING:
    from beanclear.ledger.config import Config


Steps = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A figure the file states: `sql` is the aggregate over `cells` that it must equal.

    `sql` sees the importer's columns (amounts in minor units) of all rows that were used.
    """

    name: str
    stated: int
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a file says outside of its lines; see `Statement` for the meanings."""

    account: str = "main"
    currency: str = "CNY"
    owner: str | None = None
    declared_first: datetime.date | None = None
    declared_last: datetime.date | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    exported_at: datetime.datetime | None = None
    stated: tuple[Stated, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


class StatementImporter(beangulp.importer.Importer):
    """Base of all importers.

    Class attributes:
      name: stable, such as `alipay-ledger`.
      source, stage: as on its records.
      required: sets of normalised headers; a row that holds one of the sets is the header.
      forbidden: normalised headers that must not stand in that row.
      frame: the lines that the layout has around its table.
      columns: the cells it reads, by meaning.
      steps: layers of further SQL expressions, each over `columns` and the layers before it;
        `getvariable('exported_at')` is `Facts.exported_at` without its zone.
      fields: SQL expressions over `columns` and `steps`, by field of the record schema.
      left_out: rules of rows that are left out of the table, counted and told.
      reversals: kinds whose money may also go the other way here (`ledger.records.COMES_IN`).
      direction_fault: the fault of money that goes the wrong way, and values of its text.
      identity: SQL expressions over `columns` and `steps` that, beside moment, amount and balance,
        tell lines without a `record_id` apart: numbers, and words of a fixed list; never free
        text, nor a column that an export may lack.
      nth: what tells lines apart that share a `record_id`; without it the later ones are faults.
      rank: see `Statement.rank`.
      row_faults: (code, SQL condition, column, SQL text) of rows that are wrong in the source's
        own terms; such a row becomes a fault instead of a record. The condition sees `columns`.
      buyer_key: the books' key for `beanclear.ledger.buyers`. The field `buyer` is declared as the
        nickname in the file; it leaves the importer as a keyed hash, without a key as nothing.
    """

    name: str = ""
    source: ClassVar[str] = ""
    stage: ClassVar[Stage] = Stage.WALLET
    required: ClassVar[tuple[frozenset[str], ...]] = ()
    forbidden: ClassVar[frozenset[str]] = frozenset()
    frame: ClassVar[Frame] = Frame()
    columns: ClassVar[Mapping[str, Column]] = {}
    steps: ClassVar[Steps] = ()
    fields: ClassVar[Mapping[str, str]] = {}
    left_out: ClassVar[Sequence[LeftOut]] = ()
    reversals: ClassVar[frozenset[Kind]] = frozenset()
    direction_fault: ClassVar[tuple[str, Mapping[str, str]]] = ("wrong-direction", {})
    identity: ClassVar[tuple[str, ...]] = ()
    nth: ClassVar[Nth | None] = None
    rank: ClassVar[int] = 0
    row_faults: ClassVar[tuple[tuple[str, str, str, str], ...]] = ()
    buyer_key: bytes | None = None

    def __init__(self, config: Config | None = None) -> None:
        self.config = config

    @classmethod
    def instances(cls, config: Config | None = None) -> list[StatementImporter]:
        """The importers this class makes for books: one, unless their configuration maps tables."""
        return [cls(config)]

    # -- recognition ----------------------------------------------------------------------

    def matches(self, head: Head) -> int | None:
        """The header's row (from 0) when this table is of this importer; else none."""
        for headers in self.required:
            row = head.header_row(headers)
            if row is not None and not self.forbidden & set(head.normal[row]):
                return row
        return None

    def claims(self, file: SourceFile, looked: Sequence[Head]) -> bool:
        """Whether the file is of this importer; `looked` are the heads of its tables."""
        del file
        return any(self.matches(head) is not None for head in looked)

    def missing(self, head: Head) -> tuple[float, frozenset[str]]:
        """What share of the required headers the nearest row lacks, and which; for messages."""
        rows = [set(cells) for cells in head.normal] or [set()]
        lacking = (
            (len(headers - row) / len(headers), frozenset(headers - row))
            for headers in self.required
            for row in rows
        )
        return min(lacking, key=lambda found: found[0], default=(1.0, frozenset()))

    # -- reading --------------------------------------------------------------------------

    def read(self, file: SourceFile, looked: Sequence[Head] | None = None) -> list[Statement]:
        """All statements in a file of this importer: one per table, of each sheet that matches.

        `looked` are the heads of its tables, where they are known.

        Raises:
          SourceError: when the file as a whole cannot be read.
        """
        tables = heads(file) if looked is None else looked
        found = [(head, row) for head in tables if (row := self.matches(head)) is not None]
        behind = unseen(file) if found and not found[0][0].delimiter else {}
        warnings = [
            _("the sheet %(sheet)s holds no table of this kind and is not read")
            % {"sheet": head.title}
            for head in tables
            if not head.delimiter and self.matches(head) is None and any(map(any, head.rows))
        ]
        statements = []
        for head, row in found:
            about = behind.get(head.title, Unseen())
            for one in self._statements(file, head, row):
                faults = one.faults
                if about.sheet and one.rows_read:
                    faults = (fault("hidden-sheet", file.name, sheet=head.title), *faults)
                said = (*one.warnings, *about.warnings(row + 1), *warnings)
                statements.append(replace(one, faults=faults, warnings=said))
                warnings = []  # of the file, said once
        return statements

    def _statements(self, file: SourceFile, head: Head, row: int) -> list[Statement]:
        """One sheet as a `Statement` for each table in it."""

        def read(keep: Keep) -> list[Sheet]:
            text = bool(head.delimiter)
            written = lambda part: keep(self.written(part, text=text))  # noqa: E731
            return read_sheet(file, head, row, written, self.layout())

        with connect() as connection:
            return engine.run(self, file, read, connection)

    def layout(self) -> Layout:
        """What tells its lines apart."""
        return Layout(
            frame=self.frame,
            columns=self.columns,
            required=self.required,
            left_out=tuple(self.left_out),
        )

    def written(self, table: pa.Table, *, text: bool) -> pa.Table:
        """A batch of the sheet's cells as they are to be read; `text`: not of a workbook."""
        del text
        return table

    def divided(self, records: pa.Table, lines: pa.Table) -> pa.Table:
        """All records: one for each line, in whose order both are, unless it tells of more.

        `lines` has every declared field, those beyond the record schema too.
        """
        del lines
        return records

    def facts(self, file: SourceFile, sheet: Sheet, connection: duckdb.DuckDBPyConnection) -> Facts:
        """What the file says outside of its lines. `connection` has the table `cells`."""
        del file, sheet, connection
        return Facts()

    def controls(self, sheet: Sheet, connection: duckdb.DuckDBPyConnection) -> Iterable[Control]:
        """Further figures to compare, beyond `Facts.stated` and the total rows."""
        del sheet, connection
        return ()

    # -- beangulp -------------------------------------------------------------------------

    def identify(self, filepath: str) -> bool:
        """Whether this importer reads the file, or a member of the archive. Looks at heads only."""
        try:
            return any(
                self.matches(head) is not None
                for member in members(source_file(Path(filepath)))
                for head in heads(member)
            )
        except SourceError:
            return False

    def statements(self, filepath: str) -> list[Statement]:
        """Everything this importer reads from a file on disk."""
        file = source_file(Path(filepath))
        return [found for member in members(file) for found in self.read(member)]

    def account(self, filepath: str) -> data.Account:
        """The ledger account of the first statement in the file."""
        return books.ledger_account(self.statements(filepath)[0])

    def date(self, filepath: str) -> datetime.date | None:
        """The day of the file's last row."""
        spans = [found.span for found in self.statements(filepath)]
        return max((span.last_row for span in spans if span is not None), default=None)

    def filename(self, filepath: str) -> str | None:
        """`<importer>.<the file's own name>`."""
        return f"{self.name}.{Path(filepath).name}"

    def extract(self, filepath: str, existing: data.Entries) -> data.Entries:
        """One simple transaction per wallet or bank line, and the closing balance.

        Orders give nothing: they are booked as daily summaries by `beanclear run`, which also
        finds what belongs together. Here the other side of a line is only a sensible account.

        Raises:
          SourceError: when the file contradicts itself or holds rows that cannot be used.
        """
        del existing
        return [
            entry for found in self.statements(filepath) for entry in books.entries(found, filepath)
        ]

    def deduplicate(self, entries: data.Entries, existing: data.Entries) -> None:
        """Mark entries whose `record_id` is in the books already, by exact comparison only."""
        books.mark_known(entries, existing)
