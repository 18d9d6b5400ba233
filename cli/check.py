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
    @options.with_json
    def check(folder: str | None, books: str | None, as_json: bool) -> int:
        result = engine.check(engine.open_books(options.folder_of(folder, books)))
        if as_json:
            output.as_json("check", _json(result))
        else:
            _show(result)
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


def _show(result: CheckResult) -> None:
    for file, line, message in result.errors:
        output.error(f"{file}:{line}: {message}")
    if result.stale:
        output.data(result.stale)
        output.error(
            _("the text of open periods is not what the documents make: run `beanclear run`")
        )
    if not result.errors and not result.stale:
        output.note(_("The books are whole and reconciled."))
