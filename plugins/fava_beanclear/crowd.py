"""Fava's own pages stay usable when thousands of items are open on one account.

Fava shows an account with everything that names it, on one page. Of an account with very many
open items it gets the largest, and a note that says where all of them are. Our own pages, and
`bean-check`, see every one.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any, Final, cast

from beancount.core.data import Custom, Directive, Note, new_metadata
from fava.core import FavaLedger

from beanclear.ledger.i18n import language_of_locale, translator
from beanclear.ledger.vocabulary import OpenItem

MOST: Final = 200


def thin(ledger: FavaLedger) -> None:
    """Leave `MOST` open items of each account among the entries that Fava's own pages show."""
    items: dict[str, list[Custom]] = defaultdict(list)
    entries = cast("list[Directive]", ledger.all_entries)
    for entry in entries:
        if isinstance(entry, Custom) and entry.type == OpenItem.word and entry.values:
            items[str(entry.values[0].value)].append(entry)
    crowded = {account: found for account, found in items.items() if len(found) > MOST}
    if not crowded:
        return
    chosen = ledger.fava_options.language
    zh = chosen.startswith("zh") if chosen else language_of_locale() == "zh"
    _ = translator("zh" if zh else "en").gettext
    left_out: set[int] = set()
    notes: list[Directive] = []
    for account, found in sorted(crowded.items()):
        found.sort(key=_rank, reverse=True)
        left_out.update(id(entry) for entry in found[MOST:])
        words = _("%(count)d more open items: the page of open items shows all") % {
            "count": len(found) - MOST
        }
        meta = new_metadata("<beanclear>", 0)
        notes.append(Note(meta, max(one.date for one in found), account, words, None, None))
    kept = [entry for entry in entries if id(entry) not in left_out]
    ledger.all_entries = cast("Any", sorted([*kept, *notes], key=lambda entry: entry.date))


def _rank(entry: Custom) -> tuple[Any, ...]:
    """The newest state first, in it what is largest; items that are not as we write them last."""
    as_of, stake = entry.meta.get("as-of"), entry.meta.get("at-stake")
    size = abs(getattr(stake, "number", None) or Decimal())
    return (str(as_of or ""), size, str(entry.meta.get("key")))
