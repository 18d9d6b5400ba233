"""The first page: where every clearing account stands, what came last, what is due."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, Final

from fava.core.charts import DateAndBalanceWithBudget
from fava.core.inventory import SimpleCounterInventory
from fava.internal_api import BarChart

from beanclear.ledger.explanations import Explanations
from beanclear.ledger.i18n import N_, gettext, translator
from beanclear.ledger.labels import label
from beanclear.ledger.money import to_decimal
from beanclear.ledger.periods import Period, months
from beanclear.ledger.vocabulary import (
    Explain,
    InTransit,
    ItemClass,
    OpenItem,
    Reconciled,
    StatementEntry,
)
from beanclear.plugins.fava_beanclear import pages
from beanclear.plugins.fava_beanclear.pages import language

_WEEK: Final = datetime.timedelta(days=7)
_NEVER: Final = datetime.date.min
_ZERO: Final = Decimal()
_MONTHS_SHOWN: Final = 24
_GRADES: Final[Mapping[str, str]] = {
    "proven": N_("proven"), "counted": N_("counted"), "contradicted": N_("contradicted"),
    "declared": N_("declared"),
}  # fmt: skip


@dataclass(slots=True)
class Standing:
    """One clearing account in one currency: what explains its balance.

    Attributes:
      matched, matched_amount: items that were closed up to the as-of date, and what came with
        them; none in text that an older beanclear wrote.
      due: day → what is to come on it, of what is in transit.
    """

    account: str
    currency: str
    as_of: datetime.date
    balance: Decimal
    awaiting: str | None
    matched: int | None
    matched_amount: Decimal
    in_transit: Decimal = _ZERO
    transit_count: int = 0
    open: Decimal = _ZERO
    open_count: int = 0
    classes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    due: dict[datetime.date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    @property
    def holds(self) -> bool:
        """P1: the balance is what is in transit plus what is open."""
        return self.balance == self.in_transit + self.open

    @property
    def rate(self) -> Decimal | None:
        """The share of what fell due that is matched, by count; as `report trends` has it."""
        return rate([self])


def _due(standings: Iterable[Standing], own: Iterable[Standing]) -> dict[datetime.date, Decimal]:
    """Each day on which something is due, with the sum in the books' currency."""
    days = sorted({day for one in standings for day in one.due})
    return {day: sum((one.due.get(day, _ZERO) for one in own), _ZERO) for day in days}


def rate(standings: Iterable[Standing]) -> Decimal | None:
    """Matched items in those that fell due, matched or open; none while nothing did."""
    counted = [(one.matched, one.open_count) for one in standings if one.matched is not None]
    matched = sum(count or 0 for count, _open in counted)
    due = matched + sum(open_count for _count, open_count in counted)
    return Decimal(matched) / due if due else None


class BeanclearOverview(pages.Page):
    """Clearing accounts, sources and money that is due this week."""

    title = N_("Reconciliation")
    texts: ClassVar[Mapping[str, str]] = {
        "accounts": N_("Clearing accounts"), "account": N_("Account"), "as-of": N_("As of"),
        "balance": N_("Balance"), "transit": N_("In transit"), "open": N_("Open"),
        "why": N_("Open by class"), "awaiting": N_("waits for"), "matched": N_("Matched"),
        "rate": N_("Match rate"), "total": N_("Total"),
        "rate-of": N_(
            "Match rate: of the items that fell due up to the as-of date, how many are matched: "
            "matched ÷ (matched + open). Items in transit are not due yet and do not count."
        ),
        "counts": N_("In brackets: how many items."),
        "sources": N_("Last statement of every source"), "source": N_("Source"),
        "stage": N_("Stage"), "covers": N_("Last statement covers"), "behind": N_("Days behind"),
        "rows": N_("Rows"), "grade": N_("Grade"), "file": N_("File"),
        "due": N_("Due within a week of the as-of date"), "nothing-due": N_("Nothing is due."),
        "none": N_("There is nothing to reconcile yet."), "open-items": N_("Open items"),
        "at-stake": N_("At stake"), "judged": N_("Judged to"),
        "explained": N_("explained"),
    }  # fmt: skip

    def content(self) -> Mapping[str, Any]:
        """Everything on the page, made once until the books change."""
        return self.remembered(("overview", language()), self._made)

    def _made(self) -> Mapping[str, Any]:
        found = self._standings()
        own = [one for one in found if one.currency == self.currency]
        items = [
            located.entry
            for located in self.words(OpenItem)
            if located.entry.as_of == self.latest().get(located.entry.account)
        ]
        explained = Explanations(word.entry for word in self.words(Explain))
        say = translator(language()).gettext
        return {
            "standings": found,
            "names": self.account_names(),
            "total": own,
            "rate": rate(found),
            "matched": sum(one.matched or 0 for one in found),
            "total_rate": rate(own),
            "total_matched": sum(one.matched or 0 for one in own),
            "classes": {
                str(klass): label(klass, say)
                for klass in ItemClass
                if any(klass in one.classes for one in found)
            },
            "due": _due(found, own),
            "sources": self._sources(),
            "open_count": len(items),
            "explained_count": sum(explained.until(item) is not None for item in items),
            "at_stake": sum(
                (abs(item.at_stake.number or _ZERO) for item in items
                 if item.at_stake.currency == self.currency), _ZERO,
            ),
            "judged": min((one.as_of for one in found), default=None),
            "charts": self._charts({one.account for one in own}, items),
        }  # fmt: skip

    def _standings(self) -> list[Standing]:
        latest = self.latest()
        found = {
            (one.account, one.amount.currency): Standing(
                account=one.account,
                currency=one.amount.currency,
                as_of=one.date,
                balance=one.amount.number or _ZERO,
                awaiting=one.awaiting,
                matched=one.matched,
                matched_amount=(one.matched_amount and one.matched_amount.number) or _ZERO,
            )
            for one in (located.entry for located in self.words(Reconciled))
            if one.date == latest[one.account]
        }
        for moving in (located.entry for located in self.words(InTransit)):
            number, currency = moving.amount
            held = found.get((moving.account, currency))
            if held is None or held.as_of != moving.as_of:
                continue
            held.in_transit += number or _ZERO
            held.transit_count += moving.count
            if moving.due is not None and moving.due <= moving.as_of + _WEEK:
                held.due[moving.due] += number or _ZERO
        for item in (located.entry for located in self.words(OpenItem)):
            number, currency = item.amount
            held = found.get((item.account, currency))
            if held is not None and held.as_of == item.as_of:
                held.open += number or _ZERO
                held.open_count += 1
                held.classes[item.klass] += 1
        return [found[key] for key in sorted(found)]

    def _sources(self) -> list[dict[str, Any]]:
        """The last statement of every source, the one furthest behind first."""
        last: dict[str, StatementEntry] = {}
        for statement in (located.entry for located in self.words(StatementEntry)):
            known = last.get(statement.source)
            if known is None or known.last <= statement.last:
                last[statement.source] = statement
        newest = max((statement.last for statement in last.values()), default=_NEVER)
        return [
            {
                "source": source,
                "account": statement.account,
                "stage": label(source.rpartition("/")[2]),
                "first": statement.first,
                "last": statement.last,
                "behind": (newest - statement.last).days,
                "rows": statement.rows,
                "grade": gettext(_GRADES.get(statement.grade, statement.grade)),
                "file": statement.file or "",
            }
            for source, statement in sorted(last.items(), key=lambda pair: (pair[1].last, pair[0]))
        ]

    def _charts(self, clearing: set[str], items: Sequence[OpenItem]) -> list[BarChart]:
        """Month by month: what clearing accounts held, and when what is open now began."""
        ledger = self.general_ledger()
        if not ledger.entries:
            return []
        span = Period(
            name="", first=ledger.entries[0].day.replace(day=1), last=ledger.entries[-1].day
        )
        ends = [end for _first, end in months(span)][-_MONTHS_SHOWN:]
        names = self.account_names()
        held = {
            end: {
                names[account]: to_decimal(amount, self.currency)
                for account, amount in ledger.balances(end).items()
                if account in clearing and amount
            }
            for end in ends
        }
        began: dict[datetime.date, dict[str, Decimal]] = {end: defaultdict(Decimal) for end in ends}
        for item in items:
            # What began before the first month shown stands in that month.
            end = next((end for end in ends if item.date <= end), None)
            if end is not None and item.at_stake.currency == self.currency:
                began[end][label(item.klass)] += abs(item.at_stake.number or _ZERO)
        return [
            self._bars(gettext("Clearing accounts at the end of the month"), held),
            self._bars(gettext("At stake, by the month in which it began"), began),
        ]

    def _bars(self, title: str, columns: Mapping[datetime.date, Mapping[str, Decimal]]) -> BarChart:
        return BarChart(
            title,
            [
                DateAndBalanceWithBudget(
                    end,
                    SimpleCounterInventory({self.currency: sum(parts.values(), _ZERO)}),
                    {
                        name: SimpleCounterInventory({self.currency: number})
                        for name, number in parts.items()
                    },
                    {},
                )
                for end, parts in sorted(columns.items())
            ],
        )
