"""Numbers that two shops share, trades of several orders and contradictions, run by run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from beanclear.ledger.records import Record
from beanclear.ledger.statement import Statement
from tests.promises.shelf import Shelf, file, line, moment, order

pytestmark = pytest.mark.usefixtures("small_histories")
JULY = ("2026-07-01", "2026-07-31")
AUGUST = ("2026-08-01", "2026-08-31")
SEPTEMBER = ("2026-09-01", "2026-09-30")
OWN = {
    "north": {"account": "north", "shop": "north"},
    "south": {"account": "south", "shop": "south"},
}


def told(name: str, month: tuple[str, str], *rows: Record) -> Statement:
    """A file in the folder of its shop."""
    return file(name, *month, *rows, shop=rows[0].shop)


def orders(
    shop: str,
    *rows: tuple[str, int, str],
    month: tuple[str, str] = JULY,
    **more: Any,  # noqa: ANN401 - fields of Record
) -> list[Record]:
    return [order(key, minor, day, month[1], **OWN[shop], **more) for key, minor, day in rows]


def lines(shop: str, *rows: tuple[str, int, str, str], **more: Any) -> list[Record]:  # noqa: ANN401 - fields of Record
    return [
        line(f"{shop}{name}", minor, day, key, **OWN[shop], **more)
        for name, minor, day, key in rows
    ]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """North has settled its 1001 and 1002 in July, South its 1001; August has begun."""
    made = Shelf(tmp_path / "books")
    made.step(
        [
            told("on", JULY, *orders("north", ("1001", 10000, "2026-07-01"),
                                     ("1002", 500, "2026-07-02"))),
            told("wn", JULY, *lines("north", ("W1", 10000, "2026-07-02", "1001"),
                                    ("W2", 500, "2026-07-03", "1002"))),
            told("os", JULY, *orders("south", ("1001", 7000, "2026-07-03"))),
            told("ws", JULY, *lines("south", ("W1", 7000, "2026-07-04", "1001"))),
            told("on8", AUGUST, *orders("north", ("1008", 900, "2026-08-20"), month=AUGUST)),
            told("os8", AUGUST, *orders("south", ("1008", 800, "2026-08-20"), month=AUGUST)),
        ]
    )  # fmt: skip
    assert made.step().incremental
    return made


def test_a_line_of_one_shop_wakes_both_and_moves_one(shelf: Shelf) -> None:
    """The number is looked up in both; the refund is of South's order alone."""
    found = shelf.step([told("ws8", AUGUST, *lines("south", ("R1", -700, "2026-08-05", "1001")))])
    assert found.incremental
    assert (
        "Assets:Receivable:Shop:South" in found.texts["journal/2026/08/wechatpay-south.beancount"]
    )


def test_the_number_comes_in_a_third_shop(shelf: Shelf) -> None:
    new = order("1001", 4000, "2026-08-05", AUGUST[1], account="main")
    shelf.step(
        [told("om8", AUGUST, new), told("wm8", AUGUST, line("M1", 4000, "2026-08-06", "1001"))]
    )


def test_a_trade_is_paid_later(shelf: Shelf) -> None:
    """Two orders wait, then one line pays both; then part of it goes back."""
    waiting = orders(
        "north", ("A", 6000, "2026-08-01"), ("B", 4000, "2026-08-01"), month=AUGUST, trade_id="T"
    )
    assert shelf.step([told("t8", AUGUST, *waiting)]).incremental
    paid = lines("north", ("P1", 10000, "2026-08-10", "PAY-1"), trade_id="T")
    found = shelf.step([told("p8", AUGUST, *paid)])
    assert found.incremental
    assert not [item for item in found.found.items if item.key in {"A", "B", "PAY-1"}]
    back = lines("north", ("P2", -500, "2026-09-10", "PAY-2"), trade_id="T")
    found = shelf.step([told("p9", SEPTEMBER, *back)])
    shelf.step()


def test_another_export_contradicts_a_settled_order(shelf: Shelf) -> None:
    """The order is read again, and stays in question."""
    other = orders("south", ("1001", 6500, "2026-07-03"))
    found = shelf.step([told("again", JULY, *other)])
    assert [(one.account, one.booked_minor) for one in found.contradictions] == [
        ("Assets:Receivable:Shop:South", 6500)
    ]
    assert shelf.step().contradictions == found.contradictions


def test_another_time_of_creation(shelf: Shelf) -> None:
    late = moment("2026-07-16")
    other = orders("north", ("1002", 500, "2026-07-16"), ordered_at=late)
    (one,) = shelf.step([told("again", JULY, *other)]).contradictions
    assert (one.what, one.order_id) == ("created", "1002")
