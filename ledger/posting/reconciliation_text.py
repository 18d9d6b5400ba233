"""A `Reconciliation` and the booked statements as directives, and in which file each stands.

    reconciliation/<year>-<month>.beancount          statements and differences of that month
    reconciliation/<year>-<month>-closing.beancount  the state at a closed period's end
    reconciliation/current.beancount                 the state now

Files of closed months are frozen; a statement or difference of such a month that its frozen text
does not hold stands in the first open month's file.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from beancount.core.amount import Amount

from beanclear.ledger import vocabulary
from beanclear.ledger.beancount_text import amount, minor
from beanclear.ledger.posting.explain import reason
from beanclear.ledger.posting.journal import Translate
from beanclear.ledger.reconciliation import Reconciliation, Rest
from beanclear.ledger.spans import ONE_DAY, Span
from beanclear.ledger.statement_rows import StatementRow
from beanclear.ledger.vocabulary import (
    Difference,
    Entry,
    InTransit,
    OpenItem,
    Reconciled,
    StatementEntry,
)

CURRENT = "reconciliation/current.beancount"


def statement_entries(
    statements: Sequence[StatementRow],
    accounts: Mapping[str, str],
    feeds: Mapping[str, Sequence[str]],
    accepted: Mapping[tuple[str, str], str],
    disputed: Mapping[str, int],
) -> list[StatementEntry]:
    """A directive per booked statement.

    `accounts` gives the ledger account of a source key (with `#shop` for a shop folder), `feeds`
    the clearing accounts of a source key, `accepted` who accepted (document, source key), and
    `disputed` how many faults there are between a file and others.
    """
    entries = []
    currencies: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in statements:
        currencies[row.source_key, row.document, row.file].add(row.currency)
    for row in statements:
        if row.first is None or row.last is None or row.last_row is None:
            continue
        key = row.source_key
        several = len(currencies[key, row.document, row.file]) > 1
        entries.append(
            StatementEntry(
                date=row.last_row,
                account=accounts[f"{key}#{row.shop}"],
                source=key,
                first=row.first,
                last=row.last,
                rows=row.rows,
                grade=row.grade,
                opening=_balance(row.opening_minor, row.currency),
                closing=_balance(row.closing_minor, row.currency),
                quiet_days=row.quiet_days or None,
                since=None if row.since is None else str(row.since),
                until=None if row.until is None else str(row.until),
                feeds=" ".join(feeds.get(key, ())) or None,
                file=row.file,
                sha256=row.document,
                currency=row.currency if several else None,
                accepted_by=accepted.get((row.document, key)) or None,
                disputed=disputed.get(row.file),
            )
        )
    return entries


def declared_entries(
    declared: Mapping[str, Span],
    accounts: Mapping[str, str],
    feeds: Mapping[str, Sequence[str]],
) -> list[StatementEntry]:
    """A directive per source that an accountant said had nothing more up to a day."""
    return [
        StatementEntry(
            date=span.last,
            account=accounts[f"{key}#"],
            source=key,
            first=span.first,
            last=span.last,
            rows=0,
            grade="declared",
            feeds=" ".join(feeds.get(key, ())) or None,
        )
        for key, span in sorted(declared.items())
        if f"{key}#" in accounts
    ]


def _balance(value: int | None, currency: str) -> Amount | None:
    return None if value is None else amount(value, currency)


def difference_entries(rests: Iterable[Rest]) -> list[Difference]:
    """A directive per rest that policy closes."""
    return [
        Difference(
            date=rest.day,
            account=rest.account,
            amount=amount(rest.amount_minor, rest.currency),
            key=rest.key,
            to=rest.to,
            klass=rest.klass,
        )
        for rest in rests
    ]


def state_entries(
    found: Reconciliation,
    files: Mapping[str, str],
    say: Translate,
    later_than: datetime.date | None,
) -> list[Entry]:
    """The state of each account: reconciled, in transit, open items.

    Accounts whose as-of date is not later than `later_than` (the closed end) are left out: the
    frozen state stands for them.
    """
    entries: list[Entry] = []
    as_of: dict[str, datetime.date] = {}
    for state in found.states:
        if later_than is None or state.as_of > later_than:
            as_of[state.account] = state.as_of
            closed = sum(one.amount_minor for one in state.matched)
            entries.append(
                Reconciled(
                    date=state.as_of,
                    account=state.account,
                    amount=amount(state.balance_minor, state.currency),
                    awaiting=state.awaiting,
                    matched=sum(one.count for one in state.matched),
                    matched_amount=amount(closed, state.currency),
                )
            )
    for transit in found.transits:
        if transit.account in as_of:
            entries.append(
                InTransit(
                    date=transit.day,
                    account=transit.account,
                    amount=amount(transit.amount_minor, transit.currency),
                    as_of=as_of[transit.account],
                    count=transit.count,
                    due=transit.due,
                )
            )
    for item in found.items:
        if item.account in as_of:
            entries.append(
                OpenItem(
                    date=item.date,
                    account=item.account,
                    amount=amount(item.amount_minor, item.currency),
                    as_of=as_of[item.account],
                    klass=item.klass.value,
                    key=item.key,
                    at_stake=amount(item.at_stake_minor, item.currency),
                    due=item.due,
                    reason=reason(item, say),
                    count=item.count,
                    order_id=item.order_id,
                    trade_id=item.trade_id,
                    payout_id=item.payout_id,
                    bank_ref=item.bank_ref,
                    counterparty=item.counterparty,
                    file=files.get(item.document or ""),
                    row=item.row,
                    candidates=" ".join(item.candidates) or None,
                )
            )
    return entries


def text(entries: Iterable[Entry]) -> str:
    """Directives in a stable order: account by account, then kind, then date."""
    places = {word: place for place, word in enumerate(vocabulary.WORDS)}
    written = sorted(
        (entry.account, places[entry.word], entry.date, vocabulary.to_text(entry))
        for entry in entries
    )
    return "\n".join(words for *_place, words in written)


def _identity(entry: StatementEntry | Difference) -> tuple[str, ...]:
    """What makes a statement or difference the same one when its text was written before."""
    if isinstance(entry, StatementEntry):
        # A declared span has no document; it is another one when its days are others.
        days = () if entry.sha256 else (entry.first.isoformat(), entry.last.isoformat())
        document = (entry.sha256 or "", entry.file or "", entry.currency or "")
        return (entry.word, entry.source, *document, *days)
    day = entry.event_date or entry.date
    return (entry.word, entry.account, entry.key, day.isoformat(), str(entry.amount))


def monthly_files(
    entries: Sequence[StatementEntry | Difference],
    closed: datetime.date | None,
    frozen: Iterable[Entry],
) -> dict[str, str]:
    """Statements and differences by month; those of closed months that are new come late."""
    said = {
        _identity(entry): entry
        for entry in frozen
        if isinstance(entry, StatementEntry | Difference)
    }
    months: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if closed is not None and entry.date <= closed:
            if said.pop(_identity(entry), None) is None:
                months[_month(closed + ONE_DAY)].append(_moved(entry, closed + ONE_DAY))
        elif _identity(entry) not in said:
            months[_month(entry.date)].append(entry)
    if closed is not None:
        for gone in said.values():
            if isinstance(gone, Difference):
                months[_month(closed + ONE_DAY)].append(_moved(gone, closed + ONE_DAY, sign=-1))
    return {
        f"reconciliation/{month}.beancount": text(found) for month, found in sorted(months.items())
    }


def _moved(entry: Entry, day: datetime.date, sign: int = 1) -> Entry:
    """A late difference on the first open day; with `sign` -1 one that no longer holds."""
    if isinstance(entry, Difference):
        return replace(
            entry,
            date=day,
            amount=amount(sign * minor(entry.amount), entry.amount.currency),
            event_date=entry.event_date or entry.date,
        )
    return entry


def _month(day: datetime.date) -> str:
    return f"{day.year}-{day.month:02d}"


def closing_file(day: datetime.date) -> str:
    """The file of the frozen state at the end of a closed period."""
    return f"reconciliation/{_month(day)}-closing.beancount"
