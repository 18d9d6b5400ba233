"""What can be wrong with a file, one minimal case each: code and row, and nothing booked."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from beanclear.importers import base, files, registry
from beanclear.importers.faults import CATALOGUE, fault
from beanclear.importers.taobao import TaobaoOrders
from beanclear.ledger.errors import SourceError
from beanclear.ledger.statement import Grade, Statement

Codes = Callable[[Path], list[tuple[str, int | None]]]
Read = Callable[..., list[Statement]]
HEADER = (
    "账务流水号,业务流水号,商户订单号,发生时间,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,业务类型,备注"
)
LINES = (
    "1001,2001,T200P5116032541422009305,2026-05-01 09:00:00,10.00,0,110.00,交易付款,",
    "1002,2002,T200P5116032541422009306,2026-05-01 09:00:01,5.00,0,115.00,交易付款,",
    "1003,2003,,2026-05-02 09:00:01,0,-1.00,114.00,其它,基础软件服务费",
)


def bill(*lines: str, header: str = HEADER, end: str = "\n") -> bytes:
    return ("\n".join((header, *(lines or LINES))) + end).encode("gb18030")


@pytest.fixture
def codes_of(tmp_path: Path, codes: Codes) -> Callable[[bytes], list[tuple[str, int | None]]]:
    def of(data: bytes) -> list[tuple[str, int | None]]:
        path = tmp_path / "a.csv"
        path.write_bytes(data)
        return codes(path)

    return of


def with_cell(column: int, cell: str, row: int = 0) -> bytes:
    cells = LINES[row].split(",")
    cells[column] = cell
    changed = list(LINES)
    changed[row] = ",".join(cells)
    return bill(*changed)


def test_a_right_file_has_no_faults(codes_of: Callable[[bytes], object]) -> None:
    assert codes_of(bill()) == []


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        (0, "1E+14", "lost-digits"),
        (0, "1.23457E+14", "lost-digits"),
        (0, '"1,23457E+14"', "lost-digits"),
        (0, "", "missing-cell"),
        (1, "2.0260501E+27", "lost-digits"),
        (3, "2026-02-31 09:00:00", "bad-moment"),
        (3, "yesterday", "bad-moment"),
        (3, "", "missing-cell"),
        (4, "abc", "bad-amount"),
        (4, "1e3", "bad-amount"),
        (4, "10.005", "fine-amount"),
        (4, "-10.00", "wrong-sign"),
        (5, "1.00", "wrong-sign"),
        (8, "x" * 40_000, "long-cell"),
    ],
)
def test_a_wrong_cell_is_a_fault_at_its_row(
    column: int, cell: str, code: str, codes_of: Callable[[bytes], object]
) -> None:
    assert codes_of(with_cell(column, cell)) == [(code, 2)]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        (0, "\t1001\t"),
        (0, "'1001"),
        (0, "`1001"),
        (0, "@1001"),
        (0, '="1001"'),
        (0, "1001.0"),
        (3, "2026/5/1 9:00:00"),
        (3, "2026年05月01日 09:00:00"),
        (3, "20260501090000"),
        (3, "46143.375"),
        (4, "10.0000"),
        (4, "¥10.00元"),
        (4, "１０．００"),
        (4, "+10"),
    ],
)
def test_disguises_and_shapes_give_the_same_record(
    column: int, cell: str, read: Read, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_bytes(bill())
    (tmp_path / "b.csv").write_bytes(with_cell(column, cell))
    (plain,), (other,) = read(tmp_path / "a.csv"), read(tmp_path / "b.csv")
    assert other.faults == ()
    assert other.records.to_pylist() == plain.records.to_pylist()


def test_rows_that_cannot_be_read_are_counted(read: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(with_cell(4, "abc"))
    (one,) = read(tmp_path / "a.csv")
    assert (one.rows_read, one.rows_used, one.rows_reported) == (3, 2, 1)
    assert one.grade is Grade.CONTRADICTED


def test_a_line_cut_off_and_a_ragged_one(codes_of: Callable[[bytes], object]) -> None:
    assert codes_of(bill(LINES[0], LINES[1], "1003,2003,,2026-05", end="")) == [("cut-line", 4)]
    assert codes_of(bill(LINES[0], "1002,2002", LINES[2])) == [("ragged-row", 3)]
    assert codes_of(bill(LINES[0] + ",x", LINES[1], LINES[2])) == [("ragged-row", 2)]


def test_a_frame_without_its_end_was_cut(codes_of: Callable[[bytes], object]) -> None:
    above = "#支付宝账务明细查询\n#账号：[20880512402512820156]\n#----账务明细列表----\n"
    assert codes_of(above.encode("gbk") + bill()) == [("cut-file", 7)]


def test_duplicates_are_told_apart(codes_of: Callable[[bytes], object]) -> None:
    other = LINES[1].replace("1002,", "1001,", 1)
    assert codes_of(bill(LINES[0], LINES[0])) == [("duplicate-row", 3)]
    assert codes_of(bill(LINES[0], other)) == [("duplicate-id", 3)]


def test_mixed_encodings_are_found_at_their_row(codes_of: Callable[[bytes], object]) -> None:
    line = LINES[2].encode()
    assert codes_of(bill(LINES[0], LINES[1]) + line + b"\xff\xff\n") == [("mixed-encoding", 4)]
    data = "\n".join((HEADER, *LINES)).encode() + "\n中文".encode("gbk")
    assert codes_of(data) == [("mixed-encoding", 5)]


def test_wrong_totals_and_a_broken_balance_contradict(read: Read, tmp_path: Path) -> None:
    end = (
        "#----账务明细列表结束----\n#支出合计：1笔，共-1.00元\n#收入合计：2笔，共15.01元\n"
    ).encode("gbk")
    (tmp_path / "a.csv").write_bytes(bill() + end)
    (one,) = read(tmp_path / "a.csv")
    assert [(c.name, c.stated, c.found) for c in one.controls if not c.agrees] == [
        ("收入合计", 1501, 1500)
    ]
    assert one.chained is True
    assert one.grade is Grade.CONTRADICTED
    (tmp_path / "b.csv").write_bytes(with_cell(6, "111.00"))
    (two,) = read(tmp_path / "b.csv")
    assert (two.chained, two.grade) == (False, Grade.CONTRADICTED)


def test_more_than_fifty_faults_are_counted(codes_of: Callable[[bytes], object]) -> None:
    lines = [f"{n},1,,2026-05-01 09:00:00,abc,0,1.00,其它," for n in range(120)]
    found = codes_of(bill(*lines))
    assert isinstance(found, list)
    assert len(found) == 51
    assert found[-1] == ("more-faults", None)


def test_unknown_and_empty_files(codes_of: Callable[[bytes], object], tmp_path: Path) -> None:
    assert codes_of(b"") == [("empty-file", None)]
    assert codes_of(b"%PDF-1.7 ...") == [("pdf", None)]
    assert codes_of(b"\x89PNG....") == [("no-table", None)]
    assert codes_of(b"a,b\n1,2\n") == [("unknown-header", None)]
    path = tmp_path / "a.csv"
    path.write_bytes(bill(header=HEADER.replace("业务流水号", "流水")))
    with pytest.raises(SourceError) as caught:
        registry.read_document(path)
    assert "alipay-ledger" in str(caught.value)
    assert "业务流水号" in str(caught.value)


def test_two_claims_are_an_error(
    codes_of: Callable[[bytes], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Other(TaobaoOrders):
        name = "other"
        required = (frozenset({"账务流水号"}),)

    known = registry.importers()
    monkeypatch.setattr(registry, "importers", lambda _config=None: [*known, Other()])
    assert codes_of(bill()) == [("claimed-twice", None)]


def test_an_unknown_status_and_a_missing_column(codes_of: Callable[[bytes], object]) -> None:
    text = "订单编号,买家实际支付金额,订单状态,订单创建时间\n1,1.00,飞走了,2026-05-01 09:00:00\n"
    assert codes_of(text.encode("gbk")) == [("unknown-value", 2)]


# -- archives and workbooks ---------------------------------------------------------------


def test_a_zip_with_gbk_names_is_read(read: Read, zipped: Callable[..., Path]) -> None:
    path = zipped({"20880512402512820156_账务明细.csv": bill(), "x_账务明细(汇总).csv": b"a,b\n"})
    (one,) = read(path)
    assert one.file == "a.zip:20880512402512820156_账务明细.csv"
    assert one.account == "2088051240251282"
    assert one.notes == ("a.zip:x_账务明细(汇总).csv holds no lines to book",)
    assert one.faults == ()


def test_gzip_is_read(read: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(bill()))
    (one,) = read(tmp_path / "a.csv.gz")
    assert one.rows_used == 3


def test_an_unknown_member_is_a_fault_and_an_archive_without_statement_is_refused(
    codes: Codes, zipped: Callable[..., Path]
) -> None:
    assert codes(zipped({"a.csv": bill(), "b.csv": b"a,b\n1,2\n"})) == [("unknown-member", None)]
    assert codes(zipped({"b.csv": b"a,b\n1,2\n"}, "b.zip")) == [
        ("unknown-member", None),
        ("no-statement", None),
    ]


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "..\\a.csv", "C:\\a.csv"])
def test_names_that_point_outside_are_refused(name: str, codes: Codes, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, bill())
    assert codes(path) == [("unsafe-name", None)]


def test_a_cut_archive_is_refused(
    codes: Codes, tmp_path: Path, zipped: Callable[..., Path]
) -> None:
    data = zipped({"a.csv": bill()}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[: len(data) // 2])
    assert codes(tmp_path / "cut.zip") == [("cut-archive", None)]
    (tmp_path / "cut.gz").write_bytes(gzip.compress(bill())[:-9])
    assert codes(tmp_path / "cut.gz") == [("cut-archive", None)]


def test_a_damaged_member_is_refused(codes: Codes, zipped: Callable[..., Path]) -> None:
    path = zipped({"a.csv": bill()})
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    assert codes(path) == [("cut-archive", None)]


def test_encrypted_and_nested_archives_are_refused(
    codes: Codes, zipped: Callable[..., Path], tmp_path: Path
) -> None:
    inner = zipped({"a.csv": bill()}).read_bytes()
    assert codes(zipped({"b.zip": inner}, "b.zip")) == [("nested-archive", None)]
    data = bytearray(zipped({"a.csv": bill()}, "c.zip").read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + place
        data[at : at + 2] = struct.pack("<H", 1)
    (tmp_path / "c.zip").write_bytes(data)
    assert codes(tmp_path / "c.zip") == [("encrypted", None)]


def test_bombs_are_refused(
    codes: Codes, zipped: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = zipped({"a.csv": bytes(64 * 1024**2)})
    assert codes(huge) == [("archive-bomb", None)]
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as stream:
        stream.write(HEADER.encode() + b"\n" + b"," * (64 * 1024**2))
    (tmp_path / "a.gz").write_bytes(packed.getvalue())
    assert codes(tmp_path / "a.gz") == [("archive-bomb", None)]
    monkeypatch.setattr(files, "MOST_MEMBERS", 1)
    assert codes(zipped({"a.csv": bill(), "b.csv": bill()}, "b.zip")) == [("archive-bomb", None)]


def test_damaged_and_unsafe_workbooks_are_refused(
    codes: Codes, tmp_path: Path, workbook: Callable[..., Path]
) -> None:
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert codes(tmp_path / "a.xls") == [("unreadable-workbook", None)]
    path = workbook([["a"]])
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("xl/evil.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    assert codes(path) == [("unsafe-workbook", None)]


def test_a_missing_file_is_a_fault() -> None:
    with pytest.raises(SourceError) as caught:
        files.source_file(Path("nowhere.csv")).read()
    assert [found.code for found in caught.value.faults] == ["unreadable-file"]


def test_messages_are_whole_and_quote_little() -> None:
    found = fault("bad-amount", "a.csv", 7, column="收入", text="9" * 1_000_000)
    assert str(found) == (
        f"a.csv:7: 收入: '{'9' * 60}…' is no amount: "
        "export the file again and do not open it in a spreadsheet program before"
    )
    assert {code for code, (what, todo) in CATALOGUE.items() if not what or not todo} == set()


def test_statements_stated_without_rows_have_no_faults(read: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes((HEADER + "\n").encode("gbk"))
    (one,) = read(tmp_path / "a.csv")
    assert (one.rows_read, one.grade, one.span) == (0, Grade.COUNTED, None)
    assert isinstance(registry.importers()[0], base.StatementImporter)
