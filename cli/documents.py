"""`beanclear documents`: what is booked, and taking out a file that was imported wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from beanclear.cli import engine, options, output
from beanclear.cli.output import Column
from beanclear.ledger.errors import UsageError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.i18n import ngettext
from beanclear.ledger.labels import label

if TYPE_CHECKING:
    from beanclear.cli.taking_out import Booked, TakenOut


def command() -> click.Command:
    """Build the group; called without a word it lists."""

    @click.group(invoke_without_command=True)
    @options.of_books
    @options.with_json
    @click.pass_context
    def documents(context: click.Context, *, books: str | None, as_json: bool) -> int:
        if context.invoked_subcommand is not None:
            context.obj = books
            return 0
        from beanclear.cli import taking_out  # noqa: PLC0415 - only here

        found = taking_out.booked(engine.open_books(options.folder_of(None, books)))
        if as_json:
            output.as_json("documents", {"documents": [_json(one) for one in found]})
        else:
            _table(found)
        return 0

    documents.add_command(_remove())
    return documents


def _remove() -> click.Command:
    @click.command(
        help=_(
            "Take a file out of the books. NAME is its name, its number in the list, or the first "
            "digits of its hash. The original stays in the archive, and the index says who took it "
            "out and why; what it put into closed months is taken back in the open one."
        )
    )
    @click.argument("name", metavar="NAME")
    @options.of_books
    @options.with_author
    @options.with_dry_run
    @options.with_json
    @click.pass_context
    def remove(
        context: click.Context,
        *,
        name: str,
        books: str | None,
        by: str | None,
        reason: str | None,
        dry_run: bool,
        as_json: bool,
    ) -> int:
        from beanclear.cli import taking_out  # noqa: PLC0415 - heavy

        if not reason:
            raise UsageError(_("a file is taken out for a reason"), _("say it: --reason TEXT"))
        opened = engine.open_books(options.folder_of(None, books or context.obj))
        author = options.author_name(by, opened.root)
        taken = taking_out.take_out(opened, name, by=author, reason=reason, dry_run=dry_run)
        if as_json:
            output.as_json("documents-remove", _taken_json(taken))
        else:
            _show(taken)
        return 0

    return remove


def _json(one: Booked) -> dict[str, Any]:
    return {
        "number": one.number,
        "name": one.name,
        "sha256": one.sha256,
        "path": one.path,
        "source": one.source,
        "account": one.account,
        "stage": one.stage,
        "first": one.first,
        "last": one.last,
        "rows": one.rows,
        "grade": one.grade,
        "accepted_by": one.accepted_by or None,
        "removed": None
        if one.removal is None
        else {"by": one.removal.by, "reason": one.removal.reason},
    }


def _table(found: list[Booked]) -> None:
    columns = [
        Column(heading=_("no."), number=True),
        Column(heading=_("file")),
        Column(heading=_("source")),
        Column(heading=_("account")),
        Column(heading=_("from")),
        Column(heading=_("to")),
        Column(heading=_("rows"), number=True),
        Column(heading=_("grade")),
        Column(heading=_("state")),
    ]
    rows = [
        [
            str(one.number),
            one.name,
            label(one.source),
            one.account,
            *output.days(one.first, one.last),
            str(one.rows),
            label(one.grade),
            _state(one),
        ]
        for one in found
    ]
    if rows:
        output.table(_("Documents"), columns, rows)
    else:
        output.note(_("Nothing is booked yet."))


def _state(one: Booked) -> str:
    if one.removal is not None:
        return _("taken out by %(by)s: %(reason)s") % {
            "by": one.removal.by,
            "reason": one.removal.reason,
        }
    if one.accepted_by:
        return _("accepted by %(by)s") % {"by": one.accepted_by}
    return _("booked")


def _taken_json(taken: TakenOut) -> dict[str, Any]:
    return {
        "name": taken.name,
        "sha256": taken.sha256,
        "rows": taken.rows,
        "changed": list(taken.changed),
        "diff": taken.diff,
    }


def _show(taken: TakenOut) -> None:
    if taken.diff is not None:
        output.data(taken.diff)
        output.note(_("Nothing was written: this was a dry run."))
        return
    for file in taken.changed:
        output.line(file)
    output.note(
        ngettext(
            "%(file)s is taken out: %(rows)d row no longer counts.",
            "%(file)s is taken out: %(rows)d rows no longer count.",
            taken.rows,
        )
        % {"file": taken.name, "rows": taken.rows}
    )
