"""The command line: the only place that knows everything.

What lives here: one small module per command (`init`, `run`, `open_items`, `trace`, `check`,
`decide`, `close`, `report`, `simulate`, `serve`, `doctor`), loaded when it is called; what they
share (`application`, `language`, `options`, `output`, `progress`, `engine`); the pipeline that
runs importers, matching and posting; and the simulator. What never does: rules of accounting
or of a file format.

Importing this package imports nothing else.
"""

from __future__ import annotations

import gc

# So many new objects before Python looks for cycles among them. A command makes hundreds of
# thousands, items and entries, which live until it ends: looking through them again and again is a
# twentieth of the time of a day's run.
_OBJECTS = 100_000


def main() -> None:
    """Run the `beanclear` command and exit with its code."""
    gc.set_threshold(_OBJECTS)
    from beanclear.cli.application import beanclear  # noqa: PLC0415 - the package stays light

    beanclear.main(prog_name="beanclear")
