"""Tracing by an index: the same answer as without, for every kind of key; and by nickname."""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from beanclear.cli import trace_index
from beanclear.cli.application import beanclear as application
from beanclear.cli.trace_index import Index, Known
from beanclear.cli.trace_sql import BUCKETS, KEYS, REFERENCES
from beanclear.cli.tracing import trace
from beanclear.cli.workspace import keeper
from beanclear.ledger import buyers, settling
from beanclear.ledger.books import Books

LATER = re.compile("fundflow2026-08|orders-2026-08")  # exports that open no account
NICKNAME = "爱买东西的小明"
ORDERS = """order_id,ordered_at,paid_at,status,amount,buyer,refunded
S-1,2026-07-01 09:00:00,2026-07-01 09:00:05,paid,10.00,爱买东西的小明,0
S-2,2026-07-02 09:00:00,2026-07-02 09:00:05,paid,20.00, 爱买东西的小明,0
S-3,2026-07-03 09:00:00,2026-07-03 09:00:05,paid,30.00,t**1,0
S-4,2026-07-04 09:00:00,2026-07-04 09:00:05,paid,40.00,,0
S-5,2026-07-05 09:00:00,2026-07-05 09:00:05,paid,50.00,Other,0
"""


def beanclear(*arguments: str | Path) -> Result:
    return CliRunner(env={"BEANCLEAR_LANG": "en", "BEANCLEAR_BY": "Li Na"}).invoke(
        application, [str(argument) for argument in arguments]
    )


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("traced")
    options = ("--orders", "120", "--days", "75", "--seed", "5", "--faults", "0.05")
    assert beanclear("simulate", folder / "exports", *options).exit_code == 0
    assert beanclear("init", folder / "books", "--taxpayer", "small").exit_code == 0
    shutil.copytree(folder / "exports", folder / "books" / "inbox", dirs_exist_ok=True)
    (folder / "books" / "inbox" / "truth.json").unlink()
    assert beanclear("run", folder / "books").exit_code == 1
    return folder / "books"


@pytest.fixture
def shop(simulated: Path, tmp_path: Path) -> Path:
    return shutil.copytree(simulated, tmp_path / "books")


@pytest.fixture
def with_buyers(tmp_path: Path) -> Path:
    books = tmp_path / "books"
    assert beanclear("init", books, "--taxpayer", "small").exit_code == 0
    (books / "inbox" / "orders.csv").write_text(ORDERS, encoding="utf-8")
    assert beanclear("run", books).exit_code == 0
    return books


def asked_slowly(con: duckdb.DuckDBPyConnection, key: str) -> list[dict[str, Any]]:
    """The chains of a key by a scan of all rows."""
    where = " OR ".join(f"{name} = $key" for name in KEYS)
    found = con.sql(
        f"SELECT * FROM scanned WHERE chain IN (SELECT chain FROM scanned WHERE {where})",
        params={"key": key},
    )
    rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    return rows


def by_line(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)


def test_the_index_answers_as_a_scan_for_all_keys_of_a_sample(shop: Path) -> None:
    books = Books(shop)
    assert trace(books, "nothing has this key") == []
    assert isinstance(trace_index.load(books), Index)
    with books.lock(), keeper(books) as kept:
        found = kept.reconcile(kept.as_of())
        known = Known(items=found.items, files=kept.files, places={}, as_of={})
        index = trace_index.build(books, kept.con, known)  # type: ignore[arg-type]
        kept.con.execute("CREATE TEMP TABLE scanned AS SELECT * FROM trace_rows").fetchall()
        columns = ", ".join(f"list(DISTINCT {name})" for name in KEYS)
        (lists,) = kept.con.execute(f"SELECT {columns} FROM scanned").fetchall()
        sample = [key for keys in lists for key in sorted(filter(None, keys or ()))[::9]]
        assert len(sample) > 100
        for key in [*sample, "no such key"]:
            told = [row for rows in index.find(key) for row in rows]
            assert by_line(told) == by_line(asked_slowly(kept.con, key)), key  # type: ignore[arg-type]


def test_each_group_is_told_in_full_and_adds_up(shop: Path) -> None:
    """What is said to be closed leaves nothing, and what is open leaves what its item says."""
    books = Books(shop)
    with books.lock(), keeper(books) as kept:
        found = kept.reconcile(kept.as_of())
        groups = kept.con.execute(
            "SELECT account, currency, grp, sum(amount_minor), count(DISTINCT record_id)"
            " FROM all_legs GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    items: dict[tuple[str, str, str], int] = defaultdict(int)
    for item in found.items:
        items[item.account, item.currency, item.key] += item.amount_minor
    told = set()
    for account, currency, group, total, lines in groups[::3]:
        if group in BUCKETS:
            continue
        (chain,) = [one for one in trace(books, group) if one.clearing_account == account]
        posted = [step for step in chain.steps if step.posted_minor is not None]
        assert sum(step.posted_minor or 0 for step in posted) == total
        assert chain.difference_minor + chain.later_minor == total
        assert len({step.record_id for step in posted}) == lines
        assert all(step.file and step.row > 0 for step in chain.steps)
        if chain.state in {"closed", "open"}:
            assert chain.difference_minor == items[account, currency, group]
        assert (chain.matched_by is not None) == (chain.state == "closed")
        told.add(chain.state)
    assert {"closed", "open"} <= told


def test_a_decision_is_a_line_of_its_chain_with_its_place(shop: Path) -> None:
    listed = json.loads(beanclear("open-items", shop, "--json").stdout)["items"]
    item = next(one for one in listed if one["class"] == "overdue")
    before = trace(Books(shop), item["key"])
    done = beanclear(
        "decide", "write-off", item["account"], item["key"], "-C", shop, "--to", "Expenses:BadDebt"
    )
    assert done.exit_code == 0, done.stderr

    (chain,) = trace(Books(shop), item["key"])

    assert [one.state for one in before] == ["open"]
    assert (chain.state, chain.matched_by, chain.difference_minor) == ("closed", "decision", 0)
    (word,) = [step for step in chain.steps if step.stage == "decision"]
    assert word.file.startswith("decisions/20")
    assert item["key"] in (shop / word.file).read_text("utf-8").split("\n\n")[-1]
    assert word.row > 0


def test_an_index_is_used_until_something_changes(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = Books(shop)
    key = trace(books, "x") or beanclear("trace", "x", shop).exit_code
    assert key == 1
    built: list[str] = []
    original = trace_index.build

    def build(*arguments: Any, **named: Any) -> Index:  # noqa: ANN401 - passes on
        built.append("again")
        return original(*arguments, **named)

    monkeypatch.setattr(trace_index, "build", build)
    trace(books, "x")
    assert built == []
    with books.config.open("a") as file:
        file.write('[[rules]]\ncounterparty = "x"\naccount = "Expenses:Office:Rent"\n')
    trace(books, "x")
    assert built == ["again"]
    (shop / "records" / "trace" / "base" / "keys.npy").write_bytes(b"torn")
    trace(books, "x")
    assert built == ["again", "again"]


def keys_of(books: Books) -> list[str]:
    with books.lock(), keeper(books) as kept:
        columns = ", ".join(f"list(DISTINCT {name})" for name in REFERENCES)
        (lists,) = kept.con.execute(f"SELECT {columns} FROM records").fetchall()
    return [key for keys in lists for key in sorted(filter(None, keys or ()))[::7]]


@pytest.mark.usefixtures("small_histories")
def test_after_a_day_more_a_delta_answers_as_everything_made_again(
    simulated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = simulated.parent / "exports"
    later = [path for path in exports.iterdir() if LATER.search(path.name)]
    assert len(later) > 1
    shop = tmp_path / "books"
    assert beanclear("init", shop, "--taxpayer", "small").exit_code == 0
    shutil.copytree(exports, shop / "inbox", dirs_exist_ok=True)
    (shop / "inbox" / "truth.json").unlink()
    for path in later:
        (shop / "inbox" / path.name).unlink()
    assert beanclear("run", shop).exit_code == 1
    books = Books(shop)
    parts: list[list[str]] = []
    original = trace_index.build

    def build(*arguments: Any, **named: Any) -> Index:  # noqa: ANN401 - passes on
        made = original(*arguments, **named)
        state = json.loads((shop / "records" / "trace" / "state.json").read_text("utf-8"))
        parts.append(state["parts"])
        return made

    monkeypatch.setattr(trace_index, "build", build)
    # In so small a shop half a month would be reason enough for a new history.
    monkeypatch.setattr(settling, "worn", lambda _working: False)
    trace(books, "x")
    for path in later:
        shutil.copy(path, shop / "inbox" / path.name)
    assert beanclear("run", shop).exit_code == 1
    sample = [*keys_of(books), "opening"]
    by_delta = {key: trace(books, key) for key in sample}
    shutil.rmtree(shop / "records" / "trace")
    assert {key: trace(books, key) for key in sample} == by_delta
    assert parts == [["base"], ["delta", "base"], ["base"]]
    assert len(sample) > 40


def test_a_buyer_is_found_by_nickname(with_buyers: Path) -> None:
    for arguments in ((NICKNAME,), ("--buyer", f" {NICKNAME} ")):
        done = beanclear("trace", *arguments, with_buyers, "--json")
        assert done.exit_code == 0, done.stderr
        chains = json.loads(done.stdout)["chains"]
        assert [chain["key"] for chain in chains] == ["S-1", "S-2"]
    assert beanclear("trace", "--buyer", "S-1", with_buyers).exit_code == 1
    assert beanclear("trace", "t**1", with_buyers).exit_code == 1
    assert beanclear("trace", "OTHER", with_buyers).exit_code == 0


def test_no_nickname_stands_in_the_books_but_in_the_originals(with_buyers: Path) -> None:
    beanclear("trace", NICKNAME, with_buyers)
    holding = [
        path.relative_to(with_buyers).parts[0]
        for path in with_buyers.rglob("*")
        if path.is_file() and NICKNAME.encode() in path.read_bytes()
    ]
    assert holding == ["documents"]
    with Books(with_buyers).lock(), keeper(Books(with_buyers)) as kept:
        rows = kept.con.execute("SELECT DISTINCT COLUMNS(*)::VARCHAR FROM records").fetchall()
    assert not any("小明" in value for row in rows for value in row if value)


def test_the_hash_needs_the_key_and_stands_in_no_text(with_buyers: Path) -> None:
    books = Books(with_buyers)
    key = buyers.read_key(books.root)
    assert key is not None
    assert (books.root / buyers.KEY_FILE).stat().st_mode & 0o077 == 0
    assert (books.root / ".beanclear" / ".gitignore").read_text() == "*\n"
    found = buyers.pseudonym(NICKNAME, key)
    assert found is not None
    assert found == buyers.pseudonym(f" {NICKNAME} ", key) != buyers.pseudonym("Other", key)
    assert found != buyers.pseudonym(NICKNAME, b"\0" * 32)
    text = "".join(path.read_text("utf-8") for path in books.root.rglob("*.beancount"))
    assert found not in text


def test_a_lost_key_makes_a_new_store_and_the_same_books(with_buyers: Path) -> None:
    def texts() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in with_buyers.rglob("*.beancount")}

    before, key = texts(), buyers.read_key(with_buyers)
    (with_buyers / buyers.KEY_FILE).unlink()
    assert beanclear("run", with_buyers).exit_code == 0
    assert (texts(), buyers.read_key(with_buyers) != key) == (before, True)
    assert beanclear("trace", NICKNAME, with_buyers).exit_code == 0
