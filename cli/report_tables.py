"""What makes the tables of each report: thin lines from `Sources` into `ledger.statements`.

Everything there is loaded when a report is made, so that the other commands start fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beanclear.cli.reporting import Sources
    from beanclear.ledger.statements.general_ledger import GeneralLedger
    from beanclear.ledger.statements.table import Table

_FORMS = ("balance-sheet", "income-statement", "cash-flow")


def statements(sources: Sources) -> Sequence[Table]:
    """All forms of the books' standard."""
    from beanclear.ledger.statements import statutory  # noqa: PLC0415 - heavy

    if sources.dimension:
        return [table for name in _FORMS for table in form(name)(sources)]
    return statutory.statements(sources.request)


def form(name: str) -> Callable[[Sources], Sequence[Table]]:
    """One of the three forms that both standards have."""

    def made(sources: Sources) -> Sequence[Table]:
        from beanclear.ledger.statements import divided  # noqa: PLC0415 - heavy

        if not sources.dimension:
            return [table for table in statements(sources) if table.name == name]
        build = {
            "balance-sheet": divided.balance_sheet,
            "income-statement": divided.income_statement,
            "cash-flow": divided.cash_flow_statement,
        }[name]
        return [build(sources.plain_request, sources.dimension, sources.names)]

    return made


def equity_changes(sources: Sources) -> Sequence[Table]:
    """所有者权益变动表."""
    from beanclear.ledger.statements import statutory  # noqa: PLC0415 - heavy

    return statutory.equity_changes(sources.request)


def trial_balance(sources: Sources) -> Sequence[Table]:
    """科目余额表."""
    from beanclear.ledger.statements import dimensions, trial_balance  # noqa: PLC0415 - heavy

    ledger, period, language = sources.ledger, sources.period, sources.language
    if sources.dimension:
        found = dimensions.trial_balance_by(
            ledger, period, sources.dimension, language, sources.names
        )
    else:
        found = trial_balance.trial_balance(ledger, period, language)
    return sources.headed(found)


def _divided(
    sources: Sources, build: Callable[[GeneralLedger], Iterable[Table]], *sums: str
) -> Sequence[Table]:
    """The report, or its parts by a dimension, whose sums in these columns are those of it."""
    if not sources.dimension:
        return sources.headed([*build(sources.ledger)])
    from beanclear.ledger.statements import divided  # noqa: PLC0415 - heavy

    return sources.headed(
        divided.parts(sources.ledger, sources.dimension, sources.names, build, sums=sums)
    )


def summary(sources: Sources) -> Sequence[Table]:
    """科目汇总表."""
    from beanclear.ledger.statements.trial_balance import summary_of_accounts  # noqa: PLC0415

    def build(ledger: GeneralLedger) -> Iterable[Table]:
        return [summary_of_accounts(ledger, sources.period, sources.language)]

    return _divided(sources, build, "debit", "credit")


def general(sources: Sources) -> Sequence[Table]:
    """总账."""
    from beanclear.ledger.statements import ledgers  # noqa: PLC0415 - heavy

    def build(ledger: GeneralLedger) -> Iterable[Table]:
        return ledgers.general(ledger, sources.period, sources.language)

    return _divided(sources, build, "debit", "credit")


def detailed(sources: Sources) -> Sequence[Table]:
    """明细账."""
    from beanclear.ledger.statements import ledgers, vouchers  # noqa: PLC0415 - heavy

    ledger = sources.ledger
    wanted = ledgers.chosen(ledger, sources.account) if sources.account else sorted(ledger.accounts)
    numbers = vouchers.numbers(sources.vouchers)

    def build(part: GeneralLedger) -> Iterable[Table]:
        return ledgers.detailed(part, sources.period, wanted, sources.language, numbers)

    return _divided(sources, build, "debit", "credit")


def vat(sources: Sources) -> Sequence[Table]:
    """增值税汇总."""
    from beanclear.ledger.statements import trade_tables  # noqa: PLC0415 - heavy

    def build(ledger: GeneralLedger) -> Iterable[Table]:
        return trade_tables.vat_summary(ledger, sources.period, sources.vat_rates)

    found = _divided(sources, build, "sales", "vat")
    if sources.dimension:
        return found
    accounts = trade_tables.tax_accounts(sources.ledger, sources.period, sources.language)
    return [*found, *sources.headed([accounts])]


def vouchers(sources: Sources) -> Sequence[Table]:
    """记账凭证."""
    from beanclear.ledger.statements import vouchers  # noqa: PLC0415 - heavy

    ledger, found, language = sources.ledger, sources.vouchers, sources.language
    if sources.printed and any(month.vouchers for month in found):
        made = vouchers.blocks(ledger, found, language, sources.signature, sources.names)
        return sources.headed(made)
    made_one = vouchers.journal(ledger, found, sources.period, language, sources.names)
    return sources.headed([made_one])


def voucher_export(sources: Sources) -> Sequence[Table]:
    """The vouchers for another program."""
    from beanclear.ledger.statements import voucher_export  # noqa: PLC0415 - heavy

    layout = voucher_export.load(sources.layout, sources.books.root)
    found, language = sources.vouchers, sources.language
    return [voucher_export.export(sources.ledger, found, layout, language, sources.signature)]


def bank_reconciliation(sources: Sources) -> Sequence[Table]:
    """银行存款余额调节表."""
    from beanclear.ledger.statements import bank_reconciliation  # noqa: PLC0415 - heavy

    found = bank_reconciliation.reconciliations(
        sources.ledger, sources.directives, sources.period, sources.language
    )
    return sources.headed(found)


def dimensions(sources: Sources) -> Sequence[Table]:
    """Postings that lack a dimension."""
    from beanclear.ledger.statements import dimensions  # noqa: PLC0415 - heavy

    return sources.headed([dimensions.lacking(sources.ledger, sources.period, sources.language)])


def shop(sources: Sources) -> Sequence[Table]:
    """店铺损益."""
    from beanclear.ledger.statements import commerce, shop  # noqa: PLC0415 - heavy

    figures = commerce.shop_months(sources.posted.con, sources.period)
    return sources.headed(
        shop.profit_and_loss(figures, sources.ledger, sources.period, sources.names)
    )


def payouts(sources: Sources) -> Sequence[Table]:
    """提现对账."""
    from beanclear.ledger.statements import commerce, payout_bridge  # noqa: PLC0415 - heavy

    moves = commerce.wallet_moves(sources.posted.con, sources.period)
    return sources.headed(
        payout_bridge.bridges(moves, sources.ledger, sources.period, sources.language)
    )


def reconciliation(sources: Sources) -> Sequence[Table]:
    """对账报告."""
    from beanclear.ledger.periods import Period  # noqa: PLC0415 - heavy
    from beanclear.ledger.spans import ONE_DAY  # noqa: PLC0415 - heavy
    from beanclear.ledger.statements import ledgers, reconciliation  # noqa: PLC0415 - heavy

    day = sources.period.first - ONE_DAY
    before = sources.judge(Period(name="", first=day, last=day))
    ledger, period = sources.ledger, sources.period
    found = reconciliation.cases(ledger, period, sources.reconciled, before)
    if sources.account:
        wanted = set(ledgers.chosen(ledger, sources.account))
        found = [case for case in found if case.state.account in wanted]
    return sources.headed(
        reconciliation.tables(found, ledger, period, sources.language, sources.names)
    )


def ageing(sources: Sources) -> Sequence[Table]:
    """账龄分析."""
    from beanclear.ledger.statements import ageing  # noqa: PLC0415 - heavy

    return sources.headed(ageing.ageing(sources.reconciled, sources.ledger, sources.language))


def delays(sources: Sources) -> Sequence[Table]:
    """结算时长."""
    from beanclear.ledger.statements import commerce, trade_tables  # noqa: PLC0415 - heavy

    found = commerce.delays(sources.posted.con, sources.period)
    return sources.headed(trade_tables.delay_table(found, sources.period, sources.names))


def fees(sources: Sources) -> Sequence[Table]:
    """费用稽核."""
    from beanclear.ledger.statements import commerce, trade_tables  # noqa: PLC0415 - heavy

    found = commerce.fees(sources.judged.con, sources.period)
    return sources.headed(trade_tables.fee_audit(found, sources.period, sources.names))


def month_end(sources: Sources) -> Sequence[Table]:
    """月结核对."""
    from beanclear.ledger.statements import commerce, month_end  # noqa: PLC0415 - heavy

    signs = {"sales": 1, "refunds": -1, "vat": -1}
    sold = sum(
        signs.get(one.name, 0) * one.amount_minor
        for one in commerce.shop_months(sources.posted.con, sources.period)
        if one.currency == sources.ledger.currency
    )
    found = month_end.month_end(sources.ledger, sources.reconciled, sources.period, sold)
    return sources.headed(found)


def trends(sources: Sources) -> Sequence[Table]:
    """Match rate, exceptions and days to clear: month by month, and run by run."""
    from beanclear.cli import report_history  # noqa: PLC0415 - heavy
    from beanclear.ledger.statements import trends  # noqa: PLC0415 - heavy

    period, currency = sources.period, sources.ledger.currency
    runs = [
        run
        for run in report_history.history(sources.books)
        if period.first <= run.as_of <= period.last
    ]
    return sources.headed(
        [*trends.month_by_month(sources.judge, sources.months), trends.run_by_run(runs, currency)]
    )
