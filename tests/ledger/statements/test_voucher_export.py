"""Vouchers in the columns of accounting programs."""

from __future__ import annotations

import csv
import io
from pathlib import Path, PurePath

import pytest
from python_calamine import CalamineWorkbook

from beanclear.ledger.errors import BooksError, UsageError
from beanclear.ledger.statements import shown, voucher_export, vouchers
from beanclear.ledger.statements.table import Table
from beanclear.ledger.statements.voucher_export import SHIPPED, Layout, export, load, parse
from beanclear.ledger.statements.xlsx import workbook
from tests.ledger.statements.trading import AUGUST, ENTRIES, ledger_of

FOREIGN = """
2026-08-02 * "dollars"
  Assets:Bank:A       5.00 USD
  Income:Sales       -5.00 USD
"""


def exported(layout: Layout, *more: str) -> Table:
    ledger = ledger_of(ENTRIES, *more)
    found = vouchers.numbered(ledger, AUGUST, PurePath("/books"), {})
    return export(ledger, found, layout, "zh", "李娜")


def rows(table: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(shown.as_csv(table))))


def some(line: dict[str, str], *headings: str) -> list[str]:
    return [line[heading] for heading in headings]


def test_kingdee() -> None:
    table = exported(load("kingdee"))
    first, second = rows(table)[:2]
    headings = ("凭证日期", "会计年度", "会计期间", "凭证字", "凭证号", "科目代码", "借方", "贷方")
    assert some(first, *headings) == [
        "2026-08-03", "2026", "8", "记", "1", "1122.01", "1130.00", "0.00",
    ]  # fmt: skip
    assert some(second, *headings[5:]) == ["5001.01", "0.00", "1130.00"]
    assert some(second, "分录序号", "币别代码", "原币金额", "凭证摘要", "店铺", "平台", "制单") == [
        "2", "RMB", "1130.00", "X sale", "north", "tmall", "李娜",
    ]  # fmt: skip
    assert table.checks == {"debits less credits, CNY": 0}
    assert table.notes == ("The numbers are provisional until the month is closed.",)


def test_yonyou_and_haokuaiji() -> None:
    headings = ("凭证编号", "摘要", "科目编码", "科目名称", "借方金额", "贷方金额", "币种")
    assert some(rows(exported(load("yonyou")))[1], *headings) == [
        "0001", "X sale", "500101", "主营业务收入-商品", "", "1130.00", "人民币",
    ]  # fmt: skip
    trip = rows(exported(load("haokuaiji")))[-4]
    assert some(trip, "日期", "凭证字", "凭证号", "科目编码", "借方金额", "部门", "项目") == [
        "2026-08-31", "记", "6", "560205", "2000.00", "sales", "fair",
    ]  # fmt: skip


@pytest.mark.parametrize("name", SHIPPED)
def test_a_workbook_begins_with_the_headings(name: str) -> None:
    table = exported(load(name))
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook([table])))
    found = book.get_sheet_by_index(0).to_python()
    assert found[0] == [column.heading for column in table.columns]
    assert len(found) == 1 + len(table.rows) == 15


def test_another_currency_has_no_amount_in_yuan_and_is_named() -> None:
    table = exported(load("kingdee"), FOREIGN)
    dollars = rows(table)[0]
    assert some(dollars, "币别代码", "原币金额", "借方", "贷方") == ["USD", "5.00", "", ""]
    assert table.notes[1] == (
        "These vouchers hold other currencies; fill in amounts in CNY: 记-202608-001"
    )


def test_a_layout_of_the_books_comes_first(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    own = tmp_path / "reports" / "voucher-yonyou.toml"
    own.write_text(
        'name = "ours"\n[[columns]]\nheading = "No."\nfield = "voucher"\n'
        '[[columns]]\nheading = "Fixed"\ntext = "x"\n'
    )
    own.rename(own.with_name("voucher-ours.toml"))
    assert rows(exported(load("ours", tmp_path)))[0] == {"No.": "记-202608-001", "Fixed": "x"}
    assert load("yonyou", tmp_path).name == "用友"
    own.write_text('name = "changed"\n[[columns]]\nheading = "No."\nfield = "number"\n')
    assert load("yonyou", tmp_path).name == "changed"


@pytest.mark.parametrize("name", ["sap", "", "../yonyou", ".yonyou"])
def test_an_unknown_layout(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no layout"):
        load(name, tmp_path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('name = "x"', "'columns' is missing"),
        ('name = "x"\ncolumns = []', "columns is missing"),
        ('[[columns]]\nheading = "a"', "'name' is missing"),
        ('name = "x"\n[[columns]]\nfield = "date"', "'heading' is missing"),
        ('name = "x"\n[[columns]]\nheading = "a"\nwidth = 3', "column a: unknown key width"),
        ('name = "x"\n[[columns]]\nheading = "a"\nfield = "b"', "column a: there is no field b"),
        ('name = "x"\n[[columns]]\nheading = "a"\nfield = "number"\nformat = "four"', "format"),
        ('name = "x"\ncolumns = "a"', "layout cannot be read"),
        ("name = ", "layout cannot be read"),
    ],
)
def test_what_is_wrong_with_a_layout_is_said(text: str, why: str) -> None:
    with pytest.raises(BooksError, match=why) as raised:
        parse(text, "reports/voucher-x.toml")
    assert raised.value.where == "reports/voucher-x.toml"


def test_every_documented_field_gives_a_value() -> None:
    columns = "".join(
        f'[[columns]]\nheading = "{field}"\nfield = "{field}"\n'
        for field in sorted(voucher_export.FIELDS)
    )
    found = rows(exported(parse(f'name = "all"\n{columns}', "all.toml")))[0]
    assert {name: value for name, value in found.items() if value} == {
        "account": "应收账款-甲",
        "amount": "1130.00",
        "code": "112201",
        "currency": "CNY",
        "date": "2026-08-03",
        "debit": "1130.00",
        "line": "1",
        "number": "1",
        "period": "8",
        "platform": "X",  # the name of the receivable says it
        "preparer": "李娜",
        "shop": "north",
        "summary": "X sale",
        "voucher": "记-202608-001",
        "word": "记",
        "year": "2026",
    }
