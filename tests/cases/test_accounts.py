"""Accounts, lines that nobody knows, taxpayers, take-overs: each right value of a trial in use."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from beanclear.ledger import accounts, catalogue, naming
from beanclear.ledger.chart_codes import STANDARDS, Standard, code_in
from beanclear.ledger.errors import UsageError
from beanclear.ledger.statements.definition import load
from beanclear.ledger.statements.standards import RULES
from tests.cases.conftest import Case

BANK = """
[[tables]]
name = "boc"
match = ["日期", "金额", "余额"]
stage = "bank"
source = "boc"
date_format = "%Y-%m-%d"

[tables.columns]
occurred_at = "日期"
amount = "金额"
balance = "余额"
counterparty = "对方"
memo = "摘要"

[books]
language = "zh"
{more}
"""
SUSPENSE = "Assets:Suspense:Boc"


def bank(lines: str, start: str = "1000.00") -> str:
    """A bank file: `08-14 -2865.87 税务局 税款` a line, balances added, up to the month's end."""
    rows, balance = [], Decimal(start)
    for line in lines.strip().splitlines():
        day, amount, other, memo = line.split()
        balance += Decimal(amount)
        rows.append(f"2026-{day},{amount},{balance},{other},{memo}")
    return "日期,金额,余额,对方,摘要\n" + "\n".join(rows) + "\n"


AUGUST = """
08-03 500.00 某某公司 货款
08-14 -100.00 税务局 税款
08-23 -40.00 云谷物业 房租
08-31 -1.00 银行 手续费
"""


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEANCLEAR_LANG", "en")  # the books are Chinese


@pytest.fixture
def august(case: Case) -> Case:
    """Books with a bank whose lines no rule knows."""
    case.configure(BANK.format(more=""))
    case.put("boc.csv", bank(AUGUST))
    assert case.run("--covers", "boc/main/bank=2026-08-31") == 1
    return case


# -- what nobody knows ---------------------------------------------------------------------------


def test_lines_that_no_rule_knows_are_open_at_once(august: Case) -> None:
    assert sorted(august.items()) == [
        ("uncategorised", Decimal(amount)) for amount in ("-500", "1", "40", "100")
    ]


def test_a_month_with_unknown_lines_closes_only_with_a_word(august: Case) -> None:
    assert august.call("close", "2026-08", "--by", "Li") == 1
    assert "4 lines up to 2026-08-31 are classified nowhere (待查): 2026-08-03" in august.said
    assert "close with --reason" in august.said
    assert august.call("close", "2026-08", "--by", "Li", "--reason", "asked the owner") == 0


def item(case: Case, amount: str) -> dict[str, Any]:
    (found,) = [one for one in case._open_items()["items"] if one["amount"] == amount]
    return dict(found)


def classify(case: Case, amount: str, to: str, *more: str) -> int:
    return case.call(
        "decide", "classify", item(case, amount)["key"], "--to", to, "--by", "Li", *more
    )


@pytest.mark.parametrize(
    "to", ["5602.06", "560206", "管理费用-房租", "房租", "管理费用－房租", "Expenses:Office:Rent"]
)
def test_accounts_are_named_by_code_or_by_what_they_are_called(august: Case, to: str) -> None:
    assert classify(august, "40.00", to) == 0, august.said
    # On the line's own day, which is open, and on the right 科目.
    assert august.balances("Expenses:Office:Rent", "2026-08-23") == {
        "Expenses:Office:Rent": Decimal(40)
    }
    assert august.total("Expenses:Office:Rent", "2026-08-22") == 0
    chart = (august.root / "accounts.beancount").read_text("utf-8")
    assert (
        '1970-01-01 open Expenses:Office:Rent CNY\n  code: "5602.06"\n  name: "管理费用-房租"\n'
        in chart
    )
    for account in (to, "管理费用"):
        assert (
            august.call("report", "detailed-ledger", "--period", "2026-08", "--account", account)
            == 0
        )
        assert "40.00" in august.said


def test_a_date_that_is_said_counts(august: Case) -> None:
    assert classify(august, "40.00", "5602.06", "--date", "2026-08-25") == 0
    assert august.total("Expenses:Office:Rent", "2026-08-24") == 0
    assert august.total("Expenses:Office:Rent", "2026-08-25") == 40


def test_a_line_of_a_closed_month_is_booked_on_the_first_open_day(august: Case) -> None:
    assert august.call("close", "2026-08", "--by", "Li", "--reason", "asked") == 0
    assert classify(august, "40.00", "5602.06") == 0
    assert august.total("Expenses:Office:Rent", "2026-08-31") == 0
    assert august.total("Expenses:Office:Rent", "2026-09-01") == 40


# -- no invented codes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "alike"),
    [
        ("Expenses:Ofice:Rent", "Expenses:Office:Rent (5602.06 管理费用-房租)"),
        ("管理费-房租", "Expenses:Office:Rent (5602.06 管理费用-房租)"),
        ("Assets:Suspence:Boc", "Assets:Suspense:Boc"),
        ("5602.66", "Expenses:Office"),
    ],
)
def test_a_slip_opens_nothing(august: Case, to: str, alike: str) -> None:
    before = (august.root / "accounts.beancount").read_text("utf-8")
    assert classify(august, "40.00", to) == 2
    assert f"the account {to} is not open: did you mean " in august.said
    assert alike in august.said
    assert (august.root / "accounts.beancount").read_text("utf-8") == before


def test_a_rule_on_an_account_that_is_not_there_stops_the_run(august: Case) -> None:
    rule = '[[rules]]\nmemo = "房租"\naccount = "Expenses:Ofice:Rent"\n'
    august.configure(BANK.format(more=rule))
    assert august.run() == 3
    assert (
        "beanclear.toml: [[rules]] 1: the account Expenses:Ofice:Rent is not open: did you mean "
        "Expenses:Office:Rent (5602.06 管理费用-房租)" in august.said
    )


@pytest.mark.parametrize("account", ["5602.06", "房租", "Expenses:Office:Rent"])
def test_rules_name_accounts_in_the_same_ways(august: Case, account: str) -> None:
    august.configure(BANK.format(more=f'[[rules]]\nmemo = "房租"\naccount = "{account}"\n'))
    august.run()
    assert august.balances("Expenses") == {"Expenses:Office:Rent": Decimal(40)}


def test_a_decision_written_by_hand_opens_no_account_by_a_slip(august: Case) -> None:
    assert classify(august, "40.00", "房租") == 0
    (path,) = (august.root / "decisions" / "2026").glob("*.beancount")
    path.write_text(path.read_text("utf-8").replace("Office:Rent", "Office:Rant"), "utf-8")
    assert august.run() == 3
    assert (
        f"decisions/2026/{path.name}:4: the account Expenses:Office:Rant is not open" in august.said
    )


@pytest.mark.parametrize(
    ("more", "code", "name"),
    [
        (("--name", "水利建设基金"), "2221.22", "应交税费-水利建设基金"),
        (
            ("--name", "应交税费-水利建设基金", "--code", "2221.30"),
            "2221.30",
            "应交税费-水利建设基金",
        ),
    ],
)
def test_a_new_account_inherits_from_the_one_above_it(
    august: Case, more: tuple[str, ...], code: str, name: str
) -> None:
    assert classify(august, "100.00", "Liabilities:Tax:Water", "--new-account", *more) == 0, (
        august.said
    )
    chart = accounts.read((august.root / "accounts.beancount").read_text("utf-8"))
    found = chart["Liabilities:Tax:Water"].spec
    assert (found.code, found.chinese) == (code, name)


def test_a_new_account_may_be_said_by_its_chinese_name_or_its_code(august: Case) -> None:
    assert classify(august, "40.00", "管理费用-绿化费", "--new-account") == 0, august.said
    assert classify(august, "1.00", "5603.41", "--new-account", "--name", "询证函费") == 0, (
        august.said
    )
    chart = accounts.read((august.root / "accounts.beancount").read_text("utf-8"))
    told = {one.spec.chinese: (name, one.spec.code) for name, one in chart.items()}
    assert told["管理费用-绿化费"] == ("Expenses:Office:26-绿化费", "5602.26")
    assert told["财务费用-询证函费"] == ("Expenses:Finance:41-询证函费", "5603.41")


@pytest.mark.parametrize(
    ("account", "asked"),
    [
        ("Expenses:Miscellaneous", "has: say it, such as --code 5602.31"),
        ("Liabilities:Tax:Water", 'has: say it, such as --code 2221.22 --name "应交税费-…"'),
    ],
)
def test_what_nobody_knows_of_a_new_account_is_asked(
    august: Case, account: str, asked: str
) -> None:
    assert classify(august, "40.00", account, "--new-account") == 2
    assert asked in august.said


@pytest.mark.parametrize("code", ["5602.06", "1221.31", "56", "9999"])
def test_a_code_that_is_taken_or_of_another_kind_is_refused(august: Case, code: str) -> None:
    more = ("--new-account", "--code", code, "--name", "杂费")
    assert classify(august, "40.00", "Expenses:Odd", *more) == 2
    assert f"the code {code} is taken, or not one of the chart for Expenses" in august.said


# -- the shipped chart ---------------------------------------------------------------------------


@pytest.mark.parametrize("standard", STANDARDS)
def test_the_shipped_chart_is_whole_and_fits_the_statements(standard: Standard) -> None:
    rows = catalogue.rows(standard)
    codes = [row.code for row in rows.values()]
    assert len(set(codes)) == len(codes)
    assert len({row.chinese for row in rows.values()}) == len(rows)
    balance, result = load(standard, "balance-sheet"), load(standard, "income-statement")
    terms = [term for form in (balance, result) for row in form.rows for term in row.terms]
    for row in rows.values():
        assert re.fullmatch(r"\d{4}(\.\d\d){0,3}", row.code)
        assert row.name.partition(":")[0] in RULES[standard].classes[row.code[0]]
        assert any(term.holds(row.code) for term in terms), row
        assert re.search("[\u4e00-\u9fff]", row.chinese)
    usual = (
        "1001 1405 1403 1601 1602 2202 2211 2221 2221.01.01 2221.01.02 2221.02 2221.04 2221.06 "
        "2241 3001 3103 3104 5401 5402 5403 5602.01 5603.03 5711 5801"
    )
    # 1002, 1012, 1122, 2203 and 5001 are opened by platform, wallet and bank.
    assert {code_in(standard, code) for code in usual.split()} <= set(codes)


def test_names_that_mean_several_accounts_are_refused() -> None:
    with pytest.raises(UsageError) as raised:
        naming.resolve("工资", {}, "small")
    assert "may be one of several accounts" in str(raised.value)
    assert "5602.02 管理费用-工资" in str(raised.value)


# -- an account that nobody opened ----------------------------------------------------------------


@pytest.mark.parametrize("report", ["trial-balance", "balance-sheet", "general-ledger"])
def test_an_entry_on_an_account_that_is_not_open_is_named(august: Case, report: str) -> None:
    (august.root / "manual" / "a.beancount").write_text(
        '2026-08-15 * "文具"\n  Expenses:Office:Pens  1.00 CNY\n  Equity:Opening-Balances\n',
        "utf-8",
    )
    assert august.call("report", report, "--period", "2026-08") == 3
    said = "manual/a.beancount:1: the account Expenses:Office:Pens is not open: correct the name"
    assert said in august.said
    assert august.run() == 1
    assert said in august.said


# -- taking over, and the taxpayer ----------------------------------------------------------------


def test_a_take_over_within_the_year_is_said(august: Case) -> None:
    assert "The books begin within the year, after 2026-08-02" in august.said
    august.call("report", "balance-sheet", "--period", "2026-08")
    assert "The books begin on 2026-08-03, within the year" in august.said


ORDERS = "order_id,ordered_at,paid_at,shipped_at,completed_at,status,amount\n"


def sold(number: int, day: str, amount: str = "113.00") -> str:
    moments = ",".join(f"2026-{day} {time}" for time in ("10:00:00", "10:01:00", "12:00:00"))
    return f"A-{number},{moments},,shipped,{amount}\n"


@pytest.fixture
def closed(case: Case) -> Case:
    """Books of a general taxpayer with July closed and an order in August."""
    case.put("orders.csv", ORDERS + sold(1, "07-10") + sold(2, "08-20", "226.00"))
    case.run("--covers", "shop/main/order=2026-08-31")
    assert case.call("close", "2026-07", "--by", "Li") == 0, case.said
    return case


OUTPUT, SMALL = "Liabilities:Tax:VAT:Output", "Liabilities:Tax:VAT"


def test_a_taxpayer_changes_from_a_day_on(closed: Case) -> None:
    closed.configure('[[taxpayer]]\nkind = "small"\nfrom = 2026-08-01\n')
    closed.run()
    assert "closed ones" not in closed.said
    found = closed.balances(SMALL)
    assert found == {OUTPUT: Decimal("-13.00"), SMALL: Decimal("-2.24")}  # 13 %, then 1 %


def test_a_change_that_would_rebook_closed_months_is_refused_first(closed: Case) -> None:
    def texts() -> dict[str, str]:
        return {str(one): one.read_text("utf-8") for one in closed.root.rglob("*.beancount")}

    before = texts()
    closed.configure('[books]\ntaxpayer = "small"\n')
    assert closed.run() == 3
    assert "1 entries of closed months (2026-07-10 to 2026-07-10) would be rebooked" in closed.said
    assert "13.00 CNY" in closed.said
    assert texts() == before
    assert closed.run("--rebook") in {0, 1}
    assert closed.total(OUTPUT, "2026-07-31") == Decimal("-13.00")
    assert closed.balances(SMALL) == {SMALL: Decimal("-3.36")}
    # What was meant once is not asked again.
    closed.run()
    assert "would be rebooked" not in closed.said


def test_what_arrives_late_for_a_closed_month_is_said(closed: Case) -> None:
    closed.put("late.csv", ORDERS + sold(3, "07-11"))
    assert closed.run() in {0, 1}
    assert (
        "Booked into the open month for closed ones (2026-07-11 to 2026-07-11): 1 entries, "
        "113.00 CNY" in closed.said
    )
    closed.run()
    assert "for closed ones" not in closed.said


# -- folders and shops ----------------------------------------------------------------------------


def test_a_folder_is_a_shop_only_where_shops_names_it(case: Case) -> None:
    case.put("8月/支付宝/orders.csv", ORDERS + sold(1, "07-10"), shop=False)
    assert case.run() == 0
    assert set(case.balances("Assets:Receivable")) == {"Assets:Receivable:Shop"}
    assert "the folder 8月/支付宝 is no shop: its files were booked with those of" in case.said
    # The next month's folder is the same shop.
    case.put("9月/orders.csv", ORDERS + sold(2, "07-11"), shop=False)
    case.run()
    assert case.balances("Assets:Receivable") == {"Assets:Receivable:Shop": Decimal("226.00")}


@pytest.mark.parametrize("folder", ["北方店", "北方店/2026-08", "2026-08/北方店"])
def test_a_named_folder_is_a_shop_wherever_months_stand(case: Case, folder: str) -> None:
    case.configure('[[shops]]\nfolder = "北方店"\nname = "北方旗舰店"\n')
    case.put(f"{folder}/orders.csv", ORDERS + sold(1, "07-10"), shop=False)
    assert case.run() == 0
    assert set(case.balances("Assets:Receivable")) == {"Assets:Receivable:Shop:S-北方店"}
    assert "is no shop" not in case.said
    chart = (case.root / "accounts.beancount").read_text("utf-8")
    assert 'name: "应收账款-自营店铺-北方店"' in chart


def test_a_shop_of_booked_documents_stays_one(case: Case) -> None:
    case.put("north/orders.csv", ORDERS + sold(1, "07-10"))
    assert case.run() == 0
    case.shops.clear()
    case.configure("")
    case.put("north/orders.csv", ORDERS + sold(2, "07-11"), shop=False)
    assert case.run() == 0
    assert case.balances("Assets:Receivable") == {"Assets:Receivable:Shop:North": Decimal("226.00")}


@pytest.mark.parametrize("other", ["North-1", "north 1"])
def test_folders_that_would_be_one_account_are_refused(case: Case, other: str) -> None:
    case.put("North 1/orders.csv", ORDERS + sold(1, "07-10"))
    assert case.run() == 0
    case.shops.clear()
    case.configure("")
    case.put(f"{other}/orders.csv", ORDERS + sold(2, "07-11"))
    assert case.run() == 1
    assert f"its account {other} would be booked on Assets:Receivable:Shop:North-1, as North 1" in (
        case.said
    )
    assert case.total("Assets:Receivable") == Decimal("113.00")
    case.configure('[[shops]]\nfolder = "North 1"\nname = "one"\n')
    assert case.run() == 3
    assert "which would be one account" in case.said
