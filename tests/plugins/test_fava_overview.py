"""The first page of the desk, asked through Flask's test client."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from fava.application import create_app

from beanclear.ledger.beancount_text import amount
from beanclear.ledger.vocabulary import Reconciled, texts

DAY = datetime.date(2026, 8, 31)
HEAD = """
option "title" "Shop"
option "operating_currency" "CNY"
1970-01-01 custom "fava-extension" "beanclear.plugins.fava_beanclear"
1970-01-01 custom "fava-option" "language" "en"
1970-01-01 open Assets:Receivable:Tmall
1970-01-01 open Assets:Receivable:Globe
"""


def matched(account: str, currency: str, count: int) -> Reconciled:
    return Reconciled(
        date=DAY, account=account, amount=amount(0, currency), matched=count,
        matched_amount=amount(100 * count, currency),
    )  # fmt: skip


def test_the_last_row_counts_what_its_amounts_add_up(tmp_path: Path) -> None:
    """Amounts of the books' currency alone can be added, so only their items are counted."""
    main = tmp_path / "main.beancount"
    said = [
        matched("Assets:Receivable:Globe", "USD", 90),
        matched("Assets:Receivable:Tmall", "CNY", 10),
    ]
    main.write_text(HEAD + texts(said), encoding="utf-8")
    page = create_app([main], load=True).test_client().get("/shop/extension/BeanclearOverview/")
    text = re.sub(r"<[^>]*>|\s+", " ", page.get_data(as_text=True))
    assert re.search(r"100\.00 % *100 / 100", text)  # the fact above counts all
    total = text[text.rindex("Total", 0, text.index("In brackets")) :]
    assert re.search(r"10\.00 +\(10\)", total)
