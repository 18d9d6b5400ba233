"""Statement records as simple Beancount entries, for beangulp's commands and Fava's import page.

The bulk way is `beanclear run`, which books daily summaries and finds what belongs together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from beancount.core import amount, data, flags
from beancount.core.data import EMPTY_SET

from beanclear.ledger.errors import SourceError
from beanclear.ledger.money import to_decimal
from beanclear.ledger.records import SETTLES_ORDER, Kind, Record, Stage
from beanclear.ledger.spans import ONE_DAY
from beanclear.ledger.statement import Statement
from beanclear.ledger.tables import to_records
from beanclear.ledger.vocabulary import clean

_OWN = {
    "alipay": "Assets:Wallet:Alipay",
    "wechatpay": "Assets:Wallet:WeChatPay",
    "taobao-wechat": "Assets:Wallet:TmallWeChat",
    "pinduoduo": "Assets:Wallet:Pinduoduo",
    "icbc": "Assets:Bank:ICBC",
    "ccb": "Assets:Bank:CCB",
    "cmbc": "Assets:Bank:CMBC",
    "pingan": "Assets:Bank:PingAn",
    "taobao": "Assets:Receivable:Tmall",
    "shop": "Assets:Receivable:Shop",
}
_RECEIVABLE = {"taobao": "Tmall", "pinduoduo": "Pinduoduo", "shop": "Shop"}
_TRANSIT = {
    "alipay": "Alipay",
    "wechatpay": "WeChat",
    "taobao-wechat": "WeChat",
    "pinduoduo": "Pinduoduo",
}
_BY_KIND = {
    Kind.FEE: "Expenses:Platform:Fees",
    Kind.FEE_REFUND: "Expenses:Platform:Fees",
    Kind.PAYMENT_FEE: "Expenses:Platform:PaymentFees",
    Kind.PAYMENT_FEE_REFUND: "Expenses:Platform:PaymentFees",
    Kind.AFFILIATE: "Expenses:Platform:Affiliate",
    Kind.INSURANCE: "Expenses:Platform:Insurance",
    Kind.ADVERTISING: "Expenses:Advertising",
    Kind.PREPAYMENT: "Assets:Prepayment:Advertising",
    Kind.DEPOSIT: "Assets:Deposit:Platform",
    Kind.RESERVE: "Assets:Deposit:Reserve",
    Kind.RELEASE: "Assets:Deposit:Reserve",
    Kind.COMPENSATION: "Expenses:Compensation",
    Kind.PENALTY: "Expenses:Platform:Penalties",
    Kind.LOGISTICS: "Expenses:Logistics",
    Kind.INTEREST: "Income:Interest",
}


def ledger_account(statement: Statement) -> str:
    """The ledger account a statement's lines stand on."""
    base = _OWN.get(statement.source) or _component_path(statement)
    return base + _tail(statement.account) + _shop(statement.shop)


def _component_path(statement: Statement) -> str:
    word = "Bank" if statement.stage is Stage.BANK else "Wallet"
    if statement.stage is Stage.ORDER:
        return "Assets:Receivable:" + _RECEIVABLE.get(statement.source, _name(statement.source))
    return f"Assets:{word}:{_name(statement.source)}"


def _name(text: str) -> str:
    cleaned = re.sub(r"[^A-Za-z0-9\u4e00-\u9fff-]+", "-", text).strip("-") or "X"
    first = cleaned[0].upper()
    return (first if first.isascii() and first.isalnum() else f"X{first}") + cleaned[1:]


def _tail(account: str) -> str:
    return "" if account == "main" else ":" + _name(account[-4:])


def _shop(shop: str) -> str:
    return f":{_name(shop)}" if shop else ""


def counter_account(record: Record, own: str) -> str:
    """A sensible other side for one line: receivable, transit, fee account or suspense."""
    if record.order_id and record.platform and record.kind in SETTLES_ORDER:
        return f"Assets:Receivable:{_RECEIVABLE[record.platform]}{_shop(record.shop)}"
    if record.kind in {Kind.PAYOUT, Kind.PAYOUT_RETURN} and record.source in _TRANSIT:
        return f"Assets:Transit:{_TRANSIT[record.source]}"
    leaf = own.split(":", 2)[2]
    return _BY_KIND.get(record.kind, f"Assets:Suspense:{leaf}")


def entries(statement: Statement, filepath: str) -> Iterator[data.Directive]:
    """One transaction per wallet or bank line, then the closing balance; nothing for orders.

    Raises:
      SourceError: when something is wrong with the statement.
    """
    if statement.faults:
        raise SourceError(*statement.faults)
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
        yield data.Balance(meta, span.last_row + ONE_DAY, own, value, None, None)


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
    """Set `__duplicate__` on transactions whose record and account are in the books already."""
    known = {
        (entry.meta["record_id"], entry.postings[0].account): entry
        for entry in existing
        if isinstance(entry, data.Transaction) and "record_id" in entry.meta and entry.postings
    }
    for entry in found:
        if isinstance(entry, data.Transaction) and entry.meta and entry.postings:
            other = known.get((entry.meta.get("record_id"), entry.postings[0].account))
            if other is not None:
                entry.meta["__duplicate__"] = other
