"""What lies in an inbox besides sound files: links, devices, names; and files accepted by name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.errors.bad_files import BANK_LINES, LINES, bad, bank, wallet, zipped

Run = Callable[..., Result]
Contents = Callable[[Path], dict[str, bytes]]
CJK = re.compile(r"[\u4e00-\u9fff]")
NO_FILE = (
    "this is no file but a link out of the inbox, a broken link, or a device: "
    "remove it, and copy the export itself into the inbox"
)


def refused(run: Run, contents: Contents, books: Path, *expected: str) -> None:
    """Both languages say it, exit 1, and nothing is booked."""
    before = contents(books)
    there = sorted(path.name for path in (books / "inbox").iterdir())
    english = run("-q", "run", books)
    assert (english.exit_code, tuple(english.stderr.splitlines())) == (1, expected)
    chinese = run("-q", "run", books, lang="zh").stderr.splitlines()
    assert len(chinese) == len(expected)
    for line, text in zip(chinese, expected, strict=True):
        assert line != text
        assert CJK.search(line)
        assert line.partition(": ")[0] == text.partition(": ")[0]
    assert contents(books) == before
    assert sorted(path.name for path in (books / "inbox").iterdir()) == there


def test_links_and_devices_are_no_files(
    run: Run, contents: Contents, books: Path, tmp_path: Path
) -> None:
    inbox = books / "inbox"
    (tmp_path / "secret.csv").write_bytes(bank())
    (inbox / "a.csv").symlink_to(tmp_path / "secret.csv")
    (inbox / "b").symlink_to(tmp_path)
    (inbox / "c.csv").symlink_to(tmp_path / "nowhere")
    (inbox / "d").symlink_to("e")
    (inbox / "e").symlink_to("d")
    os.mkfifo(inbox / "f.csv")
    refused(
        run, contents, books, *(f"{name}: {NO_FILE}" for name in ("a.csv", "b", "c.csv", *"de")),
        f"f.csv: {NO_FILE}",
    )  # fmt: skip
    assert (tmp_path / "secret.csv").read_bytes() == bank()


def test_a_file_that_may_not_be_read(
    run: Run, contents: Contents, books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be denied to root, so the refusal is played."""
    from beanclear.cli import intake  # noqa: PLC0415 - patched for this test only

    def deny(_path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(intake, "hash_file", deny)
    (books / "inbox" / "a.csv").write_bytes(bank())
    refused(run, contents, books, "a.csv: the file cannot be read: check its permissions")


def test_a_header_without_lines_speaks_for_nothing(
    run: Run, contents: Contents, books: Path
) -> None:
    (books / "inbox" / "a.csv").write_bytes(bank(""))
    refused(
        run, contents, books,
        "a.csv: the file has a header, but no lines and no period: "
        "delete it, or export a period with movements",
    )  # fmt: skip


def test_a_month_without_lines_is_booked(run: Run, books: Path) -> None:
    """Where the file states its period, no lines are news too."""
    below = ("#---账务明细列表结束---", "#支出合计：0笔，共0.00元", "#收入合计：0笔，共0.00元")
    above = (
        "#支付宝账务明细查询",
        "#账号：[20880512402512820156]",
        "#起始日期：[2026年06月01日 00:00:00]   终止日期：[2026年07月01日 00:00:00]",
        "#---账务明细列表---",
    )
    (books / "inbox" / "a.csv").write_bytes(wallet([], above=above, below=below))
    done = run("run", books)
    assert done.exit_code == 0, done.stderr
    assert "2026-06-01  2026-06-30" in done.stdout


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb\x1b[31m\u202e\t.csv", "a b [31m  .csv"),
        ("账" * 80 + ".csv", "账" * 80 + ".csv"),
        ("..csv", "..csv"),
        ("a:b;$(x).csv", "a_b;$(x).csv"),
        (os.fsdecode("账单.csv".encode("gbk")), "账单.csv"),
    ],
)
def test_odd_names_are_only_labels(run: Run, books: Path, name: str, shown: str) -> None:
    """On the screen, in the index, in the archive and in the books; a rebuild writes the same."""
    if name.startswith("."):
        name = "x" + name
        shown = "x" + shown
    (books / "inbox" / name).write_bytes(bank())
    done = run("run", books)
    assert done.exit_code == 0, done.stderr
    assert f"  {shown}  " in done.stdout
    row = (books / "documents.index").read_text("utf-8").splitlines()[2].split("\t")
    assert row[3] == shown
    assert (books / row[2]).resolve().is_relative_to(books / "documents" / "Assets" / "Bank")
    assert (books / row[2]).read_bytes() == bank()
    again = run("run", books, "--rebuild")
    assert again.exit_code == 0
    assert "up to date" in again.stderr


def test_an_odd_name_makes_one_line_of_a_message(run: Run, contents: Contents, books: Path) -> None:
    (books / "inbox" / "a\nb\x1b[31m.csv").write_bytes(b"")
    refused(run, contents, books, "a b [31m.csv: the file is empty: export it again")


def test_formulas_and_markup_in_texts_are_harmless(run: Run, books: Path) -> None:
    line = (
        BANK_LINES[0]
        .replace("货款", '"=HYPERLINK(""http://x"") <script>alert(1)</script>"')
        .replace("某供应商", "=cmd|'x'!A1 \x1b[31m")
    )
    (books / "inbox" / "a.csv").write_bytes(bank(line))
    assert run("run", books).exit_code == 0
    (text,) = (path.read_text("utf-8") for path in books.glob("journal/2026/05/ccb-*.beancount"))
    assert "<" not in text
    assert "\x1b" not in text
    assert '"=HYPERLINK(\\"http://x\\") ＜script＞alert(1)＜/script＞"' in text
    shown = run("open-items", books, "--csv").stdout
    assert [cell for cell in re.split(r'[,\n"]', shown) if cell.startswith(("=", "@"))] == []


# -- accepted by name ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sum.csv", "chain.csv", "abc.csv"])
def test_a_contradicted_file_is_booked_by_name(
    run: Run, contents: Contents, books: Path, name: str
) -> None:
    # Of another account, for the lines of this one are booked already.
    (books / "inbox" / name).write_bytes(bad(name).replace(b"40251282", b"40251299"))
    before = contents(books)
    assert run("run", books).exit_code == 1
    assert contents(books) == before
    done = run("run", books, "--accept", name, "--by", "李娜")
    assert "contradicted, accepted by 李娜" in done.stdout
    assert f"{name}:" not in done.stderr
    row = (books / "documents.index").read_text("utf-8").splitlines()[2].split("\t")
    assert (row[3], row[-2], row[-1]) == (name, "contradicted", "李娜")
    statements = "".join(
        path.read_text("utf-8") for path in books.glob("reconciliation/*.beancount")
    )
    assert 'accepted-by: "李娜"' in statements
    assert not (books / "inbox" / name).exists()


def test_who_accepts_must_be_named(
    run: Run, contents: Contents, books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    (books / "inbox" / "sum.csv").write_bytes(bad("sum.csv"))
    before = contents(books)
    nobody = run("run", books, "--accept", "sum.csv")
    assert (nobody.exit_code, nobody.stderr) == (2, "nobody is named who decides: add --by NAME\n")
    unknown = run("run", books, "--accept", "other.csv", "--by", "Li")
    assert (unknown.exit_code, unknown.stderr) == (
        2, "there is no file other.csv to accept: name a file of the inbox\n",
    )  # fmt: skip
    assert contents(books) == before
    assert (books / "inbox" / "sum.csv").exists()


def test_what_cannot_be_read_cannot_be_accepted(run: Run, contents: Contents, books: Path) -> None:
    (books / "inbox" / "cut.zip").write_bytes(bad("cut.zip"))
    before = contents(books)
    done = run("-q", "run", books, "--accept", "cut.zip", "--by", "Li")
    assert done.exit_code == 1
    assert done.stderr.startswith("cut.zip: the archive or workbook is damaged or cut off: ")
    assert contents(books) == before


def test_the_same_lines_again_change_no_entry(run: Run, contents: Contents, books: Path) -> None:
    """Other bytes, same lines: known as a document, not booked twice."""
    (books / "inbox" / "again.csv").write_bytes(wallet([*LINES, ""]))
    before = contents(books)
    assert run("run", books).exit_code == 0
    after = contents(books)
    same = {name for name in before if after.get(name) == before[name]}
    assert {name for name in before if name.startswith("journal/")} <= same


def test_an_archive_of_several_months_is_no_duplicate(run: Run, books: Path) -> None:
    """Its members share one hash; `check` must not take them for one document booked twice."""
    months = zipped({"may.csv": bank(BANK_LINES[0]), "june.csv": bank(BANK_LINES[1])})
    (books / "inbox" / "a.zip").write_bytes(months)
    done = run("-q", "run", books)
    assert (done.exit_code, done.stderr) == (0, "")


def test_two_numbers_that_end_alike(run: Run, contents: Contents, books: Path) -> None:
    other = [line.replace("32050161000000008826", "32050161999999998826") for line in BANK_LINES]
    inbox = books / "inbox"
    (inbox / "a.csv").write_bytes(bank())
    assert "a.csv" not in run("-q", "run", books).stderr
    (inbox / "b.csv").write_bytes(bank(*other))
    refused(
        run, contents, books,
        "b.csv: its account 32050161999999998826 would be booked on Assets:Bank:CCB:8826, as "
        "32050161000000008826 is: put all its files into a folder of their own below the inbox, "
        "such as inbox/second, and name that in beanclear.toml: [[shops]] folder",
    )  # fmt: skip
    with (books / "beanclear.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[shops]]\nname = "二店"\nfolder = "second"\n')
    (inbox / "second").mkdir()
    (inbox / "b.csv").rename(inbox / "second" / "b.csv")
    run("-q", "run", books)
    assert "open Assets:Bank:CCB-Second:8826" in (books / "accounts.beancount").read_text()
    assert not (inbox / "second" / "b.csv").exists()


def test_two_numbers_that_end_alike_in_one_run(run: Run, books: Path) -> None:
    other = [line.replace("32050161000000008826", "32050161999999998826") for line in BANK_LINES]
    (books / "inbox" / "a.csv").write_bytes(bank())
    (books / "inbox" / "b.csv").write_bytes(bank(*other))
    assert run("-q", "run", books).stderr.startswith("b.csv: its account 32050161999999998826")
    assert [path.name for path in (books / "inbox").iterdir() if path.suffix] == ["b.csv"]
