"""Cells of a mapped table written the plain way: `1.234,56` as `1234.56`, dates as ISO.

Real numbers and dates of a workbook are plain already. What is written otherwise than the mapping
says is marked, so that it becomes a fault: `12.34` under a decimal comma is not 1234.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

import pyarrow as pa

from beanclear.importers.columns import NOT_FITTING, Column, Type, connect, literal
from beanclear.importers.rules import CURRENCY_WORDS, case, lookup
from beanclear.importers.text import bare_column, normal_header
from beanclear.ledger.money import minor_digits
from beanclear.ledger.records import ZONE
from beanclear.ledger.table_mapping import TableMapping, has_clock

TWO_DIGITS = "CNY"
# What amounts of a currency without two digits are multiplied by.
_SHIFTED = {
    code: Decimal(1).scaleb(minor_digits(code) - minor_digits(TWO_DIGITS))
    for code in sorted(set(CURRENCY_WORDS.values()))
    if minor_digits(code) != minor_digits(TWO_DIGITS)
}
# How an amount of these may begin, behind its sign, where the mapping says the currency.
_SYMBOLS = {
    "CNY": "[¥￥]", "JPY": "[¥￥]", "EUR": "€", "GBP": "£", "USD": r"(US)?\$", "CAD": r"(CA?)?\$",
    "AUD": r"(AU?)?\$", "HKD": r"(HK)?\$", "SGD": r"S?\$", "NZD": r"(NZ)?\$", "TWD": r"(NT)?\$",
    "MXN": r"(MX)?\$",
}  # fmt: skip
_ISO = "'%Y-%m-%d %H:%M:%S'"
# Of a date with a time beside it only the day counts; a workbook's time may be a share of a day.
_DAY = r"regexp_replace({}, ' 00:00:00$', '')"
_CLOCK = (
    r"CASE WHEN regexp_full_match({0}, '0?\.\d+') THEN strftime(TIMESTAMP '2000-01-01'"
    r" + to_seconds(CAST(round(TRY_CAST({0} AS DOUBLE) * 86400) AS BIGINT)), '%H:%M:%S')"
    r" ELSE {0} END"
)


def written_plainly(
    mapping: TableMapping,
    columns: Mapping[str, Column],
    table: pa.Table,
    *,
    text: bool,
    mixed: bool,
) -> pa.Table:
    """A table with amounts and dates written the plain way; `text`: not of a workbook."""
    money = normal_header(mapping.currency_column or "") if mixed else ""
    code = literal(mapping.currency)
    bare = {header for one in columns.values() for header in _rewritten(one)}
    clock = normal_header(mapping.columns.time or "")
    headers = sorted((bare | {money, clock}) - {""})
    # Names of their own: SQL takes `Row` and `row` for one column.
    cells = {header: f"cell_{number}" for number, header in enumerate(headers)}
    if money:
        code = lookup(f"upper({cells[money]})", CURRENCY_WORDS, code)
    changes: dict[str, str] = {}
    for name, declared in columns.items():
        for header in _rewritten(declared):
            cell = cells[header]
            if declared.type is Type.MOMENT:
                beside = cells[clock] if clock and name == "occurred_at" else ""
                changes[header] = _moment(cell, mapping, beside, text=text)
            else:
                # Without a word of the mapping the column itself tells.
                said = mixed or {"decimal", "thousands"} & mapping.model_fields_set
                sql = _amount(cell, mapping, text=text) if said else _bare_amount(cell, mapping)
                own = literal(mapping.converted_currency) if name == "converted" else code
                changes[header] = _two_digits(sql, own) if mixed else sql
    found = {cells[header]: bare_column(table.column(header)) for header in headers}
    with connect() as connection:
        connection.register("written", pa.table({**found, "row": table.column("row")}))
        written = ", ".join(f"{sql} AS {cells[header]}" for header, sql in changes.items())
        plain = connection.sql(f"SELECT {written} FROM written ORDER BY row").to_arrow_table()
    for header in changes:
        place = table.column_names.index(header)
        table = table.set_column(place, header, plain.column(cells[header]))
    return table


def _rewritten(declared: Column) -> tuple[str, ...]:
    return declared.headers if declared.type in {Type.AMOUNT, Type.MOMENT} else ()


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


def _moment(cell: str, mapping: TableMapping, clock: str, *, text: bool) -> str:
    """`03/07/2026` as `2026-07-03 00:00:00`, by the mapping's format."""
    written = cell
    if clock:
        day, time = _DAY.format(cell), _CLOCK.format(clock)
        written = f"CASE WHEN is_blank({cell}) THEN {cell} ELSE concat_ws(' ', {day}, {time}) END"
    formats = mapping.date_formats
    if not formats and mapping.time_zone is None:
        return written
    offset = f"regexp_replace({written}, 'Z$', '+00')"
    moments = [
        (
            f"try_strptime({offset if one.endswith('%z') else written}, {literal(one)})",
            has_clock(one),
        )
        for one in formats
    ]
    if not formats or not text:  # real dates of a workbook are ISO by now, whatever their looks
        moments.append((f"as_moment({written})", True))
    if mapping.time_zone is not None:
        zone = literal(mapping.time_zone)
        moments = [
            (f"timezone('{ZONE}', timezone({zone}, {moment}))" if clock else moment, clock)
            for moment, clock in moments
        ]
    ways = ", ".join(f"strftime({moment}, {_ISO})" for moment, _clock in moments)
    otherwise = f"CASE WHEN is_blank({cell}) THEN {cell} ELSE {written} || '{NOT_FITTING}' END"
    return f"coalesce({ways}, {otherwise})"


def _bare_amount(cell: str, mapping: TableMapping) -> str:
    """An amount without the sign of the mapping's currency."""
    symbol = None if mapping.currency_column else _SYMBOLS.get(mapping.currency)
    return cell if symbol is None else f"regexp_replace({cell}, '^([+-]?) ?{symbol} ?', '\\1')"


def _amount(cell: str, mapping: TableMapping, *, text: bool) -> str:
    """`1.234,56` as `1234.56`: thousands only where they group by three."""
    cell = _bare_amount(cell, mapping)
    decimal, thousands = re.escape(mapping.decimal), re.escape(mapping.thousands)
    grouped = rf"|\d{{1,3}}({thousands}\d{{3}})+" if thousands else ""
    shape = rf"[+-]?(\d+{grouped})({decimal}\d+)?"
    joined = f"replace({cell}, {literal(mapping.thousands)}, '')" if thousands else cell
    plain = f"replace({joined}, {literal(mapping.decimal)}, '.')"
    own = "false" if text else rf"regexp_full_match({cell}, '[+-]?\d+(\.\d{{1,2}})?')"
    return (
        f"CASE WHEN is_blank({cell}) OR {own} THEN {cell} "
        f"WHEN regexp_full_match({cell}, {literal(shape)}) THEN {plain} "
        f"ELSE {cell} || '{NOT_FITTING}' END"
    )
