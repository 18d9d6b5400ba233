"""记账凭证: every journal entry of a month is a voucher 记-YYYYMM-NNN, numbered without a gap.

Numbers run from 001 in the order of day, file and line. While a month is open they are
provisional, because a later import may bring an earlier entry. Closing the month writes them to
`reconciliation/vouchers-YYYY-MM.tsv`, which is frozen with the month's other text:

    number	day	sha256
    记-202608-001	2026-08-01	0d5f…

From then on an entry bears the number of the line with its hash, and an entry too many or too few
is an error. The hash is of what the entry means, so a comment or a moved file changes nothing.
Entries that open the books are initial balances (期初建账), no vouchers; entries that move
nothing are none either.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from beanclear.ledger.dimensions import DIMENSIONS
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import Period, months
from beanclear.ledger.statements.dimensions import NO_NAMES, value_of
from beanclear.ledger.statements.general_ledger import Entry, GeneralLedger, Line
from beanclear.ledger.statements.names import Names
from beanclear.ledger.statements.positions import opens
from beanclear.ledger.statements.table import Cell, Column, Kind, Row, Style, Table
from beanclear.ledger.statements.trial_balance import exchanged, figures
from beanclear.ledger.vocabulary import Close

WORD = "记"
_PREFIX, _SUFFIX = "reconciliation/vouchers-", ".tsv"
_HEAD = "number\tday\tsha256"
_SHOWN = 3  # differences that an error names
_MADE = "bc-"  # link of entries that the clearing plugin makes of directives


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """One numbered entry.

    Attributes:
      number: `记-202608-001`.
      place: index of its entry in the ledger.
      lines: what it moves; postings of nothing are left out.
      digest: SHA-256 of what it means.
    """

    number: str
    place: int
    entry: Entry
    lines: tuple[Line, ...]
    digest: str

    @property
    def summary(self) -> str:
        """摘要: payee and narration."""
        return " ".join(part for part in (self.entry.payee, self.entry.narration) if part)

    @property
    def serial(self) -> int:
        """Its number within the month."""
        return int(self.number.rpartition("-")[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The vouchers of one month; `fixed` once the month was closed with their numbers."""

    first: datetime.date
    fixed: bool
    vouchers: tuple[Voucher, ...]


def file_of(day: datetime.date) -> str:
    """Where the numbers of a closed month stand, relative to the books."""
    return f"{_PREFIX}{day:%Y-%m}{_SUFFIX}"


def files_of(close: Close) -> list[str]:
    """The files of numbers that a `close` froze."""
    named = json.loads(close.files)
    return sorted(one for one in named if one.startswith(_PREFIX) and one.endswith(_SUFFIX))


def numbered(
    ledger: GeneralLedger, period: Period, root: PurePath, fixed: Mapping[str, str]
) -> list[Month]:
    """The vouchers of each month of a period.

    Args:
      ledger: the books.
      period: one month or more.
      root: the folder of the books; files are ordered by their names below it.
      fixed: the text of each file of numbers (`file_of`) that a close froze.

    Raises:
      BooksError: the entries of a closed month are not those whose numbers were fixed.
    """
    found = []
    for first, last in months(period):
        vouchers = list(_computed(ledger, first, last, root))
        text = fixed.get(file_of(first))
        if text is not None:
            vouchers = _with_fixed(vouchers, text, file_of(first), root)
        found.append(Month(first=first, fixed=text is not None, vouchers=tuple(vouchers)))
    return found


def _computed(
    ledger: GeneralLedger, first: datetime.date, last: datetime.date, root: PurePath
) -> Iterator[Voucher]:
    entries = sorted(
        (
            (entry.day, _file(entry, root), int(entry.meta.get("lineno", 0)), digest(entry), place)
            for place, entry in enumerate(ledger.entries)
            if first <= entry.day <= last and not opens(entry) and any(_moving(entry))
        )
    )
    for serial, (_day, _name, _line, found, place) in enumerate(entries, start=1):
        entry = ledger.entries[place]
        yield Voucher(
            number=f"{WORD}-{first:%Y%m}-{serial:03d}",
            place=place,
            entry=entry,
            lines=tuple(_moving(entry)),
            digest=found,
        )


def _moving(entry: Entry) -> Iterator[Line]:
    return (line for line in entry.lines if line.amount_minor)


def _file(entry: Entry, root: PurePath) -> str:
    path = PurePath(str(entry.meta.get("filename", "")))
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def digest(entry: Entry) -> str:
    """SHA-256 of what an entry says: day, texts, and its lines in any order.

    The texts of entries that plugins make follow the books' language and the version of
    beanclear; what such an entry means is the hash of its directive, which is its link.
    """
    made = sorted(link for link in entry.source.links or () if link.startswith(_MADE))
    lines = [
        [
            line.account,
            line.amount_minor,
            line.currency,
            {name: str(line.meta[name]) for name in DIMENSIONS if name in line.meta},
        ]
        for line in _moving(entry)
    ]
    meaning = [
        entry.day.isoformat(),
        *(made or [entry.payee, entry.narration]),
        sorted(lines, key=lambda line: json.dumps(line, sort_keys=True)),
    ]
    text = json.dumps(meaning, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def as_text(vouchers: Iterable[Voucher]) -> str:
    """The file of numbers that closing a month freezes."""
    lines = [f"{one.number}\t{one.entry.day.isoformat()}\t{one.digest}" for one in vouchers]
    return "\n".join([_HEAD, *lines, ""])


def _with_fixed(vouchers: Sequence[Voucher], text: str, file: str, root: PurePath) -> list[Voucher]:
    """The vouchers with the numbers that were fixed for them, in the order of the numbers."""
    found = compare(vouchers, text)
    added = [f"{_file(one.entry, root)}:{one.entry.meta.get('lineno', 0)}" for one in found.added]
    if added or found.gone:
        raise BooksError(
            _("the entries of a closed month differ from its vouchers: gone %(gone)s; new %(new)s")
            % {"gone": _some(found.gone), "new": _some(added)},
            _("restore the text from version control, and book corrections on an open day"),
            where=file,
        )
    return sorted(found.known, key=lambda voucher: voucher.serial)


@dataclass(frozen=True, slots=True)
class Compared:
    """Vouchers with the numbers fixed for them, those without one, and numbers that are left."""

    known: tuple[Voucher, ...]
    added: tuple[Voucher, ...]
    gone: tuple[str, ...]


def compare(vouchers: Iterable[Voucher], text: str) -> Compared:
    """Vouchers as they are now against the file of numbers of their month."""
    numbers: dict[str, list[str]] = defaultdict(list)
    for line in text.splitlines()[1:]:
        number, _day, found = line.split("\t")
        numbers[found].append(number)
    known, added = [], []
    for voucher in vouchers:
        waiting = numbers[voucher.digest]
        if waiting:
            known.append(replace(voucher, number=waiting.pop(0)))
        else:
            added.append(voucher)
    gone = sorted(number for waiting in numbers.values() for number in waiting)
    return Compared(known=tuple(known), added=tuple(added), gone=tuple(gone))


def _some(names: Sequence[str]) -> str:
    more = [f"… ({len(names)})"] if len(names) > _SHOWN else []
    return ", ".join([*names[:_SHOWN], *more]) or "–"


def numbers(found: Iterable[Month]) -> dict[int, str]:
    """The number of each entry by its place in the ledger."""
    return {one.place: one.number for month in found for one in month.vouchers}


def state(found: Sequence[Month]) -> tuple[str, str]:
    """For a header: whether the numbers can still change."""
    fixed = all(month.fixed for month in found)
    return (
        _("Voucher numbers"),
        _("fixed at close") if fixed else _("provisional until the month is closed"),
    )


def journal(
    ledger: GeneralLedger,
    found: Sequence[Month],
    period: Period,
    language: str,
    names: Names = NO_NAMES,
) -> Table:
    """All vouchers as one table, a row for each line; totals by currency.

    Its checks are that debits equal credits, and that both are those of the summary of accounts.
    """
    rows: list[Row] = []
    for month in found:
        for voucher in month.vouchers:
            head = (voucher.entry.day, voucher.number, voucher.summary)
            rows += [
                replace(row, cells=(*head, *row.cells))
                for row in _lines(ledger, voucher, language, names)
            ]
    checks: dict[str, int] = {}
    totals = []
    for currency, places in _by_currency(rows):
        debit, credit = _sums(rows, places)
        cells: tuple[Cell, ...] = (None, "", _("Total"), "", "", "", currency, debit, credit)
        totals.append(_total(cells, currency, places))
        summary = figures(ledger, period, currency).values()
        said = {"currency": currency}
        exchanges = sum(
            exchanged(voucher.entry, currency) for month in found for voucher in month.vouchers
        )
        checks[_("debits less credits, %(currency)s") % said] = debit - credit - exchanges
        checks[_("debits less those of the summary of accounts, %(currency)s") % said] = (
            debit - sum(one for _opening, one, _credit in summary)
        )
    return Table(
        name="vouchers",
        title=_("Vouchers"),
        currency=ledger.currency,
        header=((_("Period"), period.name), state(found)),
        columns=(
            Column(name="date", heading=_("Date"), kind=Kind.DATE),
            Column(name="voucher", heading=_("Voucher")),
            Column(name="summary", heading=_("Summary")),
            *_columns(),
        ),
        rows=(*rows, *totals),
        checks=checks,
    )


def blocks(
    ledger: GeneralLedger,
    found: Sequence[Month],
    language: str,
    preparer: str = "",
    names: Names = NO_NAMES,
) -> list[Table]:
    """Each voucher as a block of its own, to be printed and signed."""
    tables = []
    for month in found:
        for voucher in month.vouchers:
            rows = [
                replace(row, cells=(voucher.summary, *row.cells))
                for row in _lines(ledger, voucher, language, names)
            ]
            totals = []
            for currency, places in _by_currency(rows):
                debit, credit = _sums(rows, places)
                cells = (_("Total"), "", "", "", currency, debit, credit)
                totals.append(_total(cells, currency, places))
            tables.append(
                Table(
                    name=f"voucher-{voucher.number}",
                    title=_("Voucher"),
                    currency=ledger.currency,
                    header=(
                        (_("Date"), voucher.entry.day.isoformat()),
                        (_("Number"), voucher.number),
                        state([month]),
                    ),
                    columns=(Column(name="summary", heading=_("Summary")), *_columns()),
                    rows=(*rows, *totals),
                    notes=(_signatures(preparer),),
                    several=True,
                )
            )
    return tables


def _signatures(preparer: str) -> str:
    line = "________"
    return _("Prepared by %(preparer)s   Reviewed by %(line)s   Posted by %(line)s") % {
        "preparer": preparer or line,
        "line": line,
    }


def _lines(ledger: GeneralLedger, voucher: Voucher, language: str, names: Names) -> Iterator[Row]:
    """Code, account, dimensions, currency, debit, credit; debits before credits."""
    for line in sorted(voucher.lines, key=lambda line: line.amount_minor < 0):
        account = ledger.accounts.get(line.account)
        dimensions = ", ".join(
            names.value(name, value)
            for name in DIMENSIONS
            if (value := value_of(ledger, voucher.entry, line, name))
        )
        amount = line.amount_minor
        cells: tuple[Cell, ...] = (
            account.code if account else "",
            account.label(language) if account else line.account,
            dimensions,
            line.currency,
            amount if amount > 0 else None,
            -amount if amount < 0 else None,
        )
        yield Row(cells=cells, currency=line.currency, accounts=(line.account,))


def _columns() -> tuple[Column, ...]:
    return (
        Column(name="code", heading=_("Code")),
        Column(name="account", heading=_("Account")),
        Column(name="dimensions", heading=_("Dimensions")),
        Column(name="currency", heading=_("Currency")),
        Column(name="debit", heading=_("Debit"), kind=Kind.MONEY),
        Column(name="credit", heading=_("Credit"), kind=Kind.MONEY),
    )


def _by_currency(rows: Sequence[Row]) -> list[tuple[str, list[int]]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        places[row.currency or ""].append(place)
    return sorted(places.items())


def _sums(rows: Sequence[Row], places: Iterable[int]) -> tuple[int, int]:
    cells = [rows[place].cells for place in places]
    debit, credit = (
        sum(value for one in cells if isinstance(value := one[side], int)) for side in (-2, -1)
    )
    return debit, credit


def _total(cells: tuple[Cell, ...], currency: str, places: Iterable[int]) -> Row:
    adds = tuple((1, place) for place in places)
    return Row(cells=cells, style=Style.TOTAL, currency=currency, adds=adds)
