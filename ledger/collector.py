"""The collector of reference cycles, where it looks in vain."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def resting() -> Iterator[None]:
    """No collection meanwhile, for work that makes no cycles.

    Entries of a ledger are many small objects, and each look at all of them takes a tenth of a
    second: a quarter of the time of parsing them, and again whenever something else is made.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
