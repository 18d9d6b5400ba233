"""`report risks`: three formats, and an exit code that never says failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import Result

from beanclear.cli import workspace
from beanclear.ledger.labels import WORDS
from beanclear.ledger.records import Kind
from beanclear.matching.risks import CHECKS

if TYPE_CHECKING:
    from tests.conftest import TinyBooks

Run = Callable[..., Result]

WHY = "the order was paid 100.00 CNY a second time, as on 2026-07-01, and it was not given back"


@pytest.fixture
def paid_twice(tiny: TinyBooks, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.order("A", 10000, "07-01", paid="07-01")
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.wallet(Kind.SALE, 10000, "07-03", "A")
    monkeypatch.setattr(workspace, "keeper", lambda _books: tiny.keeper())


def test_books_without_a_risk(run: Run, books: Path) -> None:
    result = run("report", "risks", books)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No check found a risk.\n"


@pytest.mark.usefixtures("paid_twice")
def test_text(run: Run, books: Path) -> None:
    result = run("report", "risks", books)
    assert result.exit_code == 0
    assert result.stdout == (
        "duplicate-settlement (high), Assets:Receivable:Shop\n"
        f"  date        order or line      amount  where            why\n"
        f"  2026-07-03  A              100.00 CNY  wechatpay.csv:2  {WHY}\n"
        "\n"
    )


@pytest.mark.usefixtures("paid_twice")
def test_text_in_chinese(run: Run, books: Path) -> None:
    result = run("--lang", "zh", "report", "risks", books)
    assert result.stdout.startswith("重复结算 (高), Assets:Receivable:Shop\n")


@pytest.mark.usefixtures("paid_twice")
def test_only_those_of_a_period(run: Run, books: Path) -> None:
    common = ("report", "risks", books, "--period")
    assert WHY in run(*common, "2026-Q3").stdout
    assert run(*common, "2026-08").stderr == "No check found a risk.\n"


def test_every_check_has_a_label() -> None:
    assert {check.name for check in CHECKS} - WORDS == set()


@pytest.mark.usefixtures("paid_twice")
def test_csv(run: Run, books: Path) -> None:
    result = run("report", "risks", books, "--format", "csv")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "check,severity,account,platform,date,order_id,bank_ref,amount,currency,file,row,"
        "explanation",
        "duplicate-settlement,high,Assets:Receivable:Shop,shop,2026-07-03,A,,100.00,CNY,"
        f'wechatpay.csv,2,"{WHY}"',
    ]


@pytest.mark.usefixtures("paid_twice")
@pytest.mark.parametrize("form", [("--json",), ("--format", "json")])
def test_json(run: Run, books: Path, form: tuple[str, ...]) -> None:
    result = run("report", "risks", books, *form)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "schema": "beanclear.report.risks",
        "version": 1,
        "risks": [
            {
                "check": "duplicate-settlement",
                "severity": "high",
                "account": "Assets:Receivable:Shop",
                "platform": "shop",
                "date": "2026-07-03",
                "order_id": "A",
                "bank_ref": None,
                "amount": "100.00",
                "currency": "CNY",
                "file": "wechatpay.csv",
                "row": 2,
                "explanation": WHY,
            }
        ],
    }


@pytest.mark.usefixtures("paid_twice")
def test_in_chinese(run: Run, books: Path) -> None:
    result = run("--lang", "zh", "report", "risks", books)
    assert result.exit_code == 0
    assert "该订单于 2026-07-01 已收 100.00 CNY，又收到一笔相同金额，且未退回" in result.stdout


def test_no_books(run: Run, tmp_path: Path) -> None:
    result = run("report", "risks", tmp_path)
    assert result.exit_code == 3
    assert "there are no books here" in result.stderr
