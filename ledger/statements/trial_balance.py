"""科目余额表 (trial balance) and 科目汇总表 (summary of accounts).

Opening and closing balance of every account with the period's debits and credits. Debits equal
credits in each pair of columns; the difference is a check of the table. Entries that open the
books stand in the opening balance of the period in which they are dated. An entry that exchanges
one currency for another at a price has one side in each table: checks leave such sides out.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import replace

from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import format_minor
from beanclear.ledger.periods import Period
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.statements.general_ledger import Entry, GeneralLedger
from beanclear.ledger.statements.level1 import english
from beanclear.ledger.statements.positions import opens
from beanclear.ledger.statements.table import Cell, Column, Kind, Row, Style, Table

Figures = tuple[int, int, int]  # opening (debit positive), debits, credits


def figures(ledger: GeneralLedger, period: Period, currency: str) -> dict[str, Figures]:
    """Account → its figures in one currency; accounts without any are left out."""
    moved = opened(ledger, period)
    opening = moved.balances(period.first - ONE_DAY, currency)
    movements = moved.movements(period.first, period.last, currency)
    return {
        account: (opening.get(account, 0), *movements.get(account, (0, 0)))
        for account in sorted({*opening, *movements})
        if opening.get(account) or account in movements
    }


def opened(ledger: GeneralLedger, period: Period) -> GeneralLedger:
    """The ledger with what opens the books within the period brought to before its first day.

    What opens them later stays there: before it there were no books.
    """
    before = period.first - ONE_DAY
    return replace(
        ledger,
        entries=tuple(
            replace(entry, day=before)
            if period.first <= entry.day <= period.last and opens(entry)
            else entry
            for entry in ledger.entries
        ),
    )


def trial_balance(ledger: GeneralLedger, period: Period, language: str) -> list[Table]:
    """One table for each currency of the books, accounts in the order of their codes.

    Columns: code, account, opening debit and credit, debits and credits of the period, closing
    debit and credit. A row of level 1 sums its sub-accounts, so only these rows add up to the
    total.
    """
    return [
        _table(ledger, figures(ledger, period, currency), currency, period, language)
        for currency in currencies(ledger)
    ]


def currencies(ledger: GeneralLedger) -> list[str]:
    """The books' currency first, then the others by name."""
    others = {money for _account, money in ledger.daily} - {ledger.currency}
    return [ledger.currency, *sorted(others)]


def _table(
    ledger: GeneralLedger,
    found: dict[str, Figures],
    currency: str,
    period: Period,
    language: str,
) -> Table:
    rows: list[Row] = []
    totals: list[int] = []
    for level1, accounts in _by_level1(ledger, found):
        totals.append(len(rows))
        sums = [found[account] for account in accounts]
        label = level1_label(ledger, accounts, language)
        rows.append(_row((level1, label), sums, tuple(accounts), Style.LINE))
        for account in accounts:
            one = ledger.accounts[account]
            if one.code != level1:
                rows.append(
                    _row((one.code, one.label(language)), [found[account]], (account,), Style.PART)
                )
    added = tuple((1, place) for place in totals)
    cells = _total([rows[place].cells for place in totals])
    rows.append(Row(cells=("", _("Total"), *cells), style=Style.TOTAL, adds=added))
    before = sum(_exchanges(ledger, datetime.date.min, period.first - ONE_DAY, currency))
    within = sum(_exchanges(ledger, period.first, period.last, currency))
    pairs = {
        _("opening"): (0, 1, before),
        _("period"): (2, 3, within),
        _("closing"): (4, 5, before + within),
    }
    return Table(
        name="trial-balance" if currency == ledger.currency else f"trial-balance-{currency}",
        title=_("Trial balance"),
        currency=currency,
        header=((_("Period"), period.name),),
        columns=(
            Column(name="code", heading=_("Code")),
            Column(name="account", heading=_("Account")),
            Column(name="opening_debit", heading=_("Opening debit"), kind=Kind.MONEY),
            Column(name="opening_credit", heading=_("Opening credit"), kind=Kind.MONEY),
            Column(name="debit", heading=_("Debit"), kind=Kind.MONEY),
            Column(name="credit", heading=_("Credit"), kind=Kind.MONEY),
            Column(name="closing_debit", heading=_("Closing debit"), kind=Kind.MONEY),
            Column(name="closing_credit", heading=_("Closing credit"), kind=Kind.MONEY),
        ),
        rows=tuple(rows),
        notes=_exchange_note(before + within, currency),
        checks={
            _("debits less credits, %(what)s") % {"what": what}: (
                cells[debit] - cells[credit] - exchanged
            )
            for what, (debit, credit, exchanged) in pairs.items()
        },
    )


def exchanged(entry: Entry, currency: str) -> int:
    """What an entry moves in one currency against others at a price; 0 when it has no price."""
    if not any(posting.price or posting.cost for posting in entry.source.postings):
        return 0
    return sum(line.amount_minor for line in entry.lines if line.currency == currency)


def _exchanges(
    ledger: GeneralLedger, first: datetime.date, last: datetime.date, currency: str
) -> Iterator[int]:
    return (exchanged(entry, currency) for entry in ledger.between(first, last))


def _exchange_note(amount: int, currency: str) -> tuple[str, ...]:
    if not amount:
        return ()
    said = {"amount": f"{format_minor(amount, currency)} {currency}"}
    return (_("Exchanges at a price move %(amount)s against other currencies by the end.") % said,)


def _by_level1(ledger: GeneralLedger, found: Iterable[str]) -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for account in found:
        groups.setdefault(ledger.accounts[account].level1, []).append(account)
    return [
        (level1, sorted(accounts, key=lambda name: (ledger.accounts[name].code, name)))
        for level1, accounts in sorted(groups.items())
    ]


def level1_label(ledger: GeneralLedger, accounts: list[str], language: str) -> str:
    """The name of the level-1 account that these accounts stand below."""
    first = ledger.accounts[accounts[0]]
    if language == "zh":
        return first.chinese.partition("-")[0]
    return english(first.level1, first.name) or first.english


def _row(
    head: tuple[str, str], sums: list[Figures], accounts: tuple[str, ...], style: Style
) -> Row:
    """Balances stand on the side of each account; a level-1 row adds the sides, nets nothing."""
    opening = [figure[0] for figure in sums]
    closing = [first + debit - credit for first, debit, credit in sums]
    cells: tuple[Cell, ...] = (
        *head,
        sum(max(value, 0) for value in opening),
        sum(max(-value, 0) for value in opening),
        sum(debit for _opening, debit, _credit in sums),
        sum(credit for _opening, _debit, credit in sums),
        sum(max(value, 0) for value in closing),
        sum(max(-value, 0) for value in closing),
    )
    return Row(cells=cells, style=style, accounts=accounts)


def _total(rows: list[tuple[Cell, ...]]) -> tuple[int, ...]:
    return tuple(
        sum(value for row in rows if isinstance(value := row[place], int)) for place in range(2, 8)
    )


def summary_of_accounts(ledger: GeneralLedger, period: Period, language: str) -> Table:
    """科目汇总表: debits and credits of the period by level-1 account, in the books' currency."""
    found = figures(ledger, period, ledger.currency)
    rows = []
    for level1, accounts in _by_level1(ledger, found):
        debit = sum(found[account][1] for account in accounts)
        credit = sum(found[account][2] for account in accounts)
        if debit or credit:
            label = level1_label(ledger, accounts, language)
            rows.append(Row(cells=(level1, label, debit, credit), accounts=tuple(accounts)))
    debit_sum = sum(value for row in rows if isinstance(value := row.cells[2], int))
    credit_sum = sum(value for row in rows if isinstance(value := row.cells[3], int))
    added = tuple((1, place) for place in range(len(rows)))
    rows.append(Row(cells=("", _("Total"), debit_sum, credit_sum), style=Style.TOTAL, adds=added))
    return Table(
        name="summary-of-accounts",
        title=_("Summary of accounts"),
        currency=ledger.currency,
        header=((_("Period"), period.name),),
        columns=(
            Column(name="code", heading=_("Code")),
            Column(name="account", heading=_("Account")),
            Column(name="debit", heading=_("Debit"), kind=Kind.MONEY),
            Column(name="credit", heading=_("Credit"), kind=Kind.MONEY),
        ),
        rows=tuple(rows),
        checks={
            _("debits less credits, %(what)s") % {"what": _("period")}: (
                debit_sum
                - credit_sum
                - sum(_exchanges(ledger, period.first, period.last, ledger.currency))
            )
        },
    )
