"""Private statements are recognised and refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import xlsxwriter

from beanclear.importers.registry import read_document
from beanclear.ledger.errors import SourceError
from tests.importers.conftest import FIXTURES

WHAT = "this is a private person's statement, not a merchant's"
WECHAT = "download 交易账单 and 资金账单 at pay.weixin.qq.com (商户平台, 交易中心 or 账户中心)"
ALIPAY = "download 账务明细 at b.alipay.com (商家平台, 对账中心)"


def refusal(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(SourceError) as caught:
        read_document(path)
    return [(fault.code, str(fault)) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("name", "todo"), [("wechat", WECHAT), ("alipay_old", ALIPAY), ("alipay_app", ALIPAY)]
)
def test_refused(name: str, todo: str) -> None:
    path = FIXTURES / "personal" / f"{name}.csv"
    assert refusal(path) == [("personal-statement", f"{name}.csv: {WHAT}: {todo}")]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_samples(suffix: str, samples: Path) -> None:
    path = samples / "cn" / "wechatpay-personal" / f"deb-sig_wechat-personal.{suffix}"
    assert refusal(path) == [("personal-statement", f"{path.name}: {WHAT}: {WECHAT}")]


def test_sample_of_2026_as_the_workbook_it_was(samples: Path, tmp_path: Path) -> None:
    """The sample is a workbook's cells as JSON; as JSON it is no statement at all."""
    source = samples / "cn" / "wechatpay-personal" / "hengji_wechat-personal-bill.matrix.json"
    book = xlsxwriter.Workbook(str(tmp_path / "wechat.xlsx"))
    sheet = book.add_worksheet()
    for row, cells in enumerate(json.loads(source.read_text(encoding="utf-8"))):
        sheet.write_row(row, 0, cells)
    book.close()
    assert refusal(tmp_path / "wechat.xlsx") == [
        ("personal-statement", f"wechat.xlsx: {WHAT}: {WECHAT}")
    ]
    assert [code for code, _text in refusal(source)] == ["json"]
