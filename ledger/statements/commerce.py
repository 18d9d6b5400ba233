"""What reports on trade read of the records: queries over the posted tables, rows out.

All run on the connection of a posted computation (`beanclear.ledger.posting`), DuckDB or Spark,
and stay in the subset both understand. Amounts are minor units; money that came in is positive.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

from beanclear.ledger.periods import Period
from beanclear.ledger.sql import Connection

Month = tuple[int, int]
_IN_PERIOD: Final = "BETWEEN DATE '{first}' AND DATE '{last}'"

SALES: Final = """
SELECT e.platform, e.shop, e.currency, year(e.day), month(e.day),
       CAST(sum(CASE WHEN e.amount_minor > 0 THEN e.amount_minor ELSE 0 END) AS BIGINT),
       CAST(sum(CASE WHEN e.amount_minor < 0 THEN -e.amount_minor ELSE 0 END) AS BIGINT),
       CAST(sum(e.vat_minor) AS BIGINT)
FROM income_events e WHERE e.day {days}
GROUP BY e.platform, e.shop, e.currency, year(e.day), month(e.day)
ORDER BY 1, 2, 3, 4, 5
"""

DISCOUNTS: Final = """
SELECT c.platform, c.shop, c.currency, year(c.recognised_on), month(c.recognised_on),
       CAST(sum(coalesce(r.merchant_discount_minor, 0)) AS BIGINT),
       CAST(sum(coalesce(r.platform_discount_minor, 0)) AS BIGINT)
FROM claims c
JOIN records r ON r.document = c.document AND r."row" = c."row" AND r.record_id = c.record_id
WHERE c.recognised_on {days}
GROUP BY c.platform, c.shop, c.currency, year(c.recognised_on), month(c.recognised_on)
ORDER BY 1, 2, 3, 4, 5
"""

CHARGES: Final = """
SELECT w.platform, coalesce(w.order_shop, w.shop), w.currency, year(w.booked_on),
       month(w.booked_on), w.kind, CAST(sum(w.amount_minor) AS BIGINT)
FROM wallet_lines w
WHERE NOT w.settles AND w.platform IS NOT NULL AND w.booked_on {days}
GROUP BY w.platform, coalesce(w.order_shop, w.shop), w.currency, year(w.booked_on),
         month(w.booked_on), w.kind
ORDER BY 1, 2, 3, 4, 5, 6
"""

# Only where a wallet paid out more than once on a day is the order of its lines needed.
WALLET_MOVES: Final = """
WITH several AS (
  SELECT source, account, shop, currency, booked_on FROM wallet_lines WHERE kind = 'payout'
  GROUP BY source, account, shop, currency, booked_on HAVING count(*) > 1
),
turns AS (
  SELECT DISTINCT w.document, w."row", w.record_id,
         sum(CASE WHEN w.kind = 'payout' THEN 1 ELSE 0 END) OVER (
           PARTITION BY w.source, w.account, w.shop, w.currency, w.booked_on
           ORDER BY r.occurred_at, w.document, w."row", w.record_id
           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS turn
  FROM wallet_lines w
  JOIN several s ON s.source = w.source AND s.account = w.account AND s.shop = w.shop
   AND s.currency = w.currency AND s.booked_on = w.booked_on
  JOIN records r ON r.document = w.document AND r."row" = w."row" AND r.record_id = w.record_id
)
SELECT t.wallet, w.currency, w.booked_on, CAST(coalesce(o.turn, 0) AS INTEGER), w.kind,
       CAST(sum(w.amount_minor) AS BIGINT),
       max(CASE WHEN w.kind = 'payout' THEN coalesce(w.payout_id, w.record_id) ELSE '' END)
FROM wallet_lines w
JOIN wallets t ON t.source = w.source AND t.account = w.account AND t.shop = w.shop
LEFT JOIN turns o
  ON o.document = w.document AND o."row" = w."row" AND o.record_id = w.record_id
WHERE w.booked_on <= DATE '{last}'
GROUP BY t.wallet, w.currency, w.booked_on, coalesce(o.turn, 0), w.kind ORDER BY 1, 2, 3, 4, 5
"""

DELAYS: Final = """
SELECT c.platform, c.shop, date_diff('day', c.claim_on, m.first_sale_on),
       CAST(count(*) AS BIGINT), CAST(sum(c.claim_minor) AS BIGINT), c.currency
FROM claims c
JOIN order_money m ON m.platform = c.platform AND m.shop = c.shop AND m.order_id = c.order_id
 AND m.currency = c.currency
WHERE m.first_sale_on IS NOT NULL AND c.claim_on IS NOT NULL AND m.first_sale_on {days}
GROUP BY c.platform, c.shop, date_diff('day', c.claim_on, m.first_sale_on), c.currency
ORDER BY 1, 2, 6, 3
"""

FEES: Final = """
SELECT f.platform, f.shop, f.currency, coalesce(t.name, ''), coalesce(t.ppm, f.ppm, 0),
       CAST(count(*) AS BIGINT), CAST(sum(x.sold) AS BIGINT), CAST(sum(f.charged) AS BIGINT),
       CAST(sum(x.expected) AS BIGINT),
       CAST(sum(CASE WHEN abs(f.charged - x.expected) > x.sales THEN 1 ELSE 0 END) AS BIGINT)
FROM fees_charged f
JOIN fees_expected x ON x.platform = f.platform AND x.source = f.source
 AND x.currency = f.currency AND x.shop = f.shop AND x.order_id = f.order_id
 AND x.words = f.words
LEFT JOIN fee_rules t ON t.place = f.place
WHERE f.charged_on {days}
GROUP BY f.platform, f.shop, f.currency, coalesce(t.name, ''), coalesce(t.ppm, f.ppm, 0)
ORDER BY 1, 2, 3, 4, 5
"""


def _in(sql: str, period: Period) -> str:
    days = _IN_PERIOD.format(first=period.first, last=period.last)
    return sql.format(days=days, last=period.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopMonth:
    """One shop's month: signed figures by name (`sales`, `refunds`, `vat`, kinds of lines)."""

    platform: str
    shop: str
    currency: str
    month: Month
    name: str
    amount_minor: int


def shop_months(con: Connection, period: Period) -> list[ShopMonth]:
    """Every figure of every shop and month of a period.

    `sales`, `refunds`, `vat`, `merchant_discount` and `platform_discount` are positive; charges
    by kind have the wallet's sign, so fees are negative.
    """
    found: list[ShopMonth] = []

    def add(row: tuple[object, ...], name: str, amount: object) -> None:
        platform, shop, currency, year, month = row[:5]
        if amount:
            found.append(
                ShopMonth(
                    platform=str(platform),
                    shop=str(shop or ""),
                    currency=str(currency),
                    month=(int(str(year)), int(str(month))),
                    name=name,
                    amount_minor=int(str(amount)),
                )
            )

    for row in con.execute(_in(SALES, period)).fetchall():
        for name, amount in zip(("sales", "refunds", "vat"), row[5:], strict=True):
            add(row, name, amount)
    for row in con.execute(_in(DISCOUNTS, period)).fetchall():
        for name, amount in zip(("merchant_discount", "platform_discount"), row[5:], strict=True):
            add(row, name, amount)
    for row in con.execute(_in(CHARGES, period)).fetchall():
        add(row, str(row[5]), row[6])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletMove:
    """What one kind of line moved in one wallet up to a payout, on one day; + came in.

    Attributes:
      turn: how many payouts of the same day came before these lines.
      reference: of a payout, its number, or that of its line.
    """

    wallet: str
    currency: str
    day: datetime.date
    kind: str
    amount_minor: int
    turn: int = 0
    reference: str = ""


def wallet_moves(con: Connection, period: Period) -> list[WalletMove]:
    """All wallet movements up to the period's end."""
    return [
        WalletMove(
            wallet=wallet,
            currency=currency,
            day=day,
            turn=turn,
            kind=kind,
            amount_minor=amount,
            reference=reference,
        )
        for wallet, currency, day, turn, kind, amount, reference in con.execute(
            _in(WALLET_MOVES, period)
        ).fetchall()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """How many orders of a shop were settled so many days after they became due."""

    platform: str
    shop: str
    currency: str
    days: int
    orders: int
    amount_minor: int


def delays(con: Connection, period: Period) -> list[Delay]:
    """Days from claim to the first wallet money, for money of the period."""
    return [
        Delay(
            platform=platform,
            shop=shop,
            currency=currency,
            days=days,
            orders=orders,
            amount_minor=amount,
        )
        for platform, shop, days, orders, amount, currency in con.execute(
            _in(DELAYS, period)
        ).fetchall()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLine:
    """Fees of one rule in one shop: what was charged and what the contract gives."""

    platform: str
    shop: str
    currency: str
    rule: str
    ppm: int
    orders: int
    sold_minor: int
    charged_minor: int
    expected_minor: int
    variances: int


def fees(con: Connection, period: Period) -> list[FeeLine]:
    """Charged against contracted fees of the period, by rule."""
    return [
        FeeLine(**dict(zip(_FEE_FIELDS, row, strict=True)))
        for row in con.execute(_in(FEES, period)).fetchall()
    ]


_FEE_FIELDS: Final = (
    "platform", "shop", "currency", "rule", "ppm", "orders", "sold_minor", "charged_minor",
    "expected_minor", "variances",
)  # fmt: skip
