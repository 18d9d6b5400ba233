"""A small Chinese company's exports, made up: the engine of demonstration, tests and benchmarks.

`simulate` writes what Tmall, Alipay, WeChat Pay, Pinduoduo, an own shop and a bank would have
exported, in their exact formats, with `truth.json`: what a right reconciliation must find.
"""

from __future__ import annotations

from pathlib import Path

from beanclear.cli.simulation.options import Options
from beanclear.cli.simulation.outcome import truth_of
from beanclear.cli.simulation.truth import MatchTruth, OpenTruth, PayoutTruth, RiskTruth, Truth
from beanclear.cli.simulation.world import build

TRUTH_FILE = "truth.json"
SETTINGS = "beanclear.toml"  # to be added to that of the books
_SHOP = '\n[[shops]]\nfolder = "shop{0}"\nname = "Shop {0}"\n'


def simulate(folder: Path, options: Options) -> Truth:
    """Write a company's exports and `truth.json` into `folder`, which is made if missing.

    Equal options give the same bytes. Files of earlier runs in the folder stay. Several shops or a
    marketplace abroad need the settings in `beanclear.toml` beside the exports.

    Raises:
      OSError: when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    world = build(folder, options)
    world.run()
    if options.shops > 1:
        with (folder / SETTINGS).open("a", encoding="utf-8", newline="") as file:
            file.write("".join(_SHOP.format(place + 1) for place in range(1, options.shops)))
    truth = truth_of(world)
    truth.write(folder / TRUTH_FILE)
    return truth


__all__ = [
    "TRUTH_FILE",
    "MatchTruth",
    "OpenTruth",
    "Options",
    "PayoutTruth",
    "RiskTruth",
    "Truth",
    "simulate",
]
