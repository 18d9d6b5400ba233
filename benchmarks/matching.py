"""The keyed pass against bare peers: orders and wallet lines in Parquet, netted by order.

Of every 200 orders one is never paid and one is paid short; every fifth is refunded in part; one
wallet line in two thousand or so names an order that nobody knows. Buyers pay in two parts, so
there are 2.2 wallet lines an order, in shuffled order, on three platforms.
"""

# ruff: noqa: PLC0415 - each job loads what it needs

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

ORDERS, LINES = "orders.parquet", "lines.parquet"
LINES_PER_ORDER = 2.2

# hash() puts lines where no order of theirs is near.
_WRITE = """
CREATE TEMP TABLE made AS
SELECT i, 'Assets:Receivable:' || ['Tmall', 'Pinduoduo', 'Shop'][i % 3 + 1] AS account,
       'CNY' AS currency,
       '5116' || lpad(CAST(i AS VARCHAR), 15, '0') AS order_id,
       DATE '2026-06-01' + CAST(i % 90 AS INTEGER) AS day,
       CAST(990 + i * 7919 % 50000 AS BIGINT) AS amount_minor,
       CAST(CASE WHEN i % 5 = 2 THEN 300 ELSE 0 END AS BIGINT) AS refunded_minor
FROM range({count}) t(i);
COPY (SELECT account, currency, order_id, day, amount_minor, refunded_minor FROM made)
TO '{orders}' (FORMAT parquet, COMPRESSION zstd);
COPY (
  SELECT account, currency, order_id, day, kind, amount_minor,
         'L' || CAST(row_number() OVER () AS VARCHAR) AS line_id
  FROM (
    SELECT account, currency, order_id, day + 1 AS day, 'sale' AS kind,
           amount_minor // 4 AS amount_minor
    FROM made WHERE i % 200 <> 1
    UNION ALL
    SELECT account, currency, order_id, day + 3, 'sale',
           amount_minor - amount_minor // 4 - CASE WHEN i % 200 = 3 THEN 100 ELSE 0 END
    FROM made WHERE i % 200 <> 1
    UNION ALL
    SELECT account, currency, order_id, day + 9, 'refund', -refunded_minor
    FROM made WHERE refunded_minor > 0
    UNION ALL
    SELECT account, currency, '9' || order_id, day, 'sale', amount_minor
    FROM made WHERE i % 1000 = 7
  ) ORDER BY hash(order_id, amount_minor)
) TO '{lines}' (FORMAT parquet, COMPRESSION zstd)
"""

# The Parquet as legs. Matching asks for more columns than it nets by: what an open item shows.
_LEGS = """
CREATE TEMP VIEW all_legs AS
SELECT account, currency, order_id AS grp,
       order_id AS key, day, amount_minor, 'order' AS side, 'sale' AS kind, order_id AS record_id,
       CAST(NULL AS BIGINT) AS lines
FROM '{orders}'
UNION ALL BY NAME
SELECT account, currency, order_id AS grp,
       order_id AS key, day, -refunded_minor AS amount_minor, 'order' AS side, 'refund' AS kind,
       order_id AS record_id
FROM '{orders}' WHERE refunded_minor > 0
UNION ALL BY NAME
SELECT account, currency, order_id AS grp,
       order_id AS key, day, -amount_minor AS amount_minor, 'wallet' AS side, kind,
       line_id AS record_id
FROM '{lines}'
"""
# What a run knows of other accounts and earlier passes: nothing here.
_SURROUNDINGS = """
CREATE TEMP TABLE as_of AS
SELECT 'Assets:Receivable:' || unnest(['Tmall', 'Pinduoduo', 'Shop']) AS account,
       DATE '2026-12-31' AS as_of, CAST(NULL AS VARCHAR) AS awaiting;
CREATE TEMP TABLE policies AS
SELECT account, 'order' AS clearing, 0 AS grace_days, CAST(0 AS BIGINT) AS tolerance FROM as_of;
CREATE TEMP TABLE dues AS
SELECT account, DATE '2026-05-01' + CAST(i AS INTEGER) AS day,
       DATE '2026-05-16' + CAST(i AS INTEGER) AS due
FROM as_of, range(200) t(i);
CREATE TEMP TABLE hints (account VARCHAR, currency VARCHAR, grp VARCHAR, klass VARCHAR,
                         candidates VARCHAR, note VARCHAR);
CREATE TEMP TABLE links (account VARCHAR, currency VARCHAR, key VARCHAR, grp VARCHAR,
                         pass VARCHAR, evidence VARCHAR);
CREATE TEMP TABLE refunds_before (account VARCHAR, currency VARCHAR, key VARCHAR,
                                  before_sale BIGINT, refund_known_on DATE)
"""
_SHOWN = ("trade_id", "payout_id", "bank_ref", "counterparty", "document")

_JOIN = """
SELECT coalesce(o.account, w.account) AS account,
       CASE WHEN w.order_id IS NULL THEN 'missing' WHEN o.order_id IS NULL THEN 'unknown'
            WHEN w.received = o.amount_minor - o.refunded_minor THEN 'closed'
            WHEN w.received < o.amount_minor - o.refunded_minor THEN 'short' ELSE 'over' END
         AS verdict,
       count(*), CAST(sum(o.amount_minor) AS BIGINT), CAST(sum(w.received) AS BIGINT)
FROM '{orders}' o
FULL JOIN (SELECT account, order_id, CAST(sum(amount_minor) AS BIGINT) AS received
           FROM '{lines}' GROUP BY account, order_id) w
  ON w.account = o.account AND w.order_id = o.order_id
GROUP BY ALL ORDER BY ALL
"""


def _named(text: str, folder: str, **values: object) -> str:
    return text.format(orders=Path(folder) / ORDERS, lines=Path(folder) / LINES, **values)


def write(folder: str, orders: str) -> dict[str, int]:
    """Write the two files."""
    import duckdb

    Path(folder).mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(_named(_WRITE, folder, count=int(orders)))
        counts = con.execute(
            _named("SELECT (SELECT count(*) FROM '{orders}'), (SELECT count(*) FROM '{lines}')",
                   folder)
        ).fetchall()  # fmt: skip
    return {"orders": counts[0][0], "lines": counts[0][1]}


def keyed(folder: str) -> dict[str, int]:
    """Net and classify every group, and fetch every open item with its references, as a run."""
    from beanclear.ledger.database import open_database
    from beanclear.ledger.posting.carried import NOTHING, carry
    from beanclear.matching import keyed as expression

    con = open_database(Path(folder) / "spill")
    empty = ", ".join(f"CAST(NULL AS VARCHAR) AS {name}" for name in _SHOWN)
    con.execute(_named(_LEGS, folder).replace("line_id AS record_id",
        f'line_id AS record_id, order_id, {empty}, 0 AS "row"'))  # fmt: skip
    con.execute(_SURROUNDINGS)
    carry(con, NOTHING)
    for step in (
        expression.GROUPS,
        expression.BASES,
        expression.REPEATS,
        expression.STANDINGS,
    ):
        con.execute(step)
    con.execute(expression.TRANSITS).fetchall()
    con.execute(expression.STATES).fetchall()
    closed = sum(row[3] for row in con.execute(expression.MATCHED).fetchall())
    items = con.execute(expression.ITEMS).fetchall()
    con.close()
    return {"closed": closed, "open": len(items)}


def join(folder: str) -> dict[str, int]:
    """Peer: the bare join and group-by in DuckDB."""
    import duckdb

    with duckdb.connect() as con:
        rows = con.execute(_named(_JOIN, folder)).fetchall()
    return _counts((row[1], row[2]) for row in rows)


def frames(folder: str) -> dict[str, int]:
    """Peer: the same with pandas, strings in Arrow."""
    import numpy as np
    import pandas as pd

    orders = pd.read_parquet(
        Path(folder) / ORDERS, columns=["account", "order_id", "amount_minor", "refunded_minor"]
    )
    lines = pd.read_parquet(
        Path(folder) / LINES, columns=["account", "order_id", "amount_minor"]
    ).rename(columns={"amount_minor": "received"})
    keys = ["account", "order_id"]
    received = lines.groupby(keys, sort=False, as_index=False)["received"].sum()
    both = orders.merge(received, on=keys, how="outer", indicator=True, sort=False)
    due = both["amount_minor"] - both["refunded_minor"]
    both["verdict"] = np.select(
        [
            both["_merge"] == "left_only",
            both["_merge"] == "right_only",
            both["received"] == due,
            both["received"] < due,
        ],
        ["missing", "unknown", "closed", "short"],
        "over",
    )
    found = both.groupby(["account", "verdict"]).agg(
        orders=("order_id", "size"), claimed=("amount_minor", "sum"), received=("received", "sum")
    )
    counts = found.reset_index()
    return _counts(zip(counts["verdict"], map(int, counts["orders"]), strict=True))


def _counts(verdicts: Iterable[tuple[str, int]]) -> dict[str, int]:
    found = {"closed": 0, "open": 0}
    for verdict, count in verdicts:
        found["closed" if verdict == "closed" else "open"] += count
    return found
