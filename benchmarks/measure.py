"""Whole processes, measured from outside: wall time, processor time and peak memory.

The measuring process itself must stay small. On Linux a child's peak memory starts with what its
parent held when it was started, so nothing heavy is imported here.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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


def measure(command: Sequence[str], *, accepted: tuple[int, ...] = (0,)) -> Sample:
    """Run `command` once.

    Raises:
      JobFailedError: when its exit status is none of `accepted`.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The medians of a job and of its peer, taken in turn so that drift meets both alike."""

    wall: float
    processor: float
    peak: float
    output: str
    peer_wall: float

    @property
    def ratio(self) -> float:
        """How many times as long as the peer it took."""
        return self.wall / self.peer_wall


def compare(job: Callable[[], Sample], peer: Callable[[], Sample], repeat: int) -> Result:
    """Run `job` and `peer` by turns, `repeat` times each, after one run of the peer to warm up."""
    peer()
    jobs: list[Sample] = []
    peers: list[Sample] = []
    for _ in range(repeat):
        jobs.append(job())
        peers.append(peer())
    return Result(
        wall=statistics.median(sample.wall for sample in jobs),
        processor=statistics.median(sample.processor for sample in jobs),
        peak=max(sample.peak for sample in jobs),
        output=jobs[-1].output,
        peer_wall=statistics.median(sample.wall for sample in peers),
    )
