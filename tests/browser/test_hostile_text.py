"""P10 in the browser: whatever a file says is shown as text, also without our guard."""

from __future__ import annotations

import csv
import io
import shutil
import sys
import zipfile
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

import pytest
import python_calamine
import xlsxwriter
from beancount import loader
from playwright.sync_api import Page, expect

from tests.browser.conftest import beanclear, listen, new_books, served, simulate

pytestmark = pytest.mark.browser

IMAGE = "<img src=x onerror=window.__xss=1>"
# What stands in cells; the text it must become is `harmless` of it.
HOSTILE = (
    IMAGE,
    '"><script>window.__xss=2</script>',
    '=HYPERLINK("http://evil.example","x")',
    "\u202egnp.exe\u202c \u2066hidden\u2069",
    'back\\slash "quoted" \\" \'single\'',
    "{{ 7*7 }} {% raw %} ${7*7}",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "<svg onload=window.__xss=3> " + "长" * 3000,
    "&lt;img src=x onerror=window.__xss=4&gt;",
    "</title></textarea><iframe srcdoc='<script>parent.__xss=5</script>'>",
)
SECOND = f"{IMAGE}店"  # the folder of a second shop
FAVA = "from fava.cli import main; main()"


def fill(path: Path, *columns: str, keep: str = "") -> None:
    """Put the hostile texts into columns of a CSV in GB18030; only in rows that hold `keep`."""
    rows = list(csv.reader(path.read_text("gb18030").splitlines()))
    header = next(row for row in rows if set(columns) <= set(row))
    start = rows.index(header) + 1
    texts = cycle(HOSTILE)
    for row in rows[start:]:
        if len(row) == len(header) and keep in "".join(row):
            for column in columns:
                row[header.index(column)] = next(texts)
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(rows)


def fill_bank(path: Path) -> None:
    """The same for counterparties and memos of bank lines that no platform pays."""
    (sheet,) = python_calamine.CalamineWorkbook.from_path(str(path)).sheet_names
    rows = (
        python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()
    )
    with xlsxwriter.Workbook(str(path)) as book:
        written = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            cells = [str(cell) for cell in row]
            if number and row[4]:
                cells[8] = HOSTILE[number % len(HOSTILE)]
                cells[10] = HOSTILE[(number + 3) % len(HOSTILE)]
            for place, cell in enumerate(cells):
                written.write_string(number, place, cell)


def unpack(path: Path) -> Path:
    """The lines of an Alipay archive as a CSV of their own."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        lines = max(archive.infolist(), key=lambda member: member.file_size)
        target = path.with_name("alipay-lines.csv")
        target.write_bytes(archive.read(lines))
    path.unlink()
    return target


def make_hostile(exports: Path) -> None:
    fill_bank(next(exports.glob("A*ND06*.xlsx")))
    alipay = unpack(exports / "20880512402512820156_202606.csv.zip")
    fill(alipay, "商品名称", "对方账号", "备注")
    fill(alipay, "业务描述", keep="其它")
    pinduoduo = exports / "拼多多账务明细_202606.csv"
    fill(pinduoduo, "备注")
    fill(pinduoduo, "账务类型", "业务描述", keep="扣款")
    shutil.move(pinduoduo, exports / f"\"'{IMAGE}{{{{7}}}}\u202efdp.csv")
    orders = exports / "orders-2026-06-30.csv"
    lines = orders.read_text("utf-8-sig").splitlines()
    second = exports / SECOND
    second.mkdir()
    (second / f"orders {IMAGE}.csv").write_text("\n".join(lines), encoding="utf-8")
    for number, text in enumerate(HOSTILE[:6], start=1):
        cells = lines[number].split(",")
        cells[0] = '"' + text.replace('"', '""') + '"'
        lines[number] = ",".join(cells)
    orders.write_text("\n".join(lines), encoding="utf-8")
    # Refused, so they stay in the inbox, where the import page lists them.
    (exports / f"{IMAGE}.txt").write_text(IMAGE, encoding="utf-8")


@pytest.fixture(scope="module")
def books(chromium: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    del chromium
    exports = simulate(tmp_path_factory.mktemp("exports"), orders=80)
    make_hostile(exports)
    folder = tmp_path_factory.mktemp("hostile")
    return new_books(folder, exports, "en", refused=1, shop=SECOND)


@pytest.fixture(scope="module")
def address(books: Path) -> Iterator[str]:
    """Plain Fava without our extension: the text itself must be harmless."""
    main = books / "main.beancount"
    lines = main.read_text("utf-8").splitlines()
    left = [line for line in lines if "fava-extension" not in line]
    assert len(left) == len(lines) - 1
    main.write_text("\n".join(left) + "\n", encoding="utf-8")
    with served(sys.executable, "-c", FAVA, main) as found:
        yield found


@pytest.fixture(scope="module")
def desk(books: Path) -> Iterator[str]:
    """The same books with our own pages."""
    text = (books / "main.beancount").read_text("utf-8")
    line = '1970-01-01 custom "fava-extension" "beanclear.plugins.fava_beanclear"\n'
    own = books / "desk.beancount"
    own.write_text(text if "fava-extension" in text else text + line, encoding="utf-8")
    with served(sys.executable, "-c", FAVA, own) as found:
        yield found


def harmless(text: str) -> str:
    return text.replace("<", "＜").replace(">", "＞")


def assert_nothing_ran(page: Page) -> None:
    """No script ran, and no markup of the files became an element."""
    assert page.evaluate("window.__xss") is None
    made = page.locator(
        "img[src='x'], svg[onload], iframe[srcdoc], [onerror], article script:text('xss')"
    )
    expect(made).to_have_count(0)


def test_the_books_hold_the_texts_and_no_markup(books: Path) -> None:
    _entries, errors, _options = loader.load_file(str(books / "main.beancount"))
    assert {type(error).__name__ for error in errors} == {"OpenItemError"}
    text = "".join(path.read_text("utf-8") for path in sorted(books.rglob("*.beancount")))
    assert not set(text) & set("<>\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\x00")
    for hostile in HOSTILE[:2]:
        assert harmless(hostile).replace('"', '\\"') in text


def test_the_key_in_the_books_is_a_key_of_the_records(books: Path) -> None:
    traced = beanclear("trace", harmless(HOSTILE[1]), "--books", books)
    assert (traced.exit_code, "orders-2026-06-30.csv:3" in traced.stdout) == (0, True)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("journal/", HOSTILE[0]),
        ("account/Assets:Bank:CCB:8826/", HOSTILE[1]),
        ("account/Assets:Suspense:CCB:8826/", HOSTILE[1]),
        ("account/Assets:Receivable:Shop/", ""),
        ("errors/", HOSTILE[1]),
        ("documents/", "_img src=x onerror=window.__xss=1_"),
        ("trial_balance/", "Img-src-x-onerror-window-xss-1-店"),
        ("income_statement/", "Img-src-x-onerror-window-xss-1-店"),
        ("balance_sheet/", "Img-src-x-onerror-window-xss-1-店"),
        ("query/?query_string=" + quote("SELECT payee, narration, filename"), HOSTILE[1]),
    ],
)
def test_no_page_runs_it(address: str, page: Page, path: str, shown: str) -> None:
    page.goto(address + path)
    page.locator("aside a").first.wait_for()
    expect(page.locator("article")).to_contain_text(harmless(shown))
    if path.startswith(("journal", "account")):
        for name in ("Metadata", "Postings", "Open"):
            page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator("ol.journal.show-postings.show-metadata").first).to_be_visible()
    assert_nothing_ran(page)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("Overview/", f"orders {IMAGE}.csv"),
        ("Items/", HOSTILE[1]),
        ("Items/?find=" + quote(harmless(HOSTILE[4])), HOSTILE[4]),
        ("Trace/?key=" + quote(harmless(HOSTILE[1])), HOSTILE[1]),
        ("Trace/?key=" + quote(HOSTILE[5]), HOSTILE[5]),
        ("Periods/", ""),
    ],
)
def test_none_of_our_own_pages_runs_it(desk: str, page: Page, path: str, shown: str) -> None:
    complaints = listen(page)
    page.goto(desk + "extension/Beanclear" + path)
    expect(page.locator(".bc")).to_contain_text(harmless(shown))
    expect(page.locator(".bc .problem")).to_have_count(0)
    assert_nothing_ran(page)
    assert complaints == []


def test_a_bank_line_in_the_editor_of_entries(address: str, page: Page) -> None:
    page.goto(address + "account/Assets:Bank:CCB:8826/")
    line = page.locator("ol.journal li.transaction", has_text=harmless(HOSTILE[1])).first
    line.locator("a[href^='#context-']").click()
    expect(page.locator(".cm-content")).to_contain_text("＜script＞")
    assert_nothing_ran(page)


def test_the_guard_blocks_what_a_person_writes(books: Path, tmp_path: Path, page: Page) -> None:
    """Markup in an accountant's own entry: Fava makes elements of it, the browser runs nothing."""
    own = tmp_path / "main.beancount"
    own.write_text(
        'option "title" "Shop"\n'
        '1970-01-01 custom "fava-extension" "beanclear.plugins.fava_beanclear"\n'
        "1970-01-01 open Assets:Bank CNY\n"
        f'2026-06-01 * "{IMAGE}" ""\n  Assets:Bank  1.00 CNY\n  Assets:Bank  -1.00 CNY\n',
        encoding="utf-8",
    )
    del books
    complaints = listen(page)
    with served(sys.executable, "-c", FAVA, own) as found:
        page.goto(found + "journal/")
        expect(page.locator("ol.journal img[src='x']")).to_have_count(1)
        page.wait_for_function("document.querySelector('img[src=x]').complete")
        assert page.evaluate("window.__xss") is None
    assert any("Content Security Policy" in complaint for complaint in complaints)
