"""The line of those who want to start a request: called moments ahead to get ready, let go at even times.

One alarm of the event loop serves all who wait. Knows nothing of why the line is held up, or how its pace comes about.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

AHEAD_S: Final = 0.025
"""How long before its start somebody is called at least, so that an intent can be committed meanwhile; twice as long at
most, since those who are called together share a commit and an alarm. Where getting ready takes longer, as long as
that: otherwise a slow disk would slow the rate."""

LONGEST_S: Final = 2.0
"""How long getting ready may take and still have others called the sooner for it."""

EASE: Final = 0.1
"""How fast it is forgotten that it took long: that share of it each time it took less."""

CATCH_UP_S: Final = 0.005
"""A start that late or less keeps its place on the schedule, so that late wake-ups do not add up and slow the rate;
a later one, after idleness say, begins a new schedule."""

EARLY_S: Final = 0.0005
"""How early a start may be: uvloop has timers of whole milliseconds, which would be set again and again until then."""

_Waiter: TypeAlias = "asyncio.Future[bool]"


class Line:
    """First come, first served. It belongs to the loop that it is made in.

    *opens_in* is told the loop's time and gives the seconds until somebody may start, 0 for now, None for when `look`
    is called again. *interval* gives the seconds between two starts. *is_single* says whether only one may be on the
    way to a start, until `look` is called again.
    """

    def __init__(
        self,
        *,
        opens_in: Callable[[float], float | None],
        interval: Callable[[], float],
        is_single: Callable[[], bool],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._opens_in = opens_in
        self._interval = interval
        self._is_single = is_single
        self._waiting: deque[_Waiter] = deque()
        self._ready: deque[_Waiter] = deque()
        self._called = 0
        """How many were called and have not started."""
        self._place = -math.inf
        """The next start on the schedule."""
        self._ahead_s = AHEAD_S
        self._alarm: asyncio.Handle | None = None
        self._rings_at = math.inf
        """When the alarm rings; uvloop's handles of what is due already do not tell."""
        self._is_closed = False

    async def turn(self) -> float:
        """Return when it is time to get ready for a start, and what time it is; then comes `go`, or `leave`."""
        now = self._loop.time()
        if self._is_closed or (not self._waiting and self._may_call(now)):
            self._called += 1
            return now
        waiter: _Waiter = self._loop.create_future()
        self._waiting.append(waiter)
        if self._alarm is None:
            self.look()
        try:
            await waiter
        except asyncio.CancelledError:
            if not waiter.cancelled():
                self.leave()
            raise
        return self._loop.time()

    async def go(self, since: float) -> bool:
        """Return True when it is time to start; False when there is to be no start, and the turn is lost.

        *since* is what `turn` returned.
        """
        now = self._loop.time()
        took_s = min(max(now - since, AHEAD_S), LONGEST_S)
        self._ahead_s = max(took_s, self._ahead_s - EASE * (self._ahead_s - took_s))
        is_open = not self._is_closed and self._opens_in(now) == 0.0
        if not is_open:
            self._called -= 1
            return False
        if not self._ready and self._place <= now + EARLY_S:
            self._start(now)
            return True
        waiter: _Waiter = self._loop.create_future()
        self._ready.append(waiter)
        self._wake_at(self._place)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Give back a turn of which nothing comes."""
        self._called -= 1
        self.look()

    def look(self) -> None:
        """Let go and call whoever may be; to be called when what held up the line has changed."""
        now = self._loop.time()
        opens_in = self._opens_in(now)
        if opens_in != 0.0:
            self._send_back()
            if opens_in is not None and self._waiting:
                self._wake_at(now + opens_in)
            return
        has_started = self._let_go(now)
        if not (has_started and self._is_single()):
            self._call(now)
        self._set_alarm(now)

    def close(self) -> None:
        """Nobody starts any more: let everyone go at once."""
        self._is_closed = True
        self._send_back()
        while self._waiting:
            self._called += _settled(self._waiting.popleft(), is_on=True)

    def _send_back(self) -> None:
        """Take the turn from those who are ready: what they prepared for does not come about for now."""
        while self._ready:
            self._called -= _settled(self._ready.popleft(), is_on=False)

    def _let_go(self, now: float) -> bool:
        """Let those who are ready start who are due, and return whether there were any."""
        has_started = False
        while self._ready and self._place <= now + EARLY_S:
            if _settled(self._ready.popleft(), is_on=True):
                self._start(now)
                has_started = True
        return has_started

    def _start(self, now: float) -> None:
        self._called -= 1
        self._place = (self._place if now - self._place <= CATCH_UP_S else now) + self._interval()

    def _call(self, now: float) -> None:
        """If it is time for the first in the line, call all for whom it soon will be."""
        next_look = max(now, self._place) if self._ready else now
        if self._waiting and self._due(now) - self._ahead_s <= next_look:
            while self._waiting and self._may_call(now):
                self._called += _settled(self._waiting.popleft(), is_on=True)

    def _may_call(self, now: float) -> bool:
        if self._called and self._is_single():
            return False
        return self._opens_in(now) == 0.0 and self._due(now) - 2 * self._ahead_s <= now

    def _due(self, now: float) -> float:
        """Return when the first of those who wait would start."""
        return max(now, self._place) + self._called * self._interval()

    def _set_alarm(self, now: float) -> None:
        if self._ready:
            self._wake_at(self._place)
        elif self._waiting and not (self._called and self._is_single()):
            self._wake_at(self._due(now) - self._ahead_s)

    def _wake_at(self, at: float) -> None:
        if at >= self._rings_at:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._rings_at = self._loop.call_at(at, self._wake), at

    def _wake(self) -> None:
        self._alarm, self._rings_at = None, math.inf
        if not self._is_closed:
            self.look()


def _settled(waiter: _Waiter, *, is_on: bool) -> bool:
    """Tell *waiter*, and return whether it was still there: whoever is cancelled leaves by itself."""
    if waiter.done():
        return False
    waiter.set_result(is_on)
    return True
