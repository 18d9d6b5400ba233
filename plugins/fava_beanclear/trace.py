"""The page that answers a customer on the phone: one number or nickname through every stage."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final

from flask import request

from beanclear.ledger import buyers
from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.labels import label
from beanclear.plugins.fava_beanclear import pages
from beanclear.plugins.fava_beanclear.asking import CommandError, PendingError
from beanclear.plugins.fava_beanclear.pages import answers_json, endpoint, language

_LONGEST: Final = 200  # characters of a key
_SOURCES: Final[Mapping[str, str]] = {
    "taobao": N_("Tmall"), "taobao-wechat": N_("Tmall WeChat account"), "alipay": N_("Alipay"),
    "wechatpay": N_("WeChat Pay"), "pinduoduo": N_("Pinduoduo"), "shop": N_("Own shop"),
    "icbc": N_("ICBC"), "ccb": N_("CCB"), "cmbc": N_("CMBC"), "pingan": N_("Ping An Bank"),
}  # fmt: skip
_REFERENCES: Final[Mapping[str, str]] = {
    "order_id": N_("order"), "parent_order_id": N_("parent order"), "trade_id": N_("trade"),
    "refund_id": N_("refund"), "settlement_id": N_("settlement"), "payout_id": N_("payout"),
    "bank_ref": N_("bank line"), "waybill_id": N_("waybill"), "evidence": N_("evidence"),
}  # fmt: skip


class BeanclearTrace(pages.Page):
    """Find an order, trade, refund, payout or bank line, or a buyer, with file and row."""

    title = N_("Trace")
    has_js_module = True
    texts: ClassVar[Mapping[str, str]] = {
        "find": N_("Order, trade, refund, payout or bank number, or the buyer's nickname"),
        "show": N_("Show"), "stage": N_("Stage"), "date": N_("Date"), "source": N_("Source"),
        "kind": N_("Kind"), "amount": N_("Amount"), "place": N_("File and row"),
        "posted": N_("Posted"), "references": N_("References"), "total": N_("Difference"),
        "nowhere": N_("On no clearing account"), "decide": N_("Open items"),
    }  # fmt: skip

    def content(self) -> Mapping[str, Any]:
        """The chains that the address asks for; none while it asks for nothing."""
        key = self._asked()
        made: dict[str, Any] = {"key": key, "chains": []}
        try:
            if not self.nothing_else_runs(self._key(key)):
                raise PendingError  # it may be making the index, which only one can
            # Asked for nothing, it makes the index of the records ready for the first question.
            answer = self.later(self._key(key), "trace", "--json", "--", key)
        except PendingError:
            if key:
                made["pending"] = gettext(
                    "The records are being searched; after a run the first search takes longer, "
                    "because their index is made anew…"
                )
            return made
        except CommandError as error:
            return made | {"problem": str(error) if key else None}
        if not key:
            return made
        steps = iter(answer["steps"])
        # Each chain is followed by its own lines, also those that stand on no account.
        made["chains"] = [
            self._chain(chain, [next(steps) for _line in range(chain["lines"])])
            for chain in answer["chains"]
        ]
        if not made["chains"]:
            made["problem"] = gettext("No record has the number or nickname %(key)s.") % {
                "key": key
            }
            if buyers.is_masked(key):
                made["problem"] += " " + gettext(buyers.MASKED)
        made["names"] = self.account_names()
        return made

    def _asked(self) -> str:
        return request.args.get("key", "").strip()[:_LONGEST]

    def _key(self, key: str) -> tuple[str, ...]:
        return "trace", key, language()

    @endpoint("ready", "GET")
    @answers_json
    def ready(self) -> dict[str, bool]:
        """Whether the search is done; a page that waits asks this."""
        key = self._key(self._asked())
        return {"ready": self.is_answered(key) and self.nothing_else_runs(key)}

    def _chain(self, chain: Mapping[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "account": chain["clearing_account"],
            "key": chain["key"],
            "currency": chain["currency"],
            "difference": Decimal(chain["difference"]),
            "outcome": _outcome(chain),
            "state": chain["state"],
            "steps": [_step(step) for step in steps],
        }


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    source = gettext(_SOURCES[step["source"]]) if step["source"] in _SOURCES else step["source"]
    account = step["account"] if step["account"] not in {"", "main"} else ""
    return {
        **step,
        "stage": label(step["stage"]),
        "kind": label(step["kind"]),
        "source": " ".join(part for part in (source, account) if part),
        "amount": Decimal(step["amount"]),
        "posted": None if step["posted"] is None else Decimal(step["posted"]),
        "references": [
            (gettext(_REFERENCES.get(name, name)), value, name != "evidence")
            for name, value in (step["references"] or {}).items()
        ],
    }


def _outcome(chain: Mapping[str, Any]) -> list[str]:
    """What became of a chain, in sentences."""
    told = []
    match chain["state"]:
        case "closed":
            told.append(
                gettext("closed: the difference is zero, matched by %(pass)s")
                % {"pass": label(chain["matched_by"] or "key")}
            )
        case "transit" if chain["due"]:
            due = datetime.date.fromisoformat(chain["due"])
            told.append(gettext("in transit, due on %(date)s") % {"date": due})
        case "transit":
            told.append(gettext("in transit"))
        case "later":
            told.append(gettext("not judged yet, all of it lies after the as-of date"))
    told += [f"{label(one['class'])}: {one['reason']}" for one in chain["open"]]
    if Decimal(chain["later"]):
        told.append(
            gettext("%(amount)s more came after %(date)s")
            % {"amount": f"{chain['later']} {chain['currency']}", "date": chain["as_of"]}
        )
    return told
