"""One payment of several orders, as SQL: split over them where id and sum say how.

A buyer pays several orders at once, and the wallet names the trade, not the orders. The money of a
trade is split over the orders of one shop that name it when it is to the minor unit what they still
expect: their amounts, or (where the platform pays after refunds) their amounts without refunds. Its
refunds are split likewise, over what the orders were refunded. Else nothing is taken.

| table | a row is |
|---|---|
| `trade_orders` | an order of a trade that names several, for the shop whose wallet asks |
| `trade_sums` | what the lines of such a trade come to, and what its orders expect |
| `split_lines` | a part of a line, in `wallet_lines` in its place |
"""

from __future__ import annotations

from typing import Final

TRADES: Final = """
-- Orders of the wallet's own shop before those of shops that it serves.
CREATE OR REPLACE TEMP TABLE trade_orders AS
WITH asked AS (
  SELECT DISTINCT w.platform, w.shop AS wallet_shop, w.trade_id FROM wallet_lines w
  SEMI JOIN order_states o ON o.platform = w.platform AND o.trade_id = w.trade_id
  WHERE w.settles AND w.order_shop IS NULL
), named AS (
  SELECT a.platform, a.wallet_shop, a.trade_id, o.shop, o.order_id, o.currency, o.amount_minor,
         o.refunded_minor, o.status, p.escrow,
         CASE WHEN o.shop = a.wallet_shop THEN 1 ELSE 0 END AS own
  FROM asked a
  JOIN order_states o ON o.platform = a.platform AND o.trade_id = a.trade_id
  JOIN served v ON v.platform = a.platform AND v.wallet_shop = a.wallet_shop
   AND v.order_shop = o.shop
  JOIN platforms p ON p.platform = a.platform
)
SELECT n.* EXCLUDE (own) FROM named n
JOIN (SELECT platform, wallet_shop, trade_id, max(own) AS own FROM named
      GROUP BY platform, wallet_shop, trade_id) m
  ON m.platform = n.platform AND m.wallet_shop = n.wallet_shop AND m.trade_id = n.trade_id
 AND m.own = n.own
SEMI JOIN (SELECT platform, wallet_shop, trade_id FROM named
           GROUP BY platform, wallet_shop, trade_id HAVING count(*) > 1) s
  ON s.platform = n.platform AND s.wallet_shop = n.wallet_shop AND s.trade_id = n.trade_id;

CREATE OR REPLACE TEMP TABLE trade_lines AS
SELECT w.platform, w.shop AS wallet_shop, w.trade_id, w.currency, w.source, w.account, w.record_id,
       w.document, w."row", w.booked_on,
       CASE WHEN w.kind = 'refund' THEN true ELSE false END AS back,
       CASE WHEN w.kind = 'refund' THEN -w.amount_minor ELSE w.amount_minor END AS size
FROM wallet_lines w
SEMI JOIN trade_orders t ON t.platform = w.platform AND t.wallet_shop = w.shop
 AND t.trade_id = w.trade_id
WHERE w.settles AND w.order_shop IS NULL;

-- What each order still expects, sold and given back, beside the lines that name it.
CREATE OR REPLACE TEMP TABLE trade_dues AS
WITH had AS (
  SELECT w.platform, w.order_shop AS shop, w.order_key AS order_id, w.currency,
         CAST(sum(CASE WHEN w.kind = 'refund' THEN 0 ELSE w.amount_minor END) AS BIGINT) AS sold,
         CAST(sum(CASE WHEN w.kind = 'refund' THEN -w.amount_minor ELSE 0 END) AS BIGINT) AS given
  FROM wallet_lines w
  SEMI JOIN trade_orders t ON t.platform = w.platform AND t.shop = w.order_shop
   AND t.order_id = w.order_key
  WHERE w.settles GROUP BY w.platform, w.order_shop, w.order_key, w.currency
), known AS (
  SELECT t.*, coalesce(h.sold, 0) AS sold, coalesce(h.given, 0) AS given,
         coalesce(t.refunded_minor, CASE WHEN t.status = 'closed' THEN t.amount_minor ELSE 0 END)
           AS refund
  FROM trade_orders t
  LEFT JOIN had h ON h.platform = t.platform AND h.shop = t.shop AND h.order_id = t.order_id
   AND h.currency = t.currency
)
SELECT platform, wallet_shop, trade_id, shop, order_id, currency, false AS back,
       greatest(amount_minor - sold, 0) AS gross,
       greatest(amount_minor - CASE WHEN escrow THEN refund ELSE 0 END - sold, 0) AS net
FROM known
UNION ALL
SELECT platform, wallet_shop, trade_id, shop, order_id, currency, true AS back,
       greatest(refund - given, 0) AS gross, greatest(refund - given, 0) AS net
FROM known;

CREATE OR REPLACE TEMP TABLE trade_sums AS
SELECT l.platform, l.wallet_shop, l.trade_id, l.currency, l.back, l.total, d.shops,
       CASE WHEN l.least_one <= 0 OR d.shops > 1 THEN 'none'
            WHEN l.total = d.gross THEN 'gross'
            WHEN l.total = d.net THEN 'net'
            ELSE 'none' END AS basis
FROM (SELECT platform, wallet_shop, trade_id, currency, back, min(size) AS least_one,
             CAST(sum(size) AS BIGINT) AS total
      FROM trade_lines GROUP BY platform, wallet_shop, trade_id, currency, back) l
LEFT JOIN (SELECT platform, wallet_shop, trade_id, currency, back,
                  CAST(sum(gross) AS BIGINT) AS gross, CAST(sum(net) AS BIGINT) AS net,
                  count(DISTINCT shop) AS shops
           FROM trade_dues GROUP BY platform, wallet_shop, trade_id, currency, back) d
  ON d.platform = l.platform AND d.wallet_shop = l.wallet_shop AND d.trade_id = l.trade_id
 AND d.currency = l.currency AND d.back = l.back;

-- Lines and orders side by side, the largest first, each as far as it reaches: where two overlap is
-- the part that the one pays of the other.
CREATE OR REPLACE TEMP TABLE split_lines AS
WITH paying AS (
  SELECT l.*, s.basis,
         CAST(sum(l.size) OVER (
           PARTITION BY l.platform, l.wallet_shop, l.trade_id, l.currency, l.back
           ORDER BY l.size DESC, l.booked_on, l.record_id, l.document, l."row"
           ROWS UNBOUNDED PRECEDING) AS BIGINT) AS reach
  FROM trade_lines l
  JOIN trade_sums s ON s.platform = l.platform AND s.wallet_shop = l.wallet_shop
   AND s.trade_id = l.trade_id AND s.currency = l.currency AND s.back = l.back
  WHERE s.basis <> 'none'
), expected AS (
  SELECT d.platform, d.wallet_shop, d.trade_id, d.currency, d.back, d.shop, d.order_id,
         CASE WHEN s.basis = 'net' THEN d.net ELSE d.gross END AS due
  FROM trade_dues d
  JOIN trade_sums s ON s.platform = d.platform AND s.wallet_shop = d.wallet_shop
   AND s.trade_id = d.trade_id AND s.currency = d.currency AND s.back = d.back
), paid AS (
  SELECT e.*, CAST(sum(e.due) OVER (
           PARTITION BY e.platform, e.wallet_shop, e.trade_id, e.currency, e.back
           ORDER BY e.due DESC, e.order_id ROWS UNBOUNDED PRECEDING) AS BIGINT) AS reach
  FROM expected e WHERE e.due > 0
), parts AS (
  SELECT l.source, l.account, l.record_id, l.document, l."row", o.shop AS part_shop,
         o.order_id AS part_order,
         least(l.reach, o.reach) - greatest(l.reach - l.size, o.reach - o.due) AS part,
         row_number() OVER (PARTITION BY l.source, l.account, l.record_id, l.document, l."row"
                            ORDER BY o.due DESC, o.order_id) AS place
  FROM paying l
  JOIN paid o ON o.platform = l.platform AND o.wallet_shop = l.wallet_shop
   AND o.trade_id = l.trade_id AND o.currency = l.currency AND o.back = l.back
  WHERE least(l.reach, o.reach) > greatest(l.reach - l.size, o.reach - o.due)
)
SELECT w.* EXCLUDE (order_key, order_shop, amount_minor), p.part_order AS order_key,
       p.part_shop AS order_shop, CASE WHEN w.amount_minor < 0 THEN -p.part ELSE p.part END
         AS amount_minor, p.place
FROM wallet_lines w
JOIN parts p ON p.source = w.source AND p.account = w.account AND p.record_id = w.record_id
 AND p.document = w.document AND p."row" = w."row";

DELETE FROM wallet_lines USING split_lines s
WHERE wallet_lines.source = s.source AND wallet_lines.account = s.account
  AND wallet_lines.record_id = s.record_id AND wallet_lines.document = s.document
  AND wallet_lines."row" = s."row";

INSERT INTO wallet_lines BY NAME SELECT * EXCLUDE (place) FROM split_lines;

DROP TABLE trade_lines;
DROP TABLE trade_dues;
"""

# What closed the orders of a trade: its parts, order by order.
EVIDENCE: Final = """
SELECT a.receivable, s.currency, s.order_key, s.trade_id, s.kind = 'refund',
       CAST(sum(s.amount_minor) AS BIGINT)
FROM split_lines s
JOIN receivables a ON a.platform = s.platform AND a.shop = s.order_shop
GROUP BY a.receivable, s.currency, s.order_key, s.trade_id, s.kind = 'refund'
ORDER BY 1, 2, 4, 5, 3
"""

# Lines that nothing tells whose they are, with every order that they may pay.
UNSURE: Final = """
SELECT a.receivable, u.currency, u.order_key, u.unsure, x.receivable, c.order_id
FROM unknown_orders u
JOIN receivables a ON a.platform = u.platform AND a.shop = u.shop
JOIN (SELECT 'shops' AS why, platform, wallet_shop, order_id AS name, shop, order_id
      FROM shared_orders
      UNION ALL
      SELECT 'orders' AS why, platform, wallet_shop, trade_id AS name, shop, order_id
      FROM trade_orders) c
  ON c.why = u.unsure AND c.platform = u.platform AND c.wallet_shop = u.shop
 AND c.name = CASE WHEN u.unsure = 'shops' THEN u.order_id ELSE u.trade_id END
JOIN receivables x ON x.platform = c.platform AND x.shop = c.shop
WHERE u.standing = 'ambiguous'
GROUP BY a.receivable, u.currency, u.order_key, u.unsure, x.receivable, c.order_id
ORDER BY 1, 2, 3, 4, 5, 6
"""
