"""P7: books grow with days and exceptions, not with orders. P8: the clock is in the data."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.promises.conftest import Workshop

ROOT = Path(__file__).parents[2]


def lines(text: dict[str, str], start: str) -> int:
    return sum(content.count("\n") for name, content in text.items() if name.startswith(start))


def test_p7_ten_times_the_orders_on_the_same_days(workshop: Workshop, tmp_path: Path) -> None:
    found = {}
    for orders in (400, 4000):
        books = workshop.books(tmp_path / str(orders))
        result = workshop.run(
            books, workshop.exports(orders=orders, days=66, seed=51, clean=True).files
        )
        text = workshop.text(books)
        bank = sum(lines(text, f"journal/2026/{month:02d}/ccb") for month in (6, 7, 8))
        found[orders] = (
            lines(text, "journal/") - bank,
            lines(text, "reconciliation/"),
            len(result.items),
        )
    few, many = found[400], found[4000]
    assert (few[2], many[2]) == (0, 0)
    # Days that were empty with few orders fill up: a day of a source has at most so many lines.
    assert many[0] < few[0] * 1.5
    assert many[1] < few[1] * 1.5


@pytest.mark.parametrize("folder", ["ledger", "matching", "plugins", "importers"])
def test_p8_no_verdict_asks_what_day_it_is(folder: str) -> None:
    asked = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"today", "now", "utcnow", "localtime", "gmtime"}
    ]
    assert asked == []
