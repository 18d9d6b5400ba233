#!/usr/bin/env python3
"""Importers for beangulp's commands; `beanclear run` and the desk need none of it.

    python import.py identify inbox
    python import.py extract inbox
"""

from __future__ import annotations

from pathlib import Path

import beangulp
from beanclear.importers.on_demand import AnyStatement

CONFIG = [AnyStatement(Path(__file__).with_name("beanclear.toml"))]
HOOKS: list[object] = []

if __name__ == "__main__":
    beangulp.Ingest(CONFIG, HOOKS)()
