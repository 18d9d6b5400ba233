"""Every table of posting and matching, row by row the same on DuckDB and on Spark."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from beanclear.cli import skeleton
from beanclear.cli.pipeline import RunOptions, run_books
from beanclear.cli.progress import Silent
from beanclear.cli.simulation import Options, simulate
from beanclear.ledger.books import Books, write_atomically
from beanclear.ledger.records import Kind
from beanclear.ledger.statement import Statement
from beanclear.ledger.store import RecordStore
from beanclear.matching import risks
from tests.spark.engines import STEPS, both, different, names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import TinyBooks
    from tests.spark.engines import Lake

pytestmark = pytest.mark.spark
ROOT = Path(__file__).parents[2]
RECORDED = ("tests/matching", "tests/ledger")


def new_books(folder: Path) -> Books:
    for name, text in skeleton.files("Shop", "en", "general").items():
        write_atomically(folder / name, text)
    return Books(folder)


def simulated(folder: Path, **options: Any) -> Books:  # noqa: ANN401 - fields of Options
    simulate(folder / "exports", Options(orders=200, days=70, **options))
    books = new_books(folder / "books")
    for path in (folder / "exports").rglob("*"):
        target = books.inbox / path.relative_to(folder / "exports")
        if path.is_file() and path.name not in {"truth.json", "beanclear.toml"}:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        elif path.name == "beanclear.toml":
            shutil.copy(path, books.config)
    run_books(books, RunOptions(), Silent())
    return books


@pytest.mark.parametrize(
    "options",
    [
        {"seed": 1, "faults": 0.1},
        {"seed": 2, "faults": 0.1, "own_orders": False, "bank": "icbc"},
        {"seed": 3, "faults": 0.05, "shops": 2, "overseas": True, "bank": "pingan"},
    ],
    ids=lambda options: f"seed {options['seed']}",
)
def test_simulated_shops(tmp_path: Path, lake: Lake, options: dict[str, Any]) -> None:
    books = simulated(tmp_path, **options)
    with both(books, lake) as (duckdb, spark):
        one, other = duckdb.compute(), spark.compute()
        assert STEPS - names(duckdb.con) == set()
        assert different(duckdb, spark) == {}
        assert one.found.items != ()
        assert one == other
        assert risks.warnings(duckdb.con, duckdb.files) == risks.warnings(spark.con, spark.files)


def test_the_example(tmp_path: Path, lake: Lake) -> None:
    books = Books(Path(shutil.copytree(ROOT / "books", tmp_path / "books")))
    run_books(books, RunOptions(), Silent())
    with both(books, lake) as (duckdb, spark):
        assert duckdb.compute().texts == spark.compute().texts
        assert different(duckdb, spark) == {}


def test_numbers_of_two_shops_trades_and_contradictions(tiny: TinyBooks, lake: Lake) -> None:
    for shop, minor in (("north", 10000), ("south", 7000)):
        tiny.order("1001", minor, "07-01", paid="07-01", shipped="07-02", shop=shop)
    tiny.wallet(Kind.SALE, 7000, "07-03", "1001")
    for number, minor in (("A", 6000), ("B", 4000)):
        tiny.order(number, minor, "07-01", paid="07-01", shipped="07-02", shop="north",
                   trade_id="T", refunded_minor=0)  # fmt: skip
    tiny.wallet(Kind.SALE, 10000, "07-02", "P1", trade_id="T")
    tiny.wallet(Kind.REFUND, -500, "07-03", "P2", trade_id="T")
    for minor in (900, 1000):
        tiny.order("C", minor, "07-01", paid="07-01", shipped="07-02", shop="south")
        tiny.order("D", minor, "07-01", paid="07-01", completed="07-02", platform="taobao")
        tiny.order("D1", minor, "07-01", paid="07-01", completed="07-02", platform="taobao",
                   parent_order_id="D", refunded_minor=minor // 10)  # fmt: skip
    for shop in ("north", "south"):
        tiny.order("E", 500, "07-01", paid="07-01", completed="07-02", platform="taobao",
                   shop=shop)  # fmt: skip
    assert {item.note for item in tiny.found().items} >= {"shops:2", "orders:2", "amount", "shops"}
    with both(tiny.books, lake) as (duckdb, spark):
        assert duckdb.compute() == spark.compute()
        assert different(duckdb, spark) == {}


CONFIGURED = """
[[recognition]]
platform = "shop"
point = "shipped"
vat_point = "paid"
[[vat]]
rate_percent = "13"
[[vat]]
rate_percent = "9"
category = "books"
[[advances]]
platform = "shop"
kept = "taxed"
longest_days = 30
[[advances]]
platform = "taobao"
kept = "untaxed"
[[advances]]
platform = "pinduoduo"
kept = "open"
"""


def advances_and_taxes(tiny: TinyBooks) -> None:
    """Orders that end without a sale, that wait, and that are given back in parts."""
    tiny.configure(CONFIGURED)
    for platform, wallet in (("shop", "wechatpay"), ("taobao", "alipay"), ("pinduoduo",) * 2):
        of = {"platform": platform, "source": wallet}
        tiny.order("K", 1000, "07-01", paid="07-01", closed="07-10", platform=platform,
                   refunded_minor=600, tax_minor=90)  # fmt: skip
        tiny.order("W", 800, "07-02", paid="07-02", platform=platform)
        tiny.order("B", 3390, "07-01", paid="07-01", shipped="07-03", completed="07-09",
                   platform=platform, refunded_minor=3390, category="books")  # fmt: skip
        tiny.order("Z", 500, "07-01", paid="07-01", shipped="07-03", completed="07-09",
                   platform=platform, tax_minor=0)  # fmt: skip
        tiny.order("E", 10900, "07-01", paid="07-01", shipped="07-03", completed="07-09",
                   platform=platform, refunded_minor=None)  # fmt: skip
        tiny.order("E", 10900, "07-01", paid="07-01", shipped="07-03", completed="07-09",
                   platform=platform, source="shop", tax_minor=900)  # fmt: skip
        for day, key, kind, minor in (
            ("07-01", "K", Kind.SALE, 1000), ("07-10", "K", Kind.REFUND, -600),
            ("07-02", "W", Kind.SALE, 800), ("07-01", "B", Kind.SALE, 3390),
            ("07-11", "B", Kind.REFUND, -1111), ("07-12", "B", Kind.REFUND, -1111),
            ("07-14", "B", Kind.REFUND, 1111), ("07-20", "B", Kind.REFUND, -2279),
            ("07-09", "E", Kind.SALE, 10900), ("08-01", "E", Kind.REFUND, -5450),
        ):  # fmt: skip
            tiny.wallet(kind, minor, day, key, **of)
    for kind, minor in ((Kind.SALE, 1001), (Kind.REFUND, -500), (Kind.REFUND, -501)):
        tiny.wallet(kind, minor, "07-05", "U", platform="douyin", source="alipay")


def contradictions_and_homes(tiny: TinyBooks) -> None:
    """Orders told twice in other words, and numbers of one platform in two folders."""
    changes: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "tax": ({"tax_minor": 10}, {"tax_minor": 20}),
        "refund": ({"refunded_minor": 10}, {"refunded_minor": 20}),
        "moments": ({"shipped": "07-03"}, {"shipped": "07-04"}),
        "created": ({"ordered": "06-30"}, {"ordered": "07-01"}),
        "amount": ({"amount": 1200}, {"amount": 1300}),
        "known": ({"known": "07-20", "amount": 1200}, {"known": "07-21", "amount": 1300}),
    }
    for platform in ("shop", "taobao"):
        for what, told in changes.items():
            for facts in told:
                more = {"paid": "07-02", "shipped": "07-03", **facts, "platform": platform}
                amount, ordered = more.pop("amount", 1000), more.pop("ordered", "07-01")
                tiny.order(f"X-{what}", amount, ordered, **more)
    for shop in ("", "north", "south"):
        tiny.order("H", 700, "07-01", paid="07-01", completed="07-06", platform="taobao",
                   shop=shop)  # fmt: skip
        tiny.order("H1", 300, "07-01", paid="07-01", completed="07-06", platform="taobao",
                   parent_order_id="H", shop=shop, refunded_minor=50)  # fmt: skip
    tiny.order("H", 700, "07-01", paid="07-01", completed="07-06", platform="taobao",
               source="shop", shop="west")  # fmt: skip
    tiny.wallet(Kind.SALE, 650, "07-06", "H", platform="taobao", source="alipay", shop="south")


def test_advances_taxes_contradictions_and_homes(tiny: TinyBooks, lake: Lake) -> None:
    advances_and_taxes(tiny)
    contradictions_and_homes(tiny)
    with tiny.keeper() as kept:
        found = kept.compute().found
        assert {item.note for item in found.items} >= {
            "aged", "kept", "tax", "refund", "moments", "created", "amount", "shops",
        }  # fmt: skip
        rows = kept.con.execute("SELECT count(*) FROM kept_sums WHERE vat_minor <> 0").fetchone()
        assert rows == (1,)
        assert found.advances != ()
    with both(tiny.books, lake) as (duckdb, spark):
        one, other = duckdb.compute(), spark.compute()
        assert one == other
        assert different(duckdb, spark) == {}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> list[list[Statement]]:
    """What the tests of tests/matching and tests/ledger put into their stores, a list each."""
    folder = tmp_path_factory.mktemp("recorded")
    call = [sys.executable, "-m", "pytest", "-q", "-p", "tests.spark.recorder", *RECORDED]
    environment = {**os.environ, "RECORDED": str(folder)}
    done = subprocess.run(
        call, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    return [pickle.loads(path.read_bytes()) for path in sorted(folder.iterdir())]  # noqa: S301 - written above


def together(recorded: list[list[Statement]]) -> Iterator[Statement]:
    """All of them as one company, each test's records in a shop of its own.

    What the tests would say of each is of no matter here: both engines get the same.
    """
    seen: set[bytes] = set()
    for statements in recorded:
        case = f"{len(seen) + 1:04}"
        content = hashlib.sha256(pickle.dumps([s.records.to_pylist() for s in statements]))
        if content.digest() in seen:
            continue
        seen.add(content.digest())
        for statement in statements:
            document = hashlib.sha256(f"{case} {statement.document}".encode()).hexdigest()
            shop = f"T{case}{statement.shop}"
            yield dataclasses.replace(
                statement,
                shop=shop,
                document=document,
                records=_moved(statement.records, case, shop, document),
            )


def _moved(records: pa.Table, case: str, shop: str, document: str) -> pa.Table:
    """The records of one test with references of their own: digits at the end keep their form."""
    changed = {
        "shop": pa.array([shop] * len(records), pa.string()),
        "document": pa.array([document] * len(records), pa.string()),
    }
    for name in ("order_id", "parent_order_id", "refund_id", "payout_id", "waybill_id"):
        changed[name] = pc.binary_join_element_wise(records.column(name), case, "")
    for name, column in changed.items():
        place = records.schema.get_field_index(name)
        records = records.set_column(place, records.schema.field(name), column)
    return records


def test_the_records_of_all_tests(
    tmp_path: Path, lake: Lake, recorded: list[list[Statement]]
) -> None:
    books = new_books(tmp_path)
    statements = list(together(recorded))
    assert len(statements) > 300
    RecordStore(books).add(statements)
    with both(books, lake) as (duckdb, spark):
        one, other = duckdb.compute(), spark.compute()
        assert {item.klass for item in one.found.items} >= {"short", "over", "duplicate"}
        assert (one.texts, one.found, one.disagreements) == (
            other.texts, other.found, other.disagreements,
        )  # fmt: skip
        assert different(duckdb, spark) == {}
        warnings = risks.warnings(duckdb.con, duckdb.files)
        assert len({warning.check for warning in warnings}) > 5
        assert warnings == risks.warnings(spark.con, spark.files)
