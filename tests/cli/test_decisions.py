"""What decisions say, and which are refused."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from beancount.parser import parser

from beanclear.ledger import decisions
from beanclear.ledger.beancount_text import amount
from beanclear.ledger.decisions import Author
from beanclear.ledger.errors import UsageError
from beanclear.ledger.vocabulary import Match, OpenItem

DAY = datetime.date(2026, 8, 31)
TMALL = "Assets:Receivable:Tmall"
AUTHOR = Author(by="Li", date=DAY, reason='said "so"')


def item(
    key: str = "5001",
    fen: int = 12800,
    *,
    account: str = TMALL,
    currency: str = "CNY",
    counterparty: str | None = None,
) -> OpenItem:
    return OpenItem(
        date=datetime.date(2026, 8, 1), account=account, amount=amount(fen, currency), as_of=DAY,
        klass="overdue", key=key, at_stake=amount(abs(fen), currency), due=DAY, reason="r",
        counterparty=counterparty,
    )  # fmt: skip


def test_write_off_of_all() -> None:
    decision = decisions.write_off(item(), AUTHOR, to="Expenses:BadDebt")
    assert decisions.preview(decision) == (
        '2026-08-31 custom "write-off" Assets:Receivable:Tmall 128.00 CNY\n'
        '  by: "Li"\n'
        '  reason: "said \\"so\\""\n'
        '  key: "5001"\n'
        '  to: "Expenses:BadDebt"\n'
        ";   Assets:Receivable:Tmall  -128.00 CNY\n"
        ";   Expenses:BadDebt  128.00 CNY\n"
    )
    entries, errors, _options = parser.parse_string(decisions.preview(decision))
    assert (len(entries), errors) == (1, [])


@pytest.mark.parametrize(
    ("fen", "part", "taken"),
    [(12800, "28", 2800), (12800, "128.00", 12800), (-500, "5", -500), (-500, "-2.50", -250)],
)
def test_write_off_of_a_part_has_the_sign_of_the_item(fen: int, part: str, taken: int) -> None:
    decision = decisions.write_off(item(fen=fen), AUTHOR, to="Expenses:X", part=Decimal(part))
    assert decision.amount == amount(taken, "CNY")


@pytest.mark.parametrize(
    ("fen", "part", "message"),
    [
        (12800, "128.01", "128.01 is not within the open 128.00 CNY"),
        (12800, "-1", "-1 is not within the open 128.00 CNY"),
        (12800, "0", "0 is not within the open 128.00 CNY"),
        (12800, "1.001", "1.001 is finer than the minor unit of CNY"),
        (0, None, "5001 leaves nothing on Assets:Receivable:Tmall"),
    ],
)
def test_refused_write_offs(fen: int, part: str | None, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        decisions.write_off(
            item(fen=fen), AUTHOR, to="Expenses:X", part=Decimal(part) if part else None
        )
    assert caught.value.what == message


def test_match_that_nets_needs_no_account() -> None:
    decision = decisions.match([item("b", 300), item("a", -300)], AUTHOR, to="Expenses:X")
    assert decision == Match(
        date=DAY, account=TMALL, by="Li", reason='said "so"', currency="CNY", to=None,
        items='{"a": "-3.00", "b": "3.00"}',
    )  # fmt: skip
    assert decisions.movements(decision) == []


def test_match_with_a_rest() -> None:
    items = [item("b", 301), item("a", -300)]
    with pytest.raises(UsageError, match=r"the items leave 0\.01 CNY: say where it goes"):
        decisions.match(items, AUTHOR)
    decision = decisions.match(items, AUTHOR, to="Expenses:Clearing:Rounding")
    assert decisions.movements(decision) == [
        (TMALL, amount(-1, "CNY")),
        ("Expenses:Clearing:Rounding", amount(1, "CNY")),
    ]


def test_refused_matches() -> None:
    with pytest.raises(UsageError, match="two different items"):
        decisions.match([item(), item()], AUTHOR)
    with pytest.raises(UsageError, match="different currencies: CNY, USD"):
        decisions.match([item("a"), item("b", currency="USD")], AUTHOR)


def test_explain() -> None:
    until = datetime.date(2026, 9, 30)
    assert decisions.explain(item(), AUTHOR, until=until).until == until
    with pytest.raises(UsageError, match="2026-08-30 lies before 2026-08-31"):
        decisions.explain(item(), AUTHOR, until=datetime.date(2026, 8, 30))


def test_an_unknown_key_names_similar_ones() -> None:
    items = [
        item("5116032541422009305"),
        item("5116032541422009777"),
        item("x", account="Assets:Y"),
    ]
    assert decisions.find_item(items, TMALL, "5116032541422009305") == items[0]
    with pytest.raises(UsageError, match="similar keys: 5116032541422009305") as caught:
        decisions.find_item(items, TMALL, "511603254142200930")
    assert caught.value.exit_code == 2
    with pytest.raises(UsageError, match="it is open on Assets:Y"):
        decisions.find_item(items, TMALL, "x")
    with pytest.raises(UsageError, match="accounts that have some: Assets:Receivable:Tmall"):
        decisions.find_item(items[:1], "Assets:Z", "x")
    with pytest.raises(UsageError, match="nothing is open in these books"):
        decisions.find_item([], "Assets:Z", "x")


def test_an_alien_key_names_the_largest() -> None:
    items = [item("a", 100), item("b", 900), item("c", -500)]
    assert decisions.similar_keys(items, "zzz") == ["b", "c", "a"]


def test_date_of_a_decision() -> None:
    end = datetime.date(2026, 8, 31)
    june = datetime.date(2026, 6, 30)
    assert decisions.decision_date(None, june, None) == june
    assert decisions.decision_date(None, june, end) == datetime.date(2026, 9, 1)
    assert decisions.decision_date(june, end, None) == june
    with pytest.raises(UsageError, match="2026-06-30 lies in a closed period: choose 2026-09-01"):
        decisions.decision_date(june, end, end)


def test_appended_keeps_what_is_there() -> None:
    decision = decisions.classify(item(), AUTHOR, to="Income:Other")
    once = decisions.appended(";; mine\n", decision)
    twice = decisions.appended(once, decision)
    assert once.startswith(';; mine\n\n2026-08-31 custom "classify"')
    assert twice.startswith(once + "\n")
    entries, errors, _options = parser.parse_string(twice)
    assert (len(entries), errors) == (2, [])


def test_rule() -> None:
    values = {"counterparty": '物业"一"\\', "direction": "in", "account": "Expenses:Rent"}
    assert decisions.rule_text(values) == (
        '[[rules]]\ncounterparty = "物业\\"一\\"\\\\"\ndirection = "in"\n'
        'account = "Expenses:Rent"\n'
    )
