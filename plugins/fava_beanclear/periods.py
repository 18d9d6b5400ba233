"""The page of periods: what must be so before a month is closed, and closing it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar

from flask import request

from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.periods import Period, parse
from beanclear.ledger.statements.ledgers import months
from beanclear.ledger.vocabulary import Close, Explain, OpenItem, StatementEntry
from beanclear.plugins.fava_beanclear import pages
from beanclear.plugins.fava_beanclear.pages import answers_json, endpoint


class BeanclearPeriods(pages.Page):
    """Months with their checklist; the next one can be closed here."""

    title = N_("Periods")
    has_js_module = True
    texts: ClassVar[Mapping[str, str]] = {
        "month": N_("Month"), "state": N_("State"), "closed": N_("closed by"),
        "open": N_("not closed"), "sources": N_("Sources complete to the month's end"),
        "judged": N_("Accounts judged to the month's end"),
        "items": N_("Unexplained items up to then"), "errors": N_("Errors of the books"),
        "close": N_("Close"), "by": N_("Who decides"), "why": N_("Why"),
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
        closed_to = max((entry.date for entry in closes.values()), default=datetime.date.min)
        rows = [self._row(first, last, closes, closed_to) for first, last in months(span)]
        pending = [row["name"] for row in rows if not row["is_closed"]]
        return {
            "rows": rows[::-1],
            "next": pending[0] if pending else None,
            "errors": len(self.ledger.errors),
        }

    def _row(
        self,
        first: datetime.date,
        last: datetime.date,
        closes: Mapping[str, Close],
        closed_to: datetime.date,
    ) -> dict[str, Any]:
        name = f"{first:%Y-%m}"
        reach: dict[str, datetime.date] = {}
        for statement in (located.entry for located in self.words(StatementEntry)):
            known = reach.get(statement.source, datetime.date.min)
            reach[statement.source] = max(known, statement.last)
        judged = self.latest()
        explained = {
            (word.entry.account, word.entry.key): word.entry.until for word in self.words(Explain)
        }
        unexplained = [
            located.entry
            for located in self.words(OpenItem)
            if located.entry.date <= last
            and located.entry.as_of == judged.get(located.entry.account)
            and explained.get((located.entry.account, located.entry.key), datetime.date.min)
            < located.entry.as_of
        ]
        word = closes.get(name)
        return {
            "name": name,
            "is_closed": last <= closed_to,
            "by": word.by if word is not None else "",
            "behind": sorted(source for source, day in reach.items() if day < last),
            "sources": len(reach),
            "unjudged": sorted(account for account, day in judged.items() if day < last),
            "accounts": len(judged),
            "items": len(unexplained),
        }

    @endpoint("close", "POST")
    @answers_json
    def close(self) -> dict[str, Any]:
        """Close the month that is asked for; the command line checks and freezes it.

        Raises:
          ValueError: what was sent names no month or nobody.
        """
        asked = request.get_json(silent=True) if request.is_json else None
        if not isinstance(asked, dict):
            raise ValueError(gettext("send JSON"))
        period, by, reason = (
            str(asked.get(name, "")).strip() for name in ("period", "by", "reason")
        )
        if not by:
            raise ValueError(gettext("nobody is named who decides"))
        words = [f"--by={by}", f"--reason={reason}"] if reason else [f"--by={by}"]
        answer = self.beanclear("close", *words, "--json", parse(period).name)
        self.ledger.changed()
        return {"period": answer["period"], "changed": answer["changed"]}
