"""The one importer of Fava's import page reads what `run` reads, and loads nothing ahead of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from beancount.core import data

from beanclear.importers.alipay import AlipayLedger
from beanclear.importers.on_demand import AnyStatement

LEDGER = str(Path(__file__).parent / "fixtures" / "alipay" / "ledger_16.csv")


@pytest.fixture
def any_statement(tmp_path: Path) -> AnyStatement:
    config = tmp_path / "beanclear.toml"
    config.write_text("", encoding="utf-8")
    return AnyStatement(config)


def test_it_reads_what_the_importer_reads(any_statement: AnyStatement) -> None:
    alipay = AlipayLedger()
    assert any_statement.identify(LEDGER)
    for asked in ("account", "date", "filename"):
        assert getattr(any_statement, asked)(LEDGER) == getattr(alipay, asked)(LEDGER)
    assert any_statement.extract(LEDGER, []) == alipay.extract(LEDGER, [])


def test_known_lines_are_marked(any_statement: AnyStatement) -> None:
    found = any_statement.extract(LEDGER, [])
    any_statement.deduplicate(found, any_statement.extract(LEDGER, [])[:2])
    marked = [
        entry.meta["record_id"]
        for entry in found
        if isinstance(entry, data.Transaction) and "__duplicate__" in entry.meta
    ]
    assert marked == ["1570757242119000000", "1570757242119000001"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("notes.txt", b"no statement\n"), ("empty.csv", b""), ("cut.zip", b"PK\x03\x04cut")],
)
def test_other_files_are_not_its_own(
    any_statement: AnyStatement, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert not any_statement.identify(str(path))


def test_nothing_heavy_is_loaded_before_it_is_asked() -> None:
    program = (
        "import sys; from beanclear.importers.on_demand import AnyStatement;"
        "print(sorted({'duckdb', 'numpy', 'pandas', 'pyarrow', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
