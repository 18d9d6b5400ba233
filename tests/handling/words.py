"""The words of docs/handling.md in English and Chinese."""

from __future__ import annotations

from beanclear.ledger.i18n import Language
from tests.handling.catalogue import Why
from tests.handling.outcome import Outcome

INTRODUCTION: dict[Language, str] = {
    "en": """\
# What people do to files

[中文](handling.zh.md)

Between the platform and the inbox files are opened, saved, sorted, filtered, cut and joined. This
page says what becomes of the books then: each layout (a row) is put through each handling (a
column), and the books are compared with those of the untouched file. Layouts down to the four
banks are files of a simulated company among all its others, the rest are single files.
`make test-handling` makes this page and compares it.

- `same`: the books and what is open are the same.
- `fault`: a message names the file and says what to do; nothing of it is booked, or the message
  says what is booked instead. `run` ends with 1.
- `open`: it is booked, and what is missing or too much is an open item, which makes `check` fail.
- `said`: it is booked, and a warning or a reminder of `run` says what to look at.
- `earlier`: what differs lies after the day up to which the books say they are complete; an export
  that covers it is compared with it.
- `other`: the books are others, and nothing says so. Each such cell has its argument below.
- `–`: the handling does not apply, for the reason of the letter.

Faults and warnings are those of `beanclear run`. Totals that a file states are left as they are
by people, and are right in what a platform exports again.
""",
    "zh": """\
# 人们会对文件做什么

[English](handling.md)

文件从平台到收件箱之间，会被打开、另存、排序、筛选、截断、合并。本页说明这之后账簿会怎样：
每种格式（行）都经过每种处理（列），再与原文件得出的账簿比较。四家银行及其以上的格式是模拟公司的文件，
与该公司的其他文件放在一起；其余是单个文件。`make test-handling` 生成本页并比对。

- `相同`：账簿和未清项目都相同。
- `报错`：提示会指出文件并说明怎么办；该文件不入账，或者提示说明实际入账的是什么。`run` 以 1 退出。
- `未清`：已入账，缺少或多出的部分是未清项目，`check` 因此不通过。
- `提示`：已入账，同时 `run` 的警告或提醒说明应当核对什么。
- `提前`：差异都在账簿声明的完整截止日之后；之后覆盖这些日子的导出会与之比对。
- `不同`：账簿不同，而且没有任何提示。每一格在下面都有论证。
- `–`：不适用，原因见字母。

报错和警告都由 `beanclear run` 给出。
人工处理时，文件自带的合计保持不变；平台重新导出时，合计是正确的。
""",
}
OUTCOMES: dict[Language, dict[Outcome, str]] = {
    "en": {one: str(one) for one in Outcome},
    "zh": {
        Outcome.SAME: "相同",
        Outcome.FAULT: "报错",
        Outcome.OPEN: "未清",
        Outcome.SAID: "提示",
        Outcome.EARLIER: "提前",
        Outcome.OTHER: "不同",
    },
}
GROUPS: dict[Language, dict[str, str]] = {
    "en": {
        "saving": "Saved again",
        "rows": "Rows",
        "columns": "Columns",
        "files": "Files",
    },
    "zh": {"saving": "另存", "rows": "行", "columns": "列", "files": "文件"},
}
HEADINGS: dict[Language, dict[str, str]] = {
    "en": {
        "layout": "layout",
        "arguments": "Why other books",
        "reasons": "Why not",
        "none": "No cell.",
    },
    "zh": {
        "layout": "格式",
        "arguments": "为什么账簿不同",
        "reasons": "为什么不适用",
        "none": "没有。",
    },
}
REASONS: dict[Why, tuple[str, str, str]] = {
    Why.BOOK: ("a", "it is a workbook already", "本来就是工作簿"),
    Why.TEXT: ("b", "it is a text already", "本来就是文本"),
    Why.NO_MARK: ("c", "its encoding (GBK) has no byte order mark", "GBK 编码没有 BOM"),
    Why.NO_ZEROS: ("d", "none of its numbers begins with a zero", "没有以零开头的编号"),
    Why.NO_LONG: ("e", "it has no numbers of more than fifteen digits", "没有超过十五位的编号"),
    Why.FEW: ("f", "the file has too few lines", "文件行数太少"),
    Why.NO_COLUMN: ("g", "it has no such column", "没有这样的列"),
    Why.NO_BRACKETS: ("h", "its headers have no brackets of that width", "表头没有这种宽度的括号"),
    Why.TOTALS: ("i", "its totals cannot be stated for a part", "无法为部分行写出合计"),
    Why.PERSONAL: ("j", "a private person's file is refused in any case", "个人账单本来就会被拒绝"),
    Why.WHOLE_DAYS: ("l", "it is of whole days only", "只能按整天导出"),
    Why.SINGLE: ("k", "no day of it has lines of two times", "没有一天含两个时刻的行"),
}
