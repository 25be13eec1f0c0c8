"""When a target was sent what, as equal bins: never more than a plot can show, whatever the length of the run.

Pure: times are Unix time in seconds, as the events have them.
"""

import math
from array import array
from collections.abc import Iterable, MutableSequence, Sequence

from msgspec import Struct, field

from enforcer.model.report.target import Bin, Latency, Timeline

MOST = 120
"""Bins of one timeline."""


def _floats() -> MutableSequence[float]:
    return array("d")


class Moments(Struct, kw_only=True):
    """What happened to one target, and when. Of each of very many moments it keeps 8 bytes."""

    started: MutableSequence[float] = field(default_factory=_floats)
    """PUTs."""
    throttled: MutableSequence[float] = field(default_factory=_floats)
    """Answers that said "slow down"."""
    answered_at: MutableSequence[float] = field(default_factory=_floats)
    """Answers to PUTs that had a status."""
    durations_ms: MutableSequence[float] = field(default_factory=_floats)
    """After how many milliseconds each of them came."""
    paused: list[tuple[float, float]] = field(default_factory=list)
    """From when, and for how many seconds, no request was let through."""


def timeline(moments: Moments, run_started_at: float) -> Timeline | None:
    """Return what *moments* come to over time; None if no PUT was started.

    The first bin begins with the first moment. A bin is 1, 2, 4, 8 … seconds wide, as narrow as MOST allows; a moment
    belongs to the bin in which it fell, an answer to that of its arrival.
    """
    if not moments.started:
        return None
    all_times = [times for times in (moments.started, moments.throttled, moments.answered_at) if times]
    begins, ends = min(map(min, all_times)), max(map(max, all_times))
    width = 1
    while (ends - begins) / width >= MOST:
        width *= 2
    bins = [_Bin() for _ in range(int((ends - begins) / width) + 1)]

    def of(at: float) -> _Bin:
        return bins[int((at - begins) / width)]

    for at in moments.started:
        of(at).puts += 1
    for at in moments.throttled:
        of(at).throttled += 1
    for at, duration_ms in zip(moments.answered_at, moments.durations_ms, strict=True):
        of(at).durations_ms.append(duration_ms)
    for opened, closed in _merged(moments.paused):
        for number, each in enumerate(bins):
            since = begins + number * width
            each.paused_s += max(0.0, min(closed, since + width) - max(opened, since))
    return Timeline(begins_s=round(begins - run_started_at, 3), bin_s=width, bins=tuple(each.report() for each in bins))


def latency(durations_ms: Iterable[float]) -> Latency:
    ordered = sorted(durations_ms)
    return Latency(p50=_percentile(ordered, 50), p95=_percentile(ordered, 95), p99=_percentile(ordered, 99))


class _Bin(Struct, kw_only=True):
    puts: int = 0
    throttled: int = 0
    paused_s: float = 0.0
    durations_ms: MutableSequence[float] = field(default_factory=_floats)

    def report(self) -> Bin:
        return Bin(
            puts=self.puts,
            throttled=self.throttled,
            paused_s=round(self.paused_s, 3),
            latency_ms=latency(self.durations_ms),
        )


def _merged(paused: Iterable[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    """Yield when a pause began and ended, each second of overlapping ones once."""
    until = -math.inf
    for at, seconds in sorted(paused):
        if at + seconds > until:
            yield max(at, until), at + seconds
            until = at + seconds


def _percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Return the smallest value that at least *percent* of all do not exceed (nearest rank); None of no values."""
    return round(ordered[math.ceil(len(ordered) * percent / 100) - 1], 1) if ordered else None
