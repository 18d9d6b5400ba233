"""From stories to statements, and Hypothesis' way of making stories up."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from beanclear.ledger.records import Record, Stage
from beanclear.ledger.statement import Statement
from beanclear.ledger.tables import to_table
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
)


def statements(
    story: Story,
    teller: Teller,
    *,
    parts: Callable[[Stage], Sequence[tuple[int, int]]] | None = None,
    order: Callable[[list[Record]], list[Record]] = list,
) -> list[Statement]:
    """Statements of a told story; every source speaks for the whole time.

    `parts` cuts wallets and banks into files of (first, last) days, which may overlap; order
    exports are one file each. `order` arranges the rows of a file.
    """
    frame = teller.frame
    files: dict[tuple[str, Stage, int, int], list[Record]] = defaultdict(list)
    for source, wallet in SOURCES.values():
        for known in story.seen:
            files[source, Stage.ORDER, 0, known] = []
        last = LENGTH - story.ends[0]
        for first, until in (parts or _whole)(Stage.WALLET):
            if first <= last:
                files[wallet, Stage.WALLET, first, min(until, last)] = []
    last = LENGTH - story.ends[1]
    for first, until in (parts or _whole)(Stage.BANK):
        if first <= last:
            files["ccb", Stage.BANK, first, min(until, last)] = []
    for source, stage, first, until in files:
        mine = [fact for fact in teller.facts if (fact.source, fact.stage) == (source, stage)]
        files[source, stage, first, until] = [
            fact.record
            for fact in mine
            if (_known(fact, frame) == until)
            or (stage is not Stage.ORDER and first <= fact.day <= until)
        ]
    return [
        _statement(frame, story.begins, key, order(rows))
        for key, rows in files.items()
        if rows or key[1] is not Stage.ORDER
    ]


def _whole(_stage: Stage) -> Sequence[tuple[int, int]]:
    return ((0, LENGTH),)


def _known(fact: Fact, frame: Frame) -> int | None:
    known = fact.record.known_at
    return None if known is None else (known.date() - frame.day(0)).days


def _statement(
    frame: Frame, begins: int, key: tuple[str, Stage, int, int], rows: Sequence[Record]
) -> Statement:
    source, stage, first, last = key
    name = f"{frame.shop}/{source}/{stage}/{frame.own}/{first}-{last}"
    document = hashlib.sha256(name.encode()).hexdigest()
    placed = [replace(row, document=document, row=line) for line, row in enumerate(rows, 1)]
    return Statement(
        importer="hand",
        source=source,
        account=frame.account(stage),
        stage=stage,
        shop=frame.shop,
        currency="CNY",
        file=f"{name.replace('/', '-')}.csv",
        document=document,
        records=to_table(placed),
        rows_read=len(placed),
        declared_first=frame.day(begins if stage is Stage.ORDER else first + begins),
        declared_last=frame.day(last),
    )


_DAYS = st.integers(0, 90)


@st.composite
def sales(draw: st.DrawFn, fates: Sequence[str] = FATES) -> Sale:
    return Sale(
        draw(st.sampled_from(sorted(SOURCES))),
        draw(_DAYS),
        draw(st.integers(1, 40)),
        draw(st.sampled_from(fates)),
        draw(st.integers(0, 4)),
    )


@st.composite
def payouts(draw: st.DrawFn, fates: Sequence[str] = ARRIVALS) -> Payout:
    return Payout(
        draw(st.sampled_from(sorted(PAYERS))),
        draw(_DAYS),
        draw(st.integers(1_000, 9_999_999)),
        draw(st.sampled_from(fates)),
        draw(st.integers(0, 3)),
    )


@st.composite
def stories(draw: st.DrawFn, most: int = 24) -> Story:
    """Sales, payouts and bank lines, exports at some days, sources that end early, decisions."""
    sold = tuple(draw(st.lists(sales(), min_size=most // 4, max_size=most)))
    seen = draw(st.lists(st.integers(20, 90), max_size=2, unique=True).map(sorted))
    return Story(
        # Every wallet is known to pay its platform, whatever else happens.
        sales=(Sale("shop", 1, 2, "paid"), Sale("taobao", 1, 2, "paid"), *sold),
        payouts=tuple(draw(st.lists(payouts(), max_size=most // 3))),
        lines=tuple(
            draw(st.lists(st.tuples(_DAYS, st.integers(-99_999, 99_999).filter(bool)), max_size=3))
        ),
        seen=(*seen, LENGTH - draw(st.sampled_from((0, 0, 1, 20)))),
        ends=(draw(st.integers(0, 25)), draw(st.integers(0, 25))),
        joined=draw(st.booleans()),
        given_up=tuple(draw(st.lists(st.integers(2, 1 + len(sold)), max_size=2, unique=True))),
    )
