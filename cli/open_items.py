"""`beanclear open-items`: what is not explained, as a table, JSON or CSV."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import click

from beanclear.cli import deciding, engine, items, options, output
from beanclear.ledger.errors import UsageError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.vocabulary import ItemClass, OpenItem

if TYPE_CHECKING:
    from beanclear.matching.learning import Proposal

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
    @click.option(
        "--suggest", is_flag=True, help=_("Show where lines went that you decided before.")
    )
    @options.with_as_of
    @options.with_json
    def open_items(
        *,
        folder: str | None,
        books: str | None,
        account: str | None,
        klass: str | None,
        as_csv: bool,
        suggest: bool,
        as_of: datetime.date | None,
        as_json: bool,
    ) -> int:
        if as_csv and as_json:
            raise UsageError(_("--csv and --json exclude each other"), _("choose one"))
        opened = engine.open_books(options.folder_of(folder, books))
        result = engine.reconcile(opened, as_of)
        for told in result.reminders if result.from_text else ():
            output.note(told)
        explained = deciding.explanations(deciding.read_texts(opened))
        accounts = [state for state in result.accounts if _within(state.account, account)]
        chosen = [
            item
            for item in result.items
            if _within(item.account, account) and klass in {None, str(item.klass)}
        ]
        suggested = _suggested(engine.proposals(opened, 1)[0], chosen) if suggest else {}
        if as_json:
            content = [items.item_json(item, explained) for item in chosen]
            if suggest:
                for one in content:
                    one["suggestions"] = [
                        _suggestion_json(found) for found in suggested.get(one["key"], ())
                    ]
            output.as_json(
                "open-items",
                {
                    "accounts": [items.account_json(state) for state in accounts],
                    "items": content,
                },
            )
        elif as_csv:
            items.items_csv(chosen, explained)
        else:
            items.accounts_table(accounts)
            items.items_table(chosen, explained=explained)
            _show_suggested(suggested)
            items.advise(items.unexplained(chosen, explained))
            items.tell_explained(chosen, explained)
            if not chosen:
                output.note(_("Nothing is open."))
        return _UNRECONCILED if items.unexplained(chosen, explained) else 0

    return open_items


def _suggested(proposals: list[Proposal], chosen: list[OpenItem]) -> dict[str, list[Proposal]]:
    """Where each item may go, best first: only lines in suspense are decided by their texts."""
    from beanclear.matching.learning import candidates  # noqa: PLC0415 - only when it is asked for

    lines = {item.key for item in chosen if item.klass == ItemClass.UNCATEGORISED}
    return {key: found for key, found in candidates(proposals).items() if key in lines}


def _suggestion_json(found: Proposal) -> dict[str, Any]:
    return {
        "account": found.account,
        "right": found.agreed + found.booked_agreed,
        "lines": found.decided + found.booked,
        "at_least": f"{found.at_least:.4f}",
        "counterparty": found.counterparty,
        "memo": found.memo,
    }


def _show_suggested(suggested: dict[str, list[Proposal]]) -> None:
    told = [
        _("%(key)s: %(account)s, where %(right)d of %(lines)d lines with %(text)s went")
        % {
            "key": key,
            "account": one.account,
            "right": one.agreed + one.booked_agreed,
            "lines": one.decided + one.booked,
            "text": " + ".join(text for text in (one.counterparty, one.memo) if text),
        }
        for key, found in sorted(suggested.items())
        for one in found
    ]
    output.bullets(_("Where like lines went, by your decisions:"), told)


def _within(account: str, wanted: str | None) -> bool:
    return wanted is None or account == wanted or account.startswith(f"{wanted}:")
