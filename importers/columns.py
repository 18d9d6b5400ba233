"""From cells to typed columns: what an importer declares, turned into one SQL relation.

An importer names its columns once, in English, with the headers they go by and their type.
`typed` makes a DuckDB view `cells` of them: ids and texts cleaned, amounts as integer minor
units, moments as timestamps without zone. What cannot be read is a fault with its row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import duckdb
import pyarrow as pa

from beanclear.importers.faults import MOST_FAULTS, fault
from beanclear.importers.sheet import Sheet
from beanclear.importers.text import MACROS, bare_column, edged_column
from beanclear.ledger.errors import Fault
from beanclear.ledger.money import minor_digits


class Type(StrEnum):
    """What a column holds."""

    ID = "id"  # VARCHAR without disguises; lost digits are a fault
    TEXT = "text"  # VARCHAR, made harmless (P10)
    AMOUNT = "amount"  # BIGINT minor units; finer than the minor unit is a fault
    ROUNDED = "rounded"  # the same, rounded half away from zero where the format is finer
    MOMENT = "moment"  # TIMESTAMP without zone, the source's own clock
    RATE = "rate"  # BIGINT millionths: `0.60%` is 6000
    RAW = "raw"  # VARCHAR as it stands


@dataclass(frozen=True, slots=True)
class Column:
    """One column an importer reads.

    Attributes:
      headers: the normalised headers it goes by; the first that the sheet has is read.
      type: what it holds.
      required: an empty cell is a fault.
    """

    headers: tuple[str, ...]
    type: Type = Type.TEXT
    required: bool = False


def column(*headers: str, type: Type = Type.TEXT, required: bool = False) -> Column:
    """Short for `Column`."""
    return Column(headers, type, required)


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB of its own in memory, with the macros of `beanclear.importers.text`."""
    connection = duckdb.connect(":memory:")
    for macro in MACROS:
        connection.execute(macro)
    return connection


def quoted(name: str) -> str:
    """An SQL identifier for any header."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def any_of(cell: str, words: Sequence[str]) -> str:
    """SQL: whether one of `words` stands in `cell`; `=` before a word: the cell is exactly that."""
    tests = [
        f"{cell} = {literal(word[1:])}"
        if word.startswith("=")
        else f"contains({cell}, {literal(word)})"
        for word in words
    ]
    return "(" + " OR ".join(tests) + ")"


def typed(
    connection: duckdb.DuckDBPyConnection,
    sheet: Sheet,
    columns: Mapping[str, Column],
    currency: str = "CNY",
) -> dict[str, str | None]:
    """Create the table `cells`: `row` and one column per declared name, NULL where absent.

    Returns:
      The header each declared name was found under, none where the sheet has none of them.
    """
    found = {
        name: next((header for header in declared.headers if header in sheet.headers), None)
        for name, declared in columns.items()
    }
    connection.register("raw_sheet", _trimmed(sheet, columns, found))
    parts = ["row"]
    for name, declared in columns.items():
        header = found[name]
        sql = _expression(declared.type, quoted(name), currency) if header else _null(declared)
        parts.append(f"{sql} AS {quoted(name)}")
    connection.execute(f"CREATE TEMP TABLE cells AS SELECT {', '.join(parts)} FROM raw_sheet")
    return found


def _trimmed(
    sheet: Sheet, columns: Mapping[str, Column], found: Mapping[str, str | None]
) -> pa.Table:
    """The cells an importer reads, under its own names, without disguises or harm."""
    arrays = {"row": sheet.table.column("row")}
    for name, header in found.items():
        if header is not None:
            cells = sheet.table.column(header)
            kind = columns[name].type
            if kind not in {Type.TEXT, Type.RAW}:
                cells = bare_column(cells)
            if kind in {Type.TEXT, Type.ID}:
                cells = edged_column(cells)
            arrays[name] = cells
    return pa.table(arrays)


def faults_of(
    connection: duckdb.DuckDBPyConnection,
    sheet: Sheet,
    columns: Mapping[str, Column],
    found: Mapping[str, str | None],
) -> tuple[list[Fault], set[int]]:
    """The cells that cannot be read: faults (the first ones), and all bad rows."""
    faults: list[Fault] = []
    rows: set[int] = set()
    for name, declared in columns.items():
        header = found[name]
        if header is None:
            continue
        for row, text, blank in _bad_cells(connection, name, declared):
            rows.add(row)
            if len(faults) <= MOST_FAULTS:
                code = "missing-cell" if blank else _code(declared.type, text)
                faults.append(fault(code, sheet.name, row, column=header, text=text))
    return faults, rows


def _bad_cells(connection: duckdb.DuckDBPyConnection, name: str, declared: Column) -> list[Any]:
    """Rows in which a filled cell gave nothing, or a required one is empty."""
    cell = "raw_sheet." + quoted(name)
    blank = f"is_blank({cell})"
    wrong = f"NOT {blank}" if declared.type not in {Type.TEXT, Type.RAW} else "false"
    if declared.required:
        wrong = "true"
    if wrong == "false":
        return []
    return connection.execute(
        f"""SELECT cells.row, {cell}, {blank}
            FROM (SELECT row FROM cells WHERE {quoted(name)} IS NULL) AS cells
            JOIN raw_sheet USING (row) WHERE {wrong} ORDER BY cells.row"""
    ).fetchall()


def _code(kind: Type, text: str) -> str:
    """Which fault a filled cell is that gave nothing."""
    if kind in {Type.AMOUNT, Type.ROUNDED}:
        plain = text.strip("¥￥元 ").lstrip("+-")
        whole, point, rest = plain.partition(".")
        return "fine-amount" if point and (whole + rest).isdecimal() else "bad-amount"
    return {Type.ID: "lost-digits", Type.MOMENT: "bad-moment", Type.RATE: "bad-rate"}[kind]


def _expression(kind: Type, cell: str, currency: str) -> str:
    digits = minor_digits(currency)
    scaled = f"(as_units({cell}) * {10**digits})"
    match kind:
        case Type.ID:
            return f"as_id({cell})"
        case Type.TEXT:
            return f"as_text({cell})"
        case Type.AMOUNT:
            fraction = f"(\\.\\d{{1,{digits}}})?" if digits else ""
            return (
                f"CASE WHEN regexp_full_match({cell}, '[+-]?\\d{{1,15}}{fraction}') "
                f"THEN CAST(CAST({cell} AS DECIMAL(18, {digits})) * {10**digits} AS BIGINT) "
                f"WHEN is_blank({cell}) THEN NULL "
                f"WHEN {scaled} = floor({scaled}) THEN CAST({scaled} AS BIGINT) END"
            )
        case Type.ROUNDED:
            return f"CAST(round({scaled}) AS BIGINT)"
        case Type.MOMENT:
            return f"as_moment({cell})"
        case Type.RATE:
            return f"as_rate_ppm({cell})"
        case Type.RAW:
            return cell


def _null(declared: Column) -> str:
    kind = {
        Type.AMOUNT: "BIGINT",
        Type.ROUNDED: "BIGINT",
        Type.RATE: "BIGINT",
        Type.MOMENT: "TIMESTAMP",
    }.get(declared.type, "VARCHAR")
    return f"CAST(NULL AS {kind})"
