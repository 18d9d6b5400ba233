"""When settled orders may be taken as sums, and when everything is computed again."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from beanclear.ledger import settled
from beanclear.ledger.records import Kind, Record
from beanclear.ledger.statement import Statement
from tests.promises.shelf import Shelf, file, line, order

pytestmark = pytest.mark.usefixtures("small_histories")
JULY = ("2026-07-01", "2026-07-31")
AUGUST = ("2026-08-01", "2026-08-31")
FEE_DAY = "2026-08-01"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """July with two settled orders and one that waits for its money; August has begun."""
    made = Shelf(tmp_path / "books")
    made.step(
        [
            file(
                "orders",
                *JULY,
                order("A", 10000, "2026-07-01", trade_id="TA"),
                order("B", 20000, "2026-07-02"),
                order("B-1", 20000, "2026-07-02", parent_order_id="B"),
                order("C", 30000, "2026-07-03"),
            ),
            file(
                "wallet",
                *JULY,
                line("W1", 10000, "2026-07-02", "A"),
                line("W2", 20000, "2026-07-03", "B"),
            ),
            file("orders-august", *AUGUST, order("D", 40000, "2026-08-01", "2026-08-31")),
        ]
    )
    assert made.step().incremental
    return made


def august(*rows: Record) -> Statement:
    return file("wallet-august", *AUGUST, *rows)


def live(shelf: Shelf) -> int:
    history = settled.read(shelf.store.root)
    assert history is not None
    return history.live_rows


def test_settled_orders_are_not_read_again(shelf: Shelf) -> None:
    # C and D can change; A's row, B's two and their lines cannot.
    assert live(shelf) == 2


def test_a_new_day_is_incremental(shelf: Shelf) -> None:
    found = shelf.step([august(line("W3", 30000, "2026-08-02", "C"))])
    assert found.incremental
    assert sum(one.count for state in found.found.states for one in state.matched) == 3


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("refund", [line("R", -1000, "2026-08-05", "A")]),
        ("refund by trade", [line("R", -1000, "2026-08-05", None, trade_id="TA")]),
        ("refund by sub-order", [line("R", -1000, "2026-08-05", "B-1")]),
        ("second settlement", [line("W", 20000, "2026-08-05", "B")]),
        ("fee", [line("F", -60, "2026-08-05", "A", kind=Kind.FEE)]),
        ("line of unknown sense", [line("X", 5, "2026-08-05", "A", kind=Kind.OTHER)]),
    ],
)
def test_a_line_for_a_settled_order_unsettles_it(
    shelf: Shelf, name: str, rows: list[Record]
) -> None:
    assert shelf.step([august(*rows)]).incremental, name
    assert shelf.step().incremental


def test_a_later_export_of_a_settled_order_counts(shelf: Shelf) -> None:
    again = order("A", 10000, "2026-07-01", "2026-08-31", refunded_minor=500)
    assert shelf.step([file("later", *AUGUST, again)]).incremental


def test_an_id_that_becomes_common_names_nobody(shelf: Shelf) -> None:
    twin = order("E", 10000, "2026-08-01", "2026-08-31", trade_id="TA")
    assert shelf.step([file("twin", *AUGUST, twin)]).incremental
    refund = line("R", -1000, "2026-08-05", None, trade_id="TA")
    assert shelf.step([august(refund)]).incremental


def test_a_decision_about_a_settled_order_counts(shelf: Shelf) -> None:
    text = (
        '2026-07-05 custom "write-off" Assets:Receivable:Shop 1.00 CNY\n'
        '  by: "A"\n  reason: "given up"\n  key: "A"\n  to: "Expenses:BadDebt"\n'
    )
    shelf.decide("2026.beancount", text)
    # The chart has a new account after it; from then on it is as it was.
    shelf.step()
    shelf.step()
    shelf.decide("2026.beancount", text.replace('"A"\n  to', '"B"\n  to'))
    assert shelf.step().incremental
    shelf.decide("2026.beancount", "")
    assert shelf.step().incremental


def configure(shelf: Shelf) -> None:
    shelf.books.config.write_text("[books]\ntaxpayer = 'small'\n", encoding="utf-8")


def edit_chart(shelf: Shelf) -> None:
    with shelf.books.accounts.open("a", encoding="utf-8") as text:
        text.write("2026-01-01 open Expenses:Tea CNY\n")


def begin_earlier(shelf: Shelf) -> None:
    shelf.store.add([file("june", "2026-06-01", "2026-06-30", order("J", 1, "2026-06-01"))])


def second_format(shelf: Shelf) -> None:
    other = file("format", *AUGUST, line("W9", 7, "2026-08-02", "C"))
    shelf.store.add([dataclasses.replace(other, rank=other.rank + 1)])


def lag(shelf: Shelf) -> None:
    """A second account of the wallet, which is known to 10 July only."""
    late = line("V1", 30000, "2026-07-09", "C", account="second")
    shelf.store.add([file("second", "2026-07-01", "2026-07-10", late)])


def tear(shelf: Shelf) -> None:
    history = settled.read(shelf.store.root)
    assert history is not None
    history.live.write_bytes(history.live.read_bytes()[:-1])


def replaced(shelf: Shelf) -> None:
    """Files that hold lines once more; of four one is sure to have better rows than the first."""
    lines = (
        line("W1", 10000, "2026-07-02", "A"),
        line("W2", 20000, "2026-07-03", "B"),
        line("F1", -60, FEE_DAY, None, kind=Kind.FEE, platform=None),
    )
    before = settled.parts_of(shelf.store.root)
    for name in ("again", "again-2", "again-3", "again-4"):
        shelf.store.add([file(name, JULY[0], FEE_DAY, *lines)])
    now = settled.parts_of(shelf.store.root)
    assert any(now.get(name) != sha for name, sha in before.items())


def lose_parts(shelf: Shelf) -> None:
    history = settled.read(shelf.store.root)
    assert history is not None
    replaced(shelf)
    shutil.rmtree(history.home / "parts")


def test_a_better_row_of_a_line_takes_its_place(shelf: Shelf) -> None:
    fee = line("F1", -60, FEE_DAY, None, kind=Kind.FEE, platform=None)
    shelf.step([file("fees", FEE_DAY, FEE_DAY, fee)])
    settled.forget(shelf.store.root)
    shelf.step()
    replaced(shelf)
    assert shelf.step().incremental
    refund = line("R", -1000, "2026-08-05", "A")
    assert shelf.step([file("later", "2026-08-02", AUGUST[1], refund)]).incremental


@pytest.mark.parametrize(
    "change", [configure, edit_chart, begin_earlier, second_format, lag, tear, lose_parts]
)
def test_what_all_orders_depend_on_is_computed_in_full(
    shelf: Shelf, change: Callable[[Shelf], None]
) -> None:
    change(shelf)
    assert not shelf.step().incremental


def test_another_version_computes_in_full(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settled, "version", lambda: "another")
    assert not shelf.step().incremental
    assert shelf.step().incremental


def test_a_store_made_anew_computes_in_full(shelf: Shelf) -> None:
    shelf.store.reset()
    assert settled.read(shelf.store.root) is None


@pytest.mark.parametrize("end", ["*.arrow", "*.npy", "_live.parquet"])
def test_a_bit_that_flipped_computes_in_full(shelf: Shelf, end: str) -> None:
    """Size and time are what they were, as after a fault of the disk."""
    history = settled.read(shelf.store.root)
    assert history is not None
    path = max(history.home.glob(end), key=lambda found: found.stat().st_size)
    looks = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(looks.st_atime_ns, looks.st_mtime_ns))
    assert settled.damaged(shelf.store.root)
    assert not shelf.step([august(line("W4", 1, "2026-08-02", "D"))]).incremental
    assert not settled.damaged(shelf.store.root)
