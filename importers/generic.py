"""Any CSV or XLSX table of a bank, a wallet or a shop, as `[[tables]]` of beanclear.toml maps it.

One importer is made per mapping (`beanclear.ledger.table_mapping.TableMapping`; docs/tables.md has
the settings). A line's id is the mapped `record_id`, else `bank_ref` and the day (lines
that share both have a rank), else a hash of its moment, amount, balance and mapped numbers with an
ordinal among equals.

A table in several currencies is read at once, with amounts written so that two digits after the
point are the minor unit of any (1234 yen as `12.34`), and gives a statement for each currency.
Where the mapping does not say how a fee is written, the lines must prove it: a sale that is charged
a negative one, or a net amount that is the sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import duckdb
import pyarrow as pa

from beanclear.importers.base import Facts, StatementImporter
from beanclear.importers.faults import fault
from beanclear.importers.files import Format, SourceFile
from beanclear.importers.frame import Frame
from beanclear.importers.mapped_cells import TWO_DIGITS, written_plainly
from beanclear.importers.mapped_fields import (
    CONVERTED,
    PAID_OUT_AT,
    amount_of,
    columns_of,
    default_fee_sign,
    fields_of,
    identity_of,
    left_out_of,
    nth_of,
    row_faults_of,
)
from beanclear.importers.rules import CURRENCY_WORDS, one_account, values_of
from beanclear.importers.sheet import Head, Sheet, heads, plain
from beanclear.importers.splitting import (
    Fee,
    by_currency,
    with_exchanges,
    with_fees,
    with_payouts,
)
from beanclear.importers.text import normal_header
from beanclear.ledger.errors import Fault, SourceError
from beanclear.ledger.records import Kind, Stage
from beanclear.ledger.statement import Statement
from beanclear.ledger.table_mapping import TableMapping

if TYPE_CHECKING:
    from beanclear.ledger.config import Config


class GenericTable(StatementImporter):
    """An importer made of one mapping; the class itself reads nothing."""

    mapping: ClassVar[TableMapping]
    frame = Frame(free_above=True, line_end=False)
    mixed: ClassVar[bool] = False  # several currencies, told apart line by line

    @classmethod
    def instances(cls, config: Config | None = None) -> list[StatementImporter]:
        """One importer per `[[tables]]` entry of the books' configuration."""
        tables = config.tables if config is not None else ()
        return [
            _class_of(mapping, mixed=mapping.columns.converted is not None)(config)
            for mapping in tables
        ]

    def matches(self, head: Head) -> int | None:
        """The first row below `skip_rows` that holds all the mapping's headers."""
        wanted = self.required[0]
        rows = enumerate(head.normal)
        return next(
            (i for i, row in rows if i >= self.mapping.skip_rows and wanted <= set(row)), None
        )

    def claims(self, file: SourceFile, looked: Sequence[Head]) -> bool:
        """As all importers, but through the encoding that the mapping names."""
        if self.mapping.encoding is None or file.format is not Format.TEXT:
            return super().claims(file, looked)
        try:
            return super().claims(file, heads(self._decoded(file)))
        except SourceError:
            return False

    def read(self, file: SourceFile, looked: Sequence[Head] | None = None) -> list[Statement]:
        """As all importers, but through the encoding that the mapping names."""
        decoded = self._decoded(file)
        found = super().read(decoded, looked if decoded is file else None)
        if not self.mixed and _has(found, "wrong-currency"):
            return self._other(self.mapping, mixed=True).read(file)
        if self.mapping.columns.net is not None and _has(found, "net-differs"):
            found = self._with_other_fees(file) or found
        if self.mixed:
            found = [part for statement in found for part in by_currency(statement)]
        return found

    def _other(self, mapping: TableMapping, *, mixed: bool) -> StatementImporter:
        importer = _class_of(mapping, mixed=mixed)(self.config)
        importer.buyer_key = self.buyer_key
        return importer

    def _with_other_fees(self, file: SourceFile) -> list[Statement]:
        """The statements with fees as the net amounts prove them; none where they do not."""
        if self.mapping.fee_sign is not None:
            return []
        other = "signed" if default_fee_sign(self.mapping) == "reversed" else "reversed"
        mapping = self.mapping.model_copy(update={"fee_sign": other})
        found = StatementImporter.read(self._other(mapping, mixed=self.mixed), self._decoded(file))
        return [] if _has(found, "net-differs") else found

    def _decoded(self, file: SourceFile) -> SourceFile:
        """`file` in UTF-8 when the mapping says how it is encoded."""
        if self.mapping.encoding is None or file.format is not Format.TEXT:
            return file
        try:
            text = file.read().decode(self.mapping.encoding)
        except UnicodeError:
            return file
        return replace(file, path=None, opener=None, data=text.encode())

    def written(self, table: pa.Table, *, text: bool) -> pa.Table:
        """Amounts and dates written the plain way."""
        rows = plain(table)
        return written_plainly(self.mapping, self.columns, rows, text=text, mixed=self.mixed)

    def divided(self, records: pa.Table, lines: pa.Table) -> pa.Table:
        """Fees, exchanges and the payouts of batches as records of their own."""
        mapping = self.mapping
        carried = [name for name in (CONVERTED, PAID_OUT_AT) if name in lines.column_names]
        for name in carried:
            records = records.append_column(name, lines.column(name))
        if mapping.every_fee:
            records = with_fees(records, lines, _fees(mapping))
        if CONVERTED in carried:
            records = with_exchanges(records, records.column(CONVERTED), mapping.converted_currency)
        if mapping.payouts == "batches":
            stated = records.column(PAID_OUT_AT) if PAID_OUT_AT in carried else None
            records = with_payouts(records, stated)
        return records.drop_columns(carried)

    def facts(self, file: SourceFile, sheet: Sheet, connection: duckdb.DuckDBPyConnection) -> Facts:
        """Account and currency, fixed or from their columns."""
        del file
        mapping = self.mapping
        account, faults = one_account(connection, sheet, "own_account")
        currency = mapping.currency
        for word in values_of(connection, "money")[:1]:
            currency = CURRENCY_WORDS.get(word.upper(), currency)
        if self.mixed:
            currency = TWO_DIGITS
        faults = (*faults, *_unsure_fee(mapping, sheet, connection))
        return Facts(account=account or mapping.account, currency=currency, faults=faults)


def _has(found: Sequence[Statement], code: str) -> bool:
    """Whether lines were refused for this reason."""
    return any(fault.code == code for one in found for fault in one.faults)


def _fees(mapping: TableMapping) -> list[Fee]:
    """The fees of a line; one that `columns.fee` names bears the line's own word."""
    own = [] if mapping.columns.fee is None else [Fee(kind=Kind.PAYMENT_FEE, suffix="fee")]
    headers = [(fee.kind, normal_header(fee.column)) for fee in mapping.fees]
    return own + [Fee(kind=kind, suffix=header, word=header) for kind, header in headers]


def _unsure_fee(
    mapping: TableMapping, sheet: Sheet, connection: duckdb.DuckDBPyConnection
) -> tuple[Fault, ...]:
    """The fault of a fee whose sign neither the mapping says nor the lines prove.

    A net amount proves it line by line. Else a sale that is charged a negative fee does, where
    none is charged a positive one; and fees that are all negative are charges.
    """
    header = mapping.columns.fee
    if header is None or mapping.fee_sign is not None or mapping.columns.net is not None:
        return ()
    fee = f"{'-' if default_fee_sign(mapping) == 'reversed' else ''}fee"
    rows = connection.execute(
        f"SELECT count(*) FILTER ({fee} > 0), "
        f"count(*) FILTER ({fee} < 0 AND ({amount_of(mapping)}) > 0), "
        f"count(*) FILTER ({fee} > 0 AND ({amount_of(mapping)}) > 0), "
        f"min(row) FILTER ({fee} > 0) FROM cells"
    ).fetchall()
    positive, charged, doubtful, first = rows[0]
    if not positive or (charged and not doubtful):
        return ()
    return (fault("fee-sign", sheet.name, first, column=header, table=mapping.name),)


def _class_of(mapping: TableMapping, *, mixed: bool = False) -> type[GenericTable]:
    """A class as the other importers are, declared by `mapping`."""
    attributes: Mapping[str, object] = {
        "__doc__": f"The table {mapping.name!r} of beanclear.toml.",
        "mapping": mapping,
        "mixed": mixed,
        "name": f"table-{mapping.name}",
        "source": mapping.source,
        "stage": Stage(mapping.stage),
        "required": (frozenset(map(normal_header, mapping.headers)),),
        "columns": columns_of(mapping),
        "fields": fields_of(mapping, mixed=mixed),
        "nth": nth_of(mapping),
        "identity": identity_of(mapping, mixed=mixed),
        "row_faults": row_faults_of(mapping, mixed=mixed),
        "left_out": left_out_of(mapping),
        "reversals": frozenset(mapping.reversals),
        "direction_fault": ("table-direction", {"table": mapping.name}),
    }
    return type("MappedTable", (GenericTable,), dict(attributes))
