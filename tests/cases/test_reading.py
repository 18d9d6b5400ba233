"""Files that were saved again by a spreadsheet, damaged, or made to do harm."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from beanclear.cli import intake, pipeline
from beanclear.importers import limits, registry, workbook
from beanclear.ledger.money import ceiling

if TYPE_CHECKING:
    from tests.cases.conftest import Case

HEADER = "order_id,ordered_at,paid_at,shipped_at,status,amount,tax\n"
DAYS = "2026-07-01,2026-07-01,2026-07-02,shipped"
GOOD = f"{HEADER}G-1,{DAYS},100.00,\n"


def orders(*amounts: str, tax: str = "", delimiter: str = ";") -> str:
    lines = [
        delimiter.join((f"A-{number}", *DAYS.split(","), amount, tax))
        for number, amount in enumerate(amounts, 1)
    ]
    return "\n".join((HEADER.strip().replace(",", delimiter), *lines, ""))


def book(*sheets: list[list[Any]]) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as one:
        for rows in sheets:
            sheet = one.add_worksheet()
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)
    return written.getvalue()


def changed(data: bytes, member: str, old: str, new: str) -> bytes:
    """A workbook with another text in one of its parts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as read, zipfile.ZipFile(packed, "w") as write:
        for info in read.infolist():
            part = read.read(info).decode()
            assert info.filename != member or old in part
            write.writestr(info, part.replace(old, new) if info.filename == member else part)
    return packed.getvalue()


# -- decimal marks ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amounts", "total"),
    [
        (("12,50", "7,5"), "20.00"),
        (("1.234,50", "0,50", "1.000"), "2235.00"),
        (("1\u202f234,50", "2"), "1236.50"),
        (("1,234.50", "1,000", "0.50"), "2235.00"),
        (("1,234,567", "1"), "1234568.00"),
    ],
)
def test_the_column_tells_its_decimal_mark(
    case: Case, amounts: tuple[str, ...], total: str
) -> None:
    """buckets/application #200: a CSV with decimal commas is imported multiplied by 100."""
    case.put("orders.csv", orders(*amounts))
    assert case.run() == 0, case.said
    assert case.total("Assets:Receivable") == Decimal(total)


def test_the_other_amount_columns_of_the_table_tell_it(case: Case) -> None:
    case.put("orders.csv", orders("1,234", "2,000", tax="0.50"))
    assert case.run() == 0, case.said
    assert case.total("Assets:Receivable") == Decimal("3234.00")


@pytest.mark.parametrize(
    "amounts", [("1,234", "2,000"), ("12,50", "12.50"), ("1.50", "12,50", "1,234")]
)
def test_where_nothing_tells_nothing_is_booked(case: Case, amounts: tuple[str, ...]) -> None:
    case.put("orders.csv", orders(*amounts))
    assert case.run() == 1
    assert "nothing tells whether the comma of" in case.said
    assert case.inbox() == ["orders.csv"]
    assert case.total("Assets:Receivable") == 0


@pytest.mark.parametrize("amount", ["1,,2", "12,34,567.00", "1.2.3", "1,2,3"])
def test_what_is_no_figure_is_a_fault(case: Case, amount: str) -> None:
    case.put("orders.csv", orders("1.00", amount))
    assert case.run() == 1
    assert case.inbox() == ["orders.csv"]


@pytest.mark.parametrize(
    ("total", "said"),
    [
        ("20,00", ""),
        ("2.000", "the total row says 2.000, the rows give 20.00"),
        ("2,,0", "'2,,0' is no amount"),
    ],
)
def test_a_total_is_read_as_its_column_is(case: Case, total: str, said: str) -> None:
    case.put("orders.csv", orders("12,50", "7,5") + f"合计;;;;;{total};\n")
    assert case.run() == (1 if said else 0), case.said
    assert said in case.said


# -- values that cannot be ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"A-1,{DAYS},13800138000,", "is more than an amount can be"),
        (f"A-1,{DAYS},1380013800013,", "is more than an amount can be"),
        ("A-1,9999-12-31,,,created,1.00,", "is not between 1980 and 2100"),
        ("A-1,0001-01-01,,,created,1.00,", "is not between 1980 and 2100"),
        ("A-1,1970-01-01,,,created,1.00,", "is not between 1980 and 2100"),
    ],
)
def test_a_value_out_of_range_stops_its_own_file_only(case: Case, line: str, said: str) -> None:
    case.put("bad.csv", f"{HEADER}{line}\n")
    case.put("good.csv", GOOD)
    assert case.run() == 1
    assert "bad.csv:2: " in case.said
    assert said in case.said
    assert case.inbox() == ["bad.csv"]
    assert case.total("Assets:Receivable") == Decimal("100.00")
    (case.root / "inbox" / "bad.csv").unlink()
    assert case.run("--rebuild") == 0
    assert case.check() == 0


def test_the_largest_amounts_there_can_be_are_booked(case: Case) -> None:
    """A thousand lines just below the ceiling: no product and no sum leaves 64 bits."""
    most = f"{(ceiling('CNY') - 1) // 100}.99"
    lines = "".join(f"A-{number},{DAYS},{most},\n" for number in range(999))
    case.put("orders.csv", HEADER + lines)
    assert case.run() == 0, case.said
    assert case.total("Assets:Receivable") == Decimal(most) * 999
    assert case.check() == 0


def test_too_much_in_one_file(case: Case) -> None:
    most = f"{(ceiling('CNY') - 1) // 100}.99"
    lines = "".join(f"A-{number},{DAYS},{most},\n" for number in range(1_002))
    case.put("orders.csv", HEADER + lines)
    assert case.run() == 1
    assert "come to more than the books can hold" in case.said


def test_an_opening_item_and_a_manual_entry_out_of_range(case: Case) -> None:
    case.put("opening-items.csv", "order_id,amount\nO-1,99999999999\n")
    assert case.run() == 1
    assert "opening-items.csv:2: amount: '99999999999' is more than" in case.said
    (case.root / "inbox" / "opening-items.csv").unlink()
    case.put("good.csv", GOOD)
    assert case.run() == 0
    manual = case.root / "manual" / "2026.beancount"
    manual.parent.mkdir(exist_ok=True)
    manual.write_text(
        '2026-07-03 * "slip"\n  Assets:Receivable:Shop  -99999999999999999999.00 CNY\n'
        '    key: "G-1"\n  Expenses:Other  99999999999999999999.00 CNY\n'
    )
    case.put("more.csv", GOOD.replace("G-1", "G-2"))
    assert case.run() == 3
    assert "manual/2026.beancount:2: " in case.said
    assert case.inbox() == ["more.csv"]


# -- one file never stops the others ------------------------------------------------------


def flipped() -> bytes:
    data = bytearray(book([HEADER.strip().split(",")]))
    at = data.index(b"PK\x03\x04") + 60
    data[at] ^= 0x55
    return bytes(data)


def many_members() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(40_000):
            archive.writestr(f"{number:05}.csv", b"")
    return packed.getvalue()


def far(reference: str) -> bytes:
    """One cell far away from the others."""
    row = "".join(sign for sign in reference if sign.isdigit())
    cell = f'<row r="{row}"><c r="{reference}"><v>1</v></c></row></sheetData>'
    return changed(book([["order_id"]]), "xl/worksheets/sheet1.xml", "</sheetData>", cell)


HARM: dict[str, tuple[bytes, str]] = {
    "flipped.xlsx": (flipped(), "damaged"),
    "missing.xlsx": (book([["a"]])[:-16], "damaged"),
    "shorter.xlsx": (book([["a"]])[:300] + book([["a"]])[316:], "damaged"),
    "corner.xlsx": (far("XFD1048576"), "more time or memory than is allowed"),
    "row.xlsx": (far("A4294967295"), "more time or memory than is allowed"),
    "wide.xlsx": (far("XFD2"), "holds more than is read (1,000 columns)"),
    "sheets.xlsx": (book(*[[["a"]]] * 201), "holds more than is read (200 sheets)"),
    "members.zip": (many_members(), "would unpack to more than is allowed (1000 members)"),
    "columns.csv": (
        (HEADER.strip() + ",x" * 100_000 + f"\nA-1,{DAYS},1.00," + ",1" * 100_000 + "\n").encode(),
        "the table has 100007 columns",
    ),
    "newlines.csv": (GOOD.encode() + b"\n" * (9 << 20), "millions of blank lines"),
    "half.txt": (GOOD.encode("utf-16")[:-1], "UTF-16, and damaged or cut off"),
}


@pytest.mark.parametrize("name", HARM)
def test_a_harmful_file_is_a_fault_of_its_own(
    case: Case, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.WORKBOOK_LIMITS, "memory", 1 << 30)
    workbook._end_all()
    data, said = HARM[name]
    case.put(name, data)
    case.put("good.csv", GOOD)
    case.put("last.xlsx", book([HEADER.strip().split(","), ["X-1", *DAYS.split(","), 50, ""]]))
    assert case.run() == 1
    assert said in case.said, case.said
    assert case.inbox() == [name]
    assert case.total("Assets:Receivable") == Decimal("150.00")
    workbook._end_all()


def test_whatever_reading_raises_is_a_fault_of_its_file(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = registry.read_document

    def fail(path: Path, **named: object) -> object:
        if path.name == "bad.csv":
            raise ZeroDivisionError("secret")
        return real(path, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "read_document", fail)
    case.put("bad.csv", GOOD)
    case.put("good.csv", GOOD)
    assert case.run() == 1
    assert "bad.csv: the file is damaged in a way that nobody foresaw (ZeroDivision" in case.said
    assert "secret" not in case.said
    assert case.inbox() == ["bad.csv"]
    assert case.total("Assets:Receivable") == Decimal("100.00")


def test_a_reader_that_takes_too_long_is_ended(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    workbook._end_all()
    monkeypatch.setattr(workbook, "WORKBOOK_SECONDS", 0.0)
    case.put("slow.xlsx", book([["a"] * 50] * 2_000))
    case.put("good.csv", GOOD)
    assert case.run() == 1
    assert "slow.xlsx: reading the workbook took more time or memory" in case.said
    assert case.total("Assets:Receivable") == Decimal("100.00")


def test_nothing_is_archived_that_cannot_be_computed(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.put("good.csv", GOOD)
    assert case.run() == 0
    index = (case.root / "documents.index").read_bytes()
    originals = sorted(case.root.glob("documents/**/*.csv"))
    with monkeypatch.context() as patch:

        def fail(*_given: object, **_named: object) -> None:
            raise ArithmeticError

        patch.setattr(pipeline, "_compute", fail)
        case.put("more.csv", GOOD.replace("G-1", "G-2"))
        assert case.run() != 0
    assert case.inbox() == ["more.csv"]
    assert (case.root / "documents.index").read_bytes() == index
    assert sorted(case.root.glob("documents/**/*.csv")) == originals
    assert case.total("Assets:Receivable") == Decimal("100.00")
    assert case.check() == 0
    assert case.run() == 0
    assert case.total("Assets:Receivable") == Decimal("200.00")


# -- ways of saving a text ----------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_unicode_text_of_a_spreadsheet_is_read(case: Case, encoding: str) -> None:
    text = GOOD.replace(",", "\t").replace("G-1", "单-1")
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    case.put("orders.txt", mark + text.encode(encoding))
    assert case.run() == 0, case.said
    assert case.total("Assets:Receivable") == Decimal("100.00")


def test_line_ends_of_old_macs_are_read(case: Case) -> None:
    case.put("orders.csv", GOOD.replace("\n", "\r").encode())
    assert case.run() == 0, case.said
    assert case.total("Assets:Receivable") == Decimal("100.00")


def test_a_bare_cr_above_the_header_is_no_line_end(case: Case) -> None:
    case.put("orders.csv", ("an ERP's\rexport\r\n" + GOOD.replace("\n", "\r\n")).encode())
    assert case.run() == 1
    assert "orders.csv:1: the line is neither the header nor a record" in case.said
    assert "orders.csv:2:" not in case.said


def test_a_stray_line_of_more_than_a_mebibyte_is_a_fault(case: Case) -> None:
    case.put("orders.csv", GOOD + "x" * (1 << 21) + ",y\n")
    assert case.run() == 1
    assert "orders.csv:3: the last line ends early" in case.said


# -- what a file is -----------------------------------------------------------------------

STRANGERS: dict[str, tuple[str, str]] = {
    "a.xml": (
        '<?xml version="1.0"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
        "</Document>\n",
        "is a camt message",
    ),
    "b.sta": (
        ":20:STARTUMS\n:25:10020030/1234567\n:28C:1/1\n:60F:C260701EUR1,00\n:61:2607010701C5,00\n",
        "is an MT940 message",
    ),
    "c.ofx": ("OFXHEADER:100\nDATA:OFXSGML\n\n<OFX></OFX>\n", "is an OFX or QFX message"),
    "d.qfx": ('<?xml version="1.0"?><?OFX OFXHEADER="200"?><OFX></OFX>', "OFX or QFX"),
    "e.bai": ("01,A,B,260701,0100,1,80,1,2/\n02,B,A,1,260701,,CNY,2/\n03,1,CNY/\n", "is a BAI2"),
    "f.pdf": ("%PDF-1.7\n", "is a PDF"),
    "g.json": ('{"code": "NO_STATEMENT_EXIST", "message": "x"}', "is JSON"),
    "h.xls": ("<html><table><tr><td>a</td></tr></table></html>", "is a web page"),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_what_is_no_table_is_named(case: Case, name: str) -> None:
    text, said = STRANGERS[name]
    case.put(name, text)
    assert case.run() == 1
    assert said in case.said


def test_hidden_files_of_windows_are_no_exports(case: Case) -> None:
    case.put("shop/Thumbs.db", b"\xd0\xcf\x11\xe0")
    case.put("desktop.ini", b"[.ShellClassInfo]\r\n")
    case.put("good.csv", GOOD)
    assert case.run() == 0, case.said


def test_a_password_is_named(case: Case) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le")
    case.put("a.xlsx", ole + bytes(2000))
    assert case.run() == 1
    assert "open it with the password, remove the password, and save it again" in case.said


def test_a_folder_that_cannot_be_looked_into_is_a_fault(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os  # noqa: PLC0415 - patched for this test only

    real = os.scandir

    def deny(path: str) -> object:
        if str(path).endswith("north"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    case.put("north/orders.csv", GOOD)
    monkeypatch.setattr(os, "scandir", deny)
    assert case.run() == 1
    assert "north: the folder cannot be looked into: check its permissions" in case.said


# -- banks --------------------------------------------------------------------------------

CCB = (
    "日期,交易时间,凭证类型,凭证号,借方发生额,贷方发生额,余额,钞汇标识,对方户名,对方账号,摘要,"
    "备注,交易流水号,企业流水号,本方账号,本方户名,本方网点"
)


def ccb_line(day: int, out: str, into: str, balance: str, clock: str) -> str:
    return (
        f"202607{day:02},{clock},,,{out},{into},{balance},钞,某公司,62220001,货款,,1-{day},,"
        "32050161000000001234,测试公司,某支行"
    )


@pytest.mark.parametrize(
    "clocks", [("10:00:00", "11:30"), ("20260701 10:00:00", "20260702 11:30:00")]
)
def test_the_long_layout_of_ccb_is_no_other_banks(case: Case, clocks: tuple[str, str]) -> None:
    lines = (
        ccb_line(1, "", "100.00", "1100.00", clocks[0]),
        ccb_line(2, "40.00", "", "1060.00", clocks[1]),
    )
    case.put("bank.csv", "\n".join((CCB, *lines, "")))
    case.run()
    assert case.inbox() == []
    assert case.total("Assets:Bank:CCB:1234") == Decimal("1060.00")


ICBC = "凭证号,本方账号,交易时间,借方发生额,贷方发生额,摘要,对方单位\n"


@pytest.mark.parametrize(("bank", "booked"), [("工商银行", True), ("招商银行", False), ("", True)])
def test_a_banks_name_above_the_header_counts(case: Case, bank: str, booked: bool) -> None:
    above = f"中国{bank}账户明细\n" if bank else ""
    case.put("bank.csv", f"{above}{ICBC}1,1202000000001234,2026-07-01 10:00:00,,5.00,货款,某公司\n")
    case.run()
    assert (case.inbox() == []) is booked
    assert "nearest" not in case.said


@pytest.mark.parametrize(
    "above",
    ["账　　号：1202 0000 0000 1234", "账　号,1202　0000　0000　1234", "账 号:1202000000001234"],
)
def test_an_account_number_with_wide_blanks(case: Case, above: str) -> None:
    header = "凭证号,交易时间,转入金额,转出金额,余额,摘要,对方单位"
    line = ",2026-07-01 10:00:00,5.00,,5.00,货款,某公司"
    case.put("bank.csv", f"{above}\n{header}\n{line}\n")
    case.run()
    assert case.inbox() == []
    assert case.total("Assets:Bank:ICBC:1234") == Decimal("5.00")


def test_nearest_is_said_of_the_same_platform_only(case: Case) -> None:
    case.put(
        "jd.csv", "订单编号,下单时间,交易时间,凭证号,应付金额\n1,2026-07-01,2026-07-01,1,5.00\n"
    )
    case.put("orders.csv", GOOD.replace("order_id", "order"))
    case.run()
    assert "jd.csv: no row of the file is the header of an export that is known" in case.said
    assert "orders.csv: the format is not known; nearest is shop-orders, which needs order_id" in (
        case.said
    )


# -- settings -----------------------------------------------------------------------------

TABLE = """
[[tables]]
name = "mine"
match = ["day", "sum"]
stage = "bank"
source = "mine"
columns = { occurred_at = "day", amount = "sum" }
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TABLE + 'encoding = "zip"\n', "there is no encoding 'zip'"),
        (TABLE + 'date_format = "%Q"\n', "'%Q' is no date format"),
        (TABLE + 'date_format = "day"\n', "'day' is no date format"),
        ("x = " + "[" * 5_000 + "]" * 5_000 + "\n", "nested too deeply"),
    ],
)
def test_an_odd_setting_gets_a_sentence(case: Case, text: str, said: str) -> None:
    case.configure(text)
    assert case.run() == 3
    assert said in case.said


def test_an_odd_size_of_memory_gets_a_sentence(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    case.put("good.csv", GOOD)
    monkeypatch.setenv("BEANCLEAR_MEMORY", "plenty")
    assert case.run() == 2
    assert "BEANCLEAR_MEMORY is 'plenty', which is no size: write it as 2GiB" in case.said


@pytest.mark.parametrize("sum_", ["12,50", "12.50"])
def test_a_mapping_that_names_no_mark_lets_the_column_tell(case: Case, sum_: str) -> None:
    case.configure(TABLE)
    case.put("bank.csv", f"day;sum\n2026-07-01;{sum_}\n")
    case.run()
    assert case.inbox() == []
    assert case.total("Assets:Bank") == Decimal("12.50")
