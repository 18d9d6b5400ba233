"""Prove each clearing account (P1) and report every open item that is past due.

At the as-of date of a clearing account its balance must be exactly its items in transit plus its
open items. The text says

    2026-08-31 custom "reconciled" Assets:Receivable:Tmall 188.00 CNY

    2026-08-30 custom "in-transit" Assets:Receivable:Tmall 60.00 CNY
      as-of: 2026-08-31
      count: 2

    2026-08-01 custom "open-item" Assets:Receivable:Tmall 128.00 CNY
      as-of: 2026-08-31
      class: "overdue"
      key: "5116032541422009305"
      at-stake: 128.00 CNY
      due: 2026-08-16
      reason: "no wallet line settles this order"

and the postings up to 2026-08-31 add up to 188.00 CNY: the proof holds, nothing is added to the
books, and one error stands at the line of the open item. Had someone edited the 128.00 to
127.00, or had the statements grown to 2026-09-05 without a new `beanclear run`, that would be an
error too: the as-of date and the balance are derived anew at each load.

`explain` silences an item until a date; the error is back once the as-of date passes it, or once
the item is larger than it was then:

    2026-09-02 custom "explain" Assets:Receivable:Tmall
      by: "Li"
      key: "5116032541422009305"
      until: 2026-09-30
      at-stake: 128.00 CNY

Postings that lack a dimension their account requires are errors too (`plugins.dimensions`).

Decisions that move money (`write-off`, `classify`, `match`) act through the entries that
`beanclear.plugins.clearing` posts, so that plugin must stand before this one.
"""

from __future__ import annotations

import datetime
import heapq
from collections.abc import Iterator, Mapping, Sequence, Set
from decimal import Decimal
from typing import Any

from beancount.core.amount import Amount
from beancount.core.data import Custom, Directives

from beanclear.ledger.collector import resting
from beanclear.ledger.explanations import Explanations
from beanclear.ledger.labels import label
from beanclear.ledger.policy_text import advice
from beanclear.ledger.vocabulary import (
    Close,
    Explain,
    ItemClass,
    Located,
    OpenItem,
    Reconciled,
    StatementEntry,
    VocabularyError,
    from_custom,
)
from beanclear.plugins.books import (
    Books,
    OpenItemError,
    PluginError,
    decode,
    not_well_formed,
    plain,
    readable,
    survey,
)
from beanclear.plugins.proof import Case, as_of_dates, prove, weigh
from beanclear.plugins.standing import Standing, gather, stake

__plugins__ = ("unmatched",)

ZERO = Decimal()
MOST_ERRORS = 50  # per account; the rest is one more error with its count and sum


def unmatched(
    entries: Directives, options_map: Mapping[str, Any], config: str | None = None
) -> tuple[Directives, list[PluginError]]:
    """Check P1 and report what is open.

    Args:
      entries: the loaded directives, after the clearing plugin's.
      options_map: the options of the top file.
      config: the language of messages, `en` or `zh`; else that of the books.

    Returns:
      The directives unchanged, and the errors.
    """
    # One collection of loaded books costs more than the whole proof.
    with resting():
        books = survey(entries, options_map, config)
        errors = _judge(entries, books)
        if any("dimensions" in opened.meta for opened in books.opens.values()):
            # Few books require any, and the chart takes a while to load.
            from beanclear.plugins.dimensions import lacking  # noqa: PLC0415 - see above

            errors.extend(lacking(entries, books))
        return entries, errors


def _judge(entries: Directives, books: Books) -> list[PluginError]:
    """All errors: malformed text, keys, then account by account the proof and its open items."""
    errors: list[PluginError] = []
    found, malformed = decode((Reconciled, Explain), books, clearing=True)
    errors.extend(malformed)
    items, malformed = gather(books)
    errors.extend(malformed)
    reconciled: dict[str, dict[datetime.date, list[Located[Reconciled]]]] = {}
    for one in found[Reconciled]:
        days = reconciled.setdefault(one.entry.account, {})
        days.setdefault(one.entry.date, []).append(one)
    balances, keyless = weigh(entries, books)
    errors.extend(keyless)
    derived = as_of_dates(readable(StatementEntry, books))
    closed = max((one.date for one in readable(Close, books)), default=None)
    explained = Explanations(word.entry for word in found[Explain])
    for account in sorted(books.clearing):
        case = Case(
            account=account,
            reconciled=reconciled.get(account, {}),
            items=items[account],
            balances=balances[account],
            derived=derived.get(account),
            closed=closed,
        )
        errors.extend(prove(case, books))
        latest = case.latest
        if latest is not None and latest in case.items:
            standing = case.items[latest]
            silenced = _silenced(standing.open, latest, explained)
            if case.awaiting:
                silenced |= _judged_later(standing.open)
            errors.extend(_report(account, standing, silenced, explained, books))
    return errors


def _silenced(
    items: Sequence[Custom],
    as_of: datetime.date,
    explained: Explanations,
) -> set[int]:
    """The places of the open items that somebody explained up to `as_of` or later."""
    if not explained:
        return set()
    return {
        place
        for place, item in enumerate(items)
        if explained.of(item.values[0].value, item.meta["key"], stake(item), as_of)
    }


def _judged_later(items: Sequence[Custom]) -> set[int]:
    """The places of the open items that the side an account still waits for may explain."""
    return {
        place
        for place, item in enumerate(items)
        if item.meta.get("class") != ItemClass.CONTRADICTION
    }


def _report(
    account: str,
    standing: Standing,
    silenced: Set[int],
    explained: Explanations,
    books: Books,
) -> Iterator[PluginError]:
    """The largest items one by one, equals by date, and the others together."""
    _ = books.say
    due: Sequence[int] = range(len(standing.open))
    if silenced:
        due = [place for place in due if place not in silenced]
    places = heapq.nlargest(MOST_ERRORS + 1, due, key=standing.sizes.__getitem__)
    largest = [standing.open[place] for place in places]
    for one in largest[:MOST_ERRORS]:
        try:
            entry = from_custom(one)
        except VocabularyError as error:
            yield not_well_formed(error, one, books)
            continue
        if isinstance(entry, OpenItem):
            text = describe(entry, stake(one), books)
            covered = explained.covered(entry)
            if covered is not None:
                text = _("%(item)s; it was explained up to %(amount)s, the rest is open") % {
                    "item": text,
                    "amount": plain(covered),
                }
            yield OpenItemError(one.meta, text, one)
    if len(largest) > MOST_ERRORS:
        sums = dict(standing.at_stake)
        for place in {*places[:MOST_ERRORS], *silenced}:
            number, currency = stake(standing.open[place])
            sums[currency] -= number or ZERO
        first = largest[MOST_ERRORS]
        message = _(
            "%(account)s has %(count)d more open items, together %(sum)s: see "
            "`beanclear open-items --account %(account)s`"
        ) % {
            "account": account,
            "count": len(due) - MOST_ERRORS,
            "sum": ", ".join(
                plain(Amount(sums[currency], currency))
                for currency in sorted(sums)
                if sums[currency]
            ),
        }
        yield OpenItemError(first.meta, message, first)


def describe(item: OpenItem, stake: Amount, books: Books) -> str:
    """One open item as a message: what it is, where it comes from, why, and what to do."""
    _ = books.say
    return _(
        "%(class)s %(amount)s on %(account)s, %(age)d days old at %(as_of)s (%(references)s): "
        "%(reason)s: %(todo)s"
    ) % {
        "class": label(item.klass, _),
        "amount": plain(stake),
        "account": item.account,
        "age": (item.as_of - item.date).days,
        "as_of": item.as_of,
        "references": _(", ").join(_references(item, books)),
        "reason": item.reason,
        "todo": advice(item, _),
    }


def _references(item: OpenItem, books: Books) -> Iterator[str]:
    _ = books.say
    named = (
        (_("order %(id)s"), item.order_id),
        (_("trade %(id)s"), item.trade_id),
        (_("payout %(id)s"), item.payout_id),
        (_("bank line %(id)s"), item.bank_ref),
    )
    if item.key not in (value for _text, value in named):
        yield _("key %(id)s") % {"id": item.key}
    for text, value in named:
        if value is not None:
            yield text % {"id": value}
    if item.counterparty is not None:
        yield item.counterparty
    if item.count is not None:
        yield _("%(count)d lines") % {"count": item.count}
    if item.file is not None and item.row is not None:
        yield _("%(file)s row %(row)d") % {"file": item.file, "row": item.row}
    elif item.file is not None:
        yield item.file
