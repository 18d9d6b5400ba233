"""Definition files: what is read out of them, and what each mistake in one is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from beanclear.ledger.chart_codes import STANDARDS, Standard
from beanclear.ledger.errors import BooksError
from beanclear.ledger.statements import cash_flow, forms
from beanclear.ledger.statements.definition import Term, load, parse
from beanclear.ledger.statements.positions import Position
from beanclear.ledger.statements.standards import RULES
from tests.ledger.statements.company import CHARTS, NO_CASH

HEAD = 'name = "demo"\nkind = "%s"\ntitle = { zh = "表", en = "Form" }\nrows = [%s]\n'
ONE = '{ n = 1, zh = "一", en = "One", %s }'


def wrong(kind: str, rows: str) -> str:
    with pytest.raises(BooksError) as raised:
        parse(HEAD % (kind, rows), "reports/demo.toml")
    assert raised.value.where == "reports/demo.toml"
    assert raised.value.todo == "correct the file, or remove it to use the shipped one"
    return raised.value.what.removeprefix("the statement definition cannot be read: ")


def test_terms_and_sums() -> None:
    rows = (
        '{ zh = "头", en = "Head" },'
        + ONE % 'is = "-2221 + 1001 - overdue(1012)"'
        + ', { id = "all", zh = "和", en = "All", sum = "1 - 1" }'
    )
    found = parse(HEAD % ("balance", rows), "x")
    head, one, total = found.rows
    assert (head.heading, one.number, total.number) == (True, 1, None)
    assert one.terms == (
        Term(factor=-1, part="", code="2221"),
        Term(factor=1, part="", code="1001"),
        Term(factor=-1, part="overdue", code="1012"),
    )
    assert total.adds == ((1, "1"), (-1, "1"))


def test_a_code_holds_what_is_below_it() -> None:
    term = Term(factor=1, part="", code="1122")
    assert [term.holds(code) for code in ("1122", "1122.01", "11220", "1123")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert Term(factor=1, part="", code="5*").holds("5601.01")


@pytest.mark.parametrize(
    ("kind", "rows", "why"),
    [
        ("table", "", "`kind` is balance, movement, cash or equity"),
        ("balance", ONE % 'iss = "1001"', "row 一: unknown key iss"),
        ("balance", ONE % 'is = "1001 & 1002"', "'1001 & 1002' is no term of such a form"),
        ("balance", ONE % 'is = "in(1001)"', "'in(1001)' is no term of such a form"),
        ("cash", ONE % 'from = "D(1001)"', "'D(1001)' is no term of such a form"),
        ("movement", ONE % 'is = "vat(2203)"', "'vat(2203)' is no term of such a form"),
        ("balance", ONE % 'sum = "2"', "row 一 adds row 2, which does not stand above it"),
        ("balance", ONE % "part_of = 7", "row 一 adds row 7, which does not stand above it"),
        ("balance", ", ".join([ONE % 'is = ""'] * 2), "there are two rows 1"),
        ("balance", '{ n = 1, zh = "一" }', "'en' is missing"),
    ],
)
def test_what_is_wrong_is_said(kind: str, rows: str, why: str) -> None:
    assert wrong(kind, rows) == why


def test_a_file_that_is_no_toml() -> None:
    with pytest.raises(BooksError) as raised:
        parse("rows = [", "reports/demo.toml")
    assert raised.value.what.startswith("the statement definition cannot be read: ")


def test_a_role_that_no_row_has() -> None:
    found = parse(HEAD % ("balance", ONE % 'is = "1001"'), "x")
    with pytest.raises(BooksError, match=r"^demo\.toml: .*no row has the role assets"):
        found.place_of("assets")


def test_a_file_of_the_books_comes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    own = tmp_path / "reports" / "balance-sheet.toml"
    own.write_text(HEAD % ("balance", ONE % 'is = "1001"'), "utf-8")
    assert load("small", "balance-sheet", tmp_path).en == "Form"
    assert load("small", "balance-sheet").form == "会小企01表"


@pytest.mark.parametrize("standard", STANDARDS)
def test_all_forms_have_the_rows_that_tie_out(standard: Standard) -> None:
    roles = {
        name: {row.role for row in load(standard, name).rows} - {""}
        for name in RULES[standard].statements
    }
    full = standard == "enterprise"
    assert roles == {
        "balance-sheet": {"assets", "funding", "cash", "retained"}
        | ({"equity"} if full else set()),
        "income-statement": {"profit"} | ({"comprehensive"} if full else set()),
        "cash-flow": {"opening", "increase", "closing"},
        **({"equity-changes": {"before", "income", "after"}} if full else {}),
    }


def test_the_small_forms_have_their_official_rows() -> None:
    assert {
        name: [row.number for row in load("small", name).rows if row.number]
        for name in RULES["small"].statements
    } == {
        "balance-sheet": list(range(1, 54)),
        "income-statement": list(range(1, 33)),
        "cash-flow": list(range(1, 23)),
    }


def position(code: str) -> Position:
    return Position(account=f"Assets:A{code}", code=code, balance=1, debit=1, credit=0)


@pytest.mark.parametrize(("standard", "codes"), CHARTS)
def test_every_account_of_the_chart_is_in_one_row(standard: Standard, codes: list[str]) -> None:
    result = RULES[standard].result
    sheet, income = load(standard, "balance-sheet"), load(standard, "income-statement")
    held = [position(code) for code in codes]
    forms.check_mapping(sheet, held, "x")
    forms.check_mapping(income, [one for one in held if one.code.startswith(result)], "x")


@pytest.mark.parametrize(("standard", "codes"), CHARTS)
def test_every_account_of_the_chart_has_a_row_for_money(
    standard: Standard, codes: list[str]
) -> None:
    flow = load(standard, "cash-flow")
    lacking = {
        code
        for code in codes
        if not cash_flow.is_cash(flow, code)
        for direction in ("in", "out")
        if cash_flow.row_of(flow, code, direction) is None
    }
    assert lacking - NO_CASH == set()


def test_an_account_in_no_row_and_one_in_two() -> None:
    rows = ONE % 'is = "1001"' + ', { n = 2, zh = "二", en = "Two", is = "1001.02" }'
    found = parse(HEAD % ("balance", rows), "x")
    with pytest.raises(BooksError) as none:
        forms.check_mapping(found, [position("1001"), position("1002")], "reports/demo.toml")
    assert str(none.value) == (
        "no row of demo takes Assets:A1002 (1002):"
        " correct the code in accounts.beancount, or add it to a row of reports/demo.toml"
    )
    with pytest.raises(BooksError) as twice:
        forms.check_mapping(found, [position("1001.02")], "reports/demo.toml")
    assert str(twice.value) == (
        "several rows of demo take Assets:A1001.02 (1001.02):"
        " take the code out of all rows but one in reports/demo.toml"
    )


def test_a_row_may_leave_out_what_another_takes() -> None:
    rows = ONE % 'is = "-2221 + 2221.06"' + ', { n = 2, zh = "二", en = "Two", is = "-2221.06" }'
    found = parse(HEAD % ("balance", rows), "x")
    held = [position("2221.06"), position("2221.01")]
    forms.check_mapping(found, held, "x")
    assert forms.values(found, held) == {"1": -1, "2": -1}
