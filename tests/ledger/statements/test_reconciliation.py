"""对账报告: an account with a matched, an open and a waiting order, worked out by hand.

Up to July one order of 40.00 was matched. In August an order of 100.00 was settled with 99.99,
whose cent policy closes; one of 60.00 is open since July 1; one of 25.00 is not yet due. Another
of 5.00 was paid twice: 5.00 too much.
"""

from __future__ import annotations

import datetime

import pytest

from beanclear.ledger.periods import parse
from beanclear.ledger.reconciliation import ClearingState, Item, Matched, Reconciliation, Rest
from beanclear.ledger.statements import reconciliation
from beanclear.ledger.statements.general_ledger import GeneralLedger, read
from beanclear.ledger.statements.names import Names
from beanclear.ledger.statements.table import Table
from beanclear.ledger.vocabulary import ItemClass
from tests.ledger.statements.trading import load

ACCOUNT = "Assets:Receivable:Tmall:North"
AUGUST = parse("2026-08")
BOOKS = """
1970-01-01 open Assets:Receivable:Tmall:North CNY
  code: "1122.01.01"
  name: "应收账款-天猫-North"
1970-01-01 open Assets:Wallet:Alipay CNY
1970-01-01 open Income:Sales:Tmall:North CNY
1970-01-01 open Expenses:Clearing:Rounding CNY

2026-07-01 * "orders of 40.00 and 60.00"
  Assets:Receivable:Tmall:North   100.00 CNY
  Income:Sales:Tmall:North       -100.00 CNY

2026-07-20 * "the first is settled"
  Assets:Wallet:Alipay             40.00 CNY
  Assets:Receivable:Tmall:North   -40.00 CNY

2026-08-03 * "orders of 100.00, 5.00 and 25.00"
  Assets:Receivable:Tmall:North   130.00 CNY
  Income:Sales:Tmall:North       -130.00 CNY

2026-08-10 * "99.99 and twice 5.00"
  Assets:Wallet:Alipay            109.99 CNY
  Assets:Receivable:Tmall:North  -109.99 CNY

2026-08-10 * "the cent"
  Expenses:Clearing:Rounding        0.01 CNY
  Assets:Receivable:Tmall:North    -0.01 CNY

2026-08-31 * "after the as-of date"
  Assets:Receivable:Tmall:North     7.00 CNY
  Income:Sales:Tmall:North         -7.00 CNY
"""


def day(month: int, number: int) -> datetime.date:
    return datetime.date(2026, month, number)


def state(as_of: datetime.date, matched: tuple[Matched, ...], count: int) -> ClearingState:
    return ClearingState(
        account=ACCOUNT, currency="CNY", as_of=as_of, balance_minor=8000, in_transit_minor=2500,
        in_transit_count=1, open_minor=5500, open_count=count, matched=matched,
    )  # fmt: skip


def item(klass: ItemClass, amount: int, event: datetime.date) -> Item:
    return Item(
        account=ACCOUNT, currency="CNY", key=str(event), klass=klass, amount_minor=amount,
        at_stake_minor=abs(amount), date=event, due=event,
    )  # fmt: skip


BEFORE = Reconciliation(
    states=(state(day(7, 31), (Matched(name="key", count=1, amount_minor=4000),), 1),),
    transits=(), items=(), rests=(),
)  # fmt: skip
NOW = Reconciliation(
    states=(state(day(8, 30), (Matched(name="key", count=2, amount_minor=14000),), 2),),
    transits=(),
    items=(
        item(ItemClass.OVERDUE, 6000, day(7, 1)),
        item(ItemClass.DUPLICATE, -500, day(8, 10)),
    ),
    rests=(
        Rest(account=ACCOUNT, currency="CNY", key="100", day=day(8, 10), amount_minor=1,
             to="Expenses:Clearing:Rounding"),
        Rest(account=ACCOUNT, currency="CNY", key="9", day=day(7, 10), amount_minor=1,
             to="Expenses:Clearing:Rounding"),
    ),
)  # fmt: skip


def ledger() -> GeneralLedger:
    return read(load(BOOKS), "CNY")


@pytest.fixture
def made() -> list[Table]:
    names = Names({("Tmall", "North"): "北方旗舰店"})
    found = reconciliation.cases(ledger(), AUGUST, NOW, BEFORE)
    return reconciliation.tables(found, ledger(), AUGUST, "zh", names)


def test_what_a_period_did_to_an_account(made: list[Table]) -> None:
    assert [row.cells for row in made[1].rows] == [
        ("Balance before", "", None, 6000, None),
        ("Debit", "", None, 13000, None),
        ("Credit", "", None, 11000, None),  # 99.99 and 10.00 settled, and the cent
        ("Balance of the ledger", "", None, 8000, None),
        # Up to August two orders of 140.00, one of them, of 40.00, in July.
        ("Matched: key", "", 1, 10000, None),
        ("Closed as a difference: rounding", "", 1, 1, None),
        ("Not yet due", "", 1, 2500, None),
        ("Open: duplicate", "0-30", 1, -500, 500),
        ("Open: overdue", "31-60", 1, 6000, 6000),
        ("Not yet due and open", "", 3, 8000, 6500),
    ]
    assert made[1].rows[3].adds == ((1, 0), (1, 1), (-1, 2))
    assert made[1].rows[9].adds == ((1, 6), (1, 7), (1, 8))
    assert made[1].title == "应收账款-天猫-North"
    assert dict(made[1].header)["As of"] == "2026-08-30"
    assert made[1].checks == {"not yet due and open less the balance of the ledger": 0}


def test_the_overview_has_platform_and_shop(made: list[Table]) -> None:
    row, total = made[0].rows
    # One of three judged items was matched; the one that is not due yet is not judged.
    assert row.cells == (
        "Tmall", "北方旗舰店", ACCOUNT, day(8, 30), 1, 10000, 333_333, 1, 2500, 2, 5500, 8000,
    )  # fmt: skip
    assert total.cells[4:] == (1, 10000, None, 1, 2500, 2, 5500, 8000)
    assert made[0].checks == {"not yet due and open less the balances of the ledger": 0}


def test_items_that_the_ledger_does_not_have_fail_the_check() -> None:
    more = Reconciliation(
        states=NOW.states, transits=(), rests=(),
        items=(*NOW.items, item(ItemClass.OVERDUE, 300, day(8, 1))),
    )  # fmt: skip
    found = reconciliation.cases(ledger(), AUGUST, more, BEFORE)
    tables = reconciliation.tables(found, ledger(), AUGUST, "en")
    assert [list(table.checks.values()) for table in tables] == [[300], [300]]


def test_an_account_that_cannot_be_judged_to_the_period_has_no_movement_of_it() -> None:
    late = Reconciliation(
        states=(state(day(7, 15), (), 0),), transits=(), items=(), rests=(),
    )  # fmt: skip
    (found,) = reconciliation.cases(ledger(), AUGUST, late, late)
    assert (found.before, found.moved, found.balance) == (10000, (0, 0), 10000)


def test_books_without_clearing_accounts_have_an_empty_overview() -> None:
    empty = Reconciliation(states=(), transits=(), items=(), rests=())
    found = reconciliation.cases(ledger(), AUGUST, empty, empty)
    (overview,) = reconciliation.tables(found, ledger(), AUGUST, "en")
    assert [row.cells[0] for row in overview.rows] == ["Total"]
