"""What an accountant decides about open items, as directives: pure, nothing is read or written.

Amounts always come from the current open items, so that a decision says what it moves:

    2026-09-03 custom "write-off" Assets:Receivable:Tmall 128.00 CNY
      by: "Li Na"
      reason: "buyer insolvent"
      key: "5116032541422009305"
      to: "Expenses:BadDebt"

Signs: an amount is what is taken off the clearing account, debit positive.
"""

from __future__ import annotations

import datetime
import difflib
import json
import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from beancount.core.amount import Amount

from beanclear.ledger.beancount_text import amount, clean, format_amount, minor
from beanclear.ledger.decision_texts import names_somebody, unfit_target
from beanclear.ledger.errors import UsageError
from beanclear.ledger.explanations import stake_of
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import format_minor, to_minor
from beanclear.ledger.vocabulary import (
    Classify,
    Decision,
    Explain,
    ItemClass,
    Match,
    OpenItem,
    WriteOff,
    to_text,
)

_LATEST = datetime.timedelta(days=366)  # how long after the as-of date a decision may be booked
_FILE_NAME = 40  # characters of a person's name
_CLOSE_KEYS = 5  # how many similar keys an error shows
_SIMILARITY = 0.5
_MATCH_MINIMUM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who decides, when, and why."""

    by: str
    date: datetime.date
    reason: str | None = None


def author_of(by: str) -> str:
    """The name as it is written, once a person can read it.

    Raises:
      UsageError: it is empty, or hides signs that cannot be seen.
    """
    name = by.strip()
    if not name:
        raise UsageError(_("nobody is named who decides"), _("add --by NAME"))
    if not names_somebody(name):
        raise UsageError(
            _("the name of who decides has signs that nobody can read"), _("write it anew")
        )
    return clean(name)


def find_item(
    items: Iterable[OpenItem], account: str, key: str, decided: Iterable[Decision] = ()
) -> OpenItem:
    """The open item `key` of `account`; `decided` are the decisions that the books hold.

    Raises:
      UsageError: when there is none; names who decided it, or the items that look most alike.
    """
    items = list(items)
    of_account = [item for item in items if item.account == account]
    for item in of_account:
        if item.key == key:
            return item
    refuse_decided(decided, key, account)
    elsewhere = [item.account for item in items if item.key == key]
    if elsewhere:
        raise UsageError(
            _("%(key)s is no open item of %(account)s") % {"key": key, "account": account},
            _("it is open on %(account)s") % {"account": ", ".join(elsewhere)},
        )
    if not of_account:
        accounts = sorted({item.account for item in items})
        raise UsageError(
            _("%(account)s has no open items") % {"account": account},
            _("accounts that have some: %(accounts)s") % {"accounts": ", ".join(accounts)}
            if accounts
            else _("nothing is open in these books"),
        )
    raise UsageError(
        _("%(key)s is no open item of %(account)s") % {"key": key, "account": account},
        _("similar keys: %(keys)s") % {"keys": ", ".join(similar_keys(of_account, key))},
    )


def refuse_decided(decided: Iterable[Decision], key: str, account: str | None = None) -> None:
    """Say who decided about an item that is not open, if anybody did.

    Raises:
      UsageError: somebody did; names the latest.
    """
    about = [
        one
        for one in decided
        if account in {None, one.account}
        and (
            (isinstance(one, WriteOff | Classify) and one.key == key)
            or (isinstance(one, Match) and key in json.loads(one.items))
        )
    ]
    if about:
        last = max(about, key=lambda one: one.date)
        raise UsageError(
            _("%(by)s has decided about %(key)s already: %(word)s of %(date)s")
            % {"by": last.by, "key": key, "word": last.word, "date": last.date.isoformat()},
            _("look at the open items again"),
        )


def similar_keys(items: Sequence[OpenItem], key: str) -> list[str]:
    """The keys most like `key`; when none is, those of the largest items."""
    keys = [item.key for item in items]
    close = difflib.get_close_matches(key, keys, n=_CLOSE_KEYS, cutoff=_SIMILARITY)
    largest = sorted(items, key=lambda item: (-abs(minor(item.at_stake)), item.key))
    return close or [item.key for item in largest[:_CLOSE_KEYS]]


def match(items: Sequence[OpenItem], author: Author, *, to: str | None = None) -> Match:
    """These open items of one account belong together; a rest goes to `to`.

    Raises:
      UsageError: with fewer than two items, several currencies, or a rest without `to`.
    """
    if len({item.key for item in items}) < _MATCH_MINIMUM:
        raise UsageError(_("a match needs two different items"), _("name at least two keys"))
    currencies = {item.amount.currency for item in items}
    if len(currencies) > 1:
        raise UsageError(
            _("the items are in different currencies: %(currencies)s")
            % {"currencies": ", ".join(sorted(currencies))},
            _("match the items of one currency"),
        )
    currency = currencies.pop()
    open_minor = {item.key: minor(item.amount) for item in items}
    rest = sum(open_minor.values())
    if rest and to is None:
        raise UsageError(
            _("the items leave %(rest)s %(currency)s")
            % {"rest": format_minor(rest, currency), "currency": currency},
            _("say where it goes: --to ACCOUNT"),
        )
    return Match(
        date=author.date,
        account=items[0].account,
        by=author.by,
        reason=author.reason,
        items=json.dumps(
            {key: format_minor(value, currency) for key, value in sorted(open_minor.items())}
        ),
        currency=currency,
        to=to if rest else None,
    )


def write_off(item: OpenItem, author: Author, *, to: str, part: Decimal | None = None) -> WriteOff:
    """Give up the item, or `part` of it (its size; the sign is the item's).

    Raises:
      UsageError: when the item leaves nothing on the account, or `part` is not within it.
    """
    return WriteOff(
        date=author.date,
        account=item.account,
        amount=_portion(item, part),
        by=author.by,
        reason=author.reason,
        key=item.key,
        to=to,
    )


def classify(item: OpenItem, author: Author, *, to: str) -> Classify:
    """The item is known now and moves to `to`.

    Raises:
      UsageError: when the item leaves nothing on the account.
    """
    return Classify(
        date=author.date,
        account=item.account,
        amount=_portion(item, None),
        by=author.by,
        reason=author.reason,
        key=item.key,
        to=to,
    )


def explain(item: OpenItem, author: Author, *, until: datetime.date) -> Explain:
    """The item is explained until the as-of date passes `until`.

    Raises:
      UsageError: when that date has passed already.
    """
    if until < item.as_of:
        raise UsageError(
            _("%(until)s lies before %(as_of)s, to which the account is judged")
            % {"until": until.isoformat(), "as_of": item.as_of.isoformat()},
            _("choose a later date"),
        )
    return Explain(
        date=author.date,
        account=item.account,
        by=author.by,
        reason=author.reason,
        key=item.key,
        until=until,
        at_stake=stake_of(item),
    )


def _portion(item: OpenItem, part: Decimal | None) -> Amount:
    whole = minor(item.amount)
    currency = item.amount.currency
    if not whole:
        raise UsageError(
            _("%(key)s leaves nothing on %(account)s") % {"key": item.key, "account": item.account},
            _("it is a check: use `decide explain`"),
        )
    if part is None:
        return item.amount
    try:
        size = to_minor(part, currency)
    except ValueError as error:
        raise UsageError(
            _("%(amount)s is finer than the minor unit of %(currency)s")
            % {"amount": part, "currency": currency},
            _("round it"),
        ) from error
    size = size if (size < 0) == (whole < 0) else -size if size > 0 else size
    if not size or (size < 0) != (whole < 0) or abs(size) > abs(whole):
        raise UsageError(
            _("%(amount)s is not within the open %(open)s")
            % {"amount": part, "open": format_amount(item.amount)},
            _("give a part of it, or leave --amount away for all of it"),
        )
    return amount(size, currency)


def usual_date(items: Sequence[OpenItem]) -> datetime.date:
    """The day on which a decision about these items is booked unless somebody says another.

    A line that nobody knew belongs to its own day; what was judged at the as-of date, to that.
    """
    if all(item.klass == ItemClass.UNCATEGORISED for item in items):
        return max(item.date for item in items)
    return max(item.as_of for item in items)


def refuse_target(
    decision: Decision, clearing: Container[str], closed: Mapping[str, datetime.date]
) -> None:
    """See that the money of a decision goes where it can.

    `clearing` has the clearing accounts, `closed` the day each closed account was closed.

    Raises:
      UsageError: it goes back, to another clearing account, or to a closed one.
    """
    to = decision.to if isinstance(decision, Match | WriteOff | Classify) else None
    if to is None:
        return
    wrong = unfit_target(decision.word, decision.account, to, clearing)
    if wrong is not None:
        raise UsageError(str(wrong), _("name another account"))
    if decision.date > closed.get(to, datetime.date.max):
        raise UsageError(
            _("%(account)s was closed on %(date)s")
            % {"account": to, "date": closed[to].isoformat()},
            _("name another account"),
        )


def decision_date(
    wanted: datetime.date | None, usual: datetime.date, closed_to: datetime.date | None
) -> datetime.date:
    """The day a decision is booked: as wanted, else the usual one, never in a closed period.

    Raises:
      UsageError: when the wanted day is closed, or lies far behind all that the books know.
    """
    last = max(usual, closed_to or usual)
    if wanted is not None and wanted - last > _LATEST:
        raise UsageError(
            _("%(date)s is more than a year after %(usual)s, where it belongs")
            % {"date": wanted.isoformat(), "usual": last.isoformat()},
            _("choose an earlier date"),
        )
    first_open = closed_to + datetime.timedelta(days=1) if closed_to else datetime.date.min
    if wanted is not None and wanted < first_open:
        raise UsageError(
            _("%(date)s lies in a closed period") % {"date": wanted.isoformat()},
            _("choose %(date)s or later") % {"date": first_open.isoformat()},
        )
    return wanted or max(usual, first_open)


def movements(decision: Decision) -> list[tuple[str, Amount]]:
    """What the decision moves, as postings (account, amount), debit positive; none when nothing."""
    match decision:
        case WriteOff() | Classify():
            taken = minor(decision.amount)
            currency, to = decision.amount.currency, decision.to
        case Match(to=str(to)):
            currency = decision.currency
            items: Mapping[str, str] = json.loads(decision.items)
            taken = sum(to_minor(Decimal(value), currency) for value in items.values())
        case _:
            return []
    return [(decision.account, amount(-taken, currency)), (to, amount(taken, currency))]


def preview(decision: Decision) -> str:
    """The directive as it will stand in the books, and the entry it implies as a comment."""
    moved = [f";   {account}  {format_amount(value)}" for account, value in movements(decision)]
    return "\n".join([to_text(decision).rstrip("\n"), *moved]) + "\n"


def file_of(decision: Decision) -> str:
    """Where a decision stands, relative to the books: a file for each year and person.

    Two people who decide on two branches never write to one file, so nothing is lost when these
    are merged.
    """
    name = unicodedata.normalize("NFC", decision.by)
    name = "-".join(re.findall(r"[^\W_]+", name))[:_FILE_NAME].rstrip("-")
    return f"decisions/{decision.date.year}/{name or 'unnamed'}.beancount"


def appended(text: str, decision: Decision) -> str:
    """The text of a decisions file with one decision more, a blank line before it."""
    before = text.rstrip("\n")
    return (before + "\n\n" if before else "") + to_text(decision)


def rule_text(values: Mapping[str, str]) -> str:
    """A `[[rules]]` entry of `beanclear.toml` with these values."""
    # A JSON string is a TOML basic string.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(["[[rules]]", *lines]) + "\n"
