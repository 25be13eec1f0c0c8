"""The gateway's two memories of misbehaviour: too many requests, and too many bad signatures.

Both are told the time (seconds of a monotonic clock) and read none.
"""

from collections import deque

from enforcer.simulator.quantities import Rate

_FAILURES_ALLOWED = 5
_LOCKED_FOR = 300.0


class SlidingWindow:
    """Admits at most *limit* requests in any window. A refused one does not count."""

    def __init__(self, limit: Rate) -> None:
        self.limit = limit
        self._admitted: deque[float] = deque()

    def admits(self, now: float) -> bool:
        """Return whether a request that arrives at *now* goes through, and remember it if so."""
        while self._admitted and self._admitted[0] <= now - self.limit.period:
            self._admitted.popleft()
        if len(self._admitted) >= self.limit.count:
            return False
        self._admitted.append(now)
        return True


class Lockout:
    """More than five failures of a key in a row lock it for five minutes."""

    def __init__(self) -> None:
        self._failures: dict[str, int] = {}
        self._locked_until: dict[str, float] = {}

    def is_locked(self, ak: str, now: float) -> bool:
        return now < self._locked_until.get(ak, now)

    def failed(self, ak: str, now: float) -> None:
        self._failures[ak] = self._failures.get(ak, 0) + 1
        if self._failures[ak] > _FAILURES_ALLOWED:
            self._locked_until[ak] = now + _LOCKED_FOR
            self._failures[ak] = 0

    def succeeded(self, ak: str) -> None:
        self._failures.pop(ak, None)
