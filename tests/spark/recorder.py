"""A plugin that keeps the statements every test puts into its store, for the other engine.

There the test ends: what it would find is asked where it is at home.

`python -m pytest -p tests.spark.recorder …` writes into the folder that `RECORDED` names.
"""

from __future__ import annotations

import itertools
import os
import pickle
from collections.abc import Iterable
from pathlib import Path

import pytest

from beanclear.ledger.statement import Statement
from beanclear.ledger.store import RecordStore


def pytest_configure() -> None:
    """From now on each store writes down what is added to it."""
    folder, numbers = Path(os.environ["RECORDED"]), itertools.count()

    def recording(_store: RecordStore, statements: Iterable[Statement]) -> None:
        (folder / f"{next(numbers):05}.pickle").write_bytes(pickle.dumps(list(statements)))
        pytest.skip("its records are written down")

    pytest.MonkeyPatch().setattr(RecordStore, "add", recording)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests without records have nothing to write down."""
    items[:] = [item for item in items if "tiny" in getattr(item, "fixturenames", ())]
