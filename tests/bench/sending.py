"""An apply without a rate limit beside the official SDK's loop, turn by turn against the same server."""

from collections.abc import Iterator

from tests.bench import fleet
from tests.bench.figures import Figure, at_least
from tests.bench.yard import Finished, Stand, Yard, server, totals

CHANGES = 2_000
CONCURRENCY = 32
RUNS = 5
CASE = "send 2,000 changes"


def measure(yard: Yard) -> Iterator[Figure]:
    policy = yard.policy("all-manual", fleet.ALL_MANUAL)
    ours: list[tuple[Finished, float]] = []
    theirs: list[tuple[Finished, float]] = []
    with server(tasks=CHANGES) as stand:
        for turn in range(-1, RUNS):
            mine, sdk = _apply(yard, stand, policy), _loop(yard, stand)
            if turn >= 0:  # the first of each only warms up
                ours.append(mine)
                theirs.append(sdk)
    yield _figure("enforcer, first to last PUT", "requests/s", (rate for _, rate in ours))
    yield _figure("SDK loop, first to last PUT", "requests/s", (rate for _, rate in theirs))
    ratios = (mine / sdk for (_, mine), (_, sdk) in zip(ours, theirs, strict=True))
    yield Figure(case=CASE, what="ratio of the two", unit="x", runs=tuple(ratios), goal=at_least(5))
    yield _figure("enforcer, whole process", "s", (run.wall_s for run, _ in ours))
    yield _figure("SDK loop, whole process", "s", (run.wall_s for run, _ in theirs))
    yield _figure("enforcer, CPU of the process", "s", (run.cpu_s for run, _ in ours))
    yield _figure("SDK loop, CPU of the process", "s", (run.cpu_s for run, _ in theirs))
    yield _figure("enforcer, peak memory", "MiB", (run.peak_mb for run, _ in ours))
    yield _figure("SDK loop, peak memory", "MiB", (run.peak_mb for run, _ in theirs))


def _figure(what: str, unit: str, runs: Iterator[float]) -> Figure:
    return Figure(case=CASE, what=what, unit=unit, runs=tuple(runs))


def _apply(yard: Yard, stand: Stand, policy: object) -> tuple[Finished, float]:
    stand.reset()
    connection = ("--endpoint", stand.endpoint, "--rate", "unlimited", "--concurrency", CONCURRENCY)
    run = yard.enforcer("apply", policy, "--yes", "--format", "json", *connection)
    if totals(run.out)["verified"] != CHANGES:
        raise RuntimeError(f"not every change was verified: {totals(run.out)}")
    return run, _rate(stand)


def _loop(yard: Yard, stand: Stand) -> tuple[Finished, float]:
    stand.reset()
    return yard.module("sdk_loop", stand.endpoint, CHANGES), _rate(stand)


def _rate(stand: Stand) -> float:
    """Return the requests per second as the server saw them, from the first PUT to the last."""
    came = stand.arrivals("PUT")
    if len(came) != CHANGES:
        raise RuntimeError(f"{len(came)} PUTs came instead of {CHANGES}")
    return (len(came) - 1) / (came[-1] - came[0])
