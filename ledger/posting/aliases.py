"""Which order a wallet line is about when it does not name one itself, as SQL.

A line may name a sub-order, a refund, a trade or a parcel instead. Made here: `order_aliases`
(platform, wallet_shop, alias, shop, order_id), and in `wallet_lines` the key and the shop of the
orders found so. Reads `suborders`, which it drops, `order_states` and `served`.
"""

from __future__ import annotations

from typing import Final

# An alias counts only when it names exactly one order of the shop whose wallet or bill it stands
# in, or else of those that it serves; a direct order id always does. Of millions of aliases few
# are mentioned: by lines and bills that name no order themselves.
ORDER_ALIASES: Final = """
CREATE OR REPLACE TEMP TABLE bills AS
SELECT platform, shop, order_id, trade_id FROM records
WHERE stage = 'order' AND (kind = 'refund' OR (kind = 'sale' AND fee_rate_ppm IS NOT NULL));

CREATE OR REPLACE TEMP TABLE mentions AS
WITH named AS (
  SELECT DISTINCT b.platform, b.shop, b.order_id FROM bills b
  JOIN order_states o ON o.platform = b.platform AND o.order_id = b.order_id
  JOIN served v ON v.platform = b.platform AND v.wallet_shop = b.shop AND v.order_shop = o.shop
), strange AS (
  SELECT b.* FROM bills b
  ANTI JOIN named n ON n.platform = b.platform AND n.shop = b.shop AND n.order_id = b.order_id
), lines AS (
  SELECT platform, shop, order_id, refund_id, trade_id, waybill_id FROM wallet_lines
  WHERE NOT names_order AND platform IS NOT NULL
)
SELECT platform, shop AS wallet_shop, order_id AS alias FROM strange
UNION SELECT platform, shop, trade_id FROM strange
UNION SELECT platform, shop, order_id FROM lines
UNION SELECT platform, shop, refund_id FROM lines
UNION SELECT platform, shop, trade_id FROM lines
UNION SELECT platform, shop, waybill_id FROM lines;

CREATE OR REPLACE TEMP TABLE order_aliases AS
WITH all_named AS (
  SELECT platform, shop, refund_id AS alias, order_id FROM records
  WHERE stage = 'order' AND kind = 'refund' AND refund_id IS NOT NULL AND order_id IS NOT NULL
  UNION ALL
  SELECT platform, shop, record_id, order_id FROM records
  WHERE stage = 'order' AND kind = 'refund' AND order_id IS NOT NULL
  UNION ALL
  SELECT b.platform, b.shop, b.trade_id, b.order_id FROM records b
  WHERE b.stage = 'order' AND b.kind IN ('sale', 'refund') AND b.source = 'wechatpay'
    AND b.trade_id IS NOT NULL AND b.order_id IS NOT NULL
), named AS (
  SELECT n.* FROM all_named n
  SEMI JOIN mentions m ON m.platform = n.platform AND m.alias = n.alias
), states AS (
  SELECT DISTINCT n.platform, n.shop AS wallet_shop, o.shop, o.order_id
  FROM named n
  JOIN order_states o ON o.platform = n.platform AND o.order_id = n.order_id
  JOIN served v ON v.platform = n.platform AND v.wallet_shop = n.shop AND v.order_shop = o.shop
), traded AS (
  SELECT o.platform, o.trade_id AS alias, o.shop, o.order_id FROM order_states o
  SEMI JOIN mentions m ON m.platform = o.platform AND m.alias = o.trade_id
), own AS (
  SELECT platform, alias, shop, order_id FROM traded
  UNION ALL
  SELECT s.platform, s.order_id, s.shop, s.parent_order_id FROM suborders s
  SEMI JOIN mentions m ON m.platform = s.platform AND m.alias = s.order_id
  UNION ALL
  SELECT o.platform, o.waybill_id, o.shop, o.order_id FROM order_states o
  SEMI JOIN mentions m ON m.platform = o.platform AND m.alias = o.waybill_id
), direct AS (
  SELECT o.platform, o.alias, o.shop, o.order_id FROM own o
  UNION ALL
  -- A bill names its order as a wallet line does, or by its trade where no export knows the number.
  SELECT n.platform, n.alias, coalesce(o.shop, t.shop, n.shop) AS shop,
         coalesce(o.order_id, t.order_id, n.order_id) AS order_id
  FROM named n
  LEFT JOIN states o ON o.platform = n.platform AND o.wallet_shop = n.shop
   AND o.order_id = n.order_id
  LEFT JOIN (SELECT d.platform, n.shop AS wallet_shop, d.alias, min(d.shop) AS shop,
                    min(d.order_id) AS order_id
             FROM traded d
             JOIN (SELECT DISTINCT platform, shop, alias FROM named) n
               ON n.platform = d.platform AND n.alias = d.alias
             JOIN served v ON v.platform = d.platform AND v.wallet_shop = n.shop
              AND v.order_shop = d.shop
             GROUP BY d.platform, n.shop, d.alias HAVING count(*) = 1) t
    ON o.order_id IS NULL AND t.platform = n.platform AND t.wallet_shop = n.shop
   AND t.alias = n.alias
), seen AS (
  SELECT DISTINCT d.platform, m.wallet_shop, d.alias, d.shop, d.order_id,
         CASE WHEN d.shop = m.wallet_shop THEN 1 ELSE 0 END AS own
  FROM direct d
  JOIN mentions m ON m.platform = d.platform AND m.alias = d.alias
  JOIN served v ON v.platform = d.platform AND v.wallet_shop = m.wallet_shop
   AND v.order_shop = d.shop
  ANTI JOIN (SELECT m.platform, m.wallet_shop, m.alias FROM mentions m
             JOIN order_states o ON o.platform = m.platform AND o.order_id = m.alias
             JOIN served v ON v.platform = m.platform AND v.wallet_shop = m.wallet_shop
              AND v.order_shop = o.shop) o
    ON o.platform = d.platform AND o.wallet_shop = m.wallet_shop AND o.alias = d.alias
)
SELECT s.platform, s.wallet_shop, s.alias, min(s.shop) AS shop, min(s.order_id) AS order_id
FROM seen s
JOIN (SELECT platform, wallet_shop, alias, max(own) AS own FROM seen
      GROUP BY platform, wallet_shop, alias) p
  ON p.platform = s.platform AND p.wallet_shop = s.wallet_shop AND p.alias = s.alias
 AND p.own = s.own
GROUP BY s.platform, s.wallet_shop, s.alias HAVING count(*) = 1;

DROP TABLE suborders;
DROP TABLE bills;
DROP TABLE mentions;

CREATE OR REPLACE TEMP TABLE found_orders AS
WITH found AS (
  SELECT w.source, w.account, w.record_id, w.document, w."row", w.platform, w.order_key,
         w.shop AS wallet_shop,
         coalesce(a1.order_id, a2.order_id, a3.order_id, a4.order_id, w.order_key) AS order_id,
         coalesce(a1.shop, a2.shop, a3.shop, a4.shop) AS order_shop
  FROM wallet_lines w
  LEFT JOIN order_aliases a1
    ON a1.platform = w.platform AND a1.wallet_shop = w.shop AND a1.alias = w.order_id
  LEFT JOIN order_aliases a2
    ON a2.platform = w.platform AND a2.wallet_shop = w.shop AND a2.alias = w.refund_id
  LEFT JOIN order_aliases a3
    ON a3.platform = w.platform AND a3.wallet_shop = w.shop AND a3.alias = w.trade_id
  LEFT JOIN order_aliases a4
    ON a4.platform = w.platform AND a4.wallet_shop = w.shop AND a4.alias = w.waybill_id
  WHERE NOT w.names_order
), states AS (
  SELECT o.platform, o.order_id, o.shop FROM order_states o
  SEMI JOIN found f ON f.platform = o.platform AND f.order_id = o.order_id
), reached AS (
  SELECT o.platform, f.wallet_shop, o.order_id,
         coalesce(max(CASE WHEN o.shop = f.wallet_shop THEN o.shop END),
                  CASE WHEN count(*) = 1 THEN min(o.shop) END) AS shop
  FROM states o
  JOIN (SELECT DISTINCT platform, wallet_shop, order_id FROM found) f
    ON f.platform = o.platform AND f.order_id = o.order_id
  JOIN served v ON v.platform = o.platform AND v.wallet_shop = f.wallet_shop
   AND v.order_shop = o.shop
  GROUP BY o.platform, f.wallet_shop, o.order_id
), known AS (
  SELECT f.*, coalesce(o.shop, r.shop) AS shop FROM found f
  LEFT JOIN states o ON o.platform = f.platform AND o.shop = f.order_shop
   AND o.order_id = f.order_id
  LEFT JOIN reached r ON f.order_shop IS NULL AND r.platform = f.platform
   AND r.wallet_shop = f.wallet_shop AND r.order_id = f.order_id
)
SELECT * FROM known WHERE order_id <> order_key OR shop IS NOT NULL;

UPDATE wallet_lines SET order_key = f.order_id, order_shop = f.shop
FROM found_orders f
WHERE NOT wallet_lines.names_order AND wallet_lines.source = f.source
  AND wallet_lines.account = f.account AND wallet_lines.record_id = f.record_id
  AND wallet_lines.document = f.document AND wallet_lines."row" = f."row";

DROP TABLE found_orders;
"""
