"""The `beanclear` command: global options, lazily loaded commands, exit codes.

    0    reconciled, done                2    the command was called wrongly
    1    unreconciled, or a file could   3    configuration or books cannot be loaded
         not be booked                   130  interrupted

A command module has one function `command()` that builds the click command. It is called after
the language is known, so that help texts are simply translated where they stand. The value a
command returns is its exit code.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from beanclear.cli import language, output
from beanclear.ledger.errors import BeanclearError
from beanclear.ledger.i18n import LANGUAGES
from beanclear.ledger.i18n import gettext as _

UNEXPECTED = 1
INTERRUPTED = 130
_FLAGS = frozenset({"--no-color", "-q", "--quiet", "-v", "--verbose", "--traceback"})
# Each command and what its line in `beanclear --help` says: a function, so that it is translated
# when it is shown, and so that help loads no command.
COMMANDS: dict[str, Callable[[], str]] = {
    "init": lambda: _("Make a new folder of books, in the language of --lang."),
    "run": lambda: _("Import what lies in the inbox, match it, write the books and check them."),
    "open-items": lambda: _("List what is not explained."),
    "trace": lambda: _("Follow one order, payout or bank line through every stage."),
    "decide": lambda: _("Record an accountant's decision about an open item."),
    "tables": lambda: _("Propose how a table is read that no importer knows."),
    "propose": lambda: _("Propose rules that your decisions speak for; nothing is changed."),
    "documents": lambda: _("List the documents that are booked, or take one out again."),
    "close": lambda: _("Freeze a period for good."),
    "report": lambda: _("Print a report."),
    "check": lambda: _("Check the books as a build server does."),
    "serve": lambda: _("Show the books in Fava on this machine."),
    "doctor": lambda: _("Look for what is missing, stale or misconfigured."),
    "simulate": lambda: _("Write the exports of an invented shop, with the truth beside them."),
}


class Application(click.Group):
    """A group whose commands are modules of this package, imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's contract
        """All commands, in the order in which a merchant meets them."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's contract
        cmd_name: str,
    ) -> click.Command | None:
        """Import the command's module and build the command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"beanclear.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command()
        command.help = command.help or COMMANDS[cmd_name]()
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's contract
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands without importing them."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, text()) for name, text in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let global options stand anywhere; the books that are named may say the language."""
        ctx.meta["beanclear.arguments"] = list(args)
        left = super().parse_args(ctx, _global_first(args))
        # Before the command's module is imported, which may fail too.
        names = ("quiet", "verbose", "traceback")
        output.settings = output.Settings(
            color=not ctx.params["no_color"], **{name: ctx.params[name] for name in names}
        )
        return left

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Help in the language that `--lang` has set meanwhile."""
        self.help = _help()
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Option) and parameter.opts[-1] in _OPTION_HELP:
                parameter.help = _OPTION_HELP[parameter.opts[-1]]()
        super().format_help(ctx, formatter)

    def main(self, *args: Any, **extra: Any) -> NoReturn:  # noqa: ANN401 - click's contract
        """Run, and turn whatever happens into one exit code and, at most, a short message."""
        extra["standalone_mode"] = False
        # Set when options are read; a wrong option must not meet the settings of an earlier call.
        output.settings = output.Settings()
        try:
            code = super().main(*args, **extra)
        except BeanclearError as error:
            output.error(str(error))
            sys.exit(error.exit_code)
        except click.Abort:
            output.note(_("interrupted; nothing is lost, run it again"))
            sys.exit(INTERRUPTED)
        except click.ClickException as error:
            error.show(sys.stderr)
            sys.exit(error.exit_code)
        except OSError as error:
            if output.settings.traceback:
                raise
            output.error(_of_system(error))
            sys.exit(UNEXPECTED)
        except Exception as error:  # noqa: BLE001, RUF100 - the last line of defence
            if output.settings.traceback:
                raise
            output.error(_unexpected(error))
            sys.exit(UNEXPECTED)
        sys.exit(code if isinstance(code, int) else 0)


def _global_first(arguments: list[str]) -> list[str]:
    """The arguments with global options, wherever they stand before `--`, in front."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    first: list[str] = []
    rest: list[str] = []
    words = iter(arguments[:end])
    for word in words:
        if word == "--lang":
            first += [word, *(value for value in [next(words, None)] if value is not None)]
        elif word in _FLAGS or word.startswith("--lang="):
            first.append(word)
        else:
            rest.append(word)
    return first + rest + arguments[end:]


def _unexpected(error: Exception) -> str:
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    return _("unexpected error: %(what)s: run `beanclear --traceback ...` and report it") % {
        "what": what
    }


def _of_system(error: OSError) -> str:
    """What the system refused: a full disk, a missing permission; a person can mend both."""
    what = _("the system says %(reason)s") % {"reason": error.strerror or type(error).__name__}
    todo = _("make room or give permission, then run it again: nothing is lost")
    return ": ".join(str(part) for part in (error.filename, what, todo) if part)


def _help() -> str:
    return _(
        "Turn the exports of shops, wallets and banks into reconciled Beancount books.\n\n"
        "Begin with `beanclear init SHOP`, put exports into SHOP/inbox, and `beanclear run SHOP`."
    )


_OPTION_HELP: dict[str, Callable[[], str]] = {
    "--lang": lambda: _("Language of messages: zh or en."),
    "--no-color": lambda: _("Plain text, without colour."),
    "--quiet": lambda: _("Only results and errors."),
    "--verbose": lambda: _("Say more about what is done."),
    "--traceback": lambda: _("Show where an unexpected error came from."),
    "--version": lambda: _("Show the version and exit."),
    "--help": lambda: _("Show this message and exit."),
}


def _speak(context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    language.use(language.choose(value, context.meta.get("beanclear.arguments", ())))
    return value


def _version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        import importlib.metadata  # noqa: PLC0415 - slow, and rarely asked for

        click.echo(f"beanclear {importlib.metadata.version('beanclear')}")
        context.exit()


@click.group(cls=Application, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--lang", type=click.Choice(LANGUAGES), envvar="BEANCLEAR_LANG", is_eager=True, callback=_speak
)
@click.option("--version", is_flag=True, expose_value=False, callback=_version)
@click.option("--no-color", is_flag=True, envvar="NO_COLOR")
@click.option("-q", "--quiet", is_flag=True)
@click.option("-v", "--verbose", count=True)
@click.option("--traceback", is_flag=True, envvar="BEANCLEAR_TRACEBACK")
def beanclear(**_options: object) -> None:
    """Global options; what they mean and their help stand in `Application`."""
