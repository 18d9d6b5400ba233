"""`beanclear open-items`: what is not explained, as a table, JSON or CSV."""

from __future__ import annotations

import datetime

import click

from beanclear.cli import deciding, engine, items, options, output
from beanclear.ledger.errors import UsageError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.vocabulary import ItemClass, OpenItem

_UNRECONCILED = 1


def command() -> click.Command:
    """Build the command."""

    @click.command()
    @options.in_books
    @click.option("--account", metavar="ACCOUNT", help=_("Only this account and those below it."))
    @click.option(
        "--class",
        "klass",
        type=click.Choice([str(klass) for klass in ItemClass]),
        help=_("Only this class."),
    )
    @click.option("--csv", "as_csv", is_flag=True, help=_("Write CSV."))
    @options.with_as_of
    @options.with_json
    def open_items(
        *,
        folder: str | None,
        books: str | None,
        account: str | None,
        klass: str | None,
        as_csv: bool,
        as_of: datetime.date | None,
        as_json: bool,
    ) -> int:
        if as_csv and as_json:
            raise UsageError(_("--csv and --json exclude each other"), _("choose one"))
        opened = engine.open_books(options.folder_of(folder, books))
        result = engine.reconcile(opened, as_of)
        explained = deciding.explanations(deciding.read_texts(opened))
        accounts = [state for state in result.accounts if _within(state.account, account)]
        chosen = [
            item
            for item in result.items
            if _within(item.account, account) and klass in {None, str(item.klass)}
        ]
        if as_json:
            output.as_json(
                "open-items",
                {
                    "accounts": [items.account_json(state) for state in accounts],
                    "items": [items.item_json(item, explained) for item in chosen],
                },
            )
        elif as_csv:
            items.items_csv(chosen, explained)
        else:
            items.accounts_table(accounts)
            items.items_table(chosen)
            _closing_words(chosen, items.unexplained(chosen, explained))
        return _UNRECONCILED if items.unexplained(chosen, explained) else 0

    return open_items


def _closing_words(chosen: list[OpenItem], unexplained: list[OpenItem]) -> None:
    items.advise(unexplained)
    if not chosen:
        output.note(_("Nothing is open."))
    elif len(unexplained) < len(chosen):
        output.note(
            _("%(count)d of them are explained for now.")
            % {"count": len(chosen) - len(unexplained)}
        )


def _within(account: str, wanted: str | None) -> bool:
    return wanted is None or account == wanted or account.startswith(f"{wanted}:")
