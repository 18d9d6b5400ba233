"""WeChat Pay merchant bills: trade bill and fund bill."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from beanclear.importers.registry import read_document
from beanclear.ledger.statement import Grade, Statement
from beanclear.ledger.tables import to_records
from tests.importers.conftest import FIXTURES, Faults, Golden, ReadText

ALL = (FIXTURES / "wechatpay" / "all.csv").read_text(encoding="utf-8")
FUNDS = (FIXTURES / "wechatpay" / "fundflow.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["all", "success", "refund", "legacy", "fundflow"])
def test_golden(name: str, golden: Golden) -> None:
    golden(f"wechatpay/{name}.csv")


def amounts(statement: Statement) -> list[tuple[str, str, int]]:
    return [
        (record.record_id, record.kind, record.amount_minor)
        for record in to_records(statement.records)
    ]


def one(path: Path) -> Statement:
    (statement,) = read_document(path)
    return statement


def test_plain_gzip_zip_and_workbook_give_the_same(tmp_path: Path) -> None:
    plain = tmp_path / "1600000001All2026-07-01.csv"
    plain.write_bytes(b"\xef\xbb\xbf" + ALL.replace("\n", "\r\n").encode())
    packed = tmp_path / "1600000001All2026-07-01.csv.gz"
    packed.write_bytes(gzip.compress(ALL.encode()))
    with zipfile.ZipFile(tmp_path / "bills.zip", "w") as archive:
        archive.writestr("1600000001All2026-07-01.csv", ALL)
    book = xlsxwriter.Workbook(str(tmp_path / "bill.xlsx"))
    sheet = book.add_worksheet()
    for row, line in enumerate(ALL.splitlines()):
        cells = line[1:].split(",`") if line.startswith("`") else line.split(",")
        sheet.write_row(row, 0, [f"`{cell}" for cell in cells] if row == 1 else cells)
    book.close()
    expected = amounts(one(FIXTURES / "wechatpay" / "all.csv"))
    for path in (plain, packed, tmp_path / "bills.zip", tmp_path / "bill.xlsx"):
        assert amounts(one(path)) == expected
        assert one(path).grade is Grade.PROVEN


def test_one_refund_has_one_id_in_all_bills() -> None:
    name = "50000002282026070100000000001"
    found = [
        record
        for bill in ("all", "refund")
        for record in to_records(one(FIXTURES / "wechatpay" / f"{bill}.csv").records)
        if record.record_id == name
    ]
    assert [(r.order_id, r.amount_minor, r.occurred_at) for r in found] == [
        (found[0].order_id, -2800, found[0].occurred_at)
    ] * 2


def test_bill_of_refunds_alone_covers_no_day() -> None:
    span = one(FIXTURES / "wechatpay" / "refund.csv").span
    assert span is not None
    assert span.last < span.first


def test_revoked_with_a_refund_is_a_refund(read_text: ReadText) -> None:
    text = ALL.replace(
        "`CNY,`0.00,`0.00,`0,`0,`0.00,`0.00,`,`,`茶盘",
        "`CNY,`0.00,`0.00,`500,`R3,`7.00,`0.00,`,`,`茶盘",
    ).replace("`28.0,`0.0,`1.17,`228.0,`28.0", "`35.0,`0.0,`1.17,`228.0,`28.0")
    statement = read_text(text)
    assert amounts(statement)[-1] == ("500", "refund", -700)
    assert statement.grade is Grade.PROVEN


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "`JSAPI,`SUCCESS",
            "`JSAPI,`DREAMT",
            ("unknown-value", 2, "交易状态: 'DREAMT' is not known here"),
        ),
        (
            "`50000002282026070100000000001",
            "`0",
            ("missing-cell", 4, "微信退款单号 is empty"),
        ),
        (
            "`28.00,`0.00,`ORIGINAL",
            "`-28.00,`0.00,`ORIGINAL",
            ("wrong-sign", 4, "退款金额: '-28.00' has a sign that this column never has"),
        ),
        (
            "`128.00,`0.00,`0,`0",
            "`-128.00,`0.00,`0,`0",
            ("wrong-sign", 2, "应结订单金额: '-128.00' has a sign that this column never has"),
        ),
        ("`0.77000", "`abc", ("bad-amount", 2, "手续费: 'abc' is no amount")),
        (
            "`128.00,`0.00,`0,`0",
            "`abc,`0.00,`0,`0",
            ("bad-amount", 2, "应结订单金额: 'abc' is no amount"),
        ),
        ("`0.60%", "`much", ("bad-rate", 2, "费率: 'much' is no rate")),
        (
            "2026-07-01 09:15:02",
            "2026-02-31 09:15:02",
            ("bad-moment", 2, "交易时间: '2026-02-31 09:15:02' is no date and time that exists"),
        ),
        (
            "`NATIVE,`SUCCESS,`OTHERS,`CNY",
            "`NATIVE,`SUCCESS,`OTHERS,`USD",
            ("wrong-currency", 3, "货币种类: the currency 'USD' is not the account's"),
        ),
        (
            "`NATIVE,`SUCCESS,`OTHERS,`CNY",
            "`NATIVE,`SUCCESS,`OTHERS,`贝壳",
            ("unknown-value", 3, "货币种类: '贝壳' is not known here"),
        ),
        (
            "`S20260701000002",
            "`S20260701000001",
            ("duplicate-id", 3, "the id 'S20260701000001' stands on another row too"),
        ),
    ],
)
def test_trade_bill_faults(
    old: str, new: str, expected: tuple[str, int, str], faults: Faults
) -> None:
    assert old in ALL
    ((code, row, message),) = faults(ALL.replace(old, new, 1))
    assert (code, row) == expected[:2]
    assert message.startswith(expected[2])


def test_two_merchants_in_one_file(faults: Faults) -> None:
    text = ALL.replace("`1600000001", "`1600000002", 1)
    assert faults(text) == [
        (
            "mixed-accounts",
            None,
            "the file holds more than one account: 1600000002, 1600000001: "
            "export one account at a time",
        )
    ]


@pytest.mark.parametrize("text", [ALL, FUNDS])
def test_day_without_lines(text: str, read_text: ReadText) -> None:
    header, *_lines, names, _values = text.splitlines()
    zeros = ",".join("`0" for _ in names.split(","))
    statement = read_text(f"{header}\n{names}\n{zeros}\n")
    assert (statement.rows_read, statement.grade, statement.span) == (0, Grade.PROVEN, None)


@pytest.mark.parametrize("text", [ALL, FUNDS])
def test_without_summary_the_file_was_cut(text: str, faults: Faults) -> None:
    cut = "\n".join(text.splitlines()[:-2]) + "\n"
    assert faults(cut) == [
        (
            "cut-file",
            len(cut.splitlines()),
            "the end mark of the list is missing: the download was cut off: download it again",
        )
    ]


@pytest.mark.parametrize(
    ("text", "old", "new", "name"),
    [
        (ALL, "`4.0,`223.0", "`4.0,`224.0", "应结订单总金额"),
        (ALL, "`4.0,`223.0", "`5.0,`223.0", "总交易单数"),
        (ALL, "`1.17,", "`1.19,", "手续费总金额"),
        (FUNDS, "`11.0,`5.0", "`11.0,`6.0", "收入笔数"),
        (FUNDS, "`1237.17", "`1237.18", "收入金额"),
    ],
)
def test_wrong_summary_contradicts(
    text: str, old: str, new: str, name: str, read_text: ReadText
) -> None:
    assert old in text
    statement = read_text(text.replace(old, new))
    assert [control.name for control in statement.controls if not control.agrees] == [name]
    assert statement.grade is Grade.CONTRADICTED


def test_an_id_is_no_total(read_text: ReadText) -> None:
    statement = read_text(ALL.replace("`1.17,", "`4200002801202607010000000001,"))
    (found,) = statement.faults
    assert (found.code, found.row, statement.grade) == ("bad-amount", 7, Grade.CONTRADICTED)


def test_broken_balance_contradicts(read_text: ReadText) -> None:
    statement = read_text(FUNDS.replace("`1099.40", "`1099.41"))
    assert statement.chained is False
    assert statement.grade is Grade.CONTRADICTED


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("`交易,`收入", "`交易,`左右", ("unknown-value", 2, "收支类型: '左右' is not known here")),
        (
            "`收入,`128.00",
            "`收入,`-128.00",
            ("wrong-sign", 2, "收支金额(元): '-128.00' has a sign that this column never has"),
        ),
        ("`128.00,`1128.00", "`128.00,`", ("missing-cell", 2, "账户结余(元) is empty")),
    ],
)
def test_fund_bill_faults(
    old: str, new: str, expected: tuple[str, int, str], faults: Faults
) -> None:
    assert old in FUNDS
    ((code, row, message),) = faults(FUNDS.replace(old, new, 1))
    assert (code, row) == expected[:2]
    assert message.startswith(expected[2])


def test_html_in_goods_becomes_harmless(read_text: ReadText) -> None:
    statement = read_text(ALL.replace("茶壶", "<b>茶壶</b>"))
    memos = statement.records.column("memo").to_pylist()
    assert memos[1] == "＜b＞茶壶＜/b＞"


def test_real_bill_is_proven(samples: Path) -> None:
    statement = one(samples / "cn" / "wechatpay" / "wechatpay-php_bill.ALL.csv")
    assert (statement.grade, statement.account, statement.rows_used) == (
        Grade.PROVEN,
        "1921000401",
        45,
    )
    kinds = statement.records.column("kind").to_pylist()
    assert (kinds.count("sale"), kinds.count("refund")) == (31, 14)


def test_header_template_has_no_rows_and_is_accepted(samples: Path) -> None:
    """A workbook may have lost its summary; without rows there is nothing to book."""
    name = "shopex-oms_wechatpay_tradebill-ALL_header-template.xlsx"
    statement = one(samples / "cn" / "wechatpay" / name)
    assert (statement.grade, statement.rows_used, statement.span) == (Grade.COUNTED, 0, None)
