"""`make bench`: import, keyed matching, whole runs and bean-check, each against a bare peer.

    python -m benchmarks.run [--only import,match,run] [--orders 10000,100000] [--repeat 3]

Every figure is the median of whole processes. A peer does the least that any program must do with
the same input on the same machine in the same minutes, so ratios can be compared between
machines, and seconds cannot.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import JobFailedError, Result, Sample, compare, measure

ROOT = Path(__file__).parents[1]
WORK = ROOT / "build" / "bench"
BIN = Path(sys.executable).parent
SEED = 7
DAYS = 90
MEGABYTE = 1_000_000
RUN_CODES = (0, 1)  # 1: the simulated faults are open, as they should be
STATEMENT_ROWS_FACTOR = 10  # so that 100,000 orders mean a million lines
MATCH_ORDERS_FACTOR = (
    10  # the keyed pass is fast: ten times the orders, to measure more than start-up
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. `bytes` and `records` are zero where a rate says nothing."""

    name: str
    orders: int
    result: Result
    peer: str
    bytes: int = 0
    records: int = 0


def job(name: str, *arguments: object) -> Sample:
    """One of `benchmarks.jobs`, in a process of its own."""
    return measure([sys.executable, "-m", "benchmarks.jobs", name, *map(str, arguments)])


def exports(orders: int) -> Path:
    """A folder with the exports of a simulated shop, made once per version of the simulator."""
    sources = sorted((ROOT / "cli" / "simulation").rglob("*.py"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    folder = WORK / f"exports-{orders}-{DAYS}-{SEED}-{digest}"
    if not folder.exists():
        print(f"simulating {orders} orders …", file=sys.stderr)
        started = folder.with_suffix(".partial")
        shutil.rmtree(started, ignore_errors=True)
        started.parent.mkdir(parents=True, exist_ok=True)
        job("simulate", started, orders, DAYS, SEED)
        (started / "truth.json").unlink()
        started.rename(folder)
    return folder


def _statement(orders: int, repeat: int) -> Row:
    """One large Alipay statement, against pyarrow reading the same bytes as strings."""
    rows = orders * STATEMENT_ROWS_FACTOR
    source = (ROOT / "benchmarks" / "alipay.py").read_bytes()
    folder = WORK / f"alipay-{rows}-{hashlib.sha256(source).hexdigest()[:12]}"
    if not folder.exists():
        started = folder.with_suffix(".partial")
        shutil.rmtree(started, ignore_errors=True)
        job("alipay", started, rows)
        started.rename(folder)
    result = compare(lambda: job("import", folder), lambda: job("strings", folder), repeat)
    return Row(
        name="statement",
        orders=orders,
        result=result,
        peer="pyarrow.csv reads the Alipay zip as strings",
        bytes=json.loads(job("strings", folder).output)["bytes"],
        records=json.loads(result.output)["records"],
    )


def bench_import(orders: int, repeat: int) -> Iterator[Row]:
    """Every export read into records, and one large statement, against peers."""
    folder = exports(orders)
    result = compare(lambda: job("import", folder), lambda: job("read", folder), repeat)
    found = json.loads(result.output)
    yield Row(
        name="import",
        orders=orders,
        result=result,
        peer="pyarrow.csv reads the same files",
        bytes=json.loads(job("read", folder).output)["bytes"],
        records=found["records"],
    )
    yield _statement(orders, repeat)


def bench_match(orders: int, repeat: int) -> Iterator[Row]:
    """The keyed pass over invented legs, against a bare join of two tables of the same size."""
    size = orders * MATCH_ORDERS_FACTOR
    result = compare(lambda: job("keyed", size), lambda: job("join", size), repeat)
    yield Row(
        name="keyed match",
        orders=size,
        result=result,
        peer="DuckDB joins two tables",
        records=json.loads(result.output)["records"],
    )


def bench_run(orders: int, repeat: int) -> Iterator[Row]:
    """`run` on new books and `bean-check` of what it wrote, each against a bare peer."""
    folder = exports(orders)
    books = WORK / f"books-{orders}"

    def run_once() -> Sample:
        shutil.rmtree(books, ignore_errors=True)
        measure([str(BIN / "beanclear"), "init", str(books)])
        shutil.copytree(folder, books / "inbox", dirs_exist_ok=True)
        return measure([str(BIN / "beanclear"), "run", str(books)], accepted=RUN_CODES)

    read = json.loads(job("read", folder).output)
    result = compare(run_once, lambda: job("read", folder), repeat)
    yield Row(
        name="run",
        orders=orders,
        result=result,
        peer="pyarrow.csv reads the same files",
        bytes=read["bytes"],
        records=read["rows"],
    )
    bare = books / "bare.beancount"
    lines = (books / "main.beancount").read_text("utf-8").splitlines(keepends=True)
    bare.write_text("".join(line for line in lines if not line.startswith("plugin ")), "utf-8")

    def check(name: str) -> Sample:
        command = [str(BIN / "bean-check"), "--no-cache", str(books / name)]
        return measure(command, accepted=RUN_CODES)

    yield Row(
        name="bean-check",
        orders=orders,
        result=compare(lambda: check("main.beancount"), lambda: check(bare.name), repeat),
        peer="bean-check without our plugins",
    )


SECTIONS: dict[str, Callable[[int, int], Iterator[Row]]] = {
    "import": bench_import,
    "match": bench_match,
    "run": bench_run,
}
HEAD = (
    f"{'':12} {'orders':>9} {'wall s':>8} {'cpu s':>8} {'peak MiB':>9} {'MB/s':>7} "
    f"{'records/s':>10} {'× peer':>7}  peer"
)


def line(row: Row) -> str:
    """`row` as a line of the table."""
    wall = row.result.wall
    speed = f"{row.bytes / MEGABYTE / wall:.1f}" if row.bytes else "–"
    rate = f"{row.records / wall:,.0f}" if row.records else "–"
    return (
        f"{row.name:12} {row.orders:>9,} {wall:>8.2f} {row.result.processor:>8.2f} "
        f"{row.result.peak:>9.0f} {speed:>7} {rate:>10} {row.result.ratio:>7.1f}  {row.peer}"
    )


def numbers(text: str) -> list[int]:
    """Several whole numbers with commas between them."""
    return [int(part) for part in text.split(",")]


def main() -> int:
    """Measure and print; the exit status is 1 when a job failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, with commas")
    parser.add_argument("--orders", type=numbers, default=[10_000, 100_000])
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    wanted = options.only.split(",")
    unknown = sorted(set(wanted) - set(SECTIONS))
    if unknown or options.repeat < 1:
        parser.error(f"sections are {', '.join(SECTIONS)}; --repeat is at least 1")
    print(f"{platform.machine()}, Python {platform.python_version()}, median of {options.repeat}")
    print(HEAD)
    try:
        for section in wanted:
            for orders in options.orders:
                for row in SECTIONS[section](orders, options.repeat):
                    print(line(row), flush=True)
    except JobFailedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
