"""Ends what takes too long, with one timer for all that is awaited at the same time.

A timer for each request, set, kept in order and cancelled, would cost as much as signing it.
"""

import asyncio
import math
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Deadlines(Generic[T]):
    """Those of one event loop; made inside it. *end* ends what has not been lifted in time; it must not raise."""

    def __init__(self, end: Callable[[T], object]) -> None:
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._open: dict[T, float] = {}
        """By the loop's time."""
        self._timer: asyncio.Handle | None = None
        self._rings_at = math.inf
        """When the timer does. If that is in less than half a millisecond, uvloop's handle does not say it."""

    def put(self, what: T, seconds: float) -> None:
        """Have *what* ended in *seconds*, unless it is lifted before; it has no other deadline yet."""
        at = self._loop.time() + seconds
        self._open[what] = at
        if at < self._rings_at:
            self._look_at(at)

    def lift(self, what: T) -> None:
        """Let *what* be, if it has not been ended."""
        # The timer is left: until it rings, most likely others are open.
        self._open.pop(what, None)

    def _look_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._rings_at = self._loop.call_at(when, self._look), when

    def _look(self) -> None:
        self._timer, self._rings_at = None, math.inf
        now = self._loop.time()
        for what in [each for each, at in self._open.items() if at <= now]:
            # Ending one may have lifted others.
            if self._open.pop(what, None) is not None:
                self._end(what)
        if self._open:
            self._look_at(min(self._open.values()))
