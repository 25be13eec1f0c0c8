"""One flag that everything which waits can hear. Its first cause stands, whatever comes after."""

import asyncio
from collections.abc import Callable

from enforcer.model.event import RunStopped


class Interrupted(Exception):  # noqa: N818 - it is no error, but the way out of a wait that a stop has ended
    """A stop was asked for, so what was being read is not worth having. `Stop.cause` says why."""


class Stop:
    """Asked once, for good: no further request is started, what is in flight is finished."""

    def __init__(self) -> None:
        self.cause: RunStopped | None = None
        self._asked = asyncio.Event()
        self._listeners: list[Callable[[RunStopped], None]] = []

    @property
    def is_set(self) -> bool:
        return self.cause is not None

    def ask(self, cause: RunStopped) -> None:
        """Stop for *cause*; later causes are ignored."""
        if self.cause is not None:
            return
        self.cause = cause
        self._asked.set()
        for listener in self._listeners:
            listener(cause)

    def listen(self, listener: Callable[[RunStopped], None]) -> None:
        """Call *listener* with the cause, once: now if the stop has been asked for, else when it is."""
        self._listeners.append(listener)
        if self.cause is not None:
            listener(self.cause)

    def child(self) -> "Stop":
        """Return a stop that hears this one, and can be asked without this one's hearing it."""
        child = Stop()
        self.listen(child.ask)
        return child

    async def sleep(self, seconds: float) -> None:
        """Return after *seconds*, or as soon as a stop is asked for."""
        try:
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        except TimeoutError:
            pass

    def raise_if_set(self) -> None:
        """Raise Interrupted if a stop has been asked for."""
        if self.is_set:
            raise Interrupted
