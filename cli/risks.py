"""`beanclear report risks`: what is booked and still looks wrong. It warns and changes nothing."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import click

from beanclear.cli import engine, options, output
from beanclear.cli.output import Column
from beanclear.ledger.i18n import gettext
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.labels import label
from beanclear.ledger.money import to_decimal
from beanclear.ledger.periods import parse

if TYPE_CHECKING:
    from beanclear.matching.risks import Risk

_CSV = (
    "check", "severity", "account", "platform", "date", "order_id", "bank_ref", "amount",
    "currency", "file", "row", "explanation",
)  # fmt: skip


def command() -> click.Command:
    """Build the command; warnings leave the exit code 0."""

    @click.command("risks", help=_("Warnings: what is booked and still looks wrong."))
    @options.in_books
    @click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "csv"]),
        default="text",
        show_default=True,
        help=_("How to write it."),
    )
    @click.option("--period", metavar="PERIOD", help=_("Only what happened in this period."))
    @options.with_json
    def run(
        *, folder: str | None, books: str | None, form: str, period: str | None, as_json: bool
    ) -> int:
        span = parse(period) if period else None
        opened = engine.open_books(options.folder_of(folder, books))
        from beanclear.cli.workspace import LOCK_SECONDS, keeper  # noqa: PLC0415 - heavy
        from beanclear.matching import risks  # noqa: PLC0415 - heavy

        with opened.lock(LOCK_SECONDS), keeper(opened) as kept:
            found = [
                risk
                for risk in risks.warnings(kept.con, kept.files)
                if span is None or span.first <= risk.date <= span.last
            ]
        write = {"json": _json, "csv": _csv, "text": _text}
        write["json" if as_json else form](found)
        return 0

    return run


def _values(risk: Risk) -> tuple[object, ...]:
    """The columns of `_CSV`."""
    return (
        risk.check, risk.severity, risk.account, risk.platform, risk.date, risk.order_id,
        risk.bank_ref, to_decimal(risk.amount_minor, risk.currency), risk.currency, risk.file,
        risk.row, risk.explanation,
    )  # fmt: skip


def _json(found: list[Risk]) -> None:
    content = [dict(zip(_CSV, _values(risk), strict=True)) for risk in found]
    output.as_json("report.risks", {"risks": content})


def _csv(found: list[Risk]) -> None:
    output.as_csv(_CSV, (_values(risk) for risk in found))


def _text(found: list[Risk]) -> None:
    columns = [
        Column(heading=_("date")),
        Column(heading=_("order or line")),
        Column(heading=_("amount"), number=True),
        Column(heading=_("where")),
        Column(heading=_("why")),
    ]
    # The checks come one after the other, sorted by account.
    for (check, severity, account), risks in itertools.groupby(
        found, key=lambda risk: (risk.check, risk.severity, risk.account)
    ):
        rows = [
            [
                output.day(risk.date),
                risk.order_id or risk.bank_ref or "",
                f"{output.money(risk.amount_minor, risk.currency)} {risk.currency}",
                f"{risk.file}:{risk.row}",
                risk.explanation,
            ]
            for risk in risks
        ]
        output.table(f"{label(check)} ({gettext(severity)}), {account}", columns, rows)
    if not found:
        output.note(_("No check found a risk."))
