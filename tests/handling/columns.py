"""Columns that somebody moved, added, deleted or named otherwise."""

from __future__ import annotations

import unicodedata

from tests.handling.catalogue import Handled, Why, handling, one
from tests.handling.exports import Export
from tests.handling.rows import money

TEXTS = (
    "备注", "摘要", "附言", "用途", "买家留言", "商品名称", "商品", "channel", "业务描述",
    "物流单号", "对方户名", "对方单位名称", "宝贝标题", "交易附言", "标题", "Reference",
)  # fmt: skip


def _columns(export: Export, order: list[int]) -> Handled:
    def picked(row: tuple[str, ...]) -> tuple[str, ...]:
        padded = (*row, *("",) * len(export.header))
        return tuple(padded[place] for place in order)

    return one(export, header=picked(export.header), data=tuple(map(picked, export.data)))


def _without(export: Export, place: int | None) -> Handled:
    if place is None:
        return Why.NO_COLUMN
    return _columns(export, [other for other in range(len(export.header)) if other != place])


@handling("the columns in another order", "各列换了顺序")
def _columns_moved(export: Export) -> Handled:
    return _columns(export, list(range(len(export.header)))[::-1])


@handling("a column of one's own added", "加了一列自己的备注")
def _column_added(export: Export) -> Handled:
    data = tuple(
        (*row, *("",) * (len(export.header) - len(row)), "已查")[: len(row) + 1]
        for row in export.data
    )
    return one(export, header=(*export.header, "我的备注"), data=data)


@handling("the column of texts deleted", "删掉文字列")
def _texts_deleted(export: Export) -> Handled:
    return _without(export, export.column(*TEXTS))


@handling("the amount column deleted", "删掉金额列")
def _amount_deleted(export: Export) -> Handled:
    return _without(export, money(export))


@handling("headers with full-width brackets and blanks", "表头括号改为全角并带空格")
def _wide_headers(export: Export) -> Handled:
    header = tuple(cell.replace("(", "（").replace(")", "） ") for cell in export.header)
    return Why.NO_BRACKETS if header == export.header else one(export, header=header)


@handling("headers with half-width brackets", "表头括号改为半角")
def _narrow_headers(export: Export) -> Handled:
    header = tuple(unicodedata.normalize("NFKC", cell) for cell in export.header)
    return Why.NO_BRACKETS if header == export.header else one(export, header=header)
