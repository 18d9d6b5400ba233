"""账龄分析: open items and what is not yet due, of each clearing account, by age in days.

Age runs from the event to the account's as-of date (P8). Each row ties to the account's balance.
Below them stand the advances (预收账款, 合同负债) of orders that are no sale yet, from the day on
which the order was paid.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable

from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.reconciliation import Reconciliation
from beanclear.ledger.statements.ages import AGES, age_bucket
from beanclear.ledger.statements.general_ledger import GeneralLedger, label_of
from beanclear.ledger.statements.table import Column, Kind, Row, Style, Table

_BUCKETS = tuple(age_bucket(first) for first, _last in AGES)


def ageing(found: Reconciliation, ledger: GeneralLedger, language: str) -> list[Table]:
    """One table for each currency, a row for each clearing account that is not empty."""
    currencies = sorted(
        {state.currency for state in found.states} | {one.currency for one in found.advances}
    )
    return [_table(found, currency, ledger, language) for currency in currencies]


def _table(found: Reconciliation, currency: str, ledger: GeneralLedger, language: str) -> Table:
    states = [state for state in found.states if state.currency == currency]
    as_of = {state.account: state.as_of for state in states}
    open_sums: dict[tuple[str, str], int] = defaultdict(int)
    for item in found.items:
        if item.currency == currency and item.account in as_of:
            age = (as_of[item.account] - item.date).days
            open_sums[item.account, age_bucket(age)] += item.amount_minor
    rows = []
    untied = 0
    for state in states:
        parts = [open_sums[state.account, bucket] for bucket in _BUCKETS]
        total = state.in_transit_minor + sum(parts)
        untied += abs(total - state.balance_minor)
        if any((state.in_transit_minor, *parts)):
            figures = (state.in_transit_minor, *parts, total)
            rows.append(
                Row(
                    cells=(
                        label_of(ledger, state.account, language),
                        state.account,
                        state.as_of,
                        *figures,
                    ),
                    accounts=(state.account,),
                )
            )
    rows += _advances(found, currency, ledger, language)
    sums = _sums(rows)
    added = tuple((1, place) for place in range(len(rows)))
    rows.append(Row(cells=(_("Total"), "", None, *sums), style=Style.TOTAL, adds=added))
    return Table(
        name=f"ageing-{currency}",
        title=_("Ageing of open items"),
        currency=currency,
        columns=(
            Column(name="name", heading=_("Name")),
            Column(name="account", heading=_("Account")),
            Column(name="as_of", heading=_("As of"), kind=Kind.DATE),
            Column(name="in_transit", heading=_("Not yet due"), kind=Kind.MONEY),
            *(
                Column(
                    name=f"open_{bucket}",
                    heading=_("%(age)s days") % {"age": bucket},
                    kind=Kind.MONEY,
                )
                for bucket in _BUCKETS
            ),
            Column(name="total", heading=_("Total"), kind=Kind.MONEY),
        ),
        rows=tuple(rows),
        checks={_("items less balances"): untied},
    )


def _advances(
    found: Reconciliation, currency: str, ledger: GeneralLedger, language: str
) -> list[Row]:
    """A row for each account of advances; credit balances are negative, as in the books."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    as_of: dict[str, datetime.date] = {}
    for one in found.advances:
        if one.currency == currency:
            sums[one.account][age_bucket((one.as_of - one.day).days)] += one.amount_minor
            as_of[one.account] = one.as_of
    return [
        Row(
            cells=(
                label_of(ledger, account, language),
                account,
                as_of[account],
                *(0, *(parts[bucket] for bucket in _BUCKETS), sum(parts.values())),
            ),
            accounts=(account,),
        )
        for account, parts in sorted(sums.items())
        if any(parts.values())
    ]


def _sums(rows: Iterable[Row]) -> list[int]:
    held = list(rows)
    return [
        sum(value for row in held if isinstance(value := row.cells[place], int))
        for place in range(3, 3 + len(_BUCKETS) + 2)
    ]
