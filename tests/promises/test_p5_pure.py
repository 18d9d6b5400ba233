"""9.3: books are a pure function of their documents, whatever the order, split or repetition."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from beanclear.cli import pipeline
from beanclear.cli.verification import Verified

if TYPE_CHECKING:
    from tests.promises.conftest import Exports, Workshop


pytestmark = pytest.mark.usefixtures("small_histories")


@pytest.fixture
def wanted(workshop: Workshop, usual: Exports) -> dict[str, str]:
    return workshop.text(workshop.whole(usual)[0])


def test_p5_run_again_reimport_and_rebuild(
    workshop: Workshop, usual: Exports, wanted: dict[str, str], tmp_path: Path
) -> None:
    done = workshop.copy(workshop.whole(usual)[0], tmp_path / "shop")
    assert workshop.run(done).changed == ()
    again = workshop.run(done, usual.files)
    assert {document.state for document in again.documents} == {"known"}
    assert (again.changed, list(done.inbox.glob("*.csv"))) == ((), [])
    assert workshop.run(done, rebuild=True).changed == ()
    assert workshop.text(done) == wanted


def month_of(path: Path) -> int:
    """The month a simulated file belongs to; an export of a later morning to the month before."""
    exported = re.search(r"(?:List|宝贝明细|export)2026-?(\d\d)-?(\d\d)", path.name)
    if exported:
        return int(exported[1]) - (int(exported[2]) == 1)
    found = re.search(r"2026-?(\d\d)", path.name)
    assert found is not None, path.name
    return int(found[1])


@pytest.mark.parametrize("newest_first", [True])
def test_p5_month_by_month(
    workshop: Workshop,
    usual: Exports,
    wanted: dict[str, str],
    tmp_path: Path,
    newest_first: bool,
) -> None:
    books = workshop.books(tmp_path / "shop")
    for month in sorted({month_of(file) for file in usual.files}, reverse=newest_first):
        workshop.run(books, [file for file in usual.files if month_of(file) == month])
    assert workshop.text(books) == wanted


def test_p5_some_files_at_a_time_in_random_order(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = workshop.exports(orders=160, days=36, seed=32, faults=0.0)
    whole, expected = workshop.whole(small)
    files = list(small.files)
    draw = random.Random(5)
    draw.shuffle(files)
    books = workshop.books(tmp_path / "shop")
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "verify", lambda *_given: Verified())
        while files:
            some = [files.pop() for _ in range(min(draw.randint(1, 4), len(files)))]
            assert workshop.run(books, some).faults == (), some
    last = workshop.run(books, rebuild=True)
    assert (last.changed, last.check_errors, last.items) == ((), (), expected.items)
    assert workshop.text(books) == workshop.text(whole)
