"""`beanclear tables new`."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from click.testing import CliRunner, Result

from beanclear.cli.application import beanclear

TEXT = (
    "流水单号,记账时间,动账类型,收支类型,收支金额,账户余额\n"
    "C1,2026-07-01 10:00:00,收款,收入,100.00,100.00\n"
    "C2,2026-07-05 10:00:00,提现,支出,69.00,31.00\n"
)


def call(*arguments: object) -> Result:
    return CliRunner().invoke(beanclear, [str(argument) for argument in arguments])


def test_it_prints_toml_and_what_it_reads(tmp_path: Path) -> None:
    path = tmp_path / "账单.csv"
    path.write_text(TEXT, encoding="utf-8")
    done = call("--lang", "en", "tables", "new", path)
    assert done.exit_code == 0
    (table,) = tomllib.loads(done.stdout)["tables"]
    assert table["name"] == "mine"
    assert "# read: 2 lines of CNY, 0 faults, 0 left out" in done.stdout
    done = call("--lang", "zh", "tables", "new", path, "--name", "channels")
    assert tomllib.loads(done.stdout)["tables"][0]["name"] == "channels"
    assert "# 读取：" in done.stdout


def test_it_writes_a_mapping_that_run_obeys(tmp_path: Path) -> None:
    books, path = tmp_path / "books", tmp_path / "channels.csv"
    path.write_text(TEXT, encoding="utf-8")
    call("--lang", "en", "init", books)
    before = (books / "beanclear.toml").read_text(encoding="utf-8")
    assert "docs/tables.md" in before
    done = call("--lang", "en", "tables", "new", path, "--write", "-C", books)
    assert (done.exit_code, done.stdout) == (0, "")
    after = (books / "beanclear.toml").read_text(encoding="utf-8")
    assert after.startswith(before.rstrip())
    path.rename(books / "inbox" / "channels.csv")
    result = json.loads(call("run", books, "--json").stdout)
    assert [one["state"] for one in result["documents"]] == ["booked"]


def test_it_never_writes_a_second_one_of_that_name(tmp_path: Path) -> None:
    books, path = tmp_path / "books", tmp_path / "channels.csv"
    path.write_text(TEXT, encoding="utf-8")
    call("--lang", "en", "init", books)
    call("--lang", "en", "tables", "new", path, "--write", "-C", books)
    before = (books / "beanclear.toml").read_text(encoding="utf-8")
    done = call("--lang", "en", "tables", "new", path, "--write", "-C", books)
    assert done.exit_code == 3
    assert "there is a mapping channels already" in done.stderr
    assert (books / "beanclear.toml").read_text(encoding="utf-8") == before
