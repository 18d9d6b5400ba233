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
from beanclear.ledger.statements.general_ledger import GeneralLedger
from beanclear.ledger.statements.positions import (
    Position,
    movements,
    positions,
)
from beanclear.ledger.statements.request import (
    Days,
    Request,
    columns,
    prepared,
    taken_over,
    titled,
)
from beanclear.ledger.statements.standards import Rules, check_chart, result_of
from beanclear.ledger.statements.table import Table
from beanclear.ledger.statements.tie_outs import Made

__all__ = ["Request", "equity_changes", "of_result", "result_ledger", "statements"]


def statements(request: Request) -> tuple[Table, ...]:
    """Balance sheet, income statement and cash flow statement, tied to each other.

    Under 企业会计准则 the changes in equity too, and those of last year where the books know them.

    Raises:
      BooksError: a code is missing, of the other chart, or in no row; a definition is broken.
    """
    check_chart(request.ledger, request.standard)
    whole, request = request, prepared(request)
    sheet, income, flow = _balance_sheet(request), _income(whole, request), _cash(whole, request)
    retained = sheet.definition.place_of("retained")
    grown = sheet.values[retained] - sheet.before[retained]
    missing = taken_over(whole)
    made = tuple(
        replace(table, checks=checks, notes=(*table.notes, *missing))
        for table, checks in (
            (sheet.table, tie_outs.of_sheet(sheet)),
            (income.table, tie_outs.of_income(request, income, grown)),
            (flow.table, tie_outs.of_cash(flow, sheet)),
        )
    )
    if "equity-changes" not in request.rules.statements:
        return made
    total = sheet.definition.place_of("equity")
    earned = income.values[income.definition.place_of("comprehensive")]
    changes = _equity_changes(request, (sheet.values[total], sheet.before[total], earned))
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


def _balance_sheet(request: Request) -> Made:
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
    made = replace(titled(request, made, last), notes=_of_openings(request))
    return Made(table=made, definition=definition, values=closing, before=opening, held=now)


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


def _income(whole: Request, request: Request) -> Made:
    definition = load(request.standard, "income-statement", request.books)

    def values(asked: Request, days: Days) -> Values:
        held = of_result(asked.ledger, days, asked.rules)
        forms.check_mapping(definition, held, f"reports/{definition.name}.toml")
        return forms.values(definition, held)

    made_columns, notes = columns(whole, request, values)
    year = of_result(request.ledger, request.year, request.rules)
    made = forms.table(
        definition,
        made_columns,
        forms.accounts_of(definition, year),
        currency=request.ledger.currency,
        language=request.language,
    )
    notes = (*notes, *_of_cost(request))
    made = replace(titled(request, made, request.period.name), notes=notes)
    return Made(table=made, definition=definition, values=forms.values(definition, year), held=year)


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
    """The books with only the lines that an income statement of these days shows."""
    entries = ((entry, result_of(ledger, entry, rules)) for entry in ledger.between(*days))
    kept = tuple(replace(entry, lines=lines) for entry, lines in entries if lines)
    return replace(ledger, entries=kept)


def _cash(whole: Request, request: Request) -> Made:
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
    made = replace(titled(request, made, request.period.name), notes=notes)
    return Made(table=made, definition=definition, values=to_date)


def _equity_changes(request: Request, others: tuple[int, int, int]) -> Table:
    """The form, tied to `others`: equity of the balance sheet, then and before, and the income."""
    definition = load(request.standard, "equity-changes", request.books)
    made = _equity_table(request, definition)
    found = equity.values(definition, request.ledger, request.year, request.rules)
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
        equity.values(definition, ledger, request.year, request.rules),
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
