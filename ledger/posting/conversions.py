"""Exchanges of currencies: two lines in two currencies become one entry at the booked rate.

A wallet or bank line of the kind `conversion` posts on `Assets:Transit:Conversion:<provider>`
under the reference that both sides of the exchange share: its settlement, payout or trade id, or
the bank's number. PayPal's two lines may instead name each other. Once a key has exactly one
currency that was sold and one that was bought, an entry takes both off that account again:

    2026-07-05 * "Currency conversion" "Conversions of the day"
      Assets:Transit:Conversion:Paypal  -100.00 USD
      Equity:Conversion                  100.00 USD
      Assets:Transit:Conversion:Paypal   710.00 CNY   ; 100.00 USD at the booked rate, 7.1000
      Equity:Conversion                 -710.00 CNY

Each currency balances by itself, so a group of one account, currency and key is closed like any
other. 712.30 CNY came, so 2.30 CNY stay under the key: a difference of the class `fx`, which goes
to `Income:Finance:ExchangeGain` (a loss to `Expenses:Finance:ExchangeLoss`). The booked rate is the
latest `[[rates]]` of beanclear.toml on the day of the later line; between two foreign currencies
both need one. Without a rate the conversion's own counts and there is no difference; the run says
so. A key with one side only stays open as `missing-conversion`, one with several currencies on a
side too: nothing says what was exchanged for what.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from beanclear.ledger import chart
from beanclear.ledger.config import Config
from beanclear.ledger.money import minor_digits
from beanclear.ledger.posting.inputs import table
from beanclear.ledger.posting.legs import POSTINGS
from beanclear.ledger.sql import Connection, run

_REFERENCE = "coalesce(r.settlement_id, r.payout_id, r.trade_id, r.bank_ref)"
# The lines, each with the reference it gives; what two lines that name each other share is the
# smaller of their ids, and what a line shares with one that names a third is the third.
_LINES: Final = f"""
CREATE OR REPLACE TEMP TABLE conversion_lines AS
WITH given AS (
  SELECT r.stage, r.source, r.account, r.shop, r.record_id, {_REFERENCE} AS ref
  FROM records r
  JOIN wallet_lines w ON w.source = r.source AND w.account = r.account AND w.shop = r.shop
   AND w.record_id = r.record_id AND w.document = r.document AND w."row" = r."row"
  WHERE r.kind = 'conversion' AND r.stage = 'wallet' AND w.kind = 'conversion'
  UNION ALL
  SELECT r.stage, r.source, r.account, r.shop, r.record_id, {_REFERENCE} AS ref
  FROM records r
  JOIN bank_lines b ON b.source = r.source AND b.account = r.account AND b.shop = r.shop
   AND b.record_id = r.record_id
  WHERE r.kind = 'conversion' AND r.stage = 'bank' AND b.clearing
)
SELECT g.stage, g.source, g.account, g.shop, g.record_id, c.conversion,
       CASE WHEN p.record_id IS NULL THEN coalesce(g.ref, g.record_id)
            WHEN p.ref = g.record_id THEN least(g.record_id, g.ref)
            ELSE coalesce(p.ref, p.record_id) END AS key
FROM given g
JOIN conversion_accounts c ON c.source = g.source
LEFT JOIN (SELECT source, record_id, min(ref) AS ref FROM given GROUP BY source, record_id) p
  ON p.source = g.source AND p.record_id = g.ref AND g.ref <> g.record_id
"""
# They were posted as lines that nobody explains; now it is known what they are.
_MOVED: Final = """
UPDATE legs SET account = c.conversion, key = c.key,
  side = CASE WHEN legs.amount_minor > 0 THEN 'order' ELSE c.stage END
FROM conversion_lines c
WHERE legs.kind = 'conversion' AND legs.record_id = c.record_id
  AND legs.entry = c.source || '/' || c.account
                   || CASE c.stage WHEN 'bank' THEN '#' || c.record_id ELSE '' END;

UPDATE bank_lines SET counter = c.conversion
FROM conversion_lines c
WHERE c.stage = 'bank' AND bank_lines.source = c.source AND bank_lines.account = c.account
  AND bank_lines.shop = c.shop AND bank_lines.record_id = c.record_id;
"""
_GROUPS: Final = """
SELECT l.account, l.key, l.currency, max(l.day), CAST(sum(-l.amount_minor) AS BIGINT)
FROM legs l JOIN (SELECT DISTINCT conversion FROM conversion_accounts) c ON c.conversion = l.account
GROUP BY l.account, l.key, l.currency
HAVING sum(l.amount_minor) <> 0 ORDER BY ALL
"""
_RESTS: Final = (
    "account VARCHAR, currency VARCHAR, key VARCHAR, day DATE, amount_minor BIGINT, target VARCHAR"
)
_OPEN: Final = "account VARCHAR, currency VARCHAR, key VARCHAR"
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one key has of one currency: minor units, sold is negative, bought positive."""

    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One conversion with both sides.

    Attributes:
      legs: what its entry posts on the conversion account, by currency; minor units.
      gain_minor: what it brought more than the booked value, in the currency of the books.
      rated: whether all rates were known; else its own rate is the booked one.
    """

    legs: tuple[Side, ...]
    gain_minor: int
    rated: bool


def exchanged(sides: Sequence[Side], books: str, rates: Mapping[str, Decimal]) -> Exchange | None:
    """The entry of a conversion; none when it is not one currency sold for one other.

    `rates` are the booked ones of the day: units of `books` for one unit.
    """
    if len(sides) != 2 or sides[0].amount_minor * sides[1].amount_minor >= 0:  # noqa: PLR2004 - one for one
        return None
    rated = all(side.currency == books or side.currency in rates for side in sides)
    gain = sum(_valued(side, books, rates) for side in sides) if rated else 0
    legs = {side.currency: side.amount_minor for side in sides}
    if gain:
        legs[books] = legs.get(books, 0) - gain
    return Exchange(
        legs=tuple(
            Side(currency=currency, amount_minor=amount)
            for currency, amount in sorted(legs.items())
            if amount
        ),
        gain_minor=gain,
        rated=rated,
    )


def _valued(side: Side, books: str, rates: Mapping[str, Decimal]) -> int:
    """A side in minor units of the books' currency, rounded half away from zero."""
    if side.currency == books:
        return side.amount_minor
    digits = minor_digits(books) - minor_digits(side.currency)
    exact = Decimal(side.amount_minor) * rates[side.currency].scaleb(digits)
    return int(exact.quantize(_ONE, rounding=ROUND_HALF_UP))


def post(con: Connection, config: Config) -> tuple[str, ...]:
    """Post all conversions: into `legs`, `counters` and `postings`.

    Makes `conversion_rests` (account, currency, key, day, amount_minor, target), the differences
    of the class `fx`, and `conversions_open` (account, currency, key) of those with one side.

    Returns:
      The foreign currencies that were exchanged without a booked rate.
    """
    table(con, "conversion_rests", _RESTS, [])
    table(con, "conversions_open", _OPEN, [])
    sources = con.execute(
        "SELECT DISTINCT source FROM wallet_lines WHERE kind = 'conversion'"
        " UNION SELECT DISTINCT source FROM bank_lines WHERE kind = 'conversion' ORDER BY ALL"
    ).fetchall()
    if not sources:
        return ()
    accounts = [(source, chart.conversion_account(source)) for (source,) in sources]
    table(con, "conversion_accounts", "source VARCHAR, conversion VARCHAR", accounts)
    run(con, _LINES)
    run(con, _MOVED)
    unrated = _exchange(con, config, {account: source for source, account in accounts})
    run(con, POSTINGS)
    return unrated


def _exchange(con: Connection, config: Config, sources: Mapping[str, str]) -> tuple[str, ...]:
    groups: dict[tuple[str, str], list[tuple[Side, datetime.date]]] = defaultdict(list)
    for account, key, currency, day, amount in run(con, _GROUPS).fetchall():
        groups[account, key].append((Side(currency=currency, amount_minor=amount), day))
    legs: list[tuple[str, str, str, str, datetime.date, int]] = []
    rests: list[tuple[str, str, str, datetime.date, int, str]] = []
    lonely: list[tuple[str, str, str]] = []
    unrated: set[str] = set()
    books = config.books.currency
    for (account, key), found in groups.items():
        sides = [side for side, _day in found]
        day = max(day for _side, day in found)
        rates = _rates(config, {side.currency for side in sides}, day)
        exchange = exchanged(sides, books, rates)
        if exchange is None:
            lonely += [(account, side.currency, key) for side in sides]
            continue
        if not exchange.rated:
            unrated |= {side.currency for side in sides} - {books, *rates}
        entry = f"conversions/{sources[account]}"
        legs += [
            (entry, account, side.currency, key, day, side.amount_minor) for side in exchange.legs
        ]
        if exchange.gain_minor:
            target = chart.EXCHANGE_GAIN if exchange.gain_minor > 0 else chart.EXCHANGE_LOSS
            rests.append((account, books, key, day, -exchange.gain_minor, target))
    table(
        con,
        "conversion_legs",
        "entry VARCHAR, account VARCHAR, currency VARCHAR, key VARCHAR, day DATE,"
        " amount_minor BIGINT",
        legs,
    )
    con.execute(
        "INSERT INTO legs BY NAME SELECT entry, account, currency, key, day, amount_minor,"
        " 'conversion' AS side, 'conversion' AS kind, '' AS record_id, NULL AS document,"
        ' 0 AS "row" FROM conversion_legs;'
        "INSERT INTO counters BY NAME SELECT entry, day, $account AS account, currency,"
        " -amount_minor AS amount_minor, 1 AS line_count FROM conversion_legs",
        {"account": chart.CONVERSION},
    )
    table(con, "conversion_rests", _RESTS, rests)
    table(con, "conversions_open", _OPEN, lonely)
    return tuple(sorted(unrated))


def _rates(config: Config, currencies: Iterable[str], day: datetime.date) -> dict[str, Decimal]:
    found = {currency: config.booked_rate(currency, day) for currency in sorted(currencies)}
    return {currency: rate for currency, rate in found.items() if rate is not None}
