"""`orders.csv` of the own shop: beanclear's own documented header, UTF-8."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from beanclear.cli.simulation.archives import open_text
from beanclear.cli.simulation.clock import DAY, Clock
from beanclear.cli.simulation.ledgers import yuan
from beanclear.cli.simulation.orders import Order
from beanclear.ledger.records import OrderStatus

COLUMNS = (
    "order_id,ordered_at,paid_at,shipped_at,completed_at,status,amount,currency,shipping,"
    "merchant_discount,platform_discount,tax,refunded,trade_id,channel"
)


def _status(order: Order, now: int) -> OrderStatus:
    if order.closed is not None and order.closed < now:
        return OrderStatus.CLOSED
    steps = (
        (order.completed, OrderStatus.COMPLETED),
        (order.shipped, OrderStatus.SHIPPED),
        (order.paid, OrderStatus.PAID),
    )
    for moment, status in steps:
        if moment is not None and moment < now:
            return status
    return OrderStatus.CREATED


def write_orders(folder: Path, clock: Clock, end: int, orders: Iterable[Order]) -> None:
    """Write the orders as they stand at the end of day `end - 1`."""
    now = end * DAY

    def known(moment: int | None) -> str:
        return clock.stamp(moment) if moment is not None and moment < now else ""

    with open_text(folder / f"orders-{clock.dashed(end - 1)}.csv", "utf-8") as file:
        file.write(f"{COLUMNS}\n")
        for order in orders:
            back = order.refunded_at is not None and order.refunded_at < now
            file.write(
                f"{order.number},{known(order.created)},{known(order.paid)},{known(order.shipped)},"
                f"{known(order.completed)},{_status(order, now)},{yuan(order.due)},CNY,"
                f"{yuan(order.shipping)},{yuan(order.merchant_discount)},0.00,,"
                f"{yuan(order.refunded if back else 0)},{order.trade},shop\n"
            )
