"""Every line of every chain as one relation: what a trace shows, for all keys at once.

A chain is a group of one clearing account with all lines that tell its story: its legs, the
exports of its orders, and the wallet lines of those orders that are no legs (fees). Lines of no
group are chains of their own: all lines of one order, or a single line.

Reads what `beanclear.cli.bookkeeping.Bookkeeper` leaves on its connection after `reconcile`:
`records`, `wallet_lines`, `order_states`, `receivables`, `policies`, `all_legs`, `links`, `groups`,
`places`, `unsettled`; and `trace_items` (account, currency, grp, items): what is open, as JSON.
Makes the view `trace_rows`, one row per chain and line (legs of one line in one group are
summed), with the chain's number `chain` and its standing on each row.
"""

from __future__ import annotations

from typing import Final

# A key is whatever names a line to the outside world. The order is that of `KEYS`.
REFERENCES: Final = (
    "order_id", "parent_order_id", "trade_id", "refund_id", "settlement_id", "payout_id",
    "bank_ref", "waybill_id",
)  # fmt: skip
BUCKETS: Final = frozenset({"opening", "opening-orders"})
# What is said of a chain's whole group.
STANDING: Final = (
    "verdict", "as_of", "due", "rest", "candidates", "matched_by", "evidence", "rule", "items",
)  # fmt: skip
KEYS: Final = ("record_id", "grp", "leg_key", "buyer", *REFERENCES)

# Lines are joined by a hash of their place, because the names of documents are long; where it is
# joined `record_id` has to agree too. Buckets hold thousands of orders of the time before the
# books: each order is a chain.
_LINE: Final = 'hash(document, "row", record_id)'
_LEGS: Final = f"""
CREATE OR REPLACE TEMP VIEW trace_legs AS
SELECT account, currency, grp, CASE WHEN grp IN ('opening', 'opening-orders')
         THEN coalesce(order_id, '') ELSE '' END AS part,
       {_LINE} AS line, record_id, side, key, day, kind, order_id, amount_minor
FROM all_legs;

CREATE OR REPLACE TEMP TABLE trace_chains AS
SELECT *, row_number() OVER (ORDER BY account, currency, grp, part) - 1 AS chain
FROM (SELECT DISTINCT account, currency, grp, part FROM trace_legs);

CREATE OR REPLACE TEMP TABLE trace_posted AS
SELECT c.chain, l.* EXCLUDE (account, currency, grp, part)
FROM trace_legs l JOIN trace_chains c USING (account, currency, grp, part);

CREATE OR REPLACE TEMP TABLE trace_orders AS
WITH posted AS (
  SELECT DISTINCT l.chain, r.platform, r.shop, l.order_id
  FROM trace_posted l
  JOIN trace_chains c ON c.chain = l.chain
  JOIN receivables r ON r.receivable = c.account
  WHERE l.order_id IS NOT NULL
)
SELECT chain, platform, shop, order_id FROM posted
UNION ALL
SELECT (SELECT count(*) FROM trace_chains)
         + row_number() OVER (ORDER BY o.platform, o.order_id, o.shop) - 1 AS chain,
       o.platform, o.shop, o.order_id
FROM order_states o
ANTI JOIN posted p ON p.platform = o.platform AND p.shop = o.shop AND p.order_id = o.order_id;

-- A number of several shops: there the folder of a record says whose it is.
CREATE OR REPLACE TEMP TABLE trace_shared AS
SELECT platform, order_id FROM trace_orders
GROUP BY platform, order_id HAVING count(DISTINCT shop) > 1;
"""

# Each line with the chains it belongs to; `posted` is none for lines that are no legs.
_MEMBERS: Final = f"""
CREATE OR REPLACE TEMP TABLE trace_members AS
SELECT chain, line, record_id, CAST(sum(posted) AS BIGINT) AS posted
FROM (
  SELECT chain, line, record_id, amount_minor AS posted FROM trace_posted WHERE record_id <> ''
  UNION ALL BY NAME
  SELECT o.chain, {_LINE} AS line, record_id
  FROM wallet_lines w
  JOIN trace_orders o ON o.platform = w.platform AND o.shop = coalesce(w.order_shop, w.shop)
   AND o.order_id = w.order_key
  UNION ALL BY NAME
  SELECT o.chain, {_LINE} AS line, record_id
  FROM records r
  JOIN trace_orders o ON o.platform = r.platform AND o.order_id = r.order_id
  LEFT JOIN trace_shared s ON s.platform = r.platform AND s.order_id = r.order_id
  WHERE s.order_id IS NULL OR o.shop = r.shop
  UNION ALL BY NAME
  SELECT o.chain, {_LINE} AS line, record_id
  FROM records r
  JOIN trace_orders o ON o.platform = r.platform AND o.order_id = r.parent_order_id
  LEFT JOIN trace_shared s ON s.platform = r.platform AND s.order_id = r.parent_order_id
  WHERE s.order_id IS NULL OR o.shop = r.shop
)
GROUP BY chain, line, record_id;
"""

_ROWS: Final = f"""
CREATE OR REPLACE TEMP VIEW trace_rows AS
WITH numbered AS (
  SELECT coalesce(m.chain, (SELECT count(*) FROM trace_chains)
           + (SELECT count(*) FROM trace_orders) + row_number() OVER ()) AS chain,
         '' AS leg_key, m.posted, r.stage, r.source, r.account, r.booked_on AS day,
         r.kind, r.amount_minor, r.currency, r.document, r."row", r.record_id, r.buyer,
         {", ".join(f"r.{name}" for name in REFERENCES)}
  FROM (SELECT *, {_LINE} AS line FROM records) r
  LEFT JOIN trace_members m ON m.line = r.line AND m.record_id = r.record_id
  UNION ALL BY NAME
  SELECT l.chain, l.key AS leg_key, l.amount_minor AS posted, l.side AS stage, '' AS source,
         '' AS account, l.day, l.kind, l.amount_minor, c.currency, '' AS document, 0 AS "row",
         '' AS record_id, l.order_id
  FROM trace_posted l JOIN trace_chains c ON c.chain = l.chain
  WHERE l.record_id = ''
), passes AS (
  SELECT account, currency, grp, min(pass) AS pass, min(nullif(evidence, '')) AS evidence
  FROM links GROUP BY account, currency, grp
), judged AS (
  SELECT a.account, g.currency, g.grp, a.as_of, g.rest, u.due, u.candidates,
         CASE WHEN g.rest = 0 THEN 'closed' ELSE u.verdict END AS verdict
  FROM groups g
  JOIN places a ON a.place = g.place
  LEFT JOIN unsettled u
    ON u.account = a.account AND u.currency = g.currency AND u.grp = g.grp
), decided AS (
  SELECT DISTINCT account, currency, grp FROM all_legs WHERE side = 'decision'
), told AS (
  SELECT c.chain, c.account AS clearing_account, c.currency AS clearing_currency, c.grp,
         s.verdict, s.as_of, s.due, s.rest, s.candidates,
         CASE WHEN s.verdict = 'closed'
              THEN coalesce(p.pass, CASE WHEN d.grp IS NOT NULL THEN 'decision' ELSE 'key' END) END
           AS matched_by,
         CASE WHEN s.verdict = 'closed' THEN p.evidence END AS evidence,
         CASE WHEN s.verdict = 'closed' THEN y.clearing END AS rule, i.items
  FROM trace_chains c
  LEFT JOIN judged s ON s.account = c.account AND s.currency = c.currency AND s.grp = c.grp
  LEFT JOIN passes p ON p.account = c.account AND p.currency = c.currency AND p.grp = c.grp
  LEFT JOIN decided d ON d.account = c.account AND d.currency = c.currency AND d.grp = c.grp
  LEFT JOIN policies y ON y.account = c.account
  LEFT JOIN trace_items i ON i.account = c.account AND i.currency = c.currency AND i.grp = c.grp
)
SELECT n.*, t.* EXCLUDE (chain) FROM numbered n LEFT JOIN told t ON t.chain = n.chain
"""

STEPS: Final = (_LEGS, _MEMBERS, _ROWS)
