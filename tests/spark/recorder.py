"""A plugin that keeps the statements of every store that tests make, for the other engine.

`python -m pytest -p tests.spark.recorder …` writes into the folder that `RECORDED` names.
"""

from __future__ import annotations

import itertools
import os
import pickle
from collections.abc import Iterable
from pathlib import Path

import pytest

from beanclear.ledger.errors import Fault
from beanclear.ledger.statement import Statement
from beanclear.ledger.store import RecordStore


def pytest_configure() -> None:
    """From now on each store writes down what is added to it."""
    folder, numbers, add = Path(os.environ["RECORDED"]), itertools.count(), RecordStore.add

    def recording(store: RecordStore, statements: Iterable[Statement]) -> tuple[Fault, ...]:
        given = list(statements)
        (folder / f"{next(numbers):05}.pickle").write_bytes(pickle.dumps(given))
        return add(store, given)

    pytest.MonkeyPatch().setattr(RecordStore, "add", recording)
