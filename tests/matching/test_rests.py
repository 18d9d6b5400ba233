"""Rests that policy closes, on legs by hand: what is taken, on which day, and in which group."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import duckdb
import pytest

from beanclear.ledger.fees import FeeTerms, PayoutFee
from beanclear.ledger.posting.inputs import table
from beanclear.matching.rests import ALL_LEGS, close_rests

TRANSIT, OTHER = "Assets:Transit:WeChat", "Assets:Transit:Alipay"
FEES = "Expenses:Finance:PaymentFees"
CONVERSION = "Assets:Transit:Conversion:Paypal"
# group, key, day of July, amount, side, kind
Leg = tuple[str, str, int, int, str, str]


def july(day: int) -> datetime.date:
    return datetime.date(2026, 7, day)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


def given(con: duckdb.DuckDBPyConnection, account: str, *legs: Leg) -> None:
    table(
        con,
        "legs",
        "account VARCHAR, currency VARCHAR, grp VARCHAR, key VARCHAR, day DATE,"
        " amount_minor BIGINT, side VARCHAR, kind VARCHAR, record_id VARCHAR, document VARCHAR,"
        ' "row" INTEGER, entry VARCHAR, memo VARCHAR',
        [
            (account, "CNY", grp, key, july(day), amount, side, kind, "", "", 0, "", "")
            for grp, key, day, amount, side, kind in legs
        ],
    )
    empty = "account VARCHAR, currency VARCHAR, key VARCHAR, "
    table(con, "extra_legs", empty + "day DATE, amount_minor BIGINT, side VARCHAR", [])
    table(
        con,
        "settled_openings",
        "account VARCHAR, currency VARCHAR, day DATE, amount_minor BIGINT, lines BIGINT",
        [],
    )
    table(con, "conversion_rests", empty + "day DATE, amount_minor BIGINT, target VARCHAR", [])
    table(con, "links", empty + "grp VARCHAR, pass VARCHAR, evidence VARCHAR", [])
    table(
        con, "policies", "account VARCHAR, currency VARCHAR, tolerance BIGINT, target VARCHAR", []
    )
    con.execute(ALL_LEGS)


def fee(transit: str = TRANSIT, first: int = 1, last: int = 31) -> PayoutFee:
    terms = FeeTerms(ppm=0, fixed_minor=100, first=july(first), last=july(last))
    return PayoutFee(transit=transit, account=FEES, terms=terms)


def test_what_payouts_lose(con: duckdb.DuckDBPyConnection) -> None:
    given(
        con,
        TRANSIT,
        # Two lines of one key are one payout; two keys are two.
        ("P", "P", 6, 500, "order", "payout"),
        ("P", "P", 9, 400, "order", "payout"),
        ("P", "D", 7, -800, "bank", "bank_line"),
        ("Q", "Q", 6, 500, "order", "payout"),
        ("Q", "R", 7, 600, "order", "payout"),
        ("Q", "E", 8, -900, "bank", "bank_line"),
        ("MORE", "MORE", 6, 500, "order", "payout"),
        ("MORE", "MORE-D", 8, -399, "bank", "bank_line"),
        ("LESS", "LESS", 6, 500, "order", "payout"),
        ("LESS", "LESS-D", 8, -401, "bank", "bank_line"),
        ("WHOLE", "WHOLE", 6, 500, "order", "payout"),
        ("WHOLE", "WHOLE-D", 8, -500, "bank", "bank_line"),
        ("ALONE", "ALONE", 6, 100, "order", "payout"),
        ("BACK", "BACK", 6, 500, "order", "payout"),
        ("BACK", "BACK-R", 7, -400, "wallet", "payout_return"),
        ("UNDONE", "IN", 6, -500, "bank", "bank_line"),
        ("UNDONE", "OUT", 7, 500, "bank", "bank_line"),
    )
    rests = close_rests(con, [fee()])
    assert [(one.key, one.day, one.amount_minor, one.to) for one in rests] == [
        ("P", july(9), 100, FEES),
        ("Q", july(8), 200, FEES),
    ]
    # Each is a leg at once, so that nothing takes it again.
    assert close_rests(con, [fee()]) == ()
    taken = (
        "SELECT grp, key, day, amount_minor FROM all_legs WHERE side = 'difference' ORDER BY ALL"
    )
    assert con.execute(taken).fetchall() == [("P", "P", july(9), -100), ("Q", "Q", july(8), -200)]


@pytest.mark.parametrize(
    ("first", "last", "taken"), [(6, 31, True), (7, 31, False), (1, 6, True), (1, 5, False)]
)
def test_a_fee_is_that_of_the_payouts_first_day(
    con: duckdb.DuckDBPyConnection, first: int, last: int, *, taken: bool
) -> None:
    given(
        con,
        TRANSIT,
        ("P", "P", 6, 500, "order", "payout"),
        ("P", "P", 9, 400, "order", "payout"),
        ("P", "D", 7, -800, "bank", "bank_line"),
    )
    assert [one.amount_minor for one in close_rests(con, [fee(first=first, last=last)])] == (
        [100] if taken else []
    )
    assert close_rests(con, [fee(OTHER)]) == ()


def test_what_an_account_tolerates(con: duckdb.DuckDBPyConnection) -> None:
    both = [
        (key, key, 1, amount, "order", "sale") for key, amount in
        (("EXACT", 500), ("SHORT", 503), ("TOO-SHORT", 504), ("OVER", 497), ("TOO-MUCH", 496))
    ]  # fmt: skip
    came: list[Leg] = [(key, key, 2, -500, "wallet", "sale") for key, *_more in both]
    given(
        con,
        TRANSIT,
        *both,
        *came,
        ("NO-MONEY", "NO-MONEY", 1, 3, "order", "sale"),
        ("NO-ORDER", "NO-ORDER", 1, -3, "bank", "bank_line"),
        ("DECIDED", "DECIDED", 1, 500, "order", "sale"),
        ("DECIDED", "DECIDED", 2, -498, "decision", "decision"),
    )
    table(con, "policies", "account VARCHAR, currency VARCHAR, tolerance BIGINT, target VARCHAR", [
        (TRANSIT, "CNY", 3, "Rounding"), (OTHER, "CNY", 9, "Elsewhere"),
    ])  # fmt: skip
    assert [
        (one.klass, one.key, one.day, one.amount_minor, one.to) for one in close_rests(con, [])
    ] == [
        ("rounding", "OVER", july(2), -3, "Rounding"),
        ("rounding", "SHORT", july(2), 3, "Rounding"),
    ]


def test_a_difference_stands_in_the_group_of_its_key(con: duckdb.DuckDBPyConnection) -> None:
    given(con, CONVERSION, ("X", "X", 1, 230, "wallet", "conversion"))
    columns = "account VARCHAR, currency VARCHAR, key VARCHAR, "
    table(con, "conversion_rests", columns + "day DATE, amount_minor BIGINT, target VARCHAR", [
        (CONVERSION, "CNY", "X", july(1), 230, "Gain"),
        (CONVERSION, "CNY", "Y", july(2), -5, "Loss"),
    ])  # fmt: skip
    table(con, "links", columns + "grp VARCHAR, pass VARCHAR, evidence VARCHAR", [
        (CONVERSION, "CNY", "X", "MATCHED", "decision", ""),
        (CONVERSION, "USD", "X", "MATCHED-USD", "decision", ""),
        (OTHER, "CNY", "X", "ELSEWHERE", "decision", ""),
    ])  # fmt: skip
    rests = close_rests(con, [])
    assert [(one.klass, one.key, one.amount_minor, one.to) for one in rests] == [
        ("fx", "X", 230, "Gain"), ("fx", "Y", -5, "Loss"),
    ]  # fmt: skip
    taken = "SELECT grp, key, amount_minor FROM all_legs WHERE side = 'difference' ORDER BY ALL"
    assert con.execute(taken).fetchall() == [("MATCHED", "X", -230), ("Y", "Y", 5)]
