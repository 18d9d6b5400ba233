"""A small shop with three open items, for what people say of them.

An unidentified deposit of a platform's payer (`1-1`, 284.75), an order that nobody paid (`A-2`,
59.00), and a bank line that no rule knows (`1-3`, 50.00); all else is closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.errors import bad_files

if TYPE_CHECKING:
    from tests.cases.conftest import Case

PAYER = "支付宝（中国）网络技术有限公司客户备付金"
TRANSIT = "Assets:Transit:Alipay"
RECEIVABLE = "Assets:Receivable:Shop"
SUSPENSE = "Assets:Suspense:CCB:8826"
DEPOSIT = "1-1@20260701"  # a deposit of the payer that no payout explains
RENT_LINE = "1-3@20260704"


def bank_line(number: int, day: str, fen: int, texts: tuple[str, str], balance: int) -> str:
    """A line of CCB's statement; `fen` is signed, `texts` are who and what for."""
    who, memo = texts
    taken, given = (f"{max(part, 0) / 100:.2f}" for part in (-fen, fen))
    return (
        f"'32050161000000008826,某公司,{day} 10:00:00,{day},{taken},{given},{balance / 100:.2f},"
        f"人民币元,{who},'622200,某行,{memo},,'1-{number},"
    )


BANK = (
    bank_line(1, "20260701", 28475, (PAYER, "不明入账"), 28475),
    bank_line(2, "20260703", 8000, (PAYER, "提现"), 36475),
    bank_line(3, "20260704", -5000, ("某物业", "物业费"), 31475),
    bank_line(4, "20260901", 100, ("某人", "退款"), 31575),
)
ORDERS = (
    "order_id,ordered_at,paid_at,shipped_at,completed_at,status,amount\n"
    "A-1,2026-07-01 08:00:00,2026-07-01 09:00:00,2026-07-02 09:00:00,2026-07-03 10:00:00,"
    "completed,100.00\n"
    "A-2,2026-07-01 08:00:00,2026-07-01 09:00:00,2026-07-02 09:00:00,2026-07-03 10:00:00,"
    "completed,59.00\n"
    "A-9,2026-09-01 08:00:00,2026-09-01 09:00:00,2026-09-01 09:00:00,2026-09-01 10:00:00,"
    "completed,1.00\n"
)
WALLET = bad_files.wallet(
    (
        "1001,2001,A-1,2026-07-01 09:00:00,100.00,0,100.00,交易付款,",
        "1002,2002,,2026-07-02 09:00:01,0,-80.00,20.00,提现,",
    ),
    above=(
        *bad_files.ABOVE[:2],
        "#起始日期：[2026年07月01日 00:00:00]   终止日期：[2026年09月02日 00:00:00]",
        bad_files.ABOVE[3],
    ),
    below=(
        bad_files.BELOW[0],
        "#支出合计：1笔，共-80.00元",
        "#收入合计：1笔，共100.00元",
        "#导出时间：[2026年09月02日 10:00:00]",
    ),
)


def fill(case: Case) -> None:
    """Book the shop's three files."""
    case.put("wallet.csv", WALLET)
    case.put("bank.csv", bad_files.bank(*BANK))
    case.put("orders.csv", ORDERS)
    assert case.run() == 1
    assert sorted(one for one, _amount in case.items()) == [
        "overdue", "uncategorised", "unidentified",
    ]  # fmt: skip


def decide(case: Case, *arguments: str, by: str = "Li Na") -> int:
    """`beanclear decide` on these books."""
    return case.call("decide", *arguments, "--by", by, "--reason", "looked up")


def settle(case: Case) -> None:
    """Decide every open item, so that `check` is content."""
    assert decide(case, "classify", TRANSIT, DEPOSIT, "--to", "Expenses:Platform:Penalty") == 0
    assert decide(case, "explain", RECEIVABLE, "A-2", "--until", "2026-12-31") == 0
    assert decide(case, "classify", SUSPENSE, RENT_LINE, "--to", "Expenses:BadDebt") == 0
    assert case.check() == 0, case.said
