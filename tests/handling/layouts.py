"""The layouts: each export of a simulated company among the others, and each fixture alone."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from beanclear.cli import simulation
from beanclear.cli.simulation.options import Options
from beanclear.ledger.config import Config
from tests.handling.exports import Export, read_export

FIXTURES = Path(__file__).parents[1] / "importers" / "fixtures"
_COMPANY = Options(orders=70, days=70, seed=1, faults=0)
_BOC = """\
[[tables]]
name = "boc"
match = ["交易日期", "交易金额"]
stage = "bank"
source = "boc"
account_column = "账号"
currency_column = "币种"
date_format = "%d/%m/%Y"
decimal = ","
skip_rows = 1
[tables.columns]
occurred_at = "交易日期"
amount = "交易金额"
balance = "交易后余额"
bank_ref = "交易流水号"
counterparty = "收款人名称"
memo = "摘要"
kind = "类型"
"""
_MALL = """\
[[tables]]
name = "mall"
match = ["时间", "流水"]
stage = "wallet"
source = "mall"
account = "M-1"
platform = "shop"
[tables.columns]
occurred_at = "时间"
income = "收入"
expense = "支出"
order_id = "订单"
record_id = "流水"
kind = "类型"
[tables.kinds]
"货款" = "sale"
"佣金" = "fee"
"""
# Pattern of the file in a simulated company, name, English, Chinese.
_OF_COMPANY = (
    (
        "*All2026-07.csv",
        "wechatpay-all",
        "WeChat Pay, trades (all)",
        "微信支付交易账单（全部）",
    ),
    (
        "*fundflow2026-07.csv",
        "wechatpay-fundflow",
        "WeChat Pay, funds",
        "微信支付资金账单",
    ),
    (
        "*_202607.csv.zip",
        "alipay-ledger",
        "Alipay, ledger in a zip",
        "支付宝账务明细（zip）",
    ),
    (
        "ExportOrderList202607*.csv",
        "taobao-orders-old",
        "Taobao, orders (old columns)",
        "淘宝订单（旧列）",
    ),
    (
        "ExportOrderList202608010*.csv",
        "taobao-orders",
        "Taobao, orders",
        "淘宝订单",
    ),
    (
        "宝贝明细202608010*.csv",
        "taobao-items",
        "Taobao, items",
        "淘宝宝贝明细",
    ),
    (
        "orders_export2026-07*.xlsx",
        "pinduoduo-orders-xlsx",
        "Pinduoduo, orders (XLSX)",
        "拼多多订单（XLSX）",
    ),
    (
        "orders_export2026-08-01*.csv",
        "pinduoduo-orders",
        "Pinduoduo, orders (CSV)",
        "拼多多订单（CSV）",
    ),
    (
        "拼多多账务明细_202607.csv",
        "pinduoduo-ledger",
        "Pinduoduo, ledger",
        "拼多多账务明细",
    ),
    (
        "微信账户账单_202607.csv",
        "taobao-wechat-14",
        "Taobao, WeChat ledger of 14 columns",
        "淘宝微信账单（14列）",
    ),
    (
        "orders-2026-07-31.csv",
        "shop-orders",
        "own shop, orders.csv",
        "自有商城 orders.csv",
    ),
)
_BANK = "ccb"  # of the company whose other files are tried
_BANKS = {
    "ccb": ("CCB (bank)", "建设银行"),
    "icbc": ("ICBC (bank)", "工商银行"),
    "cmbc": ("CMBC (bank)", "民生银行"),
    "pingan": ("Ping An (bank)", "平安银行"),
}
# Fixture, name, English, Chinese, settings.
_ALONE = (
    (
        "alipay/ledger_12_reordered.csv",
        "alipay-ledger-12",
        "Alipay, ledger of 12 columns",
        "支付宝账务明细（12列）",
        "",
    ),
    (
        "alipay/web_19.csv",
        "alipay-web-19",
        "Alipay, web export of 19 columns",
        "支付宝网页导出（19列）",
        "",
    ),
    (
        "alipay/web_22.csv",
        "alipay-web-22",
        "Alipay, web export of 22 columns",
        "支付宝网页导出（22列）",
        "",
    ),
    (
        "taobao/qianniu.csv",
        "taobao-qianniu",
        "Qianniu, orders",
        "千牛订单",
        "",
    ),
    (
        "taobao/wechat_8.csv",
        "taobao-wechat-8",
        "Taobao, WeChat ledger of 8 columns",
        "淘宝微信账单（8列）",
        "",
    ),
    (
        "wechatpay/success.csv",
        "wechatpay-success",
        "WeChat Pay, trades (paid)",
        "微信支付交易账单（支付成功）",
        "",
    ),
    (
        "wechatpay/refund.csv",
        "wechatpay-refund",
        "WeChat Pay, trades (refunds)",
        "微信支付交易账单（退款）",
        "",
    ),
    (
        "wechatpay/legacy.csv",
        "wechatpay-legacy",
        "WeChat Pay, trades (before 2018)",
        "微信支付交易账单（旧版）",
        "",
    ),
    (
        "pinduoduo/orders.csv",
        "pinduoduo-orders-old",
        "Pinduoduo, orders (other columns)",
        "拼多多订单（其他列）",
        "",
    ),
    (
        "banks/ccb_17.csv",
        "ccb-17",
        "CCB, 17 columns",
        "建设银行（17列）",
        "",
    ),
    (
        "banks/ccb_preamble.csv",
        "ccb-preamble",
        "CCB, with lines above",
        "建设银行（带表头说明）",
        "",
    ),
    (
        "banks/icbc_debit_credit.csv",
        "icbc-debit-credit",
        "ICBC, debit and credit",
        "工商银行（借贷两列）",
        "",
    ),
    (
        "banks/pingan_date.csv",
        "pingan-date",
        "Ping An, days only",
        "平安银行（只有日期）",
        "",
    ),
    (
        "generic/boc.csv",
        "table-bank",
        "`[[tables]]`, a bank",
        "`[[tables]]` 银行",
        _BOC,
    ),
    (
        "generic/wallet.csv",
        "table-wallet",
        "`[[tables]]`, a wallet",
        "`[[tables]]` 钱包",
        _MALL,
    ),
    (
        "opening_items/opening-items.csv",
        "opening-items",
        "opening-items.csv",
        "期初未清 opening-items.csv",
        "",
    ),
    (
        "personal/wechat.csv",
        "personal-wechat",
        "WeChat of a private person",
        "微信个人账单",
        "",
    ),
    (
        "personal/alipay_app.csv",
        "personal-alipay",
        "Alipay of a private person",
        "支付宝个人账单",
        "",
    ),
    (
        "personal/alipay_old.csv",
        "personal-alipay-old",
        "Alipay of a private person (old)",
        "支付宝个人账单（旧版）",
        "",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One kind of file.

    Attributes:
      name: short, as the page and the arguments call it.
      english, chinese: what it is.
      path: the file; `others`: the files that lie beside it, of the same company.
      settings: the beanclear.toml of the books.
    """

    name: str
    english: str
    chinese: str
    path: Path
    others: tuple[Path, ...] = ()
    settings: str = ""

    @property
    def config(self) -> Config:
        """The settings of the books."""
        return Config.model_validate(tomllib.loads(self.settings))

    @property
    def export(self) -> Export:
        """The file as people see it."""
        return replace(read_export(self.path, self.config), beside=self.beside)

    @property
    def beside(self) -> Path | None:
        """The file of another company that has the same place among its files."""
        if not self.others:
            return None
        bank = self.name if self.name in _BANKS else _BANK
        return _company(bank, seed=2)[_company(bank).index(self.path)]


@functools.cache
def _company(bank: str, seed: int = 1) -> tuple[Path, ...]:
    """The exports of a company with an account at this bank; they are written once."""
    folder = Path(tempfile.mkdtemp(prefix="handling-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    simulation.simulate(folder, replace(_COMPANY, bank=bank, seed=seed))
    return tuple(sorted(path for path in folder.iterdir() if path.name != simulation.TRUTH_FILE))


@functools.cache
def layout(name: str) -> Layout:
    """The layout of this name."""
    for fixture, own, english, chinese, settings in _ALONE:
        if own == name:
            path = FIXTURES / fixture
            return Layout(name=name, english=english, chinese=chinese, path=path, settings=settings)
    bank = name if name in _BANKS else _BANK
    files = _company(bank)
    if name in _BANKS:
        path = _bank_file(files)
        english, chinese = _BANKS[name]
    else:
        ((pattern, english, chinese),) = (
            (pattern, *words) for pattern, own, *words in _OF_COMPANY if own == name
        )
        (path,) = (path for path in files if path.match(pattern))
    others = tuple(other for other in files if other != path)
    return Layout(name=name, english=english, chinese=chinese, path=path, others=others)


def _bank_file(files: Sequence[Path]) -> Path:
    """The second of the three files that no platform wrote."""
    known = ("*All*", "*fundflow*", "*.zip", "Export*", "宝贝*", "orders*", "拼多多*", "微信*")
    rest = [path for path in files if not any(path.match(pattern) for pattern in known)]
    return rest[len(rest) // 2]


NAMES: dict[str, tuple[str, str]] = {
    **{name: (english, chinese) for _pattern, name, english, chinese in _OF_COMPANY},
    **_BANKS,
    **{name: (english, chinese) for _place, name, english, chinese, _settings in _ALONE},
}
