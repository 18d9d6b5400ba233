"""The passes in order, over one connection: legs in, a `Reconciliation` out.

1. Decisions of the accountants (legs and groups they imply).
2. Key, one relational expression (`beanclear.matching.keyed`).
3. to 7. Reference, return, amount, assignment and sum, for payouts, what came of them and what
   came back (`beanclear.matching.payouts`).
8. Classification, part of the expression.

`link` runs the passes that make groups, once; `reconcile` nets and classifies at given as-of
dates and can be called again for another date (the end of a period that is being closed).
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from beanclear.ledger.calendar import Calendar
from beanclear.ledger.config import Config
from beanclear.ledger.fees import PayoutFee
from beanclear.ledger.money import format_minor
from beanclear.ledger.posting import trades
from beanclear.ledger.posting.inputs import table
from beanclear.ledger.reconciliation import (
    ClearingPolicy,
    ClearingState,
    ExtraLeg,
    Item,
    Matched,
    Reconciliation,
    Rest,
    Transit,
)
from beanclear.ledger.sql import Connection, run
from beanclear.ledger.vocabulary import ItemClass
from beanclear.matching import advances, contradictions, fee_checks, keyed
from beanclear.matching.payout_links import payout_links
from beanclear.matching.rests import ALL_LEGS, close_rests
from beanclear.matching.rules import Rulebooks

# What classes the two figures of an item are, for its explanation.
_FIGURES: Final = {
    ItemClass.SHORT: ("claimed", "received"),
    ItemClass.OVER: ("claimed", "received"),
    ItemClass.DUPLICATE: ("claimed", "received"),
    ItemClass.REFUND_MISMATCH: ("refund_expected", "refunded"),
}
# Items that leave no balance: they stand beside the groups, not among them.
_CHECKS: Final = frozenset({ItemClass.FEE_VARIANCE, ItemClass.ADVANCE, ItemClass.CONTRADICTION})
_BUCKETS: Final = frozenset({"opening", "opening-orders"})


def link(
    con: Connection,
    policies: Sequence[ClearingPolicy],
    extra: Sequence[ExtraLeg],
    decided: Iterable[tuple[str, str, tuple[str, ...]]],
    rulebooks: Rulebooks,
    *,
    fees: Sequence[PayoutFee] = (),
) -> tuple[Rest, ...]:
    """Make `all_legs`, grouped, and the rests that policy closes as differences.

    `decided` gives the groups the accountants matched, as (account, currency, keys), `rulebooks`
    what may match on transit accounts, `fees` what payouts lose on their way to the bank.
    """
    table(
        con,
        "policies",
        "account VARCHAR, clearing VARCHAR, grace_days INTEGER, currency VARCHAR,"
        " tolerance BIGINT, target VARCHAR",
        [
            (p.account, p.clearing, p.grace_days, p.currency, p.tolerance_minor, p.difference)
            for p in policies
        ],
    )
    table(
        con,
        "extra_legs",
        "account VARCHAR, currency VARCHAR, key VARCHAR, day DATE, amount_minor BIGINT,"
        " side VARCHAR",
        extra,
    )
    groups = {
        (account, currency, key): keys[0] for account, currency, keys in decided for key in keys
    }
    links, hints = payout_links(con, groups, rulebooks, fees)
    table(
        con,
        "links",
        "account VARCHAR, currency VARCHAR, key VARCHAR, grp VARCHAR, pass VARCHAR,"
        " evidence VARCHAR",
        [
            *((*place, grp, "decision", "") for place, grp in sorted(groups.items())),
            *links,
            *(link for link in _split_trades(con) if link[:3] not in groups),
        ],
    )
    one_sided = con.execute(
        "SELECT account, currency, key, $1, '', NULL FROM conversions_open ORDER BY ALL",
        [ItemClass.MISSING_CONVERSION.value],
    ).fetchall()
    table(
        con,
        "hints",
        "account VARCHAR, currency VARCHAR, grp VARCHAR, klass VARCHAR, candidates VARCHAR,"
        " note VARCHAR",
        [*hints, *one_sided, *_unnamed(con), *_unsure(con)],
    )
    con.execute(
        """
        UPDATE legs SET grp = k.grp FROM links k
        WHERE k.account = legs.account AND k.currency = legs.currency AND k.key = legs.key;
        CREATE OR REPLACE TEMP TABLE refunds_before AS
        SELECT r.receivable AS account, c.currency, c.order_id AS key, c.before_sale,
               c.refund_known_on
        FROM claims c JOIN receivables r ON r.platform = c.platform AND r.shop = c.shop
        WHERE c.before_sale > 0
        """
    )
    run(con, ALL_LEGS)
    return close_rests(con, fees)


def _unnamed(con: Connection) -> list[tuple[str, ...]]:
    """Hints for refunds whose order only a payment bill names that is not there."""
    return con.execute(
        "SELECT DISTINCT r.receivable, u.currency, u.order_key, $1, '', 'trade-bill'"
        " FROM unknown_orders u"
        " JOIN receivables r ON r.platform = u.platform AND r.shop = u.shop"
        " WHERE u.standing = 'unnamed' ORDER BY ALL",
        [ItemClass.MISSING_ORDER.value],
    ).fetchall()


def _split_trades(con: Connection) -> list[tuple[str, str, str, str, str, str]]:
    """The orders that one payment was split over, each with the sum that proves it."""
    parts: dict[tuple[str, str, str, bool], list[tuple[str, int]]] = defaultdict(list)
    for account, currency, key, trade, back, amount in run(con, trades.EVIDENCE).fetchall():
        parts[account, currency, trade, back].append((key, amount))
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for (account, currency, trade, _back), orders in sorted(parts.items()):
        shown = " + ".join(format_minor(amount, currency) for _key, amount in orders)
        total = format_minor(sum(amount for _key, amount in orders), currency)
        for key, _amount in orders:
            found[account, currency, key].append(f"{trade}: {shown} = {total}")
    return [
        (*place, place[2], "reference", "; ".join(evidence))
        for place, evidence in sorted(found.items())
    ]


def _unsure(con: Connection) -> list[tuple[str, str, str, str, str, str]]:
    """Lines that may pay several orders, as hints; an order elsewhere is shown with its account."""
    found: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for account, currency, key, why, other, order in run(con, trades.UNSURE).fetchall():
        found[account, currency, key, why].append(order if other == account else f"{other}/{order}")
    return [
        (account, currency, key, ItemClass.AMBIGUOUS.value, " ".join(named), f"{why}:{len(named)}")
        for (account, currency, key, why), named in sorted(found.items())
    ]


def reconcile(
    con: Connection,
    as_of: Mapping[str, tuple[datetime.date, str | None]],
    policies: Sequence[ClearingPolicy],
    config: Config,
    rests: tuple[Rest, ...],
) -> Reconciliation:
    """Net and classify every clearing account at its as-of date.

    `as_of` gives for each clearing account its date and what it still waits for (`wallet` or
    `bank` when that side was never imported). Accounts that are not in it are left out.
    """
    table(
        con,
        "as_of",
        "account VARCHAR, as_of DATE, awaiting VARCHAR",
        [(account, day, awaiting) for account, (day, awaiting) in sorted(as_of.items())],
    )
    run(con, keyed.GROUPS)
    run(con, keyed.BASES)
    run(con, keyed.REPEATS)
    fee_checks.compare(con, config)
    advances.compare(con)
    by_account = {policy.account: policy for policy in policies}
    rulebooks = Rulebooks(config)
    table(
        con,
        "dues",
        "account VARCHAR, day DATE, due DATE",
        [
            (account, day, _due(by_account[account], day, rulebooks.calendar(account, day)))
            for account, day in run(con, keyed.BASE_DAYS).fetchall()
        ],
    )
    run(con, keyed.STANDINGS)
    items = (
        *_items(con),
        *fee_checks.items(con),
        *advances.items(con),
        *contradictions.items(con),
    )
    matched: dict[tuple[str, str], list[Matched]] = defaultdict(list)
    for account, currency, name, count, amount in run(con, keyed.MATCHED).fetchall():
        matched[account, currency].append(Matched(name=name, count=count, amount_minor=amount))
    checks: dict[tuple[str, str], int] = defaultdict(int)
    for item in items:
        checks[item.account, item.currency] += item.klass in _CHECKS
    return Reconciliation(
        states=tuple(
            ClearingState(
                account=row[0],
                currency=row[1],
                as_of=row[2],
                awaiting=row[3],
                balance_minor=row[4],
                in_transit_minor=row[5],
                in_transit_count=row[6],
                open_minor=row[7],
                open_count=row[8] + checks[row[0], row[1]],
                matched=tuple(matched[row[0], row[1]]),
            )
            for row in run(con, keyed.STATES).fetchall()
        ),
        transits=tuple(
            Transit(
                account=row[0],
                currency=row[1],
                day=row[2],
                due=row[3],
                amount_minor=row[4],
                count=row[5],
            )
            for row in run(con, keyed.TRANSITS).fetchall()
        ),
        items=tuple(sorted(items, key=lambda i: (i.account, i.currency, i.date, i.klass, i.key))),
        rests=rests,
        advances=advances.by_day(con),
    )


def _due(policy: ClearingPolicy, day: datetime.date, calendar: Calendar) -> datetime.date:
    return policy.term.due(day, calendar) + datetime.timedelta(days=policy.grace_days)


def _items(con: Connection) -> list[Item]:
    result = run(con, keyed.ITEMS)
    names = [column[0] for column in result.description]
    items = []
    for values in result.fetchall():
        row: dict[str, Any] = dict(zip(names, values, strict=True))
        klass = ItemClass(row["verdict"])
        bucket = row["grp"] in _BUCKETS
        expected, found = _FIGURES.get(klass, (None, None))
        items.append(
            Item(
                account=row["account"],
                currency=row["currency"],
                key=row["grp"],
                klass=klass,
                amount_minor=row["rest"],
                at_stake_minor=abs(row["rest"]),
                date=row["day"],
                due=row["due"],
                order_id=None if bucket else row["order_id"],
                trade_id=None if bucket else row["trade_id"],
                payout_id=row["payout_id"],
                bank_ref=row["bank_ref"],
                counterparty=row["counterparty"],
                document=row["document"] or None,
                row=row["row"] or None,
                count=row["legs_so_far"] if bucket else None,
                expected_minor=row[expected] if expected else None,
                found_minor=row[found] if found else None,
                candidates=tuple((row["candidates"] or "").split()),
                note=row["note"],
            )
        )
    return items
