"""`beanclear.toml`: what the books assume, and what their owner says instead.

The file is optional; without it the defaults below hold and `run` prints them until `[books]
confirmed = true`. Reading checks every key (pydantic, strict); writing edits the text in place
and keeps comments (tomlkit).
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    Field,
    ValidationError,
    model_validator,
)

from beanclear.ledger import shipped
from beanclear.ledger.calendar import Calendar
from beanclear.ledger.calendars import BASE, Calendars
from beanclear.ledger.chart import component
from beanclear.ledger.config_base import AccountText, Currency, Dated, Section, ppm_of
from beanclear.ledger.config_matching import CalendarSection, MatchingSection
from beanclear.ledger.config_money import (
    AdvanceRule,
    FeeRule,
    KeptPolicy,
    PayoutFeeRule,
    RateRule,
    VatRule,
)
from beanclear.ledger.config_text import assumptions, initial_text, set_coverage
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.matching_rules import RuleTable, normalised
from beanclear.ledger.money import minor_digits, to_decimal
from beanclear.ledger.table_mapping import TableMapping

Point = Literal["completed", "shipped", "paid"]
_GENERAL_PPM, _SMALL_PPM = 130_000, 10_000


class BooksSection(Section):
    """`[books]`: language and currency of the books, the taxpayer's kind, the standard.

    `preparer` is who signs reports that name nobody else.
    """

    language: Literal["zh", "en"] = "zh"
    currency: Currency = "CNY"
    taxpayer: Literal["general", "small"] = "general"
    standard: Literal["small", "enterprise"] = "small"
    preparer: str = ""
    confirmed: bool = False


class CheckSection(Section):
    """`[check]`: what main.beancount may name beside what is known to hide nothing.

    `plugins` are Beancount plugins that the owner trusts, `options` options that change how
    exactly entries must balance.
    """

    plugins: Annotated[tuple[str, ...], Field(strict=False)] = ()
    options: Annotated[tuple[str, ...], Field(strict=False)] = ()


class ShopSection(Section):
    """`[[shops]]`: that a folder below `inbox/` is a shop, and what reports call it.

    Without a folder it is the platform's shop whose files lie in `inbox/` itself; with both, the
    shop of that folder on that platform.
    """

    name: Annotated[str, Field(min_length=1)]
    folder: str = ""
    platform: str | None = None

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if not self.folder and self.platform is None:
            raise ValueError(_("name the `folder` or the `platform` whose shop this is"))
        return self


RuleT = TypeVar("RuleT", bound=Dated)


class RecognitionRule(Dated):
    """`[[recognition]]`: when a platform's sale is income, and when its VAT is due."""

    platform: str
    point: Point
    vat_point: Point | Literal["recognition"] = "recognition"


class TaxpayerRule(Dated):
    """`[[taxpayer]]`: what kind of taxpayer this is from a day on; before, as `[books]` says."""

    kind: Literal["general", "small"]


class AccountRule(Section):
    """`[[rules]]`: a bank or wallet line that contains these texts goes to `account`."""

    counterparty: str | None = None
    memo: str | None = None
    direction: Literal["in", "out"] | None = None
    account: AccountText


class Config(Section):
    """The whole of beanclear.toml.

    Attributes:
      engine: what posting and matching run on.
      records: where the records lie when they are not the books' own; Spark reads them.
    """

    engine: Literal["duckdb", "spark"] = "duckdb"
    records: Annotated[str, Field(min_length=1)] | None = None
    books: BooksSection = BooksSection()
    recognition: Annotated[tuple[RecognitionRule, ...], Field(strict=False)] = ()
    taxpayer: Annotated[tuple[TaxpayerRule, ...], Field(strict=False)] = ()
    vat: Annotated[tuple[VatRule, ...], Field(strict=False)] = ()
    advances: Annotated[tuple[AdvanceRule, ...], Field(strict=False)] = ()
    rules: Annotated[tuple[AccountRule, ...], Field(strict=False)] = ()
    fees: Annotated[tuple[FeeRule, ...], Field(strict=False)] = ()
    payout_fees: Annotated[tuple[PayoutFeeRule, ...], Field(strict=False)] = ()
    rates: Annotated[tuple[RateRule, ...], Field(strict=False)] = ()
    matching: Annotated[tuple[MatchingSection, ...], Field(strict=False)] = ()
    tables: Annotated[tuple[TableMapping, ...], Field(strict=False)] = ()
    check: CheckSection = CheckSection()
    shops: Annotated[tuple[ShopSection, ...], Field(strict=False)] = ()
    calendar_days: CalendarSection = Field(default=CalendarSection(), alias="calendar")
    coverage: dict[str, datetime.date] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _a_lake_needs_spark(self) -> Self:
        if self.records is not None and self.engine != "spark":
            raise ValueError(_('records elsewhere are read by Spark: set engine = "spark"'))
        return self

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        """A rule for a name that no record bears would do nothing, and say nothing."""
        own = {name for table in self.tables for name in (table.platform, table.source) if name}
        platforms = {*shipped.RECOGNITION, *own}
        rules: tuple[tuple[str, str, str], ...] = (
            *(("recognition", "platform", rule.platform) for rule in self.recognition),
            *(("vat", "platform", rule.platform) for rule in self.vat if rule.platform != "*"),
            *(
                ("advances", "platform", rule.platform)
                for rule in self.advances
                if rule.platform != "*"
            ),
            *(("fees", "platform", rule.platform) for rule in self.fees),
            *(("shops", "platform", one.platform) for one in self.shops if one.platform),
            *(("matching", "family", rule.family) for rule in self.matching if rule.family != "*"),
            *(("payout_fees", "family", rule.family) for rule in self.payout_fees),
        )
        for section, key, name in rules:
            known = platforms if key == "platform" else {*self.families}
            if name not in known:
                raise ValueError(
                    _("[[%(section)s]] names the %(key)s %(name)r; known are: %(known)s")
                    % {
                        "section": section,
                        "key": key,
                        "name": name,
                        "known": ", ".join(sorted(known)),
                    }
                )
        folders: dict[str, str] = {}
        for one in self.shops:
            first = folders.setdefault(component(one.folder), one.folder) if one.folder else ""
            if first != one.folder:
                raise ValueError(
                    _("[[shops]] names %(one)r and %(other)r, which would be one account")
                    % {"one": first, "other": one.folder}
                )
        for rule in self.matching:
            if rule.calendar is not None and rule.calendar not in self.calendars.names:
                raise ValueError(
                    _("[[matching]] names the calendar %(name)r; known are: %(known)s")
                    % {"name": rule.calendar, "known": ", ".join(self.calendars.names)}
                )
        return self

    def _recognition(self, platform: str, day: datetime.date) -> RecognitionRule:
        found = _latest([rule for rule in self.recognition if rule.platform == platform], day)
        if found is not None:
            return found
        point: Any = shipped.RECOGNITION.get(platform, "completed")
        return RecognitionRule(platform=platform, point=point)

    def recognition_on(self, platform: str, day: datetime.date) -> Point:
        """The event that makes an order of `day` income."""
        return self._recognition(platform, day).point

    def vat_point_on(self, platform: str, day: datetime.date) -> Point:
        """The event that makes the VAT of an order of `day` due."""
        rule = self._recognition(platform, day)
        return rule.point if rule.vat_point == "recognition" else rule.vat_point

    def vat_rate_ppm(self, platform: str, day: datetime.date, category: str | None = None) -> int:
        """The VAT rate contained in a price of `day`, in millionths (13 % is 130000)."""
        for kind in dict.fromkeys((category, None)):
            for name in (platform, "*"):
                rules = [r for r in self.vat if r.platform == name and r.category == kind]
                if (rule := _latest(rules, day)) is not None:
                    return ppm_of(rule.rate_percent)
        return _GENERAL_PPM if self.taxpayer_on(day) == "general" else _SMALL_PPM

    def taxpayer_on(self, day: datetime.date) -> Literal["general", "small"]:
        """What kind of taxpayer this is on a day."""
        rule = _latest(self.taxpayer, day)
        return rule.kind if rule is not None else self.books.taxpayer

    @property
    def vat_categories(self) -> tuple[str, ...]:
        """The 类目 that rules name."""
        return tuple(sorted({rule.category for rule in self.vat if rule.category is not None}))

    def _advances(self, platform: str) -> AdvanceRule:
        """The last rule in the file for the platform, else for all."""
        for name in (platform, "*"):
            for rule in reversed(self.advances):
                if rule.platform == name:
                    return rule
        return AdvanceRule()

    def kept_policy(self, platform: str) -> KeptPolicy:
        """What becomes of the money that a closed order of the platform keeps."""
        return self._advances(platform).kept

    def longest_advance(self, platform: str) -> int:
        """After how many days an advance for the platform's orders is no more usual."""
        return self._advances(platform).longest_days or shipped.LONGEST_ADVANCE_DAYS

    def booked_rate(self, currency: str, day: datetime.date) -> Decimal | None:
        """What one unit of `currency` is worth in the books' currency on `day`; none: not said."""
        found = _latest([rule for rule in self.rates if rule.currency == currency], day)
        return Decimal(found.rate) if found is not None else None

    def booked_minor(self, amount_minor: int, currency: str, day: datetime.date) -> int | None:
        """Foreign minor units in those of the books at the booked rate; none: not said."""
        rate = self.booked_rate(currency, day)
        if rate is None:
            return None
        worth = to_decimal(amount_minor, currency) * rate
        scaled = worth.scaleb(minor_digits(self.books.currency))
        return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))

    @property
    def families(self) -> tuple[str, ...]:
        """The payout families there can be: the known ones and the books' own sources."""
        own = {name for table in self.tables for name in (table.platform, table.source) if name}
        return tuple(sorted({*shipped.FAMILIES.values(), *own}))

    @cached_property
    def rule_table(self) -> RuleTable:
        """What may be matched with what: the shipped rules and the books' own."""
        return RuleTable(section.row() for section in self.matching)

    def rule_account(
        self, counterparty: str | None, memo: str | None, amount_minor: int
    ) -> str | None:
        """The account of the first rule that fits a line; none when no rule does."""
        direction = "in" if amount_minor >= 0 else "out"
        for rule in self.rules:
            if rule.direction not in {None, direction}:
                continue
            if all(
                wanted is None or normalised(wanted) in normalised(text or "")
                for wanted, text in ((rule.counterparty, counterparty), (rule.memo, memo))
            ):
                return rule.account
        return None

    @cached_property
    def calendars(self) -> Calendars:
        """Business days by the calendar's name, with the books' own exceptions."""
        return self.calendar_days.calendars()

    @property
    def calendar(self) -> Calendar:
        """The business days in which terms are counted."""
        return self.calendars[BASE]


def _latest(rules: Sequence[RuleT], day: datetime.date) -> RuleT | None:
    """Of the rules in force on `day` the one that began last; of equals the later in the file."""
    best: RuleT | None = None
    for rule in rules:
        if rule.start is not None and rule.start > day:
            continue
        if best is None or (rule.start or datetime.date.min) >= (best.start or datetime.date.min):
            best = rule
    return best


def load(path: Path) -> Config:
    """Read beanclear.toml; defaults when there is none.

    Raises:
      BooksError: when it is no TOML, or a key is unknown or wrong; all wrong keys at once.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise BooksError(
            _("the configuration cannot be read (%(error)s)") % {"error": error},
            _("save the file as UTF-8 text and make it readable"),
            where=path.name,
        ) from None
    return parse(text, path)


def parse(text: str, path: Path) -> Config:
    """The configuration that `text` is; `path` is where it stands.

    Raises:
      BooksError: as `load`.
    """
    try:
        return Config.model_validate(tomllib.loads(text), context={"folder": path.parent})
    except RecursionError:
        raise BooksError(
            _("its values are nested too deeply"), _("correct that line"), where=path.name
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise BooksError(
            _("this is not valid TOML (%(error)s)") % {"error": error},
            _("correct that line"),
            where=path.name,
        ) from None
    except ValidationError as error:
        raise BooksError(
            "; ".join(_told(problem) for problem in error.errors()),
            _("correct or remove it; `beanclear init` writes a file that explains every key"),
            where=path.name,
        ) from None


# What pydantic calls a wrong type -> what to write instead.
_EXPECTED: Mapping[str, str] = {
    "bool_type": N_("true or false"),
    "string_type": N_("text in quotes"),
    "int_type": N_("a whole number"),
    "date_type": N_("a date such as 2026-08-31"),
    "model_type": N_("a section"),
    "dict_type": N_("a section"),
    "tuple_type": N_("a list"),
}


def _told(problem: Mapping[str, Any]) -> str:
    """One pydantic error as `[rules] 2, key account: what`."""
    place = ".".join(
        str(part + 1) if isinstance(part, int) else str(part) for part in problem["loc"]
    )
    match problem["type"]:
        case "extra_forbidden" if place == "payers":
            return _("the key payers is unknown; write payers in a [[matching]] of their family")
        case "extra_forbidden":
            return _("the key %(place)s is unknown") % {"place": place}
        case "missing":
            return _("the key %(place)s is missing") % {"place": place}
        case "literal_error":
            return _("the key %(place)s must be one of %(expected)s") % {
                "place": place,
                "expected": problem["ctx"]["expected"].replace(" or ", ", "),
            }
        case "string_pattern_mismatch":
            return _("the key %(place)s does not have the form it needs: %(text)r") % {
                "place": place,
                "text": str(problem["input"]),
            }
        case kind if kind in _EXPECTED:
            return _("the key %(place)s must be %(expected)s") % {
                "place": place,
                "expected": gettext(_EXPECTED[kind]),
            }
        case "value_error":
            what = str(problem["ctx"]["error"])
            return (
                _("the key %(place)s is wrong (%(error)s)") % {"place": place, "error": what}
                if place
                else what
            )
        case _:
            return _("the key %(place)s is wrong (%(error)s)") % {
                "place": place,
                "error": problem["msg"],
            }


__all__ = [
    "BooksSection",
    "CalendarSection",
    "Config",
    "MatchingSection",
    "Point",
    "assumptions",
    "initial_text",
    "load",
    "parse",
    "ppm_of",
    "set_coverage",
]
