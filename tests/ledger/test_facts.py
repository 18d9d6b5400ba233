"""Money, spans, records and statements: the small facts all else stands on."""

from __future__ import annotations

import datetime
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beanclear.ledger import money
from beanclear.ledger.errors import Fault
from beanclear.ledger.records import Kind, OrderStatus, Record, Stage
from beanclear.ledger.spans import ONE_DAY, Gap, Span, join
from beanclear.ledger.statement import Control, Grade, Statement
from beanclear.ledger.tables import SCHEMA, to_records, to_table

JULY = datetime.date(2026, 7, 1)


def day(number: int) -> datetime.date:
    return JULY + (number - 1) * ONE_DAY


def span(first: int, last: int, row: int | None = None, **more: Any) -> Span:  # noqa: ANN401 - fields
    return Span(
        first=day(first), last=day(last), last_row=day(last if row is None else row), **more
    )


@given(st.integers(-(10**18), 10**18), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_money_survives_its_text(minor: int, currency: str) -> None:
    assert money.parse_minor(money.format_minor(minor, currency), currency) == minor
    assert money.to_minor(money.to_decimal(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("text", "minor"),
    [("1,234.50", 123450), ("-3", -300), ("¥8.00元", 800), ("-￥8.00", -800), ("+0.5", 50),
     ("１２", 1200), (" 1，234 ", 123400), ("1.50000", 150)],
)  # fmt: skip
def test_amounts_are_read(text: str, minor: int) -> None:
    assert money.parse_minor(text, "CNY") == minor


@pytest.mark.parametrize(
    "text", ["", "abc", "1E+14", "1,5", "12,34.00", "1.2.3", "--1", "0.005", "nan", "1 2", "(3)"]
)
def test_what_is_no_amount_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an amount|finer than the minor unit"):
        money.parse_minor(text, "CNY")


def test_format_has_all_minor_digits() -> None:
    assert [money.format_minor(5, code) for code in ("CNY", "JPY", "KWD")] == ["0.05", "5", "0.005"]
    assert money.to_decimal(100, "CNY") == Decimal("1.00")


def test_nothing_covers_nothing() -> None:
    assert join([]) is None


@pytest.mark.parametrize(
    ("spans", "last", "gaps"),
    [
        ([span(1, 5), span(6, 9)], 9, []),
        ([span(1, 5), span(3, 4), span(5, 9)], 9, []),
        ([span(1, 5), span(8, 9)], 5, [(6, 7)]),
        ([span(1, 5, 7), span(8, 9)], 9, []),
        ([span(1, 5, closing_minor=3), span(8, 9, opening_minor=3)], 9, []),
        ([span(1, 5, closing_minor=3), span(8, 9, opening_minor=4)], 5, [(6, 7)]),
        # A wallet that is emptied every day proves nothing by its zero.
        ([span(1, 5, closing_minor=0), span(8, 9, opening_minor=0)], 5, [(6, 7)]),
        ([span(1, 20), span(3, 4, closing_minor=1), span(30, 31, opening_minor=1)], 20, [(21, 29)]),
        ([span(1, 2), span(4, 5), span(7, 8)], 2, [(3, 3), (6, 6)]),
    ],
)
def test_spans_join(spans: list[Span], last: int, gaps: list[tuple[int, int]]) -> None:
    found = join(spans)
    assert found is not None
    assert (found.first, found.last) == (day(1), day(last))
    assert found.gaps == tuple(Gap(first=day(first), last=day(end)) for first, end in gaps)


SPANS = st.lists(
    st.builds(
        lambda first, length, more: span(first, first + length, first + length + more),
        st.integers(1, 40), st.integers(0, 9), st.integers(0, 1),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@given(SPANS, st.randoms(use_true_random=False))
def test_joining_does_not_depend_on_order_or_repetition(spans: list[Span], random: Random) -> None:
    shuffled = [*spans, *spans[:3]]
    random.shuffle(shuffled)
    assert join(shuffled) == join(spans)


@given(SPANS)
def test_coverage_is_the_days_before_the_first_gap(spans: list[Span]) -> None:
    found = join(spans)
    assert found is not None
    assert found.first == min(each.first for each in spans)
    assert found.reach == max(each.last for each in spans)
    assert found.last <= found.reach
    assert (found.last == found.reach) == (not found.gaps)
    covered = {
        each.first + number * ONE_DAY
        for each in spans
        for number in range((each.last_row - each.first).days + 1)
    }
    for gap in found.gaps:
        assert gap.first <= gap.last
        assert gap.last not in covered
    if not found.gaps:
        every = {found.first + n * ONE_DAY for n in range((found.reach - found.first).days + 1)}
        assert every <= covered


@given(SPANS, st.integers(0, 7), st.integers(1, 8))
def test_splitting_a_statement_changes_no_coverage(spans: list[Span], which: int, cut: int) -> None:
    whole = spans[which % len(spans)]
    middle = min(whole.first + cut * ONE_DAY, whole.last)
    if middle <= whole.first:
        return
    parts = [
        Span(first=whole.first, last=middle - ONE_DAY, last_row=middle - ONE_DAY),
        Span(first=middle, last=whole.last, last_row=whole.last_row),
    ]
    rest = [each for number, each in enumerate(spans) if number != which % len(spans)]
    assert join([*rest, *parts]) == join(spans)


MOMENT = datetime.datetime(2026, 7, 3, 23, 59, 59, 7, tzinfo=ZoneInfo("Asia/Shanghai"))

LATER = MOMENT + 2 * ONE_DAY


def record(number: int, **more: Any) -> Record:  # noqa: ANN401 - any field
    return Record(
        record_id=str(number), source="taobao", account="main", stage=Stage.ORDER, kind=Kind.SALE,
        kind_raw="订单", occurred_at=MOMENT + number * ONE_DAY,
        booked_on=(MOMENT + number * ONE_DAY).date(), amount_minor=100, currency="CNY",
        document="0" * 64, row=number, **more,
    )  # fmt: skip


def test_records_survive_their_table() -> None:
    rows = [
        record(1),
        record(
            2, status=OrderStatus.COMPLETED, completed_at=MOMENT, fee_rate_ppm=6000, memo="备注"
        ),
    ]
    table = to_table(rows)
    assert table.schema == SCHEMA
    assert list(to_records(table)) == rows
    assert to_table([]).num_rows == 0


def statement(**more: Any) -> Statement:  # noqa: ANN401 - any field
    values: dict[str, Any] = {"records": to_table([record(1), record(2)]), "rows_read": 2} | more
    return Statement(
        importer="x", source="taobao", account="main", stage=Stage.ORDER, currency="CNY",
        file="a.csv", document="0" * 64, **values,
    )  # fmt: skip


GOOD = Control(name="合计", stated=2, found=2)
BAD = Control(name="合计", stated=2, found=3)
FAULT = Fault(code="bad-amount", file="a.csv", row=3, what="w", todo="t")


@pytest.mark.parametrize(
    ("more", "grade"),
    [
        ({}, Grade.COUNTED),
        ({"controls": (GOOD,)}, Grade.PROVEN),
        ({"chained": True}, Grade.PROVEN),
        ({"controls": (GOOD, BAD)}, Grade.CONTRADICTED),
        ({"chained": False, "controls": (GOOD,)}, Grade.CONTRADICTED),
        ({"rows_read": 3}, Grade.CONTRADICTED),
        ({"rows_read": 3, "rows_reported": 1, "faults": (FAULT,)}, Grade.CONTRADICTED),
    ],
)
def test_grades(more: dict[str, Any], grade: Grade) -> None:
    assert statement(**more).grade == grade


@pytest.mark.parametrize(
    ("more", "first", "last", "row"),
    [
        ({}, 4, 4, 5),
        ({"declared_first": day(1), "declared_last": day(9)}, 1, 9, 9),
        (
            {"declared_first": day(1), "declared_last": day(9), "exported_at": LATER},
            1, 4, 5,
        ),
        ({"records": to_table([record(1)]), "rows_read": 1}, 4, 3, 4),
    ],
)  # fmt: skip
def test_a_statement_speaks_for_complete_days(
    more: dict[str, Any], first: int, last: int, row: int
) -> None:
    # The day of the first row alone may have begun before the export did.
    whole = "declared_first" in more
    assert statement(**more).span == span(first, last, row, whole=whole)


def test_an_empty_statement_speaks_for_its_declared_days_only() -> None:
    empty: dict[str, Any] = {"records": to_table([]), "rows_read": 0}
    assert statement(**empty).span is None
    declared = statement(**empty, declared_first=day(1), declared_last=day(2))
    assert declared.span == span(1, 2)
