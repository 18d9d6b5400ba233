"""Commands see all records after runs that read only what could change."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from beanclear.cli.bookkeeping import Bookkeeper, Computed
from tests.promises.test_p5_pure import month_of

if TYPE_CHECKING:
    from tests.promises.conftest import Exports, Workshop


pytestmark = pytest.mark.usefixtures("small_histories")


def test_commands_after_incremental_runs(
    workshop: Workshop, usual: Exports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[bool] = []
    remember = Bookkeeper.remember

    def spy(self: Bookkeeper, computed: Computed) -> None:
        taken.append(computed.incremental)
        remember(self, computed)

    monkeypatch.setattr(Bookkeeper, "remember", spy)
    months: dict[int, list[Path]] = defaultdict(list)
    for path in usual.files:
        months[month_of(path)].append(path)
    books = workshop.books(tmp_path / "shop")
    for _month, files in sorted(months.items()):
        workshop.run(books, files)
    workshop.run(books)
    assert taken[-1]
    whole = workshop.whole(usual)[0]
    assert workshop.text(books) == workshop.text(whole)
    order = next(item["order_id"] for item in usual.truth["open_items"] if item["order_id"])
    for command in (["report", "risks"], ["open-items"], ["trace", order], ["check"]):
        told = [workshop.call(*command, one.root) for one in (books, whole)]
        assert told[0] == told[1], command
