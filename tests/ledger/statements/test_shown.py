"""Tables as text, CSV, JSON and HTML."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from beanclear.ledger.statements import shown
from tests.ledger.statements.tables import HOSTILE, TABLE


def test_cells_for_people_have_separators_and_percent() -> None:
    row = TABLE.rows[1]
    assert [shown.cell(row, place, TABLE) for place in range(5)] == [
        HOSTILE,
        "1",
        "1,234.56",
        "0.60%",
        "2026-08-31",
    ]
    assert shown.cell(TABLE.rows[3], 2, TABLE) == "1,500"  # yen have no minor digits
    assert shown.cell(TABLE.rows[0], 2, TABLE) == ""


def test_csv_is_for_machines_and_runs_nothing() -> None:
    lines = shown.as_csv(TABLE).splitlines()
    assert lines[0] == "item,line,amount,rate,day"
    assert lines[2].startswith("\"'=HYPERLINK(")
    assert lines[2].endswith(",1,1234.56,0.006,2026-08-31")
    assert lines[3] == "其中：原材料,2,-0.50,,"  # a negative amount is no formula


def test_json_has_amounts_as_decimal_strings() -> None:
    made = shown.as_json(TABLE)
    assert made["rows"][1]["amount"] == "1234.56"
    assert made["rows"][3] == {
        "style": "line",
        "currency": "JPY",
        "item": "日元",
        "line": 3,
        "amount": "1500",
        "rate": None,
        "day": None,
    }
    assert made["checks"] == {"资产减负债": "0.00"}
    assert made["header"] == {"编制单位": "杭州清账商贸有限公司", "单位": "元"}


def test_what_json_says_becomes_the_same_table_again() -> None:
    again = shown.from_json(json.loads(json.dumps(shown.as_json(TABLE))))
    assert shown.as_json(again) == shown.as_json(TABLE)
    assert [row.cells for row in again.rows] == [row.cells for row in TABLE.rows]
    assert again.checks == TABLE.checks


def test_html_escapes_everything_and_names_its_language() -> None:
    page = shown.as_html([TABLE], "zh")
    assert '<html lang="zh">' in page
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert '<td class="money line">1,234.56</td>' in page
    assert "会小企01表" in page
    assert '<td class="text total first">合计</td>' in page
    assert "default-src 'none'" in page  # and nothing in it could be fetched or run


def test_what_nobody_said_is_left_to_be_filled_in() -> None:
    page = shown.as_html([replace(TABLE, header=(("编制人", ""),))], "zh")
    assert "<span>编制人: ________</span>" in page


def test_a_form_of_two_sides_has_both_totals_on_its_last_line() -> None:
    page = shown.as_html([replace(TABLE, split=4)], "zh")
    *_lines, last = re.findall(r"<tr>(<td.*)</tr>", page)
    assert re.findall(r">([^<]*)</td>", last) == [
        "日元", "3", "1,500", "", "", "不是合计", "5", "0.01", "", "",
    ]  # fmt: skip


def test_html_says_what_each_tie_out_gives() -> None:
    page = shown.as_html([replace(TABLE, checks={"holds": 0, "fails": -1234_56})], "en")
    assert "<li>✓ holds: 0.00</li><li>✗ fails: -1,234.56</li>" in page
