"""Sources that tell one story twice: only differences on fully covered days are said."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pytest

from beanclear.ledger.posting.inputs import table
from beanclear.ledger.records import Kind, Record, Stage
from beanclear.ledger.tables import to_table
from beanclear.matching.crosschecks import Disagreement, disagreements

CHINA = datetime.timezone(datetime.timedelta(hours=8))
DAY = datetime.date(2026, 7, 1)
ALIPAY = "alipay/2088/wallet"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


def line(number: int, fen: int, document: str, **changes: Any) -> Record:  # noqa: ANN401 - fields of Record
    values: dict[str, Any] = {
        "record_id": f"{document}{number}",
        "source": "alipay",
        "account": "2088",
        "stage": Stage.WALLET,
        "kind": Kind.SALE,
        "kind_raw": "",
        "occurred_at": datetime.datetime(2026, 7, 1, 12, tzinfo=CHINA),
        "booked_on": DAY,
        "amount_minor": fen,
        "currency": "CNY",
        "document": document,
        "row": number,
    }
    return Record(**(values | changes))


def given(
    con: duckdb.DuckDBPyConnection, records: list[Record], documents: Sequence[tuple[object, ...]]
) -> list[Disagreement]:
    con.register("records", to_table(records))
    columns = (
        "document VARCHAR, source_key VARCHAR, rank INTEGER, begins TIMESTAMPTZ, ends TIMESTAMPTZ"
    )
    table(con, "documents", columns, documents)
    return disagreements(con)


MIDNIGHT = datetime.datetime(2026, 7, 1, tzinfo=CHINA)
END = datetime.datetime(2026, 7, 1, 23, 59, 59, tzinfo=CHINA)
BOTH = [("ledger", ALIPAY, 1, MIDNIGHT, END), ("web", ALIPAY, 0, MIDNIGHT, END)]


def test_formats_that_agree_say_nothing(con: duckdb.DuckDBPyConnection) -> None:
    records = [
        line(1, 500, "ledger"),
        line(2, -20, "ledger"),
        line(1, 500, "web"),
        line(2, -20, "web"),
    ]

    assert given(con, records, BOTH) == []


def test_a_line_that_one_format_lacks_is_said(con: duckdb.DuckDBPyConnection) -> None:
    records = [line(1, 500, "ledger"), line(2, -20, "ledger"), line(1, 500, "web")]

    assert given(con, records, BOTH) == [
        Disagreement(
            source=ALIPAY, subject="2026-07-01", currency="CNY", booked_minor=480,
            other_minor=500, document="web", day=DAY,
        )
    ]  # fmt: skip


def test_lines_that_cancel_out_are_missed_by_no_sum(con: duckdb.DuckDBPyConnection) -> None:
    records = [
        line(1, 500, "ledger"), line(2, 70, "ledger"), line(3, -70, "ledger"), line(1, 500, "web")
    ]  # fmt: skip

    assert [found.subject for found in given(con, records, BOTH)] == ["2026-07-01"]


def test_of_a_day_that_one_format_covers_in_part_that_part_is_compared(
    con: duckdb.DuckDBPyConnection,
) -> None:
    noon = MIDNIGHT.replace(hour=12)
    cut = [BOTH[0], ("web", ALIPAY, 0, MIDNIGHT, noon)]
    later = line(2, 70, "ledger", occurred_at=MIDNIGHT.replace(hour=15))

    assert given(con, [line(1, 500, "ledger"), line(1, 500, "web"), later], cut) == []
    (found,) = given(con, [line(1, 500, "ledger"), line(1, 400, "web"), later], cut)
    assert (found.booked_minor, found.other_minor) == (500, 400)


def bills(trade_fen: int, fund_fen: int) -> list[Record]:
    return [
        line(1, trade_fen, "bill", source="wechatpay", stage=Stage.ORDER, trade_id="42001"),
        line(1, fund_fen, "fund", source="wechatpay", trade_id="42001"),
    ]


def test_the_two_bills_of_wechat_agree_on_each_transaction(
    con: duckdb.DuckDBPyConnection,
) -> None:
    assert given(con, bills(990, 990), []) == []
    assert given(con, bills(990, 980), []) == [
        Disagreement(
            source="wechatpay", subject="42001", currency="CNY", booked_minor=990,
            other_minor=980, document="fund", day=DAY,
        )
    ]  # fmt: skip


def test_of_two_files_of_the_other_format_the_last_is_named(
    con: duckdb.DuckDBPyConnection,
) -> None:
    web = [(name, ALIPAY, 0, MIDNIGHT, END) for name in ("web-1", "web-3", "web-2")]
    records = [line(1, 500, "ledger"), *(line(1, 5, name) for name, *_more in web)]

    (found,) = given(con, records, [BOTH[0], *web])
    assert (found.booked_minor, found.other_minor, found.document) == (500, 15, "web-3")


def test_a_transaction_in_two_files_is_of_its_first_day(con: duckdb.DuckDBPyConnection) -> None:
    later = DAY + datetime.timedelta(days=1)
    fund = line(2, 5, "fund-0", source="wechatpay", trade_id="42001", booked_on=later)

    (found,) = given(con, [*bills(990, 980), fund], [])
    assert (found.other_minor, found.day, found.document) == (985, DAY, "fund-0")
