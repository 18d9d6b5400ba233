"""However a statement is written, cut into overlapping files and in whatever order it comes."""

from __future__ import annotations

import csv
import datetime
import io
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beanclear.importers.registry import read_document
from beanclear.ledger.books import Books
from beanclear.ledger.store import RecordStore
from tests.conftest import examples

Row = tuple[datetime.datetime, int, int, str]  # moment, fen, balance after it, order or text
Table = tuple[list[str], list[str], list[list[str]]]  # lines above, header, rows
START = datetime.datetime(2026, 7, 1)


@st.composite
def statements(draw: st.DrawFn) -> list[Row]:
    """Lines of ten days in time order; equal amounts, minutes and orders are common."""
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from([0, 1, 20, 60, 3600, 40_000]),
                st.sampled_from([100, 100, -100, 250, -37]),
                st.sampled_from(["260701-100000000000001", "260702-100000000000002", ""]),
            ),
            min_size=3,
            max_size=20,
        )
    )
    rows, moment, balance = [], START + datetime.timedelta(hours=1), 10_000
    for seconds, fen, text in steps:
        moment += datetime.timedelta(seconds=seconds)
        balance += fen
        rows.append((moment, fen, balance, text))
    return rows


def yuan(fen: int) -> str:
    return f"{fen / 100:.2f}"


def written(moment: datetime.datetime, form: str) -> str:
    """A moment as an export or as a spreadsheet has it."""
    if form == "export":
        return moment.strftime("%Y-%m-%d %H:%M:%S")
    return f"{moment.year}/{moment.month}/{moment.day} {moment:%H:%M}"


def pinduoduo(rows: Sequence[Row], days: tuple[int, int], form: str) -> Table:
    first, last = (START + datetime.timedelta(days=day) for day in days)
    above = [f"起始时间：{first:%Y-%m-%d} 00:00:00  终止时间：{last:%Y-%m-%d} 23:59:59"]
    header = ["商户订单号", "发生时间", "收入金额（+元）", "支出金额（-元）", "账务类型"]
    free = ["备注", "业务描述"] if form == "export" else ["备注"]
    return (
        above,
        header + free,
        [
            [
                order,
                written(moment, form),
                yuan(max(fen, 0)),
                yuan(min(fen, 0)),
                "交易收入" if fen > 0 else "技术服务费",
                *("x" for _name in free),
            ]
            for moment, fen, _balance, order in rows
        ],
    )


def icbc(rows: Sequence[Row], _days: tuple[int, int], form: str) -> Table:
    header = ["凭证号", "本方账号", "交易时间", "转入金额", "转出金额", "余额"]
    free = ["对方单位", "摘要", "附言"] if form == "export" else ["摘要"]
    return (
        [],
        header + free,
        [
            [
                "0" if form == "export" else "000",
                "1200000000000043",
                written(moment, form),
                yuan(fen) if fen > 0 else "",
                yuan(-fen) if fen < 0 else "",
                yuan(balance),
                *(text if form == "export" else "" for _name in free),
            ]
            for moment, fen, balance, text in rows
        ],
    )


def as_csv(table: Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    above, header, rows = table
    for line in above:
        text.write(line + "\n")
    writer.writerows([header, *rows])
    return text.getvalue().encode()


def as_workbook(table: Table) -> bytes:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed) as book:
        sheet = book.add_worksheet()
        above, header, rows = table
        for place, cells in enumerate([*([line] for line in above), header, *rows]):
            for column, cell in enumerate(cells):
                sheet.write_string(place, column, cell)
    return packed.getvalue()


Layout = Callable[[Sequence[Row], tuple[int, int], str], Table]


def held(files: Sequence[tuple[str, bytes]]) -> tuple[Counter[Any], tuple[str, ...]]:
    """What a store holds of these files, taken one by one, and what it finds wrong."""
    with tempfile.TemporaryDirectory() as folder:
        store = RecordStore(Books(Path(folder)))
        for name, content in files:
            path = Path(folder) / name
            path.write_bytes(content)
            store.add(read_document(path))
        with store.connect() as con:
            lines = con.execute(
                "SELECT booked_on, amount_minor, balance_minor, order_id FROM records"
            ).fetchall()
        return Counter(lines), tuple(str(fault) for fault in store.conflicts())


@settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=statements(),
    layout=st.sampled_from([pinduoduo, icbc]),
    parts=st.lists(
        st.tuples(
            st.integers(0, 9),
            st.integers(0, 9),
            st.sampled_from(["export", "spreadsheet"]),
            st.booleans(),  # a workbook
            st.booleans(),  # newest first
        ),
        max_size=3,
    ),
    whole=st.integers(0, 3),
)
def test_a_statement_in_parts_and_other_spellings_is_the_same(
    rows: list[Row], layout: Layout, parts: list[Any], whole: int
) -> None:
    files = [("whole.csv", as_csv(layout(rows, (0, 30), "export")))]
    for number, (one, other, form, workbook, reverse) in enumerate(parts):
        days = min(one, other), max(one, other)
        some = [row for row in rows if days[0] <= (row[0] - START).days <= days[1]]
        if some:
            table = layout(some[::-1] if reverse else some, days, form)
            content = as_workbook(table) if workbook else as_csv(table)
            files.append((f"{number}.{'xlsx' if workbook else 'csv'}", content))
    expected, wrong = held(files[:1])
    assert (expected.total(), wrong) == (len(rows), ())
    files.insert(min(whole, len(files) - 1), files.pop(0))
    assert held(files) == (expected, ())


@settings(max_examples=examples(4), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=statements(), layout=st.sampled_from([pinduoduo, icbc]), cut=st.integers(1, 19))
def test_two_halves_are_the_whole_and_a_lost_line_is_said(
    rows: list[Row], layout: Layout, cut: int
) -> None:
    """The halves are of whole days; then the second lacks a line of a day that both have."""
    expected, _wrong = held([("whole.csv", as_csv(layout(rows, (0, 30), "export")))])
    day = (rows[min(cut, len(rows) - 1)][0] - START).days
    early = [row for row in rows if (row[0] - START).days < day]
    late = [row for row in rows if (row[0] - START).days >= day]
    halves = [
        (name, as_csv(layout(some, days, "spreadsheet")))
        for name, some, days in (("a.csv", early, (0, day - 1)), ("b.csv", late, (day, 30)))
        if some
    ]
    assert held(halves) == held(halves[::-1]) == (expected, ())
    if layout is pinduoduo and len(rows) > 1:
        lacking = ("c.csv", as_csv(layout(rows[:-1], (0, 30), "spreadsheet")))
        for files in ([*halves, lacking], [lacking, *halves]):
            found, wrong = held(files)
            assert found == expected
            assert len(wrong) == 1
            assert "lacks this line" in wrong[0]
