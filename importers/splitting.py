"""What one table of a provider becomes: statements by currency, lines for fees and exchanges.

All work on finished statements. A statement in several currencies has no running balance of its
own: each currency is proven by itself, and all speak for the days of the whole file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers import chain
from beanclear.ledger.records import Kind
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.statement import Statement

# Carries a line's fee from the engine to `with_fees`; no wallet line states a tax.
FEE_FIELD: Final = "tax_minor"
# Carries what a payout became in another currency; no wallet line states goods.
CONVERTED_FIELD: Final = "goods_minor"


def by_currency(statement: Statement) -> list[Statement]:
    """A statement for each currency among the records; the first has what could not be read."""
    records = statement.records
    codes = sorted(pc.unique(records.column("currency")).to_pylist())
    if not codes:
        return [statement]
    span = statement.span
    last_row = span.last_row if span is not None else None
    parts = []
    for place, code in enumerate(codes):
        mine = records.filter(pc.equal(records.column("currency"), code))
        reported = statement.rows_reported if place == 0 else 0
        proof = chain.prove(mine) if not statement.rows_reported else chain.Proof()
        parts.append(
            replace(
                statement,
                currency=code,
                records=mine,
                rows_read=len(mine) + reported,
                rows_reported=reported,
                faults=statement.faults if place == 0 else (),
                controls=(),  # totals over several currencies say nothing
                chained=proof.chained,
                declared_first=span.first if span is not None else None,
                declared_last=last_row - ONE_DAY if last_row is not None else None,
                opening_minor=proof.opening_minor,
                closing_minor=proof.closing_minor,
            )
        )
    return parts


def with_fees(statement: Statement) -> Statement:
    """The fee of each line as a line after it; the line itself is without it."""
    records = statement.records
    place = records.schema.get_field_index(FEE_FIELD)
    fees = pc.fill_null(records.column(FEE_FIELD), 0)
    nothing = pa.nulls(len(records), records.schema.field(place).type)
    records = records.set_column(place, FEE_FIELD, nothing)
    charged = pc.not_equal(fees, 0)
    if not pc.any(charged).as_py():
        return _proven(statement, records)
    order = records.schema.get_field_index("row")
    lines = _changed(
        records,
        balance_minor=pc.subtract(records.column("balance_minor"), fees),
    ).append_column("place", pc.multiply(records.column(order), 2))
    kinds = pc.if_else(pc.less(fees, 0), str(Kind.PAYMENT_FEE), str(Kind.PAYMENT_FEE_REFUND))
    extra = _changed(
        records,
        record_id=pc.binary_join_element_wise(records.column("record_id"), "fee", "/"),
        kind=kinds,
        amount_minor=fees,
    ).append_column("place", pc.add(pc.multiply(records.column(order), 2), 1))
    every = pa.concat_tables([lines, extra.filter(charged)]).sort_by("place").drop_columns("place")
    added = len(every) - len(records)
    return _proven(replace(statement, rows_read=statement.rows_read + added), every)


def with_exchanges(statement: Statement, currency: str) -> Statement:
    """Payouts that became `currency` on their way: sold, bought, and paid out in that one.

    The provider's line is the side that was sold; what was bought leaves for the bank at once, so
    that nothing of it stays in the wallet. The result may be of two currencies.
    """
    records = statement.records
    place = records.schema.get_field_index(CONVERTED_FIELD)
    became = pc.fill_null(records.column(CONVERTED_FIELD), 0)
    nothing = pa.nulls(len(records), records.schema.field(place).type)
    records = records.set_column(place, CONVERTED_FIELD, nothing)
    changed = pc.and_(
        pc.and_(pc.equal(records.column("kind"), str(Kind.PAYOUT)), pc.not_equal(became, 0)),
        pc.not_equal(records.column("currency"), currency),
    )
    ids = records.column("record_id")
    order = pa.chunked_array([pa.array(range(0, 4 * len(records), 4), pa.int64())])
    sold = _changed(
        records,
        kind=pc.if_else(changed, str(Kind.CONVERSION), records.column("kind")),
        settlement_id=pc.if_else(changed, ids, records.column("settlement_id")),
    ).append_column("place", order)
    codes = pa.chunked_array([pa.array([currency] * len(records), pa.string())])
    unknown = pa.chunked_array([pa.nulls(len(records), pa.int64())])
    other = _changed(records, currency=codes, balance_minor=unknown, settlement_id=ids)
    bought = _changed(
        other,
        record_id=pc.binary_join_element_wise(ids, "bought", "/"),
        kind=pc.if_else(changed, str(Kind.CONVERSION), ""),
        amount_minor=became,
    ).append_column("place", pc.add(order, 1))
    paid = _changed(
        other,
        record_id=pc.binary_join_element_wise(ids, "payout", "/"),
        amount_minor=pc.negate(became),
    ).append_column("place", pc.add(order, 2))
    every = pa.concat_tables([sold, bought.filter(changed), paid.filter(changed)])
    every = every.sort_by("place").drop_columns("place")
    added = len(every) - len(records)
    return replace(statement, rows_read=statement.rows_read + added, records=every)


def _changed(records: pa.Table, **columns: pa.ChunkedArray) -> pa.Table:
    for name, values in columns.items():
        place = records.schema.get_field_index(name)
        field = records.schema.field(place)
        records = records.set_column(place, field, values.cast(field.type))
    return records


def _proven(statement: Statement, records: pa.Table) -> Statement:
    """The statement with these records and what their running balance says."""
    proof = chain.prove(records) if not statement.rows_reported else chain.Proof()
    return replace(
        statement,
        records=records,
        chained=proof.chained,
        opening_minor=proof.opening_minor,
        closing_minor=proof.closing_minor,
    )
