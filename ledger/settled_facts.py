"""What an order posts depends on, besides its own records: as long as it stays, sums hold."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

import duckdb

from beanclear.ledger import settled_sql
from beanclear.ledger.settled import History

_FACTS: Final = {
    "order-cover": "SELECT DISTINCT platform, source, shop, first FROM order_cover ORDER BY ALL",
    "order-sides": "SELECT * FROM order_sides ORDER BY ALL",
    "served": "SELECT * FROM served ORDER BY ALL",
    "wallet-first": "SELECT * FROM wallet_first ORDER BY ALL",
    "beginning": "SELECT opening_day FROM beginning",
    "opening-links": settled_sql.OPENING_LINKS,
}
# Of each bucket; one that had no line has settled nothing.
_FIRST: Final = "opening-first"


def facts(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What posting and netting read of all records at once, as JSON values."""
    return {
        name: [[str(value) for value in row] for row in con.execute(query).fetchall()]
        for name, query in {**_FACTS, _FIRST: settled_sql.OPENING_FIRST}.items()
    }


def agree(
    history: History,
    con: duckdb.DuckDBPyConnection,
    as_of: Mapping[str, tuple[datetime.date, str | None]],
) -> bool:
    """Whether orders that were settled are still judged as they were."""
    now, then = facts(con), history.basis.facts
    return (
        all(now[name] == then[name] for name in _FACTS)
        and all(line in now[_FIRST] for line in then[_FIRST])
        and all(
            account in as_of and as_of[account][0] >= day and as_of[account][1] is None
            for account, day in history.as_of.items()
        )
    )
