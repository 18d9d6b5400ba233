"""Periods, the reconciliation report and its three formats."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result

from beanclear.ledger import periods
from beanclear.ledger.beancount_text import amount
from beanclear.ledger.errors import UsageError
from beanclear.ledger.reconciliation import Matched
from beanclear.ledger.statements import reconciliation
from beanclear.ledger.vocabulary import OpenItem

Run = Callable[..., Result]

DAY = datetime.date(2026, 8, 31)
TMALL = "Assets:Receivable:Tmall"


def item(fen: int, day: datetime.date, klass: str = "overdue") -> OpenItem:
    return OpenItem(
        date=day, account=TMALL, amount=amount(fen, "CNY"), as_of=DAY, klass=klass,
        key=f"{klass}{day}", at_stake=amount(abs(fen), "CNY"), due=DAY, reason="r",
    )  # fmt: skip


STATE = SimpleNamespace(
    account=TMALL, as_of=DAY, balance_minor=18900, currency="CNY", in_transit_minor=6000,
    in_transit_count=2, open_minor=12900, open_count=3, matched=(
        Matched(name="key", count=38, amount_minor=500),
        Matched(name="amount", count=2, amount_minor=70),
    ),
    awaiting=None,
)  # fmt: skip
ITEMS = (
    item(100, datetime.date(2026, 8, 1)),
    item(12700, datetime.date(2026, 8, 31)),
    item(100, datetime.date(2026, 5, 1), "short"),
)


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


@pytest.mark.parametrize("text", ["", "2026-13", "2026-Q5", "26-01", "2026-1", "0000", "august"])
def test_no_periods(text: str) -> None:
    with pytest.raises(UsageError, match="is not a period"):
        periods.parse(text)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(-3, "0-30"), (0, "0-30"), (30, "0-30"), (31, "31-60"), (90, "61-90"), (91, "91+")],
)
def test_age_buckets(days: int, bucket: str) -> None:
    assert reconciliation.age_bucket(days) == bucket


def test_report_explains_the_balance() -> None:
    [line] = reconciliation.report([STATE], ITEMS)
    assert line.difference_minor == 0
    assert [(one.klass, one.age, one.count, one.amount_minor) for one in line.open] == [
        ("short", "91+", 1, 100),
        ("overdue", "0-30", 2, 12800),
    ]


def test_json(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    pipeline.accounts, pipeline.items = (STATE,), ITEMS
    result = run("report", "reconciliation", books, "--period", "2026-08", "--format", "json")
    assert result.exit_code == 1
    assert pipeline.asked[0][1] == DAY
    document = json.loads(result.stdout)
    assert (document["schema"], document["version"]) == ("beanclear.report.reconciliation", 1)
    [account] = document["accounts"]
    assert account["balance"] == "189.00"
    assert account["difference"] == "0.00"
    assert account["open"]["amount"] == "129.00"


def test_csv(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    pipeline.accounts, pipeline.items = (STATE,), ITEMS
    result = run("report", "reconciliation", books, "--format", "csv")
    assert result.stdout.splitlines()[:3] == [
        "account,as_of,currency,part,name,age,count,amount",
        "Assets:Receivable:Tmall,2026-08-31,CNY,matched,key,,38,5.00",
        "Assets:Receivable:Tmall,2026-08-31,CNY,matched,amount,,2,0.70",
    ]


def test_text(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    pipeline.accounts, pipeline.items = (STATE,), ITEMS
    result = run("report", "reconciliation", books)
    assert result.stdout == (
        "Assets:Receivable:Tmall as of 2026-08-31, CNY\n"
        "  part            age in days  count  amount\n"
        "  matched key                     38    5.00\n"
        "  matched amount                   2    0.70\n"
        "  in transit                       2   60.00\n"
        "  open short      91+              1    1.00\n"
        "  open overdue    0-30             2  128.00\n"
        "  balance                             189.00\n"
        "\n"
    )


@pytest.mark.usefixtures("pipeline")
def test_nothing_yet_is_fine(run: Run, books: Path) -> None:
    result = run("report", "reconciliation", books)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "There are no clearing accounts yet.\n"


@pytest.mark.usefixtures("pipeline")
def test_wrong_period(run: Run, books: Path) -> None:
    result = run("report", "reconciliation", books, "--period", "august")
    assert result.exit_code == 2
    assert result.stderr == (
        "'august' is not a period: write a month 2026-08, a quarter 2026-Q3 or a year 2026\n"
    )
