"""The measuring tools work, and jobs and peers do comparable work. Speeds are no test."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def job(*arguments: str) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.jobs", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, int] = json.loads(done.stdout)
    return found


def test_the_keyed_pass_and_its_peer_see_the_same_orders() -> None:
    # Of 1,000 orders 10 are refunded and 10 never paid; the join knows nothing of refunds.
    assert job("keyed", "1000") == {"records": 2000, "groups": 1000, "closed": 980}
    assert job("join", "1000") == {"pairs": 1000, "equal": 990}


def test_the_peer_reads_every_row_of_every_kind_of_file(tmp_path: Path) -> None:
    table = "标题\n编号,金额\n1,2.00\n2,3.00\n"
    (tmp_path / "gbk.csv").write_bytes(table.encode("gb18030"))
    (tmp_path / "utf.csv.gz").write_bytes(gzip.compress(table.encode()))
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as archive:
        archive.writestr("one.csv", table)
        archive.writestr("two.csv", table)
    size = len(table.encode("gb18030")) + 3 * len(table.encode())
    assert job("read", str(tmp_path)) == {"bytes": size, "rows": 8}


def test_the_table_has_a_line_with_a_ratio() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.run", "--only=match", "--orders=100", "--repeat=1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = (text for text in done.stdout.splitlines() if text.startswith("keyed match"))
    columns = line.removeprefix("keyed match").split()
    assert columns[0] == "1,000"
    assert float(columns[6]) > 0
    assert " ".join(columns[7:]) == "DuckDB joins two tables"


def test_an_unknown_section_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.run", "--only=nothing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.endswith("sections are import, match, run; --repeat is at least 1\n")
