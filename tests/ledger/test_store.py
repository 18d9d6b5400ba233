"""The store holds the same bytes whatever the order, grouping and accidents of adding."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beanclear.ledger import store_state
from beanclear.ledger.books import Books
from beanclear.ledger.documents import DocumentLine, hash_file
from beanclear.ledger.records import Kind, Record, Stage
from beanclear.ledger.statement import Statement
from beanclear.ledger.store import RecordStore
from beanclear.ledger.store_parts import folder_of
from beanclear.ledger.tables import SCHEMA, to_table

ZONE = ZoneInfo("Asia/Shanghai")


def sha(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def record(
    record_id: str,
    day: str = "2026-07-01",
    amount: int = 100,
    *,
    document: str = "a",
    row: int = 1,
    source: str = "alipay",
    stage: Stage = Stage.WALLET,
    currency: str = "CNY",
) -> Record:
    when = datetime.datetime.fromisoformat(day).replace(hour=12, tzinfo=ZONE)
    return Record(
        record_id=record_id,
        source=source,
        account="main",
        stage=stage,
        kind=Kind.SALE,
        kind_raw="交易",
        occurred_at=when,
        booked_on=when.date(),
        amount_minor=amount,
        currency=currency,
        document=sha(document),
        row=row,
    )


def statement(records: Iterable[Record], *, document: str = "a", rank: int = 0) -> Statement:
    rows = list(records)
    return Statement(
        importer="test",
        source=rows[0].source,
        account=rows[0].account,
        stage=rows[0].stage,
        currency=rows[0].currency,
        file=f"{document}.csv",
        document=sha(document),
        records=to_table(rows),
        rows_read=len(rows),
        rank=rank,
    )


def content(books: Books) -> dict[str, bytes]:
    """Every file of the store but its notes on times of change."""
    return {
        path.relative_to(books.records).as_posix(): path.read_bytes()
        for path in sorted(books.records.rglob("*"))
        if path.is_file() and path.name != "trusted.json"
    }


def books_in(folder: Path) -> Books:
    folder.mkdir(parents=True, exist_ok=True)
    return Books(folder)


def held(store: RecordStore, query: str) -> list[tuple[object, ...]]:
    with store.connect() as connection:
        return connection.execute(query).fetchall()


LINES = [
    statement([record("1"), record("2", "2026-07-31", row=2)], document="a"),
    statement(
        [record("2", "2026-07-31", document="b"), record("3", "2026-08-01", document="b", row=2)],
        document="b",
    ),
    statement([record("3", "2026-08-02", 90, document="c")], document="c"),
    statement([record("3", "2026-08-01", 100, document="d", row=7)], document="d", rank=1),
    statement([record("9", source="ccb", stage=Stage.BANK, document="e")], document="e"),
    statement([record("7", source="taobao", stage=Stage.ORDER, document="f")], document="f"),
    statement(
        [record("7", amount=90, source="taobao", stage=Stage.ORDER, document="g")], document="g"
    ),
]


def reference(folder: Path) -> dict[str, bytes]:
    books = books_in(folder)
    RecordStore(books).add(LINES)
    return content(books)


def test_an_empty_store_is_a_typed_view(tmp_path: Path) -> None:
    store = RecordStore(books_in(tmp_path))
    assert held(store, "SELECT count(*), sum(amount_minor) FROM records") == [(0, None)]
    assert store.statements() == []
    assert store.missing([]) == []
    assert store.conflicts() == ()
    assert store.add([]) == ()


def test_lines_are_held_once_and_snapshots_all(tmp_path: Path) -> None:
    store = RecordStore(books_in(tmp_path))
    store.add(LINES)
    assert held(store, "SELECT stage, record_id, amount_minor, row FROM records ORDER BY ALL") == [
        ("bank", "9", 100, 1),
        ("order", "7", 90, 1),
        ("order", "7", 100, 1),
        ("wallet", "1", 100, 1),
        ("wallet", "2", 100, 1 if sha("b") < sha("a") else 2),
        ("wallet", "3", 100, 7),
    ]
    assert held(
        store, "SELECT booked_on::VARCHAR, occurred_at::VARCHAR FROM records WHERE record_id = '1'"
    ) == [("2026-07-01", "2026-07-01 12:00:00+08")]


def test_contradicting_lines_are_reported_and_the_higher_rank_wins(tmp_path: Path) -> None:
    store = RecordStore(books_in(tmp_path))
    faults = store.add(LINES)
    assert [str(fault) for fault in faults] == [
        "c.csv:1: the line 3 is 0.90 CNY (2026-08-02) here, but 1.00 CNY (2026-08-01) in d.csv:7: "
        "the other one is booked: export the period again, and take the wrong file out: beanclear"
        " documents remove NAME --reason WHY"
    ]
    assert store.conflicts() == faults


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_bytes_do_not_depend_on_order_grouping_or_repetition(data: st.DataObject) -> None:
    order = data.draw(
        st.permutations([*LINES, *data.draw(st.lists(st.sampled_from(LINES), max_size=3))])
    )
    with tempfile.TemporaryDirectory() as folder:
        expected = reference(Path(folder, "one"))
        books = books_in(Path(folder, "two"))
        store = RecordStore(books)
        while order:
            count = data.draw(st.integers(1, len(order)))
            store.add(order[:count])
            order = order[count:]
        assert content(books) == expected


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from("xyz"),
            st.sampled_from("abcd"),
            st.integers(1, 3),
            st.sampled_from([1, 2]),
            st.sampled_from(["2026-07-31", "2026-08-01"]),
        ),
        max_size=8,
        unique_by=lambda row: row[1:3],
    ),
    data=st.data(),
)
def test_any_mix_of_lines_gives_the_same_bytes(
    rows: list[tuple[str, str, int, int, str]], data: st.DataObject
) -> None:
    by_document: dict[str, list[Record]] = {}
    for name, document, row, amount, day in rows:
        by_document.setdefault(document, []).append(
            record(name, day, amount, document=document, row=row)
        )
    given_statements = [
        statement(lines, document=document, rank="abcd".index(document) % 2)
        for document, lines in by_document.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        stores = [RecordStore(books_in(Path(folder, name))) for name in ("one", "two")]
        stores[0].add(given_statements)
        for each in data.draw(st.permutations(given_statements)):
            stores[1].add([each])
        assert content(Books(Path(folder, "one"))) == content(Books(Path(folder, "two")))
        assert stores[0].conflicts() == stores[1].conflicts()


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    ("before", "writes"),
    [([], range(60)), (LINES[:2], range(0, 60, 2)), (LINES[2:3], range(1, 60, 2))],
)
def test_killed_at_any_write_and_added_again_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: list[Statement], writes: range
) -> None:
    expected = reference(tmp_path / "one")
    real = os.replace
    for allowed in writes:
        books = books_in(tmp_path / f"killed-{allowed}")
        store = RecordStore(books)
        store.add(before)
        left = [allowed]

        def dying(source: Path, target: Path, left: list[int] = left) -> None:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            real(source, target)

        index = [line_of(number, each) for number, each in enumerate(LINES, start=1)]
        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", dying)
            try:
                store.add(LINES)
            except Killed:
                completed = False
            else:
                completed = True
        again = RecordStore(books)
        missing = {line.sha256 for line in again.missing(index)}
        assert bool(missing) != completed
        again.add([each for each in LINES if each.document in missing])
        assert content(books) == expected
        if completed:
            return
    pytest.fail("the store needed more than 60 writes")


def line_of(number: int, of: Statement) -> DocumentLine:
    return DocumentLine(
        sequence=number,
        sha256=of.document,
        path=f"documents/A/{of.file}",
        name=of.file,
        member="",
        shop=of.shop,
        importer=of.importer,
        source=of.source,
        account=of.account,
        stage=str(of.stage),
        first=None,
        last=None,
        rows=of.rows_used,
        grade="counted",
        accepted_by="",
    )


INDEX = [line_of(number, each) for number, each in enumerate(LINES, start=1)]


def test_missing_reports_what_the_index_has_more(tmp_path: Path) -> None:
    store = RecordStore(books_in(tmp_path))
    assert store.missing(INDEX) == INDEX
    store.add(LINES[:3])
    assert store.missing(INDEX) == INDEX[3:]
    assert store.missing(INDEX[:3]) == []
    # A second statement of a document that is held: the whole document is read again.
    twice = [*INDEX[:3], dataclasses.replace(INDEX[0], sequence=4, member="more.csv")]
    assert store.missing(twice) == [twice[0], twice[3]]


def damage_cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def damage_remove(path: Path) -> None:
    path.unlink()


def damage_add(path: Path) -> None:
    path.with_name("2020.parquet").write_bytes(path.read_bytes())


def damage_empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [damage_cut, damage_remove, damage_add, damage_empty])
def test_a_damaged_store_is_built_again(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    books = books_in(tmp_path / "x")
    store = RecordStore(books)
    store.add(LINES)
    expected = content(books)
    assert store.missing(INDEX) == []
    (path,) = (books.records / "wallet" / "alipay" / "2026-08").glob("*.parquet")
    damage(path)
    assert store.missing(INDEX) == INDEX
    store.add(LINES)
    assert content(books) == expected


@pytest.mark.parametrize(
    "name", ["manifest.json", "statements.json", "conflicts.json", "differences.json"]
)
def test_a_damaged_note_of_the_store_is_noticed(tmp_path: Path, name: str) -> None:
    books = books_in(tmp_path / "x")
    store = RecordStore(books)
    store.add(LINES)
    expected = content(books)
    damage_cut(books.records / name)
    assert store.missing(INDEX) == INDEX
    store.add(LINES)
    assert content(books) == expected


def test_a_document_the_index_does_not_know_empties_the_store(tmp_path: Path) -> None:
    books = books_in(tmp_path)
    store = RecordStore(books)
    store.add(LINES)
    assert store.missing(INDEX[1:]) == INDEX[1:]
    assert content(books) == {}


def test_statements_are_sorted_by_content(tmp_path: Path) -> None:
    store = RecordStore(books_in(tmp_path))
    for each in reversed(LINES):
        store.add([each])
    rows = store.statements()
    assert [row.file for row in rows if row.source == "alipay"] == [
        "a.csv",
        "b.csv",
        "d.csv",
        "c.csv",
    ]
    assert rows[0].source_key == "alipay/main/wallet"
    assert rows[0].span == LINES[0].span
    assert rows == sorted(rows, key=lambda row: row.order)


def test_source_names_cannot_leave_the_store() -> None:
    assert folder_of("bank", "../../x") == "bank/%2E%2E%2F%2E%2E%2Fx"
    assert folder_of("bank", "..") == "bank/%2E%2E"


def parts(books: Books) -> dict[str, tuple[int, int]]:
    """Each Parquet file and list of hashes, and how to tell whether it was written again."""
    return {
        path.relative_to(books.records).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in books.records.rglob("*")
        if path.suffix in {".parquet", ".ids"}
    }


def test_a_day_more_writes_a_day(tmp_path: Path) -> None:
    books = books_in(tmp_path)
    store = RecordStore(books)
    store.add(LINES)
    before = parts(books)
    day = statement([record("8", "2026-07-31", document="h")], document="h")
    store.add([day])
    after = parts(books)
    assert {name: after[name] for name in before} == before
    assert {name for name in after if name not in before} == {
        f"wallet/alipay/2026-07/{sha('h')}.parquet",
        f"wallet/alipay/2026-07/_{sha('h')}.ids",
    }


def test_a_line_that_a_better_document_tells_leaves_the_other(tmp_path: Path) -> None:
    books = books_in(tmp_path)
    store = RecordStore(books)
    store.add([statement([record("1"), record("2", row=2)], document="a")])
    better = [record("1", document="b"), record("2", document="b", row=2)]
    store.add([statement(better, document="b", rank=1)])
    assert set(parts(books)) == {
        f"wallet/alipay/2026-07/{sha('b')}.parquet",
        f"wallet/alipay/2026-07/_{sha('b')}.ids",
        f"wallet/alipay/2026-07/_{sha('a')}.ids",  # what it said is remembered
    }
    assert held(store, "SELECT record_id, document FROM records ORDER BY ALL") == [
        ("1", sha("b")),
        ("2", sha("b")),
    ]
    assert store.conflicts() == ()


def test_two_sheets_of_one_document_are_both_held(tmp_path: Path) -> None:
    store = RecordStore(books_in(tmp_path))
    sheets = [statement([record("1")]), statement([record("2", row=9)])]
    store.add(sheets)
    assert held(store, "SELECT record_id FROM records ORDER BY ALL") == [("1",), ("2",)]
    line = line_of(1, sheets[0])
    assert store.missing([line, dataclasses.replace(line, sequence=2)]) == []


def test_staged_is_not_held_and_a_session_clears_it(tmp_path: Path) -> None:
    books = books_in(tmp_path)
    store = RecordStore(books)
    with store.session():
        staged = store.stage(LINES[:1])
        assert [part.name for part in staged.parts] == [
            f"wallet/alipay/2026-07/_{sha('a')}.ids",
            f"wallet/alipay/2026-07/{sha('a')}.parquet",
        ]
        assert all(part.path.is_file() for part in staged.parts)
        assert store.files() == []
        assert store.statements() == []
    assert content(books) == {}
    with store.session():
        store.take([store.stage(LINES[:1])])
        assert (store.added, store.missing(INDEX[:1])) == ({sha("a")}, [])
    assert {name.split("/")[0] for name in content(books)} == {
        "wallet", "manifest.json", "statements.json", "conflicts.json", "differences.json",
    }  # fmt: skip


def test_killed_between_stage_and_take_leaves_nothing_believed(tmp_path: Path) -> None:
    expected = reference(tmp_path / "one")
    books = books_in(tmp_path / "two")
    store = RecordStore(books)
    store.add(LINES[:2])
    store.stage(LINES[2:3])  # and the process ends
    again = RecordStore(books)
    assert again.missing(INDEX) == INDEX[2:]
    again.add(LINES[2:])
    assert content(books) == expected


def test_some_files_only(tmp_path: Path) -> None:
    store = RecordStore(books_in(tmp_path))
    store.add(LINES)

    def ids(files: list[Path]) -> list[str]:
        with store.connect(files=files) as connection:
            rows = connection.execute("SELECT DISTINCT record_id FROM records ORDER BY 1")
            return [record_id for (record_id,) in rows.fetchall()]

    assert ids(store.files(months={"2026-08"})) == ["3"]
    assert ids(store.files(stages={"bank"})) == ["9"]
    assert ids(store.files(documents={sha("f"), sha("d")})) == ["3", "7"]
    assert ids(store.files(months={"2020-01"})) == []
    assert ids(store.files()) == ["1", "2", "3", "7", "9"]


def test_a_file_that_looks_the_same_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = books_in(tmp_path)
    store = RecordStore(books)
    store.add(LINES)
    hashed: list[str] = []

    def counting(path: Path) -> str:
        hashed.append(path.name)
        return hash_file(path)

    monkeypatch.setattr(store_state, "hash_file", counting)
    assert store.missing(INDEX) == []
    assert set(hashed) == {"statements.json", "conflicts.json", "differences.json"}
    # Another time of change is a doubt, which the hash settles for the next time.
    (path,) = (books.records / "bank").rglob("*.parquet")
    os.utime(path, (1, 1))
    hashed.clear()
    assert store.missing(INDEX) == []
    assert path.name in hashed
    hashed.clear()
    assert store.missing(INDEX) == []
    assert path.name not in hashed
    # Whoever sets it back is found by those who read everything.
    looked = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    os.utime(path, ns=(looked.st_atime_ns, looked.st_mtime_ns))
    assert store.missing(INDEX) == []
    assert store.verify() == [path.relative_to(books.records).as_posix()]


def test_a_store_of_another_schema_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RecordStore(books_in(tmp_path))
    store.add(LINES)
    monkeypatch.setattr(store_state, "SCHEMA", SCHEMA.remove(3))
    assert store.missing(INDEX) == INDEX


def test_memory_is_limited_in_one_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RecordStore(books_in(tmp_path))
    query = "SELECT current_setting('memory_limit'), current_setting('temp_directory')"
    spill = str(tmp_path / "records" / "scratch")
    assert held(store, query) == [("1.0 GiB", spill)]
    monkeypatch.setenv("BEANCLEAR_MEMORY", "300MiB")
    assert held(store, query) == [("300.0 MiB", spill)]
