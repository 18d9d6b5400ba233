"""Vouchers in the columns that an accounting program imports: 用友, 金蝶, 好会计.

A layout is a data file: a heading and what stands below it for each column, left to right.

    name = "金蝶"

    [[columns]]
    heading = "凭证日期"
    field = "date"
    format = "%Y-%m-%d"

    [[columns]]
    heading = "附件数"
    text = "0"

The shipped layouts lie in `layouts/<name>.toml`; a file `voucher-<name>.toml` in the books' folder
`reports/` takes the place of the shipped one, or adds a layout of its own.

| field | what it holds | format |
|---|---|---|
| `date` | day of the voucher | as `strftime`; without one a real date |
| `year`, `period` | its year and month, as numbers | |
| `word`, `number` | 记, and the number within the month | minimum digits of the number |
| `voucher` | the whole number 记-202608-001 | |
| `line` | number of the line within the voucher, from 1 | |
| `summary`, `code`, `account` | | of the code: what stands between its levels |
| `debit`, `credit` | amounts in the books' currency; empty on the other side | `0`: 0.00 there |
| `currency` | currency of the line | name of the books' currency |
| `amount` | amount in the line's currency, positive | |
| `preparer` | who prepared it | |
| `shop`, `platform`, `sku`, … | dimensions | |

Lines in another currency have no amount in the books' currency: debit and credit stay empty, so
that a program refuses such a voucher instead of booking dollars as yuan. They are named in a note.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from beanclear.ledger.dimensions import DIMENSIONS
from beanclear.ledger.errors import BooksError, UsageError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.statements.definition import FOLDER
from beanclear.ledger.statements.dimensions import value_of
from beanclear.ledger.statements.general_ledger import GeneralLedger, Line
from beanclear.ledger.statements.table import Cell, Column, Kind, Row, Table
from beanclear.ledger.statements.trial_balance import exchanged
from beanclear.ledger.statements.vouchers import WORD, Month, Voucher

SHIPPED = ("yonyou", "kingdee", "haokuaiji")
_KINDS = {"date": Kind.DATE, "debit": Kind.MONEY, "credit": Kind.MONEY, "amount": Kind.MONEY}
FIELDS = frozenset({
    "date", "year", "period", "word", "number", "voucher", "line", "summary", "code", "account",
    "debit", "credit", "currency", "amount", "preparer", *DIMENSIONS,
})  # fmt: skip
_KEYS = frozenset({"heading", "field", "format", "text"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutColumn:
    """One column: its heading and either a field with its format or a fixed text."""

    heading: str
    field: str = ""
    format: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns that one program imports."""

    name: str
    columns: tuple[LayoutColumn, ...]


def load(name: str, books: Path | None = None) -> Layout:
    """A layout by name; a file of the books comes before the shipped one.

    Raises:
      UsageError: there is no such layout.
      BooksError: the file is no layout; names what is wrong.
    """
    own = books / FOLDER / f"voucher-{name}.toml" if books and _plain(name) else None
    if own is not None and own.is_file():
        return parse(own.read_text("utf-8"), f"{FOLDER}/{own.name}")
    if name not in SHIPPED:
        raise UsageError(
            _("there is no layout %(name)s") % {"name": name},
            _("one of %(names)s, or write reports/voucher-NAME.toml")
            % {"names": ", ".join(SHIPPED)},
        )
    place = resources.files("beanclear.ledger.statements") / "layouts" / f"{name}.toml"
    return parse(place.read_text("utf-8"), f"layouts/{name}.toml")


def _plain(name: str) -> bool:
    return bool(name) and not set(name) & set("/\\\0") and not name.startswith(".")


def parse(text: str, file: str) -> Layout:
    """Read a layout file.

    Raises:
      BooksError: as `load`.
    """
    try:
        found = tomllib.loads(text)
        columns = tuple(_column(column) for column in found["columns"])
        if not columns:
            raise ValueError(_("%(key)s is missing") % {"key": "columns"})
        return Layout(name=str(found["name"]), columns=columns)
    except KeyError as error:
        raise _unreadable(file, _("%(key)s is missing") % {"key": error}) from None
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        raise _unreadable(file, str(error)) from None


def _unreadable(file: str, why: str) -> BooksError:
    return BooksError(
        _("the layout cannot be read: %(why)s") % {"why": why},
        _("correct the file, or remove it to use the shipped one"),
        where=file,
    )


def _column(found: dict[str, Any]) -> LayoutColumn:
    heading = str(found["heading"])
    unknown = sorted(found.keys() - _KEYS)
    if unknown:
        raise ValueError(
            _("column %(heading)s: unknown key %(key)s")
            % {"heading": heading, "key": ", ".join(unknown)}
        )
    field = str(found.get("field", ""))
    if field and field not in FIELDS:
        raise ValueError(
            _("column %(heading)s: there is no field %(field)s")
            % {"heading": heading, "field": field}
        )
    form = str(found.get("format", ""))
    if field == "number" and form and not form.isdecimal():
        raise ValueError(
            _("column %(heading)s: the format of a number is its minimum of digits")
            % {"heading": heading}
        )
    return LayoutColumn(
        heading=heading,
        field=field,
        format=form,
        text=str(found.get("text", "")),
    )


def export(
    ledger: GeneralLedger,
    found: Sequence[Month],
    layout: Layout,
    language: str,
    preparer: str = "",
) -> Table:
    """One row for each line of each voucher, in the layout's columns.

    Its check is that debits equal credits in the books' currency.
    """
    rows: list[Row] = []
    foreign: list[str] = []
    balance = 0
    for voucher in (one for month in found for one in month.vouchers):
        balance -= exchanged(voucher.entry, ledger.currency)
        ordered = sorted(voucher.lines, key=lambda line: line.amount_minor < 0)
        for place, line in enumerate(ordered, start=1):
            values = _values(ledger, voucher, line, language)
            values |= {"line": place, "preparer": preparer}
            cells = tuple(_cell(column, values, line, ledger) for column in layout.columns)
            rows.append(Row(cells=cells, currency=line.currency, accounts=(line.account,)))
            if line.currency == ledger.currency:
                balance += line.amount_minor
            elif voucher.number not in foreign:
                foreign.append(voucher.number)
    return Table(
        name="voucher-export",
        title=layout.name,
        currency=ledger.currency,
        columns=tuple(_shown(column, place) for place, column in enumerate(layout.columns, 1)),
        rows=tuple(rows),
        notes=_notes(found, foreign, ledger.currency),
        checks={_("debits less credits, %(currency)s") % {"currency": ledger.currency}: balance},
        bare=True,
    )


def _notes(found: Sequence[Month], foreign: Sequence[str], currency: str) -> tuple[str, ...]:
    notes = []
    if not all(month.fixed for month in found):
        notes.append(_("The numbers are provisional until the month is closed."))
    if foreign:
        notes.append(
            _("These vouchers hold other currencies; fill in amounts in %(currency)s: %(what)s")
            % {"currency": currency, "what": ", ".join(foreign)}
        )
    return tuple(notes)


def _shown(column: LayoutColumn, place: int) -> Column:
    kind = _KINDS.get(column.field, Kind.TEXT)
    if column.field == "date" and column.format:
        kind = Kind.TEXT
    return Column(name=column.field or f"column_{place}", heading=column.heading, kind=kind)


def _values(ledger: GeneralLedger, voucher: Voucher, line: Line, language: str) -> dict[str, Cell]:
    account = ledger.accounts.get(line.account)
    amount = line.amount_minor
    own = line.currency == ledger.currency
    return {
        "date": voucher.entry.day,
        "year": voucher.entry.day.year,
        "period": voucher.entry.day.month,
        "word": WORD,
        "number": voucher.serial,
        "voucher": voucher.number,
        "summary": voucher.summary,
        "code": account.code if account else "",
        "account": account.label(language) if account else line.account,
        "debit": amount if own and amount > 0 else None,
        "credit": -amount if own and amount < 0 else None,
        "currency": line.currency,
        "amount": abs(amount),
        **{name: value_of(ledger, voucher.entry, line, name) for name in DIMENSIONS},
    }


def _cell(column: LayoutColumn, values: dict[str, Cell], line: Line, ledger: GeneralLedger) -> Cell:
    """One cell; numbers that are no amounts become text, because their column is text."""
    if not column.field:
        return column.text
    value, form = values[column.field], column.format
    match column.field:
        case "date":
            return value.strftime(form) if form and isinstance(value, datetime.date) else value
        case "debit" | "credit":
            return (
                0 if value is None and form == "0" and line.currency == ledger.currency else value
            )
        case "amount":
            return value
        case "number":
            return str(value).zfill(int(form or 0))
        case "code":
            return str(value).replace(".", form)
        case "currency":
            return form if form and line.currency == ledger.currency else value
        case _:
            return str(value)
