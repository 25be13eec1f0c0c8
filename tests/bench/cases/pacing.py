"""How close an apply comes to the rate it was given, as the server sees it, and what waiting costs.

The server takes 50 ms ± 50%. Beside it are workers that share an asyncio-throttle, as its documentation has it: the
quickest that can be written. The slow rates run side by side, since they do next to nothing but wait.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from tests.bench import fleet
from tests.bench.figures import Figure, Goal, at_least, at_most, floor, ours, peer
from tests.bench.yard import Arrival, Finished, Stand, Yard, server

SLOW = {1: 20, 5: 100}
FAST = {20: 100, 100: 400, 200: 800}
"""Rate per second, and as many changes as take some seconds at it."""
LATENCY_S = 0.05
SPREAD = 0.5
WORKERS = 32
PEER = "workers that share an asyncio-throttle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How requests came."""

    reached: float
    """Percent of the rate asked for, from the first PUT to the last."""
    lasted: float
    """From the first PUT until the last one was answered, less one latency, as a share of changes ÷ rate."""
    most: float
    """Requests of any kind in the fullest second, or at a rate of 1/s in the fullest ten."""
    gap_ms: float
    burst: float
    """PUTs in the fullest tenth of a second."""
    cpu: float
    """Percent of a core, from the start of the process to its end."""


def measure(yard: Yard) -> Iterator[Figure]:
    policy = yard.policy("all-manual", fleet.ALL_MANUAL)
    slow = [partial(_tool_alone, yard, policy, rate, changes) for rate, changes in SLOW.items()]
    paces = yard.side_by_side(slow * yard.rounds)
    for number, (rate, changes) in enumerate(SLOW.items()):
        yield from _figures(rate, changes, paces[number :: len(SLOW)], None)
    for rate, changes in FAST.items():
        with server(tasks=changes, latency_s=LATENCY_S, spread=SPREAD) as stand:
            tool, other = yard.in_turn(
                partial(_tool, yard, policy, stand, rate, changes),
                partial(_throttler, yard, stand, rate, changes),
                warm_up=False,
            )
        yield from _figures(rate, changes, tool, other)
    yield _alone(yard)


def _figures(rate: int, changes: int, tool: Sequence[Pace], other: Sequence[Pace] | None) -> Iterator[Figure]:
    case = f"pacing, {changes} changes at {rate}/s"

    def figure(what: str, unit: str, value: Callable[[Pace], float], goal: Goal | None = None) -> Figure:
        beside = () if other is None else (peer(PEER, map(value, other)),)
        return Figure(case=case, what=what, unit=unit, ours=ours(map(value, tool), goal), beside=beside)

    yield figure("rate reached", "%", lambda each: each.reached, at_least(99))
    yield figure("time taken ÷ (changes ÷ rate)", "", lambda each: each.lasted, at_most(1.02))
    yield figure("most requests in any second", "", lambda each: each.most, at_most(rate, worst=True))
    yield figure(f"longest gap (even: {1000 / rate:g})", "ms", lambda each: each.gap_ms)
    yield figure("most PUTs in a tenth of a second", "", lambda each: each.burst)
    yield figure("processor", "% of a core", lambda each: each.cpu)


def _tool_alone(yard: Yard, policy: Path, rate: int, changes: int) -> Pace:
    with server(tasks=changes, latency_s=LATENCY_S, spread=SPREAD) as stand:
        return _tool(yard, policy, stand, rate, changes)


def _tool(yard: Yard, policy: Path, stand: Stand, rate: int, changes: int) -> Pace:
    stand.reset()
    connection = ("--endpoint", stand.endpoint, "--rate", f"{rate}/s", "--concurrency", WORKERS)
    return _pace(stand.arrivals, yard.enforcer("apply", policy, "--yes", *connection), rate, changes)


def _throttler(yard: Yard, stand: Stand, rate: int, changes: int) -> Pace:
    stand.reset()
    return _pace(stand.arrivals, yard.module("peers.throttler", stand.endpoint, changes, WORKERS, rate), rate, changes)


def _pace(arrivals: Callable[[], list[Arrival]], run: Finished, rate: int, changes: int) -> Pace:
    came = arrivals()
    puts = [each.at for each in came if each.method == "PUT"]
    if len(puts) != changes:
        raise RuntimeError(f"{len(puts)} PUTs came instead of {changes}")
    lasted_s = puts[-1] - puts[0]
    return Pace(
        reached=100 * (changes - 1) / lasted_s / rate,
        lasted=lasted_s / (changes / rate),
        most=float(most_within(1.0, [each.at for each in came])),
        gap_ms=1000 * max(after - before for before, after in pairwise(puts)),
        burst=float(most_within(0.1, puts)),
        cpu=100 * run.cpu_s / run.wall_s,
    )


def most_within(seconds: float, came: Sequence[float]) -> int:
    """Return the most arrivals in any window of that length, which holds its beginning and not its end."""
    return max(bisect_left(came, at + seconds) - number for number, at in enumerate(came))


def _alone(yard: Yard) -> Figure:
    runs = [yard.module("loops.throttle", 200, 3, WORKERS).said for _ in range(yard.rounds)]
    return Figure(
        case="pacing, the throttle alone at 200/s",
        what=f"processor, {WORKERS} workers waiting",
        unit="% of a core",
        ours=ours((run["throttle"] for run in runs), at_most(2)),
        beside=(floor("a bare timer", (run["timer"] for run in runs)),),
    )
