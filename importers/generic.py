"""Any CSV or XLSX table of a bank or a wallet, as `[[tables]]` of beanclear.toml maps it.

One importer is made per mapping (`beanclear.ledger.table_mapping.TableMapping`, which documents
the settings). Before the cells are typed, amounts and dates are rewritten from the mapping's way
of writing to the plain one: thousands only where they group by three, so that `12.34` under a
decimal comma is a fault and not 1234. Real numbers and dates of a workbook are plain already.

Signs: as `sign` says; money in is positive in the record. A line's id is the mapped `record_id`,
else `bank_ref` and the day (lines that share both have a rank), else a hash of its moment, amount,
balance and mapped numbers with an ordinal among equals.

A table in several currencies is read at once, with amounts written so that two digits after the
point are the minor unit of any (1234 yen as `12.34`), and gives a statement for each currency.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

import duckdb
import pyarrow as pa

from beanclear.importers.base import Facts, StatementImporter
from beanclear.importers.columns import Column, Type, column, connect, literal, quoted
from beanclear.importers.files import Format, SourceFile
from beanclear.importers.ids import Nth, by_time, serial_id
from beanclear.importers.rules import (
    CURRENCY_WORDS,
    case,
    currency_faults,
    lookup,
    one_account,
    values_of,
)
from beanclear.importers.sheet import Head, Sheet, heads, plain
from beanclear.importers.splitting import (
    CONVERTED_FIELD,
    FEE_FIELD,
    by_currency,
    with_exchanges,
    with_fees,
)
from beanclear.importers.text import bare_column, normal_header
from beanclear.ledger.errors import SourceError
from beanclear.ledger.money import minor_digits
from beanclear.ledger.records import Kind, Stage
from beanclear.ledger.statement import Statement
from beanclear.ledger.table_mapping import TableMapping

if TYPE_CHECKING:
    from beanclear.ledger.config import Config

TWO_DIGITS = "CNY"
_TYPES = {
    "occurred_at": Type.MOMENT,
    "amount": Type.AMOUNT,
    "income": Type.AMOUNT,
    "expense": Type.AMOUNT,
    "balance": Type.AMOUNT,
    "fee": Type.AMOUNT,
    "converted": Type.AMOUNT,
    "counterparty": Type.TEXT,
    "memo": Type.TEXT,
    "kind": Type.TEXT,
}
_MONEY = ("amount", "income", "expense", "balance", "fee", "converted")
_REQUIRED = frozenset({"occurred_at", "amount", "record_id"})
_TEXTS = (
    "order_id", "trade_id", "refund_id", "settlement_id", "payout_id", "bank_ref", "counterparty",
    "memo",
)  # fmt: skip
# Left out where they are not mapped.
_LATER = frozenset({"settlement_id", "fee", "converted"})
# What amounts of a currency without two digits are multiplied by.
_SHIFTED = {
    code: Decimal(1).scaleb(minor_digits(code) - minor_digits(TWO_DIGITS))
    for code in sorted(set(CURRENCY_WORDS.values()))
    if minor_digits(code) != minor_digits(TWO_DIGITS)
}
_IDENTITY = (
    "order_id", "trade_id", "refund_id", "settlement_id", "payout_id", "fee", "converted",
)  # fmt: skip
_BY_CURRENCY = (
    "record_id || CASE WHEN dense_rank() OVER (PARTITION BY record_id ORDER BY money) = 1 THEN '' "
    "ELSE '/' || dense_rank() OVER (PARTITION BY record_id ORDER BY money) END"
)
_AMOUNT = {
    "signed": "coalesce(amount, coalesce(income, 0) + coalesce(expense, 0))",
    "reversed": "-amount",
    "expense-positive": "coalesce(income, 0) - coalesce(expense, 0)",
}


class GenericTable(StatementImporter):
    """An importer made of one mapping; the class itself reads nothing."""

    mapping: ClassVar[TableMapping]
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
        if not self.mixed and _has_others(found):
            return _class_of(self.mapping, mixed=True)(self.config).read(file)
        if self.mapping.columns.fee is not None:
            found = [with_fees(statement) for statement in found]
        if self.mapping.columns.converted is not None:
            found = [with_exchanges(one, self.mapping.converted_currency) for one in found]
        if self.mixed:
            found = [part for statement in found for part in by_currency(statement)]
        return found

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
        return _plain(self.mapping, plain(table), text=text, mixed=self.mixed)

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
        return Facts(account=account or mapping.account, currency=currency, faults=faults)


def _has_others(found: Sequence[Statement]) -> bool:
    """Whether lines were refused because they are in another currency than the first one."""
    return any(fault.code == "wrong-currency" for one in found for fault in one.faults)


def _class_of(mapping: TableMapping, *, mixed: bool = False) -> type[GenericTable]:
    """A class as the other importers are, declared by `mapping`."""
    named = mapping.columns.model_dump(exclude_none=True)
    others = (*mapping.match, mapping.account_column, mapping.currency_column)
    headers = {normal_header(header) for header in (*named.values(), *others) if header}
    return type(
        "MappedTable",
        (GenericTable,),
        {
            "__doc__": f"The table {mapping.name!r} of beanclear.toml.",
            "mapping": mapping,
            "mixed": mixed,
            "name": f"table-{mapping.name}",
            "source": mapping.source,
            "stage": Stage(mapping.stage),
            "required": (frozenset(headers),),
            "columns": _columns(mapping, named),
            "fields": _fields(mapping, mixed=mixed),
            "nth": _nth(mapping),
            "identity": (*_identity(mapping), *(("money",) if mixed else ())),
            "row_faults": _row_faults(mapping, mixed=mixed),
        },
    )


def _columns(mapping: TableMapping, named: Mapping[str, str]) -> dict[str, Column]:
    """Every name an expression may use; of those that are not mapped most are NULL."""
    columns = {}
    for name in type(mapping.columns).model_fields:
        headers = (normal_header(named[name]),) if name in named else ()
        if name in _LATER and name not in named:
            continue
        kind = _TYPES.get(name, Type.ID)
        columns[name] = column(*headers, type=kind, required=name in _REQUIRED)
    for name, header in (
        ("own_account", mapping.account_column),
        ("money", mapping.currency_column),
    ):
        columns[name] = column(*((normal_header(header),) if header else ()), type=Type.ID)
    return columns


def _fields(mapping: TableMapping, *, mixed: bool) -> dict[str, str]:
    unknown = Kind.BANK_LINE if mapping.stage == "bank" else Kind.OTHER
    platform = literal(mapping.platform) if mapping.platform else "NULL"
    fields = {
        "occurred_at": "occurred_at",
        "kind": lookup("kind", mapping.kinds, literal(unknown)),
        "kind_raw": "coalesce(kind, '')",
        "amount_minor": _AMOUNT[mapping.effective_sign],
        "balance_minor": "balance",
        "platform": f"CASE WHEN order_id IS NOT NULL THEN {platform} END",
        **{name: name for name in _TEXTS if name not in _LATER or getattr(mapping.columns, name)},
    }
    if mapping.columns.fee is not None:
        fields[FEE_FIELD] = f"{'-' if mapping.effective_sign == 'reversed' else ''}fee"
    if mapping.columns.converted is not None:
        fields[CONVERTED_FIELD] = "abs(converted)"
    if mixed:
        fields["currency"] = lookup("upper(money)", CURRENCY_WORDS, literal(mapping.currency))
    if mapping.columns.record_id is not None:
        # The two sides of an exchange may share their provider's number.
        fields["record_id"] = _BY_CURRENCY if mixed else "record_id"
    elif mapping.columns.bank_ref is not None:
        fields["record_id"] = serial_id("bank_ref", "occurred_at")
    return fields


def _nth(mapping: TableMapping) -> Nth | None:
    """What tells lines apart that share a bank's reference."""
    if mapping.columns.record_id is not None or mapping.columns.bank_ref is None:
        return None
    return by_time("occurred_at", _AMOUNT[mapping.effective_sign], "balance")


def _identity(mapping: TableMapping) -> tuple[str, ...]:
    """What is mapped of a line's numbers and further amounts, where it has no id of its own."""
    return tuple(name for name in _IDENTITY if getattr(mapping.columns, name) is not None)


def _row_faults(mapping: TableMapping, *, mixed: bool) -> tuple[tuple[str, str, str, str], ...]:
    named = mapping.columns
    faults = [
        wrong
        for wrong in currency_faults("money", mapping.currency_column or "")
        if not (mixed and wrong[0] == "wrong-currency")
    ]
    if named.amount is None:
        both = f"{named.income}/{named.expense}"
        faults.append(("missing-cell", "income IS NULL AND expense IS NULL", both, "''"))
    if named.record_id is None and named.bank_ref is not None:
        faults.append(("missing-cell", "bank_ref IS NULL", named.bank_ref, "''"))
    return tuple(faults)


def _plain(mapping: TableMapping, table: pa.Table, *, text: bool, mixed: bool) -> pa.Table:
    """A table with amounts and dates written the plain way."""
    changes = {}
    money = normal_header(mapping.currency_column or "") if mixed else ""
    code = literal(mapping.currency)
    if money:
        place = table.column_names.index(money)
        table = table.set_column(place, money, bare_column(table.column(money)))
        code = lookup(f"upper({quoted(money)})", CURRENCY_WORDS, code)
    for name in (*_MONEY, "occurred_at"):
        header = normal_header(getattr(mapping.columns, name) or "")
        if header:
            place = table.column_names.index(header)
            table = table.set_column(place, header, bare_column(table.column(header)))
            cell = quoted(header)
            if name in _MONEY:
                sql = _plain_amount(cell, mapping, text=text)
                own = literal(mapping.converted_currency) if name == "converted" else code
                changes[cell] = _two_digits(sql, own) if mixed else sql
            else:
                changes[cell] = _plain_moment(cell, mapping)
    replaced = ", ".join(f"{sql} AS {cell}" for cell, sql in changes.items())
    with connect() as connection:
        connection.register("written", table)
        query = f"SELECT * REPLACE ({replaced}) FROM written ORDER BY row"
        return connection.sql(query).to_arrow_table()


def _two_digits(amount: str, code: str) -> str:
    """A plain amount in `code`, shifted so that two digits after the point are the minor unit."""
    number = f"TRY_CAST(({amount}) AS DECIMAL(24, 6))"
    return case(
        (
            (
                f"{code} = {literal(other)} AND {number} IS NOT NULL",
                f"CAST({number} * CAST('{factor}' AS DECIMAL(6, 2)) AS VARCHAR)",
            )
            for other, factor in _SHIFTED.items()
        ),
        amount,
    )


def _plain_moment(cell: str, mapping: TableMapping) -> str:
    """`03/07/2026` as `2026-07-03 00:00:00`, by the mapping's format; real dates stay."""
    if mapping.date_format is None:
        return cell
    moment = f"try_strptime({cell}, {literal(mapping.date_format)})"
    return f"coalesce(strftime({moment}, '%Y-%m-%d %H:%M:%S'), {cell})"


def _plain_amount(cell: str, mapping: TableMapping, *, text: bool) -> str:
    """`1.234,56` as `1234.56`; what is written otherwise is marked, so that it is a fault."""
    decimal, thousands = re.escape(mapping.decimal), re.escape(mapping.thousands)
    grouped = rf"|\d{{1,3}}({thousands}\d{{3}})+" if thousands else ""
    shape = rf"[+-]?(\d+{grouped})({decimal}\d+)?"
    joined = f"replace({cell}, {literal(mapping.thousands)}, '')" if thousands else cell
    plain = f"replace({joined}, {literal(mapping.decimal)}, '.')"
    own = "false" if text else rf"regexp_full_match({cell}, '[+-]?\d+(\.\d{{1,2}})?')"
    return (
        f"CASE WHEN is_blank({cell}) OR {own} THEN {cell} "
        f"WHEN regexp_full_match({cell}, {literal(shape)}) THEN {plain} "
        f"ELSE {cell} || ' ?' END"
    )
