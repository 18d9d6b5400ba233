"""One order, payout or bank line through every stage, with file and row."""

from __future__ import annotations

from typing import Final

from beanclear.cli.results import TraceStep
from beanclear.cli.workspace import LOCK_SECONDS, keeper
from beanclear.ledger.books import Books

# The groups any leg of which carries the key, then everything that belongs to those groups: their
# legs, the orders and sub-orders behind them, and wallet lines of the orders that are no legs.
_GROUPS: Final = """
CREATE OR REPLACE TEMP TABLE traced AS
SELECT DISTINCT account, currency, grp FROM all_legs
WHERE ? IN (key, grp, order_id, trade_id, payout_id, bank_ref, record_id)
UNION
SELECT l.account, l.currency, l.grp FROM all_legs l JOIN order_aliases a ON a.order_id = l.order_id
WHERE a.alias = ?
UNION
SELECT l.account, l.currency, l.grp FROM all_legs l JOIN order_states o ON o.order_id = l.order_id
WHERE ? IN (o.order_id, o.trade_id, o.waybill_id)
"""

_STEPS: Final = """
WITH legs_of AS (
  SELECT DISTINCT l.record_id, l.document, l."row", l.account AS clearing, l.grp,
         coalesce(m.pass, CASE WHEN s.verdict = 'closed' THEN 'key' END) AS matched_by, s.verdict,
         m.evidence
  FROM all_legs l
  JOIN traced t ON t.account = l.account AND t.currency = l.currency AND t.grp = l.grp
  JOIN standings s ON s.account = l.account AND s.currency = l.currency AND s.grp = l.grp
  LEFT JOIN (SELECT DISTINCT account, grp, pass, evidence FROM links) m
    ON m.account = l.account AND m.grp = l.grp
), orders_of AS (
  SELECT DISTINCT l.order_id FROM all_legs l
  JOIN traced t ON t.account = l.account AND t.currency = l.currency AND t.grp = l.grp
  WHERE l.order_id IS NOT NULL AND l.grp NOT IN ('opening', 'opening-orders')
), related AS (
  SELECT r.record_id, r.document, r."row" FROM records r
  JOIN orders_of o ON r.order_id = o.order_id OR r.parent_order_id = o.order_id
  UNION
  SELECT w.record_id, w.document, w."row"
  FROM wallet_lines w JOIN orders_of o ON o.order_id = w.order_key
  UNION
  SELECT record_id, document, "row" FROM legs_of
  UNION
  SELECT r.record_id, r.document, r."row" FROM records r
  WHERE ? IN (r.record_id, r.order_id, r.trade_id, r.refund_id, r.payout_id, r.bank_ref)
)
SELECT r.stage, r.source, r.account, r.booked_on, r.kind, r.amount_minor, r.currency, r.document,
       r."row", r.record_id, l.clearing, l.grp,
       CASE WHEN l.verdict = 'closed' THEN l.matched_by END AS matched_by, r.order_id, r.trade_id,
       r.refund_id, r.payout_id, r.bank_ref,
       CASE WHEN l.verdict = 'closed' THEN nullif(l.evidence, '') END AS evidence
FROM records r
JOIN related x ON x.record_id = r.record_id AND x.document = r.document AND x."row" = r."row"
LEFT JOIN legs_of l ON l.record_id = r.record_id AND l.document = r.document AND l."row" = r."row"
ORDER BY CASE r.stage WHEN 'order' THEN 0 WHEN 'wallet' THEN 1 ELSE 2 END, r.booked_on, r.source,
         r.document, r."row", l.clearing
"""
_REFERENCES: Final = ("order_id", "trade_id", "refund_id", "payout_id", "bank_ref", "evidence")


def trace(books: Books, key: str) -> list[TraceStep]:
    """Every record that belongs to what `key` names; empty when no record has it.

    A key is an order, sub-order, trade, refund, payout, bank reference or record id.
    """
    with books.lock(LOCK_SECONDS), keeper(books) as kept:
        kept.reconcile(kept.as_of())
        kept.con.execute(_GROUPS, [key, key, key])
        rows = kept.con.execute(_STEPS, [key]).fetchall()
        files = kept.files
    return [
        TraceStep(
            stage=row[0],
            source=row[1],
            account=row[2],
            date=row[3],
            kind=row[4],
            amount_minor=row[5],
            currency=row[6],
            file=files.get(row[7], row[7]),
            row=row[8],
            record_id=row[9],
            clearing_account=row[10],
            key=row[11],
            matched_by=row[12],
            references={
                name: value
                for name, value in zip(_REFERENCES, row[13:], strict=True)
                if value is not None
            },
        )
        for row in rows
    ]
