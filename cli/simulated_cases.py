"""What can be simulated at a rate of one's own; the names stand in `beanclear simulate --help`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from beanclear.ledger.i18n import gettext as _

# What can be given a rate of its own, in thousandths: of the orders, …
ORDER_CASES: Final = (
    "overdue", "missing-order", "duplicate", "short", "over", "refund-too-much", "refund-not-paid",
    "refund-no-order", "fee-variance", "fee-cap", "refund-above", "before-payment", "late",
    "freight",
)  # fmt: skip
# … of the payouts, …
PAYOUT_CASES: Final = (
    "batch", "split", "run", "subset", "returned", "cancelled", "pair", "payout-fee",
    "missing-deposit", "unidentified", "ambiguous",
)  # fmt: skip
# … of the bank's other lines, and weeks in which something is unusual (any rate above 0: one).
OTHER_CASES: Final = ("repeated-line", "refund-week", "fee-week")
CASES: Final = (*ORDER_CASES, *PAYOUT_CASES, *OTHER_CASES)
# Batches and payments in parts are ordinary business: so many of a thousand payouts without a word.
USUAL: Final = {"batch": 120, "split": 120}
# What one of `all=N` is for a case: there are far fewer payouts and bank lines than orders.
_TIMES: Final = {
    **dict.fromkeys(ORDER_CASES, 1),
    **dict.fromkeys((*PAYOUT_CASES, *OTHER_CASES), 20),
    "freight": 20,
}


def rates_of(texts: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Rates from `NAME=PERMILLE`; `all=N` is every case, those of few lines twenty times as often.

    Raises:
      ValueError: when one is not of that form.
    """
    found: dict[str, int] = {}
    for text in texts:
        name, mark, number = text.partition("=")
        if not mark or not number.isdecimal():
            raise ValueError(_("rate: %(text)r is not NAME=PERMILLE") % {"text": text})
        if name == "all":
            found = {case: min(int(number) * _TIMES[case], 1000) for case in CASES} | found
        else:
            found[name] = int(number)
    return tuple(sorted(found.items()))
