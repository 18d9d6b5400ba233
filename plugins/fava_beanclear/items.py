"""The page of open items: what is open, why, and the decisions that close it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Final

from beancount.core.amount import Amount
from flask import request, url_for

from beanclear.ledger import decisions, people
from beanclear.ledger.explanations import Explanations
from beanclear.ledger.i18n import N_, gettext, translator
from beanclear.ledger.labels import label
from beanclear.ledger.vocabulary import Classify, Close, Explain, Match, OpenItem, WriteOff
from beanclear.plugins.fava_beanclear import pages
from beanclear.plugins.fava_beanclear.pages import answers_json, endpoint, language
from beanclear.plugins.fava_beanclear.todo import OTHER, TODO, Todo

PAGE_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One open item as a row.

    Attributes:
      item: its directive.
      account, klass: the names of its account and class in the reader's language.
      age: days from its event to the as-of date.
      stake: what it leaves on the account; what is in question when it leaves nothing.
      todo, advice: what can be done about it, and how the reader's language says so.
      explained: until when it is silent; none when it is not.
    """

    item: OpenItem
    account: str
    klass: str
    age: int
    stake: Amount
    todo: Todo
    advice: str
    explained: datetime.date | None

    @property
    def size(self) -> Decimal:
        """How much is at stake, whatever its sign."""
        return abs(self.stake.number or Decimal())


# Name in the address → by what rows are sorted.
_ORDERS: Final[Mapping[str, Callable[[Line], Any]]] = {
    "date": lambda line: line.item.date,
    "age": lambda line: line.age,
    "account": lambda line: (line.account, line.item.account),
    "class": lambda line: line.klass,
    "stake": lambda line: line.size,
}
_FALLING: Final = ("age", "stake")  # which are sorted from the largest when first chosen
_FILTERS: Final = ("on", "class", "state", "find", "by", "down", "first")


class BeanclearItems(pages.Page):
    """Open items by account: filter, sort, choose, decide."""

    title = N_("Open items")
    has_js_module = True
    texts: ClassVar[Mapping[str, str]] = {
        "account": N_("Account"), "class": N_("Class"), "age": N_("Age in days"),
        "amount": N_("Amount"), "stake": N_("At stake"), "references": N_("References"),
        "reason": N_("Reason"), "candidates": N_("Candidates"), "date": N_("Date"),
        "all": N_("all"), "filter": N_("Filter"), "search": N_("Search"),
        "explained": N_("explained until"), "state": N_("State"),
        "is-unexplained": N_("unexplained"), "is-explained": N_("explained"),
        "decide": N_("Decide"), "match": N_("Belong together (match)"),
        "write-off": N_("Give up (write off)"), "classify": N_("Known now (classify)"),
        "explain": N_("Explain until a date"), "by": N_("Who decides"),
        "nobody": N_("nobody is named: beanclear serve --by NAME"), "why": N_("Why"),
        "to": N_("Account it moves to"), "until": N_("Until"), "preview": N_("Preview"),
        "book": N_("Decide and run"), "chosen": N_("chosen"), "none": N_("Nothing is open."),
        "no-such": N_("Nothing open is like that."), "together": N_("Together"),
        "not-open": N_("not open itself"), "every": N_("Choose all of this page"),
        "entry": N_("The entry it implies"), "debit": N_("Debit"), "credit": N_("Credit"),
        "no-entry": N_("It moves no money: the item only fails no check until that day."),
        "previous": N_("Previous"), "next": N_("Next"), "back": N_("Back"),
        "working": N_("Working…"), "read-only": N_("These books are shown read-only."),
        "keys": N_("Keys"), "key-move": N_("next, previous row"), "key-choose": N_("choose it"),
        "key-all": N_("choose all"), "key-decide": N_("decide about it, or about all chosen"),
        "key-trace": N_("trace it"), "key-help": N_("these keys"),
    }  # fmt: skip

    def lines(self) -> list[Line]:
        """Every open item, largest at stake first."""
        return self.remembered(("items", language()), self._lines)

    def _lines(self) -> list[Line]:
        say = translator(language()).gettext
        explained = Explanations(word.entry for word in self.words(Explain))
        latest, names = self.latest(), self.account_names()
        found = []
        for item in (located.entry for located in self.words(OpenItem)):
            if item.as_of != latest.get(item.account):
                continue  # the text of closed periods says what was open then
            todo = TODO.get(item.klass, OTHER)
            found.append(
                Line(
                    item=item,
                    account=names.get(item.account, item.account),
                    klass=label(item.klass, say),
                    age=(item.as_of - item.date).days,
                    stake=item.at_stake if not item.amount.number else item.amount,
                    todo=todo,
                    advice=say(todo.words),
                    explained=explained.until(item),
                )
            )
        found.sort(key=lambda line: (-line.size, line.item.date, line.item.key))
        return found

    def content(self) -> Mapping[str, Any]:
        """The page's rows after the filters of the address, and what can be filtered by."""
        lines = self.lines()
        given = {name: request.args.get(name, "").strip() for name in _FILTERS}
        found = _chosen(lines, given)
        order = _ORDERS.get(given["by"])
        if order is not None:
            found = sorted(found, key=order, reverse=given["down"] == "1")
        first = max(int(given["first"]), 0) if given["first"].isdecimal() else 0
        return {
            "lines": found[first : first + PAGE_ROWS],
            "any": bool(lines),
            "count": len(found),
            "first": first,
            "size": PAGE_ROWS,
            "accounts": sorted({(line.account, line.item.account) for line in lines}),
            "classes": sorted({(line.klass, line.item.klass) for line in lines}),
            "given": given,
            "address": lambda **changes: _address(given, changes),
            "falling": _FALLING,
            "references": references,
            "candidates": self._candidates,
            "names": self.account_names(),
            "decider": people.decider(self.root),
        }

    def _candidates(self, line: Line) -> list[tuple[str, Line | None]]:
        """The keys that fit an item equally well, each with the open item it is."""
        by_key = self.remembered(
            ("items by key", language()),
            lambda: {(one.item.account, one.item.key): one for one in self.lines()},
        )
        keys = (line.item.candidates or "").split()
        return [(key, by_key.get((line.item.account, key))) for key in keys]

    def _account_of(self, text: str) -> str:
        """The account that a name or code means, open or of the usual chart.

        Raises:
          UsageError: no account is called so.
        """
        from beanclear.ledger import config, naming  # noqa: PLC0415 - only who decides needs it

        standard = config.load(self.root / "beanclear.toml").books.standard
        return naming.resolve(text, self.general_ledger().accounts, standard)

    @endpoint("decide", "POST")
    @answers_json
    def decide(self) -> dict[str, Any]:
        """Preview a decision, or take it: the command line writes it and derives the books again.

        Raises:
          UsageError, ValueError: what was sent is no decision, or the items changed meanwhile.
        """
        from beanclear.plugins.fava_beanclear import deciding  # noqa: PLC0415 - Pydantic is heavy

        if not request.is_json:
            raise ValueError(gettext("send JSON"))
        asked = deciding.asked(request.get_json(silent=True), self.decider())
        # Also before it is taken: what cannot be needs no computation to be refused.
        made = deciding.previewed(
            asked,
            [line.item for line in self.lines()],
            deciding.Chart(
                account_of=self._account_of,
                clearing=[
                    one.account
                    for one in self.ledger.all_entries_by_type.Open
                    if "clearing" in one.meta
                ],
                closed={one.account: one.date for one in self.ledger.all_entries_by_type.Close},
                closed_to=max((one.entry.date for one in self.words(Close)), default=None),
                decided=[
                    one.entry for cls in (WriteOff, Classify, Match) for one in self.words(cls)
                ],
            ),
        )
        if not asked.preview:
            self.beanclear("decide", *deciding.arguments(asked))
            if asked.last:
                self.ledger.changed()
        names = self.account_names()
        return {
            "text": "\n".join(decisions.preview(decision) for decision in made),
            "postings": [
                {
                    "name": f"{names.get(account, account)} {key}".strip(),
                    "amount": f"{moved.number}",
                    "currency": moved.currency,
                }
                for decision in made
                for account, key, moved in deciding.postings(decision)
            ],
        }


def references(item: OpenItem) -> list[tuple[str, str]]:
    """What an item can be traced by: (word, number); nothing for a bucket of many lines."""
    named = (
        (gettext("order"), item.order_id),
        (gettext("trade"), item.trade_id),
        (gettext("payout"), item.payout_id),
        (gettext("bank line"), item.bank_ref),
    )
    return [(word, value) for word, value in named if value]


def _chosen(lines: Sequence[Line], given: Mapping[str, str]) -> list[Line]:
    account, klass, state = given["on"], given["class"], given["state"]
    words = given["find"].lower()
    return [
        line
        for line in lines
        if account in {"", line.item.account}
        and klass in {"", line.item.klass}
        and (not state or (state == "explained") == (line.explained is not None))
        and (not words or words in _searched(line))
    ]


def _address(given: Mapping[str, str], changes: Mapping[str, object]) -> str:
    """The page with other filters; those that are empty are left out."""
    wanted = {**given, **changes}
    left: dict[str, Any] = {name: str(value) for name, value in wanted.items() if value}
    return url_for("extension_report", extension_name="BeanclearItems", **left)


def _searched(line: Line) -> str:
    item = line.item
    parts = (
        item.key, item.order_id, item.trade_id, item.payout_id, item.bank_ref, item.counterparty,
        item.reason, item.file, line.account, f"{line.stake.number}",
    )  # fmt: skip
    return " ".join(part for part in parts if part).lower()
