"""The measuring tools work, jobs and peers do comparable work, documents show what was kept.

Speeds are no test.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import desk, rows
from benchmarks.measure import Sample, by_turns, measure
from benchmarks.rows import ROWS, Bar

ROOT = Path(__file__).parents[1]


def job(*arguments: object) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.jobs", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_keyed_pass_and_its_peers_come_to_the_same_numbers(tmp_path: Path) -> None:
    # Of 2,000 orders 10 are unpaid, 10 short; 2 wallet lines name an order that nobody knows.
    assert job("parquet", tmp_path, 2000) == {"orders": 2000, "lines": 4382}
    expected = {"closed": 1980, "open": 22}
    assert job("keyed", tmp_path) == expected
    assert job("join", tmp_path) == expected
    assert job("frames", tmp_path) == expected


def test_the_bare_script_reads_every_export(tmp_path: Path) -> None:
    job("simulate", tmp_path, 400, 65, 7, "2026-06-03")
    (tmp_path / "truth.json").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bare", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["orders"] > 390
    assert found["both"] > 300
    assert found["equal"] > found["both"] // 2


def test_zerosum_pairs_equal_prices_wrongly(tmp_path: Path) -> None:
    pytest.importorskip("beancount_reds_plugins", reason="the extra `bench` is not installed")
    job("postings", tmp_path, 2000, "shop")
    found = job("zerosum", tmp_path)
    assert found["pairs"] == 1000
    assert found["wrong"] > 20


def test_a_ledger_with_one_transaction_an_order_is_well_formed(tmp_path: Path) -> None:
    assert job("ledger", tmp_path, 50) == {"orders": 50}
    assert job("page", tmp_path / "main.beancount")["bytes"] > 1000


def test_jobs_run_by_turns_and_the_warming_round_does_not_count() -> None:
    walls = iter([100.0, 200.0, 2.0, 1.0, 3.0, 4.0, 6.0, 5.0])

    def sample(name: str) -> Sample:
        order.append(name)
        return Sample(wall=next(walls), processor=0.0, peak=1.0, output=name)

    order: list[str] = []
    ours, peer = by_turns([lambda: sample("ours"), lambda: sample("peer")], 3)
    assert order == ["ours", "peer", "peer", "ours", "ours", "peer", "peer", "ours"]
    assert (ours.wall, peer.wall) == (3.0, 4.0)


def test_a_measured_process_tells_its_time_and_memory() -> None:
    found = measure([sys.executable, "-c", 'print("{\\"seconds\\": 2.5}")'])
    assert found.wall > 0
    assert found.peak > 1
    assert found.inside().wall == 2.5


@pytest.mark.parametrize(
    ("bar", "value", "met", "words"),
    [
        (Bar(kind="times", limit=3), 2.0, True, "2 ×"),
        (Bar(kind="faster", limit=0.6), 0.5, False, "0.5 × faster"),
        (Bar(kind="memory", limit=0.5), 0.5, True, "0.50 × memory"),
        (Bar(kind="peak", limit=99), 100.0, False, "100 MiB"),
        (Bar(kind="wrong", limit=0), 1.0, False, "1 wrong"),
        (Bar(kind="rise", limit=1.2), 1.25, False, "+25% a line"),
        (Bar(kind="seconds", limit=2), 4.0, False, "4.00 s"),
    ],
)
def test_a_bar_is_held_against_what_was_measured(
    bar: Bar, value: float, met: bool, words: str
) -> None:
    row = {
        "ours": {"wall": 4.0, "peak": 100.0},
        "peer": {"wall": 2.0, "peak": 200.0},
        "facts": {"wrong": 1, "rise": 1.25},
    }
    assert bar.value(row) == value
    assert bar.met(row) is met
    assert bar.shown(value, "en") == words


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_documents_show_the_kept_figures(language: rows.Language) -> None:
    text = rows.DOCUMENTS[language].read_text("utf-8")
    kept = rows.load()
    assert sorted(kept["rows"]) == sorted(set(kept["rows"]) & set(ROWS))
    assert rows.inserted(text, rows.table(kept, language)) == text


def test_pages_of_a_started_server_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "WARM", 1)
    monkeypatch.setattr(desk, "PAGES", {"overview": desk.OWN_PAGES["overview"]})
    books = tmp_path / "books"
    shutil.copytree(ROOT / "books", books)
    keys = desk.keys_of(books)
    found = desk.round_of(books, keys)
    assert set(found.first) == set(found.warm) == set(found.busy) == {"overview", desk.SEARCH}
    assert min(found.first.values()) > 0
    sample, facts = desk.slowest([found, found], ["overview"])
    assert (sample.wall, facts["pages"]) == (found.first["overview"], 1)


def test_an_unknown_section_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.run", "--only=nothing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.endswith(
        "sections are match, run, books, desk, text, import, growth; --repeat is at least 1\n"
    )
