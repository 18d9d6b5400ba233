"""Whole processes, measured from outside: wall time, processor time and peak memory.

The measuring process itself must stay small. On Linux a child's peak memory starts with what its
parent held when it was started, so nothing heavy is imported here.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

KIB = 1024


class JobFailedError(Exception):
    """A measured command did not do its work, so its time means nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One process, with the processes it waited for.

    Attributes:
      wall, processor: seconds.
      peak: MiB, the largest resident size of any one process.
      output: what it wrote to standard output.
    """

    wall: float
    processor: float
    peak: float
    output: str

    @property
    def said(self) -> dict[str, Any]:
        """The JSON object that a job prints."""
        found: dict[str, Any] = json.loads(self.output)
        return found

    def inside(self) -> Sample:
        """The same with the seconds that the job measured inside, instead of its whole times."""
        return Sample(
            wall=self.said["seconds"],
            processor=0.0,
            peak=self.peak,
            output=self.output,
        )


def measure(command: Sequence[str], *, accepted: tuple[int, ...] = (0,)) -> Sample:
    """Run `command` once, with compiled modules kept as an installation has them.

    Raises:
      JobFailedError: when its exit status is none of `accepted`.
    """
    environment = {**os.environ}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode not in accepted:
            tail = errors.read().decode(errors="replace")[-2000:]
            raise JobFailedError(f"{' '.join(command)}: status {process.returncode}\n{tail}")
        return Sample(
            wall=wall,
            processor=usage.ru_utime + usage.ru_stime,
            peak=usage.ru_maxrss / KIB,
            output=output.read().decode(),
        )


def median(samples: Sequence[Sample]) -> Sample:
    """The median of times, the largest peak, and what the last one said."""
    return Sample(
        wall=statistics.median(sample.wall for sample in samples),
        processor=statistics.median(sample.processor for sample in samples),
        peak=max(sample.peak for sample in samples),
        output=samples[-1].output,
    )


def rounds(
    jobs: Sequence[Callable[[], Sample]], repeat: int, *, warm: bool = True
) -> list[list[Sample]]:
    """Samples of each job, run by turns so that the machine's drift meets all alike.

    Each round begins with another job, and one round before warms files and libraries up, unless
    jobs take minutes or build upon each other (`warm` false, and always in the order given).
    """
    taken: list[list[Sample]] = [[] for _ in jobs]
    for turn in range(0 if warm else 1, repeat + 1):
        first = turn if warm else 0
        order = [(first + place) % len(jobs) for place in range(len(jobs))]
        for place in order:
            sample = jobs[place]()
            if turn:
                taken[place].append(sample)
    return taken


def by_turns(
    jobs: Sequence[Callable[[], Sample]], repeat: int, *, warm: bool = True
) -> list[Sample]:
    """The median of each job, run in `rounds`."""
    return [median(samples) for samples in rounds(jobs, repeat, warm=warm)]
