"""The sections of `make bench`: each measures some rows of the table, by turns with their peers."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks import desk as server
from benchmarks.measure import Sample, by_turns, measure, median, rounds
from benchmarks.rows import ROOT, Stored, stored

WORK = ROOT / "build" / "bench"
BIN = Path(sys.executable).parent
SEED = 7
DAYS = 90
FIRST_DAY = "2026-06-03"  # so that the day after the ninetieth is a month of its own
RUN_CODES = (0, 1)  # 1: the simulated faults are open, as they should be
MEBIBYTE = 1 << 20

Measured = Iterator[tuple[str, Stored]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured: `size` of the section's own unit, `repeat` rounds."""

    size: int
    repeat: int


def job(name: str, *arguments: object) -> Sample:
    """One of `benchmarks.jobs`, in a process of its own."""
    return measure([sys.executable, "-m", "benchmarks.jobs", name, *map(str, arguments)])


def beanclear(*arguments: object) -> Sample:
    """The program itself; open items are no failure."""
    return measure([str(BIN / "beanclear"), *map(str, arguments)], accepted=RUN_CODES)


def row(ours: Sample, peer: Sample | None = None, **facts: object) -> Stored:
    """A measured row; the sizes in `facts` stand in its words."""
    found: Stored = {"ours": stored(ours), "facts": facts}
    if peer is not None:
        found["peer"] = stored(peer)
    return found


def made(name: str, sources: str, make: Callable[[Path], object]) -> Path:
    """A folder of `build/bench`, made once for each version of the files at the glob `sources`."""
    found = b"".join(path.read_bytes() for path in sorted(ROOT.glob(sources)))
    folder = WORK / f"{name}-{hashlib.sha256(found).hexdigest()[:12]}"
    if not folder.exists():
        print(f"preparing {name} …", file=sys.stderr)
        started = folder.with_name(f"{folder.name}.partial")
        shutil.rmtree(started, ignore_errors=True)
        WORK.mkdir(parents=True, exist_ok=True)
        make(started)
        started.rename(folder)
    return folder


@contextlib.contextmanager
def scratch(name: str) -> Iterator[Path]:
    """A folder that is empty before and gone afterwards."""
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder)


def importing(scale: Scale) -> Measured:
    """One large statement into records, against pyarrow reading its bytes as strings."""
    folder = made(
        f"alipay-{scale.size}",
        "benchmarks/alipay.py",
        lambda started: job("alipay", started, scale.size),
    )
    ours, peer = by_turns([lambda: job("import", folder), lambda: job("strings", folder)],
                          scale.repeat)  # fmt: skip
    yield "import", row(ours, peer, rows=ours.said["records"])


def parquet(orders: int) -> Path:
    """Orders and wallet lines for the keyed pass."""
    return made(
        f"parquet-{orders}",
        "benchmarks/matching.py",
        lambda started: job("parquet", started, orders),
    )


def matching(scale: Scale) -> Measured:
    """The keyed pass, against DuckDB's bare join and against pandas."""
    folder = parquet(scale.size)
    names = ("keyed", "join", "frames")
    ours, join, frames = by_turns(
        [partial(job, name, folder) for name in names],
        scale.repeat,
    )
    if not ours.said == join.said == frames.said:
        raise SystemExit(f"the peers disagree: {ours.said}, {join.said}, {frames.said}")
    sizes = {"orders": scale.size, "lines": wallet_lines(scale.size)}
    yield "match-duckdb", row(ours, join, **sizes)
    yield "match-pandas", row(ours, frames, **sizes)


def wallet_lines(orders: int) -> int:
    """How many lines `benchmarks.matching` writes for so many orders, roughly."""
    return orders * 22 // 10


def text_books(count: int) -> tuple[Path, Path]:
    """The postings for zerosum, and books that hold them as manual entries, run once."""
    sources = made(
        f"postings-{count}",
        "benchmarks/postings.py",
        lambda started: job("postings", started, count, "shop"),
    )
    books = WORK / f"text-{count}"
    shutil.rmtree(books, ignore_errors=True)
    beanclear("init", books)
    shutil.copytree(sources / "exports", books / "inbox", dirs_exist_ok=True)
    beanclear("run", books)
    shutil.copy(sources / "entries.beancount", books / "manual" / "typed.beancount")
    beanclear("run", books)
    return sources, books


def text(scale: Scale) -> Measured:
    """Keyed postings in text, against zerosum; then ten times as many, against itself."""
    sources, books = text_books(scale.size)
    steps, peers, runs = rounds(
        [
            lambda: job("match", books),
            lambda: job("zerosum", sources),
            lambda: beanclear("run", books),
        ],
        scale.repeat,
    )
    ours, peer = (median([sample.inside() for sample in each]) for each in (steps, peers))
    facts = {
        "postings": scale.size,
        "wrong": ours.said["wrong"],
        "wrong_pairs": peer.said["wrong"] / peer.said["pairs"],
    }
    yield "text", row(ours, peer, **facts)
    yield "text-process", row(median(runs), median(peers), **facts)
    larger = scale.size * 10
    _sources, more = text_books(larger)
    small, large = by_turns(
        [lambda: _matched_and_parsed(books), lambda: _matched_and_parsed(more)],
        min(scale.repeat, 3),
    )
    rise = large.wall / larger / (small.wall / scale.size)
    yield "text-linear", row(large, postings=scale.size, larger=larger, rise=rise)


def _matched_and_parsed(books: Path) -> Sample:
    """The matching step, with the seconds of parsing."""
    sample = job("match", books)
    return replace(sample.inside(), wall=sample.said["seconds"] + sample.said["parsing"])


def exports(orders: int) -> tuple[Path, Path]:
    """The exports of ninety days, and those of the day after them."""
    each_day = orders // DAYS

    def make(started: Path) -> None:
        job("simulate", started / "first", orders + each_day, DAYS + 1, SEED, FIRST_DAY)
        (started / "first" / "truth.json").unlink()
        (started / "next").mkdir()
        for path in sorted((started / "first").rglob("*")):
            if path.is_file() and _NEXT_DAY.search(path.name):
                path.rename(started / "next" / path.name)
        for path in sorted((started / "next").glob("*.csv")):
            _only_new(path, started / "first")

    folder = made(f"exports-{orders}", "cli/simulation/**/*.py", make)
    return folder / "first", folder / "next"


# Exports of orders are named after the day on which they were made: the day after.
_NEXT_DAY = re.compile(
    r"(^(ExportOrderList|宝贝明细)20260902|^orders_export2026-09-02|^orders-2026-09-01"
    r"|(All|fundflow)2026-09|_202609\.|_20260901)"
)
_SNAPSHOTS = ("ExportOrderList", "宝贝明细", "orders_export", "orders-")


def _only_new(path: Path, earlier: Path) -> None:
    """Keep of an order export what the last one did not say: new orders and changed ones.

    The simulated shop exports the last fifty days whenever it exports; somebody who exports daily
    asks the platform for what changed.
    """
    prefix = next((name for name in _SNAPSHOTS if path.name.startswith(name)), None)
    if prefix is not None:
        before = max(earlier.glob(f"{prefix}*.csv"))
        known = set(before.read_bytes().splitlines(keepends=True)[1:])
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join([lines[0], *(text for text in lines[1:] if text not in known)]))


def new_books(folder: Path, books: Path) -> None:
    """Empty books with these exports in their inbox."""
    shutil.rmtree(books, ignore_errors=True)
    beanclear("init", books)
    shutil.copytree(folder, books / "inbox", dirs_exist_ok=True)


def running(scale: Scale) -> Measured:
    """A whole run on new books, and one more day on them, against the bare script."""
    first, following = exports(scale.size)
    books = WORK / f"books-{scale.size}"

    def whole() -> Sample:
        new_books(first, books)
        return beanclear("run", books)

    def bare() -> Sample:
        return measure([sys.executable, "-m", "benchmarks.bare", str(first)])

    def day() -> Sample:
        with scratch("day") as copied:
            shutil.copytree(books, copied, dirs_exist_ok=True)
            shutil.copytree(following, copied / "inbox", dirs_exist_ok=True)
            return beanclear("run", copied)

    ours, peer, added = by_turns([whole, bare, day], scale.repeat, warm=False)
    size = round(peer.said["bytes"] / MEBIBYTE)
    yield "run", row(ours, peer, orders=scale.size, mebibytes=size)
    yield "day", row(added, ours, added=scale.size // DAYS)


def reading(scale: Scale) -> Measured:
    """bean-check and Fava on books of a whole run, against one transaction an order.

    The peer has `size` orders and the books ten times as many.
    """
    orders = scale.size * 10
    books = WORK / f"books-{orders}"
    if not (books / "journal").is_dir():
        new_books(exports(orders)[0], books)
        beanclear("run", books)
    peer = made(
        f"ledger-{scale.size}",
        "benchmarks/ledgers.py",
        lambda started: job("ledger", started, scale.size),
    )
    mains = [str(folder / "main.beancount") for folder in (books, peer)]
    command = [str(BIN / "bean-check"), "--no-cache"]
    checks = [partial(measure, [*command, path], accepted=RUN_CODES) for path in mains]
    for name, jobs in (("check", checks), ("fava", [partial(job, "page", path) for path in mains])):
        ours, theirs = by_turns(jobs, scale.repeat)
        yield name, row(ours, theirs, orders=orders, peer_orders=scale.size)


def desk(scale: Scale) -> Measured:
    """The pages of a started server; the index of traces is made before, as a first search does."""
    books = WORK / f"books-{scale.size}"
    if not (books / "journal").is_dir():
        new_books(exports(scale.size)[0], books)
        beanclear("run", books)
    keys = server.keys_of(books)
    beanclear("trace", keys[0], books)
    rounds_made = [server.round_of(books, keys) for _turn in range(scale.repeat)]
    text = (books / "reconciliation" / "current.beancount").read_text("utf-8")
    sizes: Stored = {"orders": scale.size, "items": text.count('custom "open-item"')}
    for name, pages in (
        ("desk", [*server.OWN_PAGES]),
        ("desk-fava", [*server.FAVA_PAGES]),
        ("desk-search", [server.SEARCH]),
    ):
        sample, facts = server.slowest(rounds_made, pages)
        for page, seconds in facts["first"].items():
            again = facts["again"][page]
            print(f"  {page}: {seconds:.2f} s, again {again:.2f} s", file=sys.stderr)
        yield name, row(sample, **sizes, **facts)


def growth(scale: Scale) -> Measured:
    """The keyed pass and whole runs at sizes ten times apart, up to `size` lines."""
    sizes = [size for size in (10_000, 100_000, 1_000_000, 10_000_000) if size <= scale.size]
    folders = [parquet(size * 10 // 22) for size in sizes]
    found = by_turns([partial(job, "keyed", folder) for folder in folders], min(scale.repeat, 3))
    yield "growth-match", _growth(sizes, found)
    if sizes[-1] >= 10_000_000:  # noqa: PLR2004 - the size that the bar names
        yield "memory", row(found[-1], lines=sizes[-1])
    # A simulated order is about five lines in the files.
    orders = [size // 5 for size in sizes if size <= 5_000_000]  # noqa: PLR2004 - an hour, else
    runs = by_turns([partial(_whole_run, count) for count in orders], min(scale.repeat, 3))
    yield "growth-run", _growth([count * 5 for count in orders], runs)


def _whole_run(orders: int) -> Sample:
    folder, _following = exports(orders)
    books = WORK / "books-growing"
    new_books(folder, books)
    return beanclear("run", books)


def _growth(sizes: list[int], samples: list[Sample]) -> Stored:
    each = [sample.wall / size for sample, size in zip(samples, sizes, strict=True)]
    rises = [after / before for before, after in itertools.pairwise(each)]
    return row(
        samples[-1],
        sizes=" → ".join(f"{size:,}" for size in sizes),
        rise=max(rises, default=1.0),
        microseconds=[round(seconds * 1e6, 2) for seconds in each],
    )


# Name → what measures it, its moderate and its full size, and the unit.
SECTIONS: dict[str, tuple[Callable[[Scale], Measured], int, int, str]] = {
    "match": (matching, 100_000, 1_000_000, "orders"),
    "run": (running, 20_000, 1_000_000, "orders"),
    "books": (reading, 2_000, 100_000, "orders of the peer"),
    "desk": (desk, 20_000, 1_000_000, "orders"),
    "text": (text, 3_000, 30_000, "postings"),
    "import": (importing, 100_000, 1_000_000, "lines"),
    "growth": (growth, 100_000, 10_000_000, "lines"),
}
