"""Warnings about what is matched and booked and still looks wrong: named checks in one table.

A check is data: its name, how grave it is, one query over the tables that posting has made
(`order_states`, `claims`, `order_money`, `wallet_lines`, `unknown_orders`, `bank_lines`, `legs`)
and its explanation in words. `warnings` is the loop over them. Nothing here posts, decides or
changes a verdict. The queries are in `beanclear.matching.risk_queries`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.money import format_minor
from beanclear.ledger.sql import Connection
from beanclear.matching import risk_queries as queries


class Severity(StrEnum):
    """How grave a warning is: money is probably lost, should be looked at, or is unusual."""

    HIGH = N_("high")
    MEDIUM = N_("medium")
    LOW = N_("low")


class Unit(StrEnum):
    """What the two figures of an explanation are."""

    MONEY = "money"  # minor units
    RATE = "rate"  # millionths
    DAYS = "days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that is looked for.

    Attributes:
      name: the stable word for it in JSON and CSV.
      explanation: why it is shown, with the placeholders of `Risk.explanation`.
      sql: yields the columns of `queries.COLUMNS`.
      unit: what `found` and `expected` of the query are.
    """

    name: str
    severity: Severity
    explanation: str
    sql: str
    unit: Unit = Unit.MONEY


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """One warning.

    Attributes:
      check: the name of the check.
      account: the ledger account it concerns: receivable, wallet, suspense or bank account.
      platform: whose order it is; none on banks and where a line names no order.
      date: the day of the line; of a week, its Monday.
      amount_minor: the money in question, as signed as its line; a difference is positive.
      file, row: where the line stands; of a week, its largest line.
      explanation: why it is shown, in the reader's language.
    """

    check: str
    severity: Severity
    account: str
    platform: str | None
    date: datetime.date
    order_id: str | None
    bank_ref: str | None
    amount_minor: int
    currency: str
    file: str
    row: int
    explanation: str


CHECKS: Final = (
    Check(
        name="duplicate-settlement",
        severity=Severity.HIGH,
        explanation=N_(
            "the order was paid %(found)s a second time, as on %(date)s, and it was not given back"
        ),
        sql=queries.DUPLICATE_SETTLEMENT,
    ),
    Check(
        name="refund-above-payment",
        severity=Severity.HIGH,
        explanation=N_("%(found)s was refunded, and only %(expected)s was paid"),
        sql=queries.REFUND_ABOVE_PAYMENT,
    ),
    Check(
        name="refund-without-order",
        severity=Severity.HIGH,
        explanation=N_("%(found)s was refunded, and neither an order nor a payment belongs to it"),
        sql=queries.REFUND_WITHOUT_ORDER,
    ),
    Check(
        name="refund-not-clawed-back",
        severity=Severity.MEDIUM,
        explanation=N_(
            "the order knows a refund of %(found)s since %(date)s, after it was settled, and the"
            " wallet gave back %(expected)s"
        ),
        sql=queries.REFUND_NOT_CLAWED_BACK,
    ),
    Check(
        name="completed-without-payment",
        severity=Severity.MEDIUM,
        explanation=N_("the order is completed, %(found)s is to come, and no wallet line names it"),
        sql=queries.COMPLETED_WITHOUT_PAYMENT,
    ),
    Check(
        name="settled-before-payment",
        severity=Severity.MEDIUM,
        explanation=N_("the wallet received %(found)s before the buyer paid on %(date)s"),
        sql=queries.SETTLED_BEFORE_PAYMENT,
    ),
    Check(
        name="repeated-bank-line",
        severity=Severity.MEDIUM,
        explanation=N_("the same counterparty and amount, %(found)s, as on %(date)s"),
        sql=queries.REPEATED_BANK_LINE,
    ),
    Check(
        name="refund-rate",
        severity=Severity.LOW,
        explanation=N_(
            "in the week from %(date)s refunds were %(found)s of sales; this shop's median is"
            " %(expected)s"
        ),
        sql=queries.REFUND_RATE,
        unit=Unit.RATE,
    ),
    Check(
        name="fee-rate",
        severity=Severity.LOW,
        explanation=N_(
            "in the week from %(date)s fees were %(found)s of sales; this wallet's median is"
            " %(expected)s"
        ),
        sql=queries.FEE_RATE,
        unit=Unit.RATE,
    ),
    Check(
        name="late-settlement",
        severity=Severity.LOW,
        explanation=N_(
            "settled %(found)s days after %(date)s; 99 %% of this platform's orders took at most"
            " %(expected)s days"
        ),
        sql=queries.LATE_SETTLEMENT,
        unit=Unit.DAYS,
    ),
)


def _money(value: int, currency: str) -> str:
    return f"{format_minor(value, currency)} {currency}"


def _rate(value: int, _currency: str) -> str:
    """Millionths as a percentage with two digits, cut and never rounded up."""
    hundredths = abs(value) // 100
    return f"{'-' if value < 0 else ''}{hundredths // 100}.{hundredths % 100:02} %"


def _days(value: int, _currency: str) -> str:
    return str(value)


_WRITERS: Final[Mapping[Unit, Callable[[int, str], str]]] = {
    Unit.MONEY: _money,
    Unit.RATE: _rate,
    Unit.DAYS: _days,
}


def warnings(con: Connection, files: Mapping[str, str]) -> list[Risk]:
    """Everything the checks find, in the order of the checks, then by account and day.

    Args:
      con: the connection of a bookkeeper, whose tables are made.
      files: the file name of each document.
    """
    found = []
    for check in CHECKS:
        write = _WRITERS[check.unit]
        rows = con.execute(f"SELECT {queries.COLUMNS} FROM ({check.sql}) ORDER BY ALL").fetchall()
        for account, day, platform, order, bank, amount, money, document, row, *facts in rows:
            figure, expected, other_day = facts
            found.append(
                Risk(
                    check=check.name,
                    severity=check.severity,
                    account=account,
                    platform=platform,
                    date=day,
                    order_id=order,
                    bank_ref=bank,
                    amount_minor=amount,
                    currency=money,
                    file=files.get(document, document),
                    row=row,
                    explanation=gettext(check.explanation)
                    % {
                        "found": write(figure, money),
                        "expected": write(expected, money),
                        "date": other_day,
                    },
                )
            )
    return found
