"""`beanclear run`: import, match, write, check; then say what was booked and what is open."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from beanclear.cli import deciding, engine, items, options, output, report_tie_outs
from beanclear.cli.output import Column
from beanclear.cli.progress import progress
from beanclear.ledger.errors import Fault, UsageError
from beanclear.ledger.explanations import Explanations
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import to_decimal

if TYPE_CHECKING:
    from beanclear.cli.pipeline import DocumentResult, RunResult
    from beanclear.ledger.explanations import Explanations

_SHOWN = 20  # open items in the summary
_UNRECONCILED = 1
_REFUSED = "refused"


def command() -> click.Command:
    """Build the command."""

    @click.command()
    @click.argument("paths", metavar="[DIR] [FILES]...", nargs=-1, type=click.Path())
    @options.of_books
    @click.option(
        "--accept",
        multiple=True,
        metavar="FILE",
        help=_("Book this file although it contradicts itself."),
    )
    @click.option(
        "--covers",
        multiple=True,
        metavar="ACCOUNT=DATE",
        help=_("This account's statements are complete to that date."),
    )
    @click.option(
        "--rebook",
        is_flag=True,
        help=_("Changed settings may correct closed months, in the open one."),
    )
    @click.option("--rebuild", is_flag=True, help=_("Forget what is derived, and derive it again."))
    @click.option(
        "--taxpayer",
        type=click.Choice(["general", "small"]),
        help=_("Which VAT rate the prices contain."),
    )
    @click.option(
        "--engine",
        type=click.Choice(["duckdb", "spark"]),
        help=_("What posting and matching run on, this time."),
    )
    @click.option(
        "--records",
        metavar="URI",
        help=_("Book the records of a lake, read by Spark; beanclear.toml remembers it."),
    )
    @click.option(
        "--by",
        metavar="NAME",
        envvar="BEANCLEAR_BY",
        help=_("Who accepts a file; by default git's user.name."),
    )
    @click.option(
        "--lock-timeout",
        type=click.FloatRange(min=0),
        default=10.0,
        show_default=True,
        metavar="SECONDS",
        help=_("How long to wait for another run to end."),
    )
    @options.with_as_of
    @options.with_dry_run
    @options.with_json
    def run(**given: Any) -> int:  # noqa: ANN401 - the options above, as `_run` has them
        return _run(**given)

    return run


def _run(
    *,
    paths: tuple[str, ...],
    books: str | None,
    accept: tuple[str, ...],
    by: str | None,
    covers: tuple[str, ...],
    as_json: bool,
    **choices: Any,  # noqa: ANN401 - fields of RunOptions under the same names
) -> int:
    folder, files = _folder_and_files(paths, books)
    opened = engine.open_books(folder)
    result = engine.run(
        opened,
        progress(),
        files=files,
        accept=frozenset(accept),
        by=options.author_name(by, folder) if accept else by,
        covers=_covers(covers),
        **choices,
    )
    explained = deciding.explanations(deciding.read_texts(opened))
    if as_json:
        output.as_json("run", _json(result, explained))
    else:
        _show(result, folder, explained)
    for fault in result.faults:
        output.error(str(fault))
    refused = any(document.state == _REFUSED for document in result.documents)
    unexplained = items.unexplained(result.items, explained)
    wrong = result.check_errors or result.faults or refused or _untied(result)
    unreconciled = bool(unexplained or wrong)
    return _UNRECONCILED if unreconciled else 0


def _untied(result: RunResult) -> bool:
    return result.tie_outs is not None and not result.tie_outs.hold


def _folder_and_files(paths: tuple[str, ...], books: str | None) -> tuple[Path, tuple[Path, ...]]:
    """A first argument that is no file is the folder, unless `-C` names it."""
    chosen = [Path(path) for path in paths]
    folder = options.folder_of(None, books)
    if chosen and books is None and not chosen[0].is_file():
        folder = chosen.pop(0)
    for path in chosen:
        if not path.exists():
            raise UsageError(_("there is no such file"), _("check the name"), where=str(path))
    return folder, tuple(chosen)


def _covers(texts: tuple[str, ...]) -> dict[str, datetime.date]:
    found = {}
    for text in texts:
        account, _equals, day = text.rpartition("=")
        try:
            found[account] = datetime.date.fromisoformat(day)
        except ValueError:
            account = ""
        if not account:
            raise UsageError(
                _("--covers %(text)s is not understood") % {"text": text},
                _("write ACCOUNT=DATE such as Assets:Bank:CCB:8826=2026-08-31"),
            )
    return found


def _json(result: RunResult, explained: Explanations) -> dict[str, Any]:
    return {
        "documents": [_document_json(document) for document in result.documents],
        "accounts": [
            {
                **items.account_json(state),
                "matched": {
                    "count": state.matched_count,
                    "amount": to_decimal(
                        sum(one.amount_minor for one in state.matched), state.currency
                    ),
                    "passes": items.passes_json(state.matched, state.currency),
                },
            }
            for state in result.accounts
        ],
        "items": [items.item_json(item, explained) for item in result.items],
        "assumptions": list(result.assumptions),
        "reminders": list(result.reminders),
        "faults": [fault_json(fault) for fault in result.faults],
        "check_errors": list(result.check_errors),
        "tie_outs": result.tie_outs and report_tie_outs.as_json(result.tie_outs),
        "changed": list(result.changed),
        "diff": result.diff,
    }


def _document_json(document: DocumentResult) -> dict[str, Any]:
    return {
        "file": document.file,
        "state": document.state,
        "importer": document.importer,
        "source": document.source,
        "account": document.account,
        "grade": document.grade and str(document.grade),
        "accepted_by": document.accepted_by,
        "rows": document.rows,
        "first": document.first,
        "last": document.last,
        "faults": [fault_json(fault) for fault in document.faults],
        "notes": list(document.notes),
        "warnings": list(document.warnings),
    }


def fault_json(fault: Fault) -> dict[str, Any]:
    """A fault with its place, what is wrong and what to do."""
    return {
        "code": fault.code,
        "file": fault.file,
        "row": fault.row,
        "what": fault.what,
        "todo": fault.todo,
    }


def _show(result: RunResult, folder: Path, explained: Explanations) -> None:
    if result.diff is not None:
        output.data(result.diff)
    _documents_table(result)
    items.accounts_table(result.accounts)
    items.items_table(result.items, _SHOWN, explained)
    for message in result.check_errors:
        output.error(message)
    if result.tie_outs is not None:
        report_tie_outs.show(result.tie_outs)
    output.bullets(_("Assumed, until beanclear.toml says `confirmed = true`:"), result.assumptions)
    output.bullets(_("Reminders:"), result.reminders)
    _closing_words(result, folder, explained)


def _documents_table(result: RunResult) -> None:
    columns = [
        Column(heading=_("file")),
        Column(heading=_("state")),
        Column(heading=_("source")),
        Column(heading=_("account")),
        Column(heading=_("grade")),
        Column(heading=_("rows"), number=True),
        Column(heading=_("from")),
        Column(heading=_("to")),
    ]
    rows = [
        [
            document.file,
            {"booked": _("booked"), "known": _("known"), _REFUSED: _("refused")}.get(
                document.state, document.state
            ),
            document.source or "",
            document.account or "",
            _grade(document),
            f"{document.rows or 0:,}",
            *output.days(document.first, document.last),
        ]
        for document in result.documents
    ]
    if rows:
        output.table(_("Documents"), columns, rows)
    for document in result.documents:
        say = output.note if document.left_out else output.detail
        for text in document.notes:
            say(f"{document.file}: {text}")
        for text in document.warnings:
            output.warning(f"{document.file}: {text}")


def _grade(document: DocumentResult) -> str:
    words = {
        "proven": _("proven"),
        "counted": _("counted"),
        "contradicted": _("contradicted"),
    }
    grade = words.get(str(document.grade), "")
    if document.accepted_by:
        return _("%(grade)s, accepted by %(name)s") % {
            "grade": grade,
            "name": document.accepted_by,
        }
    return grade


def _closing_words(result: RunResult, folder: Path, explained: Explanations) -> None:
    if result.diff is not None:
        output.note(_("Nothing was written: this was a dry run."))
    elif result.changed:
        places = Counter(
            f"{name.partition('/')[0]}/" if "/" in name else name for name in result.changed
        )
        shown = [
            name if name in result.changed else f"{name} ({count})"
            for name, count in sorted(places.items())
        ]
        output.note(_("Written: %(files)s") % {"files": ", ".join(shown)})
        for name in result.changed:
            output.detail(name)
    else:
        output.note(_("The books were up to date; nothing changed."))
    if result.items:
        output.note(
            _("%(count)d items are open (%(classes)s).")
            % {"count": len(result.items), "classes": items.by_class(result.items)}
        )
        items.tell_explained(result.items, explained)
    elif not (result.faults or result.check_errors or _untied(result)):
        output.note(_("Reconciled: nothing is open."))
    output.note(_("Look at it in Fava: beanclear serve %(folder)s") % {"folder": folder})
