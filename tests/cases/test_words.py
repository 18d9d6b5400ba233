"""What people say of open items: each word counts once, or is an error at its line."""

from __future__ import annotations

import re
import shutil
import subprocess
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.cases.conftest import Case
from tests.cases.words import (
    DEPOSIT,
    ORDERS,
    RECEIVABLE,
    RENT_LINE,
    SUSPENSE,
    TRANSIT,
    WALLET,
    bank_line,
    decide,
    fill,
    settle,
)
from tests.errors import bad_files

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
    assert decide(shop, "classify", TRANSIT, DEPOSIT, "--to", "Expenses:Platform:Penalty") == 0
    before = shop.balances("")
    rule = '\n[[rules]]\nmemo = "不明入账"\ndirection = "in"\naccount = "Expenses:BadDebt"\n'
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
            word(
                "match", "", currency='"CNY"',
                items='"{\\"A-2\\": \\"59.00\\", \\"9999\\": \\"-59.00\\"}"',
            ),
            "9999",
        ),
        # The key of another account's item is none of this one.
        (word("write-off", DEPOSIT, "59.00 CNY", to=BAD_DEBT), DEPOSIT),
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
    assert decide(shop, "explain", TRANSIT, DEPOSIT, "--until", "2026-12-31") == 0
    assert decide(shop, "explain", SUSPENSE, RENT_LINE, "--until", "2026-12-31") == 0
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
    day = text[1:11]
    assert_told(
        closed,
        f"manual/y.beancount:2: entry 补记房租 of {day} was written after 2026-08 was closed",
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
        "manual/x.beancount:2: entry 房租 of 2026-07-20 was changed after 2026-08 was closed",
    )


def test_an_entry_gone_from_a_closed_month_is_an_error(closed: Case) -> None:
    (closed.root / "manual/x.beancount").write_text("", "utf-8")
    assert_told(
        closed,
        "entry 房租 of 2026-07-20 was there when 2026-08 was closed",
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


def test_an_entry_of_a_closed_month_may_move_to_another_file(closed: Case) -> None:
    (closed.root / "manual/x.beancount").rename(closed.root / "manual/z.beancount")
    (closed.root / LI).rename(closed.root / "decisions/2026.beancount")
    assert closed.check() == 0, closed.said


def test_a_close_without_fingerprints_is_judged_by_its_voucher_numbers(closed: Case) -> None:
    (closed.root / "reconciliation/words-2026-08.tsv").unlink()
    path = closed.root / LI
    path.write_text(
        re.sub(r', \\"reconciliation/words[^,}]*', "", path.read_text("utf-8")), "utf-8"
    )
    assert "words-" not in path.read_text("utf-8")
    assert closed.check() == 0, closed.said
    by_hand(closed, RENT, "manual/y.beancount")
    assert_told(
        closed,
        "manual/y.beancount:2: the entry 补记房租 of 2026-08-15 was changed or written after "
        "2026-08 was closed",
    )
    (closed.root / "manual/y.beancount").unlink()
    replaced(closed, LI, "looked up", "guessed")
    (closed.root / "manual/x.beancount").write_text("", "utf-8")
    closed.balances("")
    told = [error for error in closed.errors if "2026-08 was closed" in error]
    assert sorted(error[:12] for error in told) == ["the entry cl", "the vouchers", "the vouchers"]


def test_an_open_month_may_be_written_in(closed: Case) -> None:
    by_hand(closed, RENT.replace("2026-08-15", "2026-09-01"), "manual/y.beancount")
    assert closed.run() == 0, closed.said
    assert closed.check() == 0, closed.said


# -- rules -----------------------------------------------------------------------------------------


def test_a_rule_on_a_platforms_payer_names_the_memo_and_is_shown_first(shop: Case) -> None:
    arguments = ("classify", TRANSIT, DEPOSIT, "--to", "Expenses:Platform:Penalty")
    assert decide(shop, *arguments, "--dry-run") == 0
    assert 'memo = "不明入账"' in shop.said
    assert "counterparty" not in shop.said
    assert "It moves no other line that is booked now." in shop.said
    assert decide(shop, *arguments, "--add-rule") == 0
    assert shop.total("Expenses:Platform:Penalty") == Decimal("-284.75")


def test_a_rule_that_moves_booked_lines_asks_first(shop: Case) -> None:
    bank = shop.root.parent / "bank.csv"
    more = bank_line(5, "20260905", -700, ("某物业", "物业费"), 30875)
    third = bank_line(6, "20260906", -300, ("某物业", "水费"), 30575)
    last = bank_line(7, "20260920", 100, ("某人", "退款"), 30675)
    bank.write_bytes(bad_files.bank(more, third, last))
    assert shop.run(str(bank)) == 1
    before = (shop.root / "beanclear.toml").read_text("utf-8")
    arguments = ("classify", SUSPENSE, RENT_LINE, "--to", "Expenses:BadDebt", "--add-rule")
    moved = f"It moves 2 lines of together -10.00 CNY from {SUSPENSE}."
    assert decide(shop, *arguments) == 2
    assert moved in shop.said
    assert "add --yes" in shop.said
    assert (shop.root / "beanclear.toml").read_text("utf-8") == before
    assert not (shop.root / "decisions/2026").exists()
    assert decide(shop, *arguments, "--dry-run") == 0
    assert moved in shop.said
    assert decide(shop, *arguments, "--yes") == 0
    assert moved in shop.said
    assert shop.total("Expenses:BadDebt") == Decimal("60.00")


# -- explanations ----------------------------------------------------------------------------------


def test_an_explanation_covers_its_item_up_to_its_amount_and_day(shop: Case) -> None:
    settle(shop)
    refund = WALLET.decode("gb18030").replace("A-1,2026-07-01", "A-2,2026-07-01")
    (shop.root.parent / "w.csv").write_bytes(refund.encode("gb18030"))
    text = (shop.root / LI).read_text("utf-8")
    assert "  at-stake: 59.00 CNY\n" in text
    (shop.root / LI).write_text(text.replace("at-stake: 59.00", "at-stake: 58.99"), "utf-8")
    assert shop.run() == 1
    assert shop.check() == 1
    assert "; it was explained up to 58.99 CNY, the rest is open" in shop.said
    assert shop.item("overdue")["explained_until"] is None
    (shop.root / LI).write_text(text.replace("at-stake: 59.00", "at-stake: -59.00"), "utf-8")
    assert shop.check() == 1
    (shop.root / LI).write_text(text.replace("  at-stake: 59.00 CNY\n", ""), "utf-8")
    assert shop.check() == 0, shop.said
    (shop.root / LI).write_text(text.replace("until: 2026-12-31", "until: 2026-08-01"), "utf-8")
    assert shop.run() == 1
    assert shop.item("overdue")["explained_until"] is None
    assert shop.call("open-items") == 1
    assert "2026-08-01" not in shop.said


def test_money_after_a_write_off_is_an_item_of_its_own(shop: Case) -> None:
    assert decide(shop, "write-off", RECEIVABLE, "A-2", "--to", "Expenses:BadDebt") == 0
    lines = WALLET.decode("gb18030").replace("A-1,2026-07-01", "A-2,2026-09-10")
    lines = lines.replace("100.00,0,100.00", "59.00,0,79.00").replace("1001,2001", "1003,2003")
    lines = "\n".join(one for one in lines.splitlines() if not one.startswith("1002"))
    lines = lines.replace("2026年07月01日", "2026年09月03日").replace(
        "2026年09月02日", "2026年09月30日"
    )
    lines = lines.replace("1笔，共-80.00元", "0笔，共0.00元").replace("共100.00元", "共59.00元")
    (shop.root / "inbox/later.csv").write_bytes((lines + "\n").encode("gb18030"))
    head, *rows = ORDERS.splitlines()
    later = rows[-1].replace("A-9", "A-10").replace("2026-09-01", "2026-09-30")
    shop.put("orders-2.csv", f"{head}\n{later}\n")
    assert shop.run() == 1
    over = [(one, amount) for one, amount in shop.items() if amount == Decimal("-59.00")]
    assert over == [("over", Decimal("-59.00"))]
    assert "concerns an item" not in shop.said


# -- who -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "\u200b", "\u202eLi", " \t ", "…"])
def test_who_decides_can_be_read(shop: Case, name: str) -> None:
    arguments = ("explain", RECEIVABLE, "A-2", "--until", "2026-12-31")
    assert decide(shop, *arguments, by=name or "\u200d") == 2
    assert not (shop.root / "decisions/2026").exists()


def test_a_decision_is_not_booked_at_the_end_of_time(shop: Case) -> None:
    arguments = ("write-off", RECEIVABLE, "A-2", "--to", "Expenses:BadDebt", "--date")
    assert decide(shop, *arguments, "9999-12-31") == 2
    assert "9999-12-31 is more than a year after 2026-08-31" in shop.said
    assert decide(shop, *arguments, "2026-09-15") == 0


def test_a_second_person_is_told_who_has_decided(shop: Case) -> None:
    arguments = ("write-off", RECEIVABLE, "A-2", "--to", "Expenses:BadDebt")
    assert decide(shop, *arguments, by="王强") == 0
    for words in (arguments, (arguments[0], *arguments[2:])):
        assert decide(shop, *words) == 2
        assert "王强 has decided about A-2 already: write-off of 2026-08-31" in shop.said


# -- two people ------------------------------------------------------------------------------------


def git(case: Case, *words: str, code: int = 0) -> None:
    name = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    done = subprocess.run(
        ["git", *name, *words],
        cwd=case.root,
        check=False,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == code, (done.stdout, done.stderr)


@pytest.fixture
def branched(shop: Case) -> Case:
    git(shop, "init", "-q", "-b", "main")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "books")
    git(shop, "branch", "other")
    return shop


def test_two_peoples_explanations_merge_without_a_word(branched: Case) -> None:
    until = ("--until", "2026-12-31")
    assert decide(branched, "explain", RECEIVABLE, "A-2", *until, by="李娜") == 0
    git(branched, "add", "-A")
    git(branched, "commit", "-qm", "one")
    git(branched, "checkout", "-q", "other")
    assert decide(branched, "explain", SUSPENSE, RENT_LINE, *until, by="王强") == 0
    assert decide(branched, "explain", TRANSIT, DEPOSIT, *until, by="王强") == 0
    git(branched, "add", "-A")
    git(branched, "commit", "-qm", "two")
    git(branched, "merge", "--no-edit", "-q", "main")
    assert branched.check() == 0, branched.said


def test_two_peoples_write_offs_live_after_a_merge(branched: Case) -> None:
    to = ("--to", "Expenses:BadDebt")
    assert decide(branched, "write-off", RECEIVABLE, "A-2", *to, by="李娜") == 0
    git(branched, "add", "-A")
    git(branched, "commit", "-qm", "one")
    git(branched, "checkout", "-q", "other")
    assert decide(branched, "classify", SUSPENSE, RENT_LINE, *to, by="王强") == 0
    git(branched, "add", "-A")
    git(branched, "commit", "-qm", "two")
    git(
        branched, "merge", "--no-edit", "-q", "main", code=1
    )  # generated text, of which git keeps one side
    assert branched.run() == 1
    assert [one for one, _amount in branched.items()] == ["unidentified"]
    assert branched.total("Expenses:BadDebt") == Decimal("109.00")


def test_one_persons_decisions_on_two_branches_are_never_lost_in_silence(branched: Case) -> None:
    until = ("--until", "2026-12-31")
    assert decide(branched, "explain", SUSPENSE, RENT_LINE, *until) == 0
    git(branched, "add", "-A")
    git(branched, "commit", "-qm", "one")
    git(branched, "checkout", "-q", "other")
    assert decide(branched, "explain", TRANSIT, DEPOSIT, *until) == 0
    git(branched, "add", "-A")
    git(branched, "commit", "-qm", "two")
    git(branched, "merge", "--no-edit", "-q", "main", code=1)
    text = (branched.root / LI).read_text("utf-8").splitlines(keepends=True)
    both = "".join(line for line in text if line[:7] not in {"<<<<<<<", "=======", ">>>>>>>"})
    (branched.root / LI).write_text(both, "utf-8")
    told = branched.run()
    kept = both.count("custom") == both.count("key:") == 2
    assert (told == 1) if kept else (told == 3 and "stands twice" in branched.said)
