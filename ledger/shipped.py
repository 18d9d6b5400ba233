"""What the product knows about platforms without being told, as data.

Sources:
  PAYERS: `formats/chinese.md` §8, collected from public reconciliation code; names as banks
    print them.
  FEE_RATES: Taobao/Tmall 基础软件服务费 and Pinduoduo (基础)技术服务费, both 0.6 % of the
    paid price, as the platforms publish them. `beanclear.toml` `[[fees]]` overrides.
  TERMS: the longest that the platforms' rules leave between event and money: 15 days from an
    order's completion to the wallet, 5 business days from a withdrawal to the bank. A bank line
    nobody explains is an exception after 30 days.

Importing this module imports nothing heavy.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# The bank's counterparty contains the text: the money is a payout of the family.
PAYERS: tuple[tuple[str, str], ...] = (
    ("支付宝(中国)网络技术有限公司客户备付金", "alipay"),
    ("支付宝(中国)网络技术有限公司", "alipay"),
    ("支付宝支付科技有限公司", "alipay"),
    ("财付通支付科技有限公司客户备付金", "wechat"),
    ("深圳市财付通支付科技有限公司", "wechat"),
    ("财付通支付科技有限公司", "wechat"),
    ("上海寻梦信息技术有限公司", "pinduoduo"),
)

# Source of a wallet line → the family whose transit account its payouts pass through.
FAMILIES: dict[str, str] = {
    "alipay": "alipay",
    "taobao-wechat": "wechat",
    "wechatpay": "wechat",
    "pinduoduo": "pinduoduo",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRate:
    """A published rate: lines of `platform` whose kind or memo contains the text.

    `ppm` is the rate in millionths of the sale line (0.6 % is 6000).
    """

    platform: str
    contains: str
    ppm: int


FEE_RATES: tuple[FeeRate, ...] = (
    FeeRate(platform="taobao", contains="基础软件服务费", ppm=6000),
    FeeRate(platform="pinduoduo", contains="基础技术服务费", ppm=6000),
    FeeRate(platform="pinduoduo", contains="技术服务费", ppm=6000),
)

# Platform → from which event of an order on its money is due in the wallet.
TERMS: dict[str, str] = {
    "taobao": "completed T+15",
    "pinduoduo": "completed T+15",
    "shop": "paid T+15",
}
ORDER_TERM = "completed T+15"
PAYOUT_TERM = "payout B+5"
SUSPENSE_TERM = "line T+30"

# Platform → when its sale is income, until `beanclear.toml` says otherwise.
RECOGNITION: dict[str, str] = {"taobao": "completed", "pinduoduo": "completed", "shop": "shipped"}


def normalised(text: str) -> str:
    """`text` as payers are compared: full width folded, no blanks, no brackets.

    Banks print 支付宝（中国）… and 支付宝(中国)…, and 客户备付金 in all kinds of brackets.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if not sign.isspace() and sign not in "()[]【】〔〕")


def payer_family(counterparty: str | None, more: Iterable[tuple[str, str]] = ()) -> str | None:
    """The payout family of a bank line's counterparty; none when no payer is known by it.

    The longest text contained in it decides; `more` (`[[payers]]` of beanclear.toml) goes first.
    """
    if not counterparty:
        return None
    name = normalised(counterparty)
    for payers in (more, PAYERS):
        found = [
            (len(needle), family)
            for contains, family in payers
            if (needle := normalised(contains)) and needle in name
        ]
        if found:
            return max(found)[1]
    return None
