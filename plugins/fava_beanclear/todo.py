"""What a person can do about an open item at the desk, by class.

`beanclear.ledger.policy_text` says it with the commands to type; here a button stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from beanclear.ledger.chart import OPENING
from beanclear.ledger.i18n import N_
from beanclear.ledger.vocabulary import ItemClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """A sentence (msgid), the decision that is nearest, and the account it would move to."""

    words: str
    action: str
    to: str = ""


TODO: Final[Mapping[str, Todo]] = {
    ItemClass.OPENING: Todo(
        words=N_("Import older orders or opening-items.csv, or classify it as opening balance."),
        action="classify",
        to=OPENING,
    ),
    ItemClass.AMBIGUOUS: Todo(
        words=N_("Several fit equally: say which of them belongs to it."), action="match"
    ),
    ItemClass.DUPLICATE: Todo(
        words=N_("Find where the second payment goes back, or classify it."), action="explain"
    ),
    ItemClass.REFUND_MISMATCH: Todo(
        words=N_("Import the latest order export, or write the rest off."), action="write-off"
    ),
    ItemClass.FEE_VARIANCE: Todo(
        words=N_("Ask the platform to correct the fee, and explain it until then."),
        action="explain",
    ),
    ItemClass.ADVANCE: Todo(
        words=N_("Import the latest order export, or say what becomes of the money and explain it"
                 " until then."),
        action="explain",
    ),
    ItemClass.CONTRADICTION: Todo(
        words=N_("Find out which export is right, and take the other one out."), action="explain"
    ),
    ItemClass.SHORT: Todo(
        words=N_("Claim the rest from the platform, or write it off."), action="write-off"
    ),
    ItemClass.OVER: Todo(words=N_("Find what was paid too much, and classify it."),
                         action="classify"),
    ItemClass.OVERDUE: Todo(
        words=N_("Import the wallet statement that pays it, or explain the delay."),
        action="explain",
    ),
    ItemClass.MISSING_ORDER: Todo(
        words=N_("Import the order export that holds it, or classify it."), action="classify"
    ),
    ItemClass.MISSING_DEPOSIT: Todo(
        words=N_("Import the bank statement that receives it, or ask the platform and explain it."),
        action="explain",
    ),
    ItemClass.MISSING_CONVERSION: Todo(
        words=N_("Import the statement of the account in the other currency, or classify it."),
        action="classify",
    ),
    ItemClass.UNIDENTIFIED: Todo(
        words=N_("Import the wallet statement that pays it out, or classify it."),
        action="classify",
    ),
    ItemClass.UNCATEGORISED: Todo(
        words=N_("Classify it; a rule in beanclear.toml books the next ones like it."),
        action="classify",
    ),
}  # fmt: skip
OTHER: Final = Todo(words=N_("Classify it."), action="classify")
