"""Comparing what a run found with what the simulator knows to be true."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from beanclear.ledger.vocabulary import OpenItem

Fact = tuple[str, str, str, str, str, str]


def _reference(account: str, item: dict[str, Any]) -> str:
    if item["class"] == "opening":
        return "bucket"
    if account.startswith("Assets:Receivable:"):
        return str(item["order_id"])
    return str(item["bank_ref"] or item["date"])


def expected(folder: Path) -> Counter[Fact]:
    """Every item that must be open, as (account, class, reference, amount, at stake, currency)."""
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    return Counter(
        (
            item["account"],
            item["class"],
            _reference(item["account"], item),
            f"{Decimal(item['amount']):.2f}",
            f"{Decimal(item['at_stake']):.2f}",
            item["currency"],
        )
        for item in truth["open_items"]
    )


def found(items: Iterable[OpenItem]) -> Counter[Fact]:
    """The same facts of open items that a run reports."""
    facts: Counter[Fact] = Counter()
    for item in items:
        values = {
            "class": item.klass,
            "order_id": item.order_id,
            "bank_ref": item.bank_ref,
            "date": item.date.isoformat(),
        }
        facts[
            item.account,
            item.klass,
            _reference(item.account, values),
            f"{item.amount.number:.2f}",
            f"{item.at_stake.number:.2f}",
            item.amount.currency,
        ] += 1
    return facts
