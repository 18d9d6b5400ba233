"""`beanclear check`: what a build server asks: are these books whole, proven and up to date?

Beancount's own checks and our plugins without a load cache, the plugins active in the top file,
closed periods untouched, and, where the documents are there, the text what `run --rebuild` makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from beanclear.cli import engine, options, output
from beanclear.ledger.i18n import gettext as _

if TYPE_CHECKING:
    from beanclear.cli.pipeline import CheckResult

_FAILED = 1


def command() -> click.Command:
    """Build the command."""

    @click.command()
    @options.in_books
    @click.option(
        "--text-only", is_flag=True, help=_("Do not compare the text with the documents.")
    )
    @click.option(
        "--allow-open", is_flag=True, help=_("Open items are no errors, as before a commit.")
    )
    @options.with_json
    def check(
        *, folder: str | None, books: str | None, text_only: bool, allow_open: bool, as_json: bool
    ) -> int:
        opened = engine.open_books(options.folder_of(folder, books))
        result = engine.check(opened, text_only=text_only, allow_open=allow_open)
        if as_json:
            output.as_json("check", _json(result))
        else:
            _show(result, allow_open=allow_open)
        return _FAILED if result.errors or result.stale else 0

    return check


def _json(result: CheckResult) -> dict[str, Any]:
    return {
        "ok": not result.errors and not result.stale,
        "errors": [
            {"file": file, "line": line, "message": message}
            for file, line, message in result.errors
        ],
        "stale": result.stale or None,
    }


def _show(result: CheckResult, *, allow_open: bool) -> None:
    for file, line, message in result.errors:
        output.error(f"{file}:{line}: {message}")
    if result.stale:
        output.data(result.stale)
        output.error(
            _("the text of open periods is not what the documents make: run `beanclear run`")
        )
    if not result.errors and not result.stale:
        output.note(
            _("The books are whole.") if allow_open else _("The books are whole and reconciled.")
        )
