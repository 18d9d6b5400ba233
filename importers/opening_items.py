"""opening-items.csv: orders that were open before the first order export (docs/orders-csv.md).

Header: order_id, amount, and optionally channel, currency, date; no other column, because two such
common words alone would claim other people's tables. `amount` is what was still to be received.
Each row is a completed order of source `opening`; posting dates it before the earliest statement.
A row without `date` has the date 1970-01-01, which is no day of the books; for the same reason
these records say nothing about coverage, whatever the statement's span looks like.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import duckdb

from beanclear.importers.base import Facts, StatementImporter
from beanclear.importers.columns import Column, Type, column
from beanclear.importers.files import SourceFile
from beanclear.importers.frame import Frame
from beanclear.importers.sheet import Head, Sheet
from beanclear.importers.shop_orders import CURRENCY_FAULTS, PLATFORM, currency_of
from beanclear.ledger.records import Stage

_HEADERS = frozenset({"order_id", "amount", "channel", "currency", "date"})


class OpeningItems(StatementImporter):
    """Orders that predate the books and were not settled yet."""

    name = "opening-items"
    source = "opening"
    stage = Stage.ORDER
    required = (frozenset({"order_id", "amount"}),)
    frame = Frame(line_end=False)  # people and programs write it, with and without
    columns: ClassVar[Mapping[str, Column]] = {
        "order_id": column("order_id", type=Type.ID, required=True),
        "amount": column("amount", type=Type.AMOUNT, required=True),
        "channel": column("channel", type=Type.ID),
        "money": column("currency", type=Type.ID),
        "day": column("date", type=Type.MOMENT),
    }
    row_faults = (
        ("unknown-value", f"({PLATFORM}) IS NULL", "channel", "channel"),
        *CURRENCY_FAULTS,
        ("wrong-sign", "amount < 0", "amount", "amount * 0.01"),
    )
    steps = ({"moment": "coalesce(day, TIMESTAMP '1970-01-01')"},)
    fields: ClassVar[Mapping[str, str]] = {
        "record_id": "order_id",
        "kind": "'sale'",
        "kind_raw": "'opening'",
        "occurred_at": "moment",
        "amount_minor": "amount",
        "platform": PLATFORM,
        "order_id": "order_id",
        "status": "'completed'",
        "ordered_at": "moment",
        "paid_at": "moment",
        "completed_at": "moment",
    }

    def matches(self, head: Head) -> int | None:
        """Only a header of nothing but the documented names."""
        row = super().matches(head)
        if row is None or not {cell for cell in head.normal[row] if cell} <= _HEADERS:
            return None
        return row

    def facts(self, file: SourceFile, sheet: Sheet, connection: duckdb.DuckDBPyConnection) -> Facts:
        """The currency."""
        del file, sheet
        return Facts(currency=currency_of(connection))
