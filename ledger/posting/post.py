"""All posting steps in their order: the view `records` in, `legs`, `counters`, `postings` out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from beanclear.ledger.config import Config
from beanclear.ledger.posting import conversions, legs, orders
from beanclear.ledger.posting.carried import NOTHING
from beanclear.ledger.posting.inputs import Inputs, prepare
from beanclear.ledger.sql import Connection, run
from beanclear.ledger.statement_rows import StatementRow


def post(
    con: Connection,
    statements: Sequence[StatementRow],
    config: Config,
    settled: Sequence[tuple[str, str]],
    carried: Mapping[str, Any] = NOTHING,
) -> tuple[Inputs, tuple[str, ...]]:
    """Post the records of a connection; see `prepare` for `settled` and `carried`.

    Returns:
      The inputs, and the currencies that were exchanged and have no booked rate.
    """
    inputs = prepare(con, statements, config, settled, carried)
    for step in (*orders.STEPS, *legs.STEPS):
        run(con, step)
    return inputs, conversions.post(con, config)
