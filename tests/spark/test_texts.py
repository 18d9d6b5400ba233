"""Each construct that the texts may use, by its smallest query: the same rows on both engines."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest

from beanclear.ledger.posting.inputs import table
from beanclear.ledger.records import ZONE

if TYPE_CHECKING:
    from beanclear.ledger.sql import Connection
    from tests.spark.engines import Lake

pytestmark = pytest.mark.spark
Rows = list[tuple[Any, ...]]
Ask = Callable[..., Rows]
DAY = datetime.date(2026, 3, 1)
FACTS = [
    ("a", 7, DAY, True),
    ("a", -7, None, False),
    ("b", None, datetime.date.min, True),
    (None, 2, datetime.date.max, False),
    ("C", 5, DAY, None),
]


@pytest.fixture(scope="module")
def engines(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Connection]]:
    folder: Path = tmp_path_factory.mktemp("empty")
    (folder / "statements.json").write_text("[]", encoding="utf-8")
    spark = lake(folder).connect()
    with duckdb.connect(":memory:") as embedded:
        embedded.execute(f"SET TimeZone = '{ZONE}'")
        both: list[Connection] = [embedded, spark]
        for con in both:
            table(con, "t", "name VARCHAR, n BIGINT, day DATE, flag BOOLEAN", FACTS)
            table(con, "u", "name VARCHAR, m INTEGER", [("a", 1), ("b", 2), ("x", 3)])
        yield both
    spark.close()


@pytest.fixture
def ask(engines: list[Connection]) -> Ask:
    """Run statements on both engines; the rows of the last one, which must be equal."""

    def run(*statements: str, values: Any = ()) -> Rows:  # noqa: ANN401 - rows or names of values
        answers = []
        for con in engines:
            for statement in statements[:-1]:
                con.execute(statement)
            answers.append(con.execute(statements[-1], values).fetchall())
        assert answers[0] == answers[1]
        return answers[1]

    return run


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT name FROM t ORDER BY name", [("C",), ("a",), ("a",), ("b",), (None,)]),
        ("SELECT name FROM t ORDER BY name DESC", [("b",), ("a",), ("a",), ("C",), (None,)]),
        ("SELECT n FROM t ORDER BY ALL", [(-7,), (2,), (5,), (7,), (None,)]),
        ("SELECT n // 2, n % 2, -n // 2 FROM t WHERE name = 'a' ORDER BY n",
         [(-3, -1, 3), (3, 1, -3)]),
        ("SELECT abs(n) * 3 // 2 FROM t WHERE n = -7", [(10,)]),
        ("SELECT * EXCLUDE (day, flag) FROM t WHERE n = 5", [("C", 5)]),
        ("SELECT t.* EXCLUDE (day), u.m FROM t JOIN u ON u.name = t.name WHERE n = 7",
         [("a", 7, True, 1)]),
        ("SELECT DISTINCT ON (t.name) name, n FROM t ORDER BY t.name, n DESC",
         [("C", 5), ("a", 7), ("b", None), (None, 2)]),
        ("SELECT n FROM t QUALIFY row_number() OVER (PARTITION BY name ORDER BY n) = 2",
         [(7,)]),
        ("SELECT t.n FROM t ANTI JOIN u ON u.name = t.name ORDER BY n", [(2,), (5,)]),
        ("SELECT t.n FROM t SEMI JOIN u USING (name) ORDER BY n", [(-7,), (7,), (None,)]),
        ("SELECT name, CAST(sum(n) AS BIGINT), count(*) FROM t GROUP BY ALL ORDER BY ALL",
         [("C", 5, 1), ("a", 0, 2), ("b", None, 1), (None, 2, 1)]),
        ("SELECT name || '/' || n FROM t ORDER BY n LIMIT 1", [("a/-7",)]),
        ("SELECT contains(name, '#'), starts_with(name, 'b') FROM t WHERE name = 'b'",
         [(False, True)]),
        ("SELECT regexp_full_match('12-3', '[0-9]{2}-[0-9]+'),"
         " regexp_full_match('12-3', '2-[0-9]'), regexp_full_match('12-3' || chr(10), '12-3')",
         [(True, False, False)]),
        ("SELECT CAST(TRY_STRPTIME('20260228', '%Y%m%d') AS DATE),"
         " CAST(TRY_STRPTIME('20260230', '%Y%m%d') AS DATE)",
         [(datetime.date(2026, 2, 28), None)]),
        ("SELECT date_diff('day', DATE '2026-02-27', day), day + 3, day - 1 FROM t WHERE n = 7",
         [(2, datetime.date(2026, 3, 4), datetime.date(2026, 2, 28))]),
        ("SELECT CAST(date_trunc('week', day) AS DATE) FROM t WHERE n = 7",
         [(datetime.date(2026, 2, 23),)]),
        ("SELECT CAST(TIMESTAMPTZ '2026-02-28 16:00:00+00' AS DATE)", [(DAY,)]),
        ("SELECT least(n, NULL, 6), greatest(n, 6), coalesce(NULL, n) FROM t WHERE n = 7",
         [(6, 7, 7)]),
        ("SELECT day FROM t ORDER BY day",
         [(datetime.date.min,), (DAY,), (DAY,), (datetime.date.max,), (None,)]),
        ("SELECT bool_and(flag), count(flag), count(DISTINCT name) FROM t", [(False, 4, 3)]),
        ("SELECT name FROM t WHERE name IN (SELECT unnest(['a', 'C'])) AND n > 0 ORDER BY name",
         [("C",), ("a",)]),
        ("SELECT CAST(sum(n) OVER (PARTITION BY name ORDER BY n ROWS UNBOUNDED PRECEDING)"
         " AS BIGINT) FROM t WHERE name = 'a' ORDER BY 1", [(-7,), (0,)]),
        ("SELECT n AS x, NULL AS y FROM t WHERE n = 7 UNION ALL BY NAME"
         " SELECT m AS y, 'z' AS w FROM u WHERE m = 1 ORDER BY ALL",
         [(7, None, None), (None, 1, "z")]),
        ("WITH u AS (SELECT name, n FROM t WHERE n = 5), v AS (SELECT u.n AS m FROM u)"
         " SELECT * FROM (SELECT * FROM v UNION ALL BY NAME SELECT name FROM u) s ORDER BY ALL",
         [(5, None), (None, "C")]),
    ],
)  # fmt: skip
def test_a_query(ask: Ask, query: str, rows: Rows) -> None:
    assert ask(query) == rows


TABLE = "CREATE OR REPLACE TEMP TABLE w AS SELECT name, n FROM t"


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        ("DELETE FROM w USING u s WHERE w.name = s.name", [("C", 5), (None, 2)]),
        ("UPDATE w SET n = w.n + u.m FROM u WHERE w.name = u.name AND w.n > 0",
         [("C", 5), ("a", -7), ("a", 8), ("b", None), (None, 2)]),
        ("INSERT INTO w BY NAME SELECT 9 AS n; DELETE FROM w USING u WHERE w.n > u.m AND w.n < 9",
         [("a", -7), ("b", None), (None, 9)]),
        ("INSERT INTO w SELECT name, m FROM u WHERE m = 3",
         [("C", 5), ("a", -7), ("a", 7), ("b", None), ("x", 3), (None, 2)]),
        ("CREATE OR REPLACE TEMP TABLE w AS SELECT * FROM w WHERE n = 7", [("a", 7)]),
    ],
)  # fmt: skip
def test_a_change(ask: Ask, change: str, rows: Rows) -> None:
    assert ask(TABLE, change, "SELECT * FROM w ORDER BY ALL") == rows


def test_a_view_is_of_its_tables(ask: Ask) -> None:
    view = "CREATE OR REPLACE TEMP VIEW seen AS SELECT name, n FROM w WHERE n > 0"
    assert ask(TABLE, view, "SELECT n FROM seen ORDER BY n") == [(2,), (5,), (7,)]


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("SELECT n FROM t WHERE name = ? AND n > ?", ["a", 0]),
        ("SELECT n FROM t WHERE n > $2 AND name = $1", ["a", 0]),
        ("SELECT n FROM t WHERE name = $name AND n > $least",
         {"name": "a", "least": 0}),
        ("SELECT n FROM t WHERE day = ? AND n = 7 AND ? <> 'it''s'", [DAY, "a\\'b"]),
    ],
)  # fmt: skip
def test_values(ask: Ask, query: str, values: object) -> None:
    assert ask(query, values=values) == [(7,)]


def test_rows_of_values(ask: Ask, engines: list[Connection]) -> None:
    for con in engines:
        con.execute(TABLE)
        con.register("given", pa.table({"name": ["q", "r", "s"], "n": [1, None, 4]}))
        con.execute("INSERT INTO w SELECT * FROM given")
        con.unregister("given")
    assert ask("SELECT * FROM w WHERE name > 'b' ORDER BY ALL") == [
        ("q", 1), ("r", None), ("s", 4),
    ]  # fmt: skip


def test_rows_one_by_one(engines: list[Connection]) -> None:
    for con in engines:
        result = con.execute("SELECT m, name AS m FROM u ORDER BY 1")
        assert [column[0] for column in result.description] == ["m", "m"]
        assert result.fetchone() == (1, "a")
        assert result.fetchall() == [(2, "b"), (3, "x")]
        assert result.fetchone() is None


def test_dropped_tables(ask: Ask, engines: list[Connection]) -> None:
    twice = ("CREATE OR REPLACE TEMP TABLE passing AS SELECT n FROM t", "DROP TABLE passing")
    assert ask(*twice, *twice[:1], "SELECT count(*) FROM passing") == [(5,)]
    for con in engines:
        con.execute("DROP TABLE passing")
        with pytest.raises(Exception, match="passing"):
            con.execute("SELECT n FROM passing").fetchall()
