"""orders.csv: our own table for own shops and ERPs, as CSV or workbook (docs/orders-csv.md).

The format is ours, so it is read strictly: a status that is not in the list, a negative amount, a
moment before an earlier one of the order's life, or a refund or a tax above the order's amount is a
fault.
`amount` is what the merchant is to receive: what the buyer pays plus what the platform funds.
`channel` says whose order it is, which is the platform of its number. The file is a snapshot; it
speaks for the latest moment that stands in it. An empty `refunded` means that the system does not
know. The currency is one per file, CNY where it is not given. `buyer`, a nickname, becomes a keyed
hash (`beanclear.ledger.buyers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import duckdb

from beanclear.importers.base import Facts, StatementImporter
from beanclear.importers.columns import Column, Type, column
from beanclear.importers.files import SourceFile
from beanclear.importers.frame import Frame
from beanclear.importers.rules import lookup, values_of
from beanclear.importers.sheet import Sheet
from beanclear.ledger.records import OrderStatus, Stage

# `channel` → platform.
CHANNELS: Mapping[str, str] = {
    "shop": "shop",
    "taobao": "taobao",
    "tmall": "taobao",
    "pinduoduo": "pinduoduo",
}
PLATFORM = lookup("coalesce(lower(channel), 'shop')", CHANNELS)
# `CNY`, `USD`: an ISO code; which one is the file's is told by its first row.
_ISO = "regexp_full_match(upper(money), '[A-Z]{3}')"
CURRENCY_FAULTS = (
    ("unknown-value", f"money IS NOT NULL AND NOT {_ISO}", "currency", "money"),
    (
        "wrong-currency",
        "upper(coalesce(money, 'CNY')) <> "
        "(SELECT arg_min(upper(coalesce(money, 'CNY')), row) FROM cells)",
        "currency",
        "coalesce(money, 'CNY')",
    ),
)
_STATUSES = ", ".join(f"'{status}'" for status in OrderStatus)
_AMOUNTS = ("amount", "shipping", "merchant_discount", "platform_discount", "tax", "refunded")
_PARTS = ("tax", "shipping", "platform_discount")  # of `amount`
# A moment and the earlier ones it may not precede.
_LIFE = {
    "paid_at": ("ordered_at",),
    "shipped_at": ("ordered_at",),
    "completed_at": ("ordered_at", "paid_at", "shipped_at"),
}


def _early(late: str, early: str) -> str:
    """`late` precedes `early`; a day without a time may be the same day as a moment."""
    bare_day = f"({late} = date_trunc('day', {late}) AND {late} = date_trunc('day', {early}))"
    return f"{late} < {early} AND NOT {bare_day}"


def early_faults(headers: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Row faults: a moment before an earlier one of the life; `headers` are those there are."""
    for late, earlier in _LIFE.items():
        for early in earlier:
            if late in headers and early in headers:
                yield "early-moment", _early(late, early), headers[late], late


def currency_of(connection: duckdb.DuckDBPyConnection) -> str:
    """The file's currency: that of its first row, CNY where it names none or a wrong one."""
    row = connection.execute(
        f"SELECT arg_min(CASE WHEN {_ISO} THEN upper(money) ELSE 'CNY' END, row) FROM cells"
    ).fetchone()
    return str(row[0]) if row is not None and row[0] and values_of(connection, "money") else "CNY"


class ShopOrders(StatementImporter):
    """Orders of an own shop."""

    name = "shop-orders"
    source = "shop"
    stage = Stage.ORDER
    required = (frozenset({"order_id", "ordered_at", "status", "amount"}),)
    frame = Frame(line_end=False)  # people and programs write it, with and without
    columns: ClassVar[Mapping[str, Column]] = {
        "order_id": column("order_id", type=Type.ID, required=True),
        "ordered_at": column("ordered_at", type=Type.MOMENT, required=True),
        "paid_at": column("paid_at", type=Type.MOMENT),
        "shipped_at": column("shipped_at", type=Type.MOMENT),
        "completed_at": column("completed_at", type=Type.MOMENT),
        "state": column("status", required=True),
        "money": column("currency", type=Type.ID),
        "trade_id": column("trade_id", type=Type.ID),
        "channel": column("channel", type=Type.ID),
        "nickname": column("buyer"),
        "category": column("category"),
        **{name: column(name, type=Type.AMOUNT, required=name == "amount") for name in _AMOUNTS},
    }
    row_faults = (
        ("unknown-value", f"lower(state) NOT IN ({_STATUSES})", "status", "state"),
        ("unknown-value", f"({PLATFORM}) IS NULL", "channel", "channel"),
        *CURRENCY_FAULTS,
        *(("wrong-sign", f"{name} < 0", name, f"{name} * 0.01") for name in _AMOUNTS),
        ("over-refunded", "refunded > amount", "refunded", "refunded * 0.01"),
        *(("above-amount", f"{name} > amount", name, f"{name} * 0.01") for name in _PARTS),
        ("missing-cell", "lower(state) = 'paid' AND paid_at IS NULL", "paid_at", "''"),
        ("missing-cell", "lower(state) = 'shipped' AND shipped_at IS NULL", "shipped_at", "''"),
        *early_faults({name: name for name in ("ordered_at", *_LIFE)}),
    )
    steps = ({"latest": "greatest(ordered_at, paid_at, shipped_at, completed_at)"},)
    fields: ClassVar[Mapping[str, str]] = {
        "record_id": "order_id",
        "kind": "'sale'",
        "kind_raw": "state",
        "occurred_at": "latest",
        "booked_on": "CAST(ordered_at AS DATE)",
        "amount_minor": "amount",
        "platform": PLATFORM,
        "order_id": "order_id",
        "trade_id": "trade_id",
        "buyer": "nickname",
        "category": "category",
        "status": "lower(state)",
        "ordered_at": "ordered_at",
        "paid_at": "paid_at",
        "shipped_at": "shipped_at",
        "completed_at": "completed_at",
        "known_at": "max(latest) OVER ()",
        "shipping_minor": "shipping",
        "merchant_discount_minor": "merchant_discount",
        "platform_discount_minor": "platform_discount",
        "tax_minor": "tax",
        "refunded_minor": "refunded",
    }

    def facts(self, file: SourceFile, sheet: Sheet, connection: duckdb.DuckDBPyConnection) -> Facts:
        """The currency."""
        del file, sheet
        return Facts(currency=currency_of(connection))
