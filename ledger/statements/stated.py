"""What the text of the books says was open on a day, for statements made without the records."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from beanclear.ledger.beancount_text import minor
from beanclear.ledger.statements.general_ledger import GeneralLedger
from beanclear.ledger.statements.positions import Basis, Split, Translate
from beanclear.ledger.vocabulary import InTransit, OpenItem, Reconciled

_Judged = frozenset[tuple[str, datetime.date]]  # account and as-of date


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The items of clearing accounts as the text states them.

    Attributes:
      splits: as-of date → account → its items, in the books' currency.
      summed: where several items in transit stand in one sum, in which debits and credits may
        have met.
      judged: every account and day that is an as-of date; `latest`: the last of each account.
    """

    splits: Mapping[datetime.date, Mapping[str, Split]]
    summed: _Judged
    judged: _Judged
    latest: Mapping[str, datetime.date]


def stated(
    transit: Sequence[InTransit],
    items: Sequence[OpenItem],
    reconciled: Iterable[Reconciled],
    currency: str,
) -> Stated:
    """The directives of the reconciliation, now and at the end of closed periods, put together."""
    sums: dict[datetime.date, dict[str, list[int]]] = defaultdict(
        lambda: defaultdict(lambda: [0, 0, 0])
    )
    every: list[InTransit | OpenItem] = [*transit, *items]
    for item in every:
        if item.amount.currency == currency:
            amount, found = minor(item.amount), sums[item.as_of][item.account]
            found[0 if amount > 0 else 1] += abs(amount)
            found[2] += amount if isinstance(item, OpenItem) else 0
    judged = frozenset((word.account, word.date) for word in reconciled)
    latest: dict[str, datetime.date] = {}
    for account, day in judged:
        latest[account] = max(day, latest.get(account, day))
    return Stated(
        splits={
            day: {
                account: Split(debit_minor=debit, credit_minor=credit, overdue_minor=overdue)
                for account, (debit, credit, overdue) in accounts.items()
            }
            for day, accounts in sums.items()
        },
        summed=frozenset((one.account, one.as_of) for one in transit if one.count > 1),
        judged=judged,
        latest=latest,
    )


def basis_of(
    said: Stated, ledger: GeneralLedger, days: Iterable[datetime.date], translate: Translate | None
) -> tuple[Basis, list[str]]:
    """The items of clearing accounts at the end of these days.

    Returns:
      The basis, and the accounts of which the text does not say every item on such a day: it was no
      as-of date and they have been judged to a later one since, or items stand in one sum.
    """
    moved = {
        account: min(day for day, _amount in found)
        for (account, _currency), found in ledger.daily.items()
    }
    splits: dict[datetime.date, dict[str, Split]] = defaultdict(dict)
    unknown: set[str] = set()
    for day in days:
        for account, last in said.latest.items():
            as_of = day if (account, day) in said.judged else last
            if as_of > day:
                unknown.update({account} if moved.get(account, as_of) <= day else ())
                continue
            unknown.update({account} if (account, as_of) in said.summed else ())
            found = said.splits.get(as_of, {}).get(account)
            if found is not None:
                splits[day][account] = found
    return Basis(splits=splits, translate=translate), sorted(unknown)
