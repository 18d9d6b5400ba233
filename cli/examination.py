"""What `doctor` looks at. Each examination is a function from books to findings; none writes."""

from __future__ import annotations

import ctypes.util
import importlib.metadata
import os
import platform
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from beanclear.cli.isolation import git
from beanclear.ledger import spans
from beanclear.ledger.errors import BeanclearError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.i18n import ngettext
from beanclear.ledger.labels import label
from beanclear.ledger.vocabulary import EntryT, Reconciled, StatementEntry, read

if TYPE_CHECKING:
    from beanclear.ledger.books import Books

PLUGINS = (
    "beanclear.plugins.clearing",
    "beanclear.plugins.statements",
    "beanclear.plugins.unmatched",
)
_PACKAGES = ("beanclear", "beancount", "beangulp", "fava", "pandas", "pyarrow", "duckdb", "click")
# A source that ends this many days before the newest one was probably forgotten: exports are
# made monthly, and a month has 31 days.
LAGGING_DAYS = 35
_SHOWN = 5
_OTHERS = 0o077  # the group, and everybody else


class Verdict(StrEnum):
    """How serious a finding is."""

    FINE = "ok"
    NOTICE = "notice"  # worth knowing; nothing is wrong
    WRONG = "wrong"  # will fail or mislead until it is mended


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `name` is stable and not translated."""

    name: str
    verdict: Verdict
    what: str
    todo: str = ""


def examine(books: Books) -> list[Finding]:
    """All findings, in the order in which one would mend them."""
    found: list[Finding] = []
    for examination in EXAMINATIONS:
        try:
            found += examination(books)
        except BeanclearError as error:
            name = examination.__name__.strip("_")
            found.append(Finding(name=name, verdict=Verdict.WRONG, what=str(error)))
    return found


def _environment(books: Books) -> Iterator[Finding]:
    del books
    versions = [f"Python {platform.python_version()}"]
    missing = []
    for package in _PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(package)
    yield Finding(name="versions", verdict=Verdict.FINE, what=", ".join(versions))
    if missing:
        yield Finding(
            name="packages",
            verdict=Verdict.WRONG,
            what=_("not installed: %(names)s") % {"names": ", ".join(missing)},
            todo=_("install beanclear again with pip"),
        )
    if ctypes.util.find_library("magic") is None:
        yield Finding(
            name="libmagic",
            verdict=Verdict.NOTICE,
            what=_("libmagic is not found; beangulp's own commands and Fava's import page need it"),
            todo=_("install it, on Debian: apt install libmagic1"),
        )


def _configuration(books: Books) -> Iterator[Finding]:
    from beanclear.ledger import accounts, config  # noqa: PLC0415 - loads pydantic and Beancount

    loaded = config.load(books.config)
    if loaded.books.confirmed:
        yield Finding(name="configuration", verdict=Verdict.FINE, what=_("read, confirmed"))
    else:
        yield Finding(
            name="configuration",
            verdict=Verdict.NOTICE,
            what=_("the assumptions are not confirmed"),
            todo=_("read beanclear.toml and set `confirmed = true`"),
        )
    chart = (
        accounts.read(books.accounts.read_text(encoding="utf-8"))
        if (books.accounts.is_file())
        else {}
    )
    yield Finding(
        name="chart",
        verdict=Verdict.FINE if chart else Verdict.WRONG,
        what=_("%(count)d accounts are open") % {"count": len(chart)},
    )


def active_plugins(books: Books) -> list[str]:
    """The plugins that the top file names; those of included files do not count."""
    from beancount.parser import parser  # noqa: PLC0415 - loads Beancount's parser

    _entries, _errors, options_map = parser.parse_file(str(books.main))
    return [name for name, _config in options_map["plugin"]]


def _plugins(books: Books) -> Iterator[Finding]:
    active = active_plugins(books)
    missing = [name for name in PLUGINS if name not in active]
    ordered = [name for name in active if name in PLUGINS]
    if missing:
        yield Finding(
            name="plugins",
            verdict=Verdict.WRONG,
            what=_("not active in main.beancount: %(names)s") % {"names": ", ".join(missing)},
            todo=_("add them there; Beancount ignores plugins named in included files"),
        )
    elif ordered[0] != PLUGINS[0]:
        yield Finding(
            name="plugins",
            verdict=Verdict.WRONG,
            what=_("%(name)s does not stand first") % {"name": PLUGINS[0]},
            todo=_("put it before the other beanclear plugins in main.beancount"),
        )
    else:
        yield Finding(name="plugins", verdict=Verdict.FINE, what=_("all active"))


def _repository(books: Books) -> Iterator[Finding]:
    tracked = _tracked(books)
    caches = [name for name in tracked if name.endswith(".picklecache")]
    private = [
        name
        for name in tracked
        if name.startswith(("documents/", "inbox/", "records/")) and not name.endswith(".gitkeep")
    ]
    if caches:
        yield Finding(
            name="picklecache",
            verdict=Verdict.WRONG,
            what=_("a load cache is committed: %(names)s") % {"names": _some(caches)},
            todo=_("it is a pickle, loading it runs its code: git rm --cached it"),
        )
    if private:
        yield Finding(
            name="private-files",
            verdict=Verdict.NOTICE,
            what=_("originals with buyers' data are committed: %(names)s")
            % {"names": _some(private)},
            todo=_("git rm --cached them unless the repository is private"),
        )


def _modes(books: Books) -> Iterator[Finding]:
    """Folders with buyers' data that other people of this machine may look into."""
    from beanclear.ledger.books import PRIVATE  # noqa: PLC0415 - only here

    open_to_all = [
        name
        for name in PRIVATE
        if os.name == "posix"
        and (books.root / name).is_dir()
        and (books.root / name).stat().st_mode & _OTHERS
    ]
    if open_to_all:
        yield Finding(
            name="modes",
            verdict=Verdict.NOTICE,
            what=_("other users of this machine can read %(names)s")
            % {"names": _some(open_to_all)},
            todo=_("chmod -R go= them, unless that is meant"),
        )


def _tracked(books: Books) -> list[str]:
    listed = git(books.root, "ls-files", "-z")
    return [name.decode("utf-8", "replace") for name in listed.split(b"\0") if name]


def _inbox(books: Books) -> Iterator[Finding]:
    from beanclear.cli.intake import TRUTH_FILE  # noqa: PLC0415 - heavy

    waiting = sorted(
        path.relative_to(books.root).as_posix()
        for path in books.inbox.rglob("*")
        if path.is_file() and not path.name.startswith(".") and path.name != TRUTH_FILE
    )
    if waiting:
        yield Finding(
            name="inbox",
            verdict=Verdict.NOTICE,
            what=ngettext(
                "%(count)d file waits: %(names)s", "%(count)d files wait: %(names)s", len(waiting)
            )
            % {"count": len(waiting), "names": _some(waiting)},
            todo=_("run `beanclear run` and read what it says about them"),
        )


def _documents(books: Books) -> Iterator[Finding]:
    from beanclear.cli import originals  # noqa: PLC0415
    from beanclear.ledger import documents  # noqa: PLC0415

    history = documents.read_history(books.index)
    lines = documents.counting(history)
    doubts = originals.examine(books, history)
    for doubt in doubts:
        yield Finding(
            name="documents",
            verdict=Verdict.WRONG,
            what=f"{doubt.where}: {doubt.what}",
            todo=doubt.todo,
        )
    if doubts:
        return
    if not lines:
        yield Finding(name="documents", verdict=Verdict.FINE, what=_("nothing is booked yet"))
    elif not originals.are_here(books):
        yield Finding(
            name="documents",
            verdict=Verdict.NOTICE,
            what=_("the originals are not on this machine"),
            todo=_("`run` needs them: copy documents/ from where the books are kept"),
        )
    elif wrong := documents.verify(books, lines):
        yield Finding(
            name="documents",
            verdict=Verdict.WRONG,
            what=_("missing or changed: %(names)s") % {"names": _some(wrong)},
            todo=_("restore them from a backup"),
        )
    else:
        yield Finding(
            name="documents",
            verdict=Verdict.FINE,
            what=_("%(count)d statements, all originals are whole") % {"count": len(lines)},
        )


def _records(books: Books) -> Iterator[Finding]:
    from beanclear.ledger import settled  # noqa: PLC0415 - loads pyarrow
    from beanclear.ledger.store import RecordStore  # noqa: PLC0415 - loads pyarrow and DuckDB

    wrong = RecordStore(books).verify()
    if settled.damaged(books.records):
        wrong.append("settled")
    if wrong:
        yield Finding(
            name="records",
            verdict=Verdict.WRONG,
            what=_("missing or changed: %(names)s") % {"names": _some(wrong)},
            todo=_("they are derived: beanclear run --rebuild makes them again"),
        )


def _generated(books: Books, cls: type[EntryT]) -> list[EntryT]:
    from beancount.parser import parser  # noqa: PLC0415 - loads Beancount's parser

    return [
        located.entry
        for path in sorted(books.reconciliation.rglob("*.beancount"))
        for located in read(parser.parse_file(str(path))[0], cls)
    ]


def _sources(books: Books) -> Iterator[Finding]:
    from beanclear.plugins.proof import span  # noqa: PLC0415 - loads Beancount

    by_source: dict[str, list[spans.Span]] = defaultdict(list)
    for entry in _generated(books, StatementEntry):
        by_source[entry.source].append(span(entry))
    coverages = {
        source: coverage
        for source, found in sorted(by_source.items())
        if (coverage := spans.join(found)) is not None
    }
    newest = max((coverage.reach for coverage in coverages.values()), default=None)
    for source, coverage in coverages.items():
        for gap in coverage.gaps:
            yield Finding(
                name="gap",
                verdict=Verdict.WRONG,
                what=_("%(source)s: nothing covers %(first)s to %(last)s")
                % {"source": source, "first": gap.first, "last": gap.last},
                todo=_("export and import these days; nothing is judged after them"),
            )
        if newest is not None and (newest - coverage.reach).days > LAGGING_DAYS:
            yield Finding(
                name="lagging",
                verdict=Verdict.NOTICE,
                what=_("%(source)s ends at %(last)s, others reach %(newest)s")
                % {"source": source, "last": coverage.reach, "newest": newest},
                todo=_("import its latest export"),
            )


def _sides(books: Books) -> Iterator[Finding]:
    for entry in _generated(books, Reconciled):
        if entry.awaiting:
            yield Finding(
                name="missing-side",
                verdict=Verdict.NOTICE,
                what=_("%(account)s: no %(side)s statement was ever imported")
                % {"account": entry.account, "side": label(entry.awaiting)},
                todo=_("import one; until then nothing on it can be judged"),
            )


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f", +{more}" if more > 0 else "")


EXAMINATIONS: tuple[Callable[[Books], Iterator[Finding]], ...] = (
    _environment,
    _configuration,
    _plugins,
    _repository,
    _modes,
    _inbox,
    _documents,
    _records,
    _sources,
    _sides,
)
