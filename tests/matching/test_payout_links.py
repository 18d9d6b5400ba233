"""What the passes on payouts are given: one leg a key, of all the lines that bear it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from beanclear.ledger.config import Config
from beanclear.ledger.posting.inputs import table
from beanclear.matching import payout_links
from beanclear.matching.payout_legs import Outcome, PayoutLeg
from beanclear.matching.rules import Rulebook, Rulebooks

TRANSIT = "Assets:Transit:WeChat"
LEGS = (
    "entry VARCHAR, account VARCHAR, currency VARCHAR, key VARCHAR, day DATE, amount_minor BIGINT,"
    " side VARCHAR, kind VARCHAR, record_id VARCHAR, document VARCHAR, row INTEGER,"
    " order_id VARCHAR, trade_id VARCHAR, payout_id VARCHAR, bank_ref VARCHAR,"
    " counterparty VARCHAR, memo VARCHAR"
)
NAMES = [column.split()[0] for column in LEGS.split(", ")]


def july(day: int) -> datetime.date:
    return datetime.date(2026, 7, day)


def row(key: str, day: int, amount: int, **more: Any) -> tuple[Any, ...]:  # noqa: ANN401 - columns of legs
    values: dict[str, Any] = {
        "entry": "wechatpay/main",
        "account": TRANSIT,
        "currency": "CNY",
        "key": key,
        "day": july(day),
        "amount_minor": amount,
        "side": "order",
        "kind": "payout",
        "record_id": key,
        "document": "wallet",
        "row": 0,
    }
    return tuple({**values, **more}.get(name) for name in NAMES)


def bank(key: str, day: int, amount: int, **more: Any) -> tuple[Any, ...]:  # noqa: ANN401 - columns of legs
    return row(key, day, amount, **{"entry": f"ccb/8826#{key}", "side": "bank", "kind": "bank_line",
                                    "document": "bank"} | more)  # fmt: skip


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


def given(
    con: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    *legs: tuple[Any, ...],
    reference: str = "payout_id",
) -> dict[str, PayoutLeg]:
    """What `match` is asked about, by key."""
    found: dict[str, PayoutLeg] = {}

    def match(legs: list[PayoutLeg], _rules: Rulebook) -> Outcome:
        found.update({leg.key: leg for leg in legs})
        return Outcome()

    monkeypatch.setattr(payout_links, "match", match)
    table(con, "legs", LEGS, legs)
    table(con, "policies", "account VARCHAR, clearing VARCHAR", [
        (TRANSIT, "payout"), ("Assets:Receivable:Shop", "order"),
    ])  # fmt: skip
    table(con, "extra_legs", "account VARCHAR, currency VARCHAR, key VARCHAR", [
        (TRANSIT, "CNY", "BY-HAND"),
    ])  # fmt: skip
    at = [datetime.datetime(2026, 7, 1, hour) for hour in range(24)]
    table(con, "records", "document VARCHAR, row INTEGER, occurred_at TIMESTAMP, stage VARCHAR,"
          " kind VARCHAR", [
        ("wallet", 1, at[9], "wallet", "payout"),
        ("wallet", 1, at[8], "wallet", "payout"),
        ("wallet", 1, at[2], "wallet", "sale"),
        ("wallet", 2, at[7], "wallet", "payout_return"),
        ("bank", 1, at[5], "bank", "bank_line"),
        ("other", 1, at[1], "wallet", "payout"),
    ])  # fmt: skip
    config = Config.model_validate({"matching": [{"key": reference}]})
    decided = {(TRANSIT, "CNY", "DECIDED"): "DECIDED"}
    assert payout_links.payout_links(con, decided, Rulebooks(config)) == ([], [])
    return found


def test_several_lines_of_one_key_are_one_leg(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"memo": "b", "bank_ref": "2", "counterparty": "y"}
    found = given(
        con,
        monkeypatch,
        row("P", 2, 500, row=1, payout_id="A", **texts),
        row(
            "P",
            1,
            400,
            row=2,
            payout_id="B",
            memo="a",
            bank_ref="3",
            counterparty="x",
            entry="alipay/main",
        ),
        row("NOTHING", 1, 5),
        row("NOTHING", 2, -5),
        row("ELSEWHERE", 1, 5, account="Assets:Receivable:Shop"),
        row("DECIDED", 1, 5),
        row("BY-HAND", 1, 5),
    )
    assert found == {
        "P": PayoutLeg(
            day=july(1),
            moment="2026-07-01 07:00:00",
            key="P",
            amount_minor=900,
            source="alipay/main",
            reference="B",
            text="a 3",
            payer="x",
        )
    }


@pytest.mark.parametrize(
    ("name", "largest"),
    [("payout_id", "B2"), ("trade_id", "B3"), ("order_id", "B4"), ("record_id", "A5")],
)
def test_a_rule_says_which_reference_the_bank_gives(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, name: str, largest: str
) -> None:
    lines = [
        row("P", 1, 5, payout_id=f"{x}2", trade_id=f"{x}3", order_id=f"{x}4", record_id=f"{x}5")
        for x in "BA"
    ]
    assert given(con, monkeypatch, *lines, reference=name)["P"].reference == largest


def test_what_kind_of_leg_it_is(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = given(
        con,
        monkeypatch,
        row("PAYOUT", 1, 5, row=1),
        row("COLLECTED", 1, -5),
        row("RETURN", 1, -5, kind="payout_return", row=2),
        row("PARTLY", 1, -7, kind="payout_return"),
        row("PARTLY", 1, 1),
        bank("DEPOSIT", 1, -5, row=1, memo="冲正"),
        bank("LEFT", 1, 5),
        bank("REVERSED", 1, 5, memo="错账冲正"),
        bank("MIXED", 1, 5),
        bank("MIXED", 1, 0),
        bank("IN-AND-OUT", 1, 5),
        bank("IN-AND-OUT", 1, -9),
    )
    kinds = {
        key: (leg.returned, leg.collected, leg.left_bank, leg.moment[11:13])
        for key, leg in found.items()
    }
    assert kinds == {
        "PAYOUT": (False, False, False, "08"),
        "COLLECTED": (False, True, False, ""),
        "RETURN": (True, False, False, "07"),
        "PARTLY": (False, False, False, ""),
        "DEPOSIT": (False, False, False, "05"),
        "LEFT": (False, False, True, ""),
        "REVERSED": (True, False, False, ""),
        "MIXED": (False, False, False, ""),
        "IN-AND-OUT": (False, False, False, ""),
    }
    assert found["LEFT"].source == "ccb/8826"
