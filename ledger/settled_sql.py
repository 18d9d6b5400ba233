"""Which orders are settled, as SQL over the tables of a finished computation.

An order is settled when nothing but a record or a decision that names it can change what it
posts: its groups are zero at the as-of date and in total, all its lines are from before that day,
and no decision, difference, hint, fee variance or disagreement concerns it. An order from before
the first export is settled too: its lines are no more than a part of their bucket's sum. What
orders share is ids. An id that a settled order shares with a record that is not settled unsettles
it, so the two sets can be computed apart.
"""

from __future__ import annotations

from typing import Final

from beanclear.ledger.settled_index import BLOCK

# Lines of these kinds that belong to no platform stand for themselves: they post and are done.
_DONE_KINDS: Final = (
    "'fee', 'fee_refund', 'payment_fee', 'payment_fee_refund', 'affiliate', 'insurance',"
    " 'advertising', 'logistics', 'compensation', 'penalty', 'interest'"
)
_STANDALONE: Final = f"NOT w.settles AND w.platform IS NULL AND w.kind IN ({_DONE_KINDS})"

# The ids by which a row can belong to an order; a bare expression, or one with its condition.
_ORDER_IDS: Final = (
    "order_id",
    "parent_order_id",
    "trade_id",
    "refund_id",
    "waybill_id",
    "CASE WHEN kind = 'refund' THEN record_id END",
)
_MONTH: Final = "12 * year(booked_on) + month(booked_on)"
_LINE_IDS: Final = (
    "order_id",
    "trade_id",
    "refund_id",
    "waybill_id",
    "CASE WHEN order_id IS NULL AND trade_id IS NULL THEN record_id END",
)

# The line that a bucket is shown with.
_OPENING_FIRST: Final = """
SELECT account, currency, order_id, document, "row", record_id FROM (
  SELECT *, row_number() OVER (PARTITION BY account, currency
                               ORDER BY day, record_id, document, "row") AS place
  FROM legs WHERE key = 'opening'
) WHERE place = 1
"""
OPENING_FIRST: Final = f"{_OPENING_FIRST} ORDER BY ALL"
# Decisions that put a bucket together with other keys ask more of it than its sum.
OPENING_LINKS: Final = "SELECT key FROM links WHERE key = 'opening' OR grp = 'opening' ORDER BY ALL"

UNSETTLED: Final = f"""
CREATE OR REPLACE TEMP TABLE unsettled_keys AS
SELECT l.order_id AS key FROM all_legs l LEFT JOIN places a ON a.account = l.account
WHERE l.order_id IS NOT NULL
  AND (a.account IS NULL OR l.day > a.as_of OR l.side NOT IN ('order', 'wallet')
       OR l.grp NOT IN (l.order_id, 'opening'))
UNION SELECT grp FROM groups WHERE rest <> 0
UNION SELECT grp FROM all_legs WHERE side NOT IN ('order', 'wallet', 'bank')
UNION SELECT key FROM all_legs WHERE side NOT IN ('order', 'wallet', 'bank')
UNION SELECT key FROM links
UNION SELECT grp FROM links
UNION SELECT grp FROM hints
UNION SELECT order_id FROM variances
UNION SELECT order_id FROM open_advances
UNION SELECT order_id FROM opening_items
UNION SELECT order_id FROM order_conflicts
UNION SELECT order_id FROM ({_OPENING_FIRST})
UNION SELECT w.order_key FROM wallet_lines w
WHERE NOT w.settles AND w.kind NOT IN ({_DONE_KINDS}, 'tax')
UNION SELECT w.order_key
FROM wallet_lines w
JOIN claims c ON c.platform = w.platform AND c.shop = w.order_shop AND c.order_id = w.order_key
JOIN receivables r ON r.platform = c.platform AND r.shop = c.shop
JOIN places a ON a.account = r.receivable AND w.booked_on > a.as_of
WHERE w.booked_on > (SELECT min(as_of) FROM places)
UNION SELECT w.order_key FROM wallet_lines w JOIN disputed d ON d.trade_id = w.trade_id
UNION SELECT o.order_id FROM order_states o JOIN disputed d ON d.trade_id = o.trade_id
"""

# Orders that may be settled: with a claim that is income or closed; without a claim and without
# money; orders of a platform that no order export speaks of; and those from before the first export
# while nobody put their bucket together with other keys. A payment bill is no last word where the
# shop's own export may yet reach the day.
KEYS: Final = f"""
CREATE OR REPLACE TEMP TABLE settled_keys AS
WITH shops AS (SELECT DISTINCT platform FROM order_cover WHERE source = 'shop'),
unclaimed AS (
  SELECT o.platform, o.shop, o.order_id, o.source FROM order_states o
  ANTI JOIN claims c ON c.platform = o.platform AND c.shop = o.shop AND c.order_id = o.order_id
), paid AS (
  SELECT w.platform, w.order_shop, w.order_key FROM wallet_lines w
  SEMI JOIN unclaimed o ON o.platform = w.platform AND o.shop = w.order_shop
   AND o.order_id = w.order_key
), candidates AS (
  SELECT c.platform, c.shop, c.order_id
  FROM claims c
  JOIN receivables r ON r.platform = c.platform AND r.shop = c.shop
  JOIN places a ON a.account = r.receivable AND a.awaiting IS NULL
  LEFT JOIN shops s ON s.platform = c.platform
  WHERE (c.recognised_on IS NOT NULL OR c.status = 'closed')
    AND NOT (c.source = 'wechatpay' AND s.platform IS NOT NULL)
  UNION ALL
  SELECT o.platform, o.shop, o.order_id FROM unclaimed o
  LEFT JOIN shops s ON s.platform = o.platform
  ANTI JOIN paid w ON w.platform = o.platform AND w.order_shop = o.shop
   AND w.order_key = o.order_id
  WHERE NOT (o.source = 'wechatpay' AND s.platform IS NOT NULL)
  UNION ALL
  SELECT DISTINCT u.platform, u.shop, u.order_key FROM unknown_orders u
  WHERE u.standing = 'wallet-only'
     OR (u.standing = 'opening' AND NOT EXISTS ({OPENING_LINKS}))
)
SELECT k.platform, k.shop, k.order_id,
       CAST(row_number() OVER (ORDER BY k.platform, k.order_id, k.shop) - 1 AS INTEGER) AS family
FROM candidates k
ANTI JOIN unsettled_keys u ON u.key = k.order_id
"""


def _rows(table: str, source: str, names: tuple[str, ...]) -> str:
    """Make `table`: of each row of `source` its ids, its order and where it lies."""
    ids = ", ".join(
        f"CASE WHEN ({name}) IS NOT NULL THEN hash({name}) END AS id{place}"
        for place, name in enumerate(names)
    )
    return f"""
CREATE OR REPLACE TEMP TABLE {table} AS
SELECT r.* EXCLUDE (platform, home, owner), hash(r.owner) AS own, k.family
FROM (SELECT {ids}, platform, home, owner, document, {_MONTH} AS month FROM ({source})) r
LEFT JOIN settled_keys k ON k.platform = r.platform AND k.shop = r.home AND k.order_id = r.owner
"""


def _each(table: str, names: tuple[str, ...]) -> str:
    return "\nUNION ALL ".join(
        f"SELECT id{place} AS id, family FROM {table}"
        f" WHERE id{place} IS NOT NULL AND (family IS NULL OR id{place} <> own)"
        for place in range(len(names))
    )


# Every id of every order row and order line, with the order it belongs to (none: it can change);
# a settled order's own id, which nearly all its rows have, once. And the parts of its rows.
_ORDERS: Final = """
  SELECT r.*, coalesce(r.parent_order_id, r.order_id) AS owner,
         coalesce(h.home, b.home, r.shop) AS home
  FROM records r
  LEFT JOIN order_homes h ON h.platform = r.platform AND h.shop = r.shop
   AND h.order_id = coalesce(r.parent_order_id, r.order_id)
  LEFT JOIN bill_homes b ON b.platform = r.platform AND b.shop = r.shop
   AND b.order_id = r.order_id
  WHERE r.stage = 'order'"""
_LINES: Final = f"""
  SELECT *, order_key AS owner, coalesce(order_shop, shop) AS home FROM wallet_lines w
  WHERE NOT ({_STANDALONE})"""
# `bill_homes`: a payment bill's word about an order that the export of another folder holds.
ROW_IDS: Final = f"""
CREATE OR REPLACE TEMP TABLE bill_homes AS
WITH known AS (
  SELECT s.platform, s.shop, s.order_id, o.shop AS home
  FROM superseded s
  JOIN order_states o ON o.platform = s.platform AND o.order_id = s.order_id
  JOIN served v ON v.platform = s.platform AND v.wallet_shop = s.shop AND v.order_shop = o.shop
  GROUP BY s.platform, s.shop, s.order_id, o.shop
)
SELECT platform, shop, order_id, min(home) AS home FROM known
GROUP BY platform, shop, order_id HAVING count(*) = 1 AND min(home) <> shop;

{_rows("order_rows", _ORDERS, _ORDER_IDS)};
{_rows("line_rows", _LINES, _LINE_IDS)};

CREATE OR REPLACE TEMP TABLE row_ids AS
SELECT hash(order_id) AS id, family FROM settled_keys
UNION ALL {_each("order_rows", _ORDER_IDS)}
UNION ALL {_each("line_rows", _LINE_IDS)};

CREATE OR REPLACE TEMP TABLE block_parts AS
SELECT b.block, p.part
FROM (SELECT DISTINCT family // {BLOCK} AS block, document, month
      FROM (SELECT family, document, month FROM order_rows
            UNION ALL SELECT family, document, month FROM line_rows)
      WHERE family IS NOT NULL) b
JOIN old_parts p ON p.document = b.document AND p.month = b.month;

DROP TABLE order_rows;
DROP TABLE line_rows
"""

# Orders that share an id with a record that can change; run until there are none.
SHARED: Final = """
CREATE OR REPLACE TEMP TABLE shared AS
SELECT DISTINCT family FROM row_ids
WHERE family IS NOT NULL AND id IN (SELECT id FROM row_ids WHERE family IS NULL)
"""
UNSETTLE: Final = """
UPDATE row_ids SET family = NULL WHERE family IN (SELECT family FROM shared);
DELETE FROM settled_keys WHERE family IN (SELECT family FROM shared)
"""

# The records that can change: all but those of settled orders and the lines that stand alone. The
# lines are found by their place first: they are few, and records are wide.
LIVE: Final = f"""
CREATE OR REPLACE TEMP TABLE live_lines AS
SELECT w.document, w."row", w.record_id
FROM wallet_lines w
ANTI JOIN settled_keys k ON k.platform = w.platform AND k.shop = coalesce(w.order_shop, w.shop)
 AND k.order_id = w.order_key
WHERE NOT ({_STANDALONE});

CREATE OR REPLACE TEMP TABLE live_records AS
SELECT r.* EXCLUDE (owner, home) FROM ({_ORDERS}) r
ANTI JOIN settled_keys k ON k.platform = r.platform AND k.shop = r.home AND k.order_id = r.owner
UNION ALL
SELECT r.* FROM records r
SEMI JOIN live_lines l ON l.document = r.document AND l."row" = r."row"
 AND l.record_id = r.record_id
WHERE r.stage = 'wallet'
UNION ALL
SELECT r.* FROM records r WHERE r.stage = 'bank'
"""

# What the settled orders of this computation put on their accounts, and how many groups.
CLOSED: Final = """
SELECT account, currency, CAST(sum(debits) AS BIGINT) AS debits, CAST(count(*) AS BIGINT) AS orders
FROM (
  SELECT l.account, l.currency, l.key,
         sum(CASE WHEN l.amount_minor > 0 THEN l.amount_minor ELSE 0 END) AS debits
  FROM legs l WHERE l.key <> 'opening' GROUP BY l.account, l.currency, l.key
) GROUP BY account, currency
"""
CLOSED_NOW: Final = """
SELECT a.account, g.currency, CAST(sum(g.debits) AS BIGINT) AS debits,
       CAST(count(*) AS BIGINT) AS orders
FROM groups g
JOIN places a ON a.place = g.place
SEMI JOIN (SELECT r.receivable AS account, k.order_id
           FROM settled_keys k
           JOIN receivables r ON r.platform = k.platform AND r.shop = k.shop) s
  ON s.account = a.account AND s.order_id = g.grp
WHERE g.rest = 0
GROUP BY a.account, g.currency
"""


_RECORD_IDS: Final = (
    *_ORDER_IDS[:-1],
    "CASE WHEN (stage = 'order' AND kind = 'refund')"
    " OR (stage = 'wallet' AND order_id IS NULL AND trade_id IS NULL) THEN record_id END",
)


def ids_of(table: str) -> str:
    """A query for all ids of the records in `table` that can name an order, once each."""
    parts = " UNION ".join(
        f"SELECT hash({name}) AS id FROM {table} WHERE ({name}) IS NOT NULL AND stage <> 'bank'"
        for name in _RECORD_IDS
    )
    return f"{parts} ORDER BY id"


def records_with(table: str) -> str:
    """A query for the records of settled orders of which all ids are in `table`.

    One id of a row is enough then: to look for each of them takes half as long again.
    """
    parent = "CASE WHEN stage = 'order' THEN parent_order_id END"
    return (
        "SELECT * FROM records WHERE stage <> 'bank'"
        f" AND hash(coalesce(order_id, trade_id, {parent}, record_id)) IN (SELECT id FROM {table})"
    )
