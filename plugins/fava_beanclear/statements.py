"""The pages of statements: the statutory forms, and cash flow month by month."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from fava.core.charts import DateAndBalance, DateAndBalanceWithBudget
from fava.core.inventory import SimpleCounterInventory
from fava.internal_api import BalancesChart, BarChart
from flask import request, url_for

from beanclear.ledger.beancount_text import minor
from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.money import to_decimal
from beanclear.ledger.periods import Period, months, parse
from beanclear.ledger.statements import cash_flow, shown, statutory
from beanclear.ledger.statements.definition import load
from beanclear.ledger.statements.forms import Values, table
from beanclear.ledger.statements.positions import (
    Basis,
    Split,
    in_books_currency,
    with_openings_before,
)
from beanclear.ledger.statements.table import Column, Row, Table
from beanclear.ledger.vocabulary import InTransit, OpenItem
from beanclear.plugins.fava_beanclear import pages
from beanclear.plugins.fava_beanclear.pages import language

if TYPE_CHECKING:
    from beanclear.ledger.config import Config

_TEXTS: Mapping[str, str] = {
    "period": N_("Period"), "show": N_("Show"),
    "approximate": N_(
        "Clearing accounts are split by open item only at their as-of date; at other days by the "
        "sign of their balance. `beanclear report statements` judges every day by the records."
    ),
}  # fmt: skip


class Statements(pages.Page):
    """What the two pages share: period, configuration, and links from figures to entries."""

    texts: ClassVar[Mapping[str, str]] = _TEXTS

    def settings(self) -> Config:
        """The configuration of the books."""
        from beanclear.ledger.config import load as load_config  # noqa: PLC0415 - heavy

        return self.remembered(("config",), lambda: load_config(self.root / "beanclear.toml"))

    def asked_period(self) -> Period:
        """The period of the address; by default the month of the last entry.

        Raises:
          UsageError: it is no period.
        """
        text = request.args.get("period", "").strip()
        if not text:
            entries = self.general_ledger().entries
            day = entries[-1].day if entries else datetime.date(2000, 1, 1)
            text = f"{day:%Y-%m}"
        return parse(text)

    def basis(self) -> Basis:
        """Items of clearing accounts at their as-of dates, as the text states them."""
        return self.remembered(("basis",), self._basis)

    def _basis(self) -> Basis:
        sums: dict[datetime.date, dict[str, list[int]]] = defaultdict(
            lambda: defaultdict(lambda: [0, 0, 0])
        )
        items: list[InTransit | OpenItem] = [
            *(located.entry for located in self.words(InTransit)),
            *(located.entry for located in self.words(OpenItem)),
        ]
        for item in items:
            if item.amount.currency == self.currency:
                amount, found = minor(item.amount), sums[item.as_of][item.account]
                found[0 if amount > 0 else 1] += abs(amount)
                found[2] += amount if isinstance(item, OpenItem) else 0
        return Basis(
            splits={
                day: {
                    account: Split(debit_minor=debit, credit_minor=credit, overdue_minor=overdue)
                    for account, (debit, credit, overdue) in accounts.items()
                }
                for day, accounts in sums.items()
            },
            translate=self.settings().booked_minor,
        )

    def link(self, row: Row, column: Column) -> str | None:
        """Where a figure's entries are: its account's page, or the journal of its accounts."""
        if not row.accounts:
            return None
        period = self.asked_period()
        times = {
            "period": period.name,
            "year_to_date": f"{period.last.year}-01-01 - {period.last}",
        }
        time = times.get(column.name) or (
            column.name if re.fullmatch(r"\d{4}-\d{2}", column.name) else None
        )
        if len(row.accounts) == 1:
            return url_for("account", name=row.accounts[0], time=time)
        names = "|".join(re.escape(account) for account in row.accounts)
        return url_for(
            "report", report_name="journal", filter=f'any(account:"^({names})$")', time=time
        )


class BeanclearStatements(Statements):
    """资产负债表, 利润表, 现金流量表 of a period, with their tie-outs."""

    title = N_("Statements")

    def content(self) -> Mapping[str, Any]:
        """The three forms."""
        period = self.asked_period()
        key = ("statements", period.name, language())
        return {
            "tables": self.remembered(key, lambda: self._made(period)),
            "period": period.name,
            "shown": shown,
            "link": self.link,
        }

    def _made(self, period: Period) -> tuple[Table, ...]:
        return statutory.statements(
            statutory.Request(
                ledger=self.general_ledger(),
                standard=self.settings().books.standard,
                period=period,
                basis=self.basis(),
                language=language(),
                books=self.root,
                header=((gettext("Company"), str(self.ledger.options["title"])),),
            )
        )


class BeanclearCashFlow(Statements):
    """Cash flow by the direct method, a column for each month of a year."""

    title = N_("Cash flow")

    def content(self) -> Mapping[str, Any]:
        """The year's table and two charts."""
        period = parse(f"{self.asked_period().last.year}")
        key = ("cash-flow", period.name, language())
        made, charts = self.remembered(key, lambda: self._made(period))
        return {
            "tables": [made],
            "charts": charts,
            "period": period.name,
            "shown": shown,
            "link": self.link,
        }

    def _made(self, period: Period) -> tuple[Table, list[BarChart | BalancesChart]]:
        definition = load(self.settings().books.standard, "cash-flow", self.root)
        ledger = in_books_currency(self.general_ledger(), self.basis())
        ledger = with_openings_before(ledger, period.first)
        last = max((entry.day for entry in ledger.entries), default=period.first)
        spans = [span for span in months(period) if span[0] <= last]
        columns: list[tuple[str, str, Values]] = []
        accounts: dict[str, set[str]] = defaultdict(set)
        for first, end in spans:
            found, behind = cash_flow.values(definition, ledger, (first, end), self.basis())
            columns.append((f"{first:%Y-%m}", f"{first:%Y-%m}", found))
            for name, others in behind.items():
                accounts[name].update(others)
        made = table(
            definition,
            columns,
            {name: tuple(sorted(others)) for name, others in accounts.items()},
            currency=self.currency,
            language=language(),
        )
        return made, self._charts(definition.place_of("increase"), definition, spans, columns)

    def _charts(
        self,
        increase: str,
        definition: Any,  # noqa: ANN401 - a Definition
        spans: list[tuple[datetime.date, datetime.date]],
        columns: list[tuple[str, str, Values]],
    ) -> list[BarChart | BalancesChart]:
        """Net cash by month, stacked by what it came from; cash at the end of each month."""

        def held(value: int) -> SimpleCounterInventory:
            return SimpleCounterInventory(
                {self.currency: Decimal(to_decimal(value, self.currency))}
            )

        parts = next(row.adds for row in definition.rows if row.id == increase)
        names = {row.id: row.zh if language() == "zh" else row.en for row in definition.rows}
        closing = definition.place_of("closing")
        ends = [end for _first, end in spans]
        bars = [
            DateAndBalanceWithBudget(
                end,
                held(found[increase]),
                {names[part]: held(found[part]) for _factor, part in parts if found[part]},
                {},
            )
            for end, (_name, _head, found) in zip(ends, columns, strict=True)
        ]
        line = [
            DateAndBalance(end, held(found[closing]))
            for end, (_name, _head, found) in zip(ends, columns, strict=True)
        ]
        return [
            BarChart(gettext("Net cash flow"), bars),
            BalancesChart(gettext("Cash at the end of the month"), line),
        ]
