"""From files in the inbox to statements, and into the archive.

Nothing of a file is booked unless all of it can be: a contradicted file waits in the inbox until
it is replaced or accepted by name. The index line is the moment a document counts as booked;
everything after it can be derived again.

A document is in memory from its first row to its last staged one, and at most `ahead.AT_ONCE` of
them are; what stays of it is what its statements say of themselves.
"""

from __future__ import annotations

import datetime
import os
import shlex
import traceback
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from beanclear.cli.ahead import ahead
from beanclear.cli.progress import Progress
from beanclear.cli.results import DocumentResult, RunOptions
from beanclear.importers.chain import broken_row
from beanclear.importers.faults import refusal
from beanclear.importers.registry import read_document
from beanclear.ledger import buyers, chart, documents
from beanclear.ledger.books import Books
from beanclear.ledger.config import Config
from beanclear.ledger.documents import DocumentLine, IndexLine, Removal, hash_file
from beanclear.ledger.errors import Fault, SourceError, UsageError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import format_minor
from beanclear.ledger.statement import Control, Grade, Statement
from beanclear.ledger.statement_rows import StatementRow, row_of
from beanclear.ledger.store import RecordStore, Staged

# What Windows leaves in folders without showing it.
_HIDDEN = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini"})
# The simulator's answers lie beside the exports it writes; they are no export.
TRUTH_FILE = "truth.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A file to look at.

    Attributes:
      folder: where it lies below the inbox, with `/`; empty when in the inbox itself.
      shop: of that folder, what names a shop; empty where it is a folder like any other.
      closed: it is a folder that cannot be looked into.
    """

    path: Path
    folder: str
    shop: str
    from_inbox: bool
    closed: bool = False

    @property
    def name(self) -> str:
        """Its name as everything that is read by people shows it."""
        return documents.plain_name(self.path.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One file that was looked at. Files of the inbox leave it once they are booked.

    Attributes:
      results: one for each statement, or one that says why there is none.
      statements: what it says of itself; empty when it was known or refused.
      accounts: the ledger accounts of each statement, as `accounts_of`.
      staged: its rows, when it has statements.
    """

    file: Waiting
    sha256: str
    results: tuple[DocumentResult, ...]
    statements: tuple[StatementRow, ...] = ()
    accounts: tuple[tuple[str, ...], ...] = ()
    staged: Staged | None = None


def shop_of(folder: str, shops: Collection[str]) -> str:
    """Which of the `shops` a folder below the inbox belongs to; empty: none.

    People file by month too, above or below: `north/2026-08` and `2026-08/north` are north's. The
    longest part of the path that is a shop decides, of equal ones the outer.
    """
    parts = folder.split("/")
    for length in range(len(parts), 0, -1):
        for first in range(len(parts) - length + 1):
            part = "/".join(parts[first : first + length])
            if part in shops:
                return part
    return ""


def shops_of(config: Config, index: Iterable[DocumentLine]) -> frozenset[str]:
    """The folders that are shops: those that [[shops]] names, and those of booked documents."""
    named = {_plain(one.folder) for one in config.shops}
    return frozenset({*named, *(line.shop for line in index)} - {""})


def _plain(folder: str) -> str:
    return "/".join(documents.plain_name(part) for part in folder.split("/"))


def waiting(
    books: Books, files: Sequence[Path], shops: Collection[str] = frozenset()
) -> list[Waiting]:
    """Everything to look at: the inbox and the named files, sorted."""
    found = []
    for path, closed in _below(books.inbox):
        relative = path.relative_to(books.inbox)
        hidden = any(part.startswith((".", "~$")) for part in relative.parts)
        if not hidden and path.name != TRUTH_FILE and path.name.lower() not in _HIDDEN:
            folder = "/".join(documents.plain_name(part) for part in relative.parts[:-1])
            shop = shop_of(folder, shops)
            found.append(
                Waiting(path=path, folder=folder, shop=shop, from_inbox=True, closed=closed)
            )
    inbox = _resolved(books.inbox)
    known = {_resolved(one.path) for one in found}
    for path in files:
        for each, closed in _below(path) if path.is_dir() else [(path, False)]:
            new = (closed or each.is_file()) and _resolved(each) not in known
            if new and each.name != TRUTH_FILE:
                inside = _resolved(each).is_relative_to(inbox)
                found.append(
                    Waiting(path=each, folder="", shop="", from_inbox=inside, closed=closed)
                )
    return found


def _below(folder: Path) -> list[tuple[Path, bool]]:
    """All that is no folder below one, sorted, and the folders that cannot be looked into."""
    found: list[tuple[Path, bool]] = []

    def note(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            found.append((Path(error.filename), True))

    for here, folders, files in os.walk(folder, onerror=note):
        links = (name for name in folders if Path(here, name).is_symlink())
        found += ((Path(here, name), False) for name in (*files, *links))
    return sorted(found)


def _resolved(path: Path) -> Path:
    """Where it leads; links in a circle lead nowhere."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()


def _is_file(books: Books, one: Waiting) -> bool:
    """Whether it is a file, and what lies in the inbox is really there."""
    try:
        there = one.path.is_file()
    except OSError:
        return False
    return there and (
        not one.from_inbox or _resolved(one.path).is_relative_to(books.inbox.resolve())
    )


def look(
    books: Books,
    config: Config,
    options: RunOptions,
    history: Sequence[IndexLine],
    *,
    store: RecordStore,
    progress: Progress,
) -> list[Arrival]:
    """Read everything that waits; nothing is written but what `store` stages.

    `history` are all lines of the index: a document that somebody took out is refused.

    Raises:
      UsageError: when a file to be accepted is not among them, or nobody accepts it.
    """
    index = documents.counting(history)
    booked = {line.sha256 for line in index}
    gone = documents.taken_out(history)
    shops = shops_of(config, index)
    found = waiting(books, options.files, shops)
    accepted = {Path(name).name for name in options.accept}
    unknown = accepted - {name for one in found for name in (one.path.name, one.name)}
    if unknown:
        raise UsageError(
            _("there is no file %(names)s to accept") % {"names": ", ".join(sorted(unknown))},
            _("name a file of the inbox"),
        )
    if accepted and not options.by:
        raise UsageError(_("a file is accepted by a person"), _("say who: --by NAME"))
    buyer_key = buyers.read_key(books.root)

    def read(one: Waiting) -> Arrival:
        by = options.by if accepted & {one.path.name, one.name} else None
        reading = _Reading(books, config, store, buyer_key=buyer_key, gone=gone, by=by)
        return reading.look_at(one, booked)

    arrivals = []
    here: set[str] = set()
    owners = Owners()
    for line in index:
        owners.owner(line)
    progress.start(_("Reading exports"), len(found))
    for arrival in ahead(read, found):
        if arrival.statements and arrival.sha256 in here:
            arrivals.append(_known(arrival.file, arrival.sha256))
        else:
            arrivals.append(_unless_shared(arrival, owners))
        if arrivals[-1].statements:
            here.add(arrival.sha256)
        progress.advance()
    progress.done()
    return arrivals


class Owners:
    """Whose each ledger account is: account names keep less of a number or a folder than it has.

    A ledger account is named by the last characters of a number, which two numbers may share, and
    by letters and digits of a folder: `North 1` and `North-1` would be one shop.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, str] = {}
        self._shops: dict[str, str] = {}

    def owner(self, line: DocumentLine | StatementRow) -> tuple[str, str, str]:
        """Ledger account of a line, whose it would be, and whose it is from now on at least."""
        if line.shop:
            name = chart.component(line.shop)
            first = self._shops.setdefault(name, line.shop)
            if first != line.shop:
                return chart.receivable_account(line.source, line.shop), line.shop, first
        if line.stage == "order":
            return "", line.account, line.account
        named = chart.bank_account if line.stage == "bank" else chart.wallet_account
        ledger = named(line.source, line.account, line.shop)
        return ledger, line.account, self._numbers.setdefault(ledger, line.account)


def _unless_shared(arrival: Arrival, owners: Owners) -> Arrival:
    """The arrival; refused when its account would be booked on another's."""
    for one in arrival.statements:
        ledger, own, owner = owners.owner(one)
        if owner != own:
            error = refusal("shared-account", one.file, account=own, ledger=ledger, other=owner)
            refused = DocumentResult(file=arrival.file.name, state="refused", faults=error.faults)
            return Arrival(file=arrival.file, sha256=arrival.sha256, results=(refused,))
    return arrival


def _known(one: Waiting, sha256: str) -> Arrival:
    known = DocumentResult(file=one.name, state="known")
    return Arrival(file=one, sha256=sha256, results=(known,))


@dataclass(frozen=True, slots=True)
class _Reading:
    """How files are read; a contradicted one is bookable only when somebody (`by`) accepts it."""

    books: Books
    config: Config
    store: RecordStore
    _: KW_ONLY
    buyer_key: bytes | None
    gone: Mapping[str, Removal]
    by: str | None = None

    def look_at(self, one: Waiting, booked: Container[str]) -> Arrival:
        """One file, whatever it is; a booked one is only recognised."""
        sha256 = ""
        try:
            if one.closed:
                raise refusal("unreadable-folder", one.name)
            if not _is_file(self.books, one):
                raise refusal("no-file", one.name)
            sha256 = hash_file(one.path)
            if sha256 in booked:
                return _known(one, sha256)
            if sha256 in self.gone and self.by is None:
                raise _taken_out(one, self.gone[sha256])
            statements = self.read(one, sha256)
        except OSError:
            error = refusal("unreadable-file", one.name)
        except SourceError as raised:
            error = raised
        except Exception as raised:
            error = _unforeseen(one, raised)
        else:
            try:
                return self._arrival(one, sha256, statements)
            except OSError:
                raise  # of the disk that the records are written to
            except Exception as raised:
                error = _unforeseen(one, raised)
        refused = DocumentResult(file=one.name, state="refused", faults=error.faults)
        return Arrival(file=one, sha256=sha256, results=(refused,))

    def read(self, one: Waiting, sha256: str) -> list[Statement]:
        """All statements of a file.

        Raises:
          SourceError: when nothing of it can be booked.
        """
        statements = read_document(
            one.path,
            name=one.name,
            document=sha256,
            shop=one.shop,
            config=self.config,
            buyer_key=self.buyer_key,
        )
        if not any(each.rows_read or each.span for each in statements):
            raise refusal("no-lines", one.name)
        return statements

    def _arrival(self, one: Waiting, sha256: str, statements: Sequence[Statement]) -> Arrival:
        contradicted = any(each.grade == Grade.CONTRADICTED for each in statements)
        bookable = self.by is not None or not contradicted
        again = sha256 in self.gone
        results = tuple(_result(each, bookable, self.by, again=again) for each in statements)
        if not bookable:
            return Arrival(file=one, sha256=sha256, results=results)
        return Arrival(
            file=one,
            sha256=sha256,
            results=results,
            statements=tuple(row_of(each) for each in statements),
            accounts=tuple(tuple(accounts_of(each)) for each in statements),
            staged=self.store.stage(statements),
        )


def _taken_out(one: Waiting, line: Removal) -> SourceError:
    return refusal(
        "taken-out", one.name, by=line.by, reason=line.reason, quoted=shlex.quote(one.name)
    )


def _unforeseen(one: Waiting, raised: Exception) -> SourceError:
    """A fault that says where the program gave up, for whoever mends it; no word of the file."""
    place = traceback.extract_tb(raised.__traceback__)[-1]
    where = f"{type(raised).__name__}, {Path(place.filename).name}:{place.lineno}"
    return refusal("reader-failed", one.name, error=where)


def _result(statement: Statement, bookable: bool, by: str | None, *, again: bool) -> DocumentResult:
    span = statement.span
    contradicted = statement.grade == Grade.CONTRADICTED
    return DocumentResult(
        file=statement.file,
        state="booked" if bookable else "refused",
        importer=statement.importer,
        source=statement.source,
        account=statement.account,
        grade=statement.grade,
        rows=statement.rows_used,
        left_out=statement.rows_left_out,
        first=span.first if span else None,
        last=span.last if span else None,
        accepted_by=by if contradicted or again else None,
        faults=(*statement.faults, *_contradictions(statement)),
        notes=statement.notes,
        warnings=statement.warnings,
    )


def _contradictions(statement: Statement) -> list[Fault]:
    """What the file's own figures say against its rows, as faults with what to do."""
    todo = _("export it again; to book it as it is: beanclear run --accept %(file)s") % {
        "file": shlex.quote(statement.file.partition(":")[0])
    }
    if statement.faults:
        return []
    found = [
        Fault(
            code="control-total",
            file=statement.file,
            what=_("%(name)s says %(stated)s, its rows give %(found)s")
            % {
                "name": control.name,
                "stated": _figure(control, control.stated, statement.currency),
                "found": _figure(control, control.found, statement.currency),
            },
            todo=todo,
        )
        for control in statement.controls
        if not control.agrees
    ]
    if statement.chained is False:
        found.append(
            Fault(
                code="broken-chain",
                file=statement.file,
                row=broken_row(statement.records),
                what=_("its running balance does not follow from its amounts"),
                todo=todo,
            )
        )
    if statement.rows_read != statement.rows_accounted_for:
        found.append(
            Fault(
                code="lost-rows",
                file=statement.file,
                what=_("%(read)d rows were read, %(used)d used")
                % {"read": statement.rows_read, "used": statement.rows_accounted_for},
                todo=todo,
            )
        )
    return found


def _figure(control: Control, value: int, currency: str) -> str:
    return str(value) if control.counts else format_minor(value, currency)


def index_lines(arrivals: Iterable[Arrival], history: Sequence[IndexLine]) -> list[DocumentLine]:
    """The lines that documents to be booked will have in the index; nothing is written."""
    lines: list[DocumentLine] = []
    first = documents.next_sequence(history)
    for arrival in arrivals:
        if not arrival.statements:
            continue
        path = documents.place(*_filed(arrival), arrival.sha256, arrival.file.path.name)
        for statement, result in zip(arrival.statements, arrival.results, strict=True):
            lines.append(
                DocumentLine(
                    sequence=first + len(lines),
                    sha256=arrival.sha256,
                    path=path,
                    name=arrival.file.name,
                    member=statement.file.partition(":")[2],
                    shop=arrival.file.shop,
                    importer=statement.importer,
                    source=statement.source,
                    account=statement.account,
                    stage=statement.stage,
                    first=result.first,
                    last=result.last,
                    rows=statement.rows,
                    grade=statement.grade,
                    accepted_by=result.accepted_by or "",
                )
            )
    return lines


def archive(
    books: Books,
    arrivals: Iterable[Arrival],
    lines: Sequence[DocumentLine],
    history: Sequence[IndexLine],
) -> None:
    """Copy booked files to `documents/` and write their index lines, in one step at the end."""
    taken = {line.path: line.sha256 for line in history if isinstance(line, DocumentLine)}

    def copied(arrival: Arrival) -> str:
        account, day = _filed(arrival)
        path = arrival.file.path
        return documents.archive(books, path, account, day, arrival.sha256, taken=taken)

    # Half of the time a copy waits for the disk.
    for _each in ahead(copied, [one for one in arrivals if one.statements]):
        pass
    if lines:
        documents.append(books.index, lines)


def _filed(arrival: Arrival) -> tuple[str, datetime.date]:
    """The account and the day by which an original is filed."""
    day = max(
        (span.last_row for one in arrival.statements if (span := one.span) is not None),
        default=datetime.date(1970, 1, 1),
    )
    return arrival.accounts[0][0], day


def accounts_of(statement: Statement) -> list[str]:
    """The ledger accounts of a statement: its own first, then those its lines name."""
    place = (statement.source, statement.account, statement.shop)
    platforms = [name for name in statement.records.column("platform").unique().to_pylist() if name]
    orders = [chart.receivable_account(name, statement.shop) for name in platforms]
    if statement.stage == "order":
        return orders or [chart.receivable_account("shop", statement.shop)]
    own = chart.wallet_account(*place)
    if statement.stage == "bank":
        own = chart.bank_account(*place)
    return [own, *orders]


def clear_inbox(arrivals: Iterable[Arrival]) -> None:
    """Remove what is archived from the inbox; refused files stay."""
    for arrival in arrivals:
        known = all(result.state == "known" for result in arrival.results)
        if arrival.file.from_inbox and (arrival.statements or known):
            arrival.file.path.unlink(missing_ok=True)
