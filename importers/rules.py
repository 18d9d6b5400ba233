"""Small pieces that several importers declare themselves with: tables of rules as SQL."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from beanclear.importers.columns import literal
from beanclear.importers.faults import fault
from beanclear.importers.sheet import Sheet
from beanclear.ledger import figures
from beanclear.ledger.errors import Fault
from beanclear.ledger.figures import Mark
from beanclear.ledger.money import LINES_OF_MOST, ceiling, minor_digits
from beanclear.ledger.spans import ONE_DAY

_ISO_CODES = [
    "CNY",
    "USD",
    "HKD",
    "EUR",
    "JPY",
    "GBP",
    "AUD",
    "CAD",
    "SGD",
    "TWD",
    "MOP",
    "KRW",
    "THB",
    "VND",
    "MYR",
    "IDR",
    "PHP",
    "INR",
    "NZD",
    "CHF",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "RUB",
    "TRY",
    "ILS",
    "AED",
    "SAR",
    "ZAR",
    "BRL",
    "MXN",
    "CLP",
]
# How files write currencies. A word that is not here is a fault, never taken for CNY.
CURRENCY_WORDS: Mapping[str, str] = {
    **{code: code for code in _ISO_CODES},
    "RMB": "CNY",
    "人民币": "CNY",
    "人民币元": "CNY",
    "美元": "USD",
    "港币": "HKD",
    "港元": "HKD",
    "欧元": "EUR",
    "日元": "JPY",
    "英镑": "GBP",
    "澳大利亚元": "AUD",
    "加拿大元": "CAD",
    "新加坡元": "SGD",
}


def case(rules: Iterable[tuple[str, str]], default: str = "NULL") -> str:
    """`CASE WHEN condition THEN value … ELSE default END`: the first rule that fits."""
    whens = " ".join(f"WHEN {condition} THEN {value}" for condition, value in rules)
    return f"CASE {whens} ELSE {default} END" if whens else default


def lookup(column: str, words: Mapping[str, str], default: str = "NULL") -> str:
    """The word's meaning as an SQL expression over `column`."""
    return case(
        ((f"{column} = {literal(word)}", literal(meaning)) for word, meaning in words.items()),
        default,
    )


def currency_faults(column: str, header: str) -> tuple[tuple[str, str, str, str], ...]:
    """Row faults: a currency that is not known, and one that is not that of the first row."""
    code = lookup(f"upper({column})", CURRENCY_WORDS)
    first = f"(SELECT arg_min({code}, row) FROM cells WHERE {column} IS NOT NULL)"
    return (
        ("unknown-value", f"{column} IS NOT NULL AND {code} IS NULL", header, column),
        ("wrong-currency", f"{code} <> {first}", header, column),
    )


def values_of(connection: duckdb.DuckDBPyConnection, column: str) -> list[str]:
    """The different values of a column of `cells`, in the order they first appear."""
    rows = connection.execute(
        f"SELECT {column} FROM cells WHERE {column} IS NOT NULL GROUP BY ALL ORDER BY min(row)"
    ).fetchall()
    return [str(value) for (value,) in rows]


def one_account(
    connection: duckdb.DuckDBPyConnection, sheet: Sheet, column: str
) -> tuple[str | None, tuple[Fault, ...]]:
    """The one account number in a column; a fault when there are several."""
    found = values_of(connection, column)
    if len(found) > 1:
        return found[0], (fault("mixed-accounts", sheet.name, text=", ".join(found[:5])),)
    return (found[0] if found else None), ()


def days_of(connection: duckdb.DuckDBPyConnection, column: str) -> tuple[datetime.date, ...]:
    """The first and the last day in a column of moments; empty when it holds none."""
    row = connection.execute(
        f"SELECT CAST(min({column}) AS DATE), CAST(max({column}) AS DATE) FROM cells"
    ).fetchone()
    return row if row is not None and row[0] is not None else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period that a file declares; its fields are those of `Facts`."""

    declared_first: datetime.date | None = None
    declared_last: datetime.date | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None


def period(
    first: datetime.datetime, end: datetime.datetime, *, midnight_excluded: bool = False
) -> Period:
    """The period between two moments: a day of which it has a part only is not complete.

    With `midnight_excluded` an end at 00:00 is the end of the day before, not a day without a time.
    """
    whole = end.time() >= datetime.time(23, 59)
    whole = whole or (not midnight_excluded and end.time() == datetime.time())
    return Period(
        declared_first=first.date(),
        declared_last=end.date() if whole else max(end, first).date() - ONE_DAY,
        since=first if first.time() > datetime.time() else None,
        until=None if whole or end.time() == datetime.time() else end,
    )


def minor_of(text: str, currency: str = "CNY", mark: Mark = Mark.POINT) -> int | None:
    """A stated total as minor units: `45.0` and `0.30000000000000004` are read, text is not.

    Nor is an id: more than the amounts of a file may come to is no total.
    """
    number = figures.plain(text, mark)
    if number is None:
        return None
    minor = Decimal(number).scaleb(minor_digits(currency))
    return int(round(minor, 0)) if abs(minor) < LINES_OF_MOST * ceiling(currency) else None
