"""Statements beside their goldens, and small files made on the spot.

A golden is the text of what a statement file gives. `pytest tests/importers` compares; with
`BEANCLEAR_GOLDENS=new` missing goldens are written (and the test fails, so that they are read
before they are believed); an existing golden is only written again with
`BEANCLEAR_GOLDENS=overwrite`.
"""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
import xlsxwriter

from beanclear.importers.registry import read_document
from beanclear.ledger.errors import SourceError
from beanclear.ledger.money import format_minor
from beanclear.ledger.statement import Statement

FIXTURES = Path(__file__).parent / "fixtures"
SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples"
_IN_HEAD = {"source", "account", "stage", "currency", "document", "shop"}


def rendered(statements: Iterable[Statement]) -> str:
    """What statements say, as text a person can check against the file."""
    return "\n".join(_rendered(one) for one in statements)


def _rendered(one: Statement) -> str:
    span = one.span
    head = [
        f"# {one.importer}: {one.source_key} {one.currency} shop={one.shop!r}",
        f"# {one.grade}, chained {one.chained}, rank {one.rank}: "
        f"{one.rows_read} rows read, {one.rows_used} used, {one.rows_reported} reported",
        f"# declared {one.declared_first} to {one.declared_last}, exported {one.exported_at}",
        f"# span {f'{span.first} to {span.last}, last row {span.last_row}' if span else None}",
        f"# opening {_money(one.opening_minor, one)} closing {_money(one.closing_minor, one)}",
    ]
    if one.owner is not None:
        head.append(f"# owner {one.owner}")
    head += [f"# control {c.name}: {c.stated} stated, {c.found} found" for c in one.controls]
    head += [f"# fault {found.code} {found.row}" for found in one.faults]
    rows = one.records.to_pylist()
    names = [
        name
        for name in one.records.column_names
        if name not in _IN_HEAD and any(row[name] is not None for row in rows)
    ]
    body = io.StringIO()
    writer = csv.writer(body, lineterminator="\n")
    if rows:
        writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(name, row[name], one) for name in names])
    return "\n".join(head) + "\n" + body.getvalue()


def _money(minor: int | None, one: Statement) -> str:
    return "-" if minor is None else format_minor(minor, one.currency)


def _cell(name: str, value: object, one: Statement) -> str:
    if value is None:
        return ""
    if name.endswith("_minor") and isinstance(value, int):
        return format_minor(value, one.currency)
    return str(value).removesuffix("+08:00")


@pytest.fixture
def read() -> Callable[..., list[Statement]]:
    """Read a file through the registry, as `run` does."""

    def read_one(path: Path, name: str = "") -> list[Statement]:
        return read_document(path, name=name or path.name, document="0" * 64)

    return read_one


@pytest.fixture
def golden() -> Callable[[Path, list[Statement]], None]:
    """Compare statements with the golden beside their file."""

    def compare(path: Path, statements: list[Statement]) -> None:
        expected = path.parent / (path.name + ".golden")
        actual = rendered(statements)
        wish = os.environ.get("BEANCLEAR_GOLDENS", "")
        if wish == "overwrite" or (wish == "new" and not expected.exists()):
            expected.write_text(actual, encoding="utf-8")
            pytest.fail(f"wrote {expected.name}: read it, then run again without the variable")
        assert actual.split("\n") == expected.read_text(encoding="utf-8").split("\n")

    return compare


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
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                info = zipfile.ZipInfo("x" * len(member.encode("gbk")))
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, data)
        content = path.read_bytes()
        for member in members:
            raw = member.encode("gbk")
            content = content.replace(b"x" * len(raw), raw, 2)
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
