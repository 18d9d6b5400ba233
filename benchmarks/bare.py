"""The peer of a whole run: decode and read each file once, join orders with wallet money.

    python -m benchmarks.bare FOLDER

What a script does that somebody writes for these files alone, and for speed alone: it knows every
layout by file name, reads only the columns it joins, in two processes, and groups and joins them
in DuckDB. It checks no total, keeps nothing, recognises nothing, and writes no books.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import zipfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
from python_calamine import CalamineWorkbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where order and money stand in the files whose names begin with `name`.

    Attributes:
      side: `order`, `wallet`, or `` for what is read and takes no part in the join.
      skip: lines above the header.
      order: the column with the order's id.
      amounts: columns whose sum is what the buyer paid, or what the line brought in.
    """

    name: str
    side: str
    order: str
    amounts: tuple[str, ...]
    encoding: str = "gb18030"
    skip: int = 0


LAYOUTS = (
    Layout(name="ExportOrderList", side="order", order="订单编号", amounts=("买家实际支付金额",)),
    Layout(name="宝贝明细", side="", order="主订单编号", amounts=("买家实付金额", "退款金额")),
    Layout(name="orders_export", side="order", order="订单号", amounts=("商家实收金额(元)",)),
    Layout(
        name="orders-", side="order", order="order_id", amounts=("amount", "shipping"),
        encoding="utf-8",
    ),
    Layout(
        name="20880512402512820156", side="wallet", order="业务基础订单号",
        amounts=("收入金额（+元）",), skip=4,
    ),
    Layout(
        name="微信账户账单", side="wallet", order="主订单id", amounts=("收入金额(元)",)
    ),
    Layout(
        name="拼多多账务明细", side="wallet", order="商户订单号",
        amounts=("收入金额（+元）",), skip=4,
    ),
    Layout(
        name="1618203915All", side="", order="商户订单号", amounts=("应结订单金额", "退款金额"),
        encoding="utf-8",
    ),
    Layout(
        name="1618203915fundflow", side="wallet", order="业务凭证号", amounts=("收支金额(元)",),
        encoding="utf-8",
    ),
    Layout(name="A01", side="", order="账户明细编号-交易流水号", amounts=("余额",)),
)  # fmt: skip


def members(path: Path) -> list[bytes]:
    """The content of a file, or of what is packed in it."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            # Its second member is a summary by kind.
            return [archive.read(archive.namelist()[0])]
    data = path.read_bytes()
    return [gzip.decompress(data) if path.suffix == ".gz" else data]


def _workbook(data: bytes, columns: Iterable[str]) -> pa.Table:
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        head, *rows = book.get_sheet_by_index(0).to_python()
    places = [head.index(name) for name in columns]
    return pa.table(
        [pa.array([str(row[place]) for row in rows]) for place in places], names=list(columns)
    )


def _text(data: bytes, layout: Layout, columns: Iterable[str]) -> pa.Table:
    names = list(columns)
    return pyarrow.csv.read_csv(
        io.BytesIO(data),
        read_options=pyarrow.csv.ReadOptions(
            encoding=layout.encoding, skip_rows=layout.skip, block_size=8 << 20
        ),
        parse_options=pyarrow.csv.ParseOptions(invalid_row_handler=lambda _row: "skip"),
        convert_options=pyarrow.csv.ConvertOptions(
            include_columns=names, column_types=dict.fromkeys(names, pa.string())
        ),
    )


def read(text: str) -> tuple[str, int, list[pa.Table]]:
    """The side of the file at `text`, the bytes in it, and its columns: order, amounts."""
    path = Path(text)
    layout = next(each for each in LAYOUTS if path.name.startswith(each.name))
    columns = (layout.order, *layout.amounts)
    tables, size = [], 0
    for data in members(path):
        size += len(data)
        workbook = path.suffix == ".xlsx"
        found = _workbook(data, columns) if workbook else _text(data, layout, columns)
        names = ["order", *(f"amount{place}" for place in range(len(layout.amounts)))]
        tables.append(found.rename_columns(names))
    return layout.side, size, tables


def _side(con: duckdb.DuckDBPyConnection, side: str, tables: Iterable[pa.Table]) -> None:
    """One table of a side, with the order's bare id and whole fen."""
    parts = []
    for number, table in enumerate(tables):
        con.register(f"{side}{number}", table)
        terms = [
            f"coalesce(CAST(TRY_CAST(trim({name}, '`') AS DECIMAL(18, 2)) * 100 AS BIGINT), 0)"
            for name in table.column_names[1:]
        ]
        parts.append(
            f'SELECT trim("order", \'="`\' || chr(9)) AS id, {" + ".join(terms)} AS minor'
            f" FROM {side}{number}"
        )
    # An order stands in several exports, and the last one counts; wallet lines add up.
    minor = "any_value(minor)" if side == "order" else "CAST(sum(minor) AS BIGINT)"
    con.execute(
        f"CREATE TEMP TABLE {side}s AS SELECT id, {minor} AS minor, count(*) AS lines"
        f" FROM ({' UNION ALL '.join(parts)}) GROUP BY id"
    )


def joined(folder: str) -> dict[str, int]:
    """Read and join everything in `folder`."""
    # The largest first, so that both processes end together.
    paths = sorted(
        (path for path in Path(folder).rglob("*") if path.is_file()),
        key=lambda path: path.stat().st_size * (8 if path.suffix in {".zip", ".gz"} else 1),
        reverse=True,
    )
    sides: dict[str, list[pa.Table]] = {"order": [], "wallet": [], "": []}
    size = rows = 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for side, length, tables in pool.map(read, map(str, paths)):
            sides[side] += tables
            size += length
            rows += sum(table.num_rows for table in tables)
    with duckdb.connect() as con:
        for side in ("order", "wallet"):
            _side(con, side, sides[side])
        found = con.execute(
            "SELECT count(*), count(o.id), count(w.id), count(o.id = w.id),"
            " CAST(sum(CASE WHEN o.minor = w.minor THEN 1 ELSE 0 END) AS BIGINT)"
            " FROM orders o FULL JOIN wallets w ON w.id = o.id"
        ).fetchall()
    _all, orders, settled, both, equal = found[0]
    return {
        "bytes": size, "rows": rows, "orders": orders, "settled": settled, "both": both,
        "equal": equal,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(joined(sys.argv[1])))
