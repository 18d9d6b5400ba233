"""The running balance of a statement: does each line's balance follow from the one before?

Files come oldest or newest first, and within one second lines may stand in any order. The check
is a handful of column operations, whatever the file's length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy
import pyarrow as pa

from beanclear.ledger.records import ZONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the running balance says.

    Attributes:
      chained: whether every balance follows; none when lines have no balance, or for a single
        line, which follows nothing.
      opening_minor, closing_minor: before the first and after the last line in time.
    """

    chained: bool | None = None
    opening_minor: int | None = None
    closing_minor: int | None = None


def prove(records: pa.Table) -> Proof:
    """Check the running balance of records in their file's order."""
    balance = records.column("balance_minor")
    if not len(records) or balance.null_count:
        return Proof()
    after = balance.combine_chunks().to_numpy()
    before = after - records.column("amount_minor").combine_chunks().to_numpy()
    moments = records.column("occurred_at").combine_chunks().cast(pa.int64()).to_numpy()
    if moments[0] > moments[-1] or (moments[0] == moments[-1] and not _follows(before, after)):
        after, before, moments = after[::-1], before[::-1], moments[::-1]
    ordered = bool((moments[1:] >= moments[:-1]).all())
    if ordered and _follows(before, after):
        chained = True if len(records) > 1 else None
        return Proof(chained=chained, opening_minor=int(before[0]), closing_minor=int(after[-1]))
    return _by_second(before, after, moments)


def _follows(before: numpy.ndarray, after: numpy.ndarray) -> bool:
    return bool((before[1:] == after[:-1]).all())


_CHAIN = """
WITH nodes AS (  -- each line leads from one balance to another; what is left over starts or ends
  SELECT moment, node, sum(step) AS degree FROM (
    SELECT moment, before AS node, 1 AS step FROM lines
    UNION ALL SELECT moment, after, -1 FROM lines) GROUP BY moment, node
), seconds AS (
  SELECT moment, coalesce(sum(abs(degree)), 0) AS loose,
    any_value(node) FILTER (WHERE degree > 0) AS opening,
    any_value(node) FILTER (WHERE degree < 0) AS closing,
    list(node) AS passed
  FROM nodes GROUP BY moment
), carried AS (  -- a second that ends where it began hands on the balance before it
  SELECT *, last_value(closing IGNORE NULLS) OVER (ORDER BY moment
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous
  FROM seconds
), judged AS (
  SELECT *, loose IN (0, 2) AND (previous IS NULL OR
    CASE WHEN opening IS NULL THEN list_contains(passed, previous) ELSE opening = previous END
  ) AS follows
  FROM carried
)
SELECT
  bool_and(follows),
  arg_min(opening, moment) FILTER (WHERE opening IS NOT NULL),
  arg_max(closing, moment) FILTER (WHERE closing IS NOT NULL),
  min(moment) FILTER (WHERE NOT follows)
FROM judged
"""


def _by_second(before: numpy.ndarray, after: numpy.ndarray, moments: numpy.ndarray) -> Proof:
    """The same where lines of one second stand in any order, by the degrees of the balances.

    A loop of lines within one second that sums to zero and touches no other line of it would
    pass unseen; it changes no balance.
    """
    chained, opening, closing, _broken = _judged(before, after, moments)
    return Proof(
        chained=bool(chained),
        opening_minor=int(before[0]) if opening is None or not chained else int(opening),
        closing_minor=int(after[-1]) if closing is None or not chained else int(closing),
    )


def _judged(before: numpy.ndarray, after: numpy.ndarray, moments: numpy.ndarray) -> tuple[Any, ...]:
    """Whether all follows, the first and last balance, and the first second that does not."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"SET TimeZone = '{ZONE}'")
        connection.register(
            "lines",
            pa.table({"before": before.copy(), "after": after.copy(), "moment": moments.copy()}),
        )
        row = connection.execute(_CHAIN).fetchone()
    return row or (False, None, None, None)


def broken_row(records: pa.Table) -> int | None:
    """The first row, in the file's numbering, of the second whose balance does not follow."""
    balance = records.column("balance_minor")
    if not len(records) or balance.null_count:
        return None
    after = balance.combine_chunks().to_numpy()
    before = after - records.column("amount_minor").combine_chunks().to_numpy()
    moments = records.column("occurred_at").combine_chunks().cast(pa.int64()).to_numpy()
    moment = _judged(before, after, moments)[3]
    if moment is None:
        return None
    return int(records.column("row").combine_chunks().to_numpy()[moments == moment].min())
