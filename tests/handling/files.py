"""Files that were split, joined, packed, cut off, exported again or put beside others."""

from __future__ import annotations

import datetime
import gzip
import io
import re
import zipfile
from dataclasses import replace

from tests.handling.catalogue import (
    HANDLINGS,
    Beside,
    Files,
    Handle,
    Handled,
    Handling,
    Why,
    handling,
    named,
)
from tests.handling.columns import TEXTS
from tests.handling.exports import Export, read_export, statement_of
from tests.handling.rows import FEW, with_amount_changed
from tests.handling.saving import excel
from tests.handling.totals import retotalled

_SHARES = (0.35, 0.6, 0.85, 0.97)
_DECLARED = r"(?:日期|时间)[:：]\s*\[?)(\d{4}.\d\d.\d\d日? \d\d:\d\d:\d\d)"
_BEGIN, _END = (re.compile(f"({word}{_DECLARED}") for word in ("起始", "终止"))


def _halves(export: Export) -> tuple[Export, Export]:
    middle = max(1, len(export.data) // 2)
    return export.with_data(export.data[:middle]), export.with_data(export.data[middle:])


@handling("split in two, each with its header", "拆成两个文件，各带表头")
def _split(export: Export) -> Handled:
    if len(export.data) < FEW:
        return Why.FEW
    first, second = _halves(export)
    return [named(first, "1"), named(second, "2")]


@handling("split in two, the second without a header", "拆成两个文件，第二个没有表头")
def _split_bare(export: Export) -> Handled:
    if len(export.data) < FEW:
        return Why.FEW
    first, second = _halves(export)
    bare = replace(second, above=(), header=second.data[0], data=second.data[1:])
    return [named(replace(first, below=()), "1"), named(bare, "2")]


@handling("its parts joined again, with the second header", "拆分后合并，含第二个表头")
def _joined(export: Export) -> Handled:
    if len(export.data) < FEW:
        return Why.FEW
    first, second = _halves(export)
    joined = (*first.data, *first.below, *second.above, second.header, *second.data)
    return [(export.name, export.with_data(joined).to_bytes())]


@handling("its parts joined again, without the second header", "拆分后合并，不含第二个表头")
def _joined_bare(export: Export) -> Handled:
    if len(export.data) < FEW:
        return Why.FEW
    first, second = _halves(export)
    joined = (*first.data, *first.below, *second.data)
    return [(export.name, export.with_data(joined).to_bytes())]


@handling("the same file in the inbox twice", "同一文件放了两次")
def _twice(export: Export) -> Handled:
    return [named(export, "a"), named(export, "b")]


@handling("exported again later, with more rows", "之后再次导出，行数更多")
def _again_more(export: Export) -> Handled:
    if len(export.data) < FEW:
        return Why.FEW
    early = retotalled(_halves(export)[0])
    return early if isinstance(early, Why) else [named(early, "old"), named(export, "new")]


@handling("exported again later, with fewer rows", "之后再次导出，行数更少")
def _again_fewer(export: Export) -> Handled:
    middle = len(export.data) // 2
    if not 0 < middle < len(export.data) - 1:
        return Why.FEW
    fewer = retotalled(export.with_data(export.data[:middle] + export.data[middle + 1 :]))
    return fewer if isinstance(fewer, Why) else [named(export, "old"), named(fewer, "new")]


@handling("exported again later, an amount corrected", "之后再次导出，一个金额已更正")
def _again_corrected(export: Export) -> Handled:
    changed = with_amount_changed(export)
    if not isinstance(changed, Why):
        changed = retotalled(changed)
    return changed if isinstance(changed, Why) else [named(export, "old"), named(changed, "new")]


@handling("exported again later, with other texts", "之后再次导出，文字不同")
def _again_other_texts(export: Export) -> Handled:
    place = export.column(*TEXTS)
    if place is None:
        return Why.NO_COLUMN
    text = "shop" if "channel" in export.header else "新的备注"
    data = tuple(
        (*row[:place], row[place] and text, *row[place + 1 :]) if place < len(row) else row
        for row in export.data
    )
    return [named(export, "old"), named(export.with_data(data), "new")]


@handling("exported for half a day at its end", "最后一天只导出半天")
def _half_day(export: Export) -> Handled:
    parts = _until_half_a_day(export)
    if isinstance(parts, Why):
        return parts
    first = retotalled(parts[0])
    return first if isinstance(first, Why) else [(first.name, first.to_bytes())]


@handling("exported for half a day, and the rest later", "先导出半天，其余之后再导出")
def _half_day_and_rest(export: Export) -> Handled:
    parts = _until_half_a_day(export)
    if isinstance(parts, Why):
        return parts
    first, rest = retotalled(parts[0]), retotalled(parts[1])
    if isinstance(first, Why) or isinstance(rest, Why):
        return Why.TOTALS
    return [named(first, "1"), named(rest, "2")]


def _until_half_a_day(export: Export) -> tuple[Export, Export] | Why:
    """The lines before, and those from the middle of its last busy day on."""
    statement = statement_of(export)
    if statement.declared_last is not None and not any(
        _END.search("".join(row)) for row in export.above
    ):
        return Why.WHOLE_DAYS
    records = statement.records
    moments = dict(zip(records["row"].to_pylist(), records["occurred_at"].to_pylist(), strict=True))
    first_row = len(export.above) + 2
    whens = [moments.get(first_row + place) for place in range(len(export.data))]
    days: dict[datetime.date, list[datetime.datetime]] = {}
    for when in whens:
        if when is not None:
            days.setdefault(when.date(), []).append(when)
    busy = [day for day in sorted(days) if len(set(days[day])) > 1]
    if None in whens or not busy:
        return Why.SINGLE
    last = sorted(set(days[busy[-1]]))
    middle = last[len(last) // 2]
    pairs = [(row, when) for row, when in zip(export.data, whens, strict=True) if when is not None]
    before = tuple(row for row, when in pairs if when < middle)
    after = tuple(row for row, when in pairs if when >= middle)
    until = middle - datetime.timedelta(seconds=1)
    return (
        _declaring(export.with_data(before), _END, until),
        _declaring(export.with_data(after), _BEGIN, middle),
    )


def _declaring(export: Export, end: re.Pattern[str], moment: datetime.datetime) -> Export:
    """The export with one end of its period, where it declares one, at a moment."""

    def changed(found: re.Match[str]) -> str:
        digits = iter(f"{moment:%Y%m%d%H%M%S}")
        return found[1] + re.sub(r"\d", lambda _digit: next(digits), found[2])

    above = tuple(tuple(end.sub(changed, cell) for cell in row) for row in export.above)
    return replace(export, above=above)


@handling("beside the same file saved again by Excel", "与 Excel 另存的同一文件放在一起")
def _beside_excel(export: Export) -> Handled:
    ((_name, content),) = excel(export)
    stem = export.name.rpartition(".")[0]
    return [(export.name, export.to_bytes()), (f"{stem}-另存.csv", content)]


@handling("two shops' or accounts' files in one folder", "两个店铺或账户的文件放在同一文件夹")
def _two_accounts(export: Export) -> Handled:
    account = statement_of(export).account
    if export.beside is not None:
        first, rest = export, read_export(export.beside, export.config)
    elif len(export.data) < FEW:
        return Why.FEW
    else:
        parts = tuple(map(retotalled, _halves(export)))
        if any(isinstance(part, Why) for part in parts):
            return Why.TOTALS
        first, rest = (part for part in parts if not isinstance(part, Why))
    here, there = named(first, "1"), named(_of_other_account(rest, account), "2")
    right = [here, ("shop2/" + there[0], there[1])]
    return Beside(right=right, files=[here, there], shops=("shop2",))


def _of_other_account(export: Export, account: str) -> Export:
    """The export as another account's, where it states its account."""
    if not account.isdigit():
        return export
    other = account[:-1] + str((int(account[-1]) + 3) % 10)
    named_so = replace(export, name=export.name.replace(account, other))
    return named_so.mapped(lambda cell: cell.replace(account, other))


@handling("packed in a zip with names in GBK", "压缩包内文件名为 GBK")
def _zip_gbk(export: Export) -> Handled:
    return _zipped(export, "账单_1".encode("gb18030").decode("cp437"))


@handling("packed in a zip with names in UTF-8", "压缩包内文件名为 UTF-8")
def _zip_utf8(export: Export) -> Handled:
    return _zipped(export, "账单_1")


@handling("packed in a zip with names in plain letters", "压缩包内文件名为字母")
def _zip_ascii(export: Export) -> Handled:
    return _zipped(export, "bill_1")


def _zipped(export: Export, name: str) -> Files:
    buffer = io.BytesIO()
    suffix = export.name.rpartition(".")[2]
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(f"{name}.{suffix}"), export.to_bytes())
    return [(export.name.rpartition(".")[0] + ".zip", buffer.getvalue())]


@handling("packed with gzip", "用 gzip 压缩")
def _gzipped(export: Export) -> Handled:
    return [(export.name + ".gz", gzip.compress(export.to_bytes(), mtime=0))]


@handling("renamed", "文件改名")
def _renamed(export: Export) -> Handled:
    return [("账单." + export.name.rpartition(".")[2], export.to_bytes())]


def _cut(share: float) -> Handle:
    def cut(export: Export) -> Handled:
        return [(export.name, export.raw[: int(len(export.raw) * share)])]

    return cut


for _number, _share in enumerate(_SHARES, start=1):
    HANDLINGS[f"cut-{_number}"] = Handling(
        name=f"cut-{_number}",
        english=f"the download cut off after {_share:.0%}",
        chinese=f"下载到 {_share:.0%} 处中断",
        handle=_cut(_share),
        group="files",
    )


@handling("the download cut off after a whole row", "下载恰好在一行末尾中断")
def _cut_after_row(export: Export) -> Handled:
    if export.is_book:
        return Why.BOOK
    middle = len(export.data) // 2 + 1
    if middle >= len(export.data) + bool(export.below):
        return Why.FEW
    return [(export.name, replace(export.with_data(export.data[:middle]), below=()).to_bytes())]


@handling("the last line end lost", "末尾换行丢失")
def _last_line_end(export: Export) -> Handled:
    return Why.BOOK if export.is_book else [(export.name, export.raw.rstrip(b"\r\n"))]


@handling("cut within the last cell", "在最后一格中间截断")
def _cut_in_last_cell(export: Export) -> Handled:
    return Why.BOOK if export.is_book else [(export.name, export.raw.rstrip(b"\r\n")[:-2])]
