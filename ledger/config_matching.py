"""`[[matching]]` and `[calendar]` of beanclear.toml: which lines may match, and on which days.

    [[matching]]
    family = "alipay"                # whose payouts: alipay, wechat, pinduoduo, your source; * all
    pair = "payout-deposit"          # or payout-return, deposit-reversal; left out: all three
    passes = ["amount", "set"]       # left out: all of them
    from = 2026-01-01                # first and last day of the earlier line
    until = 2026-12-31
    allowed = true                   # false: those passes do not take that pair
    before = "T+0"                   # how long before the earlier line the later one may come
    after = "B+5"                    # and how long after it: T calendar days, B business days
    calendar = "alipay"              # whose business days; the name stands in [calendar] file
    tolerance = { CNY = "0.05" }     # how far amounts may differ in the assignment pass
    margin = { CNY = "0.10" }        # by how much any other pairing must differ more
    key = "payout_id"                # which reference of the wallet line stands in the bank's text
    key_length = 8                   # the fewest characters of such a reference
    payers = ["某某支付有限公司"]      # counterparties of the family; they add to the known ones
    required = ["提现"]               # one of these stands in the bank line's counterparty or memo
    items = 10                       # the most lines of a set

    [calendar]
    file = "calendar.txt"            # `beanclear.ledger.calendars` has its form
    holidays = [2026-12-31]
    workdays = [2026-12-26]

What a rule leaves out, rules before it say (`beanclear.ledger.matching_rules`).
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from beanclear.ledger import calendars
from beanclear.ledger.calendar import Days
from beanclear.ledger.calendars import CalendarDay, Calendars
from beanclear.ledger.config_base import Currency, Dated, Section, Sum
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.matching_rules import MatchingRule, Pair, Step
from beanclear.ledger.money import parse_minor


def _stretch(value: object) -> object:
    Days.parse(value if isinstance(value, str) else "")
    return value


Stretch = Annotated[str, BeforeValidator(_stretch)]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
PairName = Literal["payout-deposit", "payout-return", "deposit-reversal"]
StepName = Literal["reference", "return", "amount", "assignment", "run", "set"]
_SCOPE = {"family", "pair", "passes", "start", "until"}


class MatchingSection(Dated):
    """`[[matching]]`: one row of the table."""

    family: str = "*"
    pair: PairName | None = None
    passes: Annotated[tuple[StepName, ...], Field(strict=False, min_length=1)] | None = None
    until: datetime.date | None = None
    allowed: bool | None = None
    before: Stretch | None = None
    after: Stretch | None = None
    calendar: Text | None = None
    tolerance: dict[Currency, Sum] | None = None
    margin: dict[Currency, Sum] | None = None
    key: Literal["payout_id", "trade_id", "order_id", "record_id"] | None = None
    key_length: Annotated[int, Field(ge=4, le=64)] | None = None
    payers: Texts | None = None
    required: Texts | None = None
    items: Annotated[int, Field(ge=2, le=10)] | None = None

    @model_validator(mode="after")
    def _says_something_that_can_be(self) -> Self:
        if not self.model_fields_set - _SCOPE:
            raise ValueError(_("a rule for matching must say something, such as after or payers"))
        if self.start and self.until and self.until < self.start:
            raise ValueError(_("the rule ends before it begins"))
        if self.payers and self.family == "*":
            raise ValueError(_("payers belong to one family: name it"))
        if self.payers and (self.pair not in {None, "payout-deposit"} or self.passes):
            raise ValueError(_("payers hold for every pass: leave out pair and passes"))
        for sums in (self.tolerance, self.margin):
            for currency, text in (sums or {}).items():
                _minor(text, currency)
        if self.margin and not all(_minor(text, money) for money, text in self.margin.items()):
            raise ValueError(_("a margin is above 0"))
        return self

    def row(self) -> MatchingRule:
        """The row of the table that this section says."""
        return MatchingRule(
            family=self.family,
            pair=Pair(self.pair) if self.pair else None,
            passes=tuple(Step(name) for name in self.passes or ()),
            first=self.start,
            last=self.until,
            allowed=self.allowed,
            before=Days.parse(self.before) if self.before else None,
            after=Days.parse(self.after) if self.after else None,
            calendar=self.calendar,
            tolerance=_minors(self.tolerance),
            margin=_minors(self.margin),
            key=self.key,
            key_length=self.key_length,
            payers=self.payers or (),
            required=self.required,
            items=self.items,
        )


def _minor(text: str, currency: str) -> int:
    try:
        return parse_minor(text, currency)
    except ValueError:
        raise ValueError(
            _("%(text)s is finer than %(currency)s can be") % {"text": text, "currency": currency}
        ) from None


def _minors(sums: dict[str, str] | None) -> dict[str, int] | None:
    if sums is None:
        return None
    return {currency: _minor(text, currency) for currency, text in sums.items()}


class CalendarSection(Section):
    """`[calendar]`: the books' own free and working days, here and in a file beside."""

    holidays: Annotated[tuple[datetime.date, ...], Field(strict=False)] = ()
    workdays: Annotated[tuple[datetime.date, ...], Field(strict=False)] = ()
    file: Text | None = None
    days_of_file: tuple[CalendarDay, ...] = ()  # part of what the configuration says

    @model_validator(mode="before")
    @classmethod
    def _with_file(cls, values: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - as TOML has it
        """Read the file where the configuration's folder is known."""
        folder = (info.context or {}).get("folder")
        if not isinstance(values, dict) or not isinstance(folder, Path):
            return values
        if "days_of_file" in values:
            raise ValueError(_("the key days_of_file is unknown"))
        name = values.get("file")
        if not isinstance(name, str) or not name:
            return values
        return {**values, "days_of_file": calendars.read(folder, name)}

    def calendars(self) -> Calendars:
        """The calendars by name; days said here go before lines of the file without a name."""
        own = [
            *(CalendarDay(day=day, worked=False) for day in self.holidays),
            *(CalendarDay(day=day, worked=True) for day in self.workdays),
        ]
        return Calendars((*self.days_of_file, *own))
