"""A small table with everything a renderer must treat with care."""

from __future__ import annotations

import datetime

from beanclear.ledger.statements.table import Column, Kind, Row, Style, Table

HOSTILE = '=HYPERLINK("http://evil.example","x")<script>alert(1)</script>'

TABLE = Table(
    name="demo",
    title="资产负债表",
    form="会小企01表",
    currency="CNY",
    header=(("编制单位", "杭州清账商贸有限公司"), ("单位", "元")),
    columns=(
        Column(name="item", heading="项目"),
        Column(name="line", heading="行次", kind=Kind.COUNT),
        Column(name="amount", heading="期末余额", kind=Kind.MONEY),
        Column(name="rate", heading="费率", kind=Kind.RATE),
        Column(name="day", heading="日期", kind=Kind.DATE),
    ),
    rows=(
        Row(cells=("流动资产：", None, None, None, None), style=Style.HEADING),
        Row(cells=(HOSTILE, 1, 123456, 6000, datetime.date(2026, 8, 31))),
        Row(cells=("其中：原材料", 2, -50, None, None), style=Style.PART),
        Row(cells=("日元", 3, 1500, None, None), currency="JPY"),
        Row(cells=("合计", 4, 123406, None, None), style=Style.TOTAL, adds=((1, 1), (1, 2))),
        Row(cells=("不是合计", 5, 1, None, None), style=Style.TOTAL, adds=((1, 1), (-1, 2))),
    ),
    notes=("注：按明细科目列报",),
    checks={"资产减负债": 0},
)
