"""One cell: what becomes of the books when a file of a layout was handled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from beanclear.ledger.errors import SourceError
from beanclear.ledger.records import Stage
from tests.handling.catalogue import Beside, Files, Handled, Handling, Why
from tests.handling.layouts import Layout
from tests.handling.outcome import (
    Desk,
    Made,
    Outcome,
    judge,
    judge_together,
    reads_like,
    statements_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What came out, or why the handling does not apply; `shown` is what shows it."""

    answer: Outcome | Why
    shown: str = ""


class Tried:
    """A layout while handlings are tried on it. The books of the untouched file are made once."""

    def __init__(self, layout: Layout, folder: Path | None = None) -> None:
        """Books are made below `folder`, where they are made at all."""
        self.layout = layout
        self.export = layout.export
        self.config = layout.config
        self._folder = folder
        self._desk: Desk | None = None
        self._base: Made | None = None
        untouched = statements_of([(self.export.name, self.export.raw)], self.config)
        self._untouched = None if untouched is None else untouched[0]

    def handled(self, handling: Handling) -> Handled:
        """The files as they lie in the inbox."""
        try:
            return handling.handle(self.export)
        except SourceError:
            if self._untouched is not None:
                raise
            return Why.PERSONAL

    def quick(self, files: Files) -> Outcome | None:
        """What can be told without making books: nothing is booked, or the very same records.

        Books are a function of records, and a refused file is none of them.
        """
        alone = [statements_of([one], self.config) for one in files]
        if not any(alone):
            return Outcome.FAULT
        if len(alone) == 1 and alone[0] and self._untouched:
            return Outcome.SAME if reads_like(self._untouched, alone[0][0]) else None
        return None

    def cell(self, handling: Handling) -> Cell:
        """The whole answer."""
        handled = self.handled(handling)
        if isinstance(handled, Why):
            return Cell(answer=handled)
        if isinstance(handled, Beside):
            right = self.desk.make(handled.right, handled.shops)
            if right.refused:
                return Cell(answer=Why.TOTALS)
            found = self.desk.make(handled.files)
            outcome, shown = judge_together(right, found, by_shop=self._is_of_orders)
            return Cell(answer=outcome, shown=shown)
        quick = self.quick(handled)
        if quick is not None:
            return Cell(answer=quick)
        outcome, shown = judge(self.base, self.desk.make(handled))
        return Cell(answer=outcome, shown=shown)

    @property
    def _is_of_orders(self) -> bool:
        return all(one.stage is Stage.ORDER for one in self._untouched or ())

    @property
    def desk(self) -> Desk:
        """The books of the company, to put files into."""
        if self._desk is None:
            if self._folder is None:
                raise ValueError("say where books are made")
            self._desk = Desk(self._folder, self.layout.others, self.layout.settings)
        return self._desk

    @property
    def base(self) -> Made:
        """The books of the untouched file."""
        if self._base is None:
            self._base = self.desk.make([(self.export.name, self.export.raw)])
        return self._base
