"""The chart of accounts: what posting opens, with code, names and clearing policy.

Everything here is a pure function of names, so that the chart never depends on the order in
which files arrived. Codes: 小企业会计准则 (财会〔2011〕17号, appendix), sub-accounts 4-2-2; the
third level is the last two digits of the account number, or derived from the name.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from beanclear.ledger import shipped

ROUNDING = "Expenses:Clearing:Rounding"
OPENING = "Equity:Opening-Balances"
MAIN = "main"
# Exchanges of which only one side is known yet, and between them and each other: two postings in
# two currencies that are worth the same at the booked rate, so that each currency balances.
CONVERSIONS = "Assets:Transit:Conversion:"
CONVERSION = "Equity:Conversion"
EXCHANGE_GAIN = "Income:Finance:ExchangeGain"
EXCHANGE_LOSS = "Expenses:Finance:ExchangeLoss"
# What closed orders keep of their advances.
KEPT = "Income:Other:Forfeited"

# Source → (component, code below 1012 or 1002, Chinese name)
_WALLETS: dict[str, tuple[str, str, str]] = {
    "alipay": ("Alipay", "01", "支付宝"),
    "wechatpay": ("WeChatPay", "02", "微信支付"),
    "taobao-wechat": ("TmallWeChat", "03", "天猫微信账户"),
    "pinduoduo": ("Pinduoduo", "04", "拼多多"),
    # Purses of one merchant stand beside the basic one: below it they would be part of its balance.
    "wechatpay/operation": ("WeChatPayOperation", "05", "微信支付运营账户"),
    "wechatpay/fees": ("WeChatPayFees", "06", "微信支付手续费账户"),
}
_INTERNALS: dict[str, tuple[str, str, str]] = {
    source: (leaf, f"{int(code) + 80}", name) for source, (leaf, code, name) in _WALLETS.items()
}
_BANKS: dict[str, tuple[str, str, str]] = {
    "icbc": ("ICBC", "01", "工商银行"),
    "ccb": ("CCB", "02", "建设银行"),
    "cmbc": ("CMBC", "03", "民生银行"),
    "pingan": ("PingAn", "04", "平安银行"),
}
_PLATFORMS: dict[str, tuple[str, str, str]] = {
    "taobao": ("Tmall", "01", "天猫"),
    "pinduoduo": ("Pinduoduo", "02", "拼多多"),
    "shop": ("Shop", "03", "自营店铺"),
}
_TRANSITS: dict[str, tuple[str, str, str]] = {
    "alipay": ("Alipay", "91", "支付宝"),
    "wechat": ("WeChat", "92", "微信支付"),
    "pinduoduo": ("Pinduoduo", "93", "拼多多"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSpec:
    """One account as `accounts.beancount` opens it.

    Attributes:
      name: the Beancount account.
      code: the code of 小企业会计准则, 4-2-2, `1122.01`; empty while nobody says it.
      chinese, english: its name for people.
      currency: the currency it is opened with, which is that of its policy.
      more: further currencies it is opened with, sorted.
      clearing: what closes its items: `order`, `payout`, `conversion`, `line`; none for other
        accounts.
      due: its term (`beanclear.ledger.calendar.Term`); none for other accounts.
      grace: days after `due` in which an item is not yet an exception.
      tolerance: minor units of `currency`; a rest up to it is closed as a difference.
      difference: the account that takes such a rest.
    """

    name: str
    code: str
    chinese: str
    english: str
    currency: str
    clearing: str | None = None
    due: str | None = None
    grace: int = 0
    tolerance: int = 0
    difference: str | None = None
    more: tuple[str, ...] = ()

    @property
    def currencies(self) -> tuple[str, ...]:
        """All currencies, that of the policy first."""
        return (self.currency, *self.more)


def component(text: str) -> str:
    """`text` as one component of an account: a capital or digit, then letters, digits, hyphens.

    Beancount lets no component begin with a Chinese character: 旗舰店 becomes `S-旗舰店`.
    """
    folded = unicodedata.normalize("NFC", text)
    kept = "".join(
        sign if unicodedata.category(sign) in {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"} else "-"
        for sign in folded
    )
    kept = re.sub(r"-+", "-", kept).strip("-")
    capital = kept[:1].upper()
    if len(capital) == 1 and unicodedata.category(capital) in {"Lu", "Nd"}:
        return capital + kept[1:]
    return f"S-{kept}" if kept else "S"


def _plain(text: str) -> str:
    """A component as people read it: `旗舰店` for `S-旗舰店`."""
    return text.removeprefix("S-") if not text.isascii() else text


def _suffix(account: str, shop: str) -> str:
    number = "" if account in {"", MAIN} else ":" + component(account[-4:])
    return number + (":" + component(shop) if shop else "")


def _own(account: str, shop: str) -> str:
    """The account's number; files that say none are known by their shop's folder instead."""
    return MAIN if account == shop else account


def _leaf(leaf: str, shop: str) -> str:
    return f"{leaf}-{component(shop)}" if shop else leaf


def wallet_account(source: str, account: str, shop: str = "") -> str:
    """The wallet of a source: `Assets:Wallet:Alipay:2512`.

    A shop folder joins the leaf (`Alipay-North:2512`): a wallet below another one would be part
    of the other's balance assertions.
    """
    purse = f"{source}/{account.rpartition('/')[2]}"
    if purse in _WALLETS:
        source, account = purse, MAIN
    leaf = _WALLETS[source][0] if source in _WALLETS else component(source)
    return f"Assets:Wallet:{_leaf(leaf, shop)}{_suffix(_own(account, shop), '')}"


def bank_account(source: str, account: str, shop: str = "") -> str:
    """A bank account: `Assets:Bank:CCB:8826`."""
    leaf = _BANKS[source][0] if source in _BANKS else component(source)
    return f"Assets:Bank:{_leaf(leaf, shop)}{_suffix(_own(account, shop), '')}"


def platform_component(platform: str) -> str:
    """A platform in account names: `Tmall` for `taobao`."""
    return _PLATFORMS[platform][0] if platform in _PLATFORMS else component(platform)


def components(platform: str, shop: str) -> tuple[str, str]:
    """A platform and a shop folder as components of account names; empty where there is none."""
    return platform_component(platform) if platform else "", component(shop) if shop else ""


def owner(account: str) -> tuple[str, str]:
    """The platform and the shop whose own account this is; empty where it is nobody's alone.

    `Income:Sales:Tmall:North` is Tmall's and North's, `Assets:Wallet:Alipay-North:2512` North's.
    """
    family = next((prefix for prefix in _OWNED if account.startswith(prefix)), "")
    leaf, _colon, rest = account.removeprefix(family).partition(":")
    if family in _PLATFORM_FAMILIES:
        return leaf, rest
    if family:
        known, _hyphen, shop = leaf.partition("-")
        if known in {entry[0] for entry in _TABLES[family].values()}:
            return "", shop
    return "", ""


def _of_platform(prefix: str, platform: str, shop: str) -> str:
    return f"{prefix}:{platform_component(platform)}{_suffix(MAIN, shop)}"


def receivable_account(platform: str, shop: str = "") -> str:
    """What buyers of a platform owe, order by order: `Assets:Receivable:Tmall`."""
    return _of_platform("Assets:Receivable", platform, shop)


def sales_account(platform: str, shop: str = "") -> str:
    """Income of a platform: `Income:Sales:Tmall`."""
    return _of_platform("Income:Sales", platform, shop)


def advances_account(platform: str, shop: str = "") -> str:
    """Money received before the sale is recognised: `Liabilities:Advances:Tmall`."""
    return _of_platform("Liabilities:Advances", platform, shop)


def transit_account(family: str) -> str:
    """Payouts on their way to the bank: `Assets:Transit:Alipay`."""
    leaf = _TRANSITS[family][0] if family in _TRANSITS else component(family)
    return f"Assets:Transit:{leaf}"


def conversion_account(source: str) -> str:
    """Exchanges of currencies at one wallet provider or bank: `Assets:Transit:Conversion:PayPal`.

    Not by account number: a bank keeps each currency in an account of its own.
    """
    known = _WALLETS.get(source) or _BANKS.get(source)
    return CONVERSIONS + (known[0] if known else component(source))


def suspense_account(account: str) -> str:
    """待查 of a wallet or bank account: `Assets:Suspense:CCB:8826`."""
    return "Assets:Suspense:" + account.split(":", 2)[2]


def internal_account(wallet: str) -> str:
    """The owner's other balances at the provider: `Assets:Internal:Alipay:2512`.

    They stand beside the wallet and not below it, for the wallet's balance assertions.
    """
    return "Assets:Internal:" + wallet.split(":", 2)[2]


def _of_source(prefix: str, source: str) -> str:
    return f"{prefix}:{_WALLETS[source][0] if source in _WALLETS else component(source)}"


def prepaid_account(source: str) -> str:
    """Advertising topped up and not spent: `Assets:Prepaid:Advertising:Alipay`."""
    return _of_source("Assets:Prepaid:Advertising", source)


def deposit_account(source: str) -> str:
    """The shop's security deposit: `Assets:Deposits:Pinduoduo`."""
    return _of_source("Assets:Deposits", source)


def reserved_account(source: str) -> str:
    """Money the platform froze: `Assets:Reserved:Alipay`."""
    return _of_source("Assets:Reserved", source)


# Account without variable parts → (code, Chinese, English)
FIXED: dict[str, tuple[str, str, str]] = {
    "Liabilities:Tax:VAT": ("2221.01", "应交税费-应交增值税", "VAT payable"),
    "Liabilities:Tax:VAT:Output": ("2221.01.02", "应交税费-应交增值税-销项税额", "Output VAT"),
    "Liabilities:Tax:VAT:Deferred": ("2221.06", "应交税费-待转销项税额", "Output VAT not yet due"),
    "Expenses:Platform:Commission": ("5601.01", "销售费用-平台服务费", "Platform commission"),
    "Expenses:Platform:Affiliate": ("5601.02", "销售费用-推广佣金", "Affiliate commission"),
    "Expenses:Platform:Insurance": ("5601.03", "销售费用-运费险", "Freight insurance"),
    "Expenses:Platform:Advertising": ("5601.04", "销售费用-广告推广费", "Advertising"),
    "Expenses:Platform:Logistics": ("5601.05", "销售费用-物流仓储费", "Logistics"),
    "Expenses:Platform:Penalty": ("5711.02", "营业外支出-平台罚款", "Platform penalties"),
    "Expenses:Platform:Compensation": ("5711.03", "营业外支出-赔付支出", "Compensation of buyers"),
    "Expenses:Finance:PaymentFees": ("5603.01", "财务费用-支付手续费", "Payment fees"),
    "Expenses:Finance:Interest": ("5603.02", "财务费用-利息", "Interest"),
    EXCHANGE_LOSS: ("5603.08", "财务费用-汇兑损失", "Exchange losses"),
    EXCHANGE_GAIN: ("5301.08", "营业外收入-汇兑收益", "Exchange gains"),
    KEPT: ("5301.09", "营业外收入-违约金收益", "Forfeited advances"),
    ROUNDING: ("5603.09", "财务费用-对账尾差", "Rounding differences"),
    "Expenses:BadDebt": ("5711.01", "营业外支出-坏账损失", "Bad debts"),
    "Expenses:Tax:PlatformTax": ("5403.01", "税金及附加-平台代扣税", "Tax withheld by platforms"),
    OPENING: ("3001.99", "实收资本-期初余额", "Opening balances"),
    CONVERSION: ("3104.98", "利润分配-货币兑换", "Exchanges of currencies"),
    "Equity:Closed": ("3104.99", "利润分配-结账标记", "Marker of closed periods"),
}

# Prefix → (level 1, fixed level 2 or none, Chinese, English, components after the prefix)
_FAMILIES: tuple[tuple[str, str, str | None, str, str], ...] = (
    ("Assets:Prepaid:Advertising:", "1123", "01", "预付账款-广告充值", "Prepaid advertising"),
    ("Assets:Deposits:", "1221", "01", "其他应收款-店铺保证金", "Security deposit"),
    ("Assets:Reserved:", "1221", "02", "其他应收款-冻结资金", "Frozen funds"),
    ("Assets:Suspense:", "1221", "99", "其他应收款-待查", "Suspense"),
    ("Assets:Wallet:", "1012", None, "其他货币资金", "Wallet"),
    ("Assets:Internal:", "1012", None, "其他货币资金-平台内其他余额", "Other balances at"),
    (CONVERSIONS, "1012", "97", "其他货币资金-货币兑换在途", "Conversions in transit"),
    ("Assets:Transit:", "1012", None, "其他货币资金-提现在途", "Payouts in transit"),
    ("Assets:Bank:", "1002", None, "银行存款", "Bank"),
    ("Assets:Receivable:", "1122", None, "应收账款", "Receivable"),
    ("Liabilities:Advances:", "2203", None, "预收账款", "Advances from buyers"),
    ("Income:Sales:", "5001", None, "主营业务收入", "Sales"),
)
# Wallets and banks below one number.
_OWNERS: dict[str, tuple[str, str, str]] = {
    **_WALLETS,
    **{source: (leaf, f"1{code[1]}", name) for source, (leaf, code, name) in _BANKS.items()},
}
_TABLES: dict[str, dict[str, tuple[str, str, str]]] = {
    "Assets:Wallet:": _WALLETS,
    "Assets:Internal:": _INTERNALS,
    "Assets:Bank:": _BANKS,
    CONVERSIONS: _OWNERS,
    "Assets:Transit:": _TRANSITS,
    "Assets:Prepaid:Advertising:": _WALLETS,
    "Assets:Deposits:": _WALLETS,
    "Assets:Reserved:": _WALLETS,
    "Assets:Receivable:": _PLATFORMS,
    "Liabilities:Advances:": _PLATFORMS,
    "Income:Sales:": _PLATFORMS,
    "Assets:Suspense:": _OWNERS,
}
_PLATFORM_FAMILIES = ("Assets:Receivable:", "Liabilities:Advances:", "Income:Sales:")
# Families of which a whole account can be one shop's.
_OWNED = (
    *_PLATFORM_FAMILIES,
    "Assets:Wallet:",
    "Assets:Internal:",
    "Assets:Bank:",
    "Assets:Suspense:",
)
_CLEARING: dict[str, tuple[str, str]] = {
    "Assets:Receivable:": ("order", shipped.ORDER_TERM),
    CONVERSIONS: ("conversion", shipped.CONVERSION_TERM),
    "Assets:Transit:": ("payout", shipped.PAYOUT_TERM),
    "Assets:Suspense:": ("line", shipped.SUSPENSE_TERM),
}


def is_usual(account: str, sources: Iterable[str] = ()) -> bool:
    """Whether posting makes this account for a source or platform that it knows.

    `sources` are those that the books' own mappings add.
    """
    family = next((prefix for prefix, *_rest in _FAMILIES if account.startswith(prefix)), None)
    if family is None:
        return account in FIXED
    leaf = account.removeprefix(family).partition(":")[0]
    known = {entry[0] for entry in _TABLES[family].values()} | {component(one) for one in sources}
    return leaf in known or leaf.partition("-")[0] in known


def _derived(text: str, first: int, count: int) -> str:
    """Two digits out of a name: stable, and the same on every machine."""
    return f"{first + zlib.crc32(text.encode()) % count:02d}"


def _third(rest: str) -> str:
    """Two digits for the components after a platform: of an account number its last two."""
    return rest[-2:] if re.fullmatch(r".*\d\d", rest) and ":" not in rest else _derived(rest, 1, 99)


def spec(account: str, currency: str = "CNY") -> AccountSpec:
    """How `account` is opened when posting needs it; one that posting does not make has no code.

    `beanclear.ledger.catalogue` knows the usual accounts of people.
    """
    if account in FIXED:
        code, chinese, english = FIXED[account]
        return AccountSpec(
            name=account, code=code, chinese=chinese, english=english, currency=currency
        )
    for prefix, level, second, chinese, english in _FAMILIES:
        if account.startswith(prefix):
            leaf, _, rest = account.removeprefix(prefix).partition(":")
            table = {entry[0]: entry for entry in _TABLES[prefix].values()}
            if leaf not in table and leaf.partition("-")[0] in table:
                # A wallet of a shop folder: the folder counts like an account number.
                leaf, _, shop = leaf.partition("-")
                rest = ":".join(part for part in (shop, rest) if part)
            known = table.get(leaf)
            own = known[1] if known else _derived(leaf, 50, 40)
            code = f"{level}.{second or own}"
            if second is not None:
                code += "." + (_third(f"{leaf}:{rest}") if rest or not known else own)
            elif rest:
                code += "." + _third(rest)
            parts = [
                chinese,
                known[2] if known else _plain(leaf),
                *(_plain(part) for part in rest.split(":")),
            ]
            clearing, due = _CLEARING.get(prefix, (None, None))
            if prefix == "Assets:Receivable:":
                due = _order_term(leaf)
            return AccountSpec(
                name=account,
                code=code,
                chinese="-".join(part for part in parts if part),
                english=" ".join(part for part in (english, leaf, *rest.split(":")) if part),
                currency=currency,
                clearing=clearing,
                due=due,
                difference=ROUNDING if clearing else None,
            )
    own = account.partition(":")[2]
    return AccountSpec(
        name=account,
        code="",
        chinese=own.replace(":", "-"),
        english=own.replace(":", " "),
        currency=currency,
    )


def _order_term(leaf: str) -> str:
    platform = next((name for name, entry in _PLATFORMS.items() if entry[0] == leaf), "")
    return shipped.TERMS.get(platform, shipped.ORDER_TERM)
