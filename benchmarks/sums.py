"""What sum search and one-to-one pairing cost, on seeded instances.

    python -m benchmarks.sums [--seeds 9] [--largest 1000000]

Amounts are uniform between 100.00 and `--largest` fen; a deposit is the sum of a hidden set of the
most items allowed (`sum`), or one fen more than that among amounts a million times as spread
(`no sum`: only a full search shows that there is none). Bar (issue 3, 1.2): 50 candidates with
up to 10 items, median about 20 ms, never over 1.5 s. Times are processor times, which other load
disturbs least; memory is the peak of the whole process.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import time
from collections import Counter
from collections.abc import Callable

from beanclear.matching.sums import find_sum

LEAST = 10_000
WIDER = 1_000_000
SIZES = ((20, 5), (20, 10), (50, 5), (50, 10), (200, 4), (200, 10))


def instance(seed: int, count: int, items: int, largest: int) -> tuple[list[int], int]:
    """Candidates and the sum of a hidden set of them."""
    chosen = random.Random(seed)  # noqa: S311 - test data, not a secret
    amounts = [chosen.randint(LEAST, largest) for _ in range(count)]
    return amounts, sum(chosen.sample(amounts, items))


def unsolvable(seed: int, count: int, items: int, largest: int) -> tuple[list[int], int]:
    """The worst case: amounts so spread that no set meets the target by chance, and none does."""
    amounts, target = instance(seed, count, items, largest * WIDER)
    return amounts, target + 1


def timed(work: Callable[[], str]) -> tuple[float, str]:
    """Processor milliseconds of one call (it has one thread), and what it says."""
    started = time.process_time()
    verdict = work()
    return (time.process_time() - started) * 1000, verdict


def line(label: str, samples: list[tuple[float, str]]) -> None:
    """Print median and maximum, and how often each verdict came."""
    times = [taken for taken, _ in samples]
    said = ", ".join(f"{name} {count}" for name, count in Counter(v for _, v in samples).items())
    print(f"{label:34} {statistics.median(times):8.1f} {max(times):8.1f}   {said}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=9)
    parser.add_argument("--largest", type=int, default=1_000_000)
    options = parser.parse_args()
    print(f"{'work':34} {'median':>8} {'max ms':>8}   verdicts")
    for name, make in (("sum", instance), ("no sum", unsolvable)):
        for count, items in SIZES:
            samples = []
            for seed in range(options.seeds):
                amounts, target = make(seed, count, items, options.largest)
                samples.append(
                    timed(
                        lambda amounts=amounts, target=target, items=items: str(  # type: ignore[misc]
                            find_sum(amounts, target, items_max=items).verdict
                        )
                    )
                )
            line(f"{name}: {count} candidates, up to {items}", samples)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
