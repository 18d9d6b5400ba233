"""Random histories of a few shops, as records: what the properties of P1 to P8 are tried on.

A `Story` says what happened, in days from `START` and in whole steps of money. `tell` makes the
statements of it as seen through a `Frame`: with other names, other dates, other amounts. So the
same story can be told twice, and what is found must differ by the frame alone.

Amounts of orders are multiples of 5.00, of which 0.6 % is a whole number of fen: fees then have no
rounding, and scaling a story scales them exactly.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from beanclear.ledger.records import Kind, OrderStatus, Record, Stage

START = datetime.date(2026, 7, 1)
LENGTH = 120  # days
STEP = 500  # fen
SOURCES = {"shop": ("shop", "wechatpay"), "taobao": ("taobao", "alipay")}
RECEIVABLE = {"shop": "Assets:Receivable:Shop", "taobao": "Assets:Receivable:Tmall"}
PAYERS = {
    "wechatpay": "财付通支付科技有限公司客户备付金",
    "alipay": "支付宝（中国）网络技术有限公司客户备付金",
}
TRANSIT = {"wechatpay": "Assets:Transit:WeChat", "alipay": "Assets:Transit:Alipay"}
FATES = (
    "paid", "parts", "freight", "overdue", "twice", "short", "over", "unknown", "older",
    "refund-only", "refunded", "refund-unpaid", "refund-too-much", "refund-later", "closed",
    "created", "fee-wrong",
)  # fmt: skip
ARRIVALS = (
    "id", "amount", "missing", "stranger", "batch", "split", "returned", "twins", "pair", "less",
)  # fmt: skip
_NOON = datetime.time(12, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How a story is told. Names are decimal numbers of one width, so `rename` permutes them."""

    shift: int = 0
    factor: int = 1
    shuffle: int = 0  # seed of another naming; 0 keeps the names
    shop: str = ""
    own: str = "main"  # the number of its wallets and bank account

    def account(self, stage: Stage) -> str:
        """As importers have it: files of orders say no number, so the shop's folder counts."""
        return self.own if stage is not Stage.ORDER else self.shop or "main"

    def day(self, offset: int) -> datetime.date:
        return START + datetime.timedelta(days=offset + self.shift)

    def name(self, kind: str, count: int) -> str:
        return f"{kind}{_scrambled(count, self.shuffle):08}"

    def plain(self, text: str) -> str:
        """A name as the frame without a shuffle has it."""
        kind, digits = text[:2], text[2:]
        if self.shuffle and kind in _KINDS and digits.isdigit():
            return f"{kind}{_unscrambled(int(digits), self.shuffle):08}"
        return text


_KINDS = ("OR", "WA", "PA", "BA")
_PRIME = 99_999_989


def _scrambled(count: int, seed: int) -> int:
    factor, offset = _key(seed)
    return (count * factor + offset) % _PRIME if seed else count


def _unscrambled(number: int, seed: int) -> int:
    factor, offset = _key(seed)
    return (number - offset) * pow(factor, -1, _PRIME) % _PRIME


def _key(seed: int) -> tuple[int, int]:
    draw = random.Random(seed)
    return draw.randrange(2, _PRIME), draw.randrange(_PRIME)


@dataclass(frozen=True, slots=True)
class Sale:
    """An order and what the wallet says of it."""

    platform: str
    day: int
    steps: int
    fate: str
    lag: int = 1


@dataclass(frozen=True, slots=True)
class Payout:
    """A payout and what the bank says of it; money in fen."""

    wallet: str
    day: int
    minor: int
    fate: str
    lag: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happened, and how it is exported.

    Attributes:
      lines: (day, fen) of bank lines that nothing explains.
      seen: days of the order exports.
      ends: days by which the wallets' and the bank's statements end early.
      begins: the first day that all files speak for.
      given_up: which of the sales an accountant writes off.
      joined: whether an accountant matches a payout that never came with a stranger's deposit.
    """

    sales: tuple[Sale, ...]
    payouts: tuple[Payout, ...] = ()
    lines: tuple[tuple[int, int], ...] = ()
    seen: tuple[int, ...] = (60, LENGTH)
    ends: tuple[int, int] = (0, 0)
    begins: int = 0
    given_up: tuple[int, ...] = ()
    joined: bool = False


class Fact(NamedTuple):
    """One row to be: where it stands and when."""

    source: str
    stage: Stage
    day: int
    record: Record


class Teller:
    """Makes the records of a story in a frame."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.facts: list[Fact] = []
        self.claims: dict[int, tuple[str, str, int]] = {}  # sale → account, key, fen
        self.alone: dict[tuple[str, str], tuple[str, int]] = {}  # wallet, fate → key, fen
        self._count = 0

    def _next(self, kind: str) -> str:
        self._count += 1
        return self.frame.name(kind, self._count)

    def _at(self, day: int | None) -> datetime.datetime | None:
        return None if day is None else datetime.datetime.combine(self.frame.day(day), _NOON)

    def add(
        self,
        source: str,
        stage: Stage,
        day: int,
        minor: int,
        **more: Any,  # noqa: ANN401 - fields of Record
    ) -> None:
        moment = self._at(day)
        assert moment is not None
        values: dict[str, Any] = {
            "kind_raw": "",
            "kind": Kind.BANK_LINE,
            "account": self.frame.account(stage),
            "booked_on": moment.date(),
            "occurred_at": moment,
            "currency": "CNY",
            "document": "",
            "row": 1,
            "shop": self.frame.shop,
        } | more
        minor *= self.frame.factor
        record = Record(source=source, stage=stage, amount_minor=minor, **values)
        self.facts.append(Fact(source, stage, day, record))

    def wallet(self, source: str, kind: Kind, day: int, minor: int, **more: Any) -> str:  # noqa: ANN401 - as above
        name = self._next("WA")
        own = {"record_id": name, "kind": kind, "kind_raw": more.pop("words", "")}
        self.add(source, Stage.WALLET, day, minor, **own, **more)
        return name

    def bank(self, day: int, minor: int, payer: str, memo: str = "") -> str:
        name = self._next("BA")
        self.add(
            "ccb", Stage.BANK, day, minor, record_id=name, bank_ref=name, counterparty=payer,
            memo=memo,
        )  # fmt: skip
        return name

    def snapshots(self, key: str, sale: Sale, seen: Sequence[int], life: Life) -> None:
        """The order as each export shows it; an order that never was in one has none."""
        source = SOURCES[sale.platform][0]
        for known in seen:
            if sale.day > known:
                continue
            reached = [name for name, day in life.days if day is not None and day <= known]
            moments = {
                f"{name}_at": self._at(day) for name, day in life.days if day is not None
                and day <= known
            }  # fmt: skip
            back = life.refunded if life.refunded_on <= known else 0
            record_day = max([sale.day, *(d for _, d in life.days if d is not None and d <= known)])
            self.add(
                source, Stage.ORDER, sale.day, sale.steps * STEP,
                record_id=key, kind=Kind.SALE, order_id=key, platform=sale.platform,
                status=OrderStatus(reached[-1]) if reached else OrderStatus.CREATED,
                ordered_at=self._at(sale.day), known_at=self._at(known),
                refunded_minor=back * self.frame.factor, occurred_at=self._at(record_day),
                **moments,
            )  # fmt: skip


class Life(NamedTuple):
    """When an order was paid, shipped, completed and closed; what its exports give back."""

    days: tuple[tuple[str, int | None], ...]
    refunded: int = 0
    refunded_on: int = 0


def _life(sale: Sale) -> Life:
    escrow = sale.platform == "taobao"
    done = sale.day + 3 + sale.lag
    minor = sale.steps * STEP
    if sale.fate == "created":
        return Life(())
    if sale.fate == "closed":
        return Life((("paid", sale.day), ("closed", sale.day + 2)), minor, sale.day + 2)
    days: tuple[tuple[str, int | None], ...] = (("paid", sale.day), ("shipped", sale.day + 1))
    if escrow or sale.lag % 2:
        days = (*days, ("completed", done))
    back = STEP if sale.fate in {"refunded", "refund-unpaid", "refund-too-much"} else 0
    return Life(days, back, done + 1)


def _money(sale: Sale) -> list[tuple[Kind, int, int]]:
    """(kind, days after the claim, fen) of the wallet lines of a sale, fees aside."""
    minor, fate, lag = sale.steps * STEP, sale.fate, sale.lag
    whole = [(Kind.SALE, lag, minor)]
    match fate:
        case "overdue" | "created":
            return []
        case "closed":
            return [] if sale.platform == "taobao" else [*whole, (Kind.REFUND, lag + 1, -minor)]
        case "parts" if sale.steps > 1:
            return [(Kind.SALE, lag, minor - STEP), (Kind.SALE, lag + 1, STEP)]
        case "freight" if sale.steps > 1:
            return [(Kind.SALE, lag, minor - STEP), (Kind.SHIPPING, lag, STEP)]
        case "twice":
            return [*whole, (Kind.SALE, lag + 2, minor)]
        case "short" if sale.steps > 1:
            return [(Kind.SALE, lag, minor - STEP)]
        case "over":
            return [(Kind.SALE, lag, minor + STEP)]
        case "refund-only":
            return [(Kind.REFUND, lag, -minor)]
        case "refunded":
            return [*whole, (Kind.REFUND, lag + 6, -STEP)]
        case "refund-too-much":
            return [*whole, (Kind.REFUND, lag + 6, -2 * STEP)]
        case "refund-later":
            return [*whole, (Kind.REFUND, lag + 40, -STEP)]
        case _:
            return whole


def _tell_sale(teller: Teller, place: int, sale: Sale, story: Story) -> None:
    key = teller._next("OR")
    frame, wallet = teller.frame, SOURCES[sale.platform][1]
    life = _life(sale)
    claim = dict(life.days).get("completed" if sale.platform == "taobao" else "paid")
    if sale.fate not in {"unknown", "older", "refund-only"}:
        teller.snapshots(key, sale, story.seen, life)
        teller.claims[place] = (RECEIVABLE[sale.platform], key, sale.steps * STEP)
    trade = None
    if sale.fate == "older":
        made = f"{frame.day(-20):%Y%m%d}"
        digits = key.removeprefix("OR").rjust(20, "0")
        trade = (
            f"{made}{digits}" if sale.platform == "taobao" else f"4200000000{made}00{digits[-8:]}"
        )
    for kind, after, minor in _money(sale):
        day = min((claim or sale.day) + after, LENGTH)
        teller.wallet(
            wallet, kind, day, minor, order_id=key, platform=sale.platform, trade_id=trade
        )
        if kind is Kind.SALE and sale.platform == "taobao" and sale.lag != 3:
            fee = minor * 6 // 1000 + (150 if sale.fate == "fee-wrong" else 0)
            teller.wallet(
                wallet, Kind.FEE, day, -fee, order_id=key, platform=sale.platform,
                words="其它", memo="基础软件服务费",
            )  # fmt: skip


def _tell_payout(teller: Teller, payout: Payout) -> None:
    wallet, payer = payout.wallet, PAYERS[payout.wallet]

    def pay(after: int, minor: int, *, named: bool = False) -> str | None:
        number = teller._next("PA") if named else None
        teller.wallet(wallet, Kind.PAYOUT, payout.day + after, -minor, payout_id=number)
        return number

    def arrive(after: int, minor: int, memo: str = "") -> None:
        teller.bank(payout.day + after, minor, payer, memo)

    day, minor, lag = 0, payout.minor, payout.lag
    match payout.fate:
        case "id" | "less":
            number = pay(day, minor, named=True)
            arrive(lag + 4, minor - (minor // 10 if payout.fate == "less" else 0), f"提现 {number}")
        case "missing":
            key = teller.wallet(wallet, Kind.PAYOUT, payout.day, -minor)
            teller.alone[wallet, payout.fate] = key, minor
        case "stranger":
            key = teller.bank(payout.day + lag, minor, payer)
            teller.alone[wallet, payout.fate] = key, -minor
        case "batch":
            pay(day, minor)
            pay(day + 1, minor // 3 + 7)
            arrive(lag + 1, minor + minor // 3 + 7)
        case "split":
            pay(day, minor)
            arrive(lag, minor // 3 + 7)
            arrive(lag, minor - minor // 3 - 7)
        case "returned":
            pay(day, minor)
            teller.wallet(wallet, Kind.PAYOUT_RETURN, payout.day + 1, minor)
            pay(day + 2, minor)
            arrive(lag + 2, minor)
        case "twins":
            pay(day, minor)
            pay(day + 1, minor)
            arrive(lag + 1, minor)
        case "pair":
            pay(day, minor)
            pay(day + 1, minor)
            arrive(lag + 1, minor)
            arrive(lag + 2, minor)
        case _:
            pay(day, minor)
            arrive(lag, minor)


def tell(story: Story, frame: Frame = Frame()) -> Teller:
    """All facts of a story, seen through a frame."""
    teller = Teller(frame)
    for place, sale in enumerate(story.sales):
        _tell_sale(teller, place, sale, story)
    for payout in story.payouts:
        _tell_payout(teller, payout)
    for day, minor in story.lines:
        teller.bank(day, minor, "某某公司")
    return teller
