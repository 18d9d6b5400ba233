"""明细账 and 总账: an account's entries one by one, and level-1 accounts month by month.

Both begin with the balance carried forward and end with the period's sums and the closing
balance (本期合计). The balance column is debit positive; its side stands beside it (借, 贷, 平).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from beanclear.ledger.errors import UsageError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import Period, months
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.statements.general_ledger import GeneralLedger
from beanclear.ledger.statements.table import Cell, Column, Kind, Row, Style, Table
from beanclear.ledger.statements.trial_balance import level1_label, opened

# Day, voucher number, summary, amount (debit positive) of one posting.
_Move = tuple[datetime.date, str, str, int]


def chosen(ledger: GeneralLedger, wanted: str) -> list[str]:
    """The accounts that a code (with all below it) or a Beancount name (with its subtree) means.

    Raises:
      UsageError: none is meant.
    """
    found = [
        name
        for name, account in ledger.accounts.items()
        if wanted in {name, account.code}
        or name.startswith(wanted + ":")
        or account.code.startswith(wanted + ".")
    ]
    if not found:
        raise UsageError(
            _("there is no account %(name)s") % {"name": wanted},
            _("name an account such as Assets:Bank, or a code such as 1002"),
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
    tables = []
    for account in accounts:
        for currency in sorted({money for name, money in moved.daily if name == account}):
            days = moved.daily[account, currency]
            before = sum(amount for day, amount in days if day < period.first)
            rows = list(_detailed_rows(period, before, lines.get((account, currency), ())))
            if len(rows) > 2 or rows[0].cells[-1]:  # noqa: PLR2004 - brought forward and total
                one = ledger.accounts[account]
                tables.append(
                    Table(
                        name=f"{account}-{currency}",
                        title=f"{one.code} {one.label(language)}".strip(),
                        currency=currency,
                        header=((_("Account"), account), (_("Period"), period.name)),
                        columns=_columns(),
                        rows=tuple(rows),
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


def _detailed_rows(period: Period, before: int, moves: Iterable[_Move]) -> Iterator[Row]:
    balance = before
    yield _row((period.first, "", _("Brought forward"), None, None), balance, Style.HEADING)
    debits = credit_sum = 0
    for day, number, text, amount in moves:
        balance += amount
        debits, credit_sum = debits + max(amount, 0), credit_sum + max(-amount, 0)
        sides = (amount, None) if amount >= 0 else (None, -amount)
        yield _row((day, number, text, *sides), balance)
    yield _row((period.last, "", _("Total"), debits, credit_sum), balance, Style.TOTAL)


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
    return [
        Table(
            name=level1,
            title=f"{level1} {level1_label(ledger, names, language)}",
            currency=ledger.currency,
            header=((_("Period"), period.name),),
            columns=_columns(),
            rows=_by_month(period, names, before, sums),
        )
        for level1, names in sorted(groups.items())
    ]


def _by_month(
    period: Period,
    names: Sequence[str],
    before: Mapping[str, int],
    sums: Sequence[tuple[datetime.date, Mapping[str, tuple[int, int]]]],
) -> tuple[Row, ...]:
    balance = sum(before.get(name, 0) for name in names)
    rows = [_row((period.first, "", _("Brought forward"), None, None), balance, Style.HEADING)]
    debits = credit_sum = 0
    for last, movements in sums:
        moved = [movements.get(name, (0, 0)) for name in names]
        debit, credit = sum(one for one, _c in moved), sum(one for _d, one in moved)
        balance += debit - credit
        debits, credit_sum = debits + debit, credit_sum + credit
        rows.append(_row((last, "", _("Month's total"), debit, credit), balance))
    rows.append(_row((period.last, "", _("Total"), debits, credit_sum), balance, Style.TOTAL))
    return tuple(rows)
