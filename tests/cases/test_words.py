"""What people say of open items: each word counts once, or is an error at its line."""

from __future__ import annotations

import shutil
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.cases.conftest import Case
from tests.cases.words import RECEIVABLE, SUSPENSE, TRANSIT, decide, fill, settle

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    case = Case(tmp_path_factory.mktemp("filled") / "books")
    fill(case)
    return case.root


@pytest.fixture
def shop(case: Case, filled: Path) -> Case:
    shutil.rmtree(case.root)
    shutil.copytree(filled, case.root)
    return case


def by_hand(case: Case, text: str, name: str = "decisions/2026.beancount") -> Path:
    """Append to a file of the books."""
    path = case.root / name
    before = path.read_text("utf-8") if path.is_file() else ""
    path.write_text(before + text, "utf-8")
    return path


def word(kind: str, key: str, amount: str = "", account: str = RECEIVABLE, **more: str) -> str:
    """A decision as a person writes it."""
    lines = [f'2026-08-30 custom "{kind}" {account} {amount}'.rstrip(), '  by: "Li"']
    lines += [f'  key: "{key}"'] if key else []
    lines += [f"  {name}: {value}" for name, value in more.items()]
    return "\n".join(["", *lines, ""])


BAD_DEBT = '"Expenses:BadDebt"'


def test_a_rule_made_later_moves_no_line_that_was_decided_on(shop: Case) -> None:
    assert decide(shop, "classify", TRANSIT, "1-1@20260701", "--to", "Expenses:Platform:Penalty") == 0
    before = shop.balances("")
    rule = '\n[[rules]]\nmemo = "不明入账"\ndirection = "in"\naccount = "Income:Other:Platform"\n'
    by_hand(shop, rule, "beanclear.toml")
    assert shop.run() == 1
    assert shop.balances("") == before
    assert shop.total("Expenses:Platform:Penalty") == Decimal("-284.75")
    assert shop.total(TRANSIT) == 0
    assert [one for one, _amount in shop.items()] == ["overdue", "uncategorised"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (word("write-off", "9999", "59.00 CNY", to=BAD_DEBT), "9999"),
        (word("classify", "9999", "59.00 CNY", to=BAD_DEBT), "9999"),
        (word("explain", "9999", until="2026-12-31"), "9999"),
        (
            word("match", "", items='"{\\"A-2\\": \\"59.00\\", \\"9999\\": \\"-59.00\\"}"',
                 currency='"CNY"'),
            "9999",
        ),
        # The key of another account's item is none of this one.
        (word("write-off", "1-1@20260701", "59.00 CNY", to=BAD_DEBT), "1-1@20260701"),
    ],
)  # fmt: skip
def test_a_decision_about_nothing_is_an_error_and_posts_nothing(
    shop: Case, text: str, told: str
) -> None:
    before = shop.balances("")
    by_hand(shop, text)
    assert shop.run() == 1
    kind = text.split('"')[1]
    message = (
        f'"{kind}" concerns an item that does not exist (any more): {told} on {RECEIVABLE}: '
        "remove the decision, or correct its key"
    )
    assert f"decisions/2026.beancount:2: {message}" in shop.said
    assert shop.balances("") == before
    assert message in shop.errors
    assert [error for error in shop.errors if "reconciled" in error] == []
    assert shop.check() == 1
    assert shop.said.count(message) == 1
    (shop.root / "decisions/2026.beancount").unlink()
    assert shop.run() == 1
    assert "void" not in (shop.root / "reconciliation/current.beancount").read_text("utf-8")


def test_an_explanation_of_what_was_resolved_is_none(shop: Case) -> None:
    assert decide(shop, "explain", RECEIVABLE, "A-2", "--until", "2026-12-31") == 0
    assert decide(shop, "write-off", RECEIVABLE, "A-2", "--to", "Expenses:BadDebt") == 0
    assert decide(shop, "explain", TRANSIT, "1-1@20260701", "--until", "2026-12-31") == 0
    assert decide(shop, "explain", SUSPENSE, "1-3@20260704", "--until", "2026-12-31") == 0
    assert shop.check() == 0, shop.said


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (RECEIVABLE, f'"write-off" moves {RECEIVABLE} to itself'),
        (TRANSIT, f'"write-off" moves money to the clearing account {TRANSIT}'),
        (SUSPENSE, f'"write-off" moves money to the clearing account {SUSPENSE}'),
        ("Equity:Closed", '"write-off" moves money to Equity:Closed'),
    ],
)
def test_money_of_an_item_goes_to_no_clearing_account(shop: Case, target: str, told: str) -> None:
    before = {path: path.read_bytes() for path in shop.root.rglob("*.beancount")}
    assert decide(shop, "write-off", RECEIVABLE, "A-2", "--to", target) == 2
    assert told in shop.said
    assert {path: path.read_bytes() for path in shop.root.rglob("*.beancount")} == before
    by_hand(shop, word("write-off", "A-2", "59.00 CNY", to=f'"{target}"'))
    shop.balances("")
    assert [error for error in shop.errors if told in error]
    assert shop.run() == 3
    assert f"decisions/2026.beancount:2: {told}" in shop.said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            word("write-of", "A-2", "59.00 CNY", to=BAD_DEBT),
            '"write-of" is no decision; did you mean "write-off"?',
        ),
        (
            word("Explain", "A-2", until="2026-12-31"),
            '"Explain" is no decision; did you mean "explain"?',
        ),
        (
            word("zzz", "A-2"),
            '"zzz" is no decision; there are match, write-off, classify, explain, close',
        ),
        (
            word("explain", "A-2", until="2026-12-31") + '  key: "A-1"\n',
            '`key` stands twice in one "explain", as when a merge melts two decisions into one',
        ),
        (
            word("explain", "A-2", until="2026-12-31").replace("Li", " "),
            '"explain": `by` names nobody',
        ),
    ],
)
def test_a_word_that_is_no_decision_is_an_error_at_its_line(
    shop: Case, text: str, told: str
) -> None:
    by_hand(shop, text)
    shop.balances("")
    assert [error for error in shop.errors if told in error]
    assert shop.run() == 3
    assert f"decisions/2026.beancount:2: {told}" in shop.said


def test_decisions_that_are_right_leave_nothing_to_say(shop: Case) -> None:
    settle(shop)
    assert shop.run() == 0, shop.said


# -- closed is closed ------------------------------------------------------------------------------

RENT = (
    '\n2026-08-15 * "补记房租"\n  Expenses:BadDebt  1000.00 CNY\n'
    "  Liabilities:Tax:VAT  -1000.00 CNY\n"
)
OPENING = RENT.replace("Liabilities:Tax:VAT", "Equity:Opening-Balances")
EARLIER = RENT.replace("2026-08-15", "2025-01-15")


@pytest.fixture(scope="module")
def closed_books(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """August is closed; everything open was decided, one manual entry stands in July."""
    case = Case(tmp_path_factory.mktemp("closed") / "books")
    shutil.rmtree(case.root)
    shutil.copytree(filled, case.root)
    by_hand(
        case, RENT.replace("2026-08-15", "2026-07-20").replace("补记", ""), "manual/x.beancount"
    )
    assert case.run() == 1
    settle(case)
    assert case.call("close", "2026-08", "--by", "Li Na", "--reason", "looked through") == 0
    assert case.check() == 0, case.said
    return case.root


@pytest.fixture
def closed(case: Case, closed_books: Path) -> Case:
    shutil.rmtree(case.root)
    shutil.copytree(closed_books, case.root)
    return case


def replaced(case: Case, name: str, old: str, new: str) -> int:
    """Replace a text in a file of the books; the line it stands in."""
    path = case.root / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def assert_told(case: Case, message: str) -> None:
    """`bean-check`, `check`, `run`, `close` and statements of the month all say it."""
    case.balances("")
    assert [error for error in case.errors if message.split(": ", 1)[-1] in error]
    assert (case.check(), message in case.said) == (1, True), case.said
    assert (case.run(), message in case.said) == (1, True), case.said
    report = ("report", "income-statement", "--period", "2026-08")
    assert (case.call(*report), message in case.said) == (3, True), case.said
    later = ("report", "income-statement", "--period", "2026-09")
    assert (case.call(*later), message in case.said) == (0, True), case.said


@pytest.mark.parametrize("text", [RENT, OPENING, EARLIER])
def test_an_entry_added_to_a_closed_month_is_an_error(closed: Case, text: str) -> None:
    by_hand(closed, text, "manual/y.beancount")
    day = text.split(maxsplit=1)[0]
    assert_told(
        closed,
        f"manual/y.beancount:2: entry manual/y.beancount 补记房租 of {day} was written after "
        "2026-08 was closed",
    )
    assert closed.call("close", "2026-09", "--by", "Li Na") == 3
    assert "was written after 2026-08 was closed" in closed.said


@pytest.mark.parametrize(("old", "new"), [("1000.00", "900.00"), ("1000.00", "1000.00 CNY ; x")])
def test_a_changed_entry_of_a_closed_month_is_an_error(closed: Case, old: str, new: str) -> None:
    replaced(closed, "manual/x.beancount", f"{old} CNY", new if ";" in new else f"{new} CNY")
    if ";" in new:
        assert closed.check() == 0, closed.said  # a remark says nothing
        return
    replaced(closed, "manual/x.beancount", f"-{old} CNY", f"-{new} CNY")
    assert_told(
        closed,
        "manual/x.beancount:2: entry manual/x.beancount 房租 of 2026-07-20 was changed after "
        "2026-08 was closed",
    )


def test_an_entry_gone_from_a_closed_month_is_an_error(closed: Case) -> None:
    (closed.root / "manual/x.beancount").write_text("", "utf-8")
    assert_told(
        closed,
        "entry manual/x.beancount 房租 of 2026-07-20 was there when 2026-08 was closed, "
        "and is gone",
    )


LI = "decisions/2026/Li-Na.beancount"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("looked up", "guessed", f"classify {TRANSIT} 1-1@20260701"),
        ('by: "Li Na"', 'by: "Wang"', f"classify {TRANSIT} 1-1@20260701"),
        ("until: 2026-12-31", "until: 2027-12-31", f"explain {RECEIVABLE} A-2"),
        ("looked through", "never looked", "close Equity:Closed 2026-08"),
    ],
)
def test_a_changed_decision_of_a_closed_month_is_an_error(
    closed: Case, old: str, new: str, what: str
) -> None:
    replaced(closed, LI, old, new)
    closed.balances("")
    assert [error for error in closed.errors if "2026-08 was closed" in error] == [
        f"{what} of 2026-08-31 was changed after 2026-08 was closed: restore it from version "
        "control, and book the correction on an open day"
    ]
    assert closed.check() == 1
    assert f"{LI}:" in closed.said


def test_decisions_gone_from_and_added_to_a_closed_month_are_errors(closed: Case) -> None:
    path = closed.root / LI
    words = path.read_text("utf-8").split("\n\n")
    path.write_text("\n\n".join(one for one in words if "explain" not in one), "utf-8")
    by_hand(closed, word("explain", "A-2", until="2027-12-31"))
    closed.balances("")
    (told,) = [error for error in closed.errors if "2026-08 was closed" in error]
    assert told.startswith(f"explain {RECEIVABLE} A-2 of 2026-08-30 was changed after 2026-08")
    (closed.root / "decisions/2026.beancount").write_text("", "utf-8")
    by_hand(closed, word("explain", "A-1", until="2027-12-31"))
    closed.balances("")
    assert [error[:80] for error in closed.errors if "2026-08 was closed" in error] == [
        f"explain {RECEIVABLE} A-1 of 2026-08-30 was written after 2026-08 was closed"[:80],
        f"explain {RECEIVABLE} A-2 of 2026-08-31 was there when 2026-08 was closed"[:80],
    ]


def test_an_open_month_may_be_written_in(closed: Case) -> None:
    by_hand(closed, RENT.replace("2026-08-15", "2026-09-01"), "manual/y.beancount")
    assert closed.run() == 0, closed.said
    assert closed.check() == 0, closed.said
