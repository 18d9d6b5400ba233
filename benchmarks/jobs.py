"""What one measured process does: our work, or the least that any program must do instead.

    python -m benchmarks.jobs simulate FOLDER ORDERS DAYS SEED
    python -m benchmarks.jobs import FOLDER      every export into records
    python -m benchmarks.jobs read FOLDER        peer: the same files with pyarrow and calamine
    python -m benchmarks.jobs alipay FOLDER ROWS one large Alipay 账务明细 in a zip
    python -m benchmarks.jobs strings FOLDER     peer: the same as strings, with pyarrow alone
    python -m benchmarks.jobs keyed ORDERS       the keyed pass over invented legs
    python -m benchmarks.jobs join ORDERS        peer: a bare join of two tables of as many rows

Each prints one JSON object. Imports stand in the functions, so that a job loads what it needs.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import gzip
import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

HEAD_LINES = 30
SAMPLE = 65536


def simulate(folder: str, orders: str, days: str, seed: str) -> dict[str, int]:
    """Write the exports of a shop."""
    from beanclear.cli.simulation import simulate as write
    from beanclear.cli.simulation.options import Options

    write(Path(folder), Options(orders=int(orders), days=int(days), seed=int(seed)))
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


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    """The content of a file, of each member of an archive."""
    data = path.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name, archive.read(name)
    elif path.suffix == ".gz":
        yield path.stem, gzip.decompress(data)
    else:
        yield path.name, data


def read(folder: str) -> dict[str, int]:
    """Parse the same bytes into columns, with nothing checked and nothing meant."""
    rows = size = 0
    for path in files(folder):
        for name, data in members(path):
            size += len(data)
            rows += _workbook_rows(data) if name.endswith((".xlsx", ".xls")) else _text_rows(data)
    return {"bytes": size, "rows": rows}


def _workbook_rows(data: bytes) -> int:
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        return sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)


def _text_rows(data: bytes) -> int:
    import pyarrow.csv

    sample = data[:SAMPLE]
    try:
        sample.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError as error:
        # A character cut in two at the end of the sample is no evidence against UTF-8.
        encoding = "utf-8" if error.end == SAMPLE else "gb18030"
    commas = [text.count(b",") for text in sample.splitlines()[:HEAD_LINES]] or [0]
    return int(
        pyarrow.csv.read_csv(
            io.BytesIO(data),
            read_options=pyarrow.csv.ReadOptions(
                encoding=encoding, skip_rows=commas.index(max(commas))
            ),
            parse_options=pyarrow.csv.ParseOptions(invalid_row_handler=lambda _row: "skip"),
        ).num_rows
    )


# One sale per order and one wallet line for it, in another order; 1 % of the orders are refunded
# in part and 1 % never arrive. 7919 is a prime: multiplying by it shuffles.
LEGS = """
CREATE TEMP TABLE all_legs AS
SELECT 'Assets:Receivable:Tmall' AS account, 'CNY' AS currency,
       CAST(5000000000000000000 + n AS VARCHAR) AS grp,
       DATE '2026-06-01' + CAST(n % 90 + wait AS INTEGER) AS day, side, kind,
       CAST(CASE side WHEN 'order' THEN 1 ELSE -1 END
            * CASE kind WHEN 'refund' THEN -500 ELSE 1000 + n % 20000 END AS BIGINT) AS amount_minor
FROM (
  SELECT i AS n, 'order' AS side, 'sale' AS kind, 0 AS wait FROM range($orders) t(i)
  UNION ALL
  SELECT i * 7919 % $orders, 'wallet', 'sale', 1 FROM range($orders) t(i) WHERE i % 100 <> 1
  UNION ALL
  SELECT i, 'wallet', 'refund', 3 FROM range($orders) t(i) WHERE i % 100 = 2
)
"""
JOIN = """
SELECT count(*), CAST(sum(CASE WHEN o.amount_minor = -w.amount_minor THEN 1 ELSE 0 END) AS BIGINT)
FROM (SELECT * FROM all_legs WHERE side = 'order') o
FULL JOIN (SELECT * FROM all_legs WHERE side = 'wallet' AND kind = 'sale') w ON w.grp = o.grp
"""


def _legs(orders: int) -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect()
    connection.execute(LEGS, {"orders": orders})
    return connection


def keyed(orders: str) -> dict[str, int]:
    """Net every group of legs at the as-of date, as matching does."""
    from beanclear.matching.keyed import GROUPS

    connection = _legs(int(orders))
    connection.execute(
        "CREATE TEMP TABLE as_of AS SELECT 'Assets:Receivable:Tmall' AS account, "
        "DATE '2026-12-31' AS as_of, CAST(NULL AS VARCHAR) AS awaiting"
    )
    connection.execute(GROUPS)
    (legs,) = connection.execute("SELECT count(*) FROM all_legs").fetchall()[0]
    found = connection.execute(
        "SELECT count(*), CAST(sum(CASE WHEN rest = 0 THEN 1 ELSE 0 END) AS BIGINT) FROM groups"
    ).fetchall()
    return {"records": legs, "groups": found[0][0], "closed": found[0][1]}


def join(orders: str) -> dict[str, int]:
    """Join the two sides by key and compare."""
    (pairs, equal) = _legs(int(orders)).execute(JOIN).fetchall()[0]
    return {"pairs": pairs, "equal": equal}


JOBS: dict[str, Callable[..., dict[str, int]]] = {
    "simulate": simulate,
    "import": import_,
    "read": read,
    "alipay": alipay,
    "strings": strings,
    "keyed": keyed,
    "join": join,
}

if __name__ == "__main__":
    print(json.dumps(JOBS[sys.argv[1]](*sys.argv[2:])))
