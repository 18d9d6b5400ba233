"""`beanclear report NAME`: reports made from the current records and books."""

from __future__ import annotations

import datetime

import click

from beanclear.cli import deciding, engine, items, options, output, report_catalogue, risks
from beanclear.cli.output import Column
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.labels import label
from beanclear.ledger.money import to_decimal
from beanclear.ledger.periods import parse
from beanclear.ledger.statements import reconciliation
from beanclear.ledger.statements.reconciliation import AccountReport

_UNRECONCILED = 1
_CSV = ("account", "as_of", "currency", "part", "name", "age", "count", "amount")


def command() -> click.Command:
    """Build the group; each report is a command below it."""

    @click.group()
    def report() -> None:
        """Print a report."""

    report.help = _("Print a report.")
    report.add_command(_reconciliation())
    report.add_command(risks.command())
    for each in report_catalogue.commands():
        report.add_command(each)
    return report


def _reconciliation() -> click.Command:
    @click.command(
        "reconciliation", help=_("How the balance of each clearing account is explained.")
    )
    @options.in_books
    @click.option(
        "--period", metavar="PERIOD", help=_("At the end of this month, quarter or year.")
    )
    @click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "csv"]),
        default="text",
        show_default=True,
        help=_("How to write it."),
    )
    @options.with_as_of
    @options.with_json
    def run(
        *,
        folder: str | None,
        books: str | None,
        period: str | None,
        form: str,
        as_of: datetime.date | None,
        as_json: bool,
    ) -> int:
        as_of = parse(period).last if period else as_of
        opened = engine.open_books(options.folder_of(folder, books))
        result = engine.reconcile(opened, as_of)
        reports = reconciliation.report(result.accounts, result.items)
        write = {"json": _json, "csv": _csv, "text": _text}
        write["json" if as_json else form](reports)
        explained = deciding.explanations(deciding.read_texts(opened))
        return _UNRECONCILED if items.unexplained(result.items, explained) else 0

    return run


def _json(reports: list[AccountReport]) -> None:
    accounts = []
    for line in reports:
        currency = line.currency
        accounts.append(
            {
                "account": line.account,
                "as_of": line.as_of,
                "currency": currency,
                "balance": to_decimal(line.balance_minor, currency),
                "matched": {
                    "count": sum(one.count for one in line.matched),
                    "amount": to_decimal(sum(one.amount_minor for one in line.matched), currency),
                    "passes": items.passes_json(line.matched, currency),
                },
                "in_transit": {
                    "amount": to_decimal(line.in_transit_minor, currency),
                    "count": line.in_transit_count,
                },
                "open": {
                    "amount": to_decimal(line.open_minor, currency),
                    "count": line.open_count,
                    "classes": [
                        {
                            "class": one.klass,
                            "age": one.age,
                            "count": one.count,
                            "amount": to_decimal(one.amount_minor, currency),
                            "at_stake": to_decimal(one.at_stake_minor, currency),
                        }
                        for one in line.open
                    ],
                },
                "difference": to_decimal(line.difference_minor, currency),
            }
        )
    output.as_json("report.reconciliation", {"accounts": accounts})


def _parts(line: AccountReport) -> list[tuple[str, str, str, int | None, int | None]]:
    """The lines of one account: part, name, age, count, minor units."""
    open_items = [("open", one.klass, one.age, one.count, one.amount_minor) for one in line.open]
    return [
        *(("matched", one.name, "", one.count, one.amount_minor) for one in line.matched),
        ("in-transit", "", "", line.in_transit_count, line.in_transit_minor),
        *open_items,
        ("difference", "", "", None, line.difference_minor),
        ("balance", "", "", None, line.balance_minor),
    ]


def _csv(reports: list[AccountReport]) -> None:
    output.as_csv(
        _CSV,
        (
            (
                line.account,
                line.as_of,
                line.currency,
                part,
                name,
                age,
                count,
                None if value is None else to_decimal(value, line.currency),
            )
            for line in reports
            for part, name, age, count, value in _parts(line)
        ),
    )


def _text(reports: list[AccountReport]) -> None:
    words = {
        "matched": _("matched"),
        "in-transit": _("in transit"),
        "open": _("open"),
        "difference": _("unexplained"),
        "balance": _("balance"),
    }
    columns = [
        Column(heading=_("part")),
        Column(heading=_("age in days")),
        Column(heading=_("count"), number=True),
        Column(heading=_("amount"), number=True),
    ]
    for line in reports:
        rows = [
            [
                f"{words[part]} {label(name)}".strip(),
                age,
                "" if count is None else f"{count:,}",
                "" if value is None else output.money(value, line.currency),
            ]
            for part, name, age, count, value in _parts(line)
            if value or part != "difference"
        ]
        title = _("%(account)s as of %(date)s, %(currency)s") % {
            "account": line.account,
            "date": output.day(line.as_of),
            "currency": line.currency,
        }
        output.table(title, columns, rows)
    if not reports:
        output.note(_("There are no clearing accounts yet."))
