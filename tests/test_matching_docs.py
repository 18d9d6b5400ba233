"""The examples of docs/matching.md are true: each is booked and matched, and says what comes out.

An example is an indented block of lines of what happened and, after `=>`, what is found. Days are
of 2026, where the sources of `TinyBooks` speak for July to December; amounts are yuan, signed from
the merchant's side in what happened and debit positive in what is found.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from beancount.loader import load_file

from beanclear.ledger import vocabulary
from beanclear.ledger.beancount_text import amount
from beanclear.ledger.money import format_minor, parse_minor
from beanclear.ledger.records import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from beanclear.ledger.reconciliation import ClearingState, Item, Reconciliation
    from tests.conftest import TinyBooks

DOCUMENTS = Path(__file__).parents[1] / "docs"
PAYER = "财付通支付科技有限公司客户备付金"
ALIPAY = {"source": "alipay", "platform": "taobao"}
LOSSES = "Expenses:BadDebt"
LINES = {"sale": (Kind.SALE, 1), "refund": (Kind.REFUND, -1), "fee": (Kind.FEE, -1)}


def blocks(name: str) -> list[str]:
    """The indented blocks of a document."""
    text = (DOCUMENTS / name).read_text(encoding="utf-8")
    return re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)


EXAMPLES = [block for block in blocks("matching.md") if "=> " in block]


def told(block: str) -> list[str]:
    return [line.strip() for line in block.splitlines() if line.strip().startswith("=> ")]


def yuan(minor: int) -> str:
    return format_minor(minor, "CNY")


class Story:
    """Tells one example to hand-made books."""

    def __init__(self, tiny: TinyBooks) -> None:
        self.tiny = tiny
        self.limit = "12-31"

    def tell(self, line: str) -> None:
        word, *words = line.split()
        plain = [text for text in words if "=" not in text]
        named = dict(text.split("=", 1) for text in words if "=" in text)
        steps: dict[str, Callable[..., None]] = {
            "covers": self.covers, "order": self.order, "payout": self.payout,
            "returned": self.returned, "deposit": self.deposit, "line": self.line,
            "tolerance": self.tolerance, "match": self.match, "write-off": self.write_off,
            "explain": self.explain, "close": self.close, "as-of": self.as_of,
            "matching": self.matching, "rate": self.rate, "payout-fee": self.payout_fee,
            "exchange": self.exchange, "collected": self.collected,
        }  # fmt: skip
        if word in LINES:
            self.wallet(*LINES[word], *plain, **named)
        else:
            steps[word](*plain, **named)

    def covers(self, source: str, first: str, last: str) -> None:
        self.tiny.covering(source)
        self.tiny.periods[source] = (first, last)

    def order(self, key: str, day: str, text: str, **more: Any) -> None:  # noqa: ANN401 - fields of a record
        if "refunded" in more:
            more["refunded_minor"] = parse_minor(more.pop("refunded"), "CNY")
        self.tiny.order(key, parse_minor(text, "CNY"), day, **more)

    def wallet(self, kind: Kind, sign: int, key: str, day: str, text: str, /, **more: str) -> None:
        own = ALIPAY if more.pop("platform", "") == "taobao" else {}
        if "trade" in more:
            more["trade_id"] = more.pop("trade")
        self.tiny.wallet(kind, sign * parse_minor(text, "CNY"), day, key, **own, **more)

    def payout(self, key: str, day: str, text: str, **more: str) -> None:
        self.tiny.wallet(
            Kind.PAYOUT, -parse_minor(text, "CNY"), day, record_id=key, payout_id=more.get("id")
        )

    def returned(self, key: str, day: str, text: str) -> None:
        self.tiny.wallet(Kind.PAYOUT_RETURN, parse_minor(text, "CNY"), day, record_id=key)

    def deposit(self, key: str, day: str, text: str, *memo: str) -> None:
        self.tiny.bank(parse_minor(text, "CNY"), day, PAYER, " ".join(memo), record_id=key)

    def line(self, key: str, day: str, text: str, payer: str) -> None:
        self.tiny.bank(parse_minor(text, "CNY"), day, payer, record_id=key)

    def tolerance(self, text: str) -> None:
        chart = self.tiny.texts()["accounts.beancount"]
        self.tiny.write(
            "accounts.beancount", chart.replace("tolerance: 0.00", f"tolerance: {text}")
        )

    def _say(self, *entries: vocabulary.Entry) -> None:
        self.tiny.write("decisions/2026.beancount", vocabulary.texts(entries))

    def match(self, day: str, account: str, **items: str) -> None:
        said = json.dumps(items)
        self._say(
            vocabulary.Match(
                date=self.tiny.day(day), account=account, by="Li", items=said, currency="CNY",
                to=LOSSES,
            )
        )  # fmt: skip

    def write_off(self, key: str, day: str, text: str, account: str) -> None:
        minor = parse_minor(text, "CNY")
        self._say(
            vocabulary.WriteOff(
                date=self.tiny.day(day), account=account, by="Li", amount=amount(minor, "CNY"),
                key=key, to=LOSSES,
            )
        )  # fmt: skip

    def explain(self, key: str, day: str, account: str, until: str) -> None:
        self._say(
            vocabulary.Explain(
                date=self.tiny.day(day), account=account, by="Li", key=key,
                until=self.tiny.day(until),
            )
        )  # fmt: skip

    def _rule(self, section: str, **said: str) -> None:
        """A rule of beanclear.toml; values as TOML has them."""
        lines = "".join(f"{key} = {value}\n" for key, value in said.items())
        text = self.tiny.books.config.read_text(encoding="utf-8")
        self.tiny.configure(f"{text}[[{section}]]\n{lines}")

    def matching(self, **said: str) -> None:
        self._rule("matching", **said)

    def rate(self, currency: str, rate: str) -> None:
        self._rule("rates", currency=f'"{currency}"', rate=f'"{rate}"')

    def payout_fee(self, text: str) -> None:
        self._rule("payout_fees", family='"wechat"', fixed=f'"{text}"')

    def exchange(self, key: str, day: str, text: str, currency: str) -> None:
        """One side of a conversion: what is sold is negative."""
        self.tiny.wallet(
            Kind.CONVERSION, parse_minor(text, currency), day, currency=currency, trade_id=key,
            source="paypal",
        )  # fmt: skip

    def collected(self, key: str, day: str, text: str) -> None:
        self.tiny.wallet(Kind.PAYOUT, parse_minor(text, "CNY"), day, record_id=key)

    def close(self, period: str) -> None:
        """Freeze the journal of a month, as `beanclear close` does."""
        texts = self.tiny.texts()
        month = f"journal/{period.replace('-', '/')}/"
        frozen = {name: text for name, text in texts.items() if name.startswith(month)}
        for name, text in texts.items():
            self.tiny.write(name, text)
        hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in frozen.items()}
        first = datetime.date.fromisoformat(f"{period}-01")
        end = (first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)
        self._say(
            vocabulary.Close(
                date=end, account=vocabulary.CLOSING_ACCOUNT, by="Li", period=period,
                files=json.dumps(hashes),
            )
        )  # fmt: skip

    def as_of(self, day: str) -> None:
        self.limit = day


def item_line(item: Item) -> str:
    parts = [f"{item.klass.value} {item.key} {yuan(item.amount_minor)}"]
    if item.amount_minor == 0:
        parts.append(f"at stake {yuan(item.at_stake_minor)}")
    if item.expected_minor is not None and item.found_minor is not None:
        parts.append(f"expected {yuan(item.expected_minor)} found {yuan(item.found_minor)}")
    if item.candidates:
        parts.append(f"candidates {' '.join(item.candidates)}")
    if item.count is not None:
        parts.append(f"{item.count} lines")
    return f"=> {', '.join((*parts, f'due {item.due}'))}"


def found_lines(state: ClearingState, found: Reconciliation) -> Iterator[str]:
    foreign = f" {state.currency}" if state.currency != "CNY" else ""
    yield (
        f"=> {state.account}{foreign} at {state.as_of}: {yuan(state.balance_minor)} ="
        f" {yuan(state.in_transit_minor)} in transit + {yuan(state.open_minor)} open"
        + (f", awaiting {state.awaiting}" if state.awaiting else "")
    )
    for matched in state.matched:
        yield f"=> closed by {matched.name}: {matched.count}"
    mine = (state.account, state.currency)
    for rest in found.rests:
        if (rest.account, rest.currency) == mine:
            yield f"=> difference {rest.key} {yuan(rest.amount_minor)} to {rest.to}"
    for transit in found.transits:
        if (transit.account, transit.currency) == mine:
            due = f", due {transit.due}" if transit.due else ""
            yield f"=> in transit {yuan(transit.amount_minor)} from {transit.day}{due}"
    for item in found.items:
        if (item.account, item.currency) == mine:
            yield item_line(item)


def late_lines(texts: dict[str, str]) -> Iterator[str]:
    """Entries of open months that concern a day of a closed one."""
    for name, text in sorted(texts.items()):
        for entry in text.split("\n\n"):
            if name.startswith("journal/") and "event-date:" in entry:
                yield from (f"=> {line}".rstrip() for line in entry.splitlines())


def result(tiny: TinyBooks, block: str) -> list[str]:
    tiny.configure('[books]\nlanguage = "en"\n')
    story = Story(tiny)
    for line in block.splitlines():
        if not line.strip().startswith("=> "):
            story.tell(re.sub(r"\b2026-(\d\d-\d\d)\b", r"\1", line))
    with tiny.keeper() as kept:
        found = kept.reconcile(kept.as_of(tiny.day(story.limit)))
        if kept.words.journal.closed is not None:
            return list(late_lines(kept.texts(found)))
    return [line for state in found.states for line in found_lines(state, found)]


@pytest.mark.parametrize("block", EXAMPLES, ids=range(1, len(EXAMPLES) + 1))
def test_an_example_comes_out_as_it_says(tiny: TinyBooks, block: str) -> None:
    assert result(tiny, block) == told(block)


def errors_of(text: str, folder: Path) -> list[str]:
    main = folder / "main.beancount"
    main.write_text(text, encoding="utf-8")
    return [f"{type(error).__name__}: {error.message}" for error in load_file(str(main))[1]]


@pytest.mark.parametrize("name", ["matching.md", "matching.zh.md"])
def test_the_proof_says_what_the_document_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEANCOUNT_DISABLE_LOAD_CACHE", "1")
    document = (DOCUMENTS / name).read_text(encoding="utf-8")
    (books,) = re.findall(r"^```beancount\n(.*?)^```", document, re.MULTILINE | re.DOTALL)
    assert [error.split(":")[0] for error in errors_of(books, tmp_path)] == ["OpenItemError"]
    changes = re.findall(r"^\| `(.+?)` \| `(.+?)` \| (.+) \|$", document, re.MULTILINE)
    changes = [change for change in changes if change[0] in books]
    assert len(changes) == 4
    for old, new, said in changes:
        assert books.count(old) == 1
        assert errors_of(books.replace(old, new), tmp_path)[0].partition(": ")[2] == said


def test_both_languages_have_the_same_examples() -> None:
    assert blocks("matching.zh.md") == blocks("matching.md")
    assert len(EXAMPLES) > 20


def test_every_class_and_pass_has_an_example() -> None:
    lines = [line for block in EXAMPLES for line in told(block)]
    classes = {line.split()[1] for line in lines}
    assert {klass.value for klass in vocabulary.ItemClass} - classes == set()
    passes = {line.split()[3].rstrip(":") for line in lines if line.startswith("=> closed by")}
    assert passes == {"decision", "key", "reference", "return", "amount", "assignment", "sum"}
