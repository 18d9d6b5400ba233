"""All handlings: what people and programs do to an export between the platform and the inbox."""

from __future__ import annotations

from tests.handling import columns, files, rows, saving
from tests.handling.catalogue import HANDLINGS

GROUPS = tuple(module.__name__.rpartition(".")[2] for module in (saving, rows, columns, files))

__all__ = ["GROUPS", "HANDLINGS"]
