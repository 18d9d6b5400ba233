"""The main job, and what the other commands share with it: import, match, write, check.

A run is safe by its order. The record store takes what is new and the text is derived from it,
so that what cannot be booked is found while the inbox is full and the index as it was. Then
originals are archived, the index names them, the inbox is cleared, and each file of the text is
replaced as a whole. Whatever a killed run left undone the next run does, and what it did twice is
the same (P9): a store that holds more than the index names is made again.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace

from beanclear.cli import (
    archived,
    folders,
    from_text,
    intake,
    lake,
    originals,
    rebooking,
    report_history,
)
from beanclear.cli.bookkeeping import Bookkeeper, Computed
from beanclear.cli.closing import close_period
from beanclear.cli.progress import Progress, Silent
from beanclear.cli.reminding import reminders
from beanclear.cli.results import (
    AccountState,
    CheckResult,
    CloseResult,
    DocumentResult,
    RunOptions,
    RunResult,
)
from beanclear.cli.verification import check_books, verify
from beanclear.cli.workspace import (
    PLACEHOLDERS,
    bring_up_to,
    foresee,
    open_items,
    records_of,
    temporary_store,
)
from beanclear.ledger import buyers, chart, config_text, documents
from beanclear.ledger import config as configuration
from beanclear.ledger.books import Books, write_atomically
from beanclear.ledger.config import Config
from beanclear.ledger.documents import DocumentLine, IndexLine
from beanclear.ledger.errors import Fault, UsageError
from beanclear.ledger.i18n import current_language
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import format_minor
from beanclear.ledger.sql import Records
from beanclear.ledger.store import RecordStore
from beanclear.matching.contradictions import Contradiction
from beanclear.matching.crosschecks import Disagreement

__all__ = [
    "AccountState",
    "CheckResult",
    "CloseResult",
    "DocumentResult",
    "RunOptions",
    "RunResult",
    "check_books",
    "close_period",
    "reconcile",
    "run_books",
]


def run_books(books: Books, options: RunOptions, progress: Progress) -> RunResult:
    """Book what waits, match everything, write the text of open periods, and check it.

    Raises:
      BusyError: another run holds the books longer than `options.lock_timeout`.
      BooksError: configuration, chart, decisions or the archive cannot be used; nothing changes.
      UsageError: options name what is not there.
    """
    with books.lock(options.lock_timeout):
        config = _configured(books, options)
        history = documents.read_history(books.index)
        if config.records is not None:
            return _run_lake(books, config, options, documents.counting(history), progress)
        if options.dry_run:
            return _dry_run(books, config, options, history, progress)
        buyers.ensure_key(books.root)
        store = RecordStore(books)
        with store.session():
            return _run(books, config, options, history, store=store, progress=progress)


def _run(
    books: Books,
    config: Config,
    options: RunOptions,
    history: Sequence[IndexLine],
    *,
    store: RecordStore,
    progress: Progress,
) -> RunResult:
    """`run_books` under its lock, in a session of the store."""
    arrivals = _look(books, config, options, history, store=store, progress=progress)
    originals.require(books, history, {one.sha256 for one in arrivals})
    index = documents.counting(history)
    books.remove_leftovers()
    if options.rebuild:
        archived.check_archive(books, index)
        store.reset()
    # Whatever keeps the books from being written is found while the inbox is still full.
    bring_up_to(store, books, index, config, progress=progress)
    foresee(books, config, arrivals)
    if options.covers:
        config = _on_engine(_cover(books, store, arrivals, options.covers), options)
    if index and not options.rebook and rebooking.may_rebook(books, config):
        # On what is archived already: what comes of new files is booked late and said.
        known = _compute(books, store, config, index, as_of=options.as_of, progress=progress)
        rebooking.refuse(books, known.texts, known.frozen_files)
    lines = intake.index_lines(arrivals, history)
    index += lines
    bring_up_to(store, books, index, config, arrivals=arrivals, progress=progress)
    computed = _compute(
        books, store, config, index, as_of=options.as_of, progress=progress, remember=True
    )
    intake.archive(books, arrivals, lines, history)
    intake.clear_inbox(arrivals)
    late = rebooking.told(rebooking.changes(books, computed.texts, computed.frozen_files))
    changed = books.apply(computed.texts, {*computed.frozen_files, *PLACEHOLDERS})
    rebooking.remember(books, config)
    originals.note(books, index)
    _note(books, options, computed)
    result = _result(store, config, computed, arrivals)
    result = replace(result, reminders=(*late, *result.reminders))
    return _verified(books, config, replace(result, changed=tuple(changed)), progress)


def _look(
    books: Books,
    config: Config,
    options: RunOptions,
    history: Sequence[IndexLine],
    *,
    store: RecordStore,
    progress: Progress,
) -> list[intake.Arrival]:
    """What waits, each by itself and then beside the others."""
    found = intake.look(books, config, options, history, store=store, progress=progress)
    return folders.told_apart(found, options.accept)


def _run_lake(
    books: Books,
    config: Config,
    options: RunOptions,
    index: Sequence[DocumentLine],
    progress: Progress,
) -> RunResult:
    """`run_books` on the records of a lake: nothing is imported, the text is written as always."""
    lake.refuse_imports(config, options)
    records = lake.open_lake(config, index)
    if options.records is not None and not options.dry_run:
        config_text.set_records(books.config, options.records)
    if options.covers and not options.dry_run:
        config = _on_engine(_cover(books, records, [], options.covers), options)
    computed = _compute(books, records, config, index, as_of=options.as_of, progress=progress)
    result = _result(records, config, computed, [])
    result = replace(result, reminders=(*lake.waiting(books), *result.reminders))
    kept = {*computed.frozen_files, *PLACEHOLDERS}
    if options.dry_run:
        return replace(result, diff=books.diff(computed.texts, kept))
    if not options.rebook and rebooking.may_rebook(books, config):
        rebooking.refuse(books, computed.texts, computed.frozen_files)
    books.remove_leftovers()
    changed = books.apply(computed.texts, kept)
    rebooking.remember(books, config)
    _note(books, options, computed)
    return _verified(books, config, replace(result, changed=tuple(changed)), progress)


def _note(books: Books, options: RunOptions, computed: Computed) -> None:
    """Add the run to the history; one up to an earlier day says nothing of today's standing."""
    if options.as_of is None:
        report_history.remember(books, computed.found, datetime.datetime.now(datetime.UTC))


def _verified(books: Books, config: Config, result: RunResult, progress: Progress) -> RunResult:
    """The result with what looking at the written books gave."""
    found = verify(books, config, progress)
    return replace(result, check_errors=found.errors, tie_outs=found.tie_outs)


def reconcile(books: Books, as_of: datetime.date | None = None) -> RunResult:
    """The current state; nothing is imported and nothing written but the record store's cache.

    In a clone without originals it is what the text says.

    Raises:
      OriginalsAbsentError: another day is asked of such a clone.
    """
    with books.lock(10.0):
        config = configuration.load(books.config)
        index = documents.read_index(books.index)
        try:
            with records_of(books, config, index) as records:
                computed = _compute(books, records, config, index, as_of=as_of, progress=Silent())
                return _result(records, config, computed, [])
        except originals.OriginalsAbsentError:
            if as_of is not None:
                raise
            return from_text.standing(books)


def _configured(books: Books, options: RunOptions) -> Config:
    """The configuration; a first run without beanclear.toml writes one that explains itself."""
    if not books.config.exists():
        taxpayer = "small" if options.taxpayer == "small" else "general"
        text = config_text.initial_text(current_language(), taxpayer)
        if not options.dry_run:
            write_atomically(books.config, text)
    elif options.taxpayer is not None and not options.dry_run:
        config_text.set_taxpayer(books.config, options.taxpayer)
    config = configuration.load(books.config)
    if options.taxpayer is not None and config.books.taxpayer != options.taxpayer:
        section = config.books.model_copy(update={"taxpayer": options.taxpayer})
        config = config.model_copy(update={"books": section})
    return _on_engine(config, options)


def _on_engine(config: Config, options: RunOptions) -> Config:
    """The configuration with the engine and the records that this run was given."""
    if options.engine is None and options.records is None:
        return config
    chosen = {
        "engine": options.engine or ("spark" if options.records else config.engine),
        "records": options.records or config.records,
    }
    if chosen["records"] and chosen["engine"] != "spark":
        raise UsageError(
            _("the records at %(uri)s are read by Spark only") % {"uri": chosen["records"]},
            _("say --engine spark, or take `records` out of beanclear.toml"),
        )
    return config.model_copy(update=chosen)


def _cover(
    books: Books,
    store: Records,
    arrivals: Sequence[intake.Arrival],
    covers: dict[str, datetime.date],
) -> Config:
    """Write `--covers ACCOUNT=DATE` into beanclear.toml, by source.

    Raises:
      UsageError: when no statement belongs to the account.
    """
    sources: dict[str, set[str]] = {}
    known = [*store.statements(), *(one for arrival in arrivals for one in arrival.statements)]
    for row in known:
        name = {
            "wallet": chart.wallet_account,
            "bank": chart.bank_account,
        }.get(row.stage)
        if name is not None:
            sources.setdefault(name(row.source, row.account, row.shop), set()).add(row.source_key)
        else:
            sources.setdefault(chart.receivable_account(row.source, row.shop), set()).add(
                row.source_key
            )
        sources.setdefault(row.source_key, set()).add(row.source_key)
    for account in covers:
        if account not in sources:
            raise UsageError(
                _("no statement belongs to %(account)s") % {"account": account},
                _("accounts with statements: %(accounts)s")
                % {"accounts": ", ".join(sorted(sources))},
            )
    for account, day in covers.items():
        for key in sorted(sources[account]):
            config_text.set_coverage(books.config, key, day)
    return configuration.load(books.config)


def _compute(
    books: Books,
    store: Records,
    config: Config,
    index: Sequence[DocumentLine],
    *,
    as_of: datetime.date | None,
    progress: Progress,
    remember: bool = False,
) -> Computed:
    """The books as they should be; `remember` leaves what is settled for the next computation."""
    progress.start(_("Matching"), None)
    records = lake.on_engine(store, config)
    own = as_of is None and isinstance(records, RecordStore)
    with Bookkeeper(books, records, config, index, take_up=own) as keeper:
        computed = keeper.compute(as_of)
        if remember and own:
            keeper.remember(computed)
    progress.done()
    return computed


def _dry_run(
    books: Books,
    config: Config,
    options: RunOptions,
    history: Sequence[IndexLine],
    progress: Progress,
) -> RunResult:
    index = documents.counting(history)
    with temporary_store() as store:
        arrivals = _look(books, config, options, history, store=store, progress=progress)
        originals.require(books, history, {one.sha256 for one in arrivals})
        fresh = [one.staged for one in arrivals if one.staged is not None]
        again = archived.restage(books, index, config, store=store, progress=progress)
        store.take([*again, *fresh])
        computed = _compute(books, store, config, index, as_of=options.as_of, progress=progress)
        diff = books.diff(computed.texts, {*computed.frozen_files, *PLACEHOLDERS})
        late = rebooking.told(rebooking.changes(books, computed.texts, computed.frozen_files))
        result = _result(store, config, computed, arrivals)
        return replace(result, diff=diff, reminders=(*late, *result.reminders))


def _result(
    store: Records,
    config: Config,
    computed: Computed,
    arrivals: Sequence[intake.Arrival],
) -> RunResult:
    return RunResult(
        documents=tuple(result for arrival in arrivals for result in arrival.results),
        accounts=tuple(
            AccountState(
                account=state.account,
                as_of=state.as_of,
                currency=state.currency,
                balance_minor=state.balance_minor,
                in_transit_minor=state.in_transit_minor,
                in_transit_count=state.in_transit_count,
                open_minor=state.open_minor,
                open_count=state.open_count,
                matched=state.matched,
                awaiting=state.awaiting,
            )
            for state in computed.found.states
        ),
        items=open_items(computed.found, computed.statements),
        assumptions=() if config.books.confirmed else tuple(config_text.assumptions(config)),
        reminders=(*folders.plain(arrivals), *reminders(computed)),
        faults=(
            *(
                fault
                for arrival in arrivals
                for result in arrival.results
                if result.state == "refused"
                for fault in result.faults
            ),
            *store.conflicts(),
            *(_disagreement(found, computed) for found in computed.disagreements),
            *(_contradiction(found) for found in computed.contradictions),
        ),
    )


def _contradiction(found: Contradiction) -> Fault:
    """Two exports that tell one order differently, as a fault of the one that is not booked."""
    texts = {
        "created": _("the order %(id)s has another time of creation in %(file)s:%(row)d"),
        "shops": _("the order %(id)s stands in another shop's folder too, in %(file)s:%(row)d"),
        "moments": _("the order %(id)s has other days in %(file)s:%(row)d"),
    }
    figures = _("the order %(id)s is %(here)s here, but %(there)s in %(file)s:%(row)d")
    here, there = (
        f"{format_minor(amount, found.currency)} {found.currency}"
        for amount in (found.other_minor, found.booked_minor)
    )
    return Fault(
        code="lost-digits" if found.what == "created" else "conflicting-order",
        file=found.other_file,
        row=found.other_row,
        what=texts.get(found.what, figures)
        % {
            "id": found.order_id,
            "here": here,
            "there": there,
            "file": found.file,
            "row": found.row,
        },
        todo=_(
            "the other one is booked: export the order again, and take the wrong file out with"
            " `beanclear documents remove NAME`"
        ),
    )


def _disagreement(found: Disagreement, computed: Computed) -> Fault:
    """Two sources that should say the same, as a fault of the one that is not booked."""
    files = {row.document: row.file for row in computed.statements}
    return Fault(
        code="cross-check",
        file=files.get(found.document, found.source),
        what=_("%(subject)s: the booked source says %(booked)s %(currency)s, this one %(other)s")
        % {
            "subject": found.subject,
            "booked": format_minor(found.booked_minor, found.currency),
            "other": format_minor(found.other_minor, found.currency),
            "currency": found.currency,
        },
        todo=_("export both again for that day; one of them is incomplete or was edited"),
    )
