"""P7: books grow with days and exceptions, not with orders. P8: the clock is in the data."""

from __future__ import annotations

import ast
import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from beanclear.cli.pipeline import reconcile
from beanclear.ledger.errors import UsageError

if TYPE_CHECKING:
    from tests.promises.conftest import Exports, Workshop

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


def test_p8_coverage_that_is_said_and_a_limit_move_the_as_of_date(
    workshop: Workshop, usual: Exports, tmp_path: Path
) -> None:
    books = workshop.copy(workshop.whole(usual)[0], tmp_path / "shop")
    bank = "Assets:Suspense:CCB:8826"
    said = datetime.date(2026, 9, 30)
    with pytest.raises(UsageError, match="no statement belongs to Assets:Bank:None"):
        workshop.run(books, covers={"Assets:Bank:None": said})
    found = workshop.run(books, covers={"Assets:Bank:CCB:8826": said})
    assert {state.as_of for state in found.accounts if state.account == bank} == {said}
    assert found.check_errors == ()
    assert workshop.run(books, rebuild=True).changed == ()
    limit = datetime.date(2026, 7, 15)
    judged = reconcile(books, limit)
    assert {state.as_of for state in judged.accounts} == {limit}
    assert all(
        state.balance_minor == state.in_transit_minor + state.open_minor
        for state in judged.accounts
    )


def test_p8_a_gap_that_is_said_to_be_quiet_holds_nothing_up(
    workshop: Workshop, usual: Exports, tmp_path: Path
) -> None:
    missing = "拼多多账务明细_202607.csv"
    books = workshop.books(tmp_path / "shop")
    before = workshop.run(books, [file for file in usual.files if file.name != missing])
    (gap,) = before.check_errors
    assert "no statement of pinduoduo/main/wallet covers 2026-07-01 to 2026-07-31" in gap
    day = datetime.date(2026, 7, 31)
    after = workshop.run(books, covers={"Assets:Wallet:Pinduoduo": day})
    name = "Assets:Receivable:Pinduoduo"
    as_of = [{s.account: s.as_of for s in result.accounts}[name] for result in (before, after)]
    assert as_of[0] == datetime.date(2026, 6, 30)
    assert as_of[1] > day
    assert after.check_errors == ()
