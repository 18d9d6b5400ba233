"""Sources that tell the same story twice are held against each other; only one of them is booked.

Two formats of one wallet (Alipay's ledger and its web export) must agree, day by day, in the time
that both cover; WeChat's trade bill and its fund bill must agree on every transaction both hold.
A disagreement changes nothing in the books: it says that one of the files is wrong.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

from beanclear.ledger.sql import Connection, run

_FORMATS: Final = """
WITH spans AS (
  SELECT DISTINCT document, source_key, rank, begins, ends FROM documents
), several AS (
  SELECT source_key, max(rank) AS upper, min(rank) AS lower
  FROM spans GROUP BY source_key HAVING count(DISTINCT rank) > 1
), told AS (
  SELECT DISTINCT o.source_key, o.upper, o.lower, o.rank, r.document, r."row", r.record_id,
    r.booked_on AS day, r.currency, r.amount_minor
  FROM records r
  JOIN (SELECT DISTINCT s.document, s.source_key, s.rank, w.upper, w.lower
        FROM spans s JOIN several w ON w.source_key = s.source_key) o
    ON o.document = r.document AND o.source_key = r.source || '/' || r.account || '/wallet'
  JOIN spans h ON h.source_key = o.source_key AND h.rank <> o.rank
   AND r.occurred_at BETWEEN h.begins AND h.ends
  WHERE r.stage = 'wallet'
), sums AS (
  SELECT source_key, day, currency,
    CAST(sum(CASE WHEN rank = upper THEN amount_minor ELSE 0 END) AS BIGINT) AS upper_sum,
    CAST(sum(CASE WHEN rank = lower THEN amount_minor ELSE 0 END) AS BIGINT) AS lower_sum,
    CAST(sum(CASE WHEN rank = upper THEN 1 ELSE 0 END) AS BIGINT) AS upper_count,
    CAST(sum(CASE WHEN rank = lower THEN 1 ELSE 0 END) AS BIGINT) AS lower_count,
    max(CASE WHEN rank = lower THEN document END) AS document
  FROM told GROUP BY source_key, day, currency
)
SELECT source_key, CAST(day AS VARCHAR), currency, upper_sum, lower_sum, document, day
FROM sums WHERE upper_sum <> lower_sum OR upper_count <> lower_count ORDER BY ALL
"""

_TRANSACTIONS: Final = """
SELECT 'wechatpay', b.trade_id, b.currency, b.amount_minor, f.amount_minor, f.document, f.booked_on
FROM (SELECT DISTINCT trade_id, currency, amount_minor FROM records
      WHERE stage = 'order' AND source = 'wechatpay' AND kind = 'sale'
        AND trade_id IS NOT NULL) b
JOIN (SELECT trade_id, currency, max(document) AS document, min(booked_on) AS booked_on,
             CAST(sum(amount_minor) AS BIGINT) AS amount_minor
      FROM records WHERE stage = 'wallet' AND source = 'wechatpay' AND kind = 'sale'
      GROUP BY trade_id, currency) f
  ON f.trade_id = b.trade_id AND f.currency = b.currency
WHERE f.amount_minor <> b.amount_minor ORDER BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Two sources that should say the same and do not.

    Attributes:
      source: the wallet, as a source key, or `wechatpay` for its two bills.
      subject: the day or the transaction they disagree about.
      booked_minor, other_minor: what the booked and the other source say.
      document: where the other figure stands.
    """

    source: str
    subject: str
    currency: str
    booked_minor: int
    other_minor: int
    document: str
    day: datetime.date


def disagreements(con: Connection) -> list[Disagreement]:
    """Everything in which two sources of one story differ, sorted."""
    return [
        Disagreement(
            source=row[0],
            subject=row[1],
            currency=row[2],
            booked_minor=row[3],
            other_minor=row[4],
            document=row[5] or "",
            day=row[6],
        )
        for step in (_FORMATS, _TRANSACTIONS)
        for row in run(con, step).fetchall()
    ]
