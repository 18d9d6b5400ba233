"""What needs no Spark: which records are booked, and what is said when Spark cannot be used."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from beanclear.cli import lake, skeleton
from beanclear.cli.application import beanclear
from beanclear.ledger import config as configuration
from beanclear.ledger import config_text
from beanclear.ledger.books import Books, write_atomically
from beanclear.ledger.config import Config
from beanclear.ledger.documents import DocumentLine
from beanclear.ledger.errors import BooksError, Fault
from beanclear.ledger.sql import Connection
from beanclear.ledger.statement_rows import StatementRow
from beanclear.ledger.tables import SCHEMA
from beanclear.matching import spark_records

URI = "s3a://shop/records"
Call = Callable[..., Result]


@pytest.fixture
def books(tmp_path: Path) -> Books:
    for name, text in skeleton.files("Shop", "en", "general").items():
        write_atomically(tmp_path / name, text)
    return Books(tmp_path)


@pytest.fixture
def call(books: Books) -> Call:
    def run(*arguments: str) -> Result:
        runner = CliRunner(env={"BEANCLEAR_LANG": "en"})
        return runner.invoke(beanclear, ["run", str(books.root), *arguments])

    return run


def row(document: str, grade: str = "proven") -> StatementRow:
    return StatementRow(
        source_key="ccb/8826/bank", source="ccb", account="8826", stage="bank", shop="",
        currency="CNY", document=document, file=f"{document}.csv", importer="ccb", rank=0, rows=1,
        rows_read=1, grade=grade,
    )  # fmt: skip


def line(document: str, accepted_by: str = "") -> DocumentLine:
    return DocumentLine(
        sequence=1, sha256=document, path=f"documents/{document}", name=f"{document}.csv",
        member="", shop="", importer="ccb", source="ccb", account="8826", stage="bank",
        first=None, last=None, rows=1, grade="contradicted", accepted_by=accepted_by,
    )  # fmt: skip


class FakeLake:
    """Records that nobody connects to."""

    rows: tuple[StatementRow, ...] = ()

    def __init__(self, uri: str) -> None:
        assert uri == URI

    def statements(self) -> list[StatementRow]:
        return list(self.rows)

    def conflicts(self) -> tuple[Fault, ...]:
        return ()

    def connect(self) -> Connection:
        raise AssertionError


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put these statements into the lake."""
    monkeypatch.setattr(spark_records, "SparkRecords", FakeLake)

    def put(*rows: StatementRow) -> None:
        monkeypatch.setattr(FakeLake, "rows", rows)

    return put


ON_SPARK = Config(engine="spark", records=URI)


def test_documents_that_the_lake_lacks_are_not_forgotten(held: Callable[..., None]) -> None:
    held(row("a"))
    with pytest.raises(BooksError, match=r"these books hold 1 document that .+ \(b\.csv\)") as told:
        lake.open_lake(ON_SPARK, [line("a"), line("b")])
    assert told.value.where == URI
    with pytest.raises(BooksError, match=r"these books hold 2 documents that .+ \(b\.csv, …\)"):
        lake.open_lake(ON_SPARK, [line("c"), line("b")])


def test_a_contradicted_statement_needs_somebody_who_accepted_it(
    held: Callable[..., None],
) -> None:
    held(row("a", "contradicted"))
    for index in ([], [line("a")]):
        with pytest.raises(BooksError, match=r"a\.csv contradicts itself, and nobody accepted it"):
            lake.open_lake(ON_SPARK, index)
    assert lake.open_lake(ON_SPARK, [line("a", "Li Na")]).statements() == [row("a", "contradicted")]


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    monkeypatch.setitem(sys.modules, "sqlglot", None)
    done = call("--engine", "spark", "--records", URI)
    assert done.exit_code == 3
    assert 'not installed: say `pip install "beanclear[spark]"`, or --engine duckdb' in done.stderr


def test_a_missing_java_is_named(
    monkeypatch: pytest.MonkeyPatch, call: Call, tmp_path: Path
) -> None:
    for package in ("sqlglot", "pyspark"):
        pytest.importorskip(package)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    done = call("--engine", "spark", "--records", URI)
    assert done.exit_code == 3
    assert "Java was not found: install Java 17 or newer (Debian: apt-get install" in done.stderr


def test_java_is_that_of_its_home_or_of_the_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert not spark_records.has_java()
    write_atomically(tmp_path / "bin" / "java", "")
    (tmp_path / "bin" / "java").chmod(0o755)
    assert spark_records.has_java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    assert not spark_records.has_java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert spark_records.has_java()


def test_duckdb_does_not_read_a_lake(call: Call) -> None:
    done = call("--engine", "duckdb", "--records", URI)
    assert done.exit_code == 2
    assert f"the records at {URI} are read by Spark only: say --engine spark" in done.stderr


def test_beanclear_toml_remembers_where_the_records_are(books: Books) -> None:
    config_text.set_records(books.config, URI)
    config = configuration.load(books.config)
    assert (config.engine, config.records) == ("spark", URI)
    assert books.config.read_text("utf-8").count("[books]") == 1


def test_a_lake_in_beanclear_toml_needs_spark(books: Books) -> None:
    write_atomically(books.config, f'records = "{URI}"\n')
    with pytest.raises(BooksError, match=r'records elsewhere .+: set engine = "spark"'):
        configuration.load(books.config)


@pytest.mark.parametrize("option", [["--rebuild"], ["--accept", "a.csv"]])
def test_nothing_is_imported_beside_a_lake(
    books: Books, call: Call, held: Callable[..., None], option: list[str]
) -> None:
    held()
    done = call("--records", URI, *option)
    assert done.exit_code == 2
    assert f"the records come from {URI}: no file is imported" in done.stderr
    assert configuration.load(books.config).records is None


def test_a_trace_of_a_lake_is_refused(books: Books) -> None:
    config_text.set_records(books.config, URI)
    done = CliRunner(env={"BEANCLEAR_LANG": "en"}).invoke(
        beanclear, ["trace", "A-1", str(books.root)]
    )
    assert done.exit_code == 3
    assert f"{URI}: this command reads only the books' own records, not a lake" in done.stderr


def test_books_without_records_need_no_spark(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    done = call("--engine", "spark")
    assert done.exit_code == 0, done.stderr


@pytest.mark.parametrize("page", ["spark.md", "spark.zh.md"])
def test_the_page_names_every_column(page: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / page).read_text("utf-8")
    rows = dict(re.findall(r"^\| (string|bigint|int|date|timestamp) \| (.+) \|$", text, re.M))
    named = {
        (kind, name, star == "*")
        for kind, names in rows.items()
        for name, star in re.findall(r"`(\w+)`(\*?)", names)
    }
    assert named == {
        (spark_records.TYPES[field.type], field.name, not field.nullable) for field in SCHEMA
    }


def test_what_waits_is_counted(books: Books) -> None:
    assert lake.waiting(books) == []
    write_atomically(books.inbox / "shop2" / "a.csv", "")
    write_atomically(books.inbox / "b.csv", "")
    (reminder,) = lake.waiting(books)
    assert reminder.startswith("2 files wait in the inbox: they are not imported")
