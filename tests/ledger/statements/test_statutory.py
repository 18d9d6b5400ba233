"""The three forms of a company that fits on a page, every figure worked out by hand."""

from __future__ import annotations

import datetime
from dataclasses import replace
from fractions import Fraction
from importlib import resources
from pathlib import Path

import pytest

from beanclear.ledger.chart_codes import Standard
from beanclear.ledger.errors import BooksError
from beanclear.ledger.periods import parse
from beanclear.ledger.statements import statutory
from beanclear.ledger.statements.positions import Basis, Split
from beanclear.ledger.statements.table import Style, Table
from tests.ledger.statements.company import (
    AUGUST,
    AUTUMN,
    JULY,
    OPENING,
    figures,
    request,
    yuan,
)


def made(*args: object, **keywords: object) -> tuple[Table, ...]:
    return statutory.statements(request(*args, **keywords))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def year() -> tuple[Table, ...]:
    return made()


def test_every_tie_out_holds(year: tuple[Table, ...]) -> None:
    mapped = {"accounts in no row, or in several": 0, "parts (of which) beyond their rows": 0}
    assert [dict(table.checks) for table in year] == [
        {
            "assets less liabilities and equity, closing": 0,
            "assets less liabilities and equity, opening": 0,
            **mapped,
        },
        {"net profit less the change of undistributed profit": 0, **mapped},
        {
            "closing cash less cash on the balance sheet": 0,
            "opening cash less cash on the balance sheet": 0,
            "net increase less the change of cash": 0,
        },
    ]


def test_the_balance_sheet_at_the_years_end(year: tuple[Table, ...]) -> None:
    # 1 cash: bank 100,000 + 60,000 - 11,300 + 14,998 - 4,000 - 600 + 15 - 5,700 - 500 - 3,000
    #   - 10,250 = 139,663; wallet 5,000 + 16,385 - 15,000 - 2,260 + 500 + 1,130 - 300 + 80 = 5,535
    # 4 receivables: 22,600 - 17,450 - 2,260 + 2,260 = 5,150 = 5,400 due - 250 paid twice (34)
    # 5 paid to supplier B before it delivered; 33 supplier A: 9,040 - 5,000
    # 9 goods: 20,000 - 9,000 + 900 - 400 + 8,000; 18-20: 10,000 less 5 × 200
    # 36: output 2,600 - 260 + 130 = 2,470, input 1,300 + 16.98 + 1,040 = 2,356.98, paid 500,
    #   income tax 500: 113.02
    # 50: a tenth of 3,394.98; 51: 3,394.98 - 3,000 - 339.50
    assert figures(year[0], "closing") == yuan(
        "1 145198.00 | 4 5400.00 | 5 700.00 | 9 19500.00 | 12 19500.00 | 15 170798.00 |"
        "18 10000.00 | 19 1000.00 | 20 9000.00 | 29 9000.00 | 30 179798.00 |"
        "31 50000.00 | 33 4040.00 | 34 250.00 | 36 113.02 | 41 54403.02 | 47 54403.02 |"
        "48 125000.00 | 50 339.50 | 51 55.48 | 52 125394.98 | 53 179798.00"
    )
    # What was there on 2026-06-30, when the books began.
    assert figures(year[0], "opening") == yuan(
        "1 105000.00 | 9 20000.00 | 12 20000.00 | 15 125000.00 | 30 125000.00 |"
        "48 125000.00 | 52 125000.00 | 53 125000.00"
    )


def test_the_income_statement_of_the_year(year: tuple[Table, ...]) -> None:
    # 1 sales 20,000 - 2,000 + 1,000; 2 cost 9,000 - 900 + 400; 11 commission 339 + ads 283.02
    # 14 salaries 4,000 + depreciation 1,000; 18 fees 226 + 2, interest 600 - 15 + 250 = 835
    # 22 compensation; 31 income tax
    assert figures(year[1], "year_to_date") == yuan(
        "1 19000.00 | 2 8500.00 | 11 622.02 | 13 283.02 | 14 5000.00 | 18 1063.00 | 19 835.00 |"
        "21 3814.98 | 22 80.00 | 30 3894.98 | 31 500.00 | 32 3394.98"
    )
    # December: compensation, interest, depreciation, income tax; the closing entries are none.
    assert figures(year[1], "period") == yuan(
        "14 1000.00 | 18 250.00 | 19 250.00 | 21 -1250.00 | 22 80.00 | 30 -1170.00 |"
        "31 500.00 | 32 -1670.00"
    )


def test_the_cash_flow_statement_of_the_year(year: tuple[Table, ...]) -> None:
    # 1 settled 17,450 gross - refund 2,260 + advance 1,130
    # 2 freed reserve 500 + interest 15 + compensation 80
    # 3 VAT of the computers 1,300 and of the ads 16.98, suppliers 5,000 + 700
    # 6 fees netted 339 + 226 and reserve 500 of the settlement, payout fee 2, ads 283.02
    # 17 interest 600 + 250; 21 the opening entry, 22 bank 139,663 + wallet 5,535
    assert figures(year[2], "year_to_date") == yuan(
        "1 16320.00 | 2 595.00 | 3 7016.98 | 4 4000.00 | 5 500.00 | 6 1350.02 | 7 4048.00 |"
        "12 10000.00 | 13 -10000.00 | 14 60000.00 | 16 10000.00 | 17 850.00 | 18 3000.00 |"
        "19 46150.00 | 20 40198.00 | 21 105000.00 | 22 145198.00"
    )
    assert figures(year[2], "period") == yuan(
        "2 80.00 | 7 80.00 | 16 10000.00 | 17 250.00 | 19 -10250.00 | 20 -10170.00 |"
        "21 155368.00 | 22 145198.00"
    )


def test_a_month_with_a_refund_of_the_month_before() -> None:
    sheet, income, flow = made(OPENING + JULY + AUGUST + AUTUMN, "2026-08", basis=Basis())
    assert figures(income, "period") == yuan(
        # sale 2,000 and cost 900 taken back; ads; the fee of the payout
        "1 -2000.00 | 2 -900.00 | 11 283.02 | 13 283.02 | 18 2.00 | 21 -1385.02 |"
        "30 -1385.02 | 32 -1385.02"
    )
    assert figures(flow, "period") == yuan(
        # The payout of July was in transit, which is cash: 105,000 + 60,000 - 11,300 + 16,385.
        "1 -1130.00 | 2 500.00 | 3 16.98 | 4 4000.00 | 6 285.02 | 7 -4932.00 | 20 -4932.00 |"
        "21 170085.00 | 22 165153.00"
    )
    assert figures(sheet, "closing") == yuan(
        # 34 the buyer's advance; 36 output 2,340 less input 1,316.98
        "1 165153.00 | 4 5150.00 | 9 11900.00 | 12 11900.00 | 15 182203.00 | 18 10000.00 |"
        "20 10000.00 | 29 10000.00 | 30 192203.00 | 31 60000.00 | 34 1130.00 | 36 1023.02 |"
        "41 62153.02 | 47 62153.02 | 48 125000.00 | 51 5049.98 | 52 130049.98 | 53 192203.00"
    )
    assert {rest for table in (sheet, income, flow) for rest in table.checks.values()} == {0}


def test_transit_that_is_overdue_is_no_cash_but_a_receivable() -> None:
    late = Split(debit_minor=1500000, credit_minor=0, overdue_minor=1500000)
    asked = request(OPENING + JULY, "2026-07", basis=Basis())
    basis = Basis(splits={asked.period.last: {"Assets:Transit": late}})
    sheet, _income, flow = statutory.statements(replace(asked, basis=basis))
    found = figures(sheet, "closing")
    # 15,000 on their way, and 500 frozen
    assert (found["1"], found["8"]) == ("155085.00", "15500.00")
    # Its leaving cash is money paid out among 6, so that cash is the balance sheet's.
    without = figures(statutory.statements(asked)[2], "period")
    assert (without.get("6"), without["22"]) == ("1065.00", "170085.00")
    assert (figures(flow, "period")["6"], figures(flow, "period")["22"]) == (
        "16065.00",
        "155085.00",
    )
    assert {rest for table in (sheet, flow) for rest in table.checks.values()} == {0}


def test_a_late_payout_that_arrives_comes_back_into_cash() -> None:
    late = Split(debit_minor=1500000, credit_minor=0, overdue_minor=1500000)
    asked = request(OPENING + JULY + AUGUST, "2026-08", basis=Basis())
    july = parse("2026-07").last
    assert july in asked.judged
    basis = Basis(splits={july: {"Assets:Transit": late}})
    sheet, _income, flow = statutory.statements(replace(asked, basis=basis))
    plain = figures(statutory.statements(asked)[2], "period")
    found = figures(flow, "period")
    assert (plain["2"], found["2"]) == ("500.00", "15500.00")  # 500 were frozen
    assert (found["21"], found["22"]) == ("155085.00", figures(sheet, "closing")["1"])
    # Of the year it left and came back.
    assert figures(flow, "year_to_date").get("2") == plain["2"]
    assert {rest for table in (sheet, flow) for rest in table.checks.values()} == {0}


def test_books_taken_over_within_a_year_say_what_is_missing() -> None:
    said = "The books begin on 2026-07-01, within the year"
    for table in made(OPENING + JULY, "2026-07"):
        assert [note for note in table.notes if note.startswith(said)]
    for table in made(JULY, "2026-07"):  # a company that was founded then
        assert not [note for note in table.notes if "within the year" in note]
    asked = request(OPENING + JULY, "2027-01")
    for table in statutory.statements(asked):
        assert not [note for note in table.notes if "within the year" in note]


def test_under_the_full_standards_an_advance_is_split_from_its_vat() -> None:
    basis = Basis(vat_ppm={"Liabilities:Advances": 130_000})
    sheet, income, flow, equity = made(
        OPENING + JULY + AUGUST, "2026-08", standard="enterprise", basis=basis
    )
    found = figures(sheet, "closing")
    # 1,130 are 合同负债 of 1,000 and 待转销项税额 of 130 among 其他流动负债
    assert (found["41"], found["47"], found["43"]) == ("1000.00", "130.00", "1023.02")
    assert (found["34"], found["68"]) == ("192203.00", "192203.00")
    assert figures(income, "period")["22"] == "-1385.02"
    assert figures(flow, "period") == yuan(
        "1 -1130.00 | 3 500.00 | 4 -630.00 | 5 16.98 | 6 4000.00 | 8 285.02 | 9 4302.00 |"
        "10 -4932.00 | 33 -4932.00 | 34 170085.00 | 35 165153.00"
    )
    tables = (sheet, income, flow, equity)
    assert {rest for table in tables for rest in table.checks.values()} == {0}


def test_changes_in_equity() -> None:
    *_others, equity = made(standard="enterprise")
    assert set(equity.checks.values()) == {0}
    assert figures(equity, "capital") == yuan("1 125000.00 | 5 125000.00 | 21 125000.00")
    assert figures(equity, "surplus") == yuan("11 339.50 | 21 339.50")
    assert figures(equity, "retained") == yuan("6 3394.98 | 11 -339.50 | 12 -3000.00 | 21 55.48")
    assert figures(equity, "total") == yuan(
        "1 125000.00 | 5 125000.00 | 6 3394.98 | 12 -3000.00 | 21 125394.98"
    )
    totals = [row.cells[1] for row in equity.rows if row.style == Style.TOTAL]
    assert totals == [5, 21]


COLUMNS: list[tuple[Standard, str, list[str]]] = [
    ("small", "2026-12", ["year_to_date This year so far", "period This month"]),
    ("small", "2026-Q4", ["year_to_date This year so far", "period This period"]),
    ("small", "2026", ["year_to_date This year so far", "last_year Last year"]),
    ("enterprise", "2026", ["period This period", "last_period Same period of last year"]),
    ("enterprise", "2026-12", [
        "period This period", "last_period Same period of last year",
        "year_to_date This year so far", "last_year_to_date Last year to the same day",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("standard", "period", "expected"), COLUMNS)
def test_the_columns_are_those_of_the_form(
    standard: Standard, period: str, expected: list[str]
) -> None:
    sheet, income, flow, *_equity = made(period=period, standard=standard)
    for table in (income, flow):
        assert [f"{one.name} {one.heading}" for one in table.columns[2:]] == expected
    heads = [column.heading for column in sheet.columns[2:]]
    opening = "Opening balance of the year" if standard == "small" else "End of last year"
    assert heads == ["Closing balance", opening]


def test_last_year_stands_beside_a_year() -> None:
    sheet, income, flow = made(period="2027", basis=Basis())
    assert figures(income, "year_to_date") == {}
    # What the tests above found of 2026.
    assert figures(income, "last_year")["32"] == "3394.98"
    assert figures(income, "last_year")["1"] == "19000.00"
    assert figures(flow, "last_year")["20"] == "40198.00"
    assert figures(flow, "last_year")["21"] == "105000.00"
    assert figures(sheet, "opening")["53"] == "179548.00"  # both orders of the receivable set off
    # Books that begin on a July 1 have what came after: it is said, as the year is not whole.
    note = "The books begin on 2026-07-01: of last year they have what came after."
    assert income.notes == flow.notes == (note,)


def test_the_same_period_of_last_year() -> None:
    tables = made(period="2027-12", standard="enterprise", basis=Basis())
    _sheet, income, flow, equity, before = tables
    assert figures(income, "last_period")["22"] == "-1670.00"  # December 2026
    assert figures(income, "last_year_to_date")["22"] == "3394.98"
    assert figures(flow, "last_period")["33"] == "-10170.00"
    assert figures(equity, "total") == yuan("1 125394.98 | 5 125394.98 | 21 125394.98")
    assert before.name == "equity-changes-last-year"
    assert figures(before, "total") == yuan(
        "1 125000.00 | 5 125000.00 | 6 3394.98 | 12 -3000.00 | 21 125394.98"
    )


def test_columns_from_before_the_books_stay_empty() -> None:
    _sheet, income, flow = made(period="2026")
    for table in (income, flow):
        assert set(table.column("last_year")) == {None}
        assert table.notes[0] == "The books begin on 2026-07-01: they have no figures of last year."
    assert len(made(period="2026", standard="enterprise")) == 4  # and no equity of last year


def test_what_is_missing_is_said_on_the_face() -> None:
    text = (
        OPENING
        + """
2026-07-10 * "Sold, and no cost of it"
  Assets:Receivable   113.00 CNY
  Income:Sales       -100.00 CNY
  Liabilities:VAT:Output -13.00 CNY
"""
    )
    sheet, income, _flow = made(text, "2026-07", basis=Basis())
    assert income.notes[0] == "No cost of sales is booked in this period: the profit is without it."
    assert sheet.notes[:1] == (
        "Paid-in capital holds 125,000.00 of initial balances: divide them among capital, reserves"
        " and undistributed profit by an entry on Equity:Opening-Balances.",
    )
    divided = text.replace(
        "2026-07-10",
        """2026-07-01 * "Divided"
  Equity:Opening-Balances   125000.00 CNY
  Equity:Distribution      -125000.00 CNY

2026-07-10""",
    )
    (begins,) = made(divided, "2026-07", basis=Basis())[0].notes
    assert begins.startswith("The books begin on 2026-07-10, within the year")


EQUITY = {
    "Equity:Capital": "4001.01", "Equity:Premium": "4002.01", "Expenses:Prior": "6901",
    "Equity:Treasury": "4201", "Equity:Comprehensive": "4003", "Equity:Special": "4301",
}  # fmt: skip


def test_every_kind_of_change_in_equity() -> None:
    moved = OPENING + "".join(
        f'\n2026-07-{day:02} * "{text}"\n  {debit}  {amount} CNY\n  {credit}  -{amount} CNY\n'
        for day, text, debit, credit, amount in (
            (1, "capital brought in", "Assets:Bank", "Equity:Capital", "100.00"),
            (2, "premium", "Assets:Bank", "Equity:Premium", "20.00"),
            (3, "premium to capital", "Equity:Premium", "Equity:Capital", "5.00"),
            (4, "an error of last year", "Expenses:Prior", "Assets:Goods", "7.00"),
            (5, "closed", "Equity:Distribution", "Expenses:Prior", "7.00"),
            (6, "own shares", "Equity:Treasury", "Assets:Bank", "3.00"),
            (7, "revalued", "Assets:Bank", "Equity:Comprehensive", "11.00"),
            (8, "realised", "Equity:Comprehensive", "Equity:Distribution", "11.00"),
            (9, "appropriated", "Equity:Distribution", "Equity:Surplus", "2.00"),
            (10, "to capital", "Equity:Surplus", "Equity:Capital", "1.00"),
            (11, "against losses", "Equity:Surplus", "Equity:Distribution", "1.00"),
            (12, "safety", "Equity:Distribution", "Equity:Special", "4.00"),
            (13, "cash safety", "Equity:Special", "Assets:Bank", "1.00"),
        )
    )
    *_others, equity = made(moved, "2026-07", standard="enterprise", basis=Basis(), more=EQUITY)
    assert set(equity.checks.values()) == {0}
    assert figures(equity, "capital") == yuan(
        "1 125000.00 | 5 125000.00 | 7 100.00 | 14 5.00 | 15 1.00 | 21 125106.00"
    )
    assert figures(equity, "premium") == yuan("7 20.00 | 14 -5.00 | 21 15.00")
    # Own shares are shown positive, and are less equity.
    assert figures(equity, "treasury") == yuan("10 3.00 | 21 3.00")
    assert figures(equity, "comprehensive") == yuan("6 11.00 | 18 -11.00")
    assert figures(equity, "surplus") == yuan("11 2.00 | 15 -1.00 | 16 -1.00")
    assert figures(equity, "special") == yuan("19 4.00 | 20 -1.00 | 21 3.00")
    # The correction is of earlier years: 本年年初余额 has it, 综合收益总额 has not.
    assert figures(equity, "retained") == yuan(
        "3 -7.00 | 5 -7.00 | 11 -2.00 | 16 1.00 | 18 11.00 | 19 -4.00 | 21 -1.00"
    )
    assert figures(equity, "total") == yuan(
        "1 125000.00 | 3 -7.00 | 5 124993.00 | 6 11.00 | 7 120.00 | 10 -3.00 | 20 -1.00 |"
        "21 125120.00"
    )


def test_the_smaller_standard_has_no_statement_of_changes_in_equity() -> None:
    with pytest.raises(BooksError) as raised:
        statutory.equity_changes(request())
    assert str(raised.value) == (
        "beanclear.toml: Accounting Standard for Small Enterprises has no statement of changes in"
        ' equity: only books with standard = "enterprise" have one'
    )


def test_a_movement_of_equity_that_no_row_takes(tmp_path: Path) -> None:
    own = definition_of("equity-changes").replace('from = "4101 + 4103 + 4104"', 'from = "4101"')
    with pytest.raises(BooksError) as raised:
        made(standard="enterprise", books=written(tmp_path, "equity-changes", own))
    assert raised.value.where.startswith("<string>:")
    assert (raised.value.what, raised.value.todo) == (
        "no row of equity-changes takes 4104.01",
        "add its code to a row of reports/equity-changes.toml",
    )


def test_a_transfer_within_equity_that_no_row_takes(tmp_path: Path) -> None:
    own = definition_of("equity-changes").replace('within = ["retained > surplus"]', 'from = ""')
    own = own.replace('within = ["*"]', 'from = ""')
    with pytest.raises(BooksError) as raised:
        made(standard="enterprise", books=written(tmp_path, "equity-changes", own))
    assert raised.value.what == "no row of equity-changes takes 4101.01, 4104.01"


def definition_of(name: str, standard: str = "enterprise") -> str:
    place = resources.files("beanclear.ledger.statements") / "definitions" / standard
    return (place / f"{name}.toml").read_text("utf-8")


def written(books: Path, name: str, text: str) -> Path:
    (books / "reports").mkdir(exist_ok=True)
    (books / "reports" / f"{name}.toml").write_text(text, "utf-8")
    return books


# Form, what is made wrong in it, and the tie-outs that then say by how much.
WRONG: list[tuple[str, str, str, Standard, dict[str, int]]] = [
    ("balance-sheet", "4 + 5 + 6 + 7 + 8 + 9 + 14", "4 + 6 + 7 + 8 + 9 + 14", "small",
     {"assets less liabilities and equity, closing": -70000}),
    ("balance-sheet", "48 + 49 + 50 + 51", "49 + 50 + 51", "small",
     {"assets less liabilities and equity, closing": 12500000,
      "assets less liabilities and equity, opening": 12500000}),
    ("balance-sheet", 'is = "1405", part_of', 'is = "1405 + 1601", part_of', "small",
     {"parts of row 9 beyond it": 1000000}),
    ("income-statement", "21 + 22 - 24", "21 - 24", "small",
     {"net profit less the change of undistributed profit": -8000}),
    ("cash-flow", "14 + 15 - 16 - 17 - 18", "14 + 15 - 16 - 17", "small",
     {"closing cash less cash on the balance sheet": 300000,
      "net increase less the change of cash": 300000}),
    ("equity-changes", '"5 + 6 + 7', '"5 + 7', "enterprise",
     {"closing equity less equity on the balance sheet": -339498,
      "columns that differ from their accounts, added": 339498}),
    ("balance-sheet", "59 + 60 + 61 - 62", "60 + 61 - 62", "enterprise",
     {"assets less liabilities and equity, closing": 12500000,
      "assets less liabilities and equity, opening": 12500000,
      "closing equity less equity on the balance sheet": 12500000,
      "opening equity less equity on the balance sheet": 12500000}),
    ("income-statement", '"22 + 23"', '"20 + 23"', "enterprise",
     {"comprehensive income less that of the income statement": -50000}),
]  # fmt: skip


@pytest.mark.parametrize("case", WRONG, ids=[f"{case[0]}-{case[2]}" for case in WRONG])
def test_a_tie_out_that_does_not_hold_says_by_how_much(
    tmp_path: Path, case: tuple[str, str, str, Standard, dict[str, int]]
) -> None:
    name, right, wrong, standard, expected = case
    text = definition_of(name, standard)
    assert text.count(right) == 1
    books = written(tmp_path, name, text.replace(right, wrong))
    found = made(standard=standard, books=books)
    assert {
        label: rest for table in found for label, rest in table.checks.items() if rest
    } == expected


def test_cash_that_is_no_cash_on_the_balance_sheet(tmp_path: Path) -> None:
    text = definition_of("cash-flow", "small").replace('"1002", "1012"]', '"1002"]')
    text = text.replace('from = "5001', 'from = "1012 + 5001')
    flow = made(books=written(tmp_path, "cash-flow", text))[2]
    assert dict(flow.checks) == {
        "closing cash less cash on the balance sheet": -553500,
        "opening cash less cash on the balance sheet": -500000,
        "net increase less the change of cash": -53500,
    }


def test_books_that_do_not_balance() -> None:
    asked = request()
    first, *others = asked.ledger.entries
    broken = replace(first, lines=first.lines[1:])
    ledger = replace(asked.ledger, entries=(broken, *others))
    sheet = statutory.statements(replace(asked, ledger=ledger))[0]
    assert {label: rest for label, rest in sheet.checks.items() if rest} == {
        "assets less liabilities and equity, closing": -10000000,
        "assets less liabilities and equity, opening": -10000000,
    }


def test_the_books_own_definition_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    text = definition_of("income-statement", "small")
    text = text.replace('zh = "销售费用", en = "Selling expenses"', 'zh = "推广费", en = "Ads"')
    text = text.replace('title = { zh = "利润表"', 'title = { zh = "损益表"')
    income = made(books=written(tmp_path, "income-statement", text))[1]
    assert income.title == "损益表"
    assert figures(income, "year_to_date", key="item")["推广费"] == "622.02"
    assert made(books=tmp_path / "other")[1].title == "利润表"


def test_foreign_money_is_worth_what_it_was_booked_at() -> None:
    text = (
        OPENING
        + """
2026-07-01 * "A sale in dollars, 4.70 % fee"
  Assets:Dollars     95.30 USD
  Expenses:Fees       4.70 USD
  Income:Sales     -100.00 USD

2026-08-01 * "Exchanged at another rate than the booked one"
  Assets:Bank        69.00 CNY
  Assets:Dollars    -10.00 USD @@ 69.00 CNY
"""
    )
    rates = {"2026-07": 71012, "2026-08": 72000}

    def translate(amount: int, _currency: str, day: datetime.date) -> int:
        return round(Fraction(amount * rates[f"{day:%Y-%m}"], 10_000))

    dollars = {"Assets:Dollars": "1002.09"}
    asked = request(text, "2026-08", basis=Basis(translate=translate), more=dollars)
    sheet, income, flow = statutory.statements(asked)
    assert {rest for table in (sheet, income, flow) for rest in table.checks.values()} == {0}
    # 100 USD at 7.1012 = 710.12; 4.70 = 33.38; the rest of rounding is the largest line's.
    assert figures(income, "year_to_date") == yuan(
        "1 710.12 | 18 33.38 | 21 676.74 | 30 676.74 | 32 676.74"
    )
    assert figures(sheet, "closing")["1"] == "105676.74"
    with pytest.raises(BooksError) as raised:
        statutory.statements(replace(asked, basis=Basis()))
    assert str(raised.value) == (
        "Assets:Dollars holds USD, and no rate says what it is worth:"
        " add a [[rates]] entry to beanclear.toml"
    )


def test_money_in_books_without_an_account_code() -> None:
    text = (
        OPENING
        + """
2026-07-01 * "Till"
  Assets:Till    1.00 CNY
  Assets:Bank   -1.00 CNY
"""
    )
    with pytest.raises(BooksError) as raised:
        statutory.statements(request(text, more={"Assets:Till": ""}))
    assert str(raised.value) == (
        'Assets:Till has no account code: add `code: "…"` to its `open` in accounts.beancount'
    )
