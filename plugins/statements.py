"""Check that the statements of a source join without gaps and agree about balances.

Each booked document stands in the text as

    2026-07-31 custom "statement" Assets:Wallet:Alipay:2512
      source: "alipay/2088123412342512/wallet"
      first: 2026-07-01
      last: 2026-07-31
      rows: 412
      grade: "proven"
      opening: 0.00 CNY
      closing: 8120.55 CNY

    2026-08-31 custom "statement" Assets:Wallet:Alipay:2512
      source: "alipay/2088123412342512/wallet"
      first: 2026-08-03
      last: 2026-08-31
      rows: 398
      grade: "proven"
      opening: 8020.55 CNY
      closing: 9133.00 CNY

Nothing is added to the books. The second statement begins two days after the first ends and 100
yuan lower: an error at its line says which days are missing. Had it begun on 2026-08-01, the
error would be about the balances.

A `contradicted` statement that an accountant accepted by name is no error, and its broken
balance is not held against its neighbours. A `close` directive carries the hashes of the frozen
files; one that changed or went is an error (P6), and so is what people wrote for that period and
changed since (`beanclear.plugins.frozen`).
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beancount.core.amount import Amount
from beancount.core.data import Directives

from beanclear.ledger.collector import resting
from beanclear.ledger.spans import ONE_DAY, Gap, join
from beanclear.ledger.vocabulary import Close, Located, StatementEntry
from beanclear.plugins.books import (
    Books,
    ClosedError,
    DirectiveError,
    PluginError,
    StatementError,
    decode,
    plain,
    survey,
)
from beanclear.plugins.frozen import changed_words
from beanclear.plugins.proof import span

__plugins__ = ("statements",)

# `declared` is a word of the accountant (`run --covers`), not of a file.
GRADES = ("proven", "counted", "contradicted", "declared")
Sourced = Located[StatementEntry]


def statements(
    entries: Directives, options_map: Mapping[str, Any], config: str | None = None
) -> tuple[Directives, list[PluginError]]:
    """Check the statements of each source, and the frozen text of closed periods.

    Args:
      entries: the loaded directives.
      options_map: the options of the top file; frozen files are added to its `include`, so
        that Beancount's load cache and Fava notice when they change.
      config: the language of messages, `en` or `zh`; else that of the books.

    Returns:
      The directives unchanged, and the errors.
    """
    books = survey(entries, options_map, config)
    errors: list[PluginError] = []
    found, malformed = decode((StatementEntry, Close), books, clearing=False)
    errors.extend(malformed)
    sources: dict[str, list[Sourced]] = defaultdict(list)
    for one in found[StatementEntry]:
        errors.extend(_alone(one, books))
        sources[one.entry.source].append(one)
    for source in sorted(sources):
        # The order of `spans.join`, so that a gap and the statement after it are found again.
        ordered = sorted(
            sources[source],
            key=lambda one: (one.entry.first, one.entry.last, one.entry.date, _line(one)),
        )
        coverage = join(span(one.entry) for one in ordered)
        gaps = coverage.gaps if coverage is not None else ()
        errors.extend(_gaps(source, ordered, gaps, books))
        for part in _by_currency(ordered):
            errors.extend(_balances(source, part, gaps, books))
        errors.extend(_duplicates(source, ordered, books))
    frozen: dict[str, str] = {}
    errors.extend(_frozen(found[Close], options_map, books, frozen))
    if frozen:
        whole = [one for one in found[Close] if _names_files(one.entry)]
        with resting():
            errors.extend(changed_words(entries, whole, frozen.keys(), books))
    return entries, errors


def _line(one: Located[Any]) -> tuple[str, int]:
    return one.custom.meta["filename"], one.custom.meta["lineno"]


def _alone(one: Sourced, books: Books) -> Iterator[PluginError]:
    """What is wrong with one statement by itself."""
    _ = books.say
    entry = one.entry
    if entry.account not in books.opens:
        message = _(
            '"statement" names %(account)s, which no `open` opens: open it in accounts.beancount, '
            "or run `beanclear run`"
        ) % {"account": entry.account}
        yield DirectiveError(one.custom.meta, message, one.custom)
    if entry.grade not in GRADES:
        message = _(
            'the grade "%(grade)s" is none of proven, counted and contradicted: run `beanclear run`'
        ) % {"grade": entry.grade}
        yield DirectiveError(one.custom.meta, message, one.custom)
    if entry.grade == "contradicted" and entry.accepted_by is None:
        message = _(
            "the statement %(file)s contradicts itself and nobody accepted it: export it again, "
            "or book it by name with `beanclear run --accept %(file)s`"
        ) % {"file": entry.file or entry.source}
        yield StatementError(one.custom.meta, message, one.custom)
    if entry.disputed:
        message = _(
            "the statement %(file)s and others contradict each other in %(count)d places: "
            "`beanclear run` names them; take the wrong file out with `beanclear documents remove`"
        ) % {"file": entry.file or entry.source, "count": entry.disputed}
        yield StatementError(one.custom.meta, message, one.custom)
    for account in (entry.feeds or "").split():
        if account not in books.clearing:
            message = _(
                "`feeds` names %(account)s, which is no clearing account: name one whose `open` "
                "has `clearing`"
            ) % {"account": account}
            yield DirectiveError(one.custom.meta, message, one.custom)


def _gaps(
    source: str, ordered: Sequence[Sourced], gaps: Iterable[Gap], books: Books
) -> Iterator[StatementError]:
    _ = books.say
    for gap in gaps:
        after = next(one for one in ordered if one.entry.first >= gap.last)
        message = _(
            "no statement of %(source)s covers %(first)s to %(last)s: import the one that does, "
            "or run `beanclear run --covers ACCOUNT=DATE` if nothing happened on these days"
        ) % {"source": source, "first": gap.first, "last": gap.last}
        yield StatementError(after.custom.meta, message, after.custom)


def _by_currency(ordered: Sequence[Sourced]) -> Iterator[Sequence[Sourced]]:
    """The statements of each currency; those without balances stand among all of them."""
    known = [(one, one.entry.opening or one.entry.closing) for one in ordered]
    for currency in sorted({balance.currency for _one, balance in known if balance is not None}):
        yield [one for one, balance in known if balance is None or balance.currency == currency]


def _balances(
    source: str, ordered: Sequence[Sourced], gaps: Iterable[Gap], books: Books
) -> Iterator[StatementError]:
    """Balances where a statement follows, or shares its first or last day with, another.

    Statements know balances at their ends only. So two that overlap can be compared where both
    begin on one day or both end with one complete day, and two that do not overlap where the
    later one follows without a gap.
    """
    _ = books.say
    # After a gap the balances differ for the reason that the gap's own error gives.
    after_gaps = {gap.last + ONE_DAY for gap in gaps}
    ahead: Sourced | None = None
    for one in ordered:
        if ahead is None:
            ahead = one
            continue
        found = _disagreement(ahead.entry, one.entry)
        if found is not None and not (found[0] == "follow" and one.entry.first in after_gaps):
            kind, earlier, later = found
            template = {
                "follow": _(
                    "%(source)s ends a statement with %(earlier)s and begins the next one with "
                    "%(later)s: lines are missing between them; import what is missing"
                ),
                "begin": _(
                    "two statements of %(source)s begin on the same day, one with %(earlier)s, "
                    "the other with %(later)s: export the wrong one again; if they are of two "
                    "accounts or purses, give each a folder below the inbox, named in [[shops]]"
                ),
                "end": _(
                    "two statements of %(source)s end on the same day, one with %(earlier)s, the "
                    "other with %(later)s: export the wrong one again"
                ),
            }[kind]
            names = {"source": source, "earlier": plain(earlier), "later": plain(later)}
            yield StatementError(one.custom.meta, template % names, one.custom)
        if _end(one.entry) > _end(ahead.entry):
            ahead = one


def _end(entry: StatementEntry) -> tuple[datetime.date, datetime.date]:
    return max(entry.date, entry.last), entry.last


def _disagreement(
    ahead: StatementEntry, entry: StatementEntry
) -> tuple[str, Amount, Amount] | None:
    """Which balances of two neighbours differ that must be equal, and what they are."""
    if "contradicted" in (ahead.grade, entry.grade):
        return None  # accepted by name, or already an error of its own
    if entry.first > _end(ahead)[0]:
        pairs = [("follow", True, ahead.closing, entry.opening)]
    else:
        complete = ahead.date <= ahead.last == entry.last >= entry.date
        pairs = [
            ("begin", entry.first == ahead.first, ahead.opening, entry.opening),
            ("end", complete, ahead.closing, entry.closing),
        ]
    for kind, comparable, earlier, later in pairs:
        if comparable and earlier is not None and later is not None and earlier != later:
            return kind, earlier, later
    return None


def _duplicates(source: str, ordered: Sequence[Sourced], books: Books) -> Iterator[StatementError]:
    _ = books.say
    # An archive's members share its hash, and the tables of one file its name too.
    seen: set[tuple[object, ...]] = set()
    for one in sorted(ordered, key=_line):
        entry, digest = one.entry, one.entry.sha256
        days, balances = (entry.first, entry.last), (entry.opening, entry.closing)
        identity = (digest, entry.file, entry.currency, *days, entry.rows, *balances)
        if digest is not None and identity in seen:
            message = _(
                "the document %(file)s of %(source)s is booked twice: run `beanclear run`, or "
                "remove this directive"
            ) % {"file": one.entry.file or digest, "source": source}
            yield StatementError(one.custom.meta, message, one.custom)
        if digest is not None:
            seen.add(identity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A file of a closed period that is not as it was frozen.

    Attributes:
      path: as in the `close` directive, relative to the books.
      found: its sha-256 now; none when it is gone or lies outside the books.
    """

    path: str
    found: str | None


def frozen_files(close: Close) -> dict[str, str]:
    """Path (relative to the books) to sha-256 of the files that `close` froze.

    Raises:
      ValueError: when `files` is not such a JSON object, or names a file outside the books.
    """
    files = json.loads(close.files)
    if not isinstance(files, dict):
        raise ValueError("no object")
    for path, digest in files.items():
        normal = os.path.normpath(path)
        if not isinstance(digest, str) or os.path.isabs(normal) or normal.startswith(".."):
            raise ValueError(path)
    return files


def changed_files(close: Close, root: str) -> list[Frozen]:
    """The files of a closed period below `root` that were changed or removed since (P6).

    Raises:
      ValueError: as `frozen_files`.
    """
    changed = []
    for path, expected in frozen_files(close).items():
        try:
            with open(os.path.join(root, path), "rb") as file:
                found: str | None = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            found = None
        if found != expected:
            changed.append(Frozen(path=path, found=found))
    return changed


def _names_files(close: Close) -> bool:
    try:
        frozen_files(close)
    except ValueError:
        return False
    return True


def _frozen(
    closes: Iterable[Located[Close]],
    options_map: Mapping[str, Any],
    books: Books,
    frozen: dict[str, str],
) -> Iterator[PluginError]:
    """An error for each frozen file that changed; `frozen` takes all there are."""
    _ = books.say
    included = set(options_map["include"])
    for one in closes:
        try:
            paths = frozen_files(one.entry)
            changed = changed_files(one.entry, books.root)
        except ValueError:
            message = _(
                "`files` is no JSON object from paths inside the books to sha-256: restore the "
                "directive as `beanclear close` wrote it"
            )
            yield DirectiveError(one.custom.meta, message, one.custom)
            continue
        frozen.update(paths)
        for path in paths:
            full = os.path.normpath(os.path.join(books.root, path))
            if full not in included:
                included.add(full)
                options_map["include"].append(full)
        for file in changed:
            template = (
                _("the frozen file %(file)s is gone: restore it from version control")
                if file.found is None
                else _(
                    "the frozen file %(file)s changed after %(period)s was closed: restore it "
                    "from version control and book the correction on an open day"
                )
            )
            message = template % {"file": file.path, "period": one.entry.period}
            yield ClosedError(one.custom.meta, message, one.custom)
