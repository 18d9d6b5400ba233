"""Every report on the example shop: it comes in every form, and what it totals ties."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
import python_calamine
from click.testing import CliRunner, Result

from beanclear.cli.application import beanclear as application
from beanclear.cli.report_catalogue import REPORTS
from beanclear.plugins.fava_beanclear.reports import REPORTS as PAGES

ROOT = Path(__file__).parents[2]
NEEDS: dict[str, tuple[str, ...]] = {"voucher-export": ("--layout", "yonyou")}


def beanclear(*arguments: str | Path, lang: str = "en") -> Result:
    return CliRunner(env={"BEANCLEAR_LANG": lang}).invoke(
        application, [str(argument) for argument in arguments], catch_exceptions=False
    )


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, whose records are made once."""
    folder = tmp_path_factory.mktemp("example") / "books"
    shutil.copytree(ROOT / "books", folder)
    return folder


# The example is of a small enterprise: its standard has no statement of changes in equity.
@pytest.mark.parametrize(
    "name", [report.name for report in REPORTS if report.name != "equity-changes"]
)
def test_a_report_ties_and_comes_in_every_form(name: str, books: Path, tmp_path: Path) -> None:
    common: tuple[str | Path, ...] = (
        "report",
        name,
        books,
        "--period",
        "2026-08",
        *NEEDS.get(name, ()),
    )
    done = beanclear(*common, "--json")
    assert done.exit_code == 0, done.output
    tables = json.loads(done.stdout)["tables"]
    assert tables
    for table in tables:
        assert {float(value) for value in table["checks"].values()} <= {0.0}
        if name != "voucher-export":  # another program reads it: its first line is the heading
            assert table["header"]["Company"] == "杭州清账商贸有限公司"
    text = beanclear(*common)
    assert tables[0]["title"] in text.stdout
    page = beanclear(*common, "--format", "html")
    assert page.stdout.count("<section") >= len(tables)  # vouchers are a block each
    lines = beanclear(*common, "--format", "csv").stdout
    # What another program imports has that program's headings, not names for machines.
    head = "heading" if name == "voucher-export" else "name"
    assert lines.startswith(",".join(column[head] for column in tables[0]["columns"]))
    target = tmp_path / "report.xlsx"
    assert beanclear(*common, "--format", "xlsx", "--out", target).exit_code == 0
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(target.read_bytes()))
    assert len(book.sheet_names) == len(tables)


def test_what_fava_offers_are_reports() -> None:
    assert PAGES.keys() <= {report.name for report in REPORTS}


def test_a_workbook_needs_a_file(books: Path) -> None:
    done = beanclear("report", "vat", books, "--period", "2026-08", "--format", "xlsx")
    assert done.exit_code == 2
    assert "XLSX is written to a file: say where: --out FILE.xlsx" in done.stderr


def test_a_file_that_cannot_be_written_is_told(books: Path, tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "x.html"
    done = beanclear(
        "report", "vat", books, "--period", "2026-08", "--format", "html", "--out", target
    )
    assert done.exit_code == 2
    assert f"{target} cannot be written" in done.stderr


def test_a_period_that_is_none_is_told(books: Path) -> None:
    done = beanclear("report", "vat", books, "--period", "August")
    assert done.exit_code == 2
    assert "'August' is not a period" in done.stderr


def test_an_account_that_is_not_there_is_told(books: Path) -> None:
    done = beanclear(
        "report", "detailed-ledger", books, "--period", "2026-08", "--account", "Assets:Nowhere"
    )
    assert done.exit_code == 2
    assert "there is no account Assets:Nowhere" in done.stderr


def test_reports_are_chinese_where_the_reader_is(books: Path) -> None:
    done = beanclear("report", "balance-sheet", books, "--period", "2026-08", lang="zh")
    assert "货币资金" in done.stdout
    assert "会小企01表" in done.stdout
