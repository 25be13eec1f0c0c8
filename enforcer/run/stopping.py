"""One flag that everything which waits can hear. Its first cause stands, whatever comes after."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from enforcer.model.event import RunStopped


class Interrupted(Exception):  # noqa: N818 - it is no error, but the way out of a wait that a stop has ended
    """A stop was asked for, so what was being read is not worth having. `Stop.cause` says why."""


class Stop:
    """Asked once, for good: no further request is started, changes in flight are finished, reads are given up."""

    def __init__(self) -> None:
        self.cause: RunStopped | None = None
        self.is_set = False
        """Whether it has been asked for: then it has a cause."""
        self._asked = asyncio.Event()
        self._listeners: list[Callable[[RunStopped], object]] = []
        self._children: list[Stop] = []
        self._interruptible: set[asyncio.Timeout] = set()

    def ask(self, cause: RunStopped) -> None:
        """Stop for *cause*; later causes are ignored."""
        if self.cause is not None:
            return
        self.cause = cause
        self.is_set = True
        self._asked.set()
        for listener in self._listeners:
            listener(cause)
        for child in self._children:
            child.ask(cause)
        for work in self._interruptible:
            work.reschedule(0)

    def listen(self, listener: Callable[[RunStopped], object]) -> None:
        """Call *listener* with the cause, once: now if the stop has been asked for, else when it is."""
        self._listeners.append(listener)
        if self.cause is not None:
            listener(self.cause)

    def child(self) -> "Stop":
        """Return a stop that hears this one, after whoever listens, and can be asked without this one's hearing it."""
        child = Stop()
        self._children.append(child)
        if self.cause is not None:
            child.ask(self.cause)
        return child

    async def sleep(self, seconds: float) -> None:
        """Return after *seconds*, or as soon as a stop is asked for."""
        try:
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        except TimeoutError:
            pass

    @asynccontextmanager
    async def interrupts(self) -> AsyncIterator[None]:
        """Run the body; when a stop is asked for, cancel it and raise Interrupted.

        For what may end at any point: reading changes nothing, while a change has to hear its answer.
        """
        self.raise_if_set()
        work = asyncio.timeout(None)
        try:
            async with work:
                self._interruptible.add(work)
                try:
                    yield
                finally:
                    self._interruptible.discard(work)
        except TimeoutError:
            if work.expired():
                raise Interrupted from None
            raise

    def raise_if_set(self) -> None:
        """Raise Interrupted if a stop has been asked for."""
        if self.is_set:
            raise Interrupted
