"""What must come out of a simulated world, once it has run."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from beanclear.cli.simulation import faults
from beanclear.cli.simulation.clock import Clock
from beanclear.cli.simulation.orders import SHOPS
from beanclear.cli.simulation.overseas import RECEIVABLE, WALLET
from beanclear.cli.simulation.truth import OpenTruth, RiskTruth, Truth
from beanclear.cli.simulation.world import Branch, World


def _opening_items(branch: Branch, clock: Clock) -> list[OpenTruth]:
    """Receipts of orders from before the first export: one bucket by receivable."""
    return [
        OpenTruth(
            account=branch.settlement.receivable(shop),
            klass=faults.OPENING,
            date=clock.date(min(day for day, _ in receipts)),
            amount_minor=-sum(amount for _, amount in receipts),
            at_stake_minor=sum(amount for _, amount in receipts),
            fault=faults.OPENING,
            count=len(receipts),
        )
        for shop, receipts in branch.settlement.opening.items()
    ]


def _week_risks(branch: Branch, clock: Clock) -> Iterator[RiskTruth]:
    """The weeks that were made unusual."""
    tmall = branch.settlement.receivable("tmall")
    if branch.refund_week is not None:
        day = clock.date(branch.refund_week)
        yield RiskTruth(check="refund-rate", account=tmall, day=day)
    if branch.settlement.fee_week is not None:
        day = clock.date(branch.settlement.fee_week)
        yield RiskTruth(check="fee-rate", account=next(iter(branch.accounts())), day=day)


def _as_of(world: World) -> dict[str, datetime.date]:
    """The last complete day of the sources whose files fix it."""
    bank, last = world.bank, world.options.last_day
    number = bank.layout.number or "main"
    before_last = last - datetime.timedelta(days=1)
    found = {
        "wechatpay/main/wallet": last,
        "taobao-wechat/main/wallet": before_last,
        "pinduoduo/main/wallet": last,
        "taobao/main/order": last,
        f"{bank.layout.source}/{number}/bank": before_last,
    }
    for branch in world.branches:
        found[f"alipay/{branch.settlement.alipay.pid}/wallet"] = last
    return found


def truth_of(world: World) -> Truth:
    """What must come out, once the world has run."""
    bank, branches, abroad = world.bank, world.branches, world.overseas
    items = [
        *(item for branch in branches for item in branch.settlement.open_items),
        *world.treasury.open_items,
        *world.company.open_items,
        *(abroad.open_items if abroad else ()),
        *(item for branch in branches for item in _opening_items(branch, world.clock)),
    ]
    items.sort(
        key=lambda item: (
            item.account, item.klass, item.date,
            item.order_id or "", item.payout_id or "", item.bank_ref or "", item.amount_minor,
        )
    )  # fmt: skip
    ledgers = {name: one for branch in branches for name, one in branch.accounts().items()}
    ledgers[f"Assets:Bank:{bank.layout.leaf}"] = bank.ledger
    if abroad is not None:
        ledgers |= {WALLET: abroad.yuan.ledger, f"{WALLET} USD": abroad.dollars.ledger}
    counts = {
        f"orders:{shop}": sum(sum(branch.counts[shop]) for branch in branches) for shop in SHOPS
    }
    counts |= {f"lines:{account}": ledger.written for account, ledger in ledgers.items()}
    counts |= {"payouts": world.treasury.payouts, "matches": len(world.treasury.matches)}
    for item in items:
        counts[f"open:{item.klass}"] = counts.get(f"open:{item.klass}", 0) + 1
        counts[f"fault:{item.fault}"] = counts.get(f"fault:{item.fault}", 0) + 1
    risks = [
        *(risk for branch in branches for risk in branch.settlement.risks),
        *world.company.risks,
        *(risk for branch in branches for risk in _week_risks(branch, world.clock)),
    ]
    risks.sort(key=lambda risk: (risk.check, risk.account, risk.order_id or risk.bank_ref or ""))
    lines = {
        account: orders
        for branch in branches
        for account, orders in (branch.settlement.lines or {}).items()
    }
    if abroad is not None and lines:
        lines[RECEIVABLE] = abroad.lines
    return Truth(
        options=world.options,
        as_of=_as_of(world),
        open_items=tuple(items),
        matches=(*world.treasury.matches, *(abroad.matches if abroad else ())),
        returns=tuple(world.treasury.returns),
        risks=tuple(risks),
        lines=lines,
        balances={account: ledger.balance for account, ledger in ledgers.items()},
        counts=counts,
    )
