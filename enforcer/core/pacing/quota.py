"""The quota of a minute that a gateway has and does not name, inferred from when it refuses. Pure, as `rate` is.

Huawei's gateway counts by the second, the minute, the hour or the day. A refusal that persists for longer than a second
without traffic is no second's; if more had been taken in no minute before it, it may be a minute's. Then it is waited
for until that minute is over, once, where doubling would ask again and again. Nothing else follows from the guess
before it has come true: a second refusal after as many requests.
"""

from typing import Final

from enforcer.core.pacing.rate import MEMORY_OF_STARTS, Starts

MINUTE_S: Final = 60

PEAK_S: Final = 2.0
"""A refusal by a quota of a minute follows a count that was never reached until that moment."""


class MinuteQuota:
    """Whether what was *taken* in a minute explains the refusals. Nothing is worked out before there are any."""

    def __init__(self, taken: Starts) -> None:
        self._taken = taken
        self._at_refusal: int | None = None
        """How many had been taken in the minute before a refusal that they may explain."""
        self._guess: int | None = None

    def refused(self, now: float) -> int | None:
        """Take note of a refusal at *now*, the first since something was taken.

        Return the quota of a minute that it confirms. None: there was no guess, or it did not come true and is dropped.
        """
        count = len(self._taken.since(now - MINUTE_S))
        self._at_refusal = count if self._is_peak(count, now) else None
        if self._guess is not None and abs(count - self._guess) > self._guess // 30:
            self._guess = None
        return self._guess

    def refused_again(self, now: float) -> int | None:
        """Take note of another refusal in a row, of a single request, at *now*.

        Return the quota of a minute that would explain it: its room is worth waiting for. None if there is none; a row
        is explained once, since what is refused after that wait is no minute's.
        """
        count, self._at_refusal = self._at_refusal, None
        if not count or now - self._taken[-1] <= 1.0:
            return None
        self._guess = count
        return count

    def _is_peak(self, count: int, now: float) -> bool:
        """Return whether no minute that was over a moment before *now* has had *count*, as far as is remembered."""
        if len(self._taken) == MEMORY_OF_STARTS and self._taken[0] > now - PEAK_S - MINUTE_S:
            return False  # of that minute, too much is forgotten
        earlier = [at for at in self._taken if at <= now - PEAK_S]
        return all(last - first >= MINUTE_S for first, last in zip(earlier, earlier[count - 1 :], strict=False))
