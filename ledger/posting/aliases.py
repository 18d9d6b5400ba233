"""Which order a wallet line is about when it does not name one itself, as SQL.

A line may name a sub-order, a refund, a trade or a parcel instead. Made here: `order_aliases`
(platform, alias, order_id), and in `wallet_lines` the key and the shop of the orders found so.
Reads `suborders`, which it drops, and `order_states`.
"""

from __future__ import annotations

from typing import Final

# An alias counts only when it names exactly one order; a direct order id always does. Of millions
# of aliases few are mentioned: by lines and bills that name no order themselves.
ORDER_ALIASES: Final = """
CREATE OR REPLACE TEMP TABLE bills AS
SELECT platform, order_id, trade_id FROM records
WHERE stage = 'order' AND (kind = 'refund' OR (kind = 'sale' AND fee_rate_ppm IS NOT NULL));

CREATE OR REPLACE TEMP TABLE mentions AS
WITH named AS (
  SELECT o.platform, o.order_id FROM order_states o
  SEMI JOIN bills b ON b.platform = o.platform AND b.order_id = o.order_id
), strange AS (
  SELECT b.* FROM bills b
  ANTI JOIN named n ON n.platform = b.platform AND n.order_id = b.order_id
), lines AS (
  SELECT platform, order_id, refund_id, trade_id, waybill_id FROM wallet_lines
  WHERE NOT names_order AND platform IS NOT NULL
)
SELECT platform, order_id AS alias FROM strange
UNION SELECT platform, trade_id FROM strange
UNION SELECT platform, order_id FROM lines
UNION SELECT platform, refund_id FROM lines
UNION SELECT platform, trade_id FROM lines
UNION SELECT platform, waybill_id FROM lines;

CREATE OR REPLACE TEMP TABLE order_aliases AS
WITH all_named AS (
  SELECT platform, order_id AS alias, parent_order_id AS order_id FROM suborders
  UNION ALL
  SELECT platform, refund_id, order_id FROM records
  WHERE stage = 'order' AND kind = 'refund' AND refund_id IS NOT NULL AND order_id IS NOT NULL
  UNION ALL
  SELECT platform, record_id, order_id FROM records
  WHERE stage = 'order' AND kind = 'refund' AND order_id IS NOT NULL
  UNION ALL
  SELECT b.platform, b.trade_id, b.order_id FROM records b
  WHERE b.stage = 'order' AND b.kind IN ('sale', 'refund') AND b.source = 'wechatpay'
    AND b.trade_id IS NOT NULL AND b.order_id IS NOT NULL
), named AS (
  SELECT n.* FROM all_named n
  SEMI JOIN mentions m ON m.platform = n.platform AND m.alias = n.alias
), states AS (
  SELECT o.platform, o.order_id FROM order_states o
  SEMI JOIN named n ON n.platform = o.platform AND n.order_id = o.order_id
), traded AS (
  SELECT o.platform, o.trade_id AS alias, o.order_id FROM order_states o
  SEMI JOIN mentions m ON m.platform = o.platform AND m.alias = o.trade_id
), direct AS (
  SELECT platform, alias, order_id FROM traded
  UNION ALL
  SELECT o.platform, o.waybill_id, o.order_id FROM order_states o
  SEMI JOIN mentions m ON m.platform = o.platform AND m.alias = o.waybill_id
  UNION ALL
  SELECT n.platform, n.alias, coalesce(t.order_id, n.order_id) AS order_id
  FROM named n
  LEFT JOIN states o ON o.platform = n.platform AND o.order_id = n.order_id
  LEFT JOIN (SELECT platform, alias, min(order_id) AS order_id FROM traded
             GROUP BY platform, alias HAVING count(*) = 1) t
    ON o.order_id IS NULL AND t.platform = n.platform AND t.alias = n.alias
)
SELECT d.platform, d.alias, min(d.order_id) AS order_id
FROM direct d
ANTI JOIN (SELECT o.platform, o.order_id FROM order_states o
           SEMI JOIN mentions m ON m.platform = o.platform AND m.alias = o.order_id) o
  ON o.platform = d.platform AND o.order_id = d.alias
GROUP BY d.platform, d.alias HAVING count(DISTINCT d.order_id) = 1;

DROP TABLE suborders;
DROP TABLE bills;
DROP TABLE mentions;

CREATE OR REPLACE TEMP TABLE found_orders AS
WITH found AS (
  SELECT w.source, w.account, w.record_id, w.document, w."row", w.platform, w.order_key,
         coalesce(a1.order_id, a2.order_id, a3.order_id, a4.order_id, w.order_key) AS order_id
  FROM wallet_lines w
  LEFT JOIN order_aliases a1 ON a1.platform = w.platform AND a1.alias = w.order_id
  LEFT JOIN order_aliases a2 ON a2.platform = w.platform AND a2.alias = w.refund_id
  LEFT JOIN order_aliases a3 ON a3.platform = w.platform AND a3.alias = w.trade_id
  LEFT JOIN order_aliases a4 ON a4.platform = w.platform AND a4.alias = w.waybill_id
  WHERE NOT w.names_order
), states AS (
  SELECT o.platform, o.order_id, o.shop FROM order_states o
  SEMI JOIN found f ON f.platform = o.platform AND f.order_id = o.order_id
)
SELECT f.*, o.shop FROM found f
LEFT JOIN states o ON o.platform = f.platform AND o.order_id = f.order_id
WHERE f.order_id <> f.order_key OR o.shop IS NOT NULL;

UPDATE wallet_lines SET order_key = f.order_id, order_shop = f.shop
FROM found_orders f
WHERE NOT wallet_lines.names_order AND wallet_lines.source = f.source
  AND wallet_lines.account = f.account AND wallet_lines.record_id = f.record_id
  AND wallet_lines.document = f.document AND wallet_lines."row" = f."row";

DROP TABLE found_orders;
"""
