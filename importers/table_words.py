"""The words by which a table's headers and cells are known, for `beanclear tables new`.

Headers are compared in small letters, without blanks and without what stands in brackets. A key's
first words are the surest.
"""

from __future__ import annotations

from typing import Final

from beanclear.ledger.records import Kind, OrderStatus

HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "occurred_at": (
        "动账时间", "记账时间", "入账时间", "交易时间", "发生时间", "交易日期", "交易日",
        "记账日期",
        "结算时间", "实际结算时间", "费用结算时间", "创建时间", "日期", "时间", "transactiondate",
        "created", "creationdate", "bookingdate", "date", "buchungstag", "timestamp",
    ),
    "time": ("time", "交易时间", "时间"),
    "amount": (
        "动账金额", "收支金额", "发生额", "交易金额", "结算金额", "变动金额", "金额", "gross",
        "amount", "tradeamount", "betrag",
    ),
    "income": (
        "收入金额", "收入", "合计收入", "收入合计", "贷方金额", "贷方发生额", "转入金额",
        "netcredit", "credit", "deposit",
    ),
    "expense": (
        "支出金额", "支出", "合计支出", "支出合计", "借方金额", "借方发生额", "转出金额",
        "netdebit", "debit", "withdrawal",
    ),
    "direction": (
        "收支类型", "收支方向", "账务方向", "账户方向", "动账方向", "资金方向", "收/支", "借贷标志",
        "借贷方向", "debitorcredit", "transactiondebitorcredit", "direction", "d/c", "soll/haben",
    ),
    "fee": ("手续费", "服务费", "fee", "fees"),
    "net": ("净额", "实际结算金额", "实收金额", "net", "netamount"),
    "balance": (
        "账户余额", "期末余额", "交易后余额", "余额", "账户结余", "balance", "runningbalance",
    ),
    "converted": ("到账金额", "结汇金额"),
    "kind": (
        "动账类型", "动账场景", "业务类型", "交易类型", "费用项", "账务类型", "结算单类型", "类型",
        "交易类型描述", "type", "reportingcategory", "transactiontype", "category",
    ),
    "record_id": (
        "流水单号", "动账流水号", "账务流水号", "资金流水号", "流水号", "transactionid",
        "balancetransactionid", "recordid", "id",
    ),
    "bank_ref": ("交易流水号", "银行流水号", "transactionreferencenumber", "reference"),
    "order_id": (
        "订单号", "订单编号", "关联订单号", "主订单编号", "商户订单号", "关联业务单号", "order",
        "orderid", "ordernumber", "invoicenumber", "merchantreference", "name",
    ),
    "trade_id": ("支付流水号", "交易号", "referencetxnid", "pspreference", "paymentintentid"),
    "refund_id": ("售后编号", "售后单号", "退款单号", "modificationreference", "refundid"),
    "settlement_id": ("结算单号", "settlementid", "batchnumber"),
    "payout_id": ("提现单号", "关联提现单号", "payoutid", "automaticpayoutid"),
    "paid_out_at": ("payoutdate", "automaticpayouteffectiveat"),
    "counterparty": (
        "对方户名", "对方名称", "收付方名称",
        "收(付)方名称", "交易对方", "counterparty",
    ),
    "payer": ("付款人名称", "付款人"),
    "payee": ("收款人名称", "收款人"),
    "memo": ("摘要", "备注", "用途", "附言", "交易备注", "description", "memo", "note", "purpose"),
    "ordered_at": ("下单时间", "订单创建时间", "createdat", "orderedat"),
    "paid_at": ("支付时间", "付款时间", "付款确认时间", "订单付款时间", "paidat"),
    "shipped_at": ("发货时间", "fulfilledat", "shippedat"),
    "completed_at": ("订单完成时间", "完成时间", "确认收货时间", "completedat"),
    "closed_at": ("取消时间", "cancelledat"),
    "status": ("订单状态", "financialstatus", "orderstatus"),
    "shipping": ("运费", "运费金额", "shipping"),
    "tax": ("税额", "taxes", "tax"),
    "merchant_discount": ("商家优惠", "优惠金额", "discountamount"),
    "platform_discount": ("平台优惠", "平台补贴"),
    "refunded": ("退款金额", "refundedamount"),
    "total": ("应付金额", "应结金额", "实付金额", "订单金额", "总金额", "total", "amount", "金额"),
}  # fmt: skip
# Not keys of columns, but what other keys are made of.
CURRENCY: Final = (
    "币种", "币别", "货币", "交易货币", "currency", "netcurrency", "grosscurrency",
)  # fmt: skip
ACCOUNT: Final = ("账号", "本方账号", "银行账号", "账户代码", "account", "iban")
STATE: Final = ("状态", "交易状态", "结算状态", "status", "payoutstatus", "balanceimpact")
ZONE: Final = ("timezone",)

INTO: Final = (
    "收入",
    "收",
    "入账",
    "入",
    "转入",
    "贷",
    "贷方",
    "in",
    "credit",
    "c",
    "cr",
    "h",
    "k",
    "+",
)
OUT: Final = ("支出", "支", "出账", "出", "转出", "借", "借方", "out", "debit", "d", "dr", "s", "-")
# Words of a state that say that nothing moved (yet).
UNSETTLED: Final = (
    "pending", "denied", "failed", "canceled", "cancelled", "expired", "memo", "authorized",
    "voided",
    "待结算", "未结算", "处理中", "失败", "已关闭", "待入账",
)  # fmt: skip
TOTALS: Final = ("合计", "总计", "小计", "total", "totals", "summary")
# A part of a word for the kind → kind; the first that fits. Kinds that may go both ways by sign
# are told apart there.
KINDS: Final[tuple[tuple[str, Kind], ...]] = (
    ("退还手续费", Kind.FEE_REFUND), ("返还", Kind.FEE_REFUND),
    ("提现退", Kind.PAYOUT_RETURN), ("提现失败", Kind.PAYOUT_RETURN),
    ("payout_reversal", Kind.PAYOUT_RETURN),
    ("提现", Kind.PAYOUT), ("withdrawal", Kind.PAYOUT), ("payout", Kind.PAYOUT),
    ("chargeback fee", Kind.PAYMENT_FEE), ("chargeback_fee", Kind.PAYMENT_FEE),
    ("chargeback", Kind.CHARGEBACK), ("dispute", Kind.CHARGEBACK), ("拒付", Kind.CHARGEBACK),
    ("退款", Kind.REFUND), ("refund", Kind.REFUND),
    ("运费险", Kind.INSURANCE), ("保险", Kind.INSURANCE),
    ("佣金", Kind.AFFILIATE), ("达人", Kind.AFFILIATE), ("affiliate", Kind.AFFILIATE),
    ("技术服务费", Kind.FEE), ("服务费", Kind.FEE), ("平台费", Kind.FEE),
    ("手续费", Kind.PAYMENT_FEE),
    ("推广", Kind.ADVERTISING), ("广告", Kind.ADVERTISING), ("advertis", Kind.ADVERTISING),
    ("补贴", Kind.SUBSIDY), ("保证金", Kind.DEPOSIT), ("赔付", Kind.COMPENSATION),
    ("罚", Kind.PENALTY), ("运费", Kind.LOGISTICS), ("利息", Kind.INTEREST),
    ("interest", Kind.INTEREST),
    ("conversion", Kind.CONVERSION), ("结汇", Kind.CONVERSION), ("兑换", Kind.CONVERSION),
    ("cancellation of hold", Kind.RELEASE), ("release", Kind.RELEASE), ("解冻", Kind.RELEASE),
    ("hold", Kind.RESERVE), ("reserve", Kind.RESERVE), ("冻结", Kind.RESERVE),
    ("settled", Kind.SALE), ("payment", Kind.SALE), ("charge", Kind.SALE), ("sale", Kind.SALE),
    ("货款", Kind.SALE), ("订单支付", Kind.SALE), ("订单结算", Kind.SALE), ("结算入账", Kind.SALE),
    ("已结算", Kind.SALE), ("收款", Kind.SALE),
    ("fee", Kind.PAYMENT_FEE),
)  # fmt: skip
STATES: Final[tuple[tuple[str, OrderStatus], ...]] = (
    ("取消", OrderStatus.CLOSED), ("关闭", OrderStatus.CLOSED), ("cancel", OrderStatus.CLOSED),
    ("void", OrderStatus.CLOSED), ("partially_", OrderStatus.PAID),
    ("refunded", OrderStatus.CLOSED),
    ("完成", OrderStatus.COMPLETED), ("成功", OrderStatus.COMPLETED),
    ("complete", OrderStatus.COMPLETED),
    ("已发货", OrderStatus.SHIPPED), ("shipped", OrderStatus.SHIPPED),
    ("待付款", OrderStatus.CREATED), ("未付款", OrderStatus.CREATED),
    ("pending", OrderStatus.CREATED),
    ("待发货", OrderStatus.PAID), ("等待出库", OrderStatus.PAID), ("已付款", OrderStatus.PAID),
    ("paid", OrderStatus.PAID),
)  # fmt: skip
DATE_FORMATS: Final = (
    "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y",
    "%B %d, %Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%Y-%m-%d", "%Y/%m/%d",
)  # fmt: skip
CLOCKS: Final = (
    "", " %H:%M:%S", " %H:%M", " %H:%M:%S %z", "T%H:%M:%S%z", "T%H:%M:%S", " %I:%M:%S %p",
    " %I:%M %p",
)  # fmt: skip
