"""The statutory statements of one period, with their tie-outs.

Columns: the balance sheet has 期末余额 and 年初余额, the others 本年累计金额 and 本期金额.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import Period
from beanclear.ledger.statements import cash_flow, forms
from beanclear.ledger.statements.definition import Definition, Standard, load
from beanclear.ledger.statements.forms import Values
from beanclear.ledger.statements.general_ledger import GeneralLedger
from beanclear.ledger.statements.positions import (
    Basis,
    Position,
    closes,
    movements,
    positions,
    with_openings_before,
)
from beanclear.ledger.statements.standards import RULES, Rules, check_chart
from beanclear.ledger.statements.table import Table

ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What statements are made of, and for which period.

    Attributes:
      ledger: the loaded books.
      standard: whose forms.
      period: a month, quarter or year.
      basis: items of clearing accounts, VAT in advances, exchange rates.
      language: of labels, `zh` or `en`.
      books: the books' folder, whose `reports/` may hold definitions of their own.
      header: (label, value) above each form: company, unit, preparer.
    """

    ledger: GeneralLedger
    standard: Standard
    period: Period
    basis: Basis
    language: str
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
    ledger = with_openings_before(request.ledger, request.year[0])
    request = replace(request, ledger=ledger)
    sheet, closing, opening, sheet_definition = _balance_sheet(request)
    income, profit, income_definition = _income_statement(request)
    flow, moved, flow_definition = _cash_flow(request)
    checks = _sheet_checks(sheet_definition, closing, opening)
    held = _cash_checks(request, flow_definition, moved, sheet_definition, (closing, opening))
    return (
        replace(sheet, checks=checks),
        replace(
            income,
            checks={
                _("net profit less the change of undistributed profit"): profit[
                    income_definition.place_of("profit")
                ]
                - _retained(request),
                **_parts(income_definition, profit),
            },
        ),
        replace(flow, checks=held),
    )


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
    year = _of_result(movements(request.ledger, *request.year, request.basis, rules.profit), rules)
    period = _of_result(
        movements(
            request.ledger, request.period.first, request.period.last, request.basis, rules.profit
        ),
        rules,
    )
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


def _of_result(moved: Sequence[Position], rules: Rules) -> list[Position]:
    return [position for position in moved if position.code.startswith(rules.result)]


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


def _retained(request: Request) -> int:
    """What undistributed profit grew by in the year, with what was distributed added back."""
    rules = request.rules

    def level(day: datetime.date) -> int:
        return -sum(
            position.balance
            for position in positions(request.ledger, day, request.basis)
            if position.code[:4] in rules.retained or position.code.startswith(rules.result)
        )

    before, last = request.days
    distributed = sum(
        position.balance
        for position in movements(request.ledger, *request.year, request.basis, rules.profit)
        if position.code[:4] in rules.retained
    ) + sum(
        line.amount_minor
        for entry in request.ledger.between(*request.year)
        if closes(request.ledger, entry, rules.profit)
        for line in entry.lines
        if request.ledger.accounts[line.account].code[:1] != rules.result
    )
    return level(last) - level(before) + distributed


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
        _("closing cash less cash on the balance sheet"): (
            moved[definition.place_of("closing")] - closing
        ),
        _("opening cash less cash on the balance sheet"): (
            moved[definition.place_of("opening")] - opening
        ),
        _("net increase less the change of cash"): (
            moved[definition.place_of("increase")] - (closing - opening)
        ),
    }
