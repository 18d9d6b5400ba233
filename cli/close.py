"""`beanclear close PERIOD`: freeze a month, quarter or year for good (P6)."""

from __future__ import annotations

import click

from beanclear.cli import engine, items, options, output
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import parse


def command() -> click.Command:
    """Build the command."""

    @click.command()
    @click.argument("period")
    @options.in_books
    @options.with_author
    @options.with_dry_run
    @options.with_json
    def close(
        *,
        period: str,
        folder: str | None,
        books: str | None,
        by: str | None,
        reason: str | None,
        dry_run: bool,
        as_json: bool,
    ) -> int:
        name = parse(period).name
        chosen = options.folder_of(folder, books)
        opened = engine.open_books(chosen)
        result = engine.close_period(
            opened, name, options.author_name(by, opened.root), reason, dry_run
        )
        if as_json:
            content = {
                "period": result.period,
                "dry_run": dry_run,
                "changed": list(result.changed),
                "items": [items.item_json(item) for item in result.open_items],
            }
            output.as_json("close", content)
            return 0
        items.items_table(result.open_items)
        if result.open_items:
            output.note(_("These items stay open; the next period carries them."))
        for file in result.changed:
            output.line(file)
        if dry_run:
            output.note(_("Nothing was written: this was a dry run."))
        else:
            output.note(_("%(period)s is closed.") % {"period": result.period})
        return 0

    return close
