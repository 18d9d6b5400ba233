"""What was charged on an order against what is agreed: rules as rows, the comparison as SQL.

A rule (`beanclear.ledger.fees.OrderFee`) says which lines are its fee: those of its platform, on
its days, whose kind or memo contains its words; where it names a 类目, the order or the text of
the line must carry it. The first rule that fits a line counts. For WeChat Pay the rate stands on
the rows of the trade bill itself.

Lines of one order and the same words are compared together. Expected is, for each sale line, the
rate's part rounded half up, plus the fixed part, not under the minimum and not over the maximum.
Where the rule says what comes back with a refund, fee lines that came back are taken off what was
charged, and off what was expected:

| refund | of the fee of the sale | part that comes back |
|---|---|---|
| `full` | all of it | refunded of sold |
| `proportional` | all but the fixed part | refunded of sold |
| `none` | nothing | |
| not said | not compared: what comes back stands apart | |

One minor unit of rounding for each line of sale or refund is no variance.

Safe subset: integers, CASE, equi-joins, sums cast to BIGINT; no engine-specific function.
"""

from __future__ import annotations

from typing import Final

from beanclear.ledger.config import Config
from beanclear.ledger.fees import order_fees, percent
from beanclear.ledger.posting.inputs import table
from beanclear.ledger.reconciliation import Item
from beanclear.ledger.sql import Connection, run
from beanclear.ledger.vocabulary import ItemClass

_RULES: Final = (
    "place INTEGER, platform VARCHAR, words VARCHAR, category VARCHAR, ppm BIGINT, fixed BIGINT,"
    " minimum BIGINT, maximum BIGINT, currency VARCHAR, refund VARCHAR, first DATE, last DATE,"
    " name VARCHAR"
)

# The 类目 of an order, asked only where a rule names one.
_CATEGORIES: Final = """
CREATE OR REPLACE TEMP TABLE order_categories AS
SELECT r.platform, coalesce(h.home, r.shop) AS shop, r.order_id, min(r.category) AS category
FROM records r
LEFT JOIN order_homes h ON h.platform = r.platform AND h.order_id = r.order_id AND h.shop = r.shop
WHERE r.stage = 'order' AND r.category IS NOT NULL
GROUP BY r.platform, coalesce(h.home, r.shop), r.order_id HAVING count(DISTINCT r.category) = 1
"""


def _fits(rule: str) -> str:
    """Whether the line `w` is one of a rule's lines."""
    return (
        f"{rule}.platform = w.platform AND w.booked_on BETWEEN {rule}.first AND {rule}.last"
        f" AND coalesce({rule}.currency, w.currency) = w.currency"
        f" AND (contains(w.kind_raw, {rule}.words) OR contains(coalesce(w.memo, ''), {rule}.words))"
        f" AND ({rule}.category IS NULL OR w.category = {rule}.category"
        f" OR contains(w.kind_raw, {rule}.category)"
        f" OR contains(coalesce(w.memo, ''), {rule}.category))"
    )


def _fee_lines(lines: str) -> str:
    """The fee lines of known orders that a rule says something of, or a trade bill may.

    Each stands there once, with the first rule that fits. `lines` are some of `wallet_lines`.
    """
    return f"""
  SELECT w.* EXCLUDE (kind_raw, memo, category), f.place, f.words
  FROM (
    SELECT w.platform, w.source, w.currency, w.order_key AS order_id, w.order_shop, w.kind,
           w.kind_raw, w.memo, w.amount_minor, w.booked_on, w.trade_id, w.document, w."row",
           w.record_id, o.category
    FROM {lines} w
    LEFT JOIN order_categories o ON o.platform = w.platform AND o.shop = w.order_shop
     AND o.order_id = w.order_key
    WHERE w.kind IN ('fee', 'fee_refund', 'payment_fee', 'payment_fee_refund')
      AND w.order_shop IS NOT NULL
  ) w
  LEFT JOIN fee_rules f ON {_fits("f")}
  ANTI JOIN fee_rules e ON e.place < f.place AND {_fits("e")}
  WHERE f.place IS NOT NULL
     OR (w.kind = 'payment_fee' AND w.source = 'wechatpay' AND w.amount_minor < 0)
"""


_CHARGED: Final = f"""
CREATE OR REPLACE TEMP TABLE bill_rates AS
WITH bills AS (
  SELECT platform, shop, order_id, trade_id, fee_rate_ppm FROM records
  WHERE stage = 'order' AND kind = 'sale' AND fee_rate_ppm IS NOT NULL
), states AS (
  SELECT b.platform, b.shop AS wallet_shop, b.order_id,
         coalesce(max(CASE WHEN o.shop = b.shop THEN o.shop END),
                  CASE WHEN count(*) = 1 THEN min(o.shop) END) AS shop
  FROM (SELECT DISTINCT platform, shop, order_id FROM bills) b
  JOIN order_states o ON o.platform = b.platform AND o.order_id = b.order_id
  JOIN served v ON v.platform = b.platform AND v.wallet_shop = b.shop AND v.order_shop = o.shop
  GROUP BY b.platform, b.shop, b.order_id
)
SELECT r.platform, coalesce(o.shop, a.shop, b.shop) AS shop,
       CASE WHEN o.shop IS NOT NULL THEN o.order_id ELSE coalesce(a.order_id, b.order_id) END
         AS order_id, max(r.fee_rate_ppm) AS ppm
FROM bills r
LEFT JOIN states o ON o.platform = r.platform AND o.wallet_shop = r.shop
 AND o.order_id = r.order_id
LEFT JOIN order_aliases a ON a.platform = r.platform AND a.wallet_shop = r.shop
 AND a.alias = r.order_id
LEFT JOIN order_aliases b ON b.platform = r.platform AND b.wallet_shop = r.shop
 AND b.alias = r.trade_id
GROUP BY r.platform, coalesce(o.shop, a.shop, b.shop),
         CASE WHEN o.shop IS NOT NULL THEN o.order_id ELSE coalesce(a.order_id, b.order_id) END;

CREATE OR REPLACE TEMP TABLE fees_charged AS
WITH fee_lines AS ({_fee_lines("wallet_lines")})
SELECT l.platform, l.source, l.currency, l.order_shop AS shop, l.order_id,
       coalesce(l.words, '') AS words, min(l.place) AS place, min(r.ppm) AS ppm,
       CAST(sum(CASE WHEN l.amount_minor < 0 THEN -l.amount_minor ELSE 0 END) AS BIGINT) AS charged,
       CAST(sum(CASE WHEN l.amount_minor > 0 THEN l.amount_minor ELSE 0 END) AS BIGINT) AS returned,
       max(CASE WHEN l.amount_minor < 0 THEN l.booked_on END) AS charged_on,
       max(l.booked_on) AS day
FROM fee_lines l
LEFT JOIN bill_rates r ON r.platform = l.platform AND r.shop = l.order_shop
 AND r.order_id = l.order_id AND l.kind = 'payment_fee'
 AND l.source = 'wechatpay' AND l.amount_minor < 0
WHERE l.place IS NOT NULL OR r.ppm IS NOT NULL
GROUP BY l.platform, l.source, l.currency, l.order_shop, l.order_id, coalesce(l.words, '')
HAVING min(l.amount_minor) < 0;
"""

_EXPECTED: Final = """
CREATE OR REPLACE TEMP TABLE fees_expected AS
SELECT l.platform, l.source, l.currency, l.shop, l.order_id, l.words,
       CAST(sum(least(l.maximum, l.due)) AS BIGINT) AS expected,
       CAST(sum(l.fixed) AS BIGINT) AS fixed, CAST(sum(l.sold) AS BIGINT) AS sold,
       CAST(count(*) AS BIGINT) AS sales
FROM (
  SELECT f.platform, f.source, f.currency, f.shop, f.order_id, f.words, t.maximum,
         w.amount_minor AS sold, coalesce(t.fixed, 0) AS fixed,
         greatest((w.amount_minor * coalesce(t.ppm, f.ppm) * 2 + 1000000) // 2000000
                  + coalesce(t.fixed, 0), coalesce(t.minimum, 0)) AS due
  FROM fees_charged f
  JOIN wallet_lines w ON w.platform = f.platform AND w.order_shop = f.shop
   AND w.order_key = f.order_id AND w.currency = f.currency AND w.source = f.source
   AND w.kind = 'sale' AND w.amount_minor > 0
  LEFT JOIN fee_rules t ON t.place = f.place
) l
GROUP BY l.platform, l.source, l.currency, l.shop, l.order_id, l.words;

CREATE OR REPLACE TEMP TABLE fees_refunded AS
SELECT f.platform, f.source, f.currency, f.shop, f.order_id, f.words, t.refund,
       CAST(sum(-w.amount_minor) AS BIGINT) AS refunded, CAST(count(*) AS BIGINT) AS refunds,
       max(w.booked_on) AS day
FROM fees_charged f
JOIN fee_rules t ON t.place = f.place AND t.refund IS NOT NULL
JOIN wallet_lines w ON w.platform = f.platform AND w.order_shop = f.shop
 AND w.order_key = f.order_id AND w.currency = f.currency AND w.source = f.source
 AND w.kind = 'refund' AND w.amount_minor < 0
GROUP BY f.platform, f.source, f.currency, f.shop, f.order_id, f.words, t.refund;
"""

# What comes back is reckoned from the whole fee, half up; never more than it. NULL counts neither
# in `least` nor in `greatest`.
_VARIANCES: Final = """
CREATE OR REPLACE TEMP TABLE fee_differences AS
SELECT r.receivable AS account, a.as_of, x.*
FROM (
  SELECT f.platform, f.shop, f.source, f.currency, f.order_id, f.words,
         coalesce(t.name, '=' || CAST(f.ppm AS VARCHAR)) AS name,
         CASE WHEN t.refund IS NULL THEN f.charged ELSE f.charged - f.returned END AS charged,
         CASE WHEN t.refund IS NULL THEN f.charged_on ELSE greatest(b.day, f.day) END AS day,
         e.sales + coalesce(b.refunds, 0) AS lines,
         CASE WHEN b.refunded IS NULL OR b.refund = 'none' THEN e.expected
              ELSE e.expected
                   - ((e.expected - CASE WHEN b.refund = 'full' THEN 0
                                         ELSE least(e.fixed, e.expected) END)
                      * least(b.refunded, e.sold) * 2 + e.sold) // (2 * e.sold)
         END AS expected
  FROM fees_charged f
  JOIN fees_expected e ON e.platform = f.platform AND e.source = f.source
   AND e.currency = f.currency AND e.shop = f.shop AND e.order_id = f.order_id
   AND e.words = f.words
  LEFT JOIN fee_rules t ON t.place = f.place
  LEFT JOIN fees_refunded b ON b.platform = f.platform AND b.source = f.source
   AND b.currency = f.currency AND b.shop = f.shop AND b.order_id = f.order_id
   AND b.words = f.words
) x
JOIN receivables r ON r.platform = x.platform AND r.shop = x.shop
JOIN as_of a ON a.account = r.receivable AND a.awaiting IS NULL AND x.day <= a.as_of
WHERE abs(x.charged - x.expected) > x.lines;

CREATE OR REPLACE TEMP TABLE variances AS
SELECT account, currency, order_id, CAST(sum(expected) AS BIGINT) AS expected,
       CAST(sum(charged) AS BIGINT) AS charged, max(day) AS day, min(name) AS name,
       max(name) AS other_name, as_of
FROM fee_differences
GROUP BY account, currency, order_id, as_of
"""

# An item is shown with the first of the lines that differ.
_DIFFERING: Final = """(
      SELECT w.* FROM wallet_lines w
      SEMI JOIN fee_differences v ON v.platform = w.platform AND v.shop = w.order_shop
       AND v.order_id = w.order_key)"""
_ITEMS: Final = f"""
WITH fee_lines AS ({_fee_lines(_DIFFERING)}), charges AS (
  SELECT v.account, v.currency, v.order_id, l.document, l."row", l.trade_id,
         row_number() OVER (
           PARTITION BY v.account, v.currency, v.order_id
           ORDER BY l.booked_on, l.record_id, l.document, l."row") AS place
  FROM fee_lines l
  JOIN fee_differences v ON v.platform = l.platform AND v.source = l.source
   AND v.currency = l.currency AND v.shop = l.order_shop AND v.order_id = l.order_id
  WHERE l.amount_minor < 0 AND (l.words = v.words OR (v.words = '' AND l.kind = 'payment_fee'))
)
SELECT v.account, v.currency, v.order_id, v.expected, v.charged, v.day, d.due, c.document, c."row",
       c.trade_id, CASE WHEN v.name = v.other_name THEN v.name
                        ELSE v.name || ', ' || v.other_name END
FROM variances v
JOIN charges c ON c.account = v.account AND c.currency = v.currency AND c.order_id = v.order_id
 AND c.place = 1
JOIN dues d ON d.account = v.account AND d.day = v.day
WHERE d.due < v.as_of ORDER BY ALL
"""


def compare(con: Connection, config: Config) -> None:
    """Make `variances`: one row per order whose fees differ from what is agreed."""
    fees = order_fees(config)
    rows = [
        (
            place,
            fee.platform,
            fee.words,
            fee.category,
            fee.terms.ppm,
            fee.terms.fixed_minor,
            fee.terms.minimum_minor,
            fee.terms.maximum_minor,
            fee.terms.currency,
            fee.refund,
            fee.terms.first,
            fee.terms.last,
            fee.name,
        )
        for place, fee in enumerate(fees)
    ]
    table(con, "fee_rules", _RULES, rows)
    if any(fee.category is not None for fee in fees):
        run(con, _CATEGORIES)
    else:
        columns = "platform VARCHAR, shop VARCHAR, order_id VARCHAR, category VARCHAR"
        table(con, "order_categories", columns, [])
    run(con, _CHARGED)
    run(con, _EXPECTED)
    run(con, _VARIANCES)


def _named(name: str) -> str:
    """A rule's own name; of the trade bill its rate, from `=6000`."""
    return percent(int(name[1:])) if name.startswith("=") else name


def items(con: Connection) -> list[Item]:
    """The variances that are due, as items; `rule` names what was agreed."""
    return [
        Item(
            account=account,
            currency=currency,
            key=order_id,
            klass=ItemClass.FEE_VARIANCE,
            amount_minor=0,
            at_stake_minor=abs(charged - expected),
            date=day,
            due=due,
            order_id=order_id,
            trade_id=trade_id,
            document=document,
            row=row,
            expected_minor=expected,
            found_minor=charged,
            rule=_named(name),
        )
        for (
            account,
            currency,
            order_id,
            expected,
            charged,
            day,
            due,
            document,
            row,
            trade_id,
            name,
        ) in run(con, _ITEMS).fetchall()
    ]
