"""P5: a file cut into two that overlap books the same journal and gives the same verdicts."""

from __future__ import annotations

import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import python_calamine
import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.promises.conftest import Exports, Workshop

Cut = tuple[str, str]  # first and last day
PARTS: tuple[Cut, Cut] = (("2026-07-01", "2026-07-17"), ("2026-07-15", "2026-07-31"))


def chinese(day: str, plus: int = 0) -> str:
    year, month, number = day.split("-")
    if plus and number == "31":
        return f"{year}年08月01日"
    return f"{year}年{month}月{int(number) + plus:02d}日"


def cut_alipay(source: Path, target: Path, part: Cut) -> None:
    """The API zip with the rows, totals and declared period of some days."""
    with zipfile.ZipFile(source) as archive:
        lines = archive.read(archive.infolist()[0]).decode("gb18030").splitlines()
    rows = [
        line
        for line in lines
        if not line.startswith(("#", "账务流水号"))
        and part[0] <= line.split(",")[4][:10] <= part[1]
    ]
    sums: dict[int, list[int]] = {6: [], 7: []}
    for row in rows:
        cells = row.split(",")
        for column, found in sums.items():
            amount = int(Decimal(cells[column]) * 100)
            if amount:
                found.append(amount)
    took, gave = (f"{len(v)}笔，共{Decimal(sum(v)) / 100:.2f}元" for v in sums.values())
    head = lines[:5]
    first, end = chinese(part[0]), chinese(part[1], 1)
    head[2] = f"#起始日期：[{first} 00:00:00]   终止日期：[{end} 00:00:00]"
    foot = [line for line in lines[5:] if line.startswith("#")]
    foot[1:3] = [f"#支出合计：{gave}", f"#收入合计：{took}"]
    with zipfile.ZipFile(target, "w") as archive:
        text = "\r\n".join([*head, *rows, *foot]) + "\r\n"
        archive.writestr("part_账务明细.csv", text.encode("gb18030"))


def cut_pinduoduo(source: Path, target: Path, part: Cut) -> None:
    lines = source.read_bytes().decode("gb18030").splitlines()
    head = lines[:5]
    head[2] = f"起始时间：{part[0]} 00:00:00  终止时间：{part[1]} 23:59:59"
    rows = [line for line in lines[5:] if part[0] <= line.split(",")[1][:10] <= part[1]]
    target.write_bytes(("\r\n".join([*head, *rows]) + "\r\n").encode("gb18030"))


def cut_bank(source: Path, target: Path, part: Cut) -> None:
    rows = python_calamine.CalamineWorkbook.from_path(str(source)).get_sheet_by_index(0).to_python()
    book = xlsxwriter.Workbook(str(target))
    sheet = book.add_worksheet()
    kept = [rows[0], *(row for row in rows[1:] if part[0] <= str(row[2])[:10] <= part[1])]
    for line, row in enumerate(kept):
        for column, cell in enumerate(row):
            if cell:
                sheet.write_string(line, column, str(cell))
    book.close()


CUTS: dict[str, tuple[str, Callable[[Path, Path, Cut], None], str]] = {
    "alipay": ("20880512402512820156_202607.csv.zip", cut_alipay, ".zip"),
    "pinduoduo": ("拼多多账务明细_202607.csv", cut_pinduoduo, ".csv"),
    "bank": ("A0*_ND07_*.xlsx", cut_bank, ".xlsx"),
}


def journal(text: dict[str, str]) -> dict[str, str]:
    """Journal text without what names a file: `file` and `row`, and each file's own balance."""
    named = r'\n  (?:file: "[^"]*"|row: \d+)|\n*\d{4}-\d\d-\d\d balance .*'
    return {
        name: re.sub(named, "", content)
        for name, content in text.items()
        if name.startswith("journal/")
    }


@pytest.mark.parametrize("name", CUTS)
def test_p5_two_overlapping_halves_are_one_file(
    workshop: Workshop, usual: Exports, tmp_path: Path, name: str
) -> None:
    pattern, cut, ending = CUTS[name]
    (source,) = usual.folder.glob(pattern)
    whole, expected = workshop.whole(usual)
    halves = [tmp_path / f"half{number}{ending}" for number in (1, 2)]
    for half, part in zip(halves, PARTS, strict=True):
        cut(source, half, part)
    books = workshop.books(tmp_path / "shop")
    found = workshop.run(books, [*(file for file in usual.files if file != source), *halves])
    assert (found.faults, found.check_errors) == ((), ())
    assert {document.state for document in found.documents} == {"booked"}
    assert workshop.found(found.items) == workshop.found(expected.items)
    assert found.accounts == expected.accounts
    before, after = workshop.text(whole), workshop.text(books)
    assert journal(after) == journal(before)
    assert after["beanclear.toml"] == before["beanclear.toml"]
    assert after["accounts.beancount"] == before["accounts.beancount"]
