"""Whether and when a failed request is sent again. Chance arrives as *jitter*, from 0 up to but not including 1.

This is the only retry layer: the HTTP client makes one attempt a call.
"""

from typing import Final

from enforcer.core.pacing.breaker import RetryBudget
from enforcer.model.answer import Failure, FailureKind

LIST_ATTEMPTS: Final = 5
PUT_ATTEMPTS: Final = 4
"""Requests for one call. Reading is harmless and a run cannot begin without it, so it may take one more."""

BASE_S: Final = 0.5
CAP_S: Final = 20.0
"""Full jitter: U(0, min(cap, base * 2^n)), as the AWS SDKs do it in standard mode."""

LONGEST_HINT_S: Final = 300.0
"""A server that asks for a longer wait is not waited for: the next run is the retry."""

LONGEST_CALL_S: Final = 120.0
"""Requests and waits of one call, all together; waiting for permits does not count."""

FREE: Final = frozenset({FailureKind.THROTTLED, FailureKind.RENEWED})
"""Failures that say nothing of the call. The throttle, or whoever renews credentials, ends them if they persist."""

AGAIN: Final = frozenset({FailureKind.NOT_SENT, FailureKind.TRANSIENT, FailureKind.LOST})


class Tries:
    """The attempts of one call, bounded by their number, by their time, and by the *budget* of the whole target."""

    def __init__(self, attempts: int, budget: RetryBudget) -> None:
        self._left = attempts
        self._budget = budget
        self._spent_s = 0.0
        self._retries = 0

    def wait_after(self, failure: Failure, jitter: float) -> float | None:
        """Return the seconds to wait before the next attempt after *failure*, or None if there is to be none."""
        if failure.kind in FREE:
            return 0.0
        self._left -= 1
        self._spent_s += failure.duration_s
        if failure.kind not in AGAIN or self._left <= 0:
            return None
        self._retries += 1
        wait = self._wait(failure, jitter)
        if wait is None or self._spent_s + wait > LONGEST_CALL_S or not self._budget.take():
            return None
        self._spent_s += wait
        return wait

    def _wait(self, failure: Failure, jitter: float) -> float | None:
        own = jitter * min(CAP_S, BASE_S * 2.0**self._retries)
        hint = failure.retry_after_s
        if hint is None:
            return own
        return None if hint > LONGEST_HINT_S else max(own, with_margin(hint, jitter))


def with_margin(hint_s: float, jitter: float) -> float:
    """Return a little more than the server asked for, so that not everyone comes back in the same instant."""
    return hint_s * (1 + jitter / 10)
