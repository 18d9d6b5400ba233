"""Fava with our books, in a browser, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from beancount import loader
from playwright.sync_api import expect

from tests.browser.conftest import WAITING, Shop

pytestmark = pytest.mark.browser

RECEIVABLE = "Assets:Receivable:Tmall"


def messages(main: Path) -> list[tuple[str, int, str]]:
    """(file, line, message) of every error that Beancount finds."""
    _entries, errors, _options = loader.load_file(str(main))
    return sorted(
        (error.source["filename"], error.source["lineno"], error.message) for error in errors
    )


@pytest.mark.parametrize(
    ("name", "titles", "accounts"),
    [
        ("income_statement", ("损益表", "Income Statement"), ("Sales", "Platform")),
        ("balance_sheet", ("资产负债表", "Balance Sheet"), ("Receivable", "Wallet", "Tax")),
        ("trial_balance", ("试算表", "Trial Balance"), ("Receivable", "Sales", "Transit")),
    ],
)
def test_statements(
    shop: Shop, name: str, titles: tuple[str, str], accounts: tuple[str, ...]
) -> None:
    page = shop.open(f"{name}/")
    expect(page.locator("header h1")).to_contain_text(titles[shop.language == "en"])
    for account in accounts:
        expect(
            page.locator("ol.tree-table-new, ol.tree-table")
            .get_by_role("link", name=account, exact=True)
            .first
        ).to_be_visible()
    expect(page.locator("article svg").first).to_be_visible()
    shop.picture(name)
    assert shop.complaints == []


def test_the_journal_shows_custom_directives(shop: Shop) -> None:
    page = shop.open("journal/")
    for name in ("statement", "reconciled", "open-item", "in-transit"):
        entry = page.locator("ol.journal li.custom:visible", has_text=name).first
        expect(entry).to_contain_text("Assets:")
    custom = page.locator("ol.journal li.custom").first
    expect(custom).to_be_visible()
    page.get_by_role("button", name="Custom", exact=True).click()
    expect(custom).to_be_hidden()
    page.get_by_role("button", name="Custom", exact=True).click()
    expect(custom).to_be_visible()
    shop.picture("journal")
    assert shop.complaints == []


def test_the_page_of_a_clearing_account(shop: Shop) -> None:
    page = shop.open(f"account/{RECEIVABLE}/")
    item = page.locator("ol.journal li.custom", has_text="open-item").first
    expect(item).to_contain_text(RECEIVABLE)
    item.locator("a[href^='#context-']").click()
    context = page.locator(".overlay .content, dialog").first
    expect(context).to_contain_text("at-stake")
    shop.picture("clearing-account-item")
    assert shop.complaints == []


def test_each_error_stands_at_its_line(shop: Shop) -> None:
    wanted = messages(shop.folder / "main.beancount")
    page = shop.open("errors/")
    rows = page.locator("article table tbody tr")
    expect(rows).to_have_count(len(wanted))
    found = [row.split("\t", 2) for row in rows.all_inner_texts()]
    assert sorted((file, int(line), text.strip()) for file, line, text in found) == wanted
    shop.picture("errors")
    rows.filter(has_text="current.beancount").first.locator("a").first.click()
    expect(page.locator(".cm-activeLine")).to_contain_text('custom "open-item"')
    shop.picture("editor-at-an-open-item")
    assert shop.complaints == []


def test_the_editor_opens_the_reconciliation_file(shop: Shop) -> None:
    file = shop.folder / "reconciliation" / "current.beancount"
    page = shop.open(f"editor/?file_path={file}&line=1")
    first = file.read_text("utf-8").splitlines()[0]
    expect(page.locator(".cm-line").first).to_have_text(first)
    # Highlighted, which needs WebAssembly.
    expect(page.locator(".cm-line").first.locator("span").first).to_be_visible()
    shop.picture("editor")
    assert shop.complaints == []


def test_a_query(shop: Shop) -> None:
    query = "SELECT account, sum(position) WHERE account ~ 'Receivable' GROUP BY account"
    page = shop.open(f"query/?query_string={query}")
    cells = page.locator("article table tbody tr")
    expect(cells.filter(has_text=RECEIVABLE)).to_have_count(1)
    shop.picture("query")
    assert shop.complaints == []


def test_documents_are_listed_and_shown(shop: Shop) -> None:
    page = shop.open("documents/")
    row = page.locator("article table tbody tr", has_text=WAITING)
    expect(row).to_have_count(1)
    row.click()
    # Fava guesses UTF-8, so only the ASCII of a GBK file can be read in the preview.
    expect(page.locator("article .cm-content")).to_contain_text("2026-06-01 00:00:00")
    shop.picture("documents")
    assert shop.complaints == []


def test_the_import_page_offers_nothing(shop: Shop) -> None:
    """What it would make of a file is not what a run books, and `import.py` would be run for it."""
    page = shop.open("import/")
    expect(page.locator("article")).to_contain_text("No importers configured")
    assert page.get_by_role("button", name=WAITING).count() == 0
    assert shop.complaints == []
