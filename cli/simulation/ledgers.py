"""A wallet or bank account over time: lines wait in their day and are written in order."""

from __future__ import annotations

from typing import NamedTuple

from beanclear.cli.simulation.clock import DAY


class Line(NamedTuple):
    """A movement; `head` and `tail` are the text around its amounts, by format."""

    moment: int
    sequence: int
    amount: int
    head: str
    tail: str
    reserved: int


class Ledger:
    """Movements of one account by day.

    Attributes:
      balance: after the last day taken.
      reserved: refunds that are to come; payouts leave that much in the account.
    """

    def __init__(self, days: int, opening: int) -> None:
        self.days = days
        self.opening = opening
        self.balance = opening
        self.reserved = 0
        self.written = 0
        self._waiting: dict[int, list[Line]] = {}
        self._sequence = 0

    def add(self, moment: int, amount: int, head: str, tail: str, *, reserve: bool = False) -> bool:
        """Schedule a movement; whether it lies within the simulation."""
        day = moment // DAY
        if day >= self.days:
            return False
        self._sequence += 1
        reserved = -amount if reserve else 0
        self.reserved += reserved
        line = Line(moment, self._sequence, amount, head, tail, reserved)
        self._waiting.setdefault(day, []).append(line)
        return True

    def take(self, day: int) -> list[Line]:
        """The day's movements in order of time; the balance moves on."""
        lines = sorted(self._waiting.pop(day, ()))
        for line in lines:
            self.balance += line.amount
            self.reserved -= line.reserved
        self.written += len(lines)
        return lines


def yuan(fen: int) -> str:
    """`-12345` fen as `-123.45`."""
    if fen < 0:
        return f"-{-fen // 100}.{-fen % 100:02}"
    return f"{fen // 100}.{fen % 100:02}"
