"""What every report is made of: tables that a renderer shows without knowing what they say.

`beanclear.cli` renders a table as text, JSON, CSV, XLSX or HTML, the Fava extension as a page.
Headings and labels are in the reader's language already; names of columns are for machines.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from beanclear.ledger.i18n import gettext as _

# An amount is an int of minor units; the column says whether an int is money or a count.
Cell = str | int | datetime.date | None


class Kind(StrEnum):
    """How the cells of a column are shown and aligned."""

    TEXT = "text"
    MONEY = "money"  # int, minor units of the row's currency
    COUNT = "count"  # int
    RATE = "rate"  # int, millionths: 0.6 % is 6000
    DATE = "date"

    @property
    def is_number(self) -> bool:
        """Whether its cells are figures: set to the right, and summed or compared."""
        return self in {Kind.MONEY, Kind.COUNT, Kind.RATE}


class Style(StrEnum):
    """What a row is."""

    LINE = "line"
    PART = "part"  # 其中: of which; in no sum
    HEADING = "heading"  # without figures
    TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its name for machines (JSON, CSV), its heading for people, what it holds."""

    name: str
    heading: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, with one cell for each column of its table.

    Attributes:
      cells: text, int (see `Kind`), date, or none for an empty cell.
      style: what it is; renderers set totals apart and indent parts.
      currency: of its amounts; none: the table's.
      accounts: the accounts its figures come from, so that a page can lead to their entries.
      adds: for a total, the rows it adds up: (factor, index into the table's rows), so that a
        spreadsheet can hold the formula. Empty: the figure is no sum of shown rows.
    """

    cells: tuple[Cell, ...]
    style: Style = Style.LINE
    currency: str | None = None
    accounts: tuple[str, ...] = ()
    adds: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of a report.

    Attributes:
      name: for machines, and for the sheet of a workbook: `balance-sheet`.
      title: for people: 资产负债表.
      form: the official number of a form: 会小企01表; empty for others.
      currency: of all amounts whose row does not say otherwise.
      header: what stands above it: (label, value): company, period, unit, preparer.
      notes: what a reader must know, each one sentence; shown below it.
      checks: tie-outs: label → difference in minor units; zero holds.
      several: it is one of many that are printed on a page together.
      split: the row with which the right half of a form of two sides begins, on paper and in
        workbooks; 0: it has one side.
      bare: another program reads it: its headings stand in the first line of CSV and workbook.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    currency: str
    form: str = ""
    header: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    checks: Mapping[str, int] = field(default_factory=dict)
    several: bool = False
    split: int = 0
    bare: bool = False

    @property
    def sides(self) -> tuple[tuple[int | None, ...], ...]:
        """The places of the rows of each side, left to right, as long as each other.

        The last rows of both stand on one line, as the totals of a balance sheet do.
        """
        if not self.split:
            return (tuple(range(len(self.rows))),)
        left, right = range(self.split), range(self.split, len(self.rows))
        longest = max(len(left), len(right))
        return tuple(
            (*side[:-1], *(None for _line in range(longest - len(side))), *side[-1:])
            for side in (left, right)
        )

    def column(self, name: str) -> tuple[Cell, ...]:
        """The cells of one column, top to bottom.

        Raises:
          KeyError: when there is no such column.
        """
        for place, column in enumerate(self.columns):
            if column.name == name:
                return tuple(row.cells[place] for row in self.rows)
        raise KeyError(name)


def above(company: str, currency: str, preparer: str) -> tuple[tuple[str, str], ...]:
    """What stands above every table: company, unit of money, and who prepared it."""
    unit = _("yuan") if currency == "CNY" else currency
    return (_("Company"), company), (_("Unit"), unit), (_("Prepared by"), preparer)
