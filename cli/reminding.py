"""What a run reminds of: no verdicts, but what an accountant would want to be told."""

from __future__ import annotations

from collections.abc import Iterator

from beanclear.cli.bookkeeping import Computed
from beanclear.ledger import chart
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.i18n import ngettext

BEHIND_DAYS = 7


def reminders(computed: Computed) -> Iterator[str]:
    """Sentences in the reader's language, most important first."""
    yield from _sides(computed)
    yield from _gaps(computed)
    yield from _assumed(computed)
    yield from _calendar(computed)
    yield from _without_balance(computed)
    yield from _opened(computed)


def _sides(computed: Computed) -> Iterator[str]:
    for state in computed.found.states:
        if state.awaiting == "wallet":
            yield _(
                "%(account)s: no wallet statement was ever imported, so nothing on it can be judged"
            ) % {"account": state.account}
        elif state.awaiting == "bank":
            yield _(
                "%(account)s: no bank statement was ever imported, so nothing on it can be judged"
            ) % {"account": state.account}
    for platform in computed.wallet_only:
        yield _(
            "%(platform)s: there is no order export; its wallet lines are booked as income as they"
            " come"
        ) % {"platform": chart.platform_component(platform)}


def _gaps(computed: Computed) -> Iterator[str]:
    coverage = computed.inputs.coverage
    newest = max((found.reach for found in coverage.values()), default=None)
    for key, found in sorted(coverage.items()):
        for gap in found.gaps:
            yield _(
                "%(source)s: no statement covers %(first)s to %(last)s; accounts are judged only up"
                " to there"
            ) % {"source": key, "first": gap.first.isoformat(), "last": gap.last.isoformat()}
        if newest is not None and (newest - found.reach).days > BEHIND_DAYS:
            yield _(
                "%(source)s: its newest statement ends on %(last)s, others reach %(newest)s"
            ) % {
                "source": key,
                "last": found.reach.isoformat(),
                "newest": newest.isoformat(),
            }


def _assumed(computed: Computed) -> Iterator[str]:
    if computed.unrated:
        yield _(
            "%(currencies)s: there is no booked rate in [[rates]] of beanclear.toml, so conversions"
            " were taken at their own rate, without exchange gain or loss"
        ) % {"currencies": ", ".join(computed.unrated)}
    if computed.completions_assumed:
        count = computed.completions_assumed
        yield ngettext(
            "%(count)d completed order has no completion date; it took that of the first export"
            " that shows it",
            "%(count)d completed orders have no completion date; they took that of the first"
            " export that shows them",
            count,
        ) % {"count": count}
    if computed.completions_paid:
        count = computed.completions_paid
        yield ngettext(
            "%(count)d completed order has no completion date; it took the day on which its money"
            " came to the wallet",
            "%(count)d completed orders have no completion date; they took the day on which their"
            " money came to the wallet",
            count,
        ) % {"count": count}
    if computed.tax_free:
        count = computed.tax_free
        yield ngettext(
            "%(count)d order states a tax of 0.00 and is booked without VAT; leave the cell empty"
            " where the rate of [[vat]] is meant",
            "%(count)d orders state a tax of 0.00 and are booked without VAT; leave the cell empty"
            " where the rate of [[vat]] is meant",
            count,
        ) % {"count": count}
    if computed.settled_unfinished:
        count = computed.settled_unfinished
        yield ngettext(
            "%(count)d settled order is not completed in any export yet: its money stands in"
            " advances. Export orders again for the last two months.",
            "%(count)d settled orders are not completed in any export yet: their money stands in"
            " advances. Export orders again for the last two months.",
            count,
        ) % {"count": count}


def _calendar(computed: Computed) -> Iterator[str]:
    for year in computed.years_estimated:
        yield _(
            "%(year)d: its holidays were not announced when this version was made, so only weekends"
            " count as free; add them to [calendar] in beanclear.toml"
        ) % {"year": year}


def _without_balance(computed: Computed) -> Iterator[str]:
    owners = computed.inputs.wallets
    known: dict[str, bool] = {}
    for row in computed.statements:
        wallet = owners.get((row.source, row.account, row.shop))
        if wallet is not None:
            known[wallet] = known.get(wallet, False) or row.opening_minor is not None
    for wallet in sorted(wallet for wallet, has_balance in known.items() if not has_balance):
        yield _(
            "%(account)s: its exports hold no balances; its opening balance is taken as zero."
            " If it was not, enter it below manual/."
        ) % {"account": wallet}


def _opened(computed: Computed) -> Iterator[str]:
    day = computed.inputs.opening_day
    if any(row.opening_minor for row in computed.statements):
        yield _(
            "Opening balances were taken from the earliest statements and booked on %(day)s"
        ) % {"day": day.isoformat()}
        if (day.month, day.day) != (12, 31):
            yield _(
                "The books begin within the year, after %(day)s: in statements of that year the"
                " opening balances of the year are those of that day, and the year so far begins"
                " there. Before filing, add the balances of 1 January and the turnover up to then."
            ) % {"day": day.isoformat()}
