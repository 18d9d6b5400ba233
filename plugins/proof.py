"""P1, proved from loaded books: balance = items in transit + open items = `reconciled`.

Everything is derived anew: the as-of date from the `statement` directives, the balance from the
postings. So reconciliation text that is missing, stale or edited by hand cannot pass.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from beancount.core.amount import Amount
from beancount.core.data import Directives, Pad, Posting, Transaction

from beanclear.ledger.money import minor_digits
from beanclear.ledger.spans import Span, join
from beanclear.ledger.vocabulary import (
    Located,
    Reconciled,
    StatementEntry,
)
from beanclear.plugins.books import Books, PostingError, ReconciliationError, plain
from beanclear.plugins.standing import Standing

Days = Mapping[datetime.date, Decimal]
Balances = Mapping[str, Mapping[str, Days]]
ZERO = Decimal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One clearing account: what the text claims about it, and what is to be proved against.

    Attributes:
      account: the clearing account.
      reconciled: its `reconciled` directives by day.
      items: its items in transit and open items by the as-of date they belong to.
      balances: its postings by currency and day.
      derived: its as-of date from the statements; none when no statement feeds it.
      closed: the end of the last closed period of the books.
    """

    account: str
    reconciled: Mapping[datetime.date, Sequence[Located[Reconciled]]]
    items: Mapping[datetime.date, Standing]
    balances: Mapping[str, Days]
    derived: datetime.date | None
    closed: datetime.date | None

    @property
    def latest(self) -> datetime.date | None:
        """The day of the last `reconciled`."""
        return max(self.reconciled, default=None)

    @property
    def awaiting(self) -> bool:
        """Whether a side of the account was never imported, so that nothing is judged."""
        latest = self.latest
        return latest is not None and any(
            one.entry.awaiting is not None for one in self.reconciled[latest]
        )


def weigh(entries: Directives, books: Books) -> tuple[Balances, list[PostingError]]:
    """Sum the postings on clearing accounts by account, currency and day; check their keys.

    Daily summaries below `journal/` (they carry `source` and `records`) stand for many items
    and need no key; every other posting on a clearing account is an item and needs one.
    """
    balances: dict[str, dict[str, dict[datetime.date, Decimal]]] = {}
    for account in books.clearing:
        balances[account] = defaultdict(lambda: defaultdict(Decimal))
    errors: list[PostingError] = []
    journal = books.journal
    for entry in entries:
        if isinstance(entry, Pad):
            errors.extend(_pads(entry, books))
        if not isinstance(entry, Transaction):
            continue
        meta = entry.meta
        for posting in entry.postings:
            days = balances.get(posting.account)
            if days is None or posting.units is None:
                continue
            days[posting.units.currency][entry.date] += posting.units.number or ZERO
            if "key" in meta or _has_key(posting):
                continue
            if "source" in meta and "records" in meta and meta["filename"].startswith(journal):
                continue
            errors.append(_keyless(entry, posting, books))
    return balances, errors


def _has_key(posting: Posting) -> bool:
    return bool(posting.meta and posting.meta.get("key"))


def _keyless(entry: Transaction, posting: Posting, books: Books) -> PostingError:
    _ = books.say
    message = _(
        "this posts on the clearing account %(account)s without saying which item it belongs to: "
        'add `key: "…"` with the order, payout or bank line to the posting'
    ) % {"account": posting.account}
    place = posting.meta if posting.meta and posting.meta.get("lineno") else entry.meta
    return PostingError(place, message, entry)


def _pads(pad: Pad, books: Books) -> Iterator[PostingError]:
    _ = books.say
    for account in (pad.account, pad.source_account):
        if account in books.clearing:
            message = _(
                "`pad` on the clearing account %(account)s would hide what is unexplained: remove "
                "it and book the difference with `beanclear decide`"
            ) % {"account": account}
            yield PostingError(pad.meta, message, pad)


def as_of_dates(statements: Iterable[StatementEntry]) -> dict[str, datetime.date]:
    """The as-of date of each account that statements feed (P8).

    It is the earliest end of gap-free coverage among the sources that feed the account.
    """
    spans: dict[str, list[Span]] = defaultdict(list)
    fed: dict[str, set[str]] = defaultdict(set)
    for entry in statements:
        spans[entry.source].append(span(entry))
        for account in (entry.feeds or "").split():
            fed[account].add(entry.source)
    ends = {source: covered.last for source in spans if (covered := join(spans[source]))}
    return {account: min(ends[source] for source in sources) for account, sources in fed.items()}


def span(entry: StatementEntry) -> Span:
    """The days of a statement as `spans.join` takes them.

    Balances are only compared for equality, so numbers are scaled to whole minor units.
    """
    return Span(
        first=entry.first,
        last=entry.last,
        last_row=max(entry.date, entry.last),
        quiet_days=entry.quiet_days or 0,
        opening_minor=_minor(entry.opening),
        closing_minor=_minor(entry.closing),
        since=_moment(entry.since),
        until=_moment(entry.until),
    )


def _moment(text: str | None) -> datetime.datetime | None:
    try:
        return None if text is None else datetime.datetime.fromisoformat(text)
    except ValueError:
        return None


def _minor(value: Amount | None) -> int | None:
    if value is None or value.number is None:
        return None
    return int(value.number.scaleb(minor_digits(value.currency)))


def prove(case: Case, books: Books) -> Iterator[ReconciliationError]:
    """Check P1 for one account at each of its as-of dates: an error for all that fails."""
    yield from _up_to_date(case, books)
    yield from _orphans(case, books)
    for as_of in case.reconciled:
        yield from _sums(case, as_of, books)


def _up_to_date(case: Case, books: Books) -> Iterator[ReconciliationError]:
    """The latest `reconciled` must stand at the as-of date that the statements give."""
    _ = books.say
    account, latest, derived, closed = case.account, case.latest, case.derived, case.closed
    opened = books.opens[account]
    until = derived or datetime.date.max
    if latest is None:
        if not any(day <= until for days in case.balances.values() for day in days):
            return
        if derived is None:
            message = _(
                "%(account)s has postings, but no statement says it feeds this account, so it "
                "cannot be proved: run `beanclear run`, or remove `clearing` from its `open`"
            ) % {"account": account}
        else:
            message = _(
                "%(account)s has postings up to %(date)s but no `reconciled` of that day: run "
                "`beanclear run`"
            ) % {"account": account, "date": derived}
        yield ReconciliationError(opened.meta, message, opened)
        return
    custom = case.reconciled[latest][0].custom
    if derived is None:
        message = _(
            "%(account)s is reconciled at %(date)s, but no statement says it feeds this account: "
            "run `beanclear run`"
        ) % {"account": account, "date": latest}
        yield ReconciliationError(custom.meta, message, custom)
        return
    # Text of a closed period is frozen: it may speak for a later day than the statements do.
    frozen = closed is not None and derived <= closed and latest == closed
    if latest != derived and not frozen:
        message = _(
            "%(account)s is reconciled at %(date)s, but its statements give %(derived)s as its "
            "as-of date: run `beanclear run`"
        ) % {"account": account, "date": latest, "derived": derived}
        yield ReconciliationError(custom.meta, message, custom)


def _orphans(case: Case, books: Books) -> Iterator[ReconciliationError]:
    _ = books.say
    for as_of, standing in case.items.items():
        if as_of not in case.reconciled:
            message = _(
                "%(count)d items of %(account)s belong to %(date)s, of which there is no "
                "`reconciled`: run `beanclear run`"
            ) % {"count": len(standing.customs), "account": case.account, "date": as_of}
            first = standing.customs[0]
            yield ReconciliationError(first.meta, message, first)


def _sums(case: Case, as_of: datetime.date, books: Books) -> Iterator[ReconciliationError]:
    """Balance = Σ items = reconciled, for each currency."""
    _ = books.say
    reconciled = case.reconciled[as_of]
    stated: dict[str, Located[Reconciled]] = {}
    for located in reconciled:
        if stated.setdefault(located.entry.amount.currency, located) is not located:
            message = _(
                "%(account)s is reconciled twice at %(date)s in one currency: run `beanclear run`"
            ) % {"account": case.account, "date": as_of}
            yield ReconciliationError(located.custom.meta, message, located.custom)
    balance = {
        currency: sum((number for day, number in days.items() if day <= as_of), ZERO)
        for currency, days in case.balances.items()
    }
    explained = case.items[as_of].sums if as_of in case.items else {}
    for currency in sorted({*stated, *balance, *explained}):
        posted, found = balance.get(currency, ZERO), explained.get(currency, ZERO)
        claim = stated.get(currency)
        claimed = (claim.entry.amount.number or ZERO) if claim else ZERO
        names = {
            "account": case.account,
            "date": as_of,
            "stated": plain(Amount(claimed, currency)),
            "balance": plain(Amount(posted, currency)),
            "items": plain(Amount(found, currency)),
        }
        custom = (claim or reconciled[0]).custom
        if posted != claimed:
            message = _(
                "%(account)s is reconciled at %(date)s with %(stated)s, but its postings up to "
                "that day are %(balance)s: run `beanclear run`, or correct what was edited"
            )
            yield ReconciliationError(custom.meta, message % names, custom)
        if found != claimed:
            message = _(
                "%(account)s is reconciled at %(date)s with %(stated)s, but its items in transit "
                "and open items are %(items)s: run `beanclear run`, or correct what was edited"
            )
            yield ReconciliationError(custom.meta, message % names, custom)


__all__ = ["Balances", "Case", "as_of_dates", "prove", "span", "weigh"]
