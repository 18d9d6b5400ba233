"""Reading in batches and without SQL changes no result (P4, P5).

Each file is read as it is read always, cut into blocks of a few bytes so that anything can lie
across a border, and the slow way: decoded as a whole before it is cut, every cell typed by SQL.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import io
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from beanclear.importers import columns, engine, lines, quick
from beanclear.importers.registry import read_document
from beanclear.ledger.errors import SourceError
from beanclear.ledger.statement import Grade

FIXTURES = Path(__file__).parent / "fixtures"
HEADER = (
    "账务流水号,业务流水号,商户订单号,发生时间,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,业务类型,备注,业务描述"
)
TINY_BLOCKS = (40, 700)
IDS = (
    '="12345678"', "'77`", "1.0", "1.5E+17", "CAE_9E5", "-", "", "`-", "订单９", "a<b>c", "x\x01y"
)  # fmt: skip
AMOUNTS = (
    "0", "-1.5", "1,000.00", "￥5.00", "abc", "1.234", "", "--", ".50", "5.", "-.50", "1-2.30",
    "1234567890123456.00", "123456789012345.00", "￥123456789012", "+2.00", "１.00", "1.2.3",
    "-0.00", "1e3",
)  # fmt: skip
MOMENTS = (
    "2026/5/1", "2026-02-30 00:00:00", "", "46143.5", "2026-05-01T09:00:00", "20260501",
    "2026-05-01 24:00:00", "2026-05-01 09:00:60", "1899-01-01 00:00:00", "2026-05-01 09:00+08",
    "2026年05月01日", "2026-05-01 09:00:0x",
)  # fmt: skip
TEXTS = (
    "", "-", "<script>", "a\x07b", "订单号：5116032541422009305", "\u3000边\u3000", "𠮷野家", "€",
    '"a,b"', '"a""b"', '"two\nlines"', 'in"side', "{5116032541422009305}扣款", "``", "长" * 300,
)  # fmt: skip
ODD_LINES = (
    "",
    "#说明",
    "合计,,,,12.30,,,,,",
    "小计,1",
    "只有,三,格",
    "多" + "," * 14,
    ",,,,,,,,,",
    "#,",
)


def outcome(path: Path) -> list[Any]:
    """Everything that reading a file gives, or what is wrong with all of it."""
    try:
        statements = read_document(path, document="0" * 64)
    except SourceError as error:
        return list(error.faults)
    return [
        (dataclasses.replace(one, records=None), one.records.to_pylist(), one.records.schema)
        for one in statements
    ]


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], list[list[Any]]]:
    """What a file gives in all ways of reading it, the slow one first."""

    def read(path: Path) -> list[list[Any]]:
        found = []
        with monkeypatch.context() as patch:
            patch.setattr(lines, "_plainly_cut", lambda *_: False)
            patch.setattr(columns, "quickly", lambda *_: None)
            patch.setattr(columns, "repeats", lambda *_: False)
            patch.setattr(quick, "repeats", lambda *_: False)
            patch.setattr(engine, "_alone", lambda *_: False)
            found.append(outcome(path))
        found.append(outcome(path))
        for size in TINY_BLOCKS:
            with monkeypatch.context() as patch:
                patch.setattr(lines, "BLOCK", size)
                patch.setattr(engine, "_PART_ROWS", 20)
                found.append(outcome(path))
        return found

    return read


def lines_of(seed: int, count: int = 60) -> list[list[str]]:
    """Lines of a right file: ids in order, balances that follow, an amount on one side."""
    chance = random.Random(seed)
    balance = 100_000
    found = []
    for number in range(count):
        amount = chance.choice((1_000, 25, -60, -1_999))
        balance += amount
        at = datetime.datetime(2026, 5, 1) + datetime.timedelta(minutes=number * 7)
        sale = amount > 0
        found.append(
            [
                f"{1_570_757_242_000_000 + number}\t",
                f"{2026050122001 + number // 3}\t",
                f"T200P5116032541422{number // 3:06}\t",
                str(at),
                money(max(amount, 0)),
                money(min(amount, 0)),
                money(balance),
                "交易付款\t" if sale else "其它\t",
                "订单收款" if sale else f"基础软件服务费{number}",
                "0010001|交易收款" if sale else "0030130|软件服务费",
            ]
        )
    return found


def money(minor: int) -> str:
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02}"


def spoilt(seed: int, rate: float) -> str:
    """A file with odd cells and odd lines in it."""
    chance = random.Random(seed)
    kinds = (IDS, IDS, IDS, MOMENTS, AMOUNTS, AMOUNTS, AMOUNTS, TEXTS, TEXTS, TEXTS)
    found = [HEADER]
    for cells in lines_of(seed):
        for place, odd in enumerate(kinds):
            if chance.random() < rate:
                cells[place] = chance.choice(odd)
        if chance.random() < rate:
            found.append(chance.choice(ODD_LINES))
        found.append(",".join(cells))
        if chance.random() < rate / 4:
            found.append(found[-1])
    return "\n".join(found) + chance.choice(("\n", "", "\n合计,,,,12.30,,,,,\n#完\n"))


@pytest.mark.parametrize("seed", range(12))
def test_odd_files_are_read_alike_in_all_ways(
    tmp_path: Path, ways: Callable[[Path], list[list[Any]]], seed: int
) -> None:
    text = spoilt(seed, (0.003, 0.02, 0.15)[seed % 3])
    if seed % 4 == 1:
        text = text.replace("\n", "\r\n")
    if seed % 8 == 3:  # a delimiter that may be part of a GB18030 character
        text = text.replace('"', "").replace("0010001|", "").replace("0030130|", "")
        text = text.replace(",", "|")
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(("gb18030", "utf-8", "gb18030", "utf-8-sig")[seed // 3]))
    slow, *others = ways(path)
    for found in others:
        assert found == slow


@pytest.mark.parametrize("seed", range(6))
def test_bytes_of_no_encoding_are_found_in_their_row(
    tmp_path: Path, ways: Callable[[Path], list[list[Any]]], seed: int
) -> None:
    chance = random.Random(seed)
    made = [HEADER, *(",".join(cells) for cells in lines_of(seed))]
    data = [line.encode(("gb18030", "utf-8")[seed % 2]) for line in made]
    row = chance.randrange(2, len(data))
    data[row] = data[row].replace(b",", b"," + (b"\xff", b"\x81", b"\x81\x30\x81,")[seed % 3], 1)
    path = tmp_path / "a.csv"
    path.write_bytes(b"\n".join(data))
    slow, *others = ways(path)
    assert [(one.code, one.row) for one in slow] == [("mixed-encoding", row + 1)]
    for found in others:
        assert found == slow


@pytest.mark.parametrize("broken", [None, 1, 17, 30, 59])
def test_a_balance_that_breaks_is_found_wherever_a_batch_ends(
    tmp_path: Path, ways: Callable[[Path], list[list[Any]]], broken: int | None
) -> None:
    made = lines_of(5)
    if broken is not None:
        made[broken][6] = "1.00"
    path = tmp_path / "a.csv"
    path.write_text("\n".join([HEADER, *map(",".join, made), ""]), encoding="gb18030")
    slow, *others = ways(path)
    ((statement, _records, _schema),) = slow
    assert statement.chained is (broken is None)
    for found in others:
        assert found == slow


def test_records_are_what_a_loop_over_lines_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "BLOCK", 500)
    text = "\n".join([HEADER, *map(",".join, lines_of(9, 300)), ""])
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="gb18030")
    (statement,) = read_document(path)
    expected = [
        (
            row,
            cells[0].strip(),
            int((Decimal(cells[4]) + Decimal(cells[5])) * 100),
            int(Decimal(cells[6]) * 100),
            datetime.datetime.fromisoformat(cells[3]),
            cells[2].strip().removeprefix("T200P"),
        )
        for row, cells in enumerate(csv.reader(io.StringIO(text)), 1)
        if row > 1
    ]
    found = [
        (
            line["row"],
            line["record_id"],
            line["amount_minor"],
            line["balance_minor"],
            line["occurred_at"].replace(tzinfo=None),
            line["order_id"],
        )
        for line in statement.records.to_pylist()
    ]
    assert found == expected
    assert statement.grade == Grade.PROVEN


@pytest.mark.parametrize(
    "name", sorted(str(path.relative_to(FIXTURES)) for path in FIXTURES.rglob("*.csv"))
)
def test_every_fixture_is_read_alike_in_all_ways(
    ways: Callable[[Path], list[list[Any]]], name: str
) -> None:
    slow, *others = ways(FIXTURES / name)
    for found in others:
        assert found == slow
