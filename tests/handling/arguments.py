"""Why the books are others in silence: each such cell, and what nothing in any file can tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """Why nothing can tell, in English and Chinese, and of which cells (layout, handling)."""

    english: str
    chinese: str
    cells: tuple[tuple[str, str], ...]


ARGUMENTS: tuple[Argument, ...] = ()
