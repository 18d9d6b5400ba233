"""Pass 2 and the classification: one relational expression over `legs` and `as_of`.

Inputs (temporary tables on one connection):

`all_legs`: the legs of `beanclear.ledger.posting.legs` with what decisions, manual entries and
closed differences add, and with `grp`: the key under which a leg is netted (its own key, or the
group that a decision or a later pass put it into). `lines` is how many lines a leg stands for; none
means one.
`as_of` (account, as_of, awaiting): one row per clearing account.
`dues` (account, day, due): when an item whose event was on `day` is due, grace included.
`hints` (account, key, klass, candidates): what the passes on payouts found out about a group.

Outputs: `places` (the rows of `as_of`, numbered), `groups` (one row per clearing account, currency
and group, netted at the as-of date), `unsettled` (those with a rest, and their verdict) and the
view `standings` (all groups with their verdict). A verdict is `closed`, `transit`, or the class of
an open item; the order of the cases is the order of `beanclear.ledger.vocabulary.ItemClass`.

Safe subset: integers, CASE, equi-joins, sums cast to BIGINT; no engine-specific function.
"""

from __future__ import annotations

from typing import Final

# Every group netted, with no more than tells the closed ones from the others: each sum over
# millions of groups costs as much as the join itself. Accounts are joined as small numbers, because
# every group carries one.
GROUPS: Final = """
CREATE OR REPLACE TEMP TABLE places AS
SELECT account, as_of, awaiting,
       CAST(row_number() OVER (ORDER BY account) AS INTEGER) AS place
FROM as_of;

CREATE OR REPLACE TEMP TABLE groups AS
SELECT a.place, l.currency, l.grp, CAST(sum(l.amount_minor) AS BIGINT) AS rest,
  CAST(sum(CASE WHEN l.amount_minor > 0 THEN l.amount_minor ELSE 0 END) AS BIGINT) AS debits
FROM all_legs l JOIN places a ON a.account = l.account
WHERE l.day <= a.as_of
GROUP BY a.place, l.currency, l.grp
"""

# What classification needs of the few groups that are not closed, and the day from which a
# group's term runs: the last event that was expected, else its first line. A refund without a
# date of its own runs from the first export that shows it: until then it may not have happened.
BASES: Final = """
CREATE OR REPLACE TEMP TABLE open_legs AS
SELECT l.*, n.place, n.rest, CASE WHEN l.day <= a.as_of THEN true ELSE false END AS so_far
FROM all_legs l
JOIN places a ON a.account = l.account
JOIN groups n ON n.place = a.place AND n.currency = l.currency AND n.grp = l.grp
WHERE n.rest <> 0;

CREATE OR REPLACE TEMP TABLE bases AS
SELECT g.*, c.before_sale,
  CASE WHEN c.refund_known_on > coalesce(g.expected_on, g.first_on) AND g.rest = -c.before_sale
       THEN c.refund_known_on ELSE coalesce(g.expected_on, g.first_on) END AS base_on
FROM (
  SELECT l.account, l.currency, l.grp, a.as_of, a.awaiting, l.rest, t.total,
    CAST(sum(coalesce(l.lines, 1)) AS BIGINT) AS legs_so_far,
    min(l.day) AS first_on,
    max(CASE WHEN l.side = 'order' THEN l.day END) AS expected_on,
    CAST(sum(CASE WHEN l.side = 'order' THEN 1 ELSE 0 END) AS BIGINT) AS order_legs,
    CAST(sum(CASE WHEN l.side IN ('wallet', 'bank') THEN 1 ELSE 0 END) AS BIGINT) AS money_legs,
    CAST(sum(CASE WHEN l.side = 'order' AND l.kind <> 'refund' THEN l.amount_minor ELSE 0 END)
         AS BIGINT) AS claimed,
    CAST(sum(CASE WHEN l.side = 'order' AND l.kind = 'refund' THEN -l.amount_minor ELSE 0 END)
         AS BIGINT) AS refund_expected,
    CAST(sum(CASE WHEN l.side IN ('wallet', 'bank') AND l.kind <> 'refund'
             THEN -l.amount_minor ELSE 0 END) AS BIGINT) AS received,
    CAST(sum(CASE WHEN l.side = 'wallet' AND l.kind = 'refund' THEN l.amount_minor ELSE 0 END)
         AS BIGINT) AS refunded,
    CAST(sum(CASE WHEN l.side = 'wallet' AND l.kind <> 'refund' THEN 1 ELSE 0 END) AS BIGINT)
      AS sale_lines
  FROM open_legs l
  JOIN places a ON a.place = l.place
  JOIN (SELECT place, currency, grp, CAST(sum(amount_minor) AS BIGINT) AS total
        FROM open_legs GROUP BY place, currency, grp) t
    ON t.place = l.place AND t.currency = l.currency AND t.grp = l.grp
  WHERE l.so_far
  GROUP BY l.account, l.currency, l.grp, a.as_of, a.awaiting, l.rest, t.total
) g
LEFT JOIN refunds_before c ON c.account = g.account AND c.currency = g.currency AND c.key = g.grp
"""

# Days whose due date Python has to look up: few, because they are days and not orders.
BASE_DAYS: Final = """
SELECT DISTINCT account, base_on AS day FROM bases
UNION SELECT DISTINCT account, day FROM variances
ORDER BY ALL
"""

# Groups in which sale lines repeat to the cent, and as many too many as make the rest: a second
# settlement of the same sale. One row a group, however many of its amounts do so.
REPEATS: Final = """
CREATE OR REPLACE TEMP TABLE repeats AS
SELECT DISTINCT account, currency, grp FROM (
  SELECT l.account, l.currency, l.grp
  FROM open_legs l
  JOIN bases g ON g.account = l.account AND g.currency = l.currency AND g.grp = l.grp
  WHERE l.so_far AND g.rest < 0 AND g.order_legs > 0
    AND l.side = 'wallet' AND l.kind <> 'refund' AND l.amount_minor < 0
  GROUP BY l.account, l.currency, l.grp, l.amount_minor, g.rest
  HAVING g.rest % l.amount_minor = 0 AND g.rest >= l.amount_minor * (count(*) - 1)
)
"""

# `unsettled` has the groups with a rest; `standings` adds the closed ones.
STANDINGS: Final = """
CREATE OR REPLACE TEMP TABLE unsettled AS
SELECT g.*, d.due, h.candidates, h.note,
  CASE
    WHEN g.awaiting IS NOT NULL OR g.total = 0 THEN 'transit'
    -- What is expected may come on the day it is due; an unknown line is open on that day.
    WHEN d.due > g.as_of OR (d.due = g.as_of AND NOT g.lines) THEN 'transit'
    WHEN g.grp IN ('opening', 'opening-orders') THEN 'opening'
    WHEN h.klass IS NOT NULL THEN h.klass
    WHEN r.grp IS NOT NULL THEN 'duplicate'
    WHEN g.payouts AND g.order_legs > 0 AND g.money_legs = 0 THEN 'missing-deposit'
    WHEN g.payouts AND g.order_legs = 0 THEN 'unidentified'
    WHEN g.lines THEN 'uncategorised'
    WHEN g.order_legs = 0 AND g.sale_lines = 0 THEN 'refund-mismatch'
    WHEN g.order_legs = 0 THEN 'missing-order'
    WHEN g.claimed = g.received AND g.refund_expected <> g.refunded THEN 'refund-mismatch'
    WHEN g.rest = -g.before_sale THEN 'refund-mismatch'
    WHEN g.sale_lines > 0 AND g.rest > 0 THEN 'short'
    WHEN g.sale_lines > 0 THEN 'over'
    WHEN g.payouts AND g.rest > 0 THEN 'short'
    WHEN g.payouts THEN 'over'
    WHEN g.rest < 0 THEN 'refund-mismatch'
    ELSE 'overdue'
  END AS verdict
FROM (SELECT s.*, CASE WHEN p.clearing = 'payout' THEN true ELSE false END AS payouts,
             CASE WHEN p.clearing = 'line' THEN true ELSE false END AS lines
      FROM bases s JOIN policies p ON p.account = s.account) g
LEFT JOIN dues d ON d.account = g.account AND d.day = g.base_on
LEFT JOIN hints h ON h.account = g.account AND h.currency = g.currency AND h.grp = g.grp
LEFT JOIN repeats r ON r.account = g.account AND r.currency = g.currency AND r.grp = g.grp;

CREATE OR REPLACE TEMP VIEW standings AS
SELECT account, currency, grp, rest, verdict FROM unsettled
UNION ALL
SELECT a.account, g.currency, g.grp, g.rest, 'closed' AS verdict
FROM groups g JOIN places a ON a.place = g.place
WHERE g.rest = 0
"""

TRANSITS: Final = """
SELECT s.account, s.currency, s.base_on AS day,
       CASE WHEN s.awaiting IS NULL THEN s.due END AS due,
       CAST(sum(s.rest) AS BIGINT) AS amount_minor, count(*) AS items
FROM unsettled s WHERE s.verdict = 'transit'
GROUP BY s.account, s.currency, s.base_on,
         CASE WHEN s.awaiting IS NULL THEN s.due END
ORDER BY ALL
"""

# An open item is shown with the references of its first leg (what was expected, else what came).
ITEMS: Final = """
SELECT * EXCLUDE (place) FROM (
  SELECT s.account, s.currency, s.grp, s.verdict, s.rest, s.due, s.claimed,
         -- A refund that lowered the sale itself was expected too.
         s.refund_expected + CASE WHEN s.rest = -s.before_sale THEN s.before_sale ELSE 0 END
           AS refund_expected,
         s.received, s.refunded, s.legs_so_far, s.candidates, s.note, l.key, l.day, l.order_id,
         l.trade_id, l.payout_id, l.bank_ref, l.counterparty, l.document, l."row",
         row_number() OVER (
           PARTITION BY s.account, s.currency, s.grp
           ORDER BY
             CASE WHEN s.verdict IN ('duplicate', 'refund-mismatch', 'over') AND l.side = 'order'
                    THEN 1
                  WHEN s.verdict IN ('duplicate', 'refund-mismatch', 'over') THEN 0
                  WHEN l.side = 'order' THEN 0 ELSE 1 END,
             CASE WHEN s.verdict = 'refund-mismatch' AND l.kind <> 'refund' THEN 1 ELSE 0 END,
             CASE WHEN s.verdict = 'duplicate' THEN l.day END DESC NULLS LAST,
             l.day, l.record_id, l.document, l."row") AS place
  FROM unsettled s
  JOIN open_legs l ON l.account = s.account AND l.currency = s.currency AND l.grp = s.grp
   AND l.so_far
  WHERE s.verdict <> 'transit'
) WHERE place = 1 ORDER BY account, currency, day, grp
"""

STATES: Final = """
SELECT a.account, k.currency, a.as_of, a.awaiting,
  CAST(coalesce(sum(s.rest), 0) AS BIGINT),
  CAST(sum(CASE WHEN s.verdict = 'transit' THEN s.rest ELSE 0 END) AS BIGINT),
  CAST(sum(CASE WHEN s.verdict = 'transit' THEN 1 ELSE 0 END) AS BIGINT),
  CAST(sum(CASE WHEN s.verdict <> 'transit' THEN s.rest ELSE 0 END) AS BIGINT),
  CAST(sum(CASE WHEN s.verdict <> 'transit' THEN 1 ELSE 0 END) AS BIGINT)
FROM (SELECT DISTINCT place, currency FROM groups
      UNION SELECT p.place, c.currency FROM settled_closed c
      JOIN places p ON p.account = c.account) k
JOIN places a ON a.place = k.place
LEFT JOIN unsettled s ON s.account = a.account AND s.currency = k.currency
GROUP BY a.account, k.currency, a.as_of, a.awaiting ORDER BY ALL
"""

MATCHED: Final = """
SELECT s.account, s.currency, s.pass, CAST(sum(s.orders) AS BIGINT),
       CAST(sum(s.debits) AS BIGINT)
FROM (
  SELECT a.account, g.currency, g.debits, 1 AS orders,
         coalesce(m.pass, CASE WHEN d.grp IS NOT NULL THEN 'decision' ELSE 'key' END) AS pass
  FROM groups g
  JOIN places a ON a.place = g.place
  LEFT JOIN (SELECT DISTINCT account, currency, grp, pass FROM links) m
    ON m.account = a.account AND m.currency = g.currency AND m.grp = g.grp
  LEFT JOIN (SELECT DISTINCT account, currency, grp FROM all_legs WHERE side = 'decision') d
    ON d.account = a.account AND d.currency = g.currency AND d.grp = g.grp
  WHERE g.rest = 0
  UNION ALL
  SELECT c.account, c.currency, c.debits, c.orders, 'key' AS pass
  FROM settled_closed c JOIN places p ON p.account = c.account
) s
GROUP BY s.account, s.currency, s.pass ORDER BY ALL
"""
