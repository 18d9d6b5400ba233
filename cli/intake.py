"""From files in the inbox to statements, and into the archive.

Nothing of a file is booked unless all of it can be: a contradicted file waits in the inbox until
it is replaced or accepted by name. The index line is the moment a document counts as booked;
everything after it can be derived again.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from beanclear.cli.progress import Progress
from beanclear.cli.results import DocumentResult, RunOptions
from beanclear.importers.chain import broken_row
from beanclear.importers.files import sha256_of
from beanclear.importers.registry import read_document
from beanclear.ledger import chart, documents
from beanclear.ledger.books import Books
from beanclear.ledger.config import Config
from beanclear.ledger.documents import DocumentLine
from beanclear.ledger.errors import BooksError, Fault, SourceError, UsageError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import format_minor
from beanclear.ledger.statement import Control, Grade, Statement

# The simulator's answers lie beside the exports it writes; they are no export.
TRUTH_FILE = "truth.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A file to look at; `shop` is its folder below the inbox, where it lies in one."""

    path: Path
    shop: str
    from_inbox: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One file that was looked at; `statements` is empty when it was known or refused.

    Files of the inbox leave it once they are booked.
    """

    file: Waiting
    sha256: str
    results: tuple[DocumentResult, ...]
    statements: tuple[Statement, ...] = ()


def waiting(books: Books, files: Sequence[Path]) -> list[Waiting]:
    """Everything to look at: the inbox and the named files, sorted."""
    found = []
    for path in sorted(books.inbox.rglob("*")):
        relative = path.relative_to(books.inbox)
        hidden = any(part.startswith((".", "~$")) for part in relative.parts)
        if path.is_file() and not hidden and path.name != TRUTH_FILE:
            found.append(Waiting(path=path, shop="/".join(relative.parts[:-1]), from_inbox=True))
    inbox = books.inbox.resolve()
    known = {one.path.resolve() for one in found}
    for path in files:
        for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if each.is_file() and each.resolve() not in known and each.name != TRUTH_FILE:
                inside = each.resolve().is_relative_to(inbox)
                found.append(Waiting(path=each, shop="", from_inbox=inside))
    return found


def look(
    books: Books,
    config: Config,
    options: RunOptions,
    index: Iterable[DocumentLine],
    progress: Progress,
) -> list[Arrival]:
    """Read everything that waits; nothing is written.

    Raises:
      UsageError: when a file to be accepted is not among them, or nobody accepts it.
    """
    booked = {line.sha256 for line in index}
    found = waiting(books, options.files)
    accepted = {Path(name).name for name in options.accept}
    unknown = accepted - {one.path.name for one in found}
    if unknown:
        raise UsageError(
            _("there is no file %(names)s to accept") % {"names": ", ".join(sorted(unknown))},
            _("name a file of the inbox"),
        )
    if accepted and not options.by:
        raise UsageError(_("a file is accepted by a person"), _("say who: --by NAME"))
    arrivals = []
    progress.start(_("Reading exports"), len(found))
    for one in found:
        sha256 = sha256_of(one.path)
        if sha256 in booked:
            known = DocumentResult(file=one.path.name, state="known")
            arrival = Arrival(file=one, sha256=sha256, results=(known,))
        else:
            by = options.by if one.path.name in accepted else None
            arrival = _read(one, sha256, config, by)
            if arrival.statements:
                booked.add(sha256)
        arrivals.append(arrival)
        progress.advance()
    progress.done()
    return arrivals


def _read(one: Waiting, sha256: str, config: Config, by: str | None) -> Arrival:
    """Read one file; a contradicted one is bookable only when somebody (`by`) accepts it."""
    name = one.path.name
    try:
        statements = read_document(
            one.path, name=name, document=sha256, shop=one.shop, config=config
        )
    except SourceError as error:
        refused = DocumentResult(file=name, state="refused", faults=error.faults)
        return Arrival(file=one, sha256=sha256, results=(refused,))
    contradicted = any(each.grade == Grade.CONTRADICTED for each in statements)
    bookable = by is not None or not contradicted
    return Arrival(
        file=one,
        sha256=sha256,
        results=tuple(_result(each, bookable, by) for each in statements),
        statements=tuple(statements) if bookable else (),
    )


def _result(statement: Statement, bookable: bool, by: str | None) -> DocumentResult:
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
        first=span.first if span else None,
        last=span.last if span else None,
        accepted_by=by if contradicted else None,
        faults=(*statement.faults, *_contradictions(statement)),
        notes=statement.notes,
    )


def _contradictions(statement: Statement) -> list[Fault]:
    """What the file's own figures say against its rows, as faults with what to do."""
    todo = _("export it again; to book it as it is: beanclear run --accept %(file)s") % {
        "file": statement.file.partition(":")[0]
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
    if statement.rows_read != statement.rows_used + statement.rows_reported:
        found.append(
            Fault(
                code="lost-rows",
                file=statement.file,
                what=_("%(read)d rows were read, %(used)d used")
                % {"read": statement.rows_read, "used": statement.rows_used},
                todo=todo,
            )
        )
    return found


def _figure(control: Control, value: int, currency: str) -> str:
    return str(value) if control.counts else format_minor(value, currency)


def archive(
    books: Books, arrivals: Iterable[Arrival], index: Sequence[DocumentLine]
) -> list[DocumentLine]:
    """Copy booked files to `documents/` and write their index lines, in one step at the end."""
    lines: list[DocumentLine] = []
    sequence = max((line.sequence for line in index), default=0)
    for arrival in arrivals:
        if not arrival.statements:
            continue
        day = max(
            (span.last_row for one in arrival.statements if (span := one.span) is not None),
            default=datetime.date(1970, 1, 1),
        )
        path = documents.archive(
            books, arrival.file.path, _account(arrival.statements[0]), day, arrival.sha256
        )
        for statement, result in zip(arrival.statements, arrival.results, strict=True):
            sequence += 1
            lines.append(
                DocumentLine(
                    sequence=sequence,
                    sha256=arrival.sha256,
                    path=path,
                    name=arrival.file.path.name,
                    member=statement.file.partition(":")[2],
                    shop=arrival.file.shop,
                    importer=statement.importer,
                    source=statement.source,
                    account=statement.account,
                    stage=str(statement.stage),
                    first=result.first,
                    last=result.last,
                    rows=statement.rows_used,
                    grade=str(statement.grade),
                    accepted_by=result.accepted_by or "",
                )
            )
    if lines:
        documents.append(books.index, lines)
    return lines


def _account(statement: Statement) -> str:
    if statement.stage == "wallet":
        return chart.wallet_account(statement.source, statement.account, statement.shop)
    if statement.stage == "bank":
        return chart.bank_account(statement.source, statement.account, statement.shop)
    platforms = statement.records.column("platform").unique().to_pylist()
    platform = next((name for name in platforms if name), "shop")
    return chart.receivable_account(platform, statement.shop)


def clear_inbox(arrivals: Iterable[Arrival]) -> None:
    """Remove what is archived from the inbox; refused files stay."""
    for arrival in arrivals:
        known = all(result.state == "known" for result in arrival.results)
        if arrival.file.from_inbox and (arrival.statements or known):
            arrival.file.path.unlink(missing_ok=True)


def read_archived(
    books: Books, lines: Sequence[DocumentLine], config: Config, progress: Progress
) -> list[Statement]:
    """The statements of archived documents again, in the order of the index.

    Raises:
      BooksError: when a document is missing, changed, or can no longer be read.
    """
    by_document: dict[str, DocumentLine] = {}
    for line in lines:
        by_document.setdefault(line.sha256, line)
    statements: list[Statement] = []
    progress.start(_("Reading archived documents"), len(by_document))
    for sha256, line in by_document.items():
        path = books.path_of(line.path)
        if not path.is_file():
            raise BooksError(
                _("the archived document is missing"),
                _("restore it from your backup, or remove nothing from documents/"),
                where=line.path,
            )
        if sha256_of(path) != sha256:
            raise BooksError(
                _("the archived document was changed"),
                _("restore it from your backup"),
                where=line.path,
            )
        statements += read_document(
            path, name=line.name, document=sha256, shop=line.shop, config=config
        )
        progress.advance()
    progress.done()
    return statements
