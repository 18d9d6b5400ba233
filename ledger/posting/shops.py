"""Whose order a number names, where a platform has several shops, as SQL.

An order is platform, shop and number. The shop of an export is the folder it lies in. Tables made
here, all of them empty or small while each platform has one shop:

| table | a row is |
|---|---|
| `order_homes` | a number that a platform gives once and two folders hold: the folder it is of |
| `shared_numbers` | a number that several shops of a platform gave |
| `shared_orders` | an order with such a number, for each shop whose wallets may mean it |
| `shared_shops` | the shop that such a number means in a wallet, none when nothing tells |
| `shared_trades` | the shop that such a number means together with a trade |

Inputs: `origins`, `platforms`, `order_sources` and `served` (platform, wallet_shop, order_shop):
the wallets of one shop may have money for orders of the other.
"""

from __future__ import annotations

from typing import Final

# The folder whose export counts most; a shop's before the inbox itself.
ORDER_HOMES: Final = """
CREATE OR REPLACE TEMP TABLE order_homes AS
WITH several AS (
  SELECT o.platform FROM origins o
  JOIN platforms p ON p.platform = o.platform AND p.unique_numbers
  WHERE o.stage = 'order' GROUP BY o.platform HAVING count(DISTINCT o.shop) > 1
), held AS (
  SELECT r.platform, coalesce(r.parent_order_id, r.order_id) AS order_id, r.shop,
         max(CASE WHEN r.parent_order_id IS NULL THEN s.priority ELSE -1 END) AS priority
  FROM records r
  JOIN several v ON v.platform = r.platform
  JOIN order_sources s ON s.source = r.source AND s.platform = r.platform
  WHERE r.stage = 'order' AND r.kind = 'sale'
  GROUP BY r.platform, coalesce(r.parent_order_id, r.order_id), r.shop
), placed AS (
  SELECT platform, order_id, shop, priority,
         first_value(shop) OVER first_ones AS home,
         first_value(priority) OVER first_ones AS home_priority
  FROM held
  WINDOW first_ones AS (PARTITION BY platform, order_id
                        ORDER BY priority DESC, CASE WHEN shop = '' THEN 1 ELSE 0 END, shop)
)
SELECT platform, order_id, shop, home,
       CASE WHEN shop <> '' AND priority = home_priority THEN true ELSE false END AS doubtful
FROM placed WHERE shop <> home;
"""

SHARED_NUMBERS: Final = """
CREATE OR REPLACE TEMP TABLE shared_numbers AS
WITH several AS (
  SELECT o.platform FROM origins o
  JOIN platforms p ON p.platform = o.platform AND NOT p.unique_numbers
  WHERE o.stage = 'order' GROUP BY o.platform HAVING count(DISTINCT o.shop) > 1
)
SELECT o.platform, o.order_id FROM order_states o SEMI JOIN several s ON s.platform = o.platform
GROUP BY o.platform, o.order_id HAVING count(*) > 1;

CREATE OR REPLACE TEMP TABLE shared_orders AS
SELECT o.platform, v.wallet_shop, o.shop, o.order_id, o.trade_id
FROM order_states o
SEMI JOIN shared_numbers n ON n.platform = o.platform AND n.order_id = o.order_id
JOIN served v ON v.platform = o.platform AND v.order_shop = o.shop;

-- The folder of a wallet says whose it is; else the number does, if one shop alone can be meant.
CREATE OR REPLACE TEMP TABLE shared_shops AS
SELECT platform, wallet_shop, order_id,
       coalesce(max(CASE WHEN shop = wallet_shop THEN shop END),
                CASE WHEN count(*) = 1 THEN min(shop) END) AS shop
FROM shared_orders GROUP BY platform, wallet_shop, order_id;

CREATE OR REPLACE TEMP TABLE shared_trades AS
SELECT platform, wallet_shop, order_id, trade_id, min(shop) AS shop
FROM shared_orders WHERE trade_id IS NOT NULL
GROUP BY platform, wallet_shop, order_id, trade_id HAVING count(*) = 1;
"""
