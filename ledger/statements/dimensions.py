"""辅助核算: balances by shop, platform, project and the like, and postings that lack one.

What a posting says, and what an account asks of it, is read by `beanclear.ledger.dimensions`.
"""

from __future__ import annotations

from beanclear.ledger import dimensions
from beanclear.ledger.dimensions import DIMENSIONS
from beanclear.ledger.errors import BooksError, UsageError
from beanclear.ledger.i18n import gettext
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import Period
from beanclear.ledger.statements.general_ledger import Account, Entry, GeneralLedger, Line
from beanclear.ledger.statements.names import Names
from beanclear.ledger.statements.positions import opens
from beanclear.ledger.statements.table import Cell, Column, Kind, Row, Style, Table
from beanclear.ledger.statements.trial_balance import (
    Figures,
    currencies,
    figures,
    opened,
)

NO_NAMES = Names()


def value_of(ledger: GeneralLedger, entry: Entry, line: Line, dimension: str) -> str:
    """What a posting says of a dimension; empty when nothing says it."""
    account = ledger.accounts.get(line.account)
    opened_as = account.meta if account else {}
    return dimensions.value_of(dimension, line.account, line.meta, entry.meta, opened_as)


def heading(dimension: str) -> str:
    """What a dimension is called.

    Raises:
      UsageError: there is no such dimension.
    """
    if dimension not in DIMENSIONS:
        raise UsageError(
            _("%(name)s is no dimension") % {"name": dimension},
            _("one of: %(names)s") % {"names": ", ".join(DIMENSIONS)},
        )
    return gettext(DIMENSIONS[dimension])


def _split(
    ledger: GeneralLedger, period: Period, currency: str, dimension: str
) -> dict[str, dict[str, Figures]]:
    """Account → value → opening balance, debits and credits; openings as in a trial balance."""
    moved = opened(ledger, period)
    found: dict[str, dict[str, Figures]] = {}
    for entry in moved.entries:
        if entry.day > period.last:
            continue
        for line in entry.lines:
            if line.currency != currency or not line.amount_minor:
                continue
            values = found.setdefault(line.account, {})
            value = value_of(ledger, entry, line, dimension)
            opening, debit, credit = values.get(value, (0, 0, 0))
            amount = line.amount_minor
            if entry.day < period.first:
                opening += amount
            else:
                debit, credit = debit + max(amount, 0), credit + max(-amount, 0)
            values[value] = (opening, debit, credit)
    return found


def trial_balance_by(
    ledger: GeneralLedger,
    period: Period,
    dimension: str,
    language: str,
    names: Names = NO_NAMES,
) -> list[Table]:
    """Each account's balances and movements by the values of a dimension, by currency.

    Checks: the values of each account add up to what the trial balance says of it.
    """
    tables = []
    for currency in currencies(ledger):
        split = _split(ledger, period, currency, dimension)
        whole = figures(ledger, period, currency)
        rows = []
        for name in sorted(whole, key=lambda one: _order(ledger, one)):
            account = ledger.accounts.get(name)
            head = (account.code, account.label(language)) if account else ("", name)
            rows.append(_figures_row((*head, ""), whole[name], name, Style.LINE))
            values = sorted(split.get(name, {}).items())
            if any(value for value, _figures in values):
                rows += [
                    _figures_row((*head, names.value(dimension, value)), one, name, Style.PART)
                    for value, one in values
                    if any(one)
                ]
        difference = sum(
            abs(part - sum(one[at] for one in split.get(name, {}).values()))
            for name, parts in whole.items()
            for at, part in enumerate(parts)
        )
        tables.append(
            Table(
                name="trial-balance-by" if currency == ledger.currency else f"by-{currency}",
                title=_("Trial balance by %(dimension)s") % {"dimension": heading(dimension)},
                currency=currency,
                header=((_("Period"), period.name),),
                columns=(
                    Column(name="code", heading=_("Code")),
                    Column(name="account", heading=_("Account")),
                    Column(name=dimension, heading=heading(dimension)),
                    Column(name="opening", heading=_("Opening balance"), kind=Kind.MONEY),
                    Column(name="debit", heading=_("Debit"), kind=Kind.MONEY),
                    Column(name="credit", heading=_("Credit"), kind=Kind.MONEY),
                    Column(name="closing", heading=_("Closing balance"), kind=Kind.MONEY),
                ),
                rows=tuple(rows),
                notes=(_("Balances are debit positive."),),
                checks={_("values less the trial balance"): difference},
            )
        )
    return tables


def _order(ledger: GeneralLedger, name: str) -> tuple[str, str]:
    account = ledger.accounts.get(name)
    return (account.code if account else "", name)


def _figures_row(head: tuple[str, ...], one: Figures, account: str, style: Style) -> Row:
    opening, debit, credit = one
    cells: tuple[Cell, ...] = (*head, opening, debit, credit, opening + debit - credit)
    return Row(cells=cells, style=style, accounts=(account,))


def lacking(ledger: GeneralLedger, period: Period, language: str) -> Table:
    """The postings of the period that lack a dimension their account requires.

    Check: their amounts, in the books' currency and without regard to sides; 0 when there is none.

    Raises:
      BooksError: an account requires something that is no dimension.
    """
    required = {
        name: names for name, account in ledger.accounts.items() if (names := _required(account))
    }
    rows = []
    for entry in ledger.between(period.first, period.last):
        if opens(entry):
            continue
        for line in entry.lines:
            missing = [
                name
                for name in required.get(line.account, ())
                if line.amount_minor and not value_of(ledger, entry, line, name)
            ]
            if missing:
                account = ledger.accounts[line.account]
                text = " ".join(part for part in (entry.payee, entry.narration) if part)
                head = (entry.day, text, account.code, account.label(language), line.amount_minor)
                words = ", ".join(heading(name) for name in missing)
                cells: tuple[Cell, ...] = (*head, line.currency, words, _place(line, entry))
                rows.append(Row(cells=cells, currency=line.currency, accounts=(line.account,)))
    return Table(
        name="dimensions",
        title=_("Postings without a required dimension"),
        currency=ledger.currency,
        header=((_("Period"), period.name),),
        columns=(
            Column(name="date", heading=_("Date"), kind=Kind.DATE),
            Column(name="summary", heading=_("Summary")),
            Column(name="code", heading=_("Code")),
            Column(name="account", heading=_("Account")),
            Column(name="amount", heading=_("Amount"), kind=Kind.MONEY),
            Column(name="currency", heading=_("Currency")),
            Column(name="missing", heading=_("Missing")),
            Column(name="place", heading=_("Place")),
        ),
        rows=tuple(rows),
        notes=() if required else (_("No account requires a dimension."),),
        checks={
            _("postings without a required dimension"): sum(
                abs(value) for row in rows if isinstance(value := row.cells[4], int)
            )
        },
    )


def _required(account: Account) -> tuple[str, ...]:
    wrong = dimensions.unknown(account.meta)
    if wrong:
        raise BooksError(
            _("%(account)s requires %(names)s, which is no dimension")
            % {"account": account.name, "names": ", ".join(wrong)},
            _("one of: %(names)s") % {"names": ", ".join(DIMENSIONS)},
            where="accounts.beancount",
        )
    return dimensions.required(account.meta)


def _place(line: Line, entry: Entry) -> str:
    meta = line.meta if "lineno" in line.meta else entry.meta
    return f"{str(meta.get('filename', '')).rpartition('/')[2]}:{meta.get('lineno', 0)}"
