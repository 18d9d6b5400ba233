"""Voucher numbers through the commands: closing fixes them, reports tell what changed after."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run

BOOKS = Path(__file__).parents[2] / "books"
JULY = "reconciliation/vouchers-2026-07.tsv"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example shop, in which 2026-06 is closed; it speaks Chinese, its reports English."""
    monkeypatch.setenv("BEANCLEAR_LANG", "en")
    ignored = shutil.ignore_patterns("records", "*.picklecache")
    return Path(shutil.copytree(BOOKS, tmp_path / "books", ignore=ignored))


def test_closing_fixes_the_numbers_of_the_month(run: Run, example: Path) -> None:
    manual = example / "manual" / "2026.beancount"
    before = manual.read_text("utf-8")
    dry = run("close", "2026-07", example, "--by", "Li", "--dry-run")
    assert dry.exit_code == 0
    assert not (example / JULY).exists()
    assert JULY in dry.stdout.splitlines()
    unsorted = run("close", "2026-07", example, "--by", "Li")
    assert (unsorted.exit_code, (example / JULY).exists()) == (1, False)  # 1 line in 待查
    word = ("--reason", "the invoice is asked for")
    assert run("close", "2026-07", example, "--by", "Li", *word).exit_code == 0
    numbers = (example / JULY).read_text("utf-8").splitlines()[1:]
    assert [line.split("\t")[0] for line in numbers] == [
        f"记-202607-{serial:03d}" for serial in range(1, len(numbers) + 1)
    ]
    assert JULY in (example / "decisions" / "2026" / "Li.beancount").read_text("utf-8")

    report = ("report", "vouchers", example, "--period", "2026-07", "--json")
    (table,) = json.loads(run(*report).stdout)["tables"]
    assert table["header"]["Voucher numbers"] == "fixed at close"
    assert set(table["checks"].values()) == {"0.00"}

    # A remark changes no voucher; an amount does, and a new entry too.
    manual.write_text(";; remark\n" + before, "utf-8")
    assert run(*report).exit_code == 0
    manual.write_text(before.replace("5,187.55", "5,187.56"), "utf-8")
    changed = run(*report)
    assert changed.exit_code == 3
    assert "2026-07-31 的 分录 计提 7月工资和社保 在 2026-07 结账之后被改动" in changed.stderr
    manual.write_text(before, "utf-8")
    (example / JULY).unlink()
    gone = run("report", "detailed-ledger", example, "--period", "2026-07", "--account", "1405")
    assert f"已冻结的文件 {JULY} 不见了" in gone.stderr


def test_an_open_month_has_provisional_numbers_in_ledger_and_export(
    run: Run, example: Path
) -> None:
    period = ("--period", "2026-08")
    (table,) = json.loads(run("report", "vouchers", example, *period, "--json").stdout)["tables"]
    assert table["header"]["Voucher numbers"] == "provisional until the month is closed"
    last = table["rows"][-2]
    ledger = run("report", "detailed-ledger", example, *period, "--account", last["code"], "--json")
    rows = json.loads(ledger.stdout)["tables"][0]["rows"]
    assert last["voucher"] in [row["voucher"] for row in rows]

    export = run(
        "report", "voucher-export", example, *period, "--layout", "kingdee", "--format", "csv"
    )
    lines = list(csv.DictReader(io.StringIO(export.stdout)))
    assert len(lines) == len(table["rows"]) - 1
    assert lines[-1]["参考信息"] == last["voucher"]
    assert export.stderr == "The numbers are provisional until the month is closed.\n"
    unknown = run("report", "voucher-export", example, *period, "--layout", "sap")
    assert unknown.exit_code == 2

    page = run("report", "vouchers", example, *period, "--format", "html").stdout
    assert page.count('class="several"') == len({row["voucher"] for row in table["rows"]} - {""})


def test_a_missing_required_dimension_ends_with_1(run: Run, example: Path) -> None:
    report = ("report", "dimensions", example, "--period", "2026-08")
    assert run(*report).exit_code == 0
    accounts = example / "accounts.beancount"
    text = accounts.read_text("utf-8")
    opened = "open Expenses:Payroll:Salaries CNY\n"
    assert opened in text
    accounts.write_text(text.replace(opened, opened + '  dimensions: "department"\n'), "utf-8")
    found = run(*report)
    assert found.exit_code == 1
    assert "Department" in found.stdout
    by = run("report", "trial-balance", example, "--period", "2026-08", "--by", "department")
    assert by.exit_code == 0
    wrong = run("report", "ageing", example, "--period", "2026-08", "--by", "shop")
    assert wrong.exit_code == 2
    banks = run("report", "bank-reconciliation", example, "--period", "2026-Q3")
    assert banks.stderr.count("✓") == 2  # September has no statement yet, nor a check
