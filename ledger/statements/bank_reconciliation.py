"""银行存款余额调节表: the book balance of a bank account against the bank's statement.

An auditor expects, for every bank account and month end, both balances from their own sources,
each item that only one side has, and that both balances are equal once these items are adjusted:

    book + received by the bank, not booked - paid by the bank, not booked
      = statement + booked as received, not at the bank - booked as paid, not at the bank

The four kinds are the 未达账项. Bank lines are booked from the statement itself, so an item arises
in two ways only:

- A line of the bank that came after its month was closed is booked on the first open day and says
  its own day as `event-date`: at the month's end the bank has it, the books do not.
- An entry that no statement made (a manual entry or a decision) stands in the books and not at the
  bank, until a later entry of the same amount on the other side takes it back.

What an item is about stays with it: bank lines without an explanation are booked against the
suspense account, and payouts on their way in transit. Both are told below the table as notes,
because they change neither balance. Items older than 90 days are marked: an auditor asks for each.

The statement's balance is that of the `statement` directive whose days hold the month's end,
less the lines after it; else a `balance` assertion of the next day; else the opening balance of a
statement that begins the next day. Without any of them the month says so and checks nothing.
Entries against `Equity:Opening-Balances` bring what was there before, and count as agreed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from beancount.core.data import Balance, Directives

from beanclear.ledger import vocabulary
from beanclear.ledger.beancount_text import minor
from beanclear.ledger.chart import OPENING
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import format_minor
from beanclear.ledger.periods import Period, months
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.statements.general_ledger import Entry, GeneralLedger
from beanclear.ledger.statements.table import Cell, Column, Kind, Row, Style, Table
from beanclear.ledger.vocabulary import StatementEntry

BANKS = "Assets:Bank:"
SUSPENSE = "Assets:Suspense:"
TRANSIT = "Assets:Transit:"
OLD = 90  # days after which an item is marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One posting on a bank account.

    Attributes:
      booked: its day in the books.
      banked: its day at the bank; none when no statement made it.
      amount_minor: received positive.
    """

    booked: datetime.date
    banked: datetime.date | None
    amount_minor: int
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An item that one side has at the month's end; `day` is its day on that side."""

    day: datetime.date
    amount_minor: int
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementBalance:
    """What the bank says: the balance, and how it is known; `until` is the last complete day."""

    amount_minor: int
    source: str
    until: datetime.date


def reconciliations(
    ledger: GeneralLedger, entries: Directives, period: Period, language: str
) -> list[Table]:
    """One table for each bank account, currency and month that had begun by then.

    Months that begin after the last entry of the books have none: nobody can say anything of them.
    `entries` are the loaded directives, for statements and balance assertions. Each table's check
    is the adjusted book balance less the adjusted statement balance.
    """
    statements = [one.entry for one in vocabulary.read(entries, StatementEntry)]
    balances = [entry for entry in entries if isinstance(entry, Balance)]
    tables = []
    for account, currency in sorted(ledger.daily):
        if not account.startswith(BANKS):
            continue
        moves = list(_moves(ledger, account, currency))
        said = _Said(account, currency, statements, balances)
        for first, end in months(period):
            if first <= ledger.entries[-1].day and any(move.booked <= end for move in moves):
                found = said.at(end, moves)
                tables.append(_table(ledger, (account, currency, end, language), moves, found))
    return tables


def _moves(ledger: GeneralLedger, account: str, currency: str) -> Iterator[Move]:
    for entry in ledger.entries:
        for line in entry.lines:
            if (line.account, line.currency) != (account, currency) or not line.amount_minor:
                continue
            event = entry.meta.get("event-date")
            day = event if isinstance(event, datetime.date) else entry.day
            yield Move(
                booked=entry.day,
                banked=day if _agreed(entry) else None,
                amount_minor=line.amount_minor,
                summary=" ".join(part for part in (entry.payee, entry.narration) if part),
            )


def _agreed(entry: Entry) -> bool:
    """Whether the bank has it too: a statement made it, or it brings what was there before."""
    return isinstance(entry.meta.get("source"), str) or any(
        line.account == OPENING for line in entry.lines
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """What statements and assertions say of one account."""

    account: str
    currency: str
    statements: Sequence[StatementEntry]
    balances: Sequence[Balance]

    def at(self, end: datetime.date, moves: Sequence[Move]) -> StatementBalance | None:
        """The bank's balance at the end of a day; none when nothing says it."""
        own = [one for one in self.statements if one.account == self.account]
        for one in sorted(own, key=lambda one: one.date, reverse=True):
            until = max(one.date, one.last)
            closing = one.closing
            if closing and closing.currency == self.currency and one.first <= end <= until:
                after = sum(
                    move.amount_minor
                    for move in moves
                    if move.banked is not None and end < move.banked <= one.date
                )
                return StatementBalance(
                    amount_minor=minor(closing) - after,
                    source=one.file or one.source,
                    until=min(one.last, end),
                )
        return self._asserted(end) or self._opened(own, end)

    def _asserted(self, end: datetime.date) -> StatementBalance | None:
        for one in self.balances:
            wanted = (self.account, end + ONE_DAY, self.currency)
            if (one.account, one.date, one.amount.currency) == wanted:
                file = str(one.meta.get("filename", "")).rpartition("/")[2]
                return StatementBalance(
                    amount_minor=minor(one.amount),
                    source=f"balance, {file}:{one.meta.get('lineno', 0)}",
                    until=end,
                )
        return None

    def _opened(self, own: Iterable[StatementEntry], end: datetime.date) -> StatementBalance | None:
        for one in own:
            opening = one.opening
            if opening and opening.currency == self.currency and one.first == end + ONE_DAY:
                return StatementBalance(
                    amount_minor=minor(opening), source=one.file or one.source, until=end
                )
        return None


def _not_booked(moves: Iterable[Move], end: datetime.date) -> list[Pending]:
    """What the bank had by `end` and the books only had later."""
    return [
        Pending(day=move.banked, amount_minor=move.amount_minor, summary=move.summary)
        for move in moves
        if move.banked is not None and move.banked <= end < move.booked
    ]


def _not_banked(moves: Iterable[Move], end: datetime.date) -> list[Pending]:
    """What the books had by `end` and no statement; pairs that take each other back are left out.

    A bank line that is booked before its day at the bank does not occur.
    """
    waiting: list[Pending] = []
    for move in moves:
        if move.banked is not None or move.booked > end:
            continue
        back = next((one for one in waiting if one.amount_minor == -move.amount_minor), None)
        if back is not None:
            waiting.remove(back)
        else:
            waiting.append(
                Pending(day=move.booked, amount_minor=move.amount_minor, summary=move.summary)
            )
    return waiting


def _table(
    ledger: GeneralLedger,
    of: tuple[str, str, datetime.date, str],
    moves: Sequence[Move],
    said: StatementBalance | None,
) -> Table:
    account, currency, end, language = of
    book = sum(move.amount_minor for move in moves if move.booked <= end)
    bank = said.amount_minor if said else None
    late, early = _not_booked(moves, end), _not_banked(moves, end)
    rows = [Row(cells=(_("Balance"), None, "", None, "", book, bank), accounts=(account,))]
    kinds = (
        (_("Add: received by the bank, not yet booked"), late, 1, 0),
        (_("Less: paid by the bank, not yet booked"), late, -1, 0),
        (_("Add: booked as received, not yet at the bank"), early, 1, 1),
        (_("Less: booked as paid, not yet at the bank"), early, -1, 1),
    )
    adds, adjusted = [(1, 0)], [book, bank]
    for label, items, sign, side in kinds:
        chosen = [item for item in items if item.amount_minor * sign > 0]
        total = sum(abs(item.amount_minor) for item in chosen)
        adds.append((sign, len(rows)))
        rows.append(_row((label, None, "", None, ""), total, side))
        rows += [_item(item, end, side) for item in chosen]
        value = adjusted[side]
        adjusted[side] = None if value is None else value + sign * total
    cells: tuple[Cell, ...] = (_("Adjusted balance"), None, "", None, "", *adjusted)
    rows.append(Row(cells=cells, style=Style.TOTAL, adds=tuple(adds)))
    ours, theirs = adjusted
    known = {} if ours is None or theirs is None else {_adjusted(): ours - theirs}
    one = ledger.accounts.get(account)
    return Table(
        name=f"bank-{account}-{currency}-{end:%Y-%m}",
        title=_("Bank reconciliation"),
        currency=currency,
        header=(
            (_("Account"), f"{one.code} {one.label(language)}".strip() if one else account),
            (_("At the end of"), end.isoformat()),
            (_("Currency"), currency),
        ),
        columns=_columns(),
        rows=tuple(rows),
        notes=tuple(_notes(ledger, account, currency, end, said)),
        checks=known,
    )


def _adjusted() -> str:
    return _("adjusted book balance less adjusted statement balance")


def _row(head: tuple[Cell, ...], value: int, side: int, style: Style = Style.LINE) -> Row:
    return Row(cells=(*head, *((None, value) if side else (value, None))), style=style)


def _item(item: Pending, end: datetime.date, side: int) -> Row:
    age = (end - item.day).days
    mark = _("older than %(days)d days") % {"days": OLD} if age > OLD else ""
    return _row(("", item.day, item.summary, age, mark), abs(item.amount_minor), side, Style.PART)


def _columns() -> tuple[Column, ...]:
    return (
        Column(name="item", heading=_("Item")),
        Column(name="date", heading=_("Date"), kind=Kind.DATE),
        Column(name="summary", heading=_("Summary")),
        Column(name="days", heading=_("Days"), kind=Kind.COUNT),
        Column(name="mark", heading=_("Mark")),
        Column(name="book", heading=_("Books"), kind=Kind.MONEY),
        Column(name="statement", heading=_("Bank statement"), kind=Kind.MONEY),
    )


def _notes(
    ledger: GeneralLedger,
    account: str,
    currency: str,
    end: datetime.date,
    said: StatementBalance | None,
) -> Iterator[str]:
    if said is None:
        yield _("No statement and no balance assertion says the bank's balance at the month's end.")
    else:
        yield _("Statement balance from %(source)s.") % {"source": said.source}
        if said.until < end:
            yield _("The statement is known to be complete only to %(day)s.") % {
                "day": said.until.isoformat()
            }
    balances = ledger.balances(end, currency)
    suspense = SUSPENSE + account.removeprefix(BANKS)
    if balances.get(suspense):
        yield _("Booked bank lines that nothing explains yet: %(amount)s (%(account)s).") % {
            "amount": f"{format_minor(balances[suspense], currency)} {currency}",
            "account": suspense,
        }
    for name, balance in sorted(balances.items()):
        if name.startswith(TRANSIT) and balance > 0:
            yield _("Expected receipts, booked as in transit: %(amount)s (%(account)s).") % {
                "amount": f"{format_minor(balance, currency)} {currency}",
                "account": name,
            }
