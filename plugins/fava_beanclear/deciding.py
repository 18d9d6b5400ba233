"""What the page of open items sends when somebody decides, as the command line takes it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from beancount.core.amount import Amount
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from beanclear.ledger import decisions
from beanclear.ledger.errors import UsageError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.vocabulary import Decision, Match, OpenItem


class Decided(BaseModel):
    """What the page asks to be decided; the command line checks the rest."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    action: Literal["match", "write-off", "classify", "explain"]
    account: str = Field(pattern=r"^[A-Z][\w-]*(:[^\s:]+)+$", max_length=200)
    keys: list[str] = Field(min_length=1, max_length=200)
    by: str = ""  # who the server's user is; no page says it
    reason: str = Field(default="", max_length=500)
    to: str = Field(default="", max_length=200)
    until: datetime.date | None = None
    preview: bool = False
    last: bool = True  # of several decisions only the last derives the books again


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What the loaded books say that a decision must fit.

    Attributes:
      account_of: finds the account that a name or code means.
      clearing: the clearing accounts among them.
      closed: the day each closed account was closed.
      closed_to: the last day of the last closed period.
      decided: the decisions that move money.
    """

    account_of: Callable[[str], str]
    clearing: Collection[str]
    closed: Mapping[str, datetime.date]
    closed_to: datetime.date | None
    decided: Sequence[Decision]


def asked(content: Any, by: str) -> Decided:  # noqa: ANN401 - JSON
    """What was sent, checked; `by` is who decides.

    Raises:
      ValueError: it is no decision, or says who decides; the text names the field.
    """
    if isinstance(content, dict) and "by" in content:
        raise ValueError(_("by: the desk decides in the name of the one who serves it"))
    try:
        return Decided.model_validate(content).model_copy(update={"by": by})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{first['loc'][0] if first['loc'] else ''}: {first['msg']}") from None


def previewed(
    asked: Decided,
    items: Sequence[OpenItem],
    books: Chart,
) -> list[Decision]:
    """What would be written, of the books as they are loaded; nothing is.

    Raises:
      UsageError: as the command line would refuse it.
    """
    chosen = [
        decisions.find_item(items, asked.account, key, books.decided)
        for key in dict.fromkeys(asked.keys)
    ]
    if asked.to:
        asked = asked.model_copy(update={"to": books.account_of(asked.to)})
    made: list[Decision]
    if asked.action == "match":
        author = _author(asked, chosen, books.closed_to)
        made = [decisions.match(chosen, author, to=asked.to or None)]
    else:
        made = [_decision(asked, item, _author(asked, [item], books.closed_to)) for item in chosen]
    for decision in made:
        decisions.refuse_target(decision, books.clearing, books.closed)
    return made


def _author(
    asked: Decided, items: Sequence[OpenItem], closed_to: datetime.date | None
) -> decisions.Author:
    day = decisions.decision_date(None, decisions.usual_date(items), closed_to)
    return decisions.Author(by=decisions.author_of(asked.by), date=day, reason=asked.reason or None)


def _decision(asked: Decided, item: OpenItem, author: decisions.Author) -> Decision:
    if asked.action == "explain":
        if asked.until is None:
            raise UsageError(_("no day is named until which it is explained"), _("choose a day"))
        return decisions.explain(item, author, until=asked.until)
    if not asked.to:
        raise UsageError(_("no account is named that it moves to"), _("choose one of the list"))
    make = decisions.write_off if asked.action == "write-off" else decisions.classify
    return make(item, author, to=asked.to)


def postings(decision: Decision) -> list[tuple[str, str, Amount]]:
    """What the clearing plugin will post: (account, key, amount), debits first.

    A match takes each item off the account; what is left over is all that leaves it.
    """
    moved = [(account, "", value) for account, value in decisions.movements(decision)]
    if isinstance(decision, Match):
        items = json.loads(decision.items)
        moved = [
            *((decision.account, key, Amount(-Decimal(text), decision.currency))
              for key, text in items.items()),
            *(line for line in moved if line[0] != decision.account),
        ]  # fmt: skip
    return sorted(moved, key=lambda line: -(line[2].number or 0))


def arguments(asked: Decided) -> list[str]:
    """The command line that takes a decision; values that look like options are bound to theirs."""
    words = [asked.action, f"--account={asked.account}", f"--by={asked.by}"]
    if asked.reason:
        words.append(f"--reason={asked.reason}")
    if asked.to:
        words.append(f"--to={asked.to}")
    if asked.until is not None:
        words.append(f"--until={asked.until.isoformat()}")
    if not asked.last:
        words.append("--no-run")
    return [*words, "--json", "--", *asked.keys]
