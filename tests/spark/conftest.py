"""One small Spark for all tests of this folder; where it cannot start they are skipped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from beanclear.matching.spark_records import has_java

if TYPE_CHECKING:
    from beanclear.matching.spark_records import SparkRecords

# Small tables: starting tasks and compiling queries would take most of the time. The whole run
# of test_lake.py has Spark's own settings.
SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
# The tests end before it would pay to optimise what they compile.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def submit_arguments(settings: dict[str, str]) -> str:
    """For `PYSPARK_SUBMIT_ARGS`, which PySpark takes its settings from."""
    listed = " ".join(f"--conf {name}={value}" for name, value in settings.items())
    return f"--master local[2] --driver-java-options '{JAVA}' {listed} pyspark-shell"


@pytest.fixture(scope="session")
def needs_spark() -> None:
    """Skip, clearly, where Spark cannot run."""
    for package in ("pyspark", "sqlglot"):
        if find_spec(package) is None:
            pytest.skip(f'{package} is not installed: pip install "beanclear[spark]"')
    if not has_java():
        pytest.skip("Java was not found: install openjdk-17-jre-headless")


@pytest.fixture(scope="session")
def lake(needs_spark: None) -> Iterator[Callable[[Path], SparkRecords]]:  # noqa: ARG001 - skips
    """The records in a folder, read by Spark."""
    from beanclear.matching.spark_records import SparkRecords, start  # noqa: PLC0415 - an extra

    os.environ["PYSPARK_SUBMIT_ARGS"] = submit_arguments(SETTINGS)
    session = start()
    yield lambda folder: SparkRecords(f"file://{folder}")
    session.stop()
    del os.environ["PYSPARK_SUBMIT_ARGS"]
