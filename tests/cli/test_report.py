"""Periods, and the ages of open items."""

from __future__ import annotations

import datetime

import pytest

from beanclear.ledger import periods
from beanclear.ledger.errors import UsageError
from beanclear.ledger.statements.ages import age_bucket


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-02", (2026, 2, 1), (2026, 2, 28)),
        ("2024-02", (2024, 2, 1), (2024, 2, 29)),
        ("2026-12", (2026, 12, 1), (2026, 12, 31)),
        ("2026-Q1", (2026, 1, 1), (2026, 3, 31)),
        ("2026-Q4", (2026, 10, 1), (2026, 12, 31)),
        ("2026", (2026, 1, 1), (2026, 12, 31)),
    ],
)
def test_periods(text: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    assert periods.parse(text) == periods.Period(
        name=text, first=datetime.date(*first), last=datetime.date(*last)
    )


@pytest.mark.parametrize(
    "text",
    ["", "2026-13", "2026-Q5", "26-01", "2026-1", "0000", "9999", "9999-12", "august"],
)
def test_no_periods(text: str) -> None:
    with pytest.raises(UsageError, match="is not a period"):
        periods.parse(text)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(-3, "0-30"), (0, "0-30"), (30, "0-30"), (31, "31-60"), (90, "61-90"), (91, "91+")],
)
def test_age_buckets(days: int, bucket: str) -> None:
    assert age_bucket(days) == bucket
