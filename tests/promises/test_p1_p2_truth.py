"""9.2: with no configuration, what is open, matched and on the accounts equals the truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from beanclear.ledger.books import Books

if TYPE_CHECKING:
    from tests.promises.conftest import Exports, Workshop

SHOPS: list[dict[str, Any]] = [
    {"orders": 2000, "seed": 11, "bank": "ccb"},
    {"orders": 2000, "seed": 12, "bank": "icbc"},
    {"orders": 2000, "seed": 13, "bank": "cmbc"},
    {"orders": 2000, "seed": 14, "bank": "pingan"},
    {"orders": 2000, "seed": 15, "bank": "ccb", "own_orders": False},
]


def assert_true(workshop: Workshop, exports: Exports, books: Books) -> None:
    """Matches, balances and errors of books that were just run equal the truth."""
    assert workshop.matches(books, exports) == exports.matches
    entries, errors = workshop.load(books)
    assert workshop.balances(entries) == exports.truth["balances"]
    assert {type(error).__name__ for error in errors} == {"OpenItemError"}
    assert len(errors) == sum(exports.open_items.values())


@pytest.mark.parametrize("options", SHOPS[1:], ids=lambda o: f"{o['bank']}-{o['seed']}")
def test_9_2_open_items_matches_and_balances(
    workshop: Workshop, tmp_path: Path, options: dict[str, Any]
) -> None:
    exports = workshop.exports(**options)
    books = workshop.books(tmp_path / "shop")
    result = workshop.run(books, exports.files)
    assert (result.faults, result.check_errors) == ((), ())
    assert workshop.found(result.items) == exports.open_items
    assert_true(workshop, exports, books)


def test_9_2_by_the_command_line(workshop: Workshop, tmp_path: Path) -> None:
    exports = workshop.exports(**SHOPS[0])
    folder = tmp_path / "shop"
    assert workshop.call("init", folder)[0] == 0
    books = Books(folder)
    workshop.drop(books, exports.files)
    code, _out, err = workshop.call("run", folder)
    assert (code, "Traceback" in err) == (1, False)
    result = workshop.run(books)
    assert (result.changed, workshop.found(result.items)) == ((), exports.open_items)
    assert_true(workshop, exports, books)


@pytest.mark.parametrize("seed", [21])
def test_9_2_a_clean_shop_is_reconciled(workshop: Workshop, tmp_path: Path, seed: int) -> None:
    exports = workshop.exports(orders=400, seed=seed, clean=True)
    books = workshop.books(tmp_path / "shop")
    workshop.drop(books, exports.files)
    code, _out, err = workshop.call("run", books.root)
    assert code == 0, err
    assert workshop.matches(books, exports) == exports.matches
    entries, errors = workshop.load(books)
    assert (errors, workshop.balances(entries)) == ([], exports.truth["balances"])
