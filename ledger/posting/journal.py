"""Postings in, journal text out: daily summaries, bank lines, openings, balances, late corrections.

One file per source and month, `journal/<year>/<month>/<source>.beancount`. A closed period's
files are never written again: what the records now say about its days is compared with what its
frozen text says, entry by entry, and the difference is booked on the first open day with
`event-date` (P6). The comparison is exact because both sides are sums of the same postings.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from beancount.core.data import Transaction

from beanclear.ledger import chart
from beanclear.ledger.beancount_text import minor, quote
from beanclear.ledger.dimensions import OWN
from beanclear.ledger.i18n import N_
from beanclear.ledger.money import format_minor
from beanclear.ledger.posting.inputs import Inputs
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.sql import Connection
from beanclear.ledger.statement_rows import StatementRow

Translate = Callable[[str], str]
# What a posting says of its owner, in the order of `OWN`; empty where its account is one's alone.
Owner = tuple[tuple[str, str], ...]
Amounts = dict[tuple[str, str, Owner], int]
Identity = tuple[str, str, datetime.date]
OPENING = "Equity:Opening-Balances"
# Who an entry is with, by its source. Translated where they are used.
PAYEES: Final = {
    "orders/taobao": N_("Tmall"),
    "orders/pinduoduo": N_("Pinduoduo"),
    "orders/shop": N_("Own shop"),
    "alipay": N_("Alipay"),
    "wechatpay": N_("WeChat Pay"),
    "taobao-wechat": N_("Tmall WeChat account"),
    "pinduoduo": N_("Pinduoduo"),
    "opening": N_("Opening balances"),
    "conversions": N_("Currency conversion"),
}
NARRATIONS: Final = {
    "orders": N_("Orders of the day"),
    "opening": N_("Opening balance"),
    "conversions": N_("Conversions of the day"),
}
CORRECTION: Final = N_("Correction: the documents no longer say this")
WALLET_MOVEMENTS: Final = N_("Wallet movements of the day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One posting: minor units, debit positive; `owner` is its metadata."""

    account: str
    amount_minor: int
    currency: str
    owner: Owner = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One generated transaction.

    Attributes:
      day: its date; `event_date`: the day it concerns, when that lies in a closed period.
      source: `orders/taobao`, `alipay/2088…`, `ccb/6217…`, `opening/…`.
      key: the record of a bank line; none for summaries.
      records: how many lines a summary holds.
      meta: further metadata, in order.
    """

    day: datetime.date
    source: str
    payee: str
    narration: str
    postings: tuple[Posting, ...]
    records: int
    key: str | None = None
    event_date: datetime.date | None = None
    meta: tuple[tuple[str, str | int], ...] = ()

    @property
    def identity(self) -> Identity:
        """What it is compared by with frozen text: source, key and the day it concerns."""
        return (self.source, self.key or "", self.event_date or self.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """The balance a statement states for the end of its last complete day `day`."""

    day: datetime.date
    account: str
    amount_minor: int
    currency: str
    source: str


@dataclass(frozen=True, slots=True)
class FrozenJournal:
    """What the text of closed periods already says, by `JournalEntry.identity`."""

    closed: datetime.date | None = None
    amounts: Mapping[Identity, Amounts] = field(default_factory=dict)


def frozen_journal(
    closed: datetime.date | None, transactions: Iterable[Transaction]
) -> FrozenJournal:
    """Sum the generated transactions of closed periods."""
    found: dict[Identity, Amounts] = defaultdict(lambda: defaultdict(int))
    for entry in transactions:
        source = entry.meta.get("source")
        if not isinstance(source, str):
            continue
        day = entry.meta.get("event-date", entry.date)
        amounts = found[source, str(entry.meta.get("key", "")), day]
        for posting in entry.postings:
            if posting.units is not None:
                meta = posting.meta or {}
                owner = tuple((name, str(meta[name])) for name in OWN if name in meta)
                amounts[posting.account, posting.units.currency, owner] += minor(posting.units)
    return FrozenJournal(closed, {key: dict(value) for key, value in found.items()})


def daily_entries(con: Connection, say: Translate) -> list[JournalEntry]:
    """One entry per source and day from the table `postings`, without bank lines."""
    rows = con.execute(
        "SELECT entry, day, account, currency, coalesce(owner, '') AS owner, amount_minor,"
        " line_count FROM postings"
        " WHERE NOT contains(entry, '#') ORDER BY entry, day, account, currency, owner"
    ).fetchall()
    grouped: dict[tuple[str, datetime.date], list[tuple[str, str, str, int, int]]] = defaultdict(
        list
    )
    for entry, day, account, currency, owner, amount, count in rows:
        grouped[entry.rstrip("/"), day].append((account, currency, owner, amount, count))
    entries = []
    for (source, day), lines in grouped.items():
        postings = tuple(
            Posting(account=account, amount_minor=amount, currency=currency, owner=_owner(owner))
            for account, currency, owner, amount, _count in lines
            if amount
        )
        if postings:
            records = max(count for *_line, count in lines)
            entries.append(
                JournalEntry(
                    day=day,
                    source=source,
                    payee=_payee(source, say),
                    narration=_narration(source, say),
                    postings=postings,
                    records=records,
                )
            )
    return entries


def _owner(text: str) -> Owner:
    """`taobao/north` as metadata: platform and shop as components of account names."""
    platform, _slash, shop = text.partition("/")
    pairs = zip(OWN, chart.components(platform, shop), strict=True)
    return tuple((name, value) for name, value in pairs if value)


def _payee(source: str, say: Translate) -> str:
    first, _, rest = source.partition("/")
    name = PAYEES.get(f"{first}/{rest.partition('/')[0]}") or PAYEES.get(first)
    return say(name) if name else source


def _narration(source: str, say: Translate) -> str:
    return say(NARRATIONS.get(source.partition("/")[0], WALLET_MOVEMENTS))


def bank_entries(con: Connection, files: Mapping[str, str]) -> list[JournalEntry]:
    """One entry per bank line; `files` names the file of each document."""
    rows = con.execute(
        "SELECT source, account, record_id, booked_on, bank, counter, amount_minor, currency,"
        ' bank_ref, counterparty, memo, kind_raw, document, "row" FROM bank_lines'
        ' ORDER BY source, account, booked_on, document, "row", record_id'
    ).fetchall()
    return [
        JournalEntry(
            day=day,
            source=f"{source}/{account}",
            key=record_id,
            payee=counterparty or "",
            narration=memo or kind_raw or "",
            records=1,
            postings=(
                Posting(account=bank, amount_minor=amount, currency=currency),
                Posting(account=counter, amount_minor=-amount, currency=currency),
            ),
            meta=tuple(
                (name, value)
                for name, value in (
                    ("bank-ref", bank_ref),
                    ("file", files.get(document)),
                    ("row", row),
                )
                if value is not None
            ),
        )
        for (
            source,
            account,
            record_id,
            day,
            bank,
            counter,
            amount,
            currency,
            bank_ref,
            counterparty,
            memo,
            kind_raw,
            document,
            row,
        ) in rows
    ]


def opening_entries(
    statements: Sequence[StatementRow], inputs: Inputs, say: Translate
) -> list[JournalEntry]:
    """Opening balances of wallets and banks, the day before the earliest statement of the books.

    Each currency of a wallet opens with the first statement that has it.
    """
    first: dict[tuple[str, str, str], dict[str, StatementRow]] = {}
    for row in statements:
        key = (row.source, row.account, row.shop)
        if key in inputs.wallets and row.first is not None and row.opening_minor is not None:
            best = first.setdefault(key, {}).setdefault(row.currency, row)
            if (row.first, row.order) < (best.first, best.order):
                first[key][row.currency] = row
    entries = []
    for key, found in sorted(first.items()):
        rows = [found[currency] for currency in sorted(found) if found[currency].opening_minor]
        if rows:
            entries.append(
                JournalEntry(
                    day=inputs.opening_day,
                    source="/".join(("opening", *(part for part in key if part))),
                    payee=say(PAYEES["opening"]),
                    narration=rows[0].file,
                    records=len(rows),
                    postings=tuple(
                        Posting(
                            account=account,
                            amount_minor=sign * (row.opening_minor or 0),
                            currency=row.currency,
                        )
                        for row in rows
                        for account, sign in ((inputs.wallets[key], 1), (OPENING, -1))
                    ),
                )
            )
    return entries


def assertions(statements: Sequence[StatementRow], inputs: Inputs) -> list[Assertion]:
    """A balance per proven statement, at the end of its last complete day."""
    found = {
        Assertion(
            day=row.last,
            account=inputs.wallets[row.source, row.account, row.shop],
            amount_minor=row.covered_closing_minor,
            currency=row.currency,
            source=f"{row.source}/{row.account}",
        )
        for row in statements
        if row.last is not None
        and row.first is not None
        and row.last >= row.first
        and row.covered_closing_minor is not None
        and row.chained
        and (row.source, row.account, row.shop) in inputs.wallets
    }
    return sorted(found, key=lambda a: (a.day, a.account, a.amount_minor))


def with_late(
    entries: Iterable[JournalEntry], frozen: FrozenJournal, say: Translate
) -> list[JournalEntry]:
    """Entries of open days as they are; of closed days only what frozen text does not say yet."""
    if frozen.closed is None:
        return list(entries)
    late_day = frozen.closed + ONE_DAY
    every = list(entries)
    kept = [entry for entry in every if entry.day > frozen.closed]
    old = [entry for entry in every if entry.day <= frozen.closed]
    renamed = _renamed(old, frozen)
    said = dict(frozen.amounts)
    for entry in old:
        before = said.pop(renamed.get(entry.identity, entry.identity), {})
        # Text from before postings had owners says of no part whose it is: nor do corrections.
        plain = {key[:2] for key in before if not key[2]} - {key[:2] for key in before if key[2]}
        now: Amounts = defaultdict(int)
        for posting in entry.postings:
            owner = () if (posting.account, posting.currency) in plain else posting.owner
            now[posting.account, posting.currency, owner] += posting.amount_minor
        rest = {key: now.get(key, 0) - before.get(key, 0) for key in {*now, *before}}
        kept += _late(entry, rest, late_day)
    for (source, key, day), before in said.items():
        gone = JournalEntry(
            day=day,
            source=source,
            key=key or None,
            payee=_payee(source, say),
            narration=say(CORRECTION),
            postings=(),
            records=0,
        )
        kept += _late(gone, {pair: -amount for pair, amount in before.items()}, late_day)
    return kept


def _renamed(entries: Iterable[JournalEntry], frozen: FrozenJournal) -> dict[Identity, Identity]:
    """Bank lines that frozen text knows by another key: the same day and amount, and no key's own.

    What a line is known by may change with the version that reads it; its money does not.
    """
    keyed = {entry.identity: entry.postings[0] for entry in entries if entry.key is not None}
    lost: dict[tuple[str, datetime.date, str, str, int], list[Identity]] = defaultdict(list)
    for identity in sorted(frozen.amounts.keys() - keyed.keys()):
        source, key, day = identity
        for (account, currency, _owner), amount in frozen.amounts[identity].items():
            if key:
                lost[source, day, account, currency, amount].append(identity)
    found = {}
    for identity in sorted(keyed.keys() - frozen.amounts.keys()):
        source, _key, day = identity
        bank = keyed[identity]
        same = lost.get((source, day, bank.account, bank.currency, bank.amount_minor))
        if same:
            found[identity] = same.pop(0)
    return found


def _late(entry: JournalEntry, rest: Amounts, day: datetime.date) -> list[JournalEntry]:
    postings = tuple(
        Posting(account=account, amount_minor=amount, currency=currency, owner=owner)
        for (account, currency, owner), amount in sorted(rest.items())
        if amount
    )
    if not postings:
        return []
    return [replace(entry, day=day, event_date=entry.day, postings=postings)]


def to_text(entry: JournalEntry) -> str:
    """The entry as Beancount text, ending in a newline."""
    lines = [f"{entry.day.isoformat()} * {quote(entry.payee)} {quote(entry.narration)}"]
    lines.append(f"  source: {quote(entry.source)}")
    if entry.event_date is not None:
        lines.append(f"  event-date: {entry.event_date.isoformat()}")
    if entry.key is not None:
        lines.append(f"  key: {quote(entry.key)}")
    else:
        lines.append(f"  records: {entry.records}")
    for name, value in entry.meta:
        lines.append(f"  {name}: {value if isinstance(value, int) else quote(value)}")
    width = max(len(posting.account) for posting in entry.postings)
    for posting in entry.postings:
        amount = format_minor(posting.amount_minor, posting.currency)
        lines.append(f"  {posting.account:{width}}  {amount:>14} {posting.currency}")
        lines += [f"    {name}: {quote(value)}" for name, value in posting.owner]
    return "\n".join(lines) + "\n"


def slug(source: str) -> str:
    """A source as a file name: `orders/taobao` is `orders-taobao`."""
    return re.sub(r"[^\w.-]+", "-", source).strip("-.") or "other"


def files(entries: Iterable[JournalEntry], balances: Iterable[Assertion]) -> dict[str, str]:
    """Journal text by path relative to the books."""
    parts: dict[str, list[tuple[tuple[object, ...], str]]] = defaultdict(list)
    for entry in entries:
        month = f"journal/{entry.day.year}/{entry.day.month:02d}"
        order = (entry.day, 1, entry.source, entry.event_date or entry.day)
        parts[f"{month}/{slug(entry.source)}.beancount"].append((order, to_text(entry)))
    for balance in balances:
        month = f"journal/{balance.day.year}/{balance.day.month:02d}"
        text = (
            f"{(balance.day + ONE_DAY).isoformat()} balance {balance.account}  "
            f"{format_minor(balance.amount_minor, balance.currency)} ~ 0.00 {balance.currency}\n"
        )
        order = (balance.day, 2, balance.account, balance.day)
        parts[f"{month}/{slug(balance.source)}.beancount"].append((order, text))
    return {
        path: "\n".join(text for _order, text in sorted(blocks, key=lambda block: block[0]))
        for path, blocks in sorted(parts.items())
    }
