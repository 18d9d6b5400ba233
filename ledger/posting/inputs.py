"""The small tables that the posting SQL joins with: policy, accounts and coverage as rows.

All are temporary tables on the store's DuckDB connection; each has as many rows as there are
documents, wallets or rules, never as many as there are orders.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa

from beanclear.ledger import chart, shipped
from beanclear.ledger.config import Config
from beanclear.ledger.posting.carried import NOTHING, ORIGINS, carry
from beanclear.ledger.posting.firsts import Firsts
from beanclear.ledger.records import ZONE, Kind
from beanclear.ledger.spans import ONE_DAY, Coverage, Span, join
from beanclear.ledger.sql import Connection, run
from beanclear.ledger.store import StatementRow

# source, platform of its orders, priority (a shop's own platform export outranks an ERP, and
# either outranks a payment bill), whether it tells when an order was shipped, and whether its files
# say when they were made: of others only the latest moment in them is known.
ORDER_SOURCES: Final = (
    ("taobao", "taobao", 2, True, True),
    ("pinduoduo", "pinduoduo", 2, True, False),
    ("shop", "shop", 2, True, False),
    ("shop", "taobao", 1, True, False),
    ("shop", "pinduoduo", 1, True, False),
    ("wechatpay", "shop", 0, False, True),
)
# Whose order numbers no two shops share: the platform itself gives them.
UNIQUE_NUMBERS: Final = frozenset({"taobao", "pinduoduo"})
# On escrow platforms the buyer's money reaches the merchant only when the order completes.
ESCROW: Final = {"taobao": True, "pinduoduo": True, "shop": False}
# Small-scale taxpayers have no details of 应交增值税.
OUTPUT_VAT: Final = {
    "general": "Liabilities:Tax:VAT:Output",
    "small": "Liabilities:Tax:VAT",
}
OPENING_WINDOW_DAYS: Final = 15

# Where a wallet line goes that settles no order. `@` names an account of the wallet itself; a
# kind that is not here goes to suspense.
KIND_ACCOUNTS: Final = {
    Kind.FEE: "Expenses:Platform:Commission",
    Kind.FEE_REFUND: "Expenses:Platform:Commission",
    Kind.PAYMENT_FEE: "Expenses:Finance:PaymentFees",
    Kind.PAYMENT_FEE_REFUND: "Expenses:Finance:PaymentFees",
    Kind.AFFILIATE: "Expenses:Platform:Affiliate",
    Kind.INSURANCE: "Expenses:Platform:Insurance",
    Kind.ADVERTISING: "Expenses:Platform:Advertising",
    Kind.LOGISTICS: "Expenses:Platform:Logistics",
    Kind.COMPENSATION: "Expenses:Platform:Compensation",
    Kind.PENALTY: "Expenses:Platform:Penalty",
    Kind.INTEREST: "Expenses:Finance:Interest",
    Kind.TAX: "Expenses:Tax:PlatformTax",
    Kind.PREPAYMENT: "@prepaid",
    Kind.DEPOSIT: "@deposits",
    Kind.RESERVE: "@reserved",
    Kind.RELEASE: "@reserved",
    Kind.TRANSFER: "@internal",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What Python needs to know again after the tables are made.

    Attributes:
      coverage: source key → the days its statements cover together.
      declared: source key → the days `[coverage]` adds to it.
      opening_day: the day before the earliest statement; opening balances stand on it.
      wallets: (source, account, shop) → its ledger account, of wallets and banks.
    """

    coverage: dict[str, Coverage]
    declared: dict[str, Span]
    opening_day: datetime.date
    wallets: dict[tuple[str, str, str], str]


def coverages(
    statements: Iterable[StatementRow], declared: Mapping[str, Span] = MappingProxyType({})
) -> dict[str, Coverage]:
    """What each source covers by its own statements, and by what is declared of it."""
    spans: dict[str, list[Span]] = {key: [span] for key, span in declared.items()}
    for row in statements:
        if row.span is not None:
            spans.setdefault(row.source_key, []).append(row.span)
    found: dict[str, Coverage] = {}
    for key in sorted(spans):
        if (coverage := join(spans[key])) is not None:
            found[key] = coverage
    return found


def declared_spans(found: Mapping[str, Coverage], config: Config) -> dict[str, Span]:
    """What `[coverage]` of beanclear.toml adds: days up to one, in a gap or after the last.

    Somebody says that nothing but what is booked happened on them.
    """
    return {
        key: Span(first=found[key].last + ONE_DAY, last=last, last_row=last)
        for key, last in sorted(config.coverage.items())
        if key in found and last > found[key].last
    }


def table(con: Connection, name: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    """Make a temporary table; `columns` are its definitions, `rows` its values.

    Values go over as Arrow columns: bound one by one, a row costs a millisecond and more, and
    manual entries can be many. They go as text, which the engine reads as what the columns are.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
    if rows:
        values = [_texts(column) for column in zip(*rows, strict=True)]
        given = pa.table(values, names=[f"column_{place}" for place in range(len(values))])
        con.register("given_rows", given)
        con.execute(f"INSERT INTO {name} SELECT * FROM given_rows")
        con.unregister("given_rows")


def _time(row: StatementRow) -> tuple[str, str]:
    """The time a statement speaks for, as text with a zone; all its days where none is known."""
    days = row.span
    first, last = (days.first, days.last_row) if days else (datetime.date.max, datetime.date.min)
    begins = row.begins or datetime.datetime.combine(first, datetime.time.min)
    ends = row.ends or datetime.datetime.combine(last, datetime.time.max)
    zone = ZoneInfo(ZONE)
    return begins.replace(tzinfo=zone).isoformat(), ends.replace(tzinfo=zone).isoformat()


def _texts(values: Iterable[object]) -> pa.Array:
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _ranges(starts: Iterable[datetime.date | None]) -> list[tuple[datetime.date, datetime.date]]:
    """Days from each start to the day before the next, from the first day of the calendar on."""
    days = sorted({datetime.date.min, *(day for day in starts if day is not None)})
    ends = [*(day - ONE_DAY for day in days[1:]), datetime.date.max]
    return list(zip(days, ends, strict=True))


def _policies(con: Connection, config: Config, platforms: Sequence[str]) -> None:
    table(
        con,
        "platforms",
        "platform VARCHAR, escrow BOOLEAN, term_days INTEGER, unique_numbers BOOLEAN,"
        " kept VARCHAR, longest_days INTEGER",
        [
            (
                name,
                ESCROW.get(name, True),
                OPENING_WINDOW_DAYS,
                name in UNIQUE_NUMBERS,
                config.kept_policy(name),
                config.longest_advance(name),
            )
            for name in platforms
        ],
    )
    table(
        con,
        "order_sources",
        "source VARCHAR, platform VARCHAR, priority INTEGER, knows_shipping BOOLEAN,"
        " says_when BOOLEAN",
        ORDER_SOURCES,
    )
    table(
        con,
        "recognition",
        "platform VARCHAR, first DATE, last DATE, point VARCHAR, vat_point VARCHAR",
        [
            (name, first, last, point, "recognition" if vat_point == point else vat_point)
            for name in platforms
            for first, last in _ranges(rule.start for rule in config.recognition)
            for point, vat_point in [
                (config.recognition_on(name, first), config.vat_point_on(name, first))
            ]
        ],
    )
    table(
        con,
        "vat_rates",
        "platform VARCHAR, category VARCHAR, first DATE, last DATE, ppm BIGINT",
        [
            (name, category, first, last, config.vat_rate_ppm(name, first, category or None))
            for name in platforms
            for category in ("", *config.vat_categories)
            for first, last in _ranges(rule.start for rule in (*config.vat, *config.taxpayer))
        ],
    )
    table(
        con,
        "output_vat",
        "first DATE, last DATE, account VARCHAR",
        [
            (first, last, OUTPUT_VAT[config.taxpayer_on(first)])
            for first, last in _ranges(rule.start for rule in config.taxpayer)
        ],
    )
    table(con, "kind_accounts", "kind VARCHAR, account VARCHAR", list(KIND_ACCOUNTS.items()))


def _accounts(
    con: Connection,
    statements: Sequence[StatementRow],
    platforms: Sequence[str],
) -> dict[tuple[str, str, str], str]:
    shops = sorted({row.shop for row in statements} | {""})
    table(
        con,
        "receivables",
        "platform VARCHAR, shop VARCHAR, receivable VARCHAR, advances VARCHAR, income VARCHAR,"
        " vat_deferred VARCHAR",
        [
            (
                platform,
                shop,
                chart.receivable_account(platform, shop),
                chart.advances_account(platform, shop),
                chart.sales_account(platform, shop),
                "Liabilities:Tax:VAT:Deferred",
            )
            for platform in platforms
            for shop in shops
        ],
    )
    owners: dict[tuple[str, str, str], str] = {}
    wallets, banks = [], []
    for row in statements:
        key = (row.source, row.account, row.shop)
        if row.stage == "wallet" and key not in owners:
            owners[key] = wallet = chart.wallet_account(*key)
            wallets.append(
                (
                    *key,
                    wallet,
                    chart.internal_account(wallet),
                    chart.suspense_account(wallet),
                    chart.transit_account(shipped.FAMILIES.get(row.source, row.source)),
                    chart.prepaid_account(row.source),
                    chart.deposit_account(row.source),
                    chart.reserved_account(row.source),
                )
            )
        elif row.stage == "bank" and key not in owners:
            owners[key] = bank = chart.bank_account(*key)
            banks.append((*key, bank, chart.suspense_account(bank)))
    table(
        con,
        "wallets",
        "source VARCHAR, account VARCHAR, shop VARCHAR, wallet VARCHAR, internal VARCHAR,"
        " suspense VARCHAR, transit VARCHAR, prepaid VARCHAR, deposits VARCHAR, reserved VARCHAR",
        wallets,
    )
    table(
        con,
        "banks",
        "source VARCHAR, account VARCHAR, shop VARCHAR, bank VARCHAR, suspense VARCHAR",
        banks,
    )
    return owners


def _cover(con: Connection, coverage: dict[str, Coverage], opening_day: datetime.date) -> None:
    orders = con.execute(
        "SELECT DISTINCT source, account, platform, shop FROM origins"
        " WHERE stage = 'order' AND source <> 'opening' ORDER BY ALL"
    ).fetchall()
    cover = [
        (platform, source, shop, found.first, found.last)
        for source, account, platform, shop in orders
        if (found := coverage.get(f"{source}/{account}/order")) is not None
    ]
    table(
        con,
        "order_cover",
        "platform VARCHAR, source VARCHAR, shop VARCHAR, first DATE, last DATE",
        cover,
    )
    # Each shop's own files say what lies before the first of them; where it has none, the others'.
    shops = [
        row[0] for row in con.execute("SELECT DISTINCT shop FROM origins ORDER BY ALL").fetchall()
    ]
    wallet_sources = sorted({key.split("/")[0] for key in coverage if key.endswith("/wallet")})
    sides = Firsts()
    for source, account, platform, shop in orders:
        found = coverage.get(f"{source}/{account}/order")
        for wallet in wallet_sources:
            if found is not None and (source != "wechatpay" or wallet == "wechatpay"):
                sides.add((platform, wallet), shop, found.first_whole)
    table(
        con,
        "order_sides",
        "platform VARCHAR, wallet_source VARCHAR, shop VARCHAR, first DATE",
        [(*key, shop, first) for key, shop, first in sides.rows(shops)],
    )
    settled = con.execute(
        "SELECT DISTINCT coalesce(platform, 'shop'), source, account, shop FROM origins"
        " WHERE stage = 'wallet' AND sale ORDER BY ALL"
    ).fetchall()
    firsts = Firsts()
    for platform, source, account, shop in settled:
        found = coverage.get(f"{source}/{account}/wallet")
        if found is not None:
            firsts.add((platform,), shop, found.first_whole)
    table(
        con,
        "wallet_first",
        "platform VARCHAR, shop VARCHAR, first DATE",
        [(*key, shop, first) for key, shop, first in firsts.rows(shops)],
    )
    table(con, "beginning", "opening_day DATE", [(opening_day,)])
    known = con.execute(
        "SELECT DISTINCT platform, shop, source <> 'wechatpay' FROM origins WHERE stage = 'order'"
        " AND platform IS NOT NULL ORDER BY ALL"
    ).fetchall()
    speaking = {(platform, shop) for platform, shop, own in known if own}
    paid = {(platform, shop) for platform, _source, _account, shop in settled}
    asking = con.execute(
        "SELECT DISTINCT coalesce(platform, 'shop'), shop FROM origins"
        " WHERE stage = 'wallet' OR platform IS NOT NULL ORDER BY ALL"
    ).fetchall()
    table(
        con,
        "served",
        "platform VARCHAR, wallet_shop VARCHAR, order_shop VARCHAR",
        [
            (platform, wallet, shop)
            for platform, shop in sorted({(row[0], row[1]) for row in known})
            for asked, wallet in asking
            if asked == platform and _serves(platform, wallet, shop, speaking, paid)
        ],
    )


def _serves(
    platform: str,
    wallet: str,
    shop: str,
    speaking: Collection[tuple[str, str]],
    paid: Collection[tuple[str, str]],
) -> bool:
    """Whether wallets in the folder `wallet` may have money for orders in the folder `shop`.

    Always for its own, and where a number says which shop's it is. Else when the shop has no
    wallet, or the wallet no shop: it lies in the inbox itself, where no orders do.
    `speaking` are the platforms and shops whose orders are exported, `paid` those with wallets.
    """
    return (
        wallet == shop
        or platform in UNIQUE_NUMBERS
        or (platform, shop) not in paid
        or (wallet == "" and (platform, wallet) not in speaking)
    )


# Lines a rule of the books sends to an account. A line that an accountant has decided on stays
# where it stood then, and is moved on from there: rules come later than words.
_RULED_LINES: Final = """
CREATE OR REPLACE TEMP TABLE ruled_lines AS
SELECT r.stage, r.source, r.account, r.shop, r.record_id, u.account AS target
FROM records r
JOIN line_rules u ON u.counterparty = coalesce(r.counterparty, '')
 AND u.memo = coalesce(r.memo, '') AND u.incoming = (r.amount_minor >= 0)
JOIN (SELECT 'bank' AS stage, source, account, shop, suspense FROM banks
      UNION ALL SELECT 'wallet', source, account, shop, suspense FROM wallets) o
  ON o.stage = r.stage AND o.source = r.source AND o.account = r.account AND o.shop = r.shop
ANTI JOIN settled_lines s ON s.account = o.suspense AND s.key = r.record_id
ANTI JOIN (
  SELECT f.counterparty, f.first, f.last, d.key FROM settled_lines d
  JOIN line_payers f ON f.transit = d.account
) t ON t.counterparty = r.counterparty AND r.booked_on BETWEEN t.first AND t.last
   AND t.key = r.record_id AND r.stage = 'bank'
WHERE r.stage = 'bank' OR (r.stage = 'wallet' AND r.kind = 'other')
"""

# Bank lines with the account their other side goes to. A rule of the books decides first, then
# a known payer of a platform, else the line waits in suspense.
_BANK_LINES: Final = """
CREATE OR REPLACE TEMP TABLE bank_lines AS
SELECT r.source, r.account, r.shop, r.record_id, r.document, r."row", r.booked_on, r.kind,
       r.kind_raw, r.amount_minor, r.currency, r.bank_ref, r.counterparty, r.memo, b.bank,
       coalesce(u.target, s.account, f.transit, b.suspense) AS counter,
       CASE WHEN u.target IS NULL THEN true ELSE false END AS clearing
FROM records r
JOIN banks b ON b.source = r.source AND b.account = r.account AND b.shop = r.shop
LEFT JOIN ruled_lines u ON u.source = r.source AND u.account = r.account AND u.shop = r.shop
 AND u.record_id = r.record_id AND u.stage = 'bank'
LEFT JOIN line_payers f ON f.counterparty = r.counterparty
 AND r.booked_on BETWEEN f.first AND f.last
-- A payer that became known later moves no line that somebody decided on in suspense.
LEFT JOIN settled_lines s ON s.account = b.suspense AND s.key = r.record_id
WHERE r.stage = 'bank'
"""


def _lines(con: Connection, config: Config, settled: Sequence[tuple[str, str]]) -> None:
    table(con, "settled_lines", "account VARCHAR, key VARCHAR", settled)
    texts = con.execute(
        "SELECT DISTINCT coalesce(counterparty, ''), coalesce(memo, ''), amount_minor >= 0"
        " FROM records WHERE stage = 'bank' OR (stage = 'wallet' AND kind = 'other') ORDER BY ALL"
    ).fetchall()
    ruled = [
        (counterparty, memo, incoming, account)
        for counterparty, memo, incoming in texts
        if (account := config.rule_account(counterparty, memo, 1 if incoming else -1)) is not None
    ]
    table(
        con,
        "line_rules",
        "counterparty VARCHAR, memo VARCHAR, incoming BOOLEAN, account VARCHAR",
        ruled,
    )
    families = [
        (counterparty, first, last, chart.transit_account(family))
        for counterparty in sorted({text[0] for text in texts if text[0]})
        for first, last, family in config.rule_table.payer_families(counterparty)
    ]
    table(
        con,
        "line_payers",
        "counterparty VARCHAR, first DATE, last DATE, transit VARCHAR",
        families,
    )
    run(con, _RULED_LINES)
    run(con, _BANK_LINES)


def prepare(
    con: Connection,
    statements: Sequence[StatementRow],
    config: Config,
    settled: Sequence[tuple[str, str]] = (),
    carried: Mapping[str, Any] = NOTHING,
) -> Inputs:
    """Make the input tables for `statements` under `config`.

    `settled` has the lines that an accountant decided on, by suspense or transit account and key,
    `carried` the sums over settled orders whose records are not there.
    """
    carry(con, carried)
    run(con, ORIGINS)
    declared = declared_spans(coverages(statements), config)
    coverage = coverages(statements, declared)
    firsts = [found.first for found in coverage.values()]
    opening_day = min(firsts, default=datetime.date(1970, 1, 2)) - ONE_DAY
    seen = con.execute("SELECT DISTINCT platform FROM origins WHERE platform IS NOT NULL")
    platforms = sorted({*ESCROW, *(row[0] for row in seen.fetchall())})
    table(
        con,
        "documents",
        "document VARCHAR, source_key VARCHAR, stage VARCHAR, source VARCHAR, account VARCHAR,"
        " rank INTEGER, first DATE, last DATE, begins TIMESTAMPTZ, ends TIMESTAMPTZ,"
        " file VARCHAR",
        sorted(
            {
                (
                    row.document,
                    row.source_key,
                    str(row.stage),
                    row.source,
                    row.account,
                    row.rank,
                    row.span.first,
                    row.span.last,
                    *_time(row),
                    row.file.partition(":")[0],
                )
                for row in statements
                if row.span is not None
            }
        ),
    )
    _policies(con, config, platforms)
    wallets = _accounts(con, statements, platforms)
    _cover(con, coverage, opening_day)
    _lines(con, config, settled)
    return Inputs(coverage=coverage, declared=declared, opening_day=opening_day, wallets=wallets)
