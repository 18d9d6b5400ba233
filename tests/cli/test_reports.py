"""Every report on the example shop: it comes in every form, and what it totals ties."""

from __future__ import annotations

import io
import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
import python_calamine
from click.testing import CliRunner, Result

from beanclear.cli.application import beanclear as application
from beanclear.cli.report_catalogue import REPORTS
from beanclear.ledger.statements import shown
from beanclear.ledger.statements.xlsx import workbook
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
def test_a_report_ties_and_comes_in_every_form(name: str, books: Path) -> None:
    done = beanclear("report", name, books, "--period", "2026-08", *NEEDS.get(name, ()), "--json")
    assert done.exit_code == 0, done.output
    content = json.loads(done.stdout)["tables"]
    assert content
    for table in content:
        assert {float(value) for value in table["checks"].values()} <= {0.0}
        if name != "voucher-export":  # another program reads it: its first line is the heading
            assert table["header"]["Company"] == "杭州清账商贸有限公司"
    # The same tables in the other forms; that each form is written when asked is tested below.
    tables = [shown.from_json(table) for table in content]
    assert shown.as_html(tables, "en").count("<section") == len(tables)
    heads = [shown.as_csv(table).splitlines()[0] for table in tables]
    assert heads == [",".join(column.name for column in table.columns) for table in tables]
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook(tables)))
    assert len(book.sheet_names) == len(tables)


@pytest.mark.parametrize("name", ["trial-balance", "voucher-export", "vouchers"])
def test_a_form_is_written_when_it_is_asked_for(name: str, books: Path, tmp_path: Path) -> None:
    common: tuple[str | Path, ...] = (
        "report", name, books, "--period", "2026-08", *NEEDS.get(name, ()),
    )  # fmt: skip
    tables = json.loads(beanclear(*common, "--json").stdout)["tables"]
    assert tables[0]["title"] in beanclear(*common).stdout
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


@pytest.mark.parametrize("dimension", ["platform", "department"])
@pytest.mark.parametrize("name", [report.name for report in REPORTS if report.by_dimension])
def test_a_divided_report_makes_up_the_whole(name: str, dimension: str, books: Path) -> None:
    done = beanclear("report", name, books, "--period", "2026-08", "--by", dimension, "--json")
    assert done.exit_code == 0, done.output
    tables = json.loads(done.stdout)["tables"]
    checks = [float(rest) for table in tables for rest in table["checks"].values()]
    assert checks
    assert set(checks) == {0.0}


def test_the_statement_by_platform_has_the_charges_of_the_shops(books: Path) -> None:
    """The one is made of postings, the other of the records."""
    common = (books, "--period", "2026-08", "--json")
    (form,) = json.loads(
        beanclear("report", "income-statement", *common, "--by", "platform").stdout
    )["tables"]
    by_line = {row["line"]: row for row in form["rows"]}
    for shop in json.loads(beanclear("report", "shop", *common).stdout)["tables"]:
        rows = {row["item"]: row["total"] for row in shop["rows"]}
        column = {"taobao": "Tmall", "pinduoduo": "Pinduoduo", "shop": "Shop"}[
            shop["name"].split("-")[1]
        ]
        assert by_line[1][column] == rows["Net revenue"]
        costs = sum(Decimal(by_line[line][column]) for line in (11, 18, 24))
        assert costs == Decimal(rows["Charges"])


def test_a_part_without_figures_has_no_table(books: Path) -> None:
    common = ("report", "vat", books, "--period", "2026-08", "--by", "platform", "--json")
    names = [table["name"] for table in json.loads(beanclear(*common).stdout)["tables"]]
    assert names == ["vat-summary-Pinduoduo", "vat-summary-Shop", "vat-summary-Tmall"]


def test_what_is_no_dimension_is_told(books: Path) -> None:
    done = beanclear("report", "cash-flow", books, "--period", "2026-08", "--by", "colour")
    assert done.exit_code == 2
    assert "colour" in done.stderr
    assert "department" in done.stderr


def test_who_prepares_reports_may_stand_in_the_configuration(books: Path, tmp_path: Path) -> None:
    named = tmp_path / "books"
    shutil.copytree(books, named)
    text = (named / "beanclear.toml").read_text("utf-8")
    (named / "beanclear.toml").write_text(
        text.replace("[books]", '[books]\npreparer = "李娜"', 1), "utf-8"
    )
    common = ("report", "trial-balance", named, "--period", "2026-08")
    assert "Prepared by: 李娜" in beanclear(*common).stdout
    assert "Prepared by: 王芳" in beanclear(*common, "--preparer", "王芳").stdout


def test_what_fava_offers_are_reports() -> None:
    assert PAGES.keys() <= {report.name for report in REPORTS}


def test_a_workbook_needs_a_file(books: Path) -> None:
    done = beanclear("report", "vat", books, "--period", "2026-08", "--format", "xlsx")
    assert done.exit_code == 2
    assert "XLSX is written to a file: say where: --out FILE.xlsx" in done.stderr


def test_a_period_without_anything_is_told(books: Path) -> None:
    done = beanclear("report", "payouts", books, "--period", "2025-01")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "There is nothing in this period.\n"


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


@pytest.mark.parametrize(
    ("period", "told"),
    [
        ("2026-08", None),
        ("2026-Q3", ("Books end", "2026-08-31")),
        ("2027-01", ("Books end", "2026-08-31")),
        ("2025-12", ("Books begin", "2026-05-31")),
    ],
)
def test_a_period_that_the_books_do_not_hold_says_so(
    period: str, told: tuple[str, str] | None, books: Path
) -> None:
    done = beanclear("report", "trial-balance", books, "--period", period, "--json")
    header = json.loads(done.stdout)["tables"][0]["header"]
    assert {pair for pair in header.items() if pair[0].startswith("Books")} == (
        {told} if told else set()
    )
