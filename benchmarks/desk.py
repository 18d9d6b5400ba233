"""The pages of Fava on books of a whole run, as a browser asks a started server for them.

A page is what the browser must have before it can show it: the page itself, and for Fava's own
pages the figures that they fetch. Each round starts a server and asks for every page once
(`first`) and three times more (`warm`: the median). A search counts until its answer is there.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from benchmarks.measure import KIB, JobFailedError, Sample

WARM = 3
START_SECONDS = 300
PAUSE = 0.05
CLEARING = "Assets:Receivable:Tmall"
_OURS = "extension/Beanclear"
# Name → what is asked for, one after the other.
OWN_PAGES: Mapping[str, Sequence[str]] = {
    "overview": [f"{_OURS}Overview/"],
    "open items": [f"{_OURS}Items/"],
    "open items, sorted": [f"{_OURS}Items/?by=age&down=1&first=200"],
    "open items, searched": [f"{_OURS}Items/?find=8"],
    "cash flow": [f"{_OURS}CashFlow/"],
    "periods": [f"{_OURS}Periods/"],
    "statements": [f"{_OURS}Statements/"],
    "reports": [f"{_OURS}Reports/?report=trial-balance&period=2026-08"],
}
FAVA_PAGES: Mapping[str, Sequence[str]] = {
    "income statement": ["income_statement/", "api/income_statement"],
    "balance sheet": ["balance_sheet/", "api/balance_sheet"],
    "clearing account": [f"account/{CLEARING}/", f"api/account_report?a={CLEARING}"],
}
# Reports last: they go on in the background.
PAGES = {**FAVA_PAGES, **OWN_PAGES}
SEARCH = "search"


@dataclass(slots=True)
class Times:
    """Seconds of each page: when it was first asked for, and the median of asking again.

    `busy` has the processor seconds of the first, of the server and what it waited for.
    """

    first: dict[str, float] = field(default_factory=dict)
    warm: dict[str, float] = field(default_factory=dict)
    busy: dict[str, float] = field(default_factory=dict)
    peak: float = 0.0


@contextlib.contextmanager
def served(books: Path) -> Iterator[tuple[str, int]]:
    """A started server: the address of its books, and its process."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    command = [sys.executable, "-m", "beanclear.cli", "serve", str(books), "--port", str(port)]
    # A group of its own: a report that it is still waiting for ends with it.
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            yield _address(f"http://127.0.0.1:{port}/", process), process.pid
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def _address(root: str, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            with urlopen(root, timeout=START_SECONDS) as answer:  # noqa: S310 - our own address
                return str(answer.url).removesuffix("income_statement/")
        except (URLError, ConnectionError):
            time.sleep(PAUSE)
    raise JobFailedError("the server did not answer")


def _asked(address: str, paths: Sequence[str]) -> float:
    """The seconds until all of it has arrived, and no answer is still being waited for."""
    started = time.perf_counter()
    for path in paths:
        while True:
            with urlopen(address + quote(path, safe="/?&=,:"), timeout=START_SECONDS) as answer:  # noqa: S310
                content = answer.read()
            if SEARCH not in path or b"data-waiting" not in content:
                break
            time.sleep(PAUSE)
        if b'class="problem" role="alert"' in content:
            raise JobFailedError(f"{path} tells of a problem")
    return time.perf_counter() - started


def _busy(pid: int) -> float:
    """The processor seconds of a process and of the processes it waited for; 0 elsewhere."""
    status = Path(f"/proc/{pid}/stat")
    if not status.exists():
        return 0.0
    after_name = status.read_text().rpartition(")")[2].split()
    return sum(map(int, after_name[11:15])) / os.sysconf("SC_CLK_TCK")


def round_of(books: Path, keys: Sequence[str]) -> Times:
    """One server, all pages; the first of `keys` is searched first, the others again."""
    found = Times()
    with served(books) as (address, pid):
        searches = [[f"{_OURS}Trace/?{SEARCH}=1&key={key}"] for key in keys[: WARM + 1]]
        asked: dict[str, list[Sequence[str]]] = {SEARCH: [*searches]}
        asked |= {name: [paths] * (WARM + 1) for name, paths in PAGES.items()}
        for name, turns in asked.items():
            before = _busy(pid)
            found.first[name] = _asked(address, turns[0])
            found.busy[name] = _busy(pid) - before
            found.warm[name] = statistics.median(_asked(address, paths) for paths in turns[1:])
        status = Path(f"/proc/{pid}/status")
        if status.exists() and (peak := re.search(r"VmHWM:\s+(\d+)", status.read_text())):
            found.peak = int(peak[1]) / KIB
    return found


def keys_of(books: Path) -> list[str]:
    """Order numbers to search for: those of open items, spread over all of them."""
    text = (books / "reconciliation" / "current.beancount").read_text("utf-8")
    found = re.findall(r'^  order-id: "([\w-]+)"$', text, re.MULTILINE)
    return found[:: max(len(found) // (WARM + 1), 1)]


def slowest(rounds: Sequence[Times], names: Sequence[str]) -> tuple[Sample, dict[str, Any]]:
    """The page that takes longest when it is first asked for, and how long the others take."""
    first = {name: statistics.median(one.first[name] for one in rounds) for name in names}
    warm = {name: statistics.median(one.warm[name] for one in rounds) for name in names}
    worst = max(first, key=lambda name: first[name])
    peak = max(one.peak for one in rounds)
    busy = statistics.median(one.busy[worst] for one in rounds)
    sample = Sample(wall=first[worst], processor=busy, peak=peak, output="")
    facts: dict[str, Any] = {
        "page": worst,
        "pages": len(names),
        "warm": max(warm.values()),
        "first": {name: round(seconds, 3) for name, seconds in first.items()},
        "again": {name: round(seconds, 3) for name, seconds in warm.items()},
    }
    return sample, facts
