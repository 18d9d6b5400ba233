"""Sources that tell the same story twice are held against each other; only one of them is booked.

Two formats of one wallet (Alipay's ledger and its web export) must agree on every day that both
cover completely; WeChat's trade bill and its fund bill must agree on every transaction both hold.
A disagreement changes nothing in the books: it says that one of the files is wrong.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

from beanclear.ledger.sql import Connection

_FORMATS: Final = """
WITH formats AS (
  SELECT DISTINCT document, source_key, rank FROM documents
), covered AS (
  SELECT DISTINCT d.source_key, d.rank, r.booked_on AS day
  FROM (SELECT source || '/' || account || '/wallet' AS source_key, booked_on
        FROM (SELECT DISTINCT source, account, booked_on FROM records WHERE stage = 'wallet')) r
  JOIN documents d
    ON d.source_key = r.source_key AND r.booked_on BETWEEN d.first AND d.last
), twice AS (
  SELECT c.source_key, c.day, max(c.rank) AS upper, min(c.rank) AS lower
  FROM covered c GROUP BY c.source_key, c.day HAVING count(DISTINCT c.rank) > 1
), sums AS (
  SELECT t.source_key, t.day, r.currency,
    CAST(sum(CASE WHEN f.rank = t.upper THEN r.amount_minor ELSE 0 END) AS BIGINT) AS upper_sum,
    CAST(sum(CASE WHEN f.rank = t.lower THEN r.amount_minor ELSE 0 END) AS BIGINT) AS lower_sum,
    CAST(sum(CASE WHEN f.rank = t.upper THEN 1 ELSE 0 END) AS BIGINT) AS upper_count,
    CAST(sum(CASE WHEN f.rank = t.lower THEN 1 ELSE 0 END) AS BIGINT) AS lower_count,
    max(CASE WHEN f.rank = t.lower THEN r.document END) AS document
  FROM records r
  JOIN twice t ON t.day = r.booked_on
   AND t.source_key = r.source || '/' || r.account || '/wallet' AND r.stage = 'wallet'
  JOIN formats f ON f.document = r.document AND f.source_key = t.source_key
  GROUP BY t.source_key, t.day, r.currency
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
        for row in con.execute(step).fetchall()
    ]
