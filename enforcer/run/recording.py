"""Events get their number and their time here, and go to the journal and to whatever shows them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from enforcer.core.fold.summary import Summary
from enforcer.model.event import Entry, Event
from enforcer.model.report.run import Report
from enforcer.ports import Journal, Sink

GATHERED: Final = 500
"""Events that are held until they are added up: in a row they take a part of what they take between requests."""


class Recorder:
    """The one way in which a run tells what happens. *clock* gives Unix time in seconds."""

    def __init__(self, journal: Journal, sinks: Sequence[Sink], clock: Callable[[], float]) -> None:
        self._journal = journal
        self._sinks = (journal, *sinks)
        self._clock = clock
        self._seq = 0

    def emit(self, event: Event) -> None:
        """Record *event*, without waiting until it is durable."""
        self._seq += 1
        entry = Entry(seq=self._seq, at=self._clock(), event=event)
        for sink in self._sinks:
            sink.emit(entry)

    def durable(self) -> Awaitable[None]:
        """Return when everything emitted so far is durable, once awaited; raise JournalError if it cannot be."""
        return self._journal.flushed()


class Account:
    """Keeps what the events of a run come to, and not the events: there are several for each change."""

    def __init__(self) -> None:
        self._summary = Summary()
        self._held: list[Entry] = []
        self.is_empty = True

    def emit(self, entry: Entry) -> None:
        self.is_empty = False
        self._held.append(entry)
        if len(self._held) >= GATHERED:
            self._add_up()

    async def flushed(self) -> None:
        """Nothing here outlives the process, so nothing is waited for: it is the journal of what changes nothing."""

    def report(self) -> Report:
        """Return the report of the run so far; raise ValueError as `Summary` does."""
        self._add_up()
        return self._summary.report()

    def _add_up(self) -> None:
        held, self._held = self._held, []
        for entry in held:
            self._summary.take(entry)


class Memory:
    """A journal for what changes nothing and is soon over: it keeps all events."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def emit(self, entry: Entry) -> None:
        self.entries.append(entry)

    async def flushed(self) -> None:
        """Nothing here outlives the process, so nothing is waited for."""
