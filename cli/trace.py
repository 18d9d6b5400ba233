"""`beanclear trace KEY`: one order, payout or bank line through every stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from beanclear.cli import engine, options, output
from beanclear.cli.output import Column
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.labels import label
from beanclear.ledger.money import to_decimal

if TYPE_CHECKING:
    from beanclear.cli.pipeline import TraceStep

_UNKNOWN = 1


def command() -> click.Command:
    """Build the command."""

    @click.command()
    @click.argument("key")
    @options.in_books
    @options.with_json
    def trace(key: str, folder: str | None, books: str | None, as_json: bool) -> int:
        steps = engine.trace(engine.open_books(options.folder_of(folder, books)), key)
        if as_json:
            output.as_json("trace", {"key": key, "steps": [_json(step) for step in steps]})
        else:
            _show(key, steps)
        if not steps:
            output.error(
                _("%(key)s: no record has this key: use an order, trade, payout or bank number")
                % {"key": key}
            )
        return 0 if steps else _UNKNOWN

    return trace


def _json(step: TraceStep) -> dict[str, Any]:
    references = step.references
    return {
        "stage": str(step.stage),
        "source": step.source,
        "account": step.account,
        "date": step.date,
        "kind": str(step.kind),
        "amount": to_decimal(step.amount_minor, step.currency),
        "currency": step.currency,
        "file": step.file,
        "row": step.row,
        "record_id": step.record_id,
        "clearing_account": step.clearing_account,
        "key": step.key,
        "matched_by": step.matched_by,
        "references": dict(references) if isinstance(references, dict) else list(references or ()),
    }


def _show(key: str, steps: list[TraceStep]) -> None:
    columns = [
        Column(heading=_("stage")),
        Column(heading=_("date")),
        Column(heading=_("source")),
        Column(heading=_("kind")),
        Column(heading=_("amount"), number=True),
        Column(heading=_("place")),
        Column(heading=_("clearing account")),
        Column(heading=_("matched by")),
    ]
    rows = [
        [
            label(step.stage),
            output.day(step.date),
            f"{step.source}/{step.account}",
            label(step.kind),
            f"{output.money(step.amount_minor, step.currency)} {step.currency}",
            f"{step.file}:{step.row}",
            step.clearing_account or "",
            label(step.matched_by or "") or (_("open") if step.clearing_account else ""),
        ]
        for step in steps
    ]
    if rows:
        output.table(_("Trace of %(key)s") % {"key": key}, columns, rows)
