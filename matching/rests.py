"""Rests that policy closes: each becomes a difference, with its class and the account it goes to.

| class | the rest of | when |
|---|---|---|
| `fx` | a conversion | what came differs from what was given, at the booked rate |
| `payout-fee` | payouts and deposits | exactly the fee that `[[payout_fees]]` names for them |
| `rounding` | any group with both sides | not above the account's tolerance |
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from beanclear.ledger.fees import PayoutFee, payout_fee
from beanclear.ledger.posting.inputs import table
from beanclear.ledger.reconciliation import Rest
from beanclear.ledger.sql import Connection, run

_EXCHANGED: Final = """
SELECT account, currency, key, day, amount_minor, target FROM conversion_rests ORDER BY ALL
"""
_LOST: Final = """
SELECT l.account, l.currency, l.grp, l.kind, l.side, min(l.day), max(l.day),
       CAST(sum(l.amount_minor) AS BIGINT)
FROM all_legs l
JOIN (SELECT account, currency, grp FROM all_legs
      WHERE account IN (SELECT account FROM fee_transits)
      GROUP BY account, currency, grp HAVING sum(amount_minor) > 0) g
  ON g.account = l.account AND g.currency = l.currency AND g.grp = l.grp
GROUP BY l.account, l.currency, l.grp, l.key, l.kind, l.side
ORDER BY ALL
"""
_TOLERATED: Final = """
SELECT l.account, l.currency, l.grp, max(l.day), CAST(sum(l.amount_minor) AS BIGINT),
       min(p.target)
FROM all_legs l
JOIN policies p ON p.account = l.account AND p.currency = l.currency AND p.tolerance > 0
GROUP BY l.account, l.currency, l.grp
HAVING sum(l.amount_minor) <> 0 AND abs(sum(l.amount_minor)) <= max(p.tolerance)
   AND count(CASE WHEN l.side = 'order' THEN 1 END) > 0
   AND count(CASE WHEN l.side IN ('wallet', 'bank') THEN 1 END) > 0
ORDER BY ALL
"""
# What is matched: the legs, and those of decisions, manual entries and differences, which stand in
# the group that their key was put into.
ALL_LEGS: Final = """
CREATE OR REPLACE TEMP VIEW all_legs AS
SELECT l.* EXCLUDE (entry, memo, grp), coalesce(l.grp, l.key) AS grp FROM legs l
UNION ALL BY NAME
-- Lines of settled orders in a bucket stand behind all others of their day, which have ids.
SELECT account, currency, 'opening' AS key, day, amount_minor, 'wallet' AS side,
       'settled' AS kind, 'opening' AS grp, lines
FROM settled_openings
UNION ALL BY NAME
SELECT x.account, x.currency, x.key, x.day, x.amount_minor, x.side, x.side AS kind,
       '' AS record_id, NULL AS document, 0 AS "row", coalesce(k.grp, x.key) AS grp
FROM extra_legs x
LEFT JOIN links k ON k.account = x.account AND k.currency = x.currency AND k.key = x.key
"""
# A view of Spark shows the tables as they were when it was made.
_TAKEN: Final = f"""
INSERT INTO extra_legs
SELECT account, currency, key, day, -amount_minor, 'difference' FROM taken;
{ALL_LEGS}
"""
Row = tuple[str, str, str, datetime.date, int, str]
# kind, side, first and last day, amount
Leg = tuple[str, str, datetime.date, datetime.date, int]


def close_rests(con: Connection, fees: Sequence[PayoutFee]) -> tuple[Rest, ...]:
    """Find the rests, class by class; each becomes a leg at once, so that none is taken twice."""
    return (
        *_take(con, "fx", run(con, _EXCHANGED).fetchall()),
        *_take(con, "payout-fee", _lost(con, fees) if fees else []),
        *_take(con, "rounding", run(con, _TOLERATED).fetchall()),
    )


def _take(con: Connection, klass: str, rows: Sequence[Row]) -> list[Rest]:
    if rows:
        columns = (
            "account VARCHAR, currency VARCHAR, key VARCHAR, day DATE, amount_minor BIGINT,"
            " target VARCHAR"
        )
        table(con, "taken", columns, rows)
        run(con, _TAKEN)
    return [
        Rest(
            account=account, currency=currency, key=key, day=day, amount_minor=amount, to=to,
            klass=klass,
        )
        for account, currency, key, day, amount, to in rows
    ]  # fmt: skip


def _lost(con: Connection, fees: Sequence[PayoutFee]) -> list[Row]:
    """Groups that lack what their payouts lose by the rules, to the minor unit."""
    table(con, "fee_transits", "account VARCHAR", [(name,) for name in {f.transit for f in fees}])
    groups: dict[tuple[str, str, str], list[Leg]] = defaultdict(list)
    for account, currency, grp, *leg in run(con, _LOST).fetchall():
        groups[account, currency, grp].append((leg[0], leg[1], leg[2], leg[3], leg[4]))
    found: list[Row] = []
    for (account, currency, grp), legs in sorted(groups.items()):
        expected, target = 0, ""
        for kind, _side, day, _last, amount in legs:
            fee = payout_fee(fees, account, currency, day) if kind == "payout" else None
            if fee is not None:
                expected += fee.terms.fee(amount)
                target = fee.account
        rest = sum(amount for *_leg, amount in legs)
        if rest == expected and any(side == "bank" for _kind, side, *_leg in legs):
            last = max(last for _kind, _side, _day, last, _amount in legs)
            found.append((account, currency, grp, last, rest, target))
    return found
