"""Tables as text that people and machines read: cells, CSV, JSON and HTML."""

from __future__ import annotations

import csv
import datetime
import functools
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING, Any

from beanclear.ledger.money import to_decimal, to_minor
from beanclear.ledger.statements.table import Cell, Column, Kind, Row, Style, Table

if TYPE_CHECKING:
    from jinja2 import Template

BLANK = "________"  # what nobody said yet, to be filled in by hand
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(row: Row, place: int, table: Table) -> str:
    """One cell for people: amounts with thousands separators, rates in percent."""
    value, column = row.cells[place], table.columns[place]
    if isinstance(value, int):
        match column.kind:
            case Kind.MONEY:
                return f"{to_decimal(value, row.currency or table.currency):,f}"
            case Kind.RATE:
                return f"{to_decimal(value, 'CNY') / 100:.2f}%"
            case _:
                return f"{value:,}"
    return "" if value is None else str(value)


def difference(minor: int, table: Table) -> str:
    """What a tie-out does not hold by, for people."""
    return f"{to_decimal(minor, table.currency):,f}"


def told(table: Table) -> list[str]:
    """What each tie-out says, a sentence each: it holds, or by how much it does not."""
    return [
        f"{'✗' if rest else '✓'} {label}: {difference(rest, table)}"
        for label, rest in table.checks.items()
    ]


def plain(value: Cell, column: Column, currency: str) -> str | int | None:
    """One cell for machines: amounts and rates as decimal strings, dates as ISO 8601."""
    if isinstance(value, int):
        match column.kind:
            case Kind.MONEY:
                return f"{to_decimal(value, currency):f}"
            case Kind.RATE:
                return f"{to_decimal(value, 'CNY') / 10_000:f}"
            case _:
                return value
    return value.isoformat() if isinstance(value, datetime.date) else value


def as_csv(table: Table) -> str:
    """The rows as CSV under the columns' names; text a spreadsheet would run gets an apostrophe.

    A bare table has its headings there.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([column.heading if table.bare else column.name for column in table.columns])
    for row in table.rows:
        writer.writerow(
            [
                _inert(plain(value, column, row.currency or table.currency), column)
                for value, column in zip(row.cells, table.columns, strict=True)
            ]
        )
    return buffer.getvalue()


def _inert(value: str | int | None, column: Column) -> str | int | None:
    if isinstance(value, str) and column.kind == Kind.TEXT and value.startswith(_FORMULA):
        return "'" + value
    return value


def as_json(table: Table) -> dict[str, Any]:
    """The table as JSON values; amounts are decimal strings."""
    return {
        "name": table.name,
        "title": table.title,
        "form": table.form,
        "currency": table.currency,
        "header": dict(table.header),
        "columns": [
            {"name": column.name, "heading": column.heading, "kind": str(column.kind)}
            for column in table.columns
        ],
        "rows": [
            {
                "style": str(row.style),
                "currency": row.currency or table.currency,
                **({"accounts": list(row.accounts)} if row.accounts else {}),
                **{
                    column.name: plain(value, column, row.currency or table.currency)
                    for value, column in zip(row.cells, table.columns, strict=True)
                },
            }
            for row in table.rows
        ],
        "notes": list(table.notes),
        "checks": {
            name: f"{to_decimal(difference, table.currency):f}"
            for name, difference in table.checks.items()
        },
    }


def from_json(content: Mapping[str, Any]) -> Table:
    """The table that `as_json` wrote; it knows no formulas.

    Raises:
      KeyError, ValueError: it is no such content.
    """
    columns = tuple(
        Column(name=one["name"], heading=one["heading"], kind=Kind(one["kind"]))
        for one in content["columns"]
    )
    currency = content["currency"]
    return Table(
        name=content["name"],
        title=content["title"],
        form=content["form"],
        currency=currency,
        header=tuple(content["header"].items()),
        columns=columns,
        rows=tuple(
            Row(
                style=Style(row["style"]),
                currency=row["currency"],
                accounts=tuple(row.get("accounts", ())),
                cells=tuple(_from_plain(row[one.name], one, row["currency"]) for one in columns),
            )
            for row in content["rows"]
        ),
        notes=tuple(content["notes"]),
        checks={
            label: to_minor(Decimal(text), currency) for label, text in content["checks"].items()
        },
    )


def _from_plain(value: str | int | None, column: Column, currency: str) -> Cell:
    if isinstance(value, str):
        match column.kind:
            case Kind.MONEY:
                return to_minor(Decimal(value), currency)
            case Kind.RATE:
                return int(Decimal(value) * 1_000_000)
            case Kind.DATE:
                return datetime.date.fromisoformat(value)
    return value


def as_html(tables: Sequence[Table], language: str) -> str:
    """The tables as one page that prints well on A4; everything in it is escaped."""
    return _template().render(
        tables=tables, language=language, blank=BLANK, shown={"cell": cell, "told": told}
    )


@functools.cache
def _template() -> Template:
    import jinja2  # noqa: PLC0415 - only who asks for a page pays for it

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    text = resources.files("beanclear.ledger.statements") / "templates" / "report.html"
    return environment.from_string(text.read_text("utf-8"))
