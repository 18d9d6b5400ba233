"""The cash flow statement by the direct method, entry by entry.

An entry's lines sum to zero, so what its cash accounts gain is exactly what its other lines
lose: each other line brings (or takes) its own signed amount, on the row of its account. A sale
of 100 that reaches the wallet as 94 after a fee of 6 is 100 received and 6 paid. So the rows of
every entry add up to its change in cash, whatever the entry looks like; movements between cash
accounts drop out by themselves.

A payout that is overdue is no cash on the balance sheet but a receivable. So it leaves cash when it
becomes one and comes back when it arrives, as money paid to and received from other debtors: cash
at the end is what the balance sheet shows.
"""

from __future__ import annotations

import datetime
import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.statements.definition import Definition, FormRow
from beanclear.ledger.statements.forms import Values
from beanclear.ledger.statements.general_ledger import Entry, GeneralLedger, Line
from beanclear.ledger.statements.positions import Basis, code_of, positions

RECEIVABLE: Final = "1221"  # 其他应收款 of both standards, where overdue payouts stand
_REMEMBERED: Final = 4096  # codes of accounts; books have hundreds


@functools.lru_cache(maxsize=_REMEMBERED)
def is_cash(definition: Definition, code: str) -> bool:
    """Whether an account with this code is cash."""
    return any(term.holds(code) for term in definition.cash)


def parts_of(
    definition: Definition, ledger: GeneralLedger, entry: Entry
) -> Iterator[tuple[FormRow, Line, int]]:
    """Of each line on the other side of cash its row, and the money that came in by it.

    Money that left is negative. The amounts add up to the entry's change in cash; all lines are
    in one currency (`positions.in_books_currency`).

    Raises:
      BooksError: no row takes an account that moved cash; names the entry.
    """
    lines = [(line, code_of(ledger, line.account)) for line in entry.lines if line.amount_minor]
    if not any(is_cash(definition, code) for _line, code in lines):
        return
    for line, code in lines:
        if is_cash(definition, code):
            continue
        row = row_of(definition, code, "out" if line.amount_minor > 0 else "in")
        if row is None:
            raise BooksError(
                _("no row of the cash flow statement takes money against %(account)s (%(code)s)")
                % {"account": line.account, "code": code},
                _("add its code to a row of %(file)s")
                % {"file": f"reports/{definition.name}.toml"},
                where=entry.place,
            )
        yield row, line, -line.amount_minor


def of_entry(definition: Definition, ledger: GeneralLedger, entry: Entry) -> dict[str, int]:
    """Row id → money that came in by an entry, negative when it left.

    Raises:
      BooksError: as `parts_of`.
    """
    found: dict[str, int] = defaultdict(int)
    for row, _line, amount in parts_of(definition, ledger, entry):
        found[row.id] += amount
    return found


@functools.lru_cache(maxsize=_REMEMBERED)
def row_of(definition: Definition, code: str, direction: str) -> FormRow | None:
    """The row of a counter-account: the longest code that fits, with a direction before without.

    `direction` of the money is `in` or `out`.
    """
    best: tuple[int, int] | None = None
    chosen = None
    for row in definition.rows:
        for term in row.terms:
            if term.part in {"", direction} and term.holds(code):
                rank = (len(term.code.rstrip("*")), len(term.part))
                if best is None or rank > best:
                    best, chosen = rank, row
    return chosen


def values(
    definition: Definition,
    ledger: GeneralLedger,
    period: tuple[datetime.date, datetime.date],
    basis: Basis,
) -> tuple[Values, dict[str, tuple[str, ...]]]:
    """Row id → its figure as the form shows it, and the accounts behind each row.

    Raises:
      BooksError: as `of_entry`.
    """
    first, last = period
    received: dict[str, int] = defaultdict(int)
    accounts: dict[str, set[str]] = defaultdict(set)
    for entry in ledger.between(first, last):
        for row, line, amount in parts_of(definition, ledger, entry):
            received[row.id] += amount
            accounts[row.id].add(line.account)
    eve = first - datetime.timedelta(days=1)
    late, late_before = (overdue_at(definition, ledger, day, basis) for day in (last, eve))
    for account in sorted({*late, *late_before}):
        left = late.get(account, 0) - late_before.get(account, 0)
        other = row_of(definition, RECEIVABLE, "out" if left > 0 else "in") if left else None
        if other is not None:
            received[other.id] -= left
            accounts[other.id].add(account)
    found = as_shown(definition, received, cash_at(definition, ledger, eve, basis))
    return found, {name: tuple(sorted(others)) for name, others in accounts.items()}


def as_shown(definition: Definition, received: Mapping[str, int], before: int) -> Values:
    """Row id → its figure as the form shows it; `before` is the cash at the beginning."""
    found: Values = {}
    for row in definition.rows:
        if not row.heading:
            moved = received.get(row.id, 0)
            found[row.id] = (
                (-moved if row.outflow else moved)
                + (before if row.role == "opening" else 0)
                + sum(factor * found[other] for factor, other in row.adds)
            )
    return found


def cash_at(definition: Definition, ledger: GeneralLedger, day: datetime.date, basis: Basis) -> int:
    """The balance of all cash accounts at the end of a day, without what is overdue."""
    return sum(
        position.balance - position.overdue
        for position in positions(ledger, day, basis)
        if is_cash(definition, position.code)
    )


def overdue_at(
    definition: Definition, ledger: GeneralLedger, day: datetime.date, basis: Basis
) -> dict[str, int]:
    """Cash account → what of it is overdue at the end of a day."""
    return {
        position.account: position.overdue
        for position in positions(ledger, day, basis)
        if position.overdue and is_cash(definition, position.code)
    }
