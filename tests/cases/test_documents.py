"""Documents that go astray: taken out, lost from the index, lost or changed in the archive."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cases.conftest import Case

HEADER = "order_id,ordered_at,paid_at,shipped_at,completed_at,status,amount\n"
SALES = "Income:Sales"


def orders(*rows: tuple[str, str, str]) -> str:
    """orders.csv with (number, day of 2026, amount) of orders that were shipped that day."""
    lines = (
        f"{number},2026-{day} 10:00:00,2026-{day} 10:01:00,2026-{day} 18:00:00,,shipped,{amount}\n"
        for number, day, amount in rows
    )
    return HEADER + "".join(lines)


@pytest.fixture
def july(case: Case) -> Case:
    """Books with two files: one of the shop, one of another firm."""
    case.put("ours.csv", orders(("A-1", "07-03", "113.00"), ("A-2", "07-05", "226.00")))
    case.put("theirs.csv", orders(("X-1", "07-04", "1130.00")))
    assert case.run() == 0
    assert case.total(SALES) == Decimal("-1300.00")
    return case


def text_of(case: Case) -> dict[str, str]:
    folders = ("journal", "reconciliation")
    paths = (path for name in folders for path in (case.root / name).rglob("*.beancount"))
    return {path.relative_to(case.root).as_posix(): path.read_text("utf-8") for path in paths}


def original(case: Case, name: str) -> Path:
    (found,) = (case.root / "documents").rglob(f"*.{name}")
    return found


def test_a_file_of_another_firm_is_taken_out(july: Case) -> None:
    assert july.call("documents", "remove", "theirs.csv", "--by", "Li", "--reason", "not ours") == 0
    assert "theirs.csv is taken out: 1 row no longer counts." in july.said
    assert july.total(SALES) == Decimal("-300.00")
    assert july.errors == []
    assert original(july, "theirs.csv").is_file()
    assert july.call("documents") == 0
    assert "taken out by Li: not ours" in july.said
    assert july.run() == 0
    assert july.check() == 0
    rebuilt = text_of(july)
    assert july.run("--rebuild") == 0
    assert text_of(july) == rebuilt


def test_the_books_are_as_if_it_had_never_come(july: Case, tmp_path: Path) -> None:
    from tests.cases.conftest import Case as New  # noqa: PLC0415 - the fixture's class

    other = New(tmp_path / "other")
    other.put("ours.csv", orders(("A-1", "07-03", "113.00"), ("A-2", "07-05", "226.00")))
    assert other.run() == 0
    assert july.call("documents", "remove", "theirs.csv", "--by", "Li", "--reason", "no") == 0
    assert text_of(july) == text_of(other)


def test_what_stood_in_a_closed_month_is_taken_back_in_the_open_one(july: Case) -> None:
    assert july.run("--covers", "shop/main/order=2026-08-31") == 0
    assert july.call("close", "2026-07", "--by", "Li") == 0
    frozen = {name: text for name, text in text_of(july).items() if "07" in name}
    assert july.call("documents", "remove", "theirs.csv", "--by", "Li", "--reason", "not ours") == 0
    assert {name: text for name, text in text_of(july).items() if "07" in name} == frozen
    assert july.total(SALES, "2026-07-31") == Decimal("-1300.00")
    assert july.total(SALES) == Decimal("-300.00")
    assert july.check() == 0
    assert july.run() == 0
    assert july.check() == 0


def test_what_is_taken_out_comes_back_by_name_only(july: Case) -> None:
    assert july.call("documents", "remove", "theirs.csv", "--by", "Li", "--reason", "not ours") == 0
    july.put("theirs.csv", orders(("X-1", "07-04", "1130.00")))
    assert july.run() == 1
    assert (
        "theirs.csv: Li took the file out of the books (not ours): "
        "to book it after all: beanclear run --accept theirs.csv"
    ) in july.said
    assert july.total(SALES) == Decimal("-300.00")
    assert july.run("--accept", "theirs.csv", "--by", "Wang") == 0
    assert july.total(SALES) == Decimal("-1300.00")
    assert july.call("documents") == 0
    assert "accepted by Wang" in july.said
    assert july.check() == 0


def test_a_dry_run_takes_nothing_out(july: Case) -> None:
    before = (july.root / "documents.index").read_bytes()
    done = july.call("documents", "remove", "theirs.csv", "--by", "L", "--reason", "x", "--dry-run")
    assert done == 0
    assert "-  Income:Sales" in july.said
    assert (july.root / "documents.index").read_bytes() == before
    assert july.total(SALES) == Decimal("-1300.00")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["thiers.csv", "--reason", "x"], "no document that is booked is called thiers.csv"),
        (["theirs.csv"], "a file is taken out for a reason: say it: --reason TEXT"),
    ],
)
def test_what_cannot_be_taken_out(july: Case, arguments: list[str], message: str) -> None:
    assert july.call("documents", "remove", *arguments, "--by", "Li") == 2
    assert message in july.said


def test_two_files_of_one_name_are_told_apart_by_number(july: Case) -> None:
    july.put("ours.csv", orders(("B-1", "07-06", "113.00")))
    assert july.run() == 0
    assert july.call("documents", "remove", "ours.csv", "--by", "Li", "--reason", "x") == 2
    assert "several documents are called ours.csv: name one by its number (1, 3)" in july.said
    assert july.call("documents", "remove", "3", "--by", "Li", "--reason", "x") == 0
    assert july.total(SALES) == Decimal("-1300.00")


def shorten(case: Case, keep: int) -> None:
    path = case.root / "documents.index"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[: keep + 1]), encoding="utf-8")


@pytest.mark.parametrize("originals", [True, False])
@pytest.mark.parametrize("keep", [0, 1])
def test_a_shortened_index_takes_nothing_away(july: Case, keep: int, originals: bool) -> None:
    """The text names what it was made of, also in a clone without originals."""
    if not originals:
        for path in (july.root / "documents").rglob("*.csv"):
            path.unlink()
    before = text_of(july)
    shorten(july, keep)
    assert july.run() == 3
    assert "documents.index: it does not name documents that the books were made of" in july.said
    assert text_of(july) == before
    assert july.check() == 1
    assert "documents.index:1: it does not name documents" in july.said
    assert july.call("doctor") == 1
    assert "theirs.csv" in july.said


def test_a_lost_index_is_noticed(july: Case) -> None:
    (july.root / "documents.index").unlink()
    assert july.run() == 3
    assert july.call("doctor") == 1


def test_an_original_that_no_line_names(july: Case) -> None:
    found = original(july, "ours.csv")
    digits = found.name.split(".")[1]
    stray = found.with_name(found.name.replace(digits, "0" * 8))
    stray.write_text("x")
    assert july.run() == 3
    assert "it does not name originals that are in the archive" in july.said
    stray.unlink()
    assert july.run() == 0


def test_receipts_among_the_originals_are_none_of_ours(july: Case) -> None:
    receipt = original(july, "ours.csv").with_name("2026-07-03.receipt.pdf")
    receipt.write_bytes(b"%PDF")
    assert july.run() == 0


@pytest.mark.parametrize("how", ["changed", "missing"])
def test_a_damaged_archive_stops_run_check_and_close(july: Case, how: str) -> None:
    found = original(july, "ours.csv")
    content = found.read_bytes()
    if how == "changed":
        found.write_bytes(content[:-2] + b"1\n")
    else:
        found.unlink()
    where = found.relative_to(july.root).as_posix()
    assert july.run() == 3
    assert f"{where}: the archived document" in july.said
    assert july.check() == 1
    assert where in july.said
    assert july.call("close", "2026-07", "--by", "Li") == 3
    assert where in july.said
    found.write_bytes(content)
    assert july.run() == 0


def test_nothing_is_closed_without_originals(july: Case) -> None:
    for path in (july.root / "documents").rglob("*.csv"):
        path.unlink()
    assert july.run() == 0  # the records are still there
    assert july.call("close", "2026-07", "--by", "Li") == 3
    assert "the originals are not on this machine" in july.said


def test_two_branches_that_both_imported_are_joined_by_keeping_both(case: Case) -> None:
    case.put("base.csv", orders(("A-1", "07-01", "113.00")))
    assert case.run() == 0
    path = case.root / "documents.index"
    base = path.read_text("utf-8")
    both = orders(("A-2", "07-02", "113.00"))
    case.put("both.csv", both)
    case.put("one.csv", orders(("A-3", "07-03", "113.00")))
    assert case.run() == 0
    added = path.read_text("utf-8").removeprefix(base).splitlines(keepends=True)
    # The other branch booked the same file, and another one.
    theirs = [line for line in added if "both.csv" in line]
    path.write_text(base + "".join([*added, *theirs]), encoding="utf-8")
    assert case.run() == 0
    assert case.total(SALES) == Decimal("-300.00")
    assert case.check() == 0
    case.put("two.csv", orders(("A-4", "07-04", "113.00")))
    assert case.run() == 0
    assert case.total(SALES) == Decimal("-400.00")


def test_originals_are_their_owners(july: Case) -> None:
    for name in ("ours.csv", "theirs.csv"):
        assert stat.S_IMODE(original(july, name).stat().st_mode) == 0o600
    for name in ("documents", "records", "inbox"):
        assert stat.S_IMODE((july.root / name).stat().st_mode) == 0o700
    assert stat.S_IMODE((july.root / "documents/Assets").stat().st_mode) == 0o700


def test_doctor_names_folders_that_others_can_read(july: Case) -> None:
    (july.root / "documents").chmod(0o755)
    july.call("doctor")
    assert "other users of this machine can read documents" in july.said


def test_another_original_is_never_overwritten(july: Case) -> None:
    """The name in the archive has eight digits of the hash, which two files may share."""
    index = july.root / "documents.index"
    path = july.put("more.csv", orders(("A-3", "07-06", "113.00")))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    last = index.read_text("utf-8").splitlines()[-1].split("\t")
    other = sha256[:8] + "0" * 56
    place = f"documents/Assets/Receivable/Shop/2026-07-06.{sha256[:8]}.more.csv"
    planted = july.root / place
    planted.write_text("another file")
    line = "\t".join(["3", other, place, "more.csv", *last[4:]])
    index.write_text(index.read_text("utf-8") + line + "\n", encoding="utf-8")
    assert july.run() == 3
    assert planted.read_text() == "another file"
    assert july.inbox() == ["more.csv"]


def test_scratch_of_a_killed_dry_run_is_removed(
    july: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    names = ("beanclear-999999999-old", "beanclear-999999999-new", f"beanclear-{os.getpid()}-mine")
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows").write_text("buyers")
    for name in (names[0], names[2]):
        os.utime(tmp_path / name, (0, 0))
    assert july.run("--dry-run") == 0
    assert [name for name in names if (tmp_path / name).exists()] == [names[1], names[2]]


def test_the_index_keeps_its_mode(july: Case) -> None:
    path = july.root / "documents.index"
    path.chmod(0o600)
    july.put("more.csv", orders(("A-3", "07-06", "113.00")))
    assert july.run() == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
