"""The way from a file to records: beangulp's commands, big files, balances, overlapping files."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from beancount.core import data
from beancount.parser import parser
from beangulp import identify

from beanclear.importers import chain
from beanclear.importers.alipay import AlipayLedger
from beanclear.importers.files import source_file
from beanclear.importers.frame import Frame, Layout
from beanclear.importers.sheet import heads, read_sheet
from beanclear.importers.taobao import TaobaoOrders
from beanclear.importers.text import edged_column, moments_in, normal_header
from beanclear.ledger.beancount_text import clean
from beanclear.ledger.errors import SourceError
from beanclear.ledger.statement import Grade, Statement

FIXTURES = Path(__file__).parent / "fixtures"
LEDGER = FIXTURES / "alipay" / "ledger_16.csv"
Read = Callable[..., list[Statement]]


def test_the_real_samples(read: Read, sample: Callable[[str], Path]) -> None:
    (one,) = read(sample("cn/alipay/inline_frankford824_alipay_账务明细_1row.xlsx"))
    assert (one.importer, one.account, one.rows_used) == ("alipay-ledger", "2088051240251282", 1)
    assert one.records.column("order_id").to_pylist() == ["5116032541422009305"]
    assert (one.declared_first, one.declared_last) == (
        datetime.date(2026, 5, 1),
        datetime.date(2026, 5, 31),
    )
    (empty,) = read(sample("cn/alipay/shopex-oms_alipay_fund-bill_header-template.xlsx"))
    assert (empty.account, empty.rows_read, empty.faults) == ("2088601123030457", 0, ())


def test_the_masked_sample_is_contradicted_by_its_balance(
    read: Read, sample: Callable[[str], Path]
) -> None:
    (one,) = read(sample("cn/alipay/hengji_alipay-fund-flow_GB18030_40rows.csv"))
    assert (one.importer, one.rows_used, one.faults) == ("alipay-web", 40, ())
    # Its publisher drew the numbers at random, so the balance cannot follow.
    assert (one.chained, one.grade) == (False, Grade.CONTRADICTED)


def test_beangulp_identifies_and_extracts() -> None:
    importer = AlipayLedger()
    assert identify.identify([importer, TaobaoOrders()], str(LEDGER)) is importer
    assert importer.account(str(LEDGER)) == "Assets:Wallet:Alipay:1282"
    assert importer.date(str(LEDGER)) == datetime.date(2026, 5, 31)
    assert importer.filename(str(LEDGER)) == "alipay-ledger.ledger_16.csv"
    entries = importer.extract(str(LEDGER), [])
    transactions = [entry for entry in entries if isinstance(entry, data.Transaction)]
    assert len(transactions) == 19
    first = transactions[0]
    assert [str(posting.units) for posting in first.postings] == ["100.00 CNY", "-100.00 CNY"]
    assert first.postings[1].account == "Assets:Receivable:Tmall"
    assert first.meta["record_id"] == "1570757242119000000"
    balance = entries[-1]
    assert isinstance(balance, data.Balance)
    assert (balance.date, str(balance.amount)) == (datetime.date(2026, 6, 1), "1096.53 CNY")


def test_known_records_are_marked_by_their_id_only() -> None:
    importer = AlipayLedger()
    existing = importer.extract(str(LEDGER), [])[:2]
    found = importer.extract(str(LEDGER), existing)
    importer.deduplicate(found, existing)
    marked = [entry.meta["record_id"] for entry in found if "__duplicate__" in entry.meta]
    assert marked == ["1570757242119000000", "1570757242119000001"]


def test_days_and_lines_that_run_booked_are_marked(tmp_path: Path) -> None:
    importer = AlipayLedger()
    books = tmp_path / "books.beancount"
    books.write_text(
        """
2026-05-02 * "Alipay" "Wallet movements of the day"
  source: "alipay/2088051240251282"
  records: 3
  Assets:Wallet:Alipay:1282   1.00 CNY
  Assets:Receivable:Tmall    -1.00 CNY

2026-06-01 * "late" "of another day, for one that is closed"
  source: "alipay/2088051240251282"
  event-date: 2026-05-04
  records: 1
  Assets:Wallet:Alipay:1282   1.00 CNY
  Assets:Receivable:Tmall    -1.00 CNY
""",
        encoding="utf-8",
    )
    existing, errors, _options = parser.parse_file(str(books))
    assert errors == []
    found = importer.extract(str(LEDGER), existing)
    importer.deduplicate(found, existing)
    marked = {entry.date for entry in found if "__duplicate__" in entry.meta}
    lines = {entry.date for entry in found if isinstance(entry, data.Transaction)}
    assert marked == lines & {datetime.date(2026, 5, 2), datetime.date(2026, 5, 4)}
    assert marked


def test_orders_give_no_entries_and_contradicted_files_are_refused(tmp_path: Path) -> None:
    orders = FIXTURES / "taobao" / "ExportOrderList202605020031.csv"
    assert TaobaoOrders().extract(str(orders), []) == []
    wrong = tmp_path / "a.csv"
    wrong.write_bytes(
        LEDGER.read_bytes().replace("共239.13元".encode("gbk"), "共1元".encode("gbk"))
    )
    with pytest.raises(SourceError, match="totals or running balance"):
        AlipayLedger().extract(str(wrong), [])


def test_a_file_beyond_beangulps_limit_is_read(read: Read, tmp_path: Path) -> None:
    text = LEDGER.read_text(encoding="gb18030").split("\n")
    lines = [
        f"{1_000_000_000 + n},2026,T200P51160325414{n:08},杯子,2026-05-01 09:00:00,buyer,0.01,0.00,"
        f"{n / 100:.2f},支付宝,交易付款,{'订单收款' * 10},0010001|交易收款-交易收款,天猫,,"
        for n in range(1, 60_001)
    ]
    path = tmp_path / "big.csv"
    path.write_text(
        "\n".join([*text[:3], text[4].strip(), *lines, "#导出时间"]), encoding="gb18030"
    )
    assert path.stat().st_size > identify.FILE_TOO_LARGE_THRESHOLD  # beangulp's walk skips it
    (one,) = read(path)
    assert (one.rows_used, one.grade) == (60_000, Grade.PROVEN)
    assert one.records.column("row").to_pylist()[-1] == 60_004


def _balances(*lines: tuple[int, int, int]) -> chain.Proof:
    """Prove lines of (second, amount, balance)."""
    return chain.prove(
        pa.table(
            {
                "occurred_at": pa.array(
                    [line[0] * 1_000_000 for line in lines], pa.timestamp("us")
                ),
                "amount_minor": pa.array([line[1] for line in lines], pa.int64()),
                "balance_minor": pa.array([line[2] for line in lines], pa.int64()),
            }
        )
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([(1, 5, 15), (2, -3, 12)], (True, 10, 12)),
        ([(2, -3, 12), (1, 5, 15)], (True, 10, 12)),
        ([(1, 5, 15), (2, 1, 13), (2, -3, 12)], (True, 10, 13)),
        ([(1, 5, 15), (1, 1, 13), (1, -3, 12)], (True, 10, 13)),
        ([(1, 5, 15), (2, 2, 15), (2, -2, 13)], (True, 10, 15)),
        ([(1, 5, 15), (2, -3, 11)], (False, 10, 11)),
        ([(1, 5, 15), (2, 1, 99), (2, -3, 98)], (False, 10, 98)),
        ([(1, 5, 15)], (None, 10, 15)),
    ],
)
def test_balances_chain_in_any_order_within_a_second(
    lines: list[tuple[int, int, int]], expected: tuple[bool | None, int, int]
) -> None:
    proof = _balances(*lines)
    assert (proof.chained, proof.opening_minor, proof.closing_minor) == expected


def test_hashed_ids_survive_splitting_by_day(read: Read, tmp_path: Path) -> None:
    header = "入账时间,支付流水号,淘宝订单编号,入账类型,收入金额（元）,支出金额,业务描述,备注\n"
    days = [
        f"2026-05-0{day} 10:00:00,{day}{n},511603254142200930{n},交易收款,1.00,,收款,\n"
        for day in (1, 2)
        for n in (1, 2)
    ]
    found = []
    for name, lines in {"all": days, "one": days[:2], "two": days[2:]}.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(header + "".join(lines), encoding="gbk")
        found.append(read(path)[0].records.column("record_id").to_pylist())
    assert found[0] == found[1] + found[2]


def test_a_header_that_stands_twice_and_a_blank_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("说明\n帐号 ,（元）,,帐号\n1,2,3,4\n\n合计,2,,\n#完\n", encoding="gbk")
    file = source_file(path)
    (head,) = heads(file)
    row = head.header_row({"账号", "(元)"})
    assert row == 1
    (sheet,) = read_sheet(file, head, row, layout=Layout(frame=Frame(above="说明", below="#完")))
    assert sheet.headers == ("账号", "(元)", "column 3", "账号#2")
    assert sheet.table.column("row").to_pylist() == [3]
    assert sheet.totals == ((5, ("合计", "2", "", "")),)
    assert sheet.footer == ((6, ("#完",)),)
    assert sheet.preamble == ((1, ("说明",)),)
    assert (sheet.rows_kept, sheet.rows_lost, sheet.faults) == (1, 0, ())
    (strict,) = read_sheet(file, head, row)
    assert [(found.code, found.row) for found in strict.faults] == [
        ("stray-line", 1),
        ("cut-line", 6),
    ]


def test_text_is_cleaned_as_the_ledger_does() -> None:
    texts = ["a\x00b\u202ec", "<b>x</b>", " 普通 ", "tab\tin"]
    assert edged_column(pa.chunked_array([texts])).to_pylist() == [clean(text) for text in texts]


def test_headers_and_dates_of_frames() -> None:
    assert normal_header(" 帐务 流水号\t（＋元）") == "账务流水号(+元)"
    assert moments_in("查询起始日期：2026-05-24 00:00:00查询终止日期：2026年2月31日") == [
        datetime.datetime(2026, 5, 24)
    ]
