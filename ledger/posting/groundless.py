"""Decisions about items that nothing is about: what they would post is no item's money."""

from __future__ import annotations

import datetime
import json
from collections.abc import Container, Iterable, Iterator

from beanclear.ledger.posting.inputs import table
from beanclear.ledger.posting.words import Words
from beanclear.ledger.reconciliation import Item
from beanclear.ledger.sql import Connection, run
from beanclear.ledger.vocabulary import Classify, Entry, Explain, Match, Void, WriteOff, mark

Place = tuple[str, str]  # account, key
_FOUND = """
SELECT DISTINCT d.account, d.key FROM decided_keys d
JOIN legs l ON l.account = d.account AND l.key = d.key
UNION
SELECT DISTINCT d.account, d.key FROM decided_keys d
JOIN settled_openings s ON s.account = d.account AND d.key = 'opening'
"""


def grounds(con: Connection, words: Words) -> frozenset[Place]:
    """Of what decisions name, the (account, key) that records or manual entries are about."""
    named = sorted({place for entry in words.entries for place in _places(entry)})
    if not named:
        return frozenset()
    table(con, "decided_keys", "account VARCHAR, key VARCHAR", named)
    found = {(account, key) for account, key in run(con, _FOUND).fetchall()}
    return frozenset(found | {(leg.account, leg.key) for leg in words.manual})


def void(words: Words, found: frozenset[Place], clearing: Container[str]) -> tuple[Void, ...]:
    """The decisions that move money of items of which there is nothing on a clearing account."""
    moving = _without_ground(words, found, (Match, WriteOff, Classify))
    return tuple(one for one in moving if one.account in clearing)


def void_explanations(
    words: Words, found: frozenset[Place], items: Iterable[Item]
) -> tuple[Void, ...]:
    """The explanations of what was never there; of an item that was resolved one is none."""
    known = found | {(item.account, item.key) for item in items}
    return tuple(_without_ground(words, known, (Explain,)))


def _without_ground(
    words: Words, found: frozenset[Place], classes: tuple[type[Entry], ...]
) -> Iterator[Void]:
    # What a closed month says stays; what no longer has an item there is an item itself.
    closed = words.journal.closed or datetime.date.min
    for entry in words.entries:
        missing = [place for place in _places(entry) if place not in found]
        if missing and isinstance(entry, classes) and entry.date > closed:
            yield Void(
                date=entry.date,
                account=entry.account,
                keys=json.dumps([key for _account, key in missing], ensure_ascii=False),
                decision=mark(entry),
            )


def _places(entry: Entry) -> list[Place]:
    match entry:
        case WriteOff() | Classify() | Explain():
            return [(entry.account, entry.key)]
        case Match():
            return [(entry.account, key) for key in json.loads(entry.items)]
        case _:
            return []
