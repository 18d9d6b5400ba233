"""How much of what is true does a run find? On simulated companies with every case at once.

    python -m benchmarks.truth --seeds 20 --orders 20000

Each seed is another company: another bank, one to three shops on each platform, the own shop's
orders exported or not, a marketplace abroad or not, and every case of `beanclear simulate --help`
at a rate. What the simulator says is true (`truth.json`; it knows nothing of the engine) is
compared with what a run on the files finds, line by line and item by item:

- *lines*: wallet lines of orders, payouts, what came back of them, deposits. A line is found when
  the group it was put into is made of whole groups of the truth (equal amounts that close as a
  set are several). It is false when its group holds what does not belong together, missed when it
  belongs to something and stands alone.
- *items*: open items, each with account, class, key, amount and what is at stake.
- *risks*: warnings that must be given; of weeks far from the others there may be more.
- *balances* of wallets and bank accounts.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from beancount import loader

from beanclear.cli import skeleton, workspace
from beanclear.cli.bookkeeping import Bookkeeper
from beanclear.cli.pipeline import RunOptions, RunResult, run_books
from beanclear.cli.progress import Silent
from beanclear.cli.simulated_cases import rates_of
from beanclear.cli.simulation import TRUTH_FILE, Options, simulate
from beanclear.ledger.books import Books, write_atomically
from beanclear.ledger.money import format_minor
from beanclear.ledger.vocabulary import OpenItem
from beanclear.matching.risks import warnings

BANKS = ("ccb", "icbc", "cmbc", "pingan")
SETTINGS = "beanclear.toml"
# By chance there are weeks far from the others too: these warnings may be more than the seeded.
BY_CHANCE = frozenset({"refund-rate", "fee-rate"})
# account, class, key, amount, at stake, currency
Fact = tuple[str, str, str, str, str, str]
Line = tuple[str, str, str]  # account, kind of line, name


@dataclass(slots=True)
class Score:
    """What came of one company, or of several.

    Attributes:
      matchable: lines that belong to something; found: of these, in the right group.
      false: lines in a group with what does not belong to it.
      missed: the others, each with its account and what the truth says of it.
      ambiguous: how many of the missed lines stand as `ambiguous`, candidates beside them.
      items, right: open items of the truth, and those found with their class and amounts.
      extra: open items of the run that the truth has not; those of missed lines are some.
      wrong: open items that only one of the two has.
      risks, caught: warnings that must be given, and those given.
      unseeded: warnings nobody seeded, by check.
      accounts, balanced: wallet and bank accounts, and those whose balance is right.
      by_evidence: evidence → lines, of the found and of the missed.
    """

    matchable: int = 0
    found: int = 0
    false: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    ambiguous: int = 0
    items: int = 0
    right: int = 0
    extra: int = 0
    wrong: list[str] = field(default_factory=list)
    risks: int = 0
    caught: int = 0
    uncaught: list[str] = field(default_factory=list)
    unseeded: Counter[str] = field(default_factory=Counter)
    accounts: int = 0
    balanced: int = 0
    by_evidence: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, other: Score) -> None:
        """Put another company's figures on top."""
        for name in ("matchable", "found", "ambiguous", "items", "right", "extra"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("risks", "caught", "accounts", "balanced", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("false", "missed", "wrong", "uncaught", "faults"):
            getattr(self, name).extend(getattr(other, name))
        self.unseeded.update(other.unseeded)
        for evidence, (found, missed) in other.by_evidence.items():
            self.by_evidence[evidence][0] += found
            self.by_evidence[evidence][1] += missed


def options_of(seed: int, orders: int) -> Options:
    """The company of a seed."""
    return Options(
        orders=orders,
        seed=seed,
        bank=BANKS[seed % len(BANKS)],
        own_orders=seed % 5 != 0,
        shops=1 + seed % 3,
        overseas=seed % 2 == 0,
        rates=rates_of(["all=2"]),
    )


def books_of(exports: Path, folder: Path) -> Books:
    """New books with the exports in their inbox and the settings that came with them."""
    for name, text in skeleton.files("Truth", "en", "general").items():
        write_atomically(folder / name, text)
    books = Books(folder)
    shutil.copytree(exports, books.inbox, dirs_exist_ok=True)
    (books.inbox / TRUTH_FILE).unlink()
    own = books.inbox / SETTINGS
    if own.exists():
        books.config.write_text(f"{books.config.read_text('utf-8')}\n{own.read_text('utf-8')}")
        own.unlink()
    return books


def judge(books: Books, result: RunResult, truth: dict[str, Any]) -> Score:
    """Compare books that were just run with the truth."""
    score = Score()
    score.faults = [f"{one.code} {one.file}:{one.row}" for one in result.faults]
    score.faults += [str(error) for error in result.check_errors]
    with books.lock(10), workspace.keeper(books) as kept:
        _judge_orders(kept, truth, score)
        _judge_payouts(kept, truth, score)
        _judge_risks(kept, truth, score)
    _judge_balances(books, truth, score)
    _judge_items(result.items, truth, score)
    return score


def _judge_orders(kept: Bookkeeper, truth: dict[str, Any], score: Score) -> None:
    """The wallet lines of orders: account, key, day and amount say which is which."""
    rows = kept.con.execute(
        "SELECT account, grp, CAST(day AS VARCHAR), -amount_minor FROM all_legs"
        " WHERE side = 'wallet' AND account LIKE 'Assets:Receivable:%'"
    ).fetchall()
    found = Counter(
        (account, key, f"{day} {format_minor(minor, 'CNY')}") for account, key, day, minor in rows
    )
    wanted = Counter(
        (account, key, line)
        for account, orders in truth["lines"].items()
        for key, lines in orders.items()
        for line in lines
    )
    score.matchable += wanted.total()
    both = (found & wanted).total()
    score.found += both
    score.by_evidence["key"][0] += both
    score.false += [" ".join(line) for line in sorted((found - wanted).elements())]
    lost = sorted((wanted - found).elements())
    score.missed += [" ".join(line) for line in lost]
    score.by_evidence["key"][1] += len(lost)


def _name(payout: str | dict[str, str]) -> str:
    return payout if isinstance(payout, str) else f"{payout['date']} {payout['amount']}"


def _judge_payouts(kept: Bookkeeper, truth: dict[str, Any], score: Score) -> None:
    """Payouts, returns and deposits: each group of the run must be whole groups of the truth."""
    whole: dict[Line, int] = {}
    groups: list[tuple[str, list[Line]]] = []
    known = {
        name
        for match in (*truth["matches"], *truth["returns"])
        for payout in match["payouts"]
        if (name := _name(payout)) and isinstance(payout, str)
    }
    for match in (*truth["matches"], *truth["returns"]):
        account = match["account"]
        lines = [(account, "payout", _name(payout)) for payout in match["payouts"]]
        lines += [(account, "returned", _name(back)) for back in match.get("returned", ())]
        lines += [(account, "deposit", deposit) for deposit in match["deposits"]]
        for line in lines:
            whole[line] = len(groups)
        groups.append((match["evidence"], lines))
    rows = kept.con.execute(
        "SELECT account, grp, kind, side, key, CAST(day AS VARCHAR), amount_minor, currency,"
        " bank_ref FROM all_legs WHERE account LIKE 'Assets:Transit:%'"
        " AND side IN ('order', 'wallet', 'bank')"
    ).fetchall()
    made: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for account, group, kind, side, key, day, minor, currency, deposit in rows:
        dated = f"{day} {format_minor(abs(minor), currency)}"
        word = "deposit" if side == "bank" else "returned" if kind == "payout_return" else "payout"
        name = deposit if side == "bank" else key if key in known else dated
        made[account, group, currency].append((account, word, name))
    right: set[int] = set()
    for lines in made.values():
        touched = {whole.get(line, -1) for line in lines}
        expected = Counter(line for place in touched if place >= 0 for line in groups[place][1])
        if len(lines) > 1 and (-1 in touched or Counter(lines) != expected):
            score.false += [" ".join(line) for line in sorted(lines)]
        elif len(lines) > 1:
            right |= touched
    unclear = {
        row[0]
        for row in kept.con.execute(
            "SELECT l.key FROM hints h JOIN all_legs l ON l.account = h.account AND l.grp = h.grp"
        ).fetchall()
    }
    keys = {(account, row[8] or row[4]): row[4] for row in rows for account in (row[0],)}
    for place, (evidence, lines) in enumerate(groups):
        score.matchable += len(lines)
        score.by_evidence[evidence][place not in right] += len(lines)
        if place in right:
            score.found += len(lines)
            continue
        score.missed.append(f"{evidence}: {'; '.join(' '.join(line) for line in lines)}")
        score.ambiguous += any(keys.get((one[0], one[2]), one[2]) in unclear for one in lines)


def facts(items: Iterable[OpenItem]) -> Counter[Fact]:
    """The open items of a run as the truth names them."""
    return Counter(
        (
            item.account,
            item.klass,
            _reference(item.account, item.klass, item.order_id, item.bank_ref, f"{item.date}"),
            f"{item.amount.number}",
            f"{item.at_stake.number}",
            item.amount.currency,
        )
        for item in items
    )


def expected_facts(truth: dict[str, Any]) -> Counter[Fact]:
    """The open items that the truth says there are."""
    return Counter(
        (
            item["account"],
            item["class"],
            _reference(
                item["account"], item["class"], item["order_id"], item["bank_ref"], item["date"]
            ),
            item["amount"],
            item["at_stake"],
            item["currency"],
        )
        for item in truth["open_items"]
    )


def _reference(account: str, klass: str, order: str | None, bank_ref: str | None, day: str) -> str:
    if klass == "opening":
        return "bucket"
    if account.startswith("Assets:Receivable:"):
        return str(order)
    return bank_ref or day


def _judge_items(items: Sequence[OpenItem], truth: dict[str, Any], score: Score) -> None:
    found, wanted = facts(items), expected_facts(truth)
    score.items = wanted.total()
    score.right = (found & wanted).total()
    score.extra = (found - wanted).total()
    score.wrong = [f"not true: {' '.join(fact)}" for fact in sorted((found - wanted).elements())]
    score.wrong += [f"not found: {' '.join(fact)}" for fact in sorted((wanted - found).elements())]


def _judge_risks(kept: Bookkeeper, truth: dict[str, Any], score: Score) -> None:
    given = {
        (
            one.check,
            one.account,
            one.order_id or one.bank_ref or f"{one.date}",
        )
        for one in warnings(kept.con, kept.files)
    }
    wanted = {
        (one["check"], one["account"], one["order_id"] or one["bank_ref"] or one["date"])
        for one in truth["risks"]
    }
    score.risks, score.caught = len(wanted), len(wanted & given)
    score.uncaught = [" ".join(risk) for risk in sorted(wanted - given)]
    score.unseeded = Counter(check for check, _account, _key in given - wanted)


def _judge_balances(books: Books, truth: dict[str, Any], score: Score) -> None:
    entries, _errors, _options = loader.load_file(str(books.main))
    found: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        for posting in getattr(entry, "postings", ()):
            found[f"{posting.account} {posting.units.currency}"] += posting.units.number
    score.accounts = len(truth["balances"])
    for name, text in truth["balances"].items():
        known = found[name if " " in name else f"{name} CNY"]
        score.balanced += known == Decimal(text)


def company(options: Options, folder: Path) -> Score:
    """Simulate a company, run its files in new books, and judge."""
    exports = folder / "exports"
    simulate(exports, options)
    truth = json.loads((exports / TRUTH_FILE).read_text("utf-8"))
    books = books_of(exports, folder / "books")
    started = time.perf_counter()
    result = run_books(books, RunOptions(), Silent())
    seconds = time.perf_counter() - started
    score = judge(books, result, truth)
    score.seconds = seconds
    return score


HEADINGS = (
    "seed", "shops", "lines", "found", "false", "missed", "ambiguous", "recall %", "items",
    "right", "class %", "extra", "risks", "caught", "balances", "seconds",
)  # fmt: skip


def row(name: str, shops: str, score: Score) -> str:
    """One line of the table."""
    cells = (
        name, shops, score.matchable, score.found, len(score.false),
        score.matchable - score.found, score.ambiguous, percent(score.found, score.matchable),
        score.items, score.right, percent(score.right, score.items), score.extra,
        score.risks, score.caught, f"{score.balanced}/{score.accounts}", f"{score.seconds:.0f}",
    )  # fmt: skip
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def percent(part: int, whole: int) -> str:
    """With three digits, cut and never rounded up."""
    thousandths = 100_000 * part // whole if whole else 100_000
    return f"{thousandths // 1000}.{thousandths % 1000:03}"


def main(arguments: Sequence[str]) -> int:
    """Print a row for each seed, the totals, and what was missed; 0 when nothing is false."""
    parser = argparse.ArgumentParser(description="Runs on simulated companies against the truth.")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--orders", type=int, default=20_000)
    given = parser.parse_args(arguments)
    print("| " + " | ".join(HEADINGS) + " |")
    print("|" + "---|" * len(HEADINGS))
    total = Score()
    told: list[str] = []
    for seed in range(given.first, given.first + given.seeds):
        options = options_of(seed, given.orders)
        with tempfile.TemporaryDirectory(prefix="truth-") as folder:
            score = company(options, Path(folder))
        print(row(str(seed), str(options.shops), score), flush=True)
        for word in ("false", "missed", "wrong", "uncaught", "faults"):
            told += [f"seed {seed}, {word}: {line}" for line in getattr(score, word)]
        total.add(score)
    print(row("all", "", total))
    print("\nlines by evidence (found, missed):", dict(total.by_evidence))
    print("warnings beyond the seeded:", dict(total.unseeded), "\n")
    print("\n".join(told))
    return 1 if total.false else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
