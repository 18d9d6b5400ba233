"""A mapping proposed from a file's head: what is sure, and what is said not to be."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from beanclear.importers.files import source_file
from beanclear.importers.registry import read_document
from beanclear.importers.table_proposal import propose
from beanclear.ledger.config import Config
from beanclear.ledger.errors import SourceError
from beanclear.ledger.i18n import LANGUAGES, speaking
from beanclear.ledger.table_mapping import TableMapping
from tests.importers.mapped_examples import EXAMPLES, Example

PAYPAL = (
    "Date,Time,TimeZone,Type,Status,Currency,Gross,Fee,Net,Transaction ID,Reference Txn ID,"
    "Invoice Number,Balance,Balance Impact\n"
    "01/07/2026,09:00:00,PDT,Authorization,Pending,USD,100.00,0.00,100.00,T1,,O-1,0.00,Memo\n"
    "01/07/2026,09:05:00,PDT,Website Payment,Completed,USD,100.00,-3.90,96.10,T2,T1,O-1,96.10,\n"
    "02/07/2026,09:05:00,PDT,Website Payment,Completed,USD,50.00,-2.20,47.80,T3,,O-2,143.90,\n"
)


def proposed(tmp_path: Path, text: str, name: str = "file.csv") -> tuple[str, TableMapping]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    toml = propose(source_file(path))
    (table,) = Config.model_validate(tomllib.loads(toml)).tables
    return toml, table


def test_paypal(tmp_path: Path) -> None:
    toml, table = proposed(tmp_path, PAYPAL, "Download.csv")
    assert (table.name, table.stage, table.fee_sign) == ("download", "wallet", "signed")
    assert table.date_format == "%d/%m/%Y %H:%M:%S"
    assert "# fits as well: %m/%d/%Y %H:%M:%S" in toml
    assert '# the zone is "PDT": set time_zone' in toml
    assert table.leave_out == {"Status": ("Pending",), "Balance Impact": ("Memo",)}
    assert table.columns.time == "Time"
    assert '"Authorization" = "other"  # not known' in toml
    (statement,) = read_document(tmp_path / "Download.csv", config=Config(tables=(table,)))
    assert (statement.closing_minor, statement.opening_minor) == (14390, 0)


def test_a_direction_column(tmp_path: Path) -> None:
    text = (
        "流水单号,记账时间,动账类型,收支类型,收支金额,账户余额,关联订单号\n"
        "C1,2026-07-01 10:00:00,订单支付,收入,100.00,100.00,O-1\n"
        "C2,2026-07-01 10:00:01,技术服务费,支出,1.00,99.00,O-1\n"
        "C3,2026-07-05 10:00:00,提现,支出,69.00,30.00,\n"
        "C4,2026-07-06 10:00:00,提现,收入,69.00,99.00,\n"
        "C5,2026-07-07 10:00:00,别的,冻结,9.00,99.00,\n"
    )
    toml, table = proposed(tmp_path, text)
    assert table.direction == {"收入": "in", "支出": "out"}
    assert '# the direction of "冻结" is not known: add it' in toml
    assert '"提现" = { "in" = "payout_return", "out" = "payout" }' in toml
    assert table.effective_sign == "unsigned"


def test_signed_amounts_beside_a_direction(tmp_path: Path) -> None:
    text = (
        "时间,方向,收支方向,金额,类型\n2026-07-01,x,支出,-5.00,提现\n2026-07-02,x,收入,6.00,货款\n"
    )
    assert proposed(tmp_path, text)[1].sign == "signed"


@pytest.mark.parametrize(
    ("rows", "sign", "sure"),
    [
        ("100.00,3.20,96.80", "reversed", True),
        ("100.00,-3.20,96.80", "signed", True),
        ("100.00,3.20,", "reversed", False),
    ],
)
def test_the_sign_of_a_fee(tmp_path: Path, rows: str, sign: str, sure: bool) -> None:
    text = f"Date,Type,Amount,Fee,Net,Id\n2026-07-01,charge,{rows},1\n"
    toml, table = proposed(tmp_path, text)
    assert table.fee_sign == sign
    assert ("check it\nfee_sign" in toml) is not sure


def test_a_german_bank(tmp_path: Path) -> None:
    text = "Buchungstag;Betrag;Purpose;Counterparty\n13.07.2026;-1.234,50;Miete;Haus\n"
    _toml, table = proposed(tmp_path, text)
    assert (table.date_format, table.decimal, table.stage) == ("%d.%m.%Y", ",", "bank")


def test_orders(tmp_path: Path) -> None:
    text = (
        "订单号,下单时间,付款确认时间,订单状态,应付金额\n"
        "1,2026-07-01 14:41:34,2026-07-01 14:42:00,完成,36.80\n"
        "2,2026-07-01 14:41:34,,奇怪,36.80\n"
    )
    toml, table = proposed(tmp_path, text)
    assert (table.stage, table.columns.amount) == ("order", "应付金额")
    assert '# "奇怪" = "created"  not known' in toml


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: str(one.title[0].split(":")[0]))
def test_what_is_proposed_is_a_mapping_or_says_what_is_missing(
    example: Example, tmp_path: Path
) -> None:
    """Headers of every example are understood as far as TOML that parses, in both languages."""
    path = tmp_path / "file.csv"
    path.write_text(example.text, encoding="utf-8")
    for language in LANGUAGES:
        with speaking(language):
            (table,) = tomllib.loads(propose(source_file(path)))["tables"]
        assert set(table["columns"].values()) <= set(example.text.splitlines()[0].split(","))


def test_text_from_outside_stays_text(tmp_path: Path) -> None:
    text = 'Date,Type,Amount,"No""te\nevil = 1"\n2026-07-01,"a""\n[books]\nx = ""1",5.00,b\n'
    toml, table = proposed(tmp_path, text)
    assert list(tomllib.loads(toml)) == ["tables"]
    assert list(table.kinds) == ['a"\n[books]\nx = "1']


def test_no_table(tmp_path: Path) -> None:
    path = tmp_path / "poem.csv"
    path.write_text("roses,red\nviolets,blue\n", encoding="utf-8")
    with pytest.raises(SourceError, match="no row of the file is the header"):
        propose(source_file(path))
