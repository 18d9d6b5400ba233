"""What a file from outside may hold at most, said in docs/formats.md: values, and sizes."""

from __future__ import annotations

import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers.faults import fault, refusal
from beanclear.importers.quick import MONEY, Type
from beanclear.ledger.errors import Fault
from beanclear.ledger.money import LINES_OF_MOST, ceiling

# The moments that anything in a file can be of; an ERP's "never" (9999-12-31) is none.
MOMENTS: Final = (
    datetime.datetime(1980, 1, 1),
    datetime.datetime(2100, 12, 31, 23, 59, 59, 999999),
)
# A table: no export has a tenth of these columns.
MOST_COLUMNS: Final = 1_000
# A workbook: its own size, and what the process that reads it may give back and take.
WORKBOOK_BYTES: Final = 256 * 1024**2
WORKBOOK_SECONDS: Final = 300.0
WORKBOOK_LIMITS: Final = {
    "memory": 4 * 1024**3,
    "sheets": 200,
    "rows": 1_048_576,
    "columns": MOST_COLUMNS,
    "cells": 20_000_000,
    "characters": 500_000_000,
}


def check_columns(name: str, count: int) -> None:
    """Refuse a table of more columns than any export has.

    Raises:
      SourceError: `many-columns`.
    """
    if count > MOST_COLUMNS:
        raise refusal("many-columns", name, count=count, most=MOST_COLUMNS)


def within(kind: Type, values: pa.Array, currency: str) -> pa.Array:
    """Amounts and moments that can be true; nothing in place of the others."""
    if kind in MONEY:
        most = pa.scalar(ceiling(currency) - 1, pa.int64())
        least = pa.scalar(1 - ceiling(currency), pa.int64())
    elif kind is Type.MOMENT:
        least, most = (pa.scalar(moment, pa.timestamp("us")) for moment in MOMENTS)
    else:
        return values
    ends = pc.min_max(values)
    if not ends["min"].is_valid or (
        ends["min"].as_py() >= least.as_py() and ends["max"].as_py() <= most.as_py()
    ):
        return values
    possible = pc.and_(pc.greater_equal(values, least), pc.less_equal(values, most))
    return pc.if_else(possible, values, pa.scalar(None, values.type))


def huge_sum(file: str, currency: str, records: pa.Table) -> list[Fault]:
    """A fault where all amounts together are more than the sums of books can hold."""
    amounts = pc.abs(pc.fill_null(records.column("amount_minor"), 0))
    most = ceiling(currency) * LINES_OF_MOST
    if len(amounts) * (pc.max(amounts).as_py() or 0) < most:
        return []
    total = pc.sum(amounts.cast(pa.decimal128(38, 0))).as_py() or 0
    return [fault("huge-sum", file)] if total >= most else []
