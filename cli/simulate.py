"""`beanclear simulate DIR`: the exports of an invented shop, and what must be open in them."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import click

from beanclear.cli import options, output
from beanclear.cli.simulated_cases import CASES, rates_of
from beanclear.ledger.errors import UsageError
from beanclear.ledger.i18n import gettext as _

_BANKS = ("icbc", "ccb", "cmbc", "pingan")


def command() -> click.Command:
    """Build the command."""

    @click.command()
    @click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
    @click.option("--orders", type=int, default=2000, show_default=True, help=_("How many orders."))
    @click.option("--days", type=int, default=90, show_default=True, help=_("Over how many days."))
    @click.option(
        "--seed", type=int, default=1, show_default=True, help=_("Equal seeds give equal files.")
    )
    @click.option(
        "--faults",
        type=float,
        default=0.01,
        show_default=True,
        metavar="RATE",
        help=_("The share of orders that are faulty."),
    )
    @click.option(
        "--first-day",
        type=options.DATE,
        default="2026-06-01",
        show_default=True,
        metavar="DATE",
        help=_("The first day of the exports."),
    )
    @click.option(
        "--bank",
        type=click.Choice(_BANKS),
        default="ccb",
        show_default=True,
        help=_("Whose layout the bank statements have."),
    )
    @click.option(
        "--own-orders/--no-own-orders",
        default=True,
        show_default=True,
        help=_("Whether the own shop exports its orders."),
    )
    @click.option(
        "--shops",
        type=int,
        default=1,
        show_default=True,
        metavar="N",
        help=_("How many shops on each platform; all but one in folders of their own."),
    )
    @click.option(
        "--overseas/--no-overseas",
        default=False,
        show_default=True,
        help=_("Add a marketplace abroad with dollars, read by the beanclear.toml beside it."),
    )
    @click.option(
        "--rate",
        "rates",
        multiple=True,
        metavar="NAME=PERMILLE",
        help=_(
            "How many of a thousand orders, payouts or bank lines have a case; may be repeated,"
            " `all=N` is every case. Cases: %(cases)s."
        )
        % {"cases": ", ".join(CASES)},
    )
    @click.option("--clean", is_flag=True, help=_("Leave nothing open."))
    @click.option("--force", is_flag=True, help=_("Also into a folder that holds files."))
    @options.with_json
    def simulate(
        *,
        folder: Path,
        first_day: datetime.date,
        force: bool,
        as_json: bool,
        **shop: Any,  # noqa: ANN401 - fields of Options
    ) -> int:
        if folder.is_dir() and any(folder.iterdir()) and not force:
            raise UsageError(
                _("the folder is not empty"),
                _("choose an empty one, or add --force"),
                where=str(folder),
            )
        _simulate(folder, {"first_day": first_day, **shop})
        files = sorted(
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        )
        if as_json:
            output.as_json("simulate", {"folder": str(folder), "files": files})
            return 0
        for name in files:
            output.line(name)
        output.note(_("What must be open stands in %(file)s.") % {"file": folder / "truth.json"})
        return 0

    return simulate


def _simulate(folder: Path, shop: dict[str, Any]) -> None:
    from beanclear.cli import simulation  # noqa: PLC0415 - heavy
    from beanclear.cli.simulation.options import Options  # noqa: PLC0415

    try:
        chosen = Options(**{**shop, "rates": rates_of(shop["rates"])})
    except ValueError as error:
        raise UsageError(
            _("this shop cannot be simulated (%(error)s)") % {"error": error},
            _("change that option"),
        ) from None
    simulation.simulate(folder, chosen)
