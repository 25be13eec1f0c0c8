"""Whether and when a failed request is sent again. Chance arrives as *jitter*, from 0 up to but not including 1."""

from dataclasses import dataclass
from typing import Final

from enforcer.model.answer import Failure, FailureKind

BASE_S: Final = 0.5
CAP_S: Final = 20.0
"""Full jitter: U(0, min(cap, base * 2^n)), as the AWS SDKs do it in standard mode."""

THROTTLE_LOW_S: Final = 2.0
THROTTLE_HIGH_S: Final = 5.0
THROTTLE_CAP_S: Final = 60.0
"""Huawei's FAQ advises to wait 2 to 5 s after a 429; doubled while it persists, up to a one-minute window."""

LONGEST_HINT_S: Final = 300.0
"""A server that asks for a longer wait is not waited for: the next run is the retry."""

AGAIN: Final = frozenset({FailureKind.NOT_SENT, FailureKind.TRANSIENT, FailureKind.LOST, FailureKind.THROTTLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """How many requests one call may take in all. Throttling has its own count: it says nothing of the call."""

    plain: int
    throttled: int


LIST_ATTEMPTS: Final = Attempts(plain=5, throttled=8)
PUT_ATTEMPTS: Final = Attempts(plain=4, throttled=8)


def wait_before_next(failure: Failure, attempt: int, attempts: Attempts, jitter: float) -> float | None:
    """Return the seconds to wait after the failure of *attempt* (from 1), or None if there is to be no other."""
    if failure.kind not in AGAIN:
        return None
    is_throttle = failure.kind is FailureKind.THROTTLED
    if attempt >= (attempts.throttled if is_throttle else attempts.plain):
        return None
    own = _throttle_wait(attempt, jitter) if is_throttle else _backoff(attempt, jitter)
    if failure.retry_after_s is None:
        return own
    if failure.retry_after_s > LONGEST_HINT_S:
        return None
    return max(own, failure.retry_after_s * (1 + jitter / 10))


def _backoff(attempt: int, jitter: float) -> float:
    return jitter * min(CAP_S, BASE_S * 2.0**attempt)


def _throttle_wait(attempt: int, jitter: float) -> float:
    first = THROTTLE_LOW_S + jitter * (THROTTLE_HIGH_S - THROTTLE_LOW_S)
    return min(THROTTLE_CAP_S, first * 2.0 ** (attempt - 1))
