"""Whether a run may begin with what an earlier one settled, and what it leaves itself."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from beanclear.ledger import settled, settling
from beanclear.ledger.books import Books
from beanclear.ledger.config import Config
from beanclear.ledger.posting import words
from beanclear.ledger.settling import Policy, StaleError, Working
from beanclear.ledger.sql import Connection, Records
from beanclear.ledger.statement_rows import StatementRow
from beanclear.ledger.store import RecordStore
from beanclear.matching import keyed

_CODE = (Path(settled.__file__).parent, Path(keyed.__file__).parent)
# Of fewer records everything is computed again as soon as a history is taken up, and none is made.
WORTHWHILE: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A finished computation, as far as the next one needs it.

    Attributes:
      as_of: clearing account → its date, and the side it still waits for.
      disputed: what two sources say different things of.
      working: what it began with; none for a full computation.
    """

    statements: Sequence[StatementRow]
    config: Config
    chart_text: str
    as_of: Mapping[str, tuple[datetime.date, str | None]]
    disputed: Sequence[str]
    working: Working | None


def _program(config: Config, chart_text: str) -> str:
    """A hash of all that says how records are booked, but for the records."""
    return settled.program(_CODE, config.model_dump_json(), chart_text)


def resume(
    books: Books,
    records: Records,
    statements: Sequence[StatementRow],
    config: Config,
    *,
    keys: Sequence[str],
) -> Working | None:
    """What an incremental computation begins with; none when only a full one is right.

    `keys` name what decisions and manual entries are about.
    """
    if not isinstance(records, RecordStore):
        return None
    history = settled.read(records.root)
    if history is None:
        return None
    text = books.accounts.read_text("utf-8") if books.accounts.is_file() else ""
    if history.basis.program != _program(config, text):
        return None
    policy = Policy(statements=statements, config=config, moved=words.settled_lines(books))
    try:
        return settling.resume(records, history, policy, keys)
    except StaleError:
        return None


def remember(books: Books, records: Records, con: Connection, outcome: Outcome) -> None:
    """Leave `outcome` for the next computation, when it pays; else nothing stale stays."""
    if not isinstance(records, RecordStore) or not isinstance(con, duckdb.DuckDBPyConnection):
        return
    if outcome.working is not None and not settling.worn(outcome.working):
        return
    if sum(row.rows for row in outcome.statements) < WORTHWHILE:
        settled.forget(records.root)
        return
    try:
        kept = settling.remember(
            con,
            records,
            Policy(
                statements=outcome.statements,
                config=outcome.config,
                moved=words.settled_lines(books),
            ),
            _program(outcome.config, outcome.chart_text),
            as_of=outcome.as_of,
            disputed=outcome.disputed,
            working=outcome.working,
        )
    except StaleError:
        kept = False
    if not kept:
        settled.forget(records.root)
