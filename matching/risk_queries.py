"""The queries of the risk checks: each yields `COLUMNS`, one row per warning.

Safe subset: integers, CASE, equi-joins, window functions, sums cast to BIGINT. `found`,
`expected` and `other_day` are the facts that the explanation of the check names.
"""

from __future__ import annotations

from typing import Final

# Until this many days after it was due nothing is missing yet: the platforms' own term.
TERM_DAYS: Final = 15
# Two equal bank lines with one counterparty further apart than this are ordinary business.
REPEAT_DAYS: Final = 3
# Below this many weeks a median says little, below this many orders a percentile does.
MINIMUM_WEEKS: Final = 8
MINIMUM_ORDERS: Final = 100
# A rate this near to the median is ordinary however little it moved before: half a percentage
# point, in millionths.
LEAST_DISTANCE_PPM: Final = 5_000

COLUMNS: Final = (
    'account, day, platform, order_id, bank_ref, amount_minor, currency, document, "row",'
    " found, expected, other_day"
)

# A further line of the same kind and amount that brings the order above its own amount. Equal
# parts of one payment do not; nor does money that was given back on top of the known refund.
DUPLICATE_SETTLEMENT: Final = """
WITH lines AS (
  SELECT w.*,
    lag(w.booked_on) OVER (
      PARTITION BY w.platform, coalesce(w.order_shop, w.shop), w.order_key, w.currency, w.kind,
        w.amount_minor
      ORDER BY w.booked_on, w.record_id, w.document, w."row") AS other_day,
    CAST(sum(w.amount_minor) OVER (
      PARTITION BY w.platform, coalesce(w.order_shop, w.shop), w.order_key, w.currency
      ORDER BY w.booked_on, w.record_id, w.document, w."row" ROWS UNBOUNDED PRECEDING) AS BIGINT)
      AS running
  FROM wallet_lines w WHERE w.settles AND w.kind <> 'refund'
), refunds AS (
  SELECT platform, coalesce(order_shop, shop) AS shop, order_key, currency,
    CAST(sum(-amount_minor) AS BIGINT) AS refunded
  FROM wallet_lines WHERE settles AND kind = 'refund'
  GROUP BY platform, coalesce(order_shop, shop), order_key, currency
)
SELECT a.receivable AS account, l.booked_on AS day, l.platform, l.order_key AS order_id,
       NULL AS bank_ref, l.amount_minor, l.currency, l.document, l."row",
       l.amount_minor AS found, 0 AS expected, l.other_day
FROM lines l
LEFT JOIN order_states o ON o.platform = l.platform AND o.shop = l.order_shop
 AND o.order_id = l.order_key AND o.currency = l.currency
LEFT JOIN refunds f ON f.platform = l.platform AND f.shop = coalesce(l.order_shop, l.shop)
 AND f.order_key = l.order_key AND f.currency = l.currency
JOIN receivables a ON a.platform = l.platform AND a.shop = coalesce(l.order_shop, l.shop)
WHERE l.other_day IS NOT NULL AND l.amount_minor > 0
  AND l.running > coalesce(o.amount_minor, 0)
  AND coalesce(f.refunded, 0) - coalesce(o.refunded_minor, 0) < l.amount_minor
"""

# What was paid is what the wallet received; where it was received before the first wallet file,
# what the order says.
REFUND_ABOVE_PAYMENT: Final = """
WITH money AS (
  SELECT platform, coalesce(order_shop, shop) AS shop, order_key, currency,
    CAST(sum(CASE WHEN kind = 'refund' THEN -amount_minor ELSE 0 END) AS BIGINT) AS refunded,
    CAST(sum(CASE WHEN kind <> 'refund' THEN amount_minor ELSE 0 END) AS BIGINT) AS received,
    CAST(sum(CASE WHEN kind <> 'refund' THEN 1 ELSE 0 END) AS BIGINT) AS payments
  FROM wallet_lines WHERE settles
  GROUP BY platform, coalesce(order_shop, shop), order_key, currency
), last_refund AS (
  SELECT * FROM (
    SELECT w.*, row_number() OVER (
      PARTITION BY w.platform, coalesce(w.order_shop, w.shop), w.order_key, w.currency
      ORDER BY w.booked_on DESC, w.record_id DESC, w.document DESC, w."row" DESC) AS place
    FROM wallet_lines w WHERE w.settles AND w.kind = 'refund'
  ) WHERE place = 1
), judged AS (
  SELECT l.*, m.refunded,
         CASE WHEN m.payments > 0 THEN m.received ELSE o.amount_minor END AS paid
  FROM money m
  JOIN last_refund l ON l.platform = m.platform AND coalesce(l.order_shop, l.shop) = m.shop
   AND l.order_key = m.order_key AND l.currency = m.currency
  LEFT JOIN order_states o ON o.platform = m.platform AND o.shop = l.order_shop
   AND o.order_id = m.order_key AND o.currency = m.currency
)
SELECT a.receivable AS account, j.booked_on AS day, j.platform, j.order_key AS order_id,
       NULL AS bank_ref, j.refunded - j.paid AS amount_minor, j.currency, j.document, j."row",
       j.refunded AS found, j.paid AS expected, j.booked_on AS other_day
FROM judged j
JOIN receivables a ON a.platform = j.platform AND a.shop = coalesce(j.order_shop, j.shop)
WHERE j.refunded > j.paid
"""

# An order from before the first export is no risk, nor one whose payment the wallet shows.
REFUND_WITHOUT_ORDER: Final = """
SELECT a.receivable AS account, u.booked_on AS day, u.platform, u.order_key AS order_id,
       NULL AS bank_ref, u.amount_minor, u.currency, u.document, u."row",
       -u.amount_minor AS found, 0 AS expected, u.booked_on AS other_day
FROM unknown_orders u
JOIN receivables a ON a.platform = u.platform AND a.shop = u.shop
ANTI JOIN (SELECT platform, shop, order_key FROM wallet_lines
           WHERE settles AND kind <> 'refund' AND order_shop IS NULL) p
  ON p.platform = u.platform AND p.shop = u.shop AND p.order_key = u.order_key
WHERE u.kind = 'refund' AND u.standing = 'missing' AND u.opening_shop IS NULL
UNION ALL BY NAME
SELECT t.suspense AS account, w.booked_on AS day, NULL AS platform, w.order_id, NULL AS bank_ref,
       w.amount_minor, w.currency, w.document, w."row", -w.amount_minor AS found, 0 AS expected,
       w.booked_on AS other_day
FROM wallet_lines w
JOIN wallets t ON t.source = w.source AND t.account = w.account AND t.shop = w.shop
WHERE w.kind = 'refund' AND NOT w.settles
"""

# The last day on which the wallets of a platform are known to speak.
_LAST_DAYS: Final = """
  SELECT platform, max(booked_on) AS last_on FROM wallet_lines
  WHERE settles GROUP BY platform
"""

# A refund before settlement lowers the settlement itself; only money kept too much counts.
REFUND_NOT_CLAWED_BACK: Final = f"""
WITH last_days AS ({_LAST_DAYS}), stated AS (
  SELECT account, order_id, currency, CAST(sum(-amount_minor) AS BIGINT) AS refunded,
         max(day) AS refunded_on
  FROM legs WHERE side = 'order' AND kind = 'refund' GROUP BY account, order_id, currency
), judged AS (
  SELECT c.*, a.receivable, o.amount_minor, m.sales, m.first_sale_on,
    CASE WHEN c.refunds_are_records THEN coalesce(s.refunded, 0) ELSE c.refund_due END AS due,
    CASE WHEN c.refunds_are_records THEN s.refunded_on ELSE c.rest_refund_on END AS due_on
  FROM claims c
  JOIN order_states o ON o.platform = c.platform AND o.shop = c.shop
   AND o.order_id = c.order_id
  JOIN order_money m ON m.platform = c.platform AND m.shop = c.shop
   AND m.order_id = c.order_id AND m.currency = c.currency
  JOIN receivables a ON a.platform = c.platform AND a.shop = c.shop
  LEFT JOIN stated s ON s.account = a.receivable AND s.order_id = c.order_id
   AND s.currency = c.currency
)
SELECT j.receivable AS account, j.due_on AS day, j.platform, j.order_id, NULL AS bank_ref,
       least(j.due - j.wallet_refunds, j.sales - j.wallet_refunds - (j.amount_minor - j.due))
         AS amount_minor,
       j.currency, j.document, j."row", j.due AS found, j.wallet_refunds AS expected,
       j.due_on AS other_day
FROM judged j JOIN last_days d ON d.platform = j.platform
WHERE j.due > j.wallet_refunds AND j.sales - j.wallet_refunds > j.amount_minor - j.due
  AND j.first_sale_on <= j.due_on AND j.due_on + {TERM_DAYS} < d.last_on
"""

COMPLETED_WITHOUT_PAYMENT: Final = f"""
WITH last_days AS ({_LAST_DAYS}), paid AS (
  SELECT DISTINCT platform, order_shop AS shop, order_key FROM wallet_lines
  WHERE settles AND order_shop IS NOT NULL
)
SELECT a.receivable AS account, c.recognised_on AS day, c.platform, c.order_id, NULL AS bank_ref,
       o.amount_minor - c.refund_due AS amount_minor, c.currency, c.document, c."row",
       o.amount_minor - c.refund_due AS found, 0 AS expected, c.recognised_on AS other_day
FROM claims c
JOIN order_states o ON o.platform = c.platform AND o.shop = c.shop AND o.order_id = c.order_id
JOIN receivables a ON a.platform = c.platform AND a.shop = c.shop
JOIN wallet_first f ON f.platform = c.platform AND f.shop = c.shop AND f.first <= c.claim_on
JOIN last_days d ON d.platform = c.platform
ANTI JOIN paid p ON p.platform = c.platform AND p.shop = c.shop AND p.order_key = c.order_id
WHERE c.status = 'completed' AND o.amount_minor > c.refund_due
  AND c.recognised_on + {TERM_DAYS} < d.last_on
"""

SETTLED_BEFORE_PAYMENT: Final = """
SELECT a.receivable AS account, w.booked_on AS day, w.platform, w.order_key AS order_id,
       NULL AS bank_ref, w.amount_minor, w.currency, w.document, w."row",
       w.amount_minor AS found, 0 AS expected, coalesce(o.paid_on, o.ordered_on) AS other_day
FROM wallet_lines w
JOIN order_states o ON o.platform = w.platform AND o.shop = w.order_shop
 AND o.order_id = w.order_key
JOIN receivables a ON a.platform = o.platform AND a.shop = o.shop
WHERE w.settles AND w.kind = 'sale' AND w.booked_on < coalesce(o.paid_on, o.ordered_on)
"""

# Payouts of the platforms may be equal by chance, and matching accounts for each of them.
REPEATED_BANK_LINE: Final = f"""
SELECT b.bank AS account, b.booked_on AS day, NULL AS platform, NULL AS order_id,
       coalesce(b.bank_ref, b.record_id) AS bank_ref, b.amount_minor, b.currency, b.document,
       b."row", b.amount_minor AS found, 0 AS expected, b.other_day
FROM (
  SELECT l.*, lag(l.booked_on) OVER (
      PARTITION BY l.bank, l.currency, l.counterparty, l.amount_minor
      ORDER BY l.booked_on, l.record_id, l.document, l."row") AS other_day
  FROM bank_lines l
  WHERE coalesce(l.counterparty, '') <> '' AND NOT starts_with(l.counter, 'Assets:Transit:')
) b WHERE date_diff('day', b.other_day, b.booked_on) <= {REPEAT_DAYS}
"""


# Robust z (Iglewicz and Hoaglin): |rate - median| / (1.4826 x MAD) > 3.5, written with their
# 0.6745 = 1 / 1.4826; where more than half of the weeks are equal the MAD is 0, and the mean
# deviation x 1.253314 takes its place. The median and each distance are kept twice and the MAD
# four times as large, so that all is whole numbers also for even counts.
def _outlier(lines: str, which: str = "TRUE") -> str:
    """Weeks whose rate lies far from the other weeks of its unit; `which` of them matter.

    `lines` yields account, platform, currency, week, document, "row", part and base: minor units
    that the rate sums above and below the line.
    """
    return f"""
WITH lines AS ({lines}), weeks AS (
  SELECT account, platform, currency, week, part, base, part * 1000000 // base AS rate
  FROM (SELECT account, platform, currency, week, CAST(sum(part) AS BIGINT) AS part,
               CAST(sum(base) AS BIGINT) AS base
        FROM lines GROUP BY account, platform, currency, week)
  WHERE base > 0
), placed AS (
  SELECT *, row_number() OVER (PARTITION BY account, currency ORDER BY rate, week) AS place,
         count(*) OVER (PARTITION BY account, currency) AS weeks
  FROM weeks
), medians AS (
  SELECT account, currency, weeks,
    CAST(sum(CASE WHEN place = (weeks + 1) // 2 THEN rate ELSE 0 END
           + CASE WHEN place = (weeks + 2) // 2 THEN rate ELSE 0 END) AS BIGINT) AS twice_median
  FROM placed GROUP BY account, currency, weeks
), away AS (
  SELECT w.*, m.twice_median, m.weeks, abs(2 * w.rate - m.twice_median) AS twice_away,
    row_number() OVER (PARTITION BY w.account, w.currency
      ORDER BY abs(2 * w.rate - m.twice_median), w.week) AS place
  FROM weeks w JOIN medians m ON m.account = w.account AND m.currency = w.currency
), spreads AS (
  SELECT account, currency, CAST(sum(twice_away) AS BIGINT) AS twice_total,
    CAST(sum(CASE WHEN place = (weeks + 1) // 2 THEN twice_away ELSE 0 END
           + CASE WHEN place = (weeks + 2) // 2 THEN twice_away ELSE 0 END) AS BIGINT)
    AS four_spreads
  FROM away GROUP BY account, currency
), largest AS (
  SELECT * FROM (
    SELECT *, row_number() OVER (PARTITION BY account, currency, week
      ORDER BY part DESC, base DESC, document, "row") AS place
    FROM lines
  ) WHERE place = 1
)
SELECT a.account, a.week AS day, a.platform, NULL AS order_id, NULL AS bank_ref,
       a.part AS amount_minor, a.currency, l.document, l."row", a.rate AS found,
       a.twice_median // 2 AS expected, a.week AS other_day
FROM away a
JOIN spreads s ON s.account = a.account AND s.currency = a.currency
JOIN largest l ON l.account = a.account AND l.currency = a.currency AND l.week = a.week
WHERE a.weeks >= {MINIMUM_WEEKS} AND a.twice_away > {2 * LEAST_DISTANCE_PPM}
  AND CASE WHEN s.four_spreads > 0 THEN 2 * 6745 * a.twice_away > 35000 * s.four_spreads
           ELSE 10000000 * a.weeks * a.twice_away > 35 * 1253314 * s.twice_total END
  AND {which}
"""


# Few refunds are no risk: refunds follow their sales, so that a shop's first weeks have hardly any.
REFUND_RATE: Final = _outlier(
    """
  SELECT a.receivable AS account, w.platform, w.currency, w.document, w."row",
         CAST(date_trunc('week', w.booked_on) AS DATE) AS week,
         CASE WHEN w.kind = 'refund' THEN -w.amount_minor ELSE 0 END AS part,
         CASE WHEN w.kind <> 'refund' THEN w.amount_minor ELSE 0 END AS base
  FROM wallet_lines w
  JOIN receivables a ON a.platform = w.platform AND a.shop = coalesce(w.order_shop, w.shop)
  WHERE w.settles
""",
    "2 * a.rate > a.twice_median",
)

# By wallet: a line of fees need not say of which order it is.
FEE_RATE: Final = _outlier("""
  SELECT t.wallet AS account, CAST(NULL AS VARCHAR) AS platform, w.currency, w.document, w."row",
         CAST(date_trunc('week', w.booked_on) AS DATE) AS week,
         CASE WHEN w.kind = 'sale' THEN 0 ELSE -w.amount_minor END AS part,
         CASE WHEN w.kind = 'sale' THEN w.amount_minor ELSE 0 END AS base
  FROM wallet_lines w
  JOIN wallets t ON t.source = w.source AND t.account = w.account AND t.shop = w.shop
  WHERE w.kind IN ('sale', 'fee', 'fee_refund', 'payment_fee', 'payment_fee_refund')
""")

# The percentile by nearest rank: the smallest number of days that 99 of 100 orders kept.
LATE_SETTLEMENT: Final = f"""
WITH settled AS (
  SELECT c.*, m.sales, m.first_sale_on, a.receivable,
         CASE WHEN c.escrow THEN o.completed_on ELSE o.paid_on END AS start_on
  FROM claims c
  JOIN order_states o ON o.platform = c.platform AND o.shop = c.shop
   AND o.order_id = c.order_id
  JOIN order_money m ON m.platform = c.platform AND m.shop = c.shop
   AND m.order_id = c.order_id AND m.currency = c.currency
  JOIN receivables a ON a.platform = c.platform AND a.shop = c.shop
), placed AS (
  SELECT s.*, date_diff('day', s.start_on, s.first_sale_on) AS days,
         row_number() OVER (PARTITION BY s.platform
           ORDER BY date_diff('day', s.start_on, s.first_sale_on), s.order_id, s.shop)
           AS place,
         count(*) OVER (PARTITION BY s.platform) AS orders
  FROM settled s WHERE s.first_sale_on IS NOT NULL AND s.start_on IS NOT NULL
), limits AS (
  SELECT platform, days AS most FROM placed
  WHERE orders >= {MINIMUM_ORDERS} AND place = (99 * orders + 99) // 100
)
SELECT p.receivable AS account, p.first_sale_on AS day, p.platform, p.order_id, NULL AS bank_ref,
       p.sales AS amount_minor, p.currency, p.document, p."row", p.days AS found,
       l.most AS expected, p.start_on AS other_day
FROM placed p JOIN limits l ON l.platform = p.platform
WHERE p.days > l.most
"""
