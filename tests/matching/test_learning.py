"""Rules that decisions speak for: what is proposed, with which figures, and in which order."""

from __future__ import annotations

import random

import pytest

from beanclear.matching.learning import (
    Direction,
    Line,
    Proposal,
    candidates,
    lower_bound,
    propose,
)

RENT, BANK_FEES, ALIPAY = "Expenses:Rent", "Expenses:Finance:BankFees", "Assets:Transit:Alipay"


def decided(
    key: str, target: str, counterparty: str = "", memo: str = "", direction: Direction = "out"
) -> Line:
    return Line(
        key=key,
        counterparty=counterparty,
        memo=memo,
        direction=direction,
        target=target,
        decided=True,
    )


def booked(key: str, target: str, counterparty: str = "", memo: str = "") -> Line:
    return Line(key=key, counterparty=counterparty, memo=memo, direction="out", target=target)


def waiting(key: str, counterparty: str = "", memo: str = "") -> Line:
    return Line(key=key, counterparty=counterparty, memo=memo, direction="out")


def test_a_counterparty_that_always_goes_to_one_account() -> None:
    lines = [
        decided("1", RENT, "杭州某物业管理有限公司", "7月房租"),
        decided("2", RENT, "杭州某物业管理有限公司", "押金"),
        booked("3", RENT, "杭州某物业管理有限公司"),
        waiting("4", "杭州某物业管理有限公司"),
        waiting("5", "别的公司"),
    ]
    assert propose(lines) == [
        Proposal(
            account=RENT,
            counterparty="杭州某物业管理有限公司",
            direction="out",
            decided=2,
            agreed=2,
            booked=1,
            booked_agreed=1,
            waiting=("4",),
        )
    ]
    (found,) = propose(lines)
    assert (found.precision, round(found.at_least, 3)) == (1.0, 0.438)


def test_what_two_memos_share_without_their_numbers() -> None:
    lines = [
        decided("1", BANK_FEES, memo="2026年7月账户管理费0701"),
        decided("2", BANK_FEES, memo="账户管理费0801"),
    ]
    (found,) = propose(lines)
    assert (found.memo, found.counterparty, found.agreed) == ("账户管理费", None, 2)


def test_what_two_payers_share() -> None:
    lines = [
        decided("1", ALIPAY, "支付宝（杭州）信息技术", direction="in"),
        decided("2", ALIPAY, "支付宝(杭州)科技", direction="in"),
    ]
    (found,) = propose(lines)
    assert (found.counterparty, found.direction) == ("支付宝杭州", "in")


def test_one_contradiction_puts_a_proposal_below_all_that_have_none() -> None:
    lines = [
        *(decided(f"r{number}", RENT, "某物业管理", "转账") for number in range(9)),
        decided("w", "Expenses:Water", "某物业管理", "转账"),
        decided("b1", BANK_FEES, "某银行", "手续费"),
        decided("b2", BANK_FEES, "某银行", "短信费"),
    ]
    sure, doubtful = propose(lines)
    assert (sure.account, sure.counterparty, sure.precision) == (BANK_FEES, "某银行", 1.0)
    assert (doubtful.account, doubtful.counterparty) == (RENT, "某物业管理")
    assert (doubtful.agreed, doubtful.decided) == (9, 10)
    assert doubtful.against == (("w", "Expenses:Water"),)
    assert doubtful.precision == pytest.approx(0.9)
    assert doubtful.at_least > sure.at_least


def test_a_memo_beside_a_counterparty_that_alone_is_contradicted() -> None:
    lines = [
        *(decided(f"r{number}", RENT, "某物业管理", f"{number}月物业服务") for number in range(3)),
        *(decided(f"w{number}", "Expenses:Water", "某物业管理", "代收水费") for number in range(2)),
        booked("b", "Expenses:Consulting", "某顾问", "3月物业服务"),
    ]
    found = {(one.counterparty, one.memo): one for one in propose(lines)}
    both = found["某物业管理", "月物业服务"]
    assert (both.account, both.agreed, both.against) == (RENT, 3, ())


def test_a_booked_line_contradicts_as_well() -> None:
    lines = [
        decided("1", RENT, "财付通支付科技有限公司", direction="out"),
        decided("2", RENT, "财付通支付科技有限公司", direction="out"),
        booked("3", "Assets:Transit:WeChat", "财付通支付科技有限公司客户备付金"),
    ]
    (found,) = propose(lines)
    assert found.against == (("3", "Assets:Transit:WeChat"),)
    assert (found.booked, found.booked_agreed) == (1, 0)
    assert found.precision == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [decided("1", RENT, "某物业管理")],
        [decided("1", RENT, "某物业管理"), decided("2", "Expenses:Water", "某物业管理")],
        [decided("1", RENT, "甲", "1234567"), decided("2", RENT, "甲", "7654321")],
        [booked("1", RENT, "某物业管理"), booked("2", RENT, "某物业管理")],
    ],
    ids=["nothing", "once", "torn", "texts that say nothing", "nobody decided"],
)
def test_no_proposal(lines: list[Line]) -> None:
    assert propose(lines) == []


def test_a_single_decision_is_enough_when_asked_for() -> None:
    (found,) = propose([decided("1", RENT, "某物业管理")], support=1)
    assert (found.counterparty, round(found.at_least, 2)) == ("某物业管理", 0.21)


def test_every_payer_of_an_account_has_a_rule_of_its_own() -> None:
    lines = [
        *(decided(f"a{number}", RENT, "某物业管理") for number in range(2)),
        *(decided(f"b{number}", RENT, "另一房东", direction="in") for number in range(3)),
    ]
    assert [(one.counterparty, one.direction, one.agreed) for one in propose(lines)] == [
        ("另一房东", "in", 3), ("某物业管理", "out", 2),
    ]  # fmt: skip


def test_of_equal_figures_decisions_count_more_than_bookings_and_long_texts_more_than_short() -> (
    None
):
    lines = [
        *(decided(f"a{number}", RENT, "某物业管理公司") for number in range(2)),
        *(booked(f"b{number}", RENT, "某物业管理公司") for number in range(2)),
        *(decided(f"c{number}", BANK_FEES, "某银行") for number in range(3)),
        booked("d", BANK_FEES, "某银行"),
    ]
    first, second = propose(lines)
    assert (first.account, second.account) == (BANK_FEES, RENT)
    assert first.at_least == second.at_least
    memos = [decided(f"e{number}", RENT, "", "七月房租") for number in range(2)]
    payers = [decided(f"f{number}", BANK_FEES, "某银行") for number in range(2)]
    assert [one.account for one in propose([*memos, *payers])] == [RENT, BANK_FEES]


@pytest.mark.parametrize(
    ("text", "enough"), [("某甲", True), ("某a1", False), ("abcd", True), ("⺀⺀", True)]
)
def test_a_text_must_be_as_long_as_two_chinese_characters(text: str, enough: bool) -> None:
    assert len(propose([decided("1", RENT, text), decided("2", RENT, text)])) == enough


def test_candidates_of_an_open_line_are_ranked() -> None:
    lines = [
        *(decided(f"r{number}", RENT, "某物业管理", "转账") for number in range(3)),
        decided("w", "Expenses:Water", "某物业管理", "转账"),
        waiting("o", "某物业管理", "转账"),
        waiting("p", "别的公司"),
    ]
    found = candidates(propose(lines, support=1))
    assert list(found) == ["o"]
    assert [(one.account, one.agreed, one.decided) for one in found["o"]] == [
        (RENT, 3, 4), ("Expenses:Water", 1, 4),
    ]  # fmt: skip
    assert len(candidates(propose(lines, support=1), most=1)["o"]) == 1


def test_the_order_of_lines_does_not_matter() -> None:
    lines = [
        *(decided(f"r{number}", RENT, "某物业管理", f"{number}月房租") for number in range(5)),
        *(decided(f"f{number}", BANK_FEES, "某银行", f"手续费{number}") for number in range(4)),
        decided("x", "Expenses:Water", "某物业管理", "水费"),
        waiting("o", "某银行", "手续费"),
    ]
    expected = propose(lines)
    assert expected
    for seed in range(5):
        assert propose(random.Random(seed).sample(lines, len(lines))) == expected


def test_lower_bound() -> None:
    assert lower_bound(0, 0) == 0.0
    assert round(lower_bound(5, 5), 2) == 0.57
    assert round(lower_bound(9, 10), 2) == 0.6
    assert lower_bound(0, 4) == 0.0
