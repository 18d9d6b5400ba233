"""`doctor`: what it finds, and how serious it is."""

from __future__ import annotations

import datetime
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from beanclear.ledger.beancount_text import amount
from beanclear.ledger.vocabulary import Reconciled, StatementEntry, texts

Run = Callable[..., Result]


def findings(run: Run, books: Path) -> dict[str, tuple[str, str]]:
    result = run("doctor", books, "--json")
    document = json.loads(result.stdout)
    assert document["schema"] == "beanclear.doctor"
    found = {one["name"]: (one["verdict"], one["what"]) for one in document["findings"]}
    assert result.exit_code == int(any(verdict == "wrong" for verdict, _what in found.values()))
    return found


def test_fresh_books(run: Run, books: Path) -> None:
    found = findings(run, books)
    assert {name for name, (verdict, _what) in found.items() if verdict == "wrong"} == set()
    assert found["plugins"] == ("ok", "all active")
    assert found["documents"] == ("ok", "nothing is booked yet")
    assert found["configuration"] == ("notice", "the assumptions are not confirmed")
    text = run("doctor", books)
    assert text.exit_code == 0
    assert "fine: plugins: all active\n" in text.stdout
    assert "正常: 插件: 全部启用\n" in run("--lang", "zh", "doctor", books).stdout


def test_plugins_of_an_included_file_do_not_count(run: Run, books: Path) -> None:
    main = books / "main.beancount"
    name = 'plugin "beanclear.plugins.unmatched"\n'
    main.write_text(main.read_text(encoding="utf-8").replace(name, ""), encoding="utf-8")
    with (books / "manual" / "_.beancount").open("a", encoding="utf-8") as file:
        file.write(name)
    assert findings(run, books)["plugins"] == (
        "wrong", "not active in main.beancount: beanclear.plugins.unmatched",
    )  # fmt: skip


def test_clearing_stands_first(run: Run, books: Path) -> None:
    main = books / "main.beancount"
    name = 'plugin "beanclear.plugins.clearing"\n'
    text = main.read_text(encoding="utf-8").replace(name, "")
    main.write_text(text.replace("include", name + "include", 1), encoding="utf-8")
    assert findings(run, books)["plugins"][0] == "wrong"


def test_inbox(run: Run, books: Path) -> None:
    (books / "inbox" / "shop2").mkdir()
    (books / "inbox" / "truth.json").write_text("{}", encoding="utf-8")  # of `simulate`: not read
    (books / "inbox" / "shop2" / "a.csv").write_text("x", encoding="utf-8")
    assert findings(run, books)["inbox"] == ("notice", "1 file waits: inbox/shop2/a.csv")


def test_committed_caches_and_originals(run: Run, books: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=books, check=True)
    (books / ".main.beancount.picklecache").write_bytes(b"x")
    (books / "documents" / "a.csv").write_text("x", encoding="utf-8")
    subprocess.run(["git", "add", "-f", "."], cwd=books, check=True)
    found = findings(run, books)
    assert found["picklecache"][0] == "wrong"
    assert found["private-files"] == (
        "notice", "originals with buyers' data are committed: documents/a.csv",
    )  # fmt: skip


def test_broken_configuration_and_index(run: Run, books: Path) -> None:
    (books / "beanclear.toml").write_text("[books", encoding="utf-8")
    (books / "documents.index").write_text("nonsense\n", encoding="utf-8")
    found = findings(run, books)
    assert found["configuration"][0] == "wrong"
    assert found["documents"][0] == "wrong"
    assert found["documents"][1].startswith("documents.index:1:")


def statement(source: str, first: str, last: str) -> StatementEntry:
    return StatementEntry(
        date=datetime.date.fromisoformat(last), account="Assets:Wallet:Alipay", source=source,
        first=datetime.date.fromisoformat(first), last=datetime.date.fromisoformat(last),
        rows=1, grade="proven",
    )  # fmt: skip


def test_gaps_lagging_sources_and_missing_sides(run: Run, books: Path) -> None:
    entries = [
        statement("alipay/2088/wallet", "2026-06-01", "2026-06-30"),
        statement("alipay/2088/wallet", "2026-07-03", "2026-08-31"),
        statement("ccb/8826/bank", "2026-06-01", "2026-07-26"),
        statement("icbc/1234/bank", "2026-06-01", "2026-07-27"),
        Reconciled(
            date=datetime.date(2026, 8, 31), account="Assets:Transit:WeChat",
            amount=amount(0, "CNY"), awaiting="bank",
        ),
    ]  # fmt: skip
    (books / "reconciliation" / "x.beancount").write_text(texts(entries), encoding="utf-8")
    found = findings(run, books)
    assert found["gap"] == (
        "wrong", "alipay/2088/wallet: nothing covers 2026-07-01 to 2026-07-02",
    )  # fmt: skip
    assert found["lagging"] == (
        "notice", "ccb/8826/bank ends at 2026-07-26, others reach 2026-08-31",
    )  # fmt: skip
    assert found["missing-side"] == (
        "notice", "Assets:Transit:WeChat: no bank statement was ever imported",
    )  # fmt: skip
