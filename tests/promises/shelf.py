"""Books into which statements come one by one; each state is computed both ways."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from beanclear.cli.bookkeeping import Bookkeeper, Computed
from beanclear.ledger import config as configuration
from beanclear.ledger.books import Books
from beanclear.ledger.records import Kind, OrderStatus, Record, Stage
from beanclear.ledger.statement import Statement
from beanclear.ledger.store import RecordStore
from beanclear.ledger.tables import to_table

ZONE = ZoneInfo("Asia/Shanghai")


class Shelf:
    """Books whose statements come in one by one."""

    def __init__(self, root: Path) -> None:
        root.mkdir()
        self.books = Books(root)
        self.store = RecordStore(self.books)

    def compute(self, *, take_up: bool, remember: bool = False) -> Computed:
        config = configuration.load(self.books.config)
        with Bookkeeper(self.books, self.store, config, [], take_up=take_up) as keeper:
            computed = keeper.compute()
            if remember:
                keeper.remember(computed)
        return computed

    def step(self, new: Sequence[Statement] = ()) -> Computed:
        """As a run does: take up, compute, leave; and the same in full, which must be equal."""
        self.store.add(new)
        computed = self.compute(take_up=True, remember=True)
        full = self.compute(take_up=False)
        assert not full.incremental
        assert computed.texts == full.texts
        assert dataclasses.replace(computed, incremental=False) == full
        self.books.accounts.write_text(computed.texts["accounts.beancount"], encoding="utf-8")
        return computed

    def decide(self, name: str, text: str) -> None:
        path = self.books.decisions / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def moment(day: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=ZONE)


def order(key: str, minor: int, day: str, known: str = "2026-07-31", **more: Any) -> Record:  # noqa: ANN401 - fields of Record
    """A shop's order, paid and shipped on its day."""
    values: dict[str, Any] = {
        "record_id": key,
        "source": "shop",
        "account": "main",
        "stage": Stage.ORDER,
        "kind": Kind.SALE,
        "kind_raw": "",
        "occurred_at": moment(day),
        "booked_on": datetime.date.fromisoformat(day),
        "amount_minor": minor,
        "currency": "CNY",
        "document": "",
        "row": 1,
        "platform": "shop",
        "order_id": key,
        "status": OrderStatus.SHIPPED,
        "ordered_at": moment(day),
        "paid_at": moment(day),
        "shipped_at": moment(day),
        "known_at": moment(known),
    }
    return Record(**values | more)


def line(name: str, minor: int, day: str, key: str | None, **more: Any) -> Record:  # noqa: ANN401 - as above
    """A wallet line of WeChat Pay: a sale, or a refund when it takes money."""
    values: dict[str, Any] = {
        "record_id": name,
        "source": "wechatpay",
        "account": "main",
        "stage": Stage.WALLET,
        "kind": Kind.SALE if minor > 0 else Kind.REFUND,
        "kind_raw": "",
        "occurred_at": moment(day),
        "booked_on": datetime.date.fromisoformat(day),
        "amount_minor": minor,
        "currency": "CNY",
        "document": "",
        "row": 1,
        "platform": "shop",
        "order_id": key,
    }
    return Record(**values | more)


def file(name: str, first: str, last: str, *rows: Record, **more: Any) -> Statement:  # noqa: ANN401 - fields of Statement
    """A file of rows of one source; `first` and `last` are the days it speaks for."""
    document = hashlib.sha256(name.encode()).hexdigest()
    placed = [
        dataclasses.replace(row, document=document, row=place) for place, row in enumerate(rows, 1)
    ]
    values: dict[str, Any] = {
        "importer": "hand",
        "source": rows[0].source,
        "account": rows[0].account,
        "stage": rows[0].stage,
        "currency": "CNY",
        "file": f"{name}.csv",
        "document": document,
        "records": to_table(placed),
        "rows_read": len(placed),
        "declared_first": datetime.date.fromisoformat(first),
        "declared_last": datetime.date.fromisoformat(last),
    }
    return Statement(**values | more)
