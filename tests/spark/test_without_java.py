"""What can be said of the engine's parts without starting it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from beanclear.matching.spark_records import has_java

pytestmark = pytest.mark.spark


def test_rows_are_fetched_once_and_columns_are_named() -> None:
    pytest.importorskip("sqlglot")
    from beanclear.matching.spark import SparkResult  # noqa: PLC0415 - an extra

    rows = pa.table({"a": [1, 2, 3], "b": ["x", "y", None]})
    frame = SimpleNamespace(columns=["a", "b"], toArrow=lambda: rows)
    result = SparkResult(frame)
    assert result.description == [("a",), ("b",)]
    assert result.fetchone() == (1, "x")
    assert result.fetchall() == [(2, "y"), (3, None)]
    assert (result.fetchone(), result.fetchall()) == (None, [])
    nothing = SparkResult()
    assert (nothing.description, nothing.fetchall(), nothing.fetchone()) == ([], [], None)


def test_where_java_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "java"
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert not has_java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert not has_java()
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    assert has_java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "elsewhere"))
    assert not has_java()
    monkeypatch.delenv("JAVA_HOME")
    assert has_java()
