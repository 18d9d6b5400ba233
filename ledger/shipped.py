"""What the product knows about platforms without being told, as data.

Sources:
  FEE_RATES: Taobao/Tmall 基础软件服务费 and Pinduoduo (基础)技术服务费, both 0.6 % of the
    paid price, as the platforms publish them. `beanclear.toml` `[[fees]]` overrides.
  TERMS: the longest that the platforms' rules leave between event and money: 15 days from an
    order's completion to the wallet, 5 business days from a withdrawal to the bank, and from one
    side of an exchange of currencies to the other. A bank line
    nobody explains is an exception after 30 days.

Importing this module imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass

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
CONVERSION_TERM = "line B+5"
SUSPENSE_TERM = "line T+0"

# After how many days money for an order that is still no sale is an exception. On Tmall the longest
# presale ships within 60 days of its payment, and an order completes of itself 10 days after it was
# shipped, or twice that where the buyer asks for it; on Pinduoduo all of it is shorter.
LONGEST_ADVANCE_DAYS = 90

# Platform → when its sale is income, until `beanclear.toml` says otherwise.
RECOGNITION: dict[str, str] = {"taobao": "completed", "pinduoduo": "completed", "shop": "shipped"}
