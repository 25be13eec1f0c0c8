"""The job of a night: 10,000 tasks of which 5% are not as they should be, from the start of the process to its end.

The tool lists, compares, changes and reads back. The SDK's scripts are the one that sets every task without looking,
and the one that lists, compares and sets what differs, without reading back. The first is timed over fewer tasks, and
what its updates took is multiplied; it takes minutes.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.bench import fleet
from tests.bench.figures import Figure, ours, peer, times_less
from tests.bench.yard import Stand, Yard, server, totals

TASKS = 10_000
ONE_IN = 20
WORKERS = 64
LATENCIES_S = {"a server that answers at once": (0.0, 1_000), "a server that takes 30 ms": (0.03, 200)}
"""For each server its latency, and how many updates of the script that sets every task are timed."""


def measure(yard: Yard) -> Iterator[Figure]:
    policy = yard.policy("all-manual", fleet.ALL_MANUAL)
    for what, (latency_s, timed) in LATENCIES_S.items():
        with server(tasks=TASKS, auto_every=ONE_IN, latency_s=latency_s) as stand:
            tool, every, compare = yard.in_turn(
                partial(_tool, yard, stand, policy),
                partial(_every, yard, stand, timed),
                partial(_compare, yard, stand),
                warm_up=False,
            )
        yield Figure(
            case="job",
            what=f"{TASKS:,} tasks, 5% drift, {what}",
            unit="s",
            ours=ours(tool),
            beside=(
                peer(f"SDK, sets every task (x {TASKS // timed})", every, times_less(20)),
                peer("SDK, lists, compares, sets", compare, times_less(5)),
            ),
        )


def _tool(yard: Yard, stand: Stand, policy: Path) -> float:
    stand.reset()
    connection = ("--endpoint", stand.endpoint, "--rate", "unlimited", "--concurrency", WORKERS)
    run = yard.enforcer("apply", policy, "--yes", "--format", "json", *connection)
    if totals(run.out)["verified"] != TASKS // ONE_IN:
        raise RuntimeError(f"not every change was verified: {totals(run.out)}")
    return run.wall_s


def _every(yard: Yard, stand: Stand, timed: int) -> float:
    stand.reset()
    run = yard.module("peers.sdk", "loop", stand.endpoint, timed)
    sending_s = run.said["wall_s"]
    return run.wall_s - sending_s + sending_s * TASKS / timed


def _compare(yard: Yard, stand: Stand) -> float:
    stand.reset()
    run = yard.module("peers.sdk", "compare", stand.endpoint, TASKS)
    if len(stand.puts()) != TASKS // ONE_IN:
        raise RuntimeError(f"{len(stand.puts())} PUTs came from the SDK's script")
    return run.wall_s
