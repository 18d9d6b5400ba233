"""How much the plugins add to `bean-check`, on generated books with many open items.

    python benchmarks/plugins.py [--items 20000] [--rounds 15]

Two top files include the same books, one lists the plugins, one does not. Each round loads both
in fresh processes without Beancount's load cache, in alternating order, and compares processor
times, which other load on the machine disturbs least. The printed ratio is the median of the
rounds. The bar is 1.15 at 20,000 open items.
"""

from __future__ import annotations

import argparse
import datetime
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from beanclear.ledger.beancount_text import amount, format_amount, minor
from beanclear.ledger.vocabulary import (
    InTransit,
    ItemClass,
    OpenItem,
    Reconciled,
    StatementEntry,
    texts,
)

ACCOUNT = "Assets:Receivable:Tmall"
WALLET = "Assets:Wallet:Alipay"
AS_OF = datetime.date(2026, 8, 31)
DAYS = 240
PLUGINS = "".join(
    f'plugin "beanclear.plugins.{name}"\n' for name in ("clearing", "unmatched", "statements")
)
CHART = f"""\
1970-01-01 open {ACCOUNT} CNY
  clearing: "order"
1970-01-01 open {WALLET} CNY
1970-01-01 open Income:Sales CNY
"""


def open_item(number: int, day: datetime.date) -> OpenItem:
    """An overdue order as `run` writes it, 1.00 to 100.00 yuan."""
    value = amount(100 + number % 9900, "CNY")
    key = f"51160325{number:011}"
    return OpenItem(
        date=day,
        account=ACCOUNT,
        amount=value,
        as_of=AS_OF,
        klass=ItemClass.OVERDUE,
        key=key,
        at_stake=value,
        due=day + datetime.timedelta(days=15),
        reason="no wallet line settles this order",
        order_id=key,
        trade_id=f"20260801220014{number:014}",
        file=f"ExportOrderList{day:%Y%m}.csv",
        row=number + 2,
    )


def write_books(root: Path, items: int) -> None:
    """Books of 240 days whose one receivable has `items` open items and proves."""
    days = [AS_OF - datetime.timedelta(days=back) for back in reversed(range(DAYS))]
    found = [open_item(number, days[number % (DAYS - 20)]) for number in range(items)]
    moving = [
        InTransit(date=day, account=ACCOUNT, amount=amount(5000, "CNY"), as_of=AS_OF, count=50)
        for day in days[-15:]
    ]
    total = sum(minor(entry.amount) for entry in found) + sum(
        minor(entry.amount) for entry in moving
    )
    lines = []
    for day in days:
        # The last day brings what the items and the transit leave; before, all is settled.
        brought = format_amount(amount(total if day == AS_OF else 10000, "CNY"))
        lines.append(
            f'{day} * "orders"\n  source: "taobao/main/order"\n  records: 120\n'
            f"  {ACCOUNT}  {brought}\n  Income:Sales\n\n"
        )
        if day != AS_OF:
            lines.append(
                f'{day} * "wallet"\n  source: "alipay/main/wallet"\n  records: 240\n'
                f"  {WALLET}  100 CNY\n  {ACCOUNT}\n\n"
            )
    (root / "journal").mkdir()
    (root / "journal" / "all.beancount").write_text("".join(lines), encoding="utf-8")
    statement = StatementEntry(
        date=AS_OF,
        account=WALLET,
        source="alipay/main/wallet",
        first=days[0],
        last=AS_OF,
        rows=240 * DAYS,
        grade="proven",
        feeds=ACCOUNT,
    )
    reconciled = Reconciled(date=AS_OF, account=ACCOUNT, amount=amount(total, "CNY"))
    text = texts([statement, reconciled, *moving, *found])
    (root / "reconciliation.beancount").write_text(text, encoding="utf-8")
    includes = 'include "journal/all.beancount"\ninclude "reconciliation.beancount"\n'
    (root / "plain.beancount").write_text(CHART + includes, encoding="utf-8")
    (root / "plugins.beancount").write_text(PLUGINS + CHART + includes, encoding="utf-8")


def seconds(path: Path) -> float:
    """The processor time of one `bean-check --no-cache`, which other load disturbs least."""
    command = [sys.executable, "-m", "beancount.scripts.check", "--no-cache", str(path)]
    begun = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    expected = 0 if path.stem == "plain" else 51
    found = done.stderr.count(f"{path.parent}/")
    if found != expected:
        raise SystemExit(f"{path.name}: {found} errors, not {expected}:\n{done.stderr[:2000]}")
    return ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime


def main() -> None:
    """Generate the books, time both top files, print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    taken: dict[str, list[float]] = {"plain": [], "plugins": []}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_books(root, options.items)
        for number in range(options.rounds):
            for name in list(taken)[:: 1 if number % 2 else -1]:
                taken[name].append(seconds(root / f"{name}.beancount"))
    ratios = [with_ / without for without, with_ in zip(*taken.values(), strict=True)]
    plain, plugins = (statistics.median(times) for times in taken.values())
    sys.stdout.write(
        f"{options.items} open items: bean-check {plain:.2f} s, with plugins {plugins:.2f} s, "
        f"ratio {statistics.median(ratios):.3f} "
        f"({min(ratios):.3f} to {max(ratios):.3f} in {options.rounds} rounds)\n"
    )


if __name__ == "__main__":
    main()
