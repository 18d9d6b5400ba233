"""What `make mutants` changes: comparisons and signs of Python and of the SQL in strings."""

from __future__ import annotations

import ast

import pytest

from benchmarks.mutants import MATCHING, TESTS, equivalent
from benchmarks.mutations import mutants


def changes(source: str) -> list[str]:
    """What stands where, without the rest of the line."""
    return [
        one.shown[one.shown.index("«") + 1 : one.shown.index("»")]
        for one in mutants(source)
        if one.applied(source) != source
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a < b >= c", ["<→<=", "<→>=", ">=→<", ">=→>"]),
        ("x = (a == b) and c is not None", ["==→!=", "is not→is"]),
        ("x = a in b or a not in c", ["in→not in", "not in→in"]),
        ("x = -a + b", ["-→+", "+→-"]),
        ("x += 1", ["+=→-="]),
        ("x = min(abs(a), max(b, key=abs))", ["min→max", "abs→", "max→min", "abs→int"]),
        ("x = f'{a - b} of {c}'", ["-→+"]),
        ("x = '支付' if 甲 < 乙 else ''", ["<→<=", "<→>="]),
        ('def f():\n    """SELECT a = b."""', []),
        ('x = "a message - with < and ="', []),
        ('x = frame.where("count > 1")', [">→<=", ">→>="]),
        ('x = "SELECT a" " FROM b WHERE c = 1"', ["=→<>"]),
        ("""x = 'SELECT "a-b", \\'c<d\\' FROM t WHERE e <> -1'""", ["<>→=", "-→+"]),
        ('x = """SELECT 1 -- a < b\nFROM t"""', []),
        ('x = f"SELECT {a - b} FROM t WHERE c < {d}"', ["<→<=", "<→>="]),
        ('x = "SELECT min(a) FROM minutes"', ["min→max"]),
        ('x = "SELECT a FROM t WHERE b IS NOT NULL"', ["IS NOT NULL→IS NULL"]),
        ('x = "SELECT a FROM t WHERE b NOT IN (1)"', ["NOT IN→IN"]),
        (
            'x = "SELECT a FROM t WHERE b BETWEEN c AND t.d"',
            [
                "b BETWEEN c AND t.d→(b > c AND b <= t.d)",
                "b BETWEEN c AND t.d→(b >= c AND b < t.d)",
                "BETWEEN→NOT BETWEEN",
            ],
        ),
        ('x = "SELECT a FROM t ORDER BY b, c DESC"', ["DESC→ASC"]),
        ('x = "SELECT rank() OVER (PARTITION BY a ORDER BY f(b, c), d) FROM t"', ["→ DESC"]),
    ],
)
def test_what_is_changed(source: str, expected: list[str]) -> None:
    assert changes(source) == expected


@pytest.mark.parametrize("name", ["payouts", "crosschecks"])
def test_each_change_of_a_module_is_a_module(name: str) -> None:
    source = (MATCHING / f"{name}.py").read_text(encoding="utf-8")
    for one in mutants(source):
        ast.parse(one.applied(source))


def test_every_module_has_tests() -> None:
    modules = {path.stem for path in MATCHING.glob("*.py")} - {"__init__"}
    assert modules == set(TESTS)


def test_what_is_listed_as_equivalent_is_a_change_with_a_reason() -> None:
    for name, listed in equivalent().items():
        source = (MATCHING / f"{name}.py").read_text(encoding="utf-8")
        assert set(listed) <= {one.shown for one in mutants(source)}
        assert all(listed.values())
