"""Every command on a simulated shop: from `init` to a closed month, with real files."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from beanclear.cli.application import beanclear as application


def beanclear(*arguments: str | Path) -> Result:
    """One call; in this process, because starting Python forty times takes minutes."""
    return CliRunner(env={"BEANCLEAR_LANG": "en", "BEANCLEAR_BY": "Li Na"}).invoke(
        application, [str(argument) for argument in arguments]
    )


def document(*arguments: str | Path, code: int) -> dict[str, Any]:
    done = beanclear(*arguments, "--json")
    assert done.exit_code == code, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """All text of the books; the record store and originals aside."""
    skipped = {"records", "documents", "inbox"}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.relative_to(folder).parts[0] not in skipped
        and not path.name.startswith(".")
    }


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books after their first run."""
    folder = tmp_path_factory.mktemp("shop")
    exports, books = folder / "exports", folder / "books"
    options = ("--orders", "160", "--days", "75", "--seed", "3", "--faults", "0.03")
    assert beanclear("simulate", exports, *options).exit_code == 0
    (exports / "truth.json").unlink()
    assert beanclear("init", books, "--taxpayer", "small").exit_code == 0
    shutil.copytree(exports, books / "inbox", dirs_exist_ok=True)
    done = beanclear("run", books)
    assert done.exit_code == 1, done.stderr
    assert "Documents\n" in done.stdout
    assert "items are open (" in done.stderr
    assert "Traceback" not in done.stderr
    return books


@pytest.fixture
def shop(run_once: Path, tmp_path: Path) -> Path:
    """A copy of them that a test may change."""
    return Path(shutil.copytree(run_once, tmp_path / "books"))


def test_a_second_run_changes_nothing(shop: Path) -> None:
    before = contents(shop)
    found = document("run", shop, code=1)
    assert (found["changed"], found["check_errors"], found["faults"]) == ([], [], [])
    assert contents(shop) == before
    dry = beanclear("run", shop, "--rebuild", "--dry-run")
    assert (dry.exit_code, dry.stdout.partition("Clearing")[0].strip()) == (1, "")


def test_each_balance_is_in_transit_and_open(shop: Path) -> None:
    found = document("report", "reconciliation", shop, "--period", "2026-07", code=0)
    overview, *accounts = found["tables"]
    assert len(accounts) == len(overview["rows"]) - 1 > 0
    assert {rest for table in found["tables"] for rest in table["checks"].values()} == {"0.00"}


def test_open_items_become_errors_and_decisions_mend_them(shop: Path) -> None:
    items = document("open-items", shop, code=1)["items"]
    failed = document("check", shop, code=1)
    assert failed["stale"] is None
    assert len(failed["errors"]) == len(items)
    decided: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for item in items:
        name = "explain" if item["amount"] == "0.00" else "classify"
        account = "Equity:Opening-Balances" if item["class"] == "opening" else "Expenses:BadDebt"
        more = ("--until", "2027-01-01") if name == "explain" else ("--to", account)
        decided[name, item["account"], *more].append(item["key"])
    for (name, account, *how), keys in decided.items():
        done = beanclear("decide", name, account, *keys, "-C", shop, "--no-run", *how)
        assert done.exit_code == 0, done.stderr
    assert beanclear("run", shop).exit_code == 0
    passed = document("check", shop, code=0)
    assert (passed["ok"], passed["errors"], passed["stale"]) == (True, [], None)


def test_decide_refreshes_the_books(shop: Path) -> None:
    items = document("open-items", shop, code=1)["items"]
    item = next(one for one in items if one["amount"] != "0.00")
    done = beanclear(
        "decide", "write-off", item["account"], item["key"], "-C", shop, "--to", "Expenses:BadDebt"
    )
    assert done.exit_code == 0, done.stderr
    assert f"{len(items) - 1} items are open now.\n" in done.stderr
    left = document("open-items", shop, code=1)["items"]
    assert [one["key"] for one in left] == [one["key"] for one in items if one != item]


def test_trace_leads_back_to_file_and_row(shop: Path) -> None:
    items = document("open-items", shop, code=1)["items"]
    item = next(one for one in items if one["order_id"])
    steps = document("trace", item["order_id"], shop, code=0)["steps"]
    assert all(step["file"] and step["row"] > 0 for step in steps)
    assert item["account"] in {step["clearing_account"] for step in steps}
    assert document("trace", "no-such-key", shop, code=1)["steps"] == []


def test_a_closed_month_is_guarded(shop: Path) -> None:
    before = contents(shop)
    dry = beanclear("close", "2026-06", shop, "--dry-run")
    assert (dry.exit_code, contents(shop)) == (0, before)
    assert (
        "decisions/2026/Li-Na.beancount"
        in document("close", "2026-06", shop, "--reason", "asked", code=0)["changed"]
    )
    closed = contents(shop)
    assert beanclear("run", shop).exit_code == 1
    assert {name: text for name, text in contents(shop).items() if name in closed} == closed
    item = document("open-items", shop, code=1)["items"][0]
    refused = beanclear(
        "decide", "explain", item["account"], item["key"], "-C", shop, "--until", "2027-01-01",
        "--date", "2026-06-30",
    )  # fmt: skip
    assert refused.exit_code == 2
    frozen = sorted((shop / "journal" / "2026" / "06").glob("*.beancount"))[0]
    frozen.write_text(frozen.read_text("utf-8") + "; touched\n", encoding="utf-8")
    errors = [error["message"] for error in document("check", shop, code=1)["errors"]]
    assert any(frozen.name in message for message in errors)


def test_check_fails_without_plugins(shop: Path) -> None:
    main = shop / "main.beancount"
    lines = main.read_text("utf-8").splitlines(keepends=True)
    main.write_text(
        "".join(line for line in lines if not line.startswith("plugin")), encoding="utf-8"
    )
    errors = [error["message"] for error in document("check", shop, code=1)["errors"]]
    assert any("beanclear.plugins.unmatched" in message for message in errors)


def test_check_fails_on_stale_text(shop: Path) -> None:
    journal = sorted((shop / "journal" / "2026" / "07").glob("*.beancount"))[0]
    journal.write_text(journal.read_text("utf-8") + "; touched\n", encoding="utf-8")
    found = document("check", shop, code=1)
    assert f"--- a/{journal.relative_to(shop).as_posix()}\n" in found["stale"]
    assert "-; touched\n" in found["stale"]


def test_doctor_is_content(shop: Path) -> None:
    found = document("doctor", shop, code=0)
    assert {one["name"]: one["verdict"] for one in found["findings"]}["documents"] == "ok"


def test_the_report_at_a_period_end(shop: Path) -> None:
    found = document("report", "reconciliation", shop, "--period", "2026-06", code=0)
    overview = found["tables"][0]
    assert max(row["as_of"] for row in overview["rows"] if row["as_of"]) == "2026-06-30"


def test_broken_configuration_is_3_everywhere(shop: Path) -> None:
    (shop / "beanclear.toml").write_text("[books\n", encoding="utf-8")
    before = contents(shop)
    report = ("report", "reconciliation", "--period", "2026-06")
    for arguments in (("run",), ("open-items",), ("check",), report):
        done = beanclear(*arguments, shop)
        assert (done.exit_code, done.stdout) == (3, ""), arguments
        assert done.stderr.startswith("beanclear.toml: ")
    assert contents(shop) == before


def test_a_rule_made_of_a_decision_does_not_move_its_line_again(shop: Path) -> None:
    items = document("open-items", shop, code=1)["items"]
    item = next(one for one in items if one["class"] == "uncategorised" and one["counterparty"])
    done = beanclear(
        "decide", "classify", item["account"], item["key"], "-C", shop, "--to",
        "Expenses:Office:Rent", "--new-account", "--add-rule", "--yes",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    errors = document("check", shop, code=1)["errors"]
    assert not [
        error for error in errors if "open-items" not in error["file"] and item["key"] in str(error)
    ]
    left = document("open-items", shop, code=1)["items"]
    assert item["key"] not in [one["key"] for one in left]
    booked = [
        path
        for path in shop.glob("journal/**/*.beancount")
        if item["key"] in path.read_text("utf-8")
    ]
    (journal,) = booked
    entry = journal.read_text("utf-8").split(f'key: "{item["key"]}"')[1].split("\n\n")[0]
    assert item["account"] in entry
    assert "Expenses:Office:Rent" not in entry


def test_trace_tells_what_matched_a_deposit_and_on_what_evidence(shop: Path) -> None:
    journal = next(iter(sorted(shop.glob("journal/2026/07/ccb-*.beancount"))))
    blocks = journal.read_text("utf-8").split("\n\n")
    deposit = next(block for block in blocks if "Assets:Transit:" in block)
    key = deposit.split('key: "')[1].split('"')[0]

    steps = document("trace", key, shop, code=0)["steps"]

    assert {step["stage"] for step in steps} == {"wallet", "bank"}
    assert {step["matched_by"] for step in steps} <= {"reference", "amount", "sum"}
    assert all(step["references"]["evidence"] for step in steps)
