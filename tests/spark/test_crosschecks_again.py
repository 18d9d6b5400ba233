"""The tests of tests/matching/test_crosschecks.py, each on Spark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.matching import test_crosschecks

if TYPE_CHECKING:
    from beanclear.ledger.sql import Connection
    from tests.spark.engines import Lake

pytestmark = pytest.mark.spark
TESTS = {name: test for name, test in vars(test_crosschecks).items() if name.startswith("test_")}
globals().update(TESTS)


@pytest.fixture
def con(lake: Lake, tmp_path: Path) -> Iterator[Connection]:
    """What those tests call `con`, on the other engine."""
    (tmp_path / "statements.json").write_text("[]", encoding="utf-8")
    connection = lake(tmp_path).connect()
    yield connection
    connection.close()


def test_there_are_such_tests() -> None:
    assert len(TESTS) > 3
