"""What people wrote for a closed period: fingerprints that `close` freezes, and what differs.

    day	what	sha256
    2026-08-31	explain Assets:Receivable:Tmall 5116032541422009305	0d5f…
    2026-08-15	entry 补记房租	93aa…

stands in `reconciliation/words-2026-08.tsv`, which the `close` directive names with its other
files: every decision, entry, `pad` and `balance` of the owner that is dated up to the period's end
and in no earlier such file, with a hash of all it says. Generated text is frozen as whole files; so
this is about all that stands elsewhere. Remarks, the order, and the file that a word stands in
are no part of it.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from beancount.core.data import Balance, Custom, Directives, Pad, Transaction

from beanclear.ledger.beancount_text import clean
from beanclear.ledger.vocabulary import DECISIONS, Close, VocabularyError, from_custom, to_text

_PREFIX, _SUFFIX = "reconciliation/words-", ".tsv"
_HEAD = "day\twhat\tsha256"
ENTRY = "entry"
_PLACE = frozenset({"filename", "lineno"})


@dataclass(frozen=True, slots=True)
class Word:
    """One decision or entry.

    Attributes:
      what: says which it is, to a person.
      digest: of all that it says.
      meta: where it stands; empty of one that is only remembered.
    """

    day: datetime.date
    what: str
    digest: str
    meta: dict[str, Any]


def file_of(end: datetime.date) -> str:
    """Where the words of a period stand that ends on a day, relative to the books."""
    return f"{_PREFIX}{end:%Y-%m}{_SUFFIX}"


def files_of(close: Close) -> list[str]:
    """The files of words that a `close` froze; none before there were any."""
    return [name for name in json.loads(close.files) if name.startswith(_PREFIX)]


def of_books(
    entries: Directives, root: str, frozen: Container[str], end: datetime.date
) -> Iterator[Word]:
    """All that people wrote for the days up to `end`.

    `frozen` has the files that are frozen as a whole. What plugins make of a directive bears its
    place, and is said by the directive.
    """
    customs = [one for one in entries if isinstance(one, Custom)]
    made = {(one.meta["filename"], one.meta["lineno"]) for one in customs}
    for custom in customs:
        if custom.type in DECISIONS and custom.date <= end:
            yield of_decision(custom)
    head = os.path.join(root, "")
    for entry in entries:
        if not isinstance(entry, Transaction | Pad | Balance) or entry.date > end:
            continue
        file = str(entry.meta.get("filename", ""))
        name = file.removeprefix(head).replace(os.sep, "/")
        if name in frozen or (file, entry.meta.get("lineno")) in made:
            continue
        if isinstance(entry, Transaction):
            text = " ".join(part for part in (entry.payee, entry.narration) if part)
            what = " ".join(part for part in (ENTRY, clean(text)) if part)
            yield Word(entry.date, what, _hash(_said(entry)), entry.meta)
        else:
            kind = "pad" if isinstance(entry, Pad) else "balance"
            said = [entry.date.isoformat(), _plain(entry.meta), *_rest(entry)]
            yield Word(entry.date, f"{kind} {entry.account}", _hash(said), entry.meta)


def of_decision(custom: Custom) -> Word:
    """A decision as it is remembered; of `close` all but the hashes, to which this adds."""
    try:
        entry = from_custom(custom)
    except VocabularyError:
        entry = None
    if entry is None:
        said: Any = [[str(value.value) for value in custom.values or ()], _plain(custom.meta)]
        return Word(custom.date, custom.type, _hash(said), custom.meta)
    return Word(custom.date, _name(entry), _hash(_bare(entry)), custom.meta)


def of_close(close: Close) -> Word:
    """The word of a period that is being closed."""
    return Word(close.date, _name(close), _hash(_bare(close)), {})


def as_text(words: Iterable[Word], known: Iterable[Word]) -> str:
    """The file of those words that no earlier file knows."""
    left = Counter(one.digest for one in known)
    lines = []
    for one in sorted(words, key=lambda one: (one.day, one.what, one.digest)):
        if left[one.digest]:
            left[one.digest] -= 1
        else:
            lines.append(f"{one.day.isoformat()}\t{one.what}\t{one.digest}")
    return "\n".join([_HEAD, *lines, ""])


def read(text: str) -> list[Word]:
    """The words of a file.

    Raises:
      ValueError: it is not as `as_text` writes it.
    """
    found = []
    for line in text.splitlines()[1:]:
        day, what, digest = line.split("\t")
        found.append(Word(datetime.date.fromisoformat(day), what, digest, {}))
    return found


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs: each changed word as it stands now, those that are new, those that are gone."""

    changed: tuple[Word, ...]
    added: tuple[Word, ...]
    gone: tuple[Word, ...]


def compare(now: Iterable[Word], then: Iterable[Word]) -> Differences:
    """What people wrote, compared with what the files of closed periods remember."""
    left: dict[str, list[Word]] = defaultdict(list)
    for one in then:
        left[one.digest].append(one)
    new = []
    for one in now:
        if left[one.digest]:
            left[one.digest].pop()
        else:
            new.append(one)
    gone: dict[str, list[Word]] = defaultdict(list)
    for words in left.values():
        for one in words:
            gone[one.what].append(one)
    changed = [one for one in new if gone[one.what] and gone[one.what].pop()]
    return Differences(
        changed=tuple(changed),
        added=tuple(one for one in new if one not in changed),
        gone=tuple(one for words in gone.values() for one in words),
    )


def _name(entry: Any) -> str:  # noqa: ANN401 - a decision
    about = getattr(entry, "key", None) or getattr(entry, "items", None)
    about = about or getattr(entry, "period", "")
    return clean(f"{entry.word} {entry.account} {about}")


def _bare(entry: Any) -> str:  # noqa: ANN401 - a decision
    return to_text(replace(entry, files="") if isinstance(entry, Close) else entry)


def _said(entry: Transaction) -> tuple[Any, ...]:
    """All that an entry says, but not where it stands or in which order."""
    lines = []
    for account, units, cost, price, flag, meta in entry.postings:
        number, currency = (None, None) if units is None else units
        lines.append(
            (account, _number(number), currency, str(cost), str(price), flag, _plain(meta or {}))
        )
    return (
        entry.date.isoformat(),
        entry.flag,
        entry.payee,
        entry.narration,
        sorted(entry.tags or ()),
        sorted(entry.links or ()),
        _plain(entry.meta),
        sorted(map(ascii, lines)),
    )


def _rest(entry: Pad | Balance) -> list[str]:
    if isinstance(entry, Pad):
        return [entry.account, entry.source_account]
    return [entry.account, _number(entry.amount.number), entry.amount.currency]


def _plain(meta: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted(
        (key, str(value))
        for key, value in meta.items()
        if key not in _PLACE and not key.startswith("__")
    )


def _number(value: Any) -> str:  # noqa: ANN401 - none, or a marker, only where books do not balance
    return str(value.normalize() + 0) if isinstance(value, Decimal) else ""


def _hash(said: object) -> str:
    # In ASCII, whose form no version of Python or Unicode changes.
    return hashlib.sha256(ascii(said).encode()).hexdigest()
