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


def simulate(folder: Path, options: Options) -> Truth:
    """Write a company's exports and `truth.json` into `folder`, which is made if missing.

    Equal options give the same bytes. Files of earlier runs in the folder stay.

    Raises:
      OSError: when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    world = build(folder, options)
    world.run()
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
