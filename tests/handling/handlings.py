"""What people and programs do to an export between the platform and the inbox.

A handling takes an export and gives the files that lie in the inbox instead; none where it cannot
be done to that file. `spoken` names it in docs/handling.md.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.handling.exports import Export, Rows, to_book
from tests.handling.spreadsheet import shown, typed

Files = list[tuple[str, bytes]]
Handle = Callable[[Export], Files | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """One thing that is done, and how the page calls it in English and Chinese."""

    name: str
    english: str
    chinese: str
    handle: Handle


HANDLINGS: dict[str, Handling] = {}


def handling(english: str, chinese: str) -> Callable[[Handle], Handle]:
    def named(function: Handle) -> Handle:
        name = function.__name__.strip("_").replace("_", "-")
        HANDLINGS[name] = Handling(name=name, english=english, chinese=chinese, handle=function)
        return function

    return named


def _one(export: Export, **changes: object) -> Files:
    changed = replace(export, **changes)  # type: ignore[arg-type]
    return [(changed.name, changed.to_bytes())]


def _csv(export: Export, **changes: object) -> Files:
    name = export.name.rpartition(".")[0] + ".csv"
    defaults = {"encoding": export.encoding or "gb18030", "newline": "\r\n"}
    return _one(replace(export, is_book=False, name=name, **defaults), **changes)  # type: ignore[arg-type]


def _each(export: Export, change: Callable[[str], str]) -> dict[str, Rows | tuple[str, ...]]:
    """Every cell as a program shows it, each row as wide as the table."""
    width = max(len(row) for row in export.rows)

    def rows(some: Rows) -> Rows:
        return tuple(
            tuple(change(cell) for cell in row) + ("",) * (width - len(row)) for row in some
        )

    (header,) = rows((export.header,))
    return {
        "above": rows(export.above), "header": header, "data": rows(export.data),
        "below": rows(export.below),
    }  # fmt: skip


# -- saved again ----------------------------------------------------------------------------------


@handling("opened in Excel and saved as CSV", "用 Excel 打开后另存为 CSV")
def _excel(export: Export) -> Files:
    return _csv(export, encoding="gb18030", **_each(export, lambda cell: shown(typed(cell))))


@handling("opened in Excel and saved as CSV UTF-8", "用 Excel 打开后另存为 CSV UTF-8")
def _excel_utf8(export: Export) -> Files:
    return _csv(export, encoding="utf-8-sig", **_each(export, lambda cell: shown(typed(cell))))


@handling("opened in LibreOffice and saved as CSV", "用 LibreOffice 打开后另存为 CSV")
def _libreoffice(export: Export) -> Files:
    return _csv(
        export,
        encoding="utf-8",
        newline="\n",
        **_each(export, lambda cell: shown(typed(cell), seconds=True)),
    )


@handling("saved by an Excel with decimal commas", "用小数点为逗号的 Excel 另存")
def _excel_german(export: Export) -> Files:
    return _csv(
        export,
        encoding="utf-8-sig",
        delimiter=";",
        **_each(export, lambda cell: shown(typed(cell), comma=True)),
    )


@handling("saved as Unicode text (UTF-16, tabs)", "另存为 Unicode 文本（UTF-16，制表符）")
def _unicode_text(export: Export) -> Files:
    return _csv(
        export,
        encoding="utf-16",
        delimiter="\t",
        **_each(export, lambda cell: shown(typed(cell))),
    )


@handling("opened in a program and saved as XLSX", "打开后另存为 XLSX")
def _as_workbook(export: Export) -> Files | None:
    if export.is_book:
        return None
    rows = tuple(tuple(typed(cell) for cell in row) for row in export.rows)
    return [(export.name.rpartition(".")[0] + ".xlsx", to_book(rows))]  # type: ignore[arg-type]


@handling("the text imported as text, saved as XLSX", "按文本导入后另存为 XLSX")
def _as_text_workbook(export: Export) -> Files | None:
    if export.is_book:
        return None
    return [(export.name.rpartition(".")[0] + ".xlsx", to_book(export.rows))]


@handling("the workbook saved as CSV", "工作簿另存为 CSV")
def _workbook_as_csv(export: Export) -> Files | None:
    return _csv(export) if export.is_book else None


@handling("saved with a mark or without", "加上或去掉 BOM")
def _other_mark(export: Export) -> Files | None:
    if export.is_book or export.encoding == "gb18030":
        return None
    return _one(export, encoding="utf-8" if export.encoding == "utf-8-sig" else "utf-8-sig")


@handling("saved in the other encoding", "换成另一种编码保存")
def _other_encoding(export: Export) -> Files | None:
    if export.is_book:
        return None
    return _one(export, encoding="utf-8" if export.encoding == "gb18030" else "gb18030")


@handling("other line ends", "换行符改变")
def _other_lines(export: Export) -> Files | None:
    if export.is_book:
        return None
    return _one(export, newline="\n" if export.newline == "\r\n" else "\r\n")


@handling("long numbers written with an exponent", "长编号变成科学计数法")
def _exponents(export: Export) -> Files:
    def change(cell: str) -> str:
        bare = cell.strip("\t`'= \"")
        return f"{float(bare):.5E}" if re.fullmatch(r"\d{16,}", bare) else cell

    return _one(export, **_each(export, change))


@handling("long numbers cut to fifteen digits", "长编号只剩十五位有效数字")
def _cut_numbers(export: Export) -> Files:
    def change(cell: str) -> str:
        bare = cell.strip("\t`'= \"")
        return bare[:15] + "0" * (len(bare) - 15) if re.fullmatch(r"\d{16,}", bare) else cell

    return _one(export, **_each(export, change))


@handling("leading zeros lost", "前导零丢失")
def _lost_zeros(export: Export) -> Files | None:
    def change(cell: str) -> str:
        bare = cell.strip("\t`'= \"")
        return bare.lstrip("0") if re.fullmatch(r"0\d{5,}", bare) else cell

    changed = _each(export, change)
    return None if changed["data"] == _each(export, str)["data"] else _one(export, **changed)


# -- rows -----------------------------------------------------------------------------------------


@handling("sorted by another column", "按其他列排序")
def _sorted(export: Export) -> Files:
    place = min(4, len(export.header) - 1)
    return _one(export, data=tuple(sorted(export.data, key=lambda row: row[place : place + 1])))


@handling("turned round", "倒序排列")
def _reversed(export: Export) -> Files:
    return _one(export, data=export.data[::-1])


@handling("filtered, and the workbook saved with hidden rows", "筛选后保存（含隐藏行）")
def _hidden_rows(export: Export) -> Files:
    first = len(export.above) + 1
    hidden = frozenset(range(first + 1, first + len(export.data), 2))
    return [(export.name.rpartition(".")[0] + ".xlsx", to_book(export.rows, hidden))]


@handling("filtered, and only what is seen copied", "筛选后只复制可见行")
def _filtered(export: Export) -> Files:
    return _one(export, data=export.data[::2])


@handling("the first row deleted", "删掉第一行数据")
def _without_first(export: Export) -> Files:
    return _one(export, data=export.data[1:])


@handling("a row deleted in the middle", "删掉中间一行")
def _without_middle(export: Export) -> Files | None:
    middle = len(export.data) // 2
    if not 0 < middle < len(export.data) - 1:
        return None
    return _one(export, data=export.data[:middle] + export.data[middle + 1 :])


@handling("the last row deleted", "删掉最后一行")
def _without_last(export: Export) -> Files:
    return _one(export, data=export.data[:-1])


@handling("a row entered twice", "某一行重复录入")
def _row_twice(export: Export) -> Files:
    middle = len(export.data) // 2
    return _one(export, data=export.data[: middle + 1] + export.data[middle:])


@handling("a total row typed below", "下面手工加合计行")
def _total_typed(export: Export) -> Files:
    place = _money(export)
    cells = [""] * len(export.header)
    cells[0] = "合计"
    if place:
        total = sum(_cents(row[place]) for row in export.data if place < len(row))
        cells[place] = f"{total / 100:.2f}"
    return _one(export, below=(*export.below, tuple(cells)))


@handling("a note typed below", "下面手工加备注")
def _note_typed(export: Export) -> Files:
    return _one(export, below=(*export.below, ("以上已核对 王会计",)))


@handling("a note typed above", "上面手工加标题")
def _note_above(export: Export) -> Files:
    return _one(export, above=(("2026年账单",), *export.above))


@handling("blank rows between", "中间插入空行")
def _blank_rows(export: Export) -> Files:
    blank = ("",) * len(export.header)
    return _one(export, data=tuple(cells for row in export.data for cells in (row, blank)))


@handling("an amount corrected by hand", "手工改了一个金额")
def _amount_changed(export: Export) -> Files | None:
    place = _money(export)
    middle = len(export.data) // 2
    if place is None or not _cents(export.data[middle][place]):
        return None
    row = list(export.data[middle])
    row[place] = re.sub(r"\d", "7", row[place], count=1) if "7" not in row[place] else "1.23"
    return _one(export, data=(*export.data[:middle], tuple(row), *export.data[middle + 1 :]))


_AMOUNTS = (
    "买家实际支付金额", "买家实付金额", "商家实收金额(元)", "收支金额(元)", "应结订单金额", "amount",
    "收入金额（+元）", "收入（+元）", "贷方发生额（收入）", "贷方发生额", "贷方金额", "收入",
)  # fmt: skip


def _money(export: Export) -> int | None:
    return export.column(*_AMOUNTS)


def _cents(cell: str) -> int:
    bare = cell.strip("\t` ").replace(",", "")
    return round(float(bare) * 100) if re.fullmatch(r"[+-]?\d+(\.\d+)?", bare) else 0


# -- columns --------------------------------------------------------------------------------------


def _columns(export: Export, order: list[int]) -> Files:
    def picked(row: tuple[str, ...]) -> tuple[str, ...]:
        padded = (*row, *("",) * len(export.header))
        return tuple(padded[place] for place in order)

    return _one(export, header=picked(export.header), data=tuple(map(picked, export.data)))


@handling("the columns in another order", "各列换了顺序")
def _columns_moved(export: Export) -> Files:
    return _columns(export, list(range(len(export.header)))[::-1])


@handling("a column of one's own added", "加了一列自己的备注")
def _column_added(export: Export) -> Files:
    return _one(
        export,
        header=(*export.header, "我的备注"),
        data=tuple((*row, "已查") for row in export.data),
    )


@handling("the column of texts deleted", "删掉文字列")
def _texts_deleted(export: Export) -> Files | None:
    place = export.column(
        "备注", "摘要", "附言", "用途", "买家留言", "商品名称", "商品", "channel", "业务描述",
        "物流单号", "对方户名", "对方单位名称",
    )  # fmt: skip
    if place is None:
        return None
    return _columns(export, [one for one in range(len(export.header)) if one != place])


@handling("the amount column deleted", "删掉金额列")
def _amount_deleted(export: Export) -> Files | None:
    place = _money(export)
    if place is None:
        return None
    return _columns(export, [one for one in range(len(export.header)) if one != place])


@handling("headers with full-width brackets and blanks", "表头括号改为全角并带空格")
def _wide_headers(export: Export) -> Files:
    header = tuple(cell.replace("(", "（").replace(")", "） ") for cell in export.header)
    return _one(export, header=header)


@handling("headers with half-width brackets", "表头括号改为半角")
def _narrow_headers(export: Export) -> Files:
    return _one(export, header=tuple(unicodedata.normalize("NFKC", cell) for cell in export.header))


# -- files ----------------------------------------------------------------------------------------


def _halves(export: Export) -> tuple[Export, Export]:
    middle = max(1, len(export.data) // 2)
    return export.with_data(export.data[:middle]), export.with_data(export.data[middle:])


def _named(export: Export, part: str) -> tuple[str, bytes]:
    stem, dot, suffix = export.name.rpartition(".")
    return f"{stem}-{part}{dot}{suffix}", export.to_bytes()


@handling("split in two, each with its header", "拆成两个文件，各带表头")
def _split(export: Export) -> Files:
    first, second = _halves(export)
    return [_named(first, "1"), _named(second, "2")]


@handling("its parts joined again, with the second header", "拆分后合并，含第二个表头")
def _joined(export: Export) -> Files | None:
    if export.is_book:
        return None
    first, second = _halves(export)
    return [(export.name, first.to_bytes() + second.to_bytes())]


@handling("the same file in the inbox twice", "同一文件放了两次")
def _twice(export: Export) -> Files:
    return [_named(export, "a"), _named(export, "b")]


@handling("exported again later, with more rows", "之后再次导出，行数更多")
def _again_more(export: Export) -> Files:
    first, _second = _halves(export)
    return [_named(first, "old"), _named(export, "new")]


@handling("exported again later, with other texts", "之后再次导出，文字不同")
def _again_other_texts(export: Export) -> Files | None:
    place = export.column("备注", "摘要", "附言", "商品名称", "商品", "业务描述", "channel")
    if place is None or place >= len(export.header):
        return None
    data = tuple(
        (*row[:place], row[place] and "shop" if "channel" in export.header else "新的备注",
         *row[place + 1 :])
        for row in export.data
    )  # fmt: skip
    return [_named(export, "old"), _named(export.with_data(data), "new")]


@handling("beside the same file saved again by Excel", "与 Excel 另存的同一文件放在一起")
def _beside_excel(export: Export) -> Files:
    ((_name, content),) = _excel(export)  # type: ignore[misc]
    stem = export.name.rpartition(".")[0]
    return [(export.name, export.to_bytes()), (f"{stem}-另存.csv", content)]


@handling("packed in a zip with names in GBK", "压缩包内文件名为 GBK")
def _zipped(export: Export) -> Files:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("账单".encode("gb18030").decode("cp437") + "_" + "1.csv")
        archive.writestr(info, export.to_bytes())
    return [("packed.zip", buffer.getvalue())]


def _cut(share: float) -> Handle:
    def cut(export: Export) -> Files:
        content = export.raw if not export.is_book else export.to_bytes()
        return [(export.name, content[: int(len(content) * share)])]

    return cut


for _number, _share in enumerate((0.35, 0.6, 0.85, 0.97), start=1):
    HANDLINGS[f"cut-{_number}"] = Handling(
        name=f"cut-{_number}",
        english=f"the download cut off after {_share:.0%}",
        chinese=f"下载到 {_share:.0%} 处中断",
        handle=_cut(_share),
    )


@handling("the last line end lost", "末尾换行丢失")
def _last_line_end(export: Export) -> Files | None:
    return None if export.is_book else [(export.name, export.raw.rstrip(b"\r\n"))]


@handling("cut within the last cell", "在最后一格中间截断")
def _cut_in_last_cell(export: Export) -> Files | None:
    return None if export.is_book else [(export.name, export.raw.rstrip(b"\r\n")[:-2])]
