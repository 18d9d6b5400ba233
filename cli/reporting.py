"""What reports are made of, read once from the books of a command, and how a table is written."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from beanclear.cli import output
from beanclear.ledger.errors import BooksError, UsageError
from beanclear.ledger.i18n import Language, current_language
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import Period, months, parse
from beanclear.ledger.statements import shown
from beanclear.ledger.statements.table import Style, Table, above

if TYPE_CHECKING:
    from beancount.core.data import Directives

    from beanclear.cli.bookkeeping import Bookkeeper
    from beanclear.ledger.books import Books
    from beanclear.ledger.config import Config
    from beanclear.ledger.reconciliation import Reconciliation
    from beanclear.ledger.statements.general_ledger import GeneralLedger
    from beanclear.ledger.statements.names import Names
    from beanclear.ledger.statements.positions import Basis, Split
    from beanclear.ledger.statements.statutory import Request
    from beanclear.ledger.statements.vouchers import Month

_BINARY = frozenset({"xlsx", "pdf"})
FORMATS = ("text", "json", "csv", "xlsx", "html", "pdf")


@dataclass(frozen=True)
class Sources:
    """The books of one report; everything is read when it is first asked for.

    Attributes:
      books: the folder.
      period: which period is reported.
      language: of all texts.
      preparer: who made it, for the header; empty: whom beanclear.toml names.
      account: an account name or code that narrows the report; empty: all.
      kept: records, posted and linked; reports that need none leave it closed.
      form: how it will be written; a report may be laid out otherwise for print.
      dimension: by what it is divided; empty: it is not.
      layout: the columns of which program an export has.
    """

    books: Books
    period: Period
    language: Language
    preparer: str
    account: str
    kept: Callable[[], Bookkeeper]
    form: str = "text"
    dimension: str = ""
    layout: str = ""

    @cached_property
    def config(self) -> Config:
        """The configuration of the books."""
        from beanclear.ledger import config  # noqa: PLC0415 - heavy

        return config.load(self.books.config)

    @cached_property
    def _loaded(self) -> tuple[Directives, str]:
        from beanclear.cli import loading  # noqa: PLC0415 - heavy

        loaded = loading.load(self.books)
        self._tell_changed(loading.changed(self.books, loaded), loaded.entries)
        entries, options = loaded.entries, loaded.options
        if not entries:
            raise BooksError(
                _("the books hold no entries"),
                _("run `beanclear run` first"),
                where="main.beancount",
            )
        return entries, str(options["title"])

    def _tell_changed(self, found: Sequence[tuple[str, str]], entries: Directives) -> None:
        """Refuse to report on a closed period that was changed; of a later one, say it.

        Raises:
          BooksError: the report has days that are closed and no longer what they were.
        """
        from beanclear.ledger import vocabulary  # noqa: PLC0415 - heavy

        if not found:
            return
        place, message = found[0]
        closed = max(one.entry.date for one in vocabulary.read(entries, vocabulary.Close))
        if self.period.first <= closed:
            raise BooksError(message, where=place)
        output.error(f"{place}: {message}")

    @cached_property
    def ledger(self) -> GeneralLedger:
        """The journal entries as Beancount loads them, with those the plugins post.

        Raises:
          BooksError: an entry is on an account that is not open.
        """
        from beanclear.ledger.statements import general_ledger  # noqa: PLC0415 - heavy

        found = general_ledger.read(self._loaded[0], self.config.books.currency)
        return general_ledger.all_open(found, self.books.root)

    @property
    def directives(self) -> Directives:
        """Everything the books hold, as Beancount loads it."""
        return self._loaded[0]

    @cached_property
    def vouchers(self) -> list[Month]:
        """The numbered vouchers of the period, by month."""
        from beanclear.ledger.statements import voucher_files, vouchers  # noqa: PLC0415 - heavy

        fixed = voucher_files.fixed_numbers(self.books, self.directives)
        return vouchers.numbered(self.ledger, self.period, self.books.root, fixed)

    @property
    def header(self) -> tuple[tuple[str, str], ...]:
        """Company, unit and preparer, as they stand above each table, and where the books end.

        The latter only where the last month of the period, or all of it, is not in the books.
        """
        told = above(self._loaded[1], self.config.books.currency, self.signature)
        entries = self.ledger.entries
        if entries and self.period.last < entries[0].day:
            return (*told, (_("Books begin"), entries[0].day.isoformat()))
        if entries and entries[-1].day < self.period.last.replace(day=1):
            return (*told, (_("Books end"), entries[-1].day.isoformat()))
        return told

    @property
    def signature(self) -> str:
        """Who prepared the report; empty where a person signs by hand."""
        return self.preparer or self.config.books.preparer

    @property
    def printed(self) -> bool:
        """Whether it is laid out for paper."""
        return self.form in {"html", "pdf"}

    @cached_property
    def names(self) -> Names:
        """What platforms and shops are called."""
        from beanclear.ledger.statements import names  # noqa: PLC0415 - heavy

        return names.names_of(self.config.shops)

    @cached_property
    def posted(self) -> Bookkeeper:
        """The records, posted and linked."""
        return self.kept()

    @cached_property
    def reconciled(self) -> Reconciliation:
        """The clearing accounts at the period's end, or as far as they can be judged."""
        return self.judge(self.period)

    @property
    def judged(self) -> Bookkeeper:
        """The records with what reconciling them found: groups, fees, open items."""
        _made = self.reconciled  # asking for it makes the tables
        return self.posted

    def judge(self, period: Period) -> Reconciliation:
        """The clearing accounts at the end of any period, as far as they can be judged."""
        return self.posted.reconcile(self.posted.as_of(period.last))

    @property
    def months(self) -> list[Period]:
        """The months of the period up to the last entry of the books."""
        entries = self.ledger.entries
        last = entries[-1].day if entries else self.period.last
        return [parse(f"{first:%Y-%m}") for first, _end in months(self.period) if first <= last]

    @cached_property
    def vat_rates(self) -> tuple[int, ...]:
        """The VAT rates of the books in millionths, high to low."""
        rows = self.posted.con.execute("SELECT DISTINCT ppm FROM vat_rates ORDER BY 1").fetchall()
        return tuple(sorted((rate for (rate,) in rows), reverse=True))

    def headed(self, tables: Sequence[Table]) -> Sequence[Table]:
        """The tables with company, unit and preparer above them."""
        return [replace(table, header=(*self.header, *table.header)) for table in tables]

    @cached_property
    def plain_request(self) -> Request:
        """What statements are made of, without the items of clearing accounts."""
        from beanclear.ledger.statements.positions import Basis  # noqa: PLC0415 - heavy
        from beanclear.ledger.statements.statutory import Request  # noqa: PLC0415 - heavy

        return Request(
            ledger=self.ledger,
            standard=self.config.books.standard,
            period=self.period,
            language=self.language,
            basis=Basis(translate=self.config.booked_minor),
            books=self.books.root,
            header=self.header,
        )

    @cached_property
    def request(self) -> Request:
        """What the statutory statements are made of; in a clone without originals, of the text.

        Raises:
          OriginalsAbsentError: the text does not say every item on the days of the statements.
        """
        from beanclear.cli.originals import OriginalsAbsentError  # noqa: PLC0415 - only here

        try:
            return _with_items(self.plain_request, self.posted)
        except OriginalsAbsentError:
            basis, unknown = self._stated_basis()
            # The VAT in advances (待转销项税额) is known to the records only.
            if unknown or self.config.books.standard != "small":
                raise
            return replace(self.plain_request, basis=basis)

    def _stated_basis(self) -> tuple[Basis, list[str]]:
        from beanclear.ledger.statements import stated  # noqa: PLC0415 - heavy
        from beanclear.ledger.vocabulary import InTransit, OpenItem, Reconciled, read  # noqa: PLC0415

        said = stated.stated(
            [located.entry for located in read(self.directives, InTransit)],
            [located.entry for located in read(self.directives, OpenItem)],
            (located.entry for located in read(self.directives, Reconciled)),
            self.config.books.currency,
        )
        days = self.plain_request.judged
        return stated.basis_of(said, self.ledger, days, self.config.booked_minor)


def _with_items(request: Request, kept: Bookkeeper) -> Request:
    """The request with the items of clearing accounts at its days, judged from the records."""
    currency = request.ledger.currency
    splits = {day: _splits(kept, day, currency) for day in request.judged}
    vat = dict(
        kept.con.execute(
            "SELECT r.advances, max(v.ppm) FROM receivables r"
            " JOIN vat_rates v ON v.platform = r.platform AND v.category = ''"
            f" AND DATE '{request.period.last}' BETWEEN v.first AND v.last"
            " GROUP BY r.advances ORDER BY r.advances"
        ).fetchall()
    )
    return replace(request, basis=replace(request.basis, splits=splits, vat_ppm=vat))


def _splits(kept: Bookkeeper, day: datetime.date, currency: str) -> dict[str, Split]:
    """Items in the books' currency; foreign ones are taken by their account's balance."""
    from beanclear.ledger.statements.positions import Split  # noqa: PLC0415 - heavy

    kept.reconcile(kept.as_of(day))
    rows = kept.con.execute(
        "SELECT s.account,"
        " CAST(sum(CASE WHEN s.rest > 0 THEN s.rest ELSE 0 END) AS BIGINT),"
        " CAST(sum(CASE WHEN s.rest < 0 THEN -s.rest ELSE 0 END) AS BIGINT),"
        " CAST(sum(CASE WHEN s.verdict IN ('closed', 'transit') THEN 0 ELSE s.rest END) AS BIGINT)"
        " FROM standings s WHERE s.currency = $currency GROUP BY s.account ORDER BY s.account",
        {"currency": currency},
    ).fetchall()
    return {
        account: Split(debit_minor=debit, credit_minor=credit, overdue_minor=overdue)
        for account, debit, credit, overdue in rows
    }


def write(tables: Sequence[Table], form: str, target: Path | None, name: str) -> None:
    """Write tables to standard output, or to a file.

    Raises:
      UsageError: a workbook or PDF needs a file; it cannot be made or written.
    """
    if not tables:
        output.note(_("There is nothing in this period."))
    if form in _BINARY:
        if target is None:
            raise UsageError(
                _("%(form)s is written to a file") % {"form": form.upper()},
                _("say where: --out FILE.%(form)s") % {"form": form},
            )
        _save(target, _bytes_of(tables, form))
    elif target is not None:
        _save(target, _text_of(tables, form, name).encode())
    elif form == "text":
        for table in tables:
            _show(table)
    else:
        sys.stdout.write(_text_of(tables, form, name))
    if form in {"csv", "xlsx"}:
        # What another program reads has no place for notes.
        for table in tables:
            for line in table.notes if table.bare else ():
                output.note(line)


def _bytes_of(tables: Sequence[Table], form: str) -> bytes:
    if form == "xlsx":
        from beanclear.ledger.statements.xlsx import workbook  # noqa: PLC0415 - heavy

        return workbook(tables)
    from beanclear.cli.report_pdf import pdf  # noqa: PLC0415 - heavy

    return pdf(shown.as_html(tables, current_language()))


def _save(target: Path, content: bytes) -> None:
    try:
        target.write_bytes(content)
    except OSError as error:
        raise UsageError(
            _("%(file)s cannot be written: %(why)s") % {"file": target, "why": error.strerror},
            _("name another file"),
        ) from None
    output.note(_("Wrote %(file)s.") % {"file": target})


def _text_of(tables: Sequence[Table], form: str, name: str) -> str:
    if form == "csv":
        return "\n".join(shown.as_csv(table) for table in tables)
    if form == "html":
        return shown.as_html(tables, current_language())
    if form == "json":
        return output.json_text(
            f"report.{name}", {"tables": [shown.as_json(table) for table in tables]}
        )
    return "\n".join(_lines(table) for table in tables)


def _columns(table: Table) -> list[output.Column]:
    return [
        output.Column(heading=column.heading, number=column.kind.is_number)
        for column in table.columns
    ]


def _cells(table: Table) -> list[list[str]]:
    return [
        [
            ("  " if row.style == Style.PART and place == 0 else "") + shown.cell(row, place, table)
            for place in range(len(table.columns))
        ]
        for row in table.rows
    ]


def _title(table: Table) -> str:
    parts = [table.title, table.form, *(f"{label}: {value}" for label, value in table.header)]
    return "  ".join(part for part in parts if part)


def _show(table: Table) -> None:
    output.table(_title(table), _columns(table), _cells(table))
    for line in _foot(table):
        output.note(line)


def _lines(table: Table) -> str:
    body = output.aligned(_title(table), _columns(table), _cells(table))
    return "\n".join([body, *_foot(table), ""])


def _foot(table: Table) -> list[str]:
    """Notes, and what each tie-out says."""
    return [*table.notes, *shown.told(table)]
