"""Events get their number and their time here, and go to the journal and to whatever shows or counts them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from enforcer.model.event import Entry, Event
from enforcer.ports import Journal, Sink

GATHER_S: Final = 0.1
"""How long an event may be held for the sinks while an event loop runs, so that they have it with those that follow."""

GATHERED: Final = 500
"""How many events are held at most: a list that is read back settles very many at once."""


class Recorder:
    """The one way in which a run tells what happens. *clock* gives Unix time in seconds.

    The journal has each event at once. The sinks have them in groups: in a row, events take a third of what they take
    one by one between requests. Whoever needs the sinks to be up to date calls `pass_on`.
    """

    def __init__(self, journal: Journal, sinks: Sequence[Sink], clock: Callable[[], float]) -> None:
        self._journal = journal
        self._sinks = tuple(sinks)
        self._clock = clock
        self._seq = 0
        self._held: list[Entry] = []
        self._bug: Exception | None = None

    def emit(self, event: Event) -> int:
        """Record *event*, without waiting until it is durable, and return its number."""
        self._seq += 1
        entry = Entry(seq=self._seq, at=self._clock(), event=event)
        self._journal.emit(entry)
        held = self._held
        held.append(entry)
        if len(held) == 1:
            self._pass_on_soon()
        elif len(held) == GATHERED:
            self.pass_on()
        return self._seq

    def durable(self, number: int | None = None) -> Awaitable[None]:
        """Return, once awaited, when event *number* and all before it are durable; None: all that were emitted.

        Raises JournalError if they cannot be.
        """
        return self._journal.flushed(number)

    def pass_on(self) -> None:
        """Let the sinks have what is held. Raises the bug that one of them met, now or when its time had come."""
        held, self._held = self._held, []
        if held:
            for sink in self._sinks:
                sink.take(held)
        if self._bug is not None:
            bug, self._bug = self._bug, None
            raise bug

    def _pass_on_soon(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.pass_on()
        else:
            loop.call_later(GATHER_S, self._pass_on_in_time)

    def _pass_on_in_time(self) -> None:
        try:
            self.pass_on()
        except Exception as bug:  # noqa: BLE001 - nobody awaits a timer; whoever passes on next is told
            self._bug = bug


class Unrecorded:
    """The journal of what changes nothing: its events are for the sinks alone."""

    def emit(self, entry: Entry) -> None: ...

    async def flushed(self, number: int | None = None) -> None: ...


class Memory:
    """A journal for what changes nothing and is soon over: it keeps all events."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def emit(self, entry: Entry) -> None:
        self.entries.append(entry)

    async def flushed(self, number: int | None = None) -> None:
        """Nothing here outlives the process, so nothing is waited for."""
