"""Whose a posting is: generated text says it on accounts that platforms and shops share."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from beanclear.ledger.posting.journal import (
    FrozenJournal,
    JournalEntry,
    Owner,
    Posting,
    daily_entries,
    to_text,
    with_late,
)
from beanclear.ledger.records import Kind

if TYPE_CHECKING:
    from tests.conftest import TinyBooks

FEES = "Expenses:Platform:Commission"
TMALL: Owner = (("platform", "Tmall"),)
NORTH: Owner = (("platform", "Tmall"), ("shop", "North"))
DAY = datetime.date(2026, 7, 9)
CLOSED = datetime.date(2026, 7, 31)


def test_fees_say_platform_and_the_shop_of_their_order(tiny: TinyBooks) -> None:
    # One wallet for the shop in the inbox and that of the folder north.
    for order, shop in (("A", ""), ("B", "north")):
        tiny.order(
            order, 10000, "07-01", source="taobao", platform="taobao", shop=shop, paid="07-01",
            shipped="07-02", completed="07-09",
        )  # fmt: skip
        tiny.wallet(Kind.SALE, 10000, "07-09", order, source="alipay", platform="taobao")
        tiny.wallet(Kind.FEE, -60, "07-09", order, source="alipay", platform="taobao")
    tiny.wallet(Kind.FEE, -7, "07-09", source="alipay")  # of no platform
    with tiny.keeper() as kept:
        entries = daily_entries(kept.con, lambda text: text)
    (wallet,) = [entry for entry in entries if entry.source == "alipay/main"]
    assert [
        (posting.amount_minor, posting.owner)
        for posting in wallet.postings
        if posting.account == FEES
    ] == [(7, ()), (60, TMALL), (60, NORTH)]
    assert to_text(wallet).endswith(
        "  Expenses:Platform:Commission             0.07 CNY\n"
        "  Expenses:Platform:Commission             0.60 CNY\n"
        '    platform: "Tmall"\n'
        "  Expenses:Platform:Commission             0.60 CNY\n"
        '    platform: "Tmall"\n'
        '    shop: "North"\n'
    )
    # Accounts of one platform alone say nothing: their name does.
    assert all(not posting.owner for posting in wallet.postings if posting.account != FEES)


def entry(*fees: tuple[int, Owner]) -> JournalEntry:
    return JournalEntry(
        day=DAY, source="alipay/main", payee="", narration="", records=1,
        postings=tuple(
            Posting(account=FEES, amount_minor=amount, currency="CNY", owner=owner)
            for amount, owner in fees
        ),
    )  # fmt: skip


def late(now: JournalEntry, frozen: dict[tuple[str, str, Owner], int]) -> list[tuple[int, Owner]]:
    """What is booked on the first open day beside text that was frozen."""
    journal = FrozenJournal(CLOSED, {now.identity: frozen})
    return [
        (posting.amount_minor, posting.owner)
        for made in with_late([now], journal, lambda text: text)
        for posting in made.postings
    ]


def test_what_comes_late_says_whose_it_is() -> None:
    frozen = {(FEES, "CNY", TMALL): 60}
    assert late(entry((60, TMALL), (5, NORTH)), frozen) == [(5, NORTH)]
    assert late(entry((60, TMALL)), frozen) == []


def test_text_frozen_before_postings_had_owners_is_not_corrected_for_them() -> None:
    frozen: dict[tuple[str, str, Owner], int] = {(FEES, "CNY", ()): 60}
    assert late(entry((55, TMALL), (5, NORTH)), frozen) == []
    assert late(entry((55, TMALL), (8, NORTH)), frozen) == [(3, ())]
