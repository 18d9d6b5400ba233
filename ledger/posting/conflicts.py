"""Orders of which two exports say different things while neither is known to be later, as SQL.

Made here: `order_conflicts`, one row per order: the snapshot that counts (`document`, `row`), the
first of those that contradict it (`other_document`, `other_row`), and in what:

| what | the two snapshots |
|---|---|
| `shops` | lie in the folders of two shops, of a platform that gives each number once |
| `created` | have other times of creation, by more than their spelling |
| `amount` | are as far in life and have other amounts, currencies, or ends |
| `refund`, `tax`, `moments` | are of one time and have other refunds, taxes, or days |

Which of two is later, a file says that says when it was made; of others only the latest moment in
it is known. Of those the one with the later moments counts, but a smaller file with corrected
amounts would lose so: another amount is a contradiction there. A figure that only one of them has
is none. Reads `told_again` and `parts_again`.
"""

from __future__ import annotations

from typing import Final

# A spreadsheet drops the seconds of a moment, or its time.
_OTHER_TIME: Final = """(
    date_trunc('minute', o.ordered_at) <> date_trunc('minute', w.ordered_at)
    AND NOT (CAST(o.ordered_at AS DATE) = CAST(w.ordered_at AS DATE)
             AND (o.ordered_at = date_trunc('day', o.ordered_at)
                  OR w.ordered_at = date_trunc('day', w.ordered_at))))"""
_OTHER_DAYS: Final = " OR ".join(
    f"CAST(o.{name} AS DATE) <> CAST(w.{name} AS DATE)"
    for name in ("paid_at", "shipped_at", "completed_at")
)

ORDER_CONFLICTS: Final = f"""
CREATE OR REPLACE TEMP TABLE order_conflicts AS
WITH pairs AS (
  SELECT w.platform, w.shop, w.order_id, w.currency, w.booked_on, w.document, w."row",
         o.document AS other_document, o."row" AS other_row, o.place,
         w.amount_minor AS amount, o.amount_minor AS other_amount, w.refunded_minor AS refunded,
         o.refunded_minor AS other_refunded, w.tax_minor AS tax, o.tax_minor AS other_tax,
         CASE WHEN o.strayed <> w.strayed THEN 'shops'
              WHEN {_OTHER_TIME} THEN 'created'
              WHEN o.life <> w.life THEN NULL
              WHEN (o.known_at = w.known_at OR NOT w.says_when)
                   AND (o.amount_minor <> w.amount_minor OR o.currency <> w.currency)
                THEN 'amount'
              WHEN o.known_at <> w.known_at THEN NULL
              WHEN o.refunded_minor <> w.refunded_minor THEN 'refund'
              WHEN o.tax_minor <> w.tax_minor THEN 'tax'
              WHEN o.status <> w.status OR {_OTHER_DAYS} THEN 'moments' END AS what
  FROM told_again w
  JOIN told_again o ON o.platform = w.platform AND o.shop = w.shop AND o.order_id = w.order_id
   AND o.priority = w.priority
  WHERE w.place = 1 AND o.place > 1
), part_pairs AS (
  SELECT w.platform, w.shop, w.parent_order_id AS order_id, w.currency, w.booked_on, w.document,
         w."row", o.document AS other_document, o."row" AS other_row,
         w.amount_minor AS amount, o.amount_minor AS other_amount, w.refunded_minor AS refunded,
         o.refunded_minor AS other_refunded, NULL AS tax, NULL AS other_tax,
         CASE WHEN o.amount_minor <> w.amount_minor THEN 'amount'
              WHEN o.refunded_minor <> w.refunded_minor THEN 'refund' END AS what
  FROM parts_again w
  JOIN parts_again o ON o.platform = w.platform AND o.shop = w.shop AND o.order_id = w.order_id
   AND o.life = w.life AND o.known_at = w.known_at
  WHERE w.place = 1 AND o.place > 1
), every AS (
  SELECT * EXCLUDE (place), 0 AS part FROM pairs WHERE what IS NOT NULL
  UNION ALL BY NAME SELECT *, 1 AS part FROM part_pairs WHERE what IS NOT NULL
)
SELECT * EXCLUDE (part, turn) FROM (
  SELECT *, row_number() OVER (
           PARTITION BY platform, shop, order_id
           ORDER BY part, CASE what WHEN 'shops' THEN 0 WHEN 'created' THEN 1 WHEN 'amount' THEN 2
                                    ELSE 3 END,
                    other_amount, other_refunded, other_document, other_row, document, "row")
           AS turn
  FROM every
) WHERE turn = 1;
"""
