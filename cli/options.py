"""Options and arguments that several commands share."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import click

from beanclear.ledger import people
from beanclear.ledger.i18n import gettext as _

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])
BOOKS_VARIABLE = "BEANCLEAR_BOOKS"


class DateType(click.ParamType[datetime.date]):
    """A day as `2026-08-31`."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime.date:
        """Read ISO 8601 dates only: anything else is ambiguous somewhere."""
        if isinstance(value, datetime.date):
            return value
        try:
            return datetime.date.fromisoformat(str(value))
        except ValueError:
            self.fail(_("%(text)r is not a date such as 2026-08-31") % {"text": value}, param, ctx)


class AmountType(click.ParamType[Decimal]):
    """An amount as `1234.50`."""

    name = "amount"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Read a finite decimal; thousands may be parted by commas."""
        try:
            number = Decimal(str(value).replace(",", ""))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            self.fail(_("%(text)r is not an amount such as 128.00") % {"text": value}, param, ctx)
        return number


DATE = DateType()
AMOUNT = AmountType()


def in_books(function: FunctionT) -> FunctionT:
    """Give a command `[DIR]` and `-C DIR`: which books; by default the current folder."""
    return click.argument("folder", metavar="[DIR]", required=False, type=click.Path())(
        of_books(function)
    )


def of_books(function: FunctionT) -> FunctionT:
    """Give a command `-C DIR` alone, where its arguments leave no room for a folder."""
    return click.option(
        "-C",
        "--books",
        metavar="DIR",
        type=click.Path(),
        envvar=BOOKS_VARIABLE,
        help=_("The folder of the books; by default the current one."),
    )(function)


def with_json(function: FunctionT) -> FunctionT:
    """Give a command `--json`."""
    return click.option("--json", "as_json", is_flag=True, help=_("Write JSON."))(function)


def with_dry_run(function: FunctionT) -> FunctionT:
    """Give a command `--dry-run`."""
    return click.option(
        "-n", "--dry-run", is_flag=True, help=_("Change nothing; show what would change.")
    )(function)


def with_as_of(function: FunctionT) -> FunctionT:
    """Give a command `--as-of`."""
    return click.option(
        "--as-of",
        type=DATE,
        metavar="DATE",
        help=_("Judge at this date when the data reaches further."),
    )(function)


def with_author(function: FunctionT) -> FunctionT:
    """Give a command `--by` and `--reason`."""
    by = click.option(
        "--by",
        metavar="NAME",
        envvar=people.VARIABLE,
        help=_("Who decides; by default git's user.name."),
    )
    reason = click.option("--reason", metavar="TEXT", help=_("Why, for whoever reads it later."))
    return by(reason(function))


def folder_of(folder: str | None, books: str | None) -> Path:
    """The folder that the argument or `-C` names, else the current one."""
    return Path(folder or books or ".")


def author_name(by: str | None, folder: Path) -> str:
    """Who decides: `--by`, else the name git would put on a commit in these books.

    Raises:
      UsageError: when neither says, or nobody can read it.
    """
    from beanclear.ledger.decisions import author_of  # noqa: PLC0415 - loads Beancount's types

    return author_of(by or people.decider(folder))
