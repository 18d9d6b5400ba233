"""`[[matching]]` of beanclear.toml: what it says reaches the passes; errors name the key."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from beanclear.cli.reminding import reminders
from beanclear.ledger import config
from beanclear.ledger.calendar import Days
from beanclear.ledger.config import Config
from beanclear.ledger.errors import BooksError
from beanclear.ledger.matching_rules import Effective, MatchingRule, Pair, Step
from beanclear.ledger.records import Kind
from tests.conftest import TinyBooks

PAYER = "财付通支付科技有限公司客户备付金"
EVERY_KEY = """
[[matching]]
family = "alipay"
pair = "payout-deposit"
passes = ["amount", "set"]
from = 2026-01-01
until = 2026-12-31
allowed = true
before = "T+1"
after = "B+2"
calendar = "china"
tolerance = { CNY = "0.05", JPY = "3" }
margin = { CNY = "0.10" }
key = "trade_id"
key_length = 12
required = ["提现"]
items = 4
"""


def loaded(folder: Path, text: str) -> Config:
    path = folder / "beanclear.toml"
    path.write_text(text, encoding="utf-8")
    return config.load(path)


def test_every_key_becomes_a_value_of_the_row(tmp_path: Path) -> None:
    table = loaded(tmp_path, EVERY_KEY).rule_table
    assert table.own == (
        MatchingRule(
            family="alipay", pair=Pair.PAYOUT_DEPOSIT, passes=(Step.AMOUNT, Step.SET),
            first=datetime.date(2026, 1, 1), last=datetime.date(2026, 12, 31), allowed=True,
            before=Days.parse("T+1"), after=Days.parse("B+2"), calendar="china",
            tolerance={"CNY": 5, "JPY": 3}, margin={"CNY": 10}, key="trade_id", key_length=12,
            required=("提现",), items=4,
        ),
    )  # fmt: skip
    asked = "alipay", Pair.PAYOUT_DEPOSIT
    day = datetime.date(2026, 7, 1)
    assert table.effective(*asked, Step.AMOUNT, day) == Effective(
        allowed=True, before=Days.parse("T+1"), after=Days.parse("B+2"),
        tolerance={"CNY": 5, "JPY": 3}, margin={"CNY": 10}, key="trade_id", key_length=12,
        required=("提现",), items=4,
    )  # fmt: skip
    assert table.effective(*asked, Step.RUN, day) == Effective(
        allowed=True, after=Days.parse("B+5")
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('family = "jd"\nafter = "B+1"', "[[matching]] names the family 'jd'; known are: alipay,"),
        ('calendar = "bank"', "[[matching]] names the calendar 'bank'; known are: china"),
        ('family = "alipay"', "the key matching.1 is wrong (a rule for matching must say someth"),
        ("after = 5", 'the key matching.1.after is wrong (write days such as "T+3" (calendar)'),
        ('after = "5 days"', 'the key matching.1.after is wrong (write days such as "T+3" (cal'),
        ('before = "B-1"', 'the key matching.1.before is wrong (write days such as "T+3" (cal'),
        ('pair = "order-wallet"', "the key matching.1.pair must be one of 'payout-deposit', 'pa"),
        ('passes = ["key"]', "the key matching.1.passes.1 must be one of 'reference', 'return',"),
        ("passes = []\nitems = 3", "the key matching.1.passes is wrong"),
        ('allowed = "no"', "the key matching.1.allowed must be true or false"),
        ("tolerance = { CNY = 1 }", "the key matching.1.tolerance.CNY is wrong (write the amoun"),
        ('tolerance = { CNY = "0.001" }', "matching.1 is wrong (0.001 is finer than CNY can be)"),
        ('tolerance = { yuan = "1" }', "the key matching.1.tolerance.yuan"),
        ('margin = { CNY = "0.00" }', "the key matching.1 is wrong (a margin is above 0)"),
        ('key = "memo"', "the key matching.1.key must be one of 'payout_id', 'trade_id', 'order"),
        ("key_length = 3", "the key matching.1.key_length is wrong"),
        ('key_length = "8"', "the key matching.1.key_length must be a whole number"),
        ("items = 1", "the key matching.1.items is wrong"),
        ("items = 11", "the key matching.1.items is wrong"),
        ("required = []", "the key matching.1.required is wrong"),
        ('required = "提现"', "the key matching.1.required must be a list"),
        ('payers = ["x"]', "the key matching.1 is wrong (payers belong to one family: name it)"),
        (
            'family = "alipay"\npayers = ["x"]\npasses = ["set"]',
            "the key matching.1 is wrong (payers hold for every pass: leave out pair and passes)",
        ),
        (
            'family = "alipay"\npayers = ["x"]\npair = "payout-return"',
            "the key matching.1 is wrong (payers hold for every pass: leave out pair and passes)",
        ),
        (
            'after = "B+1"\nfrom = 2026-07-02\nuntil = 2026-07-01',
            "the key matching.1 is wrong (the rule ends before it begins)",
        ),
        ("window = 5", "the key matching.1.window is unknown"),
    ],
)
def test_errors_name_the_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BooksError) as caught:
        loaded(tmp_path, f"[[matching]]\n{text}\n")
    assert str(caught.value).startswith("beanclear.toml: ")
    assert message in str(caught.value)


def test_the_former_section_of_payers_says_where_they_went(tmp_path: Path) -> None:
    with pytest.raises(BooksError, match="write payers in a \\[\\[matching\\]\\] of their family"):
        loaded(tmp_path, '[[payers]]\ncontains = "x"\nfamily = "alipay"\n')


@pytest.mark.parametrize(
    ("text", "open_"),
    [
        ("", []),
        ('[[matching]]\nafter = "B+1"\n', ["D", "P"]),
        ('[[matching]]\nafter = "B+1"\nfamily = "alipay"\n', []),
        ('[[matching]]\nallowed = false\npasses = ["amount", "assignment"]\n', ["D", "P"]),
        ('[[matching]]\nrequired = ["货款"]\n', ["D", "P"]),
        ('[[matching]]\nrequired = ["提现"]\n', []),
    ],
)
def test_a_rule_decides_what_a_run_matches(tiny: TinyBooks, text: str, open_: list[str]) -> None:
    tiny.wallet(Kind.PAYOUT, -900, "07-01", record_id="P")
    tiny.bank(900, "07-03", PAYER, "提现", record_id="D")
    tiny.configure(text)
    assert sorted(key for _class, key, _amount in tiny.open()) == open_


def test_a_rule_says_which_reference_stands_in_the_memo(tiny: TinyBooks) -> None:
    tiny.wallet(Kind.PAYOUT, -900, "07-01", record_id="P", trade_id="TRADE20260701")
    tiny.bank(890, "07-03", PAYER, "TRADE20260701", record_id="D")
    assert [key for _class, key, _amount in tiny.open()] == ["P", "D"]
    tiny.configure('[[matching]]\nkey = "trade_id"\n')
    assert tiny.open() == [("short", "P", 10)]


def test_a_tolerance_by_currency_leaves_its_rest_to_the_account(tiny: TinyBooks) -> None:
    tiny.wallet(Kind.PAYOUT, -900, "07-01", record_id="P")
    tiny.bank(898, "07-03", PAYER, record_id="D")
    tiny.configure('[[matching]]\ntolerance = { CNY = "0.02", USD = "9.00" }\n')
    assert tiny.open() == [("short", "P", 2)]
    chart = tiny.texts()["accounts.beancount"].replace("tolerance: 0.00", "tolerance: 0.02")
    tiny.write("accounts.beancount", chart)
    assert tiny.open() == []
    assert [(rest.key, rest.amount_minor) for rest in tiny.found().rests] == [("P", 2)]
    tiny.configure('[[matching]]\ntolerance = { CNY = "0.01" }\n')
    assert [key for _class, key, _amount in tiny.open()] == ["P", "D"]


def test_payers_say_from_when_on_a_line_is_a_payout(tiny: TinyBooks) -> None:
    tiny.wallet(Kind.PAYOUT, -900, "07-01", record_id="P")
    tiny.wallet(Kind.PAYOUT, -800, "08-03", record_id="Q")
    tiny.bank(900, "07-03", "新支付公司", record_id="D")
    tiny.bank(800, "08-04", "新支付公司", record_id="E")
    lines = [("uncategorised", "D", -900), ("uncategorised", "E", -800)]
    payouts = [("missing-deposit", "P", 900), ("missing-deposit", "Q", 800)]
    assert sorted(tiny.open()) == sorted([*lines, *payouts])
    rule = '[[matching]]\nfamily = "wechat"\npayers = ["新支付"]\n'
    tiny.configure(rule)
    assert tiny.open() == []
    tiny.configure(f"{rule}from = 2026-08-01\n")
    assert sorted(tiny.open()) == sorted([lines[0], payouts[0]])


def test_years_nobody_announced_are_an_assumption(tiny: TinyBooks) -> None:
    tiny.wallet(Kind.PAYOUT, -900, "12-30", record_id="P")
    tiny.bank(77, "07-02", PAYER, record_id="D")
    with tiny.keeper() as kept:
        computed = kept.compute()
    assert computed.years_estimated == (2027,)
    assert (
        "2027: its holidays were not announced when this version was made, so only weekends count"
        " as free; add them to [calendar] in beanclear.toml"
    ) in list(reminders(computed))
