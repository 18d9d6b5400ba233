"""What the tests of importers share: statements from fixtures and texts, and their goldens.

A golden stands beside its statement as `<statement>.golden.json`: what the file said and every
record without its empty fields. `BEANCLEAR_WRITE_GOLDENS=1` writes goldens that are missing; it
never changes one: delete it first, and read what comes instead.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from beanclear.importers.registry import read_document
from beanclear.ledger.config import Config
from beanclear.ledger.errors import SourceError
from beanclear.ledger.statement import Statement
from beanclear.ledger.tables import to_records

FIXTURES = Path(__file__).parent / "fixtures"
SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples"
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
        "warnings": list(statement.warnings),
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


@pytest.fixture
def read() -> Callable[..., list[Statement]]:
    """Read a file through the registry, as `run` does."""

    def read_one(path: Path, name: str = "") -> list[Statement]:
        return read_document(path, name=name or path.name, document="0" * 64)

    return read_one


@pytest.fixture
def sample() -> Callable[[str], Path]:
    """A real sample by its place below `samples/`; skips where the samples are not there."""

    def find(place: str) -> Path:
        path = SAMPLES / place
        if not path.exists():
            pytest.skip("the real samples are not beside this checkout")
        return path

    return find


@pytest.fixture
def zipped(tmp_path: Path) -> Callable[..., Path]:
    """A zip whose member names are GBK without the UTF-8 flag, as Chinese platforms make them."""

    def make(members: dict[str, bytes], name: str = "a.zip") -> Path:
        path = tmp_path / name
        names = {f"zq{i}".ljust(len(raw.encode("gbk")), "z"): raw for i, raw in enumerate(members)}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for label, member in names.items():
                archive.writestr(label, members[member])
        content = path.read_bytes()
        for label, member in names.items():
            content = content.replace(label.encode(), member.encode("gbk"))
        path.write_bytes(content)
        return path

    return make


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """A workbook of one sheet from rows of values."""

    def make(rows: Sequence[Sequence[object]], name: str = "a.xlsx", title: str = "Sheet") -> Path:
        path = tmp_path / name
        with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
            sheet = book.add_worksheet(title)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, str):
                        sheet.write_string(row, column, cell)
                    else:
                        sheet.write(row, column, cell)
        return path

    return make


@pytest.fixture
def codes(read: Callable[..., list[Statement]]) -> Callable[[Path], list[tuple[str, int | None]]]:
    """The faults of a file, of its statements or of its refusal: code and row."""

    def of(path: Path) -> list[tuple[str, int | None]]:
        try:
            faults = [fault for one in read(path) for fault in one.faults]
        except SourceError as error:
            faults = list(error.faults)
        return [(fault.code, fault.row) for fault in faults]

    return of
