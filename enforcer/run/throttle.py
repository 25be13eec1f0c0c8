"""The request rate of one target: starts are spread evenly, and asyncio-throttle guards every window.

asyncio-throttle alone admits a whole window's allowance at once, which reaches the server as up to twice the
rate, and its waiters poll. So one caller at a time holds the turn, sleeps to its place on an absolute schedule,
and only then passes the guard, which is free by then unless the schedule was late.
"""

import asyncio
from typing import Final

from asyncio_throttle.throttler import Throttler

from enforcer.model.policy import Rate
from enforcer.ports import Throttle
from enforcer.run.stopping import Stop

STRETCH: Final = 1.007
"""Each window is that much longer than asked, so that jitter between permit and wire cannot put one start more
into a window than the rate allows. It costs 0.7 % of the rate."""

CATCH_UP_S: Final = 0.005
"""A start that late or less keeps its place on the schedule, so that late wake-ups do not add up and slow the rate;
a later one, after idleness say, begins a new schedule."""


class PacedThrottle:
    """At most *rate.count* starts in any *rate.period* seconds, evenly spaced, first come, first served."""

    def __init__(self, rate: Rate, stop: Stop) -> None:
        period = rate.period * STRETCH
        self._spacing = period / rate.count
        self._guard = Throttler(rate_limit=rate.count, period=period, retry_interval=max(0.001, self._spacing / 100))
        self._stop = stop
        self._turn = asyncio.Lock()
        self._next = float("-inf")

    async def permit(self) -> None:
        """Return when the next request may start, or at once when a stop is asked for."""
        async with self._turn:
            await self._wait_for_place()
            if not self._stop.is_set:
                async with self._guard:
                    pass

    async def _wait_for_place(self) -> None:
        loop = asyncio.get_running_loop()
        place = self._next
        if place > loop.time():
            await self._stop.sleep(place - loop.time())
        now = loop.time()
        self._next = (place if now - place <= CATCH_UP_S else now) + self._spacing


class Unlimited:
    """No limit: chosen by writing ``unlimited``, never by leaving something out."""

    async def permit(self) -> None:
        """Return at once."""


def throttle(rate: Rate | None, stop: Stop) -> Throttle:
    """Return the throttle for *rate*; None means unlimited."""
    return Unlimited() if rate is None else PacedThrottle(rate, stop)
