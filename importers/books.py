"""Statement records as simple Beancount entries, for beangulp's commands.

The bulk way is `beanclear run`, which books daily summaries and finds what belongs together.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal

from beancount.core import amount, data, flags
from beancount.core.data import EMPTY_SET

from beanclear.importers.faults import fault
from beanclear.ledger import chart
from beanclear.ledger.beancount_text import clean
from beanclear.ledger.errors import SourceError
from beanclear.ledger.money import to_decimal
from beanclear.ledger.records import SETTLES_ORDER, Kind, Record, Stage
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.statement import Grade, Statement
from beanclear.ledger.tables import to_records

_TRANSIT = {
    "alipay": "alipay",
    "wechatpay": "wechat",
    "taobao-wechat": "wechat",
    "pinduoduo": "pinduoduo",
}
_BY_KIND = {
    Kind.FEE: "Expenses:Platform:Commission",
    Kind.FEE_REFUND: "Expenses:Platform:Commission",
    Kind.PAYMENT_FEE: "Expenses:Finance:PaymentFees",
    Kind.PAYMENT_FEE_REFUND: "Expenses:Finance:PaymentFees",
    Kind.AFFILIATE: "Expenses:Platform:Affiliate",
    Kind.INSURANCE: "Expenses:Platform:Insurance",
    Kind.ADVERTISING: "Expenses:Platform:Advertising",
    Kind.COMPENSATION: "Expenses:Platform:Compensation",
    Kind.PENALTY: "Expenses:Platform:Penalty",
    Kind.LOGISTICS: "Expenses:Platform:Logistics",
    Kind.INTEREST: "Expenses:Finance:Interest",
}


def ledger_account(statement: Statement) -> str:
    """The ledger account a statement's lines stand on."""
    place = (statement.source, statement.account, statement.shop)
    match statement.stage:
        case Stage.WALLET:
            return chart.wallet_account(*place)
        case Stage.BANK:
            return chart.bank_account(*place)
        case Stage.ORDER:
            return chart.receivable_account(statement.source, statement.shop)


def counter_account(record: Record, own: str) -> str:
    """A sensible other side for one line: receivable, transit, fee account or suspense."""
    if record.order_id and record.platform and record.kind in SETTLES_ORDER:
        return chart.receivable_account(record.platform, record.shop)
    if record.kind in {Kind.PAYOUT, Kind.PAYOUT_RETURN} and record.source in _TRANSIT:
        return chart.transit_account(_TRANSIT[record.source])
    if record.kind is Kind.TRANSFER:
        return chart.internal_account(own)
    if record.kind is Kind.PREPAYMENT:
        return chart.prepaid_account(record.source)
    if record.kind is Kind.DEPOSIT:
        return chart.deposit_account(record.source)
    if record.kind in {Kind.RESERVE, Kind.RELEASE}:
        return chart.reserved_account(record.source)
    return _BY_KIND.get(record.kind, chart.suspense_account(own))


def entries(statement: Statement, filepath: str) -> Iterator[data.Directive]:
    """One transaction per wallet or bank line, then the closing balance; nothing for orders.

    Raises:
      SourceError: when the statement is contradicted.
    """
    if statement.grade is Grade.CONTRADICTED:
        raise SourceError(*(statement.faults or [fault("contradicted", statement.file)]))
    if statement.stage is Stage.ORDER:
        return
    own = ledger_account(statement)
    for record in to_records(statement.records):
        yield _transaction(record, own, filepath)
    span = statement.span
    if span is not None and statement.closing_minor is not None:
        value = amount.Amount(
            to_decimal(statement.closing_minor, statement.currency), statement.currency
        )
        meta = data.new_metadata(filepath, 0)
        # An explicit zero, or Beancount would let a cent pass.
        yield data.Balance(meta, span.last_row + ONE_DAY, own, value, Decimal("0.00"), None)


def _transaction(record: Record, own: str, filepath: str) -> data.Transaction:
    value = amount.Amount(to_decimal(record.amount_minor, record.currency), record.currency)
    meta = data.new_metadata(
        filepath,
        record.row,
        {
            "record_id": record.record_id,
            "__source__": clean(
                " ".join(
                    part
                    for part in (
                        record.occurred_at.isoformat(" ", "seconds"),
                        record.kind_raw,
                        record.order_id,
                        record.memo,
                        str(value),
                    )
                    if part
                )
            ),
        },
    )
    return data.Transaction(
        meta,
        record.booked_on,
        flags.FLAG_OKAY,
        clean(record.counterparty) if record.counterparty else None,
        clean(record.memo or record.kind_raw),
        EMPTY_SET,
        EMPTY_SET,
        [
            data.Posting(own, value, None, None, None, None),
            data.Posting(counter_account(record, own), -value, None, None, None, None),
        ],
    )


def mark_known(found: data.Entries, existing: data.Entries) -> None:
    """Set `__duplicate__` on transactions that the books hold already.

    A line is known by its record on the same account: `record_id` of an entry imported one by
    one, `key` of a bank line that `beanclear run` booked; and by its day, when a daily summary of
    `run` stands there for the account.
    """
    lines: dict[tuple[str, str], data.Transaction] = {}
    days: dict[tuple[str, datetime.date], data.Transaction] = {}
    for entry in existing:
        if not isinstance(entry, data.Transaction):
            continue
        record = entry.meta.get("record_id", entry.meta.get("key"))
        for posting in entry.postings:
            if isinstance(record, str):
                lines[record, posting.account] = entry
            elif "records" in entry.meta and "source" in entry.meta:
                days[posting.account, entry.meta.get("event-date", entry.date)] = entry
    for entry in found:
        if isinstance(entry, data.Transaction) and entry.meta and entry.postings:
            own = entry.postings[0].account
            other = lines.get((entry.meta["record_id"], own)) or days.get((own, entry.date))
            if other is not None:
                entry.meta["__duplicate__"] = other
