"""What people call accounts: by Beancount name, by code, or by Chinese name; the one resolver.

    Expenses:Office:Supplies   5602.01   560201   管理费用-办公费   办公费

An account of the books goes before one of the shipped chart. What fits none is refused with the
names that look most alike, and what fits several with all of them: nothing is opened by a slip.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from beanclear.ledger import catalogue, chart
from beanclear.ledger.accounts import free_below
from beanclear.ledger.chart import AccountSpec
from beanclear.ledger.chart_codes import Standard
from beanclear.ledger.config import Config
from beanclear.ledger.errors import BooksError, UsageError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.statements.standards import RULES

BEANCOUNT = re.compile(
    r"(Assets|Liabilities|Equity|Income|Expenses)(:[A-Z0-9][\w-]*|:[^\W\d_a-z][\w-]*)+"
)
_CODE = re.compile(r"\d{4}([.\-]?\d\d){0,4}")
_DOTTED = re.compile(r"\d{4}(\.\d\d){0,4}")
_SEPARATORS = re.compile(r"[\s_/\\:>—–-]+")
_SIMILAR = 3
_CUTOFF = 0.5


class Named(Protocol):
    """An account as people call it: of the books, or of the shipped chart."""

    @property
    def name(self) -> str:
        """The Beancount account."""

    @property
    def code(self) -> str:
        """Its code; empty when it has none."""

    @property
    def chinese(self) -> str:
        """What it is called."""


class UnknownAccountError(UsageError):
    """No account, or more than one, is called so."""


def resolve(
    text: str, opened: Mapping[str, Named], standard: Standard, sources: Iterable[str] = ()
) -> str:
    """The Beancount name of the account that `text` means, open or of the shipped chart.

    `sources` are those of the books' own mappings, whose accounts posting makes too.

    Raises:
      UnknownAccountError: none is called so, or several are; names them, or those most alike.
    """
    wanted = text.strip()
    rows = _rows(opened, standard)
    if wanted in rows or chart.is_usual(wanted, sources):
        return wanted
    fitting = _fitting(wanted, rows)
    if len(fitting) == 1:
        return fitting[0].name
    if fitting:
        raise UnknownAccountError(
            _("%(account)s may be one of several accounts") % {"account": text},
            _("write one of %(accounts)s") % {"accounts": ", ".join(map(_shown, fitting))},
        )
    alike = _alike(wanted, rows)
    raise UnknownAccountError(
        _("the account %(account)s is not open") % {"account": text},
        _("did you mean %(similar)s? A new one is opened by `decide --new-account`")
        % {"similar": ", ".join(alike)}
        if alike
        else _("docs/accounts.md lists the usual ones; `decide --new-account` opens a new one"),
    )


def opening(
    text: str,
    opened: Mapping[str, Named],
    standard: Standard,
    *,
    currency: str,
    language: str = "zh",
    new: bool = False,
    code: str | None = None,
    name: str | None = None,
) -> AccountSpec | None:
    """How the account that `text` means is opened; none when it is open.

    What the shipped chart does not have is opened only when it is meant to be `new`: below the
    nearest account above it that has a code, or with the `code` and `name` that are given.

    Raises:
      UnknownAccountError: as `resolve`; UsageError: code or name is missing, wrong or taken.
    """
    try:
        account = resolve(text, opened, standard)
    except UnknownAccountError:
        if not new:
            raise
        family = catalogue.known(text.strip(), currency, standard)
        if family is not None:
            return family
        rows = _rows(opened, standard)
        wanted, parent = _wanted(text.strip(), rows, code, name, language)
        return _new(wanted, parent, rows, currency, standard)
    if account in opened:
        return None
    return catalogue.known(account, currency, standard)


def within(text: str, account: Named) -> bool:
    """Whether `text` means the account, or one that the account lies below."""
    if _CODE.fullmatch(text):
        return account.code != "" and (account.code + ".").startswith(_dotted(text) + ".")
    plain, called = _plain(text), _plain(account.chinese)
    return (
        account.name == text
        or account.name.startswith(text + ":")
        or (plain != "" and f"-{plain}-" in f"-{called}-")
    )


def _rows(opened: Mapping[str, Named], standard: Standard) -> dict[str, Named]:
    """The accounts of the books, and those of the shipped chart whose code is not taken."""
    taken = {one.code for one in opened.values()}
    shipped = catalogue.rows(standard)
    return {**{name: row for name, row in shipped.items() if row.code not in taken}, **opened}


def _fitting(text: str, rows: Mapping[str, Named]) -> list[Named]:
    if _CODE.fullmatch(text):
        digits = _digits(text)
        return [row for row in rows.values() if row.code and _digits(row.code) == digits]
    plain = _plain(text)
    whole = [row for row in rows.values() if plain and _plain(row.chinese) == plain]
    return whole or [
        row for row in rows.values() if plain and _plain(row.chinese).endswith("-" + plain)
    ]


def _digits(code: str) -> str:
    return re.sub(r"\D", "", code)


def _plain(name: str) -> str:
    """A Chinese name as it is compared: full width folded, every separator a hyphen."""
    return _SEPARATORS.sub("-", unicodedata.normalize("NFKC", name)).strip("-")


def _shown(row: Named) -> str:
    return f"{row.name} ({row.code} {row.chinese})" if row.code else row.name


def _alike(text: str, rows: Mapping[str, Named]) -> list[str]:
    names = {
        spelled: row
        for row in rows.values()
        for spelled in (row.name, _plain(row.chinese), row.code)
        if spelled
    }
    wanted = text if text.isascii() else _plain(text)
    close = difflib.get_close_matches(wanted, names, n=_SIMILAR, cutoff=_CUTOFF)
    return list(dict.fromkeys(_shown(names[one]) for one in close))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A new account as far as a person said what it is; empty: not said."""

    account: str
    code: str
    name: str


def _new(
    wanted: _Wanted,
    parent: Named | None,
    rows: Mapping[str, Named],
    currency: str,
    standard: Standard,
) -> AccountSpec:
    """The account below `parent`, with the next free code unless one is said.

    Raises:
      UsageError: code or name is missing, wrong or taken.
    """
    codes = {row.code for row in rows.values()}
    if not (parent or wanted.code) or not wanted.name:
        raise _ask(wanted, parent, codes)
    number = wanted.code or free_below(parent.code if parent else "", codes)
    root = wanted.account.partition(":")[0] or (parent.name.partition(":")[0] if parent else "")
    roots = RULES[standard].classes.get(number[:1], frozenset())
    if number in codes or not _DOTTED.fullmatch(number) or root not in roots:
        raise UsageError(
            _("the code %(code)s is taken, or not one of the chart for %(root)s")
            % {"code": number, "root": root},
            _("give a free code of four digits and two a level, such as 5602.31"),
        )
    last = _plain(wanted.name).rpartition("-")[2]
    chinese = wanted.name
    if parent is not None and not _plain(chinese).startswith(_plain(parent.chinese)):
        chinese = f"{parent.chinese}-{last}"
    account = wanted.account
    if not account and parent is not None:
        account = f"{parent.name}:{chart.component(f'{number[-2:]}-{last}')}"
    return AccountSpec(
        name=account,
        code=number,
        chinese=chinese,
        english=account.partition(":")[2].replace(":", " ") if account.isascii() else chinese,
        currency=currency,
    )


def _wanted(
    text: str, rows: Mapping[str, Named], code: str | None, name: str | None, language: str
) -> tuple[_Wanted, Named | None]:
    """What `text`, `code` and `name` say of a new account, and the account above it.

    Raises:
      UsageError: no account name can be made of it.
    """
    if BEANCOUNT.fullmatch(text):
        leaf = text.rpartition(":")[2]
        told = name or (leaf.replace("-", " ") if language == "en" or not leaf.isascii() else "")
        found = _Wanted(text, code or "", told)
        return found, _above(code, rows) if code else _ancestor(text, rows)
    if _CODE.fullmatch(text):
        code, text = _dotted(text), name or ""
    plain = _plain(name or text)
    above = [row for row in rows.values() if row.code and plain.startswith(_plain(row.chinese))]
    longest = max(above, key=lambda row: len(row.chinese), default=None)
    parent = _above(code, rows) if code else longest
    if parent is None or (plain and plain.isascii()):
        raise UsageError(
            _("%(account)s is not an account name") % {"account": text or code},
            _("write it such as Expenses:BadDebt"),
        )
    return _Wanted("", code or "", name or text), parent


def _above(code: str, rows: Mapping[str, Named]) -> Named | None:
    """The account of the longest code that `code` lies below."""
    found = [row for row in rows.values() if row.code and code.startswith(row.code + ".")]
    return max(found, key=lambda row: len(row.code), default=None)


def _ancestor(account: str, rows: Mapping[str, Named]) -> Named | None:
    """The nearest account above a name that has a code."""
    while ":" in account:
        account = account.rpartition(":")[0]
        row = rows.get(account)
        if row is not None and row.code:
            return row
    return None


def _dotted(code: str) -> str:
    digits = _digits(code)
    return ".".join((digits[:4], *re.findall("..", digits[4:])))


def _ask(wanted: _Wanted, parent: Named | None, codes: Collection[str]) -> UsageError:
    """What is asked where a name or a code is not certain."""
    proposed = wanted.code or (free_below(parent.code, codes) if parent else "5602.31")
    named = wanted.name or (f"{parent.chinese}-…" if parent else "管理费用-…")
    return UsageError(
        _("nothing says which code and name the account %(account)s has")
        % {"account": wanted.account},
        _('say it, such as --code %(code)s --name "%(name)s"') % {"code": proposed, "name": named},
    )


def in_config(config: Config, opened: Mapping[str, Named]) -> Config:
    """The configuration with the Beancount names of the accounts that its rules mean.

    Raises:
      BooksError: a rule names no account, or several; says which rule.
    """
    own = {name for table in config.tables for name in (table.platform, table.source) if name}

    def found(section: str, number: int, text: str) -> str:
        try:
            return resolve(text, opened, config.books.standard, own)
        except UnknownAccountError as error:
            where = f"beanclear.toml: [[{section}]] {number}"
            raise BooksError(error.what, error.todo, where=where) from None

    rules = tuple(
        rule.model_copy(update={"account": found("rules", number, rule.account)})
        for number, rule in enumerate(config.rules, start=1)
    )
    fees = tuple(
        fee.model_copy(update={"account": found("payout_fees", number, fee.account)})
        for number, fee in enumerate(config.payout_fees, start=1)
    )
    return config.model_copy(update={"rules": rules, "payout_fees": fees})
