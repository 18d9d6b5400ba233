"""The command line: the only place that knows everything.

What lives here: one small module per command (`init`, `run`, `open_items`, `trace`, `check`,
`decide`, `close`, `report`, `simulate`, `serve`, `doctor`), loaded when it is called; what they
share (`application`, `language`, `options`, `output`, `progress`, `engine`); the pipeline that
runs importers, matching and posting; and the simulator. What never does: rules of accounting
or of a file format.

Importing this package imports nothing else.
"""

from __future__ import annotations


def main() -> None:
    """Run the `beanclear` command and exit with its code."""
    from beanclear.cli.application import beanclear  # noqa: PLC0415 - the package stays light
    from beanclear.ledger import collector  # noqa: PLC0415 - the package stays light

    collector.rarely()
    beanclear.main(prog_name="beanclear")
