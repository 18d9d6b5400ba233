"""What orders, wallet lines and bank lines post, as SQL: clearing legs and their counter-postings.

Two tables come out, and the journal and the matcher read the same rows, which is why the books
and the reconciliation cannot drift apart:

`legs`: one row per posting on a clearing account (entry, account, currency, key, day, amount_minor,
side, kind, and the references of its record). `side` is `order` for what is expected (an order's
claim, a payout on its way), `wallet` or `bank` for what came, `opening`, `decision`, `manual`.
`grp` is for the matcher: the group that a leg is put into, none while its key is its group.

`counters`: postings on all other accounts, summed up (entry, day, account, currency, owner,
amount_minor, line_count: how many). Every event's legs and counters sum to zero. `owner` is
`<platform>/<shop>` where the account is several shops' and the line says whose it is; none
elsewhere.

`entry` names the journal entry a row belongs to: `orders/<platform>/<shop>` or
`<source>/<account>` for daily summaries, `<source>/<account>#<record_id>` for a bank line.
Amounts are minor units, debit positive.
"""

from __future__ import annotations

from typing import Final

from beanclear.ledger.chart import KEPT
from beanclear.ledger.posting.taxes import TAXES


def _wechat_paid_on(trade: str) -> str:
    """The day of a payment of WeChat Pay, which its number of 28 digits tells."""
    return f"""CASE
        WHEN regexp_full_match(coalesce({trade}, ''), '4[0-9]{{27}}')
          THEN CAST(TRY_STRPTIME(substr({trade}, 11, 8), '%Y%m%d') AS DATE) END"""


# An order's events on its receivable. `counter` says where the other side stands: `advance`
# while the sale is not recognised, `income` from then on.
ORDER_EVENTS: Final = f"""
CREATE OR REPLACE TEMP TABLE order_events AS
WITH wallet_refunds AS (
  SELECT w.platform, w.order_shop AS shop, w.order_key AS order_id, w.currency,
         w.booked_on AS day, -w.amount_minor AS refund, w.document, w."row", w.record_id,
         CAST(sum(-w.amount_minor) OVER (
           PARTITION BY w.platform, w.order_shop, w.order_key, w.currency
           ORDER BY w.booked_on, w.record_id ROWS UNBOUNDED PRECEDING) AS BIGINT) AS running
  FROM wallet_lines w WHERE w.settles AND w.kind = 'refund' AND w.order_shop IS NOT NULL
), accepted AS (
  -- As far as what was given back until then goes beyond what was before; a refund that failed
  -- comes back, and takes its part back.
  SELECT c.platform, c.shop, c.order_id, c.currency, r.day,
         least(greatest(r.running, 0), c.refund_due)
           - least(greatest(r.running - r.refund, 0), c.refund_due) AS part,
         c.recognised_on, c.own_vat_on, c.vat_point, c.numer, c.denom, r.document, r."row",
         r.record_id
  FROM claims c JOIN wallet_refunds r ON r.platform = c.platform AND r.shop = c.shop
   AND r.order_id = c.order_id AND r.currency = c.currency
  WHERE NOT c.refunds_are_records
), bill_refunds AS (
  SELECT DISTINCT ON (source, account, record_id) *, {_wechat_paid_on("trade_id")} AS paid_on
  FROM records
  WHERE stage = 'order' AND kind = 'refund'
  ORDER BY source, account, record_id, shop, document, "row"
), stated AS (
  SELECT c.platform, c.shop, c.order_id, c.currency, r.booked_on AS day, -r.amount_minor AS part,
         c.recognised_on, c.own_vat_on, c.vat_point, c.numer, c.denom, r.document, r."row",
         r.record_id, r.refund_id
  FROM claims c
  JOIN bill_refunds r ON r.platform = c.platform AND r.shop = c.shop
   AND r.order_id = c.order_id AND r.currency = c.currency
  WHERE c.refunds_are_records
), older AS (
  -- The bill gives back an order from before the first bill: it reverses income of that time, whose
  -- rate is that of the day in the payment's number.
  SELECT r.platform, r.shop, r.order_id, r.currency, r.booked_on AS day, -r.amount_minor AS part,
         r.booked_on AS recognised_on, NULL AS own_vat_on, 'recognition' AS vat_point,
         v.ppm AS numer, 1000000 + v.ppm AS denom, r.document, r."row", r.record_id, r.refund_id
  FROM bill_refunds r
  JOIN vat_rates v ON v.platform = r.platform AND v.category = ''
   AND coalesce(r.paid_on, r.booked_on) BETWEEN v.first AND v.last
  ANTI JOIN (SELECT b.platform, b.shop, b.order_id FROM bill_refunds b
             JOIN order_states o ON o.platform = b.platform AND o.order_id = b.order_id
             JOIN served v ON v.platform = b.platform AND v.wallet_shop = b.shop
              AND v.order_shop = o.shop) o
    ON o.platform = r.platform AND o.shop = r.shop AND o.order_id = r.order_id
  ANTI JOIN order_aliases a ON a.platform = r.platform AND a.wallet_shop = r.shop
   AND a.alias = r.order_id
  ANTI JOIN order_cover c ON c.platform = r.platform AND c.source = 'shop'
  WHERE r.order_id IS NOT NULL
), returned AS (
  -- A refund that the bill shows and the wallet took back: it failed, and was not given.
  SELECT b.* EXCLUDE (day, part, document, "row", record_id, refund_id), w.booked_on AS day,
         least(w.running - w.amount_minor, b.part) - least(w.running, b.part) AS part,
         w.document, w."row", w.record_id
  FROM (SELECT * FROM stated UNION ALL BY NAME SELECT * FROM older) b
  JOIN (
    SELECT platform, refund_id, currency, booked_on, amount_minor, document, "row", record_id,
           CAST(sum(amount_minor) OVER (
             PARTITION BY platform, refund_id, currency
             ORDER BY booked_on, record_id ROWS UNBOUNDED PRECEDING) AS BIGINT) AS running
    FROM wallet_lines
    WHERE settles AND kind = 'refund' AND amount_minor > 0 AND refund_id IS NOT NULL
  ) w ON w.platform = b.platform AND w.refund_id = b.refund_id AND w.currency = b.currency
), rest AS (
  SELECT platform, shop, order_id, currency, rest_refund_on AS day,
         refund_due - wallet_refunds AS part, recognised_on, own_vat_on, vat_point,
         numer, denom, document, "row", record_id
  FROM claims
  WHERE refund_due > wallet_refunds AND NOT refunds_are_records
    AND (NOT escrow OR status = 'closed')
)
SELECT platform, shop, order_id, currency, claim_on AS day, claim_minor AS amount_minor,
       'sale' AS kind,
       CASE WHEN recognised_on IS NULL OR recognised_on > claim_on THEN 'advance' ELSE 'income' END
         AS counter,
       own_vat_on, vat_point, numer, denom, has_money, document, "row", record_id
FROM claims WHERE claim_minor <> 0
UNION ALL BY NAME
SELECT platform, shop, order_id, currency, day, -part AS amount_minor, 'refund' AS kind,
       CASE WHEN recognised_on IS NULL OR recognised_on > day THEN 'advance' ELSE 'income' END
         AS counter,
       -- The tax of a sale is not due again for what comes later.
       CASE WHEN own_vat_on < day THEN day ELSE own_vat_on END AS own_vat_on, vat_point,
       numer, denom, NULL AS has_money, document, "row", record_id
FROM (SELECT * FROM accepted
      UNION ALL BY NAME SELECT * EXCLUDE (refund_id) FROM stated
      UNION ALL BY NAME SELECT * EXCLUDE (refund_id) FROM older
      UNION ALL BY NAME SELECT * FROM returned
      UNION ALL BY NAME SELECT * FROM rest)
WHERE part <> 0;

CREATE OR REPLACE TEMP TABLE recognitions AS
SELECT c.platform, c.shop, c.order_id, c.currency, c.recognised_on AS day,
       c.claim_minor + coalesce(e.early, 0) AS amount_minor, c.own_vat_on, c.vat_point,
       c.numer, c.denom
FROM claims c
LEFT JOIN (
  SELECT platform, shop, order_id, currency, CAST(sum(amount_minor) AS BIGINT) AS early
  FROM order_events WHERE kind = 'refund' AND counter = 'advance'
  GROUP BY platform, shop, order_id, currency
) e ON e.platform = c.platform AND e.shop = c.shop AND e.order_id = c.order_id
 AND e.currency = c.currency
WHERE c.recognised_on > c.claim_on AND c.claim_minor + coalesce(e.early, 0) <> 0;

-- What closed orders keep: the part of an advance that is not given back any more.
CREATE OR REPLACE TEMP TABLE endings AS
SELECT c.platform, c.shop, c.order_id, c.currency, c.kept_on AS day,
       c.claim_minor + coalesce(e.back, 0) AS amount_minor, c.numer, c.denom
FROM claims c
LEFT JOIN (
  SELECT platform, shop, order_id, currency, CAST(sum(amount_minor) AS BIGINT) AS back
  FROM order_events WHERE kind = 'refund' GROUP BY platform, shop, order_id, currency
) e ON e.platform = c.platform AND e.shop = c.shop AND e.order_id = c.order_id
 AND e.currency = c.currency
WHERE c.kept_on IS NOT NULL AND c.claim_minor + coalesce(e.back, 0) > 0;
"""

# Wallet money for an order of which no export says anything. Where no order source covers the
# platform at all, the wallet line is the sale; where one does, it is an exception, or an opening
# item when the order predates the first export. `opening_shop` is the shop of a stated opening
# item; `ambiguous` is a number of several shops, or a trade of several orders, that nothing tells
# apart. A refund that bears its own number alone (`unnamed`) is of an order that only the payment
# bill names: no day is guessed of it. Money of one order that the wallet alone knows bears the VAT
# of its sale.
UNKNOWN_ORDERS: Final = f"""
CREATE OR REPLACE TEMP TABLE opening_items AS
SELECT DISTINCT ON (r.platform, r.shop, r.order_id) r.platform, r.shop, r.order_id, r.currency,
       r.amount_minor, r.document, r."row", r.record_id
FROM records r
WHERE r.source = 'opening'
ORDER BY r.platform, r.shop, r.order_id, r.document, r."row";

CREATE OR REPLACE TEMP TABLE unknown_orders AS
WITH named_refunds AS (
  SELECT platform, refund_id, min({_wechat_paid_on("trade_id")}) AS paid_on
  FROM records WHERE stage = 'order' AND kind = 'refund' AND refund_id IS NOT NULL
  GROUP BY platform, refund_id
), unknown AS (
SELECT w.* EXCLUDE (lone_refund),
       CASE WHEN w.unsure IS NOT NULL THEN 'ambiguous'
            WHEN s.platform IS NULL THEN 'wallet-only'
            WHEN w.lone_refund THEN 'unnamed'
            WHEN coalesce(w.ordered_guess, w.booked_on - w.term_days) < s.first THEN 'opening'
            ELSE 'missing' END AS standing
FROM (
  SELECT l.*, t.term_days, coalesce(i.shop, x.shop) AS opening_shop,
    CASE WHEN i.shop IS NOT NULL THEN NULL
         WHEN n.order_id IS NOT NULL THEN 'shops'
         WHEN y.basis = 'none' THEN 'orders' END AS unsure,
    CASE WHEN l.kind = 'refund' AND l.refund_id IS NOT NULL AND l.order_id IS NULL
              AND b.refund_id IS NULL THEN true ELSE false END AS lone_refund,
    CASE
      WHEN l.source = 'alipay' AND regexp_full_match(coalesce(l.trade_id, ''), '20[0-9]{{26,30}}')
        THEN CAST(TRY_STRPTIME(substr(l.trade_id, 1, 8), '%Y%m%d') AS DATE)
      WHEN b.paid_on IS NOT NULL THEN b.paid_on
      WHEN l.source IN ('wechatpay', 'taobao-wechat') THEN {_wechat_paid_on("l.trade_id")}
      WHEN l.platform = 'pinduoduo'
           AND regexp_full_match(coalesce(l.order_id, ''), '[0-9]{{6}}-[0-9]+')
        THEN CAST(TRY_STRPTIME('20' || substr(l.order_id, 1, 6), '%Y%m%d') AS DATE)
    END AS ordered_guess
  FROM wallet_lines l
  JOIN platforms t ON t.platform = l.platform
  LEFT JOIN opening_items i ON i.platform = l.platform AND i.shop = l.shop
   AND i.order_id = l.order_key
  LEFT JOIN (SELECT o.platform, v.wallet_shop, o.order_id, min(o.shop) AS shop
             FROM opening_items o
             JOIN served v ON v.platform = o.platform AND v.order_shop = o.shop
             GROUP BY o.platform, v.wallet_shop, o.order_id HAVING count(*) = 1) x
    ON x.platform = l.platform AND x.wallet_shop = l.shop AND x.order_id = l.order_key
  LEFT JOIN shared_shops n ON n.platform = l.platform AND n.wallet_shop = l.shop
   AND n.order_id = l.order_id
  LEFT JOIN trade_sums y ON y.platform = l.platform AND y.wallet_shop = l.shop
   AND y.trade_id = l.trade_id AND y.currency = l.currency
   AND y.back = (l.kind = 'refund')
  -- A bill may give back an order that it never sold.
  ANTI JOIN order_events e ON e.platform = l.platform AND e.shop = l.shop
   AND e.order_id = l.order_key AND e.kind = 'refund'
  LEFT JOIN named_refunds b ON b.platform = l.platform AND b.refund_id = l.refund_id
  WHERE l.settles AND l.order_shop IS NULL
) w
LEFT JOIN order_sides s ON s.platform = w.platform AND s.wallet_source = w.source
 AND s.shop = w.shop
), sold AS (
  SELECT platform, shop, order_key, min(booked_on) AS sold_on FROM unknown
  WHERE kind <> 'refund' AND amount_minor > 0 GROUP BY platform, shop, order_key
)
SELECT u.*, v.ppm AS numer, 1000000 + v.ppm AS denom
FROM unknown u
LEFT JOIN sold d ON d.platform = u.platform AND d.shop = u.shop AND d.order_key = u.order_key
JOIN vat_rates v ON v.platform = u.platform AND v.category = ''
 AND CASE WHEN u.kind <> 'refund' AND u.amount_minor > 0 THEN u.booked_on
          ELSE coalesce(d.sold_on, u.ordered_guess, u.booked_on) END BETWEEN v.first AND v.last;
"""

LEGS: Final = """
CREATE OR REPLACE TEMP TABLE legs AS
SELECT 'orders/' || e.platform || '/' || e.shop AS entry, a.receivable AS account, e.currency,
       CASE WHEN e.kind = 'sale' AND e.day < f.first AND NOT e.has_money THEN 'opening-orders'
            ELSE e.order_id END AS key,
       CAST(NULL AS VARCHAR) AS grp, e.day, e.amount_minor, 'order' AS side, e.kind, e.record_id,
       e.document, e."row", e.order_id, NULL AS trade_id, NULL AS payout_id, NULL AS bank_ref,
       NULL AS counterparty, NULL AS memo
FROM order_events e
JOIN receivables a ON a.platform = e.platform AND a.shop = e.shop
LEFT JOIN wallet_first f ON f.platform = e.platform AND f.shop = e.shop
UNION ALL BY NAME
SELECT w.source || '/' || w.account AS entry, a.receivable AS account, w.currency,
       CASE WHEN u.standing = 'opening' AND u.opening_shop IS NULL THEN 'opening'
            ELSE w.order_key END AS key,
       w.booked_on AS day, -w.amount_minor AS amount_minor, 'wallet' AS side, w.kind,
       w.record_id, w.document, w."row", w.order_key AS order_id, w.trade_id, NULL AS payout_id,
       NULL AS bank_ref, NULL AS counterparty, NULL AS memo
FROM wallet_lines w
LEFT JOIN unknown_orders u ON u.source = w.source AND u.account = w.account
 AND u.shop = w.shop AND u.record_id = w.record_id
JOIN receivables a ON a.platform = w.platform
 AND a.shop = coalesce(w.order_shop, u.opening_shop, w.shop)
WHERE w.settles
UNION ALL BY NAME
SELECT 'orders/' || u.platform || '/' || u.shop AS entry, a.receivable AS account,
       u.currency, u.order_key AS key, u.booked_on AS day, u.amount_minor,
       'order' AS side, u.kind, u.record_id, u.document, u."row",
       u.order_key AS order_id, u.trade_id, NULL AS payout_id, NULL AS bank_ref,
       NULL AS counterparty, NULL AS memo
FROM unknown_orders u JOIN receivables a ON a.platform = u.platform AND a.shop = u.shop
WHERE u.standing = 'wallet-only' AND u.opening_shop IS NULL
UNION ALL BY NAME
SELECT 'opening/' || i.platform || '/' || i.shop AS entry, a.receivable AS account,
       i.currency, i.order_id AS key, b.opening_day AS day, i.amount_minor,
       'order' AS side, 'opening' AS kind, i.record_id, i.document, i."row",
       i.order_id, NULL AS trade_id, NULL AS payout_id, NULL AS bank_ref, NULL AS counterparty,
       NULL AS memo
FROM opening_items i
JOIN receivables a ON a.platform = i.platform AND a.shop = i.shop
CROSS JOIN beginning b
UNION ALL BY NAME
SELECT w.source || '/' || w.account AS entry,
       CASE WHEN w.kind IN ('payout', 'payout_return') THEN t.transit ELSE t.suspense END
         AS account,
       w.currency,
       CASE WHEN w.kind = 'payout' AND w.payout_id IS NOT NULL THEN w.payout_id ELSE w.record_id END
         AS key,
       w.booked_on AS day, -w.amount_minor AS amount_minor,
       CASE WHEN w.kind = 'payout' THEN 'order' ELSE 'wallet' END AS side, w.kind, w.record_id,
       w.document, w."row", w.order_id, w.trade_id, w.payout_id, NULL AS bank_ref,
       w.counterparty, w.memo
FROM wallet_lines w
JOIN wallets t ON t.source = w.source AND t.account = w.account AND t.shop = w.shop
LEFT JOIN kind_accounts k ON k.kind = w.kind
LEFT JOIN ruled_lines u ON u.stage = 'wallet' AND u.source = w.source
 AND u.account = w.account AND u.shop = w.shop AND u.record_id = w.record_id
WHERE NOT w.settles AND u.target IS NULL
  AND (w.kind IN ('payout', 'payout_return') OR k.kind IS NULL)
UNION ALL BY NAME
SELECT b.source || '/' || b.account || '#' || b.record_id AS entry, b.counter AS account,
       b.currency, b.record_id AS key, b.booked_on AS day,
       -b.amount_minor AS amount_minor, 'bank' AS side, b.kind, b.record_id, b.document,
       b."row", NULL AS order_id, NULL AS trade_id, NULL AS payout_id, b.bank_ref,
       b.counterparty, b.memo
FROM bank_lines b WHERE b.clearing;
"""

COUNTERS: Final = f"""
CREATE OR REPLACE TEMP TABLE wallet_sums AS
SELECT source, account, shop, settles, kind, platform, order_shop, currency, booked_on,
       CAST(sum(amount_minor) AS BIGINT) AS amount_minor, CAST(count(*) AS BIGINT) AS line_count
FROM wallet_lines
GROUP BY source, account, shop, settles, kind, platform, order_shop, currency, booked_on;

CREATE OR REPLACE TEMP TABLE counters AS
SELECT entry, day, account, currency, owner, CAST(sum(amount_minor) AS BIGINT) AS amount_minor,
       CAST(sum(line_count) AS BIGINT) AS line_count
FROM (
SELECT 'orders/' || e.platform || '/' || e.shop AS entry, e.day, a.advances AS account,
       e.currency, -e.amount_minor AS amount_minor, 1 AS line_count
FROM order_events e JOIN receivables a ON a.platform = e.platform AND a.shop = e.shop
WHERE e.counter = 'advance'
UNION ALL BY NAME
SELECT 'orders/' || e.platform || '/' || e.shop AS entry, e.day, a.advances AS account,
       e.currency, e.amount_minor, 1 AS line_count
FROM recognitions e JOIN receivables a ON a.platform = e.platform AND a.shop = e.shop
UNION ALL BY NAME
SELECT 'orders/' || e.platform || '/' || e.shop AS entry, e.day, a.income AS account,
       e.currency, -(e.amount_minor - e.vat_minor) AS amount_minor, e.line_count
FROM income_events e JOIN receivables a ON a.platform = e.platform AND a.shop = e.shop
UNION ALL BY NAME
SELECT 'orders/' || e.platform || '/' || e.shop AS entry, e.day,
       CASE WHEN e.vat_point = 'recognition' OR e.own_vat_on = e.day THEN o.account
            ELSE a.vat_deferred END AS account,
       e.currency, -e.vat_minor AS amount_minor, e.vat_count AS line_count
FROM income_events e JOIN receivables a ON a.platform = e.platform AND a.shop = e.shop
JOIN output_vat o ON e.day BETWEEN o.first AND o.last
WHERE e.vat_minor <> 0
UNION ALL BY NAME
SELECT 'orders/' || e.platform || '/' || e.shop AS entry, e.own_vat_on AS day, x.account,
       e.currency, x.factor * e.vat_minor AS amount_minor, e.vat_count AS line_count
FROM income_events e
JOIN receivables a ON a.platform = e.platform AND a.shop = e.shop
JOIN output_vat o ON e.own_vat_on BETWEEN o.first AND o.last
CROSS JOIN LATERAL (SELECT a.vat_deferred AS account, 1 AS factor
                    UNION ALL SELECT o.account AS account, -1 AS factor) x
WHERE e.vat_minor <> 0 AND e.vat_point <> 'recognition' AND e.own_vat_on IS NOT NULL
  AND e.own_vat_on <> e.day
UNION ALL BY NAME
SELECT 'orders/' || e.platform || '/' || e.shop AS entry, e.day, x.account, e.currency,
       x.amount_minor, x.owner, e.line_count
FROM kept_sums e
JOIN receivables a ON a.platform = e.platform AND a.shop = e.shop
JOIN output_vat o ON e.day BETWEEN o.first AND o.last
CROSS JOIN LATERAL (
  SELECT a.advances AS account, e.amount_minor AS amount_minor, CAST(NULL AS VARCHAR) AS owner
  UNION ALL SELECT '{KEPT}', -(e.amount_minor - e.vat_minor), e.platform || '/' || e.shop
  UNION ALL SELECT o.account, -e.vat_minor, CAST(NULL AS VARCHAR)) x
UNION ALL BY NAME
SELECT 'opening/' || i.platform || '/' || i.shop AS entry, b.opening_day AS day,
       'Equity:Opening-Balances' AS account, i.currency, -i.amount_minor AS amount_minor,
       1 AS line_count
FROM opening_items i CROSS JOIN beginning b
UNION ALL BY NAME
SELECT w.source || '/' || w.account AS entry, w.booked_on AS day, t.wallet AS account,
       w.currency, w.amount_minor, w.line_count
FROM wallet_sums w
JOIN wallets t ON t.source = w.source AND t.account = w.account AND t.shop = w.shop
UNION ALL BY NAME
SELECT w.source || '/' || w.account AS entry, w.booked_on AS day,
       CASE k.account WHEN '@internal' THEN t.internal WHEN '@prepaid' THEN t.prepaid
            WHEN '@deposits' THEN t.deposits WHEN '@reserved' THEN t.reserved
            ELSE k.account END AS account,
       w.currency, -w.amount_minor AS amount_minor,
       CASE WHEN w.platform IS NOT NULL OR w.shop <> ''
              THEN coalesce(w.platform, '') || '/' || coalesce(w.order_shop, w.shop) END AS owner,
       w.line_count
FROM wallet_sums w
JOIN wallets t ON t.source = w.source AND t.account = w.account AND t.shop = w.shop
JOIN kind_accounts k ON k.kind = w.kind
WHERE NOT w.settles
UNION ALL BY NAME
SELECT w.source || '/' || w.account AS entry, w.booked_on AS day, u.target AS account,
       w.currency, -w.amount_minor AS amount_minor, 1 AS line_count
FROM wallet_lines w
JOIN ruled_lines u ON u.stage = 'wallet' AND u.source = w.source AND u.account = w.account
 AND u.shop = w.shop AND u.record_id = w.record_id
WHERE NOT w.settles
UNION ALL BY NAME
SELECT b.source || '/' || b.account || '#' || b.record_id AS entry, b.booked_on AS day,
       b.bank AS account, b.currency, b.amount_minor, 1 AS line_count
FROM bank_lines b
UNION ALL BY NAME
SELECT b.source || '/' || b.account || '#' || b.record_id AS entry, b.booked_on AS day,
       b.counter AS account, b.currency, -b.amount_minor AS amount_minor, 1 AS line_count
FROM bank_lines b WHERE NOT b.clearing
) GROUP BY entry, day, account, currency, owner;

DROP TABLE wallet_sums;
"""

POSTINGS: Final = """
CREATE OR REPLACE TEMP TABLE postings AS
SELECT entry, day, account, currency, owner, CAST(sum(amount_minor) AS BIGINT) AS amount_minor,
       CAST(sum(line_count) AS BIGINT) AS line_count
FROM (SELECT * FROM counters
      UNION ALL BY NAME
      SELECT entry, day, account, currency, amount_minor, 1 AS line_count FROM legs
      UNION ALL BY NAME SELECT * FROM settled_postings)
GROUP BY entry, day, account, currency, owner;
"""

STEPS: Final = (ORDER_EVENTS, UNKNOWN_ORDERS, LEGS, TAXES, COUNTERS, POSTINGS)
