"""Ends what takes too long, as `asyncio.timeout` does, with one timer for all that is awaited at the same time.

A timer for each request, set, kept in order and cancelled, would cost as much as signing it.
"""

import asyncio
import math
from types import TracebackType


class Deadlines:
    """Those of one event loop; made inside it."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._open: set[Deadline] = set()
        self._timer: asyncio.Handle | None = None
        self._rings_at = math.inf
        """When the timer does. If that is in less than half a millisecond, uvloop's handle does not say it."""

    def within(self, seconds: float) -> "Deadline":
        """Return a context whose block, if it takes longer, is cancelled and raises TimeoutError."""
        return Deadline(self, self.loop.time() + seconds)

    def opened(self, deadline: "Deadline") -> None:
        self._open.add(deadline)
        if self._timer is None or deadline.at < self._rings_at:
            self._look_at(deadline.at)

    def closed(self, deadline: "Deadline") -> None:
        # The timer is left: until it rings, most likely others are open.
        self._open.discard(deadline)

    def _look_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._rings_at = self.loop.call_at(when, self._look), when

    def _look(self) -> None:
        self._timer = None
        now = self.loop.time()
        for deadline in [each for each in self._open if each.at <= now]:
            self._open.discard(deadline)
            deadline.end()
        if self._open:
            self._look_at(min(each.at for each in self._open))


class Deadline:
    """One block of one task, entered once."""

    def __init__(self, among: Deadlines, at: float) -> None:
        self.at = at
        """The loop's time."""
        self._among = among
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._has_passed = False

    def __enter__(self) -> None:
        self._task = asyncio.current_task(self._among.loop)
        if self._task is None:
            raise RuntimeError("a deadline is for a task")
        self._cancelling = self._task.cancelling()
        self._among.opened(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._among.closed(self)
        if self._has_passed and self._task is not None:
            is_only_this = self._task.uncancel() <= self._cancelling
            if is_only_this and isinstance(error, asyncio.CancelledError):
                raise TimeoutError from error

    def end(self) -> None:
        """End the block."""
        self._has_passed = True
        if self._task is not None:
            self._task.cancel()
