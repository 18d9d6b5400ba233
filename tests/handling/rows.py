"""Rows that somebody sorted, filtered, deleted, entered or changed."""

from __future__ import annotations

import re

from tests.handling.catalogue import Handled, Why, handling, one
from tests.handling.exports import Export, to_book

FEW = 2  # lines below which nothing stands in the middle
_AMOUNTS = (
    "买家实际支付金额", "买家实付金额", "商家实收金额(元)", "商家实收金额（元）", "收支金额(元)",
    "应结订单金额", "申请退款金额", "退款金额", "总金额", "amount", "收入金额（+元）",
    "收入金额(+元)",
    "收入金额(元)", "收入金额（元）", "支出金额(元)", "支出金额", "收入（+元）", "收入",
    "贷方发生额（收入）", "贷方发生额/元(收入)", "贷方发生额", "贷方金额", "转入金额", "贷",
    "入帐金额", "入账金额", "交易金额", "商品总价(元)",
)  # fmt: skip


def money(export: Export) -> int | None:
    """The place of the column of amounts: of those that come in, where they have their own."""
    for name in _AMOUNTS:
        place = export.column(name)
        if place is not None and any(_cents(row[place]) for row in export.data if place < len(row)):
            return place
    return None


def _cents(cell: str) -> int:
    text = cell.strip("\t` ¥").replace(",", "")
    return round(float(text) * 100) if re.fullmatch(r"[+-]?\d+(\.\d+)?", text) else 0


@handling("sorted by another column", "按其他列排序")
def _sorted(export: Export) -> Handled:
    if len(export.data) < FEW:
        return Why.FEW
    place = min(4, len(export.header) - 1)
    return one(export, data=tuple(sorted(export.data, key=lambda row: row[place : place + 1])))


@handling("turned round", "倒序排列")
def _reversed(export: Export) -> Handled:
    return Why.FEW if len(export.data) < FEW else one(export, data=export.data[::-1])


@handling("filtered, and the workbook saved with hidden rows", "筛选后保存（含隐藏行）")
def _hidden_rows(export: Export) -> Handled:
    if len(export.data) < FEW:
        return Why.FEW
    first = len(export.above) + 1
    hidden = frozenset(range(first + 1, first + len(export.data), 2))
    return [(export.name.rpartition(".")[0] + ".xlsx", to_book(export.rows, hidden))]


@handling("filtered, and only what is seen copied", "筛选后只复制可见行")
def _filtered(export: Export) -> Handled:
    return Why.FEW if len(export.data) < FEW else one(export, data=export.data[::2])


@handling("the first row deleted", "删掉第一行数据")
def _without_first(export: Export) -> Handled:
    return one(export, data=export.data[1:])


@handling("a row deleted in the middle", "删掉中间一行")
def _without_middle(export: Export) -> Handled:
    middle = len(export.data) // 2
    if not 0 < middle < len(export.data) - 1:
        return Why.FEW
    return one(export, data=export.data[:middle] + export.data[middle + 1 :])


@handling("the last row deleted", "删掉最后一行")
def _without_last(export: Export) -> Handled:
    return Why.FEW if len(export.data) < FEW else one(export, data=export.data[:-1])


@handling("a row entered twice", "某一行重复录入")
def _row_twice(export: Export) -> Handled:
    middle = len(export.data) // 2
    return one(export, data=export.data[: middle + 1] + export.data[middle:])


@handling("a total row typed below", "下面手工加合计行")
def _total_typed(export: Export) -> Handled:
    place = money(export)
    cells = [""] * len(export.header)
    cells[0] = "合计"
    if place:
        total = sum(_cents(row[place]) for row in export.data if place < len(row))
        cells[place] = f"{total / 100:.2f}"
    return one(export, below=(*export.below, tuple(cells)))


@handling("a note typed below", "下面手工加备注")
def _note_typed(export: Export) -> Handled:
    return one(export, below=(*export.below, ("以上已核对 王会计",)))


@handling("a title typed above", "上面手工加标题")
def _note_above(export: Export) -> Handled:
    return one(export, above=(("2026年账单",), *export.above))


@handling("blank rows between", "中间插入空行")
def _blank_rows(export: Export) -> Handled:
    blank = ("",) * len(export.header)
    return one(export, data=tuple(cells for row in export.data for cells in (row, blank)))


@handling("an amount changed by hand", "手工改了一个金额")
def _amount_changed(export: Export) -> Handled:
    changed = with_amount_changed(export)
    return changed if isinstance(changed, Why) else one(changed)


def with_amount_changed(export: Export) -> Export | Why:
    """One amount in the middle is another."""
    place = money(export)
    if place is None:
        return Why.NO_COLUMN
    middle = len(export.data) // 2
    order = (*range(middle, len(export.data)), *range(middle))
    at = next(
        (n for n in order if place < len(export.data[n]) and _cents(export.data[n][place])), None
    )
    if at is None:
        return Why.NO_COLUMN
    row = list(export.data[at])
    row[place] = re.sub(r"\d", lambda digit: "8" if digit[0] == "7" else "7", row[place], count=1)
    return export.with_data((*export.data[:at], tuple(row), *export.data[at + 1 :]))
