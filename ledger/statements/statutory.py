"""The statutory statements of one period, with their tie-outs."""

from __future__ import annotations

import datetime
from dataclasses import replace

from beanclear.ledger.chart import OPENING
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import to_decimal
from beanclear.ledger.periods import Period
from beanclear.ledger.statements import cash_flow, equity, forms, tie_outs
from beanclear.ledger.statements.definition import Definition, load
from beanclear.ledger.statements.forms import Values
from beanclear.ledger.statements.general_ledger import Entry, GeneralLedger, Line
from beanclear.ledger.statements.positions import (
    Position,
    closes,
    code_of,
    movements,
    positions,
)
from beanclear.ledger.statements.request import Days, Request, columns, prepared, titled
from beanclear.ledger.statements.standards import Rules, check_chart
from beanclear.ledger.statements.table import Table

__all__ = ["Request", "equity_changes", "of_result", "result_ledger", "statements"]


def statements(request: Request) -> tuple[Table, ...]:
    """Balance sheet, income statement and cash flow statement, tied to each other.

    Under 企业会计准则 the changes in equity too, and those of last year where the books know them.

    Raises:
      BooksError: a code is missing, of the other chart, or in no row; a definition is broken.
    """
    check_chart(request.ledger, request.standard)
    whole, request = request, prepared(request)
    sheet, closing, opening, sheet_definition = _balance_sheet(request)
    income, profit, income_definition = _income_statement(whole, request)
    flow, moved, flow_definition = _cash_flow(whole, request)
    retained = sheet_definition.place_of("retained")
    grown = closing[retained] - opening[retained]
    figures = (closing, opening)
    made = (
        replace(sheet, checks=tie_outs.of_sheet(sheet_definition, closing, opening)),
        replace(income, checks=tie_outs.of_income(request, income_definition, profit, grown)),
        replace(
            flow,
            checks=tie_outs.of_cash(request, flow_definition, moved, sheet_definition, figures),
        ),
    )
    if "equity-changes" not in request.rules.statements:
        return made
    total = sheet_definition.place_of("equity")
    income_total = profit[income_definition.place_of("comprehensive")]
    changes = _equity_changes(request, (closing[total], opening[total], income_total))
    return (*made, changes, *_equity_of_last_year(whole))


def equity_changes(request: Request) -> tuple[Table, ...]:
    """The statement of changes in equity, and that of last year where the books know it.

    Raises:
      BooksError: as `statements`; the books' standard has no such form.
    """
    if "equity-changes" not in request.rules.statements:
        raise BooksError(
            _("%(standard)s has no statement of changes in equity")
            % {"standard": gettext(request.rules.name)},
            _('only books with standard = "enterprise" have one'),
            where="beanclear.toml",
        )
    return statements(request)[3:]


def _balance_sheet(request: Request) -> tuple[Table, Values, Values, Definition]:
    definition = load(request.standard, "balance-sheet", request.books)
    before, last = request.days
    now = positions(request.ledger, last, request.basis)
    then = positions(request.ledger, before, request.basis)
    forms.check_mapping(definition, (*now, *then), f"reports/{definition.name}.toml")
    closing, opening = forms.values(definition, now), forms.values(definition, then)
    heading = (
        _("End of last year")
        if request.standard == "enterprise"
        else _("Opening balance of the year")
    )
    made = forms.table(
        definition,
        [("closing", _("Closing balance"), closing), ("opening", heading, opening)],
        forms.accounts_of(definition, now),
        currency=request.ledger.currency,
        language=request.language,
    )
    made = titled(request, made, str(last))
    return replace(made, notes=_of_openings(request)), closing, opening, definition


def _of_openings(request: Request) -> tuple[str, ...]:
    """Where initial balances stand that nobody has divided among the parts of equity."""
    ledger = request.ledger
    rest = -ledger.balances(request.period.last).get(OPENING, 0)
    if not rest:
        return ()
    return (
        _(
            "Paid-in capital holds %(amount)s of initial balances: divide them among capital,"
            " reserves and undistributed profit by an entry on %(account)s."
        )
        % {"amount": f"{to_decimal(rest, ledger.currency):,f}", "account": OPENING},
    )


def _income_statement(whole: Request, request: Request) -> tuple[Table, Values, Definition]:
    definition = load(request.standard, "income-statement", request.books)

    def values(asked: Request, days: Days) -> Values:
        held = of_result(asked.ledger, days, asked.rules)
        forms.check_mapping(definition, held, f"reports/{definition.name}.toml")
        return forms.values(definition, held)

    made_columns, notes = columns(whole, request, values)
    made = forms.table(
        definition,
        made_columns,
        forms.accounts_of(definition, of_result(request.ledger, request.year, request.rules)),
        currency=request.ledger.currency,
        language=request.language,
    )
    notes = (*notes, *_of_cost(request))
    made = replace(titled(request, made, request.period.name), notes=notes)
    return made, values(request, request.year), definition


def _of_cost(request: Request) -> tuple[str, ...]:
    """That goods were sold and no cost of them is booked, which makes the profit too large."""
    rules, days = request.rules, (request.period.first, request.period.last)
    sums = {"sold": 0, "cost": 0}
    for position in of_result(request.ledger, days, rules):
        for name, codes in (("sold", rules.sales), ("cost", rules.cost)):
            if position.code[:4] in codes:
                sums[name] += position.balance
    if sums["sold"] >= 0 or sums["cost"]:
        return ()
    return (_("No cost of sales is booked in this period: the profit is without it."),)


def of_result(ledger: GeneralLedger, days: Days, rules: Rules) -> list[Position]:
    """Profit and loss of these days, and other comprehensive income that did not become profit."""
    return movements(result_ledger(ledger, days, rules), *days)


def result_ledger(ledger: GeneralLedger, days: Days, rules: Rules) -> GeneralLedger:
    """The books with only the lines that an income statement of these days shows.

    Entries on 本年利润 close the year. Those on undistributed profit take other comprehensive
    income there. Corrections of earlier years are no result of this one.
    """

    def counts(entry: Entry, line: Line) -> bool:
        if not line.amount_minor:
            return False
        code = code_of(ledger, line.account)
        if code[:4] == rules.comprehensive:
            return not any(closes(ledger, entry, one) for one in rules.retained)
        return (
            code.startswith(rules.result)
            and code[:4] != rules.prior
            and not closes(ledger, entry, rules.profit)
        )

    entries = (
        replace(entry, lines=tuple(line for line in entry.lines if counts(entry, line)))
        for entry in ledger.between(*days)
    )
    return replace(ledger, entries=tuple(entry for entry in entries if entry.lines))


def _cash_flow(whole: Request, request: Request) -> tuple[Table, Values, Definition]:
    definition = load(request.standard, "cash-flow", request.books)

    def values(asked: Request, days: Days) -> Values:
        return cash_flow.values(definition, asked.ledger, days, asked.basis)[0]

    made_columns, notes = columns(whole, request, values)
    to_date, accounts = cash_flow.values(definition, request.ledger, request.year, request.basis)
    made = forms.table(
        definition,
        made_columns,
        accounts,
        currency=request.ledger.currency,
        language=request.language,
    )
    return replace(titled(request, made, request.period.name), notes=notes), to_date, definition


def _equity_changes(request: Request, others: tuple[int, int, int]) -> Table:
    """The form, tied to `others`: equity of the balance sheet, then and before, and the income."""
    definition = load(request.standard, "equity-changes", request.books)
    made = _equity_table(request, definition)
    found = equity.values(definition, request.ledger, request.year)
    closing, opening, income = others
    after = equity.balances(definition, request.ledger, request.period.last)
    closed = found[definition.place_of("after")]
    checks = {
        _("closing equity less equity on the balance sheet"): closed[equity.TOTAL] - closing,
        _("opening equity less equity on the balance sheet"): (
            found[definition.place_of("before")][equity.TOTAL] - opening
        ),
        _("comprehensive income less that of the income statement"): (
            found[definition.place_of("income")][equity.TOTAL] - income
        ),
        _("columns that differ from their accounts, added"): sum(
            abs((-closed[column.id] if column.less else closed[column.id]) - after[column.id])
            for column in definition.columns
        ),
    }
    return replace(made, checks=checks)


def _equity_table(request: Request, definition: Definition) -> Table:
    ledger = request.ledger
    made = equity.table(
        definition,
        equity.values(definition, ledger, request.year),
        [
            account.name
            for account in ledger.accounts.values()
            if account.code and equity.column_of(definition, account.code)
        ],
        currency=ledger.currency,
        language=request.language,
    )
    return titled(request, made, request.period.name)


def _equity_of_last_year(whole: Request) -> tuple[Table, ...]:
    """上年金额, the other half of the form; nothing where the books begin in this year."""
    year = whole.year[0].year - 1
    last = datetime.date(year, 12, 31)
    if last < whole.begun:
        return ()
    period = Period(name=f"{year}", first=datetime.date(year, 1, 1), last=last)
    request = prepared(replace(whole, period=period))
    made = _equity_table(request, load(request.standard, "equity-changes", request.books))
    return (
        replace(
            made,
            name=f"{made.name}-last-year",
            title=_("%(title)s (last year)") % {"title": made.title},
        ),
    )
