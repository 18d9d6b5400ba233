"""docs/handling.md and its Chinese twin: made of the cells, and read back into cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from beanclear.ledger.i18n import Language
from tests.handling.arguments import ARGUMENTS
from tests.handling.catalogue import Handling, Why
from tests.handling.handlings import GROUPS, HANDLINGS
from tests.handling.layouts import NAMES
from tests.handling.outcome import Outcome
from tests.handling.words import GROUPS as GROUP_WORDS
from tests.handling.words import HEADINGS, INTRODUCTION, OUTCOMES, REASONS

ROOT = Path(__file__).parents[2]
PAGES: dict[Language, Path] = {
    "en": ROOT / "docs" / "handling.md",
    "zh": ROOT / "docs" / "handling.zh.md",
}
Key = tuple[str, str]  # layout and handling
Cells = Mapping[Key, Outcome | Why]


def columns(group: str) -> list[Handling]:
    """The handlings of one table, in its order."""
    return [one for one in HANDLINGS.values() if one.group == group]


def page(cells: Cells, language: Language) -> str:
    """The whole page; cells that are not known yet are empty."""
    words, zh = HEADINGS[language], language == "zh"
    lines = [INTRODUCTION[language]]
    number = 0
    for group in GROUPS:
        some = columns(group)
        lines.append(f"## {GROUP_WORDS[language][group]}\n")
        numbers = range(number + 1, number + 1 + len(some))
        number += len(some)
        lines += [
            f"{place}. {one.chinese if zh else one.english}"
            for place, one in zip(numbers, some, strict=True)
        ]
        lines += ["", f"| {words['layout']} | {' | '.join(map(str, numbers))} |"]
        lines.append("|---" * (len(some) + 1) + "|")
        for name, spoken in NAMES.items():
            row = (_shown(cells.get((name, one.name)), (name, one.name), language) for one in some)
            lines.append(f"| {spoken[zh]} | {' | '.join(row)} |")
        lines.append("")
    lines += [f"## {words['reasons']}\n"]
    lines += [f"- {letter}: {reason[zh]}" for letter, *reason in REASONS.values()]
    lines += ["", f"## {words['arguments']}\n"]
    lines += list(_arguments(language)) or [words["none"]]
    return "\n".join(lines) + "\n"


def _arguments(language: Language) -> Iterator[str]:
    zh = language == "zh"
    for number, argument in enumerate(ARGUMENTS, 1):
        by_handling: dict[str, list[str]] = {}
        for name, handling in argument.cells:
            by_handling.setdefault(handling, []).append(NAMES[name][zh])
        where = ("；" if zh else "; ").join(
            f"{_spoken(handling, zh=zh)}{'：' if zh else ': '}{('、' if zh else ', ').join(names)}"
            for handling, names in by_handling.items()
        )
        yield f"{number}. {argument.chinese if zh else argument.english}\n   *{where}*"


def _spoken(handling: str, *, zh: bool) -> str:
    one = HANDLINGS[handling]
    return one.chinese if zh else one.english


def _shown(cell: Outcome | Why | None, key: Key, language: Language) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Why):
        return f"–{REASONS[cell][0]}"
    word = OUTCOMES[language][cell]
    if cell is Outcome.OTHER:
        numbers = [str(n) for n, one in enumerate(ARGUMENTS, 1) if key in one.cells]
        return f"**{word}** {', '.join(numbers)}".rstrip()
    return word


def read(text: str) -> dict[Key, Outcome | Why]:
    """The cells of the English page."""
    letters = {f"–{letter}": why for why, (letter, *_words) in REASONS.items()}
    names = {spoken[0]: name for name, spoken in NAMES.items()}
    found: dict[Key, Outcome | Why] = {}
    for group, section in zip(
        GROUPS, re.split(r"^## ", text, flags=re.MULTILINE)[1:], strict=False
    ):
        for line in section.splitlines():
            first, *cells = (cell.strip() for cell in line.strip("|").split(" |"))
            if not line.startswith("|") or first not in names:
                continue
            for one, cell in zip(columns(group), cells, strict=False):
                word = cell.strip("* 0123456789,")
                if word:
                    value = letters.get(word) or Outcome(word)
                    found[names[first], one.name] = value
    return found
