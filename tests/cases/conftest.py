"""What the cases share: books on disk, files dropped into them, and what a person then sees.

A case is a small input after a public report, made up for the project, with the right value. Each
is tried through the command line, because that is where a wrong figure would be believed.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import data
from click.testing import CliRunner, Result

from beanclear.cli import language
from beanclear.cli.application import beanclear


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("BEANCLEAR_LANG", "BEANCLEAR_BOOKS", "BEANCLEAR_BY", "NO_COLOR", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C")
    monkeypatch.setenv("LANGUAGE", "en")
    yield
    language.use("en")


class Case:
    """New books, and the commands on them. Amounts are decimals, debit positive."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.shops: list[str] = []
        self.said = self._call("init", folder).output

    def _call(self, *arguments: str | Path) -> Result:
        return CliRunner().invoke(beanclear, [str(argument) for argument in arguments])

    def configure(self, text: str) -> None:
        """Replace beanclear.toml; the shops of files that were put into folders stay."""
        shops = "".join(self._shop(folder) for folder in self.shops if f'"{folder}"' not in text)
        (self.root / "beanclear.toml").write_text(text + shops, encoding="utf-8")

    def _shop(self, folder: str) -> str:
        return f'\n[[shops]]\nfolder = "{folder}"\nname = "{folder}"\n'

    def put(self, name: str, content: str | bytes, *, shop: bool = True) -> Path:
        """Drop a file into the inbox; `name` may have a folder, which is a `shop` unless not."""
        folder = name.rpartition("/")[0]
        if folder and shop and folder not in self.shops:
            self.shops.append(folder)
            settings = self.root / "beanclear.toml"
            text = settings.read_text(encoding="utf-8") if settings.is_file() else ""
            settings.write_text(text + self._shop(folder), encoding="utf-8")
        path = self.root / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, *arguments: str) -> int:
        """`beanclear run`; its exit status, and in `said` all that it printed."""
        done = self._call("run", self.root, *arguments)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        self.said = done.output
        return done.exit_code

    def call(self, *arguments: str) -> int:
        """Another command on these books (`-C` is added); its exit status, output in `said`."""
        done = self._call(*arguments, "-C", self.root)
        self.said = done.output
        return done.exit_code

    def check(self) -> int:
        """`beanclear check`; its exit status, output in `said`."""
        done = self._call("check", self.root)
        self.said = done.output
        return done.exit_code

    def _open_items(self) -> dict[str, Any]:
        done = self._call("open-items", self.root, "--json")
        return dict(json.loads(done.stdout))

    def items(self) -> list[tuple[str, Decimal]]:
        """(class, amount) of the open items, in the order they are listed."""
        return [(one["class"], Decimal(one["amount"])) for one in self._open_items()["items"]]

    def item(self, klass: str) -> dict[str, Any]:
        """The one open item of a class, as the command prints it."""
        (found,) = [one for one in self._open_items()["items"] if one["class"] == klass]
        return dict(found)

    def inbox(self) -> list[str]:
        """Files that still wait."""
        waiting = (path for path in (self.root / "inbox").rglob("*") if path.is_file())
        return sorted(path.name for path in waiting if not path.name.startswith("."))

    def balances(self, start: str, until: str = "9999-12-31") -> dict[str, Decimal]:
        """What accounts that begin so hold at the end of a day, as written and with plugins."""
        entries, errors, _options = loader.load_file(str(self.root / "main.beancount"))
        self.errors = [error.message for error in errors]
        last = datetime.date.fromisoformat(until)
        sums: dict[str, Decimal] = {}
        for entry in entries:
            if not isinstance(entry, data.Transaction) or entry.date > last:
                continue
            for posting in entry.postings:
                if posting.account.startswith(start) and posting.units is not None:
                    number = posting.units.number
                    assert isinstance(number, Decimal)
                    sums[posting.account] = sums.get(posting.account, Decimal(0)) + number
        return {account: number for account, number in sorted(sums.items()) if number}

    def total(self, start: str, until: str = "9999-12-31") -> Decimal:
        """The sum of those accounts."""
        return sum(self.balances(start, until).values(), Decimal(0))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """New books without any file."""
    return Case(tmp_path / "books")
