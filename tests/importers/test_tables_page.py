"""docs/tables.md is what the model of `[[tables]]` says, and its examples are read as they stand.

`BEANCLEAR_WRITE_DOCS=1` writes both pages anew.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from beanclear.importers.registry import read_document
from beanclear.ledger.config import Config
from beanclear.ledger.i18n import Language, translator
from beanclear.ledger.records import COMES_IN, GOES_OUT, Kind
from beanclear.ledger.table_columns import OF_LINES, OF_ORDERS, FeeColumn, TableColumns
from beanclear.ledger.table_mapping import TableMapping
from tests.importers.mapped_examples import EXAMPLES, Example

ROOT = Path(__file__).parents[2]
PAGES: dict[Language, Path] = {
    "en": ROOT / "docs" / "tables.md",
    "zh": ROOT / "docs" / "tables.zh.md",
}
INTRODUCTION: dict[Language, str] = {
    "en": """\
# Tables that no importer knows

[中文](tables.zh.md)

A `[[tables]]` section in `beanclear.toml` says how a CSV or XLSX file of any bank, wallet or
platform is read. `beanclear tables new FILE` proposes one from the file's head, with what it is
not sure of as comments; `--write` adds it to `beanclear.toml`. A mapping never guesses:

- Each kind has the directions its money may go. A refund that would come in, a fee that would be
  earned, is a fault of its row.
- A word of a direction, of a state of orders, or a date or amount that does not fit is a fault
  that names the key. Unknown kinds are `other`.
- Rows that `keep` and `leave_out` take out are counted, and `run` says how many and why.
- Where the table has a running balance, name it: it proves every sign. So does `net` for fees.

A header that stands twice is `Amount` and `Amount#2`. Kinds of lines are listed below; what they
mean is said in [records.py](../ledger/records.py).
""",
    "zh": """\
# 没有专用导入器的表格

[English](tables.md)

`beanclear.toml` 里的一段 `[[tables]]` 说明如何读取任意银行、钱包或平台的 CSV、XLSX 文件。
`beanclear tables new 文件` 根据文件开头给出建议，拿不准的地方写成注释；
`--write` 会写入 `beanclear.toml`。映射从不猜测：

- 每种类型的钱只能朝规定的方向走。会流入的退款、变成收入的费用，都是该行的错误。
- 收支方向、订单状态中没有列出的词，以及不合格式的日期、金额都是错误，提示中会指出对应的键。
  未列出的类型记为 `other`。
- `keep`、`leave_out` 剔除的行会计数，`run` 会说明剔除了几行、为什么。
- 表里有余额列就写上：它能证明每一笔的正负号；`net` 对手续费起同样的作用。

同名的表头依次写作 `金额`、`金额#2`。明细的类型见下文，含义见 [records.py](../ledger/records.py)。
""",
}
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "table": "Keys of `[[tables]]`",
        "columns": "Keys of `[tables.columns]`: which header holds what",
        "fees": "Keys of `[[tables.fees]]`",
        "kinds": "Kinds",
        "examples": "Examples",
        "key": "key",
        "says": "says",
        "default": "left out",
        "example": "example",
        "needed": "needed",
        "of": "read of",
        "lines": "lines",
        "orders": "orders",
        "both": "both",
        "kind": "kind",
        "way": "money",
        "in": "comes in",
        "out": "goes out",
        "any": "both ways",
        "unmapped": (
            "Not mapped yet: amounts in minor units without a decimal mark and fees whose\n"
            "direction has a column of its own (PayPal STL), amounts in the text of a title\n"
            "(Etsy's deposits), a kind made of two columns, and lines that take a currency or a\n"
            "date from a summary row above (Amazon V2)."
        ),
    },
    "zh": {
        "table": "`[[tables]]` 的键",
        "columns": "`[tables.columns]` 的键：哪个表头是什么",
        "fees": "`[[tables.fees]]` 的键",
        "kinds": "类型",
        "examples": "示例",
        "key": "键",
        "says": "含义",
        "default": "省略时",
        "example": "示例",
        "needed": "必填",
        "of": "用于",
        "lines": "明细",
        "orders": "订单",
        "both": "两者",
        "kind": "类型",
        "way": "资金方向",
        "in": "流入",
        "out": "流出",
        "any": "两个方向",
        "unmapped": (
            "尚不能映射：没有小数点、以最小货币单位书写的金额和方向另有一列的手续费\n"
            "（PayPal STL），写在标题文字里的金额（Etsy 的提现），由两列共同决定的类型，\n"
            "以及币种或日期要从上方汇总行继承的明细（Amazon V2）。"
        ),
    },
}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(field: FieldInfo, needed: str) -> str:
    if field.is_required():
        return needed
    value: Any = field.get_default(call_default_factory=True)
    if value is None or value is PydanticUndefined or value in ((), {}):
        return ""
    shown = str(value).lower() if isinstance(value, bool | int) else f'"{value}"'
    return f"`{shown}`"


def _rows(model: type[BaseModel], language: Language) -> Iterator[list[str]]:
    say = translator(language).gettext
    for name, field in model.model_fields.items():
        assert field.description, name
        assert field.examples, name
        yield [
            f"`{name}`",
            _cell(say(field.description)),
            _default(field, WORDS[language]["needed"]),
            f"`{_cell(field.examples[0])}`",
        ]


def _table(headings: list[str], rows: Iterator[list[str]]) -> list[str]:
    lines = (f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in rows)
    return [f"| {' | '.join(headings)} |", "|---" * len(headings) + "|", *lines]


def _column_rows(language: Language) -> Iterator[list[str]]:
    words = WORDS[language]
    for cells in _rows(TableColumns, language):
        name = cells[0].strip("`")
        of = "lines" if name in OF_LINES else "orders" if name in OF_ORDERS else "both"
        yield [cells[0], cells[1], words[of], cells[3]]


def _kind_rows(language: Language) -> Iterator[list[str]]:
    words = WORDS[language]
    for kind in Kind:
        way = "in" if kind in COMES_IN else "out" if kind in GOES_OUT else "any"
        yield [f"`{kind}`", words[way]]


def page(language: Language) -> str:
    words = WORDS[language]
    heads = [words[name] for name in ("key", "says", "default", "example")]
    lines = [
        INTRODUCTION[language],
        f"## {words['table']}\n",
        *_table(heads, _rows(TableMapping, language)),
        f"\n## {words['columns']}\n",
        *_table([heads[0], heads[1], words["of"], heads[3]], _column_rows(language)),
        f"\n## {words['fees']}\n",
        *_table(heads, _rows(FeeColumn, language)),
        f"\n## {words['kinds']}\n",
        *_table([words["kind"], words["way"]], _kind_rows(language)),
        f"\n## {words['examples']}\n",
        words["unmapped"],
    ]
    for example in EXAMPLES:
        title = example.title[language == "zh"]
        lines.append(f"\n### {title}\n\n```toml\n{example.mapping}```")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("language", PAGES)
def test_the_page_is_up_to_date(language: Language) -> None:
    if os.environ.get("BEANCLEAR_WRITE_DOCS"):
        PAGES[language].write_text(page(language), encoding="utf-8")
    assert PAGES[language].read_text("utf-8") == page(language)


@pytest.mark.parametrize("model", [TableMapping, TableColumns, FeeColumn])
def test_the_example_of_each_key_is_toml_of_that_key(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        for example in field.examples or ():
            assert list(tomllib.loads(str(example))) == [name]


@pytest.mark.parametrize("example", EXAMPLES, ids=[one.title[0].split(":")[0] for one in EXAMPLES])
def test_the_examples_are_read_as_they_stand(example: Example, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(example.text, encoding="utf-8")
    found = read_document(path, config=Config.model_validate(tomllib.loads(example.mapping)))
    assert [fault.what for one in found for fault in one.faults] == []
    read = [
        (line["kind"], line["amount_minor"])
        for one in found
        for line in one.records.select(["kind", "amount_minor"]).to_pylist()
    ]
    assert read == list(example.lines)
