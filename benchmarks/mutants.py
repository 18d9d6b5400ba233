"""`make mutants`: do the tests notice when a comparison or a sign in `matching/` is wrong?

    python -m benchmarks.mutants [--only sums,keyed] [--left] [--list]

Each mutant (`benchmarks/mutations.py`) is tried in a process of its own, which is forked from
one that has loaded all libraries and nothing of `matching/`: there the one module is compiled
from the changed text, no file is written, and the tests of that module run until one fails. That
kills the mutant; so does a module that cannot be loaded, and a run that takes too long. What
survives is listed. `benchmarks/equivalent.toml` says of some survivors why nobody could tell
them from the original; they count as killed by nobody and are shown apart.

Well-known tools change Python only (cosmic-ray, mutmut), and most comparisons here stand in SQL.

The test that killed a mutant is asked first when its neighbours are tried, and the next time;
`build/mutants` keeps that. Tests that start programs of their own would run unchanged code;
none is asked.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import resource
import select
import shutil
import signal
import sys
import tempfile
import tomllib
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

import hypothesis
import pytest

from benchmarks.mutations import Mutant, mutants

ROOT: Final = Path(__file__).parents[1]
MATCHING: Final = ROOT / "matching"
EQUIVALENT: Final = ROOT / "benchmarks" / "equivalent.toml"
MEMORY: Final = ROOT / "build" / "mutants"
PACKAGES: Final = ("cli", "importers", "ledger", "matching", "plugins")
# What takes long to load and knows nothing of matching.
LOADED: Final = (
    "babel", "beancount.loader", "chinese_calendar", "click.testing", "duckdb", "filelock",
    "hypothesis.strategies", "jinja2", "numpy.testing", "pandas", "pyarrow.compute",
    "pyarrow.parquet", "pydantic", "python_calamine", "rich.table", "tomlkit", "xlsxwriter",
)  # fmt: skip
DATA_MAX: Final = 6 << 30
# Processor seconds: what is more than so many times the usual, and this, goes on for ever.
SLOWER: Final = 4
GRACE_SECONDS: Final = 5
ASLEEP_SECONDS: Final = 900

PAYOUTS: Final = ("tests/matching/test_payouts.py", "tests/matching/test_rules.py")
# The tests of a module: those that judge many cases in a second.
TESTS: Final = {
    "advances": tuple(
        f"tests/cases/test_tax.py::test_{name}"
        for name in (
            "an_advance_that_grows_old_is_an_open_item",
            "what_a_closed_order_keeps_may_stay_open",
            "what_a_closed_order_keeps_is_income_of_its_own_kind",
        )
    ),
    "assignment": ("tests/matching/test_assignment.py",),
    "contradictions": ("tests/cases/test_orders.py",),
    "crosschecks": ("tests/matching/test_crosschecks.py",),
    "engine": ("tests/matching/test_verdicts.py", "tests/matching/test_fee_table.py"),
    "fee_checks": (
        "tests/matching/test_fee_table.py",
        "tests/matching/test_fees.py::test_the_rate_of_the_trade_bill_is_named",
        "tests/matching/test_fees.py::test_a_trade_bill_may_call_the_order_by_another_number",
    ),
    "keyed": ("tests/matching/test_verdicts.py",),
    "learning": ("tests/matching/test_learning.py",),
    "payout_assignment": PAYOUTS,
    "payout_legs": PAYOUTS,
    "payout_links": ("tests/matching/test_payout_links.py", "tests/matching/test_verdicts.py"),
    "payout_sums": PAYOUTS,
    "payouts": PAYOUTS,
    "rests": ("tests/matching/test_rests.py", "tests/matching/test_verdicts.py"),
    "risk_queries": ("tests/matching/test_risk_table.py",),
    "risks": ("tests/matching/test_risk_table.py",),
    "rules": ("tests/matching/test_rules.py", "tests/matching/test_payouts.py"),
    "spark": ("tests/spark/test_without_java.py", "tests/spark/test_texts.py"),
    "spark_records": (
        "tests/spark/test_without_java.py",
        "tests/spark/test_lake.py",
        "--deselect=tests/spark/test_lake.py::test_a_whole_run_writes_the_same_bytes",  # minutes
    ),
    "subsets": ("tests/matching/test_sums.py",),
    "sums": ("tests/matching/test_sums.py",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one mutant.

    Attributes:
      killer: the test that failed first, or `import`, `crash` or `time`; none where all passed.
    """

    mutant: Mutant
    killer: str | None


class _Changed(SourceFileLoader):
    """Loads a module from a text instead of its file."""

    text = ""

    def get_code(self, fullname: str) -> CodeType:
        """Compile the text; nothing is cached."""
        return compile(self.text, self.get_filename(fullname), "exec", dont_inherit=True)


class Checkout(MetaPathFinder):
    """Finds `beanclear.*` in this checkout, whatever is installed; one module may be changed."""

    def __init__(self) -> None:
        self.changed: dict[str, str] = {}

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The packages at the root, and the changed module."""
        if fullname == "beanclear":
            spec = ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = []
            return spec
        if fullname in self.changed:
            file = MATCHING / f"{fullname.rpartition('.')[2]}.py"
            loader = _Changed(fullname, str(file))
            loader.text = self.changed[fullname]
            return spec_from_file_location(fullname, file, loader=loader)
        _beanclear, _, name = fullname.partition(".")
        if name not in PACKAGES:
            return None
        folder = ROOT / name
        return spec_from_file_location(
            fullname, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )


class _Judge:
    """A plugin of pytest's: tests that killed others come first; the first that fails is noted."""

    def __init__(self, first: Iterable[str]) -> None:
        self.places = {name: place for place, name in enumerate(first)}
        self.killer = "import"

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Stable: all others keep their order."""
        items.sort(key=lambda item: self.places.get(item.nodeid, len(self.places)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Its first failure ends the run."""
        if report.failed:
            self.killer = report.nodeid


def main() -> int:
    """Try them all; the exit status is 1 when something survived that nobody explained."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", default=",".join(TESTS), help="modules, with commas")
    parser.add_argument(
        "--left", action="store_true", help="only what nothing killed the last time"
    )
    parser.add_argument("--list", action="store_true", help="show the mutants and try none")
    options = parser.parse_args()
    wanted = [name for name in options.only.split(",") if name]
    if unknown := sorted(set(wanted) - set(TESTS)):
        parser.error(f"there is no {', '.join(unknown)}; modules are {', '.join(TESTS)}")
    if options.list:
        for name in wanted:
            print(*(f"{name}:{one.line}: {one.shown}" for one in mutants(_source(name))), sep="\n")
        return 0
    checkout = _prepared()
    print(f"{'module':<18} {'mutants':>7} {'killed':>6} {'equal':>5} {'open':>5}  score")
    totals: Counter[str] = Counter()
    faults = 0
    for name in wanted:
        counts, complaints = _judged(name, checkout, left=options.left)
        totals.update(counts)
        _line(name, counts)
        print(*(f"    {complaint}\n" for complaint in complaints), sep="", end="")
        faults += len(complaints)
    _line("all", totals)
    return int(faults > 0)


def _source(name: str) -> str:
    return (MATCHING / f"{name}.py").read_text(encoding="utf-8")


def _judged(name: str, checkout: Checkout, *, left: bool) -> tuple[Counter[str], list[str]]:
    """How many mutants of a module were killed, and what somebody has to look at."""
    every, known = mutants(_source(name)), equivalent().get(name, {})
    before = _killers(name) if left else {}
    verdicts = _tried(name, [one for one in every if one.shown not in before], checkout)
    survived = [one.mutant for one in verdicts if one.killer is None]
    unexplained = [one for one in survived if one.shown not in known]
    told_apart = set(known) - {one.shown for one in survived}
    counts = Counter(
        mutants=len(every),
        killed=len(every) - len(survived),
        equal=len(survived) - len(unexplained),
        open=len(unexplained),
    )
    return counts, [
        *(f"{name}.py:{one.line}: {one.shown}" for one in unexplained),
        *(f"listed as equivalent, and is not: {shown}" for shown in sorted(told_apart)),
    ]


def _line(name: str, counts: Counter[str]) -> None:
    judged = counts["mutants"] - counts["equal"]
    score = f"{100 * counts['killed'] / judged:.1f} %" if judged else "–"
    figures = (
        f"{counts['mutants']:>7} {counts['killed']:>6} {counts['equal']:>5} {counts['open']:>5}"
    )
    print(f"{name:<18} {figures}  {score}", flush=True)


def _prepared() -> Checkout:
    """Load what all processes need."""
    checkout = Checkout()
    sys.meta_path.insert(0, checkout)
    for name in LOADED:
        importlib.import_module(name)
    for package in ("ledger", "ledger.posting", "ledger.statements", "importers"):
        module = importlib.import_module(f"beanclear.{package}")
        for found in pkgutil.iter_modules(module.__path__):
            importlib.import_module(f"beanclear.{package}.{found.name}")
    if early := [name for name in sys.modules if name.startswith("beanclear.matching")]:
        raise SystemExit(f"{early[0]} was loaded before it could be changed")
    # The same examples each time; a failure need not become small to be one.
    hypothesis.settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        report_multiple_bugs=False,
    )
    hypothesis.settings.load_profile("mutants")
    gc.freeze()
    return checkout


def equivalent() -> dict[str, dict[str, str]]:
    """What nobody could tell from the original: module → `Mutant.shown` → the reason."""
    if not EQUIVALENT.exists():
        return {}
    found: dict[str, dict[str, str]] = {}
    for name, entries in tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).items():
        found[name] = {change: one["why"] for one in entries for change in one["changes"]}
    return found


def _tried(name: str, some: Sequence[Mutant], checkout: Checkout) -> list[Verdict]:
    """Mutants of one module, one after the other."""
    source = _source(name)
    killers = _killers(name)
    module = f"beanclear.matching.{name}"
    before = _spent()
    if (failed := _run(TESTS[name], checkout, {module: source}, loud=True)) is not None:
        raise SystemExit(f"{name}: {failed} fails without any change")
    limit = int(SLOWER * (_spent() - before)) + GRACE_SECONDS
    if name.startswith("spark"):
        limit = resource.RLIM_INFINITY  # what Java takes is not seen, and would be limited too
    recent: list[str] = []
    verdicts = []
    for mutant in some:
        first = [killers[mutant.shown], *recent] if mutant.shown in killers else recent
        changed = {module: mutant.applied(source)}
        killer = _run(TESTS[name], checkout, changed, first=first, limit=limit)
        verdicts.append(Verdict(mutant=mutant, killer=killer))
        killers.pop(mutant.shown, None)
        if killer is not None:
            recent = [killer, *(other for other in recent if other != killer)]
            killers[mutant.shown] = killer
        MEMORY.mkdir(parents=True, exist_ok=True)
        text = json.dumps(killers, indent=1, ensure_ascii=False)
        (MEMORY / f"{name}.json").write_text(text, encoding="utf-8")
    return verdicts


def _killers(name: str) -> dict[str, str]:
    """Which test killed which mutant of a module the last time."""
    file = MEMORY / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def _spent() -> float:
    """Processor seconds of all processes that ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _run(
    tests: Sequence[str],
    checkout: Checkout,
    changed: dict[str, str],
    *,
    first: Sequence[str] = (),
    limit: int = resource.RLIM_INFINITY,
    loud: bool = False,
) -> str | None:
    """Run tests in a process of its own until one fails: its name; None where all pass."""
    folder = tempfile.mkdtemp(prefix="mutant-")
    ours, theirs = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(ours)
        checkout.changed = changed
        os.write(theirs, _said(tests, first, folder, limit).encode())
        os._exit(0)
    os.close(theirs)
    said = ""
    try:
        ready, _, _ = select.select([ours], [], [], ASLEEP_SECONDS)
        said = os.read(ours, 1 << 16).decode() if ready else "time"
    finally:
        os.close(ours)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)
        if loud and said != "passed":
            sys.stderr.write(Path(folder, "said").read_text(encoding="utf-8")[-3000:])
        shutil.rmtree(folder, ignore_errors=True)
    return {"": "crash", "passed": None}.get(said, said)


def _said(tests: Sequence[str], first: Sequence[str], folder: str, limit: int) -> str:
    """In the new process: what its tests say."""
    os.setsid()
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they take longer to load than a test
    resource.setrlimit(resource.RLIMIT_DATA, (DATA_MAX, DATA_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    said = os.open(f"{folder}/said", os.O_WRONLY | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(said, stream)
    judge = _Judge(first)
    options = ["-x", "-q", "-p", "no:cacheprovider", f"--basetemp={folder}/tests"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of what was loaded before
    try:
        status = pytest.main([*options, f"--rootdir={ROOT}", *tests], plugins=[judge])
    except BaseException:  # whatever a mutant does to pytest is noticed
        traceback.print_exc()
        return "import"
    finally:
        sys.stdout.flush()
    return "passed" if status == pytest.ExitCode.OK else judge.killer


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # DuckDB's bindings complain of what they leak when everything is torn down
