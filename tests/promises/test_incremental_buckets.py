"""Orders from before the first export are settled too: of their bucket a sum is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from beanclear.cli.bookkeeping import Computed
from beanclear.ledger import settled
from beanclear.ledger.records import Kind, Record
from beanclear.ledger.vocabulary import ItemClass
from tests.promises.shelf import Shelf, file, line, order

pytestmark = pytest.mark.usefixtures("small_histories")
JULY = ("2026-07-01", "2026-07-31")
AUGUST = ("2026-08-01", "2026-08-31")
RECEIVABLE = "Assets:Receivable:Shop"
JUNE = "4200000000" + "20260601" + "0123456789"
NEW = file("new", *AUGUST, line("N", 1, "2026-08-05", "E", trade_id=JUNE))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """One order of July, and money for four orders of June; August has begun."""
    made = Shelf(tmp_path / "books")
    made.step(
        [
            file("orders", *JULY, order("A", 10000, "2026-07-01")),
            file(
                "wallet",
                *JULY,
                line("W1", 10000, "2026-07-02", "A"),
                line("W2", 2000, "2026-07-03", "JUNE-2"),
                line("F2", -12, "2026-07-03", "JUNE-2", kind=Kind.PAYMENT_FEE),
                line("W1-1", 1000, "2026-07-03", "JUNE-1"),
                line("W3", 3000, "2026-07-04", "JUNE-3"),
                line("R3", -3000, "2026-07-05", "JUNE-3"),
                line("W4", 4000, "2026-07-06", None, trade_id="JUNE-4"),
            ),
            file("orders-august", *AUGUST, order("D", 40000, "2026-08-01", "2026-08-31")),
        ]
    )
    assert made.step().incremental
    return made


def bucket(found: Computed) -> tuple[int, int | None, int | None] | None:
    """What the bucket of old orders comes to, its lines, and the row it is shown with."""
    for item in found.found.items:
        if item.klass is ItemClass.OPENING:
            return item.amount_minor, item.count, item.row
    return None


def write_off(shelf: Shelf, amount: str, key: str) -> None:
    shelf.decide(
        "2026.beancount",
        f'2026-07-20 custom "write-off" {RECEIVABLE} {amount} CNY\n'
        f'  by: "A"\n  reason: "given up"\n  key: "{key}"\n'
        '  to: "Expenses:BadDebt"\n',
    )


def test_only_the_order_that_a_bucket_is_shown_with_can_change(shelf: Shelf) -> None:
    history = settled.read(shelf.store.root)
    assert history is not None
    assert history.live_rows == 2  # D, and the line of JUNE-1
    assert bucket(shelf.step()) == (-7000, 5, 4)


# What comes for old orders, one after the other, and what their bucket is then.
LATER: list[tuple[Record, tuple[int, int, int]]] = [
    (line("N", 1, "2026-08-01", "E", trade_id=JUNE), (-7001, 6, 4)),
    # Without a date in its id a line of August is none of an old order.
    (line("R1", -2000, "2026-08-02", "JUNE-2"), (-7001, 6, 4)),
    (line("R2", -2000, "2026-08-03", "JUNE-2", trade_id=JUNE), (-5001, 7, 4)),
    (line("R4", -4000, "2026-08-04", None, trade_id="JUNE-4"), (-5001, 7, 4)),
    (line("R5", -10, "2026-08-05", "JUNE-1", trade_id=JUNE), (-4991, 8, 4)),
    (line("F3", -5, "2026-08-06", "JUNE-3", kind=Kind.PAYMENT_FEE), (-4991, 8, 4)),
    (line("X", 5, "2026-08-07", "JUNE-3", kind=Kind.OTHER), (-4991, 8, 4)),
]


def test_a_line_for_an_old_order_counts(shelf: Shelf) -> None:
    for row, expected in LATER:
        day = row.booked_on.isoformat()
        found = shelf.step([file(row.record_id, day, day, row)])
        assert (bucket(found), found.incremental) == (expected, True), row.record_id


def test_an_order_that_an_export_tells_of_leaves_its_bucket(shelf: Shelf) -> None:
    found = shelf.step([file("late", *AUGUST, order("JUNE-3", 3000, "2026-06-20", "2026-08-31"))])
    assert found.incremental
    assert bucket(found) == (-7000, 3, 4)
    opened = file("opening", *AUGUST, order("JUNE-2", 2000, "2026-06-20", source="opening"))
    found = shelf.step([opened])
    assert found.incremental
    assert bucket(found) == (-5000, 2, 4)


def test_a_bucket_whose_first_line_leaves_it_is_computed_in_full(shelf: Shelf) -> None:
    found = shelf.step([file("late", *AUGUST, order("JUNE-1", 1000, "2026-06-20", "2026-08-31"))])
    assert not found.incremental
    assert bucket(found) == (-6000, 4, 2)
    assert shelf.step().incremental


def test_a_decision_about_a_bucket_counts(shelf: Shelf) -> None:
    write_off(shelf, "-20.00", "opening")
    for _again in range(2):  # it opens an account: what was settled speaks of another chart
        shelf.step()
    assert shelf.step().incremental
    write_off(shelf, "-10.00", "opening")
    found = shelf.step()
    assert found.incremental
    assert bucket(found) == (-6000, 6, 4)
    write_off(shelf, "-70.00", "opening")
    found = shelf.step()
    assert found.incremental
    assert bucket(found) is None
    assert shelf.step([NEW]).incremental


def test_a_bucket_that_is_part_of_a_match_is_computed_from_its_lines(shelf: Shelf) -> None:
    shelf.decide(
        "2026.beancount",
        f'2026-07-20 custom "match" {RECEIVABLE}\n  by: "A"\n  reason: "told"\n  currency: "CNY"\n'
        '  items: "{\\"opening\\": \\"-70.00\\", \\"A\\": \\"0.00\\"}"\n',
    )
    assert not shelf.step().incremental
    assert shelf.step([NEW]).incremental
    shelf.decide("2026.beancount", "")
    assert not shelf.step().incremental
    assert shelf.step().incremental
