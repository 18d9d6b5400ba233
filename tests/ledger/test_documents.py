"""The archive of originals and its index."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beanclear.ledger import documents
from beanclear.ledger.books import Books
from beanclear.ledger.documents import DocumentLine
from beanclear.ledger.errors import BooksError

LINE = DocumentLine(
    sequence=1,
    sha256="a" * 64,
    path="documents/Assets/Wallet/Alipay/2026-07-31.aaaaaaaa.账单.zip",
    name="账单.zip",
    member="账务明细.csv",
    shop="",
    importer="alipay-ledger",
    source="alipay",
    account="2088000000002512",
    stage="wallet",
    first=datetime.date(2026, 7, 1),
    last=None,
    rows=12,
    grade="proven",
    accepted_by="",
)
SECOND = dataclasses.replace(LINE, sequence=2, grade="contradicted", accepted_by="王会计")


def test_the_index_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "documents.index"
    assert documents.read_index(path) == []
    documents.append(path, [])
    assert not path.exists()
    documents.append(path, [LINE])
    first = path.read_bytes()
    documents.append(path, [SECOND])
    assert path.read_bytes().startswith(first)
    assert documents.read_index(path) == [LINE, SECOND]
    assert LINE.file == "账单.zip:账务明细.csv"
    assert LINE.source_key == "alipay/2088000000002512/wallet"


def test_hostile_names_cannot_break_a_line(tmp_path: Path) -> None:
    path = tmp_path / "documents.index"
    documents.append(path, [dataclasses.replace(LINE, name="a\tb\nc\u202e.csv")])
    assert documents.read_index(path)[0].name == "a b c .csv"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sequence", "seq", "documents.index:1: this line of the index is damaged (the header"),
        ("\tproven", "", "documents.index:2: this line of the index is damaged (it has 14 col"),
        ("\tproven", "\tgood", "the stage or the grade is unknown"),
        ("aaaa\t", "zzzz\t", "the sha256 is not 64 hexadecimal digits"),
        ("\tdocuments/Assets", "\tdocuments/../..", "the path does not lie below documents/"),
        ("\tdocuments/", "\t/etc/", "the path does not lie below documents/"),
        ("\t12\t", "\ttwelve\t", "damaged (invalid literal"),
        ("2026-07-01", "2026-02-31", "damaged (day is out of range"),
        ("\n1\t", "\n7\t", "the sequence number is not the next one"),
    ],
)
def test_a_damaged_index_is_told_by_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "documents.index"
    documents.append(path, [LINE])
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(BooksError) as caught:
        documents.read_index(path)
    assert message in str(caught.value)
    assert str(caught.value).endswith(
        "restore the file from version control; it is only ever appended to"
    )


def test_an_index_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "documents.index"
    path.write_bytes(b"\xff")
    with pytest.raises(BooksError, match=r"the index of documents cannot be read"):
        documents.read_index(path)


def test_archive_copies_once_and_verifies(tmp_path: Path) -> None:
    books = Books(tmp_path / "books")
    source = tmp_path / "账 单?.csv"
    source.write_bytes(b"1,2")
    sha256 = hashlib.sha256(b"1,2").hexdigest()
    day = datetime.date(2026, 7, 31)
    relative = documents.archive(books, source, "Assets:Wallet:Alipay:2512", day, sha256)
    assert relative == (f"documents/Assets/Wallet/Alipay/2512/2026-07-31.{sha256[:8]}.账 单_.csv")
    copy = books.root / relative
    assert copy.read_bytes() == b"1,2"
    copy.write_bytes(b"1")  # a torn copy is made good
    assert documents.archive(books, source, "Assets:Wallet:Alipay:2512", day, sha256) == relative
    assert copy.read_bytes() == b"1,2"
    line = dataclasses.replace(LINE, path=relative, sha256=sha256)
    assert documents.verify(books, [line]) == []
    copy.write_bytes(b"1")
    assert documents.verify(books, [line]) == [relative]
    source.write_bytes(b"changed")
    with pytest.raises(BooksError, match=r"the file changed while it was read: run again"):
        documents.archive(books, source, "Assets:Wallet:Alipay:2512", day, sha256)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\x.csv", "C_x.csv"),
        (".hidden.csv", "hidden.csv"),
        ("CON.csv", "_CON.csv"),
        ("lpt1", "_lpt1"),
        ("...", "file"),
        ("a\u202egpj.csv", "a gpj.csv"),
        ("订单导出 (1).xlsx", "订单导出 (1).xlsx"),
        ("单" * 200 + ".xlsx", "单" * 38 + ".xlsx"),
        ("x. ", "x"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert documents.safe_name(name) == safe


@given(st.text())
def test_any_name_is_made_safe(name: str) -> None:
    safe = documents.safe_name(name)
    assert safe
    assert "/" not in safe
    assert not safe.startswith(".")
    assert len(safe.encode()) <= 130
    assert documents.safe_name(safe) == safe


def test_a_removal_takes_out_what_stands_above_it(tmp_path: Path) -> None:
    path = tmp_path / "documents.index"
    removal = documents.Removal(
        sequence=2, sha256=LINE.sha256, name=LINE.name, by="李", reason="不是\t我们的"
    )
    again = dataclasses.replace(LINE, sequence=3)
    documents.append(path, [LINE, removal])
    history = documents.read_history(path)
    assert history == [LINE, dataclasses.replace(removal, reason="不是 我们的")]
    assert documents.read_index(path) == []
    assert documents.taken_out(history) == {LINE.sha256: history[1]}
    documents.append(path, [again])
    assert documents.read_index(path) == [again]
    assert documents.taken_out(documents.read_history(path)) == {}


def test_numbers_may_fall_back_where_two_branches_met(tmp_path: Path) -> None:
    path = tmp_path / "documents.index"
    other = dataclasses.replace(LINE, sequence=2, sha256="b" * 64, path="documents/b", name="b")
    third = dataclasses.replace(LINE, sequence=2, sha256="c" * 64, path="documents/c", name="c")
    documents.append(path, [LINE, other, third, dataclasses.replace(other, sequence=3)])
    assert documents.read_index(path) == [LINE, other, third]
    assert documents.next_sequence(documents.read_history(path)) == 4
