"""`beanclear propose`: rules that the accountants' decisions speak for, to read and to paste."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from beanclear.cli import engine, options, output
from beanclear.ledger.i18n import gettext as _

if TYPE_CHECKING:
    from beanclear.matching.learning import Proposal

_SHOWN = 5


def command() -> click.Command:
    """Build the command."""

    @click.command()
    @click.option(
        "--support",
        type=click.IntRange(min=1),
        default=2,
        show_default=True,
        help=_("How many decisions must speak for a rule."),
    )
    @options.in_books
    @options.with_json
    def propose(*, support: int, folder: str | None, books: str | None, as_json: bool) -> int:
        opened = engine.open_books(options.folder_of(folder, books))
        found, families = engine.proposals(opened, support)
        if as_json:
            output.as_json("propose", {"proposals": [_json(one, families) for one in found]})
        elif found:
            _show(found, families)
        else:
            output.note(
                _("No rule can be learned: no %(count)d decisions say the same about like lines.")
                % {"count": support}
            )
        return 0

    return propose


def _toml(one: Proposal, families: dict[str, str]) -> str:
    """What to paste into beanclear.toml; a JSON string is a TOML basic string."""
    values: dict[str, object]
    if one.account in families:
        head = "[[matching]]"
        values = {"family": families[one.account], "payers": [one.counterparty]}
    else:
        head = "[[rules]]"
        values = {
            "counterparty": one.counterparty,
            "memo": one.memo,
            "direction": one.direction,
            "account": one.account,
        }
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in values.items()
        if value is not None
    ]
    return "\n".join([head, *lines])


def _json(one: Proposal, families: dict[str, str]) -> dict[str, Any]:
    return {
        "account": one.account,
        "family": families.get(one.account),
        "counterparty": one.counterparty,
        "memo": one.memo,
        "direction": one.direction,
        "decided": {"lines": one.decided, "equal": one.agreed},
        "booked": {"lines": one.booked, "equal": one.booked_agreed},
        "precision": f"{one.precision:.4f}",
        "at_least": f"{one.at_least:.4f}",
        "waiting": list(one.waiting),
        "against": [{"key": key, "account": account} for key, account in one.against],
        "toml": _toml(one, families),
    }


def _show(found: list[Proposal], families: dict[str, str]) -> None:
    """TOML with the reasons as comments; what a line contradicts is a comment altogether."""
    for one in found:
        for text in _reasons(one):
            output.line(f"# {text}")
        mark = "# " if one.against else ""
        for line in _toml(one, families).split("\n"):
            output.line(mark + line)
        output.line("")
    output.note(_("Nothing was changed: paste into beanclear.toml what you agree with."))


def _reasons(one: Proposal) -> list[str]:
    told = [
        _(
            "right for %(agreed)d of %(decided)d lines you decided and %(booked_agreed)d of"
            " %(booked)d booked ones: %(precision)s, at least %(at_least)s"
        )
        % {
            "agreed": one.agreed,
            "decided": one.decided,
            "booked_agreed": one.booked_agreed,
            "booked": one.booked,
            "precision": _percent(one.precision),
            "at_least": _percent(one.at_least),
        }
    ]
    if one.against:
        lines = ", ".join(f"{key} → {account}" for key, account in one.against[:_SHOWN])
        told.append(_("against it: %(lines)s") % {"lines": lines})
    if one.waiting:
        told.append(
            _("%(count)d open lines wait for it: %(keys)s")
            % {"count": len(one.waiting), "keys": ", ".join(one.waiting[:_SHOWN])}
        )
    return told


def _percent(share: float) -> str:
    """Rounded down, so that only what nothing contradicts is 100 %."""
    return f"{int(share * 100 + 1e-9)} %"
