"""The statutory statements of one period, with their tie-outs.

Columns: the balance sheet has 期末余额 and 年初余额, the others 本年累计金额 and 本期金额.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from pathlib import Path

from beanclear.ledger.chart_codes import Standard
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import Period
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.statements import cash_flow, equity, forms
from beanclear.ledger.statements.definition import Definition, load
from beanclear.ledger.statements.forms import Values
from beanclear.ledger.statements.general_ledger import GeneralLedger
from beanclear.ledger.statements.positions import (
    Basis,
    Position,
    closes,
    code_of,
    in_books_currency,
    movements,
    positions,
    with_openings_before,
)
from beanclear.ledger.statements.standards import RULES, Rules, check_chart
from beanclear.ledger.statements.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What statements are made of, and for which period.

    Attributes:
      ledger: the loaded books.
      standard: whose forms.
      period: a month, quarter or year.
      language: of labels, `zh` or `en`.
      basis: items of clearing accounts, VAT in advances, exchange rates.
      books: the books' folder, whose `reports/` may hold definitions of their own.
      header: (label, value) above each form: company, unit, preparer.
    """

    ledger: GeneralLedger
    standard: Standard
    period: Period
    language: str
    basis: Basis = field(default_factory=Basis)
    books: Path | None = None
    header: tuple[tuple[str, str], ...] = ()

    @property
    def rules(self) -> Rules:
        """What the standard says of its chart."""
        return RULES[self.standard]

    @property
    def year(self) -> tuple[datetime.date, datetime.date]:
        """From the first day of the period's year to the period's end."""
        return datetime.date(self.period.last.year, 1, 1), self.period.last

    @property
    def days(self) -> tuple[datetime.date, datetime.date]:
        """The days whose items `basis.splits` should hold: year's beginning and period's end."""
        return self.year[0] - ONE_DAY, self.period.last


def statements(request: Request) -> tuple[Table, ...]:
    """Balance sheet, income statement and cash flow statement, tied to each other.

    Raises:
      BooksError: a code is missing, of the other chart, or in no row; a definition is broken.
    """
    check_chart(request.ledger, request.standard)
    request = prepared(request)
    sheet, closing, opening, sheet_definition = _balance_sheet(request)
    income, profit, income_definition = _income_statement(request)
    flow, moved, flow_definition = _cash_flow(request)
    checks = _sheet_checks(sheet_definition, closing, opening)
    retained = sheet_definition.place_of("retained")
    earned = closing[retained] - opening[retained] - _not_of_profit(request)
    held = _cash_checks(request, flow_definition, moved, sheet_definition, (closing, opening))
    made = (
        replace(sheet, checks=checks),
        replace(
            income,
            checks={
                _("net profit less the change of undistributed profit"): profit[
                    income_definition.place_of("profit")
                ]
                - earned,
                **_parts(income_definition, profit),
            },
        ),
        replace(flow, checks=held),
    )
    if "equity-changes" not in request.rules.statements:
        return made
    total = sheet_definition.place_of("equity")
    income_total = profit[income_definition.place_of("comprehensive")]
    changes = _equity_changes(request, (closing[total], opening[total], income_total))
    return (*made, changes)


def equity_changes(request: Request) -> Table:
    """The statement of changes in equity.

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
    return statements(request)[3]


def prepared(request: Request) -> Request:
    """The request with its ledger in one currency and openings before the year.

    Raises:
      BooksError: no rate says what foreign money is worth.
    """
    ledger = in_books_currency(request.ledger, request.basis)
    return replace(request, ledger=with_openings_before(ledger, request.year[0]))


def _balance_sheet(request: Request) -> tuple[Table, Values, Values, Definition]:
    definition = load(request.standard, "balance-sheet", request.books)
    before, last = request.days
    now = positions(request.ledger, last, request.basis)
    then = positions(request.ledger, before, request.basis)
    forms.check_mapping(definition, (*now, *then), f"reports/{definition.name}.toml")
    closing, opening = forms.values(definition, now), forms.values(definition, then)
    made = forms.table(
        definition,
        [
            ("closing", _("Closing balance"), closing),
            ("opening", _("Opening balance of the year"), opening),
        ],
        forms.accounts_of(definition, now),
        currency=request.ledger.currency,
        language=request.language,
    )
    return _titled(request, made, str(last)), closing, opening, definition


def _income_statement(request: Request) -> tuple[Table, Values, Definition]:
    definition = load(request.standard, "income-statement", request.books)
    rules = request.rules
    year = _of_result(request.ledger, request.year, rules)
    period = _of_result(request.ledger, (request.period.first, request.period.last), rules)
    forms.check_mapping(definition, year, f"reports/{definition.name}.toml")
    to_date = forms.values(definition, year)
    made = forms.table(
        definition,
        [
            ("year_to_date", _("This year so far"), to_date),
            ("period", _("This period"), forms.values(definition, period)),
        ],
        forms.accounts_of(definition, year),
        currency=request.ledger.currency,
        language=request.language,
    )
    return _titled(request, made, request.period.name), to_date, definition


def _of_result(
    ledger: GeneralLedger, days: tuple[datetime.date, datetime.date], rules: Rules
) -> list[Position]:
    """Profit and loss of these days, and other comprehensive income that did not become profit."""
    return [
        *(
            position
            for position in movements(ledger, *days, rules.profit)
            if position.code.startswith(rules.result) and position.code[:4] != rules.prior
        ),
        *(
            position
            for position in movements(ledger, *days, *rules.retained)
            if position.code[:4] == rules.comprehensive
        ),
    ]


def _cash_flow(request: Request) -> tuple[Table, Values, Definition]:
    definition = load(request.standard, "cash-flow", request.books)
    to_date, accounts = cash_flow.values(definition, request.ledger, request.year, request.basis)
    period = (request.period.first, request.period.last)
    now, _accounts = cash_flow.values(definition, request.ledger, period, request.basis)
    made = forms.table(
        definition,
        [("year_to_date", _("This year so far"), to_date), ("period", _("This period"), now)],
        accounts,
        currency=request.ledger.currency,
        language=request.language,
    )
    return _titled(request, made, request.period.name), to_date, definition


def _equity_changes(request: Request, others: tuple[int, int, int]) -> Table:
    """The form, tied to `others`: equity of the balance sheet, then and before, and the income."""
    definition = load(request.standard, "equity-changes", request.books)
    ledger = request.ledger
    found = equity.values(definition, ledger, request.year)
    closing, opening, income = others
    after = equity.balances(definition, ledger, request.period.last)
    closed = found[definition.place_of("after")]
    made = equity.table(
        definition,
        found,
        [
            account.name
            for account in ledger.accounts.values()
            if account.code and equity.column_of(definition, account.code)
        ],
        currency=ledger.currency,
        language=request.language,
    )
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
    return replace(_titled(request, made, request.period.name), checks=checks)


def _titled(request: Request, made: Table, when: str) -> Table:
    return replace(made, header=(*request.header, (_("Period"), when)))


def _sheet_checks(definition: Definition, closing: Values, opening: Values) -> dict[str, int]:
    assets, funding = definition.place_of("assets"), definition.place_of("funding")
    return {
        _("assets less liabilities and equity, closing"): closing[assets] - closing[funding],
        _("assets less liabilities and equity, opening"): opening[assets] - opening[funding],
        **_parts(definition, closing),
    }


def _parts(definition: Definition, found: Values) -> dict[str, int]:
    """By how much the parts (其中) of a row exceed it; only what exceeds is listed."""
    sums: dict[str, int] = {}
    for row in definition.rows:
        if row.part_of is not None:
            sums[row.part_of] = sums.get(row.part_of, 0) + max(found[row.id], 0)
    return {
        _("parts of row %(row)s beyond it") % {"row": name}: total - max(found[name], 0)
        for name, total in sums.items()
        if total > max(found[name], 0)
    }


def _not_of_profit(request: Request) -> int:
    """By how much undistributed profit grew in the year without being profit of it.

    That is what 利润分配 and corrections of earlier years moved against other accounts, and what
    an entry that closes the year moved against others than profit and loss.
    """
    rules, ledger = request.rules, request.ledger
    found = 0
    for entry in ledger.between(*request.year):
        whole = closes(ledger, entry, rules.profit)
        for line in entry.lines:
            level1 = code_of(ledger, line.account)[:4]
            kept = level1 in rules.retained or level1 == rules.prior
            if kept or (whole and level1.startswith(rules.result)):
                found -= line.amount_minor
    return found


def _cash_checks(
    request: Request,
    definition: Definition,
    moved: Values,
    sheet: Definition,
    figures: tuple[Values, Values],
) -> dict[str, int]:
    """The cash flow statement against the balance sheet's cash.

    Transit that is overdue is no cash on the balance sheet, but it did not flow either.
    """
    before, last = request.days
    overdue = [
        sum(
            position.overdue
            for position in positions(request.ledger, day, request.basis)
            if cash_flow.is_cash(definition, position.code)
        )
        for day in (last, before)
    ]
    cash = sheet.place_of("cash")
    closing, opening = (found[cash] + late for found, late in zip(figures, overdue, strict=True))
    return {
        _("closing cash less cash and overdue transit on the balance sheet"): (
            moved[definition.place_of("closing")] - closing
        ),
        _("opening cash less cash and overdue transit on the balance sheet"): (
            moved[definition.place_of("opening")] - opening
        ),
        _("net increase less the change of cash"): (
            moved[definition.place_of("increase")] - (closing - opening)
        ),
    }
