"""明细账 and 总账: an account's entries one by one, and level-1 accounts month by month.

Both begin with the balance carried forward. A month ends with its sums (本月合计) and those of the
year so far (本年累计), as 会计基础工作规范 §63 wants it; a longer period ends with its own sums.
The balance column is debit positive; its side stands beside it (借, 贷, 平).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from beanclear.ledger import naming
from beanclear.ledger.errors import UsageError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import Period, months
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.statements.general_ledger import GeneralLedger
from beanclear.ledger.statements.table import Cell, Column, Kind, Row, Style, Table
from beanclear.ledger.statements.trial_balance import level1_label, opened

# Day, voucher number, summary, amount (debit positive) of one posting.
_Move = tuple[datetime.date, str, str, int]
# The last day of a month → account → debits and credits of the year up to then.
_ToDate = Mapping[datetime.date, Mapping[str, tuple[int, int]]]


def chosen(ledger: GeneralLedger, wanted: str) -> list[str]:
    """The accounts that a code, a Beancount name or a Chinese name means, with all below it.

    Raises:
      UsageError: none is meant.
    """
    found = [
        name for name, account in ledger.accounts.items() if naming.within(wanted.strip(), account)
    ]
    if not found:
        raise UsageError(
            _("there is no account %(name)s") % {"name": wanted},
            _("name an account such as Assets:Bank, a code such as 1002, or what it is called"),
        )
    return sorted(found, key=lambda name: (ledger.accounts[name].code, name))


def detailed(
    ledger: GeneralLedger,
    period: Period,
    accounts: Sequence[str],
    language: str,
    numbers: Mapping[int, str] | None = None,
) -> list[Table]:
    """One table for each account and currency that has a balance or entries in the period.

    `numbers` gives the voucher number of each entry by its place in the ledger.
    """
    moved = opened(ledger, period)
    lines = _lines_of(moved, period, frozenset(accounts), numbers or {})
    currencies = {money for _name, money in moved.daily}
    to_date = {money: _to_date(ledger, period, money) for money in currencies}
    tables = []
    for account in accounts:
        for currency in sorted({money for name, money in moved.daily if name == account}):
            days = moved.daily[account, currency]
            before = sum(amount for day, amount in days if day < period.first)
            moves = lines.get((account, currency), ())
            if moves or before:
                one = ledger.accounts[account]
                tables.append(
                    Table(
                        name=f"{account}-{currency}",
                        title=f"{one.code} {one.label(language)}".strip(),
                        currency=currency,
                        header=((_("Account"), account), (_("Period"), period.name)),
                        columns=_columns(),
                        rows=_entry_by_entry(period, before, moves, account, to_date[currency]),
                    )
                )
    return tables


def _lines_of(
    ledger: GeneralLedger, period: Period, wanted: Set[str], numbers: Mapping[int, str]
) -> dict[tuple[str, str], list[_Move]]:
    """Account and currency → what moved on it in the period, in the order of the books."""
    found: dict[tuple[str, str], list[_Move]] = {}
    for place, entry in enumerate(ledger.entries):
        if not period.first <= entry.day <= period.last:
            continue
        text = " ".join(part for part in (entry.payee, entry.narration) if part)
        for line in entry.lines:
            if line.account in wanted:
                move = (entry.day, numbers.get(place, ""), text, line.amount_minor)
                found.setdefault((line.account, line.currency), []).append(move)
    return found


def _to_date(ledger: GeneralLedger, period: Period, currency: str) -> _ToDate:
    """What moved in the year up to the end of each month; what opens the books did not move."""
    first = period.first.replace(month=1, day=1)
    moved = opened(ledger, Period(name="", first=first, last=period.last))
    return {last: moved.movements(first, last, currency) for _first, last in months(period)}


def _entry_by_entry(
    period: Period, before: int, moves: Sequence[_Move], account: str, to_date: _ToDate
) -> tuple[Row, ...]:
    balance = before
    rows = [_row((period.first, "", _("Brought forward"), None, None), balance, Style.HEADING)]
    for first, last in months(period):
        mine = [move for move in moves if first <= move[0] <= last]
        for day, number, text, amount in mine:
            balance += amount
            sides = (amount, None) if amount >= 0 else (None, -amount)
            rows.append(_row((day, number, text, *sides), balance))
        # A month of many in which nothing moved is left out.
        if mine or (last == period.last and not moves):
            sums = _sides(amount for *_said, amount in mine)
            rows += _month_end(last, sums, to_date[last].get(account, (0, 0)), balance)
    return (*rows, *_end(period, _sides(amount for *_said, amount in moves), balance))


def _sides(amounts: Iterable[int]) -> tuple[int, int]:
    """Debits and credits, both positive."""
    found = list(amounts)
    return sum(max(amount, 0) for amount in found), sum(max(-amount, 0) for amount in found)


def _month_end(
    last: datetime.date, sums: tuple[int, int], to_date: tuple[int, int], balance: int
) -> Iterator[Row]:
    yield _row((last, "", _("Month's total"), *sums), balance, Style.TOTAL)
    yield _row((last, "", _("Year to date"), *to_date), balance)


def _end(period: Period, sums: tuple[int, int], balance: int) -> Iterator[Row]:
    if len(list(months(period))) > 1:
        yield _row((period.last, "", _("Total"), *sums), balance, Style.TOTAL)


def _row(cells: tuple[Cell, ...], balance: int, style: Style = Style.LINE) -> Row:
    return Row(cells=(*cells, side(balance), abs(balance)), style=style)


def side(balance: int) -> str:
    """On which side a balance stands: 借, 贷 or 平."""
    if balance == 0:
        return _("nil")
    return _("Dr") if balance > 0 else _("Cr")


def _columns() -> tuple[Column, ...]:
    return (
        Column(name="date", heading=_("Date"), kind=Kind.DATE),
        Column(name="voucher", heading=_("Voucher")),
        Column(name="summary", heading=_("Summary")),
        Column(name="debit", heading=_("Debit"), kind=Kind.MONEY),
        Column(name="credit", heading=_("Credit"), kind=Kind.MONEY),
        Column(name="side", heading=_("Dr/Cr")),
        Column(name="balance", heading=_("Balance"), kind=Kind.MONEY),
    )


def general(ledger: GeneralLedger, period: Period, language: str) -> list[Table]:
    """总账: each level-1 account month by month, in the books' currency."""
    moved = opened(ledger, period)
    groups: dict[str, list[str]] = {}
    for name, account in sorted(ledger.accounts.items()):
        if any((name, ledger.currency) == pair for pair in moved.daily):
            groups.setdefault(account.level1, []).append(name)
    before = moved.balances(period.first - ONE_DAY)
    sums = [(last, moved.movements(first, last)) for first, last in months(period)]
    to_date = _to_date(ledger, period, ledger.currency)
    return [
        Table(
            name=level1,
            title=f"{level1} {level1_label(ledger, names, language)}",
            currency=ledger.currency,
            header=((_("Period"), period.name),),
            columns=_columns(),
            rows=_by_month(period, names, before, sums, to_date),
        )
        for level1, names in sorted(groups.items())
    ]


def _by_month(
    period: Period,
    names: Sequence[str],
    before: Mapping[str, int],
    sums: Sequence[tuple[datetime.date, Mapping[str, tuple[int, int]]]],
    to_date: _ToDate,
) -> tuple[Row, ...]:
    balance = sum(before.get(name, 0) for name in names)
    rows = [_row((period.first, "", _("Brought forward"), None, None), balance, Style.HEADING)]
    debits = credit_sum = 0
    for last, movements in sums:
        debit, credit = _together(movements, names)
        balance += debit - credit
        debits, credit_sum = debits + debit, credit_sum + credit
        rows += _month_end(last, (debit, credit), _together(to_date[last], names), balance)
    return (*rows, *_end(period, (debits, credit_sum), balance))


def _together(movements: Mapping[str, tuple[int, int]], names: Sequence[str]) -> tuple[int, int]:
    """Debits and credits of several accounts."""
    moved = [movements.get(name, (0, 0)) for name in names]
    return sum(debit for debit, _credit in moved), sum(credit for _debit, credit in moved)
