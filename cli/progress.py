"""Progress on a terminal, for what takes more than a second; silence everywhere else."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Protocol

from beanclear.cli import output

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

PATIENCE = 1.0  # seconds before a bar appears


class Progress(Protocol):
    """How the pipeline says how far it is; one task after the other."""

    def start(self, task: str, total: int | None) -> None:
        """Begin `task` with `total` steps, when they can be counted."""

    def advance(self, n: int = 1) -> None:
        """`n` steps more are done."""

    def done(self) -> None:
        """The task is finished."""


class Silent:
    """Says nothing: for pipes, logs and tests."""

    def start(self, task: str, total: int | None) -> None:
        """Say nothing."""

    def advance(self, n: int = 1) -> None:
        """Say nothing."""

    def done(self) -> None:
        """Say nothing."""


class OnTerminal:
    """Bars on stderr, drawn once a second has passed since the first task began."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._bars: Bars | None = None
        self._task: TaskID | None = None
        self._name = ""
        self._total: int | None = None
        self._steps = 0

    def start(self, task: str, total: int | None) -> None:
        """Remember the task; it is drawn when it takes long."""
        self.done()
        self._name, self._total, self._steps = output.harmless(task), total, 0
        self._draw()

    def advance(self, n: int = 1) -> None:
        """Move the bar."""
        self._steps += n
        self._draw()

    def done(self) -> None:
        """Take the bar away."""
        if self._bars is not None:
            self._bars.stop()
        self._bars = self._task = None

    def _draw(self) -> None:
        if time.monotonic() - self._began < PATIENCE:
            return
        if self._bars is None:
            # Slow to import, and only wanted now.
            from rich.console import Console  # noqa: PLC0415
            from rich.markup import escape  # noqa: PLC0415
            from rich.progress import Progress as Bars  # noqa: PLC0415

            self._bars = Bars(console=Console(stderr=True), transient=True)
            self._bars.start()
            self._task = self._bars.add_task(escape(self._name), total=self._total)
        if self._task is not None:
            self._bars.update(self._task, completed=self._steps)


def progress() -> Silent | OnTerminal:
    """Bars when a person watches, silence otherwise."""
    return OnTerminal() if sys.stderr.isatty() and not output.settings.quiet else Silent()
