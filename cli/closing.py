"""Closing a period: its text is frozen and its hash stands in the `close` directive (P6)."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from beanclear.cli import originals, rebooking
from beanclear.cli.results import CloseResult
from beanclear.cli.workspace import LOCK_SECONDS, PLACEHOLDERS, keeper, open_items, refresh
from beanclear.ledger import config as configuration
from beanclear.ledger import documents, frozen_words, periods
from beanclear.ledger.beancount_text import format_amount
from beanclear.ledger.books import Books, write_atomically
from beanclear.ledger.decisions import appended, file_of
from beanclear.ledger.errors import BeanclearError, BooksError, UsageError
from beanclear.ledger.explanations import Explanations
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.posting import reconciliation_text
from beanclear.ledger.vocabulary import (
    CLOSING_ACCOUNT,
    Close,
    Explain,
    ItemClass,
    OpenItem,
)

if TYPE_CHECKING:
    from beanclear.cli.bookkeeping import Bookkeeper

_DATED = re.compile(
    r"(?:journal/(\d{4})/(\d{2})/.+|reconciliation/(\d{4})-(\d{2})(?:-closing)?\.beancount)"
)
_SHOWN = 5  # lines that a refusal names


def close_period(
    books: Books, period: str, by: str, reason: str | None, dry_run: bool
) -> CloseResult:
    """Freeze everything up to the period's last day.

    Raises:
      UsageError: when the text is no period, or it is closed already.
      BeanclearError: when an account cannot be judged up to the period's end yet, or lines that
        nobody knows stand in it and no reason is given.
      BooksError: when an original is missing or changed, or none is on this machine.
    """
    end = periods.parse(period).last
    if configuration.load(books.config).records is None:
        originals.require_whole(books, documents.read_history(books.index))
    with books.lock(LOCK_SECONDS), keeper(books) as kept:
        closed = kept.words.journal.closed
        if closed is not None and end <= closed:
            raise UsageError(
                _("the books are closed to %(closed)s already") % {"closed": closed.isoformat()},
                _("close a later period"),
            )
        if closed is not None:
            refuse_changed(books)
        now = kept.as_of()
        _refuse_early(kept, {account: day for account, (day, _side) in now.items()}, end)
        texts = kept.texts(kept.reconcile(now))
        if rebooking.may_rebook(books, configuration.load(books.config)):
            rebooking.refuse(books, texts, kept.words.frozen_files)
        at_end = kept.reconcile({account: (end, side) for account, (_day, side) in now.items()})
        items = open_items(at_end, kept.statements)
        if not (reason or dry_run):
            _refuse_unknown(items, _explained(kept), end)
        state = reconciliation_text.state_entries(at_end, kept.files, kept.say, None)
        texts[reconciliation_text.closing_file(end)] = reconciliation_text.text(state)
        frozen = {
            name: hashlib.sha256(text.encode()).hexdigest()
            for name, text in sorted(texts.items())
            if (day := _month_end(name)) is not None
            and day <= end
            and name not in kept.words.frozen_files
        }
        numbers = _number_files(texts, end) - kept.words.frozen_files.keys()
        numbers.add(frozen_words.file_of(end))
        decision = Close(
            date=end, account=CLOSING_ACCOUNT, by=by, reason=reason, period=period, files=""
        )
        if not dry_run:
            # The directive comes last: without it the frozen text is only generated text.
            books.apply(texts, {*kept.words.frozen_files, *PLACEHOLDERS})
            frozen |= _fix_words(books, kept, decision, frozen)
        decision = replace(decision, files=json.dumps(frozen, ensure_ascii=False))
        decided = file_of(decision)
        changed = [*frozen, *numbers, decided]
        if not dry_run:
            path = books.path_of(decided)
            before = path.read_text("utf-8") if path.is_file() else ""
            write_atomically(path, appended(before, decision))
    if not dry_run:
        with books.lock(LOCK_SECONDS):
            changed += refresh(books)
    return CloseResult(period=period, changed=tuple(sorted(set(changed))), open_items=items)


def refuse_changed(books: Books) -> None:
    """See that nothing of the periods that are closed was changed since.

    Raises:
      BooksError: something was; names the first.
    """
    from beanclear.cli import loading  # noqa: PLC0415 - slow to import

    for place, message in loading.changed(books, loading.load(books)):
        raise BooksError(message, where=place)


def _number_files(names: Iterable[str], end: datetime.date) -> set[str]:
    """The files of voucher numbers of the months up to `end` that have generated text."""
    from beanclear.ledger.statements import vouchers  # noqa: PLC0415 - heavy

    return {
        vouchers.file_of(day)
        for name in names
        if (day := _month_end(name)) is not None and day <= end
    }


def _fix_words(
    books: Books, kept: Bookkeeper, decision: Close, frozen: Mapping[str, str]
) -> dict[str, str]:
    """Write voucher numbers and fingerprints of what people wrote for the months closed now.

    `frozen` has the files that this close freezes. Returns the path and sha-256 of each file.
    """
    from beanclear.cli import loading  # noqa: PLC0415 - slow to import
    from beanclear.ledger.statements import general_ledger, voucher_files  # noqa: PLC0415 - heavy

    end = decision.date
    entries = loading.load(books).entries
    ledger = general_ledger.read(entries, kept.config.books.currency)
    texts = voucher_files.texts_to_fix(ledger, books, end, kept.words.frozen_files)
    known = [
        word
        for close in kept.words.entries
        if isinstance(close, Close)
        for name in frozen_words.files_of(close)
        for word in frozen_words.read(books.path_of(name).read_text("utf-8"))
    ]
    said = frozen_words.of_books(entries, str(books.root), {*kept.words.frozen_files, *frozen}, end)
    texts[frozen_words.file_of(end)] = frozen_words.as_text(
        [*said, frozen_words.of_close(decision)], known
    )
    for name, text in texts.items():
        write_atomically(books.path_of(name), text)
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}


def _refuse_early(kept: Bookkeeper, as_of: dict[str, datetime.date], end: datetime.date) -> None:
    early = sorted((day, account) for account, day in as_of.items() if day < end)
    if early:
        # What keeps an account back is a source of it: the file that is missing is named by that.
        sources = sorted(key for key in kept.feeds if kept.inputs.coverage[key].last < end)
        raise BeanclearError(
            _("these accounts are not complete to %(end)s: %(accounts)s")
            % {
                "end": end.isoformat(),
                "accounts": ", ".join(f"{account} ({day.isoformat()})" for day, account in early),
            },
            _(
                "import what follows of %(sources)s; if nothing happened, say so with "
                "`beanclear run %(covers)s`"
            )
            % {
                "sources": ", ".join(sources),
                "covers": " ".join(f"--covers {source}={end.isoformat()}" for source in sources),
            },
        )


def _explained(kept: Bookkeeper) -> Explanations:
    return Explanations(word for word in kept.words.entries if isinstance(word, Explain))


def _refuse_unknown(
    items: Sequence[OpenItem],
    explained: Explanations,
    end: datetime.date,
) -> None:
    """A month whose statements lack what lies in 待查 is not closed without a word about it."""
    unknown = [
        item
        for item in items
        if item.klass == ItemClass.UNCATEGORISED
        and not explained.named(item.account, item.key, end)
    ]
    if not unknown:
        return
    shown = ", ".join(
        f"{item.date} {format_amount(item.amount)} {item.counterparty or ''}".rstrip()
        for item in unknown[:_SHOWN]
    )
    raise BeanclearError(
        _("%(count)d lines up to %(end)s are classified nowhere (待查): %(lines)s")
        % {
            "count": len(unknown),
            "end": end.isoformat(),
            "lines": shown + (", …" if len(unknown) > _SHOWN else ""),
        },
        _(
            "say what they are with `beanclear decide classify` (`beanclear open-items` lists "
            "them), or close with --reason and why they stay"
        ),
    )


def _month_end(name: str) -> datetime.date | None:
    """The last day of the month a generated file belongs to; none for other files."""
    found = _DATED.fullmatch(name)
    if found is None:
        return None
    year, month = (found[1], found[2]) if found[1] else (found[3], found[4])
    return periods.parse(f"{year}-{month}").last
