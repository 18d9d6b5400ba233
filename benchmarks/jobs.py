"""What one measured process does: our work, or the least that any program must do instead.

    python -m benchmarks.jobs NAME ARGUMENTS…

| name | arguments | what it does |
|---|---|---|
| `simulate` | FOLDER ORDERS DAYS SEED FIRST_DAY | writes the exports of a shop |
| `alipay` | FOLDER ROWS | writes one large Alipay 账务明细 in a zip |
| `import` | FOLDER | every export into records |
| `strings` | FOLDER | peer: that statement as strings, with pyarrow alone |
| `parquet` | FOLDER ORDERS | writes orders and wallet lines |
| `keyed` | FOLDER | the keyed pass and classification over them |
| `join`, `frames` | FOLDER | peers: DuckDB's bare join and group-by; pandas merge |
| `postings` | FOLDER COUNT PRICES | writes keyed postings in Beancount text, and exports |
| `match` | BOOKS | the matching step of `run` on books with such postings |
| `zerosum` | FOLDER | peer: zerosum on the same postings |
| `ledger` | FOLDER ORDERS | writes a ledger with one transaction an order |
| `page` | FILE | Fava's first page |

Each prints one JSON object. Imports stand in the functions, so that a job loads what it needs.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import datetime
import json
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks import ledgers, matching, postings


def simulate(folder: str, orders: str, days: str, seed: str, first_day: str) -> dict[str, int]:
    """Write the exports of a shop."""
    from beanclear.cli.simulation import simulate as write
    from beanclear.cli.simulation.options import Options

    day = datetime.date.fromisoformat(first_day)
    options = Options(orders=int(orders), days=int(days), seed=int(seed), first_day=day)
    write(Path(folder), options)
    return {"orders": int(orders)}


def files(folder: str) -> list[Path]:
    """The files below `folder`, in a fixed order."""
    return sorted(path for path in Path(folder).rglob("*") if path.is_file())


def import_(folder: str) -> dict[str, int]:
    """Read every export as `run` does."""
    from beanclear.importers.registry import read_document

    statements = [found for path in files(folder) for found in read_document(path)]
    return {"records": sum(found.records.num_rows for found in statements)}


def alipay(folder: str, rows: str) -> dict[str, int]:
    """Write one large statement."""
    from benchmarks.alipay import write

    Path(folder).mkdir(parents=True, exist_ok=True)
    write(Path(folder) / "20880512402512820156_202606.csv.zip", int(rows))
    return {"rows": int(rows)}


def strings(folder: str) -> dict[str, int]:
    """Read that statement into columns of strings."""
    import pyarrow as pa
    import pyarrow.csv

    from benchmarks.alipay import COLUMNS, PREAMBLE

    (path,) = files(folder)
    names = [f"column {number}" for number in range(COLUMNS)]
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as member:
        table = pyarrow.csv.read_csv(
            member,
            read_options=pyarrow.csv.ReadOptions(
                encoding="gb18030", skip_rows=PREAMBLE, column_names=names
            ),
            parse_options=pyarrow.csv.ParseOptions(invalid_row_handler=lambda _row: "skip"),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string())
            ),
        )
        size = archive.infolist()[0].file_size
    return {"bytes": size, "rows": table.num_rows}


JOBS: dict[str, Callable[..., Mapping[str, float]]] = {
    "simulate": simulate,
    "alipay": alipay,
    "import": import_,
    "strings": strings,
    "parquet": matching.write,
    "keyed": matching.keyed,
    "join": matching.join,
    "frames": matching.frames,
    "postings": postings.prepare,
    "match": postings.match,
    "zerosum": postings.zerosum,
    "ledger": ledgers.write,
    "page": ledgers.page,
}

if __name__ == "__main__":
    print(json.dumps(JOBS[sys.argv[1]](*sys.argv[2:])))
