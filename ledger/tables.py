"""The one Arrow schema of records, and conversion to and from single `Record`s."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from beanclear.ledger.arrow import leave_pandas_out
from beanclear.ledger.records import ZONE, Kind, OrderStatus, Record, Stage

# Whoever makes arrays of records comes by here first.
leave_pandas_out()

_MOMENT = pa.timestamp("us", tz=ZONE)

SCHEMA = pa.schema(
    [
        pa.field("record_id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("account", pa.string(), nullable=False),
        pa.field("stage", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("kind_raw", pa.string(), nullable=False),
        pa.field("occurred_at", _MOMENT, nullable=False),
        pa.field("booked_on", pa.date32(), nullable=False),
        pa.field("amount_minor", pa.int64(), nullable=False),
        pa.field("currency", pa.string(), nullable=False),
        pa.field("document", pa.string(), nullable=False),
        pa.field("row", pa.int32(), nullable=False),
        pa.field("shop", pa.string(), nullable=False),
        pa.field("platform", pa.string()),
        pa.field("balance_minor", pa.int64()),
        pa.field("order_id", pa.string()),
        pa.field("parent_order_id", pa.string()),
        pa.field("trade_id", pa.string()),
        pa.field("refund_id", pa.string()),
        pa.field("settlement_id", pa.string()),
        pa.field("payout_id", pa.string()),
        pa.field("bank_ref", pa.string()),
        pa.field("waybill_id", pa.string()),
        pa.field("buyer", pa.string()),
        pa.field("category", pa.string()),
        pa.field("counterparty", pa.string()),
        pa.field("memo", pa.string()),
        pa.field("status", pa.string()),
        pa.field("ordered_at", _MOMENT),
        pa.field("paid_at", _MOMENT),
        pa.field("shipped_at", _MOMENT),
        pa.field("completed_at", _MOMENT),
        pa.field("closed_at", _MOMENT),
        pa.field("known_at", _MOMENT),
        pa.field("goods_minor", pa.int64()),
        pa.field("shipping_minor", pa.int64()),
        pa.field("merchant_discount_minor", pa.int64()),
        pa.field("platform_discount_minor", pa.int64()),
        pa.field("tax_minor", pa.int64()),
        pa.field("refunded_minor", pa.int64()),
        pa.field("fee_rate_ppm", pa.int64()),
    ]
)


def to_table(records: Iterable[Record]) -> pa.Table:
    """Records as one Arrow table of `SCHEMA`, in the order given."""
    rows = list(records)
    columns = [pa.array([getattr(row, field.name) for row in rows], field.type) for field in SCHEMA]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def to_records(table: pa.Table) -> Iterator[Record]:
    """The rows of a table of `SCHEMA`, one `Record` each. For edges, not for bulk."""
    for row in table.to_pylist():
        values: dict[str, Any] = dict(row)
        values["stage"] = Stage(values["stage"])
        values["kind"] = Kind(values["kind"])
        values["status"] = OrderStatus(values["status"]) if values["status"] else None
        yield Record(**values)
