"""When to stop trying: a budget for the retries of a target, and a breaker for a target that is down.

The breaker has no half-open state: a run ends and reports, and the next scheduled one is the trial.
"""

from collections import deque
from typing import Final

BUDGET_START: Final = 20.0
BUDGET_CAP: Final = 100.0
BUDGET_PER_SUCCESS: Final = 0.1
"""A retry for every ten successes (the ratio of the SRE book's chapter on overload), on top of a start."""

WINDOW: Final = 20
SAMPLES_NEEDED: Final = 10
FAILED_SHARE: Final = 0.5
IN_A_ROW: Final = 8


class RetryBudget:
    """How many retries a target has left, all tasks together."""

    def __init__(self) -> None:
        self.left = BUDGET_START

    def succeeded(self) -> None:
        if self.left < BUDGET_CAP:
            self.left += BUDGET_PER_SUCCESS

    def take(self) -> bool:
        """Spend one retry and return True, or return False if none is left."""
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Breaker:
    """Opens, for good, when half of the last twenty requests failed, or eight in a row."""

    def __init__(self) -> None:
        self._recent: deque[bool] = deque(maxlen=WINDOW)

    def succeeded(self) -> None:
        self._recent.append(False)

    def failed(self, *, is_outage: bool) -> str | None:
        """Take in a failure, which counts if it *is_outage*. Return why the breaker opens, None while it is closed."""
        self._recent.append(is_outage)
        failures = sum(self._recent)
        if len(self._recent) >= IN_A_ROW and all(list(self._recent)[-IN_A_ROW:]):
            return f"{IN_A_ROW} requests in a row failed"
        if len(self._recent) >= SAMPLES_NEEDED and failures >= FAILED_SHARE * len(self._recent):
            return f"{failures} of the last {len(self._recent)} requests failed"
        return None


SAME_REFUSAL: Final = 5
FORBIDDEN: Final = 3


class FirstRefusals:
    """Notices that a target refuses every change alike, which is no matter of single tasks. Ends with a success."""

    def __init__(self) -> None:
        self._alike: tuple[int | None, str | None] | None = None
        self._count = 0
        self._over = False

    def succeeded(self) -> None:
        self._over = True

    def refused(self, http_status: int | None, error_code: str | None) -> bool:
        """Take in a refusal and return whether it is one too many of its kind."""
        if self._over:
            return False
        kind = (http_status, error_code)
        self._count = self._count + 1 if kind == self._alike else 1
        self._alike = kind
        return self._count >= (FORBIDDEN if http_status == 403 else SAME_REFUSAL)
