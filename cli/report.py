"""`beanclear report NAME`: reports made from the current records and books."""

from __future__ import annotations

import click

from beanclear.cli import report_catalogue, risks
from beanclear.ledger.i18n import gettext as _


def command() -> click.Command:
    """Build the group; each report is a command below it."""

    @click.group()
    def report() -> None:
        """Print a report."""

    report.help = _("Print a report.")
    report.add_command(risks.command())
    for each in report_catalogue.commands():
        report.add_command(each)
    return report
