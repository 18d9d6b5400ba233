"""辅助核算: movements by shop, platform, project and the like, and postings that lack one.

A dimension's value stands in the metadata of a posting; where the posting says nothing, that of
its entry counts, and then that of the account's `open`:

    2026-08-05 open Expenses:Travel CNY
      code: "5602.05"
      dimensions: "department project"

    2026-08-09 * "出差"
      department: "运营部"
      Expenses:Travel            320.00 CNY
        project: "双十一"
      Assets:Bank:CCB:8826

`dimensions` names what every posting on the account must say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from beanclear.ledger.chart_codes import Standard
from beanclear.ledger.errors import BooksError, UsageError
from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import Period
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.statements.general_ledger import Account, Entry, GeneralLedger, Line
from beanclear.ledger.statements.positions import closes, opens
from beanclear.ledger.statements.standards import RULES
from beanclear.ledger.statements.table import Cell, Column, Kind, Row, Style, Table
from beanclear.ledger.statements.trial_balance import (
    Figures,
    currencies,
    figures,
    opened,
)

# Dimension → msgid of its heading.
DIMENSIONS: Final = {
    "shop": N_("Shop"),
    "platform": N_("Platform"),
    "sku": N_("SKU group"),
    "customer": N_("Customer"),
    "supplier": N_("Supplier"),
    "department": N_("Department"),
    "employee": N_("Employee"),
    "project": N_("Project"),
}
REQUIRED = "dimensions"


def value_of(ledger: GeneralLedger, entry: Entry, line: Line, dimension: str) -> str:
    """What a posting says of a dimension; empty when neither it, its entry nor its account does."""
    account = ledger.accounts.get(line.account)
    for meta in (line.meta, entry.meta, account.meta if account else {}):
        value = meta.get(dimension)
        if value is not None and str(value).strip():
            return str(value).strip()
    return ""


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
    ledger: GeneralLedger, period: Period, dimension: str, language: str
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
                    _figures_row((*head, value or _no_value()), one, name, Style.PART)
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


def _no_value() -> str:
    return _("(none)")


def _order(ledger: GeneralLedger, name: str) -> tuple[str, str]:
    account = ledger.accounts.get(name)
    return (account.code if account else "", name)


def _figures_row(head: tuple[str, ...], one: Figures, account: str, style: Style) -> Row:
    opening, debit, credit = one
    cells: tuple[Cell, ...] = (*head, opening, debit, credit, opening + debit - credit)
    return Row(cells=cells, style=style, accounts=(account,))


def result_by(
    ledger: GeneralLedger, period: Period, standard: Standard, dimension: str, language: str
) -> list[Table]:
    """Income and expenses of the period by the values of a dimension, by currency.

    Amounts are credit positive: income adds to the profit, expenses take from it. Entries that
    close the year to 本年利润 are left out, as in the income statement. Checks: the values add up
    to all income less all expenses.
    """
    tables = []
    for currency in currencies(ledger):
        sums: dict[str, dict[str, int]] = {}
        for account, line, entry in _results(ledger, period, standard):
            if line.currency == currency:
                part = sums.setdefault(value_of(ledger, entry, line, dimension), {})
                part[account.name] = part.get(account.name, 0) - line.amount_minor
        if not sums and currency != ledger.currency:
            continue
        rows = _result_rows(ledger, sums, language)
        profit = sum(sum(parts.values()) for parts in sums.values())
        whole = _profit(ledger, period, standard, currency)
        tables.append(
            Table(
                name="result-by" if currency == ledger.currency else f"result-by-{currency}",
                title=_("Income and expenses by %(dimension)s") % {"dimension": heading(dimension)},
                currency=currency,
                header=((_("Period"), period.name),),
                columns=(
                    Column(name=dimension, heading=heading(dimension)),
                    Column(name="code", heading=_("Code")),
                    Column(name="account", heading=_("Account")),
                    Column(name="amount", heading=_("Amount"), kind=Kind.MONEY),
                ),
                rows=tuple(rows),
                notes=(_("Income adds to the profit, expenses are negative."),),
                checks={_("values less all income and expenses"): profit - whole},
            )
        )
    return tables


def _result_rows(
    ledger: GeneralLedger, sums: dict[str, dict[str, int]], language: str
) -> list[Row]:
    rows: list[Row] = []
    totals: list[int] = []
    for value, parts in sorted(sums.items()):
        said = value or _no_value()
        first = len(rows)
        for name, amount in sorted(parts.items(), key=lambda one: _order(ledger, one[0])):
            account = ledger.accounts[name]
            figures_of = (said, account.code, account.label(language), amount)
            rows.append(Row(cells=figures_of, accounts=(name,)))
        adds = tuple((1, place) for place in range(first, len(rows)))
        totals.append(len(rows))
        cells = (said, "", _("Profit"), sum(parts.values()))
        rows.append(Row(cells=cells, style=Style.TOTAL, adds=adds))
    profit = sum(sum(parts.values()) for parts in sums.values())
    adds = tuple((1, place) for place in totals)
    cells = ("", "", _("Total"), profit)
    rows.append(Row(cells=cells, style=Style.TOTAL, adds=adds))
    return rows


def _profit(ledger: GeneralLedger, period: Period, standard: Standard, currency: str) -> int:
    """Change of all income and expense balances, but for what opens the books or closes a year."""
    rules = RULES[standard]
    of = {name for name, one in ledger.accounts.items() if one.code.startswith(rules.result)}
    before = ledger.balances(period.first - ONE_DAY, currency)
    after = ledger.balances(period.last, currency)
    left_out = sum(
        line.amount_minor
        for entry in ledger.between(period.first, period.last)
        if opens(entry) or closes(ledger, entry, rules.profit)
        for line in entry.lines
        if line.account in of and line.currency == currency
    )
    return sum(before.get(name, 0) - after.get(name, 0) for name in of) + left_out


def _results(
    ledger: GeneralLedger, period: Period, standard: Standard
) -> Iterator[tuple[Account, Line, Entry]]:
    rules = RULES[standard]
    for entry in ledger.between(period.first, period.last):
        if opens(entry) or closes(ledger, entry, rules.profit):
            continue
        for line in entry.lines:
            account = ledger.accounts.get(line.account)
            if account and account.code.startswith(rules.result) and line.amount_minor:
                yield account, line, entry


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


def _required(account: Account) -> Sequence[str]:
    said = account.meta.get(REQUIRED)
    if said is None:
        return ()
    names = str(said).replace(",", " ").split()
    unknown = [name for name in names if name not in DIMENSIONS]
    if unknown:
        raise BooksError(
            _("%(account)s requires %(names)s, which is no dimension")
            % {"account": account.name, "names": ", ".join(unknown)},
            _("one of: %(names)s") % {"names": ", ".join(DIMENSIONS)},
            where="accounts.beancount",
        )
    return names


def _place(line: Line, entry: Entry) -> str:
    meta = line.meta if "lineno" in line.meta else entry.meta
    return f"{str(meta.get('filename', '')).rpartition('/')[2]}:{meta.get('lineno', 0)}"
