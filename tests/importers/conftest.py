"""What the tests of importers share: statements from fixtures and texts, and their goldens.

A golden stands beside its statement as `<statement>.golden.json`: what the file said and every
record without its empty fields. `BEANCLEAR_WRITE_GOLDENS=1` writes goldens that are missing; it
never changes one: delete it first, and read what comes instead.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from beanclear.importers.registry import read_document
from beanclear.ledger.config import Config
from beanclear.ledger.errors import SourceError
from beanclear.ledger.statement import Statement
from beanclear.ledger.tables import to_records

FIXTURES = Path(__file__).parent / "fixtures"
ReadText = Callable[..., Statement]
Faults = Callable[..., list[tuple[str, int | None, str]]]
Golden = Callable[..., None]


def _shown(value: object) -> object:
    return value if isinstance(value, bool | int) else str(value)


def as_json(statement: Statement) -> dict[str, Any]:
    """A statement as JSON values; sha-256 and empty fields are left out."""
    span = statement.span
    stated = {
        "importer": statement.importer,
        "account": statement.account,
        "owner": statement.owner,
        "currency": statement.currency,
        "grade": statement.grade,
        "chained": statement.chained,
        "days": None if span is None else f"{span.first} {span.last} {span.last_row}",
        "opening_minor": statement.opening_minor,
        "closing_minor": statement.closing_minor,
        "controls": {control.name: control.stated for control in statement.controls},
        "faults": [str(fault) for fault in statement.faults],
        "notes": list(statement.notes),
    }
    records = [
        {
            name: _shown(value)
            for name in record.__slots__
            if name != "document" and (value := getattr(record, name)) not in (None, "")
        }
        for record in to_records(statement.records)
    ]
    return {**{name: value for name, value in stated.items() if value}, "records": records}


@pytest.fixture
def golden() -> Golden:
    """Compare what is read from a fixture with the golden beside it."""

    def check(name: str, config: Config | None = None) -> None:
        path = FIXTURES / name
        found = [as_json(statement) for statement in read_document(path, config=config)]
        beside = path.with_name(path.name + ".golden.json")
        if not beside.exists() and os.environ.get("BEANCLEAR_WRITE_GOLDENS"):
            text = json.dumps(found, ensure_ascii=False, indent=1, default=str)
            beside.write_text(text + "\n", encoding="utf-8")
        assert json.loads(json.dumps(found, default=str)) == json.loads(
            beside.read_text(encoding="utf-8")
        )

    return check


@pytest.fixture
def read_text(tmp_path: Path) -> ReadText:
    """Read a text as the file `bill.csv`, which must hold one statement."""

    def read(text: str | bytes, name: str = "bill.csv", config: Config | None = None) -> Statement:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        (statement,) = read_document(path, config=config)
        return statement

    return read


@pytest.fixture
def faults(read_text: ReadText) -> Faults:
    """What is wrong with a text: (code, row, message), whether the file is refused or not."""

    def of(
        text: str | bytes, name: str = "bill.csv", config: Config | None = None
    ) -> list[tuple[str, int | None, str]]:
        try:
            found = read_text(text, name, config).faults
        except SourceError as error:
            found = error.faults
        return [(fault.code, fault.row, f"{fault.what}: {fault.todo}") for fault in found]

    return of
