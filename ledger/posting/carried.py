"""What posting takes from settled orders without reading their records again: sums, by table.

An incremental run (`beanclear.ledger.settled`) posts the records that can still change and adds
these. In a full run all six tables are empty. Each row of each table ends in numbers that are
sums over orders, so an order's share can be added and taken off; a row whose `lines` come to zero
is as good as none.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from beanclear.ledger.sql import Connection

# Table → its columns that name a row, and its columns that are sums. The last sum counts.
NAMES: Final = {
    "settled_origins": (
        "stage VARCHAR, source VARCHAR, account VARCHAR, platform VARCHAR, shop VARCHAR,"
        " sale BOOLEAN"
    ),
    "settled_postings": (
        "entry VARCHAR, day DATE, account VARCHAR, currency VARCHAR, owner VARCHAR"
    ),
    "settled_feeds": "entry VARCHAR, clearing VARCHAR",
    "settled_closed": "account VARCHAR, currency VARCHAR",
    "settled_counts": "name VARCHAR",
    "settled_openings": "account VARCHAR, currency VARCHAR, day DATE, debit BOOLEAN",
}
SUMS: Final = {
    "settled_origins": "lines BIGINT",
    "settled_postings": "amount_minor BIGINT, line_count BIGINT",
    "settled_feeds": "lines BIGINT",
    "settled_closed": "debits BIGINT, orders BIGINT",
    "settled_counts": "lines BIGINT",
    "settled_openings": "amount_minor BIGINT, lines BIGINT",
}
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

# Which sources speak of which platforms and shops; the settled orders' share stands beside.
ORIGINS: Final = """
CREATE OR REPLACE TEMP TABLE own_origins AS
SELECT stage, source, account, platform, shop,
       CASE WHEN kind = 'sale' THEN true ELSE false END AS sale, CAST(count(*) AS BIGINT) AS lines
FROM records
GROUP BY stage, source, account, platform, shop,
         CASE WHEN kind = 'sale' THEN true ELSE false END;

CREATE OR REPLACE TEMP TABLE origins AS
SELECT stage, source, account, platform, shop, sale, CAST(sum(lines) AS BIGINT) AS lines
FROM (SELECT * FROM own_origins UNION ALL SELECT * FROM settled_origins)
GROUP BY stage, source, account, platform, shop, sale
"""

# Which wallets post on which clearing accounts, by the entry their lines are summed in.
FEEDS: Final = """
CREATE OR REPLACE TEMP TABLE wallet_feeds AS
SELECT entry, clearing, CAST(sum(lines) AS BIGINT) AS lines
FROM (SELECT entry, account AS clearing, count(*) AS lines FROM legs
      WHERE side <> 'bank' GROUP BY entry, account
      UNION ALL SELECT * FROM settled_feeds)
GROUP BY entry, clearing
"""

COUNTS: Final = """
CREATE OR REPLACE TEMP TABLE counts AS
SELECT name, CAST(sum(lines) AS BIGINT) AS lines
FROM (SELECT 'completion-assumed' AS name, count(*) AS lines FROM claims
      WHERE completion_assumed AND NOT completion_paid
      UNION ALL
      SELECT 'completion-paid' AS name, count(*) AS lines FROM claims WHERE completion_paid
      UNION ALL
      SELECT 'tax-free' AS name, count(*) AS lines FROM claims WHERE tax_free
      UNION ALL
      SELECT 'wallet-only:' || platform AS name, count(*) AS lines FROM unknown_orders
      WHERE standing = 'wallet-only' GROUP BY platform
      UNION ALL SELECT * FROM settled_counts)
GROUP BY name
"""

# What lines put into the buckets of orders from before the first export, by day and sign: of a
# bucket nothing else is asked, but for its first line, and that line's order is never settled.
OPENINGS: Final = """
SELECT account, currency, day, CASE WHEN amount_minor > 0 THEN true ELSE false END AS debit,
       CAST(sum(amount_minor) AS BIGINT) AS amount_minor, CAST(count(*) AS BIGINT) AS lines
FROM legs WHERE key = 'opening'
GROUP BY account, currency, day, CASE WHEN amount_minor > 0 THEN true ELSE false END
"""


def carry(con: Connection, tables: Mapping[str, Any]) -> None:
    """Make the six tables, from Arrow tables where there are any."""
    for name, names in NAMES.items():
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({names}, {SUMS[name]})")
        if name in tables and tables[name].num_rows:
            con.register("given_rows", tables[name])
            con.execute(f"INSERT INTO {name} SELECT * FROM given_rows")
            con.unregister("given_rows")
