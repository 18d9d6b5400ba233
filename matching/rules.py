"""The table of rules as the passes ask it: for one family's account, one currency and calendar."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from beanclear.ledger import chart
from beanclear.ledger.calendar import Calendar
from beanclear.ledger.calendars import BASE, Calendars
from beanclear.ledger.config import Config
from beanclear.ledger.matching_rules import Effective, Pair, RuleTable, Step, normalised


class Rulebook:
    """What the rules say of the lines of one account in one currency.

    Answers are kept: a table has few rows, but a year has many pairs of lines.

    Attributes:
      reach: no two lines of measured days that are further apart may match by day.
    """

    def __init__(self, table: RuleTable, family: str, currency: str, calendars: Calendars) -> None:
        self.table = table
        self.family = family
        self.currency = currency
        self.calendars = calendars
        self.reach = datetime.timedelta(0)
        self._values: dict[tuple[Pair, Step, datetime.date], Effective] = {}
        self._windows: dict[
            tuple[Pair, Step, datetime.date], tuple[datetime.date, datetime.date]
        ] = {}

    def values(self, pair: Pair, step: Step, day: datetime.date) -> Effective:
        """The values in force for an earlier line of `day`."""
        asked = pair, step, day
        if asked not in self._values:
            self._values[asked] = self.table.effective(self.family, pair, step, day)
        return self._values[asked]

    def window(
        self, pair: Pair, step: Step, day: datetime.date
    ) -> tuple[datetime.date, datetime.date]:
        """The first and the last day of what may follow an earlier line of `day`."""
        asked = pair, step, day
        if asked not in self._windows:
            values = self.values(*asked)
            calendar = self.calendars[values.calendar]
            self._windows[asked] = (
                values.before.before(day, calendar),
                values.after.after(day, calendar),
            )
        return self._windows[asked]

    def measure(self, days: Iterable[datetime.date]) -> None:
        """Let `reach` be enough for earlier lines of these days."""
        for day in set(days):
            for pair in Pair:
                for step in Step:
                    opens, ends = self.window(pair, step, day)
                    self.reach = max(self.reach, day - opens, ends - day)

    def may(self, pair: Pair, step: Step, day: datetime.date, text: str | None = None) -> bool:
        """Whether a pass may take the pair; `text` is what the bank's line says, if it is asked."""
        values = self.values(pair, step, day)
        return values.allowed and (
            text is None
            or not values.required
            or any(normalised(wanted) in normalised(text) for wanted in values.required)
        )

    def tolerance(self, pair: Pair, day: datetime.date) -> int:
        """How many minor units the amounts of a pair may differ by."""
        return self.values(pair, Step.ASSIGNMENT, day).tolerance.get(self.currency, 0)

    def margin(self, pair: Pair, day: datetime.date) -> int:
        """By how many minor units every other pairing must be worse."""
        return self.values(pair, Step.ASSIGNMENT, day).margin_in(self.currency)


class Rulebooks:
    """The rules of a set of books, by account and currency."""

    def __init__(self, config: Config) -> None:
        self.table = config.rule_table
        self.calendars = config.calendars
        self.families = {chart.transit_account(family): family for family in config.families}

    def of(self, account: str, currency: str) -> Rulebook:
        """The rules for a transit account; those for every family where it is nobody's own."""
        return Rulebook(self.table, self.families.get(account, ""), currency, self.calendars)

    def calendar(self, account: str, day: datetime.date) -> Calendar:
        """Whose business days an account's terms are counted in: for payouts as for deposits."""
        family = self.families.get(account)
        if family is None:
            return self.calendars[BASE]
        values = self.table.effective(family, Pair.PAYOUT_DEPOSIT, Step.AMOUNT, day)
        return self.calendars[values.calendar]
