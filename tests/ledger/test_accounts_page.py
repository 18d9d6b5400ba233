"""The tables of docs/accounts.md are the shipped chart as the catalogue has it.

`BEANCLEAR_WRITE_DOCS=1` writes the tables of both pages anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from beanclear.ledger import catalogue, chart
from beanclear.ledger.chart_codes import in_standard
from beanclear.ledger.i18n import Language

ROOT = Path(__file__).parents[2]
PAGES: dict[Language, Path] = {
    "en": ROOT / "docs" / "accounts.md",
    "zh": ROOT / "docs" / "accounts.zh.md",
}
# Headings of the two tables, and those of their columns.
TEXTS: dict[Language, tuple[str, str, tuple[str, str, str, str]]] = {
    "en": (
        "The usual chart",
        "Accounts that postings make by platform, wallet, bank and shop",
        ("account", "小企业会计准则", "企业会计准则", "called"),
    ),
    "zh": (
        "常用科目表",
        "按平台、钱包、银行和店铺生成的科目",
        ("账户", "小企业会计准则", "企业会计准则", "名称"),
    ),
}
MADE = (
    "Assets:Bank:CCB:8826", "Assets:Wallet:Alipay:2512", "Assets:Internal:Alipay:2512",
    "Assets:Transit:Alipay", "Assets:Transit:Conversion:Alipay", "Assets:Receivable:Tmall",
    "Assets:Prepaid:Advertising:Alipay", "Assets:Deposits:Alipay", "Assets:Reserved:Alipay",
    "Assets:Suspense:CCB:8826", "Liabilities:Advances:Tmall", "Income:Sales:Tmall",
)  # fmt: skip


def tables(language: Language) -> str:
    usual, made, headings = TEXTS[language]
    small, enterprise = catalogue.rows("small"), catalogue.rows("enterprise")
    names = sorted(
        {*small, *enterprise},
        key=lambda name: ((small.get(name) or enterprise[name]).code, name),
    )
    lines = [f"| {' | '.join(headings)} |", "|---|---|---|---|"]
    for name in names:
        rows = [table.get(name) for table in (small, enterprise)]
        called = dict.fromkeys(row.chinese if language == "zh" else f"{row.chinese}, {row.english}"
                               for row in rows if row)  # fmt: skip
        codes = " | ".join(row.code if row else "" for row in rows)
        lines.append(f"| `{name}` | {codes} | {'; '.join(called)} |")
    more = [f"| {' | '.join(headings)} |", "|---|---|---|---|"]
    for name in MADE:
        spec = chart.spec(name)
        other = in_standard("enterprise", spec)
        called = dict.fromkeys((spec.chinese, other.chinese))
        more.append(f"| `{name}` | {spec.code} | {other.code} | {'; '.join(called)} |")
    parts = (f"## {usual}", "\n".join(lines), f"## {made}", "\n".join(more))
    return "\n\n".join(parts) + "\n"


@pytest.mark.parametrize("language", PAGES)
def test_the_page_lists_the_catalogue(language: Language) -> None:
    path = PAGES[language]
    head, mark, _tables = path.read_text("utf-8").partition("## ")
    if os.environ.get("BEANCLEAR_WRITE_DOCS"):
        path.write_text(head + tables(language), "utf-8")
    assert mark
    assert path.read_text("utf-8") == head + tables(language)
