"""The pages of statements: the statutory forms, and cash flow month by month."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from fava.core.charts import DateAndBalance, DateAndBalanceWithBudget
from fava.core.inventory import SimpleCounterInventory
from fava.internal_api import BalancesChart, BarChart
from flask import request, url_for

from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.money import to_decimal
from beanclear.ledger.periods import Period, months, parse
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.statements import cash_flow, shown, stated, statutory
from beanclear.ledger.statements.definition import load
from beanclear.ledger.statements.forms import Values, table
from beanclear.ledger.statements.general_ledger import all_open
from beanclear.ledger.statements.positions import (
    Basis,
    in_books_currency,
    with_openings_before,
)
from beanclear.ledger.statements.request import Span, spans, titled
from beanclear.ledger.statements.table import Column, Row, Table, above
from beanclear.ledger.vocabulary import InTransit, OpenItem, Reconciled
from beanclear.plugins.fava_beanclear import asking, pages
from beanclear.plugins.fava_beanclear.pages import answers_json, endpoint, language

if TYPE_CHECKING:
    from beanclear.ledger.config import Config

_TEXTS: Mapping[str, str] = {
    "period": N_("Period"), "show": N_("Show"),
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

    def basis(self, *days: datetime.date) -> tuple[Basis, list[str]]:
        """As `stated.basis_of`, of the loaded books."""
        said = self.remembered(("stated",), self._stated)
        translate = self.settings().booked_minor
        return stated.basis_of(said, self.general_ledger(), days, translate)

    def _stated(self) -> stated.Stated:
        return stated.stated(
            [located.entry for located in self.words(InTransit)],
            [located.entry for located in self.words(OpenItem)],
            (located.entry for located in self.words(Reconciled)),
            self.currency,
        )

    def _spans(self) -> Sequence[Span]:
        period = self.asked_period()
        return self.remembered(
            ("spans", period.name, language()), lambda: spans(self._request(period))
        )

    def _request(self, period: Period) -> statutory.Request:
        settings = self.settings().books
        return statutory.Request(
            ledger=all_open(self.general_ledger(), self.root),
            standard=settings.standard,
            period=period,
            language=language(),
            books=self.root,
            header=above(str(self.ledger.options["title"]), self.currency, settings.preparer),
        )

    def link(self, row: Row, column: Column) -> str | None:
        """Where a figure's entries are: its account's page, or the journal of its accounts."""
        if not row.accounts:
            return None
        times = {span.name: f"{span.days[0]} - {span.days[1]}" for span in self._spans()}
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
    has_js_module = True
    texts: ClassVar[Mapping[str, str]] = {
        **_TEXTS,
        "waiting": N_(
            "The records are being asked what was open on these days. Until they answer, %(names)s "
            "are split into receivables and payables only as far as the books tell: the balance "
            "sheet below is not final."
        ),
        "by-sign": N_(
            "The records could not be asked what was open on these days, so %(names)s are split "
            "into receivables and payables only as far as the books tell: the balance sheet below "
            "is not final."
        ),
        "by-records": N_("Receivables and payables are split by open item, as the records say."),
        "by-text": N_("Receivables and payables are split by open item, as the books say."),
    }

    def content(self) -> Mapping[str, Any]:
        """The forms, and by what clearing accounts were split."""
        period = self.asked_period()
        made: dict[str, Any] = {"period": period.name, "shown": shown, "link": self.link}
        tables, unknown = self.remembered(
            ("statements", period.name, language()), lambda: self._made(period)
        )
        made |= {"tables": tables, "split": "by-text", "names": "", "why": ""}
        if unknown:
            names = self.account_names()
            made["names"] = ", ".join(names.get(account, account) for account in unknown)
            try:
                answer = self.later(
                    self._key(period), "report", "statements", "--period", period.name, "--json"
                )
                made["tables"] = [shown.from_json(table) for table in answer["tables"]]
                made["split"] = "by-records"
            except asking.PendingError:
                made["split"] = "waiting"
            except asking.CommandError as error:
                made |= {"split": "by-sign", "why": str(error)}
        return made

    def _key(self, period: Period) -> tuple[str, ...]:
        return "judged", period.name, language()

    @endpoint("ready", "GET")
    @answers_json
    def ready(self) -> dict[str, bool]:
        """Whether the records have answered; a page that waits asks this."""
        return {"ready": self.is_answered(self._key(self.asked_period()))}

    def _made(self, period: Period) -> tuple[tuple[Table, ...], list[str]]:
        asked = self._request(period)
        basis, unknown = self.basis(*asked.judged)
        if asked.standard != "small":
            # The VAT in advances (待转销项税额) is known to the records only.
            unknown = sorted(self.latest())
        return statutory.statements(replace(asked, basis=basis)), unknown


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
        ends = [end for _first, end in months(period)]
        basis, _unknown = self.basis(period.first - ONE_DAY, *ends)
        ledger = in_books_currency(all_open(self.general_ledger(), self.root), basis)
        ledger = with_openings_before(ledger, period.first)
        asked = self._request(period)
        last = max((entry.day for entry in ledger.entries), default=period.first)
        shown_months = [
            span for span in months(period) if span[1] >= asked.begun and span[0] <= last
        ]
        to_date, _accounts = cash_flow.values(definition, ledger, asked.year, basis)
        columns: list[tuple[str, str, Values]] = []
        accounts: dict[str, set[str]] = defaultdict(set)
        for first, end in shown_months:
            found, behind = cash_flow.values(definition, ledger, (first, end), basis)
            columns.append((f"{first:%Y-%m}", f"{first:%Y-%m}", found))
            for name, others in behind.items():
                accounts[name].update(others)
        made = table(
            definition,
            [*columns, ("year_to_date", gettext("This year so far"), to_date)],
            {name: tuple(sorted(others)) for name, others in accounts.items()},
            currency=self.currency,
            language=language(),
        )
        made = titled(asked, made, period.name)
        return made, self._charts(
            definition.place_of("increase"), definition, shown_months, columns
        )

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
