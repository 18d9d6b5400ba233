"""Open items and clearing accounts as JSON, CSV and tables: the same for every command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from beanclear.cli import output
from beanclear.cli.output import Column
from beanclear.ledger.beancount_text import minor
from beanclear.ledger.explanations import Explanations
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.i18n import ngettext
from beanclear.ledger.labels import label
from beanclear.ledger.money import to_decimal
from beanclear.ledger.policy_text import advice
from beanclear.ledger.reconciliation import Matched
from beanclear.ledger.statements.ages import age_days
from beanclear.ledger.vocabulary import OpenItem

if TYPE_CHECKING:
    from beancount.core.amount import Amount

    from beanclear.cli.pipeline import AccountState


def account_json(state: AccountState) -> dict[str, Any]:
    """One clearing account as DESIGN §8 has it; `awaiting` where a side was never imported."""
    content: dict[str, Any] = {
        "account": state.account,
        "as_of": state.as_of,
        "balance": to_decimal(state.balance_minor, state.currency),
        "currency": state.currency,
        "in_transit": {
            "amount": to_decimal(state.in_transit_minor, state.currency),
            "count": state.in_transit_count,
        },
        "open": {
            "amount": to_decimal(state.open_minor, state.currency),
            "count": state.open_count,
        },
    }
    if state.awaiting:
        content["awaiting"] = state.awaiting
    return content


def passes_json(matched: Sequence[Matched], currency: str) -> list[dict[str, Any]]:
    """What each pass closed."""
    return [
        {
            "pass": one.name,
            "count": one.count,
            "amount": to_decimal(one.amount_minor, currency),
        }
        for one in matched
    ]


def item_json(item: OpenItem, explained: Explanations | None = None) -> dict[str, Any]:
    """One open item as DESIGN §8 has it, and what `decide` needs and did.

    `key` names it to `decide`, `count` says how many lines it holds, and `explained_until` to
    which day it is explained.
    """
    return {
        "account": item.account,
        "class": str(item.klass),
        "amount": _number(item.amount),
        "at_stake": _number(item.at_stake),
        "currency": item.amount.currency,
        "date": item.date,
        "due": item.due,
        "age_days": age_days(item),
        "order_id": item.order_id,
        "payout_id": item.payout_id,
        "trade_id": item.trade_id,
        "bank_ref": item.bank_ref,
        "counterparty": item.counterparty,
        "file": item.file,
        "row": item.row,
        "reason": item.reason,
        "candidates": (item.candidates or "").split(),
        "key": item.key,
        "count": item.count or 1,
        "explained_until": explained.until(item) if explained else None,
    }


def unexplained(items: Sequence[OpenItem], explained: Explanations) -> list[OpenItem]:
    """The items that make the books unreconciled: nobody explained them, or not so long."""
    return [item for item in items if explained.until(item) is None]


def items_csv(items: Sequence[OpenItem], explained: Explanations) -> None:
    """All items as CSV, with the columns of the JSON."""
    rows = [item_json(item, explained) for item in items]
    for row in rows:
        row["candidates"] = " ".join(row["candidates"])
    names = list(rows[0]) if rows else _HEADINGS
    output.as_csv(names, ([row[name] for name in names] for row in rows))


_HEADINGS = [
    "account", "class", "amount", "at_stake", "currency", "date", "due", "age_days", "order_id",
    "payout_id", "trade_id", "bank_ref", "counterparty", "file", "row", "reason", "candidates",
    "key", "count", "explained_until",
]  # fmt: skip


def _number(value: Amount) -> Decimal:
    return to_decimal(minor(value), value.currency)


def accounts_table(states: Sequence[AccountState]) -> None:
    """The clearing accounts: what stands on each, and what explains it."""
    columns = [
        Column(heading=_("clearing account")),
        Column(heading=_("as of")),
        Column(heading=_("balance"), number=True),
        Column(heading=_("in transit"), number=True),
        Column(heading=_("open"), number=True),
        Column(heading=_("matched"), number=True),
    ]
    rows = [
        [
            state.account,
            output.day(state.as_of),
            _sum(state.balance_minor, state.currency),
            _sum(state.in_transit_minor, state.currency, state.in_transit_count),
            _sum(state.open_minor, state.currency, state.open_count),
            f"{state.matched_count:,}",
        ]
        for state in states
    ]
    if rows:
        output.table(_("Clearing accounts"), columns, rows)


def _sum(value_minor: int, currency: str, count: int | None = None) -> str:
    text = f"{output.money(value_minor, currency)} {currency}"
    return text if count is None else f"{text} ({count:,})"


def items_table(
    items: Sequence[OpenItem], limit: int | None = None, explained: Explanations | None = None
) -> None:
    """The open items, those with most at stake first; at most `limit` of them.

    Currencies stand beside the amounts where there are several, and how long an item is
    explained where one is.
    """
    if not items:
        return
    until = {
        (item.account, item.key): explained.until(item) if explained else None for item in items
    }
    several = len({item.amount.currency for item in items}) > 1
    columns = [
        Column(heading=_("class")),
        Column(heading=_("clearing account")),
        Column(heading=_("key")),
        Column(heading=_("date")),
        Column(heading=_("amount"), number=True),
        Column(heading=_("at stake"), number=True),
        Column(heading=_("days"), number=True),
        Column(heading=_("reason")),
        *([Column(heading=_("explained until"))] if any(until.values()) else []),
    ]
    chosen = sorted(items, key=lambda item: (-abs(minor(item.at_stake)), item.account, item.key))
    rows = [
        [
            label(item.klass),
            item.account,
            item.key,
            item.date.isoformat(),
            _amount(item.amount, several=several),
            _amount(item.at_stake, several=several),
            str(age_days(item)),
            item.reason,
            *([output.day(until[item.account, item.key])] if any(until.values()) else []),
        ]
        for item in chosen[:limit]
    ]
    output.table(_("Open items: %(classes)s") % {"classes": by_class(items)}, columns, rows)
    hidden = len(items) - len(rows)
    if hidden:
        output.note(
            ngettext(
                "%(count)d more: `beanclear open-items` lists all",
                "%(count)d more: `beanclear open-items` lists all",
                hidden,
            )
            % {"count": hidden}
        )


def _amount(value: Amount, *, several: bool) -> str:
    if several:
        return _sum(minor(value), value.currency)
    return output.money(minor(value), value.currency)


def tell_explained(items: Sequence[OpenItem], explained: Explanations) -> None:
    """Say how many of them need nothing now."""
    count = len(items) - len(unexplained(items, explained))
    if count:
        output.note(_("%(count)d of them are explained for now.") % {"count": count})


def advise(items: Sequence[OpenItem]) -> None:
    """Say what to do, once per class, for the item with most at stake."""
    first: dict[str, OpenItem] = {}
    for item in sorted(items, key=lambda item: (-abs(minor(item.at_stake)), item.key)):
        first.setdefault(str(item.klass), item)
    output.bullets(
        _("What to do, class by class:"),
        [f"{label(klass)}: {advice(item, _)}" for klass, item in sorted(first.items())],
    )


def by_class(items: Sequence[OpenItem]) -> str:
    """`overdue 3, short 1`."""
    counts = Counter(str(item.klass) for item in items)
    return _(", ").join(f"{label(klass)} {count}" for klass, count in counts.most_common())
