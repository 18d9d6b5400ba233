"""A workshop for whole books: simulated exports, runs, what came out and what is true."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from click.testing import CliRunner

from beanclear.cli import skeleton, workspace
from beanclear.cli.application import beanclear
from beanclear.cli.pipeline import RunOptions, RunResult, run_books
from beanclear.cli.progress import Silent
from beanclear.cli.simulation import Options, simulate
from beanclear.ledger.books import Books, write_atomically
from beanclear.ledger.money import format_minor
from beanclear.ledger.vocabulary import OpenItem

Fact = tuple[str, str, str, str, str, str]
Group = tuple[str, frozenset[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Exports:
    """A simulated company: its files, and what a right reconciliation must find."""

    folder: Path
    truth: dict[str, Any]

    @property
    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.name != "truth.json")

    @property
    def open_items(self) -> Counter[Fact]:
        """(account, class, reference, amount, at stake, currency) of what must be open."""
        return Counter(
            (
                item["account"],
                item["class"],
                _reference(item["account"], item),
                f"{Decimal(item['amount']):.2f}",
                f"{Decimal(item['at_stake']):.2f}",
                item["currency"],
            )
            for item in self.truth["open_items"]
        )

    @property
    def matches(self) -> set[Group]:
        """(account, payouts, deposits) of every payout that arrived."""
        return {
            (
                match["account"],
                frozenset(
                    payout if isinstance(payout, str) else f"{payout['date']} {payout['amount']}"
                    for payout in match["payouts"]
                ),
                frozenset(match["deposits"]),
            )
            for match in self.truth["matches"]
        }


def _reference(account: str, item: dict[str, Any]) -> str:
    if item["class"] == "opening":
        return "bucket"
    if account.startswith("Assets:Receivable:"):
        return str(item["order_id"])
    return str(item["bank_ref"] or item["date"])


class Workshop:
    """Makes exports once, and books as often as wanted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[Options, Exports] = {}
        self._whole: dict[Path, tuple[Books, RunResult]] = {}

    def exports(self, **options: Any) -> Exports:  # noqa: ANN401 - the fields of Options
        chosen = Options(**options)
        if chosen not in self._made:
            folder = self._folder / f"exports-{len(self._made)}"
            simulate(folder, chosen)
            truth = json.loads((folder / "truth.json").read_text("utf-8"))
            self._made[chosen] = Exports(folder, truth)
        return self._made[chosen]

    @staticmethod
    def books(folder: Path) -> Books:
        """New books, as `init` makes them."""
        for name, text in skeleton.files("Shop", "en", "general").items():
            write_atomically(folder / name, text)
        return Books(folder)

    @staticmethod
    def copy(books: Books, folder: Path) -> Books:
        return Books(Path(shutil.copytree(books.root, folder)))

    @staticmethod
    def drop(books: Books, files: Iterable[Path]) -> None:
        for file in files:
            shutil.copy(file, books.inbox)

    def run(self, books: Books, files: Iterable[Path] = (), **options: Any) -> RunResult:  # noqa: ANN401 - the fields of RunOptions
        """Drop files into the inbox and run."""
        self.drop(books, files)
        return run_books(books, RunOptions(**options), Silent())

    def whole(self, exports: Exports) -> tuple[Books, RunResult]:
        """Books that got all files of `exports` at once; shared, so nothing may change them."""
        if exports.folder not in self._whole:
            books = self.books(self._folder / f"whole-{len(self._whole)}")
            self._whole[exports.folder] = (books, self.run(books, exports.files))
        return self._whole[exports.folder]

    @staticmethod
    def call(*arguments: str | Path) -> Any:  # noqa: ANN401 - parsed JSON, with `exit_code`
        """One call of the command line in this process, as (exit code, stdout, stderr)."""
        done = CliRunner(env={"BEANCLEAR_LANG": "en", "BEANCLEAR_BY": "Li Na"}).invoke(
            beanclear, [str(argument) for argument in arguments]
        )
        return done.exit_code, done.stdout, done.stderr

    @staticmethod
    def text(books: Books) -> dict[str, str]:
        """Every *.beancount and beanclear.toml, by relative path."""
        return {
            path.relative_to(books.root).as_posix(): path.read_bytes().decode()
            for path in sorted([*books.root.rglob("*.beancount"), books.config])
        }

    @staticmethod
    def found(items: Iterable[OpenItem]) -> Counter[Fact]:
        """The facts of `Exports.open_items`, of items that a run reports."""
        return Counter(
            (
                item.account,
                item.klass,
                _reference(
                    item.account,
                    {
                        "class": item.klass,
                        "order_id": item.order_id,
                        "bank_ref": item.bank_ref,
                        "date": item.date.isoformat(),
                    },
                ),
                f"{item.amount.number:.2f}",
                f"{item.at_stake.number:.2f}",
                item.amount.currency,
            )
            for item in items
        )

    @staticmethod
    def matches(books: Books, exports: Exports) -> set[Group]:
        """Every group on a transit account that holds payouts and deposits, named as the truth."""
        named = {name for _account, payouts, _deposits in exports.matches for name in payouts}
        with books.lock(10), workspace.keeper(books) as kept:
            rows = kept.con.execute(
                "SELECT account, grp, side, key, CAST(day AS VARCHAR), amount_minor, bank_ref"
                " FROM all_legs WHERE account LIKE 'Assets:Transit:%'"
            ).fetchall()
        groups: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
        for account, group, side, key, day, amount, deposit in rows:
            payouts, deposits = groups.setdefault((account, group), (set(), set()))
            if side == "bank":
                deposits.add(deposit)
            else:
                payouts.add(key if key in named else f"{day} {format_minor(amount, 'CNY')}")
        return {
            (account, frozenset(payouts), frozenset(deposits))
            for (account, _group), (payouts, deposits) in groups.items()
            if payouts and deposits
        }

    @staticmethod
    def load(books: Books) -> tuple[list[Any], list[Any]]:
        """Entries and errors, as `bean-check` sees the books."""
        entries, errors, _options = loader.load_file(str(books.main))
        return list(entries), list(errors)

    @staticmethod
    def balances(entries: Iterable[Any]) -> dict[str, str]:
        """Balance of every wallet and bank account, as `truth.json` writes it."""
        sums: dict[str, Decimal] = {}
        for entry in entries:
            for posting in getattr(entry, "postings", ()):
                if posting.account.startswith(("Assets:Wallet:", "Assets:Bank:")):
                    before = sums.get(posting.account, Decimal())
                    sums[posting.account] = before + posting.units.number
        return {account: f"{amount:.2f}" for account, amount in sorted(sums.items())}


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("workshop"))


@pytest.fixture(scope="session")
def usual(workshop: Workshop) -> Exports:
    """The exports of a shop with every kind of fault."""
    return workshop.exports(orders=400, days=66, seed=31)


@pytest.fixture(scope="session", autouse=True)
def _english() -> Iterator[None]:
    """Messages are compared in English."""
    patch = pytest.MonkeyPatch()
    patch.setenv("BEANCLEAR_LANG", "en")
    patch.setenv("BEANCOUNT_DISABLE_LOAD_CACHE", "1")
    yield
    patch.undo()
