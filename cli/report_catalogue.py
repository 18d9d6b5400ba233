"""The reports that are tables: one row here is one command below `beanclear report`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from beanclear.cli import engine, options, reporting
from beanclear.ledger.i18n import N_, current_language, gettext
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import parse

if TYPE_CHECKING:
    from beanclear.cli.reporting import Sources
    from beanclear.ledger.statements.table import Table

_UNTIED = 1
# As `beanclear.ledger.statements.dimensions` knows them; importing it would load Beancount.
DIMENSION_NAMES = (
    "shop", "platform", "sku", "customer", "supplier", "department", "employee", "project",
)  # fmt: skip


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


def _statements(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import statutory  # noqa: PLC0415 - heavy

    return statutory.statements(sources.request)


def _equity_changes(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import statutory  # noqa: PLC0415 - heavy

    return [statutory.equity_changes(sources.request)]


def _trial_balance(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import dimensions, trial_balance  # noqa: PLC0415 - heavy

    ledger, period, language = sources.ledger, sources.period, sources.language
    if sources.dimension:
        found = dimensions.trial_balance_by(ledger, period, sources.dimension, language)
    else:
        found = trial_balance.trial_balance(ledger, period, language)
    return sources.headed(found)


def _income_statement(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import dimensions  # noqa: PLC0415 - heavy

    if not sources.dimension:
        return _one(1)(sources)
    standard = sources.config.books.standard
    found = dimensions.result_by(
        sources.ledger, sources.period, standard, sources.dimension, sources.language
    )
    return sources.headed(found)


def _vouchers(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import vouchers  # noqa: PLC0415 - heavy

    ledger, found, language = sources.ledger, sources.vouchers, sources.language
    if sources.form == "html" and any(month.vouchers for month in found):
        return sources.headed(vouchers.blocks(ledger, found, language, sources.preparer))
    return sources.headed([vouchers.journal(ledger, found, sources.period, language)])


def _voucher_export(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import voucher_export  # noqa: PLC0415 - heavy

    layout = voucher_export.load(sources.layout, sources.books.root)
    found, language = sources.vouchers, sources.language
    return [voucher_export.export(sources.ledger, found, layout, language, sources.preparer)]


def _bank_reconciliation(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import bank_reconciliation  # noqa: PLC0415 - heavy

    found = bank_reconciliation.reconciliations(
        sources.ledger, sources.directives, sources.period, sources.language
    )
    return sources.headed(found)


def _dimensions(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import dimensions  # noqa: PLC0415 - heavy

    return sources.headed([dimensions.lacking(sources.ledger, sources.period, sources.language)])


def _summary(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import trial_balance  # noqa: PLC0415 - heavy

    found = trial_balance.summary_of_accounts(sources.ledger, sources.period, sources.language)
    return sources.headed([found])


def _general(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import ledgers  # noqa: PLC0415 - heavy

    return sources.headed(ledgers.general(sources.ledger, sources.period, sources.language))


def _detailed(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import ledgers, vouchers  # noqa: PLC0415 - heavy

    ledger = sources.ledger
    wanted = ledgers.chosen(ledger, sources.account) if sources.account else sorted(ledger.accounts)
    numbers = vouchers.numbers(sources.vouchers)
    return sources.headed(
        ledgers.detailed(ledger, sources.period, wanted, sources.language, numbers)
    )


def _shop(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import commerce, shop  # noqa: PLC0415 - heavy

    figures = commerce.shop_months(sources.posted.con, sources.period)
    return sources.headed(shop.profit_and_loss(figures, sources.ledger, sources.period))


def _payouts(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import commerce, payout_bridge  # noqa: PLC0415 - heavy

    days = commerce.wallet_days(sources.posted.con, sources.period)
    return sources.headed(payout_bridge.bridges(days, sources.ledger, sources.period))


def _ageing(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import ageing  # noqa: PLC0415 - heavy

    return sources.headed(ageing.ageing(sources.reconciled))


def _delays(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import commerce, trade_tables  # noqa: PLC0415 - heavy

    found = commerce.delays(sources.posted.con, sources.period)
    return sources.headed(trade_tables.delay_table(found, sources.period))


def _fees(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import commerce, trade_tables  # noqa: PLC0415 - heavy

    found = commerce.fees(sources.judged.con, sources.period)
    return sources.headed(trade_tables.fee_audit(found, sources.period))


def _vat(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import trade_tables  # noqa: PLC0415 - heavy

    found = trade_tables.vat_summary(sources.ledger, sources.period, sources.vat_rates)
    return sources.headed(found)


def _month_end(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import commerce, month_end  # noqa: PLC0415 - heavy

    signs = {"sales": 1, "refunds": -1, "vat": -1}
    sold = sum(
        signs.get(one.name, 0) * one.amount_minor
        for one in commerce.shop_months(sources.posted.con, sources.period)
        if one.currency == sources.ledger.currency
    )
    found = month_end.month_end(sources.ledger, sources.reconciled, sources.period, sold)
    return sources.headed(found)


def _trends(sources: Sources) -> Sequence[Table]:
    from beanclear.ledger.statements import month_end  # noqa: PLC0415 - heavy

    return sources.headed(month_end.trends(sources.judge, sources.months))


def _one(place: int) -> Callable[[Sources], Sequence[Table]]:
    return lambda sources: _statements(sources)[place : place + 1]


REPORTS: Final = (
    Report(
        name="statements",
        help=N_("Balance sheet, income statement and cash flow statement."),
        build=_statements,
    ),
    Report(name="balance-sheet", help=N_("The balance sheet."), build=_one(0)),
    Report(
        name="income-statement",
        help=N_("The income statement."),
        build=_income_statement,
        by_dimension=True,
    ),
    Report(name="cash-flow", help=N_("The cash flow statement."), build=_one(2)),
    Report(
        name="equity-changes",
        help=N_("The statement of changes in equity, where the standard has one."),
        build=_equity_changes,
    ),
    Report(
        name="trial-balance",
        help=N_("Opening balance, debits, credits and closing balance of every account."),
        build=_trial_balance,
        by_dimension=True,
    ),
    Report(
        name="summary-of-accounts",
        help=N_("Debits and credits of each level-1 account."),
        build=_summary,
    ),
    Report(
        name="general-ledger",
        help=N_("Each level-1 account month by month."),
        build=_general,
    ),
    Report(
        name="detailed-ledger",
        help=N_("The entries of each account, or of one (--account)."),
        build=_detailed,
        by_account=True,
    ),
    Report(
        name="vouchers",
        help=N_("The numbered vouchers; as HTML one by one, to be printed and signed."),
        build=_vouchers,
    ),
    Report(
        name="voucher-export",
        help=N_("The vouchers in the columns that an accounting program imports (--layout)."),
        build=_voucher_export,
        by_layout=True,
    ),
    Report(
        name="bank-reconciliation",
        help=N_("Each bank account's book balance against its statement, month by month."),
        build=_bank_reconciliation,
    ),
    Report(
        name="dimensions",
        help=N_("Postings without a dimension that their account requires."),
        build=_dimensions,
    ),
    Report(
        name="shop",
        help=N_("Profit and loss of each shop by month: sales, refunds, each fee, margin."),
        build=_shop,
    ),
    Report(
        name="payouts",
        help=N_("How each payout follows from sales, refunds, fees and reserves."),
        build=_payouts,
    ),
    Report(name="ageing", help=N_("Open items of each clearing account by age."), build=_ageing),
    Report(
        name="settlement-delays",
        help=N_("Days from the claim to the first money, by shop."),
        build=_delays,
    ),
    Report(name="fees", help=N_("Fees charged against contracted rates."), build=_fees),
    Report(name="vat", help=N_("Sales and output VAT by rate."), build=_vat),
    Report(
        name="month-end",
        help=N_("What the books hold against invoices and records, and what is missing."),
        build=_month_end,
    ),
    Report(
        name="trends",
        help=N_("Match rate, exceptions and their age, month by month."),
        build=_trends,
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
            tables = report.build(sources)
        reporting.write(tables, "json" if as_json else form, out, report.name)
        untied = any(value for table in tables for value in table.checks.values())
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
                type=click.Choice(DIMENSION_NAMES),
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
