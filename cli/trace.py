"""`beanclear trace KEY`: one order, payout, bank line or buyer through every stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from beanclear.cli import engine, options, output
from beanclear.cli.output import Column
from beanclear.ledger import buyers
from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.labels import label
from beanclear.ledger.money import to_decimal
from beanclear.ledger.posting import explain

if TYPE_CHECKING:
    from beanclear.cli.results import TraceChain, TraceStep
    from beanclear.ledger.reconciliation import Item

_UNKNOWN = 1
# What had to be equal for the pass `key`, by the clearing account's policy.
_RULES = {
    "order": N_("the order number is equal"),
    "payout": N_("the payout number is equal"),
    "line": N_("the line's own number is equal"),
    "conversion": N_("the settlement number is equal"),
}


def command() -> click.Command:
    """Build the command."""

    @click.command()
    @click.argument("key")
    @click.option("--buyer", is_flag=True, help=_("KEY is a buyer's nickname and nothing else."))
    @options.in_books
    @options.with_json
    def trace(
        key: str, *, buyer: bool, folder: str | None, books: str | None, as_json: bool
    ) -> int:
        opened = engine.open_books(options.folder_of(folder, books))
        chains = engine.trace(opened, key, buyer=buyer)
        if as_json:
            output.as_json("trace", _content(key, chains))
        else:
            _show(key, chains)
        if not chains:
            output.error(
                _(
                    "%(key)s: no record has this key: use an order, trade, refund, payout or bank"
                    " number, or a buyer's nickname, as the export has it"
                )
                % {"key": key}
            )
            if buyers.is_masked(key):
                output.error(gettext(buyers.MASKED))
        return 0 if chains else _UNKNOWN

    return trace


def _content(key: str, chains: list[TraceChain]) -> dict[str, Any]:
    return {
        "key": key,
        "chains": [_chain_json(chain) for chain in chains],
        "steps": [_step_json(step) for chain in chains for step in chain.steps],
    }


def _chain_json(chain: TraceChain) -> dict[str, Any]:
    return {
        "clearing_account": chain.clearing_account,
        "key": chain.key,
        "currency": chain.currency,
        "as_of": chain.as_of,
        "state": chain.state,
        "due": chain.due,
        "difference": to_decimal(chain.difference_minor, chain.currency),
        "later": to_decimal(chain.later_minor, chain.currency),
        "matched_by": chain.matched_by,
        "rule": chain.rule,
        "evidence": chain.evidence,
        "open": [
            {
                "class": str(item.klass),
                "amount": to_decimal(item.amount_minor, item.currency),
                "at_stake": to_decimal(item.at_stake_minor, item.currency),
                "reason": _reason(item),
            }
            for item in chain.items
        ],
        "lines": len(chain.steps),
    }


def _step_json(step: TraceStep) -> dict[str, Any]:
    posted = step.posted_minor
    return {
        "stage": str(step.stage),
        "source": step.source,
        "account": step.account,
        "date": step.date,
        "kind": str(step.kind),
        "amount": to_decimal(step.amount_minor, step.currency),
        "currency": step.currency,
        "file": step.file,
        "row": step.row,
        "record_id": step.record_id,
        "clearing_account": step.clearing_account,
        "key": step.key,
        "posted": None if posted is None else to_decimal(posted, step.currency),
        "matched_by": step.matched_by,
        "references": dict(step.references),
    }


def _show(key: str, chains: list[TraceChain]) -> None:
    columns = [
        Column(heading=_("stage")),
        Column(heading=_("date")),
        Column(heading=_("source")),
        Column(heading=_("kind")),
        Column(heading=_("amount"), number=True),
        Column(heading=_("place")),
        Column(heading=_("posted"), number=True),
    ]
    for chain in chains:
        rows = [
            [
                label(step.stage),
                output.day(step.date),
                "/".join(part for part in (step.source, step.account) if part),
                label(step.kind),
                f"{output.money(step.amount_minor, step.currency)} {step.currency}",
                f"{step.file}:{step.row}" if step.file else "",
                "" if step.posted_minor is None else output.money(step.posted_minor, step.currency),
            ]
            for step in chain.steps
        ]
        output.table(_title(key, chain), columns, rows)


def _title(key: str, chain: TraceChain) -> str:
    """What the lines add up to, and why that is so: the outcome before the detail."""
    if chain.clearing_account is None:
        return _("Trace of %(key)s: on no clearing account") % {"key": key}
    return _("Trace of %(key)s: %(account)s, %(group)s, difference %(amount)s: %(outcome)s") % {
        "key": key,
        "account": chain.clearing_account,
        "group": chain.key,
        "amount": f"{output.money(chain.difference_minor, chain.currency)} {chain.currency}",
        "outcome": _outcome(chain),
    }


def _outcome(chain: TraceChain) -> str:
    told = [] if chain.state == "open" else [_state(chain)]
    told += [f"{label(item.klass)}, {_reason(item)}" for item in chain.items]
    if chain.later_minor:
        amount = f"{output.money(chain.later_minor, chain.currency)} {chain.currency}"
        told.append(
            _("%(amount)s more came after %(date)s")
            % {"amount": amount, "date": output.day(chain.as_of)}
        )
    return "; ".join(told)


def _state(chain: TraceChain) -> str:
    if chain.state == "closed":
        rule = _RULES.get(chain.rule or "") if chain.matched_by == "key" else None
        why = chain.evidence or (gettext(rule) if rule else "")
        how = _("matched by %(pass)s") % {"pass": label(chain.matched_by or "key")}
        return f"{how} ({why})" if why else how
    if chain.state == "later":
        return _("not judged yet, all of it lies after the as-of date")
    if chain.due is None:
        return _("in transit")
    return _("in transit, due on %(date)s") % {"date": chain.due.isoformat()}


def _reason(item: Item) -> str:
    """Why an item is open, in the reader's language."""
    return explain.reason(item, gettext)
