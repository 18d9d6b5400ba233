"""orders.csv."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
import xlsxwriter

from beanclear.importers.registry import read_document
from beanclear.ledger.tables import to_records
from tests.importers.conftest import FIXTURES, Faults, Golden, ReadText

ORDERS = (FIXTURES / "shop_orders" / "orders.csv").read_text(encoding="utf-8")
DOCS = Path(__file__).parents[2] / "docs"


def test_golden(golden: Golden) -> None:
    golden("shop_orders/orders.csv")


def test_workbook_gives_the_same(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "orders.xlsx"))
    sheet = book.add_worksheet()
    for row, line in enumerate(ORDERS.splitlines()):
        sheet.write_row(row, 0, line.split(","))
    book.close()
    tables = [
        read_document(path)[0].records.drop_columns(["document"]).to_pylist()
        for path in (tmp_path / "orders.xlsx", FIXTURES / "shop_orders" / "orders.csv")
    ]
    assert tables[0] == tables[1]


@pytest.mark.parametrize("name", ["orders-csv.md", "orders-csv.zh.md"])
def test_documented_examples_are_read(name: str, read_text: ReadText) -> None:
    blocks = (DOCS / name).read_text(encoding="utf-8").split("```csv\n")[1:]
    found = [read_text(block.split("```")[0], f"{i}.csv") for i, block in enumerate(blocks)]
    assert [(s.importer, s.rows_used, s.faults) for s in found] == [
        ("shop-orders", 1, ()),
        ("opening-items", 1, ()),
    ]


def test_needed_columns_are_enough(read_text: ReadText) -> None:
    (record,) = to_records(
        read_text("order_id,ordered_at,status,amount\nA,2026/7/1 9:05,created,1.5\n").records
    )
    assert (record.amount_minor, record.platform, record.refunded_minor) == (150, "shop", None)


def test_moments_of_a_year_with_summer_time_and_of_one_without(read_text: ReadText) -> None:
    for year, hour in ((1988, 0), (1991, 0), (1992, 1), (2026, 1)):
        text = f"order_id,ordered_at,status,amount\nA,{year}-07-01 09:00:00,created,1.50\n"
        moments = read_text(text).records.column("ordered_at").cast("int64").to_pylist()
        moment = datetime.datetime(year, 7, 1, hour, tzinfo=datetime.UTC)
        assert moments == [int(moment.timestamp()) * 1_000_000]


def test_yen_have_no_minor_digits(read_text: ReadText) -> None:
    text = "order_id,ordered_at,status,amount,currency\nA,2026-07-01,created,150,jpy\n"
    statement = read_text(text)
    assert (statement.currency, statement.records.column("amount_minor").to_pylist()) == (
        "JPY",
        [150],
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (",paid,88.00", ",vanished,88.00", ("unknown-value", 7, "status: 'vanished' is not known")),
        ("tmall", "ebay", ("unknown-value", 7, "channel: 'ebay' is not known here")),
        (",20.00,CNY", ",20.00,贝壳", ("unknown-value", 5, "currency: '贝壳' is not known here")),
        (",20.00,CNY", ",20.00,USD", ("wrong-currency", 5, "currency: the currency 'USD' is not")),
        (",50.00,", ",-50.00,", ("wrong-sign", 3, "amount: '-50.00' has a sign")),
        (",5.00,", ",-5.00,", ("wrong-sign", 3, "refunded: '-5.00' has a sign")),
        (",5.00,", ",50.01,", ("over-refunded", 3, "refunded: '50.01' is more than the order's")),
        (",50.00,", ",50.001,", ("fine-amount", 3, "amount: '50.001' is finer than")),
        (",50.00,", ",fifty,", ("bad-amount", 3, "amount: 'fifty' is no amount")),
        (",50.00,", ",,", ("missing-cell", 3, "amount is empty")),
        (
            "2026-07-05 10:00:00,completed",
            "2026-06-05 10:00:00,completed",
            ("early-moment", 2, "completed_at: '2026-06-05 10:00:00' lies before an earlier step"),
        ),
        (
            "2026-07-02 09:01:00",
            "2026-07-02 08:01:00",
            ("early-moment", 3, "paid_at: '2026-07-02 08:01:00' lies before an earlier step"),
        ),
        ("2026-07-03,2026-07-03,", "2026-07-03,,", ("missing-cell", 4, "paid_at is empty")),
        (
            "2026-07-02 18:00:00,,shipped",
            ",,shipped",
            ("missing-cell", 3, "shipped_at is empty"),
        ),
        ("A-1002", "A-1001", ("duplicate-id", 3, "the id 'A-1001' stands on another row too")),
        ("A-1002", "5.116E+18", ("lost-digits", 3, "order_id: the id '5.116E+18' has lost")),
        (
            "2026-07-04 09:00:00",
            "2026-02-31 09:00:00",
            ("bad-moment", 5, "ordered_at: '2026-02-31 09:00:00' is no date and time that exists"),
        ),
    ],
)
def test_faults(old: str, new: str, expected: tuple[str, int, str], faults: Faults) -> None:
    assert old in ORDERS
    ((code, row, message),) = faults(ORDERS.replace(old, new, 1))
    assert (code, row) == expected[:2]
    assert message.startswith(expected[2])


def test_a_day_without_time_may_follow_a_moment_of_that_day(faults: Faults) -> None:
    text = "order_id,ordered_at,paid_at,status,amount\nA,2026-07-01 09:00:00,2026-07-01,paid,1\n"
    assert faults(text) == []
