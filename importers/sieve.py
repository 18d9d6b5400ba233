"""Rows that a declaration leaves out of a table: counted, told, and never read.

Totals, a second header line, unsettled or memo lines have cells that are no amounts or dates, and
balances that are not the account's: they leave the table before its cells are typed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers.columns import literal
from beanclear.importers.text import bare_column
from beanclear.ledger.beancount_text import clean
from beanclear.ledger.i18n import ngettext

_MOST_TOLD = 10
_LONGEST_TOLD = 40
ANYTHING = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A rule: rows whose cell below `header` is one of `words` are left out; or all others.

    `*` in a word stands for any text; the empty word is an empty cell.
    """

    header: str
    shown: str
    words: tuple[str, ...]
    others: bool = False


@dataclass(slots=True)
class Sieve:
    """Takes rows out of a sheet's batches, and counts them by the cell that was the reason."""

    rules: Sequence[LeftOut]
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _rows: list[int] = field(default_factory=list)

    def mask(self, table: pa.Table, filled: pa.ChunkedArray) -> pa.Array | None:
        """Which of the `filled` rows are left out; none when no rule is for that."""
        if not self.rules or not len(table):
            return None
        out = numpy.zeros(len(table), numpy.bool_)
        for rule in self.rules:
            cells = bare_column(table.column(rule.header).cast(pa.string()))
            hit = (_is_word(cells, rule.words) != rule.others) & filled.to_numpy()
            new = pa.array(hit & ~out)
            for one in pc.value_counts(cells.filter(new)).to_pylist():
                self._counts[rule.shown, one["values"]] += one["counts"]
            out |= hit
        self._rows += table.column("row").to_numpy()[out].tolist()
        return pa.array(out)

    def count(self, first: int, last: int) -> int:
        """How many rows between two rows were left out."""
        return sum(first <= row <= last for row in self._rows)

    @property
    def notes(self) -> tuple[str, ...]:
        """How many rows were left out for which cell, the most frequent first."""
        told = sorted(self._counts.items(), key=lambda one: (-one[1], one[0]))
        notes = [_note(header, cell, count) for (header, cell), count in told[:_MOST_TOLD]]
        rest = sum(count for _cell, count in told[_MOST_TOLD:])
        if rest:
            notes.append(
                ngettext("left out %(count)d more row", "left out %(count)d more rows", rest)
                % {"count": rest}
            )
        return tuple(notes)


def _note(header: str, cell: str, count: int) -> str:
    if not cell:
        return ngettext(
            "left out %(count)d row: %(column)s is empty",
            "left out %(count)d rows: %(column)s is empty",
            count,
        ) % {"count": count, "column": header}
    text = clean(cell)
    shown = text if len(text) <= _LONGEST_TOLD else f"{text[:_LONGEST_TOLD]}…"
    return ngettext(
        "left out %(count)d row: %(column)s = %(text)s",
        "left out %(count)d rows: %(column)s = %(text)s",
        count,
    ) % {"count": count, "column": header, "text": shown}


def _is_word(cells: pa.ChunkedArray, words: Sequence[str]) -> numpy.ndarray:
    whole = pa.array([word.strip() for word in words if ANYTHING not in word], pa.string())
    found = pc.is_in(cells, whole)
    for word in words:
        if ANYTHING in word:
            found = pc.or_(found, pc.match_substring_regex(cells, _pattern(word)))
    mask: numpy.ndarray = found.to_numpy()
    return mask


def _pattern(word: str) -> str:
    """A word with `*` as a regular expression over the whole cell."""
    return "(?s)^" + ".*".join(re.escape(part) for part in word.strip().split(ANYTHING)) + "$"


def is_word(cell: str, word: str) -> str:
    """SQL: whether `cell` is `word`, in which `*` stands for any text."""
    if ANYTHING not in word:
        return f"{cell} = {literal(word)}"
    return f"regexp_full_match({cell}, {literal(_pattern(word))})"
