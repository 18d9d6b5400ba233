"""Books of a simulated shop in both languages, each shown by one `beanclear serve`."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from click.testing import CliRunner, Result
from playwright.sync_api import Page, expect

from beanclear.cli.application import beanclear as application

# Pages that ask beanclear in a process of its own take their time on a busy machine.
expect.set_options(timeout=60_000)
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
WAITING = "拼多多账务明细_202606.csv"  # put into the inbox again
SERVE = (sys.executable, "-m", "beanclear.cli", "serve", "--by", "Li")


def beanclear(*arguments: str | Path, lang: str = "en") -> Result:
    return CliRunner(env={"BEANCLEAR_LANG": lang}).invoke(
        application, [str(argument) for argument in arguments]
    )


def new_books(
    folder: Path, exports: Path, lang: str, *, refused: int = 0, shop: str | None = None
) -> Path:
    """Books made of all files in `exports` but those refused; a few items stay open.

    The folder of `exports` that is called `shop` is one.
    """
    assert beanclear("init", folder, "--title", "Shop", lang=lang).exit_code == 0
    if shop is not None:
        with (folder / "beanclear.toml").open("a", encoding="utf-8") as settings:
            settings.write(f"\n[[shops]]\nfolder = '{shop}'\nname = '{shop}'\n")
    shutil.copytree(exports, folder / "inbox", dirs_exist_ok=True)
    (folder / "inbox" / "truth.json").unlink(missing_ok=True)
    done = beanclear("run", folder, lang=lang)
    assert (done.exit_code, done.stdout.count(" refused ")) == (1, refused), done.output
    return folder


def simulate(folder: Path, *, orders: int) -> Path:
    options = ("--orders", str(orders), "--days", "70", "--seed", "3", "--faults", "0.02")
    assert beanclear("simulate", folder, *options).exit_code == 0
    return folder


@contextmanager
def served(*command: str | Path) -> Iterator[str]:
    """A program that shows books of the title Shop on a free port; the address of these books."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with subprocess.Popen(
        [*map(str, command), "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            _wait(process, f"http://127.0.0.1:{port}/shop/api/errors")
            yield f"http://127.0.0.1:{port}/shop/"
        finally:
            process.terminate()


def _wait(process: subprocess.Popen[str], address: str) -> None:
    end = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < end:
        try:
            with urlopen(address, timeout=30):  # noqa: S310 - our own address
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    process.kill()
    pytest.fail(f"the server did not answer: {process.communicate()[0]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Served books, and what the browser said about their pages."""

    language: str
    folder: Path
    address: str
    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """The page of that path, loaded."""
        self.page.goto(self.address + path)
        self.page.locator("aside a").first.wait_for()
        return self.page

    def picture(self, name: str) -> None:
        """Keep what the page looks like, for people."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{self.language}-{name}.png")


def listen(page: Page) -> list[str]:
    """A list that fills with what the console of the page complains of."""
    complaints: list[str] = []
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    return complaints


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(tmp_path_factory.mktemp("exports"), orders=400)


@pytest.fixture(scope="session", params=["zh", "en"])
def served_books(
    request: pytest.FixtureRequest,
    chromium: object,
    exports: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Path, str]]:
    """(language, folder, address) of books; made only where there is a browser."""
    del chromium
    folder = new_books(tmp_path_factory.mktemp("shop"), exports, request.param)
    shutil.copy(exports / WAITING, folder / "inbox" / WAITING)
    with served(*SERVE, folder) as address:
        yield request.param, folder, address


@pytest.fixture
def shop(served_books: tuple[str, Path, str], page: Page) -> Shop:
    language, folder, address = served_books
    return Shop(
        language=language, folder=folder, address=address, page=page, complaints=listen(page)
    )
