"""What the tests of every line share: a sound text file of each layout, and what reading gives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from beanclear.importers.registry import read_document
from beanclear.ledger.config import Config
from beanclear.ledger.errors import Fault, SourceError
from beanclear.ledger.statement import Grade, Statement
from beanclear.ledger.table_mapping import TableMapping
from tests.importers.conftest import FIXTURES
from tests.importers.test_generic import BOC, WALLET

LAYOUTS = {
    "alipay/ledger_12_reordered.csv": "alipay-ledger",
    "alipay/ledger_16.csv": "alipay-ledger",
    "alipay/web_19.csv": "alipay-web",
    "alipay/web_22.csv": "alipay-web",
    "banks/ccb.csv": "ccb-bank",
    "banks/ccb_17.csv": "ccb-bank-long",
    "banks/ccb_preamble.csv": "ccb-bank",
    "banks/cmbc.csv": "cmbc-bank",
    "banks/icbc.csv": "icbc-bank",
    "banks/icbc_debit_credit.csv": "icbc-bank",
    "banks/pingan.csv": "pingan-bank",
    "banks/pingan_date.csv": "pingan-bank",
    "generic/boc.csv": "table-boc",
    "generic/wallet.csv": "table-mall",
    "opening_items/opening-items.csv": "opening-items",
    "pinduoduo/ledger.csv": "pinduoduo-ledger",
    "pinduoduo/orders.csv": "pinduoduo-orders",
    "shop_orders/orders.csv": "shop-orders",
    "taobao/ExportOrderList202605020031.csv": "taobao-orders",
    "taobao/items.csv": "taobao-items",
    "taobao/orders_new.csv": "taobao-orders",
    "taobao/qianniu.csv": "taobao-qianniu",
    "taobao/wechat_14.csv": "taobao-wechat",
    "taobao/wechat_8.csv": "taobao-wechat",
    "wechatpay/all.csv": "wechatpay-trades",
    "wechatpay/fundflow.csv": "wechatpay-fundflow",
    "wechatpay/legacy.csv": "wechatpay-trades",
    "wechatpay/refund.csv": "wechatpay-trades",
    "wechatpay/success.csv": "wechatpay-trades",
}
CONFIG = Config(tables=tuple(TableMapping(**mapping) for mapping in (BOC, WALLET)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What reading a file gives: statements, or the faults of its refusal."""

    statements: tuple[Statement, ...] = ()
    refusal: tuple[Fault, ...] = ()

    @property
    def used(self) -> list[int]:
        """The rows of all records, in the file's order."""
        rows = (one.records.column("row").to_pylist() for one in self.statements)
        return sorted(row for some in rows for row in some)

    @property
    def faults(self) -> list[Fault]:
        """Everything that is wrong."""
        return [*self.refusal, *(found for one in self.statements for found in one.faults)]

    @property
    def bookable(self) -> bool:
        """Whether it would be booked without anybody accepting it."""
        contradicted = any(one.grade is Grade.CONTRADICTED for one in self.statements)
        return bool(self.statements) and not contradicted

    @property
    def money(self) -> int:
        """The sum of all records."""
        amounts = (one.records.column("amount_minor").to_pylist() for one in self.statements)
        return sum(amount for some in amounts for amount in some)

    @property
    def ids(self) -> list[str]:
        """The ids of all records, sorted."""
        ids = (one.records.column("record_id").to_pylist() for one in self.statements)
        return sorted(name for some in ids for name in some)

    def check_counts(self) -> None:
        """Read = used + reported, in each statement."""
        for one in self.statements:
            assert one.rows_read == one.rows_used + one.rows_reported
            assert one.faults or not one.rows_reported


def read_bytes(folder: Path, data: bytes, name: str = "bill.csv") -> Told:
    """What reading these bytes gives."""
    path = folder / name
    path.write_bytes(data)
    try:
        return Told(statements=tuple(read_document(path, document="0" * 64, config=CONFIG)))
    except SourceError as error:
        return Told(refusal=tuple(error.faults))


def lines_of(name: str) -> tuple[list[str], str]:
    """The lines of a fixture, each with its end as in the file; and its encoding."""
    data = (FIXTURES / name).read_bytes()
    try:
        text, encoding = data.decode(), "utf-8"
    except UnicodeDecodeError:
        text, encoding = data.decode("gb18030"), "gb18030"
    return text.splitlines(keepends=True), encoding
