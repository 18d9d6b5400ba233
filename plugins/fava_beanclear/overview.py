"""The first page: where every clearing account stands, what came last, what is due."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from beancount.core.amount import Amount
from fava.core.charts import DateAndBalanceWithBudget
from fava.core.inventory import SimpleCounterInventory
from fava.internal_api import BarChart

from beanclear.ledger.i18n import N_, gettext, translator
from beanclear.ledger.labels import label
from beanclear.ledger.vocabulary import InTransit, OpenItem, Reconciled, StatementEntry
from beanclear.plugins.fava_beanclear import pages
from beanclear.plugins.fava_beanclear.pages import language

_WEEK = datetime.timedelta(days=7)
_ZERO = Decimal()


@dataclass(slots=True)
class Standing:
    """One clearing account in one currency: what explains its balance."""

    account: str
    currency: str
    as_of: datetime.date
    balance: Decimal
    awaiting: str | None
    in_transit: Decimal = _ZERO
    transit_count: int = 0
    open: Decimal = _ZERO
    open_count: int = 0
    classes: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def holds(self) -> bool:
        """P1: the balance is what is in transit plus what is open."""
        return self.balance == self.in_transit + self.open


class BeanclearOverview(pages.Page):
    """Clearing accounts, sources and money that is due this week."""

    title = N_("Reconciliation")
    texts: ClassVar[Mapping[str, str]] = {
        "accounts": N_("Clearing accounts"), "account": N_("Account"), "as-of": N_("As of"),
        "balance": N_("Balance"), "transit": N_("In transit"), "open": N_("Open"),
        "items": N_("items"), "why": N_("Open by class"), "awaiting": N_("waits for"),
        "sources": N_("Sources"), "source": N_("Source"), "first": N_("from"),
        "last": N_("complete to"), "rows": N_("rows"), "grade": N_("grade"),
        "due": N_("Due within a week of the as-of date"),
        "none": N_("There is nothing to reconcile yet."), "open-items": N_("Open items"),
    }  # fmt: skip

    def content(self) -> Mapping[str, Any]:
        """Everything on the page, made once until the books change."""
        return self.remembered(("overview", language()), self._made)

    def _made(self) -> Mapping[str, Any]:
        latest = self.latest()
        standings = {
            (one.account, one.amount.currency): Standing(
                account=one.account,
                currency=one.amount.currency,
                as_of=one.date,
                balance=one.amount.number or _ZERO,
                awaiting=one.awaiting,
            )
            for one in (located.entry for located in self.words(Reconciled))
            if one.date == latest[one.account]
        }
        due: dict[datetime.date, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for moving in (located.entry for located in self.words(InTransit)):
            number, currency = moving.amount
            held = standings.get((moving.account, currency))
            if held is None or held.as_of != moving.as_of:
                continue
            held.in_transit += number or _ZERO
            held.transit_count += moving.count
            if moving.due is not None and moving.due <= moving.as_of + _WEEK:
                due[moving.due][moving.account] += number or _ZERO
        for item in (located.entry for located in self.words(OpenItem)):
            number, currency = item.amount
            held = standings.get((item.account, currency))
            if held is not None and held.as_of == item.as_of:
                held.open += number or _ZERO
                held.open_count += 1
                held.classes[item.klass] += 1
        say = translator(language()).gettext
        found = [standings[key] for key in sorted(standings)]
        return {
            "standings": found,
            "classes": {
                (one.account, one.currency): ", ".join(
                    f"{label(klass, say)} {count}" for klass, count in sorted(one.classes.items())
                )
                for one in found
            },
            "sources": self._sources([located.entry for located in self.words(StatementEntry)]),
            "due": [
                (day, account, Amount(number, self.currency))
                for day, accounts in sorted(due.items())
                for account, number in sorted(accounts.items())
            ],
            "open_count": sum(one.open_count for one in found),
            "charts": self._charts(due),
        }

    def _sources(self, statements: list[StatementEntry]) -> list[StatementEntry]:
        """The last statement of every source."""
        last: dict[str, StatementEntry] = {}
        for statement in statements:
            known = last.get(statement.source)
            if known is None or known.last <= statement.last:
                last[statement.source] = statement
        return [last[source] for source in sorted(last)]

    def _charts(self, due: Mapping[datetime.date, Mapping[str, Decimal]]) -> list[BarChart]:
        bars = [
            DateAndBalanceWithBudget(
                day,
                SimpleCounterInventory({self.currency: sum(accounts.values(), _ZERO)}),
                {
                    account: SimpleCounterInventory({self.currency: number})
                    for account, number in accounts.items()
                },
                {},
            )
            for day, accounts in sorted(due.items())
        ]
        return [BarChart(gettext("Due within a week of the as-of date"), bars)] if bars else []
