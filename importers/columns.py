"""From cells to typed columns: what an importer declares, turned into one relation.

An importer names its columns once, in English, with the headers they go by and their type.
`Typing` makes the table `cells` of them: ids and texts cleaned, amounts as integer minor units,
moments as timestamps without zone. What cannot be read is a fault with its row. The SQL here says
what a typed cell is; `beanclear.importers.quick` does the same for cells in their usual form.
"""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers.faults import MOST_FAULTS, fault
from beanclear.importers.limits import within
from beanclear.importers.lines import repeats
from beanclear.importers.quick import (
    MONEY,
    Cells,
    Type,
    arrow_type,
    plain_evidence,
    quickly,
    trimmed,
    value_type,
)
from beanclear.importers.text import MACROS
from beanclear.ledger import figures
from beanclear.ledger.errors import Fault
from beanclear.ledger.figures import Evidence, Mark
from beanclear.ledger.money import minor_digits, to_minor
from beanclear.ledger.records import ZONE

_OPENING = threading.Lock()
# Stands behind a cell that is not written as the importer's declaration says: no type reads it.
NOT_FITTING = " ?"

__all__ = [
    "NOT_FITTING", "Column", "Type", "Typing", "any_of", "column", "connect", "literal", "quoted",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column an importer reads.

    Attributes:
      headers: the normalised headers it goes by; the first that the sheet has is read.
      type: what it holds.
      required: an empty cell is a fault.
      misfit: the fault of a cell that cannot be read, and the values its text needs beyond the
        usual ones; none is that of the type.
    """

    headers: tuple[str, ...]
    type: Type = Type.TEXT
    required: bool = False
    misfit: tuple[str, tuple[tuple[str, str], ...]] | None = None


def column(*headers: str, type: Type = Type.TEXT, required: bool = False) -> Column:
    """Short for `Column`."""
    return Column(headers, type, required)


@functools.cache
def _database() -> duckdb.DuckDBPyConnection:
    """The one database of all imports: it holds the macros, and no table but for a moment."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET enable_progress_bar = false")
    # A moment with an offset is printed in the session's zone, which is else the machine's.
    connection.execute(f"SET GLOBAL TimeZone = '{ZONE}'")
    for macro in MACROS:
        connection.execute(macro)
    return connection


def connect() -> duckdb.DuckDBPyConnection:
    """A connection with the macros of `beanclear.importers.text` and tables of its own."""
    with _OPENING:
        return _database().cursor()


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


class Typing:
    """Makes batches of a sheet's cells into typed columns, and keeps what cannot be read.

    Its `take` is what `read_sheet` asks for: a table of text cells by header in, one of `row`
    and the declared names out, NULL where the sheet has no such column.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        name: str,
        columns: Mapping[str, Column],
        currency: str = "CNY",
        marks: Mapping[str, Mark] | None = None,
    ) -> None:
        self._connection = connection
        self._name = name
        self._columns = columns
        self._currency = currency
        self._marks = marks or {}
        self._evidence: dict[str, Evidence] = {}
        self._faults: dict[str, list[Fault]] = {name: [] for name in columns}
        self.bad_rows: set[int] = set()
        self.found: dict[str, str | None] = {}

    def take(self, table: pa.Table) -> pa.Table:
        """Type one batch."""
        self.found = {
            name: next((header for header in one.headers if header in table.column_names), None)
            for name, one in self._columns.items()
        }
        row = table.column("row").combine_chunks()
        arrays = {"row": row}
        for name, declared in self._columns.items():
            header = self.found[name]
            if header is None:
                arrays[name] = pa.nulls(len(row), arrow_type(declared.type))
                continue
            cells = trimmed(declared.type, Cells.of(table.column(header)))
            mark = self.mark(name)
            digits = minor_digits(self._currency)
            usual = quickly(declared.type, cells.values, digits) if mark is Mark.POINT else None
            values = self._typed(declared.type, cells.values, mark) if usual is None else usual
            values = within(declared.type, values, self._currency)
            if declared.type in MONEY and not self._marks:
                self._note_evidence(name, cells.values, usual=usual is not None)
            self._note_faults(name, declared, row, cells, values)
            arrays[name] = cells.put(values, keep=declared.type in {Type.TEXT, Type.RAW})
        return pa.table(arrays)

    def mark(self, name: str) -> Mark:
        """The decimal mark by which a column is read."""
        return self._marks.get(name, Mark.POINT)

    def marks(self, currency: str) -> dict[str, Mark]:
        """The decimal marks that all cells together say, but for points."""
        found = {
            name: figures.decided(own, self._evidence.values(), minor_digits(currency))
            for name, own in self._evidence.items()
        }
        return {name: mark for name, mark in found.items() if mark is not Mark.POINT}

    def _note_evidence(self, name: str, values: pa.Array, *, usual: bool) -> None:
        """What cells say of the decimal mark; `usual` ones have no comma, and one point at most."""
        known = self._evidence.setdefault(name, Evidence())
        if usual and known.point:
            return
        if (found := plain_evidence(values, known)) is None:
            self._connection.register("some_cells", pa.table({"cell": values}))
            ((point, comma, either),) = self._connection.execute(
                """SELECT bool_or(says_point(f)), bool_or(says_comma(f)),
                     bool_or(says_either(f) AND contains(f, ','))
                   FROM (SELECT DISTINCT figure(cell) AS f FROM some_cells)"""
            ).fetchall()
            found = Evidence(bool(point), bool(comma), bool(either))
        self._evidence[name] = known | found

    def _typed(self, kind: Type, values: pa.Array, mark: Mark) -> pa.Array:
        coded = Cells.coded(values) if repeats(values) else Cells(values, None)
        self._connection.register("some_cells", pa.table({"cell": coded.values}))
        cell = {Mark.COMMA: "swapped(cell)", Mark.OPEN: "told(cell)"}.get(mark, "cell")
        query = f"SELECT {_expression(kind, cell, self._currency)} AS typed FROM some_cells"
        found = self._connection.sql(query).to_arrow_table().column("typed")
        return coded.put(found.cast(value_type(kind)).combine_chunks(), keep=False)

    def _note_faults(
        self, name: str, declared: Column, row: pa.Array, cells: Cells, values: pa.Array
    ) -> None:
        """Filled cells that gave nothing, and required ones that are empty."""
        if declared.type in {Type.TEXT, Type.RAW} and not declared.required:
            return
        nothing = values.is_null()
        if not declared.required:  # most are merely empty
            nothing = pc.and_(nothing, pc.not_equal(pc.fill_null(cells.values, ""), ""))
        if not pc.any(nothing).as_py():
            return
        nothing = cells.put(nothing, keep=False)
        bad = pa.table({"row": row, "cell": cells.put(cells.values, keep=False)}).filter(nothing)
        self._connection.register("some_cells", bad)
        filled = "" if declared.required else "WHERE NOT is_blank(cell)"
        for number, text, blank, no_moment in self._connection.execute(
            "SELECT row, cell, is_blank(cell), as_moment(cell) IS NULL "
            f"FROM some_cells {filled} ORDER BY row"
        ).fetchall():
            self.bad_rows.add(number)
            if len(self._faults[name]) <= MOST_FAULTS:
                if blank:
                    code = "missing-cell"
                elif declared.type is Type.MOMENT and not no_moment:
                    code = "far-moment"
                else:
                    code = _code(declared.type, text or "", self.mark(name), self._currency)
                header = self.found[name]
                code, values = _told(declared, code, text or "")
                self._faults[name].append(fault(code, self._name, number, column=header, **values))

    @property
    def faults(self) -> list[Fault]:
        """The first of them, column by column."""
        every = (found for column in self._faults.values() for found in column)
        return list(itertools.islice(every, MOST_FAULTS + 1))


def _told(declared: Column, code: str, text: str) -> tuple[str, dict[str, str]]:
    """The code of a cell's fault as its column declares it, and the values of its text."""
    text = text.removesuffix(NOT_FITTING)
    if declared.misfit is None or code not in {"bad-amount", "bad-moment"}:
        return code, {"text": text}
    code, values = declared.misfit
    return code, {"text": text, **dict(values)}


def _code(kind: Type, text: str, mark: Mark, currency: str) -> str:
    """Which fault a filled cell is that gave nothing."""
    if kind not in MONEY:
        return {Type.ID: "lost-digits", Type.MOMENT: "bad-moment", Type.RATE: "bad-rate"}[kind]
    number = figures.plain(text, mark)
    if number is None:
        open_mark = mark is Mark.OPEN and figures.evidence(figures.bare(text)) != Evidence()
        return "open-amount" if open_mark else "bad-amount"
    try:
        to_minor(Decimal(number), currency)
    except ValueError:
        return "fine-amount" if kind is Type.AMOUNT else "huge-amount"
    return "huge-amount"


def _expression(kind: Type, cell: str, currency: str) -> str:
    digits = minor_digits(currency)
    # The wide type, or a long amount would overflow when it is scaled.
    scaled = f"(CAST(as_units({cell}) AS DECIMAL(38, 6)) * {10**digits})"
    match kind:
        case Type.ID:
            return f"as_id({cell})"
        case Type.TEXT:
            return f"as_text({cell})"
        case Type.AMOUNT:
            fraction = f"(\\.\\d{{1,{digits}}})?" if digits else ""
            return (
                f"CASE WHEN regexp_full_match({cell}, '[+-]?\\d{{1,15}}{fraction}') "
                f"THEN CAST(CAST({cell} AS DECIMAL(38, {digits})) * {10**digits} AS BIGINT) "
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
