"""The page of reports: any report of the command line, shown here or taken home as a workbook.

Some read all records, which takes its time: the page answers at once and shows them when made.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from flask import Response, request, url_for

from beanclear.ledger.errors import BeanclearError
from beanclear.ledger.i18n import N_, gettext, speaking
from beanclear.ledger.periods import parse
from beanclear.ledger.statements import shown
from beanclear.ledger.statements.table import Column, Row, Table
from beanclear.plugins.fava_beanclear import pages
from beanclear.plugins.fava_beanclear.asking import CommandError, PendingError, written
from beanclear.plugins.fava_beanclear.pages import answers_json, endpoint, language

# Name of the command → what the reader calls it (msgid).
REPORTS: Final[Mapping[str, str]] = {
    "reconciliation": N_("Reconciliation by platform and shop"),
    "statements": N_("Statements"),
    "trial-balance": N_("Trial balance"),
    "summary-of-accounts": N_("Summary of accounts"),
    "general-ledger": N_("General ledger"),
    "detailed-ledger": N_("Detailed ledger"),
    "shop": N_("Profit and loss of shops"),
    "payouts": N_("Payout bridges"),
    "ageing": N_("Ageing of open items"),
    "settlement-delays": N_("Days from claim to settlement"),
    "fees": N_("Fee audit"),
    "vat": N_("VAT by rate"),
    "month-end": N_("Month-end checks"),
    "trends": N_("Reconciliation run by run and month by month"),
    "vouchers": N_("Vouchers"),
    "bank-reconciliation": N_("Bank reconciliation"),
    "dimensions": N_("Dimensions"),
}
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BeanclearReports(pages.Page):
    """Choose a report and a period."""

    title = N_("Reports")
    has_js_module = True
    texts: ClassVar[Mapping[str, str]] = {
        "report": N_("Report"), "period": N_("Period"), "show": N_("Show"),
        "workbook": N_("As a workbook (XLSX)"), "empty": N_("There is nothing in this period."),
    }  # fmt: skip

    def _asked(self) -> tuple[str, str]:
        """The report and the period of the address.

        Raises:
          CommandError: there is no such report.
          UsageError: the period is none.
        """
        name, period = request.args.get("report", ""), request.args.get("period", "").strip()
        if name not in REPORTS:
            raise CommandError(gettext("there is no report %(name)r") % {"name": name})
        return name, parse(period).name

    def content(self) -> Mapping[str, Any]:
        """The tables of the report that the address asks for, once they are made."""
        entries = self.general_ledger().entries
        made: dict[str, Any] = {
            "shown": shown,
            "reports": {name: gettext(words) for name, words in REPORTS.items()},
            "period": request.args.get("period") or (f"{entries[-1].day:%Y-%m}" if entries else ""),
            "report": request.args.get("report", ""),
            "tables": [],
            "link": self.link,
        }
        if made["report"]:
            try:
                made["tables"] = self._tables(*self._asked())
            except PendingError:
                made["pending"] = gettext("The report is being made from the records…")
            except (BeanclearError, CommandError) as error:
                made["problem"] = str(error)
        return made

    def _tables(self, name: str, period: str) -> list[Table]:
        answer = self.later(self._key(name, period), "report", name, "--period", period, "--json")
        return [shown.from_json(table) for table in answer["tables"]]

    def _key(self, name: str, period: str) -> tuple[str, ...]:
        return "report", name, period, language()

    def link(self, row: Row, column: Column) -> str | None:
        """The page of the account whose figure it is; `column` has no days of its own."""
        del column
        if len(row.accounts) != 1:
            return None
        return url_for("account", name=row.accounts[0], time=request.args.get("period", ""))

    @endpoint("ready", "GET")
    @answers_json
    def ready(self) -> dict[str, bool]:
        """Whether the report is made; a page that waits asks this."""
        return {"ready": self.is_answered(self._key(*self._asked()))}

    @endpoint("workbook", "GET")
    def workbook(self) -> Response:
        """The report as an XLSX file."""
        with speaking(language()):
            try:
                name, period = self._asked()
                with tempfile.TemporaryDirectory(prefix="beanclear-") as folder:
                    target = Path(folder) / f"{name}-{period}.xlsx"
                    content = written(
                        self.root,
                        *("report", name, "--period", period),
                        *("--format", "xlsx", "--out", str(target)),
                    )
            except (CommandError, BeanclearError, OSError) as error:
                return Response(f"{error}\n", status=409, mimetype="text/plain")
        response = Response(content, mimetype=_WORKBOOK)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}-{period}.xlsx"'
        return response
