"""What each account stands at on a day, seen the way statements see it.

A balance is not enough: a receivable of 100 with an order that was paid twice is 150 due to us
and 50 owed by us, and both belong into the statement, on two rows.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from beanclear.ledger.chart import OPENING
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.statements.general_ledger import Entry, GeneralLedger, Line

OPENING_SOURCE = "opening"


class MissingRateError(BooksError):
    """No rate says what foreign money is worth."""


# (amount in minor units, currency, day) → minor units of the books' currency; none: no rate
Translate = Callable[[int, str, datetime.date], int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What the items of one clearing account add up to at a day.

    Attributes:
      debit_minor: items that are due to us; credit_minor: items we owe; both positive, their
        difference is the account's balance at its as-of date.
      overdue_minor: of its balance, what is an open item; debit positive.
    """

    debit_minor: int
    credit_minor: int
    overdue_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One account at the end of one day, in minor units of the books' currency.

    Attributes:
      balance: debit positive, `debit` - `credit`.
      overdue: of it, what is past due (transit accounts only have use for it).
      vat: of `credit`, the VAT contained in advances.
    """

    account: str
    code: str
    balance: int
    debit: int
    credit: int
    overdue: int = 0
    vat: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What statements need beside the books' entries.

    Attributes:
      splits: day → clearing account → its items' sums; an account that is not in it is taken by
        its balance.
      vat_ppm: account of advances → the VAT rate contained in them, in millionths.
      translate: values foreign money in the books' currency at the booked rate of a day (see
        `in_books_currency`); none: books have only one.
    """

    splits: Mapping[datetime.date, Mapping[str, Split]] = field(default_factory=dict)
    vat_ppm: Mapping[str, int] = field(default_factory=dict)
    translate: Translate | None = None


def positions(ledger: GeneralLedger, day: datetime.date, basis: Basis) -> list[Position]:
    """Every account's position at the end of `day`, by account name.

    Raises:
      BooksError: an account with a balance has no code, or holds foreign money.
    """
    sums = _summed(
        (
            (account, currency, sum(amount for when, amount in days if when <= day))
            for (account, currency), days in ledger.daily.items()
        ),
        ledger,
    )
    splits = basis.splits.get(day, {})
    found = []
    for account, balance in sorted(sums.items()):
        split = splits.get(account)
        debit = split.debit_minor if split else 0
        credit = split.credit_minor if split else 0
        # What the items do not reach to, such as postings after their as-of date, by its sign.
        rest = balance - (debit - credit)
        debit, credit = debit + max(rest, 0), credit + max(-rest, 0)
        if not (balance or debit or credit):
            continue
        ppm = basis.vat_ppm.get(account, 0)
        found.append(
            Position(
                account=account,
                code=code_of(ledger, account),
                balance=balance,
                debit=debit,
                credit=credit,
                overdue=split.overdue_minor if split else 0,
                vat=contained_vat(credit, ppm),
            )
        )
    return found


def movements(ledger: GeneralLedger, first: datetime.date, last: datetime.date) -> list[Position]:
    """Every account's movement of these days.

    Raises:
      BooksError: as `positions`.
    """
    lines = (
        (line.account, line.currency, line.amount_minor)
        for entry in ledger.between(first, last)
        for line in entry.lines
    )
    return [
        Position(
            account=account,
            code=code_of(ledger, account),
            balance=balance,
            debit=max(balance, 0),
            credit=max(-balance, 0),
        )
        for account, balance in sorted(_summed(lines, ledger).items())
        if balance
    ]


def closes(ledger: GeneralLedger, entry: Entry, closing: str) -> bool:
    """Whether an entry carries profit and loss over to the account 本年利润 (`closing`)."""
    return any(
        line.amount_minor
        and line.account in ledger.accounts
        and ledger.accounts[line.account].level1 == closing
        for line in entry.lines
    )


def opens(entry: Entry) -> bool:
    """Whether an entry brings what was there before the books began.

    Those that beanclear writes say so; of the owner's own, and of decisions on items from before,
    the other side is the account of opening balances.
    """
    return str(entry.meta.get("source", "")).partition("/")[0] == OPENING_SOURCE or any(
        line.account == OPENING for line in entry.lines
    )


def with_openings_before(ledger: GeneralLedger, day: datetime.date) -> GeneralLedger:
    """The ledger as if what was there when the books began had been there before `day`.

    Books that begin within a year have their opening balances in the columns 年初余额 and
    期初现金余额, not among the year's movements.
    """
    before = day - datetime.timedelta(days=1)
    return replace(
        ledger,
        entries=tuple(
            replace(entry, day=before) if opens(entry) and entry.day >= day else entry
            for entry in ledger.entries
        ),
    )


def contained_vat(gross: int, ppm: int) -> int:
    """The VAT in a gross amount at a rate in millionths, half up; 0 for a rate of 0."""
    return (abs(gross) * ppm * 2 + 1_000_000 + ppm) // (2 * (1_000_000 + ppm)) if ppm else 0


def code_of(ledger: GeneralLedger, account: str) -> str:
    """The account's number in the chart.

    Raises:
      BooksError: it has none.
    """
    found = ledger.accounts.get(account)
    if found is None or not found.code:
        raise BooksError(
            _("%(account)s has no account code") % {"account": account},
            _('add `code: "…"` to its `open` in accounts.beancount'),
        )
    return found.code


def in_books_currency(ledger: GeneralLedger, basis: Basis) -> GeneralLedger:
    """The ledger with every line in the books' currency, at the booked rate of its day.

    What rounding leaves of an entry, or the price of an exchange differs from the booked rate,
    goes to its largest foreign line, so that every entry still sums to zero. Balances in foreign
    money are thus worth what they were booked at; revaluing them is an entry of the accountant.

    Raises:
      MissingRateError: no rate says what foreign money is worth.
    """
    if all(currency == ledger.currency for _account, currency in ledger.daily):
        return ledger
    return replace(ledger, entries=tuple(_valued(entry, ledger, basis) for entry in ledger.entries))


def _valued(entry: Entry, ledger: GeneralLedger, basis: Basis) -> Entry:
    foreign = [
        place
        for place, line in enumerate(entry.lines)
        if line.currency != ledger.currency and line.amount_minor
    ]
    if not foreign:
        return entry
    lines = list(entry.lines)
    for place in foreign:
        line = lines[place]
        value = basis.translate and basis.translate(line.amount_minor, line.currency, entry.day)
        if value is None:
            raise _foreign(line.account, line.currency)
        lines[place] = replace(line, amount_minor=value, currency=ledger.currency)
    rest = sum(line.amount_minor for line in lines if line.currency == ledger.currency)
    largest = max(foreign, key=lambda place: abs(lines[place].amount_minor))
    lines[largest] = _less(lines[largest], rest)
    return replace(entry, lines=tuple(lines))


def _less(line: Line, amount: int) -> Line:
    return replace(line, amount_minor=line.amount_minor - amount)


def _foreign(account: str, currency: str) -> MissingRateError:
    return MissingRateError(
        _("%(account)s holds %(currency)s, and no rate says what it is worth")
        % {"account": account, "currency": currency},
        _("add a [[rates]] entry to beanclear.toml"),
    )


def _summed(lines: Iterable[tuple[str, str, int]], ledger: GeneralLedger) -> dict[str, int]:
    sums: dict[str, int] = {}
    for account, currency, amount in lines:
        if currency != ledger.currency:
            if amount:
                raise _foreign(account, currency)
            continue
        sums[account] = sums.get(account, 0) + amount
    return sums
