"""Which sources feed which clearing account, and so how far each account can be judged (P8)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence

from beanclear.ledger import chart, shipped
from beanclear.ledger.posting.carried import FEEDS
from beanclear.ledger.posting.inputs import Inputs
from beanclear.ledger.sql import Connection, run
from beanclear.ledger.statement_rows import StatementRow

Feeds = dict[str, tuple[str, ...]]


def feeds(con: Connection, statements: Sequence[StatementRow], inputs: Inputs) -> Feeds:
    """Source key → the clearing accounts it feeds, sorted.

    A receivable is fed by the orders of its platform (a payment bill only where no other order
    source speaks for it) and by every wallet with money for it; a transit account by the
    wallets of its family and by the banks its deposits reach (all banks, while none has come);
    a suspense account by its own wallet or bank.
    """
    found: dict[str, set[str]] = defaultdict(set)
    orders = con.execute(
        "SELECT DISTINCT source, account, platform, shop FROM origins"
        " WHERE stage = 'order' AND source <> 'opening' AND platform IS NOT NULL"
    ).fetchall()
    own = {(platform, shop) for source, _account, platform, shop in orders if source != "wechatpay"}
    for source, account, platform, shop in orders:
        if source != "wechatpay" or (platform, shop) not in own:
            found[f"{source}/{account}/order"].add(chart.receivable_account(platform, shop))
    run(con, FEEDS)
    wallet_legs = con.execute(
        "SELECT DISTINCT w.source, w.account, f.clearing FROM wallet_feeds f"
        " JOIN wallets w ON f.entry = w.source || '/' || w.account"
    ).fetchall()
    for source, account, clearing in wallet_legs:
        found[f"{source}/{account}/wallet"].add(clearing)
    banks = sorted({row.source_key for row in statements if row.stage == "bank"})
    reached: dict[str, set[str]] = defaultdict(set)
    for source, account, clearing in con.execute(
        "SELECT DISTINCT source, account, counter FROM bank_lines WHERE clearing"
    ).fetchall():
        key = f"{source}/{account}/bank"
        found[key].add(clearing)
        reached[clearing].add(key)
    for row in statements:
        if row.stage == "wallet":
            transit = chart.transit_account(shipped.FAMILIES.get(row.source, row.source))
            if transit in found[row.source_key] and not reached[transit]:
                for bank in banks:
                    found[bank].add(transit)
    return {key: tuple(sorted(found[key])) for key in sorted(found) if key in inputs.coverage}


def as_of_dates(found: Feeds, inputs: Inputs) -> dict[str, tuple[datetime.date, str | None]]:
    """Clearing account → its as-of date, and the side it still waits for.

    A receivable with orders but without any wallet waits for `wallet`, a transit account with
    payouts but without any bank for `bank`: nothing on it can be judged yet.
    """
    dates: dict[str, datetime.date] = {}
    stages: dict[str, set[str]] = defaultdict(set)
    for key, accounts in found.items():
        for account in accounts:
            last = inputs.coverage[key].last
            dates[account] = min(last, dates.get(account, last))
            stages[account].add(key.rpartition("/")[2])
    return {account: (dates[account], _awaiting(account, stages[account])) for account in dates}


def _awaiting(account: str, stages: set[str]) -> str | None:
    if account.startswith("Assets:Receivable:") and stages == {"order"}:
        return "wallet"
    if account.startswith(chart.CONVERSIONS):
        return None
    if account.startswith("Assets:Transit:") and "bank" not in stages:
        return "bank"
    return None


def statement_accounts(
    statements: Sequence[StatementRow], inputs: Inputs, found: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """`<source key>#<shop>` → the account its `statement` directive names."""
    accounts = {}
    for row in statements:
        own = inputs.wallets.get((row.source, row.account, row.shop))
        fed = found.get(row.source_key, ())
        accounts[f"{row.source_key}#{row.shop}"] = (
            own
            or (fed[0] if fed else None)
            or chart.receivable_account(
                "shop" if row.source == "wechatpay" else row.source, row.shop
            )
        )
    return accounts
