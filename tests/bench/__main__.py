"""`make bench`: measures, prints tables, and writes every single value as JSON into bench-results/.

It judges nothing: a goal that was missed is marked in the table, and the exit code stays 0. All cases with 5 rounds
or more also renew the figures and drawings in docs/performance.md; a person judges the difference.
"""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench import document, nginx
from tests.bench.cases import deciding, job, journal, pacing, raw, start_up, throttled
from tests.bench.figures import Figure
from tests.bench.tables import plain, tables
from tests.bench.yard import Yard

CASES: dict[str, Callable[[Yard], Iterator[Figure]]] = {
    "start-up": start_up.measure,
    "deciding": deciding.measure,
    "journal": journal.measure,
    "raw": raw.measure,
    "job": job.measure,
    "pacing": pacing.measure,
    "throttled": throttled.measure,
}
RESULTS = Path("bench-results")
ROUNDS = 5
PACKAGES = ("enforcer", "aiohttp", "asyncio-throttle", "google-re2", "msgspec", "structlog", "huaweicloudsdkdcs")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"only these: {', '.join(CASES)}")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"values of each measure; by default {ROUNDS}")
    asked = parser.parse_args()
    chosen = asked.cases or list(CASES)
    if unknown := set(chosen) - set(CASES):
        parser.error(f"no case {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    if asked.rounds < 1:
        parser.error(f"{asked.rounds} rounds measure nothing; expected 1 or more")
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that the servers are stopped
    RESULTS.mkdir(exist_ok=True)
    about = surroundings(asked.rounds, nginx.version() if "raw" in chosen else "the bench's own server")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=RESULTS, prefix="run-") as folder:
        figures = list(_measured(chosen, Yard(Path(folder).resolve(), asked.rounds)))
    _tell(f"\n{document.headline(about)}\n\n{tables(figures, level='##')}\n")
    path = RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps({**about, "figures": [*map(plain, figures)]}, indent=2) + "\n", encoding="utf-8")
    if not asked.cases and asked.rounds >= ROUNDS:
        document.renew(about, figures)
        _tell(f"{document.PAGE} is renewed.")
    _tell(f"{time.monotonic() - began:.0f} s.  Every single value: {path}")


def _measured(chosen: list[str], yard: Yard) -> Iterator[Figure]:
    for name in chosen:
        began = time.monotonic()
        _tell(f"measuring {name} ...")
        yield from CASES[name](yard)
        _tell(f"  {time.monotonic() - began:.0f} s")


def surroundings(rounds: int, server: str) -> dict[str, object]:
    """Return what a figure depends on: when, on what machine, with which versions."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{os.cpu_count()} CPUs, {_cpu()}",
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "server": server,
        "packages": {name: version(name) for name in PACKAGES},
        "rounds": rounds,
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
