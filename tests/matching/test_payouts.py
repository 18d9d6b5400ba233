"""Passes 3 to 7: payouts, returns and deposits, by reference, return, amount and sum."""

from __future__ import annotations

import datetime
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beanclear.ledger.calendar import Days
from beanclear.ledger.calendars import Calendars
from beanclear.ledger.matching_rules import MatchingRule, RuleTable
from beanclear.matching.payout_legs import Link, Outcome, PayoutLeg
from beanclear.matching.payouts import match
from beanclear.matching.rules import Rulebook

FIRST = datetime.date(2026, 7, 1)
WINDOW = 5


def book(*own: MatchingRule, family: str = "alipay") -> Rulebook:
    """The rules of a family: shipped, but for a window of five calendar days, and these."""
    window = MatchingRule(after=Days(unit="T", count=WINDOW))
    return Rulebook(RuleTable([window, *own]), family, "CNY", Calendars())


RULES = book()


def leg(key: str, day: int, amount: int, reference: str | None = None, text: str = "") -> PayoutLeg:
    return PayoutLeg(
        day=FIRST + datetime.timedelta(days=day),
        key=key,
        amount_minor=amount,
        reference=reference,
        text=text,
    )


def groups(*legs: PayoutLeg) -> set[tuple[str, frozenset[str]]]:
    return {(link.matched_by, frozenset(link.keys)) for link in match(legs, RULES).links}


def ambiguous(*legs: PayoutLeg) -> dict[str, tuple[str, ...]]:
    return match(legs, RULES).ambiguous


def pair(how: str, *keys: str) -> tuple[str, frozenset[str]]:
    return (how, frozenset(keys))


def test_a_reference_in_the_memo_links_even_other_amounts_and_late_days() -> None:
    payout = leg("p", 0, 1000, "TX20260701")
    deposit = leg("d", 30, -990, text="微信支付提现 TX20260701 到账")
    assert match([payout, deposit], RULES).links == [
        Link(keys=("p", "d"), matched_by="reference", evidence="p")
    ]


def test_one_reference_may_name_several_deposits() -> None:
    found = groups(
        leg("p", 0, 1000, "TX20260701"),
        leg("d1", 1, -600, text="TX20260701 1/2"),
        leg("d2", 1, -400, text="TX20260701 2/2"),
    )
    assert found == {pair("reference", "p", "d1", "d2")}


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("TX2026", "TX2026"),
        (None, "TX20260701"),
        ("TX20260701", "TX20260702"),
        ("TX20260701", "TX202607015"),
        ("20260701", "820260701"),
    ],
)
def test_short_missing_and_other_references_link_nothing(reference: str | None, text: str) -> None:
    assert groups(leg("p", 0, 1000, reference), leg("d", 1, -990, text=text)) == set()


def test_a_memo_that_names_two_payouts_links_neither() -> None:
    legs = [
        leg("p1", 0, 123_457, "TX20260701"),
        leg("p2", 0, 268_919, "TX20260702"),
        leg("d", 1, -392_376, text="TX20260701 TX20260702"),
    ]
    # The sum says what the memo alone leaves open.
    assert groups(*legs) == {pair("sum", "p1", "p2", "d")}


@pytest.mark.parametrize(
    ("day", "linked"), [(-1, False), (0, True), (WINDOW, True), (WINDOW + 1, False)]
)
def test_the_window_is_from_the_payout_to_its_last_day(day: int, linked: bool) -> None:
    found = groups(leg("p", 0, 1000), leg("d", day, -1000))
    assert found == ({pair("amount", "p", "d")} if linked else set())


@pytest.mark.parametrize("amount", [-999, -1001])
def test_no_amount_is_nearly_equal(amount: int) -> None:
    assert match([leg("p", 0, 1000), leg("d", 1, amount)], RULES) == Outcome()


def test_equal_payouts_and_as_many_deposits_close_as_a_set() -> None:
    legs = [leg("p1", 0, 5), leg("p2", 1, 5), leg("d1", 2, -5), leg("d2", 3, -5)]
    assert groups(*legs) == {pair("amount", "p1", "p2", "d1", "d2")}


def test_a_block_that_cannot_be_paired_is_ambiguous_although_it_sums_to_zero() -> None:
    # Both deposits fit the first payout only in part: the second payout has none of its own.
    legs = [leg("p1", 0, 5), leg("p2", 4, 5), leg("d1", 1, -5), leg("d2", 3, -5)]
    assert groups(*legs) == set()
    assert set(ambiguous(*legs)) == {"p1", "d1", "d2"}


def test_two_payouts_for_one_deposit_are_both_shown() -> None:
    legs = [leg("p1", 0, 5), leg("p2", 1, 5), leg("d", 2, -5)]
    assert groups(*legs) == set()
    assert ambiguous(*legs) == {"p1": ("d",), "p2": ("d",), "d": ("p1", "p2")}


def test_two_deposits_for_one_payout_are_both_shown() -> None:
    legs = [leg("p", 0, 5), leg("d1", 1, -5), leg("d2", 2, -5)]
    assert ambiguous(*legs) == {"p": ("d1", "d2"), "d1": ("p",), "d2": ("p",)}


def test_equal_amounts_far_apart_are_blocks_of_their_own() -> None:
    legs = [leg("p1", 0, 5), leg("d1", 1, -5), leg("p2", 20, 5), leg("d2", 21, -5)]
    assert groups(*legs) == {pair("amount", "p1", "d1"), pair("amount", "p2", "d2")}


def back(key: str, day: int, amount: int, source: str = "") -> PayoutLeg:
    """A leg that takes back an earlier one of its source: a return is −, a bank's reversal +."""
    return replace(leg(key, day, amount), source=source, returned=True)


def test_a_return_undoes_its_payout() -> None:
    assert match([leg("p", 0, 5), back("r", 1, -5)], RULES).links == [
        Link(keys=("p", "r"), matched_by="return", evidence="5")
    ]


@pytest.mark.parametrize(
    ("day", "linked"), [(-1, False), (0, True), (WINDOW, True), (WINDOW + 1, False)]
)
def test_a_return_comes_after_its_payout_within_the_window(day: int, linked: bool) -> None:
    found = match([leg("p", 0, 5), back("r", day, -5)], RULES)
    assert {frozenset(link.keys) for link in found.links} == (
        {frozenset({"p", "r"})} if linked else set()
    )
    assert found.ambiguous == {}


@pytest.mark.parametrize(
    ("day", "linked"), [(-1, False), (0, True), (WINDOW, True), (WINDOW + 1, False)]
)
def test_a_reversal_comes_after_its_deposit_within_the_window(day: int, linked: bool) -> None:
    found = match([leg("d", 0, -5), back("x", day, 5)], RULES)
    assert {frozenset(link.keys) for link in found.links} == (
        {frozenset({"d", "x"})} if linked else set()
    )


def test_a_return_goes_to_the_payout_before_it_and_the_deposit_to_the_one_after() -> None:
    legs = [leg("p1", 0, 5), back("r", 1, -5), leg("p2", 2, 5), leg("d", 3, -5)]
    assert groups(*legs) == {pair("return", "p1", "r"), pair("amount", "p2", "d")}


def test_a_return_comes_back_to_the_wallet_it_left() -> None:
    legs = [replace(leg("p1", 0, 5), source="one"), replace(leg("p2", 0, 5), source="two")]
    assert groups(*legs, back("r", 1, -5, "two")) == {pair("return", "p2", "r")}
    assert match([*legs, back("r", 1, -5, "three")], RULES) == Outcome()


def test_a_reversal_takes_a_deposit_of_its_own_bank_account() -> None:
    legs = [replace(leg("d1", 0, -5), source="one"), replace(leg("d2", 0, -5), source="two")]
    assert groups(*legs, back("x", 1, 5, "two")) == {pair("return", "d2", "x")}


def test_a_return_and_a_reversal_do_not_undo_each_other() -> None:
    assert match([back("r", 0, -5), back("x", 0, 5)], RULES) == Outcome()


def test_a_payout_that_came_was_reversed_and_came_back() -> None:
    legs = [leg("p", 0, 5), leg("d", 1, -5), back("x", 2, 5), back("r", 3, -5)]
    assert groups(*legs) == {pair("return", "d", "x"), pair("return", "p", "r")}


def test_a_reversed_deposit_leaves_its_payout_waiting() -> None:
    legs = [leg("p", 0, 5), leg("d", 1, -5), back("x", 2, 5)]
    assert groups(*legs) == {pair("return", "d", "x")}
    assert groups(*legs, leg("d2", 3, -5)) == {
        pair("return", "d", "x"), pair("amount", "p", "d2")
    }  # fmt: skip


def test_one_return_of_two_equal_payouts_closes_as_a_set_or_not_at_all() -> None:
    legs = [leg("p1", 0, 5), leg("p2", 0, 5), back("r", 1, -5)]
    assert groups(*legs) == set()
    assert ambiguous(*legs) == {"p1": ("r",), "p2": ("r",), "r": ("p1", "p2")}
    assert groups(*legs, leg("d", 2, -5)) == {pair("amount", "p1", "p2", "r", "d")}


def test_what_no_other_leg_can_take_decides_for_the_rest() -> None:
    # d came before p2 and needs p1: only p2 is left for the return.
    legs = [leg("p1", 0, 5), leg("d", 0, -5), leg("p2", 1, 5), back("r", 2, -5)]
    assert groups(*legs) == {pair("return", "p2", "r"), pair("amount", "p1", "d")}


def test_a_return_and_a_deposit_of_one_payout_are_both_shown() -> None:
    # One of the two is wrong, and nothing here says which.
    legs = [leg("p", 0, 5), leg("d", 1, -5), back("r", 2, -5)]
    assert groups(*legs) == set()
    assert ambiguous(*legs) == {"p": ("d", "r"), "d": ("p",), "r": ("p",)}


def test_a_decided_return_leaves_the_others_ambiguous() -> None:
    legs = [leg("p1", 0, 5), back("r", 1, -5), leg("p2", 2, 5), leg("p3", 2, 5), leg("d", 3, -5)]
    assert groups(*legs) == {pair("return", "p1", "r")}
    assert set(ambiguous(*legs)) == {"p2", "p3", "d"}


def test_a_return_that_gives_the_payouts_id_belongs_to_it_whatever_the_amount_and_day() -> None:
    legs = [leg("p1", 0, 5, "TX20260701"), leg("p2", 0, 5, "TX20260702")]
    late = replace(back("r", 30, -4), reference="TX20260702")
    assert groups(*legs, late) == {pair("reference", "p2", "r")}


def test_a_reversal_that_names_the_payout_belongs_to_its_group() -> None:
    legs = [
        leg("p", 0, 5, "TX20260701"),
        leg("d", 1, -5, text="TX20260701"),
        replace(back("x", 2, 5), text="冲正 TX20260701"),
        replace(back("r", 3, -5), reference="TX20260701"),
    ]
    assert groups(*legs) == {pair("reference", "p", "d", "x", "r")}


def test_a_payout_may_come_in_part_and_go_back_in_part() -> None:
    legs = [leg("p", 0, A + B), leg("d", 1, -A), back("r", 2, -B)]
    assert groups(*legs) == {pair("sum", "p", "d", "r")}


# Amounts like a shop's: to the cent and far apart, so that few sums come up by chance.
A, B, C, E = 123_457, 268_919, 71_033, 402_211


def test_one_deposit_for_a_run_of_payouts() -> None:
    legs = [leg("p1", 0, A), leg("p2", 1, B), leg("p3", 2, C), leg("d", 3, -(A + B))]
    assert groups(*legs) == {pair("sum", "p1", "p2", "d")}


def test_several_deposits_for_one_payout() -> None:
    legs = [leg("p", 0, A + B), leg("d1", 1, -A), leg("d2", 2, -B)]
    assert groups(*legs) == {pair("sum", "p", "d1", "d2")}


def test_a_run_goes_before_a_subset() -> None:
    # A + B are neighbours; the last two would add up to the same, but are no run.
    legs = [leg("a", 0, A), leg("b", 0, B), leg("c", 1, A + 7_001), leg("e", 2, C)]
    legs += [leg("f", 3, B - 7_001), leg("d", 3, -(A + B))]
    assert groups(*legs) == {pair("sum", "a", "b", "d")}


def test_the_only_subset_is_taken() -> None:
    legs = [leg("a", 0, A), leg("b", 1, E), leg("c", 2, B), leg("d", 3, -(A + B))]
    assert groups(*legs) == {pair("sum", "a", "c", "d")}


def test_two_subsets_are_both_shown() -> None:
    # a + c and b + e both make the deposit, and neither pair is a run.
    legs = [leg("a", 0, A), leg("b", 0, A + 7_001), leg("c", 1, B), leg("e", 2, B - 7_001)]
    assert groups(*legs, leg("d", 3, -(A + B))) == set()
    assert ambiguous(*legs, leg("d", 3, -(A + B))) == {
        "d": ("a", "b", "c", "e"), "a": ("d",), "b": ("d",), "c": ("d",), "e": ("d",)
    }  # fmt: skip


def test_sums_of_round_amounts_prove_nothing() -> None:
    legs = [leg("a", 0, 100_000), leg("b", 1, 200_000), leg("c", 2, 400_000), leg("d", 3, -300_000)]
    assert groups(*legs) == set()
    assert ambiguous(*legs) == {"a": ("d",), "b": ("d",), "d": ("a", "b")}


def test_the_batch_of_one_wallet_is_a_run_although_another_wallet_pays_between() -> None:
    legs = [
        replace(leg("a", 0, A), source="one"),
        replace(leg("b", 1, C), source="other"),
        replace(leg("c", 2, B), source="one"),
        leg("d", 3, -(A + B)),
    ]
    assert groups(*legs) == {pair("sum", "a", "c", "d")}


def test_a_sum_over_two_wallets_is_asked_where_no_wallet_has_one() -> None:
    legs = [
        replace(leg("a", 0, A), source="one"),
        replace(leg("b", 1, B), source="other"),
        leg("d", 2, -(A + B)),
    ]
    assert groups(*legs) == {pair("sum", "a", "b", "d")}
    # One wallet has it too, of other payouts: that is the answer, and the two are not asked.
    more = [replace(leg("c", 0, A - 7_001), source="one"), replace(leg("e", 1, B), source="one")]
    own = [*more, leg("d", 2, -(A + B - 7_001)), replace(leg("f", 1, B), source="other")]
    assert groups(*own) == {pair("sum", "c", "e", "d")}


def test_a_leg_of_nothing_takes_no_part() -> None:
    named = leg("p", 0, 1000, "TX20260701")
    assert match([named, leg("d", 1, 0, text="TX20260701")], RULES) == Outcome()
    nothing = leg("p", 0, 0, "TX20260701")
    assert match([nothing, leg("d", 1, -5, text="TX20260701")], RULES) == Outcome()


def test_a_payout_outside_the_window_is_no_part_of_a_sum() -> None:
    assert groups(leg("a", 0, A), leg("b", 1, B), leg("d", WINDOW + 1, -(A + B))) == set()


def test_a_payout_that_two_sums_claim_belongs_to_neither() -> None:
    legs = [leg("a", 0, A), leg("b", 1, B), leg("c", 2, C)]
    shared = [*legs, leg("d1", 3, -(A + B)), leg("d2", 3, -(B + C))]
    assert groups(*shared) == set()
    assert set(ambiguous(*shared)) == {"a", "b", "c", "d1", "d2"}


def test_an_equal_amount_goes_before_a_sum() -> None:
    # d1 is the amount of c; a + b, which would make it too, stay for themselves.
    legs = [leg("a", 0, A), leg("b", 1, B), leg("c", 2, A + B), leg("d1", 3, -(A + B))]
    assert groups(*legs) == {pair("amount", "c", "d1")}


def test_a_long_run_is_taken() -> None:
    run = [leg(f"p{number}", 0, A + number * 17_389) for number in range(6)]
    total = sum(each.amount_minor for each in run)
    assert groups(*run, leg("d", 1, -total)) == {pair("sum", *(f"p{n}" for n in range(6)), "d")}


def test_each_pass_takes_only_what_the_passes_before_left() -> None:
    legs = [
        leg("p1", 0, 5, "TX20260701"),
        leg("p2", 0, 5),
        leg("d1", 1, -5, text="TX20260701"),
        leg("d2", 1, -5),
    ]
    assert groups(*legs) == {pair("reference", "p1", "d1"), pair("amount", "p2", "d2")}


def unique(rows: list[tuple[int, int]]) -> list[PayoutLeg]:
    return [leg(f"k{place:02d}", day, amount) for place, (day, amount) in enumerate(rows)]


AMOUNTS = st.sampled_from([1, 2, 3, 5, 8, -1, -2, -3, -5, -8, -13])
LEGS = st.lists(st.tuples(st.integers(0, 12), AMOUNTS), max_size=12).map(unique)


@st.composite
def with_returns(draw: st.DrawFn) -> list[PayoutLeg]:
    """Legs of few amounts, wallets (+) and banks (−), some of them taken back."""
    kinds = draw(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 7)), max_size=9))
    legs = []
    for place, (day, kind) in enumerate(kinds):
        source = f"{'bank' if kind & 1 else 'wallet'}{kind >> 1 & 1}"
        returned = bool(kind & 4)
        amount = 5 if bool(kind & 1) == returned else -5
        legs.append(replace(leg(f"k{place}", day, amount), source=source, returned=returned))
    return legs


def partners(one: PayoutLeg, other: PayoutLeg) -> bool:
    """The rule, said once more and otherwise than the code says it."""
    plus, minus = sorted((one, other), key=lambda each: -each.amount_minor)
    if plus.amount_minor != -minus.amount_minor or (plus.returned and minus.returned):
        return False
    early, late = (minus, plus) if plus.returned else (plus, minus)
    own = early.source == late.source
    return own >= late.returned and 0 <= (late.day - early.day).days <= WINDOW


def pairings(legs: list[PayoutLeg]) -> list[frozenset[frozenset[str]]]:
    """Every way to pair the legs in which all but payouts have a partner."""
    if not legs:
        return [frozenset()]
    first, rest = legs[0], legs[1:]
    free = first.amount_minor > 0 and not first.returned
    found = pairings(rest) if free else []
    for other in rest:
        if partners(first, other):
            others = pairings([each for each in rest if each is not other])
            found += [one | {frozenset({first.key, other.key})} for one in others]
    return found


def connected(legs: list[PayoutLeg]) -> list[list[PayoutLeg]]:
    left, blocks = list(legs), []
    while left:
        block = [left.pop()]
        for each in block:
            near = [other for other in left if partners(each, other)]
            left = [other for other in left if other not in near]
            block += near
        blocks.append(block)
    return blocks


@given(with_returns())
def test_a_return_is_taken_just_where_every_pairing_agrees(legs: list[PayoutLeg]) -> None:
    taken_back = {each.key for each in legs if each.returned}
    expected: set[frozenset[str]] = set()
    for block in connected(legs):
        if len(block) > 1 and (possible := pairings(block)):
            expected |= {each for each in frozenset.intersection(*possible) if each & taken_back}
    links = match(legs, RULES).links
    assert {frozenset(x.keys) for x in links if x.matched_by == "return"} == expected


@given(with_returns())
def test_whatever_is_linked_among_returns_can_be_paired(legs: list[PayoutLeg]) -> None:
    by_key = {each.key: each for each in legs}
    outcome = match(legs, RULES)
    taken = [key for link in outcome.links for key in link.keys]
    assert len(taken) == len(set(taken))
    assert not set(taken) & outcome.ambiguous.keys()
    for link in outcome.links:
        whole = [by_key[key] for key in link.keys]
        assert any(len(way) * 2 == len(whole) for way in pairings(whole))


@given(LEGS)
def test_linked_groups_net_to_zero_and_share_no_leg(legs: list[PayoutLeg]) -> None:
    amounts = {each.key: each.amount_minor for each in legs}
    outcome = match(legs, RULES)
    taken = [key for link in outcome.links for key in link.keys]
    assert len(taken) == len(set(taken))
    assert [sum(amounts[key] for key in link.keys) for link in outcome.links] == [0] * len(
        outcome.links
    )
    assert not set(taken) & outcome.ambiguous.keys()


@given(LEGS, st.randoms(use_true_random=False))
def test_the_order_of_legs_changes_nothing(legs: list[PayoutLeg], random: Random) -> None:
    shuffled = list(legs)
    random.shuffle(shuffled)
    assert match(shuffled, RULES) == match(legs, RULES)


@given(LEGS, st.integers(12, 17))
def test_an_unrelated_leg_changes_no_other_verdict(legs: list[PayoutLeg], day: int) -> None:
    # No sum of the others reaches it; between two neighbours it would end their run.
    for amount in (10_000, -10_000):
        assert match([*legs, leg("unrelated", day, amount)], RULES) == match(legs, RULES)


@given(LEGS)
def test_a_leg_out_of_every_window_changes_nothing(legs: list[PayoutLeg]) -> None:
    for amount in (1, -1):
        assert match([*legs, leg("far", 400, amount)], RULES) == match(legs, RULES)


LONG_AGO = leg("z", -30, 999_999)


def assigned(*legs: PayoutLeg) -> set[tuple[str, frozenset[str]]]:
    """What is linked when the wallet is known from long before."""
    return {found for found in groups(LONG_AGO, *legs) if "z" not in found[1]}


def test_pairs_that_every_pairing_of_a_whole_block_has_are_linked_one_by_one() -> None:
    # d1 came before p2.
    legs = [leg("p1", 0, 5), leg("p2", 3, 5), leg("d1", 1, -5), leg("d2", 4, -5)]
    assert groups(*legs) == {pair("amount", "p1", "d1"), pair("amount", "p2", "d2")}


def test_what_is_proven_in_a_whole_block_leaves_the_rest_as_a_set() -> None:
    legs = [leg("p1", 0, 5), leg("d1", 0, -5), leg("p2", 1, 5), leg("p3", 2, 5)]
    legs += [leg("d2", 3, -5), leg("d3", 4, -5)]
    assert groups(*legs) == {pair("amount", "p1", "d1"), pair("amount", "p2", "p3", "d2", "d3")}


def test_the_windows_force_a_pair_although_a_payout_is_left_over() -> None:
    # d1 came before p2 and p3 left, so it is p1; d2 may be of p2 or p3.
    legs = [leg("p1", 0, 5), leg("d1", 1, -5), leg("p2", 2, 5), leg("p3", 3, 5), leg("d2", 4, -5)]
    assert assigned(*legs) == {pair("assignment", "p1", "d1")}
    assert match([LONG_AGO, *legs], RULES).links == [
        Link(keys=("p1", "d1"), matched_by="assignment", evidence="forced, 3:2, apart 0")
    ]
    assert ambiguous(LONG_AGO, *legs) == {"p2": ("d2",), "p3": ("d2",), "d2": ("p2", "p3")}


def test_a_payout_from_before_the_records_may_be_a_deposits_too() -> None:
    # d1 may be of a payout the day before p1, and then p1 is d2 and p2 d3.
    legs = [leg("p1", 0, 5), leg("d1", 0, -5), leg("p2", 1, 5), leg("p3", 2, 5), leg("d2", 3, -5)]
    assert groups(*legs) == set()
    assert set(ambiguous(*legs)) == {"p1", "p2", "p3", "d1", "d2"}
    assert assigned(*legs) == {pair("assignment", "p1", "d1")}


def test_only_the_wallets_of_a_block_say_from_when_its_payouts_are_known() -> None:
    legs = [leg("p1", 0, 5), leg("d1", 0, -5), leg("p2", 1, 5), leg("p3", 2, 5), leg("d2", 3, -5)]
    other = replace(LONG_AGO, source="other")
    assert set(ambiguous(other, *legs)) == {"p1", "p2", "p3", "d1", "d2"}


def test_a_deposit_too_many_proves_nothing_in_its_block() -> None:
    # One deposit of the first two is wrong; whether the third is right is not known either.
    legs = [leg("p1", 0, 5), leg("d1", 1, -5), leg("d2", 2, -5), leg("p2", 3, 5), leg("d3", 4, -5)]
    assert assigned(*legs) == set()
    assert set(ambiguous(LONG_AGO, *legs)) == {"p1", "p2", "d1", "d2", "d3"}


def test_an_amount_within_the_tolerance_leaves_its_rest() -> None:
    legs = [leg("p", 0, 1000), leg("d", 1, -997)]
    rules = book(MatchingRule(tolerance={"CNY": 3}))
    assert match(legs, rules).links == [
        Link(keys=("p", "d"), matched_by="assignment", evidence="forced, 1:1, apart 3")
    ]


def test_equal_amounts_go_before_amounts_within_the_tolerance() -> None:
    legs = [leg("p1", 0, 1000), leg("p2", 0, 1002), leg("d1", 1, -1002), leg("d2", 1, -999)]
    found = match(legs, book(MatchingRule(tolerance={"CNY": 3})))
    assert {(link.matched_by, link.keys) for link in found.links} == {
        ("amount", ("p2", "d1")), ("assignment", ("p1", "d2")),
    }  # fmt: skip


def test_two_that_are_as_near_are_ambiguous_within_the_tolerance() -> None:
    legs = [LONG_AGO, leg("p1", 0, 1000), leg("p2", 0, 1004), leg("d", 1, -1002)]
    found = match(legs, book(MatchingRule(tolerance={"CNY": 3})))
    assert found.links == []
    assert found.ambiguous == {"p1": ("d",), "p2": ("d",), "d": ("p1", "p2")}


def test_a_return_is_never_taken_by_a_tolerance() -> None:
    legs = [leg("p", 0, 1000), back("r", 1, -999)]
    assert match(legs, book(MatchingRule(tolerance={"CNY": 3}))) == Outcome()


def test_a_payout_arrives_less_its_fee_and_comes_back_whole() -> None:
    payout = replace(leg("p", 0, 1000), fee_minor=2)
    assert groups(payout, leg("d", 1, -998)) == {pair("amount", "p", "d")}
    assert groups(payout, leg("d", 1, -1000)) == set()
    assert groups(payout, back("r", 1, -1000)) == {pair("return", "p", "r")}


def test_a_payout_below_zero_is_settled_only_by_a_line_that_leaves_the_bank() -> None:
    collected = replace(leg("c", 0, -5), collected=True)
    left = replace(leg("x", 1, 5), left_bank=True)
    assert groups(collected, left) == {pair("amount", "c", "x")}
    assert groups(collected, leg("p", 0, 5)) == set()
    # The bank may show it first.
    assert groups(collected, replace(left, day=FIRST - datetime.timedelta(days=1))) == {
        pair("amount", "c", "x")
    }


@st.composite
def with_equals(draw: st.DrawFn) -> list[PayoutLeg]:
    """Payouts and deposits of two near amounts."""
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, 9), st.sampled_from([100, 102, -100, -101, -102])), max_size=8
        )
    )
    return unique(rows)


@given(with_equals())
def test_an_assignment_is_in_every_pairing_as_good(legs: list[PayoutLeg]) -> None:
    """Against all pairings of what equal amounts left: most pairs, least apart, by the margin."""
    rules = book(MatchingRule(tolerance={"CNY": 2}, margin={"CNY": 2}))
    outcome = match([LONG_AGO, *legs], rules)
    exact = {key for link in outcome.links if link.matched_by == "amount" for key in link.keys}
    left = [each for each in legs if each.key not in exact]
    for link in outcome.links:
        if link.matched_by != "assignment":
            continue
        found = sorted(
            (-len(way), sum(apart for _pair, apart in way), sorted(key for key, _ in way))
            for way in near_pairings(left)
        )
        most, least, _best = found[0]
        others = [apart for pairs, apart, keys in found if pairs == most and link.keys not in keys]
        assert not others or min(others) - least >= 2


def near_pairings(legs: list[PayoutLeg]) -> list[list[tuple[tuple[str, str], int]]]:
    """Every way to pair payouts with deposits at most 2 apart."""
    if not legs:
        return [[]]
    first, rest = legs[0], legs[1:]
    found = near_pairings(rest)
    for other in rest:
        payout, deposit = sorted((first, other), key=lambda each: -each.amount_minor)
        apart = abs(payout.amount_minor + deposit.amount_minor)
        days = (deposit.day - payout.day).days
        if payout.amount_minor > 0 > deposit.amount_minor and apart <= 2 and 0 <= days <= WINDOW:
            ways = near_pairings([each for each in rest if each is not other])
            found += [[((payout.key, deposit.key), apart), *way] for way in ways]
    return found


def test_what_is_known_of_sums_that_prove_nothing_is_noted() -> None:
    legs = [leg("a", 0, 100_000), leg("b", 1, 200_000), leg("c", 2, 400_000), leg("d", 3, -300_000)]
    assert match(legs, RULES).notes == {"d": "chance:7.5e-01", "a": "part:", "b": "part:"}
    several = [leg("a", 0, A), leg("b", 0, A + 7_001), leg("c", 1, B), leg("e", 2, B - 7_001)]
    found = match([*several, leg("d", 3, -(A + B))], RULES)
    assert found.notes["d"] == "several:2"


def test_a_search_that_was_given_up_is_noted_and_changes_no_class() -> None:
    chosen = Random(7)
    legs = [leg(f"p{n:03d}", n % 5, chosen.randint(10**11, 10**12)) for n in range(200)]
    outcome = match([*legs, leg("d", 5, -5 * 10**12)], RULES)
    assert (outcome.links, outcome.ambiguous) == ([], {})
    assert outcome.notes == {"d": "budget:140000000"}


def test_deposits_of_two_payers_are_no_sum() -> None:
    one, other = leg("d1", 1, -A), leg("d2", 2, -B)
    legs = [
        leg("p", 0, A + B),
        replace(one, payer="某某（支付）"),
        replace(other, payer="某某支付"),
    ]
    assert groups(*legs) == {pair("sum", "p", "d1", "d2")}
    assert groups(*legs[:2], replace(other, payer="别的支付")) == set()


def test_neighbours_are_neighbours_in_time_whatever_their_names() -> None:
    # a and c were paid out one after the other, b before them, all on one day.
    amounts = {"a": A, "b": 88_831, "c": B}
    moments = {"a": "10:00", "b": "09:00", "c": "11:00"}
    for first, second, third in (("a", "b", "c"), ("x", "z", "y")):
        names = {"a": first, "b": second, "c": third}
        legs = [
            replace(leg(names[one], 0, amounts[one]), moment=moments[one])
            for one in ("a", "b", "c")
        ]
        (link,) = match([*legs, leg("d", 1, -(A + B))], RULES).links
        assert (link.keys, link.evidence[:5]) == (("d", first, third), "run 2")
