"""docs/messages.md is what the catalogue of faults says; every code of it has its line.

`BEANCLEAR_WRITE_DOCS=1` writes both pages anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from beanclear.importers.faults import CATALOGUE
from beanclear.ledger.i18n import Language, translator

ROOT = Path(__file__).parents[2]
PAGES: dict[Language, Path] = {
    "en": ROOT / "docs" / "messages.md",
    "zh": ROOT / "docs" / "messages.zh.md",
}
CODE = re.compile(r'(?:fault|refusal)\(\s*"([a-z-]+)"|code="([a-z-]+)"|^ +\("([a-z]+-[a-z-]+)", ')
AGAIN = "export it again; to book it as it is: beanclear run --accept %(file)s"
# What is found outside of the importers' catalogue, in the words of the code.
MORE: dict[str, tuple[str, str]] = {
    "personal-statement": (
        "this is a private person's statement, not a merchant's",
        "download 账务明细 at b.alipay.com (商家平台, 对账中心)",
    ),
    "control-total": ("%(name)s says %(stated)s, its rows give %(found)s", AGAIN),
    "broken-chain": ("its running balance does not follow from its amounts", AGAIN),
    "lost-rows": ("%(read)d rows were read, %(used)d used", AGAIN),
}
INTRODUCTION: dict[Language, tuple[str, str, tuple[str, str, str]]] = {
    "en": (
        "What can be wrong with a file",
        "`beanclear run` books a file wholly or not at all. A file with one of these faults stays\n"
        "in the inbox, nothing of it is booked, every other file is, and the run ends with 1.\n"
        "Each message reads `file:row: what is wrong: what to do`; `run --json` gives the code.\n"
        "A file that only contradicts itself can be booked by name with\n"
        "`beanclear run --accept FILE --by NAME`, which the books keep and show.",
        ("code", "what is wrong", "what to do"),
    ),
    "zh": (
        "文件可能有哪些问题",
        "`beanclear run` 要么把一个文件全部入账，要么完全不入账。有下列问题的文件留在 inbox，\n"
        "不入账；其他文件照常入账，命令以 1 结束。每条提示的格式是“文件:行: 哪里有问题: 怎么办”；\n"
        "`run --json` 会给出代码。自相矛盾的文件可以由会计指名入账：\n"
        "`beanclear run --accept 文件 --by 姓名`，账簿会记录并显示是谁接受的。",
        ("代码", "哪里有问题", "怎么办"),
    ),
}


def page(language: Language) -> str:
    say = translator(language).gettext
    title, text, headings = INTRODUCTION[language]

    def shown(message: str) -> str:
        return re.sub(r"%\(\w+\)[rsd]", "…", say(message)).replace("%%", "%").replace("|", "\\|")

    rows = [
        f"| `{code}` | {shown(what)} | {shown(todo)} |"
        for code, (what, todo) in sorted({**CATALOGUE, **MORE}.items())
    ]
    table = [f"| {' | '.join(headings)} |", "|---|---|---|", *rows]
    return "\n".join([f"# {title}", "", text, "", *table, ""])


@pytest.mark.parametrize("language", PAGES)
def test_the_page_is_up_to_date(language: Language) -> None:
    if os.environ.get("BEANCLEAR_WRITE_DOCS"):
        PAGES[language].write_text(page(language), encoding="utf-8")
    assert PAGES[language].read_text("utf-8") == page(language)


def test_every_code_is_on_the_page() -> None:
    sources = [*ROOT.glob("importers/*.py"), ROOT / "cli" / "intake.py"]
    used = {
        next(filter(None, found))
        for path in sources
        for line in [path.read_text("utf-8")]
        for found in CODE.findall(line)
    }
    assert used - set(CATALOGUE) - set(MORE) == set()


def test_what_is_not_in_the_catalogue_is_in_the_code() -> None:
    code = "".join(path.read_text("utf-8") for path in ROOT.glob("importers/*.py"))
    code += (ROOT / "cli" / "intake.py").read_text("utf-8")
    assert [text for pair in MORE.values() for text in pair if text not in code] == []
