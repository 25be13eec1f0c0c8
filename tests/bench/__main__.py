"""`make bench`: measures, prints a table, and writes it with every single run as JSON into bench-results/.

It judges nothing: a goal that was missed is marked in the table, and the exit code stays 0.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench import deciding, pacing, sending, start_up
from tests.bench.figures import Figure, table
from tests.bench.yard import Yard

CASES: dict[str, Callable[[Yard], Iterator[Figure]]] = {
    "start-up": start_up.measure,
    "deciding": deciding.measure,
    "sending": sending.measure,
    "pacing": pacing.measure,
}
RESULTS = Path("bench-results")
PACKAGES = ("enforcer", "aiohttp", "asyncio-throttle", "google-re2", "msgspec", "structlog", "huaweicloudsdkdcs")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"only these: {', '.join(CASES)}")
    chosen = parser.parse_args().cases or list(CASES)
    if unknown := set(chosen) - set(CASES):
        parser.error(f"no case {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    RESULTS.mkdir(exist_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=RESULTS, prefix="run-") as folder:
        figures = list(_measured(chosen, Yard(Path(folder).resolve())))
    about = surroundings()
    _tell(f"\n{about['date']}, {about['machine']}, {about['python']}, {about['system']}\n\n{table(figures)}\n")
    path = RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps({**about, "figures": [_plain(figure) for figure in figures]}, indent=2) + "\n")
    _tell(f"\n{time.monotonic() - began:.0f} s.  Every single run: {path}")


def _measured(chosen: list[str], yard: Yard) -> Iterator[Figure]:
    for name in chosen:
        _tell(f"measuring {name} ...")
        yield from CASES[name](yard)


def surroundings() -> dict[str, object]:
    """Return what a figure depends on: when, on what machine, with which versions."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{os.cpu_count()} CPUs, {_cpu()}",
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": {name: version(name) for name in PACKAGES},
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _plain(figure: Figure) -> dict[str, object]:
    goal = figure.goal.text if figure.goal else None
    fields = {"case": figure.case, "what": figure.what, "unit": figure.unit, "median": figure.median}
    return {**fields, "runs": figure.runs, "goal": goal, "verdict": figure.verdict or None}


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
