"""The frozen files with the voucher numbers of closed months: read by reports, made by `close`."""

from __future__ import annotations

import datetime
from collections.abc import Collection

from beancount.core.data import Directives

from beanclear.ledger import periods, vocabulary
from beanclear.ledger.books import Books
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.statements import vouchers
from beanclear.ledger.statements.general_ledger import GeneralLedger
from beanclear.ledger.vocabulary import Close


def fixed_numbers(books: Books, directives: Directives) -> dict[str, str]:
    """The text of each file of numbers that a `close` directive names, by its relative path.

    Raises:
      BooksError: one of them is gone.
    """
    named = sorted(
        name for one in vocabulary.read(directives, Close) for name in vouchers.files_of(one.entry)
    )
    texts = {}
    for name in named:
        try:
            texts[name] = books.path_of(name).read_text("utf-8")
        except FileNotFoundError:
            raise BooksError(
                _("the voucher numbers of a closed month are gone"),
                _("restore the file from version control"),
                where=name,
            ) from None
    return texts


def texts_to_fix(
    ledger: GeneralLedger, books: Books, end: datetime.date, frozen: Collection[str]
) -> dict[str, str]:
    """The files of numbers of all months up to `end` that no earlier close froze.

    A month without vouchers has a file too, so that an entry added to it later is found.
    """
    if not ledger.entries:
        return {}
    first = min(entry.day for entry in ledger.entries).replace(day=1)
    made = {}
    for month, _last in periods.months(periods.Period(name="", first=first, last=end)):
        name = vouchers.file_of(month)
        if name not in frozen:
            period = periods.parse(f"{month:%Y-%m}")
            (found,) = vouchers.numbered(ledger, period, books.root, {})
            made[name] = vouchers.as_text(found.vouchers)
    return made
