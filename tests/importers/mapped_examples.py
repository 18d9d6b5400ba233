"""The examples of docs/tables.md: a mapping, the head of such a file, and what is read of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One example.

    Attributes:
      title: in English and in Chinese.
      mapping: TOML; text: a file that it reads.
      lines: (kind, minor units) of each record.
    """

    title: tuple[str, str]
    mapping: str
    text: str
    lines: tuple[tuple[str, int], ...]


EXAMPLES: tuple[Example, ...] = (
    Example(
        title=(
            "A bank: one signed amount, the other side by its direction",
            "银行：一列带正负号的金额，对方按收付方向取",
        ),
        mapping="""\
[[tables]]
name = "boc"
match = ["交易日期[ Transaction Date ]", "交易金额[ Trade Amount ]"]
stage = "bank"
source = "boc"
currency_column = "交易货币[ Trade Currency ]"
date_format = "%Y%m%d"
[tables.columns]
occurred_at = "交易日期[ Transaction Date ]"
amount = "交易金额[ Trade Amount ]"
balance = "交易后余额[ After-transaction balance ]"
bank_ref = "交易流水号[ Transaction reference number ]"
payer = "付款人名称[ Payer's Name ]"
payee = "收款人名称[ Payee's Name ]"
memo = "用途[ Purpose ]"
""",
        text=(
            "交易日期[ Transaction Date ],交易货币[ Trade Currency ],交易金额[ Trade Amount ],"
            "交易后余额[ After-transaction balance ],交易流水号[ Transaction reference number ],"
            "付款人名称[ Payer's Name ],收款人名称[ Payee's Name ],用途[ Purpose ]\n"
            '20260709,人民币元,"1,000.00","21,000.00",B1,某支付公司,本公司,\n'
            '20260710,人民币元,"-2,345.67","18,654.33",B2,本公司,供应商,货款\n'
        ),
        lines=(("bank_line", 100000), ("bank_line", -234567)),
    ),
    Example(
        title=(
            "A wallet whose amounts have no sign: a direction column",
            "金额不带正负号的钱包：收支方向单独一列",
        ),
        mapping="""\
[[tables]]
name = "channels"
match = ["流水单号", "记账时间", "动账类型", "收支类型", "收支金额"]
stage = "wallet"
source = "channels"
platform = "channels"
direction = { "收入" = "in", "支出" = "out" }
[tables.kinds]
"订单支付" = "sale"
"订单退款" = "refund"
"技术服务费" = "fee"
"提现" = { in = "payout_return", out = "payout" }
[tables.columns]
occurred_at = "记账时间"
amount = "收支金额"
direction = "收支类型"
balance = "账户余额"
record_id = "流水单号"
order_id = "关联订单号"
kind = "动账类型"
""",
        text=(
            "流水单号,记账时间,动账类型,收支类型,收支金额,账户余额,关联订单号\n"
            "C1,2026-07-01 10:00:00,订单支付,收入,100.00,100.00,O-1\n"
            "C2,2026-07-01 10:00:01,技术服务费,支出,1.00,99.00,O-1\n"
            "C3,2026-07-31 10:00:00,提现,支出,99.00,0.00,\n"
        ),
        lines=(("sale", 10000), ("fee", -100), ("payout", -9900)),
    ),
    Example(
        title=(
            "A settlement: the amount is what is left after several fees; a second header line",
            "结算账单：金额为扣除多项费用后的净额；表头下还有第二行表头",
        ),
        mapping="""\
[[tables]]
name = "douyin-settle"
match = ["结算时间", "结算单类型", "收入合计", "支出合计"]
stage = "wallet"
source = "douyin"
platform = "douyin"
after_fees = true
fee_sign = "reversed"
fees = [{ column = "平台服务费", kind = "fee" }, { column = "达人佣金", kind = "affiliate" }]
leave_out = { "结算时间" = [""] }
[tables.kinds]
"已结算" = "sale"
"结算后退款*" = "refund"
[tables.columns]
occurred_at = "结算时间"
amount = "结算金额"
order_id = "订单号"
kind = "结算单类型"
""",
        text=(
            "结算时间,订单号,结算金额,结算单类型,收入合计,支出合计,平台服务费,达人佣金\n"
            " , ,收入+支出, , , , , \n"
            "2026-07-01 05:59:20,'6930162745589500001,97.02,已结算,109.00,11.98,5.45,6.53\n"
            "2026-07-20 18:34:00,'6930162745589500001,-8,结算后退款-非原路退回,0,8,0,0\n"
        ),
        lines=(("sale", 10900), ("fee", -545), ("affiliate", -653), ("refund", -800)),
    ),
    Example(
        title=(
            "PayPal: several currencies, date and time in two columns, memo lines",
            "PayPal：多币种，日期和时间分两列，剔除备忘行",
        ),
        mapping="""\
[[tables]]
name = "paypal"
match = ["Transaction ID", "Reference Txn ID", "Gross", "Fee", "Net"]
stage = "wallet"
source = "paypal"
platform = "shop"
currency_column = "Currency"
date_format = "%d/%m/%Y %H:%M:%S"
time_zone = "America/Los_Angeles"
fee_sign = "signed"
keep = { Status = ["Completed"] }
leave_out = { "Balance Impact" = ["Memo"] }
reversals = ["refund", "chargeback"]
[tables.kinds]
"*Payment" = "sale"
"Payment Refund" = "refund"
"Payment Reversal" = "chargeback"
"General Currency Conversion" = "conversion"
"General Withdrawal" = { in = "payout_return", out = "payout" }
"Hold on Balance*" = "reserve"
"Cancellation of Hold*" = "release"
[tables.columns]
occurred_at = "Date"
time = "Time"
amount = "Gross"
fee = "Fee"
net = "Net"
balance = "Balance"
record_id = "Transaction ID"
trade_id = "Reference Txn ID"
order_id = "Invoice Number"
kind = "Type"
""",
        text=(
            "Date,Time,Type,Status,Currency,Gross,Fee,Net,Transaction ID,Reference Txn ID,"
            "Invoice Number,Balance,Balance Impact\n"
            "01/07/2026,09:00:00,Authorization,Pending,USD,100.00,0.00,100.00,T1,,O-1,0.00,Memo\n"
            "01/07/2026,09:05:00,Website Payment,Completed,USD,100.00,-3.90,96.10,T2,,O-1,96.10,\n"
            "05/07/2026,10:00:00,Payment Refund,Completed,USD,-20.00,0.00,-20.00,T3,,O-1,76.10,\n"
        ),
        lines=(("sale", 10000), ("payment_fee", -390), ("refund", -2000)),
    ),
    Example(
        title=(
            "Shopify Payments: a positive fee, and payouts that have no line of their own",
            "Shopify Payments：手续费写为正数，付款没有单独的行",
        ),
        mapping="""\
[[tables]]
name = "shopify"
match = ["Transaction Date", "Payout Status", "Payout ID", "Amount", "Fee", "Net"]
stage = "wallet"
source = "shopify"
platform = "shop"
currency_column = "Currency"
date_format = "%Y-%m-%d %H:%M:%S %z"
fee_sign = "reversed"
payouts = "batches"
[tables.kinds]
charge = "sale"
refund = "refund"
chargeback_fee = "payment_fee"
[tables.columns]
occurred_at = "Transaction Date"
amount = "Amount"
fee = "Fee"
net = "Net"
order_id = "Order"
payout_id = "Payout ID"
kind = "Type"
""",
        text=(
            "Transaction Date,Type,Order,Payout Status,Payout Date,Payout ID,Amount,Fee,Net,"
            "Currency\n"
            "2026-07-09 10:37:33 -0400,charge,S-1001,paid,2026-07-12,9001,100.00,3.20,96.80,USD\n"
            "2026-07-10 10:37:33 -0400,refund,S-1000,paid,2026-07-12,9001,-20.00,0.00,-20.00,USD\n"
        ),
        lines=(("sale", 10000), ("payment_fee", -320), ("refund", -2000), ("payout", -7680)),
    ),
    Example(
        title=(
            "Stripe, itemized payout reconciliation: moments in UTC, a payout date",
            "Stripe 付款对账明细：时间为 UTC，有付款日期",
        ),
        mapping="""\
[[tables]]
name = "stripe"
match = ["automatic_payout_id", "balance_transaction_id", "gross", "fee", "net"]
stage = "wallet"
source = "stripe"
platform = "shop"
currency_column = "currency"
time_zone = "UTC"
fee_sign = "reversed"
payouts = "batches"
[tables.kinds]
charge = "sale"
refund = "refund"
refund_failure = { in = "refund", out = "other" }
dispute = "chargeback"
fee = "payment_fee"
[tables.columns]
occurred_at = "created"
amount = "gross"
fee = "fee"
net = "net"
record_id = "balance_transaction_id"
payout_id = "automatic_payout_id"
paid_out_at = "automatic_payout_effective_at"
kind = "reporting_category"
memo = "description"
""",
        text=(
            "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created,"
            "currency,gross,fee,net,reporting_category,description\n"
            "po_1,2026-07-12 00:00:00,txn_1,2026-07-09 10:00:00,usd,250.00,7.55,242.45,charge,\n"
            "po_1,2026-07-12 00:00:00,txn_2,2026-07-10 08:03:41,usd,-30.00,15.00,-45.00,dispute,\n"
        ),
        lines=(
            ("sale", 25000), ("payment_fee", -755), ("chargeback", -3000), ("payment_fee", -1500),
            ("payout", -19745),
        ),
    ),
    Example(
        title=(
            "Adyen settlement details: debit and credit, several fees, the payout is a line",
            "Adyen 结算明细：借贷两列，多项费用，付款单独一行",
        ),
        mapping="""\
[[tables]]
name = "adyen"
match = ["Psp Reference", "Net Debit (NC)", "Net Credit (NC)", "Batch Number"]
stage = "wallet"
source = "adyen"
platform = "shop"
currency_column = "Net Currency"
date_format = "%Y-%m-%d %H:%M:%S"
time_zone = "Europe/Amsterdam"
after_fees = true
fee_sign = "reversed"
fees = [
  { column = "Commission (NC)" }, { column = "Markup (NC)" },
  { column = "Scheme Fees (NC)" }, { column = "Interchange (NC)" },
]
[tables.kinds]
Settled = "sale"
Refunded = "refund"
Chargeback = "chargeback"
Fee = "payment_fee"
InvoiceDeduction = "payment_fee"
MerchantPayout = "payout"
[tables.columns]
occurred_at = "Creation Date"
income = "Net Credit (NC)"
expense = "Net Debit (NC)"
order_id = "Merchant Reference"
trade_id = "Psp Reference"
refund_id = "Modification Reference"
settlement_id = "Batch Number"
payout_id = "Batch Number"
kind = "Type"
""",
        text=(
            "Psp Reference,Merchant Reference,Creation Date,Type,Modification Reference,"
            "Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),"
            "Scheme Fees (NC),Interchange (NC),Batch Number\n"
            "P1,O-1,2026-07-01 10:00:00,Settled,M1,EUR,,98.55,,0.60,0.35,0.50,380\n"
            "P2,O-2,2026-07-02 10:00:00,Refunded,M2,EUR,10.00,,,,,,380\n"
            ",,2026-07-03 10:00:00,MerchantPayout,TX1 batch 380,EUR,88.55,,,,,,380\n"
        ),
        lines=(
            ("sale", 10000), ("payment_fee", -60), ("payment_fee", -35), ("payment_fee", -50),
            ("refund", -1000), ("payout", -8855),
        ),
    ),
    Example(
        title=(
            "A wallet that exchanges on the way to the bank, as PingPong and WorldFirst do",
            "提现时结汇的钱包，如 PingPong、万里汇",
        ),
        mapping="""\
[[tables]]
name = "pingpong"
match = ["时间", "交易类型", "到账金额"]
stage = "wallet"
source = "pingpong"
currency_column = "币种"
fee_sign = "signed"
[tables.kinds]
"收款" = "sale"
"提现" = "payout"
[tables.columns]
occurred_at = "时间"
amount = "金额"
fee = "手续费"
balance = "余额"
converted = "到账金额"
record_id = "流水号"
kind = "交易类型"
""",
        text=(
            "时间,交易类型,币种,金额,手续费,余额,到账金额,流水号\n"
            "2026-07-01,收款,USD,1000.00,0,1000.00,,P1\n"
            "2026-07-02,提现,USD,-900.00,-9.00,91.00,6390.45,P2\n"
        ),
        lines=(
            ("conversion", 639045), ("payout", -639045),
            ("sale", 100000), ("conversion", -90000), ("payment_fee", -900),
        ),
    ),
    Example(
        title=(
            "Orders: a row for each item, of which only the first says the amount",
            "订单：每个商品一行，只有首行写有金额",
        ),
        mapping="""\
[[tables]]
name = "shopify-orders"
match = ["Name", "Financial Status", "Total", "Lineitem quantity"]
stage = "order"
source = "shopify"
platform = "shop"
currency_column = "Currency"
date_format = "%Y-%m-%d %H:%M:%S %z"
leave_out = { "Financial Status" = ["", "authorized", "expired"] }
[tables.statuses]
pending = "created"
paid = "paid"
"partially_*" = "paid"
refunded = "closed"
voided = "closed"
[tables.columns]
order_id = "Name"
ordered_at = "Created at"
paid_at = "Paid at"
shipped_at = "Fulfilled at"
closed_at = "Cancelled at"
status = "Financial Status"
amount = "Total"
shipping = "Shipping"
tax = "Taxes"
merchant_discount = "Discount Amount"
refunded = "Refunded Amount"
""",
        text=(
            "Name,Financial Status,Paid at,Fulfilled at,Currency,Shipping,Taxes,Total,"
            "Discount Amount,Created at,Lineitem quantity,Lineitem name,Cancelled at,"
            "Refunded Amount\n"
            "S-1001,paid,2026-07-09 10:37:33 -0400,,USD,0.00,0.00,100.00,0.00,"
            "2026-07-09 10:37:32 -0400,1,A,,0.00\n"
            "S-1001,,,,,,,,,,1,B,,\n"
        ),
        lines=(("sale", 10000),),
    ),
)  # fmt: skip
