"""Events get their number and their time here, and go to the journal and to whatever shows them."""

from collections.abc import Callable, Sequence

from enforcer.model.event import Entry, Event
from enforcer.ports import Journal, Sink


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

    async def durable(self) -> None:
        """Return when everything emitted so far is durable; raise JournalError if it cannot be."""
        await self._journal.flushed()


class Memory:
    """A journal for what changes nothing: `plan` folds it into its report and forgets it."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def emit(self, entry: Entry) -> None:
        self.entries.append(entry)

    async def flushed(self) -> None:
        """Nothing here outlives the process, so nothing is waited for."""
