"""The VAT in what orders sell and give back, as SQL over events, unknown orders and endings.

| table | a row is |
|---|---|
| `income_events` | income of one platform, shop, day and VAT point, in or out, with the VAT in it |
| `kept_sums` | what closed orders of one platform, shop and day keep, with the VAT in it |

Each event carries `numer` and `denom`: the share of its amount that is VAT (`claims`).
"""

from __future__ import annotations

from typing import Final


def _vat(amount: str) -> str:
    """The VAT in an amount, `numer / denom` of it: rounded half away from zero, in minor units.

    In two parts, as one divides by hand, so that no product leaves 64 bits.
    """
    size = f"abs({amount})"
    high = f"2 * numer * ({size} // 1000000)"
    low = f"2 * numer * ({size} % 1000000)"
    return f"""CASE WHEN {amount} < 0 THEN -1 ELSE 1 END * (
    ({high}) // (2 * denom) * 1000000
    + (({high}) % (2 * denom) * 1000000 + {low} + denom) // (2 * denom))"""


# Tax is rounded order by order; after that only sums are looked at, by day. What comes in and what
# goes back stay apart. Of an order that is given back in parts, the tax of all parts is that of
# their sum, and of nothing none, however it came about: `tax_rests` has by how much each part's tax
# differs from its own rounding.
TAXES: Final = f"""
CREATE OR REPLACE TEMP TABLE tax_rests AS
WITH several AS (
  SELECT platform, shop, order_id, currency FROM order_events
  WHERE kind = 'refund' AND counter = 'income'
  GROUP BY platform, shop, order_id, currency HAVING count(*) > 1
), unsold AS (
  SELECT platform, shop, order_key, currency FROM unknown_orders
  WHERE standing = 'wallet-only' AND amount_minor < 0
  GROUP BY platform, shop, order_key, currency HAVING count(*) > 1
), lives AS (
  SELECT e.platform, e.shop, e.order_id, e.currency, e.day, e.amount_minor, e.own_vat_on,
         e.vat_point, e.numer, e.denom, e.record_id,
         CASE WHEN e.kind = 'refund' THEN 1 ELSE 0 END AS place
  FROM order_events e
  SEMI JOIN several s ON s.platform = e.platform AND s.shop = e.shop
   AND s.order_id = e.order_id AND s.currency = e.currency
  WHERE e.counter = 'income'
  UNION ALL BY NAME
  SELECT r.*, '' AS record_id, 0 AS place FROM recognitions r
  SEMI JOIN several s ON s.platform = r.platform AND s.shop = r.shop
   AND s.order_id = r.order_id AND s.currency = r.currency
  UNION ALL BY NAME
  SELECT u.platform, u.shop, u.order_key AS order_id, u.currency, u.booked_on AS day,
         u.amount_minor, CAST(NULL AS DATE) AS own_vat_on, 'recognition' AS vat_point, u.numer,
         u.denom, u.record_id,
         CASE WHEN u.kind = 'refund' OR u.amount_minor < 0 THEN 1 ELSE 0 END AS place
  FROM unknown_orders u
  SEMI JOIN unsold s ON s.platform = u.platform AND s.shop = u.shop
   AND s.order_key = u.order_key AND s.currency = u.currency
  WHERE u.standing = 'wallet-only'
), taxed AS (
  SELECT *, {_vat("amount_minor")} AS vat_minor FROM lives
), summed AS (
  SELECT *,
    CAST(sum(amount_minor) OVER life AS BIGINT) AS so_far,
    CAST(sum(CASE WHEN place = 1 THEN amount_minor ELSE 0 END) OVER life AS BIGINT) AS back_so_far,
    CAST(sum(CASE WHEN place = 0 THEN vat_minor ELSE 0 END) OVER life AS BIGINT) AS vat_sold,
    CAST(sum(vat_minor) OVER life AS BIGINT) AS vat_so_far
  FROM taxed
  WINDOW life AS (PARTITION BY platform, shop, order_id, currency
                  ORDER BY day, place, record_id ROWS UNBOUNDED PRECEDING)
), rests AS (
  SELECT *, CASE WHEN so_far = 0 THEN 0 ELSE vat_sold + {_vat("back_so_far")} END - vat_so_far
              AS rest FROM summed
), parts AS (
  SELECT *, rest - coalesce(lag(rest) OVER (
    PARTITION BY platform, shop, order_id, currency ORDER BY day, place, record_id), 0) AS part
  FROM rests
)
SELECT platform, shop, currency, day, own_vat_on, vat_point, sign(amount_minor) AS direction,
       CAST(part AS BIGINT) AS vat_minor
FROM parts WHERE part <> 0;

CREATE OR REPLACE TEMP TABLE income_events AS
WITH parts AS (
  SELECT platform, shop, currency, day, amount_minor, own_vat_on, vat_point, numer, denom
  FROM order_events WHERE counter = 'income'
  UNION ALL BY NAME
  SELECT platform, shop, currency, day, amount_minor, own_vat_on, vat_point, numer, denom
  FROM recognitions
  UNION ALL BY NAME
  SELECT platform, shop, currency, booked_on AS day, amount_minor, CAST(NULL AS DATE) AS own_vat_on,
         'recognition' AS vat_point, numer, denom
  FROM unknown_orders WHERE standing = 'wallet-only'
), taxed AS (
  SELECT platform, shop, currency, day, own_vat_on, vat_point, amount_minor,
         {_vat("amount_minor")} AS vat_minor
  FROM parts
), summed AS (
  SELECT platform, shop, currency, day, own_vat_on, vat_point,
         sign(amount_minor) AS direction, sum(amount_minor) AS amount_minor,
         sum(vat_minor) AS vat_minor, count(*) AS line_count,
         count(nullif(vat_minor, 0)) AS vat_count
  FROM taxed
  GROUP BY platform, shop, currency, day, own_vat_on, vat_point, sign(amount_minor)
  UNION ALL BY NAME
  SELECT platform, shop, currency, day, own_vat_on, vat_point, direction, 0 AS amount_minor,
         vat_minor, 0 AS line_count, 0 AS vat_count
  FROM tax_rests
)
SELECT platform, shop, currency, day, own_vat_on, vat_point,
       CAST(sum(amount_minor) AS BIGINT) AS amount_minor,
       CAST(sum(vat_minor) AS BIGINT) AS vat_minor,
       CAST(sum(line_count) AS BIGINT) AS line_count, CAST(sum(vat_count) AS BIGINT) AS vat_count
FROM summed
GROUP BY platform, shop, currency, day, own_vat_on, vat_point, direction;

-- What closed orders keep, with the tax in it.
CREATE OR REPLACE TEMP TABLE kept_sums AS
SELECT platform, shop, currency, day, CAST(sum(amount_minor) AS BIGINT) AS amount_minor,
       CAST(sum({_vat("amount_minor")}) AS BIGINT) AS vat_minor,
       CAST(count(*) AS BIGINT) AS line_count
FROM endings GROUP BY platform, shop, currency, day;

DROP TABLE tax_rests;
"""
