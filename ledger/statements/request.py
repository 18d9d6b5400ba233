"""What statutory statements are made of, and which columns they have.

| | 小企业会计准则 | 企业会计准则 |
|---|---|---|
| balance sheet | 期末余额, 年初余额 | 期末余额, 上年年末余额 |
| others, month | 本年累计金额, 本月金额 | 本期金额, 上期金额, both to date |
| others, quarter | 本年累计金额, 本期金额 | 本期金额, 上期金额, both to date |
| others, year | 本年累计金额, 上年金额 | 本期金额, 上期金额 |

上期金额 is the same period of last year. What books that began later cannot know stays empty.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from beanclear.ledger.chart_codes import Standard
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import Period
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.statements.forms import Values
from beanclear.ledger.statements.general_ledger import GeneralLedger
from beanclear.ledger.statements.positions import (
    Basis,
    in_books_currency,
    opens,
    with_openings_before,
)
from beanclear.ledger.statements.standards import RULES, Rules
from beanclear.ledger.statements.table import Table

Days = tuple[datetime.date, datetime.date]


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
    def year(self) -> Days:
        """From the first day of the period's year to the period's end."""
        return datetime.date(self.period.last.year, 1, 1), self.period.last

    @property
    def days(self) -> Days:
        """The days of a balance sheet: year's beginning and period's end."""
        return self.year[0] - ONE_DAY, self.period.last

    @property
    def judged(self) -> tuple[datetime.date, ...]:
        """The days whose items `basis.splits` should hold: where a column begins or ends.

        Of those before the books began there are none.
        """
        ends = {*self.days}
        for span in spans(self):
            ends |= {span.days[0] - ONE_DAY, span.days[1]}
        return tuple(day for day in sorted(ends) if day in self.days or day >= self.begun)

    @property
    def begun(self) -> datetime.date:
        """The first day that has an entry but those that open the books."""
        days = (entry.day for entry in self.ledger.entries if not opens(entry))
        return next(days, self.period.first)


def taken_over(request: Request) -> tuple[str, ...]:
    """What is missing where books were taken over within the period's year; nothing elsewhere.

    `request` is as it came: its openings stand on their own days.
    """
    begun, first = request.begun, request.year[0]
    inherited = any(
        opens(entry) and any(line.amount_minor for line in entry.lines)
        for entry in request.ledger.between(first, begun)
    )
    if begun <= first or begun.year != first.year or not inherited:
        return ()
    return (
        _(
            "The books begin on %(date)s, within the year: figures of the year so far begin there,"
            " and the opening balances of the year are those of that day. Before filing, add the"
            " balances of 1 January and the turnover up to then."
        )
        % {"date": begun},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One column of movements: its name, its heading (in the reader's language), its days."""

    name: str
    heading: str
    days: Days


def spans(request: Request) -> Sequence[Span]:
    """The columns of income and cash flow statements, left to right."""
    period, year = request.period, request.year
    now = (period.first, period.last)
    whole = now == year and period.last == datetime.date(period.last.year, 12, 31)
    to_date = Span(name="year_to_date", heading=_("This year so far"), days=year)
    if request.standard == "enterprise":
        found = [
            Span(name="period", heading=_("This period"), days=now),
            Span(name="last_period", heading=_("Same period of last year"), days=_earlier(now)),
        ]
        if not whole:
            before = _("Last year to the same day")
            found += [to_date, Span(name="last_year_to_date", heading=before, days=_earlier(year))]
        return found
    if whole:
        return [to_date, Span(name="last_year", heading=_("Last year"), days=_earlier(now))]
    month = (now[0].year, now[0].month) == (now[1].year, now[1].month)
    heading = _("This month") if month else _("This period")
    return [to_date, Span(name="period", heading=heading, days=now)]


def _earlier(days: Days) -> Days:
    """The same days a year before; the end of February stays its end."""
    first, last = days
    after = last + ONE_DAY
    return first.replace(year=first.year - 1), after.replace(year=after.year - 1) - ONE_DAY


def prepared(request: Request) -> Request:
    """The request with its ledger in one currency and openings before the year.

    Raises:
      BooksError: no rate says what foreign money is worth.
    """
    ledger = in_books_currency(request.ledger, request.basis)
    return replace(request, ledger=with_openings_before(ledger, request.year[0]))


def columns(
    whole: Request, request: Request, values: Callable[[Request, Days], Values]
) -> tuple[list[tuple[str, str, Values | None]], tuple[str, ...]]:
    """Of each span its name, heading and values, and what must be said of them below.

    `whole` is the request as it came: a column of last year has openings before that year.
    """
    found: list[tuple[str, str, Values | None]] = []
    notes: list[str] = []
    for span in spans(request):
        first, last = span.days
        of_last_year = last.year < request.period.last.year
        if of_last_year and last < whole.begun:
            found.append((span.name, span.heading, None))
            notes = [
                _("The books begin on %(date)s: they have no figures of last year.")
                % {"date": whole.begun}
            ]
        else:
            ledger = request.ledger
            if of_last_year:
                year = datetime.date(last.year, 1, 1)
                ledger = with_openings_before(in_books_currency(whole.ledger, whole.basis), year)
                if first < whole.begun:
                    notes = [
                        _("The books begin on %(date)s: of last year they have what came after.")
                        % {"date": whole.begun}
                    ]
            found.append(
                (span.name, span.heading, values(replace(request, ledger=ledger), span.days))
            )
    return found, tuple(notes)


def titled(request: Request, made: Table, when: str | datetime.date) -> Table:
    """A form with company, unit, preparer and its day or period above it."""
    told = (_("Date"), str(when)) if isinstance(when, datetime.date) else (_("Period"), when)
    return replace(made, header=(*request.header, told))
