"""A second person's clone: no originals, no records; what the text can answer it answers."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.cases.conftest import Case

if TYPE_CHECKING:
    from pathlib import Path

ORDERS = (
    "order_id,ordered_at,paid_at,shipped_at,completed_at,status,amount,refunded\n"
    "A-1,2026-07-03 10:00:00,2026-07-03 10:01:00,2026-07-03 18:00:00,,shipped,113.00,\n"
    "A-2,2026-07-05 10:00:00,2026-07-05 10:01:00,2026-07-05 18:00:00,,shipped,226.00,\n"
    "A-3,2026-08-30 10:00:00,2026-08-30 10:01:00,2026-08-30 18:00:00,,shipped,50.00,\n"
)
# 微信支付 fund bill: A-1 is paid, of A-2 nothing ever comes.
FUND = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号\n"
    "`2026-07-03 10:01:00,`4200000000202607030000000001,`1,`交易,`交易,`收入,`113.00,`113.00,"
    "`system,`,`A-1\n"
    "`2026-08-30 10:01:00,`4200000000202608300000000003,`3,`交易,`交易,`收入,`50.00,`163.00,"
    "`system,`,`A-3\n"
    "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n`2,`2,`163.00,`0,`0.00\n"
)


@pytest.fixture
def original(case: Case) -> Case:
    """Books with an open item and a closed month, committed."""
    case.put("orders.csv", ORDERS)
    case.put("1600000001All2026-07-01.csv", FUND)
    assert case.run() == 1, case.said
    assert case.call("close", "2026-07", "--by", "Li") == 0, case.said
    subprocess.run(["git", "init", "-q"], cwd=case.root, check=True)
    subprocess.run(["git", "add", "-A"], cwd=case.root, check=True)
    subprocess.run(
        ["git", "-c", "user.name=Li", "-c", "user.email=li@x", "commit", "-qm", "books"],
        cwd=case.root, check=True,
    )  # fmt: skip
    return case


@pytest.fixture
def clone(original: Case, tmp_path: Path) -> Case:
    target = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(original.root), str(target)], check=True)
    made = Case.__new__(Case)
    made.root = target
    return made


def test_open_items_are_those_of_the_original(original: Case, clone: Case) -> None:
    assert original.items()
    assert clone.items() == original.items()
    assert clone.call("open-items") == original.call("open-items") == 1
    clone.call("open-items")
    assert "this is what the text of the books says" in clone.said


def test_a_decision_is_written_and_takes_effect_at_home(original: Case, clone: Case) -> None:
    item = clone.item(original.items()[0][0])
    day = "2099-12-31"
    words = ("decide", "explain", "--until", day, "--by", "Wang", "--account", item["account"])
    assert clone.call(*words, item["key"]) == 0, clone.said
    assert "It takes effect where the originals are" in clone.said
    shutil.copytree(clone.root / "decisions", original.root / "decisions", dirs_exist_ok=True)
    assert original.run() == 0


def test_statements_at_the_as_of_dates_are_made_of_the_text(original: Case, clone: Case) -> None:
    day = json.loads(original._call("open-items", original.root, "--json").stdout)
    as_of = day["accounts"][0]["as_of"][:7]
    for name in ("trial-balance", "balance-sheet", "income-statement"):
        here = original._call("report", name, original.root, "--period", as_of, "--json")
        there = clone._call("report", name, clone.root, "--period", as_of, "--json")
        assert there.exit_code == here.exit_code == 0, there.output
        assert json.loads(there.stdout) == json.loads(here.stdout)


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("trace", "A-1"),
        ("close", "2026-08", "--by", "Li"),
        ("report", "payouts", "--period", "2026-07"),
        ("propose",),
    ],
)
def test_what_needs_the_originals_says_what_to_copy(clone: Case, words: tuple[str, ...]) -> None:
    assert clone.call(*words) == 3
    assert "the originals are not on this machine: copy documents/" in clone.said


def test_check_judges_the_text(original: Case, clone: Case) -> None:
    assert clone.check() == original.check() == 1  # an item is open
    assert clone.call("check", "--allow-open") == 0
    assert "The books are whole." in clone.said


def test_a_commit_may_have_open_items_but_no_broken_books(original: Case) -> None:
    hook = ("check", "--text-only", "--allow-open")
    assert original.call(*hook) == 0
    (original.root / "manual" / "x.beancount").write_text("2026-07-01 balance Assets:No 1 CNY\n")
    assert original.call(*hook) == 1
