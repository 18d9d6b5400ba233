"""Fixtures that several folders of tests share."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from beanclear.cli import incremental
from beanclear.cli.bookkeeping import Bookkeeper
from beanclear.ledger import config as configuration
from beanclear.ledger.books import Books
from beanclear.ledger.reconciliation import Reconciliation
from beanclear.ledger.records import Kind, OrderStatus, Record, Stage
from beanclear.ledger.statement import Statement
from beanclear.ledger.store import RecordStore
from beanclear.ledger.tables import to_table

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT.parent / "shared" / "samples"
NO_CHROMIUM = "Chromium was not found: install the Debian packages chromium and fonts-noto-cjk"
# A closed network must not slow the start, and nothing is looked up at Google.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def examples(usual: int) -> int:
    """How many examples a property is tried on: `make test-properties` asks for many more."""
    return int(os.environ.get("PROPERTY_EXAMPLES", usual))


def find_chromium() -> str | None:
    """The program that `CHROMIUM` names, Debian's Chromium, or Chrome."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = (shutil.which(name) for name in names)
    return os.environ.get("CHROMIUM") or next(filter(None, found), None)


@pytest.fixture
def small_histories(monkeypatch: pytest.MonkeyPatch) -> None:
    """Computations of a few records leave a history too, and take it up."""
    monkeypatch.setattr(incremental, "WORTHWHILE", 0)


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_disks() -> Iterator[None]:
    """Nobody cuts the power here; a process that is killed loses nothing it has written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _descriptor: None)
        yield


class TinyBooks:
    """Records by hand; all sources speak for July to December 2026. Days are `MM-DD`.

    Amounts are fen, signed from the merchant's side; what comes out is debit positive.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.books = Books(folder)
        self.records: dict[tuple[str, str, Stage], list[Record]] = defaultdict(list)
        self.periods: dict[str, tuple[str, str]] = {}
        self.balances: dict[str, tuple[int, int]] = {}
        self._kept: tuple[str, Bookkeeper] | None = None

    def configure(self, text: str) -> None:
        self.books.config.write_text(text, encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        path = self.books.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    @staticmethod
    def day(text: str) -> datetime.date:
        return datetime.date.fromisoformat(f"2026-{text}" if len(text) == len("07-01") else text)

    def _at(self, text: str | None) -> datetime.datetime | None:
        noon = datetime.time(12, tzinfo=ZoneInfo("Asia/Shanghai"))
        return None if text is None else datetime.datetime.combine(self.day(text), noon)

    def add(
        self,
        source: str,
        stage: Stage,
        kind: Kind,
        amount: int,
        day: str,
        **more: Any,  # noqa: ANN401 - fields of Record
    ) -> None:
        rows = self.records[source, more.get("account", "main"), stage]
        values: dict[str, Any] = {
            "record_id": f"{source}-{stage}-{len(rows) + 1}",
            "account": "main",
            "kind_raw": "",
            "occurred_at": self._at(day),
            "booked_on": self.day(day),
            "currency": "CNY",
            "document": "",
            "row": len(rows) + 1,
        } | more
        rows.append(Record(source=source, stage=stage, kind=kind, amount_minor=amount, **values))

    def order(self, key: str, amount: int, ordered: str, **more: Any) -> None:  # noqa: ANN401 - fields of Record
        """An order; `paid`, `shipped`, `completed`, `closed`, `known` are days."""
        days = {name: more.pop(name, None) for name in ("paid", "shipped", "completed", "closed")}
        reached = [name for name, day in days.items() if day is not None]
        status = OrderStatus(reached[-1]) if reached else OrderStatus.CREATED
        platform = more.pop("platform", "shop")
        source = more.pop("source", platform)
        self.add(
            source,
            Stage.ORDER,
            Kind.SALE,
            amount,
            ordered,
            **{
                "order_id": key,
                "platform": platform,
                "status": status,
                "ordered_at": self._at(ordered),
                "known_at": self._at(more.pop("known", "12-31")),
                **{f"{name}_at": self._at(day) for name, day in days.items()},
                **more,
            },
        )

    def wallet(
        self,
        kind: Kind,
        amount: int,
        day: str,
        order: str | None = None,
        **more: Any,  # noqa: ANN401 - fields of Record
    ) -> None:
        """A wallet line, on WeChat Pay unless `source` says otherwise."""
        platform = more.pop("platform", "shop" if order else None)
        source = more.pop("source", "wechatpay")
        self.add(source, Stage.WALLET, kind, amount, day, order_id=order, platform=platform, **more)

    def bank(
        self,
        amount: int,
        day: str,
        counterparty: str = "",
        memo: str = "",
        **more: Any,  # noqa: ANN401 - fields of Record
    ) -> None:
        self.add(
            "ccb",
            Stage.BANK,
            Kind.BANK_LINE,
            amount,
            day,
            counterparty=counterparty,
            memo=memo,
            **more,
        )

    def covering(self, *sources: str) -> None:
        """Sources that have statements, and may have no line."""
        for source in sources:
            name, stage = source.split("/")
            self.records[name, "main", Stage(stage)] += []

    @staticmethod
    def document(source: str, account: str, stage: Stage, shop: str = "") -> str:
        """The hash of the file in which the lines of one account and shop stand."""
        name = f"{source}/{stage}" if account == "main" else f"{source}/{account}/{stage}"
        return hashlib.sha256(f"{shop}/{name}".removeprefix("/").encode()).hexdigest()

    def _statement(
        self, source: str, account: str, stage: Stage, shop: str, rows: list[Record]
    ) -> Statement:
        name = f"{source}/{stage}"
        document = self.document(source, account, stage, shop)
        rows = [row for row in rows if row.shop == shop]
        first, last = self.periods.get(name, ("07-01", "12-31"))
        opening, closing = self.balances.get(name, (None, None))
        return Statement(
            importer="hand",
            source=source,
            account=account,
            stage=stage,
            shop=shop,
            currency="CNY",
            file=f"{source}.csv",
            document=document,
            records=to_table(dataclasses.replace(row, document=document) for row in rows),
            rows_read=len(rows),
            declared_first=self.day(first),
            declared_last=self.day(last),
            opening_minor=opening,
            closing_minor=closing,
            chained=True if opening is not None else None,
        )

    @contextlib.contextmanager
    def keeper(self) -> Iterator[Bookkeeper]:
        """The records, posted and linked; asked again of the same books, the same."""
        told = self._told()
        if self._kept is None or self._kept[0] != told:
            self._kept = (told, self._posted())
        yield self._kept[1]

    def _told(self) -> str:
        """All that a computation could read."""
        written = [
            (str(path), path.read_bytes())
            for path in sorted(self.books.root.rglob("*"))
            if path.is_file() and not path.is_relative_to(self.books.records)
        ]
        return repr((sorted(self.records.items()), self.periods, self.balances, written))

    def _posted(self) -> Bookkeeper:
        store = RecordStore(self.books)
        store.reset()
        store.add(
            self._statement(source, account, stage, shop, rows)
            for (source, account, stage), rows in sorted(self.records.items())
            for shop in sorted({row.shop for row in rows} or {""})
        )
        return Bookkeeper(self.books, store, configuration.load(self.books.config), [])

    def found(self, as_of: str = "12-31") -> Reconciliation:
        with self.keeper() as kept:
            return kept.reconcile(kept.as_of(self.day(as_of)))

    def open(self, as_of: str = "12-31") -> list[tuple[str, str, int]]:
        """(class, key, amount) of the open items."""
        return [(item.klass.value, item.key, item.amount_minor) for item in self.found(as_of).items]

    def postings(self, start: str = "") -> list[tuple[str, str, int]]:
        """(day as MM-DD, account, amount) of all postings on accounts that begin so, by day."""
        with self.keeper() as kept:
            rows = kept.con.execute(
                "SELECT day, account, CAST(sum(amount_minor) AS BIGINT) FROM postings"
                " GROUP BY ALL HAVING sum(amount_minor) <> 0 ORDER BY ALL"
            ).fetchall()
        return [
            (f"{day:%m-%d}", account, amount)
            for day, account, amount in rows
            if account.startswith(start)
        ]

    def texts(self) -> dict[str, str]:
        with self.keeper() as kept:
            return kept.compute().texts


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real, masked exports beside the checkout."""
    if not SAMPLES.is_dir():
        pytest.skip("the samples are not beside this checkout (../shared/samples)")
    return SAMPLES


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A running headless Chromium; the test is skipped, clearly, where there is none."""
    program = find_chromium()
    if program is None:
        pytest.skip(NO_CHROMIUM)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow, and few tests need it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser_profile(chromium: Browser) -> Iterator[BrowserContext]:
    """One profile for all pages, so that scripts come from the cache; nothing else is kept."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    context.add_init_script("localStorage.clear()")
    yield context
    context.close()


@pytest.fixture
def page(browser_profile: BrowserContext) -> Iterator[Page]:
    """A page that fails the test when a script on it fails."""
    failures: list[str] = []
    opened = browser_profile.new_page()
    opened.on("pageerror", lambda error: failures.append(str(error)))
    yield opened
    opened.close()
    assert failures == []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end, also under `-q`, that browser tests were left out."""
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = sum(NO_CHROMIUM in str(report.longrepr) for report in skipped)
    if left_out:
        terminalreporter.write_line(f"{left_out} browser tests did not run. {NO_CHROMIUM}.")


@pytest.fixture
def tiny(tmp_path: Path) -> TinyBooks:
    """Books made of a few hand-made records, posted and matched without any file."""
    return TinyBooks(tmp_path / "tiny")
