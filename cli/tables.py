"""`beanclear tables new`: a mapping for a file that no importer knows, to read and to paste."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from beanclear.cli import options, output
from beanclear.ledger.errors import BooksError, SourceError
from beanclear.ledger.i18n import gettext as _

if TYPE_CHECKING:
    from beanclear.ledger.config import Config

_MOST_FAULTS = 5


def command() -> click.Command:
    """Build the group."""

    @click.group()
    def tables() -> None:
        pass

    @tables.command(help=_("Propose a mapping from the first rows of FILE."))
    @click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False))
    @click.option("--name", metavar="NAME", default="", help=_("What the mapping is called."))
    @click.option("--write", is_flag=True, help=_("Add it to beanclear.toml."))
    @options.of_books
    def new(*, file: str, name: str, write: bool, books: str | None) -> int:
        from beanclear.importers.files import members, source_file  # noqa: PLC0415 - as --help
        from beanclear.importers.table_proposal import comment, propose  # noqa: PLC0415 - as --help

        member = next(iter(members(source_file(Path(file)))))
        text = propose(member, name)
        for line in _tried(text, Path(file)):
            text += f"{comment(line)}\n"
        if write:
            _write(Path(books or "."), text)
        else:
            for line in text.splitlines():
                output.line(line)
        return 0

    return tables


def _tried(text: str, path: Path) -> list[str]:
    """What the mapping makes of the file: lines read, or what is wrong."""
    from beanclear.importers.files import members, source_file  # noqa: PLC0415 - as --help
    from beanclear.importers.generic import GenericTable  # noqa: PLC0415 - as --help

    try:
        config = _config(text)
        member = next(iter(members(source_file(path))))
        (importer,) = GenericTable.instances(config)
        found = importer.read(member)
    except (BooksError, SourceError) as error:
        return [_("it cannot be used yet: %(error)s") % {"error": error}]
    told = [
        _("read: %(used)d lines of %(currency)s, %(reported)d faults, %(left_out)d left out")
        % {
            "used": one.rows_used,
            "currency": one.currency,
            "reported": one.rows_reported,
            "left_out": one.rows_left_out,
        }
        for one in found
    ]
    broken = [_("the running balance does not follow") for one in found if one.chained is False]
    faults = [str(fault) for one in found for fault in one.faults[:_MOST_FAULTS]]
    return [*told, *broken, *faults]


def _config(text: str, path: Path | None = None) -> Config:
    """The configuration that a text is, at its path.

    Raises:
      BooksError: as `ledger.config.load`.
    """
    from beanclear.ledger import config  # noqa: PLC0415 - as --help

    return config.parse(text, path or Path("beanclear.toml"))


def _write(folder: Path, text: str) -> None:
    """Add a mapping to beanclear.toml, unless one of that name stands there.

    Raises:
      BooksError: when it does, or the file would not be right any more.
    """
    from beanclear.cli import engine  # noqa: PLC0415 - as --help
    from beanclear.ledger.books import write_atomically  # noqa: PLC0415 - as --help

    path = engine.open_books(folder).config
    before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    (name,) = (table["name"] for table in tomllib.loads(text)["tables"])
    if any(table.name == name for table in _config(before, path).tables):
        raise BooksError(
            _("there is a mapping %(name)s already") % {"name": name},
            _("give the new one another --name, or change that one"),
            where=path.name,
        )
    after = f"{before.rstrip()}\n\n{text}".lstrip()
    _config(after, path)
    write_atomically(path, after)
    output.note(_("%(name)s was added to %(file)s") % {"name": name, "file": path.name})
