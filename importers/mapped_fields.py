"""What a mapping declares, as an importer does it: columns, fields and faults of rows, as SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from beanclear.importers.columns import Column, Type, column, literal
from beanclear.importers.ids import Nth, by_time, serial_id
from beanclear.importers.rules import CURRENCY_WORDS, case, currency_faults, lookup
from beanclear.importers.shop_orders import early_faults
from beanclear.importers.sieve import LeftOut, is_word
from beanclear.importers.text import normal_header
from beanclear.ledger.records import COMES_IN, GOES_OUT, Kind, OrderStatus
from beanclear.ledger.table_columns import ORDER_MOMENTS, ORDER_MONEY, REFERENCES, FeeColumn
from beanclear.ledger.table_mapping import AnyKind, TableMapping, both

RowFault = tuple[str, str, str, str]
# Expressions may use these whether they are mapped or not.
_ALWAYS: Final = (
    "occurred_at", "amount", "income", "expense", "balance", "record_id", "order_id", "trade_id",
    "refund_id", "payout_id", "bank_ref", "counterparty", "memo", "kind",
)  # fmt: skip
_TYPES: Final = {
    **dict.fromkeys(("occurred_at", "paid_out_at", *ORDER_MOMENTS), Type.MOMENT),
    **dict.fromkeys(
        ("amount", "income", "expense", "balance", "fee", "net", "converted", *ORDER_MONEY),
        Type.AMOUNT,
    ),
    **dict.fromkeys(
        ("counterparty", "payer", "payee", "memo", "kind", "direction", "status", "buyer",
         "category"),
        Type.TEXT,
    ),
    "fee_rate": Type.RATE,
}  # fmt: skip
_REQUIRED: Final = frozenset(
    {"occurred_at", "amount", "record_id", "direction", "ordered_at", "status"}
)
# What a fee becomes that comes back.
_IDENTITY: Final = (*(name for name in REFERENCES if name != "bank_ref"), "fee", "converted")
_BY_CURRENCY: Final = (
    "record_id || CASE WHEN dense_rank() OVER (PARTITION BY record_id ORDER BY money) = 1 THEN '' "
    "ELSE '/' || dense_rank() OVER (PARTITION BY record_id ORDER BY money) END"
)
BACK: Final = {Kind.FEE: Kind.FEE_REFUND, Kind.PAYMENT_FEE: Kind.PAYMENT_FEE_REFUND}
CONVERTED: Final = "converted"
PAID_OUT_AT: Final = "paid out at"


def fee_field(place: int) -> str:
    """The field, beyond those of the record schema, that carries the fee of this place."""
    return f"fee {place}"


def columns_of(mapping: TableMapping) -> dict[str, Column]:
    """Every name an expression may use; of those that are not mapped the eldest are NULL."""
    named = mapping.columns.named
    columns = {}
    for name in type(mapping.columns).model_fields:
        if name == "time" or (name not in named and name not in _ALWAYS):
            continue
        headers = (normal_header(named[name]),) if name in named else ()
        kind = _TYPES.get(name, Type.ID)
        columns[name] = Column(headers, kind, name in _REQUIRED, _misfit(mapping, name, kind))
    if mapping.stage == "order":
        columns["occurred_at"] = column(type=Type.MOMENT)
    for place, fee in enumerate(mapping.fees):
        misfit = _misfit(mapping, "fees", Type.AMOUNT)
        columns[f"fee_{place}"] = Column((normal_header(fee.column),), Type.AMOUNT, False, misfit)
    for name, header in (
        ("own_account", mapping.account_column),
        ("money", mapping.currency_column),
    ):
        columns[name] = column(*((normal_header(header),) if header else ()), type=Type.ID)
    return columns


def _misfit(
    mapping: TableMapping, name: str, kind: Type
) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """What is said of a cell that is not written as the mapping says."""
    told = (("key", name), ("table", mapping.name))
    if kind is Type.MOMENT and mapping.date_formats:
        return "table-moment", (*told, ("format", " | ".join(mapping.date_formats)))
    if kind is Type.MOMENT:
        return "table-date", told
    if kind is Type.AMOUNT:
        marks = (("decimal", mapping.decimal), ("thousands", mapping.thousands))
        return "table-amount", (*told, *marks)
    return None


def left_out_of(mapping: TableMapping) -> tuple[LeftOut, ...]:
    """The rows that the mapping leaves out."""
    return tuple(
        LeftOut(header=normal_header(header), shown=header, words=words, others=others)
        for rules, others in ((mapping.leave_out, False), (mapping.keep, True))
        for header, words in rules.items()
    )


# -- fields -------------------------------------------------------------------------------


def fields_of(mapping: TableMapping, *, mixed: bool) -> dict[str, str]:
    """SQL by field of the record schema, and what `splitting` makes further lines of."""
    fields = _of_order(mapping) if mapping.stage == "order" else _of_line(mapping)
    platform = literal(mapping.platform) if mapping.platform else "NULL"
    fields["platform"] = f"CASE WHEN order_id IS NOT NULL THEN {platform} END"
    named = mapping.columns.named
    texts = (*REFERENCES, "memo")
    fields |= {name: name for name in texts if name in named or name in _ALWAYS}
    if mixed:
        fields["currency"] = lookup("upper(money)", CURRENCY_WORDS, literal(mapping.currency))
    return fields | _id_of(mapping, mixed=mixed)


def _id_of(mapping: TableMapping, *, mixed: bool) -> dict[str, str]:
    named = mapping.columns
    if named.record_id is not None:
        # The two sides of an exchange may share their provider's number.
        return {"record_id": _BY_CURRENCY if mixed else "record_id"}
    if mapping.stage == "order":
        return {"record_id": "order_id"}
    if named.bank_ref is not None:
        return {"record_id": serial_id("bank_ref", "occurred_at")}
    return {}


def nth_of(mapping: TableMapping) -> Nth | None:
    """What tells lines apart that share a bank's reference."""
    named = mapping.columns
    if named.record_id is not None or named.bank_ref is None or mapping.stage == "order":
        return None
    return by_time("occurred_at", amount_of(mapping), "balance")


def identity_of(mapping: TableMapping, *, mixed: bool) -> tuple[str, ...]:
    """What is mapped of a line's numbers and further amounts, where it has no id of its own."""
    named = mapping.columns.named
    return (
        *(name for name in _IDENTITY if name in named),
        *(("money",) if mixed else ()),
    )


def _of_line(mapping: TableMapping) -> dict[str, str]:
    named = mapping.columns
    amount = amount_of(mapping)
    fees = [_signed(mapping, place) for place in range(len(mapping.every_fee))]
    if mapping.after_fees and fees:
        amount = " - ".join((amount, *(f"coalesce({fee}, 0)" for fee in fees)))
    fields = {
        "occurred_at": "occurred_at",
        "kind": _kind(mapping, amount),
        "kind_raw": "coalesce(kind, '')",
        "amount_minor": amount,
        "balance_minor": "balance",
        "counterparty": "counterparty",
    }
    if named.payer is not None:
        fields["counterparty"] = f"CASE WHEN ({amount}) > 0 THEN payer ELSE payee END"
    fields |= {fee_field(place): fee for place, fee in enumerate(fees)}
    if named.converted is not None:
        fields[CONVERTED] = "abs(converted)"
    if named.paid_out_at is not None:
        fields[PAID_OUT_AT] = "paid_out_at"
    return fields


def amount_of(mapping: TableMapping) -> str:
    """The amount as the table gives it, money in positive."""
    match mapping.effective_sign:
        case "unsigned":
            return f"CASE {_way(mapping)} WHEN 'in' THEN amount ELSE -amount END"
        case "reversed":
            return "-amount"
        case "expense-positive":
            return "coalesce(income, 0) - coalesce(expense, 0)"
        case "signed":
            return "coalesce(amount, coalesce(income, 0) + coalesce(expense, 0))"


def _way(mapping: TableMapping) -> str:
    return words("direction", mapping.direction)


def words(cell: str, meanings: Mapping[str, str], default: str = "NULL") -> str:
    """What a word means, in which `*` is any text; words without one come first."""
    ordered = sorted(meanings.items(), key=lambda one: "*" in one[0])
    return case(((is_word(cell, word), literal(meaning)) for word, meaning in ordered), default)


def fee_cell(mapping: TableMapping, place: int) -> str:
    """The name of the column of the fee of this place."""
    if mapping.columns.fee is None:
        return f"fee_{place}"
    return f"fee_{place - 1}" if place else "fee"


def default_fee_sign(mapping: TableMapping) -> str:
    """Where the mapping does not say how a fee is written: as the amount is."""
    return "reversed" if mapping.effective_sign == "reversed" else "signed"


def _signed(mapping: TableMapping, place: int) -> str:
    sign = mapping.sign_of(mapping.every_fee[place]) or default_fee_sign(mapping)
    return f"{'-' if sign == 'reversed' else ''}{fee_cell(mapping, place)}"


def _kind(mapping: TableMapping, amount: str) -> str:
    unknown = Kind.BANK_LINE if mapping.stage == "bank" else Kind.OTHER
    ordered = sorted(mapping.kinds.items(), key=lambda one: "*" in one[0])
    default = _by_sign(mapping.kind or unknown, amount)
    return case(
        ((is_word("kind", word), _by_sign(kind, amount)) for word, kind in ordered), default
    )


def _by_sign(kind: AnyKind, amount: str) -> str:
    comes, goes = both(kind)
    if comes is goes:
        return literal(comes)
    return f"CASE WHEN ({amount}) > 0 THEN {literal(comes)} ELSE {literal(goes)} END"


def status_of(mapping: TableMapping) -> str:
    """The state of an order: by its word, else by the moments there are."""
    if mapping.columns.status is not None:
        return words("status", mapping.statuses or {str(one): str(one) for one in OrderStatus})
    named = mapping.columns.named
    life = [
        (f"{name} IS NOT NULL", literal(state))
        for name, state in (
            ("closed_at", OrderStatus.CLOSED),
            ("completed_at", OrderStatus.COMPLETED),
            ("shipped_at", OrderStatus.SHIPPED),
            ("paid_at", OrderStatus.PAID),
        )
        if name in named
    ]
    return case(life, literal(OrderStatus.CREATED))


def _of_order(mapping: TableMapping) -> dict[str, str]:
    named = mapping.columns.named
    moments = [name for name in ORDER_MOMENTS if name in named]
    latest = f"greatest({', '.join(moments)})"
    fields = {
        "occurred_at": latest,
        "booked_on": "CAST(ordered_at AS DATE)",
        "kind": literal(Kind.SALE),
        "kind_raw": "status" if "status" in named else "''",
        "amount_minor": "amount",
        "status": status_of(mapping),
        "known_at": f"max({latest}) OVER ()",
        **{name: name for name in (*moments, "buyer", "category") if name in named},
        **{f"{name}_minor": name for name in ORDER_MONEY if name in named},
    }
    # An unpaid order may repeat the day it was placed in the column of its payment.
    fields["paid_at"] = f"CASE WHEN ({status_of(mapping)}) <> 'created' THEN paid_at END"
    if "fee_rate" in named:
        fields["fee_rate_ppm"] = "fee_rate"
    return fields


# -- faults of rows -----------------------------------------------------------------------


def row_faults_of(mapping: TableMapping, *, mixed: bool) -> tuple[RowFault, ...]:
    """(code, SQL condition, column, SQL text) of rows that are wrong by the mapping's own terms."""
    currency = [
        wrong
        for wrong in currency_faults("money", mapping.currency_column or "")
        if not (mixed and wrong[0] == "wrong-currency")
    ]
    more = _order_faults(mapping) if mapping.stage == "order" else _line_faults(mapping)
    return (*currency, *more)


def _line_faults(mapping: TableMapping) -> Iterator[RowFault]:
    named = mapping.columns
    if named.amount is None:
        both_sides = f"{named.income}/{named.expense}"
        yield "missing-cell", "income IS NULL AND expense IS NULL", both_sides, "''"
    if named.record_id is None and named.bank_ref is not None:
        yield "missing-cell", "bank_ref IS NULL", named.bank_ref, "''"
    if named.direction is not None:
        way = _way(mapping)
        yield "unknown-direction", f"({way}) IS NULL", named.direction, "direction"
        wrong = "amount < 0"
        if mapping.effective_sign == "signed":
            wrong = f"CASE {way} WHEN 'in' THEN amount < 0 ELSE amount > 0 END"
        yield "other-direction", wrong, named.amount or "", "direction"
    if named.net is not None:
        parts = [amount_of(mapping)]
        parts += [
            f"coalesce({_signed(mapping, place)}, 0)" for place in range(len(mapping.every_fee))
        ]
        yield "net-differs", f"net <> {' + '.join(parts)}", named.net, "''"
    for place, fee in enumerate(mapping.every_fee):
        signed = _signed(mapping, place)
        if (condition := _fee_wrong(mapping, fee, signed)) is not None:
            yield "fee-direction", condition, fee.column, literal(fee.kind)


def _fee_wrong(mapping: TableMapping, fee: FeeColumn, signed: str) -> str | None:
    """The condition of a fee that goes another way than its kind."""
    if fee.kind in mapping.reversals or fee.kind in BACK:
        return None
    if fee.kind in GOES_OUT:
        return f"{signed} > 0"
    return f"{signed} < 0" if fee.kind in COMES_IN else None


def _order_faults(mapping: TableMapping) -> Iterator[RowFault]:
    named = mapping.columns.named
    yield "missing-cell", "order_id IS NULL", named["order_id"], "''"
    state = status_of(mapping)
    if "status" in named:
        yield "unknown-status", f"({state}) IS NULL", named["status"], "status"
    unpaid = f"({state}) = 'paid' AND paid_at IS NULL"
    yield "missing-cell", unpaid, named["paid_at"], "''"
    for name in ("amount", *(one for one in ORDER_MONEY if one in named)):
        yield "wrong-sign", f"{name} < 0", named[name], f"{name} * 0.01"
    if "refunded" in named:
        yield "over-refunded", "refunded > amount", named["refunded"], "refunded * 0.01"
    yield from early_faults(named)
