"""The direct method: of every entry, whatever it looks like, the rows are its change in cash."""

from __future__ import annotations

import datetime

import pytest
from beancount.core.data import Transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from beanclear.ledger.chart_codes import STANDARDS, Standard
from beanclear.ledger.errors import BooksError
from beanclear.ledger.periods import parse
from beanclear.ledger.statements import cash_flow, statutory
from beanclear.ledger.statements.definition import load
from beanclear.ledger.statements.general_ledger import Account, Entry, GeneralLedger, Line
from beanclear.ledger.statements.positions import Basis
from beanclear.ledger.statements.standards import RULES
from beanclear.ledger.statements.statutory import Request
from tests.ledger.statements import company
from tests.ledger.statements.company import CHARTS, NO_CASH

DAYS = 730  # two years: the second is reported
FIRST = datetime.date(2026, 1, 1)
CODES = {standard: [code for code in codes if code not in NO_CASH] for standard, codes in CHARTS}


def root(standard: Standard, code: str) -> str:
    """Some root of Beancount accounts that may bear the code."""
    return min(RULES[standard].classes[code[0]])


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[Standard, GeneralLedger]:
    """Any entries at all: any accounts with any signs, cash on some lines or none."""
    standard: Standard = draw(st.sampled_from(STANDARDS))
    names = {code: f"{root(standard, code)}:A{code.replace('.', '-')}" for code in CODES[standard]}
    cash = [code for code in names if code in {"1001", "1002", "1012"}]
    some = st.sampled_from(sorted(names)) | st.sampled_from(cash)
    entries = []
    for _count in range(draw(st.integers(1, 12))):
        lines = draw(st.lists(st.tuples(some, st.integers(-10_000, 10_000)), max_size=6))
        last = draw(some)
        held = [*lines, (last, -sum(amount for _code, amount in lines))]
        entries.append((FIRST + datetime.timedelta(days=draw(st.integers(0, DAYS - 1))), held))
    return standard, GeneralLedger(
        entries=tuple(entry(day, held, names) for day, held in sorted(entries, key=str)),
        accounts={
            name: Account(name=name, code=code, chinese=name, english=name)
            for code, name in names.items()
        },
        currency="CNY",
    )


def entry(day: datetime.date, held: list[tuple[str, int]], names: dict[str, str]) -> Entry:
    return Entry(
        day=day,
        payee="",
        narration="",
        lines=tuple(
            Line(account=names[code], amount_minor=amount, currency="CNY", meta={})
            for code, amount in held
        ),
        meta={},
        source=Transaction({}, day, "*", None, "", frozenset(), frozenset(), []),
    )


@settings(max_examples=200, deadline=None)
@given(ledgers())
def test_the_rows_of_every_entry_add_up_to_its_change_in_cash(
    made: tuple[Standard, GeneralLedger],
) -> None:
    standard, ledger = made
    definition = load(standard, "cash-flow")
    for one in ledger.entries:
        change = sum(
            line.amount_minor
            for line in one.lines
            if cash_flow.is_cash(definition, ledger.accounts[line.account].code)
        )
        rows = cash_flow.of_entry(definition, ledger, one)
        assert sum(rows.values()) == change


@settings(max_examples=50, deadline=None)
@given(ledgers(), st.sampled_from(("2027", "2027-Q2", "2026-12")))
def test_the_statements_of_any_ledger_tie(
    made: tuple[Standard, GeneralLedger], period: str
) -> None:
    standard, ledger = made
    found = statutory.statements(
        Request(
            ledger=ledger, standard=standard, period=parse(period), basis=Basis(), language="en"
        )
    )
    assert {
        label: rest
        for table in found
        for label, rest in table.checks.items()
        # Parts beyond their row are a matter of the entries, such as cost that is negative.
        if rest and not label.startswith("parts of row")
    } == {}


def rows_of(text: str) -> dict[str, int]:
    definition, ledger = load("small", "cash-flow"), company.read(text)
    (one,) = ledger.entries
    return cash_flow.of_entry(definition, ledger, one)


def test_a_settlement_net_of_fees_is_money_in_and_money_out() -> None:
    assert rows_of("""
2026-07-12 * "Settled"
  Assets:Wallet              94.00 CNY
  Expenses:Commission         6.00 CNY
  Assets:Receivable        -100.00 CNY
""") == {"6": -600, "1": 10000}


def test_money_between_cash_accounts_is_no_flow() -> None:
    assert (
        rows_of("""
2026-07-12 * "Payout"
  Assets:Transit             94.00 CNY
  Assets:Wallet             -94.00 CNY
""")
        == {}
    )


def test_vat_goes_with_what_it_is_paid_for() -> None:
    assert rows_of("""
2026-07-12 * "Goods, sold at once; and tax paid"
  Assets:Bank                -7.00 CNY
  Assets:Goods              100.00 CNY
  Liabilities:VAT:Input      13.00 CNY
  Income:Sales             -200.00 CNY
  Liabilities:VAT:Output    -26.00 CNY
  Liabilities:VAT:Unpaid    120.00 CNY
""") == {"3": -11300, "1": 22600, "5": -12000}


def test_the_sale_of_a_used_computer_is_one_net_amount() -> None:
    assert rows_of("""
2026-07-12 * "Sold"
  Assets:Bank                40.00 CNY
  Assets:Depreciation        60.00 CNY
  Assets:Computers         -100.00 CNY
""") == {"10": 4000}


def test_money_against_an_account_that_no_row_takes() -> None:
    ledger = company.read(
        '\n2026-07-12 * "What?"\n  Assets:Bank  1.00 CNY\n  Assets:Odd  -1.00 CNY\n',
        more={"Assets:Odd": "1999"},
    )
    with pytest.raises(BooksError) as raised:
        cash_flow.of_entry(load("small", "cash-flow"), ledger, ledger.entries[0])
    assert raised.value.where.startswith("<string>:")
    assert (raised.value.what, raised.value.todo) == (
        "no row of the cash flow statement takes money against Assets:Odd (1999)",
        "add its code to a row of reports/cash-flow.toml",
    )
