"""WeChat Pay of the own shop: trade bill (ALL, 27 columns) and fund flow (11 columns).

Every data cell starts with a backtick; the last two lines are the summary.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO

from beanclear.cli.simulation.archives import open_gzip, open_text
from beanclear.cli.simulation.clock import DAY, Clock
from beanclear.cli.simulation.ledgers import Ledger, Line, yuan
from beanclear.cli.simulation.options import WECHAT_APP, WECHAT_MERCHANT

TRADE_COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,"
    "货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
    "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
TRADE_SUMMARY = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
FLOW_COLUMNS = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
FLOW_SUMMARY = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
RATE = 6000  # 0.60 % in millionths


class WeChatPay:
    """The wallet, its fund flow and the trade bill beside it."""

    def __init__(self, folder: Path, clock: Clock, opening: int, place: int = 0) -> None:
        self.ledger = Ledger(clock.days, opening)
        self.trades = Ledger(clock.days, 0)
        self.merchant = str(int(WECHAT_MERCHANT) + place * 1357)
        self._folder = folder
        self._clock = clock
        self._count = place * 100_000_007  # numbers are unique among all accounts
        self._flow: IO[str]
        self._trade: IO[str]
        self._months = 0
        self._flow_totals = [0, 0, 0, 0]
        self._trade_totals = [0, 0, 0, 0]

    def _flow_line(
        self,
        moment: int,
        amount: int,
        words: tuple[str, str],
        ids: tuple[str, str],
        note: str,
    ) -> bool:
        self._count += 1
        name, kind = words
        business, voucher = ids
        way = "收入" if amount > 0 else "支出"
        head = (
            f"`{self._clock.stamp(moment)},`{business},`{self._count * 7919:018}"
            f",`{name},`{kind},`{way},`"
        )
        applicant = "system" if name == "交易" else f"{self.merchant}API"
        tail = f",`{applicant},`{note},`{voucher}"
        return self.ledger.add(moment, amount, head, tail, reserve=kind == "退款")

    def sale(self, moment: int, amount: int, charge: int, trade: str, number: str) -> bool:
        """Settle a payment of `amount` less the fee `charge`, as two lines."""
        note = f"结算总金额 {yuan(amount)} 元;含手续费 {yuan(charge)} 元"
        self._flow_line(moment, amount, ("交易", "交易"), (trade, number), note)
        return self._flow_line(moment, -charge, ("交易", "扣除交易手续费"), (trade, number), note)

    def refund(self, moment: int, amount: int, charge: int, ids: tuple[str, str]) -> bool:
        """Give `amount` back to the buyer; the fee `charge` comes back."""
        note = f"退款总金额{yuan(amount)}元;含手续费{yuan(charge)}元"
        self._flow_line(moment, -amount, ("退款", "退款"), ids, note)
        return self._flow_line(moment, charge, ("退款", "退还交易手续费"), ids, note)

    def payout(self, moment: int, amount: int) -> str:
        """Withdraw a positive amount; the voucher that the bank's memo may carry."""
        voucher = f"TX{self._clock.plain(moment // DAY)}{self._count + 1:010}"
        business = f"1002{self._count + 1:020}"
        self._flow_line(moment, -amount, ("提现", "提现"), (business, voucher), "提现到银行卡")
        return voucher

    def returned(self, moment: int, amount: int) -> None:
        """A withdrawal comes back; the line has a voucher of its own."""
        ids = (
            f"1002{self._count + 1:020}",
            f"TP{self._clock.plain(moment // DAY)}{self._count:09}",
        )
        self._flow_line(moment, amount, ("提现", "提现退票"), ids, "提现退票")

    def payout_fee(self, moment: int, amount: int) -> bool:
        """Withdrawals are free here."""
        del moment, amount
        return False

    def trade_row(self, moment: int, amount: int, charge: int, order: tuple[str, str, str]) -> bool:
        """A successful payment on the trade bill: its trade and order number, and title."""
        trade, number, title = order
        head = self._trade_head(moment, trade, number, "SUCCESS")
        money = yuan(amount)
        tail = (
            f",`{money},`0.00,`0,`0,`0.00,`0.00,`,`,`{title},`,`{yuan(charge)}000,`0.60%,"
            f"`{money},`0.00,`"
        )
        return self.trades.add(moment, amount, head, f"{charge}|{tail}")

    def refund_row(
        self, moment: int, amount: int, charge: int, order: tuple[str, str, str]
    ) -> tuple[str, str]:
        """A refund on the trade bill; its WeChat and merchant numbers."""
        trade, number, title = order
        self._count += 1
        refund = f"5030000{self._clock.plain(moment // DAY)}{self._count:013}"
        voucher = f"RF{number}"
        head = self._trade_head(moment, trade, number, "REFUND")
        money = yuan(amount)
        tail = (
            f",`0.00,`0.00,`{refund},`{voucher},`{money},`0.00,`ORIGINAL,`SUCCESS,`{title},`,"
            f"`{yuan(-charge)}000,`0.60%,`0.00,`{money},`"
        )
        self.trades.add(moment, -amount, head, f"{-charge}|{tail}")
        return refund, voucher

    def _trade_head(self, moment: int, trade: str, number: str, state: str) -> str:
        openid = f"oQz{hash_of(number):010}"
        return (
            f"`{self._clock.stamp(moment)},`{WECHAT_APP},`{self.merchant},`0,`,`{trade},`{number},"
            f"`{openid},`JSAPI,`{state},`OTHERS,`CNY"
        )

    def open(self, start: int, end: int) -> None:
        """Begin the bills of a month; the first fund flow comes gzipped."""
        del end
        dashed = self._clock.dashed(start)[:7]
        flow = self._folder / f"{self.merchant}fundflow{dashed}.csv"
        if self._months == 0:
            self._flow = open_gzip(flow.with_suffix(".csv.gz"), "utf-8")
        else:
            self._flow = open_text(flow, "utf-8")
        self._trade = open_text(self._folder / f"{self.merchant}All{dashed}.csv", "utf-8-sig")
        self._flow.write(f"{FLOW_COLUMNS}\r\n")
        self._trade.write(f"{TRADE_COLUMNS}\r\n")
        self._flow_totals = [0, 0, 0, 0]
        self._trade_totals = [0, 0, 0, 0]
        self._months += 1

    def write(self, lines: list[Line], balance: int) -> None:
        """Write a day's fund flow; `balance` is what stood before."""
        totals = self._flow_totals
        for line in lines:
            amount = line.amount
            balance += amount
            place = 0 if amount > 0 else 2
            totals[place] += 1
            totals[place + 1] += abs(amount)
            self._flow.write(f"{line.head}{yuan(abs(amount))},`{yuan(balance)}{line.tail}\r\n")

    def write_trades(self, day: int) -> None:
        """Write a day's trade bill."""
        totals = self._trade_totals
        for line in self.trades.take(day):
            charge, _, tail = line.tail.partition("|")
            totals[0] += 1
            totals[1] += max(line.amount, 0)
            totals[2] += max(-line.amount, 0)
            totals[3] += int(charge)
            self._trade.write(f"{line.head}{tail}\r\n")

    def close(self) -> None:
        """End both bills with their summaries."""
        in_count, in_sum, out_count, out_sum = self._flow_totals
        self._flow.write(
            f"{FLOW_SUMMARY}\r\n`{in_count + out_count},`{in_count},`{yuan(in_sum)},"
            f"`{out_count},`{yuan(out_sum)}\r\n"
        )
        count, sales, refunds, charges = self._trade_totals
        self._trade.write(
            f"{TRADE_SUMMARY}\r\n`{count},`{yuan(sales)},`{yuan(refunds)},`0.00,`{yuan(charges)},"
            f"`{yuan(sales)},`{yuan(refunds)}\r\n"
        )
        self._flow.close()
        self._trade.close()


def hash_of(number: str) -> int:
    """A stable stand-in for who the buyer is."""
    return int(number[-8:], 10) * 2_654_435_761 % 9_999_999_967
