"""`truth.json`: what a right reconciliation of a simulated shop must find, and nothing else.

Signs are those of the books: `amount` is what an item leaves on its clearing account, debit
positive. All money is in fen until it is written as text.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beanclear.cli.simulation.options import Options
from beanclear.ledger.money import format_minor

CURRENCY = "CNY"
SCHEMA = "beanclear.truth"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTruth:
    """An item that must be open.

    Attributes:
      account: the clearing account.
      klass: its class, `class` in JSON.
      date: its event: the claim (completion, own shop: payment) where money is missing, else
        the wallet's or the bank's line.
      amount_minor: what it leaves on the account, debit positive.
      at_stake_minor: what is in question, never negative.
      fault: which fault made it; finer than the class.
      count: lines in a bucket.
    """

    account: str
    klass: str
    date: datetime.date
    amount_minor: int
    at_stake_minor: int
    fault: str
    order_id: str | None = None
    payout_id: str | None = None
    bank_ref: str | None = None
    count: int | None = None
    currency: str = CURRENCY

    def to_json(self) -> dict[str, Any]:
        """As `truth.json` has it."""
        found: dict[str, Any] = {
            "account": self.account,
            "class": self.klass,
            "date": self.date.isoformat(),
            "amount": format_minor(self.amount_minor, self.currency),
            "at_stake": format_minor(self.at_stake_minor, self.currency),
            "currency": self.currency,
            "order_id": self.order_id,
            "payout_id": self.payout_id,
            "bank_ref": self.bank_ref,
            "fault": self.fault,
        }
        if self.count is not None:
            found["count"] = self.count
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutTruth:
    """A payout of a wallet; `id` is none on Pinduoduo, which gives none."""

    id: str | None
    date: datetime.date
    amount_minor: int

    def to_json(self) -> str | dict[str, str]:
        """The id, or date and amount where there is none."""
        if self.id is not None:
            return self.id
        amount = format_minor(self.amount_minor, CURRENCY)
        return {"date": self.date.isoformat(), "amount": amount}


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchTruth:
    """Payouts and the bank lines they arrived as: 1:1, batched or split; or that came back.

    Attributes:
      evidence: what shows that they belong together: `id` in the bank's text, `amount`, `pair`
        (equal amounts of which each finds one), `run` or `subset` (their sum), `return`.
      returned: what came back to the wallet of these payouts.
      currency: of all amounts.
    """

    account: str
    payouts: tuple[PayoutTruth, ...]
    deposits: tuple[str, ...] = ()
    evidence: str
    returned: tuple[PayoutTruth, ...] = ()
    currency: str = CURRENCY

    def to_json(self) -> dict[str, Any]:
        """As `truth.json` has it."""
        found: dict[str, Any] = {
            "account": self.account,
            "payouts": [payout.to_json() for payout in self.payouts],
            "deposits": list(self.deposits),
            "evidence": self.evidence,
            "currency": self.currency,
        }
        if self.returned:
            found["returned"] = [payout.to_json() for payout in self.returned]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTruth:
    """Something that is booked and still looks wrong: it must be warned of.

    Attributes:
      check: the name of the check that must find it.
      account: the receivable, wallet or bank account it concerns.
      day: of a week's figure its Monday; else none.
    """

    check: str
    account: str
    order_id: str | None = None
    bank_ref: str | None = None
    day: datetime.date | None = None

    def to_json(self) -> dict[str, Any]:
        """As `truth.json` has it."""
        return {
            "check": self.check,
            "account": self.account,
            "order_id": self.order_id,
            "bank_ref": self.bank_ref,
            "date": self.day.isoformat() if self.day else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Everything that must come out.

    Attributes:
      options: what was simulated.
      as_of: last complete day by `source/account/stage`, of the sources whose files fix it:
        they declare a period, or end with a row made for it on the last day.
      open_items: sorted by account, class, date and key.
      matches: every payout that arrived, with its bank lines.
      returns: every payout that came back, with the line that says so.
      risks: what must be warned of; there may be more by chance (weeks far from the others).
      lines: account → order → its wallet lines as (day, fen); none for very many orders.
      balances: closing balance of each wallet and bank account, its last line included, in the
        smallest unit; a name may end with a currency that is not the books' own.
      counts: orders by shop, lines by source, faults by name.
    """

    options: Options
    as_of: dict[str, datetime.date]
    open_items: tuple[OpenTruth, ...]
    matches: tuple[MatchTruth, ...]
    balances: dict[str, int]
    counts: dict[str, int]
    returns: tuple[MatchTruth, ...] = ()
    risks: tuple[RiskTruth, ...] = ()
    lines: dict[str, dict[str, list[tuple[datetime.date, int]]]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The object of `truth.json`, schema `beanclear.truth` version 1."""
        options = dataclasses.asdict(self.options)
        options["first_day"] = self.options.first_day.isoformat()
        options["rates"] = dict(self.options.rates)
        return {
            "schema": SCHEMA,
            "version": 1,
            "options": options,
            "as_of": {key: day.isoformat() for key, day in sorted(self.as_of.items())},
            "open_items": [item.to_json() for item in self.open_items],
            "matches": [match.to_json() for match in self.matches],
            "returns": [match.to_json() for match in self.returns],
            "risks": [risk.to_json() for risk in self.risks],
            "lines": {
                account: {
                    order: [f"{day.isoformat()} {format_minor(fen, CURRENCY)}" for day, fen in own]
                    for order, own in sorted(orders.items())
                }
                for account, orders in sorted(self.lines.items())
            },
            "balances": {
                account: format_minor(minor, CURRENCY)
                for account, minor in sorted(self.balances.items())
            },
            "counts": dict(sorted(self.counts.items())),
        }

    def write(self, path: Path) -> None:
        """Write `truth.json`."""
        text = json.dumps(self.to_json(), ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")
