"""`beanclear init DIR`: a whole books repository, ready for the first export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from beanclear.cli import options, output
from beanclear.ledger.errors import UsageError
from beanclear.ledger.i18n import current_language
from beanclear.ledger.i18n import gettext as _

if TYPE_CHECKING:
    from beanclear.cli.skeleton import Taxpayer
    from beanclear.ledger.chart_codes import Standard

# What may lie in a folder before it becomes one of books.
_HARMLESS = frozenset({".git", "inbox", ".DS_Store", "Thumbs.db", "desktop.ini", "LICENSE"})


def command() -> click.Command:
    """Build the command."""

    @click.command()
    @click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
    @click.option(
        "--taxpayer",
        type=click.Choice(["general", "small"]),
        default="general",
        show_default=True,
        help=_("Which VAT rate the prices contain: 13 % (general) or 1 % (small)."),
    )
    @click.option(
        "--standard",
        type=click.Choice(["small", "enterprise"]),
        default="small",
        show_default=True,
        help=_("Whose chart and statements: for small enterprises, or the full standards."),
    )
    @click.option("--title", metavar="TEXT", help=_("The name of the books; else the folder's."))
    @click.option(
        "--package",
        metavar="SPEC",
        help=_("What CI installs: an address or a wheel; by default what this program came from."),
    )
    @click.option(
        "--force",
        is_flag=True,
        help=_("Also in a folder that holds other things; no file is overwritten."),
    )
    @options.with_dry_run
    @options.with_json
    def init(
        *,
        folder: Path,
        taxpayer: Taxpayer,
        standard: Standard,
        title: str | None,
        package: str | None,
        force: bool,
        dry_run: bool,
        as_json: bool,
    ) -> int:
        from beanclear.cli import skeleton  # noqa: PLC0415 - loads Beancount's parser

        _refuse_foreign(folder, force=force)
        package = skeleton.installed_from() if package is None else package
        texts = skeleton.files(
            title or folder.resolve().name or "Books",
            current_language(),
            taxpayer,
            standard,
            package,
        )
        missing = {name: text for name, text in texts.items() if not (folder / name).exists()}
        if not dry_run:
            _write(folder, missing)
        if as_json:
            output.as_json(
                "init", {"folder": str(folder), "created": sorted(missing), "dry_run": dry_run}
            )
        else:
            _show(folder, sorted(missing), dry_run=dry_run)
            if not package:
                output.note(
                    _(
                        "Nobody can tell where another machine gets beanclear from: say it in "
                        ".github/workflows/books.yml, or with --package"
                    )
                )
        return 0

    return init


def _refuse_foreign(folder: Path, *, force: bool) -> None:
    """A folder that is empty, or holds books already, needs no force.

    Raises:
      UsageError: when it holds other things.
    """
    if force or not folder.is_dir():
        return
    there = {path.name for path in folder.iterdir()}
    if {"main.beancount", "beanclear.toml"} <= there:
        return
    foreign = sorted(there - _HARMLESS)
    if foreign:
        raise UsageError(
            _("the folder holds other things (%(names)s)") % {"names": ", ".join(foreign[:5])},
            _("choose an empty one, or add --force, which overwrites nothing"),
            where=str(folder),
        )


def _write(folder: Path, texts: dict[str, str]) -> None:
    from beanclear.ledger.books import PRIVATE, make_private, write_atomically  # noqa: PLC0415

    for name in PRIVATE:
        make_private(folder / name)
    # The top file last: a folder is one of books only when all the rest is there.
    for name in sorted(texts, key=lambda name: (name == "main.beancount", name)):
        write_atomically(folder / name, texts[name])


def _show(folder: Path, created: list[str], *, dry_run: bool) -> None:
    for name in created:
        output.line(name)
    if not created:
        output.note(_("These are books already; nothing is missing."))
    elif dry_run:
        output.note(_("Nothing was written: this was a dry run."))
    else:
        output.note(
            _("Now put exports into %(inbox)s and run: beanclear run %(folder)s")
            % {"inbox": folder / "inbox", "folder": folder}
        )
