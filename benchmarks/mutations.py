"""What can be changed in a module of `matching/`: each comparison and each sign, one at a time.

| in Python | becomes |
|---|---|
| `<` `<=` `>` `>=` | its neighbour (`<` ↔ `<=`), and what it denies (`<` ↔ `>=`) |
| `==`, `is`, `in` | `!=`, `is not`, `not in`, and the reverse |
| `+` `-` `+=` `-=`, a sign | the other one |
| `min` `max`, `bisect_left` `bisect_right`, `side="right"` | the other one |
| `abs` | nothing |

SQL stands in strings, so the same is done there by its words and signs: `=` `<>`, `IN`,
`IS NULL`, `min` and `max`, `least` and `greatest`, `abs`, `DESC`, `NULLS LAST`, the order of a
window, and `BETWEEN`, which is denied and loses either bound. Comments, docstrings, quoted
texts and messages are left alone; so are expressions in braces.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_COMPARED: Final[dict[type[ast.cmpop], tuple[str, tuple[str, ...]]]] = {
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
_SIGNS: Final = {"+": "-", "-": "+", "+=": "-=", "-=": "+="}
_SIGN_OF: Final[dict[type[ast.AST], str]] = {ast.Add: "+", ast.Sub: "-"}
_NAMES: Final = {
    "min": "max",
    "max": "min",
    "bisect_left": "bisect_right",
    "bisect_right": "bisect_left",
    "abs": "",
}
_SQL: Final[dict[str, tuple[str, ...]]] = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "=": ("<>",),
    "<>": ("=",),
    "+": ("-",),
    "-": ("+",),
    "DESC": ("ASC",),
    "ASC": ("DESC",),
    "NULLS LAST": ("NULLS FIRST",),
    "IS NULL": ("IS NOT NULL",),
    "IS NOT NULL": ("IS NULL",),
    "IN": ("NOT IN",),
    "NOT IN": ("IN",),
    "BETWEEN": ("NOT BETWEEN",),
    "min": ("max",),
    "max": ("min",),
    "least": ("greatest",),
    "greatest": ("least",),
    "abs": ("",),
}
_IS_SQL: Final = re.compile(
    r"\b(SELECT|FROM|JOIN|WHERE|GROUP BY|ORDER BY|CASE WHEN|IS NOT NULL)\b"
    # A condition that stands alone.
    r"|\A[\w.* ]+ (?:<>|<=|>=|<|>|=) [\w.*' ]+\Z"
)
_LITERAL: Final = re.compile(r"""(?i)([frbu]{0,2})(\"\"\"|'''|"|')""")
_TOKEN: Final = re.compile(
    r"""(?P<skip> --[^\n]* | '(?:[^']|'')*' | \\?"(?:[^"\\])*\\?" | \{[^{}]*\} | ::)
    | (?P<name> \b(?:min|max|least|greatest|abs)(?=\() )
    | (?P<word> \b(?:NULLS\ LAST|IS\ NOT\ NULL|IS\ NULL|NOT\ IN|IN|BETWEEN|DESC|ASC)\b )
    | (?P<order> \bORDER\ BY\b )
    | (?P<sign> <>|<=|>=|<|>|=|\+|- )""",
    re.VERBOSE,
)
_BETWEEN: Final = re.compile(r"([\w.]+) BETWEEN ([\w.]+)\s+AND ([\w.]+)")
_WINDOW: Final = re.compile(r"\b(?:OVER|PARTITION)\b[^()]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change of a source text.

    Attributes:
      start, end: what is replaced, as places in the text.
      new: what stands there instead.
      line: the number of its line, from 1.
      shown: that line with the change in it, `«old→new»`: its name in reports and lists. Where
        lines are alike it ends in the number of the line among them.
    """

    start: int
    end: int
    new: str
    line: int
    shown: str

    def applied(self, source: str) -> str:
        """The text with the change."""
        return source[: self.start] + self.new + source[self.end :]


def mutants(source: str) -> list[Mutant]:
    """All changes of a module's text, in order of their places."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found: list[Mutant] = []
    alike: Counter[str] = Counter()
    for start, end, new in sorted(set(_Finder(source, starts).found)):
        number = sum(place <= start for place in starts)
        first, last = starts[number - 1], source.find("\n", end)
        before, after = source[first:start], source[end : last if last >= 0 else len(source)]
        shown = " ".join(f"{before}«{source[start:end]}→{new}»{after}".split())
        alike[shown] += 1
        shown += f" #{alike[shown]}" if alike[shown] > 1 else ""
        found.append(Mutant(start=start, end=end, new=new, line=number, shown=shown))
    return found


class _Finder(ast.NodeVisitor):
    """Collects (start, end, new) of everything that can be changed."""

    def __init__(self, source: str, starts: list[int]) -> None:
        self.source = source
        self.starts = starts
        self.lines = source.splitlines(keepends=True)
        self.found: list[tuple[int, int, str]] = []
        self.visit(ast.parse(source))

    def _span(self, node: ast.expr) -> tuple[int, int]:
        """Where an expression stands; `ast` counts bytes."""
        begin = self.lines[node.lineno - 1].encode()[: node.col_offset].decode()
        last_line, last = node.end_lineno or node.lineno, node.end_col_offset or 0
        ends = self.lines[last_line - 1].encode()[:last].decode()
        return self.starts[node.lineno - 1] + len(begin), self.starts[last_line - 1] + len(ends)

    def _between(self, left: int, right: int, old: str, *new: str) -> None:
        """The operator between two places."""
        words = r"\s+".join(map(re.escape, old.split()))
        pattern = rf"\b{words}\b" if old[0].isalpha() else words
        match = re.search(pattern, self.source[left:right])
        if match is not None:
            start, end = left + match.start(), left + match.end()
            self.found += [(start, end, one) for one in new]

    def visit_Expr(self, node: ast.Expr) -> None:
        """Docstrings are no SQL."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Each comparison of a chain."""
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            old, new = _COMPARED[type(operator)]
            self._between(self._span(left)[1], self._span(right)[0], old, *new)
            left = right
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Sums and differences."""
        if (old := _SIGN_OF.get(type(node.op))) is not None:
            ends, begins = self._span(node.left)[1], self._span(node.right)[0]
            self._between(ends, begins, old, _SIGNS[old])
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """`+=` and `-=`."""
        if (sign := _SIGN_OF.get(type(node.op))) is not None:
            ends, begins = self._span(node.target)[1], self._span(node.value)[0]
            self._between(ends, begins, f"{sign}=", _SIGNS[f"{sign}="])
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """A sign."""
        if isinstance(node.op, ast.USub):
            self._between(self._span(node)[0], self._span(node.operand)[0], "-", "+")
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        """`min`, `max` and their like."""
        if node.id in _NAMES:
            # A name that is passed on, as in map(abs, …), has no bracket after it.
            start, end = self._span(node)
            called = self.source[end : end + 1] == "("
            self.found.append((start, end, _NAMES[node.id] or ("" if called else "int")))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """`np.abs`."""
        if node.attr == "abs":
            self.found.append((*self._span(node), ""))
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        """The side of numpy's search."""
        if node.arg == "side" and isinstance(node.value, ast.Constant):
            self.found.append((*self._span(node.value), '"left"'))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """SQL, if it looks like it."""
        if isinstance(node.value, str) and _IS_SQL.search(node.value):
            self._sql(*self._span(node))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """SQL with our constants in it; else the expressions of a text."""
        texts = [one.value for one in node.values if isinstance(one, ast.Constant)]
        if any(_IS_SQL.search(str(text)) for text in texts):
            self._sql(*self._span(node))
        else:
            for one in node.values:
                if isinstance(one, ast.FormattedValue):
                    self.visit(one.value)

    def _sql(self, start: int, end: int) -> None:
        for first, last in _bodies(self.source, start, end):
            for place, until, new in _in_sql(self.source[first:last]):
                self.found.append((first + place, first + until, new))


def _bodies(source: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """What is between the quotes of the literals that stand side by side there."""
    while (match := _LITERAL.search(source, start, end)) is not None:
        start = source.index(match[2], match.end())
        yield match.end(), start
        start += len(match[2])


def _in_sql(text: str) -> Iterator[tuple[int, int, str]]:
    """Everything that can be changed in a piece of SQL."""
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if match["order"] is not None:
            yield from _window_order(text, start, end)
        elif match["skip"] is None:
            yield from ((start, end, new) for new in _SQL[match[0]])
    for match in _BETWEEN.finditer(text):
        asked, low, high = match.groups()
        yield (*match.span(), f"({asked} > {low} AND {asked} <= {high})")
        yield (*match.span(), f"({asked} >= {low} AND {asked} < {high})")


def _window_order(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """The first key of a window's order, the other way round; one that says DESC has its own."""
    if _WINDOW.search(text[:start]) is None:
        opened = text.rfind("(", 0, start)
        if "OVER" not in text[max(opened - 6, 0) : opened]:
            return
    depth = 0
    for place in range(end, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth < 0 or (depth == 0 and text[place] == ",") or text.startswith(" ROWS", place):
            if "DESC" not in text[end:place]:
                yield place, place, " DESC"
            return
