"""The totals of an export whose rows were changed, as the platform would state them."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.handling.catalogue import Why
from tests.handling.exports import Export, Rows, statement_of


def retotalled(export: Export) -> Export | Why:
    """The export with the totals that its own rows give, where they can be written."""
    below = export.below
    for control in statement_of(export).controls:
        figure = str(control.found) if control.counts else f"{control.found / 100:.2f}"
        below = _in_columns(_in_sentences(below, control.name, figure), control.name, figure)
    changed = replace(export, below=below)
    good = all(control.agrees for control in statement_of(changed).controls)
    return changed if good else Why.TOTALS


def _in_columns(below: Rows, name: str, figure: str) -> Rows:
    """A row of figures below a row of names: WeChat Pay's."""
    rows = list(below)
    for place, names in enumerate(below[:-1]):
        if name in names:
            figures = list(below[place + 1])
            figures[names.index(name)] = "`" + figure
            rows[place + 1] = tuple(figures)
    return tuple(rows)


def _in_sentences(below: Rows, name: str, figure: str) -> Rows:
    """`#支出合计：39笔，共-721.86元`: Alipay's."""
    side, count = name[:2], name.endswith("笔数")
    pattern = re.compile(rf"(#{side}合计[:：])(\d+)(笔.共)([-\d.]+)(元)")
    written = rf"\g<1>{figure}\3\4\5" if count else rf"\1\2\g<3>{figure}\5"
    return tuple(tuple(pattern.sub(written, cell) for cell in row) for row in below)
