"""Events get their number and their time here, and go to the journal and to whatever shows them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from enforcer.core.fold.summary import Summary
from enforcer.model.event import Entry, Event
from enforcer.model.report.run import Report
from enforcer.ports import Journal, Sink

GATHERED: Final = 500
"""Events that are held at most: in a row they take a part of what they take one by one, between requests."""


class Recorder:
    """The one way in which a run tells what happens. *clock* gives Unix time in seconds."""

    def __init__(self, journal: Journal, sinks: Sequence[Sink], clock: Callable[[], float]) -> None:
        self._journal = journal
        self._told = tuple(sink.emit for sink in (journal, *sinks))
        self._clock = clock
        self._seq = 0

    def emit(self, event: Event) -> int:
        """Record *event*, without waiting until it is durable, and return its number."""
        self._seq += 1
        entry = Entry(seq=self._seq, at=self._clock(), event=event)
        for tell in self._told:
            tell(entry)
        return entry.seq

    def durable(self, number: int | None = None) -> Awaitable[None]:
        """Return, once awaited, when event *number* and all before it are durable; None: all that were emitted.

        Raises JournalError if they cannot be.
        """
        return self._journal.flushed(number)


class Gathered:
    """Holds events, and has them taken by *take* in a row, when there are GATHERED of them or when told to."""

    def __init__(self, take: Callable[[Entry], object]) -> None:
        self._take = take
        self._held: list[Entry] = []

    def emit(self, entry: Entry) -> None:
        self._held.append(entry)
        if len(self._held) >= GATHERED:
            self.pass_on()

    def pass_on(self) -> None:
        held, self._held = self._held, []
        for entry in held:
            self._take(entry)


class Account(Gathered):
    """Keeps what the events of a run come to, and not the events: there are several for each change."""

    def __init__(self) -> None:
        self._summary = Summary()
        super().__init__(self._summary.take)

    @property
    def is_empty(self) -> bool:
        """Whether nothing has happened yet."""
        self.pass_on()
        return not self._summary.has_begun

    async def flushed(self, number: int | None = None) -> None:
        """Nothing here outlives the process, so nothing is waited for: it is the journal of what changes nothing."""

    def report(self) -> Report:
        """Return the report of the run so far; raise ValueError as `Summary` does."""
        self.pass_on()
        return self._summary.report()


class Memory:
    """A journal for what changes nothing and is soon over: it keeps all events."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def emit(self, entry: Entry) -> None:
        self.entries.append(entry)

    async def flushed(self, number: int | None = None) -> None:
        """Nothing here outlives the process, so nothing is waited for."""
