"""As many changes as go through without a rate limit: an apply beside what else could send them, round by round.

The requests per second are those that the server saw, from the first PUT to the last. The tool also records every
change durably before it is sent, logs it, and reads it back. Processor time is that of the sending, from the first PUT
to the last; with start, list, read-back and reports it is told by itself.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from tests.bench import fleet
from tests.bench.figures import Figure, Goal, Measure, at_least, at_most, floor, ours, peer, times_less, times_more
from tests.bench.peers import curl
from tests.bench.yard import Aim, Finished, Yard, per_second, server, totals

CHANGES = 10_000
FEWER = 1_000
SDK_CHANGES = 2_000
WORKERS = 64
SLOW_SDK_CHANGES = 100
SLOW_S = 0.03
SDK_WAYS = {"SDK, loop": "loop", "SDK, 32 threads": "threads", "SDK, async client": "async"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What sending took: a rate, processor time for a change, that of the whole process, and the peak of memory."""

    per_s: float
    cpu_ms: float
    whole_ms: float
    peak_mb: float


def measure(yard: Yard) -> Iterator[Figure]:
    policy = yard.policy("all-manual", fleet.ALL_MANUAL)
    with yard.front(tasks=CHANGES) as (plain, tls):
        yield from _beside_all(yard, policy, plain, "raw", times_more(6))
        yield from _beside_all(yard, policy, tls, "raw, TLS", times_more(5))
        if find_spec("uvloop") and find_spec("enforcer.cli.terminal.loops"):
            yield _on_uvloop(yard, policy, plain)
    with yard.front(tasks=FEWER) as (plain, _):
        (few,) = yard.in_turn(partial(_tool, yard, plain, policy, FEWER, WORKERS))
    yield Figure(
        case=f"raw, {FEWER:,} changes",
        what="peak memory",
        unit="MiB",
        ours=ours([each.peak_mb for each in few], at_most(120)),
    )
    with server(tasks=CHANGES, latency_s=SLOW_S) as stand:
        yield from _slow(yard, policy, stand.aim)


def _beside_all(yard: Yard, policy: Path, aim: Aim, case: str, against_sdk: Goal) -> Iterator[Figure]:
    tool, bare, quickest, *sdks = yard.in_turn(
        partial(_tool, yard, aim, policy, CHANGES, WORKERS),
        partial(_bare, yard, aim, CHANGES, WORKERS),
        partial(_curl, yard, aim, CHANGES),
        *_sdk_ways(yard, aim),
    )

    def beside(
        value: Callable[[Sending], float], sdk_goal: Goal, floor_goal: Goal | None = None
    ) -> tuple[Measure, ...]:
        return (
            *_sdk_peers(sdks, value, sdk_goal),
            peer("curl -Z, unsigned", map(value, quickest)),
            floor("bare signed aiohttp", map(value, bare), floor_goal),
        )

    yield Figure(
        case=case,
        what=f"{CHANGES:,} changes",
        unit="requests/s",
        ours=ours(each.per_s for each in tool),
        beside=beside(lambda each: each.per_s, against_sdk, at_least(0.6, "≥ 0.6 x")),
    )
    yield Figure(
        case=case,
        what="processor time a change, sending",
        unit="ms",
        ours=ours(each.cpu_ms for each in tool),
        beside=beside(lambda each: each.cpu_ms, times_less(5)),
    )
    yield Figure(
        case=case,
        what="processor time a change, whole process",
        unit="ms",
        ours=ours(each.whole_ms for each in tool),
    )
    yield Figure(
        case=case,
        what="peak memory",
        unit="MiB",
        ours=ours([each.peak_mb for each in tool], at_most(120)),
        beside=tuple(peer(name, [each.peak_mb for each in runs]) for name, runs in zip(SDK_WAYS, sdks, strict=True)),
    )


def _on_uvloop(yard: Yard, policy: Path, aim: Aim) -> Figure:
    tool, *sdks = yard.in_turn(
        partial(_tool, yard, aim, policy, CHANGES, WORKERS, event_loop="uvloop"), *_sdk_ways(yard, aim)
    )
    return Figure(
        case="raw, the extra fast (uvloop)",
        what=f"{CHANGES:,} changes",
        unit="requests/s",
        ours=ours(_rates(tool)),
        beside=_sdk_peers(sdks, lambda each: each.per_s, times_more(8)),
    )


def _sdk_ways(yard: Yard, aim: Aim) -> Iterator[Callable[[], Sending]]:
    return (partial(_sdk, yard, aim, way, SDK_CHANGES) for way in SDK_WAYS.values())


def _sdk_peers(sdks: Sequence[Sequence[Sending]], value: Callable[[Sending], float], goal: Goal) -> tuple[Measure, ...]:
    """Return the *value* of each way to use the SDK; the *goal* is against the one that sends most."""
    best = max(sdks, key=lambda runs: sorted(each.per_s for each in runs)[len(runs) // 2])
    return tuple(
        peer(name, map(value, runs), goal if runs is best else None) for name, runs in zip(SDK_WAYS, sdks, strict=True)
    )


def _slow(yard: Yard, policy: Path, aim: Aim) -> Iterator[Figure]:
    tool, bare, sdk = yard.in_turn(
        partial(_tool, yard, aim, policy, CHANGES, WORKERS),
        partial(_bare, yard, aim, CHANGES, WORKERS),
        partial(_sdk, yard, aim, "loop", SLOW_SDK_CHANGES),
        warm_up=False,
    )
    yield Figure(
        case="raw, a server that takes 30 ms, 64 workers",
        what=f"{CHANGES:,} changes",
        unit="requests/s",
        ours=ours(each.per_s for each in tool),
        beside=(
            peer("SDK, loop", _rates(sdk), times_more(60)),
            floor("bare signed aiohttp", _rates(bare)),
        ),
    )


def _rates(runs: Sequence[Sending]) -> Iterator[float]:
    return (each.per_s for each in runs)


def _tool(yard: Yard, aim: Aim, policy: Path, changes: int, workers: int, *, event_loop: str = "asyncio") -> Sending:
    aim.reset()
    trust = ("--ca-file", aim.ca_file) if aim.ca_file else ()
    connection = ("--endpoint", aim.endpoint, "--rate", "unlimited", "--concurrency", workers, *trust)
    run = yard.enforcer("apply", policy, "--yes", "--format", "json", *connection, event_loop=event_loop)
    if totals(run.out)["verified"] != changes:
        raise RuntimeError(f"not every change was verified: {totals(run.out)}")
    came = aim.puts()
    return _sending(aim, run, changes, run.cpu_between(came[0], came[-1]))


def _sdk(yard: Yard, aim: Aim, way: str, changes: int) -> Sending:
    aim.reset()
    run = yard.module("peers.sdk", way, aim.endpoint, changes, *_trust(aim))
    return _sending(aim, run, changes, run.said["cpu_s"])


def _bare(yard: Yard, aim: Aim, changes: int, workers: int) -> Sending:
    aim.reset()
    run = yard.module("peers.bare", aim.endpoint, changes, workers, *_trust(aim))
    return _sending(aim, run, changes, run.said["cpu_s"])


def _curl(yard: Yard, aim: Aim, changes: int) -> Sending:
    aim.reset()
    run = curl.send(yard, aim.endpoint, changes, aim.ca_file)
    return _sending(aim, run, changes, run.cpu_s)


def _trust(aim: Aim) -> tuple[Path, ...]:
    return () if aim.ca_file is None else (aim.ca_file,)


def _sending(aim: Aim, run: Finished, changes: int, cpu_s: float) -> Sending:
    return Sending(
        per_s=per_second(aim.puts(), changes),
        cpu_ms=1000 * cpu_s / changes,
        whole_ms=1000 * run.cpu_s / changes,
        peak_mb=run.peak_mb,
    )
