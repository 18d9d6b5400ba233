"""9.3 P6: a closed month stays byte for byte; the next month explains what arrives for it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from beanclear.cli.closing import close_period
from beanclear.ledger.errors import BeanclearError, UsageError

if TYPE_CHECKING:
    from beanclear.ledger.books import Books
    from tests.promises.conftest import Exports, Workshop

JUNE = r"journal/2026/06/|reconciliation/2026-06"


def close(books: Books, period: str) -> None:
    close_period(books, period, "Li Na", "asked", False)


def new_orders(exports: Exports, folder: Path) -> list[Path]:
    """One more export of the own shop: an order of June nobody knew, and one refunded since."""
    head, *rows = (exports.folder / "orders-2026-06-30.csv").read_text("utf-8-sig").splitlines()
    cells = next(row.split(",") for row in rows if ",completed," in row and ",0.00,4" in row)
    cells[12] = "1.00"
    day = "2026-06-11 10:00:00"
    new = f"LATE-1,{day},{day},{day},{day},completed,77.00,CNY,0.00,0.00,0.00,0.00,0.00,,shop"
    path = folder / "orders-late.csv"
    path.write_text("\n".join([head, new, ",".join(cells), ""]), encoding="utf-8")
    return [path]


def held(*patterns: str) -> Callable[[Exports, Path], list[Path]]:
    """Files that were not there when June was closed."""
    return lambda exports, _folder: [
        file for pattern in patterns for file in sorted(exports.folder.glob(pattern))
    ]


LATE: dict[str, Callable[[Exports, Path], list[Path]]] = {
    "bank": held("A0*_ND06_*"),
    "wallets": held("拼多多账务明细_202606.csv", "20880512402512820156_202606*"),
    "orders": held("ExportOrderList202607*", "宝贝明细202607*"),
    "new-and-changed-order": new_orders,
}


def frozen(workshop: Workshop, books: Books) -> dict[str, str]:
    return {name: text for name, text in workshop.text(books).items() if re.match(JUNE, name)}


def without(files: Iterable[Path], late: Iterable[Path]) -> list[Path]:
    return [file for file in files if file not in set(late)]


@pytest.mark.parametrize("name", LATE)
def test_p6_late_files_are_explained_in_the_next_month(
    workshop: Workshop, usual: Exports, tmp_path: Path, name: str
) -> None:
    late = LATE[name](usual, tmp_path)
    never_closed, expected = workshop.whole(usual)
    if name == "new-and-changed-order":
        books = workshop.copy(never_closed, tmp_path / "shop")
        never_closed = workshop.copy(never_closed, tmp_path / "open")
        expected = workshop.run(never_closed, late)
    else:
        books = workshop.books(tmp_path / "shop")
        workshop.run(books, without(usual.files, late))
    close(books, "2026-06")
    before = frozen(workshop, books)
    assert len(before) >= 8
    found = workshop.run(books, late)
    assert (found.faults, found.check_errors) == (expected.faults, expected.check_errors)
    assert frozen(workshop, books) == before
    assert workshop.found(found.items) == workshop.found(expected.items)
    assert found.accounts == expected.accounts
    entries, errors = workshop.load(books)
    plain, _errors = workshop.load(never_closed)
    assert workshop.balances(entries) == workshop.balances(plain)
    assert {type(error).__name__ for error in errors} == {"OpenItemError"}
    july = [text for name, text in workshop.text(books).items() if "journal/2026/07/" in name]
    assert "event-date: 2026-06-" in "".join(july)
    if name == "bank":
        assert workshop.run(books, rebuild=True).changed == ()


def test_p6_refusals(workshop: Workshop, usual: Exports, tmp_path: Path) -> None:
    books = workshop.copy(workshop.whole(usual)[0], tmp_path / "shop")
    before = workshop.text(books)
    with pytest.raises(BeanclearError, match=r"are not complete to 2026-08-31: Assets:") as told:
        close(books, "2026-08")
    # What it names is what `run --covers` takes.
    wanted = dict(re.findall(r"--covers (\S+)=(2026-08-31)", str(told.value)))
    assert "taobao/main/order" in wanted
    last = datetime.date(2026, 8, 31)
    with pytest.raises(UsageError, match="no statement belongs to Assets:Nowhere"):
        workshop.run(books, covers={**dict.fromkeys(wanted, last), "Assets:Nowhere": last})
    with pytest.raises(UsageError, match="'2026-13' is not a period"):
        close(books, "2026-13")
    assert workshop.text(books) == before
    close(books, "2026-07")
    closed = workshop.text(books)
    for period in ("2026-07", "2026-06"):
        with pytest.raises(UsageError, match="the books are closed to 2026-07-31 already"):
            close(books, period)
    code, _out, err = workshop.call("close", "2026-07", books.root)
    assert (code, "closed to 2026-07-31 already" in err) == (2, True)
    assert workshop.text(books) == closed


def test_p6_closing_month_after_month(workshop: Workshop, usual: Exports, tmp_path: Path) -> None:
    plain, expected = workshop.whole(usual)
    books = workshop.copy(plain, tmp_path / "shop")
    close(books, "2026-06")
    june = frozen(workshop, books)
    close(books, "2026-07")
    assert frozen(workshop, books) == june
    found = workshop.run(books, rebuild=True)
    assert found.changed == ()
    assert workshop.found(found.items) == workshop.found(expected.items)
    entries, errors = workshop.load(books)
    assert workshop.balances(entries) == usual.truth["balances"]
    assert len(errors) == len(found.items)
