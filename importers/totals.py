"""Total rows at the end of a table: each figure in an amount column is that column's sum.

Platforms and banks write such rows, and so do people. Where the layout has one of its own, its
figures are controls, which prove the table. Anywhere else they must agree and prove nothing: a
sum that somebody wrote below what a spreadsheet still held says nothing of what it held before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from beanclear.importers.columns import Typing, quoted
from beanclear.importers.faults import MOST_FAULTS, fault
from beanclear.importers.frame import first_filled
from beanclear.importers.quick import MONEY
from beanclear.importers.rules import minor_of
from beanclear.importers.sheet import Sheet
from beanclear.importers.text import bare, normal_header
from beanclear.ledger.errors import Fault
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import format_minor
from beanclear.ledger.statement import Control

if TYPE_CHECKING:
    from beanclear.importers.base import StatementImporter


@dataclass(slots=True)
class Totals:
    """What total rows say: controls, faults, how many rows are `lost` to faults, and warnings."""

    controls: list[Control] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lost: int = 0
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure of a total row, as written and in minor units, and the sum of its column."""

    column: str
    text: str
    stated: int | None
    found: int


def compared(
    importer: StatementImporter,
    sheet: Sheet,
    connection: duckdb.DuckDBPyConnection,
    typing: Typing,
    currency: str,
) -> Totals:
    """The total rows of a table beside its rows, which `cells` of `connection` holds."""
    totals = Totals()
    if not sheet.totals:
        return totals
    headers = {
        name: header
        for name, declared in importer.columns.items()
        if declared.type in MONEY
        and (header := typing.found[name]) is not None
        and name != "balance"
        and "余额" not in header
    }
    sums = _sums(connection, list(headers))
    agreed: list[int] = []
    for row, cells in _written(importer, sheet):
        figures = [
            _Figure(header, text, minor_of(text, currency, typing.mark(name)), sums[name])
            for name, header in headers.items()
            if re.search(r"\d", text := bare(cells.get(header) or ""))
        ]
        word = normal_header(first_filled(list(cells.values()))).rstrip(":")
        if not figures or any(figure.stated is None for figure in figures):
            totals.lost += 1
            _note(totals, _unreadable(sheet, row, figures))
        elif importer.frame.totals:
            totals.controls += [
                Control(name=f"{word} {one.column}", stated=one.stated or 0, found=one.found)
                for one in figures
            ]
        else:
            wrong = [one for one in figures if one.stated != one.found]
            if wrong:
                totals.lost += 1
                _note(totals, _wrong(sheet, row, wrong[0], currency))
            else:
                agreed.append(row)
    if agreed:
        rows = ", ".join(map(str, agreed[:5])) + (", …" if len(agreed) > len(agreed[:5]) else "")
        totals.warnings.append(
            _("a total row that agrees with the rows above it is not booked: row %(rows)s")
            % {"rows": rows}
        )
    return totals


def _note(totals: Totals, found: Fault) -> None:
    if len(totals.faults) <= MOST_FAULTS:
        totals.faults.append(found)


def _unreadable(sheet: Sheet, row: int, figures: list[_Figure]) -> Fault:
    bad = next((one for one in figures if one.stated is None), None)
    if bad is None:
        return fault("stray-total", sheet.name, row)
    return fault("bad-amount", sheet.name, row, column=bad.column, text=bad.text)


def _wrong(sheet: Sheet, row: int, figure: _Figure, currency: str) -> Fault:
    return fault(
        "wrong-total",
        sheet.name,
        row,
        column=figure.column,
        text=figure.text,
        found=format_minor(figure.found, currency),
    )


def _sums(connection: duckdb.DuckDBPyConnection, names: list[str]) -> dict[str, int]:
    """The sum of each amount column, in minor units."""
    if not names:
        return {}
    query = ", ".join(f"coalesce(sum({quoted(name)}), 0)" for name in names)
    row = connection.execute(f"SELECT {query} FROM cells").fetchone() or ()
    return {name: int(value) for name, value in zip(names, row, strict=True)}


def _written(importer: StatementImporter, sheet: Sheet) -> list[tuple[int, dict[str, str]]]:
    """The total rows by header, amounts written the way its importer reads them."""
    columns = zip(*(cells for _, cells in sheet.totals), strict=True)
    table = pa.table(
        {
            **{
                name: pa.array(cells, pa.string())
                for name, cells in zip(sheet.headers, columns, strict=True)
            },
            "row": pa.array([row for row, _ in sheet.totals], pa.int32()),
        }
    )
    plain = importer.written(table, text=sheet.text)
    return [(line.pop("row"), line) for line in plain.to_pylist()]
