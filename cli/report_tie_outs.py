"""The tie-outs of the statutory statements, as each `run` checks and tells them.

They are checked on the books as Beancount has just loaded them, for the month of the last entry
and so for its year to date. That costs a fraction of loading them and reads no records: which
items are open moves figures between rows, and changes no tie-out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beanclear.cli import output
from beanclear.cli.results import TieOut, TieOuts
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import current_language
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import to_decimal
from beanclear.ledger.periods import parse

if TYPE_CHECKING:
    from beancount.core.data import Directives

    from beanclear.ledger.books import Books
    from beanclear.ledger.config import Config


def tie_outs(books: Books, config: Config, entries: Directives) -> TieOuts | None:
    """The tie-outs of the last month of loaded books; none where nothing is booked."""
    from beanclear.ledger.statements import general_ledger, statutory  # noqa: PLC0415 - heavy
    from beanclear.ledger.statements.positions import (  # noqa: PLC0415 - heavy
        Basis,
        MissingRateError,
    )

    ledger = general_ledger.read(entries, config.books.currency)
    if not ledger.entries:
        return None
    period = parse(f"{ledger.entries[-1].day:%Y-%m}")
    try:
        request = statutory.Request(
            ledger=general_ledger.all_open(ledger, books.root),
            standard=config.books.standard,
            period=period,
            language=current_language(),
            basis=Basis(translate=config.booked_minor),
            books=books.root,
        )
        made = statutory.statements(request)
    except BooksError as error:
        waiting = isinstance(error, MissingRateError)
        return TieOuts(period=period.name, failure=str(error), waiting=waiting)
    return TieOuts(
        period=period.name,
        checks=tuple(
            TieOut(
                statement=table.title, label=label, difference_minor=rest, currency=table.currency
            )
            for table in made
            for label, rest in table.checks.items()
        ),
    )


def show(found: TieOuts) -> None:
    """One line when all hold; else each that does not, in full."""
    said = {"period": found.period, "count": len(found.checks)}
    if found.failure:
        say = output.note if found.waiting else output.error
        say(
            _("The statements of %(period)s cannot be made: %(why)s")
            % {"period": found.period, "why": found.failure}
        )
        return
    if found.hold:
        output.note(_("The statements of %(period)s tie: all %(count)d tie-outs hold.") % said)
        return
    for one in found.wrong:
        output.error(
            _("%(statement)s of %(period)s: %(label)s: %(amount)s instead of 0")
            % {
                "statement": one.statement,
                "period": found.period,
                "label": one.label,
                "amount": output.money(one.difference_minor, one.currency),
            }
        )


def as_json(found: TieOuts) -> dict[str, Any]:
    """The tie-outs as JSON values."""
    return {
        "period": found.period,
        "failure": found.failure or None,
        "checks": [
            {
                "statement": one.statement,
                "label": one.label,
                "difference": to_decimal(one.difference_minor, one.currency),
            }
            for one in found.checks
        ],
    }
