"""对账报告: how each clearing account of a platform and shop was reconciled in a period.

    balance before + debits − credits = balance at the end = not yet due + open items

The balances are those of the general ledger, the items those of matching: that the two agree is
the check of each table (P1). What was matched in the period is what was matched up to its end
less what was matched up to its beginning. Amounts are minor units, debit positive.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from beanclear.ledger import chart
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.labels import label
from beanclear.ledger.periods import Period
from beanclear.ledger.reconciliation import ClearingState, Item, Reconciliation, Rest
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.statements.ages import age_bucket
from beanclear.ledger.statements.dimensions import NO_NAMES
from beanclear.ledger.statements.general_ledger import GeneralLedger, label_of
from beanclear.ledger.statements.names import Names
from beanclear.ledger.statements.table import Cell, Column, Kind, Row, Style, Table
from beanclear.ledger.vocabulary import ItemClass

_ORDER = {str(klass): index for index, klass in enumerate(ItemClass)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One clearing account in one currency, with what a period did to it.

    Attributes:
      state: at the period's end, or as far as it can be judged.
      balance: of the general ledger on that day; `before` at the end of the day before the period.
      moved: debits and credits of the general ledger between the two.
      matched: pass → (groups, their debits) that were closed in the period.
      closed: class of a difference → (how many, their sum) that policy closed in the period.
      items: what is open.
    """

    state: ClearingState
    balance: int
    before: int
    moved: tuple[int, int]
    matched: Mapping[str, tuple[int, int]]
    closed: Mapping[str, tuple[int, int]]
    items: Sequence[Item]

    @property
    def explained(self) -> int:
        """What items not yet due and open items add up to."""
        return self.state.in_transit_minor + sum(item.amount_minor for item in self.items)


def cases(
    ledger: GeneralLedger, period: Period, now: Reconciliation, before: Reconciliation
) -> list[Case]:
    """Every clearing account; `now` and `before` are judged at the period's end and beginning."""
    earlier = {(state.account, state.currency): state for state in before.states}
    items: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in now.items:
        items[item.account, item.currency].append(item)
    found = []
    for state in sorted(now.states, key=lambda one: (one.account, one.currency)):
        key = (state.account, state.currency)
        last = min(state.as_of, period.last)
        first = min(period.first, last + ONE_DAY)
        balances = {day: ledger.balances(day, state.currency) for day in (first - ONE_DAY, last)}
        found.append(
            Case(
                state=state,
                balance=balances[last].get(state.account, 0),
                before=balances[first - ONE_DAY].get(state.account, 0),
                moved=ledger.movements(first, last, state.currency).get(state.account, (0, 0)),
                matched=_matched(state, earlier.get(key)),
                closed=_closed(now.rests, key, (first, last)),
                items=items[key],
            )
        )
    return found


def _matched(now: ClearingState, before: ClearingState | None) -> dict[str, tuple[int, int]]:
    past = {one.name: (one.count, one.amount_minor) for one in (before.matched if before else ())}
    found = {}
    for one in now.matched:
        count, amount = past.get(one.name, (0, 0))
        if one.count != count or one.amount_minor != amount:
            found[one.name] = (one.count - count, one.amount_minor - amount)
    return found


def _closed(
    rests: Iterable[Rest], key: tuple[str, str], days: tuple[datetime.date, datetime.date]
) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for rest in rests:
        if (rest.account, rest.currency) == key and days[0] <= rest.day <= days[1]:
            count, amount = found.get(rest.klass, (0, 0))
            found[rest.klass] = (count + 1, amount + rest.amount_minor)
    return dict(sorted(found.items()))


def tables(
    found: Sequence[Case],
    ledger: GeneralLedger,
    period: Period,
    language: str,
    names: Names = NO_NAMES,
) -> list[Table]:
    """An overview by platform and shop for each currency, then a table for each account."""
    currencies = list(dict.fromkeys(case.state.currency for case in found)) or [ledger.currency]
    return [
        *(
            _overview(
                [case for case in found if case.state.currency == money], money, period, names
            )
            for money in currencies
        ),
        *(_account(case, ledger, period, language) for case in found),
    ]


def _overview(found: Sequence[Case], currency: str, period: Period, names: Names) -> Table:
    rows = []
    for case in found:
        state, (platform, shop) = case.state, chart.owner(case.state.account)
        count = sum(one for one, _amount in case.matched.values())
        amount = sum(one for _count, one in case.matched.values())
        judged = count + state.open_count
        cells: tuple[Cell, ...] = (
            names.platform(platform),
            names.value("shop", shop) if shop else "",
            state.account,
            state.as_of,
            count,
            amount,
            count * 1_000_000 // judged if judged else None,
            state.in_transit_count,
            state.in_transit_minor,
            len(case.items),
            sum(item.amount_minor for item in case.items),
            case.balance,
        )
        rows.append(Row(cells=cells, accounts=(state.account,)))
    sums = [
        sum(value for row in rows if isinstance(value := row.cells[place], int))
        if place in _SUMMED
        else None
        for place in range(4, 12)
    ]
    adds = tuple((1, place) for place in range(len(rows)))
    total: tuple[Cell, ...] = (_("Total"), "", "", None, *sums)
    rows.append(Row(cells=total, style=Style.TOTAL, adds=adds))
    return Table(
        name=f"reconciliation-{currency}",
        title=_("Reconciliation report"),
        currency=currency,
        header=((_("Period"), period.name),),
        columns=(
            Column(name="platform", heading=_("Platform")),
            Column(name="shop", heading=_("Shop")),
            Column(name="account", heading=_("Account")),
            Column(name="as_of", heading=_("As of"), kind=Kind.DATE),
            Column(name="matched", heading=_("Matched"), kind=Kind.COUNT),
            Column(name="matched_amount", heading=_("Amount matched"), kind=Kind.MONEY),
            Column(name="match_rate", heading=_("Match rate"), kind=Kind.RATE),
            Column(name="in_transit", heading=_("Not yet due"), kind=Kind.COUNT),
            Column(name="in_transit_amount", heading=_("Amount not yet due"), kind=Kind.MONEY),
            Column(name="open", heading=_("Open"), kind=Kind.COUNT),
            Column(name="open_amount", heading=_("Amount open"), kind=Kind.MONEY),
            Column(name="balance", heading=_("Balance"), kind=Kind.MONEY),
        ),
        rows=tuple(rows),
        checks={
            _("not yet due and open less the balances of the ledger"): sum(
                abs(case.explained - case.balance) for case in found
            )
        },
    )


_SUMMED = frozenset({4, 5, 7, 8, 9, 10, 11})  # places of the overview that add up over accounts


def _account(case: Case, ledger: GeneralLedger, period: Period, language: str) -> Table:
    rows: list[Row] = []

    def add(
        text: str,
        age: str,
        figures: tuple[int | None, int, int | None],
        style: Style = Style.LINE,
        adds: tuple[tuple[int, int], ...] = (),
    ) -> int:
        rows.append(Row(cells=(text, age, *figures), style=style, adds=adds))
        return len(rows) - 1

    state, (debit, credit) = case.state, case.moved
    parts = (
        (1, add(_("Balance before"), "", (None, case.before, None))),
        (1, add(_("Debit"), "", (None, debit, None))),
        (-1, add(_("Credit"), "", (None, credit, None))),
    )
    add(_("Balance of the ledger"), "", (None, case.balance, None), Style.TOTAL, parts)
    for name, (count, amount) in case.matched.items():
        add(_("Matched: %(what)s") % {"what": label(name)}, "", (count, amount, None), Style.PART)
    for name, (count, amount) in case.closed.items():
        what = {"what": label(name)}
        add(_("Closed as a difference: %(what)s") % what, "", (count, amount, None), Style.PART)
    waiting = (state.in_transit_count, state.in_transit_minor, None)
    explained = [(1, add(_("Not yet due"), "", waiting))]
    for (klass, age), items in _by_class_and_age(case).items():
        figures = (
            len(items),
            sum(item.amount_minor for item in items),
            sum(item.at_stake_minor for item in items),
        )
        explained.append((1, add(_("Open: %(what)s") % {"what": label(klass)}, age, figures)))
    sums = (
        state.in_transit_count + len(case.items),
        case.explained,
        sum(item.at_stake_minor for item in case.items),
    )
    add(_("Not yet due and open"), "", sums, Style.TOTAL, tuple(explained))
    return Table(
        name=f"{state.account}-{state.currency}",
        title=label_of(ledger, state.account, language),
        currency=state.currency,
        header=(
            (_("Account"), state.account),
            (_("Period"), period.name),
            (_("As of"), state.as_of.isoformat()),
        ),
        columns=(
            Column(name="part", heading=_("Item")),
            Column(name="age", heading=_("Age in days")),
            Column(name="count", heading=_("Count"), kind=Kind.COUNT),
            Column(name="amount", heading=_("Amount"), kind=Kind.MONEY),
            Column(name="at_stake", heading=_("At stake"), kind=Kind.MONEY),
        ),
        rows=tuple(rows),
        checks={
            _("not yet due and open less the balance of the ledger"): case.explained - case.balance
        },
        several=True,
    )


def _by_class_and_age(case: Case) -> dict[tuple[str, str], list[Item]]:
    groups: dict[tuple[str, str], list[Item]] = defaultdict(list)
    oldest: dict[str, int] = {}
    for item in case.items:
        age = (case.state.as_of - item.date).days
        bucket = age_bucket(age)
        oldest[bucket] = max(age, oldest.get(bucket, age))
        groups[item.klass, bucket].append(item)
    return dict(
        sorted(
            groups.items(),
            key=lambda one: (_ORDER.get(one[0][0], len(_ORDER)), oldest[one[0][1]]),
        )
    )
