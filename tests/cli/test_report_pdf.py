"""Reports as PDF: what stands on the pages, and what is said where nothing can print them."""

from __future__ import annotations

import io
import re
import shutil
import unicodedata
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from beanclear.cli import report_pdf
from beanclear.ledger.errors import UsageError
from beanclear.ledger.statements import shown, statutory
from tests.ledger.statements import company
from tests.ledger.statements.tables import HOSTILE, TABLE

HEADER = (("编制单位", "杭州清账商贸有限公司"), ("单位", "元"), ("编制人", "李娜"))
printing = pytest.mark.skipif(
    not any(shutil.which(name) for name in report_pdf._NAMES), reason="no browser prints here"
)


def pages(content: bytes) -> list[str]:
    """The text of each page without blanks, in the plain form of signs that fonts share."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    texts = (unicodedata.normalize("NFKC", page.extract_text()) for page in reader.pages)
    return [re.sub(r"\s+", "", text) for text in texts]


@printing
def test_each_page_says_whose_it_is_and_of_when() -> None:
    tables = statutory.statements(replace(company.request(), header=HEADER))
    found = pages(report_pdf.pdf(shown.as_html(tables, "zh")))
    for page in found:
        assert re.search("资产负债表|利润表|现金流量表", page)
        for label, value in HEADER:
            assert f"{label}:{value}" in page
        assert "2026-12" in page
    # Row 30 and row 53 of the balance sheet on one line; the profit of the year and of December.
    assert "资产总计30179,798.00125,000.00负债和所有者权益(或股东权益)总计53179,798.00" in "".join(
        found
    )
    assert "四、净利润(净亏损以“-”号填列)323,394.98-1,670.00" in "".join(found)


@printing
def test_a_table_of_several_pages_has_its_heading_on_each() -> None:
    long = replace(TABLE, rows=TABLE.rows * 20)
    found = pages(report_pdf.pdf(shown.as_html([long], "zh")))
    assert len(found) > 2
    for number, page in enumerate(found, start=1):
        assert "资产负债表" in page
        assert "编制单位:杭州清账商贸有限公司" in page
        assert "期末余额" in page
        assert page.startswith(f"{number}/{len(found)}")
    assert HOSTILE.replace(" ", "") in "".join(found)  # shown, not run


def test_without_a_browser_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(report_pdf.BROWSER, raising=False)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(UsageError) as raised:
        report_pdf.pdf("<p>x</p>")
    assert str(raised.value) == (
        "no browser is there that prints PDF: install Chromium, Chrome or Edge, or name one in"
        " BEANCLEAR_BROWSER; or print --format html"
    )
    monkeypatch.setenv(report_pdf.BROWSER, "nowhere")
    with pytest.raises(UsageError, match=r"^nowhere is no program: install Chromium"):
        report_pdf.pdf("<p>x</p>")


def test_a_browser_that_prints_nothing_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "browser"
    program.write_text("#!/bin/sh\necho broken >&2\necho cannot start >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv(report_pdf.BROWSER, str(program))
    with pytest.raises(UsageError, match="printed nothing: cannot start: name another browser"):
        report_pdf.pdf("<p>x</p>")
