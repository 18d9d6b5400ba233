"""The page of periods: what must be so before a month is closed, and closing it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import request

from beanclear.ledger import people
from beanclear.ledger.explanations import Explanations
from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.labels import label
from beanclear.ledger.periods import Period, months, parse
from beanclear.ledger.vocabulary import Close, Explain, OpenItem, StatementEntry
from beanclear.plugins.fava_beanclear import pages
from beanclear.plugins.fava_beanclear.pages import answers_json, endpoint

_NEVER = datetime.date.min


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the checklist of every month is read from."""

    names: Mapping[str, str]  # source or account → what the reader calls it
    closes: Mapping[str, Close]  # by period
    reach: Mapping[str, datetime.date]  # source → the last day of its statements
    judged: Mapping[str, datetime.date]  # clearing account → its as-of date
    due: Sequence[OpenItem]


def _row(
    first: datetime.date, last: datetime.date, closed_to: datetime.date, known: _Known
) -> dict[str, Any]:
    name = f"{first:%Y-%m}"
    word = known.closes.get(name)
    return {
        "name": name,
        "is_closed": last <= closed_to,
        "by": word.by if word is not None else "",
        "on": word.date if word is not None else "",
        "why": (word.reason or "") if word is not None else "",
        "behind": sorted(known.names[source] for source, day in known.reach.items() if day < last),
        "sources": len(known.reach),
        "unjudged": sorted(
            known.names.get(account, account) for account, day in known.judged.items() if day < last
        ),
        "accounts": len(known.judged),
        "items": sum(item.date <= last for item in known.due),
    }


class BeanclearPeriods(pages.Page):
    """Months with their checklist; the next one can be closed here."""

    title = N_("Periods")
    has_js_module = True
    texts: ClassVar[Mapping[str, str]] = {
        "month": N_("Month"), "state": N_("State"), "closed": N_("closed by"),
        "open": N_("not closed"), "sources": N_("Sources complete to the month's end"),
        "judged": N_("Accounts judged to the month's end"),
        "items": N_("Unexplained items up to then"), "errors": N_("Errors of the books"),
        "close": N_("Close"), "by": N_("Who decides"),
        "nobody": N_("nobody is named: beanclear serve --by NAME"), "why": N_("Why"),
        "confirm": N_(
            "Close this month for good? What is found later is booked on the next open day."
        ),
        "working": N_("Working…"), "none": N_("The books hold no entries yet."),
        "read-only": N_("These books are shown read-only."),
    }  # fmt: skip

    def content(self) -> Mapping[str, Any]:
        """A row for each month from the first entry to the last, newest first."""
        entries = self.general_ledger().entries
        if not entries:
            return {"rows": [], "next": None, "errors": 0}
        span = Period(name="", first=entries[0].day.replace(day=1), last=entries[-1].day)
        closes = {located.entry.period: located.entry for located in self.words(Close)}
        closed_to = max((entry.date for entry in closes.values()), default=_NEVER)
        reach: dict[str, datetime.date] = {}
        names = dict(self.account_names())
        for statement in (located.entry for located in self.words(StatementEntry)):
            source, account = statement.source, statement.account
            reach[source] = max(statement.last, reach.get(source, _NEVER))
            names[source] = f"{names.get(account, account)} {label(source.rpartition('/')[2])}"
        known = _Known(
            names=names, closes=closes, reach=reach, judged=self.latest(), due=self._due()
        )
        rows = [_row(first, last, closed_to, known) for first, last in months(span)]
        pending = [row["name"] for row in rows if not row["is_closed"]]
        return {
            "rows": rows[::-1],
            "next": pending[0] if pending else None,
            "errors": len(self.ledger.errors),
            "decider": people.decider(self.root),
        }

    def _due(self) -> list[OpenItem]:
        """What stands open now and nobody explained."""
        latest = self.latest()
        explained = Explanations(word.entry for word in self.words(Explain))
        return [
            item
            for item in (located.entry for located in self.words(OpenItem))
            if item.as_of == latest.get(item.account) and explained.until(item) is None
        ]

    @endpoint("close", "POST")
    @answers_json
    def close(self) -> dict[str, Any]:
        """Close the month that is asked for; the command line checks and freezes it.

        Raises:
          UsageError: what was sent names no month, or nobody is named who decides.
          ValueError: it is no JSON.
        """
        asked = request.get_json(silent=True) if request.is_json else None
        if not isinstance(asked, dict):
            raise ValueError(gettext("send JSON"))
        period, reason = (str(asked.get(name, "")).strip() for name in ("period", "reason"))
        words = [f"--by={self.decider()}", *([f"--reason={reason}"] if reason else [])]
        answer = self.beanclear("close", *words, "--json", parse(period).name)
        self.ledger.changed()
        return {"period": answer["period"], "changed": answer["changed"]}
