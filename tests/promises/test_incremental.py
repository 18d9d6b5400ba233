"""P5 for incremental runs: however a history came in, the books are those of a full computation."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from beanclear.ledger import settling
from beanclear.ledger.records import Record, Stage
from beanclear.ledger.statement import Statement
from tests.promises.shelf import Shelf
from tests.promises.stories import (
    ARRIVALS,
    FATES,
    LENGTH,
    PAYERS,
    SOURCES,
    Fact,
    Frame,
    Payout,
    Sale,
    Story,
    Teller,
    tell,
)
from tests.promises.tellings import statements

pytestmark = pytest.mark.usefixtures("small_histories")


def story(draw: random.Random) -> Story:
    """Many orders, most of which end well."""
    ends_well = ("paid", "parts", "freight", "refunded", "refund-later", "closed", "created")
    return Story(
        sales=(
            Sale("shop", 1, 2, "paid"),
            Sale("taobao", 1, 2, "paid"),
            *(
                Sale(
                    draw.choice(sorted(SOURCES)),
                    draw.randrange(90),
                    draw.randint(1, 40),
                    draw.choice(ends_well if draw.random() < 0.8 else FATES),
                    draw.randrange(5),
                )
                for _ in range(120)
            ),
        ),
        payouts=tuple(
            Payout(
                draw.choice(sorted(PAYERS)),
                draw.randrange(90),
                draw.randint(1_000, 9_999_999),
                draw.choice(ARRIVALS),
                draw.randrange(3),
            )
            for _ in range(8)
        ),
        lines=tuple((draw.randrange(90), draw.randint(1, 9_999)) for _ in range(3)),
        seen=tuple(range(14, LENGTH, 15)),
    )


def aliases(teller: Teller, draw: random.Random) -> None:
    """Some lines name their order by a sub-order, a trade or a refund; some trades have two."""
    orders = sorted({f.record.order_id or "" for f in teller.facts if f.stage is Stage.ORDER})
    named = {key: draw.choice(("", "trade", "sub", "shared")) for key in orders}
    changed: list[Fact] = []
    for fact in teller.facts:
        record, key = fact.record, fact.record.order_id or ""
        how = named.get(key, "")
        trade = f"T{key}" if how == "trade" else f"TSHARED{key[-1:]}"
        if fact.stage is Stage.ORDER:
            if how in {"trade", "shared"}:
                record = dataclasses.replace(record, trade_id=trade)
            elif how == "sub":
                changed.append(fact._replace(record=suborder(record)))
        elif fact.stage is Stage.WALLET and key in named:
            if how == "trade" and draw.random() < 0.5:
                record = dataclasses.replace(record, order_id=None, trade_id=trade)
            elif how == "sub" and draw.random() < 0.5:
                record = dataclasses.replace(record, order_id=f"{key}-1")
            elif how == "shared" and draw.random() < 0.2:
                record = dataclasses.replace(record, order_id=None, trade_id=trade)
        changed.append(fact._replace(record=record))
    teller.facts[:] = changed


def suborder(record: Record) -> Record:
    key = record.order_id
    return dataclasses.replace(
        record, record_id=f"{key}-1", order_id=f"{key}-1", parent_order_id=key
    )


def arrivals(draw: random.Random, made: Sequence[Statement]) -> Iterator[list[Statement]]:
    """Files by their last day, some late, in steps of a few."""
    late = {one.document: draw.choice((0, 0, 0, 1, 9, 40)) for one in made}

    def when(one: Statement) -> tuple[int, str]:
        assert one.declared_last is not None
        return one.declared_last.toordinal() + late[one.document], one.document

    waiting = sorted(made, key=when)
    while waiting:
        count = draw.randint(4, 9)
        yield waiting[:count]
        del waiting[:count]


# An odd seed has aliases, every third one overlapping files; this one has both.
@pytest.mark.parametrize("seed", [5])
def test_any_history_makes_the_books_of_a_full_computation(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(tmp_path / "books")
    draw = random.Random(seed)
    monkeypatch.setattr(settling, "_WORN", draw.choice((0, 4, 1000)))
    told = story(draw)
    teller = tell(told, Frame())
    if seed % 2:
        aliases(teller, draw)
    cuts = [(first, first + 14) for first in range(0, LENGTH, 15)]
    overlapping = [(first, first + 17) for first in range(0, LENGTH, 15)]
    made = statements(told, teller, parts=lambda _stage: overlapping if seed % 3 == 2 else cuts)
    taken = []
    for place, some in enumerate(arrivals(draw, made)):
        if place == 2:
            sale = next(iter(teller.claims.values()))
            shelf.decide(
                "2026.beancount",
                f'2026-07-02 custom "write-off" {sale[0]} {sale[2] / 100:.2f} CNY\n'
                f'  by: "A"\n  reason: "given up"\n  key: "{sale[1]}"\n'
                '  to: "Expenses:BadDebt"\n',
            )
        taken.append(shelf.step(some).incremental)
    assert shelf.step().incremental
    assert any(taken)
