"""The state of clearing accounts as the text of the books says it, for a clone without originals.

Whoever clones the books has no originals and no records, which hold buyers' data. The text names
every open item at the as-of dates, so that it answers what is open without them.
"""

from __future__ import annotations

from beanclear.cli.results import AccountState, RunResult
from beanclear.ledger.beancount_text import minor
from beanclear.ledger.books import Books
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.posting.reconciliation_text import CURRENT
from beanclear.ledger.vocabulary import EntryT, InTransit, OpenItem, Reconciled, read


def standing(books: Books) -> RunResult:
    """Accounts and open items at their as-of dates, in the language of the books."""
    items, transit = _words(books, OpenItem), _words(books, InTransit)
    states = [
        AccountState(
            account=word.account,
            as_of=word.date,
            currency=word.amount.currency,
            balance_minor=minor(word.amount),
            in_transit_minor=sum(minor(one.amount) for one in transit if _of(one, word)),
            in_transit_count=sum(one.count for one in transit if _of(one, word)),
            open_minor=sum(minor(one.amount) for one in items if _of(one, word)),
            open_count=sum(1 for one in items if _of(one, word)),
            awaiting=word.awaiting,
        )
        for word in _words(books, Reconciled)
    ]
    return RunResult(
        accounts=tuple(states),
        items=tuple(items),
        from_text=True,
        reminders=(
            _("the originals are not on this machine: this is what the text of the books says"),
        ),
    )


def _of(item: InTransit | OpenItem, word: Reconciled) -> bool:
    return item.account == word.account and item.amount.currency == word.amount.currency


def _words(books: Books, cls: type[EntryT]) -> list[EntryT]:
    from beancount.parser import parser  # noqa: PLC0415 - slow to import

    path = books.root / CURRENT
    if not path.is_file():
        return []
    return [located.entry for located in read(parser.parse_file(str(path))[0], cls)]
