"""The page of open items: what is open, why, and the decisions that close it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from beancount.core.amount import Amount
from flask import request

from beanclear.ledger.explanations import explained_until
from beanclear.ledger.i18n import N_, gettext, translator
from beanclear.ledger.labels import label
from beanclear.ledger.policy_text import advice
from beanclear.ledger.vocabulary import Explain, OpenItem
from beanclear.plugins.fava_beanclear import pages
from beanclear.plugins.fava_beanclear.pages import answers_json, endpoint, language

PAGE_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One open item as a row: its directive, its class in words, and since when it is silent."""

    item: OpenItem
    klass: str
    age: int
    stake: Amount
    advice: str
    explained: datetime.date | None
    lineno: int
    filename: str


class BeanclearItems(pages.Page):
    """Open items by account: filter, sort, choose, decide."""

    title = N_("Open items")
    has_js_module = True
    texts: ClassVar[Mapping[str, str]] = {
        "account": N_("Account"), "class": N_("Class"), "age": N_("Age in days"),
        "amount": N_("Amount"), "stake": N_("At stake"), "references": N_("References"),
        "reason": N_("Reason"), "candidates": N_("Candidates"), "date": N_("Date"),
        "all": N_("all"), "filter": N_("Filter"), "search": N_("Search"),
        "explained": N_("explained until"), "place": N_("File and row"),
        "decide": N_("Decide"), "match": N_("Belong together (match)"),
        "write-off": N_("Give up (write off)"), "classify": N_("Known now (classify)"),
        "explain": N_("Explain until a date"), "by": N_("Who decides"), "why": N_("Why"),
        "to": N_("Account it moves to"), "until": N_("Until"), "preview": N_("Preview"),
        "book": N_("Decide and run"), "chosen": N_("chosen"), "none": N_("Nothing is open."),
        "previous": N_("Previous"), "next": N_("Next"),
        "working": N_("Working…"), "read-only": N_("These books are shown read-only."),
        "keys": N_("Keys: j and k move, x chooses, d decides."),
    }  # fmt: skip

    def lines(self) -> list[Line]:
        """Every open item, largest at stake first."""
        key = ("items", language())
        return self.remembered(key, self._lines)

    def _lines(self) -> list[Line]:
        say = translator(language()).gettext
        until = explained_until(word.entry for word in self.words(Explain))
        found = []
        latest = self.latest()
        for located in self.words(OpenItem):
            item = located.entry
            if item.as_of != latest.get(item.account):
                continue  # the text of closed periods says what was open then
            silent = until.get((item.account, item.key))
            found.append(
                Line(
                    item=item,
                    klass=label(item.klass, say),
                    age=(item.as_of - item.date).days,
                    stake=item.at_stake if not item.amount.number else item.amount,
                    advice=advice(item, say),
                    explained=silent if silent is not None and silent >= item.as_of else None,
                    lineno=int(located.custom.meta["lineno"]),
                    filename=str(located.custom.meta["filename"]),
                )
            )
        found.sort(key=_order)
        return found

    def content(self) -> Mapping[str, Any]:
        """The page's rows after the filters of the address, and what can be filtered by."""
        lines = self.lines()
        account, klass = request.args.get("on", ""), request.args.get("class", "")
        words = request.args.get("find", "").strip().lower()
        chosen = [
            line
            for line in lines
            if account in {"", line.item.account}
            and klass in {"", line.item.klass}
            and (not words or words in _searched(line))
        ]
        first = max(request.args.get("first", 0, type=int), 0)
        return {
            "lines": chosen[first : first + PAGE_ROWS],
            "count": len(chosen),
            "first": first,
            "size": PAGE_ROWS,
            "accounts": sorted({line.item.account for line in lines}),
            "classes": sorted({(line.item.klass, line.klass) for line in lines}),
            "on": account,
            "klass": klass,
            "find": request.args.get("find", ""),
            "references": references,
        }

    @endpoint("decide", "POST")
    @answers_json
    def decide(self) -> dict[str, Any]:
        """Preview a decision, or take it: the command line writes it and derives the books again.

        Raises:
          ValueError: what was sent is no decision, or the items changed meanwhile.
        """
        from beanclear.plugins.fava_beanclear import deciding  # noqa: PLC0415 - Pydantic is heavy

        if not request.is_json:
            raise ValueError(gettext("send JSON"))
        asked = deciding.asked(request.get_json(silent=True))
        answer = self.beanclear("decide", *deciding.arguments(asked))
        if asked.last and not asked.preview:
            self.ledger.changed()
        return {"text": answer["diff"] or answer["text"], "file": answer["file"]}


def references(item: OpenItem) -> list[tuple[str, str]]:
    """What an item can be traced by: (word, number); nothing for a bucket of many lines."""
    named = (
        (gettext("order"), item.order_id),
        (gettext("trade"), item.trade_id),
        (gettext("payout"), item.payout_id),
        (gettext("bank line"), item.bank_ref),
    )
    return [(word, value) for word, value in named if value]


def _order(line: Line) -> tuple[Decimal, datetime.date, str]:
    return -abs(line.stake.number or Decimal()), line.item.date, line.item.key


def _searched(line: Line) -> str:
    item = line.item
    parts = (
        item.key, item.order_id, item.trade_id, item.payout_id, item.bank_ref, item.counterparty,
        item.reason, item.file,
    )  # fmt: skip
    return " ".join(part for part in parts if part).lower()
