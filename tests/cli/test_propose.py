"""`beanclear propose`: rules to paste, made of decisions about bank lines; nothing changes."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from beanclear.cli.application import beanclear as application

RENT = "杭州云谷物业管理有限公司"


def beanclear(*arguments: str | Path) -> Result:
    return CliRunner(env={"BEANCLEAR_LANG": "en", "BEANCLEAR_BY": "Li Na"}).invoke(
        application, [str(argument) for argument in arguments]
    )


def document(*arguments: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(beanclear(*arguments, "--json").stdout)
    return found


def contents(folder: Path) -> dict[Path, bytes]:
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".lock", ".pid"}
    }


MAPPING = """
[[tables]]
name = "bank"
match = ["交易日期", "交易金额", "对方户名"]
stage = "bank"
source = "boc"

[tables.columns]
record_id = "流水号"
occurred_at = "交易日期"
amount = "交易金额"
counterparty = "对方户名"
memo = "附言"
"""
LINES = [
    ("B1", "2026-03-05", "-5000.00", RENT, "3月房租"),
    ("B2", "2026-04-05", "-5000.00", RENT, "4月房租"),
    ("B3", "2026-05-05", "-5000.00", RENT, "5月房租"),
    ("B4", "2026-06-05", "-5000.00", RENT, "押金"),
    ("B5", "2026-06-06", "-70.00", "别的公司", "办公用品"),
    ("B6", "2026-08-30", "0.10", "", "结息"),
]


@pytest.fixture(scope="module")
def undecided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    books = tmp_path_factory.mktemp("proposed") / "books"
    assert beanclear("init", books, "--taxpayer", "small").exit_code == 0
    with (books / "beanclear.toml").open("a", encoding="utf-8") as file:
        file.write(MAPPING)
    text = "\n".join(",".join(line) for line in LINES)
    head = "流水号,交易日期,交易金额,对方户名,附言\n"
    (books / "inbox" / "bank.csv").write_text(f"{head}{text}\n", encoding="utf-8")
    assert beanclear("run", books).exit_code == 1
    return books


@pytest.fixture
def shop(undecided: Path, tmp_path: Path) -> Path:
    return shutil.copytree(undecided, tmp_path / "books")


def rents(shop: Path) -> list[dict[str, Any]]:
    listed = document("open-items", shop)["items"]
    return [item for item in listed if item["counterparty"] == RENT]


def decide(shop: Path, item: dict[str, Any], account: str, *more: str) -> None:
    done = beanclear(
        "decide", "classify", item["account"], item["key"], "-C", shop, "--to", account,
        "--new-account", *more, "--no-run",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr


def test_two_equal_decisions_propose_a_rule_and_change_no_byte(shop: Path) -> None:
    first, second, *others = rents(shop)
    assert [item["key"] for item in others] == ["B3", "B4"]
    assert beanclear("propose", shop).stderr.startswith("No rule can be learned")
    decide(shop, first, "Expenses:Office:Rent")
    decide(shop, second, "Expenses:Office:Rent")
    before = contents(shop)

    done = beanclear("propose", shop)

    assert (done.exit_code, contents(shop) == before) == (0, True)
    assert tomllib.loads(done.stdout) == {
        "rules": [
            {"counterparty": RENT, "direction": "out", "account": "Expenses:Office:Rent"},
        ]
    }
    assert done.stdout.startswith(
        "# right for 2 of 2 lines you decided and 0 of 0 booked ones: 100 %, at least 34 %\n"
    )
    (found,) = document("propose", shop)["proposals"]
    assert (found["precision"], found["at_least"]) == ("1.0000", "0.3424")
    assert found["waiting"] == ["B3", "B4"]

    with (shop / "beanclear.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + done.stdout)
    assert beanclear("run", shop).exit_code in {0, 1}
    assert rents(shop) == []
    assert document("propose", shop)["proposals"] == []


def test_what_one_decision_contradicts_is_a_comment(shop: Path) -> None:
    first, second, third, *_others = rents(shop)
    decide(shop, first, "Expenses:Office:Rent")
    decide(shop, second, "Expenses:Office:Rent")
    decide(shop, third, "Assets:Deposit:Landlord", "--code", "1221.31", "--name", "Landlord")

    done = beanclear("propose", shop)

    assert tomllib.loads(done.stdout) == {}
    assert "2 of 3 lines you decided" in done.stdout
    assert f"# against it: {third['key']} → Assets:Deposit:Landlord\n" in done.stdout
    assert f'# counterparty = "{RENT}"\n' in done.stdout


def test_open_items_show_where_like_lines_went(shop: Path) -> None:
    first, _second, *_others = rents(shop)
    decide(shop, first, "Expenses:Office:Rent")

    listed = document("open-items", shop, "--suggest")["items"]

    found = {item["key"]: item["suggestions"] for item in listed}
    assert [one["account"] for one in found["B2"]] == ["Expenses:Office:Rent"]
    assert (found["B2"][0]["right"], found["B2"][0]["lines"]) == (1, 1)
    assert found["B5"] == []
    shown = beanclear("open-items", shop, "--suggest").stderr
    assert f"  - B2: Expenses:Office:Rent, where 1 of 1 lines with {RENT} went\n" in shown
    assert "suggestions" not in document("open-items", shop)["items"][0]
