"""The catalogue of bad files: what is said of each, in both languages, and that nothing happens.

All of them lie in one inbox beside a file that is right: each must be refused by its own message,
and the books must become what they would have become without the bad ones, byte for byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.errors.bad_files import BUILDERS, bad, bank

Run = Callable[..., Result]
CJK = re.compile(r"[\u4e00-\u9fff]")
AGAIN = "export the file again and do not open it in a spreadsheet program before"
CUT = "the download was cut off: download it again"
OWN = "correct it in the system that wrote the file and export it again"
MAP = "check the export's kind, or map its columns with `beanclear tables new` (docs/tables.md)"
BROKEN = "the archive or workbook is damaged or cut off: download it again"
MEMBER = (
    "this member of the archive is no statement that is known: "
    "import it by itself when it is needed, or remove it from the archive"
)
SIGN = "correct it where the file was made and export it again; report it if it is right"

EXPECTED: dict[str, tuple[str, ...]] = {
    "cut.zip": (f"cut.zip: {BROKEN}",),
    "cut.csv.gz": (f"cut.csv.gz: {BROKEN}",),
    "bomb.zip": (
        "bomb.zip: the archive would unpack to more than is allowed (200 : 1): "
        "export shorter periods; if it is no export, delete it",
    ),
    "encrypted.zip": (
        "encrypted.zip: the archive or workbook is protected by a password: "
        "unpack it with the password and import what is in it",
    ),
    "nested.zip": (
        "nested.zip: the archive holds another archive: "
        "unpack the outer one and import what is in it",
    ),
    "traversal.zip": (
        "traversal.zip: "
        "the archive has a member named '../../journal/wallet.csv' that points outside of it: "
        "do not open it; ask where it came from and download it again",
    ),
    "nothing.zip": (
        f"nothing.zip:readme.txt: {MEMBER}",
        "nothing.zip: the archive holds no statement that is known: "
        "import the file that holds the detail lines",
    ),
    "stranger.zip": (f"stranger.zip:photo.jpg: {MEMBER}",),
    "count.csv": (
        "count.csv: 支出笔数 says 2, its rows give 1: export it again; "
        "to book it as it is: beanclear run --accept count.csv",
    ),
    "sum.csv": (
        "sum.csv: 收入合计 says 15.01, its rows give 15.00: export it again; "
        "to book it as it is: beanclear run --accept sum.csv",
    ),
    "summary.csv": (
        "summary.csv: 应结订单总金额 says 128.01, its rows give 128.00: export it again; "
        "to book it as it is: beanclear run --accept summary.csv",
    ),
    "chain.csv": (
        "chain.csv:7: its running balance does not follow from its amounts: "
        "export it again; to book it as it is: beanclear run --accept chain.csv",
    ),
    "line.csv": (
        f"line.csv: the end mark of the list is missing: {CUT}",
        f"line.csv:8: the last line ends early: 4 of 9 cells: {CUT}",
    ),
    "mark.csv": (f"mark.csv:8: the end mark of the list is missing: {CUT}",),
    "mixed.csv": (
        "mixed.csv:14: the text is neither UTF-8 nor GB18030 from here on: "
        "export it again; do not join files by hand",
    ),
    "ragged.csv": (f"ragged.csv:7: the row has 10 cells where the header has 9: {AGAIN}",),
    "unknown.csv": (
        f"unknown.csv: no row of the file is the header of an export that is known: {MAP}",
    ),
    "picture.pdf": (
        "picture.pdf: the file is a PDF, which is not read: download the statement as CSV or Excel",
    ),
    "column.csv": (
        "column.csv: the format is not known; "
        f"nearest is alipay-ledger, which needs 业务流水号: {MAP}",
    ),
    "empty.csv": ("empty.csv: the file is empty: export it again",),
    "wechat-personal.csv": (
        "wechat-personal.csv: this is a private person's statement, not a merchant's: "
        "download 交易账单 and 资金账单 at pay.weixin.qq.com (商户平台, 交易中心 or 账户中心)",
    ),
    "alipay-personal.csv": (
        "alipay-personal.csv: this is a private person's statement, not a merchant's: "
        "download 账务明细 at b.alipay.com (商家平台, 对账中心)",
    ),
    "damaged.xlsx": (f"damaged.xlsx: {BROKEN}",),
    "damaged.xls": (
        "damaged.xls: the workbook is damaged, protected, or no workbook: "
        "export it again, or save it as CSV",
    ),
    "entities.xlsx": (
        "entities.xlsx: "
        "the workbook's XML declares a document type, which no export does: "
        "do not open it; ask where it came from",
    ),
    "abc.csv": (f"abc.csv:6: 收入金额(+元): 'abc' is no amount: {AGAIN}",),
    "fine.csv": (
        f"fine.csv:6: 收入金额(+元): '10.005' is finer than the currency's smallest unit: {AGAIN}",
    ),
    "february.csv": (
        f"february.csv:6: 发生时间: '2026-02-31 09:00:00' is no date and time that exists: {AGAIN}",
    ),
    "footer.csv": (f"footer.csv:10: 支出合计: '-1,00.0.0' is no amount: {AGAIN}",),
    "digits.csv": (f"digits.csv:6: 账务流水号: the id '1E+14' has lost digits: {AGAIN}",),
    "blank.csv": (f"blank.csv:6: 账务流水号 is empty: {AGAIN}",),
    "sign.csv": (
        f"sign.csv:6: 收入金额(+元): '-10.00' has a sign that this column never has: {SIGN}",
    ),
    "million.csv": (
        "million.csv:8: the cell 备注 holds 1000000 characters: "
        "more than 32,767 fit no spreadsheet: export the file again",
    ),
    "id.csv": (
        "id.csv:9: the id '1003' stands on another row too, with other contents: "
        "find out which of the rows is right and export the file again",
    ),
    "row.csv": (
        "row.csv:9: the row with id '1003' stands in the file twice: "
        "the file was joined or edited: export it again",
    ),
    "dollar.csv": (
        "dollar.csv:4: 币种: the currency '美元' is not the account's: "
        "export one currency at a time",
    ),
    "accounts.csv": (
        "accounts.csv: the file holds more than one account: "
        "32050161000000008826, 32050161000000008827: export one account at a time",
    ),
    "status.csv": (
        "status.csv:2: status: 'flown' is not known here: report it, so that it gets a meaning",
    ),
    "negative.csv": (
        f"negative.csv:2: amount: '-10.00' has a sign that this column never has: {SIGN}",
    ),
    "early.csv": (
        "early.csv:2: paid_at: "
        f"'2026-05-01 00:00:00' lies before an earlier step of the order's life: {OWN}",
    ),
    "refund.csv": (f"refund.csv:2: refunded: '11.00' is more than the order's amount: {OWN}",),
    "many.csv": (
        *(f"many.csv:{row}: 收入金额(+元): 'abc' is no amount: {AGAIN}" for row in range(6, 56)),
        "many.csv: 49 more rows cannot be used: see the first ones",
    ),
}

CHINESE: dict[str, str] = {
    "abc.csv": ("abc.csv:6: 收入金额(+元)：'abc' 不是金额: 重新导出，导入前不要用电子表格软件打开"),
    "sum.csv": (
        "sum.csv: 收入合计：文件写的是 15.01，按明细计算为 15.00: "
        "重新导出；如要原样入账：beanclear run --accept sum.csv"
    ),
    "chain.csv": (
        "chain.csv:7: 逐笔余额与发生额接不上: "
        "重新导出；如要原样入账：beanclear run --accept chain.csv"
    ),
    "mark.csv": "mark.csv:8: 缺少列表的结束标记: 下载不完整：重新下载",
    "cut.zip": "cut.zip: 压缩包或工作簿损坏或不完整: 重新下载",
    "column.csv": (
        "column.csv: 无法识别格式；最接近的是 alipay-ledger，但缺少 业务流水号: "
        "检查导出的类型是否正确，或用 `beanclear tables new` 映射各列（docs/tables.zh.md）"
    ),
    "wechat-personal.csv": (
        "wechat-personal.csv: 这是个人账单，不是商户账单: "
        "在 pay.weixin.qq.com 下载“交易账单”和“资金账单”（商户平台的交易中心或账户中心）"
    ),
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one run over all the bad files, and a right one, said and left behind."""

    code: int
    lines: tuple[str, ...]
    documents: dict[str, dict[str, Any]]
    books: dict[str, bytes]
    waiting: dict[str, bytes]

    def said(self, name: str) -> tuple[str, ...]:
        return tuple(line for line in self.lines if line.startswith((f"{name}:", f"{name} ")))


def outcome(
    run: Run, contents: Callable[[Path], dict[str, bytes]], books: Path, lang: str
) -> Outcome:
    done = run("run", books, "--json", lang=lang)
    found = json.loads(done.stdout)
    return Outcome(
        code=done.exit_code,
        lines=tuple(done.stderr.splitlines()),
        documents={one["file"].partition(":")[0]: one for one in found["documents"]},
        books=contents(books),
        waiting={
            path.name: path.read_bytes()
            for path in (books / "inbox").iterdir()
            if path.name != ".gitkeep"
        },
    )


@pytest.fixture(scope="module")
def undisturbed(
    run: Run,
    copy: Callable[[], Path],
    contents: Callable[[Path], dict[str, bytes]],
) -> Outcome:
    """The right file alone."""
    books = copy()
    (books / "inbox" / "good.csv").write_bytes(bank())
    return outcome(run, contents, books, "en")


@pytest.fixture(scope="module")
def crowd(copy: Callable[[], Path]) -> Path:
    """Books in whose inbox all the bad files lie."""
    books = copy()
    for name in BUILDERS:
        (books / "inbox" / name).write_bytes(bad(name))
    return books


@pytest.fixture(scope="module")
def chinese(
    run: Run, crowd: Path, contents: Callable[[Path], dict[str, bytes]], template: Path
) -> Outcome:
    """The bad files alone, in Chinese."""
    found = outcome(run, contents, crowd, "zh")
    assert found.books == contents(template)
    return found


@pytest.fixture(scope="module")
def english(
    run: Run, crowd: Path, contents: Callable[[Path], dict[str, bytes]], chinese: Outcome
) -> Outcome:
    """The same files again, now beside one that is right."""
    assert chinese.code == 1
    (crowd / "inbox" / "good.csv").write_bytes(bank())
    return outcome(run, contents, crowd, "en")


@pytest.mark.parametrize("name", BUILDERS)
def test_what_is_said_in_english(name: str, english: Outcome) -> None:
    assert english.said(name) == EXPECTED[name]


@pytest.mark.parametrize("name", BUILDERS)
def test_what_is_said_in_chinese(name: str, chinese: Outcome) -> None:
    """Another text than the English one, with the same file, row and values."""
    said = chinese.said(name)
    assert len(said) == len(EXPECTED[name])
    for line, expected in zip(said, EXPECTED[name], strict=True):
        assert line != expected
        assert CJK.search(line)
        assert line.partition(": ")[0] == expected.partition(": ")[0]
        for value in re.findall(r"(?<!\w)'[^']+'|\d[\d.]*", expected):
            assert value.strip("'") in line
    if name in CHINESE:
        assert said == (CHINESE[name],)


@pytest.mark.parametrize("name", BUILDERS)
def test_it_is_refused_and_kept(name: str, english: Outcome, chinese: Outcome) -> None:
    assert english.documents[name]["state"] == "refused"
    assert english.documents[name]["faults"]
    assert english.waiting[name] == chinese.waiting[name] == bad(name)


def test_the_right_file_is_booked_as_if_it_were_alone(
    english: Outcome, undisturbed: Outcome
) -> None:
    assert (undisturbed.code, english.code) == (0, 1)
    assert english.documents["good.csv"]["state"] == "booked"
    assert set(english.waiting) == set(BUILDERS)
    assert english.books == undisturbed.books


def test_every_message_has_its_place(english: Outcome) -> None:
    said = [line for name in BUILDERS for line in english.said(name)]
    assert [line for line in said if len(re.split(r"(?<=\S): ", line)) < 3] == []
    assert max(len(line) for line in said) < 400
