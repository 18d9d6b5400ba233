"""Cases from public reports in which the books were always right."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cases.conftest import Case

HEADER = "order_id,ordered_at,paid_at,shipped_at,completed_at,status,amount\n"


def test_an_order_of_nothing_claims_nothing(case: Case) -> None:
    """frappe/ecommerce_integrations #162: an order of 0.00 (a gift) stops the import."""
    case.put(
        "orders.csv",
        HEADER
        + "A-1,2026-07-01 10:00:00,2026-07-01 10:01:00,2026-07-02 09:00:00,,shipped,0.00\n"
        + "A-2,2026-07-01 11:00:00,2026-07-01 11:01:00,2026-07-02 09:00:00,,shipped,100.00\n",
    )
    assert case.run() == 0
    assert case.total("Assets:Receivable") == Decimal("100.00")
