"""Records of a lake: what is read, what is refused, and a whole run that says what DuckDB says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beanclear.cli.pipeline import RunOptions, run_books
from beanclear.cli.progress import Silent
from beanclear.ledger.books import Books
from beanclear.ledger.errors import BooksError
from beanclear.ledger.tables import SCHEMA
from tests.spark.conftest import SETTINGS, submit_arguments

if TYPE_CHECKING:
    from tests.spark.engines import Lake

pytestmark = pytest.mark.spark
ROOT = Path(__file__).parents[2]
DERIVED = ("journal", "reconciliation")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """The example, its records derived; nothing may change it."""
    books = Books(Path(shutil.copytree(ROOT / "books", tmp_path_factory.mktemp("x") / "books")))
    run_books(books, RunOptions(), Silent())
    return books


@pytest.fixture
def folder(example: Books, tmp_path: Path) -> Path:
    """A copy of its records, as somebody would put them on a lake."""
    for name in ("order", "wallet", "bank"):
        shutil.copytree(example.records / name, tmp_path / name)
    shutil.copy(example.records / "statements.json", tmp_path)
    return tmp_path


def text(books: Books) -> dict[str, bytes]:
    return {
        path.relative_to(books.root).as_posix(): path.read_bytes()
        for path in sorted(books.root.rglob("*.beancount"))
    }


def beanclear(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command with a Spark of its own, which compiles and adapts its queries."""
    names = ("spark.driver.host", "spark.driver.bindAddress", "spark.sql.shuffle.partitions")
    settings = {name: SETTINGS[name] for name in names}
    return subprocess.run(
        [sys.executable, "-m", "beanclear.cli", *map(str, arguments)],
        env={
            **os.environ,
            "PYSPARK_SUBMIT_ARGS": submit_arguments(settings),
            "BEANCLEAR_LANG": "en",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_whole_run_writes_the_same_bytes(
    example: Books, folder: Path, tmp_path: Path, needs_spark: None
) -> None:
    assert needs_spark is None
    books = Books(Path(shutil.copytree(example.root, tmp_path / "books")))
    shutil.rmtree(books.records)
    for path in text(books):
        if path.startswith(("journal/2026/08/", "reconciliation/current")):
            (books.root / path).unlink()
    shutil.copy(ROOT / "README.md", books.inbox / "waiting.csv")
    done = beanclear("run", books.root, "--engine", "spark", "--records", f"file://{folder}")
    assert done.returncode == 1, done.stderr  # the example keeps exceptions open
    assert text(books) == text(example)
    assert "1 file waits in the inbox: it is not imported" in done.stdout + done.stderr
    assert (books.inbox / "waiting.csv").exists()
    settings = books.config.read_text("utf-8")
    assert 'engine = "spark"' in settings
    assert f'records = "file://{folder}"' in settings


def rewritten(folder: Path, change: Any) -> None:  # noqa: ANN401 - a function of a table
    """Change the first file of the bank."""
    path = min((folder / "bank").rglob("*.parquet"))
    pq.write_table(change(pq.ParquetFile(path).read()), path)


def with_null(table: pa.Table) -> pa.Table:
    place = SCHEMA.get_field_index("amount_minor")
    column = pa.array([None] * len(table), pa.int64())
    return table.set_column(place, pa.field("amount_minor", pa.int64()), column)


def of_nobody(table: pa.Table) -> pa.Table:
    place = SCHEMA.get_field_index("document")
    column = pa.array(["0" * 64] * len(table), pa.string())
    return table.set_column(place, SCHEMA.field("document"), column)


def as_text(table: pa.Table) -> pa.Table:
    place = SCHEMA.get_field_index("booked_on")
    column = table.column("booked_on").cast(pa.string())
    return table.set_column(place, "booked_on", column)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (with_null, r"row \d+ of [0-9a-f]{64} lacks one of record_id, source, "),
        (of_nobody, "rows are of documents that statements.json does not name, such as 0{64}"),
        (as_text, "columns are missing or of another type: booked_on date"),
        (lambda table: table.drop_columns(["shop"]), "columns are missing.*: shop string"),
        (
            lambda table: pa.concat_tables([table, table.slice(0, 1)]),
            "the line .+ of .+/.+ is there 2 times",
        ),
    ],
)
def test_what_would_be_booked_wrongly_is_refused(
    folder: Path,
    lake: Lake,
    change: Any,  # noqa: ANN401 - a function of a table
    what: str,
) -> None:
    for other in sorted((folder / "bank").rglob("*.parquet"))[1:]:
        other.unlink()
    rewritten(folder, change)
    with pytest.raises(BooksError, match=what) as told:
        lake(folder).connect()
    assert re.fullmatch("file://.*", told.value.where)


def test_a_lake_without_statements_is_refused(folder: Path, lake: Lake) -> None:
    (folder / "statements.json").unlink()
    with pytest.raises(BooksError, match="PATH_NOT_FOUND"):
        lake(folder)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("{}", "statements.json is no list in JSON"),
        ("[", "statements.json is no list in JSON"),
        ('[{"rows": 1}]', "statements.json describes a statement wrongly"),
    ],
)
def test_statements_that_are_none(folder: Path, lake: Lake, content: str, what: str) -> None:
    (folder / "statements.json").write_text(content, encoding="utf-8")
    with pytest.raises(BooksError, match=what):
        lake(folder)


def test_statements_without_any_record(folder: Path, lake: Lake) -> None:
    for name in ("order", "wallet", "bank"):
        shutil.rmtree(folder / name)
    with pytest.raises(BooksError, match="there are no Parquet files"):
        lake(folder).connect()


def test_no_statements_are_no_records(tmp_path: Path, lake: Lake) -> None:
    (tmp_path / "statements.json").write_text("[]", encoding="utf-8")
    assert lake(tmp_path).conflicts() == ()  # their file may be absent
    con = lake(tmp_path).connect()
    assert con.execute("SELECT count(*) FROM records").fetchone() == (0,)
    assert [column[0] for column in con.execute("SELECT * FROM records").description] == list(
        SCHEMA.names
    )


def test_one_folder_holds_all_stages_as_well(example: Books, folder: Path, lake: Lake) -> None:
    files = sorted(folder.rglob("*.parquet"))
    whole = pa.concat_tables([pq.ParquetFile(path).read() for path in files])
    for name in ("order", "wallet", "bank"):
        shutil.rmtree(folder / name)
    pq.write_table(whole, folder / "all.parquet")
    count = "SELECT stage, count(*), CAST(sum(amount_minor) AS BIGINT) FROM records GROUP BY stage"
    rows = f"{count} ORDER BY stage"
    split = lake(example.records).connect().execute(rows).fetchall()
    assert lake(folder).connect().execute(rows).fetchall() == split


def test_columns_that_may_be_empty_may_be_left_out(folder: Path, lake: Lake) -> None:
    optional = [field.name for field in SCHEMA if field.nullable]
    for path in sorted((folder / "wallet").rglob("*.parquet")):
        pq.write_table(pq.ParquetFile(path).read().drop_columns(optional), path)
    con = lake(folder).connect()
    found = con.execute("SELECT * FROM records WHERE stage = 'wallet'")
    assert [column[0] for column in found.description] == SCHEMA.names
    assert con.execute(
        "SELECT count(*) > 0, count(order_id), count(memo) FROM records WHERE stage = 'wallet'"
    ).fetchall() == [(True, 0, 0)]


def test_conflicts_are_told(folder: Path, lake: Lake) -> None:
    assert lake(folder).conflicts() == ()
    (folder / "conflicts.json").write_text(json.dumps({}), encoding="utf-8")
    with pytest.raises(BooksError, match=r"conflicts\.json is no list in JSON"):
        lake(folder).conflicts()
