"""Where text goes and how it looks: data to stdout, everything else to stderr.

Text from outside (names, memos, file names) may hold control characters that a terminal obeys
and markup that a renderer obeys; every cell and line is made harmless here (P10).
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import click

from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import format_minor

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDE = frozenset("WF")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The global options of this call."""

    color: bool = True
    quiet: bool = False
    verbose: int = 0
    traceback: bool = False


settings = Settings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its heading, and whether it holds numbers (aligned right)."""

    heading: str
    number: bool = False


def harmless(text: str) -> str:
    """`text` on one line, without characters that a terminal would obey."""
    return _CONTROL.sub(" ", text)


def note(text: str) -> None:
    """Say something to the person, unless they asked for quiet."""
    if not settings.quiet:
        _say(text)


def detail(text: str) -> None:
    """Say something to a person who asked for more."""
    if settings.verbose:
        _say(text)


def warning(text: str) -> None:
    """Say what needs attention; also when quiet."""
    _say(text, fg="yellow")


def error(text: str) -> None:
    """Say what is wrong; also when quiet. One line per fault."""
    _say(text, fg="red")


def _say(text: str, fg: str | None = None) -> None:
    lines = "\n".join(harmless(line) for line in text.split("\n"))
    click.secho(lines, fg=fg, err=True, color=None if settings.color else False)


def data(text: str) -> None:
    """Write text that is the result itself; it ends in exactly one newline."""
    click.echo(text.rstrip("\n"), color=None if settings.color else False)


def line(text: str) -> None:
    """Write one line of the result."""
    click.echo(harmless(text), color=None if settings.color else False)


def as_json(schema: str, content: Mapping[str, Any], version: int = 1) -> None:
    """Write one JSON object; `Decimal`, dates and enumerations become strings."""
    click.echo(json_text(schema, content, version), nl=False)


def json_text(schema: str, content: Mapping[str, Any], version: int = 1) -> str:
    """A JSON object with its schema, ending in a newline."""
    document = {"schema": f"beanclear.{schema}", "version": version, **content}
    return json.dumps(document, ensure_ascii=False, indent=2, default=_plain) + "\n"


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return f"{value:f}"
        case datetime.date():
            return value.isoformat()
        case frozenset() | set():
            return sorted(value)
        case _:
            return str(value)


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write CSV. Text that a spreadsheet would take for a formula gets an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows([_cell(value) for value in row] for row in rows)
    click.echo(buffer.getvalue(), nl=False)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = harmless(str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text


def money(minor: int, currency: str) -> str:
    """`-1,234.50`: for reading, with separators; JSON and CSV never use it."""
    text = format_minor(abs(minor), currency)
    whole, point, cents = text.partition(".")
    return f"{'-' if minor < 0 else ''}{int(whole):,}{point}{cents}"


def width(text: str) -> int:
    """How many terminal cells `text` takes; Chinese characters take two."""
    return sum(
        0
        if unicodedata.combining(char)
        else 2
        if unicodedata.east_asian_width(char) in _WIDE
        else 1
        for char in text
    )


def table(title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Write a table: drawn on a terminal, plainly aligned everywhere else."""
    cells = [[harmless(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _drawn(title, columns, cells)
    else:
        data(aligned(title, columns, cells) + "\n")
        click.echo()


def _drawn(title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    # Slow to import, and only wanted on a terminal.
    from rich import box  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    drawn = Table(title=Text(title, style="bold"), box=box.SIMPLE_HEAD, title_justify="left")
    for column in columns:
        drawn.add_column(
            Text(column.heading),
            justify="right" if column.number else "left",
            no_wrap=column.number,
            overflow="fold",
        )
    for row in rows:
        # Text, not str: brackets in a memo are not markup.
        drawn.add_row(*(Text(cell) for cell in row))
    Console(no_color=not settings.color, highlight=False).print(drawn)


def aligned(title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    """A table as plain lines, its columns aligned."""
    headings = [column.heading for column in columns]
    widths = [max(width(row[index]) for row in [headings, *rows]) for index in range(len(columns))]
    lines = [title]
    for row in [headings, *rows]:
        parts = [
            " " * (space - width(cell)) + cell
            if column.number
            else cell + " " * (space - width(cell))
            for cell, space, column in zip(row, widths, columns, strict=True)
        ]
        lines.append("  " + "  ".join(parts).rstrip())
    return "\n".join(lines)


def bullets(title: str, texts: Sequence[str]) -> None:
    """Tell the person a short list, under a title."""
    if texts:
        note("\n".join([title, *(f"  - {harmless(text)}" for text in texts)]))


def day(value: datetime.date | None) -> str:
    """A date for reading; none is a dash."""
    return value.isoformat() if value else _("-")


def days(first: datetime.date | None, last: datetime.date | None) -> tuple[str, str]:
    """The first and the last whole day for reading; dashes where no day is whole."""
    some = first is not None and last is not None and first <= last
    return (day(first), day(last)) if some else (day(None), day(None))
