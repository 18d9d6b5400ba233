"""Our own pages in Fava: they open in both languages and themes, and decisions are taken there."""

from __future__ import annotations

import datetime
import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import python_calamine
from beancount import loader
from playwright.sync_api import Page, expect

from beanclear.ledger.i18n import translator
from beanclear.plugins import fava_beanclear
from beanclear.plugins.fava_beanclear.pages import Page as OurPage
from tests.browser.conftest import SERVE, Shop, beanclear, listen, new_books, served, simulate

pytestmark = pytest.mark.browser

RECEIVABLE = "Assets:Receivable:Tmall"
ROWS = "#bc-items tbody tr[data-key]"
PAGES = sorted(
    name for name in fava_beanclear.__all__ if issubclass(getattr(fava_beanclear, name), OurPage)
)


def test_all_pages_are_tried() -> None:
    assert PAGES == [
        "BeanclearCashFlow", "BeanclearItems", "BeanclearOverview", "BeanclearPeriods",
        "BeanclearReports", "BeanclearStatements", "BeanclearTrace",
    ]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_in_both_languages_and_themes(shop: Shop, name: str, theme: str) -> None:
    shop.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page = shop.open(f"extension/{name}/")
    title = translator("zh" if shop.language == "zh" else "en").gettext(
        getattr(fava_beanclear, name).title
    )
    expect(page.locator("header h1")).to_contain_text(title)
    expect(page.locator("aside").get_by_role("link", name=title, exact=True)).to_be_visible()
    assert page.locator(".problem").count() == 0
    shop.picture(f"{name}-{theme}")
    assert shop.complaints == []


def test_the_overview_proves_every_clearing_account(shop: Shop) -> None:
    page = shop.open("extension/BeanclearOverview/")
    rows = page.locator("#bc-overview table").first.locator("tbody tr")
    assert rows.count() >= 5
    assert page.locator("#bc-overview td.fails").count() == 0
    tmall = rows.filter(has=page.locator(f"a[title='{RECEIVABLE}']"))
    text = (shop.folder / "reconciliation" / "current.beancount").read_text("utf-8")
    found = re.search(rf'"reconciled" {RECEIVABLE} .*\n  matched: (\d+)', text)
    opened = text.count(f'"open-item" {RECEIVABLE} ')
    assert found is not None
    rate = 100 * int(found[1]) / (int(found[1]) + opened)
    expect(tmall).to_contain_text(f"{rate:.2f} %")
    expect(page.locator("#bc-overview svg").first).to_be_visible()
    # Money due: each day adds up to its total.
    lines = page.locator("#bc-due tr").all_inner_texts()
    sums = [
        sum(Decimal(cell.replace(",", "")) for cell in line.split("\t")[1:] if cell.strip())
        for line in lines[1:]
    ]
    assert sum(sums[:-1]) == sums[-1] > 0
    sources = page.locator("#bc-sources tbody tr")
    expect(sources.filter(has_text="taobao/main/order")).to_have_count(1)
    found_days = [
        re.findall(r"– (\d{4}-\d{2}-\d{2})\s+(\d+)", row)[0] for row in sources.all_inner_texts()
    ]
    lasts = [datetime.date.fromisoformat(last) for last, _behind in found_days]
    assert [int(behind) for _last, behind in found_days] == [
        (max(lasts) - last).days for last in lasts
    ]


def test_items_are_filtered_by_the_address_and_lead_to_their_trace(shop: Shop) -> None:
    page = shop.open("extension/BeanclearItems/")
    every = page.locator(ROWS).count()
    page.locator("select[name=on]").select_option(RECEIVABLE)
    page.locator("form[role=search] button").click()
    page.locator("select[name=on] option[selected]").wait_for(state="attached")
    rows = page.locator(ROWS)
    assert 0 < rows.count() < every
    link = rows.locator("td a[href*=BeanclearTrace]").first
    number = link.inner_text()
    link.click()
    # beanclear is asked in a process of its own, which takes its time on a busy machine.
    expect(page.locator("#bc-trace h3 a").first).to_have_attribute("title", RECEIVABLE)
    expect(page.locator("#bc-trace table").first).to_contain_text(number)
    shop.picture("trace-of-an-item")
    assert shop.complaints == []


def ages(page: Page) -> list[int]:
    cells = page.locator(f"{ROWS} td:nth-child(3)").all_inner_texts()
    return [int(text) for text in cells]


def test_items_are_sorted_and_chosen_with_keys(shop: Shop) -> None:
    page = shop.open("extension/BeanclearItems/")
    unsorted = ages(page)
    page.locator("#bc-items th.num a").first.click()
    expect(page.locator("#bc-items th[aria-sort=descending]")).to_have_count(1)
    assert ages(page) == sorted(unsorted, reverse=True) != unsorted
    page.keyboard.press("?")
    expect(page.locator("dialog[data-keys]")).to_be_visible()
    page.keyboard.press("Escape")
    for key in ("j", "j", "j", "k", "x"):
        page.keyboard.press(key)
    second = page.locator(ROWS).nth(1)
    expect(page.locator(f"{ROWS}.here.chosen")).to_have_count(1)
    assert second.get_attribute("class") == "here chosen"
    page.keyboard.press("Enter")
    listed = page.locator("dialog [data-items] tr")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text(str(second.get_attribute("data-key")))
    page.keyboard.press("Escape")
    assert shop.complaints == []


def test_candidates_are_shown_with_what_they_are_and_matched_at_once(shop: Shop) -> None:
    page = shop.open("extension/BeanclearItems/?class=ambiguous")
    row = page.locator(ROWS).filter(has=page.locator("[data-with]")).first
    other = row.locator("[data-with]").first
    key = str(other.get_attribute("data-with"))
    assert page.locator(f'{ROWS[:-1]}="{key}"]').count() == 1
    other.click()
    expect(page.locator("dialog [data-items] tr")).to_have_count(2)
    expect(page.locator("dialog [name=action]")).to_have_value("match")
    expect(page.locator("dialog [data-by]")).to_have_text("Li")
    page.locator("dialog [name=to]").fill("Expenses:BadDebt")
    page.locator("[data-preview-now]").click()
    expect(page.locator("dialog pre")).to_contain_text('custom "match"')
    expect(page.locator("dialog pre")).to_contain_text(key)
    # The entry it implies: every key once, and what is left.
    assert page.locator("[data-entry] tbody tr").count() >= 2
    assert shop.complaints == []


def test_statements_are_those_of_the_command_line(shop: Shop) -> None:
    """Also in a month that the books no longer judge, where the records have to be asked."""
    period = {"zh": "2026-06", "en": "2026-08"}[shop.language]
    told = beanclear("report", "statements", shop.folder, "--period", period, "--json")
    tables = json.loads(told.stdout)["tables"]
    wanted = [
        Decimal(row[column["name"]])
        for table in tables
        for row in table["rows"]
        for column in table["columns"]
        if column["kind"] == "money" and row[column["name"]] is not None
    ]
    page = shop.open(f"extension/BeanclearStatements/?period={period}")
    expect(page.locator("#bc-statements[data-waiting]")).to_have_count(0)
    assert page.locator(".problem").count() == 0
    cells = page.locator("#bc-statements td.num").all_inner_texts()
    assert [Decimal(text.replace(",", "")) for text in cells if "." in text] == wanted


def test_a_figure_leads_to_its_entries(shop: Shop) -> None:
    page = shop.open("extension/BeanclearStatements/?period=2026-07")
    assert page.locator("#bc-statements li.fails").count() == 0
    assert page.locator("#bc-statements li.holds").count() >= 6
    page.locator("#bc-statements table").first.locator("td.num a").first.click()
    expect(page.locator("ol.journal li.transaction").first).to_be_visible()
    assert shop.complaints == []


def test_a_report_is_shown_and_taken_home_as_a_workbook(shop: Shop) -> None:
    page = shop.open("extension/BeanclearReports/?report=trial-balance&period=2026-07")
    page.locator("a[href^=workbook]").wait_for()
    cells = page.locator("#bc-reports tbody tr").first.locator("td")
    shown = cells.nth(0).inner_text()
    with page.expect_download() as waiting:
        page.locator("a[href^=workbook]").click()
    book = python_calamine.CalamineWorkbook.from_filelike(
        io.BytesIO(Path(waiting.value.path()).read_bytes())
    )
    rows = book.get_sheet_by_index(0).to_python()
    assert waiting.value.suggested_filename == "trial-balance-2026-07.xlsx"
    assert [row[0] for row in rows].count(shown) == 1
    assert shop.complaints == []


def test_a_wrong_period_is_told_on_the_page(shop: Shop) -> None:
    page = shop.open("extension/BeanclearStatements/?period=<b>x</b>")
    expect(page.locator(".problem")).to_contain_text("<b>x</b>")
    assert page.locator(".problem b").count() == 0


# -- decisions ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desk(chromium: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Books of their own, because decisions change them."""
    del chromium
    exports = simulate(tmp_path_factory.mktemp("desk-exports"), orders=120)
    folder = new_books(tmp_path_factory.mktemp("desk"), exports, "en")
    with served(*SERVE, folder) as address:
        yield folder, address


def decide(page: Page, *, to: str | None = None, until: str | None = None) -> None:
    page.locator("[data-open]").click()
    page.locator("dialog [name=action]").select_option("classify" if to else "explain")
    page.locator("dialog [name=reason]").fill('she said "yes"; <b>really</b>')
    if to:
        page.locator("dialog [name=to]").fill(to)
    if until:
        page.locator("dialog [name=until]").fill(until)


def open_items(page: Page, address: str) -> list[str]:
    page.goto(address + "extension/BeanclearItems/")
    page.locator("#bc-items").wait_for()
    return [str(row.get_attribute("data-key")) for row in page.locator(ROWS).all()]


def test_deciding_every_item_in_the_browser_makes_bean_check_pass(
    desk: tuple[Path, str], page: Page
) -> None:
    folder, address = desk
    complaints = listen(page)
    keys = open_items(page, address)
    assert keys
    # The first is classified: it leaves the page. The preview changes nothing.
    page.locator(f"{ROWS} input").first.check()
    decide(page, to="Expenses:BadDebt")
    page.locator("[data-preview-now]").click()
    expect(page.locator("dialog pre")).to_contain_text('custom "classify"', timeout=60_000)
    assert not list(folder.glob("decisions/2026/*.beancount"))
    page.locator("[data-decide-now]").click()
    expect(page.locator(f'tr[data-key="{keys[0]}"]')).to_have_count(0, timeout=60_000)
    written = "".join(path.read_text("utf-8") for path in folder.glob("decisions/2026/*.beancount"))
    assert 'by: "Li"' in written
    assert "<b>" not in written
    # Two more are explained at once; the others by hand, as in any editor.
    left = open_items(page, address)
    for box in page.locator(f"{ROWS} input").all()[:2]:
        box.check()
    decide(page, until="2030-12-31")
    page.locator("[data-decide-now]").click()
    expect(page.locator("#bc-items small", has_text="2030-12-31")).to_have_count(2, timeout=120_000)
    with (folder / "decisions" / "2026.beancount").open("a", encoding="utf-8") as file:
        for row in page.locator(ROWS).all()[2:]:
            file.write(
                f'\n2026-08-09 custom "explain" {row.get_attribute("data-account")}\n'
                f'  by: "Li"\n  key: "{row.get_attribute("data-key")}"\n  until: 2030-12-31\n'
            )
    assert len(left) == len(keys) - 1
    _entries, errors, _options = loader.load_file(str(folder / "main.beancount"))
    assert errors == []
    assert complaints == []


def test_of_two_who_decide_the_same_item_the_second_is_told(
    desk: tuple[Path, str], page: Page
) -> None:
    folder, address = desk
    keys = open_items(page, address)
    page.locator(f"{ROWS} input").first.check()
    decide(page, to="Expenses:BadDebt")
    body = {
        "action": "write-off", "account": page.locator(ROWS).first.get_attribute("data-account"),
        "keys": [keys[0]], "reason": "", "to": "Expenses:BadDebt", "until": None,
        "preview": False,
    }  # fmt: skip
    target = address + "extension/BeanclearItems/decide"
    first = page.request.post(target, data=body, timeout=120_000)
    assert (first.status, first.json()["success"]) == (200, True)
    # The page still shows the item, and the dialog is filled in.
    page.locator("[data-decide-now]").click()
    expect(page.locator("dialog [data-error]")).to_contain_text(keys[0])
    expect(page.locator("[data-decide-now]")).to_be_enabled()
    written = "".join(
        path.read_text("utf-8") for path in folder.rglob("decisions/2026/*.beancount")
    )
    of_item = [text for text in written.split("\n\n") if f'key: "{keys[0]}"' in text]
    assert [text for text in of_item if '"classify"' in text] == []
    assert len([text for text in of_item if '"write-off"' in text]) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"keys": []}, "keys"),
        ({"account": "no account"}, "account"),
        ({"action": "shred"}, "action"),
        ({"by": "Wang"}, "by"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_is_no_decision_is_refused(
    desk: tuple[Path, str], page: Page, change: dict[str, object], said: str
) -> None:
    _folder, address = desk
    body = {
        "action": "explain", "account": "Assets:Receivable:Tmall", "keys": ["1"],
        "until": "2030-01-01",
    }  # fmt: skip
    answer = page.request.post(address + "extension/BeanclearItems/decide", data={**body, **change})
    assert (answer.status, answer.json()["success"]) == (409, False)
    assert answer.json()["error"].startswith(f"{said}: ")


def test_a_month_is_closed_in_the_browser(desk: tuple[Path, str], page: Page) -> None:
    folder, address = desk
    page.goto(address + "extension/BeanclearPeriods/")
    button = page.locator("[data-close]")
    month = str(button.get_attribute("data-close"))
    button.click()
    page.locator("dialog [data-now]").click()
    row = page.locator("#bc-periods tbody tr", has_text=month)
    expect(row).to_contain_text("Li", timeout=60_000)
    text = "".join(path.read_text("utf-8") for path in folder.glob("decisions/2026/*.beancount"))
    assert f'period: "{month}"' in text


def test_read_only_books_offer_no_decision(desk: tuple[Path, str], page: Page) -> None:
    folder, _address = desk
    with served(*SERVE, folder, "--read-only") as address:
        page.goto(address + "extension/BeanclearItems/")
        page.locator("#bc-items").wait_for()
        assert page.locator("#bc-items button[data-open]").count() == 0
        answer = page.request.post(address + "extension/BeanclearItems/decide", data={})
        assert answer.status == 401
