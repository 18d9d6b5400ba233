"""`make bench`: the figures of docs/benchmarks.md, each against a peer on the same files.

    python -m benchmarks.run [--only match,run] [--full] [--size 50000] [--repeat 5] [--write]

Every figure is the median of whole processes that run by turns with their peers, so ratios can be
compared between machines, and seconds cannot. Without `--full` sizes are moderate: minutes in all.
With it a row has the size that its bar names; the whole takes more than an hour and 15 GB of disk.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import sys
from pathlib import Path

from benchmarks.measure import JobFailedError
from benchmarks.rows import Stored, keep, line, load
from benchmarks.sections import SECTIONS, Scale

GIBIBYTE = 1 << 30


def machine() -> dict[str, str]:
    """What kind of machine this is; nothing that names it."""
    processor = platform.machine()
    if (cpus := Path("/proc/cpuinfo")).exists():
        names = [text for text in cpus.read_text().splitlines() if text.startswith("model name")]
        processor = names[0].partition(":")[2].strip() if names else processor
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIBIBYTE
    packages = ("duckdb", "pyarrow", "pandas")
    return {
        "cores": str(os.cpu_count()),
        "processor": processor,
        "memory": f"{memory:.0f}",
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in packages},
    }


def main() -> int:
    """Measure and print; the exit status is 1 when a job failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, with commas")
    parser.add_argument("--full", action="store_true", help="the sizes that the bars name")
    parser.add_argument("--size", type=int, help="another size of the chosen sections")
    parser.add_argument("--repeat", type=int, default=5, help="rounds; the median counts")
    parser.add_argument("--write", action="store_true", help="keep the figures in the documents")
    options = parser.parse_args()
    wanted = options.only.split(",")
    unknown = sorted(set(wanted) - set(SECTIONS))
    if unknown or options.repeat < 1:
        parser.error(f"sections are {', '.join(SECTIONS)}; --repeat is at least 1")
    results: Stored = load()
    results["machine"] = machine()
    try:
        for section in wanted:
            measure, moderate, full, unit = SECTIONS[section]
            size = options.size or (full if options.full else moderate)
            print(f"{section}: {size:,} {unit}", file=sys.stderr)
            for name, found in measure(Scale(size=size, repeat=options.repeat)):
                found["date"] = datetime.date.today().isoformat()
                found["repeat"] = options.repeat
                found["scale"] = "FULL=1" if size == full else f"SIZE={size}"
                print(line(name, found, "en"), end="", flush=True)
                results["rows"][name] = found
                if options.write:
                    keep(results)
    except JobFailedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
