"""The reports that are tables: one row here is one command below `beanclear report`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from beanclear.cli import engine, options, reporting
from beanclear.cli import report_tables as tables
from beanclear.ledger.dimensions import DIMENSIONS
from beanclear.ledger.i18n import N_, current_language, gettext
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import parse

if TYPE_CHECKING:
    from beanclear.cli.reporting import Sources
    from beanclear.ledger.statements.table import Table

_UNTIED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report: the command's name, what its help says (a msgid), and what makes its tables.

    `by_account`: it takes `--account`; `by_dimension`: `--by`; `by_layout`: `--layout`.
    """

    name: str
    help: str
    build: Callable[[Sources], Sequence[Table]]
    by_account: bool = False
    by_dimension: bool = False
    by_layout: bool = False


REPORTS: Final = (
    Report(
        name="reconciliation",
        help=N_("How each clearing account was reconciled: matched, differences, open by age."),
        build=tables.reconciliation,
        by_account=True,
    ),
    Report(
        name="statements",
        help=N_("Balance sheet, income statement and cash flow statement."),
        build=tables.statements,
        by_dimension=True,
    ),
    Report(
        name="balance-sheet",
        help=N_("The balance sheet."),
        build=tables.form("balance-sheet"),
        by_dimension=True,
    ),
    Report(
        name="income-statement",
        help=N_("The income statement."),
        build=tables.form("income-statement"),
        by_dimension=True,
    ),
    Report(
        name="cash-flow",
        help=N_("The cash flow statement."),
        build=tables.form("cash-flow"),
        by_dimension=True,
    ),
    Report(
        name="equity-changes",
        help=N_("The statement of changes in equity, where the standard has one."),
        build=tables.equity_changes,
    ),
    Report(
        name="trial-balance",
        help=N_("Opening balance, debits, credits and closing balance of every account."),
        build=tables.trial_balance,
        by_dimension=True,
    ),
    Report(
        name="summary-of-accounts",
        help=N_("Debits and credits of each level-1 account."),
        build=tables.summary,
        by_dimension=True,
    ),
    Report(
        name="general-ledger",
        help=N_("Each level-1 account month by month."),
        build=tables.general,
        by_dimension=True,
    ),
    Report(
        name="detailed-ledger",
        help=N_("The entries of each account, or of one (--account)."),
        build=tables.detailed,
        by_account=True,
        by_dimension=True,
    ),
    Report(
        name="vouchers",
        help=N_("The numbered vouchers; as HTML one by one, to be printed and signed."),
        build=tables.vouchers,
    ),
    Report(
        name="voucher-export",
        help=N_("The vouchers in the columns that an accounting program imports (--layout)."),
        build=tables.voucher_export,
        by_layout=True,
    ),
    Report(
        name="bank-reconciliation",
        help=N_("Each bank account's book balance against its statement, month by month."),
        build=tables.bank_reconciliation,
    ),
    Report(
        name="dimensions",
        help=N_("Postings without a dimension that their account requires."),
        build=tables.dimensions,
    ),
    Report(
        name="shop",
        help=N_("Profit and loss of each shop by month: sales, refunds, each fee, margin."),
        build=tables.shop,
    ),
    Report(
        name="payouts",
        help=N_("How each payout follows from sales, refunds, fees and reserves."),
        build=tables.payouts,
    ),
    Report(
        name="ageing", help=N_("Open items of each clearing account by age."), build=tables.ageing
    ),
    Report(
        name="settlement-delays",
        help=N_("Days from the claim to the first money, by shop."),
        build=tables.delays,
    ),
    Report(name="fees", help=N_("Fees charged against contracted rates."), build=tables.fees),
    Report(
        name="vat", help=N_("Sales and output VAT by rate."), build=tables.vat, by_dimension=True
    ),
    Report(
        name="month-end",
        help=N_("What the books hold against invoices and records, and what is missing."),
        build=tables.month_end,
    ),
    Report(
        name="trends",
        help=N_("Match rate, exceptions and days to clear, month by month and run by run."),
        build=tables.trends,
    ),
)


def commands() -> list[click.Command]:
    """A command for each report; it ends with 1 when a tie-out does not hold."""
    return [_command(report) for report in REPORTS]


def _command(report: Report) -> click.Command:
    @click.command(report.name, help=gettext(report.help))
    @options.in_books
    @click.option(
        "--period",
        metavar="PERIOD",
        required=True,
        help=_("A month 2026-08, a quarter 2026-Q3 or a year 2026."),
    )
    @click.option(
        "--format",
        "form",
        type=click.Choice(reporting.FORMATS),
        default="text",
        show_default=True,
        help=_("How to write it."),
    )
    @click.option(
        "--out", type=click.Path(path_type=Path), metavar="FILE", help=_("Write it to this file.")
    )
    @click.option("--preparer", metavar="NAME", default="", help=_("Who prepared it."))
    @options.with_json
    def run(
        *,
        folder: str | None,
        books: str | None,
        period: str,
        form: str,
        out: Path | None,
        preparer: str,
        as_json: bool,
        account: str = "",
        dimension: str | None = None,
        layout: str = "",
    ) -> int:
        span = parse(period)
        opened = engine.open_books(options.folder_of(folder, books))
        from beanclear.cli.workspace import LOCK_SECONDS, keeper  # noqa: PLC0415 - heavy

        with opened.lock(LOCK_SECONDS), contextlib.ExitStack() as stack:
            sources = reporting.Sources(
                books=opened,
                period=span,
                language=current_language(),
                preparer=preparer,
                account=account,
                kept=lambda: stack.enter_context(keeper(opened)),
                form="json" if as_json else form,
                dimension=dimension or "",
                layout=layout,
            )
            found = report.build(sources)
        reporting.write(found, "json" if as_json else form, out, report.name)
        untied = any(value for table in found for value in table.checks.values())
        return _UNTIED if untied else 0

    for wanted, option in _own_options(report):
        if wanted:
            option(run)
    return run


def _own_options(report: Report) -> Sequence[tuple[bool, Callable[[click.Command], click.Command]]]:
    """The options that only some reports take, each with whether this one does."""
    return (
        (
            report.by_account,
            click.option(
                "--account",
                metavar="ACCOUNT",
                default="",
                help=_("Only this account or code, with all below it."),
            ),
        ),
        (
            report.by_dimension,
            click.option(
                "--by",
                "dimension",
                type=click.Choice(tuple(DIMENSIONS)),
                help=_("Divide it by what the postings say of this."),
            ),
        ),
        (
            report.by_layout,
            click.option(
                "--layout",
                metavar="NAME",
                required=True,
                help=_("yonyou, kingdee, haokuaiji, or your own reports/voucher-NAME.toml."),
            ),
        ),
    )
