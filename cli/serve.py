"""`beanclear serve`: Fava with these books, for this machine only."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import click

from beanclear.cli import engine, options, output
from beanclear.ledger import people
from beanclear.ledger.errors import BeanclearError
from beanclear.ledger.i18n import gettext as _

if TYPE_CHECKING:
    from beanclear.ledger.books import Books

# Fava has no log-in and does not check the Host header: it must not be reachable from outside.
HOST = "127.0.0.1"


def command() -> click.Command:
    """Build the command."""

    @click.command()
    @options.in_books
    @click.option(
        "--port",
        type=click.IntRange(1, 65535),
        default=5000,
        show_default=True,
        metavar="PORT",
        help=_("Where it listens, on 127.0.0.1."),
    )
    @click.option("--read-only", is_flag=True, help=_("Refuse every change made in the browser."))
    @click.option(
        "--by",
        metavar="NAME",
        help=_("In whose name the desk decides; by default git's user.name."),
    )
    def serve(
        folder: str | None, books: str | None, port: int, read_only: bool, by: str | None
    ) -> int:
        opened = engine.open_books(options.folder_of(folder, books))
        if by is not None:
            os.environ[people.VARIABLE] = by
        _claim(port)
        from cheroot.wsgi import Server  # noqa: PLC0415 - heavy, and `--help` needs none
        from fava.application import create_app  # noqa: PLC0415 - heavy

        from beanclear.plugins.fava_beanclear.guard import protect  # noqa: PLC0415 - heavy

        _guard(opened)
        app = create_app([opened.main], read_only=read_only)
        protect(app)
        server = Server((HOST, port), app)
        server.prepare()
        output.note(
            _("Fava shows these books at http://%(host)s:%(port)d - Ctrl-C ends it")
            % {"host": HOST, "port": port}
        )
        try:
            server.serve()
        except KeyboardInterrupt:
            output.note(_("Fava has ended."))
        finally:
            server.stop()
        return 0

    return serve


def _guard(books: Books) -> None:
    """Let Fava run nothing that lies in the books, whatever they name.

    Fava runs what `import-config` and `fava-extension` name, and Beancount what `plugin` names.
    What is refused is an error of the books, on Fava's page of errors.
    """
    from fava import core  # noqa: PLC0415 - heavy

    from beanclear.cli import loading  # noqa: PLC0415 - loads Beancount

    def load_guarded(_path: str, *, is_encrypted: bool) -> tuple[Any, Any, Any]:  # noqa: ARG001 - Fava's contract
        found = loading.for_desk(books)
        return found.entries, found.errors, found.options

    vars(core)["load_uncached"] = load_guarded


def _claim(port: int) -> None:
    """See whether the port is free before Fava loads the books, which may take long.

    Raises:
      BeanclearError: when it is not.
    """
    try:
        socket.create_server((HOST, port)).close()
    except OSError as error:
        raise BeanclearError(
            _("port %(port)d cannot be used (%(error)s)") % {"port": port, "error": error},
            _("choose another with --port"),
        ) from None
