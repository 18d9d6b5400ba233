"""4.2: what must not change a verdict does not, and what changes one changes that one alone.

Each property is tried on random histories (`tests.promises.stories`): orders of two shops in all
fates, payouts that arrive in all ways, exports made at several days, statements that end early,
and decisions. `make test-properties` tries many more of them.
"""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beanclear.ledger.records import Record, Stage
from tests.conftest import examples
from tests.promises.stories import (
    LENGTH,
    RECEIVABLE,
    SOURCES,
    TRANSIT,
    Frame,
    Payout,
    Sale,
    Story,
    tell,
)
from tests.promises.tellings import statements, stories
from tests.promises.verdicts import decisions, found, keeper, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

SEEDS = st.integers(1, 10**6)
tried = settings(
    max_examples=examples(6),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@tried
@given(stories(), st.integers(0, LENGTH))
def test_p1_balances_are_explained_on_any_day(story: Story, limit: int) -> None:
    teller = tell(story)
    given_files = statements(story, teller)
    with keeper(given_files, decisions(story, teller)) as kept:
        day = teller.frame.day(limit)
        result = kept.reconcile(kept.as_of(day))
        sums = dict(
            kept.con.execute(
                "SELECT l.account, CAST(sum(l.amount_minor) AS BIGINT) FROM all_legs l"
                " JOIN as_of a ON a.account = l.account AND l.day <= a.as_of GROUP BY l.account"
            ).fetchall()
        )
    for state in result.states:
        assert state.balance_minor == sums.get(state.account, 0)
        assert state.balance_minor == state.in_transit_minor + state.open_minor
        items = [item for item in result.items if item.account == state.account]
        assert state.open_minor == sum(item.amount_minor for item in items)
        assert state.open_count == len(items)
        transits = [one for one in result.transits if one.account == state.account]
        assert state.in_transit_minor == sum(one.amount_minor for one in transits)
    assert {account for account, minor in sums.items() if minor} <= {
        state.account for state in result.states
    }


PROBE = 97_531_000_00  # fen: more than all the rest of a story can add up to


@tried
@given(stories(), st.sampled_from(sorted(SOURCES)), st.integers(2, 60))
def test_p2_removing_the_wallet_line_of_an_order_opens_its_item(
    story: Story, platform: str, day: int
) -> None:
    sale = Sale(platform, day, PROBE // 500, "paid", 3)
    story = replace(story, sales=(*story.sales, sale), ends=(0, 0))
    teller = tell(story)
    before = found(statements(story, teller), teller.frame, decisions(story, teller))
    teller.facts = [
        fact
        for fact in teller.facts
        if fact.stage is not Stage.WALLET or abs(fact.record.amount_minor) != PROBE
    ]
    after = found(statements(story, teller), teller.frame, decisions(story, teller))
    (item,) = set(after.items) - set(before.items)
    assert set(before.items) <= set(after.items)
    _account, key, _minor = teller.claims[len(story.sales) - 1]
    assert (item.account, item.klass, item.key) == (RECEIVABLE[platform], "overdue", key)
    assert (item.amount, item.at_stake) == (PROBE, PROBE)


@tried
@given(stories(), st.sampled_from(sorted(TRANSIT)), st.integers(2, 60))
def test_p2_removing_a_payout_opens_its_deposit(story: Story, wallet: str, day: int) -> None:
    story = replace(
        story, payouts=(*story.payouts, Payout(wallet, day, PROBE, "amount", 2)), ends=(0, 0)
    )
    teller = tell(story)
    before = found(statements(story, teller), teller.frame, decisions(story, teller))
    teller.facts = [fact for fact in teller.facts if fact.record.amount_minor != -PROBE]
    after = found(statements(story, teller), teller.frame, decisions(story, teller))
    (item,) = set(after.items) - set(before.items)
    assert set(before.items) <= set(after.items)
    assert (item.account, item.klass, item.amount) == (TRANSIT[wallet], "unidentified", -PROBE)


@tried
@given(stories(), SEEDS)
def test_p2_names_decide_nothing(story: Story, seed: int) -> None:
    assert verdict(story, Frame(shuffle=seed)) == verdict(story)


@tried
@given(stories(), st.integers(2, 50))
def test_p4_scaled_amounts_scale_results(story: Story, factor: int) -> None:
    assert verdict(story, Frame(factor=factor)) == verdict(story)


@tried
@given(stories(), SEEDS)
def test_p5_the_order_of_rows_changes_nothing(story: Story, seed: int) -> None:
    def shuffled(rows: list[Record]) -> list[Record]:
        return random.Random(seed).sample(rows, len(rows))

    assert verdict(story, order=shuffled) == verdict(story)


@tried
@given(stories(), st.lists(st.integers(1, LENGTH - 1), min_size=1, max_size=3), st.integers(0, 9))
def test_p5_splitting_files_changes_nothing(story: Story, cuts: list[int], overlap: int) -> None:
    def parts(_stage: Stage) -> Sequence[tuple[int, int]]:
        days = [0, *sorted(set(cuts)), LENGTH + 1]
        return [(max(first - overlap, 0), then - 1) for first, then in pairwise(days)]

    assert verdict(story, parts=parts) == verdict(story)


@tried
@given(stories(), stories(most=8), st.sampled_from((-40, 0)), st.sampled_from(("north", "7788")))
def test_p2_an_unrelated_shop_changes_nothing(
    story: Story, other: Story, begins: int, own: str
) -> None:
    """The other shop has a folder of its own; its files may begin and end on other days."""
    teller = tell(story)
    other = replace(other, payouts=(), lines=(), given_up=(), begins=begins)
    stranger = tell(other, Frame(shop="north", own=own, shuffle=17))
    said = decisions(story, teller)
    alone = found(statements(story, teller), teller.frame, said)
    both = found([*statements(story, teller), *statements(other, stranger)], teller.frame, said)
    assert both.of(alone.accounts) == alone


@tried
@given(stories(), st.lists(st.tuples(st.sampled_from(sorted(TRANSIT)), st.integers(5, 80))))
def test_p2_payouts_of_another_shop_change_no_item(
    story: Story, paid: list[tuple[str, int]]
) -> None:
    """Wallets of one family share the account in transit; other amounts do not meet there."""
    teller = tell(story)
    far = [
        Payout(wallet, day, PROBE + place * 12_345_677, "amount", 1)
        for place, (wallet, day) in enumerate(paid)
    ]
    other = Story(sales=(), payouts=tuple(far), ends=story.ends)
    stranger = tell(other, Frame(shop="north", own="7788", shuffle=17))
    said = decisions(story, teller)
    alone = found(statements(story, teller), teller.frame, said)
    both = found([*statements(story, teller), *statements(other, stranger)], teller.frame, said)
    assert both.items == alone.items


@tried
@given(stories(), st.integers(-80, 400))
def test_p8_later_dates_give_the_same_verdicts_later(story: Story, shift: int) -> None:
    assert verdict(story, Frame(shift=shift)) == verdict(story)
