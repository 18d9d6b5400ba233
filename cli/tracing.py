"""One order, payout, bank line or buyer through every stage, with file and row."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, cast

from beanclear.cli import trace_index
from beanclear.cli.results import TraceChain, TraceStep
from beanclear.cli.trace_index import Index, Known, line_of
from beanclear.cli.trace_part import Row
from beanclear.cli.trace_sql import BUCKETS, REFERENCES
from beanclear.ledger import buyers
from beanclear.ledger.books import Books
from beanclear.ledger.reconciliation import Item
from beanclear.ledger.vocabulary import ItemClass

if TYPE_CHECKING:
    import duckdb

    from beanclear.cli.bookkeeping import Bookkeeper

_STAGES: Final = {"order": 0, "wallet": 1, "bank": 2}


def trace(books: Books, key: str, *, buyer: bool = False) -> list[TraceChain]:
    """Every chain that `key` names, with all its lines; none when no line has it.

    A key is an order, sub-order, trade, refund, settlement, payout, waybill or bank number, a
    record id, or a buyer's nickname (with `buyer` nothing else).

    Raises:
      BusyError: the index is stale, and a run holds the books.
      BooksError: the index is stale, and the books cannot be computed.
    """
    index = trace_index.load(books) or _rebuilt(books)
    secret = buyers.read_key(books.root)
    nickname = buyers.pseudonym(key, secret) if secret else None
    names = [nickname] if buyer else [key, nickname]
    return _chains(index.find(*(name for name in names if name)), index)


def _rebuilt(books: Books) -> Index:
    """The index made again: of what can change since the last full one, or of everything."""
    from beanclear.cli.bookkeeping import Bookkeeper  # noqa: PLC0415 - heavy
    from beanclear.cli.lake import refuse_lake  # noqa: PLC0415 - heavy
    from beanclear.cli.workspace import LOCK_SECONDS, records_of  # noqa: PLC0415 - heavy
    from beanclear.ledger import config as configuration  # noqa: PLC0415 - heavy
    from beanclear.ledger import documents  # noqa: PLC0415 - heavy

    with books.lock(LOCK_SECONDS):
        config = configuration.load(books.config)
        refuse_lake(config)
        index = documents.read_index(books.index)
        with records_of(books, config, index) as records:
            with Bookkeeper(books, records, config, index, take_up=True) as kept:
                history = kept.working.history.live.parent.name if kept.working else ""
                delta = trace_index.has_base(books, history)
                if delta or not history:
                    return _built(kept, history, delta=delta)
            with Bookkeeper(books, records, config, index) as kept:
                return _built(kept, history, delta=False)


def _built(kept: Bookkeeper, history: str, *, delta: bool) -> Index:
    from beanclear.cli.trace_words import places  # noqa: PLC0415 - loads Beancount's parser

    as_of = kept.as_of()
    known = Known(
        items=kept.reconcile(as_of).items,
        files=kept.files,
        places=places(kept.books),
        as_of={account: day for account, (day, _awaiting) in as_of.items()},
        history=history,
    )
    con = cast("duckdb.DuckDBPyConnection", kept.con)  # no lake, so nothing else
    return trace_index.build(kept.books, con, known, delta=delta)


def _chains(found: Sequence[Sequence[Row]], index: Index) -> list[TraceChain]:
    """Rows by chain; a line that is a leg in one chain is not told again in another."""
    legs = {line_of(row) for rows in found for row in rows if row["posted"] is not None}
    told: set[tuple[str, int, str]] = set()
    chains = []
    for rows in found:
        mine = []
        for row in sorted(rows, key=_order):
            line = line_of(row)
            if row["posted"] is None and (line in legs or line in told):
                continue
            told.add(line)
            mine.append(row)
        if mine:
            chains.append(_chain(mine, index))
    return sorted(chains, key=lambda chain: (chain.steps[0].date, chain.key or ""))


def _order(row: Row) -> tuple[int, datetime.date, str, str, int]:
    return (
        _STAGES.get(row["stage"], len(_STAGES)),
        row["day"],
        row["source"],
        row["document"],
        row["row"],
    )


def _chain(rows: Sequence[Row], index: Index) -> TraceChain:
    first = rows[0]
    verdict = first["verdict"]
    account = first["clearing_account"]
    total = sum(row["posted"] or 0 for row in rows)
    # A bucket's rest is that of all its orders together.
    whole = first["rest"] is not None and first["grp"] not in BUCKETS
    rest = first["rest"] if whole else total
    state = {"closed": "closed", "transit": "transit", None: account and "later"}
    return TraceChain(
        clearing_account=account,
        currency=first["clearing_currency"] or first["currency"],
        key=first["grp"],
        steps=tuple(_step(row, index) for row in rows),
        state=state.get(verdict, "open"),
        as_of=first["as_of"] and index.as_of.get(account, first["as_of"]),
        due=first["due"],
        difference_minor=rest,
        later_minor=total - rest,
        matched_by=first["matched_by"],
        rule=first["rule"],
        evidence=first["evidence"],
        items=tuple(_items(first["items"])),
    )


def _items(text: str | None) -> Iterator[Item]:
    for found in json.loads(text) if text else ():
        dates = {name: datetime.date.fromisoformat(found[name]) for name in ("date", "due")}
        values = {**found, **dates, "klass": ItemClass(found["klass"])}
        yield Item(**{**values, "candidates": tuple(found["candidates"])})


def _step(row: Row, index: Index) -> TraceStep:
    leg = row["posted"] is not None
    references = {name: row[name] for name in REFERENCES if row[name] is not None}
    if leg and row["evidence"]:
        references["evidence"] = row["evidence"]
    file, line = index.files.get(row["document"], ""), row["row"]
    if not row["document"]:
        own = f"{row['stage']} {row['clearing_account']} {row['leg_key']} {row['day']}"
        file, _colon, number = index.places.get(own, ":0").rpartition(":")
        line = int(number)
    return TraceStep(
        stage=row["stage"],
        source=row["source"],
        account=row["account"],
        date=row["day"],
        kind=row["kind"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        file=file,
        row=line,
        record_id=row["record_id"],
        clearing_account=row["clearing_account"] if leg else None,
        key=row["grp"] if leg else None,
        matched_by=row["matched_by"] if leg else None,
        references=references,
        posted_minor=row["posted"],
    )
