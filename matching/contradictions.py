"""Orders that two exports tell differently, as items that leave no amount on the account.

`beanclear.ledger.posting.conflicts` finds them and says which of the two is booked.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

from beanclear.ledger.reconciliation import Item
from beanclear.ledger.sql import Connection, run
from beanclear.ledger.vocabulary import ItemClass

_FOUND: Final = """
SELECT r.receivable, c.currency, c.order_id, c.what, c.booked_on, c.document, c."row",
       f.file, c.other_document, c.other_row, o.file, c.amount, c.other_amount,
       coalesce(c.refunded, 0), coalesce(c.other_refunded, 0), coalesce(c.tax, 0),
       coalesce(c.other_tax, 0)
FROM order_conflicts c
JOIN receivables r ON r.platform = c.platform AND r.shop = c.shop
LEFT JOIN (SELECT DISTINCT document, file FROM documents) f ON f.document = c.document
LEFT JOIN (SELECT DISTINCT document, file FROM documents) o ON o.document = c.other_document
ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two snapshots of an order of which neither is known to be later.

    Attributes:
      account: its receivable.
      what: in what they differ, a word of `beanclear.ledger.posting.conflicts`.
      booked_on: the day of the order.
      file, row: the snapshot that is booked; `other_file`, `other_row`: the other one.
      booked_minor, other_minor: the figures that differ.
    """

    account: str
    currency: str
    order_id: str
    what: str
    booked_on: datetime.date
    document: str
    file: str
    row: int
    other_file: str
    other_row: int
    booked_minor: int
    other_minor: int


def found(con: Connection) -> list[Contradiction]:
    """All of them, sorted."""
    rows = []
    for row in run(con, _FOUND).fetchall():
        figures = {"refund": row[13:15], "tax": row[15:17]}.get(row[3], row[11:13])
        rows.append(
            Contradiction(
                account=row[0],
                currency=row[1],
                order_id=row[2],
                what=row[3],
                booked_on=row[4],
                document=row[5],
                row=row[6],
                file=row[7] or row[5],
                other_file=row[10] or row[8],
                other_row=row[9],
                booked_minor=figures[0],
                other_minor=figures[1],
            )
        )
    return rows


def items(con: Connection) -> list[Item]:
    """The contradictions of orders up to the as-of date of their account, as items."""
    as_of = dict(con.execute("SELECT account, as_of FROM as_of").fetchall())
    return [
        Item(
            account=one.account,
            currency=one.currency,
            key=one.order_id,
            klass=ItemClass.CONTRADICTION,
            amount_minor=0,
            at_stake_minor=abs(one.booked_minor - one.other_minor) or abs(one.booked_minor),
            date=one.booked_on,
            due=one.booked_on,
            order_id=one.order_id,
            document=one.document,
            row=one.row,
            expected_minor=one.booked_minor,
            found_minor=one.other_minor,
            note=one.what,
            rule=f"{one.other_file}:{one.other_row}",
        )
        for one in found(con)
        if one.account in as_of and one.booked_on <= as_of[one.account]
    ]
