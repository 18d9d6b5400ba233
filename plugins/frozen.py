r"""Check that what people wrote for closed periods is as it was when they were closed (P6).

    2026-08-31 custom "close" Equity:Closed
      by: "Li"
      period: "2026-08"
      files: "{\"reconciliation/words-2026-08.tsv\": \"0d5f…\"}"

An entry or a decision that is dated in such a period and that its file of words does not have is
an error where it stands; one that is gone is an error at the `close`. Of periods that were closed
before there were such files the voucher numbers say the same of entries, but not of those that
open the books, nor of decisions that move nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence, Set
from pathlib import Path, PurePath

from beancount.core.data import Directives

from beanclear.ledger import frozen_words
from beanclear.ledger.frozen_words import Word
from beanclear.ledger.vocabulary import Close, Located
from beanclear.plugins.books import Books, ClosedError

Closes = Sequence[Located[Close]]


def changed_words(
    entries: Directives, closes: Closes, frozen: Set[str], books: Books
) -> Iterator[ClosedError]:
    """An error for each entry and decision of a closed period that was changed since.

    `frozen` has the files that the closes name.
    """
    then: list[Word] = []
    ends: list[tuple[datetime.date, Located[Close]]] = []
    for one in closes:
        for name in frozen_words.files_of(one.entry):
            try:
                text = Path(books.root, name).read_text("utf-8")
                then += frozen_words.read(text)
            except (OSError, ValueError):
                return  # a frozen file that is gone or changed is an error of its own
            ends.append((one.entry.date, one))
    ends.sort(key=lambda pair: pair[0])
    if ends:
        now = frozen_words.of_books(entries, books.root, frozen, ends[-1][0])
        yield from _told(frozen_words.compare(now, then), ends, books)
    known = ends[-1][0] if ends else datetime.date.min
    if any(one.entry.date > known for one in closes):
        yield from _changed_vouchers(entries, closes, known, books)


def _told(
    found: frozen_words.Differences, ends: Sequence[tuple[datetime.date, Located[Close]]],
    books: Books,
) -> Iterator[ClosedError]:  # fmt: skip
    _ = books.say
    templates = (
        (
            found.changed,
            _(
                "%(what)s of %(day)s was changed after %(period)s was closed: restore it from "
                "version control, and book the correction on an open day"
            ),
        ),
        (
            found.added,
            _(
                "%(what)s of %(day)s was written after %(period)s was closed: book it on an open "
                "day"
            ),
        ),
        (
            found.gone,
            _(
                "%(what)s of %(day)s was there when %(period)s was closed, and is gone: restore "
                "it from version control, and book the correction on an open day"
            ),
        ),
    )
    for words, template in templates:
        for one in words:
            close = next(close for end, close in ends if one.day <= end)
            kind, _blank, text = one.what.partition(" ")
            what = one.what if kind != frozen_words.ENTRY else _("entry") + " " + text
            names = {"what": what.strip(), "day": one.day, "period": close.entry.period}
            yield ClosedError(one.meta or close.custom.meta, template % names, close.custom)


def _changed_vouchers(
    entries: Directives, closes: Closes, known: datetime.date, books: Books
) -> Iterator[ClosedError]:
    """The same of entries alone, by the voucher numbers of the months after `known`."""
    # Only books that were closed long ago need these.
    from beanclear.ledger.periods import parse  # noqa: PLC0415 - see above
    from beanclear.ledger.statements import general_ledger, vouchers  # noqa: PLC0415 - see above

    _ = books.say
    ledger = general_ledger.read(entries, "")
    for one in closes:
        for file in vouchers.files_of(one.entry):
            name = file.removesuffix(".tsv").rpartition("vouchers-")[2]
            period = parse(name)
            path = Path(books.root, file)
            if period.last <= known or not path.is_file():
                continue
            (month,) = vouchers.numbered(ledger, period, PurePath(books.root), {})
            found = vouchers.compare(month.vouchers, path.read_text("utf-8"))
            for voucher in found.added:
                message = _(
                    "the entry %(what)s of %(day)s was changed or written after %(period)s was "
                    "closed: restore it from version control, and book the correction on an open "
                    "day"
                ) % {"what": voucher.summary, "day": voucher.entry.day, "period": one.entry.period}
                yield ClosedError(dict(voucher.entry.meta), message, one.custom)
            if found.gone:
                message = _(
                    "the vouchers %(numbers)s are gone, or changed, since %(period)s was closed: "
                    "restore their entries from version control"
                ) % {"numbers": ", ".join(found.gone), "period": one.entry.period}
                yield ClosedError(one.custom.meta, message, one.custom)
