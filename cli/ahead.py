"""Working on the next documents while the last one's result is used."""

from __future__ import annotations

import contextvars
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

# How many documents are in memory at the same time: reading is native code, most of which runs
# beside itself, and each document takes its memory.
AT_ONCE = min(2, os.cpu_count() or 1)


def ahead(
    work: Callable[[Given], Made], given: Iterable[Given], at_once: int = AT_ONCE
) -> Generator[Made, None, None]:
    """What `work` makes of each, in the order given, `at_once` of them at the same time.

    An error of `work` is raised at its place; what was begun behind it is finished and dropped.
    """
    rest = iter(given)
    running: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(max_workers=at_once) as workers:

        def begin() -> None:
            for one in rest:
                # Messages are made in the language of the caller.
                context = contextvars.copy_context()
                running.append(workers.submit(context.run, work, one))
                return

        for _each in range(at_once):
            begin()
        while running:
            made = running.popleft().result()
            begin()
            yield made
