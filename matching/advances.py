"""Advances: money for orders that are no sale yet, how old it is, and what has no end of its own.

An order's advance is what its claim put there less what was given back. It ends when the sale is
recognised, or when a closed order's rest becomes income (`[[advances]]`). What is older than any
order takes to complete, and what a closed order keeps where the books leave that open, is an item:
a check beside the others, for the money itself has come.

Safe subset: integers, CASE, equi-joins, sums cast to BIGINT; no engine-specific function.
"""

from __future__ import annotations

from typing import Final

from beanclear.ledger.reconciliation import Advance, Item
from beanclear.ledger.sql import Connection, run
from beanclear.ledger.vocabulary import ItemClass

_ADVANCES: Final = """
CREATE OR REPLACE TEMP TABLE open_advances AS
WITH waiting AS (
  SELECT r.receivable AS account, r.advances, a.as_of, a.awaiting, c.platform, c.shop, c.order_id,
         c.currency, c.claim_on, c.claim_minor, c.has_money, c.document, c."row",
         coalesce(c.over_on, c.claim_on + p.longest_days) AS due,
         CASE WHEN c.over_on IS NOT NULL THEN 'kept' ELSE 'aged' END AS why
  FROM claims c
  JOIN platforms p ON p.platform = c.platform
  JOIN receivables r ON r.platform = c.platform AND r.shop = c.shop
  JOIN as_of a ON a.account = r.receivable
  WHERE c.claim_on <= a.as_of AND (c.recognised_on IS NULL OR c.recognised_on > a.as_of)
    AND (c.kept_on IS NULL OR c.kept_on > a.as_of)
), given AS (
  SELECT w.platform, w.shop, w.order_id, w.currency,
         CAST(sum(e.amount_minor) AS BIGINT) AS amount_minor
  FROM waiting w
  JOIN order_events e ON e.platform = w.platform AND e.shop = w.shop
   AND e.order_id = w.order_id AND e.currency = w.currency
  WHERE e.kind = 'refund' AND e.day <= w.as_of
  GROUP BY w.platform, w.shop, w.order_id, w.currency
)
SELECT w.account, w.advances, w.currency, w.order_id, w.as_of, w.awaiting, w.claim_on, w.has_money,
       w.due, w.why, w.document, w."row",
       w.claim_minor + coalesce(g.amount_minor, 0) AS amount_minor
FROM waiting w
LEFT JOIN given g ON g.platform = w.platform AND g.shop = w.shop AND g.order_id = w.order_id
 AND g.currency = w.currency
WHERE w.claim_minor + coalesce(g.amount_minor, 0) <> 0
"""
_ITEMS: Final = """
SELECT account, currency, order_id, amount_minor, claim_on, due, why, document, "row"
FROM open_advances
WHERE awaiting IS NULL AND has_money AND due < as_of ORDER BY ALL
"""
_BY_DAY: Final = """
SELECT advances, currency, as_of, claim_on, CAST(sum(amount_minor) AS BIGINT)
FROM open_advances GROUP BY advances, currency, as_of, claim_on ORDER BY ALL
"""


def compare(con: Connection) -> None:
    """Make `open_advances`: one row per order whose advance has not ended at the as-of date."""
    run(con, _ADVANCES)


def items(con: Connection) -> list[Item]:
    """The advances that should have ended."""
    return [
        Item(
            account=account,
            currency=currency,
            key=order_id,
            klass=ItemClass.ADVANCE,
            amount_minor=0,
            at_stake_minor=abs(amount),
            date=day,
            due=due,
            order_id=order_id,
            document=document,
            row=row,
            note=why,
        )
        for account, currency, order_id, amount, day, due, why, document, row in run(
            con, _ITEMS
        ).fetchall()
    ]


def by_day(con: Connection) -> tuple[Advance, ...]:
    """All advances, by the day on which the order's claim began."""
    return tuple(
        Advance(account=account, currency=currency, as_of=as_of, day=day, amount_minor=-amount)
        for account, currency, as_of, day, amount in run(con, _BY_DAY).fetchall()
    )
