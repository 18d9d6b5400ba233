"""The table of rules: each field, changed, changes what is matched; later rows overrule earlier."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from beanclear.ledger import config as configuration
from beanclear.ledger.calendar import Days
from beanclear.ledger.calendars import BASE, CalendarDay, Calendars
from beanclear.ledger.matching_rules import (
    SHIPPED,
    Effective,
    MatchingRule,
    Pair,
    RuleTable,
    Step,
)
from beanclear.matching.payout_legs import PayoutLeg
from beanclear.matching.payouts import match
from beanclear.matching.rules import Rulebook, Rulebooks

# 1 July 2026 is a Wednesday; business days end with the 8th, the fifth after it.
FIRST = datetime.date(2026, 7, 1)
A, B = 123_457, 268_919


def day(number: int) -> datetime.date:
    return FIRST + datetime.timedelta(days=number)


def leg(key: str, number: int, amount: int, **more: Any) -> PayoutLeg:  # noqa: ANN401 - fields of a leg
    return PayoutLeg(day=day(number), key=key, amount_minor=amount, **more)


def linked(legs: list[PayoutLeg], *own: MatchingRule, **more: Any) -> dict[str, str]:  # noqa: ANN401 - as below
    """Which keys each pass linked, under the shipped rules and `own`."""
    calendars = more.get("calendars", Calendars())
    rules = Rulebook(
        RuleTable(own), more.get("family", "alipay"), more.get("currency", "CNY"), calendars
    )
    return {link.matched_by: " ".join(sorted(link.keys)) for link in match(legs, rules).links}


def days(text: str) -> Days:
    return Days.parse(text)


PAIR = [leg("p", 0, A), leg("d", 7, -A)]
NEAR = [leg("p", 0, A), leg("d", 1, -A + 5)]
EARLY = [leg("p", 1, A), leg("d", 0, -A)]
FRIDAY = [leg("p", 5, A), leg("d", 2, -A)]
BACK = [leg("p", 0, A), leg("r", 1, -A, returned=True)]
TAKEN_BACK = [leg("d", 0, -A), leg("x", 1, A, returned=True)]
NAMED = [leg("p", 0, A, reference="TX202607"), leg("d", 40, -B, text="TX202607")]
RUN = [leg("a", 0, A), leg("b", 0, B), leg("d", 7, -(A + B))]
SET = [leg("a", 0, A), leg("b", 1, 88_831), leg("c", 2, B), leg("d", 2, -(A + B))]
TWO = [leg("p", 0, A), leg("q", 0, A + 9), leg("d", 1, -A - 1), leg("e", 1, -A - 7)]
SAID = [leg("p", 0, A), leg("d", 1, -A, text="提现", payer="某某（支付）公司")]
TOLERANT = MatchingRule(tolerance={"CNY": 9})


@pytest.mark.parametrize(
    ("legs", "before", "rule", "after"),
    [
        (PAIR, {"amount": "d p"}, MatchingRule(after=days("B+4")), {}),
        (PAIR, {"amount": "d p"}, MatchingRule(after=days("T+6")), {}),
        (PAIR, {"amount": "d p"}, MatchingRule(allowed=False), {}),
        (PAIR, {"amount": "d p"}, MatchingRule(family="wechat", allowed=False), {"amount": "d p"}),
        (PAIR, {"amount": "d p"}, MatchingRule(family="alipay", allowed=False), {}),
        (PAIR, {"amount": "d p"}, MatchingRule(allowed=False, first=day(1)), {"amount": "d p"}),
        (PAIR, {"amount": "d p"}, MatchingRule(allowed=False, first=day(0)), {}),
        (PAIR, {"amount": "d p"}, MatchingRule(allowed=False, last=day(-1)), {"amount": "d p"}),
        (PAIR, {"amount": "d p"}, MatchingRule(allowed=False, last=day(0)), {}),
        (
            PAIR,
            {"amount": "d p"},
            MatchingRule(allowed=False, passes=(Step.AMOUNT,)),
            {"assignment": "d p"},
        ),
        (
            PAIR,
            {"amount": "d p"},
            MatchingRule(allowed=False, pair=Pair.PAYOUT_RETURN),
            {"amount": "d p"},
        ),
        (EARLY, {}, MatchingRule(before=days("T+1")), {"amount": "d p"}),
        # Monday the 6th is one business day after Friday the 3rd.
        (FRIDAY, {}, MatchingRule(before=days("B+1")), {"amount": "d p"}),
        ([leg("p", 5, A), leg("d", 1, -A)], {}, MatchingRule(before=days("B+1")), {}),
        (NEAR, {}, MatchingRule(tolerance={"CNY": 5}), {"assignment": "d p"}),
        (NEAR, {}, MatchingRule(tolerance={"CNY": 4}), {}),
        (NEAR, {}, MatchingRule(tolerance={"USD": 5}), {}),
        (TWO, {}, replace(TOLERANT, margin={"CNY": 7}), {}),
        (BACK, {"return": "p r"}, MatchingRule(allowed=False, pair=Pair.PAYOUT_RETURN), {}),
        (
            TAKEN_BACK,
            {"return": "d x"},
            MatchingRule(allowed=False, pair=Pair.DEPOSIT_REVERSAL),
            {},
        ),
        (
            BACK,
            {"return": "p r"},
            MatchingRule(allowed=False, passes=(Step.RETURN,)),
            {"amount": "p r"},
        ),
        (NAMED, {"reference": "d p"}, MatchingRule(key_length=9), {}),
        (NAMED, {"reference": "d p"}, MatchingRule(allowed=False, passes=(Step.REFERENCE,)), {}),
        (RUN, {"sum": "a b d"}, MatchingRule(passes=(Step.RUN,), after=days("B+4")), {}),
        (SET, {"sum": "a c d"}, MatchingRule(passes=(Step.SET,), after=days("B+1")), {}),
        ([*SET[:2], leg("c", 2, B), leg("g", 2, 71_033), leg("d", 2, -(A + B + 71_033))],
         {"sum": "a c d g"}, MatchingRule(items=2), {}),
        (SAID, {"amount": "d p"}, MatchingRule(required=("转账", "货款")), {}),
        (SAID, {"amount": "d p"}, MatchingRule(required=("转账", "提现")), {"amount": "d p"}),
        (SAID, {"amount": "d p"}, MatchingRule(required=("某某(支付)",)), {"amount": "d p"}),
        (BACK, {"return": "p r"}, MatchingRule(required=("提现",)), {"return": "p r"}),
    ],
)  # fmt: skip
def test_a_changed_value_changes_what_is_linked(
    legs: list[PayoutLeg], before: dict[str, str], rule: MatchingRule, after: dict[str, str]
) -> None:
    assert linked(legs) == before
    assert linked(legs, rule) == after


@pytest.mark.parametrize(
    ("legs", "pair"),
    [
        (NAMED, Pair.PAYOUT_DEPOSIT),
        ([NAMED[0], leg("r", 40, -B, reference="TX202607", returned=True)], Pair.PAYOUT_RETURN),
        ([NAMED[0], leg("x", 40, B, text="TX202607", returned=True)], Pair.DEPOSIT_REVERSAL),
    ],
)
def test_a_leg_that_names_a_payout_is_one_of_three_pairs(legs: list[PayoutLeg], pair: Pair) -> None:
    assert list(linked(legs)) == ["reference"]
    for other in Pair:
        rule = MatchingRule(allowed=False, pair=other, passes=(Step.REFERENCE,))
        assert list(linked(legs, rule)) == ([] if other is pair else ["reference"])


def test_deposits_compete_with_returns_as_they_do_by_amount() -> None:
    # By amount d is a day too late for p, whatever it may do in the return pass.
    legs = [*BACK, leg("d", 2, -A)]
    assert linked(legs) == {}
    rule = MatchingRule(pair=Pair.PAYOUT_DEPOSIT, passes=(Step.AMOUNT,), after=days("T+1"))
    assert linked(legs, rule) == {"return": "p r"}


@pytest.mark.parametrize(("came", "found"), [(4, {}), (5, {"assignment": "d p"})])
@pytest.mark.parametrize("sources", [("", ""), ("first", "known")])
def test_a_payout_of_the_day_before_may_be_the_deposits_until_its_window_ends(
    came: int, found: dict[str, str], sources: tuple[str, str]
) -> None:
    # One of the two wallets may be known from long before.
    window = MatchingRule(after=days("T+5"), tolerance={"CNY": 10}, margin={"CNY": 5})
    legs = [
        leg("z", -30, 777, source="known"),
        leg("p", 0, 1000, source=sources[0]),
        leg("q", 0, 1010, source=sources[1]),
        leg("d", came, -1001),
    ]
    assert linked(legs, window) == found


def test_whose_business_days_count(tmp_path: Path) -> None:
    (tmp_path / "days.txt").write_text("2026-07-03 holiday own\n", encoding="utf-8")
    (tmp_path / "beanclear.toml").write_text(
        '[calendar]\nfile = "days.txt"\n[[matching]]\nfamily = "alipay"\ncalendar = "own"\n',
        encoding="utf-8",
    )
    books = Rulebooks(configuration.load(tmp_path / "beanclear.toml"))
    assert books.calendar("Assets:Transit:Alipay", FIRST) is books.calendars["own"]
    assert books.calendar("Assets:Transit:WeChat", FIRST) is books.calendars[BASE]
    assert books.calendar("Assets:Receivable:Shop", FIRST) is books.calendars[BASE]


def test_a_margin_says_how_much_worse_every_other_pairing_must_be() -> None:
    # p–d and q–e are 1 + 2 apart; p–e and q–d 7 + 8.
    early = leg("z", -30, 777)
    rules = [
        replace(TOLERANT, margin={"CNY": 12}),
        replace(TOLERANT, margin={"CNY": 13}),
        replace(TOLERANT, margin={"USD": 99}),
    ]
    found = []
    for rule in rules:
        book = Rulebook(RuleTable([rule]), "alipay", "CNY", Calendars())
        outcome = match([early, *TWO], book)
        found.append((sorted(link.keys for link in outcome.links), sorted(outcome.ambiguous)))
    pairs = [("p", "d"), ("q", "e")]
    # Without a margin it is one more than the tolerance: 10.
    assert found == [(pairs, []), ([], ["d", "e", "p", "q"]), (pairs, [])]


def test_business_days_of_a_calendar_of_its_own() -> None:
    calendars = Calendars([CalendarDay(day=day(6), worked=False, name="alipay")])
    legs = [leg("p", 0, A), leg("d", 8, -A)]
    assert linked(legs, calendars=calendars) == {}
    own = MatchingRule(calendar="alipay")
    assert linked(legs, own, calendars=calendars) == {"amount": "d p"}


def test_sets_lie_in_a_tighter_window_than_runs() -> None:
    table = RuleTable()
    windows = [
        table.effective("alipay", Pair.PAYOUT_DEPOSIT, step, FIRST).after
        for step in (Step.AMOUNT, Step.RUN, Step.SET)
    ]
    assert windows == [days("B+5"), days("B+5"), days("B+3")]


def test_rows_are_laid_one_over_the_other() -> None:
    rows = [
        MatchingRule(family="alipay", after=days("B+1"), tolerance={"CNY": 1}),
        MatchingRule(after=days("B+9"), items=4, tolerance={"USD": 2, "CNY": 3}),
        MatchingRule(family="alipay", items=6, first=day(10)),
        MatchingRule(family="alipay", items=5, first=day(5)),
    ]
    table = RuleTable(rows)
    asked = Pair.PAYOUT_DEPOSIT, Step.AMOUNT
    assert table.effective("alipay", *asked, day(4)) == Effective(
        allowed=True, after=days("B+1"), items=4, tolerance={"CNY": 1, "USD": 2}
    )
    assert [table.effective("alipay", *asked, day(n)).items for n in (5, 9, 10)] == [5, 5, 6]
    assert table.effective("wechat", *asked, day(4)).after == days("B+9")
    assert RuleTable(reversed(rows)).effective("alipay", *asked, day(10)).items == 6
    assert table.rows[: len(SHIPPED)] == SHIPPED


def test_payers_of_the_books_go_before_shipped_ones_and_hold_in_their_time() -> None:
    name = "支付宝支付科技有限公司深圳"
    table = RuleTable(
        [MatchingRule(family="wechat", payers=("支付宝",), first=day(0), last=day(9))]
    )
    assert table.payer_families(name) == [
        (datetime.date.min, day(-1), "alipay"),
        (day(0), day(9), "wechat"),
        (day(10), datetime.date.max, "alipay"),
    ]
    assert table.payer_families("银联") == table.payer_families(None) == []
    later = RuleTable(
        [MatchingRule(family="wechat", payers=("银联",), first=day(0), last=datetime.date.max)]
    )
    assert later.payer_families("中国银联") == [(day(0), datetime.date.max, "wechat")]


def test_the_longest_name_decides() -> None:
    table = RuleTable(
        [
            MatchingRule(family="wechat", payers=("某某支付",)),
            MatchingRule(family="alipay", payers=("某某",)),
        ]
    )
    assert [family for *_days, family in table.payer_families("某某支付")] == ["wechat"]
    assert [family for *_days, family in table.payer_families("某某公司")] == ["alipay"]
