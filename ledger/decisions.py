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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from beancount.core.amount import Amount

from beanclear.ledger.beancount_text import amount, format_amount, minor
from beanclear.ledger.errors import UsageError
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

_CLOSE_KEYS = 5  # how many similar keys an error shows
_SIMILARITY = 0.5
_MATCH_MINIMUM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who decides, when, and why."""

    by: str
    date: datetime.date
    reason: str | None = None


def find_item(items: Iterable[OpenItem], account: str, key: str) -> OpenItem:
    """The open item `key` of `account`.

    Raises:
      UsageError: when there is none; names the items that look most alike.
    """
    items = list(items)
    of_account = [item for item in items if item.account == account]
    for item in of_account:
        if item.key == key:
            return item
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


def decision_date(
    wanted: datetime.date | None, usual: datetime.date, closed_to: datetime.date | None
) -> datetime.date:
    """The day a decision is booked: as wanted, else the usual one, never in a closed period.

    Raises:
      UsageError: when the wanted day is closed.
    """
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


def appended(text: str, decision: Decision) -> str:
    """The text of a decisions file with one decision more, a blank line before it."""
    before = text.rstrip("\n")
    return (before + "\n\n" if before else "") + to_text(decision)


def rule_text(item: OpenItem, to: str) -> str | None:
    """The `[[rules]]` entry of `beanclear.toml` that books such lines from now on.

    None when the line names no counterparty: a rule without a text would take every line. What
    came in stands as a credit on the suspense account.
    """
    if not item.counterparty:
        return None
    direction = "out" if minor(item.amount) > 0 else "in"
    # A JSON string is a TOML basic string.
    values = {"counterparty": item.counterparty, "direction": direction, "account": to}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(["[[rules]]", *lines]) + "\n"
