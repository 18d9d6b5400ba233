"""From order snapshots to what each order puts on the receivable, as SQL over `records`.

Tables made here (one connection, all temporary):

| table | a row is | made from |
|---|---|---|
| `order_states` | one order in its latest known state | order-stage records |
| `order_aliases` | another reference (sub-order, trade, refund) of one order | the same |
| `wallet_lines` | one booked wallet line, its order resolved | wallet-stage records |
| `order_money` | one order's sales and refunds by the wallet | `wallet_lines` |
| `claims` | what one order puts on its receivable, and when it becomes income | all of them |

Inputs besides the view `records`: `documents` (see `beanclear.ledger.posting.inputs`), and the
small policy tables `order_sources`, `recognition`, `platforms`.

What only the next statements read is dropped when they have read it: tables of millions of rows
that nobody reads again would be written to disk to make room for others.

The SQL keeps to the safe subset both engines agree on: integer minor units, no division but
whole-number `//`, explicit orders.
"""

from __future__ import annotations

from typing import Final

from beanclear.ledger.posting.aliases import ORDER_ALIASES
from beanclear.ledger.posting.conflicts import ORDER_CONFLICTS
from beanclear.ledger.posting.shops import ORDER_HOMES, SHARED_NUMBERS
from beanclear.ledger.posting.trades import TRADES

# Two states of one order: further in life wins, then the later export. A shop's own platform export
# outranks an ERP's or a bill's word. Where neither file says that it is later, the one that claims
# less counts until somebody says which is right (`order_conflicts`).
ORDER_STATES: Final = f"""
CREATE OR REPLACE TEMP VIEW order_snapshots AS
SELECT r.platform, coalesce(h.home, r.shop) AS shop, r.source, r.order_id, r.trade_id,
       r.waybill_id, r.currency, r.amount_minor, r.refunded_minor, r.status, r.known_at,
       r.document, r."row", r.record_id, r.ordered_at, r.paid_at, r.shipped_at, r.completed_at,
       r.closed_at,
       r.booked_on, r.tax_minor, r.category, s.priority, s.knows_shipping, s.says_when,
       coalesce(h.doubtful, false) AS strayed
FROM records r JOIN order_sources s ON s.source = r.source AND s.platform = r.platform
LEFT JOIN order_homes h ON h.platform = r.platform AND h.order_id = r.order_id AND h.shop = r.shop
WHERE r.stage = 'order' AND r.kind = 'sale' AND r.parent_order_id IS NULL
  AND r.source <> 'opening';

-- Of orders exported several times: which snapshot counts, and since when they are known. Where all
-- is equal but the document, it is all the same which.
CREATE OR REPLACE TEMP TABLE told_again AS
WITH several AS (
  SELECT platform, shop, order_id FROM order_snapshots
  GROUP BY platform, shop, order_id HAVING count(*) > 1
), ranked AS (
  SELECT o.platform, o.shop, o.order_id, o.document, o."row", o.known_at, o.status, o.currency,
         o.amount_minor, o.refunded_minor, o.tax_minor, o.booked_on, o.ordered_at, o.paid_at,
         o.shipped_at, o.completed_at, o.trade_id, o.waybill_id, o.category, o.priority,
         o.says_when, o.strayed,
         CASE o.status WHEN 'created' THEN 0 WHEN 'paid' THEN 1 WHEN 'shipped' THEN 2 ELSE 3 END
           AS life
  FROM order_snapshots o
  SEMI JOIN several s ON s.platform = o.platform AND s.shop = o.shop AND s.order_id = o.order_id
)
SELECT *, first_value(refunded_minor) OVER furthest AS last_refunded,
       row_number() OVER furthest AS place
FROM ranked
WINDOW furthest AS (
  PARTITION BY platform, shop, order_id
  ORDER BY priority DESC, life DESC, known_at DESC, status, currency, amount_minor,
           refunded_minor DESC NULLS LAST, tax_minor DESC NULLS LAST,
           completed_at DESC NULLS LAST, shipped_at DESC NULLS LAST, paid_at DESC NULLS LAST,
           ordered_at DESC NULLS LAST, trade_id NULLS LAST, waybill_id NULLS LAST,
           document DESC, "row" DESC);

CREATE OR REPLACE TEMP TABLE order_facts AS
SELECT platform, shop, order_id, max(CASE WHEN place = 1 THEN document END) AS document,
       max(CASE WHEN place = 1 THEN "row" END) AS "row",
       min(CASE WHEN status = 'completed' THEN known_at END) AS completed_known_at,
       min(CASE WHEN status IN ('shipped', 'completed') THEN known_at END) AS shipped_known_at,
       min(CASE WHEN refunded_minor >= last_refunded OR status = 'closed' THEN known_at END)
         AS refund_known_at,
       max(category) AS category
FROM told_again GROUP BY platform, shop, order_id;

-- The tax that some export of an order states, where the one that counts says nothing of it: a
-- platform's own export outranks an ERP's, but knows no tax. It is the tax of that export's amount.
CREATE OR REPLACE TEMP TABLE order_taxes AS
SELECT platform, shop, order_id, currency, tax_minor, amount_minor FROM (
  SELECT platform, shop, order_id, currency, tax_minor, amount_minor,
         row_number() OVER (PARTITION BY platform, shop, order_id, currency ORDER BY place) AS best
  FROM told_again WHERE tax_minor IS NOT NULL
) WHERE best = 1;

CREATE OR REPLACE TEMP TABLE parts_again AS
SELECT *, row_number() OVER (
    PARTITION BY platform, shop, order_id
    ORDER BY life DESC, known_at DESC, status, amount_minor, refunded_minor DESC NULLS LAST,
             parent_order_id, document DESC, "row" DESC) AS place
FROM (
  SELECT r.platform, coalesce(h.home, r.shop) AS shop, r.order_id, r.parent_order_id,
         r.amount_minor, r.refunded_minor, r.currency, r.booked_on, r.known_at, r.status,
         r.document, r."row",
         CASE r.status WHEN 'created' THEN 0 WHEN 'paid' THEN 1 WHEN 'shipped' THEN 2 ELSE 3 END
           AS life
  FROM records r
  LEFT JOIN order_homes h ON h.platform = r.platform AND h.order_id = r.parent_order_id
   AND h.shop = r.shop
  WHERE r.stage = 'order' AND r.parent_order_id IS NOT NULL
);

CREATE OR REPLACE TEMP TABLE suborders AS
SELECT platform, shop, order_id, parent_order_id, refunded_minor, document, "row"
FROM parts_again WHERE place = 1;

CREATE OR REPLACE TEMP TABLE order_states AS
WITH suborder_refunds AS (
  SELECT platform, shop, parent_order_id AS order_id, CAST(sum(refunded_minor) AS BIGINT)
           AS refunded_minor
  FROM suborders GROUP BY platform, shop, parent_order_id
), winners AS (
  SELECT o.*,
         CASE WHEN f.order_id IS NOT NULL THEN f.completed_known_at
              WHEN o.status = 'completed' THEN o.known_at END AS completed_known_at,
         CASE WHEN f.order_id IS NOT NULL THEN f.shipped_known_at
              WHEN o.status IN ('shipped', 'completed') THEN o.known_at END AS shipped_known_at,
         CASE WHEN f.order_id IS NOT NULL THEN f.refund_known_at
              WHEN o.refunded_minor IS NOT NULL OR o.status = 'closed' THEN o.known_at END
           AS refund_known_at,
         f.category AS other_category
  FROM order_snapshots o
  LEFT JOIN order_facts f ON f.platform = o.platform AND f.shop = o.shop
   AND f.order_id = o.order_id
  WHERE f.order_id IS NULL OR (f.document = o.document AND f."row" = o."row")
)
SELECT w.platform, w.shop, w.source, w.order_id, w.trade_id, w.waybill_id, w.currency,
       w.amount_minor, coalesce(w.refunded_minor, r.refunded_minor) AS refunded_minor, w.status,
       CAST(w.known_at AS DATE) AS known_on, CAST(w.ordered_at AS DATE) AS ordered_on,
       CAST(w.paid_at AS DATE) AS paid_on, CAST(w.shipped_at AS DATE) AS shipped_on,
       CAST(w.completed_at AS DATE) AS completed_on, CAST(w.closed_at AS DATE) AS closed_on,
       w.booked_on, w.knows_shipping,
       CAST(w.completed_known_at AS DATE) AS completed_known_on,
       CAST(w.shipped_known_at AS DATE) AS shipped_known_on,
       CAST(w.refund_known_at AS DATE) AS refund_known_on,
       coalesce(w.category, w.other_category) AS category,
       coalesce(w.tax_minor, t.tax_minor) AS tax_minor,
       CASE WHEN w.tax_minor IS NULL THEN t.amount_minor ELSE w.amount_minor END AS taxed_minor,
       w.document, w."row", w.record_id
FROM winners w
LEFT JOIN order_taxes t ON t.platform = w.platform AND t.shop = w.shop
 AND t.order_id = w.order_id AND t.currency = w.currency
LEFT JOIN suborder_refunds r ON r.platform = w.platform AND r.shop = w.shop
 AND r.order_id = w.order_id;

-- Orders of which only the parts were exported: as far as the part that is behind all others, and
-- closed when all are. A part that is closed is given back.
CREATE OR REPLACE TEMP TABLE lone_parts AS
SELECT s.platform, s.shop, s.order_id, s.document, s."row" FROM suborders s
ANTI JOIN order_states o ON o.platform = s.platform AND o.shop = s.shop
 AND o.order_id = s.parent_order_id;

INSERT INTO order_states BY NAME
WITH parts AS (
  SELECT r.* EXCLUDE (refunded_minor, shop), s.shop,
         CASE WHEN r.status = 'closed' THEN coalesce(r.refunded_minor, r.amount_minor)
              ELSE r.refunded_minor END AS refunded_minor,
         CASE r.status WHEN 'created' THEN 0 WHEN 'paid' THEN 1 WHEN 'shipped' THEN 2 ELSE 3 END
           AS life
  FROM records r
  JOIN lone_parts s ON s.platform = r.platform AND s.order_id = r.order_id
   AND s.document = r.document AND s."row" = r."row"
  WHERE r.stage = 'order' AND r.parent_order_id IS NOT NULL
), totals AS (
  SELECT platform, shop, min(source) AS source, parent_order_id AS order_id,
         min(currency) AS currency, CAST(sum(amount_minor) AS BIGINT) AS amount_minor,
         CAST(sum(refunded_minor) AS BIGINT) AS refunded_minor,
         CAST(min(known_at) AS DATE) AS known_on, min(document) AS document, min("row") AS "row",
         min(record_id) AS record_id, min(life) AS life, max(status) AS status,
         CAST(min(ordered_at) AS DATE) AS ordered_on, CAST(min(paid_at) AS DATE) AS paid_on,
         CAST(max(shipped_at) AS DATE) AS shipped_on,
         CAST(max(completed_at) AS DATE) AS completed_on,
         CAST(max(closed_at) AS DATE) AS closed_on, min(booked_on) AS booked_on
  FROM parts GROUP BY platform, shop, parent_order_id
)
SELECT platform, shop, source, order_id, currency, amount_minor, refunded_minor,
       CASE life WHEN 0 THEN 'created' WHEN 1 THEN 'paid' WHEN 2 THEN 'shipped' ELSE status END
         AS status,
       known_on, ordered_on, paid_on, CASE WHEN life >= 2 THEN shipped_on END AS shipped_on,
       CASE WHEN life = 3 THEN completed_on END AS completed_on,
       CASE WHEN life = 3 THEN closed_on END AS closed_on, booked_on,
       true AS knows_shipping,
       CASE WHEN life = 3 AND status = 'completed' THEN known_on END AS completed_known_on,
       CASE WHEN life >= 2 THEN known_on END AS shipped_known_on, known_on AS refund_known_on,
       document, "row", record_id
FROM totals;

{ORDER_CONFLICTS}
DROP TABLE order_facts;
DROP TABLE order_taxes;
DROP TABLE told_again;
DROP TABLE parts_again;
DROP TABLE lone_parts;
DROP VIEW order_snapshots;
"""

# The trade bill is the order side only where no orders.csv covers the day: there an order that
# the shop itself does not know must show up as missing, not be taken from the bill. Of a shop
# without an orders.csv of its own those of all others speak: its bill may be of several shops.
DROP_SUPERSEDED: Final = """
CREATE OR REPLACE TEMP TABLE superseded AS
WITH own AS (SELECT DISTINCT platform, shop FROM order_cover WHERE source = 'shop')
SELECT b.platform, b.shop, b.order_id
FROM order_states b
LEFT JOIN own ON own.platform = b.platform AND own.shop = b.shop
JOIN order_cover c ON c.platform = b.platform AND c.source = 'shop'
 AND b.booked_on BETWEEN c.first AND c.last
WHERE b.source = 'wechatpay' AND (own.shop IS NULL OR c.shop = b.shop);

DELETE FROM order_states USING superseded s
WHERE order_states.platform = s.platform AND order_states.shop = s.shop
  AND order_states.order_id = s.order_id;
"""

# Where two formats speak for one wallet, the higher rank is booked for the time that it covers, the
# other cross-checks it there (`matching.crosschecks`) and is booked for the rest.
WALLET_LINES: Final = """
CREATE OR REPLACE TEMP TABLE outranked AS
SELECT DISTINCT l.document, l.source, l.account, l.rank
FROM documents l JOIN documents h ON h.stage = 'wallet' AND h.source = l.source
 AND h.account = l.account AND h.rank > l.rank
WHERE l.stage = 'wallet';

CREATE OR REPLACE TEMP TABLE told_better AS
SELECT DISTINCT r.document, r."row", r.record_id
FROM records r
JOIN outranked o ON o.document = r.document AND o.source = r.source AND o.account = r.account
JOIN documents h ON h.stage = 'wallet' AND h.source = r.source AND h.account = r.account
 AND h.rank > o.rank
WHERE r.stage = 'wallet' AND r.occurred_at BETWEEN h.begins AND h.ends;

-- Nearly every line names its order itself; `order_shop` is the shop of the order in
-- `order_states`, none while it is not known or not certain. Texts are carried where they are
-- looked at: with lines that settle no order.
CREATE OR REPLACE TEMP TABLE wallet_lines AS
WITH booked AS (
  SELECT r.source, r.account, r.shop, r.kind,
         CASE WHEN r.kind IN ('subsidy', 'shipping') AND r.amount_minor < 0
                   AND r.platform IS NOT NULL THEN true ELSE false END AS clawed,
         r.kind_raw, r.booked_on, r.amount_minor, r.currency, r.document, r."row", r.record_id,
         r.order_id, r.trade_id, r.refund_id, r.waybill_id, r.payout_id, r.counterparty, r.memo,
         CASE WHEN r.kind = 'sale' THEN coalesce(r.platform, 'shop') ELSE r.platform END
           AS platform,
         CASE WHEN r.kind = 'sale'
                   OR (r.platform IS NOT NULL
                       AND r.kind IN ('refund', 'subsidy', 'shipping', 'tax', 'chargeback'))
              THEN true ELSE false END AS settles
  FROM records r
  ANTI JOIN told_better t ON t.document = r.document AND t."row" = r."row"
   AND t.record_id = r.record_id
  WHERE r.stage = 'wallet'
)
SELECT b.source, b.account, b.shop,
       -- A coupon or freight taken back is money given back.
       CASE WHEN b.clawed THEN 'refund' ELSE b.kind END AS kind, b.clawed,
       CASE WHEN NOT b.settles THEN b.kind_raw END AS kind_raw,
       CASE WHEN NOT b.settles THEN b.memo END AS memo, b.booked_on, b.amount_minor,
       b.currency, b.document, b."row", b.record_id, b.order_id, b.trade_id, b.refund_id,
       b.waybill_id, b.payout_id, CASE WHEN NOT b.settles THEN b.counterparty END AS counterparty,
       b.platform, b.settles,
       coalesce(b.order_id, b.trade_id, b.record_id) AS order_key,
       coalesce(v.order_shop, t.shop, n.shop) AS order_shop,
       CASE WHEN coalesce(v.order_shop, t.shop, n.shop) IS NULL THEN false ELSE true END
         AS names_order
FROM booked b
LEFT JOIN (SELECT o.platform, o.order_id, o.shop FROM order_states o
           ANTI JOIN shared_numbers s ON s.platform = o.platform AND s.order_id = o.order_id) o
  ON o.platform = b.platform AND o.order_id = b.order_id
LEFT JOIN served v ON v.platform = o.platform AND v.wallet_shop = b.shop AND v.order_shop = o.shop
LEFT JOIN shared_shops n ON n.platform = b.platform AND n.wallet_shop = b.shop
 AND n.order_id = b.order_id
LEFT JOIN shared_trades t ON t.platform = b.platform AND t.wallet_shop = b.shop
 AND t.order_id = b.order_id AND t.trade_id = b.trade_id;
"""

ORDER_MONEY: Final = """
CREATE OR REPLACE TEMP TABLE order_money AS
SELECT platform, order_shop AS shop, order_key AS order_id, currency,
       min(CASE WHEN kind <> 'refund' THEN booked_on END) AS first_sale_on,
       max(CASE WHEN kind = 'refund' THEN booked_on END) AS last_refund_on,
       CAST(sum(CASE WHEN kind = 'refund' THEN -amount_minor ELSE 0 END) AS BIGINT) AS refunds,
       CAST(sum(CASE WHEN kind <> 'refund' THEN amount_minor ELSE 0 END) AS BIGINT) AS sales
FROM wallet_lines
WHERE settles AND order_shop IS NOT NULL
GROUP BY platform, order_shop, order_key, currency;

-- Refunds that the export does not count: those after it, and before it coupons and freight taken
-- back, for its figure is of the buyer's money alone.
CREATE OR REPLACE TEMP TABLE uncounted_refunds AS
SELECT o.platform, o.shop, o.order_id, o.currency,
       CAST(sum(-w.amount_minor) AS BIGINT) AS refunds
FROM order_states o
JOIN (SELECT * FROM wallet_lines WHERE settles AND kind = 'refund') w
  ON w.platform = o.platform AND w.order_shop = o.shop AND w.order_key = o.order_id
 AND w.currency = o.currency
WHERE w.booked_on >= o.known_on OR (w.booked_on < o.known_on AND w.clawed)
GROUP BY o.platform, o.shop, o.order_id, o.currency;
"""

# `refund_due` is all the refund the order side knows or accepts: the export's figure, and on top
# of it wallet refunds that came after the export was made and coupons or freight that were taken
# back, up to what the wallet paid back.
# `before` is the part that lowers the sale itself: no wallet line gives it back.
#
# Where no export dates a completion, the wallet does: escrow money comes when the order completes.
# It cannot have completed later than the first export that shows it completed.
#
# `numer` over `denom` is the share of an amount of the order that is VAT, of its sale and of all
# that reverses it: the tax that the order states, or the rate of its 类目 on the day of the sale.
# `over_on` is the day on which an order was closed that says what it gave back: the export's, or
# that of the wallet's last refund by then. On `kept_on`, the same day where the books say so, what
# it keeps becomes income of its own kind.
CLAIMS: Final = """
CREATE OR REPLACE TEMP TABLE claims AS
WITH evidence AS (
  SELECT o.* EXCLUDE (completed_known_on, shipped_known_on), p.escrow, p.kept, m.first_sale_on,
         m.last_refund_on, m.refunds, m.sales,
         CASE WHEN p.escrow AND o.completed_known_on IS NOT NULL
                THEN least(o.completed_known_on, m.first_sale_on)
              ELSE o.completed_known_on END AS completed_known_on,
         CASE WHEN p.escrow AND o.shipped_known_on IS NOT NULL
                THEN least(o.shipped_known_on, m.first_sale_on)
              ELSE o.shipped_known_on END AS shipped_known_on
  FROM order_states o
  JOIN platforms p ON p.platform = o.platform
  LEFT JOIN order_money m ON m.platform = o.platform AND m.shop = o.shop
   AND m.order_id = o.order_id AND m.currency = o.currency
), dated AS (
  SELECT o.*, greatest(coalesce(o.refunds, 0), 0) AS wallet_refunds,
         coalesce(u.refunds, 0) AS uncounted,
         CASE WHEN o.source = 'wechatpay' THEN true ELSE false END AS refunds_are_records,
         CASE q.point
           WHEN 'completed' THEN
             CASE WHEN o.status = 'completed'
                    THEN coalesce(o.completed_on, o.completed_known_on) END
           WHEN 'shipped' THEN
             CASE WHEN NOT o.knows_shipping THEN o.paid_on
                  WHEN o.status IN ('shipped', 'completed') OR o.shipped_on IS NOT NULL
                    THEN coalesce(o.shipped_on, o.completed_on, o.shipped_known_on) END
           ELSE CASE WHEN o.status <> 'created'
                       THEN coalesce(o.paid_on, o.ordered_on, o.known_on) END
         END AS recognised_on,
         q.vat_point AS vat_point
  FROM evidence o
  LEFT JOIN uncounted_refunds u ON u.platform = o.platform AND u.shop = o.shop
   AND u.order_id = o.order_id AND u.currency = o.currency
  JOIN recognition q ON q.platform = o.platform
   AND coalesce(o.ordered_on, o.booked_on) BETWEEN q.first AND q.last
), refunded AS (
  SELECT *,
    CASE WHEN refunds_are_records THEN 0
         WHEN status = 'closed' AND refunded_minor IS NULL THEN amount_minor
         WHEN refunded_minor IS NULL THEN wallet_refunds
         -- What came back after the export was not given back in the end.
         WHEN wallet_refunds <= refunded_minor
           THEN greatest(wallet_refunds, refunded_minor + least(uncounted, 0))
         WHEN wallet_refunds - refunded_minor <= uncounted THEN wallet_refunds
         ELSE refunded_minor + uncounted END AS refund_due
  FROM dated
), split AS (
  SELECT *,
    CASE WHEN refunds_are_records OR NOT escrow OR refund_due <= wallet_refunds THEN 0
         ELSE refund_due - wallet_refunds END AS before_sale
  FROM refunded
), claimed AS (
  SELECT *,
    CASE WHEN escrow AND status = 'closed' AND first_sale_on IS NULL THEN NULL
         WHEN status = 'created' AND first_sale_on IS NULL THEN NULL
         WHEN escrow THEN least(recognised_on, first_sale_on)
         WHEN status = 'closed' AND paid_on IS NULL THEN first_sale_on
         ELSE least(coalesce(paid_on, recognised_on, ordered_on), first_sale_on, recognised_on)
    END AS claim_on
  FROM split
), ended AS (
  SELECT * EXCLUDE (recognised_on),
    CASE WHEN recognised_on < claim_on THEN claim_on ELSE recognised_on END AS recognised_on,
    CASE WHEN status = 'closed' AND recognised_on IS NULL AND refunded_minor IS NOT NULL
              AND wallet_refunds <= refund_due
           THEN greatest(claim_on, coalesce(closed_on, least(last_refund_on, refund_known_on),
                                            refund_known_on, known_on)) END AS over_on
  FROM claimed WHERE claim_on IS NOT NULL
), settled AS (
  SELECT *, CASE WHEN kept <> 'open' THEN over_on END AS kept_on FROM ended
)
SELECT c.platform, c.shop, c.source, c.order_id, c.currency, c.escrow, c.status,
       c.amount_minor - CASE WHEN c.status = 'closed' THEN 0 ELSE c.before_sale END AS claim_minor,
       c.claim_on, c.recognised_on, c.over_on, c.kept_on,
       c.refund_due, c.wallet_refunds, c.before_sale, c.refunds_are_records,
       coalesce(c.closed_on, c.refund_known_on, c.known_on) AS rest_refund_on,
       c.refund_known_on, c.vat_point,
       CASE c.vat_point WHEN 'completed' THEN coalesce(c.completed_on, c.completed_known_on)
            WHEN 'shipped' THEN coalesce(c.shipped_on, c.shipped_known_on)
            WHEN 'paid' THEN c.paid_on END AS own_vat_on,
       CASE WHEN c.status = 'completed' AND c.completed_on IS NULL THEN true ELSE false END
         AS completion_assumed,
       CASE WHEN c.status = 'completed' AND c.completed_on IS NULL AND c.escrow
                 AND c.completed_known_on = c.first_sale_on THEN true ELSE false END
         AS completion_paid,
       CASE WHEN c.kept_on IS NOT NULL AND c.kept = 'untaxed' THEN 0
            WHEN c.tax_minor IS NOT NULL AND c.taxed_minor > 0 THEN c.tax_minor
            ELSE coalesce(g.ppm, v.ppm) END AS numer,
       CASE WHEN c.kept_on IS NOT NULL AND c.kept = 'untaxed' THEN 1
            WHEN c.tax_minor IS NOT NULL AND c.taxed_minor > 0 THEN c.taxed_minor
            ELSE 1000000 + coalesce(g.ppm, v.ppm) END AS denom,
       CASE WHEN c.tax_minor = 0 AND c.taxed_minor > 0 THEN true ELSE false END AS tax_free,
       CASE WHEN c.sales IS NULL THEN false ELSE true END AS has_money,
       c.document, c."row", c.record_id
FROM settled c
LEFT JOIN vat_rates v ON v.platform = c.platform AND v.category = ''
 AND coalesce(c.recognised_on, c.kept_on) BETWEEN v.first AND v.last
LEFT JOIN vat_rates g ON g.platform = c.platform AND g.category = c.category
 AND coalesce(c.recognised_on, c.kept_on) BETWEEN g.first AND g.last;
"""

STEPS: Final = (
    ORDER_HOMES, ORDER_STATES, DROP_SUPERSEDED, SHARED_NUMBERS, WALLET_LINES, ORDER_ALIASES,
    TRADES, ORDER_MONEY, CLAIMS,
)  # fmt: skip
