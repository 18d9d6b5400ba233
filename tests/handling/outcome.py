"""What the books make of handled files: the same, a fault that names the file, or another thing."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pyarrow as pa

from beanclear.cli import intake
from beanclear.cli.bookkeeping import Bookkeeper, Computed
from beanclear.cli.progress import Silent
from beanclear.cli.reminding import reminders
from beanclear.cli.results import RunOptions
from beanclear.importers.registry import read_document
from beanclear.ledger import config as configuration
from beanclear.ledger.books import Books
from beanclear.ledger.config import Config
from beanclear.ledger.errors import SourceError
from beanclear.ledger.statement import Grade, Statement
from beanclear.ledger.store import RecordStore
from tests.handling.catalogue import Files

Figures = dict[tuple[str, str, str], int]  # day, account, currency: minor units


_NAME_OR_DAY = re.compile(r"^\S+\.(csv|xlsx|zip|gz): |\d{4}-\d\d-\d\d")


class Outcome(StrEnum):
    """What became of the books.

    same: the figures are those of the untouched file.
    fault: a message names the file; it is not booked, or the message says what is.
    open: the file is booked, and an open item says that something is missing or too much.
    said: the file is booked, and a warning or a reminder says what to look at.
    earlier: what differs lies after the day up to which the books say they are complete.
    other: other figures, and nothing says so.
    """

    SAME = "same"
    FAULT = "fault"
    OPEN = "open"
    SAID = "said"
    EARLIER = "earlier"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Books made of some files.

    Attributes:
      figures: by day and account; `items`: what is open; `as_of`: by account.
      refused: names of files that are not booked.
      faults: what is said of them, and of files that contradict each other; `check` fails.
      warnings: what everybody is told of files that are booked, and reminders.
    """

    figures: Figures
    items: Counter[tuple[str, str, str]]
    as_of: dict[str, str]
    refused: frozenset[str]
    faults: tuple[str, ...]
    warnings: tuple[str, ...]


def statements_of(files: Files, config: Config) -> list[list[Statement]] | None:
    """What is read of each file; none when one of them would not be booked."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, content) in enumerate(files):
            path = Path(folder, str(number))
            path.write_bytes(content)
            document = hashlib.sha256(content).hexdigest()
            base = name.rpartition("/")[2]
            try:
                found.append(read_document(path, name=base, document=document, config=config))
            except SourceError:
                return None
    graded = [one.grade for some in found for one in some]
    booked = any(one.rows_read or one.span for some in found for one in some)
    return found if booked and Grade.CONTRADICTED not in graded else None


def reads_like(base: Sequence[Statement], found: Sequence[Statement]) -> bool:
    """Whether two files say the same: every field of every record in their order, and the days."""
    return _said(base) == _said(found) and _records(base).equals(_records(found))


def _said(statements: Iterable[Statement]) -> list[object]:
    return [
        (one.source_key, one.currency, one.span, one.rank, one.since, one.until, one.exported_at)
        for one in statements
    ]


def _records(statements: Iterable[Statement]) -> pa.Table:
    tables = [one.records.drop_columns(["document", "row"]) for one in statements]
    return pa.concat_tables(tables).combine_chunks()


class Desk:
    """Books of one company: files that always lie there are read once."""

    def __init__(self, root: Path, others: Iterable[Path], settings: str) -> None:
        self._root = root
        self._number = 0
        self._settings = settings
        self._made = self._books(root / "others", settings)
        self._book(self._made, [(path.name, path.read_bytes()) for path in others])

    @staticmethod
    def _books(folder: Path, settings: str) -> Books:
        books = Books(folder)
        books.inbox.mkdir(parents=True)
        books.config.write_text(settings, encoding="utf-8")
        return books

    @staticmethod
    def _book(books: Books, files: Files) -> tuple[RecordStore, list[intake.Arrival]]:
        for name, content in files:
            path = books.inbox / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        store = RecordStore(books)
        config = configuration.load(books.config)
        with store.session():
            arrivals = intake.look(books, config, RunOptions(), [], store=store, progress=Silent())
            store.take(one.staged for one in arrivals if one.staged is not None)
        for path in books.inbox.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return store, arrivals

    def make(self, files: Files, shops: Iterable[str] = ()) -> Made:
        """The books of these files beside the others, as a run computes them."""
        self._number += 1
        folder = self._root / str(self._number)
        shutil.copytree(self._made.root, folder)
        books = Books(folder)
        more = "".join(f'\n[[shops]]\nfolder = "{name}"\nname = "{name}"\n' for name in shops)
        books.config.write_text(self._settings + more, encoding="utf-8")
        store, arrivals = self._book(books, files)
        with Bookkeeper(books, store, configuration.load(books.config), []) as kept:
            computed = kept.compute()
            rows = kept.con.execute(
                "SELECT CAST(day AS VARCHAR), account, currency,"
                " CAST(sum(amount_minor) AS BIGINT) FROM postings GROUP BY ALL"
            ).fetchall()
        made = _made(store, arrivals, computed, {row[:3]: row[3] for row in rows if row[3]})
        shutil.rmtree(folder)
        return made


def _made(
    store: RecordStore, arrivals: Sequence[intake.Arrival], computed: Computed, figures: Figures
) -> Made:
    results = [result for arrival in arrivals for result in arrival.results]
    refused = [one for one in results if one.state == "refused"]
    return Made(
        figures=figures,
        items=Counter(
            (item.account, str(item.klass), str(item.amount_minor)) for item in computed.found.items
        ),
        as_of={state.account: state.as_of.isoformat() for state in computed.found.states},
        refused=frozenset(one.file for one in refused),
        faults=(
            *(str(fault) for one in refused for fault in one.faults),
            *map(str, store.conflicts()),
            *map(str, computed.disagreements),
            *map(str, computed.contradictions),
        ),
        warnings=(
            *(f"{one.file}: {text}" for one in results for text in one.warnings),
            *reminders(computed),
        ),
    )


def judge(base: Made, found: Made) -> tuple[Outcome, str]:
    """How handled files compare with the untouched one, and what shows it."""
    if (found.figures, found.items, found.as_of) == (base.figures, base.items, base.as_of):
        return Outcome.SAME, ""
    faults = [text for text in found.faults if text not in base.faults]
    if faults:
        return Outcome.FAULT, faults[0]
    items = found.items - base.items
    if items:
        return Outcome.OPEN, str(min(items))
    if _is_earlier(base, found):
        return Outcome.EARLIER, ""
    if warnings := _news(base, found):
        return Outcome.SAID, warnings[0]
    less, more = (
        sorted(set(one.figures.items()) - set(two.figures.items()))[:3]
        for one, two in ((base, found), (found, base))
    )
    return Outcome.OTHER, f"{less} -> {more}; open {list(base.items - found.items)[:3]}"


def judge_together(right: Made, found: Made, *, by_shop: bool) -> tuple[Outcome, str]:
    """The same of files of two accounts or shops: their accounts may bear other names.

    Wallets and banks have to be kept apart; receivables and income only where files are of a
    shop's orders.
    """
    items = _by_class(found) - _by_class(right)
    apart = _by_account(right, by_shop=by_shop) == _by_account(found, by_shop=by_shop)
    if apart and not items:
        return Outcome.SAME, ""
    if faults := [text for text in found.faults if text not in right.faults]:
        return Outcome.FAULT, faults[0]
    if items:
        return Outcome.OPEN, str(min(items))
    if warnings := _news(right, found):
        return Outcome.SAID, warnings[0]
    return Outcome.OTHER, "two shops are one"


def _news(base: Made, found: Made) -> list[str]:
    """Warnings that are not said of the untouched file too, whatever its name and days."""
    known = {_plain(text) for text in base.warnings}
    return [text for text in found.warnings if _plain(text) not in known]


def _plain(text: str) -> str:
    return _NAME_OR_DAY.sub("", text)


def _by_class(made: Made) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for (_account, klass, amount), count in made.items.items():
        found[klass, amount] += count
    return found


def _by_account(made: Made, *, by_shop: bool) -> list[list[tuple[tuple[str, str], int]]]:
    accounts: dict[str, Counter[tuple[str, str]]] = {}
    for (day, account, currency), amount in made.figures.items():
        own = by_shop or account.startswith(("Assets:Wallet:", "Assets:Bank:"))
        name = account if own else ":".join(account.split(":")[:2])
        accounts.setdefault(name, Counter())[day, currency] += amount
    return sorted(
        sorted((key, sum_) for key, sum_ in one.items() if sum_) for one in accounts.values()
    )


def _is_earlier(base: Made, found: Made) -> bool:
    """Whether all that differs lies after the day up to which the books say they are complete."""
    ends = [found.as_of.get(account, "") for account in base.as_of]
    end = min(ends, default=None)
    return end is not None and _until(base, end) == _until(found, end)


def _until(made: Made, end: str) -> Figures:
    return {key: amount for key, amount in made.figures.items() if key[0] <= end}
