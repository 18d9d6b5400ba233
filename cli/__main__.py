"""`python -m beanclear.cli` is the `beanclear` command."""

from __future__ import annotations

from beanclear.cli import main

main()
