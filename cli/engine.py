"""The one place where commands call the pipeline; it is imported when it is first needed.

Importing this module loads no engine: neither pyarrow nor duckdb nor Beancount's loader.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beanclear.cli.isolation import leave_path
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _

if TYPE_CHECKING:
    from beanclear.cli.pipeline import CheckResult, CloseResult, RunResult
    from beanclear.cli.progress import Progress
    from beanclear.cli.results import TraceChain
    from beanclear.cli.ruling import Proposed
    from beanclear.ledger.books import Books
    from beanclear.ledger.vocabulary import OpenItem
    from beanclear.matching.learning import Proposal


def open_books(folder: Path) -> Books:
    """The books in `folder`; for the current folder also those it lies within.

    Raises:
      BooksError: when there are none.
    """
    from beanclear.ledger.books import Books  # noqa: PLC0415 - `--help` needs none

    found = Books.find(folder) if folder == Path() else _books_in(folder)
    leave_path(found.root)
    return found


def _books_in(folder: Path) -> Books:
    from beanclear.ledger.books import Books  # noqa: PLC0415 - `--help` needs none

    if not (folder / "main.beancount").is_file():
        raise BooksError(
            _("there are no books here (no main.beancount)")
            if folder.is_dir()
            else _("there is no such folder"),
            _("make new books with `beanclear init %(folder)s`") % {"folder": folder},
            where=str(folder),
        )
    return Books(folder.resolve())


def run(books: Books, progress: Progress, **options: Any) -> RunResult:  # noqa: ANN401 - RunOptions' own
    """Import, match, write and check; `options` are the fields of `RunOptions`."""
    from beanclear.cli import pipeline  # noqa: PLC0415 - heavy

    return pipeline.run_books(books, pipeline.RunOptions(**options), progress)


def reconcile(books: Books, as_of: datetime.date | None = None) -> RunResult:
    """The current state; nothing is imported, nothing written."""
    from beanclear.cli import pipeline  # noqa: PLC0415 - heavy

    return pipeline.reconcile(books, as_of)


def trace(books: Books, key: str, *, buyer: bool = False) -> list[TraceChain]:
    """One key through every stage; `buyer`: it is a nickname and nothing else."""
    from beanclear.cli import tracing  # noqa: PLC0415 - loads pyarrow

    return tracing.trace(books, key, buyer=buyer)


def proposals(books: Books, support: int) -> tuple[list[Proposal], dict[str, str]]:
    """Rules the decisions speak for, and the payout family of each transit account."""
    from beanclear.cli import proposing  # noqa: PLC0415 - heavy

    return proposing.proposals(books, support=support)


def propose_rule(books: Books, item: OpenItem, to: str) -> Proposed | None:
    """The rule that would book lines like an item's, and what it would move."""
    from beanclear.cli import ruling  # noqa: PLC0415 - heavy

    return ruling.propose(books, item, to)


def close_period(
    books: Books, period: str, by: str, reason: str | None, dry_run: bool
) -> CloseResult:
    """Freeze a period."""
    from beanclear.cli import pipeline  # noqa: PLC0415 - heavy

    return pipeline.close_period(books, period, by, reason, dry_run)


def check(books: Books, *, text_only: bool = False, allow_open: bool = False) -> CheckResult:
    """Check the books as they stand in the files."""
    from beanclear.cli import pipeline  # noqa: PLC0415 - heavy

    return pipeline.check_books(books, text_only=text_only, allow_open=allow_open)
