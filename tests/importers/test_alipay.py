"""Alipay's ledger and web export: statements beside their goldens, and the real samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from beanclear.ledger.statement import Statement

FIXTURES = Path(__file__).parent / "fixtures" / "alipay"
Read = Callable[..., list[Statement]]


@pytest.mark.parametrize(
    "name", ["ledger_16.csv", "ledger_12_reordered.csv", "web_19.csv", "web_22.csv"]
)
def test_a_statement_gives_its_golden(name: str, golden: Callable[[str], None]) -> None:
    golden(f"alipay/{name}")
