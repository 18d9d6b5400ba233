"""Files as platforms write them, and every way in which one can be bad."""

from __future__ import annotations

import functools
import gzip
import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence

import xlsxwriter

HEADER = (
    "账务流水号,业务流水号,商户订单号,发生时间,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,业务类型,备注"
)
LINES = (
    "1001,2001,T200P5116032541422009305,2026-05-01 09:00:00,10.00,0,110.00,交易付款,",
    "1002,2002,T200P5116032541422009306,2026-05-01 09:00:01,5.00,0,115.00,交易付款,",
    "1003,2003,,2026-05-02 09:00:01,0,-1.00,114.00,其它,基础软件服务费",
)
ABOVE = (
    "#支付宝账务明细查询",
    "#账号：[20880512402512820156]",
    "#起始日期：[2026年05月01日 00:00:00]   终止日期：[2026年06月01日 00:00:00]",
    "#-----------账务明细列表-----------",
)
BELOW = (
    "#-----------账务明细列表结束-----------",
    "#支出合计：1笔，共-1.00元",
    "#收入合计：2笔，共15.00元",
    "#导出时间：[2026年06月02日 10:00:00]",
)


def wallet(
    lines: Sequence[str] = LINES,
    *,
    header: str = HEADER,
    above: Sequence[str] = ABOVE,
    below: Sequence[str] = BELOW,
) -> bytes:
    """Alipay's 账务明细; without arguments it is right. The header stands in row 5."""
    return ("\n".join((*above, header, *lines, *below)) + "\n").encode("gb18030")


BANK_HEADER = (
    "账号,账户名称,交易时间,记账日期,借方发生额（支取）,贷方发生额（收入）,余额,币种,"
    "对方户名,对方账号,对方开户机构,摘要,备注,账户明细编号-交易流水号,企业流水号"
)
BANK_LINES = (
    "'32050161000000008826,某公司,20260503 10:00:00,20260503,0,100.00,1100.00,人民币元,"
    "某供应商,'622200,某行,货款,,'1-1,",
    "'32050161000000008826,某公司,20260504 10:00:00,20260504,40.00,0,1060.00,人民币元,"
    "某供应商,'622200,某行,货款,,'1-2,",
)


def bank(*lines: str) -> bytes:
    """A statement of CCB; without arguments it is right."""
    return "\n".join((BANK_HEADER, *(lines or BANK_LINES), "")).encode("gb18030")


def with_cell(column: int, cell: str, row: int = 0) -> bytes:
    """The wallet's statement with another cell; line 0 stands in row 6."""
    changed = [line.split(",") for line in LINES]
    changed[row][column] = cell
    return wallet([",".join(line) for line in changed])


def zipped(members: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def encrypted() -> bytes:
    """The flag is what a reader sees first."""
    data = bytearray(zipped({"wallet.csv": wallet()}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + place
        data[at : at + 2] = struct.pack("<H", 1)
    return bytes(data)


def packed_zeros() -> bytes:
    """48 MiB in 48 KiB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("wallet.csv", bytes(48 * 1024**2))
    return packed.getvalue()


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet("账务明细")
        for row, cells in enumerate(rows):
            sheet.write_row(row, 0, cells)
    return written.getvalue()


def with_entities() -> bytes:
    packed = io.BytesIO(workbook([HEADER.split(",")]))
    with zipfile.ZipFile(packed, "a") as book:
        book.writestr("xl/evil.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    return packed.getvalue()


TRADES_HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注"
)
TRADES_SUMMARY = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)


def trades(total: str = "128.00", currency: str = "CNY") -> bytes:
    """A trade bill of WeChat Pay, which ends in its totals."""
    line = (
        "`2026-07-01 09:15:02,`wx0000000000000001,`1600000001,`0,`,`4200002801202607010000000001,"
        f"`S20260701000001,`oBuyer1,`JSAPI,`SUCCESS,`OTHERS,`{currency},`128.00,`0.00,`茶杯,`,"
        "`0.77000,`0.60%,`128.00,`"
    )
    end = f"`1,`{total},`0.00,`0.00,`0.77,`128.00,`0.00"
    return ("\n".join((TRADES_HEADER, line, TRADES_SUMMARY, end)) + "\n").encode("utf-8-sig")


ORDERS_HEADER = "order_id,ordered_at,paid_at,status,amount,currency,refunded"


def orders(*lines: str) -> bytes:
    return "\n".join((ORDERS_HEADER, *lines, "")).encode()


WECHAT_PERSONAL = (
    "微信支付账单明细,,,,,,,,,,\n微信昵称：[测试],,,,,,,,,,\n"
    "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注\n"
    "2026-07-26 12:45:27,商户消费,某店,午餐,支出,¥28.16,零钱,支付成功,3985734,129847129,/\n"
).encode()
ALIPAY_PERSONAL = (
    "交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,收/付款方式,交易状态,交易订单号,"
    "商家订单号,备注\n2026-07-26 12:45:27,餐饮,某店,a,午餐,支出,28.16,余额,交易成功,1,2,\n"
).encode("gbk")

BUILDERS: dict[str, Callable[[], bytes]] = {
    # archives
    "cut.zip": lambda: zipped({"wallet.csv": wallet()})[:300],
    "cut.csv.gz": lambda: gzip.compress(wallet(), mtime=0)[:-9],
    "bomb.zip": packed_zeros,
    "encrypted.zip": encrypted,
    "nested.zip": lambda: zipped({"inner.zip": zipped({"wallet.csv": wallet()})}),
    "traversal.zip": lambda: zipped({"../../journal/wallet.csv": wallet()}),
    "nothing.zip": lambda: zipped({"readme.txt": b"hello"}),
    "stranger.zip": lambda: zipped({"wallet.csv": wallet(), "photo.jpg": b"\xff\xd8\xff"}),
    # totals and balances
    "count.csv": lambda: wallet(below=(BELOW[0], "#支出合计：2笔，共-1.00元", *BELOW[2:])),
    "sum.csv": lambda: wallet(below=(*BELOW[:2], "#收入合计：2笔，共15.01元", BELOW[3])),
    "summary.csv": lambda: trades("128.01"),
    "chain.csv": lambda: with_cell(6, "116.00", 1),
    # a file that was cut or joined
    "line.csv": lambda: wallet([*LINES[:2], LINES[2][:20]], below=()),
    "mark.csv": lambda: wallet(below=()),
    "mixed.csv": lambda: wallet() + "中文\n".encode() + b"\xff\xff\n",
    "ragged.csv": lambda: wallet([LINES[0], LINES[1] + ",x", LINES[2]]),
    # which format
    "unknown.csv": lambda: b"a,b\n1,2\n",
    "picture.pdf": lambda: b"%PDF-1.7 ...",
    "column.csv": lambda: wallet(header=HEADER.replace("业务流水号", "流水")),
    "empty.csv": lambda: b"",
    "wechat-personal.csv": lambda: WECHAT_PERSONAL,
    "alipay-personal.csv": lambda: ALIPAY_PERSONAL,
    "damaged.xlsx": lambda: workbook([HEADER.split(",")])[:-40],
    "damaged.xls": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "entities.xlsx": with_entities,
    # cells
    "abc.csv": lambda: with_cell(4, "abc"),
    "fine.csv": lambda: with_cell(4, "10.005"),
    "february.csv": lambda: with_cell(3, "2026-02-31 09:00:00"),
    "footer.csv": lambda: wallet(below=(BELOW[0], "#支出合计：1笔，共-1,00.0.0元", *BELOW[2:])),
    "digits.csv": lambda: with_cell(0, "1E+14"),
    "blank.csv": lambda: with_cell(0, ""),
    "sign.csv": lambda: with_cell(4, "-10.00"),
    "million.csv": lambda: with_cell(8, "x" * 1_000_000, 2),
    "id.csv": lambda: wallet([*LINES, LINES[2].replace("-1.00", "-2.00")], below=BELOW[:1]),
    "row.csv": lambda: wallet([*LINES, LINES[2]], below=BELOW[:1]),
    "dollar.csv": lambda: bank(
        *BANK_LINES, BANK_LINES[1].replace("人民币元", "美元").replace("'1-2", "'1-3")
    ),
    "accounts.csv": lambda: bank(BANK_LINES[0], BANK_LINES[1].replace("8826", "8827")),
    "status.csv": lambda: orders("A1,2026-05-01,2026-05-01,flown,10.00,CNY,"),
    "negative.csv": lambda: orders("A1,2026-05-01,2026-05-01,paid,-10.00,CNY,"),
    "early.csv": lambda: orders("A1,2026-05-02,2026-05-01,paid,10.00,CNY,"),
    "refund.csv": lambda: orders("A1,2026-05-01,2026-05-01,paid,10.00,CNY,11.00"),
    "many.csv": lambda: wallet([f"{n},1,,2026-05-01 09:00:00,abc,0,1.00,其它," for n in range(99)]),
}


@functools.cache
def bad(name: str) -> bytes:
    """The file of that name; built once, for archives hold the time of their making."""
    return BUILDERS[name]()
