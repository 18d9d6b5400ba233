"""4.1 in small: companies with every case at once. `benchmarks/truth.py` tries large ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.truth import company, options_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("seed", [3, 4])
def test_p2_nothing_false_and_what_is_missed_is_ambiguous(tmp_path: Path, seed: int) -> None:
    """One shop on each platform; two, and a marketplace abroad."""
    score = company(options_of(seed, 2000), tmp_path)
    assert (score.faults, score.false, score.uncaught) == ([], [], [])
    assert score.balanced == score.accounts
    assert score.right == score.items
    assert score.ambiguous == len(score.missed)
    assert score.found * 1000 >= score.matchable * 980
