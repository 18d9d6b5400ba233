"""Keyed postings in Beancount text: what `run` and zerosum are both asked to match.

Half of the postings are claims of orders on a receivable, half settle one each, 1 to 20 days
later, over a year. Prices are either spread (`SPREAD`: hardly two alike in a window) or like a
shop's (`SHOP`: two hundred price points), where amount and date alone cannot tell orders apart.
"""
# ruff: noqa: PLC0415 - each job loads what it needs

from __future__ import annotations

import datetime
import random
import time
from collections.abc import Iterator
from pathlib import Path

ACCOUNT = "Assets:Receivable:Shop"
CLAIMED, RECEIVED, MATCHED = "Income:Typed", "Assets:Till", "Assets:Matched"
FIRST = datetime.date(2025, 7, 1)
DAYS = 365
LONGEST_LAG = 20
WINDOW_DAYS = 30
SHOP, SPREAD = "shop", "spread"
PRICE_POINTS = 200
WECHAT_MERCHANT = "1618203915"
SEED = 7
EXPORTED = 1_000  # orders
OWN_SHOP = ("orders-", WECHAT_MERCHANT)  # how the names of its exports begin


def _price(chance: random.Random, prices: str) -> int:
    """The price of an order in fen."""
    if prices == SHOP:
        return 990 + 500 * chance.randrange(PRICE_POINTS)
    return chance.randint(1_000, 1_000_000)


def transactions(count: int, prices: str) -> Iterator[tuple[datetime.date, str]]:
    """`count` transactions with their days, each with one posting on the receivable."""
    chance = random.Random(SEED)  # noqa: S311 - test data, not a secret
    orders = count // 2
    for number in range(orders):
        day = FIRST + datetime.timedelta(days=number * (DAYS - LONGEST_LAG) // orders)
        settled = day + datetime.timedelta(days=chance.randint(1, LONGEST_LAG))
        fen = _price(chance, prices)
        money = f"{fen // 100}.{fen % 100:02d} CNY"
        key = f'    key: "5116{number:015d}"\n'
        yield (
            day,
            f'{day} * "order"\n  {ACCOUNT}  {money}\n{key}  {CLAIMED}  -{money}\n\n',
        )
        yield (
            settled,
            f'{settled} * "receipt"\n  {RECEIVED}  {money}\n  {ACCOUNT}  -{money}\n{key}\n',
        )


def write(folder: Path, count: int, prices: str) -> None:
    """Write `entries.beancount`, for both, and `zerosum.beancount`, which loads it with zerosum."""
    folder.mkdir(parents=True, exist_ok=True)
    opened = "".join(f"1970-01-01 open {name} CNY\n" for name in (CLAIMED, RECEIVED))
    ordered = sorted(transactions(count, prices), key=lambda each: each[0])
    text = opened + "\n" + "".join(words for _day, words in ordered)
    (folder / "entries.beancount").write_text(text, encoding="utf-8")
    config = {"zerosum_accounts": {ACCOUNT: (MATCHED, WINDOW_DAYS)}, "match_metadata": True}
    (folder / "zerosum.beancount").write_text(
        f'plugin "beancount_reds_plugins.zerosum.zerosum" "{config}"\n'
        f"1970-01-01 open {ACCOUNT} CNY\n"
        'include "entries.beancount"\n',
        encoding="utf-8",
    )
    (folder / "plain.beancount").write_text(
        f'1970-01-01 open {ACCOUNT} CNY\ninclude "entries.beancount"\n', encoding="utf-8"
    )


def zerosum(folder: str) -> dict[str, float]:
    """Load the postings with zerosum: its own seconds, its pairs, and those of two orders."""
    from beancount import loader
    from beancount.core.data import Transaction

    # Beancount would keep a pickle of the loaded books beside them, and load that the next time.
    loader.initialize(use_cache=False)
    timings: list[str] = []
    entries, errors, _options = loader.load_file(
        str(Path(folder) / "zerosum.beancount"), log_timings=timings.append
    )
    if errors:
        raise SystemExit(str(errors[0]))
    pairs: dict[str, set[str]] = {}
    for entry in entries:
        for posting in entry.postings if isinstance(entry, Transaction) else ():
            if posting.account == MATCHED and posting.meta is not None:
                pairs.setdefault(posting.meta["match_id"], set()).add(posting.meta["key"])
    # One line a plugin, such as "Operation: 'apply beancount_reds_plugins.zerosum…' Time: 43 ms".
    (said,) = (line for line in timings if "zerosum" in line)
    return {
        "seconds": int(said.split()[-2]) / 1000,
        "pairs": len(pairs),
        "wrong": sum(len(keys) > 1 for keys in pairs.values()),
    }


def prepare(folder: str, count: str, prices: str) -> dict[str, int]:
    """Write the postings, and exports for the books that hold them as manual entries.

    The account is judged as far as the shop's exports go, so the books also have a few orders of
    that one shop.
    """
    from beanclear.cli.simulation import simulate
    from beanclear.cli.simulation.options import Options

    target = Path(folder)
    write(target, int(count), prices)
    simulate(
        target / "exports",
        Options(orders=EXPORTED, days=DAYS + LONGEST_LAG, seed=SEED, first_day=FIRST, clean=True),
    )
    for path in (target / "exports").iterdir():
        if not path.name.startswith(OWN_SHOP):
            path.unlink()
    return {"postings": int(count)}


def match(folder: str) -> dict[str, float]:
    """The matching step of `run` on these books: records and parsed entries in, text out.

    zerosum is handed parsed entries too, so parsing them is apart: `parsing` tells its seconds.
    """
    from beanclear.cli.bookkeeping import Bookkeeper
    from beanclear.ledger import collector, config, documents
    from beanclear.ledger.books import Books
    from beanclear.ledger.posting import words
    from beanclear.ledger.store import RecordStore

    collector.rarely()  # as the command does
    opened = Books(Path(folder))
    began = time.perf_counter()
    words.settled_lines(opened)  # what it parses is kept
    started = time.perf_counter()
    with Bookkeeper(
        opened, RecordStore(opened), config.load(opened.config), documents.read_index(opened.index)
    ) as keeper:
        computed = keeper.compute()
    seconds = time.perf_counter() - started
    (state,) = (state for state in computed.found.states if state.account == ACCOUNT)
    closed = sum(found.count for found in state.matched)
    return {
        "seconds": seconds,
        "parsing": started - began,
        "pairs": closed,
        "wrong": state.open_count + state.in_transit_count,
    }
