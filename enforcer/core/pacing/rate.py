"""How fast a target may be asked, and when not at all. Pure: every method is told the time, in seconds on one clock.

Throttling belongs to the target, not to a request: one "slow down" closes the gate for all of them. In a
simulation of 300 changes against a quota of 60 a minute, retrying each request by itself failed 180 of them;
a shared gate failed none.
"""

from collections import deque
from typing import Final

from enforcer.model.limits import Rate

DOWN: Final = 0.7
"""What a throttle leaves of the rate, where nothing was taken since the one before (the beta of CUBIC)."""
SAFE: Final = 0.97
"""What counts as the server's quota, as a share of what it took: what leaves at even times arrives at uneven ones. In
simulation, four milliseconds of unevenness at a hidden 20 a second cost 17 % of the time with all of it, 12 % so."""
FOUND: Final = 0.5
"""A server that took less than that share of the rate has shown its quota. Where it took more, others may have had the
rest, which comes and goes."""
DIP: Final = 0.05
"""How far below the quota the rate begins again, as a share of it."""
PLATEAU_S: Final = 45.0
"""Seconds of success after which the rate is again that quota. In simulation of hidden quotas of 5 to 200 a
second and 60 a minute, half as long cost twice the 429s."""
FLOOR_PER_S: Final = 0.1
LONGEST_CLIMB_S: Final = 1.0
"""Idle time earns nothing: a success counts for at most this many seconds since the one before."""

GATE_LOW_S: Final = 2.0
GATE_HIGH_S: Final = 5.0
GATE_CAP_S: Final = 60.0
"""Huawei's FAQ advises to wait 2 to 5 s after a 429; doubled while it persists, up to a one-minute window."""

MEMORY_OF_STARTS: Final = 20_000
"""Starts remembered to see when a quota that the gateway names frees up: the largest known one is 200 a second."""


class RateController:
    """The rate below a ceiling that throttles lower and success raises again. None means unlimited, until the first.

    What the server took before a throttle is the best that is known of its quota. The rate begins again somewhat below,
    stays near it for long, and then climbs ever faster, since a throttle may have been an accident: the curve of CUBIC.
    """

    def __init__(self, ceiling_per_s: float | None) -> None:
        self.ceiling_per_s = ceiling_per_s
        self.rate_per_s = ceiling_per_s
        self._quota_per_s = ceiling_per_s or 0.0
        """What the server seems to take."""
        self._earned_s = 0.0
        """Time with success since the last throttle."""
        self._lowered_at = float("-inf")
        self._last_success: float | None = None

    def throttled(self, now: float, taken_per_s: float) -> None:
        """Lower the rate, at most once a second. *taken_per_s* is what went through; it stands in for unlimited."""
        if now - self._lowered_at < 1.0:
            return
        was_taking = self._last_success is not None
        self._lowered_at, self._last_success, self._earned_s = now, None, 0.0
        if self.rate_per_s is None:
            self.rate_per_s = self.ceiling_per_s = max(taken_per_s, FLOOR_PER_S)
        if was_taking:
            is_found = taken_per_s < self.rate_per_s * FOUND
            self._quota_per_s = taken_per_s * SAFE if is_found else min(self.rate_per_s, taken_per_s)
        else:
            self._quota_per_s = self.rate_per_s * DOWN / (1 - DIP)
        self.rate_per_s = max(FLOOR_PER_S, self._quota_per_s * (1 - DIP))

    def learned(self, limit: Rate) -> None:
        """Take the limit that the gateway named as a ceiling. It lowers what is allowed and never raises it."""
        named = float(limit.per_second)
        self.ceiling_per_s = named if self.ceiling_per_s is None else min(self.ceiling_per_s, named)
        self.rate_per_s = self.ceiling_per_s if self.rate_per_s is None else min(self.rate_per_s, self.ceiling_per_s)

    def succeeded(self, now: float) -> bool:
        """Climb towards the ceiling, and return whether this step has reached it."""
        last, self._last_success = self._last_success, now
        if self.rate_per_s is None or self.ceiling_per_s is None or self.rate_per_s >= self.ceiling_per_s:
            return False
        self._earned_s += 0.0 if last is None else min(now - last, LONGEST_CLIMB_S)
        climbed = self._quota_per_s * (1 + DIP * (self._earned_s / PLATEAU_S - 1) ** 3)
        self.rate_per_s = min(self.ceiling_per_s, max(self.rate_per_s, climbed))
        return self.rate_per_s >= self.ceiling_per_s


class Gate:
    """Open, or closed for every request of a target until a time; then one probe passes and the rest await its fate."""

    def __init__(self) -> None:
        self.times = 0
        """Throttles in a row, without a success between them."""
        self.closed_since: float | None = None
        """When the first of them came; None without any."""
        self._closed_at = float("-inf")
        self._opens_at = float("-inf")
        self._probe_is_out = False

    def is_known(self, started: float) -> bool:
        """Return whether a throttle of the request that *started* then tells nothing new: the gate has closed since."""
        return started < self._closed_at

    def throttled(self, now: float, *, jitter: float, at_least_s: float) -> float:
        """Close after a throttle that tells something new, and return for how many seconds.

        *jitter* is chance from 0 up to but not including 1. The gate stays closed for *at_least_s* or its own
        back-off, whichever is longer.
        """
        self.times += 1
        self.closed_since = now if self.closed_since is None else self.closed_since
        first = GATE_LOW_S + jitter * (GATE_HIGH_S - GATE_LOW_S)
        wait = max(at_least_s, min(GATE_CAP_S, first * 2.0 ** (self.times - 1)))
        self._closed_at = now
        self._opens_at = now + wait
        self._probe_is_out = False
        return wait

    def answered(self, started: float) -> None:
        """Take note that the request that *started* then was not throttled."""
        if started < self._closed_at:
            return
        self.times = 0
        self.closed_since = None
        self._probe_is_out = False

    def withdrawn(self, started: float) -> None:
        """Take note that the request that *started* then ended without telling anything."""
        if started >= self._closed_at:
            self._probe_is_out = False

    def open_for(self, now: float) -> float:
        """Return for how many seconds it has been open, endless if it was never closed; 0 while it is closed."""
        return max(0.0, now - self._opens_at)

    def wait(self, now: float) -> float | None:
        """Return the seconds until a request may start, 0 for now; None: when the probe's answer is there."""
        if now < self._opens_at:
            return self._opens_at - now
        return None if self._probe_is_out else 0.0

    def passed(self) -> None:
        """Take note that a request starts: after a throttle it is the probe."""
        self._probe_is_out = self.times > 0


class Starts(deque[float]):
    """When requests were started, the latest of them."""

    def __init__(self) -> None:
        super().__init__(maxlen=MEMORY_OF_STARTS)

    def since(self, then: float) -> list[float]:
        """Return those after *then*."""
        return [at for at in self if at > then]

    def per_s(self, now: float, over_s: float = 10.0) -> float:
        """Return the mean rate of the last *over_s* seconds, or of the time since the first start if that is less.

        What started in the last second counts if that is more: before it there may have been little to start.
        """
        recent = self.since(now - over_s)
        span = now - recent[0] if recent else 0.0
        return max(len(recent) / max(span, 1.0), sum(at > now - 1.0 for at in recent))

    def frees_in(self, count: int, period_s: float, now: float) -> float:
        """Return the seconds until there are fewer than *count* starts in the last *period_s* seconds."""
        if len(self) < count:
            return 0.0
        return max(0.0, self[-count] + period_s - now)
