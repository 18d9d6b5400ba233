"""What one line of a provider's table becomes: lines for fees and exchanges, payouts of batches.

`Parts` says what to look for; the fields beyond the record schema that carry it are in the lines
of the engine. A statement in several currencies has no running balance of its own: each currency
is proven by itself, and all speak for the days of the whole file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers import chain
from beanclear.importers.mapped_fields import BACK, fee_field
from beanclear.ledger.records import ZONE, Kind
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.statement import Statement

_PLACE: Final = "place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A fee of each line: its kind, what its id ends with, and its own word, where it has one."""

    kind: Kind
    suffix: str
    word: str | None = None


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
        left_out = statement.rows_left_out if place == 0 else 0
        proof = chain.prove(mine) if not statement.rows_reported else chain.Proof()
        parts.append(
            replace(
                statement,
                currency=code,
                records=mine,
                rows_read=len(mine) + reported + left_out,
                rows_reported=reported,
                rows_left_out=left_out,
                faults=statement.faults if place == 0 else (),
                notes=statement.notes if place == 0 else (),
                controls=(),  # totals over several currencies say nothing
                chained=proof.chained,
                declared_first=span.first if span is not None else None,
                declared_last=last_row - ONE_DAY if last_row is not None else None,
                opening_minor=proof.opening_minor,
                closing_minor=proof.closing_minor,
            )
        )
    return parts


def with_fees(records: pa.Table, lines: pa.Table, fees: Sequence[Fee]) -> pa.Table:
    """The fees of each line as lines after it, with the balance that stands after each."""
    amounts = [pc.fill_null(lines.column(fee_field(n)), 0) for n in range(len(fees))]
    if not any(pc.any(pc.not_equal(amount, 0)).as_py() for amount in amounts):
        return records
    order = _numbers(len(records), len(fees) + 1)
    balance = records.column("balance_minor")
    parts = []
    for place in range(len(fees), 0, -1):
        fee, amount = fees[place - 1], amounts[place - 1]
        line = _as_fee(_changed(records, balance_minor=balance), fee, amount, place, order)
        parts.append(line.filter(pc.not_equal(amount, 0)))
        balance = pc.subtract(balance, amount)
    parts.append(_changed(records, balance_minor=balance).append_column(_PLACE, order))
    return pa.concat_tables(parts).sort_by(_PLACE).drop_columns(_PLACE)


def _as_fee(
    records: pa.Table, fee: Fee, amount: pa.ChunkedArray, place: int, order: pa.ChunkedArray
) -> pa.Table:
    back = BACK.get(fee.kind, fee.kind)
    changes = {
        "record_id": pc.binary_join_element_wise(records.column("record_id"), fee.suffix, "/"),
        "kind": pc.if_else(pc.less(amount, 0), str(fee.kind), str(back)),
        "amount_minor": amount,
    }
    if fee.word is not None:
        changes["kind_raw"] = pa.chunked_array([pa.array([fee.word] * len(records), pa.string())])
    return _changed(records, **changes).append_column(_PLACE, pc.add(order, place))


def with_exchanges(records: pa.Table, became: pa.ChunkedArray, currency: str) -> pa.Table:
    """Payouts that became `currency` on their way: sold, bought, and paid out in that one.

    The provider's line is the side that was sold; what was bought leaves for the bank at once, so
    that nothing of it stays in the wallet. The result may be of two currencies.
    """
    became = pc.fill_null(became, 0)
    changed = pc.and_(
        pc.and_(pc.equal(records.column("kind"), str(Kind.PAYOUT)), pc.not_equal(became, 0)),
        pc.not_equal(records.column("currency"), currency),
    )
    if not pc.any(changed).as_py():
        return records
    ids = records.column("record_id")
    order = _numbers(len(records), 3)
    sold = _changed(
        records,
        kind=pc.if_else(changed, str(Kind.CONVERSION), records.column("kind")),
        settlement_id=pc.if_else(changed, ids, records.column("settlement_id")),
    ).append_column(_PLACE, order)
    codes = pa.chunked_array([pa.array([currency] * len(records), pa.string())])
    unknown = pa.chunked_array([pa.nulls(len(records), pa.int64())])
    other = _changed(records, currency=codes, balance_minor=unknown, settlement_id=ids)
    bought = _changed(
        other,
        record_id=pc.binary_join_element_wise(ids, "bought", "/"),
        kind=pc.if_else(changed, str(Kind.CONVERSION), ""),
        amount_minor=became,
    ).append_column(_PLACE, pc.add(order, 1))
    paid = _changed(
        other,
        record_id=pc.binary_join_element_wise(ids, "payout", "/"),
        amount_minor=pc.negate(became),
    ).append_column(_PLACE, pc.add(order, 2))
    every = pa.concat_tables([sold, bought.filter(changed), paid.filter(changed)])
    return every.sort_by(_PLACE).drop_columns(_PLACE)


def with_payouts(records: pa.Table, paid_out_at: pa.ChunkedArray | None) -> pa.Table:
    """A payout for each batch: the sum of the lines of one `payout_id`, at their end.

    It is paid out when a line says so, else with the last of them. Lines without a `payout_id`
    stay in the wallet.
    """
    moments = records.column("occurred_at")
    if paid_out_at is not None:
        stated = pc.assume_timezone(paid_out_at.cast(pa.timestamp("us")), ZONE)
        moments = pc.coalesce(stated, moments)
    numbered = records.select(["payout_id", "currency", "amount_minor"]).append_column(
        "moment", moments
    ).append_column(_PLACE, _numbers(len(records), 1))  # fmt: skip
    batches = (
        numbered.filter(pc.is_valid(records.column("payout_id")))
        .group_by(["payout_id", "currency"])
        .aggregate([("amount_minor", "sum"), ("moment", "max"), (_PLACE, "max")])
        .sort_by(f"{_PLACE}_max")
    )
    batches = batches.filter(pc.not_equal(batches.column("amount_minor_sum"), 0))
    if not len(batches):
        return records
    lasts = records.take(batches.column(f"{_PLACE}_max"))
    bare = ("order_id", "parent_order_id", "trade_id", "refund_id", "bank_ref", "waybill_id",
            "platform", "counterparty", "memo", "balance_minor")  # fmt: skip
    empty = {
        name: pa.chunked_array([pa.nulls(len(lasts), records.schema.field(name).type)])
        for name in bare
    }
    at = batches.column("moment_max")
    payouts = _changed(
        lasts,
        record_id=pc.binary_join_element_wise("payout", batches.column("payout_id"), "/"),
        kind=pa.chunked_array([pa.array([str(Kind.PAYOUT)] * len(lasts), pa.string())]),
        amount_minor=pc.negate(batches.column("amount_minor_sum")),
        occurred_at=at,
        booked_on=pc.local_timestamp(at).cast(pa.date32()),
        **empty,
    )
    return pa.concat_tables([records, payouts])


def _numbers(count: int, step: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(numpy.arange(0, count * step, step, dtype=numpy.int64))])


def _changed(records: pa.Table, **columns: pa.ChunkedArray) -> pa.Table:
    for name, values in columns.items():
        place = records.schema.get_field_index(name)
        field = records.schema.field(place)
        records = records.set_column(place, field, values.cast(field.type))
    return records
