"""How close an apply comes to the rate it was given, as the server sees it, and what waiting costs."""

import json
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from tests.bench import fleet
from tests.bench.figures import Figure, at_least, at_most
from tests.bench.yard import Yard, server

CHANGES_AT = {20: 100, 100: 400, 200: 800}
"""Rate per second, and as many changes as take a few seconds at it."""
RUNS = 3
WORKERS = 8


def measure(yard: Yard) -> Iterator[Figure]:
    policy = yard.policy("all-manual", fleet.ALL_MANUAL)
    for rate, changes in CHANGES_AT.items():
        yield from _at(yard, policy, rate, changes)
    yield from _alone(yard)


def _at(yard: Yard, policy: object, rate: int, changes: int) -> Iterator[Figure]:
    shares, crowds, gaps, cpus = [], [], [], []
    with server(tasks=changes) as stand:
        for _ in range(RUNS):
            stand.reset()
            connection = ("--endpoint", stand.endpoint, "--rate", f"{rate}/s", "--concurrency", WORKERS)
            run = yard.enforcer("apply", policy, "--yes", *connection)
            came = stand.arrivals("PUT")
            shares.append(100 * (len(came) - 1) / (came[-1] - came[0]) / rate)
            gaps.append(1000 * max(after - before for before, after in pairwise(came)))
            crowds.append(float(most_in_a_second(stand.arrivals())))
            cpus.append(100 * run.cpu_s / run.wall_s)
    case = f"pace {changes} changes at {rate}/s"
    yield Figure(case=case, what="rate reached", unit="%", runs=tuple(shares), goal=at_least(98))
    yield Figure(
        case=case, what="most starts in any second", unit="", runs=tuple(crowds), goal=at_most(rate, worst=True)
    )
    yield Figure(case=case, what=f"longest gap (even: {1000 / rate:g})", unit="ms", runs=tuple(gaps))
    yield Figure(case=case, what="CPU of the whole process", unit="% of a core", runs=tuple(cpus))


def most_in_a_second(came: list[float]) -> int:
    """Return the most arrivals in any window of one second, which holds its beginning and not its end."""
    return max(bisect_left(came, at + 1) - number for number, at in enumerate(came))


def _alone(yard: Yard) -> Iterator[Figure]:
    runs = [json.loads(yard.module("throttle_loop", 200, 5, WORKERS).out) for _ in range(RUNS)]
    case, unit = "throttle alone at 200/s", "% of a core"
    yield Figure(
        case=case, what=f"{WORKERS} waiting", unit=unit, runs=tuple(run["throttle"] for run in runs), goal=at_most(2)
    )
    yield Figure(case=case, what="a bare timer (floor)", unit=unit, runs=tuple(run["timer"] for run in runs))
