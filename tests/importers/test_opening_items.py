"""opening-items.csv."""

from __future__ import annotations

import pytest

from beanclear.ledger.tables import to_records
from tests.importers.conftest import FIXTURES, Faults, Golden, ReadText

ITEMS = (FIXTURES / "opening_items" / "opening-items.csv").read_text(encoding="utf-8")


def test_golden(golden: Golden) -> None:
    golden("opening_items/opening-items.csv")


def test_two_columns_are_enough(read_text: ReadText) -> None:
    statement = read_text("amount,order_id\n12.00,A-1\n")
    (record,) = to_records(statement.records)
    assert (record.source, record.platform, record.kind_raw, record.amount_minor) == (
        "opening",
        "shop",
        "opening",
        1200,
    )


def test_other_tables_with_these_words_are_not_claimed(faults: Faults) -> None:
    ((code, _row, _message),) = faults("order_id,amount,buyer\nA-1,12.00,x\n")
    assert code == "unknown-format"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (",30.00,", ",-30.00,", ("wrong-sign", 4, "amount: '-30.00' has a sign")),
        (",30.00,", ",,", ("missing-cell", 4, "amount is empty")),
        ("pinduoduo", "ebay", ("unknown-value", 4, "channel: 'ebay' is not known here")),
        ("pinduoduo,CNY", "pinduoduo,USD", ("wrong-currency", 4, "currency: the currency 'USD'")),
        (
            "5116032541422009002",
            "5116032541422009001",
            ("duplicate-id", 3, "the id '5116032541422009001' stands on another row too"),
        ),
        ("2026-06-20", "gestern", ("bad-moment", 2, "date: 'gestern' is no date and time")),
    ],
)
def test_faults(old: str, new: str, expected: tuple[str, int, str], faults: Faults) -> None:
    assert old in ITEMS
    ((code, row, message),) = faults(ITEMS.replace(old, new, 1))
    assert (code, row) == expected[:2]
    assert message.startswith(expected[2])
