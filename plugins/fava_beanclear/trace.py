"""The page that answers a customer on the phone: one number or nickname through every stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import request

from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.labels import label
from beanclear.plugins.fava_beanclear import pages


class BeanclearTrace(pages.Page):
    """Find an order, trade, refund, payout or bank line, or a buyer, with file and row."""

    title = N_("Trace")
    texts: ClassVar[Mapping[str, str]] = {
        "find": N_("Order, trade, refund, payout or bank number, or the buyer's nickname"),
        "show": N_("Show"), "stage": N_("Stage"), "date": N_("Date"), "source": N_("Source"),
        "kind": N_("Kind"), "amount": N_("Amount"), "place": N_("File and row"),
        "posted": N_("Posted"), "matched": N_("Matched by"), "difference": N_("Difference"),
        "closed": N_("closed: the difference is zero"), "references": N_("References"),
    }  # fmt: skip

    def content(self) -> Mapping[str, Any]:
        """The chains that the address asks for; none while it asks for nothing."""
        key = request.args.get("key", "").strip()[:200]
        if not key:
            return {"key": "", "chains": []}
        answer = self.remembered(
            ("trace", key), lambda: self.beanclear("trace", "--json", "--", key)
        )
        steps = answer.get("steps", [])
        chains = [
            {
                **chain,
                "words": [
                    f"{label(one['class'], gettext)}: {one['reason']}" for one in chain["open"]
                ],
                "steps": [
                    step
                    for step in steps
                    if (step["clearing_account"], step["key"], step["currency"])
                    == (chain["clearing_account"], chain["key"], chain["currency"])
                ],
            }
            for chain in answer.get("chains", [])
        ]
        return {"key": key, "chains": chains}
