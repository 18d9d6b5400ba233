"""How reconciliation went: month by month from the records, run by run as the runs noted it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import Period
from beanclear.ledger.reconciliation import Reconciliation
from beanclear.ledger.statements.table import Column, Kind, Row, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run.

    Attributes:
      at: when it was made, UTC.
      as_of: the latest day an account was judged at.
      matched: groups that were closed up to it; in_transit: those not yet due.
      at_stake_minor: of the open items, in minor units.
      new: items that were not open at the run before; cleared: those that were and are no more.
      days: from the events of those to this run's as-of date, added up.
    """

    at: datetime.datetime
    as_of: datetime.date
    matched: int
    in_transit: int
    open_items: int
    at_stake_minor: int
    new: int
    cleared: int
    days: int


def run_by_run(runs: Sequence[Run], currency: str) -> Table:
    """How reconciliation stood at each run, as the runs noted it.

    Days to clear: from an item's event to the as-of date of the run that found it closed.
    """
    rows = []
    for run in runs:
        rows.append(
            Row(
                cells=(
                    f"{run.at:%Y-%m-%d %H:%M}",
                    run.as_of,
                    *_standing(run.matched, run.in_transit, run.open_items),
                    run.new,
                    run.cleared,
                    run.days // run.cleared if run.cleared else None,
                    run.at_stake_minor,
                )
            )
        )
    return Table(
        name="trends-runs",
        title=_("Reconciliation run by run"),
        currency=currency,
        columns=(
            Column(name="run", heading=_("Run at (UTC)")),
            Column(name="as_of", heading=_("As of"), kind=Kind.DATE),
            *_standing_columns(),
            Column(name="new", heading=_("New"), kind=Kind.COUNT),
            Column(name="cleared", heading=_("Cleared"), kind=Kind.COUNT),
            Column(name="days_to_clear", heading=_("Mean days to clear"), kind=Kind.COUNT),
            Column(name="at_stake", heading=_("At stake"), kind=Kind.MONEY),
        ),
        rows=tuple(rows),
        notes=()
        if rows
        else (_("No run with an as-of date in this period is noted on this machine."),),
    )


def month_by_month(
    judge: Callable[[Period], Reconciliation], months: Sequence[Period]
) -> list[Table]:
    """How reconciliation stood at the end of each month: matched, in transit, open, match rate.

    Every month is judged anew from the records, so the figures do not depend on when runs
    were made. `judge` gives the clearing accounts at the end of a period.
    """
    rows = []
    currency = "CNY"
    for month in months:
        found = judge(month)
        matched = sum(one.count for state in found.states for one in state.matched)
        transit = sum(state.in_transit_count for state in found.states)
        open_count = sum(state.open_count for state in found.states)
        currency = found.states[0].currency if found.states else currency
        ages = [
            (state.as_of - item.date).days
            for state in found.states
            for item in found.items
            if item.account == state.account and item.currency == state.currency
        ]
        rows.append(
            Row(
                cells=(
                    month.name,
                    *_standing(matched, transit, open_count),
                    sum(ages) // len(ages) if ages else None,
                    sum(item.at_stake_minor for item in found.items),
                )
            )
        )
    return [
        Table(
            name="trends",
            title=_("Reconciliation month by month"),
            currency=currency,
            columns=(
                Column(name="month", heading=_("Month")),
                *_standing_columns(),
                Column(name="age", heading=_("Mean age of open items in days"), kind=Kind.COUNT),
                Column(name="at_stake", heading=_("At stake"), kind=Kind.MONEY),
            ),
            rows=tuple(rows),
        )
    ]


def _standing_columns() -> tuple[Column, ...]:
    return (
        Column(name="matched", heading=_("Matched"), kind=Kind.COUNT),
        Column(name="in_transit", heading=_("In transit"), kind=Kind.COUNT),
        Column(name="open", heading=_("Open"), kind=Kind.COUNT),
        Column(name="match_rate", heading=_("Match rate"), kind=Kind.RATE),
        Column(name="exception_rate", heading=_("Exception rate"), kind=Kind.RATE),
    )


def _standing(matched: int, transit: int, open_count: int) -> tuple[int | None, ...]:
    """The cells of `_standing_columns`; rates are of what fell due: matched and open."""
    judged = matched + open_count
    return (
        matched,
        transit,
        open_count,
        matched * 1_000_000 // judged if judged else None,
        open_count * 1_000_000 // judged if judged else None,
    )
