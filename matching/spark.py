"""The posting and matching SQL on Apache Spark: the same texts, translated statement by statement.

`SparkConnection` has the surface of `beanclear.ledger.sql.Connection`. sqlglot reads each
statement as DuckDB's dialect and writes Spark's, orders of NULL included; what is said here is
only what Spark has no statement for:

| text | what happens |
|---|---|
| CREATE OR REPLACE TEMP TABLE | the rows are computed once (a checkpoint) and bear the name |
| CREATE OR REPLACE TEMP VIEW | the query bears the name, over the tables as they are then |
| INSERT, UPDATE … FROM, DELETE … USING | the table is made anew by a union or a join |
| UNION BY NAME | `DataFrame.unionByName`, its sides and its CTEs as views of their own |

Needs the extra `[spark]`; importing this module without it fails.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import sqlglot
from sqlglot import exp

from beanclear.ledger.records import ZONE
from beanclear.matching.spark_records import quietly

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ARROW: Final = {
    exp.DType.TEXT: pa.string(),
    exp.DType.VARCHAR: pa.string(),
    exp.DType.BIGINT: pa.int64(),
    exp.DType.INT: pa.int32(),
    exp.DType.BOOLEAN: pa.bool_(),
    exp.DType.DATE: pa.date32(),
    exp.DType.TIMESTAMPTZ: pa.timestamp("us", tz=ZONE),
}
_JAVA_FORMATS: Final = {"%Y%m%d": "yyyyMMdd"}


class SparkResult:
    """The rows of one query, fetched when they are asked for."""

    def __init__(self, frame: DataFrame | None = None) -> None:
        self._frame = frame
        self._rows: Iterator[tuple[Any, ...]] | None = None

    @property
    def description(self) -> list[tuple[str]]:
        """The column names, as the DB-API gives them."""
        return [(name,) for name in self._frame.columns] if self._frame is not None else []

    def _left(self) -> Iterator[tuple[Any, ...]]:
        if self._rows is None:
            # Arrow keeps the zone of a moment, and columns of one name apart.
            found = quietly(self._frame.toArrow) if self._frame is not None else pa.table({})
            self._rows = zip(*(column.to_pylist() for column in found.columns), strict=True)
        return self._rows

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows that were not read yet."""
        return list(self._left())

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        return next(self._left(), None)


class SparkConnection:
    """Temporary tables in a session of their own, over the view `records`."""

    def __init__(self, session: SparkSession, records: DataFrame) -> None:
        self._session = session
        self._names = itertools.count()
        self._parts: list[str] = []
        self._tables: dict[str, DataFrame] = {}
        self._empty: set[str] = set()
        records.createOrReplaceTempView("records")

    def execute(
        self, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> SparkResult:
        """Run statements, separated by semicolons; the result is the last one's."""
        result = SparkResult()
        for tree in sqlglot.parse(query, read="duckdb"):
            if tree is not None:
                result = self._run(_bound(tree, parameters))
        return result

    def register(self, name: str, rows: pa.Table) -> None:
        """Make an Arrow table a view."""
        quietly(self._session.createDataFrame, rows).createOrReplaceTempView(name)

    def unregister(self, name: str) -> None:
        """Forget a view; what was made from it stays."""
        self._session.catalog.dropTempView(name)

    def close(self) -> None:
        """Let go of all tables; the session is the caller's."""
        for name in ("records", *self._tables):
            self._session.catalog.dropTempView(name)
        self._tables.clear()

    def _run(self, tree: exp.Expression) -> SparkResult:
        match tree:
            case exp.Create(this=exp.Schema()):
                self._define(tree.this)
            case exp.Create(kind="VIEW"):
                self._keep(tree.this.name, self._frame(tree.expression))
            case exp.Create():
                self._materialise(tree.this.name, self._frame(tree.expression))
            case exp.Insert():
                self._insert(tree)
            case exp.Update():
                columns = self._tables[tree.this.name].columns
                self._materialise(tree.this.name, self._frame(_updated(tree, columns)))
            case exp.Delete():
                self._materialise(tree.this.name, self._frame(_what_stays(tree)))
            case exp.Drop():
                for dropped in tree.find_all(exp.Table):
                    self._session.catalog.dropTempView(dropped.name)
                    self._tables.pop(dropped.name, None)
            case exp.Select(args={"distinct": exp.Distinct(args={"on": exp.Expression()})}):
                return SparkResult(self._frame(_in_order(tree)))
            case _:
                return SparkResult(self._frame(tree))
        return SparkResult()

    def _define(self, schema: exp.Schema) -> None:
        """An empty table of these columns."""
        fields = [(column.name, _ARROW[column.kind.this]) for column in schema.expressions]
        empty = quietly(self._session.createDataFrame, pa.schema(fields).empty_table())
        self._keep(schema.this.name, empty)
        self._empty.add(schema.this.name)

    def _insert(self, tree: exp.Insert) -> None:
        name = tree.this.name
        before, new = self._tables[name], self._frame(tree.expression)
        if tree.args.get("by_name"):
            self._materialise(name, before.unionByName(new, allowMissingColumns=True))
            return
        types = zip(new.columns, before.schema.fields, strict=True)
        rows = new.select([new[old].cast(field.dataType).alias(field.name) for old, field in types])
        if name in self._empty:
            # A small table of values that are at hand: there is nothing to compute.
            self._keep(name, rows)
        else:
            self._materialise(name, before.union(rows))

    def _materialise(self, name: str, frame: DataFrame) -> None:
        """Compute a table once: on reliable storage where a folder is set, else on the workers."""
        folder = self._session.sparkContext.getCheckpointDir()
        self._keep(name, frame.checkpoint() if folder else frame.localCheckpoint())
        for part in self._parts:
            self._session.catalog.dropTempView(part)
        self._parts.clear()

    def _keep(self, name: str, frame: DataFrame) -> None:
        self._tables[name] = frame
        self._empty.discard(name)
        frame.createOrReplaceTempView(name)

    def _frame(self, tree: exp.Expression) -> DataFrame:
        """A query; unions by name and, where there are any, CTEs become views first."""
        if not _by_name(tree):
            return self._session.sql(to_spark(tree))
        with_ = tree.args.get("with_")
        if with_ is not None:
            tree.set("with_", None)
            for index, cte in enumerate(with_.expressions):
                view = self._part(self._frame(cte.this))
                for reader in (tree, *with_.expressions[index + 1 :]):
                    _rename(reader, cte.alias, view)
        if isinstance(tree, exp.Union) and tree.args.get("by_name"):
            left, right = self._frame(tree.left), self._frame(tree.right)
            both = left.unionByName(right, allowMissingColumns=True)
            return both.distinct() if tree.args.get("distinct") else both
        while (inner := _by_name(tree)) is not None:
            view = self._part(self._frame(inner.copy()))
            inner.replace(exp.select("*").from_(view))
        return self._session.sql(to_spark(tree))

    def _part(self, frame: DataFrame) -> str:
        """A view for a part of one statement."""
        name = f"part_{next(self._names)}"
        frame.createOrReplaceTempView(name)
        self._parts.append(name)
        return name


def to_spark(tree: exp.Expression) -> str:
    """A query of DuckDB's dialect as Spark's text."""
    return str(tree.transform(_spelled).sql(dialect="spark"))


def _spelled(node: exp.Expression) -> exp.Expression:
    """Functions that Spark knows by another name."""
    if isinstance(node, exp.RegexpFullMatch):
        # Java's `$` would let a line end pass.
        pattern = exp.Literal.string(rf"\A(?:{node.expression.name})\z")
        return exp.RegexpLike(this=node.this, expression=pattern)
    if isinstance(node, exp.Anonymous) and node.name.lower() == "try_strptime":
        text, form = node.expressions
        java = exp.Literal.string(_JAVA_FORMATS[form.name])
        return exp.Anonymous(this="try_to_timestamp", expressions=[text, java])
    return node


def _bound(tree: exp.Expression, values: Sequence[Any] | Mapping[str, Any]) -> exp.Expression:
    """The statement with its values in place of `?` (in their order), `$1` and `$name`."""
    named = values if isinstance(values, Mapping) else {}
    listed = iter(() if named else values)
    numbered = {str(place + 1): value for place, value in enumerate(() if named else values)}
    for mark in list(tree.find_all(exp.Placeholder, bfs=False)):
        name = mark.args.get("this")
        value = {**numbered, **named}[name] if name else next(listed)
        mark.replace(_literal(value))
    return tree


def _literal(value: object) -> exp.Expression:
    if isinstance(value, datetime.date):
        # sqlglot's own conversion writes the year of an early day without its zeros.
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    return exp.convert(value)


def _updated(tree: exp.Update, columns: Sequence[str]) -> exp.Expression:
    """`UPDATE t SET a = x FROM u WHERE c`: each row of t, with x for a where a row of u fits."""
    name, source = tree.this.name, tree.args["from_"].this
    alias = source.alias_or_name
    new = {change.this.name: change.expression for change in tree.expressions}
    fits = exp.column("fits", table=alias)
    hits = exp.select("*", exp.alias_(exp.true(), "fits")).from_(exp.to_table(source.name))
    values = [
        exp.alias_(
            exp.case().when(fits.copy(), new[column]).else_(exp.column(column, table=name))
            if column in new
            else exp.column(column, table=name),
            column,
            quoted=True,
        )
        for column in columns
    ]
    on = tree.args["where"].this
    return exp.select(*values).from_(name).join(hits.subquery(alias), on=on, join_type="left")


def _in_order(tree: exp.Select) -> exp.Expression:
    """`SELECT DISTINCT ON` as a window function loses the order of its result."""
    order = [one.copy() for one in tree.args["order"].expressions]
    for column in (column for one in order for column in one.find_all(exp.Column)):
        column.set("table", None)
    return exp.select("*").from_(tree.subquery("first_ones")).order_by(*order)


def _what_stays(tree: exp.Delete) -> exp.Expression:
    """`DELETE FROM t USING u WHERE c` leaves what an anti join on `c` leaves."""
    (other,) = tree.args["using"]
    name, on = tree.this.name, tree.args["where"].this
    return exp.select(f"{name}.*").from_(name).join(other, on=on, join_type="anti")


def _by_name(tree: exp.Expression) -> exp.Union | None:
    """The outermost union by name in a query."""
    return next((node for node in tree.find_all(exp.Union) if node.args.get("by_name")), None)


def _rename(tree: exp.Expression, name: str, view: str) -> None:
    """Read a CTE from its view; columns are still qualified with its name."""
    for table in tree.find_all(exp.Table):
        if table.name == name:
            alias = table.alias or name
            table.replace(exp.to_table(view).as_(alias, table=True))
