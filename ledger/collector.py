"""Python's collector of reference cycles, where it looks in vain.

Ledgers are hundreds of thousands of small objects without cycles, and each look at all of them
takes a tenth of a second.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from typing import Final

_OBJECTS: Final = 100_000


def rarely() -> None:
    """Let so many new objects come before the collector looks: for a process of ours."""
    gc.set_threshold(_OBJECTS)


@contextlib.contextmanager
def resting() -> Iterator[None]:
    """No collection meanwhile: for work that makes no cycles in a process of somebody else."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
