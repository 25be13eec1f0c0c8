"""Every point, every failing write, and many rounds of random kills: `make chaos`, or ``python -m tests.chaos --help``.

Bounded in time; the seed is printed, and the same seed gives the same drift and the same moments in the same order.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.chaos.life import STRACE
from tests.chaos.loop import rounds
from tests.chaos.points import FAILING, KILLED_AT, Point, Result, failures, kills, strike

BEYOND = 2
"""Calls in a row that a run does not come to, after which the place counts as done: threads share the work unevenly."""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make chaos ARGS=...", description=__doc__)
    parser.add_argument("--for", dest="minutes", type=float, default=60.0, metavar="MINUTES", help="at most (60)")
    parser.add_argument("--rounds", type=int, default=1000, help="random kills (1000)")
    parser.add_argument("--seed", type=int, default=None, help="of the rounds; by default a new one each time")
    asked = parser.parse_args(argv)
    seed = int.from_bytes(os.urandom(3)) if asked.seed is None else asked.seed
    until = time.monotonic() + asked.minutes * 60
    wrong = 0
    for unlimited, at in ((False, "at a rate"), (True, "without a rate")):
        cut_off = (_each(kills(place, unlimited=unlimited)) for place in KILLED_AT)
        wrong += _points(f"crash points {at}", cut_off, until)
        failing = (failures(place, unlimited=unlimited) for place in FAILING)
        wrong += _points(f"runs {at} with a failing write", failing, until)
    with tempfile.TemporaryDirectory(prefix="enforcer-chaos-") as folder:
        figures = rounds(asked.rounds, Path(folder) / "life", seed, until=until)
    print(figures, *figures.wrong, sep="\n")
    return 1 if wrong or figures.wrong else 0


def _each(points: Iterator[Point]) -> Iterator[tuple[Point, ...]]:
    return ((point,) for point in points)


def _points(what: str, places: Iterator[Iterator[tuple[Point, ...]]], until: float) -> int:
    """Strike at every point of every place, print what comes of it, and return how many went wrong."""
    if STRACE is None:
        print(f"{what}: none, as strace is not installed")
        return 0 if os.environ.get("REQUIRE_STRACE") != "1" else 1
    results = [result for place in places for result in _place(place, until)]
    struck = [result for result in results if result.struck]
    failed = [result for result in results if result.wrong]
    print(
        f"{len(struck)} {what}, {sum(result.operations for result in struck)} operations, "
        f"{sum(result.ambiguous for result in struck)} ambiguous, {len(failed)} violations",
        flush=True,
    )
    return len(failed)


def _place(points: Iterator[tuple[Point, ...]], until: float) -> Iterator[Result]:
    missed = 0
    for together in points:
        if missed >= BEYOND or time.monotonic() > until:
            return
        results = [_strike(point) for point in together]
        missed = 0 if any(result.struck for result in results) else missed + 1
        yield from results


def _strike(point: Point) -> Result:
    with tempfile.TemporaryDirectory(prefix="enforcer-chaos-") as folder:
        result = strike(point, Path(folder) / "life")
    if result.wrong:
        print(result, flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
