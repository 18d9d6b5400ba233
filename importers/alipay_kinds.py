"""What a line of an Alipay merchant wallet is: tables from the source's words to kinds.

Confidence: the codes are those seen in public projects' dictionaries of real bills [CODE]; Alipay
publishes no list. First fit counts: the code of 业务描述, then an order's own payment or refund
by 业务类型, then words of the remark, then 业务类型 alone. What fits nothing is `other`.

Unsure: 消费券代付资金扣回 (0060092T) is taken as a fee, not as a subsidy taken back; 0110001
公益宝贝 is booked with the fees; 0240004T 百亿补贴激励前返 as a fee that comes back.
"""

from __future__ import annotations

from beanclear.importers.columns import any_of, literal
from beanclear.ledger.records import Kind

# Beginning of 业务描述 → kind; the longer beginning stands first. `None`: look at the words.
CODES: tuple[tuple[str, Kind | None], ...] = (
    ("003003800001", Kind.PAYMENT_FEE),  # 花呗分期
    ("0010001", Kind.SALE),
    ("0010027", Kind.SUBSIDY),  # 邮费补贴
    ("0020001", Kind.REFUND),
    ("0020002", Kind.REFUND),  # a refund paid out of the deposit
    ("0020011", Kind.REFUND),
    ("0030038", Kind.PAYMENT_FEE),  # 支付宝服务费
    ("0030", Kind.FEE),  # 软件服务费: 类目, 基础, 返点积分, 聚划算, 淘金币, 百亿补贴
    ("0050", Kind.INSURANCE),
    ("0060011", Kind.AFFILIATE),
    ("0060", Kind.FEE),
    ("0070002", Kind.COMPENSATION),
    ("0070023", Kind.FEE),
    ("0080", None),  # 保证金: the words tell a move from a cost
    ("0110001", Kind.FEE),
    ("0170064", Kind.COMPENSATION),  # 物流赔付
    ("0170142", Kind.LOGISTICS),  # 自选转寄快递
    ("0170", Kind.FEE),
    ("0240004", Kind.FEE),
    ("0530", Kind.FEE),
)

# 业务类型 / 账务类型 of an order's own money, by sign.
SALE_TYPES = ("交易付款", "在线支付", "扫码付款", "交易收款")
TOP_UPS = ("充值", "账户充值", "余额充值")
REFUND_TYPES = ("交易退款", "退款", "退款(交易退款)", "退款（交易退款）")

# (words of which one stands in the remark, kind); `=` before a word: the remark is exactly that.
WORDS: tuple[tuple[tuple[str, ...], Kind], ...] = (
    (("=天猫保证金-充值（代扣）", "=天猫保证金-充值(代扣)"), Kind.DEPOSIT),
    # The same words with a reason behind them are a buyer's compensation, not a move.
    (
        ("天猫保证金-充值（代扣）-", "天猫保证金-充值(代扣)-", "扣除转移", "保证金履约险追偿"),
        Kind.COMPENSATION,
    ),
    (
        (
            "保证金-充值",
            "保证金-解冻",
            "保证金-缴存",
            "保证金解冻",
            "保证金充值",
            "保证金缴存",
            "保证金-淘宝-缴存",
            "保证金-淘宝-解冻",
            "保证金-天猫-缴存",
            "保证金-天猫-解冻",
            "出账缴存",
            "额度补齐缴存",
            "保证金-保证金缴存",
        ),
        Kind.DEPOSIT,
    ),
    (
        ("余额宝", "余利宝", "网商银行", "理财申购", "理财赎回", "基金申购", "基金赎回"),
        Kind.TRANSFER,
    ),
    (("万相台", "广告充值", "直通车充值", "阿里妈妈充值", "引力魔方充值"), Kind.PREPAYMENT),
    (("花呗分期", "支付宝服务费", "信用卡支付服务费"), Kind.PAYMENT_FEE),
    (("淘宝客", "淘宝联盟"), Kind.AFFILIATE),
    (("运费险", "保险承保", "保费收取"), Kind.INSURANCE),
    (("赔付", "赔款", "理赔", "追偿"), Kind.COMPENSATION),
    (("邮费补贴",), Kind.SUBSIDY),
    (("物流服务费", "中转操作费"), Kind.LOGISTICS),
    # 服财务费 is the platform's own misprint of 服务费.
    (
        (
            "返点积分",
            "软件服务费",
            "技术服务费",
            "服财务费",
            "类目佣金",
            "天猫佣金",
            "聚划算佣金",
            "公益宝贝",
            "营销托管",
            "先用后付",
            "推广服务费",
            "专享折扣服务费",
            "消费券代付资金扣回",
            "跨境服务",
        ),
        Kind.FEE,
    ),
)

# 业务类型 alone → kind.
TYPES: tuple[tuple[tuple[str, ...], Kind], ...] = (
    (("收费", "服务费"), Kind.PAYMENT_FEE),
    (("退费",), Kind.PAYMENT_FEE_REFUND),
    (
        ("理财申购", "理财赎回", "余额宝-转入", "余额宝-转出", "余利宝-转入", "余利宝-转出"),
        Kind.TRANSFER,
    ),
)

# What the words name alike, whether it goes out or comes back: a refund that failed, commission and
# premium of an order that was returned, freight that was given back.
REVERSALS = frozenset(
    {Kind.REFUND, Kind.AFFILIATE, Kind.INSURANCE, Kind.LOGISTICS, Kind.PAYOUT}  # 充值
)

# Lines that concern no order, whatever number stands in them.
ORDERLESS = (Kind.PAYOUT, Kind.PAYOUT_RETURN, Kind.TRANSFER, Kind.DEPOSIT, Kind.PREPAYMENT)


def _in(column: str, words: tuple[str, ...]) -> str:
    return f"coalesce({column}, '') IN ({', '.join(map(literal, words))})"


def kind_steps() -> tuple[dict[str, str], dict[str, str]]:
    """Two layers that give `kind`; a fee that comes in is a fee refunded.

    They are SQL over `type`, `description`, `merchant`, `amount` (signed), `remark` (all words,
    never NULL) and `keyed` (whether any order number is there).
    """
    whens = [
        f"WHEN {_in('type', ('提现',))} AND amount <= 0 THEN '{Kind.PAYOUT}'",
        f"WHEN {_in('type', ('提现', '提现退回', '提现失败'))} THEN '{Kind.PAYOUT_RETURN}'",
        # Out of the bank into the wallet: a payout the other way.
        f"WHEN {_in('type', TOP_UPS)} AND amount > 0 THEN '{Kind.PAYOUT}'",
        *(
            f"WHEN starts_with(description, {literal(code)}) THEN '{kind}'"
            for code, kind in CODES
            if kind is not None
        ),
        f"WHEN contains(merchant, 'MYBK') THEN '{Kind.TRANSFER}'",
        f"WHEN keyed AND amount > 0 AND {_in('type', SALE_TYPES)} THEN '{Kind.SALE}'",
        f"WHEN keyed AND amount < 0 AND {_in('type', REFUND_TYPES)} THEN '{Kind.REFUND}'",
        # A refund that failed comes back; without these words it may be one of a purchase.
        f"WHEN keyed AND amount > 0 AND {_in('type', REFUND_TYPES)}"
        f" AND {any_of('remark', ('退款失败', '退款退回'))} THEN '{Kind.REFUND}'",
        *(f"WHEN {any_of('remark', words)} THEN '{kind}'" for words, kind in WORDS),
        f"WHEN starts_with(description, '0080') THEN '{Kind.DEPOSIT}'",
        *(f"WHEN {_in('type', words)} THEN '{kind}'" for words, kind in TYPES),
        f"WHEN amount > 0 AND {_in('type', SALE_TYPES)} THEN '{Kind.SALE}'",
        f"WHEN amount < 0 AND {_in('type', REFUND_TYPES)} THEN '{Kind.REFUND}'",
    ]
    plain = f"CASE {' '.join(whens)} ELSE '{Kind.OTHER}' END"
    back = (
        f"CASE WHEN amount > 0 AND plain_kind = '{Kind.FEE}' THEN '{Kind.FEE_REFUND}' "
        f"WHEN amount > 0 AND plain_kind = '{Kind.PAYMENT_FEE}' THEN '{Kind.PAYMENT_FEE_REFUND}' "
        "ELSE plain_kind END"
    )
    return {"plain_kind": plain}, {"kind": back}
