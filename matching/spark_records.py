"""Records of a lake, read by Apache Spark: Parquet of `ledger.tables.SCHEMA` at any URI it reads.

    URI/order, URI/wallet, URI/bank    Parquet at any depth; where none of them is there, URI itself
    URI/statements.json                a list of objects, one a statement: `ledger.statement_rows`
    URI/conflicts.json                 the same for rows that contradict a booked row; may be absent
    URI/differences.json               and for rows that another document lacks; may be absent

That is the layout of a store of ours, so `records/` of any books can be put on a lake as it is.
Names that begin with `_` or `.` are not read, nor are other endings than `.parquet`.

Which Spark this is, and its credentials, say Spark's own settings (`SPARK_CONF_DIR`,
`SPARK_HOME`, …; docs/spark.md); without any it runs in this process on all cores.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from beanclear.ledger import store_days
from beanclear.ledger.errors import BooksError, Fault
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.records import ZONE
from beanclear.ledger.statement_rows import StatementRow
from beanclear.ledger.store_days import Difference
from beanclear.ledger.store_merge import Conflict, faults_of, weights
from beanclear.ledger.tables import SCHEMA

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from beanclear.matching.spark import SparkConnection

STAGES: Final = ("order", "wallet", "bank")
# What makes a wallet or bank line one line: it is booked once.
_LINE: Final = ("stage", "source", "account", "shop", "record_id")
TYPES: Final = {
    pa.string(): "string",
    pa.int64(): "bigint",
    pa.int32(): "int",
    pa.date32(): "date",
    pa.timestamp("us", tz=ZONE): "timestamp",
}
_NO_FILES: Final = ("PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA")
# What the texts rely on, whatever the cluster's own settings are.
_SETTINGS: Final = {
    "spark.sql.session.timeZone": ZONE,
    "spark.sql.ansi.enabled": "true",
    # Where a column of a union is NULL on both sides, Spark 4 keeps constraints on a column that it
    # then does not find (`key not found` in `UnionBase.rewriteConstraints`).
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.caseSensitive": "false",
    "spark.sql.storeAssignmentPolicy": "ANSI",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
}


def start() -> SparkSession:
    """A session with our settings, of the Spark that the environment names.

    Raises:
      BooksError: when PySpark or Java is missing, or Spark does not start.
    """
    try:
        import sqlglot  # noqa: F401, PLC0415 - of the same extra
        from pyspark.errors import PySparkException  # noqa: PLC0415 - slow, and an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise BooksError(
            _("the engine is Spark, and the package %(name)s is not installed")
            % {"name": error.name},
            _('say `pip install "beanclear[spark]"`, or --engine duckdb'),
        ) from None
    if not has_java():
        raise BooksError(
            _("the engine is Spark, and Java was not found"),
            _(
                "install Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless), or"
                " set JAVA_HOME"
            ),
        )
    builder = SparkSession.builder.appName("beanclear")
    # A page of the UI would show everybody in the network what is in the books.
    builder = builder.config("spark.ui.enabled", "false").config("spark.log.level", "ERROR")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _set(builder.getOrCreate())
    except PySparkException as error:
        raise BooksError(
            _("Spark did not start (%(error)s)") % {"error": _brief(error)},
            _("look at the lines above, and at Spark's own settings"),
        ) from None


def _set(session: SparkSession) -> SparkSession:
    """A session of its own in the same Spark, with our settings."""
    own = session.newSession()
    for name, value in _SETTINGS.items():
        own.conf.set(name, value)
    return own


def quietly(call: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - as the call's own
    """Without the warning that PySpark does not know the newest pandas: nothing here is pandas."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet", category=FutureWarning)
        return call(*arguments)


def has_java() -> bool:
    """Whether Spark would find a Java."""
    home = os.environ.get("JAVA_HOME")
    return Path(home, "bin", "java").is_file() if home else shutil.which("java") is not None


class SparkRecords:
    """The records below a URI."""

    def __init__(self, uri: str) -> None:
        """Start Spark and read `statements.json`.

        Raises:
          BooksError: when Spark does not start, or `statements.json` is missing or is none.
        """
        self._uri = uri.rstrip("/")
        self._session = start()
        self._statements = [self._row(values) for values in self._json("statements.json")]
        self._statements.sort(key=lambda row: row.order)

    def statements(self) -> list[StatementRow]:
        """What is known of each statement, sorted by content."""
        return list(self._statements)

    def conflicts(self) -> tuple[Fault, ...]:
        """A fault for every row that contradicts the booked row of its id, or that others lack."""
        files = {row.document: row.file for row in self._statements}
        found = [Conflict(**values) for values in self._json("conflicts.json", [])]
        return (
            *faults_of(found, files, weights(self._statements)),
            *store_days.faults_of(self._differences(), files),
        )

    def _differences(self) -> list[Difference]:
        return [Difference(**values) for values in self._json("differences.json", [])]

    def connect(self) -> SparkConnection:
        """A connection with the view `records`, typed as `SCHEMA`; the caller closes it.

        Raises:
          BooksError: when there are no records, columns are missing or of another type, a line
            is there twice, or a row is of a document that `statements.json` does not name.
        """
        from beanclear.matching.spark import SparkConnection  # noqa: PLC0415 - needs the extra

        session = _set(self._session)
        frame = self._frame(session)
        self._refuse_empty(frame)
        self._refuse_foreign(frame)
        self._refuse_repeated(frame)
        return SparkConnection(session, self._booked(session, frame))

    def _booked(self, session: SparkSession, frame: DataFrame) -> DataFrame:
        """Without rows that another document contradicts."""
        out = [
            (one.document, one.row, one.record_id) for one in self._differences() if not one.booked
        ]
        if not out:
            return frame
        keys = ["document", "row", "record_id"]
        schema = "document string, row int, record_id string"
        gone = quietly(session.createDataFrame, out, schema)
        return frame.join(gone, keys, "left_anti").select(SCHEMA.names)

    def _frame(self, session: SparkSession) -> DataFrame:
        """All rows, of the stages' folders or of the one folder."""
        found = [self._parquet(session, f"{self._uri}/{stage}") for stage in STAGES]
        frames = [frame for frame in found if frame is not None]
        if not frames:
            whole = self._parquet(session, self._uri)
            frames = [whole] if whole is not None else []
        if not frames:
            if any(row.rows for row in self._statements):
                raise self._error(_("there are no Parquet files"))
            return quietly(session.createDataFrame, SCHEMA.empty_table())
        return functools.reduce(lambda one, other: one.unionByName(other), frames)

    def _parquet(self, session: SparkSession, uri: str) -> DataFrame | None:
        """The rows below one folder in the columns of `SCHEMA`; none where it holds no file."""
        from pyspark.errors import AnalysisException  # noqa: PLC0415 - an extra

        reader = session.read.option("recursiveFileLookup", "true")
        reader = reader.option("pathGlobFilter", "*.parquet").option("mergeSchema", "false")
        try:
            frame = self._reading(reader.parquet, uri)
        except AnalysisException as error:
            if error.getCondition() in _NO_FILES:
                return None
            raise self._error(_brief(error)) from None
        types = dict(frame.dtypes)
        for field in SCHEMA:
            if field.nullable and field.name not in types:
                types[field.name] = TYPES[field.type]
                frame = frame.selectExpr(
                    "*", f"CAST(NULL AS {TYPES[field.type]}) AS `{field.name}`"
                )
        wrong = [
            f"{field.name} {TYPES[field.type]}"
            for field in SCHEMA
            if types.get(field.name) != TYPES[field.type]
        ]
        if wrong:
            raise self._error(
                _("columns are missing or of another type: %(columns)s")
                % {"columns": ", ".join(wrong)}
            )
        return frame.select(SCHEMA.names)

    def _refuse_empty(self, frame: DataFrame) -> None:
        """A required value that is missing would drop its row from sums and joins."""
        required = [field.name for field in SCHEMA if not field.nullable]
        missing = " OR ".join(f"`{name}` IS NULL" for name in required)
        found = self._reading(frame.where(missing).select("document", "row").limit(1).collect)
        if found:
            raise self._error(
                _("row %(row)s of %(document)s lacks one of %(columns)s")
                % {
                    "row": found[0][1],
                    "document": found[0][0],
                    "columns": ", ".join(required),
                }
            )

    def _refuse_foreign(self, frame: DataFrame) -> None:
        """Rows that belong to no statement would be booked in part, or not at all."""
        known = {row.document for row in self._statements}
        documents = self._reading(frame.select("document").distinct().toArrow)
        foreign = sorted(set(documents.column("document").to_pylist()) - known)
        if foreign:
            raise self._error(
                _("rows are of documents that statements.json does not name, such as %(document)s")
                % {"document": foreign[0]}
            )

    def _refuse_repeated(self, frame: DataFrame) -> None:
        """A line that is there twice would be booked twice."""
        lines = frame.where("stage <> 'order'").groupBy(*_LINE).count().where("count > 1")
        found = self._reading(lines.orderBy(*_LINE).limit(1).collect)
        if found:
            raise self._error(
                _("the line %(record)s of %(source)s/%(account)s is there %(count)d times")
                % {
                    "record": found[0].record_id,
                    "source": found[0].source,
                    "account": found[0].account,
                    "count": found[0]["count"],
                }
            )

    def _json(self, name: str, default: list[Any] | None = None) -> list[Any]:
        """A JSON file below the URI, through Spark because only Spark knows such URIs."""
        from pyspark.errors import AnalysisException  # noqa: PLC0415 - an extra

        try:
            rows = self._reading(
                self._session.read.text(f"{self._uri}/{name}", wholetext=True).collect
            )
            content = json.loads(rows[0][0])
        except AnalysisException as error:
            if default is not None and error.getCondition() in _NO_FILES:
                return default
            raise self._error(_brief(error)) from None
        except (ValueError, IndexError):
            content = None
        if not isinstance(content, list):
            raise self._error(_("%(name)s is no list in JSON") % {"name": name})
        return content

    def _row(self, values: Any) -> StatementRow:  # noqa: ANN401 - what JSON holds is checked here
        try:
            return StatementRow.from_json(values)
        except (TypeError, ValueError) as error:
            raise self._error(
                _("statements.json describes a statement wrongly (%(error)s)") % {"error": error}
            ) from None

    def _reading(self, call: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - as the call's own
        """What Spark cannot reach or read, in one line; `AnalysisException` is the caller's."""
        from py4j.protocol import Py4JError  # noqa: PLC0415 - an extra
        from pyspark.errors import AnalysisException, PySparkException  # noqa: PLC0415

        try:
            return quietly(call, *arguments)
        except AnalysisException:
            raise
        except (PySparkException, Py4JError) as error:
            raise self._error(_brief(error)) from None

    def _error(self, what: str) -> BooksError:
        todo = _("docs/spark.md says what is read from a lake, and in what form")
        return BooksError(what, todo, where=self._uri)


def _brief(error: Exception) -> str:
    """The first line of what Spark says, which may be pages."""
    return str(error).strip().partition("\n")[0]
