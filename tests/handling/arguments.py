"""Why the books are others in silence: each such cell, and what nothing in any file can tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """Why nothing can tell, in English and Chinese, and of which cells (layout, handling)."""

    english: str
    chinese: str
    cells: tuple[tuple[str, str], ...]


def _of(layout: str, *handlings: str) -> tuple[tuple[str, str], ...]:
    return tuple((layout, handling) for handling in handlings)


ARGUMENTS: tuple[Argument, ...] = (
    Argument(
        english=(
            "The layout has no balance, no totals and no end mark, and no other file has the line."
            " What is missing of an order's payment or refund stays on the receivable as not due"
            " yet, and is an open item (`overdue`, `refund-not-paid`) at the end of the platform's"
            " term; a missing fee or deposit is seen only where `[[fees]]` says what is due."
        ),
        chinese=(
            "该格式没有余额、合计和结束标记，这一行也不在其他文件里。订单缺少的收款或退款留在应收账款上，"
            "先列为未到期，平台期限一过即成为未清项目（`overdue`、`refund-not-paid`）；"
            "缺少的手续费或保证金，只有 `[[fees]]` 写明应收多少时才看得出来。"
        ),
        cells=(
            *_of("taobao-wechat-14", "filtered", "without-middle", "without-last", "cut-after-row"),
            *_of("pinduoduo-ledger", "without-middle", "without-last"),
        ),
    ),
    Argument(
        english=(
            "It is the oldest line of an account's first file. The running balance before the next"
            " line is then the opening balance, which is as good an opening as the true one; `run`"
            " says that opening balances were taken from the earliest statements and on which day."
            " An earlier export, whose closing balance would differ, tells it."
        ),
        chinese=(
            "这是账户第一个文件里最早的一行。缺了它，下一行之前的余额就成了期初余额，"
            "与真正的期初余额无从区分；`run` 会说明期初余额取自最早的账单以及记在哪一天。"
            "更早的导出期末余额对不上，就会显露出来。"
        ),
        cells=(
            *_of("alipay-web-19", "without-last"),
            *_of("alipay-web-22", "without-last"),
            *_of("ccb-17", "without-first"),
        ),
    ),
    Argument(
        english=(
            "The fixture has lines of one day only, so no day of it is complete, nothing is judged,"
            " and money without a kind stands in suspense without an open item. Of several days it"
            " is an open item (`uncategorised`): see the same handling of the other Alipay layouts."
            " A line cut off shows in the opening balance of the next file."
        ),
        chinese=(
            "样例文件只有一天的行，没有一天是完整的，所以什么都不判断，类型不明的钱记在待查里而不成为未清项目。"
            "有几天数据时就是未清项目（`uncategorised`），见支付宝其他格式的同一处理。"
            "被截掉的行会在下一个文件的期初余额上显露出来。"
        ),
        cells=_of("alipay-ledger-12", "texts-deleted", "again-other-texts", "cut-after-row"),
    ),
    Argument(
        english=(
            "It is an order export alone, without a wallet: `run` says that nothing can be judged"
            " before a wallet statement is imported. Then the money of the missing order is open as"
            " `missing-order` or stands in advances, which `run` says: see the orders of the"
            " company's own files. The day on which orders count as completed moves with the last"
            " line, where the file has no day of export."
        ),
        chinese=(
            "这是单独的订单导出，没有钱包账单：`run` 会说明导入钱包账单之前什么都无法判断。"
            "导入之后，缺少的订单的钱会成为 `missing-order` 未清项目，"
            "或者留在预收账款里并由 `run` 说明，见模拟公司自己的订单文件。"
            "文件没有导出日期时，订单视为完成的日期会随最后一行移动。"
        ),
        cells=(
            *_of("taobao-qianniu", "filtered", "without-first", "without-last", "cut-after-row"),
            *_of("pinduoduo-orders-old", "without-first", "half-day"),
        ),
    ),
    Argument(
        english=(
            "The second file is made of the other half of the same one, with another merchant"
            " number: its refund is of the order that the first file sells. In one shop they belong"
            " together, and both wallets are kept apart by their numbers."
        ),
        chinese=(
            "第二个文件是同一文件的另一半换了商户号：其中的退款属于第一个文件里的订单。"
            "放在一个店铺里，两者本来就属于一起；两个钱包按商户号分开记账。"
        ),
        cells=_of("wechatpay-legacy", "two-accounts"),
    ),
    Argument(
        english=(
            "The file is what a person says was open before the books began; no other file says it,"
            " and it has no sum. `channel` may be left out and means the own shop then. The wallets"
            " tell later: money of an order that is not listed is open as `missing-order`, a listed"
            " order that is not paid as `overdue`."
        ),
        chinese=(
            "该文件是会计自己写的建账前未清订单，没有其他文件可以对照，也没有合计。"
            "`channel` 可以省略，省略即为自有商城。钱包账单之后会显露出来："
            "没有列出的订单来了钱是 `missing-order`，列出而一直没有收款的是 `overdue`。"
        ),
        cells=_of(
            "opening-items",
            "filtered",
            "without-first",
            "without-middle",
            "without-last",
            "amount-changed",
            "texts-deleted",
            "cut-after-row",
        ),
    ),
    Argument(
        english=(
            "The file was written anew with other channels, and both files are booked: an order is"
            " known by platform, shop and number, so these are other orders, and the opening is"
            " twice. Taking the wrong file out (`beanclear documents remove`) mends it; the orders"
            " that do not exist become `overdue` where their platform has a wallet."
        ),
        chinese=(
            "文件换了渠道重写之后，两个文件都入账：订单按平台、店铺和订单号识别，换了渠道就是另外的订单，"
            "期初因此记了两遍。用 `beanclear documents remove` 撤出错误的文件即可；"
            "不存在的订单在该平台有钱包时会成为 `overdue`。"
        ),
        cells=_of("opening-items", "again-other-texts"),
    ),
    Argument(
        english=(
            "The mapping names neither a balance nor a total, and the account is the one that it"
            " says. The lines are of one day, so nothing is judged yet. Name `balance` or `net` in"
            " the mapping where the table has them: they prove each sign and each line."
        ),
        chinese=(
            "映射里既没有余额也没有合计，账户就是映射里写的那一个。所有行都在同一天，所以还什么都不判断。"
            "表里有余额或净额时，在映射里写上 `balance` 或 `net`：它们能证明每一行和每个正负号。"
        ),
        cells=_of(
            "table-wallet",
            "filtered",
            "without-first",
            "without-middle",
            "without-last",
            "amount-changed",
            "half-day",
            "two-accounts",
            "cut-after-row",
        ),
    ),
)
